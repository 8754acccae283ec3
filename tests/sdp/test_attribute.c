#include "sdp/attribute.h"
#include "sdp/check.h"
#include "tests/suite.h"

#include <string.h>

static struct arena arena;
static union sdp_value value;
static struct fault fault;

static enum err parse(enum sdp_attr attr, const char *text)
{
    arena_init(&arena, 65536);
    return sdp_attr_parse(attr, text ? bytes_of(text) : (struct bytes){NULL, 0}, &arena, &value,
                          &fault);
}

START_TEST(the_table_is_in_the_order_of_names)
{
    for (int attr = SDP_ATTR_UNKNOWN + 1; attr < SDP_ATTR_COUNT; attr++) {
        const char *name = sdp_attr_name((enum sdp_attr)attr);
        ck_assert_int_eq(sdp_attr_find(bytes_of(name)), attr);
        ck_assert_int_eq(strncmp(sdp_attr_spec((enum sdp_attr)attr), "RFC ", 4), 0);
        if (attr > 1) ck_assert_int_lt(strcmp(sdp_attr_name((enum sdp_attr)(attr - 1)), name), 0);
    }
    static const char *const unknown[] = {"",    "m", "mi",    "midi",     "MID",
                                          "zzz", "a", "rtpma", "sctp-init"};
    for (size_t i = 0; i < COUNT(unknown); i++)
        ck_assert_int_eq(sdp_attr_find(bytes_of(unknown[i])), SDP_ATTR_UNKNOWN);
}
END_TEST

START_TEST(inv_28_an_attribute_may_lack_its_value)
{
    for (int attr = SDP_ATTR_UNKNOWN; attr < SDP_ATTR_COUNT; attr++) {
        enum err without = parse((enum sdp_attr)attr, NULL);
        enum err empty = parse((enum sdp_attr)attr, "");
        if (attr == SDP_ATTR_UNKNOWN) {
            ck_assert(without == OK && empty == OK);
            continue;
        }
        /* Each has a value or has none, and an empty one is never good. */
        ck_assert_int_eq(empty, E_MALFORMED);
        ck_assert_msg(without == OK || (without == E_MALFORMED && fault.rule), "%d", attr);
        arena_free(&arena);
    }
    ck_assert_int_eq(parse(SDP_ATTR_RTCP_MUX, NULL), OK);
    ck_assert_int_eq(parse(SDP_ATTR_RTCP_MUX, "x"), E_MALFORMED);
}
END_TEST

START_TEST(rtpmap)
{
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "111 opus/48000/2"), OK);
    ck_assert_uint_eq(value.rtpmap.pt, 111);
    ck_assert(bytes_is(value.rtpmap.name, "opus"));
    ck_assert_uint_eq(value.rtpmap.clock, 48000);
    ck_assert_uint_eq(value.rtpmap.channels, 2);
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "9 G722/8000/1"), OK); /* Firefox */
    ck_assert_uint_eq(value.rtpmap.channels, 1);
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "0 PCMU/8000"), OK);
    ck_assert_uint_eq(value.rtpmap.channels, 1);
}
END_TEST

START_TEST(inv_24_payload_types_end_at_127)
{
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "127 VP8/90000"), OK);
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "128 VP8/90000"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "200 VP8/90000"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_FMTP, "200 apt=96"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_RTCP_FB, "200 nack"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "4294967392 VP8/90000"), E_MALFORMED);
}
END_TEST

START_TEST(inv_31_packet_times_are_bounded)
{
    ck_assert_int_eq(parse(SDP_ATTR_PTIME, "20"), OK);
    ck_assert_uint_eq(value.number, 20);
    ck_assert_int_eq(parse(SDP_ATTR_PTIME, "2.5"), OK);
    ck_assert_uint_eq(value.number, 2);
    ck_assert_int_eq(parse(SDP_ATTR_PTIME, "4294967295"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_MAXPTIME, "60001"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_MAXPTIME, "-20"), E_MALFORMED);
}
END_TEST

