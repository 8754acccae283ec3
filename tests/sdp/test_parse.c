#include "tests/sdp/session.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

/* Refused with this error at this offset, and nothing is left to free. */
static void refused(struct bytes text, enum err err, size_t offset)
{
    struct sdp sdp;
    ck_assert_int_eq(sdp_parse(&sdp, text), err);
    ck_assert_int_eq(sdp.fault.err, err);
    ck_assert_str_eq(sdp.fault.layer, "sdp");
    ck_assert_uint_eq(sdp.fault.offset, offset);
    ck_assert_ptr_nonnull(strstr(sdp.fault.rule, "("));
    ck_assert_ptr_null(sdp.arena.blocks);
}

static void refused_text(const char *text, enum err err, size_t offset)
{
    refused(bytes_of(text), err, offset);
}

START_TEST(a_browser_s_offer)
{
    struct sdp sdp = session_file("chromium-156-offer-av-data");
    ck_assert_uint_eq(sdp.section_count, 3);
    ck_assert(bytes_is(sdp.origin.session_id, "2260076137201046737"));
    ck_assert(bytes_is(sdp.origin.address, "127.0.0.1"));
    ck_assert(bytes_is(sdp.name, "-"));
    ck_assert_uint_eq(sdp.group_count, 1);
    ck_assert_uint_eq(sdp.session.count, 7);
    const struct sdp_section *video = &sdp.sections[1];
    ck_assert_int_eq(video->kind, SDP_VIDEO);
    ck_assert_uint_eq(video->port, 34829);
    ck_assert(bytes_is(video->protocol, "UDP/TLS/RTP/SAVPF"));
    ck_assert(bytes_is(video->mid, "1"));
    ck_assert(bytes_is(video->ice_ufrag, "wkm1"));
    ck_assert_uint_eq(video->candidate_count, 4);
    ck_assert_uint_eq(video->codec_count, 23);
    ck_assert_uint_eq(video->codecs[0].pt, 96);
    ck_assert_uint_eq(video->codecs[0].id, SDP_VP8);
    ck_assert_uint_eq(video->codecs[0].feedback, SDP_FB_ALL);
    ck_assert_uint_eq(video->codecs[1].apt, 96);
    ck_assert_uint_eq(video->extmap_count, 11);
    ck_assert_int_eq(video->setup, SDP_ACTPASS);
    ck_assert_int_eq(video->direction, SDP_SENDRECV);
    ck_assert(video->rtcp_mux && video->rtcp_rsize);
    ck_assert_uint_eq(sdp.sections[2].sctp_port, 5000);
    ck_assert_uint_eq(sdp.sections[2].max_message_size, 262144);
    ck_assert_uint_eq(sdp.sections[2].codec_count, 0);
    sdp_free(&sdp);
}
END_TEST

START_TEST(all_of_the_corpus_comes_back_byte_for_byte)
{
    static uint8_t room[SDP_TEXT_MAX];
    static struct sdp all[64];
    size_t count = session_files("", all, COUNT(all));
    ck_assert_uint_ge(count, 50);
    for (size_t i = 0; i < count; i++) {
        struct writer w = writer_of(room, sizeof room);
        sdp_write(&all[i], &w);
        ck_assert(bytes_equal(writer_done(&w), all[i].text));
        sdp_free(&all[i]);
    }
}
END_TEST

/* Pitfall 16: LF alone is read, CRLF is written. */
START_TEST(pitfall_16_bare_lf_is_read_and_crlf_written)
{
    uint8_t room[1024];
    struct sdp sdp = session_text("v=0\no=- 1 2 IN IP4 127.0.0.1\ns=a name\nt=0 0\na=x\nm=audio 9 "
                                  "RTP/AVP 0\n");
    struct writer w = writer_of(room, sizeof room);
    sdp_write(&sdp, &w);
    ck_assert(bytes_is(writer_done(&w), "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=a name\r\nt=0 0\r\n"
                                        "a=x\r\nm=audio 9 RTP/AVP 0\r\n"));
    ck_assert(bytes_is(sdp.name, "a name"));
    sdp_free(&sdp);
}
END_TEST

