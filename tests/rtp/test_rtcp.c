#include "rtp/rtcp.h"

#include <string.h>

#include "tests/suite.h"

static struct bytes view(const uint8_t *at, size_t len)
{
    return (struct bytes){at, len};
}

static enum err check(const uint8_t *at, size_t len)
{
    struct fault fault = {0};
    uint8_t *copy = malloc(len ? len : 1); /* exact: a sanitizer sees a read past the end */
    memcpy(copy, at, len);
    enum err err = rtcp_check(view(copy, len), &fault);
    free(copy);
    if (err != OK) {
        ck_assert_int_eq(fault.err, err);
        ck_assert_uint_le(fault.offset, len);
        ck_assert_ptr_nonnull(fault.rule);
    }
    return err;
}

static const struct rtcp_reports sr = {
    .is_sr = true,
    .ssrc = 1,
    .info = {.ntp = UINT64_C(0x0123456789ABCDEF), .rtp_time = 2, .packets = 3, .octets = 4},
    .count = 2,
    .reports = {{.ssrc = 5,
                 .fraction_lost = 6,
                 .lost = -7,
                 .highest = 8,
                 .jitter = 9,
                 .last_sr = 10,
                 .delay = 11},
                {.ssrc = 12, .lost = 0x7FFFFF}}};

/* SR, SDES and BYE in one datagram. */
static struct bytes compound(uint8_t *room, size_t len)
{
    struct writer w = writer_of(room, len);
    rtcp_write_reports(&w, &sr);
    rtcp_write_sdes_cname(&w, 1, bytes_of("somebody"));
    rtcp_write_bye(&w, &(struct rtcp_bye){.count = 2, .ssrc = {1, 5}, .reason = bytes_of("end")});
    rtcp_write_app(&w, &(struct rtcp_app){3, 1, bytes_of("duet"), bytes_of("12345678")});
    return writer_done(&w);
}

START_TEST(a_compound_comes_back)
{
    uint8_t room[512];
    struct bytes in = compound(room, sizeof room);
    struct rtcp_walk w = rtcp_walk_of(in);
    struct rtcp_packet p;
    struct fault fault;

    ck_assert(rtcp_is(in));
    ck_assert(rtcp_next(&w, &p));
    ck_assert_uint_eq(p.type, RTCP_SR);
    struct rtcp_reports reports;
    ck_assert_int_eq(rtcp_parse_reports(&reports, &p, &fault), OK);
    ck_assert_uint_eq(reports.info.ntp, sr.info.ntp);
    ck_assert_uint_eq(reports.info.octets, 4);
    ck_assert_uint_eq(reports.count, 2);
    ck_assert_int_eq(reports.reports[0].lost, -7);
    ck_assert_uint_eq(reports.reports[0].delay, 11);
    ck_assert_int_eq(reports.reports[1].lost, 0x7FFFFF);

    ck_assert(rtcp_next(&w, &p));
    ck_assert_uint_eq(p.type, RTCP_SDES);
    struct rtcp_sdes_walk s = rtcp_sdes_walk_of(&p);
    struct rtcp_sdes_item item;
    ck_assert(rtcp_sdes_next(&s, &item));
    ck_assert_uint_eq(item.ssrc, 1);
    ck_assert_uint_eq(item.type, RTCP_CNAME);
    ck_assert(bytes_is(item.text, "somebody"));
    ck_assert(!rtcp_sdes_next(&s, &item));
    ck_assert_int_eq(s.r.err, OK);

    ck_assert(rtcp_next(&w, &p));
    struct rtcp_bye bye;
    ck_assert_int_eq(rtcp_parse_bye(&bye, &p, &fault), OK);
    ck_assert_uint_eq(bye.count, 2);
    ck_assert_uint_eq(bye.ssrc[1], 5);
    ck_assert(bytes_is(bye.reason, "end"));

    ck_assert(rtcp_next(&w, &p));
    struct rtcp_app app;
    ck_assert_int_eq(rtcp_parse_app(&app, &p, &fault), OK);
    ck_assert_uint_eq(app.subtype, 3);
    ck_assert(bytes_is(app.name, "duet"));
    ck_assert_uint_eq(app.data.len, 8);
    ck_assert(!rtcp_next(&w, &p));
    ck_assert_int_eq(w.fault.err, OK);
}
END_TEST

START_TEST(inv_46_every_prefix_is_refused_or_whole)
{
    uint8_t room[512];
    struct bytes in = compound(room, sizeof room);
    size_t whole = 0;
    for (size_t n = 0; n <= in.len; n++) whole += check(in.at, n) == OK;
    ck_assert_uint_eq(whole, 4); /* behind each of its packets */
}
END_TEST

