#include "ice/agent.h"

#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct net net;

static void both_completed(void)
{
    for (int i = 0; i < NET_SIDES; i++) {
        struct route r;
        ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        ck_assert(ice_selected(net.side[i].ice, &r) && ice_is_validated(net.side[i].ice, &r));
        ck_assert(ice_may_send(net.side[i].ice, net.now));
    }
}

START_TEST(two_agents_connect)
{
    net_pair(&net, 1, true, false);
    net_run(&net, SEC(1));
    both_completed();
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert(net.side[i].end_of_candidates);
        ck_assert_str_eq(ice_why(net.side[i].ice), "");
        ck_assert_int_eq(ice_rtt_us(net.side[i].ice), MS(10));
    }
    /* One round trip to connect; one more, paced, to nominate. */
    ck_assert_int_le(net.side[0].connected_at, MS(10));
    ck_assert_int_le(net.side[1].connected_at, MS(15));
    ck_assert_int_le(net.side[0].completed_at, MS(60));
    net_free(&net);
}
END_TEST

START_TEST(over_ipv6)
{
    net_init(&net, 2);
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "[2001:db8::1]:1");
    net_socket(&net, 1, "[2001:db8::2]:2");
    net_run(&net, SEC(1));
    both_completed();
    ck_assert_int_eq(net.side[0].selected.remote.family, ADDR_IPV6);
    net_free(&net);
}
END_TEST

START_TEST(under_loss)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        net_pair(&net, seed, seed % 2, !(seed % 2));
        net.loss = 30;
        net_run(&net, SEC(25));
        for (int i = 0; i < NET_SIDES; i++) ck_assert_int_le(net.side[i].completed_at, SEC(25));
        ck_assert(addr_equal(&net.side[0].selected.local, &net.side[1].selected.remote));
        net_free(&net);
    }
}
END_TEST

START_TEST(candidates_may_trickle_late)
{
    net_init(&net, 3);
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_run(&net, SEC(5));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_CHECKING);
    net_socket(&net, 0, "192.0.2.1:1000");
    net_run(&net, SEC(10));
    net_socket(&net, 1, "192.0.2.2:2000");
    net_run(&net, SEC(12));
    both_completed();
    net_free(&net);
}
END_TEST

START_TEST(only_one_side_has_addresses) /* pitfall 18: peer-reflexive carries the call */
{
    net_init(&net, 4);
    net.trickle = false;
    net_agent(&net, 0, false);
    net_agent(&net, 1, true);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "192.0.2.1:1000");
    net_socket(&net, 1, "192.0.2.2:2000");
    net_drain(&net, 1);
    net_signal(&net, 1, &net.side[1].candidate[0]);
    ice_end_of_remote(net.side[1].ice, 0); /* side 1 hears of no candidate, ever */
    net_run(&net, SEC(1));
    both_completed();
    struct ice_pair_info info;
    ck_assert(ice_selected_info(net.side[1].ice, &info));
    ck_assert_int_eq(info.remote_type, CANDIDATE_PRFLX);
    net_free(&net);
}
END_TEST

START_TEST(inv_23_no_common_family_ends_and_says_so)
{
    net_init(&net, 5);
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "192.0.2.1:1000");
    net_socket(&net, 1, "[2001:db8::2]:2");
    for (int i = 0; i < NET_SIDES; i++) ice_end_of_remote(net.side[i].ice, 0);
    net_run(&net, ICE_PATIENCE - 1);
    ck_assert_int_eq(net.side[0].state, ICE_STATE_CHECKING);
    net_run(&net, ICE_PATIENCE);
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_FAILED);
        ck_assert_ptr_nonnull(strstr(ice_why(net.side[i].ice), "family"));
        ck_assert_int_eq(ice_deadline(net.side[i].ice), TIME_NEVER);
    }
    net_free(&net);
}
END_TEST

START_TEST(pitfall_18_no_failure_before_patience_is_over)
{
    net_init(&net, 6);
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "192.0.2.1:1000");
    ice_end_of_remote(net.side[0].ice, 0); /* none at all: RFC 8863 §3.1 */
    net_run(&net, SEC(29));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_CHECKING);
    ck_assert_ptr_nonnull(strstr(ice_why(net.side[0].ice), "waiting for its checks"));
    net_socket(&net, 1, "192.0.2.2:2000"); /* its check is the first that we hear */
    net_run(&net, SEC(31));
    both_completed();
    net_free(&net);
}
END_TEST

/* Runs one lonely agent, whose packets go nowhere, until it gives up. */
static void run_alone(struct ice *ice, usec until, usec *failed_at)
{
    struct packet p;
    struct ice_event ev;
    for (usec now = 0; now <= until;) {
        ice_tick(ice, now);
        while (ice_output(ice, &p, now)) continue;
        while (ice_event(ice, &ev))
            if (ev.type == ICE_STATE && ev.as.state == ICE_STATE_FAILED) *failed_at = now;
        usec next = ice_deadline(ice);
        ck_assert_int_gt(next, now);
        now = next;
    }
}

