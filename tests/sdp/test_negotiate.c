#include "tests/sdp/session.h"

/* What we take of the section `i` of SESSION_GOOD with something replaced. */
static struct sdp_choice chosen;
static struct sdp_codec codec;

static void choose(size_t i, const char *text, struct sdp_caps caps)
{
    struct sdp sdp = session_text(text);
    chosen = sdp_choose(&sdp, &sdp.sections[i], &caps);
    if (chosen.codec) codec = *chosen.codec;
    sdp_free(&sdp);
}

#define FEEDBACK                                                                                   \
    "a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 goog-remb\r\n"                     \
    "a=rtcp-fb:96 transport-cc\r\na=rtpmap:97"
#define TRANSPORT_CC                                                                               \
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"     \
    "a=rtpmap:97"

START_TEST(the_first_codec_that_both_do)
{
    const char *text = session_replace(SESSION_GOOD, "SAVPF 96 97", "SAVPF 98 45 120 96 97");
    text = session_replace(text, "a=rtpmap:96",
                           "a=rtpmap:98 VP9/90000\r\na=rtpmap:120 VP8/90000\r\na=rtpmap:96");
    choose(1, text, SDP_CAPS_ALL);
    ck_assert(chosen.taken);
    ck_assert_uint_eq(codec.pt, 120);
    ck_assert_ptr_null(chosen.rtx); /* 97 repeats 96 */
    choose(0, SESSION_GOOD, SDP_CAPS_ALL);
    ck_assert_uint_eq(codec.pt, 111);
}
END_TEST

START_TEST(nothing_in_common_takes_nothing)
{
    choose(1, session_replace(SESSION_GOOD, "VP8/90000", "H264/90000"), SDP_CAPS_ALL);
    ck_assert(!chosen.taken);
    struct sdp_caps caps = SDP_CAPS_ALL;
    caps.vp8 = false;
    choose(1, SESSION_GOOD, caps);
    ck_assert(!chosen.taken);
    caps.opus = false;
    choose(0, SESSION_GOOD, caps);
    ck_assert(!chosen.taken);
    /* VP8 in an audio section is not ours. */
    choose(1, session_replace(SESSION_GOOD, "m=video", "m=audio"), SDP_CAPS_ALL);
    ck_assert(!chosen.taken);
}
END_TEST

START_TEST(without_rtcp_mux_nothing_is_taken)
{
    const char *text = session_replace(SESSION_GOOD, "a=rtcp-mux\r\n", "");
    choose(0, text, SDP_CAPS_ALL);
    ck_assert(!chosen.taken);
    choose(1, text, SDP_CAPS_ALL);
    ck_assert(chosen.taken);
}
END_TEST

START_TEST(rejected_and_bundle_only)
{
    const char *text = session_replace(SESSION_GOOD, "m=video 9", "m=video 0");
    choose(1, text, SDP_CAPS_ALL);
    ck_assert(!chosen.taken);
    choose(1, session_replace(text, "a=mid:1", "a=mid:1\r\na=bundle-only"), SDP_CAPS_ALL);
    ck_assert(chosen.taken);
}
END_TEST

/* Pitfall 14: with rtcp-mux, payload types 64 to 95 look like RTCP (RFC 5761 §4). */
START_TEST(pitfall_14_payload_types_that_look_like_rtcp_are_not_taken)
{
    static const struct {
        const char *formats, *map;
        bool taken;
    } cases[] = {{"SAVPF 63 97", "a=rtpmap:63", true},
                 {"SAVPF 64 97", "a=rtpmap:64", false},
                 {"SAVPF 95 97", "a=rtpmap:95", false},
                 {"SAVPF 96 97", "a=rtpmap:96", true}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = session_replace(SESSION_GOOD, "SAVPF 96 97", cases[i].formats);
        choose(1, session_replace(text, "a=rtpmap:96", cases[i].map), SDP_CAPS_ALL);
        ck_assert(chosen.taken == cases[i].taken);
    }
    const char *text = session_replace(SESSION_GOOD, "SAVPF 96 97", "SAVPF 96 70");
    text = session_replace(session_replace(text, "map:97", "map:70"), "fmtp:97", "fmtp:70");
    choose(1, text, SDP_CAPS_ALL);
    ck_assert(chosen.taken && !chosen.rtx);
}
END_TEST

