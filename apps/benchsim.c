/* What simulating a call costs: all of it, from two peers without descriptions to their goodbyes.
 */
#include <stdlib.h>

#include "apps/bench.h"
#include "apps/simruns.h"

static void *begin(const struct bench *self)
{
    (void)self;
    struct simruns *runs = calloc(1, sizeof *runs);
    if (runs && simruns_begin(runs)) return runs;
    free(runs);
    return NULL;
}

static bool run(void *state, size_t count)
{
    const char *const all[] = {"media=10s"};
    struct option_list given = {.count = COUNT(all)};
    for (size_t i = 0; i < COUNT(all); i++) given.items[i] = all[i];
    for (size_t i = 0; i < count; i++) {
        struct scenario_words words;
        struct simcall_outcome outcome;
        char why[256];
        simruns_words(&words, &given, i);
        if (!simruns_one(state, &words, &outcome, why, sizeof why)) return false;
        if (!outcome.connected || outcome.layer || outcome.broken) return false;
    }
    return true;
}

static void end(void *state)
{
    simruns_end(state);
    free(state);
}

static const struct bench benches[] = {
    {.name = "sim-call",
     .what = "a whole call with 10 s of sound and pictures both ways, in virtual time",
     .unit = "call",
     .target_us = 30000,
     .begin = begin,
     .run = run,
     .end = end},
};

const struct bench_table bench_sim = {benches, COUNT(benches)};
