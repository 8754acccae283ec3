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

static bool parse_offer(size_t count)
{
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

static bool verify_check(size_t count)
{
    static struct packet check;
    struct bytes password;
    struct stun_key key;
    char room[64];
    if (!make_check(&check, &password, room)) return false;
    stun_key_short_term(&key, password);
    for (size_t i = 0; i < count; i++) {
        struct stun_msg m;
        if (stun_parse(&m, packet_bytes(&check)) != OK ||
            stun_check_integrity(&m, &key) != STUN_OK || stun_check_fingerprint(&m) != STUN_OK)
            return false;
    }
    return true;
}

/* ---- Packets ---- */

/* Frames of 1000 packets of 1200 bytes: larger than any real one, so that what a frame costs once
 * does not show. */
#define PACKETS      256
#define PACKET_BYTES 1200

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
    struct rtp_sender_config sender = {.kind = RTP_VP8, .ssrc = 1, .pt = 96, .history = PACKETS};
    struct rtp_receiver_config receiver = {
        .kind = RTP_VP8, .ssrc = 1, .types = {{.pt = 96, .kind = RTP_VP8}}, .type_count = 1};
    if (s && (side == 0 ? rtp_session_add_sender(s, &sender, stream)
                        : rtp_session_add_receiver(s, &receiver, stream)) != OK) {
        rtp_session_free(s);
        s = NULL;
    }
    return s;
}

/* A VP8 key frame that fills about `packets` packets. */
static struct bytes make_frame(uint8_t *room, size_t packets)
{
    static const uint8_t start[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01};
    size_t len = packets * (PACKET_BYTES - 24);
    memset(room, 0x5a, len);
    memcpy(room, start, sizeof start);
    return (struct bytes){room, len};
}

/* The path of a packet, both ways or one: frame, packets, protected; unprotected, frame. */
struct path {
    struct rtp_session *from, *to;
    struct protect *sending, *receiving;
    size_t sender, receiver;
    uint8_t frame[PACKETS * PACKET_BYTES];
    struct packet wire[PACKETS];
    size_t wire_count;
    usec now;
    uint32_t frames;
};

static struct path *path_new(void)
{
    struct path *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->from = make_session(0, &p->sender);
    p->to = make_session(1, &p->receiver);
    p->sending = make_protect(0);
    p->receiving = make_protect(1);
    return p;
}

static void path_free(struct path *p)
{
    if (!p) return;
    rtp_session_free(p->from);
    rtp_session_free(p->to);
    protect_free(p->sending);
    protect_free(p->receiving);
    free(p);
}

/* A frame becomes protected packets in `wire`. */
static bool send_frame(struct path *p, size_t packets)
{
    struct rtp_frame frame = {.payload = make_frame(p->frame, packets),
                              .timestamp = (uint64_t)p->frames++ * 3000,
                              .key = true,
                              .captured = p->now};
    bool is_rtcp;
    p->wire_count = 0;
    if (rtp_session_send(p->from, p->sender, &frame, p->now) != OK) return false;
    while (p->wire_count < PACKETS) {
        struct packet *out = &p->wire[p->wire_count];
        packet_reset(out);
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
            return false;
        if (!is_rtcp) p->wire_count++;
        if (p->wire_count == packets) break;
    }
    p->now += MS(33);
    return p->wire_count > 0;
}

static bool receive_frame(struct path *p)
{
    struct rtp_event ev;
    size_t frames = 0;
    for (size_t i = 0; i < p->wire_count; i++) {
        struct packet *in = &p->wire[i];
        if (unprotect_rtp(p->receiving, in->at, &in->len) != OK ||
            rtp_session_input_rtp(p->to, in, p->now) != OK)
            return false;
        while (rtp_session_event(p->to, &ev)) frames += ev.type == RTP_FRAME;
    }
    return frames == 1;
}

#define FRAME_PACKETS 64

static bool packets_out(size_t count)
{
    struct path *p = path_new();
    bool ok = p != NULL;
    for (size_t i = 0; ok && i < count; i += p->wire_count) ok = send_frame(p, FRAME_PACKETS);
    path_free(p);
    return ok;
}

static bool packets_out_and_in(size_t count)
{
    struct path *p = path_new();
    bool ok = p != NULL;
    for (size_t i = 0; ok && i < count; i += p->wire_count)
        ok = send_frame(p, FRAME_PACKETS) && receive_frame(p);
    path_free(p);
    return ok;
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

static bool srtp_alone(size_t count, bool back)
{
    srtp_t out, in;
    _Alignas(8) uint8_t packet[PACKET_BYTES + PROTECT_ROOM];
    static uint8_t plain[PACKET_BYTES];
    struct protect *started = make_protect(0); /* libsrtp's own set-up */
    bool ok = started && srtp_session(&out, 0, false) && srtp_session(&in, 0, true);
    plain[0] = 0x80, plain[1] = 96, plain[11] = 1;
    for (size_t i = 0; ok && i < count; i++) {
        int len = PACKET_BYTES;
        memcpy(packet, plain, PACKET_BYTES);
        packet[2] = (uint8_t)(i >> 8), packet[3] = (uint8_t)i;
        ok = srtp_protect(out, packet, &len) == srtp_err_status_ok;
        if (ok && back) ok = srtp_unprotect(in, packet, &len) == srtp_err_status_ok;
    }
    if (started) {
        srtp_dealloc(out);
        srtp_dealloc(in);
    }
    protect_free(started);
    return ok;
}

static bool srtp_out(size_t count)
{
    return srtp_alone(count, false);
}

static bool srtp_out_and_in(size_t count)
{
    return srtp_alone(count, true);
}

const struct bench benches[] = {
    {"sdp-parse", "Chromium's offer of 6902 bytes to a tree, and freed", "offer", 10, NULL, 0,
     parse_offer},
    {"stun-verify", "a connectivity check parsed, integrity and fingerprint verified", "request",
     0.4, NULL, 0, verify_check},
    {"srtp-out", "libsrtp alone: protect 1200 bytes, AEAD_AES_128_GCM", "packet", 0, NULL, 0,
     srtp_out},
    {"vp8-out", "VP8 frame cut into packets and protected", "packet", 0, "srtp-out", 1.10,
     packets_out},
    {"srtp-both", "libsrtp alone: protect and unprotect", "packet", 0, NULL, 0, srtp_out_and_in},
    {"vp8-both", "the same packets and back: unprotected, joined to a frame", "packet", 0,
     "srtp-both", 1.10, packets_out_and_in},
    {"call", "two connections from nothing to connected, in memory: ICE, DTLS, SRTP", "call", 0,
     NULL, 0, bench_calls},
};

const size_t bench_count = COUNT(benches);
