#include "sdp/check.h"
#include "tests/sdp/session.h"

START_TEST(all_that_browsers_write_is_good)
{
    static struct sdp all[64];
    struct fault fault;
    char why[200];
    static const char *const parts[] = {"-offer", "-answer"};
    for (int type = SDP_OFFER; type <= SDP_ANSWER; type++) {
        size_t count = session_files(parts[type], all, COUNT(all));
        ck_assert_uint_gt(count, 15);
        for (size_t i = 0; i < count; i++) {
            enum err err = sdp_check(&all[i], (enum sdp_type)type, &fault);
            ck_assert_msg(err == OK, "%s", fault_text(&fault, why, sizeof why));
            sdp_free(&all[i]);
        }
    }
}
END_TEST

/* SESSION_GOOD with `from` made `to` breaks the rule that names `rfc`, in section `section` (0:
 * the whole). */
static void broken(enum sdp_type type, const char *from, const char *to, enum err err,
                   const char *rfc, size_t section)
{
    const char *text = SESSION_GOOD;
    if (type == SDP_ANSWER)
        for (int i = 0; i < 2; i++) text = session_replace(text, "setup:actpass", "setup:active");
    struct sdp sdp = session_text(session_replace(text, from, to));
    struct fault fault;
    ck_assert_msg(sdp_check(&sdp, type, &fault) == err, "%s -> %s", from, to);
    ck_assert_int_eq(fault.err, err);
    if (err != OK) {
        bool setup = strncmp(fault.rule, "setup ", 6) == 0;
        ck_assert_msg(strstr(fault.rule, rfc) != NULL, "%s", fault.rule);
        ck_assert_int_eq(sdp_subject_of(&fault), setup ? SDP_SUBJECT_SETUP : SDP_SUBJECT_OTHER);
        size_t offset = 0;
        if (section) offset = (size_t)(sdp.sections[section - 1].lines.at->text.at - sdp.text.at);
        ck_assert_uint_eq(fault.offset, offset);
    }
    sdp_free(&sdp);
}

START_TEST(credentials_of_ice)
{
    static char longest[300];
    broken(SDP_OFFER, "ufrag:abcd", "ufrag:abc", E_MALFORMED, "RFC 8839 5.4", 1);
    broken(SDP_OFFER, "ufrag:abcd", "ufrag:ab-d", E_MALFORMED, "RFC 8839 5.4", 1);
    broken(SDP_OFFER, "ufrag:abcd", "ufrag:ab d", E_MALFORMED, "RFC 8839 5.4", 1);
    broken(SDP_OFFER, "pwd:0123456789012345678901", "pwd:012345678901234567890", E_MALFORMED,
           "RFC 8839 5.4", 1);
    broken(SDP_OFFER, "a=ice-ufrag:abcd\r\n", "", E_MALFORMED, "RFC 8839 5.4", 1);
    broken(SDP_OFFER, "a=ice-pwd:0123456789012345678901\r\n", "", E_MALFORMED, "RFC 8839 5.4", 1);
    strcpy(longest, "ufrag:");
    memset(longest + 6, 'a', 256);
    broken(SDP_OFFER, "ufrag:abcd", longest, OK, "", 0);
    longest[6 + 256] = 'a';
    broken(SDP_OFFER, "ufrag:abcd", longest, E_MALFORMED, "RFC 8839 5.4", 1);
    memset(longest, 0, sizeof longest);
    strcpy(longest, "pwd:");
    memset(longest + 4, 'a', 256);
    broken(SDP_OFFER, "pwd:0123456789012345678901", longest, OK, "", 0);
    longest[4 + 256] = 'a';
    broken(SDP_OFFER, "pwd:0123456789012345678901", longest, E_MALFORMED, "RFC 8839 5.4", 1);
}
END_TEST

#define FINGERPRINT                                                                                \
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                     \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

START_TEST(pitfall_9_there_is_a_fingerprint)
{
    broken(SDP_OFFER, "a=fingerprint:" FINGERPRINT "\r\n", "", E_MALFORMED, "RFC 8842 5.1", 1);
    broken(SDP_OFFER, FINGERPRINT, "md5 00:11", E_UNSUPPORTED, "RFC 8122 5", 1);
    broken(SDP_OFFER, FINGERPRINT, "md5 00:11\r\na=fingerprint:" FINGERPRINT, OK, "", 0);
}
END_TEST

