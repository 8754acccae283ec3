/* Two of our machines: roles, loss, order, timers, the end. Other peers are in test_verify.c. */
#include "dtls/record.h"
#include "tests/dtls/pair.h"
#include "tests/suite.h"

#include <openssl/err.h>

static void assert_keys_match(const struct pair *pair)
{
    struct dtls_srtp_keys a, b;
    ck_assert_int_eq(dtls_srtp(pair->side[PAIR_CLIENT], &a), OK);
    ck_assert_int_eq(dtls_srtp(pair->side[PAIR_SERVER], &b), OK);
    ck_assert_int_eq(a.profile, b.profile);
    ck_assert_mem_eq(&a.local, &b.remote, sizeof a.local);
    ck_assert_mem_eq(&a.remote, &b.local, sizeof a.local);
    ck_assert_mem_ne(&a.local, &a.remote, sizeof a.local);
    dtls_srtp_keys_wipe(&a);
    dtls_srtp_keys_wipe(&b);
}

static void assert_connected(const struct pair *pair)
{
    ck_assert_int_eq(pair_state(pair, PAIR_CLIENT), DTLS_CONNECTED);
    ck_assert_int_eq(pair_state(pair, PAIR_SERVER), DTLS_CONNECTED);
    ck_assert_int_eq(dtls_deadline(pair->side[0]), TIME_NEVER);
    ck_assert_int_eq(dtls_deadline(pair->side[1]), TIME_NEVER);
    assert_keys_match(pair);
}

/* Introduced and started, at time 0. */
static void pair_ready(struct pair *pair, usec delay, usec rtt_us)
{
    pair_init(pair, delay, rtt_us);
    pair_introduce(pair, DTLS_SHA256);
    pair_start(pair);
}

START_TEST(both_roles_connect_in_two_round_trips)
{
    struct pair pair;
    pair_ready(&pair, MS(10), 0);
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    ck_assert_int_eq(pair.now, MS(40));
    ck_assert_uint_eq(pair.sent[PAIR_CLIENT], 2); /* each flight is one datagram */
    ck_assert_uint_eq(pair.sent[PAIR_SERVER], 2);
    ck_assert_str_eq(dtls_version_name(pair.side[0]), "DTLSv1.2");
    ck_assert_str_eq(dtls_cipher_name(pair.side[0]), "ECDHE-ECDSA-AES128-GCM-SHA256");
    struct dtls_srtp_keys keys;
    ck_assert_int_eq(dtls_srtp(pair.side[0], &keys), OK);
    ck_assert_int_eq(keys.profile, DTLS_SRTP_AEAD_AES_128_GCM);
    pair_free(&pair);
}
END_TEST

START_TEST(events_say_each_state_once)
{
    struct pair pair;
    struct dtls_event e;
    pair_ready(&pair, MS(1), 0);
    pair_run(&pair, SEC(60));
    for (int i = 0; i < 2; i++) {
        ck_assert(dtls_event(pair.side[i], &e));
        ck_assert_int_eq(e.type, DTLS_STATE);
        ck_assert_int_eq(e.as.state.state, DTLS_CONNECTING);
        ck_assert(dtls_event(pair.side[i], &e));
        ck_assert_int_eq(e.as.state.state, DTLS_CONNECTED);
        ck_assert_ptr_null(e.as.state.reason);
        ck_assert_ptr_null(e.as.state.alert);
        ck_assert(!dtls_event(pair.side[i], &e));
    }
    pair_free(&pair);
}
END_TEST

START_TEST(each_lost_datagram_costs_less_than_a_second)
{
    for (int side = 0; side < 2; side++)
        for (uint64_t drop = 1; drop < 32; drop++) {
            struct pair pair;
            pair_init(&pair, MS(5), MS(10));
            pair.drop[side] = drop;
            pair_introduce(&pair, DTLS_SHA256);
            pair_start(&pair);
            pair_run(&pair, SEC(60));
            assert_connected(&pair);
            /* One lost datagram costs at most one first interval and its round trips; each more
             * that is lost in a row at most doubles it. */
            if ((drop & (drop - 1)) == 0) ck_assert_int_le(pair.now, MS(150));
            ck_assert_int_lt(pair.now, SEC(4));
            pair_free(&pair);
        }
}
END_TEST

