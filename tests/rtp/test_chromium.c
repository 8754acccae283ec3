/* A VP8 stream as Chromium sent it (148 frames behind a key frame, with bandwidth probes in the RTX
 * stream, sound and RTCP beside it), through a session. The file holds one direction of a capture
 * without encryption, each packet as: microseconds (32 bits), length (16 bits), bytes. Chromium had
 * wrapped VP8 in RED, which we never agree to; its one byte a packet was taken out. */
#include "base/digest.h"
#include "rtp/feedback.h"
#include "tests/rtp/pair.h"

static struct {
    unsigned frames, sounds, streams;
    size_t bytes;
    size_t lens[12];
    uint16_t width, height;
    uint8_t joined[64 * 1024];
    bool has_captured;
} got;

static void on_event(struct rtp_event *ev)
{
    const struct rtp_frame *f = &ev->as.frame;
    if (ev->type == RTP_STREAM_NEW) got.streams++;
    if (ev->type != RTP_FRAME) return;
    got.has_captured = f->has_captured_unix;
    if (ev->stream == 1) {
        got.sounds++;
        ck_assert_uint_le(f->audio_level, 127);
        return;
    }
    ck_assert_int_eq(f->key, got.frames == 0);
    if (f->key) {
        got.width = f->width;
        got.height = f->height;
    }
    if (got.frames < COUNT(got.lens)) got.lens[got.frames] = f->payload.len;
    got.frames++;
    ck_assert_uint_le(got.bytes + f->payload.len, sizeof got.joined);
    memcpy(got.joined + got.bytes, f->payload.at, f->payload.len);
    got.bytes += f->payload.len;
}

static struct rtp_session *session(void)
{
    struct rtp_session_config cfg = {.reduced_size = true};
    struct rtp_receiver_config video = pair_vp8_receiver(), audio = pair_opus_receiver();
    size_t index;
    rng_init_number(&cfg.rng, 1);
    struct rtp_session *s = rtp_session_new(&cfg);
    ck_assert_ptr_nonnull(s);
    video.mid = bytes_of("1"); /* as in that call */
    audio.mid = bytes_of("0");
    ck_assert_int_eq(rtp_session_add_receiver(s, &video, &index), OK);
    ck_assert_int_eq(rtp_session_add_receiver(s, &audio, &index), OK);
    return s;
}

static void drain(struct rtp_session *s, usec now, unsigned *feedback)
{
    struct rtp_event ev;
    struct packet out;
    bool is_rtcp;
    while (rtp_session_event(s, &ev)) on_event(&ev);
    while (rtp_session_output(s, &out, &is_rtcp, now)) {
        struct fault fault;
        ck_assert(is_rtcp);
        ck_assert_int_eq(rtcp_check(packet_bytes(&out), &fault), OK);
        ++*feedback;
    }
}

START_TEST(frames_of_chromium_come_out_whole)
{
    struct bytes file = suite_file("tests/corpus/rtp/chromium-vp8.bin");
    struct reader r = reader_of(file);
    struct rtp_session *s = session();
    unsigned feedback = 0;
    usec now = 0;
    memset(&got, 0, sizeof got);
    while (reader_left(&r)) {
        now = read_u32(&r);
        struct bytes bytes = read_bytes(&r, read_u16(&r));
        struct packet in;
        ck_assert_int_eq(r.err, OK);
        packet_reset(&in);
        ck_assert(packet_set(&in, bytes));
        if (rtcp_is(bytes))
            ck_assert_int_eq(rtp_session_input_rtcp(s, bytes, now), OK);
        else
            ck_assert_int_eq(rtp_session_input_rtp(s, &in, now), OK);
        drain(s, now, &feedback);
    }
    /* Counted from the same packets by another program. */
    static const size_t lens[] = {763, 391, 398, 435, 423, 442, 420, 362, 354, 576, 425, 338};
    ck_assert_uint_eq(got.frames, 149);
    ck_assert_uint_eq(got.bytes, 47328);
    for (size_t i = 0; i < COUNT(lens); i++) ck_assert_uint_eq(got.lens[i], lens[i]);
    ck_assert_uint_eq(digest_crc32(&(struct bytes){got.joined, got.bytes}, 1), 0x0F4DC7AB);
    ck_assert_uint_eq(got.width, 640);
    ck_assert_uint_eq(got.height, 480);
    ck_assert_uint_eq(got.sounds, 60);
    ck_assert_uint_eq(got.streams, 2);
    ck_assert(got.has_captured);
    ck_assert_uint_gt(feedback, 20);

    struct rtp_session_stats stats = rtp_session_stats(s);
    struct rtp_receiver_stats video;
    ck_assert(rtp_session_receiver_stats(s, 0, &video));
    ck_assert_uint_eq(stats.malformed, 0);
    ck_assert_uint_eq(stats.unknown_stream, 0);
    ck_assert_uint_eq(stats.probes, 18);
    ck_assert_uint_eq(video.duplicates + video.late, 14); /* probes that repeat old packets */
    ck_assert_int_eq(video.lost, 0);
    ck_assert_uint_eq(video.plis, 0);
    ck_assert_uint_eq(video.nacks, 0);
    rtp_session_free(s);
    free((void *)(uintptr_t)file.at);
}
END_TEST

START_TEST(its_rtcp_is_read)
{
    struct bytes file = suite_file("tests/corpus/rtp/chromium-vp8.bin");
    struct reader r = reader_of(file);
    unsigned seen[256] = {0}, twcc_statuses = 0;
    while (reader_left(&r)) {
        read_u32(&r);
        struct bytes bytes = read_bytes(&r, read_u16(&r));
        if (!rtcp_is(bytes)) continue;
        struct rtcp_walk w = rtcp_walk_of(bytes);
        struct rtcp_packet p;
        while (rtcp_next(&w, &p)) {
            struct rtcp_feedback f;
            struct rtcp_twcc twcc;
            struct fault fault;
            seen[p.type]++;
            if (p.type != RTCP_RTPFB || p.count != RTPFB_TWCC) continue;
            ck_assert_int_eq(rtcp_parse_feedback(&f, &p, &fault), OK);
            ck_assert_int_eq(rtcp_parse_twcc(&twcc, f.fci, &fault), OK);
            twcc_statuses += twcc.count;
        }
        ck_assert_int_eq(w.fault.err, OK);
    }
    ck_assert_uint_ge(seen[RTCP_SR], 6);
    ck_assert_uint_ge(seen[RTCP_SDES], 6);
    ck_assert_uint_ge(seen[RTCP_RTPFB], 60);
    ck_assert_uint_gt(twcc_statuses, 100);
    free((void *)(uintptr_t)file.at);
}
END_TEST

SUITE("rtp chromium", frames_of_chromium_come_out_whole, its_rtcp_is_read)
