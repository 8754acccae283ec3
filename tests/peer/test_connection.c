#include "tests/suite.h"

#include "tests/peer/duo.h"

START_TEST(call_connects_and_media_flows_both_ways)
{
    struct duo d;
    duo_init(&d, 1);
    ck_assert(duo_call(&d, SEC(2)));
    ck_assert_int_le(d.now, MS(200)); /* about six round trips of 20 ms */
    ck_assert_str_eq(peer_srtp_profile(d.side[0]), "SRTP_AEAD_AES_128_GCM");
    duo_talk(&d, 3);
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_ge(d.seen[i].frames[0], 148);
        ck_assert_uint_ge(d.seen[i].frames[1], 73);
        ck_assert_uint_eq(d.seen[i].damaged, 0);
    }
    duo_free(&d);
}
END_TEST

START_TEST(call_over_ipv6)
{
    struct duo d;
    duo_init(&d, 2);
    duo_open(&d, true);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    duo_run(&d, SEC(1));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    ck_assert_int_eq(d.seen[0].selected.remote.family, ADDR_IPV6);
    duo_free(&d);
}
END_TEST

START_TEST(inv_14_same_seed_same_wire_but_for_tls)
{
    /* The handshake's randomness is OpenSSL's; all that ICE sends is ours. */
    uint64_t stun[2];
    for (int run = 0; run < 2; run++) {
        struct duo d;
        duo_init(&d, 3);
        ck_assert(duo_call(&d, SEC(2)));
        duo_run(&d, SEC(20));
        stun[run] = d.sent[0][DEMUX_STUN] * 1000 + d.sent[1][DEMUX_STUN];
        duo_free(&d);
    }
    ck_assert_uint_eq(stun[0], stun[1]);
}
END_TEST

START_TEST(lossy_calls_connect_and_repair)
{
    for (uint64_t seed = 10; seed < 30; seed++) {
        struct duo d;
        duo_init(&d, seed);
        d.loss = 100;
        d.delay = MS(25);
        ck_assert_msg(duo_call(&d, SEC(10)), "seed %d", (int)seed);
        duo_talk(&d, 4);
        ck_assert_uint_eq(d.seen[0].damaged + d.seen[1].damaged, 0);
        ck_assert_msg(d.seen[1].frames[1] >= 90, "seed %d: %d frames", (int)seed,
                      (int)d.seen[1].frames[1]);
        duo_free(&d);
    }
}
END_TEST

START_TEST(peer_reflexive_when_candidates_of_one_side_are_missing)
{
    struct duo d;
    duo_init(&d, 4);
    struct addr a = duo_addr(0, false), b = duo_addr(1, false);
    struct bytes offer, answer;
    /* The offer has no candidates: sockets come after it, and nothing is trickled. */
    d.trickle = false;
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    peer_add_socket(d.side[0], &a, d.now);
    peer_sockets_done(d.side[0], d.now);
    peer_add_socket(d.side[1], &b, d.now);
    peer_sockets_done(d.side[1], d.now);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    duo_run(&d, SEC(2));
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

START_TEST(close_says_goodbye_and_is_silent)
{
    struct duo d;
    duo_init(&d, 8);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
    uint64_t rtcp = d.sent[0][DEMUX_RTCP], dtls = d.sent[0][DEMUX_DTLS];
    peer_close(d.side[0], d.now);
    duo_run(&d, d.now + MS(100));
    ck_assert_uint_gt(d.sent[0][DEMUX_RTCP], rtcp); /* BYE */
    ck_assert_uint_gt(d.sent[0][DEMUX_DTLS], dtls); /* close_notify */
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CLOSED);
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CLOSED);
    ck_assert_int_eq(peer_deadline(d.side[0]), TIME_NEVER);
    struct packet out;
    packet_reset(&out);
    struct bytes text;
    ck_assert(!peer_output(d.side[0], &out, d.now + SEC(100)));
    ck_assert_int_eq(peer_offer(d.side[0], &text, d.now), E_STATE);
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_OPUS, true, 1, 100), E_STATE);
    duo_free(&d);
}
END_TEST

/* ---- Calls that fail say which layer failed, and why ---- */

