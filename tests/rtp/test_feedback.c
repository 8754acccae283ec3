#include "rtp/feedback.h"

#include <string.h>

#include "tests/suite.h"

static uint8_t room[2048];

/* The FCI of the one feedback packet that was written. */
static struct rtcp_feedback only(struct writer *w, uint8_t type, uint8_t format)
{
    struct rtcp_walk walk = rtcp_walk_of(writer_done(w));
    struct rtcp_packet p;
    struct rtcp_feedback f;
    struct fault fault = {0};
    ck_assert(rtcp_next(&walk, &p));
    ck_assert_uint_eq(p.type, type);
    ck_assert_uint_eq(p.count, format);
    ck_assert_int_eq(rtcp_parse_feedback(&f, &p, &fault), OK);
    ck_assert_uint_eq(f.sender_ssrc, 1);
    ck_assert(!rtcp_next(&walk, &p));
    ck_assert_int_eq(rtcp_check(writer_done(w), &fault), OK);
    return f;
}

/* Checks a feedback packet made of this FCI. */
static enum err check(uint8_t type, uint8_t format, const char *fci, size_t len)
{
    uint8_t in[64];
    struct fault fault = {0};
    struct writer w = writer_of(in, sizeof in);
    size_t at = rtcp_begin(&w, format, type);
    write_u32(&w, 1);
    write_u32(&w, 2);
    write_bytes(&w, (struct bytes){(const uint8_t *)fci, len});
    rtcp_end(&w, at);
    uint8_t *copy = malloc(writer_len(&w));
    memcpy(copy, in, writer_len(&w));
    enum err err = rtcp_check((struct bytes){copy, writer_len(&w)}, &fault);
    if (err != OK) ck_assert_uint_le(fault.offset, writer_len(&w));
    free(copy);
    return err;
}

START_TEST(nack_tells_exactly_what_was_missed)
{
    static const uint16_t lost[] = {65530, 65531, 65535, 10, 11, 300, 301, 317, 318, 9999};
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_nack(&w, 1, 2, lost, COUNT(lost));
    struct rtcp_feedback f = only(&w, RTCP_RTPFB, RTPFB_NACK);
    ck_assert_uint_eq(f.media_ssrc, 2);
    struct rtcp_nack_walk walk;
    uint16_t sequence;
    ck_assert_int_eq(rtcp_parse_nack(&walk, f.fci, NULL), OK);
    for (size_t i = 0; i < COUNT(lost); i++) {
        ck_assert(rtcp_nack_next(&walk, &sequence));
        ck_assert_uint_eq(sequence, lost[i]);
    }
    ck_assert(!rtcp_nack_next(&walk, &sequence));
}
END_TEST

START_TEST(inv_51_feedback_of_odd_sizes)
{
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_NACK, "", 0), E_MALFORMED);
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_NACK, "\0\1\0\0", 4), OK);
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_PLI, "", 0), OK);
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_FIR, "", 0), E_MALFORMED);
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_FIR, "\0\0\0\1", 4), E_MALFORMED); /* half an entry */
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_FIR, "\0\0\0\1\7\0\0\0", 8), OK);
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "", 0), E_MALFORMED);
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\0\0\0\0\0", 8), OK);
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_AFB, "REMX", 4), OK); /* another application's */
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_AFB, "REMB", 4), E_MALFORMED);
    ck_assert_int_eq(check(RTCP_PSFB, PSFB_AFB, "REMB\2\0\0\1\0\0\0\5", 12), E_MALFORMED);
    /* RFC 3550 §6.4.1: what the padding takes of a word leaves none that is whole. */
    static const uint8_t padded[] = {0xA1, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 5, 0, 1};
    ck_assert_int_eq(rtcp_check((struct bytes){padded, sizeof padded}, NULL), E_MALFORMED);
    /* Eight bytes: header and one SSRC only. */
    static const uint8_t short_one[] = {0x81, 205, 0, 1, 0, 0, 0, 1};
    ck_assert_int_eq(rtcp_check((struct bytes){short_one, 8}, NULL), E_TRUNCATED);
}
END_TEST

START_TEST(fir_and_pli)
{
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_fir(&w, 1, (struct rtcp_fir[]){{7, 255}, {8, 0}}, 2);
    struct rtcp_feedback f = only(&w, RTCP_PSFB, PSFB_FIR);
    struct reader r;
    struct rtcp_fir fir;
    ck_assert_int_eq(rtcp_parse_fir(&r, f.fci, NULL), OK);
    ck_assert(rtcp_fir_next(&r, &fir));
    ck_assert_uint_eq(fir.ssrc, 7);
    ck_assert_uint_eq(fir.sequence, 255);
    ck_assert(rtcp_fir_next(&r, &fir));
    ck_assert(!rtcp_fir_next(&r, &fir));
    w = writer_of(room, sizeof room);
    rtcp_write_pli(&w, 1, 9);
    ck_assert_uint_eq(only(&w, RTCP_PSFB, PSFB_PLI).media_ssrc, 9);
}
END_TEST

