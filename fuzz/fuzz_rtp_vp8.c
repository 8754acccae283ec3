/* VP8 payloads in any order into a receiver. Each record: sequence step and flags (one byte), time
 * step (one byte), payload length (one byte), payload. Frames are no larger than what went in, and
 * begin where a frame begins. */
#include "fuzz/fuzz.h"
#include "rtp/receiver.h"
#include "rtp/vp8.h"

static void round_trip(struct bytes payload)
{
    struct vp8_descriptor a, b;
    uint8_t room[VP8_DESCRIPTOR_MAX + 1];
    enum err err = vp8_parse(&a, payload);
    FUZZ_CHECK(err == a.fault.err);
    if (err != OK) return;
    struct writer w = writer_of(room, sizeof room);
    vp8_write_descriptor(&w, &a);
    write_u8(&w, 0);
    FUZZ_CHECK(vp8_parse(&b, writer_done(&w)) == OK);
    FUZZ_CHECK(a.start == b.start && a.partition == b.partition && a.tid == b.tid);
    FUZZ_CHECK(a.picture_id == b.picture_id && a.long_picture_id == b.long_picture_id);
    FUZZ_CHECK(a.tl0picidx == b.tl0picidx && a.keyidx == b.keyidx);
}

static void drain(struct rtp_receiver *r, size_t fed, usec now)
{
    struct rtp_frame f;
    uint16_t missing[NACK_MISSING_MAX];
    volatile uint8_t sum = 0;
    unsigned frames = 0;
    rtp_receiver_tick(r, now);
    while (rtp_receiver_frame(r, &f, now)) {
        FUZZ_CHECK(++frames <= RTP_JITTER_MAX);
        FUZZ_CHECK(f.payload.len > 0 && f.payload.len <= fed);
        for (size_t i = 0; i < f.payload.len; i++) sum = sum + f.payload.at[i];
    }
    rtp_receiver_nacks(r, missing, NACK_MISSING_MAX, MS(20), now);
    rtp_receiver_key_due(r, now);
    FUZZ_CHECK(rtp_receiver_deadline(r) > now);
    FUZZ_CHECK(r->jitter.end - r->jitter.next <= r->jitter.capacity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct rtp_receiver r;
    struct rtp_receiver_config cfg = {.kind = RTP_VP8,
                                      .types = {{.pt = 96, .kind = RTP_VP8}},
                                      .type_count = 1,
                                      .ssrc = 1,
                                      .packets = 32,
                                      .feedback = {.nack = true, .pli = true}};
    struct reader in = reader_of((struct bytes){data, n});
    struct rtp_packet p = {.payload_type = 96, .ssrc = 1, .sequence = 65530};
    usec now = 0;
    FUZZ_CHECK(rtp_receiver_init(&r, &cfg) == OK);
    while (reader_left(&in)) {
        struct fault fault = {0};
        uint8_t step = read_u8(&in);
        p.marker = step & 1;
        p.timestamp += step & 2 ? 3000 : 0;
        /* Mostly the next ones, sometimes before, seldom far away. */
        p.sequence = (uint16_t)(p.sequence + (step >> 2 & 15) - 3 + (step > 250 ? 400 * step : 0));
        now += MS(read_u8(&in));
        p.payload = read_bytes(&in, read_u8(&in));
        round_trip(p.payload);
        enum err err = rtp_receiver_input(&r, &p, step & 64, now, &fault);
        FUZZ_CHECK(err == fault.err);
        drain(&r, n, now);
    }
    rtp_receiver_free(&r);
    return 0;
}
