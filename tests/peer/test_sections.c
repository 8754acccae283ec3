/* Which track a media section is of, when tracks and sections come and go. */
#include "tests/peer/duo.h"
#include "tests/peer/edit.h"
#include "tests/suite.h"

static const struct peer_media both = {true, true}, none = {false, false};

/* What side 1 answers to `offer`; it must. */
static const char *answer_to(struct duo *d, const char *offer)
{
    struct bytes answer;
    enum err err = peer_answer(d->side[1], bytes_of(offer), &answer, d->now);
    ck_assert_msg(err == OK, "%s", peer_fault(d->side[1])->rule);
    return edit_text(answer);
}

/* What `side` offers; it must. */
static const char *offer_of(struct duo *d, int side)
{
    struct bytes offer;
    enum err err = peer_offer(d->side[side], &offer, d->now);
    ck_assert_msg(err == OK, "%s", peer_fault(d->side[side])->rule);
    return edit_text(offer);
}

/* RFC 8829 §5.10: a stopped transceiver is not found for an offered section. */
START_TEST(a_track_stopped_before_it_had_a_section_takes_none_of_the_peers)
{
    struct duo d;
    struct peer_track t;
    size_t track;
    duo_init(&d, 1);
    ck_assert_int_eq(peer_add_track(d.side[1], RTP_VP8, both, &track), OK);
    ck_assert_int_eq(peer_set_track(d.side[1], track, none), OK);
    ck_assert(peer_track(d.side[1], track, &t) && t.stopped);
    ck_assert_int_eq(peer_set_track(d.side[1], track, both), E_STATE);
    ck_assert(edit_begins(answer_to(&d, offer_of(&d, 0)), 1, "m=video 9 "));
    ck_assert(peer_track(d.side[1], track, &t) && t.mid[0] == '\0');
    duo_free(&d);
}
END_TEST

/* RFC 8829 §5.2.2: nor is a section made for it. */
START_TEST(a_track_stopped_before_it_had_a_section_is_not_offered)
{
    struct duo d;
    struct bytes offer;
    size_t track;
    duo_init(&d, 2);
    ck_assert_int_eq(peer_add_track(d.side[0], RTP_VP8, none, &track), OK);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), E_STATE);
    ck_assert_int_eq(peer_add_track(d.side[0], RTP_OPUS, both, &track), OK);
    const char *text = offer_of(&d, 0);
    ck_assert(edit_begins(text, 0, "m=audio 9 "));
    ck_assert_ptr_null(strstr(text, "m=video"));
    /* Stopped while the offer is out, which is then taken back: it had no section after all. */
    ck_assert_int_eq(peer_set_track(d.side[0], track, none), OK);
    ck_assert_int_eq(peer_rollback(d.side[0], d.now), OK);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), E_STATE);
    duo_run(&d, d.now + MS(1));
    duo_free(&d);
}
END_TEST

/* Takes an answer to the offer that `side` has out; it must. */
static void take(struct duo *d, int side, const char *answer)
{
    enum err err = peer_set_answer(d->side[side], bytes_of(answer), d->now);
    ck_assert_msg(err == OK, "%s", peer_fault(d->side[side])->rule);
}

/* As a peer writes it that knows neither mids nor bundles; there is one section. */
static const char *without_mid(const char *text)
{
    return edit_all(edit_all(text, "a=mid:0\r\n", ""), "a=group:BUNDLE 0\r\n", "");
}

/* RFC 8829 §5.10: the peer knows no mids, in offers as in answers; ours have them all the same. */
START_TEST(sections_of_a_peer_without_mids_get_mids_of_ours)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 3), duo_config(1, 3)};
    struct peer_track t;
    size_t track;
    cfg[0].video = cfg[1].video = none;
    duo_init_with(&d, cfg, 3);
    duo_open(&d, false);
    const char *answer = answer_to(&d, without_mid(offer_of(&d, 0)));
    ck_assert_ptr_null(strstr(answer, "a=mid"));
    take(&d, 0, answer);
    duo_run(&d, d.now + SEC(1));
    duo_talk(&d, 1);
    ck_assert(d.seen[0].frames[0] > 40 && d.seen[1].frames[0] > 40);
    /* The next offers have them, in either direction, and add a section. */
    ck_assert(peer_track(d.side[1], 0, &t));
    ck_assert_str_eq(t.mid, "0");
    for (int side = 1; side >= 0; side--) {
        struct bytes text;
        ck_assert_int_eq(peer_add_track(d.side[side], RTP_VP8, both, &track), OK);
        const char *offer = offer_of(&d, side);
        ck_assert(strstr(offer, "a=mid:0\r\n") && strstr(offer, "a=group:BUNDLE 0 "));
        ck_assert_int_eq(peer_answer(d.side[1 - side], bytes_of(offer), &text, d.now), OK);
        take(&d, side, edit_text(text));
    }
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

