#include "sdp/internal.h"
#include "tests/sdp/session.h"

static char room[8192];

/* What the writer holds, as a C string. */
static const char *text_of(struct writer *w)
{
    ck_assert_int_eq(w->err, OK);
    room[writer_len(w)] = '\0';
    return room;
}

START_TEST(the_head)
{
    struct writer w = writer_of(room, sizeof room - 1);
    struct sdp_local local = session_local();
    local.session_id = 9223372036854775807u; /* RFC 8829 §5.2.1: 63 bits */
    local.version = 7;
    sdp_write_head(&w, &local);
    ck_assert_str_eq(text_of(&w),
                     "v=0\r\no=- 9223372036854775807 7 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                     "a=tool:duet\r\n");
}
END_TEST

START_TEST(a_rejected_section)
{
    struct writer w = writer_of(room, sizeof room - 1);
    sdp_write_rejected(&w, bytes_of("text"), bytes_of("RTP/AVP"), bytes_of("98 99"), bytes_of("x"));
    ck_assert_str_eq(text_of(&w), "m=text 0 RTP/AVP 98 99\r\nc=IN IP4 0.0.0.0\r\na=mid:x\r\n"
                                  "a=inactive\r\n");
    w = writer_of(room, sizeof room - 1);
    sdp_write_rejected(&w, bytes_of("audio"), bytes_of("RTP/AVP"), bytes_of("0"), bytes_of(""));
    ck_assert_ptr_null(strstr(text_of(&w), "mid"));
}
END_TEST

static struct sdp_draft video(void)
{
    return (struct sdp_draft){.kind = SDP_VIDEO,
                              .port = 9,
                              .protocol = bytes_of("UDP/TLS/RTP/SAVPF"),
                              .mid = bytes_of("v"),
                              .setup = SDP_ACTIVE,
                              .direction = SDP_SENDRECV,
                              .codec = SDP_VP8,
                              .pt = 120,
                              .rtx_pt = 124};
}

static const char *section(struct sdp_local *local, struct sdp_wish *wish, struct sdp_draft *draft)
{
    struct writer w = writer_of(room, sizeof room - 1);
    sdp_write_section(&w, local, wish, draft);
    return text_of(&w);
}

START_TEST(a_whole_section)
{
    struct sdp_local local = session_local();
    struct sdp_wish wish = session_wish(SDP_VIDEO, 0);
    struct sdp_draft draft = video();
    struct bytes candidate = bytes_of("candidate:1 1 udp 1 192.0.2.1 5000 typ host");
    local.candidates = &candidate;
    local.candidate_count = 1;
    draft.carries_transport = true;
    draft.feedback = SDP_FB_NACK | SDP_FB_CCM_FIR;
    draft.rtcp_rsize = true;
    draft.ext_id[SDP_EXT_MID] = 3;
    draft.ext_direction[SDP_EXT_MID] = SDP_SENDRECV;
    draft.ext_id[SDP_EXT_RID] = 4;
    draft.ext_direction[SDP_EXT_RID] = SDP_RECVONLY;
    ck_assert_str_eq(section(&local, &wish, &draft),
                     "m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\n"
                     "c=IN IP4 0.0.0.0\r\n"
                     "a=rtcp:9 IN IP4 0.0.0.0\r\n"
                     "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n"
                     "a=ice-ufrag:duet\r\n"
                     "a=ice-pwd:0123456789abcdefghijkl\r\n"
                     "a=ice-options:trickle\r\n"
                     "a=fingerprint:sha-256 AB:01:FF:00:00:00:00:00:00:00:00:00:00:00:00:00:"
                     "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n"
                     "a=setup:active\r\n"
                     "a=mid:v\r\n"
                     "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
                     "a=extmap:4/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
                     "a=sendrecv\r\n"
                     "a=msid:stream videotrack\r\n"
                     "a=rtcp-mux\r\n"
                     "a=rtcp-rsize\r\n"
                     "a=rtpmap:120 VP8/90000\r\n"
                     "a=rtcp-fb:120 nack\r\n"
                     "a=rtcp-fb:120 ccm fir\r\n"
                     "a=rtpmap:124 rtx/90000\r\n"
                     "a=fmtp:124 apt=120\r\n"
                     "a=ssrc-group:FID 1000 1001\r\n"
                     "a=ssrc:1000 cname:cname/of+ours\r\n"
                     "a=ssrc:1000 msid:stream videotrack\r\n"
                     "a=ssrc:1001 cname:cname/of+ours\r\n"
                     "a=ssrc:1001 msid:stream videotrack\r\n");
}
END_TEST

/* Pitfall 22: no rtx format, no rtx source; no source of ours, no lines about it. */
START_TEST(pitfall_22_sources_follow_the_formats)
{
    struct sdp_local local = session_local();
    struct sdp_wish wish = session_wish(SDP_VIDEO, 0);
    struct sdp_draft draft = video();
    draft.rtx_pt = SDP_PT_NONE;
    const char *text = section(&local, &wish, &draft);
    ck_assert_ptr_null(strstr(text, "FID"));
    ck_assert_ptr_null(strstr(text, "1001"));
    ck_assert_ptr_null(strstr(text, "rtx"));
    ck_assert_ptr_nonnull(strstr(text, "a=ssrc:1000 cname:"));
    wish.ssrc = 0;
    ck_assert_ptr_null(strstr(section(&local, &wish, &draft), "a=ssrc"));
    draft.rtx_pt = 124;
    ck_assert_ptr_null(strstr(section(&local, &wish, &draft), "a=ssrc"));
    draft.direction = SDP_RECVONLY;
    wish.ssrc = 5;
    text = section(&local, &wish, &draft);
    ck_assert_ptr_null(strstr(text, "a=ssrc"));
    ck_assert_ptr_null(strstr(text, "msid"));
}
END_TEST

START_TEST(msid_without_stream_or_track)
{
    struct sdp_local local = session_local();
    struct sdp_wish wish = session_wish(SDP_VIDEO, 0);
    struct sdp_draft draft = video();
    wish.stream = bytes_of("");
    ck_assert_ptr_nonnull(strstr(section(&local, &wish, &draft), "a=msid:- videotrack\r\n"));
    wish.track = bytes_of("");
    ck_assert_ptr_nonnull(strstr(section(&local, &wish, &draft), "a=msid:-\r\n"));
}
END_TEST

START_TEST(several_fingerprints)
{
    static const uint8_t longer[48] = {1};
    struct sdp_fingerprint two[] = {
        {.digest = {session_digest, sizeof session_digest}, .hash = SDP_SHA256},
        {.digest = {longer, sizeof longer}, .hash = SDP_SHA384}};
    struct sdp_local local = session_local();
    struct sdp_wish wish = session_wish(SDP_VIDEO, 0);
    struct sdp_draft draft = video();
    local.fingerprints = two;
    local.fingerprint_count = 2;
    const char *text = section(&local, &wish, &draft);
    ck_assert_ptr_nonnull(strstr(text, "a=fingerprint:sha-256 AB:01:"));
    ck_assert_ptr_nonnull(strstr(text, "a=fingerprint:sha-384 01:00:"));
}
END_TEST

START_TEST(a_writer_without_room_fails)
{
    struct sdp_local local = session_local();
    struct sdp_wish wish = session_wish(SDP_VIDEO, 0);
    struct sdp_draft draft = video();
    size_t whole = strlen(section(&local, &wish, &draft));
    for (size_t len = 0; len < whole; len++) {
        struct writer w = writer_of(room, len);
        sdp_write_section(&w, &local, &wish, &draft);
        ck_assert_int_eq(w.err, E_FULL);
    }
}
END_TEST

SUITE("sdp draft", the_head, a_rejected_section, a_whole_section,
      pitfall_22_sources_follow_the_formats, msid_without_stream_or_track, several_fingerprints,
      a_writer_without_room_fails)
