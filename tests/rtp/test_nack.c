#include "rtp/nack.h"

#include "tests/suite.h"

static struct rtp_nack n;

START_TEST(asked_after_the_tolerance_and_once_a_round_trip)
{
    uint16_t out[NACK_MISSING_MAX];
    rtp_nack_clear(&n);
    ck_assert_int_eq(rtp_nack_deadline(&n), TIME_NEVER);
    ck_assert(rtp_nack_missing(&n, 0x1FFFE, 0x20002, MS(100)));
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), MS(100)), 0);
    ck_assert_int_eq(rtp_nack_deadline(&n), MS(110));
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), MS(110)), 4);
    ck_assert_uint_eq(out[0], 0xFFFE);
    ck_assert_uint_eq(out[3], 1);
    ck_assert(rtp_nack_arrived(&n, 0x1FFFF));
    ck_assert(!rtp_nack_arrived(&n, 0x1FFFF));
    ck_assert(!rtp_nack_arrived(&n, 0x30000));
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), MS(159)), 0);
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), MS(160)), 3);
    rtp_nack_forget_below(&n, 0x20001);
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), MS(300)), 1);
    ck_assert_uint_eq(out[0], 1);
}
END_TEST

START_TEST(inv_53_at_most_ten_tries)
{
    uint16_t out[1];
    unsigned asked = 0;
    rtp_nack_clear(&n);
    ck_assert(rtp_nack_missing(&n, 1, 2, 0));
    for (usec now = 0; now < SEC(60); now += MS(1))
        asked += (unsigned)rtp_nack_take(&n, out, 1, MS(1), now);
    ck_assert_uint_eq(asked, NACK_TRIES_MAX);
    ck_assert_int_eq(rtp_nack_deadline(&n), TIME_NEVER);
}
END_TEST

START_TEST(inv_53_at_most_256_outstanding)
{
    rtp_nack_clear(&n);
    ck_assert(rtp_nack_missing(&n, 1000, 1000 + NACK_MISSING_MAX, 0));
    ck_assert(!rtp_nack_missing(&n, 2000, 2001, 0));
    ck_assert_uint_eq(n.count, NACK_MISSING_MAX);
    rtp_nack_forget_below(&n, 1001);
    ck_assert(rtp_nack_missing(&n, 2000, 2001, 0));
    rtp_nack_clear(&n);
    ck_assert(!rtp_nack_missing(&n, 0, UINT64_MAX, 0));
}
END_TEST

START_TEST(those_before_the_first_come_first)
{
    uint16_t out[8];
    rtp_nack_clear(&n);
    ck_assert(rtp_nack_missing(&n, 20, 22, 0));
    ck_assert(rtp_nack_missing(&n, 10, 12, 0));
    ck_assert_uint_eq(rtp_nack_take(&n, out, COUNT(out), MS(50), SEC(1)), 4);
    ck_assert_uint_eq(out[0], 10);
    ck_assert_uint_eq(out[3], 21);
}
END_TEST

SUITE("rtp nack", asked_after_the_tolerance_and_once_a_round_trip, inv_53_at_most_ten_tries,
      inv_53_at_most_256_outstanding, those_before_the_first_come_first)