START_TEST(nobody_answers)
{
    struct ice *ice = forge_agent(true);
    usec failed_at = TIME_NEVER;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    run_alone(ice, SEC(60), &failed_at);
    ck_assert_int_eq(failed_at, ICE_PATIENCE);
    ck_assert_str_eq(ice_why(ice), "no answer to 40 checks on 1 pairs");
    ck_assert(!ice_may_send(ice, SEC(60)));
    ice_free(ice);
}
END_TEST

START_TEST(failed_is_final_until_a_restart)
{
    struct ice *ice = forge_agent(true);
    struct packet check, answer;
    usec failed_at = TIME_NEVER;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    run_alone(ice, SEC(60), &failed_at);
    forge_answer(&answer, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, SEC(61)), E_STATE);
    ck_assert(!ice_may_send(ice, SEC(61)) && !ice_is_validated(ice, &check.route));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ice_free(ice);
}
END_TEST

START_TEST(without_remote_candidates)
{
    struct ice *ice = forge_agent(true);
    usec failed_at = TIME_NEVER;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:9", 100);
    c.protocol = CANDIDATE_TCP;
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_UNSUPPORTED);
    run_alone(ice, SEC(60), &failed_at);
    ck_assert_int_eq(failed_at, ICE_PATIENCE);
    ck_assert_str_eq(ice_why(ice), "no remote candidates (1 TCP, 0 host names, 0 others ignored)");
    ice_free(ice);
}
END_TEST

START_TEST(inv_15_checks_are_paced_in_total)
{
    struct ice *ice = forge_agent(true);
    struct addr second = net_addr("192.0.2.1:1001");
    ck_assert_int_eq(ice_add_socket(ice, &second, 0), OK);
    forge_known(ice, 0);
    unsigned accepted = 0;
    for (unsigned i = 0; i < 5000; i++) {
        struct candidate c = forge_candidate("198.51.100.1:1", 1000 + i);
        c.addr.port = (uint16_t)(1 + i);
        accepted += ice_add_remote(ice, &c, 0) == OK;
    }
    ck_assert_uint_eq(accepted, ICE_REMOTES_MAX);
    struct ice_pair_info pairs[2 * ICE_PAIRS_MAX];
    ck_assert_uint_eq(ice_pairs(ice, pairs, COUNT(pairs)), ICE_PAIRS_MAX);
    struct packet p;
    unsigned sent = 0;
    usec last = -ICE_TA;
    for (usec now = 0; now < SEC(60);) {
        while (ice_output(ice, &p, now)) {
            ck_assert_int_ge(now - last, ICE_TA);
            last = now;
            sent++;
        }
        forge_events(ice);
        now = usec_min(ice_deadline(ice), now + MS(7)); /* and woken more often than asked */
        if (now % 7) now++;
    }
    ck_assert_uint_le(sent, SEC(60) / ICE_TA);
    ck_assert_uint_ge(sent, ICE_PAIRS_MAX); /* each was tried */
    ck_assert_uint_le(sent, ICE_PAIRS_MAX * ICE_EFFORT_CHECKS);
    ice_free(ice);
}
END_TEST

START_TEST(pitfall_23_late_and_early_ticks_are_harmless)
{
    /* 50 days in: nothing here counts 32-bit milliseconds. */
    usec start = SEC(50LL * 86400);
    net_init(&net, 8);
    net.now = start;
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "192.0.2.1:1000");
    net_socket(&net, 1, "192.0.2.2:2000");
    ice_tick(net.side[0].ice, 0); /* time that goes back is ignored */
    net_run(&net, start + SEC(1));
    both_completed();
    /* A driver that sleeps for a minute: consent is gone, nothing bursts out. */
    usec late = start + SEC(61);
    struct packet p;
    unsigned sent = 0;
    while (ice_output(net.side[0].ice, &p, late)) sent++;
    ck_assert_uint_le(sent, 1);
    ck_assert(!ice_may_send(net.side[0].ice, late));
    net_free(&net);
}
END_TEST

static uint64_t fold;

static bool fold_bytes(struct net *n, int from, struct packet *p)
{
    (void)n;
    for (size_t i = 0; i < p->len; i++)
        fold = (fold ^ p->at[i]) * 0x100000001b3ull + (uint64_t)from;
    return false;
}

START_TEST(one_seed_is_one_run)
{
    uint64_t runs[3];
    static const uint64_t seeds[] = {11, 11, 12};
    for (size_t i = 0; i < COUNT(runs); i++) {
        fold = 0;
        net_pair(&net, seeds[i], true, true);
        net.filter = fold_bytes;
        net.loss = 20;
        net_run(&net, SEC(60));
        runs[i] = fold;
        net_free(&net);
    }
    ck_assert_uint_eq(runs[0], runs[1]);
    ck_assert_uint_ne(runs[0], runs[2]);
}
END_TEST

