#include "apps/explainnames.h"

#include "tests/suite.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

static struct explain_names names;

START_TEST(all_sections_name_theirs)
{
    ck_assert_int_eq(
        explain_names_read(&names, bytes_of(HEAD "m=audio 9 RTP/AVP 96 0\r\n"
                                                 "a=rtpmap:96 opus/48000/2\r\na=extmap:3 urn:x\r\n"
                                                 "m=video 9 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n"
                                                 "a=extmap:4 urn:y\r\n")),
        OK);
    const struct rtp_explain_options *o = &names.options;
    ck_assert_uint_eq(o->payload_count, 3);
    ck_assert(o->payloads[0].type == 96 && bytes_is(o->payloads[0].name, "opus"));
    ck_assert(o->payloads[1].type == 0 && o->payloads[1].name.len == 0);
    ck_assert(o->payloads[2].type == 97 && o->payloads[2].clock == 90000);
    ck_assert_uint_eq(o->ext_count, 2);
    ck_assert(o->exts[1].id == 4 && bytes_is(o->exts[1].uri, "urn:y"));
    explain_names_free(&names);
}
END_TEST

/* The first ones of more than there is room for. */
START_TEST(more_names_than_are_kept)
{
    static char text[65536];
    struct writer w = writer_of(text, sizeof text);
    write_text(&w, HEAD);
    for (unsigned section = 0; section < 3; section++) {
        write_text(&w, "m=audio 9 RTP/AVP");
        for (unsigned pt = 0; pt < 128; pt++) write_format(&w, " %u", pt);
        write_text(&w, "\r\n");
        for (unsigned id = 1; id <= 100; id++)
            write_format(&w, "a=extmap:%u urn:%u\r\n", id, 1000 * section + id);
    }
    ck_assert_int_eq(explain_names_read(&names, writer_done(&w)), OK);
    const struct rtp_explain_options *o = &names.options;
    ck_assert_uint_eq(o->payload_count, EXPLAIN_PAYLOADS_MAX);
    ck_assert_uint_eq(o->payloads[EXPLAIN_PAYLOADS_MAX - 1].type, 127);
    ck_assert_uint_eq(o->ext_count, EXPLAIN_EXTS_MAX);
    ck_assert(bytes_is(o->exts[EXPLAIN_EXTS_MAX - 1].uri, "urn:2056"));
    explain_names_free(&names);
}
END_TEST

START_TEST(what_is_no_description_names_nothing)
{
    ck_assert_int_eq(explain_names_read(&names, bytes_of("v=1\r\n")), E_MALFORMED);
    ck_assert_uint_eq(names.options.payload_count + names.options.ext_count, 0);
    explain_names_free(&names);
}
END_TEST

SUITE("apps explainnames", all_sections_name_theirs, more_names_than_are_kept,
      what_is_no_description_names_nothing)
