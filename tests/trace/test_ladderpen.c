#include "tests/suite.h"

#include "trace/ladderpen.h"

static char room[LADDER_LINE_MAX];

static struct ladder_page page_of(bool ascii, bool colour)
{
    struct ladder_page page = {.width = 40, .ascii = ascii, .colour = colour, .lane_count = 2};
    page.lanes[0].column = 4;
    page.lanes[1].column = 10;
    return page;
}

static void must_be(struct pen *p, const char *text)
{
    struct bytes row = pen_end(p);
    ck_assert_msg(bytes_is(row, text), "%.*s", (int)row.len, (const char *)row.at);
}

START_TEST(lifelines_are_drawn_where_they_are_passed)
{
    struct ladder_page page = page_of(true, false);
    struct pen p = pen_begin(&page, room);
    pen_pad(&p, 12);
    ck_assert_uint_eq(p.column, 12);
    pen_pad(&p, 3); /* passed already */
    must_be(&p, "    |     | ");
    p = pen_begin(&page, room);
    pen_blank(&p, 12);
    must_be(&p, "            ");
}
END_TEST

START_TEST(a_shaft_crosses_lifelines)
{
    static const struct {
        enum pen_glyph dash;
        const char *box, *typewriter;
    } rows[] = {{PEN_DASH, "────┼──", "----+--"},
                {PEN_TWIN, "════╪══", "====#=="},
                {PEN_DOTS, "┄┄┄┄┼┄┄", "....+.."}};
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int ascii = 0; ascii < 2; ascii++) {
            struct ladder_page page = page_of(ascii, false);
            struct pen p = pen_begin(&page, room);
            pen_shaft(&p, 7, rows[i].dash);
            ck_assert_uint_eq(p.column, 7);
            must_be(&p, ascii ? rows[i].typewriter : rows[i].box);
        }
}
END_TEST

START_TEST(a_glyph_is_one_column)
{
    for (int ascii = 0; ascii < 2; ascii++) {
        struct ladder_page page = page_of(ascii, false);
        struct pen p = pen_begin(&page, room);
        for (int i = 0; i < PEN_GLYPHS; i++) {
            const char *glyph = pen_glyph_text(&page, (enum pen_glyph)i);
            ck_assert_uint_eq(strlen(glyph) == 1, ascii || (unsigned char)glyph[0] < 0x80);
            pen_glyph(&p, (enum pen_glyph)i);
            ck_assert_uint_eq(p.column, (size_t)i + 1);
        }
    }
}
END_TEST

START_TEST(a_colour_is_said_once_and_ends_with_the_row)
{
    struct ladder_page page = page_of(true, true);
    struct pen p = pen_begin(&page, room);
    pen_ink(&p, LADDER_BAD);
    pen_text(&p, bytes_of("a"));
    pen_ink(&p, LADDER_BAD);
    pen_text(&p, bytes_of("b"));
    pen_ink(&p, PEN_INK_DIM);
    pen_text(&p, bytes_of("c"));
    ck_assert_uint_eq(p.column, 3);
    must_be(&p, "\x1b[1;31mab\x1b[0m\x1b[2mc\x1b[0m");
    page.colour = false;
    p = pen_begin(&page, room);
    pen_ink(&p, LADDER_BAD);
    pen_text(&p, bytes_of("a"));
    must_be(&p, "a");
}
END_TEST

START_TEST(words_are_cut_to_their_room_with_a_mark)
{
    static const struct {
        const char *words;
        size_t room;
        const char *text;
    } rows[] = {{"two words", 9, "two words"},
                {"sixsix words", 9, "sixsix~"}, /* a word is torn only if little else is left */
                {"two words", 8, "two wor~"},
                {"lengthily said", 8, "lengthi~"},
                {"here, there", 8, "here~"}, /* no comma before the mark */
                {"x", 0, ""},
                {"xy", 1, "~"},
                {"", 0, ""}};
    struct ladder_page page = page_of(true, false);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fitted f = pen_fit(bytes_of(rows[i].words), rows[i].room);
        struct pen p = pen_begin(&page, room);
        pen_fitted(&p, &f);
        ck_assert_uint_eq(p.column, f.width);
        must_be(&p, rows[i].text);
    }
}
END_TEST

START_TEST(no_more_words_are_looked_at_than_a_row_holds)
{
    static char words[PEN_WORDS_MAX + 2];
    memset(words, 'x', PEN_WORDS_MAX);
    struct fitted f = pen_fit(bytes_of(words), SIZE_MAX);
    ck_assert(!f.cut && f.width == PEN_WORDS_MAX);
    words[PEN_WORDS_MAX] = 'y';
    f = pen_fit(bytes_of(words), SIZE_MAX);
    ck_assert(f.cut && f.text.len == PEN_WORDS_MAX && f.width == PEN_WORDS_MAX + 1);
}
END_TEST

SUITE("ladderpen", lifelines_are_drawn_where_they_are_passed, a_shaft_crosses_lifelines,
      a_glyph_is_one_column, a_colour_is_said_once_and_ends_with_the_row,
      words_are_cut_to_their_room_with_a_mark, no_more_words_are_looked_at_than_a_row_holds)
