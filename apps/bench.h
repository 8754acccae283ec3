/* What `duet bench` measures with: one table of benchmarks, each a function that does its work
 * `count` times over a state that was made before the clock runs. */
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
    void *(*begin)(void);                   /* NULL: could not */
    bool (*run)(void *state, size_t count); /* false: it did not do what it should */
    void (*end)(void *state);
};

extern const struct bench benches[];
extern const size_t bench_count;

/* Chromium's offer of audio, video and data: 6902 bytes. */
extern const struct bytes bench_offer;

#endif
