#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct net net;

static unsigned controlling_sides(void)
{
    return ice_is_controlling(net.side[0].ice) + (unsigned)ice_is_controlling(net.side[1].ice);
}

START_TEST(inv_18_both_controlling_or_both_controlled)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        net_pair(&net, seed, seed % 2, seed % 2);
        net_run(&net, SEC(1));
        ck_assert_uint_eq(controlling_sides(), 1);
        for (int i = 0; i < NET_SIDES; i++)
            ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        net_free(&net);
    }
}
END_TEST

static bool lose_answers(struct net *n, int from, struct packet *p)
{
    (void)from;
    return p->at[0] == 1 && n->now < MS(400);
}

START_TEST(inv_18_lost_answers_and_many_pairs)
{
    /* Several checks are under way when the first 487 comes: only one of them turns the role. */
    for (uint64_t seed = 0; seed < 20; seed++) {
        net_pair(&net, seed, seed % 2, seed % 2);
        net_socket(&net, 0, "192.0.2.1:1001");
        net_socket(&net, 0, "192.0.2.1:1002");
        net_socket(&net, 1, "192.0.2.2:2001");
        net.filter = lose_answers;
        net_run(&net, SEC(2));
        ck_assert_uint_eq(controlling_sides(), 1);
        net_run(&net, SEC(10));
        ck_assert_uint_eq(controlling_sides(), 1);
        for (int i = 0; i < NET_SIDES; i++)
            ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        net_free(&net);
    }
}
END_TEST

START_TEST(inv_18_two_487s_turn_the_role_once)
{
    struct ice *ice = forge_agent(true);
    struct packet check[2], answer;
    forge_known(ice, 0);
    for (int i = 0; i < 2; i++) {
        struct candidate c = forge_candidate("192.0.2.2:2000", 100);
        c.addr.port = (uint16_t)(c.addr.port + i);
        bytes_to_text(bytes_of(i ? "a" : "b"), c.foundation, sizeof c.foundation);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
        ck_assert(forge_take(ice, &check[i], i * ICE_TA, STUN_REQUEST));
    }
    forge_answer(&answer, &check[0], PEER_PWD, 487);
    ck_assert_int_eq(ice_input(ice, &answer, MS(60)), OK);
    ck_assert(!ice_is_controlling(ice));
    forge_answer(&answer, &check[1], PEER_PWD, 487);
    ck_assert_int_eq(ice_input(ice, &answer, MS(60)), OK);
    ck_assert(!ice_is_controlling(ice));
    /* Both pairs are checked again in the new role. */
    struct packet again;
    struct stun_msg m;
    for (int i = 0; i < 2; i++) {
        ck_assert(forge_take(ice, &again, MS(100) + i * ICE_TA, STUN_REQUEST));
        ck_assert_int_eq(stun_parse(&m, packet_bytes(&again)), OK);
        ck_assert(stun_has(&m, STUN_ICE_CONTROLLED) && !stun_has(&m, STUN_ICE_CONTROLLING));
    }
    ice_free(ice);
}
END_TEST

START_TEST(inv_18_the_role_follows_the_tie_breaker)
{
    static const struct {
        bool controlling, controlled_peer;
        uint64_t tie_breaker;
        bool controlling_then;
        unsigned code;
    } rows[] = {{true, false, UINT64_MAX, false, 0},   {true, false, 0, true, 487},
                {false, true, UINT64_MAX, false, 487}, {false, true, 0, true, 0},
                {true, true, UINT64_MAX, true, 0},     {false, false, 0, false, 0}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ice *ice = forge_agent(rows[i].controlling);
        struct packet p, answer;
        struct stun_msg m;
        unsigned code = 0;
        forge_known(ice, 0);
        forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000",
                      &(struct forge){.controlled = rows[i].controlled_peer,
                                      .tie_breaker = rows[i].tie_breaker});
        ck_assert_int_eq(ice_input(ice, &p, 0), OK);
        ck_assert_int_eq(ice_is_controlling(ice), rows[i].controlling_then);
        ck_assert(forge_take(ice, &answer, 0, rows[i].code ? STUN_ERROR : STUN_SUCCESS));
        ck_assert_int_eq(stun_parse(&m, packet_bytes(&answer)), OK);
        ck_assert(!rows[i].code || (stun_get_error(&m, &code, NULL) && code == rows[i].code));
        ice_free(ice);
    }
}
END_TEST

