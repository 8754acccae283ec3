/* Two sessions and a link between them that loses, repeats and overtakes by a seed: the bench for
 * whole-stream tests. Virtual time, one step a millisecond. */
#ifndef DUET_TESTS_RTP_PAIR_H
#define DUET_TESTS_RTP_PAIR_H

#include <stdlib.h>
#include <string.h>

#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/session.h"
#include "tests/suite.h"

/* As ck_assert, but for places passed a million times: check writes to a pipe at each. */
#define PAIR_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) ck_abort_msg("%s", #condition);                                          \
    } while (0)

#define PAIR_UNIX_US INT64_C(1763800000000000)

enum { PAIR_FLIGHT_MAX = 512 };

struct pair_flight {
    bool used, is_rtcp;
    usec at;
    uint64_t order;
    size_t len;
    uint8_t data[1400];
};

struct pair_link {
    unsigned loss, repeat, overtake; /* per cent of RTP; RTCP is spared unless rtcp_loss */
    unsigned rtcp_loss;
    usec delay;
    struct pair_flight *flights;
    uint64_t order;
    uint64_t rtp_packets, rtp_bytes, rtcp_packets, lost;
};

struct pair {
    usec now;
    struct rng rng;
    struct rtp_session *side[2];
    struct pair_link link[2]; /* link[i]: from side i */
    /* Sees each packet that a side sends; false: the link loses it. NULL: none. */
    bool (*watch)(struct pair *p, int from, const struct packet *packet, bool is_rtcp);
    /* Sees each event. NULL: none. */
    void (*event)(struct pair *p, int side, const struct rtp_event *ev);
    void *user;
};

static inline void pair_init(struct pair *p, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    rng_init_number(&p->rng, seed);
    for (int i = 0; i < 2; i++) {
        struct rtp_session_config cfg = {
            .rng = rng_fork(&p->rng), .unix_us = PAIR_UNIX_US, .reduced_size = true};
        p->side[i] = rtp_session_new(&cfg);
        ck_assert_ptr_nonnull(p->side[i]);
        p->link[i].delay = MS(20);
        p->link[i].flights = calloc(PAIR_FLIGHT_MAX, sizeof *p->link[i].flights);
        ck_assert_ptr_nonnull(p->link[i].flights);
    }
}

static inline void pair_free(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        rtp_session_free(p->side[i]);
        free(p->link[i].flights);
    }
}

static inline void pair_fly(struct pair *p, int from, const struct packet *packet, bool is_rtcp)
{
    struct pair_link *link = &p->link[from];
    bool overtaken = !is_rtcp && rng_below(&p->rng, 100) < link->overtake;
    for (int i = 0; i < PAIR_FLIGHT_MAX; i++) {
        struct pair_flight *f = &link->flights[i];
        if (f->used) continue;
        PAIR_CHECK(packet->len <= sizeof f->data);
        f->used = true;
        f->is_rtcp = is_rtcp;
        f->at = p->now + link->delay + (overtaken ? (usec)rng_below(&p->rng, 15000) : 0);
        f->order = link->order++;
        f->len = packet->len;
        memcpy(f->data, packet->at, packet->len);
        return;
    }
    ck_abort_msg("more packets in flight than the link holds");
}

static inline void pair_drain(struct pair *p, int side)
{
    struct packet out;
    struct rtp_event ev;
    bool is_rtcp;
    bool dry = false;
    for (int rounds = 0; !dry; rounds++) {
        PAIR_CHECK(rounds < 100000); /* output and event end */
        dry = true;
        while (rtp_session_output(p->side[side], &out, &is_rtcp, p->now)) {
            struct pair_link *link = &p->link[side];
            dry = false;
            link->rtp_packets += !is_rtcp;
            link->rtp_bytes += is_rtcp ? 0 : out.len;
            link->rtcp_packets += is_rtcp;
            bool lost = rng_below(&p->rng, 100) < (is_rtcp ? link->rtcp_loss : link->loss);
            if (p->watch && !p->watch(p, side, &out, is_rtcp)) lost = true;
            link->lost += lost;
            if (lost) continue;
            pair_fly(p, side, &out, is_rtcp);
            if (!is_rtcp && rng_below(&p->rng, 100) < link->repeat)
                pair_fly(p, side, &out, is_rtcp);
        }
        while (rtp_session_event(p->side[side], &ev)) {
            dry = false;
            if (p->event) p->event(p, side, &ev);
        }
    }
}