static void must_fail(struct duo *d, enum peer_cause cause, const char *layer, const char *word,
                      usec within)
{
    duo_run(d, d->now + within);
    for (int i = 0; i < 2; i++) {
        struct peer_why why = peer_why(d->side[i]);
        ck_assert_int_eq(why.cause == PEER_CAUSE_NONE, why.layer == NULL);
        if (peer_state(d->side[i]) == PEER_FAILED && why.cause == cause &&
            strcmp(why.layer, layer) == 0 && strstr(why.reason, word))
            return;
    }
    struct peer_why first = peer_why(d->side[0]), second = peer_why(d->side[1]);
    ck_abort_msg("failed with %s (%d): %s, and %s (%d): %s", first.layer, (int)first.cause,
                 first.reason, second.layer, (int)second.cause, second.reason);
}

START_TEST(fails_without_an_answer)
{
    struct duo d;
    struct bytes offer;
    duo_init(&d, 40);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    must_fail(&d, PEER_CAUSE_NO_ANSWER, "signaling", "no answer", PEER_ANSWER_US + SEC(1));
    duo_free(&d);
}
END_TEST

START_TEST(pitfall_18_fails_without_candidates)
{
    struct duo d;
    struct bytes offer, answer;
    struct addr a = duo_addr(0, false);
    duo_init(&d, 41);
    peer_add_socket(d.side[0], &a, d.now);
    peer_sockets_done(d.side[0], d.now);
    peer_sockets_done(d.side[1], d.now);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    must_fail(&d, PEER_CAUSE_NO_PATH, "ice", "candidate", SEC(60));
    duo_free(&d);
}
END_TEST

START_TEST(fails_without_answers_to_checks)
{
    struct duo d;
    duo_init(&d, 42);
    d.cut[1] = true;
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    must_fail(&d, PEER_CAUSE_NO_PATH, "ice", "check", SEC(90));
    duo_free(&d);
}
END_TEST

START_TEST(inv_35_fails_when_the_fingerprint_differs)
{
    struct duo d;
    struct bytes offer, answer;
    char bent[8192], *digit;
    duo_init(&d, 43);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    duo_bend(offer, "a=fingerprint:", "a=fingerprint:", bent);
    digit = strstr(bent, "a=fingerprint:sha-256 ") + strlen("a=fingerprint:sha-256 ");
    *digit = *digit == '0' ? '1' : '0';
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(bent), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    must_fail(&d, PEER_CAUSE_FINGERPRINT, "dtls", "fingerprint", SEC(10));
    /* The other side: what it was told. */
    must_fail(&d, PEER_CAUSE_HANDSHAKE, "dtls", "alert: bad_certificate", 0);
    ck_assert_ptr_null(peer_srtp_profile(d.side[1]));
    ck_assert_uint_eq(d.sent[1][DEMUX_RTP] + d.sent[1][DEMUX_RTCP], 0);
    duo_free(&d);
}
END_TEST

START_TEST(inv_35_fingerprints_we_cannot_compute_are_refused)
{
    struct duo d;
    struct bytes offer, answer;
    char bent[8192];
    duo_init(&d, 44);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    for (struct bytes now = duo_bend(offer, "sha-256", "sha-999", bent); strstr(bent, "sha-256");)
        memcpy(strstr((char *)(uintptr_t)now.at, "sha-256"), "sha-999", 7);
    enum err err = peer_answer(d.side[1], bytes_of(bent), &answer, d.now);
    if (err == OK) must_fail(&d, PEER_CAUSE_FINGERPRINT, "dtls", "fingerprint", SEC(1));
    ck_assert_ptr_null(peer_srtp_profile(d.side[1]));
    duo_free(&d);
}
END_TEST

START_TEST(fails_when_every_section_is_rejected)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 45), duo_config(1, 45)};
    cfg[0].audio = (struct peer_media){false, false};
    cfg[1].video = (struct peer_media){false, false};
    duo_init_with(&d, cfg, 45);
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    must_fail(&d, PEER_CAUSE_CODECS, "sdp", "rejected", SEC(1));
    duo_free(&d);
}
END_TEST

