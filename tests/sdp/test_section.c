#include "tests/sdp/session.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define HEX  "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

/* Firefox has its fingerprint and ice-options before the first m= line. */
START_TEST(what_the_session_says_counts_for_sections_without)
{
    struct sdp sdp = session_file("firefox-153-offer-av");
    const struct sdp_section *audio = &sdp.sections[0], *video = &sdp.sections[1];
    ck_assert_uint_eq(audio->fingerprint_count, 1);
    ck_assert_uint_eq(video->fingerprint_count, 1);
    ck_assert_int_eq(video->fingerprints[0].hash, SDP_SHA256);
    ck_assert(bytes_is(video->ice_options, "trickle"));
    ck_assert(audio->end_of_candidates);
    ck_assert(audio->extmap_allow_mixed);
    sdp_free(&sdp);
}
END_TEST

START_TEST(a_section_s_own_values_come_first)
{
    struct sdp sdp = session_text(
        HEAD "c=IN IP4 1.2.3.4\r\na=inactive\r\na=ice-ufrag:sess\r\na=ice-pwd:sesspwd\r\n"
             "a=ice-lite\r\na=setup:active\r\na=fingerprint:md5 " HEX "\r\n"
             "a=extmap:3 urn:session\r\n"
             "m=audio 9 RTP/AVP 0\r\na=sendonly\r\na=ice-ufrag:own\r\na=setup:passive\r\n"
             "a=fingerprint:sha-256 " HEX ":" HEX "\r\na=extmap:5 urn:own\r\n"
             "m=video 9 RTP/AVP 96\r\n");
    const struct sdp_section *own = &sdp.sections[0], *none = &sdp.sections[1];
    ck_assert_int_eq(own->direction, SDP_SENDONLY);
    ck_assert(bytes_is(own->ice_ufrag, "own") && bytes_is(own->ice_pwd, "sesspwd"));
    ck_assert_int_eq(own->setup, SDP_PASSIVE);
    ck_assert_uint_eq(own->fingerprint_count, 1);
    ck_assert_int_eq(own->fingerprints[0].hash, SDP_SHA256);
    ck_assert_uint_eq(own->extmaps[0].id, 5);
    ck_assert_int_eq(none->direction, SDP_INACTIVE);
    ck_assert(bytes_is(none->ice_ufrag, "sess"));
    ck_assert_int_eq(none->setup, SDP_ACTIVE);
    ck_assert_int_eq(none->fingerprints[0].hash, SDP_HASH_OTHER);
    ck_assert_uint_eq(none->extmaps[0].id, 3);
    ck_assert(own->has_connection && none->has_connection);
    ck_assert(own->ice_lite && none->ice_lite && sdp.ice_lite);
    sdp_free(&sdp);
}
END_TEST

START_TEST(mid_msid_and_the_like_are_not_inherited)
{
    struct sdp sdp = session_text(HEAD "a=mid:0\r\na=msid:a b\r\na=rtcp-mux\r\na=bundle-only\r\n"
                                       "m=audio 0 RTP/AVP 0\r\n");
    const struct sdp_section *s = &sdp.sections[0];
    ck_assert_uint_eq(s->mid.len, 0);
    ck_assert_uint_eq(s->msid.stream.len, 0);
    ck_assert(!s->rtcp_mux && !s->bundle_only && !s->has_connection);
    ck_assert(sdp_is_rejected(s));
    sdp_free(&sdp);
}
END_TEST

START_TEST(the_direction_without_a_line_is_sendrecv)
{
    struct sdp sdp = session_text(HEAD "m=audio 9 RTP/AVP 0\r\n");
    ck_assert_int_eq(sdp.sections[0].direction, SDP_SENDRECV);
    sdp_free(&sdp);
}
END_TEST

/* Firefox's codec-restricted offers keep rtcp-fb lines for payload types that are gone. */
START_TEST(lines_about_absent_payload_types_are_ignored)
{
    struct sdp sdp = session_text(HEAD "m=video 9 RTP/AVP 96 97\r\na=rtcp-fb:121 nack\r\n"
                                       "a=rtpmap:121 VP9/90000\r\na=fmtp:121 x=y\r\n"
                                       "a=rtcp-fb:* transport-cc\r\na=rtcp-fb:96 nack pli\r\n"
                                       "a=fmtp:96 max-fs=1\r\na=rtpmap:96 vp8/90000\r\n");
    const struct sdp_section *s = &sdp.sections[0];
    ck_assert_uint_eq(s->codec_count, 2);
    ck_assert_uint_eq(s->codecs[0].id, SDP_VP8);
    ck_assert_uint_eq(s->codecs[0].feedback, SDP_FB_TRANSPORT_CC | SDP_FB_NACK_PLI);
    ck_assert(bytes_is(s->codecs[0].fmtp, "max-fs=1"));
    ck_assert_uint_eq(s->codecs[1].id, SDP_CODEC_OTHER);
    ck_assert_uint_eq(s->codecs[1].feedback, SDP_FB_TRANSPORT_CC);
    ck_assert_ptr_null(sdp_find_codec(s, 121));
    sdp_free(&sdp);
}
END_TEST