START_TEST(inv_18_equal_tie_breakers)
{
    /* "larger than or equal" (RFC 8445 §7.3.1.1): a reflected check of our own, for one. */
    struct ice *ice = forge_agent(true);
    struct packet p;
    forge_known(ice, 0);
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000",
                  &(struct forge){.tie_breaker = ice->tie_breaker});
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    ck_assert(ice_is_controlling(ice) && forge_take(ice, &p, 0, STUN_ERROR));
    ice_free(ice);
}
END_TEST

/* One check under way to 192.0.2.2:2000, in `check`. */
static struct ice *checking(struct packet *check)
{
    struct ice *ice = forge_agent(true);
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(forge_take(ice, check, 0, STUN_REQUEST));
    return ice;
}

START_TEST(inv_6_pitfall_3_forged_answers_change_nothing)
{
    static const unsigned codes[] = {0, 487, 400, 401, 403, 420, 500};
    struct packet check, answer;
    struct ice *ice = checking(&check);
    for (size_t i = 0; i < COUNT(codes); i++) {
        /* A sniffer knows the id, but not the password; or has no integrity at all. */
        forge_answer(&answer, &check, "wrongwrongwrongwrongwr", codes[i]);
        ck_assert_int_eq(ice_input(ice, &answer, MS(1)), E_AUTH);
        forge_answer(&answer, &check, NULL, codes[i]);
        ck_assert_int_eq(ice_input(ice, &answer, MS(1)), E_AUTH);
        /* An outsider doesn't even know the id. */
        forge_answer(&answer, &check, PEER_PWD, codes[i]);
        answer.at[19] ^= 1;
        ck_assert_int_ne(ice_input(ice, &answer, MS(1)), OK);
    }
    struct ice_pair_info info;
    ck_assert_uint_eq(ice_pairs(ice, &info, 1), 1);
    ck_assert(info.state == PAIR_IN_PROGRESS && !info.valid && ice_is_controlling(ice));
    ck_assert_uint_eq(ice_counters(ice)->bad_integrity, 3 * COUNT(codes));
    /* The true answer still counts: no forged one ended the transaction (pitfall 3). */
    forge_answer(&answer, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, MS(2)), OK);
    ck_assert(ice_is_validated(ice, &check.route));
    ice_free(ice);
}
END_TEST

START_TEST(inv_6_our_own_password_does_not_sign_their_answers)
{
    struct packet check, answer;
    struct ice *ice = checking(&check);
    char pwd[64];
    forge_text(ice_local_pwd(ice), pwd, sizeof pwd);
    forge_answer(&answer, &check, pwd, 0);
    ck_assert_int_eq(ice_input(ice, &answer, MS(1)), E_AUTH);
    ice_free(ice);
}
END_TEST

START_TEST(pitfall_2_answers_are_symmetric)
{
    struct packet check, answer;
    struct ice *ice = checking(&check);
    struct addr other = net_addr("192.0.2.1:1001");
    ck_assert_int_eq(ice_add_socket(ice, &other, 0), OK);
    forge_answer(&answer, &check, PEER_PWD, 0);
    answer.route.remote.port++;
    ck_assert_int_eq(ice_input(ice, &answer, MS(1)), E_STATE); /* from another port */
    answer.route = check.route;
    answer.route.local = other;
    ck_assert_int_eq(ice_input(ice, &answer, MS(1)), E_STATE); /* to another socket */
    ck_assert(!ice_is_validated(ice, &check.route) && !ice_is_validated(ice, &answer.route));
    answer.route = check.route;
    ck_assert_int_eq(ice_input(ice, &answer, MS(2)), OK);
    ck_assert(ice_is_validated(ice, &check.route));
    ck_assert_int_eq(ice_input(ice, &answer, MS(2)), E_STATE); /* once is enough */
    ice_free(ice);
}
END_TEST

