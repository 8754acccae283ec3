/* A sender's session and a receiver's with a bad link between them, both ways: bytes are a script
 * of frames, times and the fate of each packet. Every frame that comes out is one that went in,
 * whole, in order; deadlines move on; and once the link is good and key frames are sent when asked
 * for, the last one arrives. */
#include "fuzz/fuzz.h"

#include "base/packet.h"
#include "rtp/session.h"

#include <string.h>

#define LINK      128
#define STEPS_MAX 150

struct world {
    struct rtp_session *side[2]; /* 0 sends, 1 receives */
    struct reader in;
    usec now;
    bool good; /* the link */
    struct {
        struct packet packet;
        usec at;
        int to;
        bool rtcp;
    } flying[LINK];
    size_t count;
    uint32_t sent, last_seen[2]; /* numbers of frames */
    bool key_wanted;
};

static const struct rtp_extension_ids ids = {
    .mid = 4, .abs_send_time = 2, .transport_cc = 3, .audio_level = 1};
static const struct rtp_feedback_flags feedback = {true, true, true, true, true};

static void add_stream(struct world *w, enum rtp_kind kind, bool rtx)
{
    size_t index;
    bool video = kind == RTP_VP8;
    struct rtp_sender_config out = {.kind = kind,
                                    .mid = bytes_of(video ? "0" : "1"),
                                    .ssrc = 100 + kind,
                                    .rtx_ssrc = video && rtx ? 200 : 0,
                                    .pt = video ? 96 : 111,
                                    .rtx_pt = 97,
                                    .history = 64,
                                    .extensions = ids,
                                    .feedback = feedback};
    struct rtp_receiver_config in = {
        .mid = out.mid,
        .kind = kind,
        .types = {{.pt = out.pt, .kind = kind}, {.pt = 97, .is_rtx = true, .apt = 96}},
        .type_count = video && rtx ? 2 : 1,
        .ssrc = out.ssrc,
        .rtx_ssrc = out.rtx_ssrc,
        .packets = 64,
        .extensions = ids,
        .feedback = feedback};
    FUZZ_CHECK(rtp_session_add_sender(w->side[0], &out, &index) == OK);
    FUZZ_CHECK(rtp_session_add_receiver(w->side[1], &in, &index) == OK);
}

/* A frame that says which one it is: a VP8 header or an Opus TOC, its number, and bytes after it.
 */
static size_t fill(uint8_t *to, enum rtp_kind kind, bool key, uint32_t number, size_t len)
{
    static const uint8_t vp8[] = {0x10, 0, 0, 0x9D, 1, 0x2A, 0x40, 1, 0xF0, 0};
    for (size_t i = 0; i < len; i++) to[i] = (uint8_t)(number + i * 3);
    memcpy(to, vp8, sizeof vp8);
    to[0] = kind == RTP_OPUS ? 0xFC : key ? 0x10 : 0x11;
    to[10] = (uint8_t)(number >> 8), to[11] = (uint8_t)number;
    return len;
}

static void send_frame(struct world *w, enum rtp_kind kind, bool key, size_t len)
{
    static uint8_t data[8192];
    uint32_t number = ++w->sent;
    struct rtp_frame f = {.timestamp = (uint64_t)w->now / 11,
                          .key = key || kind == RTP_OPUS,
                          .audio_level = RTP_LEVEL_UNKNOWN,
                          .captured = w->now};
    f.payload = (struct bytes){data, fill(data, kind, key, number, len)};
    rtp_session_send(w->side[0], kind == RTP_VP8 ? 0 : 1, &f, w->now);
}

static void check_frame(struct world *w, size_t stream, const struct rtp_frame *f)
{
    static uint8_t want[8192];
    enum rtp_kind kind = stream == 0 ? RTP_VP8 : RTP_OPUS;
    FUZZ_CHECK(stream < 2 && f->payload.len >= 12 && f->payload.len <= sizeof want);
    uint32_t number = (uint32_t)f->payload.at[10] << 8 | f->payload.at[11];
    fill(want, kind, f->key, number, f->payload.len);
    FUZZ_CHECK(memcmp(want, f->payload.at, f->payload.len) == 0);
    FUZZ_CHECK(number > w->last_seen[stream] && number <= w->sent);
    w->last_seen[stream] = number;
}