START_TEST(inv_52_remb_saturates)
{
    struct rtcp_remb remb;
    for (unsigned exponent = 0; exponent < 64; exponent++) {
        for (unsigned mantissa = 0; mantissa <= 0x3FFFF; mantissa += 0x3FFFF) {
            uint8_t fci[8] = {'R', 'E', 'M', 'B', 0};
            struct writer w = writer_of(fci + 5, 3);
            write_u24(&w, exponent << 18 | mantissa);
            ck_assert_int_eq(rtcp_parse_remb(&remb, (struct bytes){fci, 8}, NULL), OK);
            if (mantissa == 0)
                ck_assert_uint_eq(remb.bitrate, 0);
            else if (exponent > 46)
                ck_assert(remb.bitrate == UINT64_MAX);
            else
                ck_assert_uint_eq(remb.bitrate >> exponent, mantissa);
        }
    }
    static const uint64_t rates[] = {0, 1, 0x3FFFF, 0x40000, 2500000, UINT64_MAX};
    for (size_t i = 0; i < COUNT(rates); i++) {
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_remb(&w, 1, rates[i], (uint32_t[]){5, 6}, 2);
        struct rtcp_feedback f = only(&w, RTCP_PSFB, PSFB_AFB);
        ck_assert_int_eq(rtcp_parse_remb(&remb, f.fci, NULL), OK);
        ck_assert_uint_eq(remb.ssrc_count, 2);
        ck_assert(remb.bitrate <= rates[i]);
        ck_assert(remb.bitrate >= rates[i] - rates[i] / 0x20000); /* 18 bits of it */
    }
}
END_TEST

/* Num SSRC is one byte (draft-alvestrand-rmcat-remb-03 §2.2): what it can't count is left out. */
START_TEST(remb_names_255_streams_at_most)
{
    uint32_t ssrcs[REMB_SSRCS_MAX + 2];
    for (size_t i = 0; i < COUNT(ssrcs); i++) ssrcs[i] = 1000 + (uint32_t)i;
    for (size_t count = REMB_SSRCS_MAX - 1; count <= COUNT(ssrcs); count++) {
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_remb(&w, 1, 100000, ssrcs, count);
        struct rtcp_remb remb;
        struct rtcp_feedback f = only(&w, RTCP_PSFB, PSFB_AFB);
        size_t kept = count < REMB_SSRCS_MAX ? count : REMB_SSRCS_MAX;
        ck_assert_int_eq(rtcp_parse_remb(&remb, f.fci, NULL), OK);
        ck_assert_uint_eq(f.fci.len, 8 + 4 * kept);
        ck_assert_uint_eq(remb.ssrc_count, kept);
        struct reader r = reader_of(remb.ssrcs);
        for (size_t i = 0; i < kept; i++) ck_assert_uint_eq(read_u32(&r), 1000 + i);
    }
}
END_TEST

/* Writes, reads and compares. */
static void twcc_comes_back(uint16_t base, int32_t reference, const int16_t *deltas, size_t count)
{
    struct writer w = writer_of(room, sizeof room);
    rtcp_write_twcc(&w, 1, 2, base, reference, 77, deltas, count);
    ck_assert_int_eq(w.err, OK);
    struct rtcp_feedback f = only(&w, RTCP_RTPFB, RTPFB_TWCC);
    struct rtcp_twcc twcc;
    struct fault fault;
    ck_assert_int_eq(rtcp_parse_twcc(&twcc, f.fci, &fault), OK);
    ck_assert_uint_eq(twcc.base, base);
    ck_assert_uint_eq(twcc.count, count);
    ck_assert_int_eq(twcc.reference_time, reference);
    ck_assert_uint_eq(twcc.feedback_count, 77);
    struct rtcp_twcc_walk walk = rtcp_twcc_walk_of(&twcc);
    struct rtcp_twcc_status status;
    int64_t arrival = (int64_t)reference * TWCC_REFERENCE_US;
    for (size_t i = 0; i < count; i++) {
        ck_assert(rtcp_twcc_next(&walk, &status));
        ck_assert_uint_eq(status.sequence, (uint16_t)(base + i));
        ck_assert_int_eq(status.received, deltas[i] != TWCC_LOST);
        if (!status.received) continue;
        arrival += deltas[i] * TWCC_DELTA_US;
        ck_assert_int_eq(status.arrival_us, arrival);
    }
    ck_assert(!rtcp_twcc_next(&walk, &status));
}

