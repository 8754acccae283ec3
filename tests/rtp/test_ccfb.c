#include "rtp/ccfb.h"

#include "tests/suite.h"

/* One packet of RFC 8888 §3.1: a stream of three packets (padded to its word), one of none. */
static const uint8_t good[] = {
    0x8B, 205, 0,    8, 0,    0,    0, 1,                                     /* header, sender */
    0,    0,   0,    2, 0xFF, 0xFE, 0, 3, 0x80, 0x10, 0, 0, 0xFF, 0xFF, 0, 0, /* 65534, 65535, 0 */
    0,    0,   0,    3, 0,    9,    0, 0,                                     /* nothing came */
    0,    1,   0x80, 0,                                                       /* 1.5 s */
};

static enum err parse(struct rtcp_ccfb *ccfb, struct bytes in, struct fault *fault)
{
    struct rtcp_walk w = rtcp_walk_of(in);
    struct rtcp_packet p;
    if (!rtcp_next(&w, &p)) {
        *fault = w.fault;
        return w.fault.err;
    }
    return rtcp_parse_ccfb(ccfb, &p, fault);
}

START_TEST(each_packet_of_each_stream)
{
    struct rtcp_ccfb ccfb;
    struct rtcp_ccfb_report report;
    struct fault fault;
    ck_assert_int_eq(parse(&ccfb, (struct bytes){good, sizeof good}, &fault), OK);
    ck_assert_uint_eq(ccfb.sender_ssrc, 1);
    ck_assert_uint_eq(ccfb.timestamp, 0x18000);
    struct reader r = reader_of(ccfb.reports);
    ck_assert(rtcp_ccfb_next(&r, &report));
    ck_assert_uint_eq(report.ssrc, 2);
    ck_assert_uint_eq(report.count, 3);
    struct rtcp_ccfb_metric m = rtcp_ccfb_metric_at(&report, 0);
    ck_assert(m.sequence == 65534 && m.received && m.ecn == 0 && m.ato == 16);
    m = rtcp_ccfb_metric_at(&report, 1);
    ck_assert(m.sequence == 65535 && !m.received);
    m = rtcp_ccfb_metric_at(&report, 2);
    ck_assert(m.sequence == 0 && m.received && m.ecn == 3 && m.ato == CCFB_ATO_UNAVAILABLE);
    ck_assert(rtcp_ccfb_next(&r, &report));
    ck_assert(report.ssrc == 3 && report.begin == 9 && report.count == 0);
    ck_assert(!rtcp_ccfb_next(&r, &report));
    ck_assert_int_eq(r.err, OK);
}
END_TEST

/* Lengths that end inside a report, whatever the count says: refused with their place. */
START_TEST(inv_48_more_packets_than_are_there)
{
    uint8_t bad[sizeof good];
    struct rtcp_ccfb ccfb;
    struct fault fault;
    memcpy(bad, good, sizeof bad);
    bad[14] = 0, bad[15] = 20;
    ck_assert_int_eq(parse(&ccfb, (struct bytes){bad, sizeof bad}, &fault), E_TRUNCATED);
    ck_assert_uint_eq(fault.offset, 16);
    bad[14] = 0x40, bad[15] = 1; /* 16385 */
    ck_assert_int_eq(parse(&ccfb, (struct bytes){bad, sizeof bad}, &fault), E_MALFORMED);
    ck_assert_uint_eq(fault.offset, 16);
}
END_TEST

START_TEST(every_length)
{
    struct rtcp_ccfb ccfb;
    struct fault fault;
    for (size_t words = 0; words < sizeof good / 4; words++) {
        uint8_t *exact = malloc(4 * words + 4);
        memcpy(exact, good, 4 * words + 4);
        exact[3] = (uint8_t)words;
        enum err err = parse(&ccfb, (struct bytes){exact, 4 * words + 4}, &fault);
        /* What ends where a report ends is sound: nothing (2), one (6), one and its empty one (8).
         */
        bool sound = words == 2 || words == 6 || words == 8;
        ck_assert_msg((err == OK) == sound, "%zu words: %d", words, err);
        if (err != OK) ck_assert_uint_le(fault.offset, 4 * words + 4);
        free(exact);
    }
}
END_TEST

SUITE("rtp ccfb", each_packet_of_each_stream, inv_48_more_packets_than_are_there, every_length)
