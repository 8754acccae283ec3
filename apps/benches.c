/* The benchmarks themselves. */
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "apps/bench.h"
#include "apps/benchcall.h"
#include "base/rng.h"
#include "ice/agent.h"
#include "rtp/protect.h"
#include "rtp/session.h"
#include "sdp/parse.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

/* ---- SDP and STUN ---- */

/* Benchmarks without a state of their own. */
static void *begin_nothing(const struct bench *self)
{
    (void)self;
    return calloc(1, 1);
}

static bool parse_offer(void *nothing, size_t count)
{
    (void)nothing;
    for (size_t i = 0; i < count; i++) {
        struct sdp sdp;
        if (sdp_parse(&sdp, bench_offer) != OK || sdp.section_count != 3) return false;
        sdp_free(&sdp);
    }
    return true;
}

/* A connectivity check as one agent sends it to another; false: there was none. */
static bool make_check(struct packet *out, struct bytes *password, char room[64])
{
    struct ice_config cfg = {.controlling = true};
    rng_init_number(&cfg.rng, 1);
    struct ice *a = ice_new(&cfg);
    rng_init_number(&cfg.rng, 2);
    struct ice *b = ice_new(&cfg);
    struct addr base = addr_ipv4(192, 0, 2, 1, 5000);
    struct candidate c;
    bool ok = a && b &&
              candidate_parse(&c, bytes_of("candidate:1 1 udp 2122260223 192.0.2.2 6000 typ host"),
                              NULL) == OK;
    if (ok) {
        ice_add_socket(a, &base, 0);
        ice_set_remote(a, ice_local_ufrag(b), ice_local_pwd(b), false, 0);
        ice_add_remote(a, &c, 0);
        ice_tick(a, 0);
        *password = bytes_of(bytes_to_text(ice_local_pwd(b), room, 64));
        packet_reset(out);
        ok = ice_output(a, out, 0);
    }
    ice_free(a);
    ice_free(b);
    return ok;
}

struct verify {
    struct packet check;
    struct stun_key key;
};

static void *begin_verify(const struct bench *self)
{
    (void)self;
    struct verify *v = calloc(1, sizeof *v);
    struct bytes password;
    char room[64];
    if (v && make_check(&v->check, &password, room)) {
        stun_key_short_term(&v->key, password);
        return v;
    }
    free(v);
    return NULL;
}

static bool verify_check(void *state, size_t count)
{
    const struct verify *v = state;
    for (size_t i = 0; i < count; i++) {
        struct stun_msg m;
        if (stun_parse(&m, packet_bytes(&v->check)) != OK ||
            stun_check_integrity(&m, &v->key) != STUN_OK || stun_check_fingerprint(&m) != STUN_OK)
            return false;
    }
    return true;
}

/* ---- Packets ---- */

/* Frames of 64 full packets: few real ones are larger, and what a frame costs once hardly shows. */
#define FRAME_PACKETS 64
#define PACKET_BYTES  1200
#define HISTORY       256

static const uint8_t keys[2][16] = {"0123456789abcdef", "fedcba9876543210"};
static const uint8_t salts[2][12] = {"0123456789a", "a9876543210"};

static struct protect *make_protect(int side)
{
    struct protect_config cfg = {.profile = PROTECT_AEAD_AES_128_GCM,
                                 .send_key = {keys[side], 16},
                                 .send_salt = {salts[side], 12},
                                 .receive_key = {keys[1 - side], 16},
                                 .receive_salt = {salts[1 - side], 12}};
    return protect_new(&cfg);
}

static struct rtp_session *make_session(int side, size_t *stream)
{
    struct rtp_session_config cfg = {.reduced_size = true};
    rng_init_number(&cfg.rng, (uint64_t)side);
    struct rtp_session *s = rtp_session_new(&cfg);
    struct rtp_sender_config sender = {.kind = RTP_VP8, .ssrc = 1, .pt = 96, .history = HISTORY};
    struct rtp_receiver_config receiver = {
        .kind = RTP_VP8, .ssrc = 1, .types = {{.pt = 96, .kind = RTP_VP8}}, .type_count = 1};
    if (s && (side == 0 ? rtp_session_add_sender(s, &sender, stream)
                        : rtp_session_add_receiver(s, &receiver, stream)) != OK) {
        rtp_session_free(s);
        s = NULL;
    }
    return s;
}

