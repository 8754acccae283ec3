/* A picture as text for a terminal: each character cell is an upper half block, U+2580, whose
 * foreground is one sample and whose background the sample below. No terminal is touched here: the
 * caller writes the bytes.  Escape sequences: ECMA-48 8.3.117 (SGR), with the colours of
 * ISO 8613-6 13.1.8. */
#ifndef DUET_MEDIA_VIEW_H
#define DUET_MEDIA_VIEW_H

#include "media/frame.h"

enum view_colours {
    VIEW_256,      /* the 6x6x6 cube and the grey ramp of xterm's palette */
    VIEW_TRUECOLOR /* 24 bits; for terminals that set COLORTERM=truecolor or 24bit */
};

/* For the app, around the drawing: clear and hide the cursor; go to the corner; show it again. */
#define VIEW_START "\x1b[2J\x1b[?25l"
#define VIEW_HOME  "\x1b[H"
#define VIEW_END   "\x1b[0m\x1b[?25h"

/* The most bytes that a drawing of this many cells can need. */
size_t view_room(int columns, int rows);
/* Draws the picture, scaled to fit into `columns` x `rows` cells in its proportions (a cell counts
 * as twice as high as wide) and centred, rows parted by CR LF, colours reset at each row's end. No
 * row at all for an empty picture or no room; a writer too small is failed, as always. */
void view_draw(const struct picture *p, int columns, int rows, enum view_colours colours,
               struct writer *w);

#endif
