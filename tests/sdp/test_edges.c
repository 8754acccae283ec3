/* Names of numbers that are none, and attributes' values at the edges. */
#include "sdp/attribute.h"
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

SUITE("sdp edges", every_number_has_its_name, values_at_the_edges)
