#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct net net;

static bool selected_is(const struct ice *ice, const char *remote)
{
    struct route r;
    struct addr a = net_addr(remote);
    return ice_selected(ice, &r) && addr_equal(&r.remote, &a);
}

static const char *const good[] = {"192.0.2.2:1", "192.0.2.2:2", "192.0.2.2:3"};

/* Candidates good[0] (best) to good[2], all answering. */
static struct ice *agent(bool controlling)
{
    struct ice *ice = forge_agent(controlling);
    forge_known(ice, 0);
    for (uint32_t i = 0; i < COUNT(good); i++) {
        struct candidate c = forge_candidate(good[i], 1000000 - i);
        snprintf(c.foundation, sizeof c.foundation, "%u", (unsigned)i);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    }
    return ice;
}

START_TEST(the_best_pair_is_nominated_at_once)
{
    struct ice *ice = agent(true);
    forge_answer_all(ice, 0, good, 3); /* the best is checked first, and answers at once */
    ck_assert(selected_is(ice, good[0]));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_CONNECTED);
    struct packet p;
    struct stun_msg m;
    ck_assert(forge_take(ice, &p, ICE_TA, STUN_REQUEST)); /* the very next check nominates */
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&p)), OK);
    ck_assert(stun_has(&m, STUN_USE_CANDIDATE));
    struct packet answer;
    forge_answer(&answer, &p, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, ICE_TA), OK);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ck_assert(!ice_output(ice, &p, SEC(3))); /* and the other pairs are left alone */
    ice_free(ice);
}
END_TEST

START_TEST(a_worse_pair_waits_a_little_for_better_ones)
{
    struct ice *ice = agent(true);
    static const char *const worst[] = {"192.0.2.2:3"};
    usec now = 0, nominated = TIME_NEVER;
    for (; now < SEC(3) && nominated == TIME_NEVER; now += MS(10)) {
        forge_answer_all(ice, now, worst, 1);
        if (ice_state(ice) == ICE_STATE_COMPLETED) nominated = now;
    }
    ck_assert(selected_is(ice, "192.0.2.2:3"));
    ck_assert_int_ge(nominated, 2 * ICE_TA + ICE_NOMINATE_WAIT);
    ck_assert_int_le(nominated, 3 * ICE_TA + ICE_NOMINATE_WAIT + MS(60));
    ice_free(ice);
}
END_TEST

START_TEST(a_better_pair_that_comes_in_time_is_taken)
{
    struct ice *ice = agent(true);
    for (usec now = 0; now < SEC(1); now += MS(10))
        forge_answer_all(ice, now, now < MS(60) ? good + 1 : good, now < MS(60) ? 1 : 3);
    /* good[0]'s first check went unanswered; its next comes within ICE_NOMINATE_WAIT. */
    ck_assert(selected_is(ice, good[0]));
    ice_free(ice);
}
END_TEST

START_TEST(an_unanswered_nomination_is_begun_anew)
{
    struct ice *ice = forge_agent(true);
    struct packet p, answer;
    struct candidate c = forge_candidate(good[0], 100);
    forge_known(ice, 0);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    forge_answer_all(ice, 0, good, 1);
    unsigned sent = 0;
    for (usec now = 0; now < SEC(20); now += MS(50)) {
        while (ice_output(ice, &p, now)) sent++;
        forge_events(ice);
        ck_assert_int_lt(ice_state(ice), ICE_STATE_FAILED);
    }
    ck_assert_uint_ge(sent, 20);
    ck_assert_uint_le(sent, 40);
    forge_answer(&answer, &p, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, SEC(20)), OK);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

START_TEST(an_unanswered_nomination_gives_way_to_another_pair)
{
    struct ice *ice = agent(true);
    usec now = 0;
    for (; now < MS(120); now += MS(10)) forge_answer_all(ice, now, good + 1, 2);
    for (; now < SEC(12); now += MS(10)) forge_answer_all(ice, now, good + 2, 1);
    ck_assert(selected_is(ice, good[2]));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

/* A controlled agent with all three pairs valid. */
static struct ice *controlled(void)
{
    struct ice *ice = agent(false);
    for (usec now = 0; now < MS(200); now += MS(50)) forge_answer_all(ice, now, good, 3);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_CONNECTED);
    ck_assert(selected_is(ice, good[0])); /* data may go on any valid pair: the best */
    return ice;
}

