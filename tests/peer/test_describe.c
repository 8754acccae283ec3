/* Descriptions of a running connection: renegotiation, glare, restart, and what is refused. */
#include "tests/suite.h"

#include "tests/peer/duo.h"
#include "tests/peer/edit.h"

START_TEST(renegotiation_adds_turns_and_stops_tracks)
{
    struct duo d;
    struct peer_track t;
    size_t added;
    duo_init(&d, 5);
    ck_assert(duo_call(&d, SEC(2)));
    /* A second video track from the answerer's side. */
    ck_assert_int_eq(peer_add_track(d.side[1], RTP_VP8, (struct peer_media){true, false}, &added),
                     OK);
    duo_run(&d, d.now + MS(1));
    ck_assert_uint_eq(d.seen[1].negotiate, 1);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert(peer_track(d.side[1], added, &t) && t.agreed.send && !t.agreed.recv);
    ck_assert(peer_track(d.side[0], 2, &t) && t.agreed.recv && !t.agreed.send);
    ck_assert_str_eq(t.mid, "2");
    uint8_t buffer[4000];
    struct rtp_frame f = {.payload = duo_frame(buffer, RTP_VP8, true, 1, 4000), .key = true};
    ck_assert_int_eq(peer_send(d.side[1], added, &f, d.now), OK);
    duo_run(&d, d.now + MS(100));
    ck_assert_uint_eq(d.seen[0].frames[2], 1);
    /* The first video track is turned around: only the answerer sends. */
    ck_assert_int_eq(peer_set_track(d.side[0], 1, (struct peer_media){false, true}), OK);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert(peer_track(d.side[1], 1, &t) && t.agreed.send && !t.agreed.recv);
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_VP8, true, 1, 3000), E_STATE);
    /* And the second is stopped, for good. */
    ck_assert_int_eq(peer_set_track(d.side[1], added, (struct peer_media){false, false}), OK);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert(peer_track(d.side[0], 2, &t) && t.stopped);
    ck_assert_int_eq(peer_send(d.side[1], added, &f, d.now), E_STATE);
    ck_assert_int_eq(peer_set_track(d.side[1], added, (struct peer_media){true, true}), E_STATE);
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