START_TEST(given_up_fails_with_the_first_reason)
{
    struct duo d;
    struct bytes offer;
    duo_init(&d, 47);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    peer_give_up(d.side[0], "sdp", "the answer was refused", d.now);
    peer_give_up(d.side[0], "ice", "later", d.now);
    must_fail(&d, PEER_CAUSE_GIVEN_UP, "sdp", "the answer was refused", SEC(1));
    peer_close(d.side[1], d.now);
    peer_give_up(d.side[1], "sdp", "closed", d.now);
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CLOSED);
    ck_assert_ptr_null(peer_why(d.side[1]).layer);
    duo_free(&d);
}
END_TEST

START_TEST(a_refused_description_says_what_is_wrong_with_it)
{
    static const struct {
        const char *from, *to;
        enum peer_cause cause;
    } broken[] = {{"a=setup:active", "a=setup:actpass", PEER_CAUSE_SETUP},
                  {"a=setup:active", "a=setup:now", PEER_CAUSE_SETUP},
                  {"opus/48000", "PCMU/48000", PEER_CAUSE_CODECS},
                  {"a=ice-ufrag:", "a=ice-ufrag:-", PEER_CAUSE_DESCRIPTION}};
    for (size_t i = 0; i < COUNT(broken); i++) {
        struct duo d;
        struct bytes offer, answer;
        char bent[8192];
        duo_init(&d, 48);
        duo_open(&d, false);
        ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
        ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
        duo_bend(answer, broken[i].from, broken[i].to, bent);
        ck_assert_int_ne(peer_set_answer(d.side[0], bytes_of(bent), d.now), OK);
        ck_assert_int_eq(peer_why(d.side[0]).cause, PEER_CAUSE_NONE);
        peer_give_up_refused(d.side[0], "refused", d.now);
        must_fail(&d, broken[i].cause, "sdp", "refused", 0);
        duo_free(&d);
    }
}
END_TEST

START_TEST(what_it_lacks_moves_up_the_layers)
{
    struct duo d;
    struct bytes offer, answer;
    duo_init(&d, 49);
    duo_open(&d, false);
    duo_run(&d, MS(10));
    ck_assert_int_eq(peer_lacks(d.side[0]), PEER_LACKS_OFFER);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_lacks(d.side[0]), PEER_LACKS_ANSWER);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    enum peer_lack last = PEER_LACKS_ANSWER;
    bool seen[PEER_LACKS_NOTHING + 1] = {false};
    for (int i = 0; i < 1000 && last != PEER_LACKS_NOTHING; i++) {
        duo_run(&d, d.now + MS(1));
        ck_assert_int_ge(peer_lacks(d.side[0]), last);
        last = peer_lacks(d.side[0]);
        seen[last] = true;
    }
    ck_assert(seen[PEER_LACKS_PATH] && seen[PEER_LACKS_DTLS] && seen[PEER_LACKS_NOTHING]);
    duo_free(&d);
}
END_TEST

START_TEST(fails_when_dtls_is_silent)
{
    struct duo d;
    duo_init(&d, 46);
    duo_open(&d, false);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    /* The answerer's handshake never leaves; its checks do. */
    for (int i = 0; i < 4000 && peer_state(d.side[0]) != PEER_FAILED; i++) {
        duo_run(&d, d.now + MS(10));
        for (size_t k = 0; k < d.count; k++)
            if (demux_of(packet_bytes(&d.flying[k].packet)) == DEMUX_DTLS)
                d.flying[k].packet.at[0] = 19; /* no protocol's */
    }
    must_fail(&d, PEER_CAUSE_SILENCE, "dtls", "no DTLS packet", SEC(40));
    duo_free(&d);
}
END_TEST

SUITE("peer connection", call_connects_and_media_flows_both_ways, call_over_ipv6,
      inv_14_same_seed_same_wire_but_for_tls, lossy_calls_connect_and_repair,
      peer_reflexive_when_candidates_of_one_side_are_missing, close_says_goodbye_and_is_silent,
      fails_without_an_answer, pitfall_18_fails_without_candidates, fails_without_answers_to_checks,
      inv_35_fails_when_the_fingerprint_differs, inv_35_fingerprints_we_cannot_compute_are_refused,
      fails_when_every_section_is_rejected, given_up_fails_with_the_first_reason,
      a_refused_description_says_what_is_wrong_with_it, what_it_lacks_moves_up_the_layers,
      fails_when_dtls_is_silent)