START_TEST(heavy_loss_on_both_sides_ends_connected)
{
    struct rng rng;
    rng_init_number(&rng, 1);
    for (int round = 0; round < 100; round++) {
        struct pair pair;
        pair_init(&pair, MS(5), 0);
        for (int bit = 0; bit < 60; bit++) {
            pair.drop[0] |= (uint64_t)(rng_below(&rng, 10) < 4) << bit;
            pair.drop[1] |= (uint64_t)(rng_below(&rng, 10) < 4) << bit;
        }
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        pair_run(&pair, SEC(60));
        assert_connected(&pair);
        pair_free(&pair);
    }
}
END_TEST

/* RFC 6347 §4.2.4.1 doubles each time; ours begins with the path's round trip, each wait comes
 * twice, and OpenSSL's twelve retransmissions reach over most of the 30 s. */
START_TEST(timer_starts_from_the_round_trip_and_doubles)
{
    static const int expected[2][DTLS_TIMER_COUNT] = {
        {50, 100, 200, 300, 500, 700, 1100, 1500, 6500, 11500, 16500, 21500},
        {300, 600, 1200, 1800, 3000, 4200, 6600, 9000, 14000, 19000, 24000, 29000}};
    for (int k = 0; k < 2; k++) {
        struct pair pair;
        struct packet out;
        pair_init(&pair, 0, k == 0 ? MS(10) : MS(150));
        packet_reset(&out);
        dtls_start(pair.side[0], 0);
        ck_assert(dtls_output(pair.side[0], &out, 0));
        for (size_t i = 0; i < COUNT(expected[k]); i++) {
            usec at = dtls_deadline(pair.side[0]);
            ck_assert_int_eq(at, MS(expected[k][i]));
            pair_clock = at;
            ck_assert(!dtls_output(pair.side[0], &out, at));
            dtls_tick(pair.side[0], at);
            ck_assert(dtls_output(pair.side[0], &out, at));
            ck_assert(!dtls_output(pair.side[0], &out, at));
            ck_assert_uint_eq(dtls_counters(pair.side[0])->retransmissions, i + 1);
        }
        ck_assert_int_eq(dtls_deadline(pair.side[0]), DTLS_GIVE_UP);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(early_and_late_ticks_are_harmless)
{
    struct pair pair;
    struct packet out;
    pair_init(&pair, 0, 0);
    packet_reset(&out);
    dtls_tick(pair.side[0], 0); /* not even started */
    dtls_start(pair.side[0], 0);
    ck_assert(dtls_output(pair.side[0], &out, 0));
    for (usec t = 0; t < MS(50); t += USEC(100)) {
        pair_clock = t;
        dtls_tick(pair.side[0], t);
        ck_assert(!dtls_output(pair.side[0], &out, t));
        ck_assert_int_eq(dtls_deadline(pair.side[0]), MS(50));
    }
    /* Two seconds late: one flight again, and the next interval counts from now. */
    pair_clock = SEC(2);
    dtls_tick(pair.side[0], SEC(2));
    dtls_tick(pair.side[0], SEC(2));
    ck_assert(dtls_output(pair.side[0], &out, SEC(2)));
    ck_assert(!dtls_output(pair.side[0], &out, SEC(2)));
    ck_assert_int_eq(dtls_deadline(pair.side[0]), SEC(2) + MS(50));
    pair_free(&pair);
}
END_TEST

/* OpenSSL's clock behind ours: the tick does nothing yet, and asks for another. */
START_TEST(a_clock_of_openssl_that_lags_only_delays)
{
    struct pair pair;
    struct packet out;
    pair_init(&pair, 0, 0);
    packet_reset(&out);
    dtls_start(pair.side[0], 0);
    ck_assert(dtls_output(pair.side[0], &out, 0));
    pair_clock = MS(20);
    dtls_tick(pair.side[0], MS(50));
    ck_assert(!dtls_output(pair.side[0], &out, MS(50)));
    ck_assert_int_eq(dtls_deadline(pair.side[0]), MS(80));
    pair_clock = MS(50);
    dtls_tick(pair.side[0], MS(80));
    ck_assert(dtls_output(pair.side[0], &out, MS(80)));
    pair_free(&pair);
}
END_TEST

/* RFC 6347 §4.2.4: "reads a retransmitted flight" is the second way out of WAITING. */
START_TEST(the_peers_flight_again_has_ours_sent_again_at_once)
{
    struct pair pair;
    struct packet hello, out;
    pair_init(&pair, MS(5), MS(10));
    packet_reset(&out);
    packet_reset(&hello);
    pair_start(&pair);
    ck_assert(dtls_output(pair.side[PAIR_CLIENT], &hello, 0));
    struct dtls *server = pair.side[PAIR_SERVER];
    ck_assert_int_eq(dtls_input(server, &hello, 0), OK);
    unsigned flights = 0;
    while (dtls_output(server, &out, 0)) flights++;
    ck_assert_uint_eq(flights, 1);
    /* The ClientHello again and again, as fresh records, for 30 s. */
    usec last = 0, longest = 0;
    for (usec now = MS(1); now < SEC(30); now += MS(1)) {
        pair_clock = now;
        hello.at[10]++;
        if (hello.at[10] == 0) hello.at[9]++;
        dtls_input(server, &hello, now);
        while (dtls_output(server, &out, now)) {
            longest = usec_max(longest, now - last);
            last = now;
            flights++;
            if (flights <= 5) ck_assert_int_le(longest, MS(50));
        }
    }
    /* It never sends more than its twelve retransmissions, and has not failed before the end. */
    ck_assert_uint_eq(flights, 1 + DTLS_TIMER_COUNT);
    ck_assert_int_ge(last, SEC(10));
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTING);
    pair_free(&pair);
}
END_TEST

START_TEST(media_shows_that_the_last_flight_was_lost)
{
    usec quiet = 0, hinted = 0;
    for (int hints = 0; hints < 2; hints++) {
        struct pair pair;
        pair_ready(&pair, MS(5), MS(10));
        pair.drop[PAIR_SERVER] = 0x1E; /* the server's last flight, four times */
        usec at = 0;
        for (; pair_state(&pair, PAIR_CLIENT) != DTLS_CONNECTED && at < SEC(5); at += MS(1)) {
            pair_run(&pair, at);
            pair_clock = pair.now = at;
            if (hints && pair_state(&pair, PAIR_SERVER) == DTLS_CONNECTED)
                dtls_peer_has_keys(pair.side[PAIR_CLIENT], at);
        }
        *(hints ? &hinted : &quiet) = at;
        assert_connected(&pair);
        dtls_peer_has_keys(pair.side[PAIR_CLIENT], at); /* and then it does nothing */
        ck_assert_int_eq(dtls_deadline(pair.side[PAIR_CLIENT]), TIME_NEVER);
        pair_free(&pair);
    }
    ck_assert_int_lt(hinted, quiet);
}
END_TEST

/* Before the client has sent its Finished nobody can have keys: whoever sends media in the server's
 * name has it say nothing sooner than it would have. */
START_TEST(inv_4_forged_media_hurries_no_flight)
{
    usec sent_at[2][6] = {{0}}; /* each of the client's datagrams */
    for (int hints = 0; hints < 2; hints++) {
        struct pair pair;
        pair_ready(&pair, MS(5), MS(10));
        pair.drop[PAIR_CLIENT] = 0x1F; /* its ClientHello, five times */
        for (usec at = 0; pair.sent[PAIR_CLIENT] < 6; at += MS(1)) {
            size_t before = pair.sent[PAIR_CLIENT];
            pair_run(&pair, at);
            pair_clock = pair.now = at;
            for (int i = 0; hints && i < 2; i++) dtls_peer_has_keys(pair.side[i], at);
            if (pair.sent[PAIR_CLIENT] > before) sent_at[hints][before] = at;
            ck_assert_int_le(at, SEC(2));
        }
        pair_run(&pair, SEC(5));
        assert_connected(&pair);
        pair_free(&pair);
    }
    ck_assert_mem_eq(sent_at[0], sent_at[1], sizeof sent_at[0]);
    ck_assert_int_gt(sent_at[0][5], MS(300));
}
END_TEST

/* And behind it, where media may be true, only the first half of its repeats. */
START_TEST(inv_4_forged_media_leaves_the_later_repeats_their_time)
{
    struct pair pair;
    pair_ready(&pair, MS(5), MS(10));
    pair.drop[PAIR_SERVER] = ~(uint64_t)1; /* all that it sends after its first flight */
    usec last = 0;
    size_t sent = 0;
    for (usec at = 0; at < SEC(29); at += MS(1)) {
        pair_run(&pair, at);
        pair_clock = pair.now = at;
        if (pair_state(&pair, PAIR_SERVER) == DTLS_CONNECTED)
            dtls_peer_has_keys(pair.side[PAIR_CLIENT], at);
        if (pair.sent[PAIR_CLIENT] > sent) last = at;
        sent = pair.sent[PAIR_CLIENT];
    }
    ck_assert_uint_eq(sent, 2 + DTLS_TIMER_COUNT);
    ck_assert_int_ge(last, SEC(20));
    pair_free(&pair);
}
END_TEST

START_TEST(half_of_all_datagrams_lost)
{
    struct rng rng;
    rng_init_number(&rng, 9);
    for (int round = 0; round < 60; round++) {
        struct pair pair;
        pair_init(&pair, MS(50), MS(100));
        for (int bit = 0; bit < 64; bit++) {
            pair.drop[0] |= (uint64_t)rng_below(&rng, 2) << bit;
            pair.drop[1] |= (uint64_t)rng_below(&rng, 2) << bit;
        }
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        pair_run(&pair, SEC(60));
        assert_connected(&pair);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(silence_fails_with_a_reason)
{
    struct pair pair;
    pair_init(&pair, MS(1), 0);
    pair.drop[0] = pair.drop[1] = ~0ull;
    pair_start(&pair);
    pair_run(&pair, SEC(100));
    for (int i = 0; i < 2; i++) {
        struct dtls_status s = dtls_status(pair.side[i]);
        ck_assert_int_eq(s.state, DTLS_FAILED);
        ck_assert_int_eq(s.cause, DTLS_CAUSE_SILENCE);
        ck_assert_str_eq(s.reason, "no DTLS packet from the peer in 30 s");
        ck_assert_int_eq(dtls_deadline(pair.side[i]), TIME_NEVER);
    }
    ck_assert_int_eq(pair.now, SEC(30));
    pair_free(&pair);
}
END_TEST

/* Round trip far above the first interval: each side hears the other's flights more than once. */
START_TEST(a_long_path_does_not_make_flights_answer_flights)
{
    for (usec delay = MS(20); delay <= MS(600); delay += MS(20)) {
        struct pair pair;
        pair_ready(&pair, delay, 0);
        pair_run(&pair, SEC(60));
        assert_connected(&pair);
        ck_assert_uint_le(pair.sent[0] + pair.sent[1], 40);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(a_client_that_repeats_its_last_flight_is_answered_but_not_for_ever)
{
    struct pair pair;
    pair_ready(&pair, MS(5), 0);
    pair.drop[PAIR_SERVER] = 0x3FE; /* the server's last flight, nine times */
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    pair_free(&pair);
}
END_TEST

START_TEST(a_connected_client_hears_no_more_handshake)
{
    struct pair pair;
    pair_ready(&pair, MS(1), 0);
    pair_run(&pair, SEC(1));
    ck_assert_uint_eq(dtls_counters(pair.side[PAIR_CLIENT])->unexpected, 0);
    /* The server's last flight again: ChangeCipherSpec and Finished. */
    ck_assert_int_eq(dtls_input(pair.side[PAIR_CLIENT], &pair.last[PAIR_SERVER], pair.now),
                     E_STATE);
    ck_assert_uint_eq(dtls_counters(pair.side[PAIR_CLIENT])->unexpected, 2);
    assert_connected(&pair);
    pair_free(&pair);
}
END_TEST

/* Encrypted records in a datagram of their own, ahead of the plain ones that they follow. */
static void send_encrypted_first(struct pair *pair, int from, const struct packet *packet)
{
    struct packet part;
    for (int epoch = 1; epoch >= 0; epoch--) {
        struct writer w = packet_writer(&part);
        struct reader r = reader_of(packet_bytes(packet));
        for (struct dtls_record record; dtls_record_next(&r, &record);)
            if (record.epoch == epoch) write_bytes(&w, record.all);
        part.len = writer_len(&w);
        if (part.len > 0) pair_fly(pair, 1 - from, &part);
    }
}

START_TEST(inv_45_finished_that_comes_first_is_kept)
{
    struct pair pair;
    pair_init(&pair, MS(1), 0);
    pair.send = send_encrypted_first;
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    ck_assert_int_eq(pair.now, MS(4)); /* nothing had to be sent again */
    ck_assert_uint_eq(dtls_counters(pair.side[PAIR_CLIENT])->retransmissions, 0);
    pair_free(&pair);
}
END_TEST

/* RFC 6347 §4.1: datagrams overtake each other. A server that hangs up as soon as it is connected
 * says so right behind its last flight; what comes first waits for the keys in the other. */
START_TEST(inv_45_goodbye_that_overtakes_the_last_flight_is_heard)
{
    struct pair pair;
    pair_ready(&pair, MS(1), 0);
    pair_run(&pair, MS(3));
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
    ck_assert_uint_eq(pair.count, 1); /* ChangeCipherSpec and Finished, on their way */
    pair.flying[0].at += MS(1);
    dtls_close(pair.side[PAIR_SERVER], pair.now);
    pair_run(&pair, SEC(1));
    struct dtls_status client = dtls_status(pair.side[PAIR_CLIENT]);
    ck_assert_int_eq(client.state, DTLS_CLOSED);
    ck_assert_str_eq(client.alert, "close_notify");
    ck_assert(client.alert_received);
    pair_free(&pair);
}
END_TEST

/* pitfall 8 and invariant 45: what comes before the start waits; nothing is sent before it. */
START_TEST(inv_45_pitfall_8_early_flight_is_kept_until_the_start)
{
    struct pair pair;
    struct packet out;
    packet_reset(&out);
    pair_init(&pair, MS(1), MS(2));
    pair_introduce(&pair, DTLS_SHA256);
    dtls_start(pair.side[PAIR_CLIENT], 0);
    pair_run(&pair, MS(40));
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_NEW);
    ck_assert_uint_eq(pair.sent[PAIR_SERVER], 0);
    pair_clock = pair.now = MS(40);
    dtls_start(pair.side[PAIR_SERVER], pair.now);
    ck_assert(dtls_output(pair.side[PAIR_SERVER], &out, pair.now));
    pair_send(&pair, PAIR_SERVER, &out);
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    ck_assert_int_eq(pair.now, MS(43)); /* no retransmission was needed */
    pair_free(&pair);
}
END_TEST

START_TEST(either_role_becomes_the_server_by_a_client_hello)
{
    for (int started_first = 0; started_first < 2; started_first++) {
        struct pair pair;
        pair_init(&pair, MS(1), 0);
        dtls_free(pair.side[PAIR_SERVER]);
        pair.side[PAIR_SERVER] = dtls_new(
            &(struct dtls_config){.identity = pair.identity[PAIR_SERVER], .role = DTLS_EITHER});
        pair_introduce(&pair, DTLS_SHA256);
        if (started_first) dtls_start(pair.side[PAIR_SERVER], 0);
        ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_NEW);
        ck_assert_int_eq(dtls_deadline(pair.side[PAIR_SERVER]), TIME_NEVER);
        dtls_start(pair.side[PAIR_CLIENT], 0);
        pair_run(&pair, MS(10));
        if (!started_first) dtls_start(pair.side[PAIR_SERVER], pair.now);
        pair_run(&pair, SEC(60));
        assert_connected(&pair);
        ck_assert_int_eq(dtls_role(pair.side[PAIR_SERVER]), DTLS_SERVER);
        ck_assert_int_eq(dtls_set_role(pair.side[PAIR_SERVER], DTLS_CLIENT, pair.now), E_STATE);
        ck_assert_int_eq(dtls_set_role(pair.side[PAIR_SERVER], DTLS_SERVER, pair.now), OK);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(either_role_becomes_the_client_by_the_answer)
{
    struct pair pair;
    pair_init(&pair, MS(1), 0);
    dtls_free(pair.side[PAIR_CLIENT]);
    pair.side[PAIR_CLIENT] = dtls_new(
        &(struct dtls_config){.identity = pair.identity[PAIR_CLIENT], .role = DTLS_EITHER});
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, MS(500));
    ck_assert_uint_eq(pair.sent[PAIR_CLIENT], 0);
    ck_assert_int_eq(dtls_set_role(pair.side[PAIR_CLIENT], DTLS_CLIENT, pair.now), OK);
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    pair_free(&pair);
}
END_TEST

START_TEST(reordered_and_doubled_datagrams)
{
    struct rng rng;
    rng_init_number(&rng, 2);
    for (int round = 0; round < 200; round++) {
        struct pair pair;
        pair_init(&pair, MS(1), 0);
        pair.jitter = &rng;
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        pair_run(&pair, SEC(60));
        assert_connected(&pair);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(close_is_told_to_both_by_name)
{
    for (int i = 0; i < 2; i++) {
        struct pair pair;
        pair_ready(&pair, MS(1), 0);
        pair_run(&pair, SEC(1));
        dtls_close(pair.side[i], pair.now);
        pair_run(&pair, SEC(60));
        struct dtls_status us = dtls_status(pair.side[i]), them = dtls_status(pair.side[1 - i]);
        ck_assert_int_eq(us.state, DTLS_CLOSED);
        ck_assert_str_eq(us.alert, "close_notify");
        ck_assert(!us.alert_received);
        ck_assert_int_eq(them.state, DTLS_CLOSED);
        ck_assert_str_eq(them.alert, "close_notify");
        ck_assert(them.alert_received);
        ck_assert_str_eq(them.reason, "the peer closed the connection");
        struct dtls_srtp_keys keys;
        ck_assert_int_eq(dtls_srtp(pair.side[i], &keys), E_STATE);
        /* After the end everything is refused and harmless. */
        ck_assert_int_eq(dtls_input(pair.side[i], &pair.last[1 - i], pair.now), E_STATE);
        ck_assert_int_eq(dtls_start(pair.side[i], pair.now), E_STATE);
        dtls_close(pair.side[i], pair.now);
        dtls_tick(pair.side[i], SEC(100));
        ck_assert_int_eq(dtls_deadline(pair.side[i]), TIME_NEVER);
        pair_free(&pair);
    }
}
END_TEST

START_TEST(close_before_and_during_the_handshake)
{
    struct pair pair;
    pair_init(&pair, MS(1), 0);
    dtls_close(pair.side[PAIR_SERVER], 0);
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CLOSED);
    dtls_start(pair.side[PAIR_CLIENT], 0);
    pair_run(&pair, MS(10));
    dtls_close(pair.side[PAIR_CLIENT], MS(10));
    ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CLOSED);
    ck_assert_int_eq(dtls_deadline(pair.side[PAIR_CLIENT]), TIME_NEVER);
    pair_free(&pair);
}
END_TEST

START_TEST(another_connections_error_is_not_ours)
{
    struct pair pair;
    pair_ready(&pair, MS(5), 0);
    for (usec t = 0; t < MS(40); t += MS(1)) {
        ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR); /* left behind by somebody */
        pair_run(&pair, t);
        pair_clock = pair.now = t;
        ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
        dtls_tick(pair.side[t % 2], t);
    }
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    ck_assert_uint_eq(ERR_peek_error(), 0); /* and we leave none */
    pair_free(&pair);
}
END_TEST

START_TEST(packets_of_other_protocols_are_refused)
{
    struct pair pair;
    struct packet p;
    packet_reset(&p);
    pair_ready(&pair, MS(1), 0);
    ck_assert_int_eq(dtls_input(pair.side[0], &p, 0), E_MALFORMED); /* empty */
    static const uint8_t first[] = {0, 1, 19, 64, 79, 128, 191, 255};
    for (size_t i = 0; i < COUNT(first); i++) {
        packet_set(&p, (struct bytes){&first[i], 1});
        ck_assert_int_eq(dtls_input(pair.side[0], &p, 0), E_MALFORMED);
        ck_assert_str_eq(dtls_fault(pair.side[0])->layer, "dtls");
    }
    ck_assert_uint_eq(dtls_counters(pair.side[0])->malformed, COUNT(first) + 1);
    pair_run(&pair, SEC(60));
    assert_connected(&pair);
    pair_free(&pair);
}
END_TEST

START_TEST(a_small_mtu_is_kept_to)
{
    for (size_t mtu = 256; mtu <= 1200; mtu += 118) {
        struct pair pair;
        pair_init(&pair, MS(1), 0);
        for (int i = 0; i < 2; i++) {
            dtls_free(pair.side[i]);
            pair.side[i] =
                dtls_new(&(struct dtls_config){.identity = pair.identity[i],
                                               .role = i == PAIR_CLIENT ? DTLS_CLIENT : DTLS_SERVER,
                                               .mtu = mtu});
        }
        pair.drop[0] = 0x11;
        pair.drop[1] = 0x23;
        pair_introduce(&pair, DTLS_SHA256);
        pair_start(&pair);
        for (usec t = 0; t < SEC(8); t += MS(1)) {
            pair_run(&pair, t);
            for (size_t i = 0; i < pair.count; i++)
                ck_assert_uint_le(pair.flying[i].packet.len, mtu);
        }
        assert_connected(&pair);
        pair_free(&pair);
    }
}
END_TEST

SUITE("dtls handshake", both_roles_connect_in_two_round_trips, events_say_each_state_once,
      each_lost_datagram_costs_less_than_a_second, heavy_loss_on_both_sides_ends_connected,
      timer_starts_from_the_round_trip_and_doubles, early_and_late_ticks_are_harmless,
      a_clock_of_openssl_that_lags_only_delays, the_peers_flight_again_has_ours_sent_again_at_once,
      media_shows_that_the_last_flight_was_lost, inv_4_forged_media_hurries_no_flight,
      inv_4_forged_media_leaves_the_later_repeats_their_time, half_of_all_datagrams_lost,
      silence_fails_with_a_reason, a_long_path_does_not_make_flights_answer_flights,
      a_client_that_repeats_its_last_flight_is_answered_but_not_for_ever,
      a_connected_client_hears_no_more_handshake, inv_45_finished_that_comes_first_is_kept,
      inv_45_goodbye_that_overtakes_the_last_flight_is_heard,
      inv_45_pitfall_8_early_flight_is_kept_until_the_start,
      either_role_becomes_the_server_by_a_client_hello,
      either_role_becomes_the_client_by_the_answer, reordered_and_doubled_datagrams,
      close_is_told_to_both_by_name, close_before_and_during_the_handshake,
      another_connections_error_is_not_ours, packets_of_other_protocols_are_refused,
      a_small_mtu_is_kept_to)
