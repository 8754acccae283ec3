#include "base/clock.h"
#include "base/rng.h"
#include "tests/suite.h"

#include <string.h>

/* The first block of ChaCha20 with a key of zeros, a nonce of zeros and block number 0:
 * RFC 8439 appendix A.1, test vector 1. */
START_TEST(first_block_is_chacha20s)
{
    static const uint8_t want[] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
                                   0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};
    static const uint8_t seed[RNG_SEED_LEN];
    uint8_t got[sizeof want];
    struct rng rng;
    rng_init(&rng, seed);
    rng_fill(&rng, got, sizeof got);
    ck_assert_mem_eq(got, want, sizeof want);
}
END_TEST

START_TEST(inv_14_same_seed_same_bytes_however_taken)
{
    struct rng a, b;
    uint8_t whole[300], parts[300];
    rng_init_number(&a, 7), rng_init_number(&b, 7);
    rng_fill(&a, whole, sizeof whole);
    for (size_t at = 0, n = 1; at < sizeof parts; at += n, n = n % 17 + 1) {
        if (n > sizeof parts - at) n = sizeof parts - at;
        rng_fill(&b, parts + at, n);
    }
    ck_assert_mem_eq(whole, parts, sizeof whole);
    rng_init_number(&b, 8);
    rng_fill(&b, parts, sizeof parts);
    ck_assert_mem_ne(whole, parts, sizeof whole);
}
END_TEST

START_TEST(forks_differ_from_their_parent)
{
    struct rng a, b;
    rng_init_number(&a, 7);
    b = rng_fork(&a);
    struct rng c = rng_fork(&a);
    uint64_t x = rng_u64(&a), y = rng_u64(&b), z = rng_u64(&c);
    ck_assert(x != y && y != z && x != z);
}
END_TEST

START_TEST(below_is_even)
{
    struct rng rng;
    rng_init_number(&rng, 1);
    int seen[6] = {0};
    for (int i = 0; i < 60000; i++) seen[rng_below(&rng, 6)]++;
    for (int i = 0; i < 6; i++) ck_assert_msg(seen[i] > 9500 && seen[i] < 10500, "%d", seen[i]);
    ck_assert_uint_eq(rng_below(&rng, 1), 0);
}
END_TEST

START_TEST(text_is_of_ice_characters)
{
    struct rng rng;
    char text[256];
    rng_init_number(&rng, 2);
    rng_text(&rng, text, sizeof text);
    for (size_t i = 0; i < sizeof text; i++)
        ck_assert_msg(text[i] && strchr("+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "abcdefghijklmnopqrstuvwxyz",
                                        text[i]),
                      "%d", text[i]);
}
END_TEST

START_TEST(ntp_counts_from_1900)
{
    ck_assert_uint_eq(ntp_of_unix_us(0), (uint64_t)2208988800u << 32);
    ck_assert_uint_eq(ntp_of_unix_us(500000), ((uint64_t)2208988800u << 32) + 0x80000000u);
}
END_TEST

SUITE("base rng", first_block_is_chacha20s, inv_14_same_seed_same_bytes_however_taken,
      forks_differ_from_their_parent, below_is_even, text_is_of_ice_characters,
      ntp_counts_from_1900)