static inline void pair_input(struct pair *p, int side, const struct pair_flight *f)
{
    struct packet in;
    packet_reset(&in);
    packet_set(&in, (struct bytes){f->data, f->len});
    if (f->is_rtcp)
        PAIR_CHECK(rtp_session_input_rtcp(p->side[side], packet_bytes(&in), p->now) == OK);
    else
        PAIR_CHECK(rtp_session_input_rtp(p->side[side], &in, p->now) == OK);
    pair_drain(p, side);
}

/* Delivers what is due to `side`, in order of time and then of sending. */
static inline void pair_deliver(struct pair *p, int side)
{
    struct pair_link *link = &p->link[!side];
    for (;;) {
        struct pair_flight *next = NULL;
        for (int i = 0; i < PAIR_FLIGHT_MAX; i++) {
            struct pair_flight *f = &link->flights[i];
            if (!f->used || f->at > p->now) continue;
            if (!next || f->at < next->at || (f->at == next->at && f->order < next->order))
                next = f;
        }
        if (!next) return;
        next->used = false;
        pair_input(p, side, next);
    }
}

/* A millisecond passes. */
static inline void pair_step(struct pair *p)
{
    p->now += MS(1);
    for (int i = 0; i < 2; i++) {
        pair_deliver(p, i);
        rtp_session_tick(p->side[i], p->now);
        pair_drain(p, i);
    }
}

static inline void pair_run(struct pair *p, usec time)
{
    for (usec end = p->now + time; p->now < end;) pair_step(p);
}

static const struct rtp_extension_ids pair_extensions = {
    .mid = 4, .abs_send_time = 2, .transport_cc = 3, .audio_level = 1};

/* The two ends of a VP8 stream, from side 0 to side 1, as Chromium and we would agree on it. */
static inline struct rtp_sender_config pair_vp8_sender(void)
{
    return (struct rtp_sender_config){.kind = RTP_VP8,
                                      .mid = bytes_of("0"),
                                      .ssrc = 0x11111111,
                                      .rtx_ssrc = 0x22222222,
                                      .pt = 96,
                                      .rtx_pt = 97,
                                      .extensions = pair_extensions,
                                      .feedback = {true, true, true, true, true}};
}

static inline struct rtp_receiver_config pair_vp8_receiver(void)
{
    return (struct rtp_receiver_config){
        .mid = bytes_of("0"),
        .kind = RTP_VP8,
        .types = {{.pt = 96, .kind = RTP_VP8}, {.pt = 97, .is_rtx = true, .apt = 96}},
        .type_count = 2,
        .extensions = pair_extensions,
        .feedback = {true, true, true, true, true}};
}

static inline struct rtp_sender_config pair_opus_sender(void)
{
    return (struct rtp_sender_config){.kind = RTP_OPUS,
                                      .mid = bytes_of("1"),
                                      .ssrc = 0x33333333,
                                      .pt = 111,
                                      .extensions = pair_extensions,
                                      .feedback = {.transport_cc = true}};
}

static inline struct rtp_receiver_config pair_opus_receiver(void)
{
    return (struct rtp_receiver_config){.mid = bytes_of("1"),
                                        .kind = RTP_OPUS,
                                        .types = {{.pt = 111, .kind = RTP_OPUS}},
                                        .type_count = 1,
                                        .extensions = pair_extensions,
                                        .feedback = {.transport_cc = true}};
}

/* A VP8 frame of `len` >= 10 bytes that starts as RFC 6386 §9.1 says, filled from `seed`. */
static inline struct bytes pair_frame(uint8_t *room, size_t len, bool key, uint32_t seed)
{
    static const uint8_t head[] = {0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01};
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        room[i] = (uint8_t)(seed >> 24);
    }
    memcpy(room, head, len < sizeof head ? len : sizeof head);
    if (!key) room[0] |= 1;
    return (struct bytes){room, len};
}

#endif
