/* Two DTLS machines and a link between them, in virtual time: for tests and the fuzzer.
 *
 * OpenSSL's DTLS timers read gettimeofday. A program that defines it gives OpenSSL its time, so
 * that here it is the machines' time too. Include this in one file of a program. */
#ifndef DUET_TESTS_DTLS_PAIR_H
#define DUET_TESTS_DTLS_PAIR_H

#include "base/rng.h"
#include "dtls/handshake.h"

#include <sys/time.h>

#define PAIR_UNIX_SEC  1790000000
#define PAIR_IN_FLIGHT 128

static usec pair_clock;

/* Made once a process: an SSL_CTX costs more than a handshake. */
static struct dtls_identity *pair_identities[2];

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    (void)zone;
    tv->tv_sec = PAIR_UNIX_SEC + pair_clock / SEC(1);
    tv->tv_usec = pair_clock % SEC(1);
    return 0;
}

enum { PAIR_CLIENT, PAIR_SERVER };

struct pair {
    struct dtls *side[2];
    const struct dtls_identity *identity[2];
    usec now, delay;
    uint64_t drop[2]; /* bit i: this side's i-th datagram is lost */
    size_t sent[2];
    struct rng *jitter; /* if not NULL: up to 40 ms more for each, and every third comes twice */
    /* If not NULL: instead of pair_send. */
    void (*send)(struct pair *pair, int from, const struct packet *packet);
    struct {
        usec at;
        int to;
        struct packet packet;
    } flying[PAIR_IN_FLIGHT];
    size_t count;
    struct packet last[2]; /* what each side sent last */
};

static inline void pair_init(struct pair *pair, usec delay, usec rtt_us)
{
    memset(pair, 0, sizeof *pair);
    pair->delay = delay;
    pair_clock = pair->now = 0;
    for (int i = 0; i < 2; i++) {
        if (!pair_identities[i]) pair_identities[i] = dtls_identity_new(PAIR_UNIX_SEC);
        pair->identity[i] = pair_identities[i];
        pair->side[i] = dtls_new(&(struct dtls_config){
            .identity = pair->identity[i],
            .role = i == PAIR_CLIENT ? DTLS_CLIENT : DTLS_SERVER,
            .rtt_us = rtt_us,
        });
    }
}

static inline void pair_free(struct pair *pair)
{
    for (int i = 0; i < 2; i++) dtls_free(pair->side[i]);
}

/* Each side learns the other's fingerprint. */
static inline void pair_introduce(struct pair *pair, enum dtls_hash hash)
{
    for (int i = 0; i < 2; i++) {
        struct dtls_fingerprint f = dtls_identity_fingerprint(pair->identity[1 - i], hash);
        dtls_set_remote_fingerprints(pair->side[i], &f, 1, pair->now);
    }
}

static inline void pair_start(struct pair *pair)
{
    dtls_start(pair->side[PAIR_CLIENT], pair->now);
    dtls_start(pair->side[PAIR_SERVER], pair->now);
}

static inline void pair_fly(struct pair *pair, int to, const struct packet *packet)
{
    if (pair->count == PAIR_IN_FLIGHT) return;
    pair->flying[pair->count].at = pair->now + pair->delay;
    if (pair->jitter) pair->flying[pair->count].at += MS(rng_below(pair->jitter, 40));
    pair->flying[pair->count].to = to;
    packet_copy(&pair->flying[pair->count++].packet, packet);
}

static inline void pair_send(struct pair *pair, int from, const struct packet *packet)
{
    size_t i = pair->sent[from]++;
    packet_copy(&pair->last[from], packet);
    if (i < 64 && pair->drop[from] >> i & 1) return;
    pair_fly(pair, 1 - from, packet);
    if (pair->jitter && rng_below(pair->jitter, 3) == 0) pair_fly(pair, 1 - from, packet);
}

static inline void pair_drain(struct pair *pair)
{
    struct packet out;
    packet_reset(&out);
    for (int i = 0; i < 2; i++)
        while (dtls_output(pair->side[i], &out, pair->now))
            (pair->send ? pair->send : pair_send)(pair, i, &out);
}

static inline void pair_deliver(struct pair *pair)
{
    size_t kept = 0, count = pair->count;
    for (size_t i = 0; i < count; i++) {
        if (pair->flying[i].at <= pair->now) {
            dtls_input(pair->side[pair->flying[i].to], &pair->flying[i].packet, pair->now);
            continue;
        }
        pair->flying[kept].at = pair->flying[i].at;
        pair->flying[kept].to = pair->flying[i].to;
        if (kept != i) packet_copy(&pair->flying[kept].packet, &pair->flying[i].packet);
        kept++;
    }
    pair->count = kept;
}

/* Goes on until nothing is left to do, or `until`. */
static inline void pair_run(struct pair *pair, usec until)
{
    for (;;) {
        pair_drain(pair);
        usec next = usec_min(dtls_deadline(pair->side[0]), dtls_deadline(pair->side[1]));
        for (size_t i = 0; i < pair->count; i++) next = usec_min(next, pair->flying[i].at);
        if (next == TIME_NEVER || next > until) break;
        pair_clock = pair->now = usec_max(pair->now, next);
        pair_deliver(pair);
        for (int i = 0; i < 2; i++)
            if (dtls_deadline(pair->side[i]) <= pair->now) dtls_tick(pair->side[i], pair->now);
    }
}

static inline enum dtls_state pair_state(const struct pair *pair, int i)
{
    return dtls_status(pair->side[i]).state;
}

#endif
