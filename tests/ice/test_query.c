#include "ice/internal.h"
#include "tests/ice/forge.h"

START_TEST(why_and_names_of_states)
{
    struct ice *ice = forge_agent(true);
    struct ice_pair_info info;
    struct route r;
    ck_assert_str_eq(ice_why(ice), "no remote description yet");
    ck_assert(!ice_selected(ice, &r) && !ice_selected_info(ice, &info) && ice_rtt_us(ice) == 0);
    forge_known(ice, 0);
    ck_assert_str_eq(ice_why(ice), "no remote candidates yet");
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_str_eq(ice_why(ice), "no answer to a check yet");
    static const char *const names[] = {"new",          "checking", "connected", "completed",
                                        "disconnected", "failed",   "closed"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_str_eq(ice_state_name((enum ice_state)i), names[i]);
    ice_close(ice);
    ck_assert_str_eq(ice_why(ice), "closed");
    ice_free(ice);
}
END_TEST

START_TEST(inv_1_a_route_is_validated_only_by_our_own_answered_check)
{
    struct ice *ice = forge_agent(false);
    struct packet p, check;
    struct route right, wrong;
    struct addr second = net_addr("192.0.2.1:1001");
    ck_assert_int_eq(ice_add_socket(ice, &second, 0), OK);
    forge_known(ice, 0);
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){0});
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    right = p.route;
    ck_assert(!ice_is_validated(ice, &right)); /* they asked; that proves nothing */
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    ck_assert(!ice_is_validated(ice, &right));
    forge_answer(&p, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &p, MS(1)), OK);
    ck_assert(ice_is_validated(ice, &right));
    wrong = right, wrong.remote.port++;
    ck_assert(!ice_is_validated(ice, &wrong));
    wrong = right, wrong.remote.ip[3]++;
    ck_assert(!ice_is_validated(ice, &wrong));
    wrong = right, wrong.local = second;
    ck_assert(!ice_is_validated(ice, &wrong));
    ice_free(ice);
}
END_TEST

START_TEST(statistics_of_a_pair)
{
    struct net net;
    net_pair(&net, 1, true, false);
    net_run(&net, SEC(20));
    struct ice_pair_info info;
    ck_assert(ice_selected_info(net.side[0].ice, &info));
    ck_assert(info.valid && info.nominated && info.selected && info.state == PAIR_SUCCEEDED);
    ck_assert_int_eq(info.rtt_us, MS(10));
    ck_assert(info.local_type == CANDIDATE_HOST && info.remote_type == CANDIDATE_HOST);
    ck_assert_uint_eq(info.requests_sent, info.responses_received);
    ck_assert_uint_ge(info.requests_sent, 4);
    ck_assert_uint_eq(info.requests_received, info.responses_sent);
    const struct ice_counters *a = ice_counters(net.side[0].ice),
                              *b = ice_counters(net.side[1].ice);
    ck_assert_uint_eq(a->requests_sent, b->requests_received);
    ck_assert_uint_eq(a->responses_received, b->responses_sent);
    ck_assert_uint_eq(a->bad_message + a->bad_integrity + a->bad_username + a->bad_route +
                          a->unknown_txn + a->unsupported + a->full,
                      0);
    net_free(&net);
}
END_TEST

SUITE("ice query", why_and_names_of_states,
      inv_1_a_route_is_validated_only_by_our_own_answered_check, statistics_of_a_pair)