START_TEST(feedback)
{
    static const struct {
        const char *text;
        uint8_t pt, feedback;
    } cases[] = {{"96 nack", 96, SDP_FB_NACK},
                 {"96 nack pli", 96, SDP_FB_NACK_PLI},
                 {"96 ccm fir", 96, SDP_FB_CCM_FIR},
                 {"* transport-cc", SDP_PT_NONE, SDP_FB_TRANSPORT_CC},
                 {"0 goog-remb", 0, SDP_FB_GOOG_REMB},
                 {"96 nack sli", 96, 0},
                 {"96 ack ccfb", 96, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(parse(SDP_ATTR_RTCP_FB, cases[i].text), OK);
        ck_assert_uint_eq(value.rtcp_fb.pt, cases[i].pt);
        ck_assert_uint_eq(value.rtcp_fb.feedback, cases[i].feedback);
    }
}
END_TEST

START_TEST(extmap)
{
    ck_assert_int_eq(parse(SDP_ATTR_EXTMAP, "4 urn:ietf:params:rtp-hdrext:sdes:mid"), OK);
    ck_assert_uint_eq(value.extmap.id, 4);
    ck_assert_uint_eq(value.extmap.ext, SDP_EXT_MID);
    ck_assert_uint_eq(value.extmap.direction, SDP_SENDRECV);
    ck_assert_int_eq(parse(SDP_ATTR_EXTMAP, "2/recvonly http://x/y some attributes"), OK);
    ck_assert_uint_eq(value.extmap.direction, SDP_RECVONLY);
    ck_assert_uint_eq(value.extmap.ext, SDP_EXT_OTHER);
    ck_assert(bytes_is(value.extmap.uri, "http://x/y"));
    static const char *const good[] = {"1 u", "255 u", "4096 u", "4351 u"};
    static const char *const bad[] = {"0 u", "256 u", "4095 u",   "4352 u",
                                      "1",   "1 ",    "1/both u", "x u"};
    for (size_t i = 0; i < COUNT(good); i++) ck_assert_int_eq(parse(SDP_ATTR_EXTMAP, good[i]), OK);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_int_eq(parse(SDP_ATTR_EXTMAP, bad[i]), E_MALFORMED);
}
END_TEST

#define HEX16 "00:11:22:33:44:55:66:77:88:99:aA:Bb:CC:dd:EE:FF"

START_TEST(pitfall_9_fingerprints_without_case_and_whole)
{
    ck_assert_int_eq(parse(SDP_ATTR_FINGERPRINT, "SHA-256 " HEX16 ":" HEX16), OK);
    ck_assert_int_eq(value.fingerprint.hash, SDP_SHA256);
    ck_assert_uint_eq(value.fingerprint.digest.len, 32);
    ck_assert_uint_eq(value.fingerprint.digest.at[10], 0xAA);
    ck_assert_uint_eq(value.fingerprint.digest.at[31], 0xFF);
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_FINGERPRINT, "sha-512 " HEX16 ":" HEX16 ":" HEX16 ":" HEX16),
                     OK);
    ck_assert_int_eq(value.fingerprint.hash, SDP_SHA512);
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_FINGERPRINT, "md5 " HEX16), OK);
    ck_assert_int_eq(value.fingerprint.hash, SDP_HASH_OTHER);
    arena_free(&arena);
    /* Too short, too long, a digit missing, a colon wrong, no hex. */
    static const char *const bad[] = {"sha-256 " HEX16,
                                      "sha-256 " HEX16 ":" HEX16 ":00",
                                      "sha-256 " HEX16 ":" HEX16 ":",
                                      "sha-256 " HEX16 "-" HEX16,
                                      "sha-256 0" HEX16 ":" HEX16,
                                      "md5 0G",
                                      "md5 0",
                                      "md5 ",
                                      "md5"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_msg(parse(SDP_ATTR_FINGERPRINT, bad[i]) == E_MALFORMED, "%s", bad[i]);
        arena_free(&arena);
    }
}
END_TEST

