#include "base/columns.h"

#include "tests/suite.h"

static size_t width(const char *text)
{
    return columns_width(bytes_of(text));
}

START_TEST(widths)
{
    ck_assert_uint_eq(width(""), 0);
    ck_assert_uint_eq(width("plain"), 5);
    ck_assert_uint_eq(width("na\xc3\xafve"), 5);
    ck_assert_uint_eq(width("nai\xcc\x88ve"), 5);            /* the same, with a combining mark */
    ck_assert_uint_eq(width("\xe3\x83\x9e\xe3\x83\x88"), 4); /* katakana */
    ck_assert_uint_eq(width("\xed\x95\x9c\xea\xb8\x80"), 4); /* hangul */
    ck_assert_uint_eq(width("\xf0\x9f\x8e\xa5"), 2);         /* a camera */
    ck_assert_uint_eq(width("a\xe2\x80\x8b"
                            "b"),
                      2);                        /* zero width space */
    ck_assert_uint_eq(width("\xef\xbd\xb1"), 1); /* half-width katakana */
    ck_assert_uint_eq(width("\n\r\t"), 6);       /* as \n\r\t */
    ck_assert_uint_eq(width("\x1b[31m"), 8);     /* as \x1b[31m */
    ck_assert_uint_eq(width("\xc2\x9b"), 4);     /* C1: as \x9b */
    ck_assert_uint_eq(width("\xff\xfe"), 2);
    ck_assert_uint_eq(width("\xf4\x8f\xbf\xbd"), 1); /* the last of all: above every range */
}
END_TEST

/* RFC 3629 §3; how much one U+FFFD stands for: Unicode 15 §3.9, "maximal subparts". */
START_TEST(what_is_no_utf8_is_replaced)
{
    static const struct {
        const char *from, *to;
    } cases[] = {
        {"good \xe2\x82\xac", "good \xe2\x82\xac"},
        {"\xff", "\xef\xbf\xbd"},
        {"a\x80z", "a\xef\xbf\xbdz"},
        {"\xe2\x82", "\xef\xbf\xbd"}, /* cut short */
        {"\xe2\x82z", "\xef\xbf\xbdz"},
        {"\xe0\xa0\x80", "\xe0\xa0\x80"},                                         /* U+0800 */
        {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                                 /* overlong */
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},                 /* a surrogate */
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* past 10FFFF */
        {"\xf0\x9f\x8e\xa5", "\xf0\x9f\x8e\xa5"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char room[64];
        size_t len = columns_clean(bytes_of(cases[i].from), room);
        struct bytes clean = {(const uint8_t *)room, len};
        ck_assert_msg(bytes_is(clean, cases[i].to), "case %zu", i);
    }
}
END_TEST

START_TEST(lines_break_at_blanks)
{
    struct bytes text = bytes_of("one two three");
    ck_assert(bytes_is(columns_fit(text, 20, true), "one two three"));
    ck_assert(bytes_is(columns_fit(text, 9, true), "one two"));
    ck_assert(bytes_is(columns_fit(text, 7, true), "one two"));
    ck_assert(bytes_is(columns_fit(text, 9, false), "one two t"));
    ck_assert(bytes_is(columns_fit(bytes_of("unbroken"), 4, true), "unbr"));
    ck_assert(bytes_is(columns_fit(bytes_of("\xe3\x83\x9e\xe3\x83\x88"), 3, true), "\xe3\x83\x9e"));
    /* One character at least, so that whoever prints goes on. */
    ck_assert(bytes_is(columns_fit(bytes_of("\xe3\x83\x9e"), 1, true), "\xe3\x83\x9e"));
    ck_assert_uint_eq(columns_fit(bytes_of(""), 5, true).len, 0);
    struct bytes rest = text;
    for (size_t i = 0; rest.len && i < 100; i++) {
        struct bytes part = columns_fit(rest, 1, true);
        ck_assert_uint_gt(part.len, 0);
        rest = bytes_slice(rest, part.len, rest.len);
    }
    ck_assert_uint_eq(rest.len, 0);
}
END_TEST

START_TEST(what_is_shown_is_as_wide_as_it_was_counted)
{
    static const char *const texts[] = {"plain", "\x1b[31m", "a\xff\xc3\xaf", "\n\xc2\x9b",
                                        "\xe3\x83\x9e"};
    static const char *const shown[] = {"plain", "\\x1b[31m", "a\xef\xbf\xbd\xc3\xaf", "\\n\\x9b",
                                        "\xe3\x83\x9e"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        char room[64];
        struct writer w = writer_of(room, sizeof room);
        columns_write(&w, bytes_of(texts[i]));
        ck_assert_msg(bytes_is(writer_done(&w), shown[i]), "case %zu", i);
        ck_assert_uint_eq(columns_width(writer_done(&w)), width(texts[i]));
    }
}
END_TEST

SUITE("columns", widths, what_is_shown_is_as_wide_as_it_was_counted, what_is_no_utf8_is_replaced,
      lines_break_at_blanks)