START_TEST(twcc_of_every_mixture)
{
    static int16_t deltas[1024];
    struct rng {
        uint32_t s;
    } rng = {1};
    for (int round = 0; round < 2000; round++) {
        rng.s = rng.s * 1664525 + 1013904223;
        size_t count = 1 + (rng.s >> 8) % (round % 10 ? 40 : 500);
        unsigned lost = (rng.s >> 4) % 100, large = (rng.s >> 16) % 100;
        for (size_t i = 0; i < count; i++) {
            rng.s = rng.s * 1664525 + 1013904223;
            unsigned pick = (rng.s >> 8) % 100;
            deltas[i] = (int16_t)(rng.s >> 16);
            if ((rng.s >> 24) % 100 >= large) deltas[i] = (rng.s >> 16) & 255;
            if (deltas[i] == INT16_MIN || pick < lost) deltas[i] = TWCC_LOST;
        }
        twcc_comes_back((uint16_t)(rng.s >> 5), (int32_t)(rng.s >> 8) - 0x800000, deltas, count);
    }
}
END_TEST

START_TEST(twcc_runs_are_short)
{
    static int16_t deltas[1024];
    struct writer w = writer_of(room, sizeof room);
    for (size_t i = 0; i < COUNT(deltas); i++) deltas[i] = TWCC_LOST;
    rtcp_write_twcc(&w, 1, 2, 0, 0, 0, deltas, COUNT(deltas));
    ck_assert_uint_eq(writer_len(&w), 12 + 8 + 4); /* one chunk, and padding to the word */
    twcc_comes_back(65000, 5, deltas, COUNT(deltas));
}
END_TEST

START_TEST(inv_48_counts_beyond_chunks_or_deltas)
{
    /* base 0, count, reference 0: then chunks and deltas. */
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\1\0\0\0\0", 8), E_MALFORMED);
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\xFF\xFF\0\0\0\0\0\5\0\5", 12),
                     E_MALFORMED); /* 65535 statuses, two runs of five */
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\5\0\0\0\0\x20\5\1\1", 12),
                     E_MALFORMED); /* five small deltas, two there */
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\2\0\0\0\0\x20\2\1\1", 12), OK);
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\2\0\0\0\0\x40\2\1\1", 12),
                     E_MALFORMED); /* two large deltas, one there */
}
END_TEST

START_TEST(inv_49_wide_counters)
{
    /* A run of 8191 and count 65535 in nine chunks: an 8-bit counter would never get there. */
    static uint8_t fci[8 + 18] = {0, 0, 0xFF, 0xFF};
    for (int i = 0; i < 9; i++) {
        fci[8 + 2 * i] = 0x1F;
        fci[9 + 2 * i] = 0xFF;
    }
    struct rtcp_twcc twcc;
    ck_assert_int_eq(rtcp_parse_twcc(&twcc, (struct bytes){fci, sizeof fci}, NULL), OK);
    struct rtcp_twcc_walk walk = rtcp_twcc_walk_of(&twcc);
    struct rtcp_twcc_status status;
    unsigned count = 0;
    while (rtcp_twcc_next(&walk, &status)) count++;
    ck_assert_uint_eq(count, 65535);
    /* Runs of length 0 don't hold the walk up. */
    ck_assert_int_eq(check(RTCP_RTPFB, RTPFB_TWCC, "\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1", 16), OK);
}
END_TEST

START_TEST(xr_blocks)
{
    static const uint8_t in[] = {0x80, 207, 0, 7, 0, 0, 0, 1, 4, 0, 0, 2, 1, 2, 3, 4,
                                 5,    6,   7, 8, 5, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0};
    uint8_t bad[sizeof in];
    struct fault fault;
    struct rtcp_walk w = rtcp_walk_of((struct bytes){in, sizeof in});
    struct rtcp_packet p;
    struct rtcp_xr_block block;
    struct reader r;
    uint32_t ssrc;
    ck_assert(rtcp_next(&w, &p));
    ck_assert_int_eq(rtcp_parse_xr(&r, &ssrc, &p, &fault), OK);
    ck_assert(rtcp_xr_next(&r, &block));
    ck_assert_uint_eq(block.type, 4);
    ck_assert_uint_eq(block.data.len, 8);
    ck_assert(rtcp_xr_next(&r, &block));
    ck_assert(!rtcp_xr_next(&r, &block));
    memcpy(bad, in, sizeof in);
    bad[23] = 3;
    ck_assert_int_eq(rtcp_check((struct bytes){bad, sizeof bad}, &fault), E_TRUNCATED);
}
END_TEST

SUITE("rtp feedback", nack_tells_exactly_what_was_missed, inv_51_feedback_of_odd_sizes, fir_and_pli,
      inv_52_remb_saturates, remb_names_255_streams_at_most, twcc_of_every_mixture,
      twcc_runs_are_short, inv_48_counts_beyond_chunks_or_deltas, inv_49_wide_counters, xr_blocks)