START_TEST(groups_and_sources)
{
    ck_assert_int_eq(parse(SDP_ATTR_GROUP, "BUNDLE 0 1 video"), OK);
    ck_assert_uint_eq(value.group.count, 3);
    ck_assert(bytes_is(value.group.mids[2], "video"));
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_GROUP, "BUNDLE"), OK); /* all were rejected */
    ck_assert_uint_eq(value.group.count, 0);
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_SSRC_GROUP, "FID 1 4294967295"), OK);
    ck_assert_uint_eq(value.ssrc_group.count, 2);
    ck_assert_uint_eq(value.ssrc_group.ssrcs[1], 4294967295u);
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_SSRC_GROUP, "FID 1 4294967296"), E_MALFORMED);
    arena_free(&arena);
    ck_assert_int_eq(parse(SDP_ATTR_SSRC, "7 cname:a b:c"), OK);
    ck_assert_uint_eq(value.ssrc.id, 7);
    ck_assert(bytes_is(value.ssrc.name, "cname") && bytes_is(value.ssrc.value, "a b:c"));
    ck_assert_int_eq(parse(SDP_ATTR_SSRC, "7 mslabel"), OK);
    ck_assert_int_eq(parse(SDP_ATTR_SSRC, "7"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_SSRC, "7 "), E_MALFORMED);
    arena_free(&arena);
}
END_TEST

START_TEST(a_list_is_bounded)
{
    static char text[8192] = "BUNDLE";
    for (size_t i = 0; i < 1025; i++) strcat(text + 2 * i, " 1");
    ck_assert_int_eq(parse(SDP_ATTR_GROUP, text), E_FULL);
    arena_free(&arena);
    text[strlen(text) - 2] = '\0';
    ck_assert_int_eq(parse(SDP_ATTR_GROUP, text), OK);
    arena_free(&arena);
}
END_TEST

START_TEST(msid)
{
    ck_assert_int_eq(parse(SDP_ATTR_MSID, "{a-b} {c}"), OK); /* Firefox */
    ck_assert(bytes_is(value.msid.stream, "{a-b}") && bytes_is(value.msid.track, "{c}"));
    ck_assert_int_eq(parse(SDP_ATTR_MSID, "stream"), OK);
    ck_assert_uint_eq(value.msid.track.len, 0);
    ck_assert_int_eq(parse(SDP_ATTR_MSID, "stream "), OK); /* a blank, and no track */
    ck_assert(bytes_is(value.msid.stream, "stream") && value.msid.track.len == 0);
    ck_assert_int_eq(parse(SDP_ATTR_MSID, "a b c"), E_MALFORMED);
}
END_TEST

START_TEST(simulcast_and_rid)
{
    ck_assert_int_eq(parse(SDP_ATTR_RID, "q send pt=96,97;max-width=640"), OK);
    ck_assert(bytes_is(value.rid.id, "q") && bytes_is(value.rid.params, "pt=96,97;max-width=640"));
    ck_assert_int_eq(value.rid.direction, SDP_SENDONLY);
    ck_assert_int_eq(parse(SDP_ATTR_RID, "0 recv"), OK);
    ck_assert_int_eq(value.rid.direction, SDP_RECVONLY);
    ck_assert_int_eq(parse(SDP_ATTR_SIMULCAST, "send q;h;~f,g recv a"), OK);
    ck_assert(bytes_is(value.simulcast.send, "q;h;~f,g"));
    ck_assert(bytes_is(value.simulcast.recv, "a"));
    static const char *const bad_rids[] = {"q", "q both", "q! send", "q sendx", " send"};
    static const char *const bad_lists[] = {"send",    "send ",         "send ;",
                                            "send a;", "send a send b", "both a",
                                            "send a,", "send a b",      "send ~"};
    for (size_t i = 0; i < COUNT(bad_rids); i++)
        ck_assert_msg(parse(SDP_ATTR_RID, bad_rids[i]) == E_MALFORMED, "%s", bad_rids[i]);
    for (size_t i = 0; i < COUNT(bad_lists); i++)
        ck_assert_msg(parse(SDP_ATTR_SIMULCAST, bad_lists[i]) == E_MALFORMED, "%s", bad_lists[i]);
}
END_TEST