/* Pitfall 22: rtx names what it repeats by apt; without a good one it repeats nothing. */
START_TEST(pitfall_22_rtx_needs_apt)
{
    struct sdp sdp = session_text(HEAD "m=video 9 RTP/AVP 96 97 98 99 100\r\n"
                                       "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n"
                                       "a=fmtp:97 apt=96;rtx-time=3000\r\na=rtpmap:98 rtx/90000\r\n"
                                       "a=rtpmap:99 rtx/90000\r\na=fmtp:99 apt=200\r\n"
                                       "a=rtpmap:100 rtx/90000\r\na=fmtp:100 apt=-1\r\n");
    const struct sdp_section *s = &sdp.sections[0];
    ck_assert_uint_eq(s->codecs[1].apt, 96);
    for (size_t i = 2; i < 5; i++) {
        ck_assert_uint_eq(s->codecs[i].id, SDP_RTX);
        ck_assert_uint_eq(s->codecs[i].apt, SDP_PT_NONE);
    }
    sdp_free(&sdp);
}
END_TEST

START_TEST(codecs_are_told_by_name_clock_and_channels)
{
    static const struct {
        const char *map;
        uint8_t id;
    } cases[] = {{"opus/48000/2", SDP_OPUS},      {"OPUS/48000/2", SDP_OPUS},
                 {"opus/48000", SDP_CODEC_OTHER}, {"opus/16000/2", SDP_CODEC_OTHER},
                 {"VP8/90000", SDP_VP8},          {"VP8/8000", SDP_CODEC_OTHER},
                 {"VP9/90000", SDP_CODEC_OTHER},  {"multiopus/48000/6", SDP_CODEC_OTHER},
                 {"rtx/90000", SDP_RTX},          {"RTX/90000", SDP_RTX},
                 {"Rtx/48000", SDP_RTX},          {"red/48000/2", SDP_CODEC_OTHER}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD "m=audio 9 RTP/AVP 96\r\na=rtpmap:96 %s\r\n",
                 cases[i].map);
        struct sdp sdp = session_text(text);
        ck_assert_uint_eq(sdp.sections[0].codecs[0].id, cases[i].id);
        sdp_free(&sdp);
    }
}
END_TEST

START_TEST(protocols_of_rtp_have_payload_types)
{
    static const char *const rtp[] = {"RTP/AVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVPF",
                                      "TCP/DTLS/RTP/SAVPF"};
    static const char *const others[] = {"UDP/DTLS/SCTP", "DTLS/SCTP", "udptl", "X/RTP/AVP"};
    for (size_t i = 0; i < COUNT(rtp) + COUNT(others); i++) {
        char text[200];
        snprintf(text, sizeof text, HEAD "m=audio 9 %s 5000\r\n",
                 i < COUNT(rtp) ? rtp[i] : others[i - COUNT(rtp)]);
        struct sdp sdp;
        ck_assert_int_eq(sdp_parse(&sdp, bytes_of(text)), i < COUNT(rtp) ? E_MALFORMED : OK);
        sdp_free(&sdp);
    }
}
END_TEST

START_TEST(fingerprints_beyond_eight_stay_lines)
{
    char text[2048] = HEAD "m=audio 9 RTP/AVP 0\r\n";
    for (size_t i = 0; i < 9; i++) strcat(text, "a=fingerprint:md5 " HEX "\r\n");
    struct sdp sdp = session_text(text);
    ck_assert_uint_eq(sdp.sections[0].fingerprint_count, SDP_FINGERPRINTS_MAX);
    ck_assert_uint_eq(sdp.sections[0].lines.count, 10);
    sdp_free(&sdp);
}
END_TEST

START_TEST(simulcast_is_understood)
{
    struct sdp sdp = session_file("firefox-153-offer-simulcast");
    const struct sdp_section *s = &sdp.sections[0];
    ck_assert_uint_eq(s->rid_count, 3);
    ck_assert_ptr_nonnull(s->simulcast);
    ck_assert(bytes_is(s->simulcast->send, "q;h;f"));
    ck_assert(bytes_is(s->msid.stream, "-"));
    sdp_free(&sdp);
}
END_TEST

START_TEST(a_format_list_holds_128)
{
    char text[2048] = HEAD "m=audio 9 RTP/AVP 0";
    for (size_t i = 1; i < 128; i++) strcat(text, " 0");
    size_t len = strlen(text);
    strcat(text, "\r\n");
    struct sdp sdp = session_text(text);
    ck_assert_uint_eq(sdp.sections[0].codec_count, 128);
    sdp_free(&sdp);
    text[len] = '\0';
    strcat(text, " 0\r\n");
    ck_assert_int_eq(sdp_parse(&sdp, bytes_of(text)), E_FULL);
}
END_TEST

SUITE("sdp section", what_the_session_says_counts_for_sections_without,
      a_section_s_own_values_come_first, mid_msid_and_the_like_are_not_inherited,
      the_direction_without_a_line_is_sendrecv, lines_about_absent_payload_types_are_ignored,
      pitfall_22_rtx_needs_apt, codecs_are_told_by_name_clock_and_channels,
      protocols_of_rtp_have_payload_types, fingerprints_beyond_eight_stay_lines,
      simulcast_is_understood, a_format_list_holds_128)