START_TEST(the_controlled_side_takes_the_nomination)
{
    struct ice *ice = controlled();
    forge_ask(ice, good[1], MS(300), true, 1);
    ck_assert(selected_is(ice, good[1]));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

START_TEST(use_candidate_on_every_check_stays_with_the_best)
{
    /* RFC 5245's aggressive nomination: all pairs are nominated, in turn, again and again. */
    struct ice *ice = controlled();
    for (unsigned i = 0; i < 60; i++) {
        forge_ask(ice, good[2 - i % 3], MS(300) + MS(50) * i, true, (uint8_t)i);
        forge_answer_all(ice, MS(300) + MS(50) * i, good, 3);
        if (i >= 2) ck_assert(selected_is(ice, good[0]));
    }
    ice_free(ice);
}
END_TEST

START_TEST(the_controlling_side_may_move)
{
    /* As libwebrtc does: from one moment on every check on another pair carries it. */
    struct ice *ice = controlled();
    forge_ask(ice, good[0], MS(300), true, 1);
    forge_ask(ice, good[0], MS(800), true, 2);
    ck_assert(selected_is(ice, good[0]));
    forge_ask(ice, good[2], MS(900), true, 3);
    forge_ask(ice, good[2], MS(950), true, 3); /* only a retransmission */
    ck_assert(selected_is(ice, good[0]));
    forge_ask(ice, good[2], MS(1400), true, 4);
    ck_assert(selected_is(ice, good[2]));
    ice_free(ice);
}
END_TEST

START_TEST(one_nomination_moves_once_the_old_one_is_old)
{
    struct ice *ice = controlled();
    forge_ask(ice, good[0], MS(300), true, 1);
    forge_ask(ice, good[2], MS(300) + ICE_RENOMINATE, true, 2);
    ck_assert(selected_is(ice, good[2]));
    ice_free(ice);
}
END_TEST

START_TEST(a_nomination_before_validity_waits_for_it)
{
    struct ice *ice = forge_agent(false);
    struct packet p, answer;
    forge_known(ice, 0);
    forge_ask(ice, "203.0.113.5:5", 0, true, 1);
    ck_assert(!selected_is(ice, "203.0.113.5:5"));
    ck_assert(forge_take(ice, &p, 0, STUN_REQUEST));
    forge_answer(&answer, &p, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, MS(10)), OK);
    ck_assert(selected_is(ice, "203.0.113.5:5"));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

START_TEST(the_controlling_side_ignores_use_candidate)
{
    struct ice *ice = agent(true);
    struct packet p;
    forge_answer_all(ice, 0, good, 3);
    forge_request(&p, ice, good[2], "192.0.2.1:1000",
                  &(struct forge){.controlled = true, .use_candidate = true});
    ck_assert_int_eq(ice_input(ice, &p, MS(10)), OK);
    for (usec now = MS(10); now < SEC(1); now += MS(10)) forge_answer_all(ice, now, good, 3);
    ck_assert(selected_is(ice, good[0]));
    ice_free(ice);
}
END_TEST

/* Side `who` gets a new address from its NAT after 20 s; both must find each other again. */
static void rebind(int who, bool controlling0)
{
    net_pair(&net, 5, controlling0, !controlling0);
    net.side[who].nat = net_addr("203.0.113.1:5000");
    net_run(&net, SEC(20));
    for (int i = 0; i < NET_SIDES; i++) ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
    ck_assert(addr_equal(&net.side[1 - who].selected.remote, &net.side[who].nat));
    net.side[who].nat = net_addr("203.0.113.1:6000");
    net_run(&net, SEC(40));
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        ck_assert(ice_may_send(net.side[i].ice, net.now));
    }
    ck_assert(selected_is(net.side[1 - who].ice, "203.0.113.1:6000"));
    net_free(&net);
}

