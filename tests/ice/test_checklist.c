#include "ice/internal.h"
#include "tests/ice/forge.h"

static void add(struct ice *ice, const char *addr, uint32_t priority, const char *foundation)
{
    struct candidate c = forge_candidate(addr, priority);
    snprintf(c.foundation, sizeof c.foundation, "%s", foundation);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
}

START_TEST(pitfall_6_pair_priority) /* RFC 8445 §6.1.2.3 */
{
    for (int controlling = 0; controlling < 2; controlling++) {
        struct ice *ice = forge_agent(controlling);
        struct ice_pair_info info[2];
        forge_known(ice, 0);
        uint64_t ours = candidate_priority(CANDIDATE_HOST, 65535, 1);
        add(ice, "192.0.2.2:1", 100, "a");
        add(ice, "192.0.2.2:2", UINT32_MAX, "b");
        ck_assert_uint_eq(ice_pairs(ice, info, 2), 2);
        /* The smaller one decides; the last bit is the controlling side's. */
        ck_assert_uint_eq(info[0].priority, (100ull << 32) + 2 * ours + (controlling ? 1 : 0));
        ck_assert_uint_eq(info[1].priority,
                          (ours << 32) + 2 * (uint64_t)UINT32_MAX + (controlling ? 0 : 1));
        ice_free(ice);
    }
}
END_TEST

START_TEST(pitfall_6_a_role_switch_recomputes_priorities)
{
    struct ice *ice = forge_agent(true);
    struct ice_pair_info before, after;
    forge_known(ice, 0);
    add(ice, "192.0.2.2:1", 100, "a");
    ice_pairs(ice, &before, 1);
    ice_set_controlling(ice, false);
    ice_pairs(ice, &after, 1);
    ck_assert_uint_eq(before.priority, after.priority + 1);
    ice_free(ice);
}
END_TEST

START_TEST(pairs_of_a_foundation_wait_for_each_other) /* RFC 8445 §6.1.2.6, RFC 8838 §12 */
{
    struct ice *ice = forge_agent(true);
    struct ice_pair_info info[4];
    struct packet check, answer;
    forge_known(ice, 0);
    add(ice, "192.0.2.2:1", 300, "same");
    add(ice, "192.0.2.2:2", 200, "same");
    add(ice, "192.0.2.2:3", 100, "other");
    ck_assert_uint_eq(ice_pairs(ice, info, 3), 3);
    ck_assert_int_eq(info[0].state, PAIR_WAITING);
    ck_assert_int_eq(info[1].state, PAIR_FROZEN);
    ck_assert_int_eq(info[2].state, PAIR_WAITING);
    ck_assert_str_eq(pair_state_name(info[1].state), "frozen");
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    ck_assert_int_eq(check.route.remote.port, 1);
    struct packet second;
    ck_assert(forge_take(ice, &second, ICE_TA, STUN_REQUEST));
    ck_assert_int_eq(second.route.remote.port, 3); /* 2 is still frozen */
    forge_answer(&answer, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, ICE_TA + MS(1)), OK);
    ice_pairs(ice, info, 3);
    ck_assert_int_eq(info[0].state, PAIR_SUCCEEDED);
    ck_assert_int_eq(info[1].state, PAIR_WAITING); /* §7.2.5.3.3 */
    add(ice, "192.0.2.2:4", 50, "same");           /* RFC 8838 §12, rule 2 */
    ck_assert_uint_eq(ice_pairs(ice, info, 4), 4);
    ck_assert_int_eq(info[3].state, PAIR_WAITING);
    ice_free(ice);
}
END_TEST

START_TEST(frozen_pairs_have_their_turn_when_nothing_waits) /* RFC 8445 §6.1.4.2 */
{
    struct ice *ice = forge_agent(true);
    struct packet p, answer;
    forge_known(ice, 0);
    add(ice, "192.0.2.2:1", 300, "same");
    add(ice, "192.0.2.2:2", 200, "same");
    ck_assert(forge_take(ice, &p, 0, STUN_REQUEST));
    ck_assert(forge_take(ice, &p, MS(400), STUN_REQUEST));
    ck_assert_int_eq(p.route.remote.port, 1); /* the first is under way still */
    forge_answer(&answer, &p, PEER_PWD, 400);
    ck_assert_int_eq(ice_input(ice, &answer, MS(450)), OK); /* it failed */
    ck_assert(forge_take(ice, &p, MS(450), STUN_REQUEST));
    ck_assert_int_eq(p.route.remote.port, 2);
    ice_free(ice);
}
END_TEST