START_TEST(inv_46_counts_are_held_against_lengths)
{
    static const uint8_t reason_past_end[] = {0x81, 203, 0, 2, 0, 0, 0, 1, 4, 'a', 'b', 'c'};
    static const uint8_t too_many_ssrcs[] = {0x83, 203, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
    static const uint8_t too_many_reports[] = {0x81, 201, 0, 1, 0, 0, 0, 1};
    static const uint8_t sdes_item_past_end[] = {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 9, 'a', 0};
    static const uint8_t sdes_without_end[] = {0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 'a', 'b'};
    static const uint8_t app_without_name[] = {0x80, 204, 0, 1, 0, 0, 0, 1};
    static const uint8_t length_past_end[] = {0x80, 201, 0xFF, 0xFF, 0, 0, 0, 1};
    static const uint8_t version_one[] = {0x40, 201, 0, 1, 0, 0, 0, 1};
    ck_assert_int_ne(check(reason_past_end, sizeof reason_past_end), OK);
    ck_assert_int_ne(check(too_many_ssrcs, sizeof too_many_ssrcs), OK);
    ck_assert_int_ne(check(too_many_reports, sizeof too_many_reports), OK);
    ck_assert_int_ne(check(sdes_item_past_end, sizeof sdes_item_past_end), OK);
    ck_assert_int_ne(check(sdes_without_end, sizeof sdes_without_end), OK);
    ck_assert_int_ne(check(app_without_name, sizeof app_without_name), OK);
    ck_assert_int_ne(check(length_past_end, sizeof length_past_end), OK);
    ck_assert_int_eq(check(version_one, sizeof version_one), E_MALFORMED);
}
END_TEST

START_TEST(lenient_where_the_grammar_is)
{
    static const uint8_t empty_rr[] = {0x80, 201, 0, 1, 0, 0, 0, 1};
    static const uint8_t unknown_type[] = {0x80, 210, 0, 1, 0, 0, 0, 1};
    static const uint8_t empty_bye[] = {0x80, 203, 0, 0};
    static const uint8_t empty_chunk[] = {0x81, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0};
    static const uint8_t padded[] = {0xA0, 201, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4};
    static const uint8_t padded_first[] = {0xA0, 201, 0, 2, 0,    0,   0, 1,
                                           0,    0,   0, 4, 0x80, 203, 0, 0};
    ck_assert_int_eq(check(empty_rr, sizeof empty_rr), OK);
    ck_assert_int_eq(check(unknown_type, sizeof unknown_type), OK);
    ck_assert_int_eq(check(empty_bye, sizeof empty_bye), OK);
    ck_assert_int_eq(check(empty_chunk, sizeof empty_chunk), OK);
    ck_assert_int_eq(check(padded, sizeof padded), OK);
    ck_assert_int_eq(check(padded_first, sizeof padded_first), E_MALFORMED);
}
END_TEST

START_TEST(padding_of_any_count)
{
    uint8_t in[12] = {0xA0, 201, 0, 2, 0, 0, 0, 1};
    for (unsigned count = 0; count < 256; count++) {
        in[11] = (uint8_t)count;
        /* From 5 on it eats the SSRC. */
        ck_assert_int_eq(check(in, sizeof in) == OK, count >= 1 && count <= 4);
    }
    /* From Chromium: one byte of padding behind seven deltas. */
    static const uint8_t feedback[] = {0xAF, 0xCD, 0x00, 0x06, 0x73, 0xA7, 0xC6, 0x8B, 0x6D, 0xE3,
                                       0x2F, 0xB8, 0x00, 0x21, 0x00, 0x05, 0x00, 0xC2, 0xC9, 0x03,
                                       0x20, 0x05, 0x6A, 0x00, 0x00, 0x00, 0x1F, 0x01};
    ck_assert_int_eq(check(feedback, sizeof feedback), OK);
}
END_TEST

START_TEST(sdes_of_several_chunks)
{
    static const uint8_t in[] = {0x83, 202, 0, 7, 0, 0, 0, 1, 1, 1, 'a', 2, 1, 'b', 0, 0,
                                 0,    0,   0, 2, 0, 0, 0, 0, 0, 0, 0,   3, 8, 0,   0, 0};
    struct rtcp_walk w = rtcp_walk_of(view(in, sizeof in));
    struct rtcp_packet p;
    struct rtcp_sdes_item item;
    static const unsigned ssrcs[] = {1, 1, 2, 3}, types[] = {1, 2, 0, 8};
    ck_assert(rtcp_next(&w, &p));
    struct rtcp_sdes_walk s = rtcp_sdes_walk_of(&p);
    for (int i = 0; i < 4; i++) {
        ck_assert(rtcp_sdes_next(&s, &item));
        ck_assert_uint_eq(item.ssrc, ssrcs[i]);
        ck_assert_uint_eq(item.type, types[i]);
    }
    ck_assert(!rtcp_sdes_next(&s, &item));
    ck_assert_int_eq(s.r.err, OK);
}
END_TEST

/* RFC 3550 §6.5, §6.6: their lengths are one byte, so a longer text is cut, not wrapped. */
START_TEST(texts_are_cut_at_255_bytes)
{
    static char longer[256 + 44];
    uint8_t room[1024];
    memset(longer, 'x', sizeof longer);
    struct bytes text = {(const uint8_t *)longer, sizeof longer};
    for (size_t cut = 255; cut <= sizeof longer; cut++) {
        struct writer w = writer_of(room, sizeof room);
        rtcp_write_sdes_cname(&w, 1, bytes_slice(text, 0, cut));
        rtcp_write_bye(
            &w, &(struct rtcp_bye){.count = 1, .ssrc = {1}, .reason = bytes_slice(text, 0, cut)});
        struct bytes in = writer_done(&w);
        ck_assert_uint_eq(in.len, 4 + 4 + 260 + 4 + 4 + 256);
        ck_assert_int_eq(check(in.at, in.len), OK);
        struct rtcp_walk walk = rtcp_walk_of(in);
        struct rtcp_packet p;
        struct rtcp_sdes_item item;
        struct rtcp_bye bye;
        ck_assert(rtcp_next(&walk, &p));
        struct rtcp_sdes_walk s = rtcp_sdes_walk_of(&p);
        ck_assert(rtcp_sdes_next(&s, &item));
        ck_assert_uint_eq(item.text.len, 255);
        ck_assert_mem_eq(item.text.at, longer, 255);
        ck_assert(!rtcp_sdes_next(&s, &item) && s.r.err == OK);
        ck_assert(rtcp_next(&walk, &p));
        ck_assert_int_eq(rtcp_parse_bye(&bye, &p, NULL), OK);
        ck_assert_uint_eq(bye.reason.len, 255);
        ck_assert_mem_eq(bye.reason.at, longer, 255);
        ck_assert(!rtcp_next(&walk, &p));
    }
}
END_TEST

/* Padding is part of the last packet (RFC 3550 §6.4.1): a chunk that would end in it has no end. */
START_TEST(a_chunk_that_ends_in_the_padding)
{
    static const uint8_t in[] = {0xA2, 202, 0, 2, 0, 0, 0, 1, 1, 0, 0, 1}; /* two chunks, it says */
    ck_assert_int_eq(check(in, sizeof in), E_TRUNCATED);
}
END_TEST

/* Nobody has to ask why. */
START_TEST(a_fault_that_nobody_asks_for)
{
    static const uint8_t cut[] = {0x80, 201, 0, 9, 0, 0, 0, 1};
    static const uint8_t nack[] = {0x80, 201, 0, 1, 0, 0, 0, 1, /* RR, then a NACK of nothing */
                                   0x81, 205, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};
    ck_assert_int_eq(rtcp_check(view(cut, sizeof cut), NULL), E_TRUNCATED);
    ck_assert_int_eq(rtcp_check(view(nack, sizeof nack), NULL), E_MALFORMED);
}
END_TEST

/* What finds no room is not half written: the writer says so, and nothing behind it is touched. */
START_TEST(packets_without_room)
{
    uint8_t whole[512], room[512];
    size_t len = compound(whole, sizeof whole).len;
    for (size_t n = 0; n < len; n++) {
        memset(room, 0xEE, sizeof room);
        ck_assert_ptr_null(compound(room, n).at);
        for (size_t i = n; i < sizeof room; i++) ck_assert_uint_eq(room[i], 0xEE);
    }
}
END_TEST

/* RFC 5761 4: what the second byte says. Pitfall 14. */
START_TEST(pitfall_14_rtcp_is_told_from_rtp)
{
    uint8_t in[8] = {0x80};
    for (unsigned second = 0; second < 256; second++) {
        in[1] = (uint8_t)second;
        ck_assert_int_eq(rtcp_is(view(in, sizeof in)), second >= 192 && second <= 223);
    }
    ck_assert(!rtcp_is(view(in, 1)));
}
END_TEST

SUITE("rtp rtcp", a_compound_comes_back, inv_46_every_prefix_is_refused_or_whole,
      inv_46_counts_are_held_against_lengths, lenient_where_the_grammar_is, padding_of_any_count,
      sdes_of_several_chunks, texts_are_cut_at_255_bytes, a_chunk_that_ends_in_the_padding,
      a_fault_that_nobody_asks_for, packets_without_room, pitfall_14_rtcp_is_told_from_rtp)
