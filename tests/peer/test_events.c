#include "tests/suite.h"

#include "tests/peer/duo.h"

START_TEST(candidates_known_before_are_in_the_description_later_ones_are_trickled)
{
    struct duo d;
    struct bytes offer;
    char text[16384];
    struct addr early = duo_addr(0, false), late = duo_addr(0, true);
    duo_init(&d, 1);
    d.trickle = false;
    ck_assert_int_eq(peer_add_socket(d.side[0], &early, 0), OK);
    duo_run(&d, MS(1));
    ck_assert_uint_eq(d.seen[0].candidate_count, 0);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    bytes_to_text(offer, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "192.0.2.1 5000 typ host"));
    ck_assert_int_eq(peer_add_socket(d.side[0], &late, d.now), OK);
    peer_sockets_done(d.side[0], d.now);
    duo_run(&d, MS(2));
    /* One line and the end of candidates, both naming the transport and its generation. */
    ck_assert_uint_eq(d.seen[0].candidate_count, 2);
    ck_assert_ptr_nonnull(strstr(d.seen[0].candidates[0].text, "2001:db8::1 6000 typ host"));
    ck_assert_str_eq(d.seen[0].candidates[0].mid, "0");
    ck_assert(bytes_is(ice_local_ufrag(peer_ice(d.side[0])), d.seen[0].candidates[0].ufrag));
    ck_assert(d.seen[0].end_of_candidates);
    duo_free(&d);
}
END_TEST

/* RFC 8840 §7: the answer rejects the section that our offer suggested for the transport. */
START_TEST(candidates_name_the_section_that_the_answer_chose)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 5), duo_config(1, 5)};
    cfg[1].audio = (struct peer_media){false, false};
    duo_init_with(&d, cfg, 5);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    duo_open(&d, false);
    duo_run(&d, d.now + SEC(1));
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_ge(d.seen[i].candidate_count, 2);
        for (size_t k = 0; k < d.seen[i].candidate_count; k++)
            ck_assert_str_eq(d.seen[i].candidates[k].mid, "1");
    }
    duo_free(&d);
}
END_TEST

START_TEST(local_names_are_asked_for_and_resolved)
{
    struct duo d;
    struct bytes offer, answer;
    struct addr there = duo_addr(1, false), here = duo_addr(0, false);
    static const char line[] = "candidate:1 1 udp 2122260223 "
                               "0c5e8a5c-1f2e-4d3c-8b7a-665544332211.local 5001 typ host";
    duo_init(&d, 2);
    d.trickle = false;
    peer_add_socket(d.side[0], &here, 0);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    peer_add_socket(d.side[1], &there, 0);
    ck_assert_int_eq(peer_add_candidate(d.side[0], bytes_of(line), bytes_of(""), d.now), OK);
    duo_run(&d, MS(1));
    ck_assert_str_eq(d.seen[0].name, "0c5e8a5c-1f2e-4d3c-8b7a-665544332211.local");
    peer_resolved(d.side[0], bytes_of(d.seen[0].name), &there, d.now);
    duo_run(&d, SEC(1));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

START_TEST(a_peer_that_cannot_decode_is_heard)
{
    struct duo d;
    duo_init(&d, 3);
    ck_assert(duo_call(&d, SEC(2)));
    duo_send_frame(&d, 0, RTP_VP8, true, 1, 3000);
    duo_run(&d, d.now + MS(100));
    uint64_t before = d.seen[0].key_wanted;
    peer_want_key(d.side[1], 1);
    duo_run(&d, d.now + SEC(2));
    ck_assert_uint_gt(d.seen[0].key_wanted, before);
    duo_free(&d);
}
END_TEST

START_TEST(states_are_told_in_order)
{
    struct duo d;
    duo_init(&d, 4);
    ck_assert_int_eq(peer_state(d.side[0]), PEER_NEW);
    ck_assert(duo_call(&d, SEC(2)));
    ck_assert_uint_eq(d.seen[0].states, 2); /* connecting, connected */
    d.cut[0] = d.cut[1] = true;
    duo_run(&d, d.now + SEC(20));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_DISCONNECTED);
    d.cut[0] = d.cut[1] = false;
    duo_run(&d, d.now + SEC(8));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    peer_close(d.side[0], d.now);
    duo_run(&d, d.now + SEC(1));
    ck_assert_uint_eq(d.seen[0].states, 5);
    for (int s = PEER_NEW; s <= PEER_CLOSED; s++)
        ck_assert_str_ne(peer_state_name((enum peer_state)s), "unknown");
    duo_free(&d);
}
END_TEST

SUITE("peer events", candidates_known_before_are_in_the_description_later_ones_are_trickled,
      candidates_name_the_section_that_the_answer_chose, local_names_are_asked_for_and_resolved,
      a_peer_that_cannot_decode_is_heard, states_are_told_in_order)