static void fly(struct world *w, int to, const struct packet *p, bool rtcp)
{
    uint8_t fate = w->good ? 0 : read_u8(&w->in);
    int copies = fate >= 250 ? 2 : fate >= 200 ? 0 : 1;
    for (int i = 0; i < copies && w->count < LINK; i++) {
        w->flying[w->count].at = w->now + MS(w->good ? 5 : fate % 50);
        w->flying[w->count].to = to;
        w->flying[w->count].rtcp = rtcp;
        packet_reset(&w->flying[w->count].packet);
        packet_copy(&w->flying[w->count++].packet, p);
    }
}

static void drain(struct world *w)
{
    static struct packet out;
    struct rtp_event ev;
    bool rtcp;
    for (int i = 0; i < 2; i++) {
        packet_reset(&out);
        for (int n = 0; rtp_session_output(w->side[i], &out, &rtcp, w->now); n++) {
            FUZZ_CHECK(n < 1000);
            fly(w, 1 - i, &out, rtcp);
        }
        while (rtp_session_event(w->side[i], &ev)) {
            if (ev.type == RTP_FRAME) check_frame(w, ev.stream, &ev.as.frame);
            if (ev.type == RTP_KEY_WANTED) w->key_wanted = true;
        }
    }
}

static void deliver(struct world *w)
{
    for (size_t i = 0; i < w->count;) {
        if (w->flying[i].at > w->now) {
            i++;
            continue;
        }
        static struct packet in;
        packet_reset(&in);
        packet_copy(&in, &w->flying[i].packet);
        int to = w->flying[i].to;
        enum err err = w->flying[i].rtcp
                           ? rtp_session_input_rtcp(w->side[to], packet_bytes(&in), w->now)
                           : rtp_session_input_rtp(w->side[to], &in, w->now);
        FUZZ_CHECK(err == OK || err == E_STATE);
        w->count--;
        w->flying[i].at = w->flying[w->count].at;
        w->flying[i].to = w->flying[w->count].to;
        w->flying[i].rtcp = w->flying[w->count].rtcp;
        packet_copy(&w->flying[i].packet, &w->flying[w->count].packet);
        drain(w);
    }
}

static void run(struct world *w, usec until)
{
    for (int steps = 0;; steps++) {
        FUZZ_CHECK(steps < 20000); /* deadlines move on */
        drain(w);
        usec at = usec_min(rtp_session_deadline(w->side[0]), rtp_session_deadline(w->side[1]));
        for (size_t i = 0; i < w->count; i++) at = usec_min(at, w->flying[i].at);
        if (at > until) break;
        w->now = usec_max(at, w->now);
        deliver(w);
        for (int i = 0; i < 2; i++) rtp_session_tick(w->side[i], w->now);
    }
    w->now = until;
}

static void step(struct world *w)
{
    uint8_t what = read_u8(&w->in);
    switch (what & 3) {
    case 0: send_frame(w, RTP_OPUS, true, 12 + (what >> 2)); break;
    case 1: send_frame(w, RTP_VP8, what & 4 || w->sent == 0, 12 + read_u8(&w->in) * 30u); break;
    case 2: run(w, w->now + MS(what >> 2)); break;
    default: run(w, w->now + MS(what >> 2) * 20); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    if (n > 2048) return 0;
    w.in = reader_of((struct bytes){data, n});
    w.now = 0, w.count = 0, w.sent = 0, w.good = false, w.key_wanted = false;
    w.last_seen[0] = w.last_seen[1] = 0;
    uint8_t flags = read_u8(&w.in);
    for (int i = 0; i < 2; i++) {
        struct rtp_session_config cfg = {.reduced_size = flags & 2, .plain_resends = flags & 4};
        rng_init_number(&cfg.rng, (uint64_t)i);
        w.side[i] = rtp_session_new(&cfg);
        FUZZ_CHECK(w.side[i]);
    }
    add_stream(&w, RTP_VP8, flags & 1);
    add_stream(&w, RTP_OPUS, false);
    for (int steps = 0; steps < STEPS_MAX && reader_left(&w.in); steps++) step(&w);
    w.good = true;
    for (int i = 0; i < 10; i++) {
        run(&w, w.now + MS(500));
        send_frame(&w, RTP_VP8, true, 2000);
        send_frame(&w, RTP_OPUS, true, 40);
    }
    run(&w, w.now + SEC(3));
    FUZZ_CHECK(w.last_seen[0] == w.sent - 1 && w.last_seen[1] == w.sent);
    for (int i = 0; i < 2; i++) rtp_session_free(w.side[i]);
    return 0;
}