START_TEST(the_rest)
{
    ck_assert_int_eq(parse(SDP_ATTR_SETUP, "actpass"), OK);
    ck_assert_int_eq(value.setup, SDP_ACTPASS);
    ck_assert_int_eq(parse(SDP_ATTR_SETUP, "Active"), E_MALFORMED);
    ck_assert_int_eq(sdp_subject_of(&fault), SDP_SUBJECT_SETUP);
    ck_assert_int_eq(parse(SDP_ATTR_RTCP, "9 IN IP4 0.0.0.0"), OK);
    ck_assert_int_eq(parse(SDP_ATTR_RTCP, "54596"), OK);
    ck_assert_int_eq(parse(SDP_ATTR_RTCP, "70000"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_SCTP_PORT, "5000"), OK);
    ck_assert_int_eq(parse(SDP_ATTR_SCTP_PORT, "65536"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_MAX_MESSAGE_SIZE, "1073741823"), OK); /* Firefox */
    ck_assert_uint_eq(value.number, 1073741823);
    ck_assert_int_eq(parse(SDP_ATTR_MID, "a b"), E_MALFORMED);
    ck_assert_int_eq(parse(SDP_ATTR_MSID_SEMANTIC, " WMS *"), OK);
}
END_TEST

START_TEST(format_parameters)
{
    struct bytes params = bytes_of("minptime=10; useinbandfec=1 ;stereo");
    struct bytes found;
    ck_assert(sdp_fmtp_get(params, "minptime", &found) && bytes_is(found, "10"));
    ck_assert(sdp_fmtp_get(params, "UseInbandFec", &found) && bytes_is(found, "1"));
    ck_assert(sdp_fmtp_get(params, "stereo", &found) && found.len == 0);
    ck_assert(!sdp_fmtp_get(params, "ptime", &found));
    ck_assert(!sdp_fmtp_get(bytes_of(""), "a", &found));
    ck_assert(!sdp_fmtp_get(bytes_of(";;="), "a", &found));
}
END_TEST

START_TEST(directions_turn_around)
{
    ck_assert_int_eq(sdp_direction_reverse(SDP_SENDRECV), SDP_SENDRECV);
    ck_assert_int_eq(sdp_direction_reverse(SDP_SENDONLY), SDP_RECVONLY);
    ck_assert_int_eq(sdp_direction_reverse(SDP_RECVONLY), SDP_SENDONLY);
    ck_assert_int_eq(sdp_direction_reverse(SDP_INACTIVE), SDP_INACTIVE);
    ck_assert_str_eq(sdp_direction_name(SDP_RECVONLY), "recvonly");
    ck_assert_str_eq(sdp_ext_uri(SDP_EXT_MID), "urn:ietf:params:rtp-hdrext:sdes:mid");
    ck_assert_str_eq(sdp_hash_name(SDP_SHA384), "sha-384");
    ck_assert_uint_eq(sdp_hash_len(SDP_SHA384), 48);
}
END_TEST

START_TEST(faults_count_from_the_value)
{
    ck_assert_int_eq(parse(SDP_ATTR_RTPMAP, "96 VP8/x"), E_MALFORMED);
    ck_assert_uint_eq(fault.offset, 7);
    ck_assert_str_eq(fault.layer, "sdp");
    ck_assert_ptr_nonnull(strstr(fault.rule, "RFC 8866 6.6"));
}
END_TEST

SUITE("sdp attribute", the_table_is_in_the_order_of_names, inv_28_an_attribute_may_lack_its_value,
      rtpmap, inv_24_payload_types_end_at_127, inv_31_packet_times_are_bounded, feedback, extmap,
      pitfall_9_fingerprints_without_case_and_whole, groups_and_sources, a_list_is_bounded, msid,
      simulcast_and_rid, the_rest, format_parameters, directions_turn_around,
      faults_count_from_the_value)
