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

SUITE("peer sections", a_track_stopped_before_it_had_a_section_takes_none_of_the_peers,
      a_track_stopped_before_it_had_a_section_is_not_offered)