START_TEST(what_is_not_known_is_kept)
{
    const char *text = HEAD "i=info\r\nu=http://x/\r\ne=x@example.com\r\np=+1\r\nb=AS:64\r\n"
                            "r=7d 1h 0\r\nz=0 0\r\nk=prompt\r\na=what:ever it is\r\na=flag\r\n"
                            "m=text 9 RTP/AVP 98\r\ni=more\r\nb=X-YZ:128\r\nb=AS:1\r\n"
                            "a=unheard-of:\r\n";
    uint8_t room[1024];
    struct sdp sdp = session_text(text);
    struct writer w = writer_of(room, sizeof room);
    sdp_write(&sdp, &w);
    ck_assert(bytes_is(writer_done(&w), text));
    ck_assert_int_eq(sdp.sections[0].kind, SDP_OTHER);
    ck_assert(bytes_is(sdp.sections[0].media, "text"));
    sdp_free(&sdp);
}
END_TEST

START_TEST(the_tree_stands_alone)
{
    char text[] = HEAD "a=mid:0\r\nm=audio 9 RTP/AVP 0\r\na=mid:kept\r\n";
    struct sdp sdp = session_text(text);
    memset(text, 'x', sizeof text - 1);
    ck_assert(bytes_is(sdp.sections[0].mid, "kept"));
    sdp_free(&sdp);
}
END_TEST

/* Every prefix is refused, or ends at a line and says less. */
START_TEST(every_prefix_is_refused_or_ends_a_line)
{
    struct bytes text = suite_file(CORPUS "/chromium-156-offer-av-data.sdp");
    for (size_t len = 0; len < text.len; len++) {
        uint8_t *copy = malloc(len + 1); /* exact, so that a read beyond it is seen */
        memcpy(copy, text.at, len);
        uint8_t *exact = realloc(copy, len ? len : 1);
        struct sdp sdp;
        enum err err = sdp_parse(&sdp, (struct bytes){exact, len});
        bool whole_lines = len && text.at[len - 1] == '\n';
        if (!whole_lines) ck_assert_int_ne(err, OK);
        if (err == OK) {
            ck_assert_uint_ge(sdp.lines.count, 4);
            sdp_free(&sdp);
        } else {
            ck_assert_uint_le(sdp.fault.offset, len);
        }
        free(exact);
    }
    free((void *)(uintptr_t)text.at);
}
END_TEST

START_TEST(inv_29_the_first_line_is_v_0)
{
    refused_text("", E_TRUNCATED, 0);
    refused_text("v=\r\n", E_MALFORMED, 0);
    refused_text("v=\r\nv=0\r\n", E_MALFORMED, 0);
    refused_text("v=1\r\n", E_MALFORMED, 0);
    refused_text("v=0 \r\n", E_MALFORMED, 0);
    refused_text("v=00\r\n", E_MALFORMED, 0);
    refused_text("o=- 1 2 IN IP4 1.2.3.4\r\nv=0\r\n", E_MALFORMED, 0);
    refused_text(HEAD "v=0\r\n", E_MALFORMED, strlen(HEAD));
    refused_text(" v=0\r\n", E_MALFORMED, 0);
}
END_TEST

START_TEST(the_head_is_v_o_s_and_there_is_a_t)
{
    refused_text("v=0\r\ns=-\r\n", E_MALFORMED, 5);
    refused_text("v=0\r\no=- 1 2 IN IP4 1.2.3.4\r\nt=0 0\r\n", E_MALFORMED, 29);
    refused_text("v=0\r\nm=audio 9 RTP/AVP 0\r\n", E_MALFORMED, 5);
    refused_text("v=0\r\no=- 1 2 IN IP4 1.2.3.4\r\ns=-\r\na=x\r\n", E_MALFORMED, 39);
    refused_text("v=0\r\no=- 1 2 IN IP4 1.2.3.4\r\ns=-\r\n", E_TRUNCATED, 34);
    refused_text("v=0\r\no=- 1 x IN IP4 1.2.3.4\r\n", E_MALFORMED, 11);
    refused_text("v=0\r\no=- -1 2 IN IP4 1.2.3.4\r\n", E_MALFORMED, 9);
    refused_text("v=0\r\no=- 1 2 IN IP4\r\n", E_MALFORMED, 19);
    refused_text("v=0\r\no=- 1 2 IN IP4 a b\r\n", E_MALFORMED, 21);
    /* No bound is set for the numbers of o=; names may be anything, also nothing. */
    struct sdp sdp = session_text("v=0\no=a 99999999999999999999999 0 IN IP6 ::1\ns=\nt=0 0\n");
    ck_assert_uint_eq(sdp.name.len, 0);
    sdp_free(&sdp);
}
END_TEST

