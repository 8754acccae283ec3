/* What `duet bench` measures with: tables of benchmarks, each a function that does its work `count`
 * times over a state that was made before the clock runs. */
#ifndef DUET_APPS_BENCH_H
#define DUET_APPS_BENCH_H

#include "base/bytes.h"

struct bench {
    const char *name;
    const char *what; /* one line */
    const char *unit; /* of one round: "offer", "packet" */
    double target_us; /* what docs/performance.md promises; 0: a yardstick, or a ratio instead */
    /* Its time divided by this benchmark's is what counts, at most target_ratio. */
    const char *against;
    double target_ratio;
    void *(*begin)(const struct bench *self); /* NULL: could not */
    bool (*run)(void *state, size_t count);   /* false: it did not do what it should */
    void (*end)(void *state);
    const void *of; /* which of several that share the functions above: theirs to know */
    size_t size;    /* not 0: its yardstick is itself with half the size */
};

struct bench_table {
    const struct bench *rows;
    size_t count;
};

/* benches.c: what the parts cost. */
extern const struct bench_table bench_parts;
/* benchsim.c: whole calls in virtual time. */
extern const struct bench_table bench_sim;
/* benchunasked.c: what one packet that nobody asked for costs a connected connection. */
extern const struct bench_table bench_unasked;
/* benchlinear.c: how much longer each parser takes over twice the worst input. */
extern const struct bench_table bench_linear;

/* Chromium's offer of audio, video and data: 6902 bytes. */
extern const struct bytes bench_offer;

#endif