/* The path of a packet, both ways or one: frame, packets, protected; unprotected, frame. */
struct path {
    struct rtp_session *from, *to;
    struct protect *sending, *receiving;
    size_t sender, receiver;
    uint8_t frame[FRAME_PACKETS * (PACKET_BYTES - 12 - 4)]; /* RTP header, payload descriptor */
    struct packet wire;
    usec now;
    uint32_t frames_sent, frames_received;
};

/* A VP8 key frame that fills FRAME_PACKETS packets. */
static void make_frame(uint8_t *to, size_t len)
{
    static const uint8_t start[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01};
    memset(to, 0x5a, len);
    memcpy(to, start, sizeof start);
}

static void path_free(void *state)
{
    struct path *p = state;
    rtp_session_free(p->from);
    rtp_session_free(p->to);
    protect_free(p->sending);
    protect_free(p->receiving);
    free(p);
}

static void *path_new(const struct bench *self)
{
    (void)self;
    struct path *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    make_frame(p->frame, sizeof p->frame);
    packet_reset(&p->wire);
    p->from = make_session(0, &p->sender);
    p->to = make_session(1, &p->receiver);
    p->sending = make_protect(0);
    p->receiving = make_protect(1);
    if (p->from && p->to && p->sending && p->receiving) return p;
    path_free(p);
    return NULL;
}

static bool receive_packet(struct path *p, bool is_rtcp)
{
    struct rtp_event ev;
    struct packet *in = &p->wire;
    if (is_rtcp) return true;
    if (unprotect_rtp(p->receiving, in->at, &in->len) != OK ||
        rtp_session_input_rtp(p->to, in, p->now) != OK)
        return false;
    while (rtp_session_event(p->to, &ev)) p->frames_received += ev.type == RTP_FRAME;
    return true;
}

/* A frame becomes protected packets; with `back`, each of them goes on to the receiver at once, as
 * one does that was just read from a socket. Returns how many there were; 0: it failed. */
static size_t carry_frame(struct path *p, bool back)
{
    struct rtp_frame frame = {.payload = {p->frame, sizeof p->frame},
                              .timestamp = (uint64_t)p->frames_sent++ * 3000,
                              .key = true,
                              .captured = p->now};
    struct packet *out = &p->wire;
    bool is_rtcp;
    size_t packets = 0;
    if (rtp_session_send(p->from, p->sender, &frame, p->now) != OK) return 0;
    for (;;) {
        if (!rtp_session_output(p->from, out, &is_rtcp, p->now)) {
            usec next = rtp_session_deadline(p->from);
            if (next > p->now + MS(100)) break;
            p->now = next > p->now ? next : p->now + 1; /* the pacer lets the next ones go */
            rtp_session_tick(p->from, p->now);
            continue;
        }
        size_t room = (size_t)(out->room + sizeof out->room - out->at);
        if ((is_rtcp ? protect_rtcp(p->sending, out->at, &out->len, room)
                     : protect_rtp(p->sending, out->at, &out->len, room)) != OK)
            return 0;
        if (back && !receive_packet(p, is_rtcp)) return 0;
        packets += !is_rtcp;
        if (packets == FRAME_PACKETS) break;
    }
    p->now += MS(33);
    return back && p->frames_received != p->frames_sent ? 0 : packets;
}

static bool carry_packets(struct path *p, size_t count, bool back)
{
    for (size_t done = 0; done < count;) {
        size_t packets = carry_frame(p, back);
        if (packets == 0) return false;
        done += packets;
    }
    return true;
}

static bool packets_out(void *state, size_t count)
{
    return carry_packets(state, count, false);
}

static bool packets_out_and_in(void *state, size_t count)
{
    return carry_packets(state, count, true);
}

/* libsrtp alone, over the same bytes, with the same key and policy. */
static bool srtp_session(srtp_t *session, int side, bool inbound)
{
    uint8_t master[28];
    srtp_policy_t policy;
    memset(&policy, 0, sizeof policy);
    memcpy(master, keys[side], 16);
    memcpy(master + 16, salts[side], 12);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    policy.ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound;
    policy.key = master;
    policy.window_size = PROTECT_REPLAY_WINDOW;
    return srtp_create(session, &policy) == srtp_err_status_ok;
}

