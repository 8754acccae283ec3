#include "tests/suite.h"

#include "signaling/utf8.h"

#include <string.h>

/* Encodes a code point without asking whether it may be: RFC 3629 §3. */
static size_t encode(uint32_t c, uint8_t to[4])
{
    if (c < 0x80) return to[0] = (uint8_t)c, 1;
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6) to[i] = (uint8_t)(0x80 | (c & 0x3F));
    to[0] = (uint8_t)(first[n] | c);
    return n;
}

START_TEST(every_code_point)
{
    uint32_t wrong = 0, prefixes = 0, last = 0;
    for (uint32_t c = 0; c < 0x110000; c++) {
        uint8_t b[4];
        size_t n = encode(c, b);
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        if (utf8_valid((struct bytes){b, n}) == surrogate) wrong++, last = c;
        if (n > 1 && utf8_valid((struct bytes){b, n - 1})) prefixes++, last = c;
    }
    /* Asserted once: check writes down each assertion, and a million take minutes. */
    ck_assert_msg(wrong == 0 && prefixes == 0, "%u and %u, the last is U+%04X", (unsigned)wrong,
                  (unsigned)prefixes, (unsigned)last);
}
END_TEST

START_TEST(what_is_no_utf8)
{
    static const char *const bad[] = {
        "\x80",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5",
        "\xF8\x88\x80\x80",
        "\xFE",
        "\xFF",
        "\xC3(",
        "\xE2\x82(",
        "a\xE2\x82",
        "\xF0\x9F\x98",
    };
    for (size_t i = 0; i < COUNT(bad); i++) ck_assert_msg(!utf8_valid(bytes_of(bad[i])), "%zu", i);
}
END_TEST

START_TEST(says_so_at_the_first_wrong_byte)
{
    struct utf8 u = {0};
    ck_assert(utf8_feed(&u, 0xF4));
    ck_assert(!utf8_complete(&u));
    ck_assert(!utf8_feed(&u, 0x90));
}
END_TEST

SUITE("signaling utf8", every_code_point, what_is_no_utf8, says_so_at_the_first_wrong_byte)
