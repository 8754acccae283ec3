#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct net net;
static usec last_sent, shortest, longest;

/* Notes when side 0 sends requests, and lets them through or not. */
static bool watch(struct net *n, int from, struct packet *p)
{
    bool cut = n->user != NULL;
    if (from != 0 || p->at[0] != 0) return cut;
    if (last_sent) {
        shortest = usec_min(shortest, n->now - last_sent);
        longest = usec_max(longest, n->now - last_sent);
    }
    last_sent = n->now;
    return cut;
}

/* An agent whose one pair was answered at 0. */
static struct ice *with_a_pair(bool controlling)
{
    struct ice *ice = forge_agent(controlling);
    struct packet check, p;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    forge_answer(&p, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    return ice;
}

START_TEST(inv_13_consent_is_asked_every_4_to_6_seconds)
{
    net_pair(&net, 1, true, false);
    net_run(&net, SEC(1));
    net.filter = watch;
    last_sent = longest = 0, shortest = TIME_NEVER;
    net_run(&net, SEC(600));
    ck_assert_int_ge(shortest, SEC(4));
    ck_assert_int_le(longest, SEC(6));
    ck_assert_int_gt(longest - shortest, SEC(1)); /* randomised */
    ck_assert_uint_ge(ice_counters(net.side[0].ice)->consent_requests_sent, 100);
    ck_assert(ice_may_send(net.side[0].ice, net.now));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_COMPLETED);
    net_free(&net);
}
END_TEST

START_TEST(inv_13_sending_stops_30_s_after_the_last_answer)
{
    net_pair(&net, 2, true, false);
    net_run(&net, SEC(100));
    net.filter = watch;
    net.user = &net; /* the path is cut */
    usec answered[NET_SIDES];
    for (int i = 0; i < NET_SIDES; i++)
        answered[i] = net.side[i].ice->pairs[net.side[i].ice->selected].answered_at;
    net_run(&net, SEC(120));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_DISCONNECTED);
    ck_assert_str_eq(ice_why(net.side[0].ice), "consent checks go unanswered");
    ck_assert_int_eq(ice_lost_pair(net.side[0].ice), ICE_LOSS_NONE);
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert(ice_may_send(net.side[i].ice, answered[i] + SEC(30) - 1));
        ck_assert(!ice_may_send(net.side[i].ice, answered[i] + SEC(30)));
    }
    net_run(&net, SEC(131));
    uint64_t sent = net.side[0].packets_sent;
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_FAILED);
        ck_assert_ptr_nonnull(strstr(ice_why(net.side[i].ice), "consent lost"));
        ck_assert_int_eq(ice_lost_pair(net.side[i].ice), ICE_LOSS_SILENCE);
    }
    net_run(&net, SEC(300));
    ck_assert_uint_eq(net.side[0].packets_sent, sent); /* and no STUN either */
    net_free(&net);
}
END_TEST

START_TEST(inv_13_their_checks_do_not_renew_consent)
{
    struct packet p;
    struct ice *ice = with_a_pair(false);
    for (usec now = 0; now < SEC(30); now += MS(500)) {
        ck_assert(ice_may_send(ice, now));
        forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000",
                      &(struct forge){.id = (uint8_t)(now / MS(500))});
        ck_assert_int_eq(ice_input(ice, &p, now), OK);
        while (ice_output(ice, &p, now)) continue;
        forge_events(ice);
    }
    ck_assert(!ice_may_send(ice, SEC(30)));
    ice_free(ice);
}
END_TEST

START_TEST(a_short_interruption_heals)
{
    net_pair(&net, 3, true, false);
    net_run(&net, SEC(50));
    net.filter = watch;
    net.user = &net;
    net_run(&net, SEC(70));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_DISCONNECTED);
    net.user = NULL;
    net_run(&net, SEC(80));
    for (int i = 0; i < NET_SIDES; i++) ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
    net_free(&net);
}
END_TEST

