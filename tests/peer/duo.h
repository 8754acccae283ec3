/* Two connections and a network between them, in virtual time: for tests and fuzzers.
 *
 * OpenSSL's DTLS timers read gettimeofday: a program that defines it gives OpenSSL its time.
 * Include this in one file of a program. */
#ifndef DUET_TESTS_PEER_DUO_H
#define DUET_TESTS_PEER_DUO_H

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "peer/connection.h"
#include "peer/demux.h"

#define DUO_UNIX_SEC 1790000000
#ifndef DUO_IN_FLIGHT
#define DUO_IN_FLIGHT 512
#endif
#define DUO_FRAMES 64

static usec duo_clock;
static struct dtls_identity *duo_identities[2]; /* made once a process */

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    (void)zone;
    tv->tv_sec = DUO_UNIX_SEC + duo_clock / SEC(1);
    tv->tv_usec = duo_clock % SEC(1);
    return 0;
}

/* What one side has seen. */
struct duo_seen {
    uint64_t frames[PEER_TRACKS_MAX];
    uint64_t damaged; /* frames that are not what was sent */
    uint64_t last_timestamp[PEER_TRACKS_MAX];
    uint64_t key_wanted, negotiate, states, track_events;
    struct route selected;
    struct peer_candidate candidates[16];
    size_t candidate_count;
    bool end_of_candidates;
    char name[ICE_NAME_MAX + 1]; /* the last `.local` name asked for */
};

struct duo {
    struct peer *side[2];
    struct duo_seen seen[2];
    usec now, delay;
    uint32_t loss; /* of 1000 */
    struct rng rng;
    bool trickle;                        /* candidates that come as events are handed over */
    bool cut[2];                         /* nothing that this side sends arrives */
    uint64_t sent[2][DEMUX_UNKNOWN + 1]; /* datagrams by protocol */
    uint64_t refused[2];                 /* inputs that returned an error */
    void (*on_send)(struct duo *duo, int from, struct packet *p); /* looks at or bends packets */
    void *context;
    struct duo_packet {
        usec at;
        int to;
        struct packet packet;
    } * flying;
    size_t count, lost_full;
};

static inline struct addr duo_addr(int side, bool ipv6)
{
    struct addr a = addr_ipv4(192, 0, 2, (uint8_t)(1 + side), (uint16_t)(5000 + side));
    if (!ipv6) return a;
    addr_parse_ip(bytes_of(side ? "2001:db8::2" : "2001:db8::1"), &a);
    a.port = (uint16_t)(6000 + side);
    return a;
}

static inline struct peer_config duo_config(int side, uint64_t seed)
{
    if (!duo_identities[side]) duo_identities[side] = dtls_identity_new(DUO_UNIX_SEC);
    struct peer_config cfg = {.identity = duo_identities[side],
                              .unix_us = DUO_UNIX_SEC * SEC(1),
                              .audio = {true, true},
                              .video = {true, true}};
    rng_init_number(&cfg.rng, seed * 2 + (uint64_t)side);
    return cfg;
}

static inline void duo_init_with(struct duo *d, const struct peer_config cfg[2], uint64_t seed)
{
    memset(d, 0, sizeof *d);
    d->flying = malloc(DUO_IN_FLIGHT * sizeof *d->flying);
    duo_clock = 0;
    d->delay = MS(10);
    d->trickle = true;
    rng_init_number(&d->rng, seed + 1000000);
    for (int i = 0; i < 2; i++) d->side[i] = peer_new(&cfg[i]);
}

static inline void duo_init(struct duo *d, uint64_t seed)
{
    struct peer_config cfg[2] = {duo_config(0, seed), duo_config(1, seed)};
    duo_init_with(d, cfg, seed);
}

static inline void duo_free(struct duo *d)
{
    for (int i = 0; i < 2; i++) peer_free(d->side[i]);
    free(d->flying);
}

static inline void duo_open(struct duo *d, bool ipv6)
{
    for (int i = 0; i < 2; i++) {
        struct addr a = duo_addr(i, ipv6);
        peer_add_socket(d->side[i], &a, d->now);
        peer_sockets_done(d->side[i], d->now);
    }
}

