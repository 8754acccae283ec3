/* The pen that writes one row of a ladder, from left to right: glyphs, colours, lifelines where
 * they are passed, and words cut to their room. It counts columns of a terminal (base/columns.h).
 * What the rows look like is trace/ladderdraw.c's. Of no use to others. */
#ifndef DUET_TRACE_LADDERPEN_H
#define DUET_TRACE_LADDERPEN_H

#include "trace/ladderdraw.h"

#define PEN_WORDS_MAX 512 /* bytes of words that are looked at */

enum pen_glyph {
    PEN_LIFELINE,
    PEN_RIGHT_HEAD,
    PEN_LEFT_HEAD,
    PEN_DASH, /* and where it begins at a lifeline right or left of it, and where it crosses one */
    PEN_DASH_RIGHT,
    PEN_DASH_LEFT,
    PEN_DASH_CROSS,
    PEN_TWIN, /* of what is relayed */
    PEN_TWIN_RIGHT,
    PEN_TWIN_LEFT,
    PEN_TWIN_CROSS,
    PEN_DOTS, /* of what is counted, not shown */
    PEN_STATE,
    PEN_LOST,
    PEN_MORE, /* text goes on */
    PEN_DOT,
    PEN_TIMES,
    PEN_GLYPHS
};

/* Colours beside those of enum ladder_ink. */
enum { PEN_INK_DIM = LADDER_BAD + 1, PEN_INK_NAME, PEN_INK_NONE };

/* One row on its way. */
struct pen {
    const struct ladder_page *page;
    struct writer w;
    size_t column; /* the next one */
    unsigned ink;
};

/* A row of the page, into `room` of LADDER_LINE_MAX bytes. */
struct pen pen_begin(const struct ladder_page *page, char *room);
/* The row, a view of the room: what is coloured ends here. */
struct bytes pen_end(struct pen *p);

/* What is written from here on is in this colour, if the page has any. */
void pen_ink(struct pen *p, unsigned which);
void pen_glyph(struct pen *p, enum pen_glyph which);
/* A glyph for words; a literal. */
const char *pen_glyph_text(const struct ladder_page *page, enum pen_glyph which);
void pen_text(struct pen *p, struct bytes words);

/* Up to a column, which may be passed already: blanks; blanks and the lifelines among them; an
 * arrow's shaft, over the lifelines that it crosses. */
void pen_blank(struct pen *p, size_t to);
void pen_pad(struct pen *p, size_t to);
void pen_shaft(struct pen *p, size_t to, enum pen_glyph dash);

/* Words as they will stand there: cut to the room, with a mark where they go on. */
struct fitted {
    struct bytes text;
    bool cut;
    size_t width;
};

/* At most `room` columns of them. */
struct fitted pen_fit(struct bytes words, size_t room);
void pen_fitted(struct pen *p, const struct fitted *f);

#endif
