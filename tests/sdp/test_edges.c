/* Names of numbers that are none, and attributes' values at the edges. */
#include "sdp/attribute.h"
#include "sdp/offer.h"
#include "sdp/parse.h"
#include "tests/suite.h"

START_TEST(every_number_has_its_name)
{
    ck_assert_str_eq(sdp_setup_name((enum sdp_setup)99), "");
    ck_assert_str_eq(sdp_hash_name((enum sdp_hash)99), "");
    ck_assert_uint_eq(sdp_hash_len((enum sdp_hash)99), 0);
    ck_assert_str_eq(sdp_ext_uri((enum sdp_ext)99), "");
    ck_assert_str_eq(sdp_feedback_name(SDP_FB_GOOG_REMB), "goog-remb");
    ck_assert_str_eq(sdp_feedback_name(SDP_FB_ALL), "");
    ck_assert_str_eq(sdp_feedback_name((enum sdp_feedback)99), "");
}
END_TEST

#define HEAD "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"

static enum err with_line(const char *line)
{
    static char text[1024];
    struct sdp sdp;
    snprintf(text, sizeof text, HEAD "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n%s\r\n",
             line);
    enum err err = sdp_parse(&sdp, bytes_of(text));
    sdp_free(&sdp);
    return err;
}

START_TEST(values_at_the_edges)
{
    static const struct {
        const char *line;
        enum err err;
    } cases[] = {{"a=rtpmap:96 VP8/0", E_MALFORMED},
                 {"a=rtpmap:96 VP8/90000/0", E_MALFORMED},
                 {"a=rtpmap:96 VP8/90000/1", OK},
                 {"a=rid:az09-_ send", OK},
                 {"a=rid:a/ send", E_MALFORMED},
                 {"a=rid:a: send", E_MALFORMED},
                 {"a=rid:a@ send", E_MALFORMED},
                 {"a=rid:a{ send", E_MALFORMED},
                 {"a=msid:a b", OK},
                 {"a=msid:a", OK},
                 {"a=ssrc-group:FID 1 2", OK},
                 {"a=ssrc-group:FID", OK}};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_msg(with_line(cases[i].line) == cases[i].err, "%s: %s", cases[i].line,
                      err_name(with_line(cases[i].line)));
}
END_TEST

/* A description of one video section with these formats. */
static void section_of(struct sdp *sdp, char *text, size_t room, int from, int to)
{
    struct writer w = writer_of(text, room);
    write_text(&w, HEAD "m=video 9 UDP/TLS/RTP/SAVPF");
    for (int pt = 35; pt <= 127; pt++)
        if ((pt < 64 && from < 64) || (pt >= from && pt >= 96 && pt <= to))
            write_format(&w, " %d", pt);
    write_text(&w, "\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n");
    ck_assert_int_eq(sdp_parse(sdp, writer_done(&w)), OK);
}

START_TEST(payload_types_run_out) /* RFC 3551 6 */
{
    static char text[2048], out[8192];
    static const uint8_t digest[32];
    struct sdp remote;
    struct sdp_fingerprint fingerprint = {.digest = {digest, 32}, .hash = SDP_SHA256};
    struct sdp_local local = {.session_id = 1,
                              .version = 1,
                              .ufrag = bytes_of("abcd"),
                              .pwd = bytes_of("0123456789012345678901"),
                              .fingerprints = &fingerprint,
                              .fingerprint_count = 1,
                              .cname = bytes_of("cname"),
                              .caps = SDP_CAPS_ALL};
    struct sdp_wish wish = {.kind = SDP_VIDEO,
                            .mid = bytes_of("0"),
                            .direction = SDP_SENDRECV,
                            .stream = bytes_of("s"),
                            .track = bytes_of("t"),
                            .ssrc = 1};
    local.current_remote = &remote;
    section_of(&remote, text, sizeof text, 96, 127); /* those below 64 are free */
    struct writer w = writer_of(out, sizeof out);
    ck_assert_int_eq(sdp_offer(&w, &local, &wish, 1), OK);
    sdp_free(&remote);
    section_of(&remote, text, sizeof text, 0, 127); /* none is */
    w = writer_of(out, sizeof out);
    ck_assert_int_eq(sdp_offer(&w, &local, &wish, 1), E_FULL);
    sdp_free(&remote);
    local.current_remote = NULL;
    local.caps.vp8 = false;
    ck_assert_int_eq(sdp_offer(&w, &local, &wish, 1), E_STATE); /* nothing to fill it with */
    local.caps.opus = false;
    wish.kind = SDP_AUDIO;
    ck_assert_int_eq(sdp_offer(&w, &local, &wish, 1), E_STATE);
}
END_TEST

SUITE("sdp edges", payload_types_run_out, every_number_has_its_name, values_at_the_edges)
