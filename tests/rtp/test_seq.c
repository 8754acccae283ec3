#include "rtp/seq.h"
#include "tests/suite.h"

START_TEST(nearest_is_taken)
{
    ck_assert_uint_eq(rtp_extend(0x10000, 5, 16), 0x10005);
    ck_assert_uint_eq(rtp_extend(0x1FFFE, 3, 16), 0x20003);
    ck_assert_uint_eq(rtp_extend(0x20003, 0xFFFE, 16), 0x1FFFE);
    ck_assert_uint_eq(rtp_extend(0x20000, 0x8000, 16), 0x18000); /* equally far: the lower */
    ck_assert_uint_eq(rtp_extend(0x20000, 0x7FFF, 16), 0x27FFF);
    ck_assert_uint_eq(rtp_extend(UINT64_C(0x1FFFFFFFF), 0, 32), UINT64_C(0x200000000));
    ck_assert_uint_eq(rtp_extend(127, 0, 7), 128);
}
END_TEST

START_TEST(never_below_zero)
{
    ck_assert_uint_eq(rtp_extend(3, 0xFFFF, 16), 0xFFFF);
    ck_assert_uint_eq(rtp_extend(0, 0, 16), 0);
    ck_assert_uint_eq(rtp_extend(0, 0x8000, 16), 0x8000);
}
END_TEST

/* Pitfall 13: the index near 65535 at the start. */
START_TEST(pitfall_13_wrap_at_the_start)
{
    struct rtp_counter c = {0};
    ck_assert_uint_eq(rtp_counter_see(&c, 65534, 16), 0x10000 + 65534);
    ck_assert_uint_eq(rtp_counter_see(&c, 1, 16), 0x20001);
    ck_assert_uint_eq(rtp_counter_see(&c, 65533, 16), 0x10000 + 65533);
    ck_assert_uint_eq(rtp_counter_see(&c, 0, 16), 0x20000);
    ck_assert_uint_eq(c.highest, 0x20001);
    struct rtp_counter low = {0};
    ck_assert_uint_eq(rtp_counter_see(&low, 2, 16), 0x10002);
    ck_assert_uint_eq(rtp_counter_see(&low, 65535, 16), 0xFFFF); /* sent before the first */
}
END_TEST

START_TEST(a_long_call_counts_on)
{
    struct rtp_counter c = {0};
    uint64_t expected = 0x10000;
    unsigned wrong = 0;
    for (int i = 0; i < 300000; i++, expected++)
        wrong += rtp_counter_see(&c, (uint16_t)i, 16) != expected;
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

SUITE("rtp seq", nearest_is_taken, never_below_zero, pitfall_13_wrap_at_the_start,
      a_long_call_counts_on)
