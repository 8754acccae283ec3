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

SUITE("peer sections", a_track_stopped_before_it_had_a_section_takes_none_of_the_peers,
      a_track_stopped_before_it_had_a_section_is_not_offered,
      sections_of_a_peer_without_mids_get_mids_of_ours,
      an_answer_without_mid_is_taken_where_nothing_is_bundled, a_mid_that_we_give_is_not_in_use)
