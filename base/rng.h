/* Random numbers from a seed: ChaCha20 (RFC 8439 §2.3) as a generator. The driver seeds it from
 * the system (net/) or from a number (sim/, tests); same seed, same bytes, on every machine. */
#ifndef DUET_BASE_RNG_H
#define DUET_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#define RNG_SEED_LEN 32

struct rng {
    uint32_t key[8];
    uint64_t block; /* the next block's number */
    uint8_t out[64];
    size_t used; /* bytes of `out` given away */
};

void rng_init(struct rng *rng, const uint8_t seed[RNG_SEED_LEN]);
/* For tests and the simulator: a seed that is only a number is no secret. */
void rng_init_number(struct rng *rng, uint64_t seed);
/* A generator of its own for a part, so that one part's draws don't shift another's. */
struct rng rng_fork(struct rng *rng);
void rng_fill(struct rng *rng, void *to, size_t len);
uint32_t rng_u32(struct rng *rng);
uint64_t rng_u64(struct rng *rng);
/* Even over 0 .. below - 1; `below` > 0. */
uint32_t rng_below(struct rng *rng, uint32_t below);
/* `len` characters of the 64 in ice-char (RFC 8839 §5.4: ALPHA DIGIT + /), without a NUL. */
void rng_text(struct rng *rng, char *to, size_t len);

#endif