START_TEST(pitfall_10_setup_of_offers_and_answers)
{
    broken(SDP_OFFER, "setup:actpass", "setup:active", OK, "", 0);
    broken(SDP_OFFER, "setup:actpass", "setup:passive", OK, "", 0);
    broken(SDP_OFFER, "setup:actpass", "setup:holdconn", E_MALFORMED, "RFC 8842 5.2", 1);
    broken(SDP_OFFER, "a=setup:actpass\r\n", "", E_MALFORMED, "RFC 8842 5.2", 1);
    broken(SDP_ANSWER, "setup:active", "setup:passive", OK, "", 0);
    broken(SDP_ANSWER, "setup:active", "setup:actpass", E_MALFORMED, "RFC 8842 5.3", 1);
    broken(SDP_ANSWER, "setup:active", "setup:holdconn", E_MALFORMED, "RFC 8842 5.3", 1);
    broken(SDP_ANSWER, "a=setup:active\r\n", "", E_MALFORMED, "RFC 8842 5.3", 1);
}
END_TEST

START_TEST(mids_and_groups)
{
    broken(SDP_OFFER, "a=mid:1", "a=mid:0", E_MALFORMED, "RFC 5888 4", 2);
    broken(SDP_OFFER, "BUNDLE 0 1", "BUNDLE 0 1 2", E_MALFORMED, "RFC 9143", 0);
    broken(SDP_OFFER, "BUNDLE 0 1", "BUNDLE 0 1 0", E_MALFORMED, "RFC 9143", 1);
    broken(SDP_OFFER, "BUNDLE 0 1", "BUNDLE 0 1\r\na=group:BUNDLE 1", E_MALFORMED, "RFC 9143", 2);
    broken(SDP_OFFER, "BUNDLE 0 1", "BUNDLE 0 1\r\na=group:LS 0 7", OK, "", 0);
    broken(SDP_OFFER, "a=group:BUNDLE 0 1\r\n", "", OK, "", 0);
}
END_TEST

START_TEST(pitfall_16_a_connection_line_for_each_section)
{
    broken(SDP_OFFER, "c=IN IP4 0.0.0.0\r\n", "", E_MALFORMED, "RFC 8866 5.7", 1);
    broken(SDP_OFFER, "c=IN IP4 0.0.0.0\r\na=mid:1", "a=mid:1", E_MALFORMED, "RFC 8866 5.7", 2);
    broken(SDP_OFFER, "t=0 0\r\n", "c=IN IP4 0.0.0.0\r\nt=0 0\r\n", OK, "", 0);
}
END_TEST

START_TEST(numbers_are_used_once)
{
    broken(SDP_OFFER, "SAVPF 96 97", "SAVPF 96 97 96", E_MALFORMED, "RFC 8866 5.14", 2);
    broken(SDP_OFFER, "a=extmap:1 ", "a=extmap:1 urn:x\r\na=extmap:1 ", E_MALFORMED, "RFC 8285 5",
           1);
    broken(SDP_OFFER, "a=extmap:1 ", "a=extmap:4096 urn:x\r\na=extmap:4096 ", OK, "", 0);
}
END_TEST

START_TEST(answers_multiplex_rtcp)
{
    /* The first carries the bundle: without it nothing does. */
    broken(SDP_ANSWER, "a=rtcp-mux\r\n", "", E_UNSUPPORTED, "RFC 8858 3", 1);
    broken(SDP_OFFER, "a=rtcp-mux\r\n", "", OK, "", 0);
    /* RFC 9143 §7.1.3: the second may leave it to the first. */
    broken(SDP_ANSWER, "a=rtcp-mux\r\na=rtpmap:96", "a=rtpmap:96", OK, "", 0);
}
END_TEST

START_TEST(rejected_sections_owe_nothing)
{
    struct fault fault;
    struct sdp sdp = session_text("v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
                                  "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n");
    ck_assert_int_eq(sdp_check(&sdp, SDP_OFFER, &fault), OK);
    ck_assert_int_eq(sdp_check(&sdp, SDP_ANSWER, &fault), OK);
    sdp_free(&sdp);
}
END_TEST

START_TEST(bundle_only_sections_leave_the_transport_to_the_first)
{
    struct fault fault;
    const char *text = session_replace(SESSION_GOOD, "m=video 9", "m=video 0");
    text = session_replace(text, "a=mid:1\r\na=setup:actpass", "a=mid:1\r\na=bundle-only");
    struct sdp sdp = session_text(text);
    ck_assert_int_eq(sdp_check(&sdp, SDP_OFFER, &fault), OK);
    sdp_free(&sdp);
}
END_TEST

SUITE("sdp check", all_that_browsers_write_is_good, credentials_of_ice,
      pitfall_9_there_is_a_fingerprint, pitfall_10_setup_of_offers_and_answers, mids_and_groups,
      pitfall_16_a_connection_line_for_each_section, numbers_are_used_once, answers_multiplex_rtcp,
      rejected_sections_owe_nothing, bundle_only_sections_leave_the_transport_to_the_first)