START_TEST(inv_26_nul_is_refused)
{
    char text[] = HEAD "a=mid:0\r\na=x:ab\r\n";
    size_t len = sizeof text - 1, at = len - 4;
    text[at] = '\0';
    refused((struct bytes){(const uint8_t *)text, len}, E_MALFORMED, at);
}
END_TEST

START_TEST(inv_27_fields_of_m_are_checked)
{
    static const char *const bad[] = {
        "m=audio",
        "m=audio 9",
        "m=audio 9 RTP/AVP",
        "m=audio 9 RTP/AVP ",
        "m=audio RTP/AVP 0",
        "m=audio9 RTP/AVP 0",
        "m=audio 9RTP/AVP 0",
        "m=audio  9 RTP/AVP 0",
        "m=audio 65536 RTP/AVP 0",
        "m=audio -1 RTP/AVP 0",
        "m=audio 9/ RTP/AVP 0",
        "m=audio 9 RTP//AVP 0",
        "m=audio 9 /RTP 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 128",
        "m=audio 9 UDP/TLS/RTP/SAVPF 4294967296",
        "m=audio 9 UDP/TLS/RTP/SAVPF 1 2x",
        "m=audio 9 UDP/TLS/RTP/SAVPF x",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0  8",
        "m=audio 9 RTP/AVP 0\t8",
        "m= 9 RTP/AVP 0",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        char text[200];
        struct sdp sdp;
        snprintf(text, sizeof text, HEAD "%s\r\n", bad[i]);
        ck_assert_msg(sdp_parse(&sdp, bytes_of(text)) == E_MALFORMED, "%s", bad[i]);
        ck_assert_uint_ge(sdp.fault.offset, strlen(HEAD) + 2);
    }
    struct sdp sdp = session_text(HEAD "m=audio 49170/2 RTP/AVP 0\r\nm=application 9 "
                                       "UDP/DTLS/SCTP webrtc-datachannel\r\n"
                                       "m=image 9 udptl t38\r\n");
    ck_assert_uint_eq(sdp.sections[0].port, 49170);
    ck_assert_uint_eq(sdp.section_count, 3);
    sdp_free(&sdp);
}
END_TEST

START_TEST(inv_30_lines_are_letter_equals_value)
{
    refused_text(HEAD "\r\n", E_MALFORMED, strlen(HEAD));
    refused_text(HEAD "a\r\n", E_MALFORMED, strlen(HEAD));
    refused_text(HEAD "a:x\r\n", E_MALFORMED, strlen(HEAD));
    refused_text(HEAD "a=\r\n", E_MALFORMED, strlen(HEAD) + 2);
    refused_text(HEAD "a=:x\r\n", E_MALFORMED, strlen(HEAD) + 2);
    refused_text(HEAD "a=a b\r\n", E_MALFORMED, strlen(HEAD) + 2);
    refused_text(HEAD "a=x\ry\r\n", E_MALFORMED, strlen(HEAD) + 3);
    refused_text(HEAD "x=1\r\n", E_UNSUPPORTED, strlen(HEAD));
    refused_text(HEAD "A=x\r\n", E_UNSUPPORTED, strlen(HEAD));
    refused_text(HEAD "s=x\r\n", E_MALFORMED, strlen(HEAD));
    refused_text(HEAD "m=audio 9 RTP/AVP 0\r\nt=0 0\r\n", E_MALFORMED, strlen(HEAD) + 21);
    refused_text(HEAD "c=IN IP4\r\n", E_MALFORMED, strlen(HEAD) + 8);
    refused_text(HEAD "b=AS:\r\n", E_MALFORMED, strlen(HEAD) + 5);
    refused_text(HEAD "t=0\r\n", E_MALFORMED, strlen(HEAD) + 3);
}
END_TEST

START_TEST(a_bad_attribute_names_its_place_and_rule)
{
    struct sdp sdp;
    ck_assert_int_eq(sdp_parse(&sdp, bytes_of(HEAD "m=audio 9 RTP/AVP 96\r\n"
                                                   "a=rtpmap:200 VP8/90000\r\n")),
                     E_MALFORMED);
    ck_assert_uint_eq(sdp.fault.offset, strlen(HEAD) + 22 + 9);
    ck_assert_str_eq(sdp.fault.rule, "a payload type is a number up to 127 (RFC 3550 5.1)");
    ck_assert_uint_eq(sdp_line_number(bytes_of(HEAD "m=\r\na=\r\n"), strlen(HEAD) + 5), 6);
    ck_assert_uint_eq(sdp_line_number(bytes_of("v=0\r\n"), 0), 1);
}
END_TEST

