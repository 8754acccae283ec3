/* How trace/ladder draws: a page with its lifelines, and one row of each kind. Of no use to others.
 */
#ifndef DUET_TRACE_LADDERDRAW_H
#define DUET_TRACE_LADDERDRAW_H

#include "trace/ladder.h"

#define LADDER_LABELS_MAX    6   /* kinds of repetitions counted in one arrow */
#define LADDER_RUN_WORDS_MAX 160 /* bytes that are kept of what one of them says */

struct ladder_page {
    size_t width, left, right;
    bool fine, ascii, colour;
    struct {
        char name[LADDER_NAME_MAX];
        unsigned share;
        size_t column; /* of its lifeline */
    } lanes[LADDER_LANES_MAX];
    size_t lane_count;
};

/* What one participant sent another of what only repeats. */
struct ladder_run {
    size_t from, to;
    char from_name[LADDER_NAME_MAX], to_name[LADDER_NAME_MAX]; /* of those without a lane */
    usec began, until;
    struct ladder_event first; /* what a run of one is drawn as; its texts are these: */
    char words[LADDER_RUN_WORDS_MAX], brief[LADDER_RUN_WORDS_MAX], lost[LADDER_RUN_WORDS_MAX];
    size_t events;
    struct {
        const char *label;
        uint64_t count, lost;
    } labels[LADDER_LABELS_MAX];
    size_t label_count;
    size_t drawn; /* labels that have had their row */
};

/* How long after `began` it is; 0: it is not. Times of a capture may be anything. */
static inline usec ladder_since(usec began, usec now)
{
    uint64_t took = (uint64_t)now - (uint64_t)began;
    if (now <= began) return 0;
    return took > INT64_MAX ? INT64_MAX : (usec)took;
}

/* Spreads the lifelines over the width. */
void ladder_layout(struct ladder_page *page);

/* Each draws one row into `room` of LADDER_LINE_MAX bytes; the row is a view of it. */
struct bytes ladder_draw_head(const struct ladder_page *page, char *room);
struct bytes ladder_draw_event(const struct ladder_page *page, const struct ladder_event *event,
                               char *room);
/* As many of the run's labels as one row holds, at least one; a run of one event as that. */
struct bytes ladder_draw_run(const struct ladder_page *page, struct ladder_run *run, char *room);

#endif
