#include "tests/rtp/pair.h"

struct seen {
    unsigned frames, keys, new_streams, key_wishes;
    size_t lens[64];
    struct rtp_frame last;
    uint8_t payload[100000];
};

static void record(struct pair *p, int side, const struct rtp_event *ev)
{
    struct seen *seen = (struct seen *)p->user + side;
    switch (ev->type) {
    case RTP_FRAME:
        if (seen->frames < COUNT(seen->lens)) seen->lens[seen->frames] = ev->as.frame.payload.len;
        seen->frames++;
        seen->keys += ev->as.frame.key;
        seen->last = ev->as.frame;
        ck_assert_uint_le(ev->as.frame.payload.len, sizeof seen->payload);
        memcpy(seen->payload, ev->as.frame.payload.at, ev->as.frame.payload.len);
        break;
    case RTP_STREAM_NEW: seen->new_streams++; break;
    case RTP_KEY_WANTED: seen->key_wishes++; break;
    default: break;
    }
}

START_TEST(vp8_and_opus_frames_arrive_whole)
{
    static struct seen seen[2];
    static uint8_t room[90000];
    memset(seen, 0, sizeof seen);
    struct pair p;
    pair_init(&p, 1);
    p.event = record;
    p.user = seen;
    size_t video, audio, receiver;
    struct rtp_sender_config vs = pair_vp8_sender(), as = pair_opus_sender();
    struct rtp_receiver_config vr = pair_vp8_receiver(), ar = pair_opus_receiver();
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &vs, &video), OK);
    ck_assert_int_eq(rtp_session_add_sender(p.side[0], &as, &audio), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p.side[1], &vr, &receiver), OK);
    ck_assert_int_eq(rtp_session_add_receiver(p.side[1], &ar, &receiver), OK);

    static const size_t lens[] = {10, 11, 1100, 1200, 5000, 90000, 3, 40};
    for (size_t i = 0; i < COUNT(lens); i++) {
        struct bytes payload = pair_frame(room, lens[i], i == 0, (uint32_t)i);
        struct rtp_frame f = {
            .payload = payload, .timestamp = 3000 * i, .key = i == 0, .captured = p.now};
        ck_assert_int_eq(rtp_session_send(p.side[0], video, &f, p.now), OK);
        pair_drain(&p, 0);
        pair_run(&p, MS(60));
        ck_assert_uint_eq(seen[1].frames, i + 1);
        ck_assert_uint_eq(seen[1].last.payload.len, lens[i]);
        ck_assert_mem_eq(seen[1].payload, payload.at, payload.len);
        ck_assert_uint_eq(seen[1].last.width, i == 0 ? 640 : 0);
        ck_assert_uint_eq(seen[1].last.height, i == 0 ? 480 : 0);
    }
    static const uint8_t sound[] = {0x78, 1, 2, 3};
    struct rtp_frame f = {.payload = {sound, sizeof sound},
                          .timestamp = 960,
                          .audio_level = 30,
                          .voice = true,
                          .captured = p.now};
    ck_assert_int_eq(rtp_session_send(p.side[0], audio, &f, p.now), OK);
    pair_drain(&p, 0);
    pair_run(&p, MS(60));
    ck_assert_uint_eq(seen[1].frames, COUNT(lens) + 1);
    ck_assert_uint_eq(seen[1].last.audio_level, 30);
    ck_assert(seen[1].last.voice);
    ck_assert_mem_eq(seen[1].payload, sound, sizeof sound);
    ck_assert_uint_eq(seen[1].new_streams, 2);
    pair_free(&p);
}
END_TEST

SUITE("rtp session", vp8_and_opus_frames_arrive_whole)