START_TEST(an_answer_without_an_address_is_no_answer)
{
    struct packet check, p;
    struct stun_key key;
    struct ice *ice = checking(&check);
    struct stun_msg m;
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&check)), OK);
    stun_key_short_term(&key, bytes_of(PEER_PWD));
    struct writer w = packet_writer(&p);
    stun_begin(&w, STUN_BINDING | STUN_SUCCESS, m.id);
    stun_put_integrity(&w, &key);
    p.len = writer_done(&w).len;
    p.route = check.route;
    ck_assert_int_eq(ice_input(ice, &p, MS(1)), E_MALFORMED);
    ck_assert(!ice_is_validated(ice, &check.route));
    ice_free(ice);
}
END_TEST

START_TEST(an_error_fails_the_pair)
{
    struct packet check, answer;
    struct ice *ice = checking(&check);
    struct ice_pair_info info;
    forge_answer(&answer, &check, PEER_PWD, 400);
    ck_assert_int_eq(ice_input(ice, &answer, MS(1)), OK);
    ck_assert_uint_eq(ice_pairs(ice, &info, 1), 1);
    ck_assert_int_eq(info.state, PAIR_FAILED);
    /* A check from there brings it back (RFC 8445 §7.3.1.4). */
    struct packet p;
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){.controlled = true});
    ck_assert_int_eq(ice_input(ice, &p, MS(100)), OK);
    ck_assert(forge_take(ice, &p, MS(100), STUN_REQUEST));
    ice_free(ice);
}
END_TEST

START_TEST(what_a_check_carries) /* RFC 8445 §7.1, §7.2.2 */
{
    struct packet check;
    struct ice *ice = checking(&check);
    struct stun_msg m;
    struct bytes v;
    uint32_t priority;
    uint64_t tie;
    char want[64];
    struct stun_key key;
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&check)), OK);
    snprintf(want, sizeof want, PEER_UFRAG ":%s", ice->creds.ufrag);
    ck_assert(stun_find(&m, STUN_USERNAME, &v) && bytes_is(v, want));
    ck_assert(stun_get_u64(&m, STUN_ICE_CONTROLLING, &tie) && tie == ice->tie_breaker);
    ck_assert(stun_get_u32(&m, STUN_PRIORITY, &priority) && priority >> 24 == 110);
    ck_assert(!stun_has(&m, STUN_USE_CANDIDATE));
    stun_key_short_term(&key, bytes_of(PEER_PWD));
    ck_assert_int_eq(stun_check_integrity(&m, &key), STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
    ice_free(ice);
}
END_TEST

/* The transaction ids of two requests differ. */
static bool another_id(const struct packet *a, const struct packet *b)
{
    struct stun_msg m, n;
    ck_assert_int_eq(stun_parse(&m, packet_bytes(a)), OK);
    ck_assert_int_eq(stun_parse(&n, packet_bytes(b)), OK);
    return !bytes_equal(m.id, n.id);
}

START_TEST(an_unanswered_pair_is_asked_again_by_new_transactions)
{
    struct packet check, again, first;
    struct ice *ice = checking(&check);
    packet_copy(&first, &check);
    /* Often at first, then more and more rarely: 100 ms four times, 200, 400, 800 ms. */
    usec at = 0;
    for (unsigned sent = 1; sent < 20; sent++) {
        unsigned doubled = (sent - 1) / ICE_AGAIN_SAME;
        at += ICE_AGAIN << (doubled < ICE_AGAIN_DOUBLES ? doubled : ICE_AGAIN_DOUBLES);
        ck_assert_int_eq(ice_deadline(ice), at);
        ck_assert(!ice_output(ice, &again, at - 1));
        ck_assert(ice_output(ice, &again, at));
        ck_assert(another_id(&first, &again));
        packet_copy(&first, &again);
    }
    forge_answer(&check, &again, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &check, at + MS(1)), OK);
    ck_assert_int_eq(ice_rtt_us(ice), MS(1)); /* it was sent once: so this is the round trip */
    ice_free(ice);
}
END_TEST

