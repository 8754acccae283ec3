#include "sdp/numbers.h"
#include "tests/sdp/session.h"

#define NO_SECTIONS "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

#define STOPPED NO_SECTIONS "m=audio 0 RTP/AVP 111\r\nm=video 0 RTP/AVP 120\r\n"

static void learn(struct sdp_numbers *n, const char *theirs)
{
    struct sdp remote = session_text(theirs);
    sdp_numbers_learn(n, NULL, &remote);
    sdp_free(&remote);
}

/* SESSION_GOOD without rtx, its VP8 under this number. */
static const char *vp8_as(const char *formats, const char *rtpmap)
{
    const char *text = session_replace(SESSION_GOOD, "SAVPF 96 97", formats);
    text = session_replace(text, "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n", "");
    return session_replace(text, "a=rtpmap:96 VP8/90000", rtpmap);
}

START_TEST(what_nobody_numbered_gets_the_usual_numbers)
{
    struct sdp_numbers n = {0};
    ck_assert(sdp_numbers_assign(&n, 1u << SDP_EXT_MID | 1u << SDP_EXT_ABS_SEND_TIME));
    ck_assert(n.pt[SDP_OPUS] == 111 && n.pt[SDP_VP8] == 96 && n.pt[SDP_RTX] == 97);
    ck_assert(n.ext[SDP_EXT_MID] == 1 && n.ext[SDP_EXT_ABS_SEND_TIME] == 2);
    ck_assert_uint_eq(n.ext[SDP_EXT_TRANSPORT_CC], 0);
}
END_TEST

/* RFC 3264 §8.3.2: those of other codecs and extensions too. */
START_TEST(pitfall_16_numbers_outlive_their_sections)
{
    struct sdp_numbers n = {0};
    const char *text = vp8_as("SAVPF 120 96", "a=rtpmap:120 VP8/90000\r\na=rtpmap:96 H264/90000");
    learn(&n, session_replace(text, "a=extmap:1 ", "a=extmap:1 urn:x\r\na=extmap:9 "));
    learn(&n, STOPPED);
    learn(&n, NO_SECTIONS);
    ck_assert(sdp_numbers_assign(&n, 1u << SDP_EXT_MID | 1u << SDP_EXT_ABS_SEND_TIME));
    ck_assert(n.pt[SDP_OPUS] == 111 && n.pt[SDP_VP8] == 120 && n.pt[SDP_RTX] == 97);
    ck_assert(n.ext[SDP_EXT_MID] == 9 && n.ext[SDP_EXT_ABS_SEND_TIME] == 2);
}
END_TEST

/* It may have several numbers, and the peer lists the last (RFC 8829 §5.2.2: as in the most recent
 * answer); the one before stays its own. */
START_TEST(the_newest_number_of_a_codec_counts)
{
    struct sdp_numbers n = {0};
    learn(&n, vp8_as("SAVPF 97", "a=rtpmap:97 VP8/90000"));
    learn(&n, vp8_as("SAVPF 120", "a=rtpmap:120 VP8/90000"));
    ck_assert(sdp_numbers_assign(&n, 0));
    ck_assert(n.pt[SDP_VP8] == 120 && n.pt[SDP_RTX] == 96);
}
END_TEST

/* The peer must not, but then we don't add to it. */
START_TEST(a_number_that_means_something_else_now_is_given_up)
{
    struct sdp_numbers n = {0};
    learn(&n, session_replace(SESSION_GOOD, "extmap:1 ", "extmap:3 "));
    learn(&n, session_replace(vp8_as("SAVPF 96", "a=rtpmap:96 H264/90000"),
                              "extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid", "extmap:3 urn:x"));
    ck_assert(sdp_numbers_assign(&n, 1u << SDP_EXT_MID));
    ck_assert(n.pt[SDP_VP8] == 98 && n.pt[SDP_RTX] == 97);
    ck_assert_uint_eq(n.ext[SDP_EXT_MID], 1);
}
END_TEST

START_TEST(numbers_run_out)
{
    struct sdp_numbers n = {0};
    memset(n.pt_used, 0xFF, sizeof n.pt_used);
    ck_assert(!sdp_numbers_assign(&n, 0));
    n = (struct sdp_numbers){.ext_used = 0x7FFE};
    ck_assert(sdp_numbers_assign(&n, 1u << SDP_EXT_MID));
    ck_assert_uint_eq(n.ext[SDP_EXT_MID], 0);
}
END_TEST

SUITE("sdp numbers", what_nobody_numbered_gets_the_usual_numbers,
      pitfall_16_numbers_outlive_their_sections, the_newest_number_of_a_codec_counts,
      a_number_that_means_something_else_now_is_given_up, numbers_run_out)
