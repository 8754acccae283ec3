#include "tests/suite.h"

#include <string.h>

START_TEST(reader_gives_network_order)
{
    static const uint8_t in[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct reader r = reader_of((struct bytes){in, sizeof in});
    ck_assert_uint_eq(read_u8(&r), 1);
    ck_assert_uint_eq(read_u16(&r), 0x0203);
    ck_assert_uint_eq(read_u24(&r), 0x040506);
    ck_assert_uint_eq(reader_offset(&r), 6);
    ck_assert_uint_eq(read_u32(&r), 0x0708090a);
    ck_assert_uint_eq(reader_peek(&r), 11);
    ck_assert_uint_eq(read_u48(&r), 0x0b0c0d0e0f10);
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert_int_eq(r.err, OK);
    r = reader_of((struct bytes){in, 8});
    ck_assert_uint_eq(read_u64(&r), 0x0102030405060708);
}
END_TEST

START_TEST(reader_fails_once_and_stays_failed)
{
    static const uint8_t in[] = {1, 2, 3};
    struct reader r = reader_of((struct bytes){in, sizeof in});
    ck_assert_uint_eq(read_u8(&r), 1);
    ck_assert_uint_eq(read_u32(&r), 0);
    ck_assert_int_eq(r.err, E_TRUNCATED);
    ck_assert_uint_eq(r.err_offset, 1);
    /* What would have fitted is refused too, and loops over what is left end. */
    ck_assert_uint_eq(read_u8(&r), 0);
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert_uint_eq(read_rest(&r).len, 0);
    reader_fail(&r, E_MALFORMED, "a later failure does not hide the first");
    ck_assert_int_eq(r.err, E_TRUNCATED);
    struct fault fault = reader_fault(&r, "test");
    char text[128];
    ck_assert_str_eq(fault_text(&fault, text, sizeof text),
                     "test: truncated at offset 1: the input ends inside this field");
}
END_TEST

START_TEST(reader_of_nothing)
{
    struct reader r = reader_of((struct bytes){NULL, 0});
    ck_assert_uint_eq(reader_left(&r), 0);
    ck_assert_uint_eq(read_bytes(&r, 0).len, 0);
    ck_assert_int_eq(r.err, OK);
    read_skip(&r, SIZE_MAX);
    ck_assert_int_eq(r.err, E_TRUNCATED);
}
END_TEST

START_TEST(inv_10_lengths_do_not_wrap)
{
    static const uint8_t in[4] = {0};
    struct reader r = reader_of((struct bytes){in, sizeof in});
    read_u8(&r);
    ck_assert_uint_eq(read_bytes(&r, SIZE_MAX).len, 0);
    ck_assert_int_eq(r.err, E_TRUNCATED);
    uint8_t out[4];
    struct writer w = writer_of(out, sizeof out);
    write_u8(&w, 1);
    write_zeros(&w, SIZE_MAX);
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

START_TEST(writer_mirrors_the_reader)
{
    uint8_t out[32];
    struct writer w = writer_of(out, sizeof out);
    write_u8(&w, 1), write_u16(&w, 0x0203), write_u24(&w, 0x040506), write_u32(&w, 0x0708090a);
    write_u48(&w, 0x0b0c0d0e0f10);
    write_text(&w, "text");
    write_format(&w, "%d", 42);
    write_u16_at(&w, 1, 0xfffe);
    struct bytes done = writer_done(&w);
    static const uint8_t want[] = "\x01\xff\xfe\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10"
                                  "text42";
    ck_assert_uint_eq(done.len, sizeof want - 1);
    ck_assert_mem_eq(done.at, want, done.len);
}
END_TEST

START_TEST(writer_that_is_full_gives_nothing)
{
    uint8_t out[3];
    struct writer w = writer_of(out, sizeof out);
    write_u16(&w, 1), write_u16(&w, 2), write_u8(&w, 3);
    ck_assert_int_eq(w.err, E_FULL);
    ck_assert_ptr_null(writer_done(&w).at);
    w = writer_of(out, sizeof out);
    write_u8(&w, 1);
    write_u16_at(&w, 0, 7); /* only one byte was written */
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

START_TEST(inv_25_decimals_neither_wrap_nor_take_signs)
{
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"4294967296", UINT32_MAX, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999999", UINT64_MAX, false, 0},
        {"007", 10, true, 7},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {" 1", 10, false, 0},
        {"1 ", 10, false, 0},
        {"0x1", 10, false, 0},
        {"9", 5, false, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t v = 0;
        ck_assert_msg(bytes_to_u64(bytes_of(rows[i].text), rows[i].max, &v) == rows[i].ok,
                      "\"%s\" up to %llu", rows[i].text, (unsigned long long)rows[i].max);
        ck_assert_uint_eq(v, rows[i].value);
    }
}
END_TEST

START_TEST(inv_26_nul_does_not_end_text)
{
    struct bytes a = {(const uint8_t *)"ab\0cd", 5}, b = {(const uint8_t *)"ab\0ce", 5};
    ck_assert(!bytes_equal(a, b));
    ck_assert(!bytes_is(a, "ab"));
    ck_assert(!bytes_equal_secret(a, b));
    ck_assert(!bytes_equal_secret(a, bytes_slice(a, 0, 4)));
    ck_assert(bytes_equal_secret(a, a));
}
END_TEST

/* Words and the bytes behind them: one wrong bit anywhere is seen. */
START_TEST(secrets_differ_in_any_bit)
{
    uint8_t ours[24], theirs[24];
    for (size_t i = 0; i < sizeof ours; i++) ours[i] = theirs[i] = (uint8_t)(i * 37);
    for (size_t len = 0; len <= sizeof ours; len++) {
        struct bytes a = {ours, len}, b = {theirs, len};
        ck_assert(bytes_equal_secret(a, b));
        for (size_t bit = 0; bit < 8 * len; bit++) {
            theirs[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert(!bytes_equal_secret(a, b));
            theirs[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}
END_TEST

START_TEST(text_helpers)
{
    struct bytes a = bytes_of("Sha-256 value");
    ck_assert(bytes_is_nocase(bytes_slice(a, 0, 7), "sHA-256"));
    ck_assert(!bytes_is_nocase(bytes_slice(a, 0, 7), "sHA-257"));
    ck_assert(!bytes_is_nocase(bytes_slice(a, 0, 7), "sHA\r256")); /* no letter, though a bit off */
    ck_assert(!bytes_is_nocase(a, "sha-256"));
    ck_assert(bytes_starts(a, "Sha-"));
    ck_assert(!bytes_starts(bytes_of("S"), "Sha"));
    ck_assert_uint_eq(bytes_slice(a, 99, 5).len, 0);
    ck_assert(bytes_is(bytes_slice(a, 8, SIZE_MAX), "value"));
    char cut[4];
    ck_assert_str_eq(bytes_to_text(a, cut, sizeof cut), "Sha");
    uint8_t secret[] = {1, 2, 3};
    bytes_wipe(secret, sizeof secret);
    ck_assert_int_eq(secret[0] | secret[1] | secret[2], 0);
}
END_TEST

START_TEST(every_error_has_a_name)
{
    for (int e = OK; e <= E_NOMEM; e++) ck_assert_str_ne(err_name((enum err)e), "unknown");
    struct fault none = {0};
    char text[8];
    ck_assert_str_eq(fault_text(&none, text, sizeof text), "ok");
}
END_TEST

SUITE("base bytes", reader_gives_network_order, reader_fails_once_and_stays_failed,
      reader_of_nothing, inv_10_lengths_do_not_wrap, writer_mirrors_the_reader,
      writer_that_is_full_gives_nothing, inv_25_decimals_neither_wrap_nor_take_signs,
      inv_26_nul_does_not_end_text, secrets_differ_in_any_bit, text_helpers, every_error_has_a_name)
