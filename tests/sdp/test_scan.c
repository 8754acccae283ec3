#include "sdp/scan.h"
#include "tests/suite.h"

#include <string.h>

/* RFC 8866 §9, token-char, spelled out once more. */
START_TEST(tokens_are_those_of_the_grammar)
{
    static const char marks[] = "!#$%&'*+-.^_`{|}~";
    for (unsigned c = 1; c < 256; c++) {
        uint8_t byte = (uint8_t)c;
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        bool mark = c < 128 && strchr(marks, (int)c) != NULL;
        ck_assert_msg(sdp_is_token((struct bytes){&byte, 1}) == (letter || digit || mark), "%u", c);
        bool ice = letter || digit || c == '+' || c == '/';
        ck_assert_msg(sdp_is_ice_chars((struct bytes){&byte, 1}) == ice, "%u", c);
    }
    ck_assert(!sdp_is_token(bytes_of("")));
    ck_assert(!sdp_is_token(bytes_of("a b")));
}
END_TEST

START_TEST(lines_end_in_crlf_or_lf)
{
    struct reader r = reader_of(bytes_of("a\r\nb\n\nrest"));
    struct bytes line;
    ck_assert(sdp_scan_line(&r, &line) && bytes_is(line, "a"));
    ck_assert(sdp_scan_line(&r, &line) && bytes_is(line, "b"));
    ck_assert(sdp_scan_line(&r, &line) && line.len == 0);
    ck_assert(!sdp_scan_line(&r, &line));
    ck_assert_uint_eq(reader_left(&r), 4);
}
END_TEST

static bool number(const char *text, uint64_t max, uint64_t *value)
{
    struct reader r = reader_of(bytes_of(text));
    *value = sdp_scan_number(&r, max, "number");
    sdp_expect_end(&r, "number");
    return r.err == OK;
}

START_TEST(inv_25_numbers_do_not_wrap)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "0x1",
                                      "1e3",
                                      "256",
                                      "4294967296",
                                      "18446744073709551616",
                                      "99999999999999999999"};
    uint64_t value;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!number(bad[i], 255, &value), "%s", bad[i]);
    ck_assert(number("255", 255, &value) && value == 255);
    /* Leading zeros count for nothing, however many there are. */
    ck_assert(number("0000000000000000000000000255", 255, &value) && value == 255);
    ck_assert(!number("0000000000000000000000000256", 255, &value));
    ck_assert(number("9999999999999999999", UINT64_MAX, &value) && value == 9999999999999999999u);
    ck_assert(number("000255", 255, &value) && value == 255);
    ck_assert(number("18446744073709551615", UINT64_MAX, &value) && value == UINT64_MAX);
    ck_assert(!number("18446744073709551616", UINT64_MAX, &value));
    ck_assert(!number("5", 4, &value));
    ck_assert(number("0", 0, &value) && value == 0);
}
END_TEST

START_TEST(a_failed_reader_stays_failed_with_its_first_rule)
{
    struct reader r = reader_of(bytes_of("ab cd"));
    ck_assert(bytes_is(sdp_scan_token(&r, "one"), "ab"));
    sdp_expect_char(&r, 'x', "two");
    sdp_expect_blank(&r, "three");
    ck_assert_uint_eq(sdp_scan_word(&r, "four").len, 0);
    ck_assert_str_eq(r.rule, "two");
    ck_assert_uint_eq(r.err_offset, 2);
    ck_assert(!sdp_scan_char(&r, ' '));
    ck_assert_uint_eq(sdp_scan_until(&r, 'd').len, 0);
}
END_TEST

SUITE("sdp scan", tokens_are_those_of_the_grammar, lines_end_in_crlf_or_lf,
      inv_25_numbers_do_not_wrap, a_failed_reader_stays_failed_with_its_first_rule)