START_TEST(an_answer_without_mid_is_taken_where_nothing_is_bundled)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 4), duo_config(1, 4)};
    cfg[0].video = cfg[1].video = none;
    duo_init_with(&d, cfg, 4);
    duo_open(&d, false);
    take(&d, 0, without_mid(answer_to(&d, offer_of(&d, 0))));
    duo_run(&d, d.now + SEC(1));
    duo_talk(&d, 1);
    ck_assert(d.seen[0].frames[0] > 40 && d.seen[1].frames[0] > 40);
    duo_free(&d);
}
END_TEST

/* A mid of ours is none that the peer's offer has elsewhere. */
START_TEST(a_mid_that_we_give_is_not_in_use)
{
    struct duo d;
    struct peer_track t;
    duo_init(&d, 5);
    const char *text = edit_all(offer_of(&d, 0), "a=mid:0\r\n", "");
    text = edit_all(edit_all(text, "a=mid:1\r\n", "a=mid:0\r\n"), "BUNDLE 0 1", "BUNDLE 0");
    text = edit_all(edit_all(text, "a=bundle-only\r\n", ""), "m=video 0", "m=video 9");
    answer_to(&d, text);
    ck_assert(peer_track(d.side[1], 0, &t) && t.kind == RTP_OPUS);
    ck_assert_str_eq(t.mid, "1");
    ck_assert(peer_track(d.side[1], 1, &t) && t.agreed.send);
    ck_assert_str_eq(t.mid, "0");
    duo_free(&d);
}
END_TEST

/* One exchange that stops the track, and adds another of `kind`, which has no section yet. */
static size_t stop_and_add(struct duo *d, int side, size_t track, enum rtp_kind kind)
{
    size_t added;
    ck_assert_int_eq(peer_set_track(d->side[side], track, none), OK);
    ck_assert_int_eq(duo_negotiate(d, side), OK);
    ck_assert_int_eq(peer_add_track(d->side[side], kind, both, &added), OK);
    return added;
}

/* RFC 8829 §5.2.2: under a new mid, whatever its kind is. */
START_TEST(our_offers_use_stopped_sections_again)
{
    struct duo d;
    struct peer_track t;
    duo_init(&d, 6);
    ck_assert(duo_call(&d, SEC(2)));
    size_t added = stop_and_add(&d, 0, 0, RTP_VP8);
    const char *offer = offer_of(&d, 0);
    ck_assert(edit_begins(offer, 0, "m=video ") && edit_begins(offer, 1, "m=video "));
    ck_assert(strstr(edit_section(offer, 0), "a=mid:2\r\n"));
    ck_assert(peer_track(d.side[0], added, &t));
    ck_assert_str_eq(t.mid, "2");
    /* Whose it was has it again when the offer is taken back, and may lose it again. */
    ck_assert_int_eq(peer_rollback(d.side[0], d.now), OK);
    ck_assert(peer_track(d.side[0], added, &t) && t.mid[0] == '\0');
    ck_assert(peer_track(d.side[0], 0, &t) && t.stopped);
    ck_assert_str_eq(t.mid, "0");
    ck_assert(edit_begins(offer_of(&d, 0), 0, "m=video "));
    duo_free(&d);
}
END_TEST

/* A side that offers a section of its own in the place of the stopped one, as a browser does. */
START_TEST(a_stopped_section_is_used_again_under_a_new_mid)
{
    struct duo d;
    struct peer_track t;
    duo_init(&d, 8);
    ck_assert(duo_call(&d, SEC(2)));
    for (size_t round = 0; round < 4; round++) {
        size_t added = stop_and_add(&d, 0, round == 0 ? 1 : round + 1, RTP_VP8);
        ck_assert_uint_eq(added, round + 2);
        ck_assert_int_eq(duo_negotiate(&d, 0), OK);
        for (int i = 0; i < 2; i++) {
            ck_assert(peer_track(d.side[i], added, &t) && !t.stopped);
            ck_assert(t.agreed.send && t.agreed.recv); /* the first that lives, so it may send */
            ck_assert(peer_track(d.side[i], added - 1, &t) && (t.stopped || added == 2));
            ck_assert(peer_track(d.side[i], 1, &t) && t.stopped && t.mid[0] == '\0');
        }
    }
    uint64_t before[] = {d.seen[0].frames[5], d.seen[1].frames[5]};
    duo_talk(&d, 1);
    for (int i = 0; i < 2; i++) ck_assert_uint_ge(d.seen[i].frames[5], before[i] + 20);
    ck_assert_uint_eq(d.seen[0].damaged + d.seen[1].damaged, 0);
    /* Two sections all the while. */
    ck_assert_ptr_null(strstr(edit_section(offer_of(&d, 1), 1) + 1, "\r\nm="));
    duo_free(&d);
}
END_TEST