START_TEST(glare_is_rolled_back)
{
    struct duo d;
    struct bytes offer[2], answer;
    duo_init(&d, 6);
    ck_assert(duo_call(&d, SEC(2)));
    size_t track;
    for (int i = 0; i < 2; i++) {
        peer_add_track(d.side[i], RTP_VP8, (struct peer_media){true, false}, &track);
        ck_assert_int_eq(peer_offer(d.side[i], &offer[i], d.now), OK);
    }
    /* Side 1 is polite. */
    ck_assert_int_eq(peer_answer(d.side[1], offer[0], &answer, d.now), E_STATE);
    ck_assert_int_eq(peer_rollback(d.side[1], d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer[0], &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    duo_run(&d, d.now + MS(1));
    /* RFC 8829 5.10: the offered section takes the polite side's own waiting track. */
    struct peer_track t;
    ck_assert(peer_track(d.side[1], 2, &t));
    ck_assert(t.agreed.recv || d.seen[1].negotiate > 0);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

/* Our offer to stop sending lost against theirs: it is made again. */
START_TEST(what_a_rolled_back_offer_wanted_is_offered_again)
{
    struct duo d;
    struct bytes mine, theirs, answer;
    struct peer_track t;
    char text[16384];
    size_t track;
    duo_init(&d, 16);
    ck_assert(duo_call(&d, SEC(2)));
    ck_assert_int_eq(peer_set_track(d.side[1], 1, (struct peer_media){false, true}), OK);
    ck_assert_int_eq(peer_offer(d.side[1], &mine, d.now), OK);
    peer_add_track(d.side[0], RTP_VP8, (struct peer_media){true, false}, &track);
    ck_assert_int_eq(peer_offer(d.side[0], &theirs, d.now), OK);
    bytes_to_text(theirs, text, sizeof text);
    ck_assert_int_eq(peer_rollback(d.side[1], d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    uint64_t before = d.seen[1].negotiate;
    duo_run(&d, d.now + MS(1));
    ck_assert_uint_eq(d.seen[1].negotiate, before + 1);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert(peer_track(d.side[0], 1, &t) && t.agreed.send && !t.agreed.recv);
    duo_free(&d);
}
END_TEST

START_TEST(pitfall_17_ice_restart_keeps_the_call)
{
    struct duo d;
    duo_init(&d, 7);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
    char before[ICE_UFRAG_MAX + 1], after[ICE_UFRAG_MAX + 1];
    bytes_to_text(ice_local_ufrag(peer_ice(d.side[0])), before, sizeof before);
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    bytes_to_text(ice_local_ufrag(peer_ice(d.side[0])), after, sizeof after);
    ck_assert_str_ne(before, after);
    uint64_t frames = d.seen[1].frames[0];
    duo_talk(&d, 2);
    ck_assert_uint_ge(d.seen[1].frames[0], frames + 95);
    ck_assert_int_eq(ice_state(peer_ice(d.side[0])), ICE_STATE_COMPLETED);
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

/* The answerer rejects the first section, which alone has other credentials; the next offer has
 * the one set of them that ICE runs with. */
START_TEST(credentials_of_a_rejected_section_are_no_restart)
{
    struct duo d;
    struct bytes offer, answer;
    struct peer_config cfg[2] = {duo_config(0, 17), duo_config(1, 17)};
    char before[ICE_UFRAG_MAX + 1];
    cfg[1].audio = (struct peer_media){false, false};
    duo_init_with(&d, cfg, 17);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *text = edit_all(edit_text(offer), "m=video 0 ", "m=video 9 ");
    text = edit_all(text, "a=bundle-only\r\n", "");
    text = edit_all(text, "a=mid:0\r\n", "a=mid:0\r\na=ice-ufrag:other\r\n");
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    duo_run(&d, d.now + SEC(1));
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CONNECTED);
    bytes_to_text(ice_local_ufrag(peer_ice(d.side[1])), before, sizeof before);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert(bytes_is(ice_local_ufrag(peer_ice(d.side[1])), before));
    duo_free(&d);
}
END_TEST

/* RFC 3264 §8.3.2: for the session's life, though no description in force has them any more. Side 1
 * has them from an offer, which numbers otherwise than we would. */
START_TEST(pitfall_16_numbers_outlive_the_section_that_had_them)
{
    struct duo d;
    struct bytes offer, answer;
    struct peer_config cfg[2] = {duo_config(0, 18), duo_config(1, 18)};
    size_t track;
    duo_init_with(&d, cfg, 18);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *first = edit_text(offer);
    const char *text = edit_all(first, "SAVPF 96 97", "SAVPF 120 124");
    text = edit_all(edit_all(text, ":96 ", ":120 "), ":97 ", ":124 ");
    text = edit_all(edit_all(text, "apt=96", "apt=120"), "extmap:1 ", "extmap:9 ");
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_track(d.side[1], 1, (struct peer_media){false, false}), OK);
    ck_assert_int_eq(peer_offer(d.side[1], &offer, d.now), OK);
    text = edit_text(offer);
    ck_assert_ptr_null(strstr(text, "VP8"));
    text = edit_echo(text, first);
    ck_assert_int_eq(peer_set_answer(d.side[1], bytes_of(text), d.now), OK);
    ck_assert_int_eq(peer_add_track(d.side[1], RTP_VP8, (struct peer_media){true, true}, &track),
                     OK);
    ck_assert_int_eq(peer_offer(d.side[1], &offer, d.now), OK);
    static const char *const kept[] = {"SAVPF 120 124", "rtpmap:120 VP8", "rtpmap:124 rtx",
                                       "apt=120", "extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid"};
    text = edit_text(offer);
    for (size_t i = 0; i < COUNT(kept); i++)
        ck_assert_msg(strstr(text, kept[i]), "no %s in %s", kept[i], text);
    duo_free(&d);
}
END_TEST

START_TEST(refused_descriptions_change_nothing)
{
    static const char *const bad[] = {"", "v=0", "v=0\r\n", "hello",
                                      "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio"};
    struct duo d;
    struct bytes text;
    char why[256];
    duo_init(&d, 50);
    ck_assert(duo_call(&d, SEC(2)));
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_int_ne(peer_answer(d.side[0], bytes_of(bad[i]), &text, d.now), OK);
        fault_text(peer_fault(d.side[0]), why, sizeof why);
        ck_assert_msg(strstr(why, "sdp: ") == why, "%s", why);
    }
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of("v=0\r\n"), d.now), E_STATE);
    ck_assert_int_ne(
        peer_add_candidate(d.side[0], bytes_of("candidate:rubbish"), bytes_of(""), d.now), OK);
    ck_assert_uint_ge(peer_counters(d.side[0])->refused, COUNT(bad) + 2);
    duo_talk(&d, 1);
    ck_assert_uint_ge(d.seen[1].frames[0], 48);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    duo_free(&d);
}
END_TEST

/* An answer that does not fit leaves the offer pending: the right one may still come. */
START_TEST(inv_32_wrong_answer_then_the_right_one)
{
    struct duo d;
    struct bytes offer, answer;
    char bent[8192], good[8192];
    duo_init(&d, 51);
    duo_open(&d, false);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    bytes_to_text(answer, good, sizeof good);
    ck_assert_int_ne(
        peer_set_answer(d.side[0], duo_bend(answer, "a=mid:0", "a=mid:7", bent), d.now), OK);
    ck_assert_int_eq(peer_signaling(d.side[0]), JSEP_HAVE_LOCAL_OFFER);
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of(good), d.now), OK);
    duo_run(&d, d.now + SEC(1));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

