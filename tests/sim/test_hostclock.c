#include "tests/suite.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "sim/hostclock.h"

#define START (INT64_C(1790000000) * SEC(1))

START_TEST(both_clocks_tell_virtual_time)
{
    struct timeval tv;
    time_t seconds;
    hostclock_start(1, START);
    ck_assert_int_eq(time(&seconds), 1790000000);
    ck_assert_int_eq(seconds, 1790000000);
    hostclock_set(SEC(3) + 250000);
    gettimeofday(&tv, NULL);
    ck_assert_int_eq(tv.tv_sec, 1790000003);
    ck_assert_int_eq(tv.tv_usec, 250000);
    hostclock_set(SEC(1)); /* never back */
    ck_assert_int_eq(time(NULL), 1790000003);
    hostclock_stop();
}
END_TEST

START_TEST(the_system_time_again_after_the_end)
{
    hostclock_start(1, START);
    hostclock_stop();
    time_t before = time(NULL);
    ck_assert_int_gt(before, 1700000000);
    ck_assert_int_ne(before, 1790000000);
    struct timeval tv;
    gettimeofday(&tv, NULL);
    ck_assert_int_ge(tv.tv_sec, before);
}
END_TEST

START_TEST(inv_14_luck_follows_from_the_seed)
{
    uint8_t bytes[3][64];
    for (int i = 0; i < 3; i++) {
        hostclock_start(i == 2 ? 8 : 7, START);
        ck_assert_int_eq(RAND_bytes(bytes[i], 32), 1);
        ck_assert_int_eq(RAND_priv_bytes(bytes[i] + 32, 32), 1);
        hostclock_stop();
    }
    ck_assert_mem_eq(bytes[0], bytes[1], 64);
    ck_assert_mem_ne(bytes[0], bytes[2], 64);
    /* And after the end it is luck again. */
    RAND_bytes(bytes[1], 64);
    RAND_bytes(bytes[2], 64);
    ck_assert_mem_ne(bytes[1], bytes[2], 64);
}
END_TEST

START_TEST(keys_follow_from_the_seed)
{
    uint8_t key[2][256];
    size_t len[2];
    for (int i = 0; i < 2; i++) {
        hostclock_start(3, START);
        EVP_PKEY *pkey = EVP_EC_gen("P-256");
        ck_assert_ptr_nonnull(pkey);
        unsigned char *to = key[i];
        len[i] = (size_t)i2d_PrivateKey(pkey, &to);
        EVP_PKEY_free(pkey);
        hostclock_stop();
    }
    ck_assert_uint_eq(len[0], len[1]);
    ck_assert_mem_eq(key[0], key[1], len[0]);
}
END_TEST

SUITE("sim hostclock", both_clocks_tell_virtual_time, the_system_time_again_after_the_end,
      inv_14_luck_follows_from_the_seed, keys_follow_from_the_seed)
