/* The luck of packets: a draw is a function of a key, which a seed gave, and the packet's number.
 * Unlike a generator that is drawn from in turn, it need not be drawn to keep its place: whether
 * one effect is on changes nothing for another, nor for itself later. No RFC: our own.
 *
 * The function is SplitMix64's (Steele, Lea, Flood: "Fast splittable pseudorandom number
 * generators", OOPSLA 2014), its output for state key + n * gamma: plenty for weather, no use for
 * secrets. */
#ifndef DUET_SIM_LUCK_H
#define DUET_SIM_LUCK_H

#include "base/rng.h"

#include <stdbool.h>

enum luck_of {
    LUCK_LOSS,
    LUCK_BURST_LOSS,
    LUCK_BURST_TURN,
    LUCK_CORRUPT,
    LUCK_CORRUPT_BIT,
    LUCK_DUPLICATE,
    LUCK_JITTER,
    LUCK_COPY_JITTER,
    LUCK_REORDER,
    LUCK_COUNT
};

struct luck {
    uint64_t keys[LUCK_COUNT];
};

/* A key of its own for every effect. */
static inline void luck_init(struct luck *luck, struct rng *rng)
{
    for (size_t i = 0; i < LUCK_COUNT; i++) luck->keys[i] = rng_u64(rng);
}

/* 32 even bits for packet `n`. */
static inline uint32_t luck_draw(const struct luck *luck, enum luck_of of, uint64_t n)
{
    uint64_t z = luck->keys[of] + (n + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32);
}

/* Even over 0 .. below - 1, but for one part in 2^32 / below; `below` < 2^32. */
static inline uint64_t luck_below(const struct luck *luck, enum luck_of of, uint64_t n,
                                  uint64_t below)
{
    return luck_draw(luck, of, n) * below >> 32;
}

/* True in `ppm` of a million packets. */
static inline bool luck_hits(const struct luck *luck, enum luck_of of, uint64_t n, uint32_t ppm)
{
    return ppm && luck_below(luck, of, n, 1000000) < ppm;
}

#endif
