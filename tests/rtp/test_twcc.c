#include "rtp/twcc.h"

#include "tests/suite.h"

static struct twcc_recorder recorder;
static struct twcc_history history;
static uint8_t room[2048];

/* Takes one feedback packet; false: none was due. */
static bool take(usec now, struct rtcp_twcc *twcc)
{
    struct rtcp_walk walk;
    struct rtcp_packet p;
    struct rtcp_feedback f;
    struct fault fault;
    struct writer w = writer_of(room, sizeof room);
    if (!twcc_recorder_write(&recorder, &w, 1, now)) return false;
    ck_assert_int_eq(w.err, OK);
    ck_assert_uint_le(writer_len(&w), 1200);
    walk = rtcp_walk_of(writer_done(&w));
    ck_assert(rtcp_next(&walk, &p));
    ck_assert_int_eq(rtcp_parse_feedback(&f, &p, &fault), OK);
    ck_assert_int_eq(rtcp_parse_twcc(twcc, f.fci, &fault), OK);
    return true;
}

START_TEST(arrivals_are_told_in_time)
{
    struct rtcp_twcc twcc;
    struct rtcp_twcc_status status;
    twcc_recorder_init(&recorder);
    ck_assert_int_eq(recorder.due, TIME_NEVER);
    twcc_recorder_packet(&recorder, 65534, 9, SEC(100));
    twcc_recorder_packet(&recorder, 0, 9, SEC(100) + USEC(1250));
    twcc_recorder_packet(&recorder, 1, 9, SEC(100) + USEC(1000)); /* overtook 0 */
    twcc_recorder_packet(&recorder, 1, 9, SEC(101));              /* a duplicate */
    ck_assert_int_eq(recorder.due, SEC(100) + TWCC_INTERVAL);
    ck_assert(!take(recorder.due - 1, &twcc));
    ck_assert(take(recorder.due, &twcc));
    ck_assert_uint_eq(twcc.base, 65534);
    ck_assert_uint_eq(twcc.count, 4);
    struct rtcp_twcc_walk w = rtcp_twcc_walk_of(&twcc);
    static const int64_t at[] = {0, -1, 1250, 1000};
    for (int i = 0; i < 4; i++) {
        ck_assert(rtcp_twcc_next(&w, &status));
        ck_assert_int_eq(status.received, at[i] >= 0);
        if (at[i] >= 0) ck_assert_int_eq(status.arrival_us, SEC(100) + at[i]);
    }
    ck_assert_int_eq(recorder.due, TIME_NEVER);
    ck_assert(!take(SEC(200), &twcc));
    /* What came late after all is told again. */
    twcc_recorder_packet(&recorder, 65535, 9, SEC(101));
    ck_assert(take(SEC(102), &twcc));
    ck_assert_uint_eq(twcc.base, 65535);
    ck_assert_uint_eq(twcc.feedback_count, 1);
    ck_assert(!take(SEC(103), &twcc));
}
END_TEST

START_TEST(bursts_and_pauses_take_several_packets)
{
    struct rtcp_twcc twcc;
    unsigned packets = 0, statuses = 0;
    twcc_recorder_init(&recorder);
    for (int i = 0; i < 1000; i++) twcc_recorder_packet(&recorder, (uint16_t)i, 9, MS(10) * i);
    /* A pause that no 16-bit delta can say, 8.2 s and more. */
    twcc_recorder_packet(&recorder, 1000, 9, SEC(60));
    while (take(SEC(61), &twcc)) {
        packets++;
        statuses += twcc.count;
        ck_assert_uint_lt(packets, 10);
    }
    ck_assert_uint_eq(statuses, 1001);
    ck_assert_uint_eq(packets, 4);
}
END_TEST

START_TEST(inv_61_a_window_of_arrivals)
{
    struct rtcp_twcc twcc;
    struct rng {
        uint32_t s;
    } r = {1};
    twcc_recorder_init(&recorder);
    for (int i = 0; i < 100000; i++) {
        r.s = r.s * 1664525 + 1013904223;
        twcc_recorder_packet(&recorder, (uint16_t)(r.s >> 16), 9, USEC(100) * i);
        for (int k = 0; take(USEC(100) * i, &twcc); k++) ck_assert_int_lt(k, 2000);
    }
}
END_TEST

START_TEST(both_ends_agree)
{
    struct rtcp_twcc twcc;
    twcc_recorder_init(&recorder);
    twcc_history_init(&history);
    for (int i = 0; i < 2000; i++) {
        uint16_t sequence = twcc_history_next(&history);
        twcc_history_sent(&history, 1200, MS(i));
        if (i % 10 != 3) twcc_recorder_packet(&recorder, sequence, 9, MS(i) + MS(20));
        while (take(MS(i) + MS(20), &twcc)) twcc_history_feedback(&history, &twcc);
    }
    while (take(SEC(10), &twcc)) twcc_history_feedback(&history, &twcc);
    ck_assert_uint_eq(history.acked, 1800);
    ck_assert_uint_eq(history.lost, 200);
    ck_assert_uint_eq(history.unknown, 0);
}
END_TEST

START_TEST(inv_50_late_duplicate_and_future_feedback)
{
    struct rtcp_twcc twcc;
    twcc_recorder_init(&recorder);
    twcc_history_init(&history);
    for (int i = 0; i < 100; i++) twcc_recorder_packet(&recorder, (uint16_t)i, 9, MS(i));
    ck_assert(take(SEC(1), &twcc));
    twcc_history_feedback(&history, &twcc); /* nothing was sent yet */
    ck_assert_uint_eq(history.acked, 0);
    ck_assert_uint_eq(history.unknown, 100);
    for (int i = 0; i < 50; i++) twcc_history_sent(&history, 100, MS(i));
    twcc_history_feedback(&history, &twcc); /* half of it is the future */
    twcc_history_feedback(&history, &twcc); /* and again */
    ck_assert_uint_eq(history.acked, 50);
    ck_assert_uint_eq(history.lost, 0);
    ck_assert_uint_eq(history.unknown, 200);
    for (int i = 0; i < 5000; i++) twcc_history_sent(&history, 100, SEC(1));
    twcc_history_feedback(&history, &twcc); /* forgotten long ago */
    ck_assert_uint_eq(history.acked, 50);
    ck_assert_uint_eq(history.unknown, 300);
}
END_TEST

SUITE("rtp twcc", arrivals_are_told_in_time, bursts_and_pauses_take_several_packets,
      inv_61_a_window_of_arrivals, both_ends_agree, inv_50_late_duplicate_and_future_feedback)