START_TEST(inv_13_a_lost_consent_check_is_followed_by_ordinary_ones)
{
    struct packet check, p;
    struct ice *ice = with_a_pair(false);
    usec at = ice_deadline(ice);
    ck_assert(at >= SEC(4) && at <= SEC(6) && ice_output(ice, &check, at));
    ck_assert_uint_eq(ice_counters(ice)->consent_requests_sent, 1);
    static const int64_t after[] = {500, 1500, 3500};
    for (size_t i = 0; i < COUNT(after); i++) {
        ck_assert_int_eq(ice_deadline(ice), at + MS(after[i]));
        ck_assert(ice_output(ice, &check, at + MS(after[i])));
        ck_assert(!ice_output(ice, &p, at + MS(after[i])));
    }
    ck_assert_uint_eq(ice_counters(ice)->consent_requests_sent, 1); /* RFC 7675 5.1: none in 4 s */
    forge_answer(&p, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &p, at + MS(3600)), OK);
    ck_assert(!ice_output(ice, &p, at + MS(3999))); /* answered: that is all until the next */
    ck_assert(ice_may_send(ice, at + MS(3600) + SEC(30) - 1));
    ck_assert(!ice_may_send(ice, at + MS(3600) + SEC(30)));
    ice_free(ice);
}
END_TEST

START_TEST(thirty_percent_lost_ends_no_call)
{
    for (uint64_t seed = 0; seed < 8; seed++) {
        net_pair(&net, seed, true, false);
        net.loss = 30;
        net.delay = MS(50);
        net_run(&net, SEC(200));
        for (int i = 0; i < NET_SIDES; i++) {
            ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
            ck_assert(ice_may_send(net.side[i].ice, net.now));
        }
        net_free(&net);
    }
}
END_TEST

START_TEST(a_403_revokes_consent) /* RFC 7675 §5.2 */
{
    struct packet check, p;
    struct ice *ice = with_a_pair(false);
    ck_assert(forge_take(ice, &check, SEC(6), STUN_REQUEST));
    forge_answer(&p, &check, "wrongwrongwrongwrongwr", 403);
    ck_assert_int_eq(ice_input(ice, &p, SEC(6)), E_AUTH);
    ck_assert(ice_may_send(ice, SEC(6)));
    forge_answer(&p, &check, PEER_PWD, 403);
    ck_assert_int_eq(ice_input(ice, &p, SEC(6)), OK);
    ck_assert(!ice_may_send(ice, SEC(6)) && !ice_is_validated(ice, &check.route));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ck_assert_int_eq(ice_lost_pair(ice), ICE_LOSS_REVOKED);
    ice_free(ice);
}
END_TEST

START_TEST(an_error_to_the_nomination_ends_the_pair) /* RFC 8445 §7.2.5.2.4 */
{
    struct packet check, p;
    struct ice *ice = with_a_pair(true);
    ck_assert(ice_may_send(ice, 0));
    ck_assert(forge_take(ice, &check, MS(100), STUN_REQUEST)); /* the nomination */
    forge_answer(&p, &check, PEER_PWD, 400);
    ck_assert_int_eq(ice_input(ice, &p, MS(100)), OK);
    ck_assert(!ice_may_send(ice, MS(100)));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ck_assert_int_eq(ice_lost_pair(ice), ICE_LOSS_REFUSED);
    ck_assert_ptr_nonnull(strstr(ice_why(ice), "nomination"));
    ice_free(ice);
}
END_TEST

START_TEST(a_late_answer_does_not_bring_consent_back) /* RFC 7675 §5.1 */
{
    struct packet check, p;
    struct ice *ice = with_a_pair(false);
    ck_assert(forge_take(ice, &check, SEC(6), STUN_REQUEST));
    forge_answer(&p, &check, PEER_PWD, 0);
    ice_tick(ice, SEC(31));
    ck_assert_int_ne(ice_input(ice, &p, SEC(31)), OK);
    ck_assert(!ice_may_send(ice, SEC(31)));
    ice_free(ice);
}
END_TEST

SUITE("ice consent", inv_13_consent_is_asked_every_4_to_6_seconds,
      inv_13_sending_stops_30_s_after_the_last_answer, inv_13_their_checks_do_not_renew_consent,
      inv_13_a_lost_consent_check_is_followed_by_ordinary_ones, thirty_percent_lost_ends_no_call,
      a_short_interruption_heals, a_403_revokes_consent, an_error_to_the_nomination_ends_the_pair,
      a_late_answer_does_not_bring_consent_back)