/* The stopped one has it again when the answer could not be written, or never comes. */
START_TEST(a_refused_offer_leaves_the_stopped_section_as_it_was)
{
    struct duo d;
    struct bytes answer;
    struct peer_track t;
    duo_init(&d, 9);
    ck_assert(duo_call(&d, SEC(2)));
    stop_and_add(&d, 0, 1, RTP_VP8);
    const char *offer = offer_of(&d, 0);
    /* What the offer leaves to the bundle the answer writes, and has no room for it. */
    char *room = edit_room();
    struct writer w = writer_of(room, SDP_TEXT_MAX + 1);
    write_text(&w, edit_all(offer, "BUNDLE 0 2", "BUNDLE 0 2 8"));
    write_text(&w, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:8\r\n"
                   "a=rtpmap:96 VP8/90000\r\nm=other 0 X ");
    while (writer_left(&w) > 3) write_u8(&w, 'y');
    write_text(&w, "\r\n");
    write_u8(&w, '\0');
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(room), &answer, d.now), E_FULL);
    ck_assert(peer_track(d.side[1], 1, &t) && t.stopped);
    ck_assert_str_eq(t.mid, "1");
    take(&d, 0, answer_to(&d, offer));
    ck_assert(peer_track(d.side[1], 1, &t) && t.stopped && t.mid[0] == '\0');
    ck_assert(peer_track(d.side[1], 2, &t) && t.agreed.recv);
    duo_free(&d);
}
END_TEST

/* What is offered under the mid of a stopped track is that track, which never lives again. */
START_TEST(a_stopped_section_stays_stopped_under_its_own_mid)
{
    struct duo d;
    struct peer_track t;
    duo_init(&d, 10);
    ck_assert(duo_call(&d, SEC(2)));
    const char *alive = edit_section(offer_of(&d, 0), 1);
    ck_assert_int_eq(peer_rollback(d.side[0], d.now), OK);
    ck_assert_int_eq(peer_set_track(d.side[0], 1, none), OK);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    const char *offer = edit_join(edit_before(offer_of(&d, 0), "m=video"), alive);
    ck_assert(edit_begins(answer_to(&d, offer), 1, "m=video 0 "));
    ck_assert(peer_track(d.side[1], 1, &t) && t.stopped);
    ck_assert(!peer_track(d.side[1], 2, &t));
    duo_free(&d);
}
END_TEST

/* Without mids it is the port that says so: it was zero (RFC 3264 §8.1). */
START_TEST(a_stopped_section_of_a_peer_without_mids_is_used_again)
{
    struct duo d;
    struct peer_config cfg[2] = {duo_config(0, 11), duo_config(1, 11)};
    struct peer_track t;
    cfg[0].video = cfg[1].video = none;
    duo_init_with(&d, cfg, 11);
    duo_open(&d, false);
    const char *offer = without_mid(offer_of(&d, 0));
    take(&d, 0, answer_to(&d, offer));
    duo_run(&d, d.now + SEC(2));
    ck_assert_int_eq(peer_state(d.side[1]), PEER_CONNECTED);
    answer_to(&d, edit_all(offer, "opus/48000/2", "PCMU/8000"));
    ck_assert(peer_track(d.side[1], 0, &t) && t.stopped);
    answer_to(&d, offer); /* which we had rejected, and the peer had not stopped */
    ck_assert(!peer_track(d.side[1], 1, &t));
    answer_to(&d, edit_all(offer, "m=audio 9", "m=audio 0"));
    answer_to(&d, offer);
    ck_assert(peer_track(d.side[1], 1, &t) && t.agreed.send && t.agreed.recv);
    ck_assert_str_eq(t.mid, "1");
    ck_assert(peer_track(d.side[1], 0, &t) && t.stopped && t.mid[0] == '\0');
    duo_free(&d);
}
END_TEST

/* An offer of as many sections as there may be, none of which we can serve but the first. */
START_TEST(where_all_sections_are_used_a_stopped_one_is_used_again)
{
    struct duo d;
    size_t track;
    duo_init(&d, 7);
    ck_assert(duo_call(&d, SEC(2)));
    const char *text = offer_of(&d, 0);
    char *room = edit_room();
    struct writer w = writer_of(room, SDP_TEXT_MAX);
    write_text(&w, text);
    for (size_t i = 2; i < SDP_SECTIONS_MAX; i++) write_text(&w, "m=other 0 X y\r\n");
    write_u8(&w, '\0');
    answer_to(&d, room);
    ck_assert_int_eq(peer_add_track(d.side[1], RTP_VP8, both, &track), OK);
    duo_drain(&d);
    uint64_t before = d.seen[1].negotiate;
    text = offer_of(&d, 1);
    ck_assert(edit_begins(text, 2, "m=video 0 "));
    take(&d, 1, edit_echo(text, room));
    duo_drain(&d);
    ck_assert_uint_eq(d.seen[1].negotiate, before);
    duo_free(&d);
}
END_TEST

SUITE("peer sections", a_track_stopped_before_it_had_a_section_takes_none_of_the_peers,
      a_track_stopped_before_it_had_a_section_is_not_offered,
      sections_of_a_peer_without_mids_get_mids_of_ours,
      an_answer_without_mid_is_taken_where_nothing_is_bundled, a_mid_that_we_give_is_not_in_use,
      our_offers_use_stopped_sections_again, a_stopped_section_is_used_again_under_a_new_mid,
      a_refused_offer_leaves_the_stopped_section_as_it_was,
      a_stopped_section_stays_stopped_under_its_own_mid,
      a_stopped_section_of_a_peer_without_mids_is_used_again,
      where_all_sections_are_used_a_stopped_one_is_used_again)