START_TEST(any_recent_request_may_be_answered)
{
    for (size_t late = 0; late < 12; late++) {
        struct packet check[12], answer;
        struct ice *ice = checking(&check[0]);
        usec now = 0;
        for (size_t i = 1; i < COUNT(check); i++) {
            now = ice_deadline(ice);
            ck_assert(ice_output(ice, &check[i], now));
        }
        forge_answer(&answer, &check[late], PEER_PWD, 0);
        ck_assert_int_eq(ice_input(ice, &answer, now), OK);
        ck_assert(ice_is_validated(ice, &check[0].route));
        ice_free(ice);
    }
}
END_TEST

START_TEST(inv_15_a_silent_pair_is_given_up)
{
    struct packet p;
    struct ice *ice = checking(&p);
    unsigned sent = 1;
    for (usec now = 0; now < SEC(100); now += MS(10)) sent += ice_output(ice, &p, now);
    ck_assert_uint_ge(sent, ICE_EFFORT_CHECKS - 2);
    ck_assert_uint_le(sent, ICE_EFFORT_CHECKS);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ice_free(ice);
}
END_TEST

/* A path so long that many requests are under way at once. */
START_TEST(a_round_trip_of_three_seconds)
{
    net_pair(&net, 11, true, false);
    net.delay = MS(1500);
    net_run(&net, SEC(20));
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        ck_assert_int_le(net.side[i].connected_at, SEC(8));
    }
    net_free(&net);
}
END_TEST

START_TEST(half_of_all_packets_lost)
{
    usec slowest = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        net_pair(&net, seed, true, false);
        net.delay = MS(50);
        net.loss = 50;
        net_run(&net, SEC(25));
        for (int i = 0; i < NET_SIDES; i++) slowest = usec_max(slowest, net.side[i].connected_at);
        net_free(&net);
    }
    /* With 75 % of all checks unanswered. RFC 8445 §14.3's pace takes more than 20 s for some. */
    ck_assert_int_le(slowest, SEC(12));
}
END_TEST

START_TEST(a_check_from_them_repeats_ours_at_once)
{
    /* Ours was lost at their NAT; theirs shows that it is open now (RFC 8445 §7.3.1.4). */
    struct packet check, p, again;
    struct ice *ice = checking(&check);
    struct forge f = {.controlled = true};
    usec now = 0;
    for (unsigned i = 1; i <= 12; i++) {
        now = ice_deadline(ice);
        ck_assert(ice_output(ice, &again, now));
    }
    ck_assert_int_eq(ice_deadline(ice), now + MS(800));
    now += MS(400);
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &f);
    ck_assert_int_eq(ice_input(ice, &p, now), OK);
    ck_assert(forge_take(ice, &again, now, STUN_REQUEST));
    ck_assert(another_id(&check, &again));
    /* But not for every check of a peer that sends them by the dozen. */
    unsigned sent = 0;
    for (usec end = now + SEC(4); now < end; now += MS(1)) {
        f.id++;
        forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &f);
        ck_assert_int_eq(ice_input(ice, &p, now), OK);
        struct packet more;
        sent += forge_take(ice, &more, now, STUN_REQUEST);
    }
    ck_assert_uint_le(sent, 10);
    forge_answer(&p, &again, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &p, now), OK); /* though the round trip was four seconds */
    ice_free(ice);
}
END_TEST

SUITE("ice check", inv_18_both_controlling_or_both_controlled, inv_18_lost_answers_and_many_pairs,
      inv_18_two_487s_turn_the_role_once, inv_18_the_role_follows_the_tie_breaker,
      inv_18_equal_tie_breakers, inv_6_pitfall_3_forged_answers_change_nothing,
      inv_6_our_own_password_does_not_sign_their_answers, pitfall_2_answers_are_symmetric,
      an_answer_without_an_address_is_no_answer, an_error_fails_the_pair, what_a_check_carries,
      an_unanswered_pair_is_asked_again_by_new_transactions, any_recent_request_may_be_answered,
      inv_15_a_silent_pair_is_given_up, a_round_trip_of_three_seconds, half_of_all_packets_lost,
      a_check_from_them_repeats_ours_at_once)
