#include "apps/benchcall.h"

#include <stdlib.h>

#include "apps/heap.h"
#include "net/clock.h"
#include "peer/connection.h"
#include "rtp/protect.h"

#define CALLS_HELD 16

/* Two connections, and a network between them that takes no time. */
struct pair {
    struct peer *side[2];
    usec now;
};

struct bench_call {
    struct dtls_identity *identity;
    struct protect *prepared;
    struct pair pair;
};

static struct addr address(int side)
{
    return addr_ipv4(192, 0, 2, (uint8_t)(1 + side), 5000);
}

static bool make(struct pair *pair, struct dtls_identity *identity, bool bare, uint64_t seed)
{
    struct peer_config cfg = {.identity = identity, .audio = {true, true}, .video = {true, true}};
    if (bare) { /* a section that nobody sends or receives on still carries the transport */
        cfg.audio = (struct peer_media){true, false};
        cfg.video = (struct peer_media){false, false};
    }
    for (int i = 0; i < 2; i++) {
        struct addr a = address(i);
        rng_init_number(&cfg.rng, 2 * seed + (uint64_t)i);
        pair->side[i] = peer_new(&cfg);
        if (!pair->side[i]) return false;
        peer_add_socket(pair->side[i], &a, 0);
        peer_sockets_done(pair->side[i], 0);
    }
    struct bytes offer, answer;
    pair->now = 1;
    return peer_offer(pair->side[0], &offer, 1) == OK &&
           peer_answer(pair->side[1], offer, &answer, 1) == OK &&
           peer_set_answer(pair->side[0], answer, 1) == OK;
}

/* Hands over everything that either side has to send; false: there was nothing. */
static bool carry(struct pair *pair)
{
    static struct packet p;
    struct peer_event ev;
    bool busy = false;
    for (int i = 0; i < 2; i++) {
        packet_reset(&p);
        while (peer_output(pair->side[i], &p, pair->now)) {
            struct route route = p.route;
            p.route = (struct route){.local = route.remote, .remote = route.local};
            peer_input(pair->side[1 - i], &p, pair->now);
            busy = true;
        }
        while (peer_event(pair->side[i], &ev))
            if (ev.type == PEER_CANDIDATE)
                peer_add_candidate(pair->side[1 - i], bytes_of(ev.as.candidate.text), bytes_of(""),
                                   pair->now);
    }
    return busy;
}

static bool connect_pair(struct pair *pair)
{
    for (int steps = 0; steps < 1000; steps++) {
        while (carry(pair)) continue;
        if (peer_state(pair->side[0]) == PEER_CONNECTED &&
            peer_state(pair->side[1]) == PEER_CONNECTED)
            return true;
        usec next = usec_min(peer_deadline(pair->side[0]), peer_deadline(pair->side[1]));
        if (next == TIME_NEVER) return false;
        pair->now = usec_max(pair->now, next);
        for (int i = 0; i < 2; i++) peer_tick(pair->side[i], pair->now);
    }
    return false;
}

static void drop(struct pair *pair)
{
    peer_free(pair->side[0]);
    peer_free(pair->side[1]);
    *pair = (struct pair){.now = 0};
}

void *bench_calls_begin(const struct bench *self)
{
    (void)self;
    struct bench_call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->prepared = protect_prepare();
    call->identity = dtls_identity_new(clock_unix_us() / 1000000);
    return call;
}

struct bench_call *bench_call_new(void)
{
    struct bench_call *call = calloc(1, sizeof *call);
    if (!call) return NULL;
    call->prepared = protect_prepare();
    call->identity = dtls_identity_new(clock_unix_us() / 1000000);
    if (call->identity && make(&call->pair, call->identity, false, 1) && connect_pair(&call->pair))
        return call;
    bench_call_free(call);
    return NULL;
}

void bench_call_free(struct bench_call *call)
{
    if (!call) return;
    drop(&call->pair);
    dtls_identity_free(call->identity);
    protect_free(call->prepared);
    free(call);
}

struct peer *bench_call_side(struct bench_call *call, int side, struct route *route, usec *now)
{
    *route = (struct route){.local = address(side), .remote = address(1 - side)};
    *now = call->pair.now;
    return call->pair.side[side];
}

uint32_t bench_call_hear(struct bench_call *call)
{
    static const uint8_t opus[100] = {0x78}; /* RFC 6716 §3.1: CELT, full band, 20 ms */
    struct pair *pair = &call->pair;
    struct peer_track track;
    struct rtp_receiver_stats stats;
    const struct rtp_frame frame = {
        .payload = {opus, sizeof opus}, .audio_level = RTP_LEVEL_UNKNOWN, .captured = pair->now};
    for (size_t i = 0; peer_track(pair->side[1], i, &track); i++)
        if (track.kind == RTP_OPUS) peer_send(pair->side[1], i, &frame, pair->now);
    while (carry(pair)) continue;
    for (size_t i = 0; i < RTP_RECEIVERS_MAX; i++)
        if (rtp_session_receiver_stats(peer_rtp(pair->side[0]), i, &stats) && stats.packets > 0)
            return stats.ssrc;
    return 0;
}

bool bench_calls(void *shared, size_t count)
{
    const struct bench_call *call = shared;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct pair pair = {.now = 0};
        ok = make(&pair, call->identity, false, i) && connect_pair(&pair);
        drop(&pair);
    }
    return ok;
}

void bench_calls_end(void *shared)
{
    bench_call_free(shared);
}

size_t bench_connection_bytes(bool bare)
{
    struct dtls_identity *identity = dtls_identity_new(clock_unix_us() / 1000000);
    struct pair first = {.now = 0}, pairs[CALLS_HELD] = {{.now = 0}};
    bool ok = identity && make(&first, identity, bare, 99) && connect_pair(&first);
    size_t before = heap_in_use(); /* the libraries' own tables are there by now */
    for (size_t i = 0; ok && i < CALLS_HELD; i++)
        ok = make(&pairs[i], identity, bare, i) && connect_pair(&pairs[i]);
    size_t after = heap_in_use();
    for (size_t i = 0; i < CALLS_HELD; i++) drop(&pairs[i]);
    drop(&first);
    dtls_identity_free(identity);
    return ok && after > before ? (after - before) / (2 * CALLS_HELD) : 0;
}
