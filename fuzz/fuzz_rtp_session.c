/* A session as a machine: bytes are steps (packets, time, frames, commands). Output and events end,
 * deadlines move on, what goes out can be read, and nothing grows. What goes out may come back in,
 * so that well-formed streams, feedback and all, are reached from few bytes. */
#include "fuzz/fuzz.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/session.h"

#include <string.h>

/* Small streams make many runs: of a stream of full size, most is memory that a run never needs. */
#define INPUT_MAX    1024
#define SMALL_PACKET 256
#define FRAME_MAX    6000

/* A run gives all its memory back, hundreds of kilobytes: with the default of 256 MB each would
 * come from fresh pages. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=8:malloc_context_size=8";
}

static const struct rtp_extension_ids ids = {
    .mid = 4, .abs_send_time = 2, .transport_cc = 3, .audio_level = 1};

struct play {
    struct rtp_session *s;
    struct reader in;
    struct packet in_packet, out;
    usec now;
    unsigned echo; /* of 256: how many packets come back */
    unsigned dice;
};

static void add_streams(struct rtp_session *s, uint8_t how)
{
    size_t index;
    bool audio = how & 1, full_size = how & 32;
    struct rtp_sender_config out = {.kind = audio ? RTP_OPUS : RTP_VP8,
                                    .mid = bytes_of(audio ? "1" : "0"),
                                    .ssrc = 100 + how,
                                    .rtx_ssrc = how & 2 ? 400u + how : 0,
                                    .pt = audio ? 111 : 96,
                                    .rtx_pt = 97,
                                    .max_packet = full_size ? RTP_PACKET_LEN : SMALL_PACKET,
                                    .history = 16,
                                    .extensions = ids,
                                    .feedback = {true, true, true, true, true}};
    struct rtp_receiver_config in = {
        .mid = out.mid,
        .kind = out.kind,
        .types = {{.pt = out.pt, .kind = out.kind}, {.pt = 97, .is_rtx = true, .apt = 96}},
        .type_count = audio ? 1 : 2,
        .ssrc = how & 4 ? out.ssrc : 0,
        .packets = full_size ? 16 : 8,
        .extensions = ids,
        .feedback = {how & 8, how & 16, true, true, true}};
    rtp_session_add_sender(s, &out, &index);
    rtp_session_add_receiver(s, &in, &index);
}

static void check_out(const struct packet *out, bool is_rtcp)
{
    struct rtp_packet p;
    struct fault fault;
    if (is_rtcp) {
        FUZZ_CHECK(rtcp_is(packet_bytes(out)));
        FUZZ_CHECK(rtcp_check(packet_bytes(out), &fault) == OK);
    } else {
        FUZZ_CHECK(!rtcp_is(packet_bytes(out)));
        FUZZ_CHECK(rtp_parse(&p, packet_bytes(out)) == OK);
    }
    FUZZ_CHECK(out->len <= RTP_PACKET_LEN);
}

static void input(struct play *p, struct bytes bytes, bool is_rtcp)
{
    struct packet *in = &p->in_packet;
    packet_reset(in);
    if (!packet_set(in, bytes)) return;
    enum err err = is_rtcp ? rtp_session_input_rtcp(p->s, bytes, p->now)
                           : rtp_session_input_rtp(p->s, in, p->now);
    if (err != OK) FUZZ_CHECK(rtp_session_fault(p->s)->err == err);
}

static void drain(struct play *p)
{
    static uint8_t sink[512 * 1500];
    struct packet *out = &p->out;
    struct rtp_event ev;
    bool is_rtcp;
    for (int rounds = 0, dry = 0; !dry; rounds++) {
        FUZZ_CHECK(rounds < 20000);
        dry = 1;
        if (rtp_session_output(p->s, out, &is_rtcp, p->now)) {
            dry = 0;
            check_out(out, is_rtcp);
            p->dice = p->dice * 1664525 + 1013904223;
            if (p->dice >> 24 < p->echo) input(p, packet_bytes(out), is_rtcp);
        }
        while (rtp_session_event(p->s, &ev)) {
            dry = 0;
            if (ev.type != RTP_FRAME) continue;
            FUZZ_CHECK(ev.as.frame.payload.len <= sizeof sink);
            memcpy(sink, ev.as.frame.payload.at, ev.as.frame.payload.len); /* can be read */
        }
    }
    FUZZ_CHECK(rtp_session_deadline(p->s) > p->now);
}

static void send_frame(struct play *p, uint8_t sender, size_t len)
{
    static const uint8_t data[FRAME_MAX] = {0x10, 0, 0, 0x9D, 1, 0x2A, 0x40, 1, 0xF0, 0};
    struct rtp_frame f = {.payload = {data, len < sizeof data ? len : sizeof data},
                          .timestamp = (uint64_t)p->now / 11,
                          .key = true,
                          .discardable = len & 1,
                          .audio_level = (uint8_t)len,
                          .captured = p->now};
    rtp_session_send(p->s, sender % 4, &f, p->now);
}

static void stop_sender(struct rtp_session *s, uint8_t how)
{
    struct rtp_sender_config cfg = {.kind = RTP_VP8, .mid = bytes_of("2"), .pt = 98, .rtx_pt = 99};
    if (!(how & 4))
        rtp_session_remove_sender(s, how % 4);
    else if (!(how & 8))
        rtp_session_pause_sender(s, how % 4);
    else
        rtp_session_update_sender(s, how % 4, &cfg);
}

static void step(struct play *p)
{
    uint8_t what = read_u8(&p->in);
    uint8_t how = read_u8(&p->in);
    switch (what % 10) {
    case 0: input(p, read_bytes(&p->in, how), false); break;
    case 1: input(p, read_bytes(&p->in, how), true); break;
    case 2: p->now += MS(how); break;
    case 3: p->now += MS(how) * 50; break;
    case 4: send_frame(p, how, read_u16(&p->in)); break;
    case 5: p->echo = how; break;
    case 6: add_streams(p->s, how); break;
    case 7: stop_sender(p->s, how); break;
    case 8: rtp_session_remove_receiver(p->s, how % 4); break;
    case 9: rtp_session_want_key(p->s, how % 4); break;
    default: break;
    }
    rtp_session_tick(p->s, p->now);
    drain(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rtp_session_config cfg = {.reduced_size = n & 1, .plain_resends = n & 2};
    static struct play p;
    if (n > INPUT_MAX) return 0;
    p.in = reader_of((struct bytes){data, n});
    p.now = 0;
    p.echo = 200;
    p.dice = 1;
    rng_init_number(&cfg.rng, n);
    p.s = rtp_session_new(&cfg);
    FUZZ_CHECK(p.s != NULL);
    add_streams(p.s, 0x1A);
    add_streams(p.s, 0x19);
    while (reader_left(&p.in)) step(&p);
    rtp_session_free(p.s);
    return 0;
}
