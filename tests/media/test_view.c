#include "media/source.h"
#include "media/view.h"
#include "tests/suite.h"

#include <string.h>

static uint8_t room[200000];

static struct bytes draw(const struct picture *p, int columns, int rows, enum view_colours colours)
{
    size_t need = view_room(columns, rows);
    ck_assert_uint_le(need, sizeof room);
    struct writer w = writer_of(room, need); /* what view_room says must always do */
    view_draw(p, columns, rows, colours, &w);
    ck_assert_int_eq(w.err, OK);
    return (struct bytes){room, writer_len(&w)};
}

/* One cell as a terminal would show it. */
struct cell {
    struct rgb upper, lower;
    bool drawn;
};

#define COLUMNS 80
#define ROWS    40

struct screen {
    struct cell cell[ROWS][COLUMNS];
    int rows; /* lines ended */
    bool odd; /* something that a terminal would not take was seen */
};

static unsigned number(struct reader *r)
{
    unsigned v = 0;
    while (reader_peek(r) >= '0' && reader_peek(r) <= '9') v = v * 10 + read_u8(r) - '0';
    return v;
}

static struct rgb xterm_colour(unsigned i)
{
    static const uint8_t level[] = {0, 95, 135, 175, 215, 255};
    if (i < 16) return (struct rgb){1, 2, 3};
    if (i >= 232) {
        uint8_t grey = (uint8_t)(8 + 10 * (i - 232));
        return (struct rgb){grey, grey, grey};
    }
    i -= 16;
    return (struct rgb){level[i / 36], level[i / 6 % 6], level[i % 6]};
}

/* ESC [ has been read. */
static void escape(struct reader *r, struct rgb *upper, struct rgb *lower, int *column, bool *odd)
{
    unsigned first = number(r);
    uint8_t next = read_u8(r);
    if (next == 'C') {
        *column += (int)first;
    } else if (next == ';' && (first == 38 || first == 48)) {
        struct rgb *to = first == 38 ? upper : lower;
        unsigned kind = number(r);
        read_skip(r, 1);
        unsigned red = number(r);
        if (kind == 2) {
            read_skip(r, 1);
            unsigned green = number(r);
            read_skip(r, 1);
            *to = (struct rgb){(uint8_t)red, (uint8_t)green, (uint8_t)number(r)};
        } else {
            *to = xterm_colour(red);
        }
        if (read_u8(r) != 'm') *odd = true;
    } else if (!(next == 'm' && first == 0)) {
        *odd = true;
    }
}

/* A terminal small enough to be read. */
static void show(struct bytes text, struct screen *s)
{
    struct reader r = reader_of(text);
    struct rgb upper = {0}, lower = {0};
    int column = 0;
    *s = (struct screen){0};
    while (reader_left(&r)) {
        uint8_t c = read_u8(&r);
        if (c == 0x1b && read_u8(&r) == '[') {
            escape(&r, &upper, &lower, &column, &s->odd);
        } else if (c == '\r' && read_u8(&r) == '\n') {
            s->rows++;
            column = 0;
        } else if (c == 0xe2 && read_u16(&r) == 0x9680 && s->rows < ROWS && column < COLUMNS) {
            s->cell[s->rows][column++] = (struct cell){upper, lower, true};
        } else {
            s->odd = true;
        }
    }
    if (r.err != OK) s->odd = true;
}

static bool near(struct rgb a, struct rgb b, int off)
{
    return abs(a.r - b.r) <= off && abs(a.g - b.g) <= off && abs(a.b - b.b) <= off;
}

static void four_colours(enum view_colours colours, int off)
{
    static struct screen s;
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 640, 480), OK);
    source_draw(&p, 9, 30);
    show(draw(&p, 64, 24, colours), &s); /* 4:3 in cells of 1:2 is 64 x 24 */
    ck_assert(!s.odd);
    ck_assert_int_eq(s.rows, 24);
    static const int at[4][2] = {{2, 5}, {2, 58}, {21, 5}, {21, 58}}; /* row, column */
    for (int i = 0; i < 4; i++) {
        const struct cell *c = &s.cell[at[i][0]][at[i][1]];
        ck_assert(c->drawn);
        ck_assert(near(c->upper, source_colours[i], off));
        ck_assert(near(c->lower, source_colours[i], off));
    }
    /* Where the horizontal arm starts the two halves of a cell differ: row 9.6 of 24. */
    ck_assert(near(s.cell[9][10].upper, source_colours[0], off));
    ck_assert(!near(s.cell[9][10].lower, source_colours[0], 40));
    picture_free(&p);
}

START_TEST(the_four_colours_are_where_they_belong)
{
    four_colours(VIEW_TRUECOLOR, 4);
}
END_TEST

START_TEST(with_256_colours_too)
{
    four_colours(VIEW_256, 35);
}
END_TEST

START_TEST(proportions_are_kept_and_the_picture_centred)
{
    static struct screen s;
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 160, 160), OK);
    memset(p.pixels, 128, p.room);
    show(draw(&p, 80, 20, VIEW_TRUECOLOR), &s); /* a square: 40 x 20 cells in the middle */
    ck_assert_int_eq(s.rows, 20);
    for (int x = 0; x < 80; x++) ck_assert_int_eq(s.cell[7][x].drawn, x >= 20 && x < 60);
    show(draw(&p, 20, 40, VIEW_TRUECOLOR), &s);
    ck_assert_int_eq(s.rows, 10);
    picture_free(&p);
}
END_TEST

START_TEST(every_size_fits_its_room)
{
    static const int sizes[][2] = {{1, 1}, {2, 1}, {1, 2}, {3, 1000}, {1000, 3}, {213, 161}};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        static struct screen s;
        struct picture p = {0};
        ck_assert_int_eq(picture_resize(&p, sizes[i][0], sizes[i][1]), OK);
        for (size_t k = 0; k < p.room; k++) p.pixels[k] = (uint8_t)(k * 2654435761u >> 13);
        for (int columns = 1; columns <= 80; columns += 13)
            for (int rows = 1; rows <= 40; rows += 13) {
                show(draw(&p, columns, rows, VIEW_TRUECOLOR), &s);
                ck_assert(!s.odd);
                ck_assert(s.rows >= 1 && s.rows <= rows && s.cell[0][(columns - 1) / 2].drawn);
                show(draw(&p, columns, rows, VIEW_256), &s);
                ck_assert(!s.odd);
            }
        picture_free(&p);
    }
}
END_TEST

START_TEST(nothing_to_draw_draws_nothing)
{
    struct picture none = {0}, p = {0};
    ck_assert_int_eq(picture_resize(&p, 16, 16), OK);
    memset(p.pixels, 128, p.room);
    ck_assert_uint_eq(view_room(0, 5), 0);
    struct writer w = writer_of(room, 100);
    view_draw(&none, 80, 24, VIEW_TRUECOLOR, &w);
    view_draw(&p, 0, 24, VIEW_TRUECOLOR, &w);
    view_draw(&p, 80, -1, VIEW_TRUECOLOR, &w);
    ck_assert_uint_eq(writer_len(&w), 0);
    ck_assert_int_eq(w.err, OK);
    view_draw(&p, 80, 24, VIEW_TRUECOLOR, &w); /* too small a writer */
    ck_assert_int_eq(w.err, E_FULL);
    picture_free(&p);
}
END_TEST

SUITE("media view", the_four_colours_are_where_they_belong, with_256_colours_too,
      proportions_are_kept_and_the_picture_centred, every_size_fits_its_room,
      nothing_to_draw_draws_nothing)
