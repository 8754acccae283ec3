#include "media/view.h"

#include "media/colour.h"

/* Two colours of at most "\x1b[38;2;255;255;255m" and three bytes of U+2580. */
#define CELL_MAX (19 + 19 + 3)
/* Cursor movement to the picture's left edge, the reset at the row's end, CR LF. */
#define ROW_MAX  24

size_t view_room(int columns, int rows)
{
    if (columns < 1 || rows < 1) return 0;
    return (size_t)rows * ((size_t)columns * CELL_MAX + ROW_MAX);
}

/* The nearest colour of xterm's 256: 16 + 36 r + 6 g + b over six levels each (0, 95, 135, 175,
 * 215, 255), or one of the 24 greys from 8 to 238 in steps of 10, which start at 232. */
static int cube_level(int v)
{
    return v < 48 ? 0 : v < 115 ? 1 : (v - 35) / 40;
}

static int distance(struct rgb c, int r, int g, int b)
{
    return (c.r - r) * (c.r - r) + (c.g - g) * (c.g - g) + (c.b - b) * (c.b - b);
}

static int palette_of(struct rgb c)
{
    static const int levels[] = {0, 95, 135, 175, 215, 255};
    int r = cube_level(c.r), g = cube_level(c.g), b = cube_level(c.b);
    int grey = ((c.r + c.g + c.b) / 3 - 3) / 10;
    if (grey < 0) grey = 0;
    if (grey > 23) grey = 23;
    int grey_value = 8 + 10 * grey;
    return distance(c, grey_value, grey_value, grey_value) <
                   distance(c, levels[r], levels[g], levels[b])
               ? 232 + grey
               : 16 + 36 * r + 6 * g + b;
}

static bool same(struct rgb a, struct rgb b)
{
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

/* `ground`: 38 for the foreground, 48 for the background. */
static void set_colour(struct writer *w, int ground, struct rgb c, enum view_colours colours)
{
    if (colours == VIEW_TRUECOLOR)
        write_format(w, "\x1b[%d;2;%d;%d;%dm", ground, c.r, c.g, c.b);
    else
        write_format(w, "\x1b[%d;5;%dm", ground, palette_of(c));
}

/* The picture's mean where half cell x, y of a grid of this size lies over it. */
static struct rgb half_cell(const struct picture *p, int x, int y, int columns, int halves)
{
    struct area a = {.x = (int)((int64_t)p->width * x / columns),
                     .y = (int)((int64_t)p->height * y / halves)};
    a.width = (int)((int64_t)p->width * (x + 1) / columns) - a.x;
    a.height = (int)((int64_t)p->height * (y + 1) / halves) - a.y;
    if (a.width < 1) a.width = 1;
    if (a.height < 1) a.height = 1;
    return rgb_of(picture_mean(p, a));
}

static void draw_row(const struct picture *p, int row, int columns, int rows,
                     enum view_colours colours, struct writer *w)
{
    struct rgb upper = {0}, lower = {0};
    for (int x = 0; x < columns; x++) {
        struct rgb up = half_cell(p, x, 2 * row, columns, 2 * rows);
        struct rgb low = half_cell(p, x, 2 * row + 1, columns, 2 * rows);
        /* A colour that still holds is not said again: most of a picture's bytes. */
        if (x == 0 || !same(up, upper)) set_colour(w, 38, up, colours);
        if (x == 0 || !same(low, lower)) set_colour(w, 48, low, colours);
        write_text(w, "\xe2\x96\x80"); /* U+2580 in UTF-8 */
        upper = up;
        lower = low;
    }
}

void view_draw(const struct picture *p, int columns, int rows, enum view_colours colours,
               struct writer *w)
{
    if (p->width < 1 || p->height < 1 || columns < 1 || rows < 1) return;
    /* As wide as there is room, unless the height then is too much. */
    int64_t wide = columns, high = wide * p->height / p->width / 2;
    if (high > rows) {
        high = rows;
        wide = high * 2 * p->width / p->height;
    }
    if (wide < 1) wide = 1;
    if (high < 1) high = 1;
    int left = (columns - (int)wide) / 2;
    for (int row = 0; row < high; row++) {
        if (left) write_format(w, "\x1b[%dC", left); /* CUF: ECMA-48 8.3.20 */
        draw_row(p, row, (int)wide, (int)high, colours, w);
        write_text(w, "\x1b[0m\r\n");
    }
}
