#include "trace/ladderpen.h"

#include <string.h>

#include "base/columns.h"

static const char *const boxes[PEN_GLYPHS] = {"│", "▶", "◀", "─", "├", "┤", "┼", "═", "╞",
                                              "╡", "╪", "┄", "●", "✗", "…", "·", "×"};
static const char *const ascii[PEN_GLYPHS] = {"|", ">", "<", "-", "|", "|", "+", "=", "|",
                                              "|", "#", ".", "*", "X", "~", ",", "x"};

static const char *const colours[] = {
    [LADDER_PLAIN] = "0",  [LADDER_SIGNALING] = "35", [LADDER_CHECKS] = "36",
    [LADDER_KEYS] = "33",  [LADDER_MEDIA] = "32",     [LADDER_GOOD] = "1;32",
    [LADDER_BAD] = "1;31", [PEN_INK_DIM] = "2",       [PEN_INK_NAME] = "1",
};

struct pen pen_begin(const struct ladder_page *page, char *room)
{
    return (struct pen){page, writer_of(room, LADDER_LINE_MAX), 0, PEN_INK_NONE};
}

struct bytes pen_end(struct pen *p)
{
    if (p->page->colour) write_text(&p->w, "\x1b[0m");
    return writer_done(&p->w);
}

/* ---- Glyphs and colours ---- */

void pen_ink(struct pen *p, unsigned which)
{
    if (!p->page->colour || p->ink == which) return;
    write_text(&p->w, p->ink == PEN_INK_NONE ? "\x1b[" : "\x1b[0m\x1b[");
    write_text(&p->w, colours[which]);
    write_text(&p->w, "m");
    p->ink = which;
}

const char *pen_glyph_text(const struct ladder_page *page, enum pen_glyph which)
{
    return (page->ascii ? ascii : boxes)[which];
}

void pen_glyph(struct pen *p, enum pen_glyph which)
{
    write_text(&p->w, pen_glyph_text(p->page, which));
    p->column++;
}

void pen_text(struct pen *p, struct bytes words)
{
    columns_write(&p->w, words);
    p->column += columns_width(words);
}

/* ---- Up to a column ---- */

static bool at_lane(const struct pen *p)
{
    for (size_t i = 0; i < p->page->lane_count; i++)
        if (p->page->lanes[i].column == p->column) return true;
    return false;
}

void pen_blank(struct pen *p, size_t to)
{
    for (; p->column < to; p->column++) write_text(&p->w, " ");
}

void pen_pad(struct pen *p, size_t to)
{
    while (p->column < to) {
        if (at_lane(p)) {
            pen_ink(p, PEN_INK_DIM);
            pen_glyph(p, PEN_LIFELINE);
        } else {
            pen_blank(p, p->column + 1);
        }
    }
}

void pen_shaft(struct pen *p, size_t to, enum pen_glyph dash)
{
    static const enum pen_glyph crossed[PEN_GLYPHS] = {
        [PEN_DASH] = PEN_DASH_CROSS, [PEN_TWIN] = PEN_TWIN_CROSS, [PEN_DOTS] = PEN_DASH_CROSS};
    while (p->column < to) pen_glyph(p, at_lane(p) ? crossed[dash] : dash);
}

/* ---- Words in their room ---- */

struct fitted pen_fit(struct bytes words, size_t room)
{
    struct fitted f = {bytes_slice(words, 0, PEN_WORDS_MAX), words.len > PEN_WORDS_MAX, 0};
    f.width = columns_width(f.text) + f.cut;
    if (f.width <= room) return f;
    f.cut = true;
    struct bytes whole = f.text;
    f.text = room > 1 ? columns_fit(whole, room - 1, true) : bytes_of("");
    /* An address is a long word: rather a part of it than nothing. */
    if (room > 1 && columns_width(f.text) < room * 2 / 3)
        f.text = columns_fit(whole, room - 1, false);
    while (f.text.len && strchr(", ", f.text.at[f.text.len - 1])) f.text.len--;
    f.width = columns_width(f.text) + 1;
    if (f.width > room) f = (struct fitted){bytes_of(""), room > 0, room > 0};
    return f;
}

void pen_fitted(struct pen *p, const struct fitted *f)
{
    pen_text(p, f->text);
    if (f->cut) pen_glyph(p, PEN_MORE);
}
