#include "rtp/report.h"

#include "tests/suite.h"

START_TEST(ticks_and_microseconds)
{
    ck_assert_int_eq(rtp_us_to_ticks(SEC(1), 90000), 90000);
    ck_assert_int_eq(rtp_us_to_ticks(-MS(20), 48000), -960);
    ck_assert_int_eq(rtp_ticks_to_us(960, 48000), 20000);
    ck_assert_int_eq(rtp_ticks_to_us(-90000, 90000), -1000000);
    ck_assert_int_eq(rtp_us_to_ticks(SEC(1000000000), 90000), INT64_C(90000000000000));
    for (int64_t us = INT64_C(1763800000000000); us < INT64_C(1763800000000999); us += 7)
        ck_assert_int_eq(rtp_unix_us_of_ntp(ntp_of_unix_us(us)), us);
}
END_TEST

START_TEST(losses_and_fraction)
{
    struct rtp_reception r;
    struct rtcp_report report;
    rtp_reception_init(&r, 90000);
    rtp_reception_report(&r, 7, 0, &report); /* nothing came: nothing is claimed */
    ck_assert_uint_eq(report.ssrc, 7);
    ck_assert_uint_eq(report.highest, 0);
    for (uint64_t i = 0; i < 100; i++)
        if (i % 4) rtp_reception_packet(&r, 0x1FFF0 + i, (uint32_t)i * 3000, MS(33) * (usec)i);
    /* 0 was never known to exist; 4, 8 ... 96 are 24 of 99. */
    rtp_reception_report(&r, 7, SEC(4), &report);
    ck_assert_int_eq(report.lost, 24);
    ck_assert_uint_eq(report.fraction_lost, 24 * 256 / 99);
    ck_assert_uint_eq(report.highest, 0x1FFF0 + 99 - 0x10000);
    /* The next interval is clean, with a duplicate. */
    for (uint64_t i = 100; i < 110; i++) rtp_reception_packet(&r, 0x1FFF0 + i, 0, SEC(4));
    rtp_reception_packet(&r, 0x1FFF0 + 109, 0, SEC(4));
    rtp_reception_report(&r, 7, SEC(5), &report);
    ck_assert_uint_eq(report.fraction_lost, 0);
    ck_assert_int_eq(report.lost, 23); /* RFC 3550 A.3: duplicates count as received */
    /* After a jump the old losses stay, and 60,000 packets were not lost. */
    rtp_reception_restart(&r);
    rtp_reception_packet(&r, 0x90000, 0, SEC(6));
    rtp_reception_report(&r, 7, SEC(6), &report);
    ck_assert_int_eq(report.lost, 23);
}
END_TEST

/* Pitfall 20: jitter in units of the stream's own clock. RFC 3550 A.8 */
START_TEST(pitfall_20_jitter_in_the_stream_clock)
{
    static const uint32_t clocks[] = {90000, 48000};
    for (size_t c = 0; c < COUNT(clocks); c++) {
        struct rtp_reception r;
        struct rtcp_report report;
        rtp_reception_init(&r, clocks[c]);
        /* Every other packet 8 ms late: |D| is 8 ms each time, J goes to it. */
        for (int i = 0; i < 400; i++) {
            usec sent = MS(20) * i;
            rtp_reception_packet(&r, 0x10000 + (uint64_t)i,
                                 (uint32_t)rtp_us_to_ticks(sent, clocks[c]),
                                 sent + (i % 2 ? MS(8) : 0));
        }
        rtp_reception_report(&r, 1, SEC(8), &report);
        uint32_t want = (uint32_t)rtp_us_to_ticks(MS(8), clocks[c]);
        ck_assert_uint_ge(report.jitter, want - 2);
        ck_assert_uint_le(report.jitter, want + 1);
        ck_assert_int_ge(rtp_reception_jitter(&r), 7900);
        ck_assert_int_le(rtp_reception_jitter(&r), 8100);
    }
}
END_TEST

START_TEST(inv_61_a_timestamp_jump_is_no_jitter)
{
    struct rtp_reception r;
    rtp_reception_init(&r, 90000);
    for (int i = 0; i < 100; i++)
        rtp_reception_packet(&r, 0x10000 + (uint64_t)i,
                             (uint32_t)i * 3000 + (i > 50 ? 0x70000000u : 0), MS(100) * i / 3);
    ck_assert_int_lt(rtp_reception_jitter(&r), 1000);
}
END_TEST

START_TEST(round_trip_of_two_clocks)
{
    /* We send an SR at 100 s; it takes 30 ms; they answer 500 ms later; 40 ms back. */
    const int64_t origin = INT64_C(1763800000000000);
    uint64_t ntp = ntp_of_unix_us(origin + SEC(100));
    struct rtp_reception r;
    struct rtcp_report report;
    rtp_reception_init(&r, 48000);
    rtp_reception_packet(&r, 0x10000, 0, SEC(7));
    rtp_reception_sr(&r, ntp, SEC(7)); /* their clock has another origin */
    rtp_reception_report(&r, 1, SEC(7) + MS(500), &report);
    ck_assert_uint_eq(report.last_sr, (uint32_t)(ntp >> 16));
    ck_assert_uint_eq(report.delay, 32768);
    usec rtt = rtp_round_trip(&report, ntp_of_unix_us(origin + SEC(100) + MS(570)));
    ck_assert_int_ge(rtt, 69900);
    ck_assert_int_le(rtt, 70100);
}
END_TEST

START_TEST(round_trips_that_cannot_be)
{
    struct rtcp_report report = {.last_sr = 0, .delay = 5};
    ck_assert_int_eq(rtp_round_trip(&report, UINT64_C(10) << 32), 0);
    report = (struct rtcp_report){.last_sr = 10 << 16, .delay = 2 << 16};
    ck_assert_int_eq(rtp_round_trip(&report, UINT64_C(11) << 32), 0); /* answered too early */
    ck_assert_int_eq(rtp_round_trip(&report, UINT64_C(9) << 32), 0);  /* names the future */
    ck_assert_int_eq(rtp_round_trip(&report, UINT64_C(12) << 32), 1); /* known, though tiny */
    report.delay = UINT32_MAX;
    ck_assert_int_eq(rtp_round_trip(&report, UINT64_C(13) << 32), 0);
}
END_TEST

SUITE("rtp report", ticks_and_microseconds, losses_and_fraction,
      pitfall_20_jitter_in_the_stream_clock, inv_61_a_timestamp_jump_is_no_jitter,
      round_trip_of_two_clocks, round_trips_that_cannot_be)
