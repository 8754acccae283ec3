#include "peer/track.h"
#include "sdp/parse.h"
#include "tests/suite.h"

static const struct peer_media both = {true, true}, send_only = {true, false};

START_TEST(tracks_are_bounded_and_their_sources_differ)
{
    static struct tracks t;
    struct rng rng;
    size_t track;
    rng_init_number(&rng, 1);
    tracks_init(&t, &rng);
    for (size_t i = 0; i < PEER_TRACKS_MAX; i++) {
        ck_assert_int_eq(tracks_add(&t, i % 2 ? RTP_VP8 : RTP_OPUS, both, &rng, &track), OK);
        ck_assert_uint_eq(track, i);
        ck_assert(t.list[i].ssrc != 0 && t.list[i].ssrc != t.list[i].rtx_ssrc);
        ck_assert_int_eq(t.list[i].rtx_ssrc != 0, i % 2);
        for (size_t k = 0; k < i; k++) {
            ck_assert(t.list[k].ssrc != t.list[i].ssrc && t.list[k].rtx_ssrc != t.list[i].ssrc);
            ck_assert_str_ne(t.list[k].id, t.list[i].id); /* RFC 8830 §2 */
        }
    }
    ck_assert_int_eq(tracks_add(&t, RTP_VP8, both, &rng, &track), E_FULL);
}
END_TEST

START_TEST(places_are_given_once_and_taken_back_by_a_rollback)
{
    static struct tracks t;
    struct jsep jsep;
    struct rng rng;
    size_t track;
    rng_init_number(&rng, 2);
    tracks_init(&t, &rng);
    jsep_init(&jsep, 1);
    tracks_add(&t, RTP_OPUS, both, &rng, &track);
    tracks_add(&t, RTP_VP8, send_only, &rng, &track);
    ck_assert_uint_eq(tracks_place(&t, &jsep), 2);
    ck_assert_str_eq(t.list[0].mid, "0");
    ck_assert_str_eq(t.list[1].mid, "1");
    ck_assert_ptr_eq(tracks_of_section(&t, 1), &t.list[1]);
    struct sdp_wish wishes[3];
    tracks_wishes(&t, NULL, wishes, 3);
    ck_assert_int_eq(wishes[0].direction, SDP_SENDRECV);
    ck_assert_int_eq(wishes[1].direction, SDP_SENDONLY);
    ck_assert(!wishes[1].stopped && wishes[2].stopped);
    tracks_unplace(&t);
    ck_assert_ptr_null(tracks_of_section(&t, 0));
    ck_assert_int_eq(t.list[1].section, -1);
}
END_TEST

/* An offer of audio, data and three videos: the first video is ours to send on, data is nobody's.
 */
START_TEST(offered_sections_find_their_tracks)
{
    static const char head[] = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
    static const char *const kinds[] = {"audio", "application", "video", "video", "video"};
    static struct tracks t;
    struct jsep jsep;
    struct rng rng;
    char text[2000];
    struct writer w = writer_of(text, sizeof text);
    rng_init_number(&rng, 3);
    tracks_init(&t, &rng);
    jsep_init(&jsep, 1);
    write_text(&w, head);
    for (size_t i = 0; i < COUNT(kinds); i++)
        write_format(&w, "m=%s 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:m%d\r\n",
                     kinds[i], (int)i);
    ck_assert_int_eq(sdp_parse(&jsep.pending, writer_done(&w)), OK);
    jsep.state = JSEP_HAVE_REMOTE_OFFER;
    ck_assert_uint_eq(tracks_match(&t, &jsep, both, both, &rng), 5);
    ck_assert_uint_eq(t.count, 4);
    ck_assert_ptr_null(tracks_of_section(&t, 1));
    ck_assert(tracks_of_section(&t, 2)->want.send && tracks_of_section(&t, 2)->want.recv);
    ck_assert(!tracks_of_section(&t, 3)->want.send && tracks_of_section(&t, 3)->want.recv);
    ck_assert_str_eq(tracks_of_section(&t, 4)->mid, "m4");
    struct sdp_wish wishes[5];
    tracks_wishes(&t, &jsep.pending, wishes, 5);
    ck_assert(wishes[1].stopped && wishes[1].kind == SDP_APPLICATION);
    /* Again is the same: nothing is added twice. */
    tracks_match(&t, &jsep, both, both, &rng);
    ck_assert_uint_eq(t.count, 4);
    jsep_free(&jsep);
}
END_TEST

SUITE("peer track", tracks_are_bounded_and_their_sources_differ,
      places_are_given_once_and_taken_back_by_a_rollback, offered_sections_find_their_tracks)