START_TEST(a_new_address_of_the_remote_side_is_followed)
{
    rebind(0, true);
    rebind(0, false);
    rebind(1, true);
    rebind(1, false);
}
END_TEST

START_TEST(another_pair_coming_to_life_moves_nothing_while_the_first_answers)
{
    struct ice *ice = agent(true);
    struct packet p;
    usec now = 0;
    for (; now < SEC(1); now += MS(10)) forge_answer_all(ice, now, good, 3);
    forge_request(&p, ice, good[1], "192.0.2.1:1000", &(struct forge){.controlled = true});
    ck_assert_int_eq(ice_input(ice, &p, now), OK);
    for (; now < SEC(8); now += MS(10)) forge_answer_all(ice, now, good, 3);
    struct route second = {net_addr("192.0.2.1:1000"), net_addr(good[1])};
    ck_assert(ice_is_validated(ice, &second) && selected_is(ice, good[0]));
    /* The first falls silent; at the next consent check or two the call moves over. */
    for (; now < SEC(25); now += MS(10)) forge_answer_all(ice, now, good + 1, 2);
    ck_assert(selected_is(ice, good[1]));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ice_free(ice);
}
END_TEST

START_TEST(an_ice_lite_peer)
{
    /* It never checks, only answers; we are controlling whatever was said before. */
    struct ice *ice = forge_agent(false);
    struct candidate c = forge_candidate(good[0], 100);
    ck_assert_int_eq(ice_set_remote(ice, bytes_of(PEER_UFRAG), bytes_of(PEER_PWD), true, 0), OK);
    ck_assert(ice_is_controlling(ice));
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    for (usec now = 0; now < SEC(100); now += MS(50)) forge_answer_all(ice, now, good, 1);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    ck_assert(ice_may_send(ice, SEC(100)));
    ice_free(ice);
}
END_TEST

/* The controlling side used good[0] until `moves_at`, while it asked on good[1] too, as browsers
 * do; then it moves there, since the first one is gone. */
static void peer_moves_at(usec moves_at)
{
    struct ice *ice = agent(false);
    uint8_t id = 0;
    usec now = 0;
    for (; now < moves_at; now += MS(50)) {
        forge_answer_all(ice, now, good, 2);
        if (now % SEC(1) == 0) forge_ask(ice, good[0], now, true, ++id);
        if (now % SEC(1) == MS(500)) forge_ask(ice, good[1], now, false, ++id);
    }
    ck_assert(selected_is(ice, good[0]));
    for (; now < moves_at + SEC(60); now += MS(50)) {
        forge_answer_all(ice, now, good + 1, 1);
        if (now % MS(500) == 0) forge_ask(ice, good[1], now, true, ++id);
        ck_assert(ice_may_send(ice, now));
        if (now >= moves_at + SEC(1)) ck_assert(selected_is(ice, good[1]));
    }
    ice_free(ice);
}

/* Consent runs from a pair's last answer (RFC 7675 §5.1): one that was nominated long after it had
 * answered would be lost before it was asked. */
START_TEST(the_controlling_side_moves_to_a_pair_that_was_not_asked_for_long)
{
    static const usec times[] = {SEC(4), SEC(20), SEC(27), SEC(60), SEC(300)};
    for (size_t i = 0; i < COUNT(times); i++) peer_moves_at(times[i]);
}
END_TEST

SUITE("ice nominate", the_best_pair_is_nominated_at_once,
      a_worse_pair_waits_a_little_for_better_ones, a_better_pair_that_comes_in_time_is_taken,
      an_unanswered_nomination_is_begun_anew, an_unanswered_nomination_gives_way_to_another_pair,
      the_controlled_side_takes_the_nomination, use_candidate_on_every_check_stays_with_the_best,
      the_controlling_side_may_move, one_nomination_moves_once_the_old_one_is_old,
      a_nomination_before_validity_waits_for_it, the_controlling_side_ignores_use_candidate,
      a_new_address_of_the_remote_side_is_followed,
      another_pair_coming_to_life_moves_nothing_while_the_first_answers, an_ice_lite_peer,
      the_controlling_side_moves_to_a_pair_that_was_not_asked_for_long)