/* A description of `sections` sections with `lines` lines each. */
static struct bytes made(size_t sections, size_t lines, const char *line)
{
    static char room[4 * SDP_TEXT_MAX];
    struct writer w = writer_of(room, sizeof room);
    write_text(&w, HEAD);
    for (size_t i = 0; i < sections; i++) {
        write_text(&w, "m=audio 9 RTP/AVP 0\r\n");
        for (size_t k = 1; k < lines; k++) write_text(&w, line);
    }
    return writer_done(&w);
}

START_TEST(inv_34_limits_are_answered_with_an_error)
{
    struct sdp sdp;
    struct bytes text = made(64, 1, "");
    ck_assert_int_eq(sdp_parse(&sdp, text), OK);
    sdp_free(&sdp);
    text = made(65, 1, "");
    refused(text, E_FULL, text.len - 21);
    ck_assert_int_eq(sdp_parse(&sdp, made(2, 256, "a=x\r\n")), OK);
    ck_assert_uint_eq(sdp.sections[1].lines.count, 256);
    sdp_free(&sdp);
    text = made(1, 257, "a=x\r\n");
    refused(text, E_FULL, text.len - 5);
    char session[] = HEAD;
    static char many[4096];
    strcpy(many, session);
    for (size_t i = 4; i < 257; i++) strcat(many, "a=x\r\n");
    refused_text(many, E_FULL, strlen(many) - 5);
    text = made(64, 250, "a=x\r\n");
    ck_assert_uint_gt(text.len, SDP_TEXT_MAX);
    refused(text, E_FULL, SDP_TEXT_MAX);
}
END_TEST

/* Before there is room for them: the peer's fault, not that we have no memory. */
START_TEST(more_lines_than_all_sections_hold_are_refused_as_such)
{
    static uint8_t text[SDP_TEXT_MAX];
    const size_t most = SDP_LINES_MAX * (SDP_SECTIONS_MAX + 1);
    memset(text, '\n', sizeof text);
    refused((struct bytes){text, sizeof text}, E_FULL, most);
    refused((struct bytes){text, most + 1}, E_FULL, most);
    refused((struct bytes){text, most}, E_MALFORMED, 0); /* what the lines say counts */
}
END_TEST

/* Time goes with the memory touched: each byte and line is gone over a fixed number of times, and
 * what is kept of them grows as they do, not with their square. */
START_TEST(inv_34_work_grows_with_the_text)
{
    static const char *const lines[] = {"a=x\r\n", "a=rtpmap:0 PCMU/8000\r\n",
                                        "a=ssrc-group:FID 1 2 3 4 5\r\n", "a=extmap:1 urn:x\r\n",
                                        "a=fingerprint:md5 00:11:22\r\n"};
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct sdp one, two;
        struct bytes text = made(8, 100, lines[i]);
        size_t len = text.len;
        ck_assert_int_eq(sdp_parse(&one, text), OK);
        text = made(16, 100, lines[i]);
        ck_assert_uint_le(len * 10, text.len * 6);
        ck_assert_int_eq(sdp_parse(&two, text), OK);
        ck_assert_uint_le(two.arena.used * 10, one.arena.used * 22);
        sdp_free(&one);
        sdp_free(&two);
    }
}
END_TEST

SUITE("sdp parse", a_browser_s_offer, all_of_the_corpus_comes_back_byte_for_byte,
      pitfall_16_bare_lf_is_read_and_crlf_written, what_is_not_known_is_kept, the_tree_stands_alone,
      every_prefix_is_refused_or_ends_a_line, inv_29_the_first_line_is_v_0,
      the_head_is_v_o_s_and_there_is_a_t, inv_26_nul_is_refused, inv_27_fields_of_m_are_checked,
      inv_30_lines_are_letter_equals_value, a_bad_attribute_names_its_place_and_rule,
      inv_34_limits_are_answered_with_an_error,
      more_lines_than_all_sections_hold_are_refused_as_such, inv_34_work_grows_with_the_text)