struct alone {
    struct protect *prepared;
    srtp_t out, in;
    _Alignas(8) uint8_t plain[PACKET_BYTES], packet[PACKET_BYTES + PROTECT_ROOM];
    uint16_t sequence;
};

static void *alone_new(const struct bench *self)
{
    (void)self;
    static const uint8_t header[] = {0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    struct alone *a = calloc(1, sizeof *a);
    if (!a) return NULL;
    memcpy(a->plain, header, sizeof header);
    a->prepared = protect_prepare();
    if (a->prepared && srtp_session(&a->out, 0, false) && srtp_session(&a->in, 0, true)) return a;
    protect_free(a->prepared);
    free(a);
    return NULL;
}

static void alone_free(void *state)
{
    struct alone *a = state;
    srtp_dealloc(a->out);
    srtp_dealloc(a->in);
    protect_free(a->prepared);
    free(a);
}

static bool srtp_alone(struct alone *a, size_t count, bool back)
{
    for (size_t i = 0; i < count; i++) {
        int len = PACKET_BYTES;
        memcpy(a->packet, a->plain, PACKET_BYTES);
        a->sequence++;
        a->packet[2] = (uint8_t)(a->sequence >> 8), a->packet[3] = (uint8_t)a->sequence;
        if (srtp_protect(a->out, a->packet, &len) != srtp_err_status_ok) return false;
        if (back && srtp_unprotect(a->in, a->packet, &len) != srtp_err_status_ok) return false;
    }
    return true;
}

static bool srtp_out(void *state, size_t count)
{
    return srtp_alone(state, count, false);
}

static bool srtp_out_and_in(void *state, size_t count)
{
    return srtp_alone(state, count, true);
}

/* Bytes that nobody protected: what finding that out costs. */
static bool srtp_forged(void *state, size_t count)
{
    struct alone *a = state;
    for (size_t i = 0; i < count; i++) {
        int len = PACKET_BYTES;
        memcpy(a->packet, a->plain, PACKET_BYTES);
        if (srtp_unprotect(a->in, a->packet, &len) != srtp_err_status_auth_fail) return false;
    }
    return true;
}

static const struct bench benches[] = {
    {
        .name = "sdp-parse",
        .what = "Chromium's offer of 6902 bytes to a tree, and freed",
        .unit = "offer",
        .target_us = 10,
        .begin = begin_nothing,
        .run = parse_offer,
        .end = free,
    },
    {
        .name = "stun-verify",
        .what = "a connectivity check parsed, integrity and fingerprint verified",
        .unit = "request",
        .target_us = 0.4,
        .begin = begin_verify,
        .run = verify_check,
        .end = free,
    },
    {
        .name = "srtp-out",
        .what = "libsrtp alone: protect 1200 bytes, AEAD_AES_128_GCM",
        .unit = "packet",
        .begin = alone_new,
        .run = srtp_out,
        .end = alone_free,
    },
    {
        .name = "vp8-out",
        .what = "VP8 frame cut into packets and protected",
        .unit = "packet",
        .against = "srtp-out",
        .target_ratio = 1.10,
        .begin = path_new,
        .run = packets_out,
        .end = path_free,
    },
    {
        .name = "srtp-both",
        .what = "libsrtp alone: protect and unprotect",
        .unit = "packet",
        .begin = alone_new,
        .run = srtp_out_and_in,
        .end = alone_free,
    },
    {
        .name = "vp8-both",
        .what = "the same packets and back: unprotected, joined to a frame",
        .unit = "packet",
        .against = "srtp-both",
        .target_ratio = 1.10,
        .begin = path_new,
        .run = packets_out_and_in,
        .end = path_free,
    },
    {
        .name = "srtp-forged",
        .what = "libsrtp alone: 1200 bytes with a bad tag refused",
        .unit = "packet",
        .begin = alone_new,
        .run = srtp_forged,
        .end = alone_free,
    },
    {
        .name = "call",
        .what = "two connections from nothing to connected, in memory: ICE, DTLS, SRTP",
        .unit = "call",
        .begin = bench_calls_begin,
        .run = bench_calls,
        .end = bench_calls_end,
    },
};

const struct bench_table bench_parts = {benches, COUNT(benches)};