START_TEST(pitfall_15_only_feedback_that_we_have)
{
    const char *text = session_replace(SESSION_GOOD, "a=rtpmap:97", FEEDBACK);
    struct sdp_caps caps = SDP_CAPS_ALL;
    choose(1, text, caps);
    /* transport-cc was offered without the extension that numbers the packets. */
    ck_assert_uint_eq(chosen.feedback, SDP_FB_NACK | SDP_FB_NACK_PLI);
    text = session_replace(text, "a=rtpmap:97", TRANSPORT_CC);
    choose(1, text, caps);
    ck_assert_uint_eq(chosen.feedback, SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_TRANSPORT_CC);
    ck_assert_uint_eq(chosen.ext_id[SDP_EXT_TRANSPORT_CC], 3);
    caps.extensions = 0;
    caps.video_feedback = SDP_FB_NACK | SDP_FB_TRANSPORT_CC;
    choose(1, text, caps);
    ck_assert_uint_eq(chosen.feedback, SDP_FB_NACK);
    ck_assert_uint_eq(chosen.ext_id[SDP_EXT_TRANSPORT_CC], 0);
}
END_TEST

START_TEST(pitfall_22_rtx_by_apt)
{
    choose(1, SESSION_GOOD, SDP_CAPS_ALL);
    ck_assert_ptr_nonnull(chosen.rtx);
    static const char *const bad[] = {"apt=98", "apt=x", "apt=", "x=96"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        choose(1, session_replace(SESSION_GOOD, "apt=96", bad[i]), SDP_CAPS_ALL);
        ck_assert(chosen.taken && !chosen.rtx);
    }
    choose(1, session_replace(SESSION_GOOD, "rtx/90000", "rtx/8000"), SDP_CAPS_ALL);
    ck_assert(chosen.taken && !chosen.rtx);
    struct sdp_caps caps = SDP_CAPS_ALL;
    caps.rtx = false;
    choose(1, SESSION_GOOD, caps);
    ck_assert(chosen.taken && !chosen.rtx);
}
END_TEST

START_TEST(extension_numbers_fit_the_header)
{
    static const struct {
        const char *id;
        unsigned one_byte, two_bytes;
    } cases[] = {{"extmap:14 ", 14, 14},      {"extmap:15 ", 0, 0},   {"extmap:16 ", 0, 16},
                 {"extmap:255 ", 0, 255},     {"extmap:4096 ", 0, 0}, {"extmap:2/inactive ", 0, 0},
                 {"extmap:2/sendonly ", 2, 2}};
    struct sdp_caps two = SDP_CAPS_ALL;
    two.two_byte_extmap = true;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = session_replace(SESSION_GOOD, "extmap:1 ", cases[i].id);
        choose(0, text, SDP_CAPS_ALL);
        ck_assert_uint_eq(chosen.ext_id[SDP_EXT_MID], cases[i].one_byte);
        choose(0, text, two);
        ck_assert_uint_eq(chosen.ext_id[SDP_EXT_MID], cases[i].two_bytes);
    }
}
END_TEST

SUITE("sdp negotiate", the_first_codec_that_both_do, nothing_in_common_takes_nothing,
      without_rtcp_mux_nothing_is_taken, rejected_and_bundle_only,
      pitfall_14_payload_types_that_look_like_rtcp_are_not_taken,
      pitfall_15_only_feedback_that_we_have, pitfall_22_rtx_by_apt,
      extension_numbers_fit_the_header)