START_TEST(inv_33_random_api_sequences)
{
    char offer[2][16384] = {"", ""}, answer[2][16384] = {"", ""};
    struct bytes text;
    struct rng rng;
    rng_init_number(&rng, 77);
    for (int round = 0; round < 60; round++) {
        struct duo d;
        duo_init(&d, 100 + (uint64_t)round);
        if (round % 2) duo_open(&d, false);
        for (int step = 0; step < 60; step++) {
            int i = (int)rng_below(&rng, 2);
            size_t track;
            struct peer_media media = {rng_below(&rng, 2), rng_below(&rng, 2)};
            switch (rng_below(&rng, 10)) {
            case 0:
                if (peer_offer(d.side[i], &text, d.now) == OK)
                    bytes_to_text(text, offer[i], sizeof offer[i]);
                break;
            case 1:
                if (peer_answer(d.side[i], bytes_of(offer[1 - i]), &text, d.now) == OK)
                    bytes_to_text(text, answer[i], sizeof answer[i]);
                break;
            case 2: peer_set_answer(d.side[i], bytes_of(answer[1 - i]), d.now); break;
            case 3: peer_rollback(d.side[i], d.now); break;
            case 4: peer_restart_ice(d.side[i]); break;
            case 5: peer_add_track(d.side[i], RTP_VP8, media, &track); break;
            case 6: peer_set_track(d.side[i], rng_below(&rng, 4), media); break;
            case 7: duo_run(&d, d.now + MS(rng_below(&rng, 500))); break;
            case 8: duo_send_frame(&d, i, RTP_VP8, true, (uint32_t)step, 2000); break;
            case 9:
                if (rng_below(&rng, 20) == 0) peer_close(d.side[i], d.now);
                break;
            }
            /* inv 44: no media before both descriptions and the handshake. */
            for (int k = 0; k < 2; k++)
                if (!peer_connected_at(d.side[k]))
                    ck_assert_uint_eq(d.sent[k][DEMUX_RTP] + d.sent[k][DEMUX_RTCP], 0);
        }
        ck_assert_uint_eq(d.seen[0].damaged + d.seen[1].damaged, 0);
        duo_free(&d);
    }
}
END_TEST

SUITE("peer describe", renegotiation_adds_turns_and_stops_tracks, glare_is_rolled_back,
      what_a_rolled_back_offer_wanted_is_offered_again, pitfall_17_ice_restart_keeps_the_call,
      credentials_of_a_rejected_section_are_no_restart,
      pitfall_16_numbers_outlive_the_section_that_had_them, refused_descriptions_change_nothing,
      inv_32_wrong_answer_then_the_right_one, inv_33_random_api_sequences)