/* Puts a datagram on its way to the side whose socket it is for. */
static inline void duo_fly(struct duo *d, int to, const struct packet *p)
{
    if (d->count == DUO_IN_FLIGHT) {
        d->lost_full++;
        return;
    }
    struct duo_packet *f = &d->flying[d->count++];
    f->at = d->now + d->delay;
    f->to = to;
    packet_copy(&f->packet, p);
    f->packet.route = (struct route){.local = p->route.remote, .remote = p->route.local};
}

static inline void duo_send(struct duo *d, int from, struct packet *p)
{
    d->sent[from][demux_of(packet_bytes(p))]++;
    if (d->on_send) d->on_send(d, from, p);
    if (d->cut[from] || rng_below(&d->rng, 1000) < d->loss) return;
    duo_fly(d, 1 - from, p);
}

/* A frame that tells by itself whether it arrived whole: a VP8 key frame's header (RFC 6386 §9.1)
 * or an Opus TOC, then bytes that follow from the length and the number. */
static inline struct bytes duo_frame(uint8_t *to, enum rtp_kind kind, bool key, uint32_t number,
                                     size_t len)
{
    for (size_t i = 0; i < len; i++) to[i] = (uint8_t)(number * 7 + i * 13 + len);
    if (kind == RTP_OPUS) {
        to[0] = 0xfc; /* CELT, 20 ms, stereo, one frame (RFC 6716 §3.1) */
    } else {
        static const uint8_t start[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01};
        memcpy(to, start, key ? sizeof start : 3);
        to[0] = key ? 0x10 : 0x11;
    }
    to[len - 4] = (uint8_t)(number >> 24), to[len - 3] = (uint8_t)(number >> 16);
    to[len - 2] = (uint8_t)(number >> 8), to[len - 1] = (uint8_t)number;
    return (struct bytes){to, len};
}

static inline bool duo_frame_whole(enum rtp_kind kind, const struct rtp_frame *f)
{
    uint8_t want[16384];
    size_t len = f->payload.len;
    if (len < 16 || len > sizeof want) return false;
    const uint8_t *n = f->payload.at + len - 4;
    uint32_t number = (uint32_t)n[0] << 24 | (uint32_t)n[1] << 16 | (uint32_t)n[2] << 8 | n[3];
    return bytes_equal(duo_frame(want, kind, f->key, number, len), f->payload);
}

static inline void duo_event(struct duo *d, int side, const struct peer_event *ev)
{
    struct duo_seen *seen = &d->seen[side];
    struct peer_track t;
    switch (ev->type) {
    case PEER_STATE: seen->states++; break;
    case PEER_CANDIDATE:
        if (ev->as.candidate.text[0] == '\0') seen->end_of_candidates = true;
        if (seen->candidate_count < 16)
            seen->candidates[seen->candidate_count++] = ev->as.candidate;
        if (d->trickle)
            peer_add_candidate(d->side[1 - side], bytes_of(ev->as.candidate.text),
                               bytes_of(ev->as.candidate.ufrag), d->now);
        break;
    case PEER_NEGOTIATE: seen->negotiate++; break;
    case PEER_TRACK: seen->track_events++; break;
    case PEER_FRAME:
        if (!peer_track(d->side[side], ev->track, &t)) abort();
        seen->frames[ev->track]++;
        seen->last_timestamp[ev->track] = ev->as.frame.timestamp;
        if (!duo_frame_whole(t.kind, &ev->as.frame)) seen->damaged++;
        break;
    case PEER_KEY_WANTED: seen->key_wanted++; break;
    case PEER_RESOLVE: memcpy(seen->name, ev->as.name, sizeof seen->name); break;
    case PEER_SELECTED: seen->selected = ev->as.route; break;
    default: break;
    }
}

static inline void duo_drain(struct duo *d)
{
    static struct packet out;
    struct peer_event ev;
    packet_reset(&out);
    for (bool busy = true; busy;) {
        busy = false;
        for (int i = 0; i < 2; i++) {
            for (; peer_output(d->side[i], &out, d->now); busy = true) duo_send(d, i, &out);
            for (; peer_event(d->side[i], &ev); busy = true) duo_event(d, i, &ev);
        }
    }
}

