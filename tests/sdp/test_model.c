#include "tests/sdp/session.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

START_TEST(lines_of_one_attribute_in_their_order)
{
    struct sdp sdp = session_file("chromium-156-offer-av");
    const struct sdp_line *line = NULL;
    size_t count = 0;
    while ((line = sdp_next(sdp.sections[0].lines, SDP_ATTR_CANDIDATE, line))) count++;
    ck_assert_uint_eq(count, sdp.sections[0].candidate_count);
    ck_assert_uint_gt(count, 0);
    ck_assert_ptr_null(sdp_next(sdp.session, SDP_ATTR_CANDIDATE, NULL));
    ck_assert_ptr_null(sdp_next((struct sdp_lines){0}, SDP_ATTR_MID, NULL));
    sdp_free(&sdp);
}
END_TEST

START_TEST(port_0_rejects_unless_bundle_only)
{
    struct sdp sdp = session_text(HEAD "m=audio 0 RTP/AVP 0\r\nm=audio 0 RTP/AVP 0\r\n"
                                       "a=bundle-only\r\nm=audio 9 RTP/AVP 0\r\n");
    ck_assert(sdp_is_rejected(&sdp.sections[0]));
    ck_assert(!sdp_is_rejected(&sdp.sections[1]));
    ck_assert(!sdp_is_rejected(&sdp.sections[2]));
    sdp_free(&sdp);
}
END_TEST

START_TEST(mids_are_found)
{
    struct sdp sdp = session_text(HEAD "m=audio 9 RTP/AVP 0\r\nm=audio 9 RTP/AVP 0\r\na=mid:b\r\n");
    ck_assert_ptr_eq(sdp_find_mid(&sdp, bytes_of("b")), &sdp.sections[1]);
    ck_assert_ptr_null(sdp_find_mid(&sdp, bytes_of("a")));
    ck_assert_ptr_null(sdp_find_mid(&sdp, bytes_of("")));
    ck_assert_uint_eq(sdp_section_index(&sdp, &sdp.sections[1]), 1);
    sdp_free(&sdp);
}
END_TEST

/* Which section carries the transport, by the mid. */
static void carrier(const char *sections, const char *group, const char *expected)
{
    char text[1024];
    snprintf(text, sizeof text, HEAD "%s%s", group, sections);
    struct sdp sdp = session_text(text);
    const struct sdp_section *found = sdp_transport_section(&sdp);
    if (!expected)
        ck_assert_ptr_null(found);
    else
        ck_assert(found && bytes_is(found->mid, expected));
    sdp_free(&sdp);
}

#define SECTION(mid, port, more) "m=audio " port " RTP/AVP 0\r\na=mid:" mid "\r\n" more

START_TEST(the_transport_is_the_first_of_the_bundle)
{
    static const char bundle[] = "a=group:BUNDLE b a\r\n";
    carrier(SECTION("a", "9", "") SECTION("b", "9", ""), bundle, "b");
    carrier(SECTION("a", "9", "") SECTION("b", "0", ""), bundle, "a");
    carrier(SECTION("a", "9", "") SECTION("b", "0", "a=bundle-only\r\n"), bundle, "a");
    carrier(SECTION("a", "9", "") SECTION("b", "9", ""), "", "a");
    carrier(SECTION("a", "0", "") SECTION("b", "9", ""), "", "b");
    carrier(SECTION("a", "0", "") SECTION("b", "0", ""), bundle, NULL);
    carrier(SECTION("a", "0", "") SECTION("b", "0", "a=bundle-only\r\n"), bundle, "b");
    carrier(SECTION("a", "0", "a=bundle-only\r\n") SECTION("b", "9", ""), "", "b");
    carrier("", "", NULL);
    carrier(SECTION("a", "9", ""), "a=group:BUNDLE x\r\n", "a");
    carrier(SECTION("a", "9", "") SECTION("b", "9", ""), "a=group:LS b\r\na=group:BUNDLE b\r\n",
            "b");
}
END_TEST

/* RFC 9143 §7.1.3 lets the bundled sections leave rtcp-mux to the one with the transport. */
START_TEST(rtcp_mux_of_the_bundle)
{
    static const char sections[] = "m=audio 9 RTP/AVP 0\r\na=mid:a\r\na=rtcp-mux\r\n"
                                   "m=audio 9 RTP/AVP 0\r\na=mid:b\r\n";
    char text[512];
    snprintf(text, sizeof text, HEAD "a=group:BUNDLE a b\r\n%s", sections);
    struct sdp sdp = session_text(text);
    ck_assert(sdp_has_rtcp_mux(&sdp, &sdp.sections[0]));
    ck_assert(sdp_has_rtcp_mux(&sdp, &sdp.sections[1]));
    sdp_free(&sdp);
    snprintf(text, sizeof text, HEAD "%s", sections);
    sdp = session_text(text);
    ck_assert(!sdp_has_rtcp_mux(&sdp, &sdp.sections[1]));
    sdp_free(&sdp);
}
END_TEST

START_TEST(names)
{
    ck_assert_str_eq(sdp_kind_name(SDP_APPLICATION), "application");
    ck_assert_str_eq(sdp_kind_name(SDP_OTHER), "other");
    ck_assert_str_eq(sdp_codec_name(SDP_OPUS), "opus");
    ck_assert_str_eq(sdp_codec_name(SDP_CODEC_OTHER), "other");
}
END_TEST

SUITE("sdp model", lines_of_one_attribute_in_their_order, port_0_rejects_unless_bundle_only,
      mids_are_found, the_transport_is_the_first_of_the_bundle, rtcp_mux_of_the_bundle, names)
