#include "apps/simmedia.h"

#include <string.h>

#define NUMBER_LEN 4 /* the frame's number, at its end */

void simmedia_init(struct simmedia *m, enum rtp_kind kind)
{
    *m = (struct simmedia){.kind = kind, .last = -1, .key_wanted = true};
}

static size_t length_of(enum rtp_kind kind, bool key, uint32_t number)
{
    if (kind == RTP_OPUS) return 64 + number % 64;
    return key ? 2900 + number % 100 : 500 + number * 37 % 900;
}

/* Bytes that follow from the number and the place: a multiplicative sequence, 8 bytes a step. */
static void fill(uint8_t *to, size_t len, uint64_t number)
{
    uint64_t word = (number + 1) * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < len; i += 8) {
        uint8_t eight[8];
        word = word * 6364136223846793005u + 1442695040888963407u;
        for (size_t k = 0; k < 8; k++) eight[k] = (uint8_t)(word >> (8 * k));
        memcpy(to + i, eight, len - i < 8 ? len - i : 8);
    }
}

/* Frame `number` into `to`. */
static struct bytes make(uint8_t *to, enum rtp_kind kind, bool key, uint32_t number)
{
    /* RFC 6386 §9.1: frame tag, start code, 640x480; §3.1 of RFC 6716: CELT, 20 ms, stereo. */
    static const uint8_t vp8_key[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01};
    static const uint8_t vp8_delta[] = {0x11, 0, 0};
    static const uint8_t opus[] = {0xfc};
    size_t len = length_of(kind, key, number);
    fill(to, len, number);
    if (kind == RTP_OPUS)
        memcpy(to, opus, sizeof opus);
    else if (key)
        memcpy(to, vp8_key, sizeof vp8_key);
    else
        memcpy(to, vp8_delta, sizeof vp8_delta);
    struct writer w = writer_of(to + len - NUMBER_LEN, NUMBER_LEN);
    write_u32(&w, number);
    return (struct bytes){to, len};
}

enum err simmedia_send(struct simmedia *m, struct peer *peer, usec now)
{
    uint8_t room[SIMMEDIA_FRAME_MAX];
    struct peer_track t;
    for (size_t i = 0; peer_track(peer, i, &t); i++) {
        if (t.kind != m->kind || !t.agreed.send) continue;
        bool key = m->kind == RTP_OPUS || m->key_wanted;
        uint64_t step = m->kind == RTP_OPUS ? 960 : SIMMEDIA_PICTURE;
        struct rtp_frame f = {.payload = make(room, m->kind, key, m->next),
                              .timestamp = m->next * step,
                              .key = key,
                              .audio_level = RTP_LEVEL_UNKNOWN,
                              .captured = now};
        m->next++;
        enum err err = peer_send(peer, i, &f, now);
        if (err != OK) {
            m->key_wanted = true; /* what comes next would refer to what was not sent */
            return err;
        }
        m->sent++;
        if (key) m->keys++;
        m->key_wanted = false;
        return OK;
    }
    return E_STATE;
}

void simmedia_received(struct simmedia *m, const struct rtp_frame *frame, usec now)
{
    uint8_t want[SIMMEDIA_FRAME_MAX];
    struct reader r =
        reader_of(bytes_slice(frame->payload, frame->payload.len - NUMBER_LEN, NUMBER_LEN));
    uint32_t number = read_u32(&r);
    if (r.err != OK || !bytes_equal(make(want, m->kind, frame->key, number), frame->payload)) {
        m->damaged++;
        return;
    }
    if ((int64_t)number <= m->last) m->out_of_order++;
    m->last = number;
    m->received++;
    if (m->first_at == 0)
        m->first_at = now;
    else
        m->longest_gap = usec_max(m->longest_gap, now - m->last_at);
    m->last_at = now;
}

struct bytes simmedia_secret(const struct simmedia *m, uint8_t to[SIMMEDIA_FRAME_MAX])
{
    if (m->sent == 0) return bytes_of("");
    struct bytes frame = make(to, m->kind, m->kind == RTP_OPUS, m->next - 1);
    return bytes_slice(frame, 16, 24);
}