static inline void duo_deliver(struct duo *d)
{
    static struct packet in;
    for (size_t i = 0; i < d->count;) {
        if (d->flying[i].at > d->now) {
            i++;
            continue;
        }
        int to = d->flying[i].to;
        packet_copy(&in, &d->flying[i].packet);
        d->count--;
        for (size_t k = i; k < d->count; k++) {
            d->flying[k].at = d->flying[k + 1].at;
            d->flying[k].to = d->flying[k + 1].to;
            packet_copy(&d->flying[k].packet, &d->flying[k + 1].packet);
        }
        if (peer_input(d->side[to], &in, d->now) != OK) d->refused[to]++;
        duo_drain(d);
    }
}

static inline usec duo_next(const struct duo *d)
{
    usec at = usec_min(peer_deadline(d->side[0]), peer_deadline(d->side[1]));
    for (size_t i = 0; i < d->count; i++) at = usec_min(at, d->flying[i].at);
    return at;
}

/* Runs the world until `until`. A deadline that does not move on would never let it end. */
static inline void duo_run(struct duo *d, usec until)
{
    duo_drain(d);
    for (int steps = 0;; steps++) {
        usec at = duo_next(d);
        if (at > until) break;
        if (steps > 2000000) abort();
        if (at > d->now) d->now = at;
        duo_clock = d->now;
        duo_deliver(d);
        for (int i = 0; i < 2; i++)
            if (peer_deadline(d->side[i]) <= d->now) peer_tick(d->side[i], d->now);
        duo_drain(d);
    }
    d->now = usec_max(d->now, until);
    duo_clock = d->now;
}

/* Side `from` offers, the other answers; the descriptions take no time. */
static inline enum err duo_negotiate(struct duo *d, int from)
{
    struct bytes offer, answer;
    enum err err = peer_offer(d->side[from], &offer, d->now);
    if (err != OK) return err;
    err = peer_answer(d->side[1 - from], offer, &answer, d->now);
    if (err != OK) return err;
    return peer_set_answer(d->side[from], answer, d->now);
}

/* A call that both sides see connected, or not, after `within`. */
static inline bool duo_call(struct duo *d, usec within)
{
    duo_open(d, false);
    if (duo_negotiate(d, 0) != OK) return false;
    for (usec until = d->now + within; d->now < until;) {
        duo_run(d, d->now + MS(5));
        if (peer_state(d->side[0]) == PEER_CONNECTED && peer_state(d->side[1]) == PEER_CONNECTED)
            return true;
    }
    return false;
}

/* One frame of `kind` from `side`, on its first track of that kind that sends. */
static inline enum err duo_send_frame(struct duo *d, int side, enum rtp_kind kind, bool key,
                                      uint32_t number, size_t len)
{
    static uint8_t buffer[16384];
    struct peer_track t;
    for (size_t i = 0; peer_track(d->side[side], i, &t); i++) {
        if (t.kind != kind || !t.agreed.send) continue;
        struct rtp_frame f = {.payload = duo_frame(buffer, kind, key, number, len),
                              .timestamp = (uint64_t)number * (kind == RTP_OPUS ? 960 : 3000),
                              .key = key,
                              .audio_level = RTP_LEVEL_UNKNOWN,
                              .captured = d->now};
        return peer_send(d->side[side], i, &f, d->now);
    }
    return E_STATE;
}

/* `seconds` of audio and video both ways; frames answer key frame requests at once. */
static inline void duo_talk(struct duo *d, unsigned seconds)
{
    uint64_t key_wanted[2] = {UINT64_MAX, UINT64_MAX}; /* so that the first is a key frame */
    for (uint32_t n = 0; n < seconds * 50; n++) {
        for (int i = 0; i < 2; i++) {
            duo_send_frame(d, i, RTP_OPUS, true, n, 120);
            if (n % 2 == 0) {
                bool key = d->seen[i].key_wanted != key_wanted[i];
                key_wanted[i] = d->seen[i].key_wanted;
                duo_send_frame(d, i, RTP_VP8, key, n / 2, key ? 9000 : 2500);
            }
        }
        duo_run(d, d->now + MS(20));
    }
}

/* Bends one line of a description: the first `from` becomes `to`, of the same length. */
static inline struct bytes duo_bend(struct bytes text, const char *from, const char *to, char *room)
{
    memcpy(room, text.at, text.len);
    room[text.len] = '\0';
    char *at = strstr(room, from);
    if (!at) abort();
    memcpy(at, to, strlen(to));
    return (struct bytes){(uint8_t *)room, text.len};
}

#endif