START_TEST(highest_priority_first_then_order_of_arrival)
{
    static const uint16_t order[] = {3, 1, 2, 4};
    struct ice *ice = forge_agent(true);
    struct packet p;
    forge_known(ice, 0);
    add(ice, "192.0.2.2:1", 200, "a");
    add(ice, "192.0.2.2:2", 200, "b");
    add(ice, "192.0.2.2:3", 300, "c");
    add(ice, "192.0.2.2:4", 100, "d");
    for (size_t i = 0; i < COUNT(order); i++) {
        ck_assert(forge_take(ice, &p, (usec)i * ICE_TA, STUN_REQUEST));
        ck_assert_uint_eq(p.route.remote.port, order[i]);
    }
    ice_free(ice);
}
END_TEST

START_TEST(families_and_link_local_stay_among_themselves) /* RFC 8445 §6.1.2.2 */
{
    struct ice *ice = forge_agent(true);
    struct addr a = net_addr("[2001:db8::1]:1"), link = net_addr("[fe80::1]:1");
    struct ice_pair_info info[8];
    link.scope = 3;
    ck_assert_int_eq(ice_add_socket(ice, &a, 0), OK);
    ck_assert_int_eq(ice_add_socket(ice, &link, 0), OK);
    forge_known(ice, 0);
    add(ice, "192.0.2.2:1", 300, "a");
    add(ice, "[2001:db8::2]:1", 300, "b");
    add(ice, "[fe80::2]:1", 300, "c");
    ck_assert_uint_eq(ice_pairs(ice, info, COUNT(info)), 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(info[i].route.local.family, info[i].route.remote.family);
    ck_assert_uint_eq(info[2].route.remote.scope, 3); /* the zone of the socket */
    ck_assert_int_eq(addr_is_link_local(&info[1].route.remote), 0);
    ice_free(ice);
}
END_TEST

START_TEST(inv_15_the_lowest_of_101_pairs_gives_way)
{
    struct ice *ice = forge_agent(true);
    struct addr second = net_addr("192.0.2.1:1001");
    struct ice_pair_info info[ICE_PAIRS_MAX + 1];
    forge_known(ice, 0);
    for (uint16_t i = 0; i < ICE_REMOTES_MAX; i++) {
        struct candidate c = forge_candidate("192.0.2.2:1", 1000u + i);
        c.addr.port = (uint16_t)(i + 1);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    }
    ck_assert_int_eq(ice_add_socket(ice, &second, 0), OK);
    ck_assert_uint_eq(ice_pairs(ice, info, COUNT(info)), ICE_PAIRS_MAX);
    unsigned of_second = 0;
    for (size_t i = 0; i < ICE_PAIRS_MAX; i++) {
        of_second += addr_equal(&info[i].route.local, &second);
        ck_assert_uint_ge(info[i].route.remote.port, ICE_REMOTES_MAX / 2);
    }
    ck_assert_uint_ge(of_second, ICE_PAIRS_MAX / 2 - 1);
    ice_free(ice);
}
END_TEST

/* `count` candidates of different foundations, of which none answers. */
static void add_silent(struct ice *ice, uint16_t count)
{
    for (uint16_t i = 1; i <= count; i++) {
        struct candidate c = forge_candidate("192.0.2.2:1", 2000u + i);
        c.addr.port = i;
        snprintf(c.foundation, sizeof c.foundation, "%u", i);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    }
}

/* RFC 8838 §10, §11: before one of a lower priority. */
START_TEST(a_failed_pair_gives_way)
{
    static const char *const relay[] = {"198.51.100.1:1"};
    struct ice *ice = forge_agent(true);
    struct addr second = net_addr("192.0.2.1:1001");
    usec now = 0;
    forge_known(ice, 0);
    add_silent(ice, ICE_PAIRS_MAX / 2);
    ck_assert_int_eq(ice_add_socket(ice, &second, 0), OK);
    for (; now < SEC(29); now += MS(50)) forge_answer_all(ice, now, NULL, 0);
    add(ice, relay[0], 1000, "relay");
    for (; now < SEC(35); now += MS(50)) forge_answer_all(ice, now, relay, 1);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

/* RFC 8445 §7.3.1.4 inserts the pair, whatever its priority. */
START_TEST(a_check_that_is_heard_has_its_pair_in_a_full_list)
{
    static const char *const peer[] = {"203.0.113.5:5"};
    struct ice *ice = forge_agent(false);
    uint8_t id = 0;
    forge_known(ice, 0);
    add_silent(ice, ICE_PAIRS_MAX);
    for (usec now = 0; now < SEC(8); now += MS(50)) {
        forge_answer_all(ice, now, peer, 1);
        if (now > SEC(6) && now % MS(500) == 0) forge_ask(ice, peer[0], now, true, ++id);
    }
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

SUITE("ice checklist", pitfall_6_pair_priority, pitfall_6_a_role_switch_recomputes_priorities,
      pairs_of_a_foundation_wait_for_each_other, frozen_pairs_have_their_turn_when_nothing_waits,
      highest_priority_first_then_order_of_arrival, families_and_link_local_stay_among_themselves,
      inv_15_the_lowest_of_101_pairs_gives_way, a_failed_pair_gives_way,
      a_check_that_is_heard_has_its_pair_in_a_full_list)
