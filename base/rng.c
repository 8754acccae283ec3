#include "base/rng.h"

#include <string.h>

static uint32_t rotate(uint32_t v, int by)
{
    return v << by | v >> (32 - by);
}

static void quarter(uint32_t *s, int a, int b, int c, int d)
{
    s[a] += s[b], s[d] = rotate(s[d] ^ s[a], 16);
    s[c] += s[d], s[b] = rotate(s[b] ^ s[c], 12);
    s[a] += s[b], s[d] = rotate(s[d] ^ s[a], 8);
    s[c] += s[d], s[b] = rotate(s[b] ^ s[c], 7);
}

/* RFC 8439 §2.3: twenty rounds over constants, key, block number and a nonce that is zero here. */
static void next_block(struct rng *rng)
{
    uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    uint32_t s[16];
    memcpy(in + 4, rng->key, sizeof rng->key);
    in[12] = (uint32_t)rng->block;
    in[13] = (uint32_t)(rng->block >> 32);
    memcpy(s, in, sizeof s);
    for (int i = 0; i < 10; i++) {
        quarter(s, 0, 4, 8, 12), quarter(s, 1, 5, 9, 13);
        quarter(s, 2, 6, 10, 14), quarter(s, 3, 7, 11, 15);
        quarter(s, 0, 5, 10, 15), quarter(s, 1, 6, 11, 12);
        quarter(s, 2, 7, 8, 13), quarter(s, 3, 4, 9, 14);
    }
    for (int i = 0; i < 16; i++) {
        uint32_t v = s[i] + in[i];
        for (int k = 0; k < 4; k++) rng->out[4 * i + k] = (uint8_t)(v >> (8 * k));
    }
    rng->block++;
    rng->used = 0;
}

void rng_init(struct rng *rng, const uint8_t seed[RNG_SEED_LEN])
{
    *rng = (struct rng){.used = sizeof rng->out};
    for (int i = 0; i < RNG_SEED_LEN; i++) rng->key[i / 4] |= (uint32_t)seed[i] << (8 * (i % 4));
}

void rng_init_number(struct rng *rng, uint64_t number)
{
    uint8_t seed[RNG_SEED_LEN] = {0};
    for (int i = 0; i < 8; i++) seed[i] = (uint8_t)(number >> (8 * i));
    rng_init(rng, seed);
}

struct rng rng_fork(struct rng *rng)
{
    uint8_t seed[RNG_SEED_LEN];
    struct rng fork;
    rng_fill(rng, seed, sizeof seed);
    rng_init(&fork, seed);
    return fork;
}

void rng_fill(struct rng *rng, void *to, size_t len)
{
    uint8_t *p = to;
    while (len > 0) {
        if (rng->used == sizeof rng->out) next_block(rng);
        size_t n = sizeof rng->out - rng->used;
        if (n > len) n = len;
        memcpy(p, rng->out + rng->used, n);
        rng->used += n, p += n, len -= n;
    }
}

uint32_t rng_u32(struct rng *rng)
{
    uint8_t b[4];
    rng_fill(rng, b, sizeof b);
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

uint64_t rng_u64(struct rng *rng)
{
    uint64_t high = rng_u32(rng);
    return high << 32 | rng_u32(rng);
}

uint32_t rng_below(struct rng *rng, uint32_t below)
{
    /* Numbers under 2^32 mod `below` would make the first remainders likelier: draw again. */
    uint32_t least = (0u - below) % below;
    for (;;) {
        uint32_t v = rng_u32(rng);
        if (v >= least) return v % below;
    }
}

void rng_text(struct rng *rng, char *to, size_t len)
{
    static const char chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    rng_fill(rng, to, len);
    for (size_t i = 0; i < len; i++) to[i] = chars[(uint8_t)to[i] & 63];
}