START_TEST(a_small_agent)
{
    ck_assert_uint_le(sizeof(struct ice), 32 * 1024);
    ice_free(NULL);
}
END_TEST

START_TEST(commands_refuse_what_is_wrong)
{
    struct ice *ice = forge_agent(true);
    struct addr a = net_addr("0.0.0.0:5");
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), E_MALFORMED);
    a = net_addr("192.0.2.1:0");
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), E_MALFORMED);
    a = net_addr("224.0.0.1:5");
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), E_MALFORMED);
    a = net_addr("192.0.2.1:1000");
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), E_STATE);
    for (uint16_t port = 1; port < ICE_SOCKETS_MAX; port++) {
        a.port = port;
        ck_assert_int_eq(ice_add_socket(ice, &a, 0), OK);
    }
    a.port = 99;
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), E_FULL);
    ck_assert_str_eq(ice_fault(ice)->layer, "ice");
    struct bytes ufrag = bytes_of(PEER_UFRAG), pwd = bytes_of(PEER_PWD);
    ck_assert_int_eq(ice_set_remote(ice, bytes_of("abc"), pwd, false, 0), E_MALFORMED);
    ck_assert_int_eq(ice_set_remote(ice, bytes_of("ab:d"), pwd, false, 0), E_MALFORMED);
    ck_assert_int_eq(ice_set_remote(ice, ufrag, bytes_of("short"), false, 0), E_MALFORMED);
    static char big[ICE_UFRAG_MAX + 1];
    memset(big, 'a', sizeof big);
    struct bytes too_long = {(const uint8_t *)big, sizeof big};
    struct bytes longest = {(const uint8_t *)big, sizeof big - 1};
    ck_assert_int_eq(ice_set_remote(ice, too_long, pwd, false, 0), E_MALFORMED);
    ck_assert_int_eq(ice_set_remote(ice, ufrag, too_long, false, 0), E_MALFORMED);
    ck_assert_int_eq(ice_set_remote(ice, longest, longest, false, 0), OK);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    struct packet p;
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(ice_output(ice, &p, 0) && p.len > 0); /* the longest USERNAME fits */
    ice_free(ice);
}
END_TEST

START_TEST(a_closed_agent_is_silent)
{
    net_pair(&net, 9, true, false);
    net_run(&net, SEC(1));
    struct ice *ice = net.side[0].ice;
    struct route r = net.side[0].selected;
    struct packet p, request;
    forge_request(&request, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){0});
    ice_close(ice);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_CLOSED);
    ck_assert_int_eq(ice_input(ice, &request, net.now), E_STATE);
    ck_assert(!ice_output(ice, &p, net.now + SEC(10)));
    ck_assert(!ice_may_send(ice, net.now) && !ice_is_validated(ice, &r) && !ice_selected(ice, &r));
    ck_assert_int_eq(ice_deadline(ice), TIME_NEVER);
    net_free(&net);
}
END_TEST

START_TEST(bad_packets_only_count)
{
    struct ice *ice = forge_agent(true);
    struct packet p;
    forge_known(ice, 0);
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){0});
    p.len -= 4;
    ck_assert_int_eq(ice_input(ice, &p, 0), E_TRUNCATED);
    ck_assert_str_eq(ice_fault(ice)->layer, "stun");
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.9:1000", &(struct forge){0});
    ck_assert_int_eq(ice_input(ice, &p, 0), E_STATE); /* no socket of ours */
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){0});
    p.at[p.len - 1] ^= 1;
    ck_assert_int_eq(ice_input(ice, &p, 0), E_AUTH); /* a wrong FINGERPRINT */
    p.at[p.len - 1] ^= 1;
    p.at[1] = 0x03; /* Allocate; its FINGERPRINT is wrong now too, so write it anew */
    p.len -= 8;
    p.at[3] = (uint8_t)(p.at[3] - 8);
    ck_assert_int_eq(ice_input(ice, &p, 0), E_UNSUPPORTED);
    p.at[1] = 0x11; /* a Binding indication: a keepalive */
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    ck_assert(!ice_output(ice, &p, 0));
    const struct ice_counters *c = ice_counters(ice);
    ck_assert_uint_eq(c->bad_message + c->bad_route + c->bad_integrity + c->unsupported, 4);
    ck_assert_uint_eq(c->requests_received, 0);
    ice_free(ice);
}
END_TEST

SUITE("ice agent", two_agents_connect, over_ipv6, under_loss, candidates_may_trickle_late,
      only_one_side_has_addresses, inv_23_no_common_family_ends_and_says_so,
      pitfall_18_no_failure_before_patience_is_over, nobody_answers,
      failed_is_final_until_a_restart, without_remote_candidates, inv_15_checks_are_paced_in_total,
      pitfall_23_late_and_early_ticks_are_harmless, one_seed_is_one_run, a_small_agent,
      commands_refuse_what_is_wrong, a_closed_agent_is_silent, bad_packets_only_count)
