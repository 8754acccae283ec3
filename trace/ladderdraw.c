#include "trace/ladderdraw.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/columns.h"
#include "trace/ladderpen.h"

#define SECONDS_COLUMNS 4  /* of a time, before its point */
#define GAP_LEAST       12 /* columns from one lifeline to the next, whatever the width */
#define GAP_GOOD        24 /* and for words to be readable */
#define SHAFT           2  /* dashes before an arrow's words */

/* ---- The page ---- */

static size_t time_columns(const struct ladder_page *page)
{
    return SECONDS_COLUMNS + 1 + (page->fine ? 6 : 3);
}

size_t ladder_lanes_in(size_t width)
{
    if (width > LADDER_WIDTH_MOST) width = LADDER_WIDTH_MOST;
    size_t gaps = width / GAP_GOOD, lanes = gaps ? gaps : 1; /* one is for times and sizes */
    return lanes > LADDER_LANES_MAX ? LADDER_LANES_MAX : lanes;
}

void ladder_layout(struct ladder_page *page)
{
    size_t first = time_columns(page) + 2, shares = 0, before = 0;
    size_t gaps = page->lane_count > 1 ? page->lane_count - 1 : 1;
    size_t needed = first + gaps * GAP_LEAST + 1;
    /* What stands beside the lifelines gives way to what is between them. */
    if (page->right + needed > page->width) page->right = 0;
    if (page->left + page->right + needed > page->width) page->left = 0;
    while (page->lane_count > 1 && first + (page->lane_count - 1) * GAP_LEAST >= page->width)
        page->lane_count--;
    first += page->left;
    size_t room = page->width - page->right - 1 - first;
    size_t spread = page->lane_count > 1 ? room - (page->lane_count - 1) * GAP_LEAST : 0;
    for (size_t i = 0; i + 1 < page->lane_count; i++) shares += page->lanes[i].share;
    for (size_t i = 0; i < page->lane_count; i++) {
        page->lanes[i].column = first + i * GAP_LEAST + (shares ? before * spread / shares : 0);
        before += page->lanes[i].share;
    }
}

static size_t last_column(const struct ladder_page *page)
{
    return page->lanes[page->lane_count - 1].column;
}

/* "   0.020000": what finds no room before the point takes it from behind. */
static void time_of(struct pen *p, usec at)
{
    char digits[32];
    int room = (int)time_columns(p->page), decimals = p->page->fine ? 6 : 3;
    uint64_t us = at < 0 ? 0 - (uint64_t)at : (uint64_t)at;
    int len = snprintf(digits, sizeof digits, "%s%" PRIu64 ".%06" PRIu64, at < 0 ? "-" : "",
                       us / 1000000, us % 1000000);
    len -= 6 - decimals;
    if (len > room) len = room;
    pen_ink(p, PEN_INK_DIM);
    pen_pad(p, (size_t)(room - len));
    pen_text(p, (struct bytes){(const uint8_t *)digits, (size_t)len});
}

/* The rest of the lifelines, and what stands right of them, if there is room for it. */
static struct bytes close(struct pen *p, const char *beside)
{
    size_t last = last_column(p->page);
    pen_pad(p, last + 1);
    if (beside && *beside && p->column < last + 2 && last + 2 + strlen(beside) <= p->page->width) {
        pen_ink(p, PEN_INK_DIM);
        pen_pad(p, last + 2);
        pen_text(p, bytes_of(beside));
    }
    return pen_end(p);
}

struct bytes ladder_draw_head(const struct ladder_page *page, char *room)
{
    struct pen p = pen_begin(page, room);
    size_t times = time_columns(page), count = page->lane_count;
    pen_ink(&p, PEN_INK_DIM);
    pen_blank(&p, times - strlen("seconds"));
    pen_text(&p, bytes_of("seconds"));
    pen_ink(&p, PEN_INK_NAME);
    for (size_t i = 0; i < count; i++) {
        size_t column = page->lanes[i].column, from = p.column + 2, until = page->width;
        if (i + 1 < count) until = (column + page->lanes[i + 1].column) / 2;
        struct fitted name =
            pen_fit(bytes_of(page->lanes[i].name), until > from ? until - from : 0);
        /* In the lane's middle, unless it would begin left of the page. */
        size_t half = name.width / 2, at = column > half ? column - half : 0;
        if (at + name.width > until) at = until - name.width;
        pen_blank(&p, at > from ? at : from);
        pen_fitted(&p, &name);
    }
    return pen_end(&p);
}

/* ---- Messages ---- */

/* What an event says, in its room. */
static struct fitted fit_words(const struct ladder_event *e, size_t room)
{
    struct fitted whole = pen_fit(e->words, room);
    return whole.cut && e->brief.len ? pen_fit(e->brief, room) : whole;
}

/* How an arrow looks, and what stands right of the lifelines in its row. */
struct look {
    enum pen_glyph dash, right, left; /* its shaft, and where that begins */
    char beside[32];
};

#define HEADED (SHAFT + 4) /* columns of an arrow without its words: shaft, blanks, dash, head */

static size_t gap_between(const struct ladder_page *page, size_t from, size_t to)
{
    size_t a = page->lanes[from].column, b = page->lanes[to].column;
    return a < b ? b - a - 1 : a - b - 1;
}

/* From left to right. */
static void arrow_right(struct pen *p, const struct ladder_event *e, const struct look *look)
{
    size_t end = p->page->lanes[e->to].column, gap = gap_between(p->page, e->from, e->to);
    struct fitted why = pen_fit(bytes_of(e->lost ? e->lost : ""), gap / 2);
    size_t taken = HEADED + (e->lost ? why.width + 2 : 0);
    struct fitted words = fit_words(e, gap > taken ? gap - taken : 0);
    pen_ink(p, e->ink);
    pen_glyph(p, look->right);
    pen_shaft(p, p->column + SHAFT, look->dash);
    if (words.width) {
        pen_blank(p, p->column + 1);
        pen_fitted(p, &words);
        pen_blank(p, p->column + 1);
    }
    if (e->lost) {
        pen_shaft(p, end - why.width - 3, look->dash);
        pen_ink(p, LADDER_BAD);
        pen_glyph(p, PEN_LOST);
        pen_blank(p, p->column + 1);
        pen_fitted(p, &why);
        pen_blank(p, end);
    } else {
        pen_shaft(p, end - 1, look->dash);
        pen_glyph(p, PEN_RIGHT_HEAD);
    }
}

/* The same from right to left: words are always beside who sends. */
static void arrow_left(struct pen *p, const struct ladder_event *e, const struct look *look)
{
    size_t end = p->page->lanes[e->from].column, gap = gap_between(p->page, e->from, e->to);
    struct fitted why = pen_fit(bytes_of(e->lost ? e->lost : ""), gap / 2);
    size_t taken = HEADED + (e->lost ? why.width + 2 : 0);
    struct fitted words = fit_words(e, gap > taken ? gap - taken : 0);
    pen_pad(p, p->column + 1);
    pen_ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    if (e->lost) {
        pen_blank(p, p->column + 1);
        pen_fitted(p, &why);
        pen_blank(p, p->column + 1);
        pen_glyph(p, PEN_LOST);
        pen_ink(p, e->ink);
    } else {
        pen_glyph(p, PEN_LEFT_HEAD);
    }
    if (words.width) {
        pen_shaft(p, end - SHAFT - words.width - 2, look->dash);
        pen_blank(p, p->column + 1);
        pen_fitted(p, &words);
        pen_blank(p, p->column + 1);
    }
    pen_shaft(p, end, look->dash);
    pen_glyph(p, look->left);
}

/* ---- With somebody who has no lifeline: a short arrow, and a name ---- */

#define STUB          (SHAFT + 2) /* columns of such an arrow, and the blank behind */
#define STUB_TEXT_MAX (PEN_WORDS_MAX + 512)

/* Which side of its lifeline has room, and how much. */
static bool stub_is_right(const struct ladder_page *page, size_t lane)
{
    return lane + 1 < page->lane_count || page->lane_count == 1;
}

static size_t stub_room(const struct ladder_page *page, size_t lane)
{
    size_t room;
    if (page->lane_count == 1)
        room = page->width - page->lanes[lane].column - 1;
    else
        room = stub_is_right(page, lane) ? gap_between(page, lane, lane + 1)
                                         : gap_between(page, lane - 1, lane);
    return room > STUB + 1 ? room - STUB - 1 : 0;
}

/* "STUN server: Binding request (lost)" */
static struct bytes stub_words(const struct ladder_event *e, const char *name,
                               char room[STUB_TEXT_MAX])
{
    struct writer w = writer_of(room, STUB_TEXT_MAX);
    write_format(&w, "%.*s: ", 2 * LADDER_NAME_MAX + 8, name ? name : "?");
    write_bytes(&w, bytes_slice(e->words, 0, PEN_WORDS_MAX));
    if (e->lost) write_format(&w, " (%.200s)", e->lost);
    return writer_done(&w);
}

static void stub_right(struct pen *p, const struct ladder_event *e, const struct look *look,
                       const struct fitted *words)
{
    bool leaves = e->from < p->page->lane_count;
    if (!leaves) pen_pad(p, p->column + 1);
    pen_ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    if (leaves)
        pen_glyph(p, look->right);
    else
        pen_glyph(p, PEN_LEFT_HEAD);
    pen_shaft(p, p->column + SHAFT, look->dash);
    if (leaves) pen_glyph(p, e->lost ? PEN_LOST : PEN_RIGHT_HEAD);
    pen_blank(p, p->column + 1);
    pen_fitted(p, words);
}

static void stub_left(struct pen *p, const struct ladder_event *e, const struct look *look,
                      const struct fitted *words, size_t lane)
{
    bool leaves = e->from < p->page->lane_count;
    pen_pad(p, p->page->lanes[lane].column - STUB - words->width);
    pen_ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    pen_fitted(p, words);
    pen_blank(p, p->column + 1);
    if (leaves) pen_glyph(p, e->lost ? PEN_LOST : PEN_LEFT_HEAD);
    pen_shaft(p, p->column + SHAFT, look->dash);
    if (leaves)
        pen_glyph(p, look->left);
    else
        pen_glyph(p, PEN_RIGHT_HEAD);
}

static void draw_stub(struct pen *p, const struct ladder_event *e, const struct look *look)
{
    char room[STUB_TEXT_MAX];
    bool leaves = e->from < p->page->lane_count;
    size_t lane = leaves ? e->from : e->to;
    struct bytes said = stub_words(e, leaves ? e->to_name : e->from_name, room);
    struct fitted words = pen_fit(said, stub_room(p->page, lane));
    if (stub_is_right(p->page, lane)) {
        pen_pad(p, p->page->lanes[lane].column);
        stub_right(p, e, look, &words);
    } else {
        stub_left(p, e, look, &words, lane);
    }
}

static const char *name_of(const struct ladder_page *page, size_t lane, const char *name)
{
    if (lane < page->lane_count) return page->lanes[lane].name;
    return name ? name : "?";
}

/* Between two that have no lifeline, or of one to itself. */
static void draw_aside(struct pen *p, const struct ladder_event *e)
{
    char names[2 * LADDER_NAME_MAX + 8], room[STUB_TEXT_MAX];
    snprintf(names, sizeof names, "%.*s %s %.*s", LADDER_NAME_MAX,
             name_of(p->page, e->from, e->from_name), pen_glyph_text(p->page, PEN_RIGHT_HEAD),
             LADDER_NAME_MAX, name_of(p->page, e->to, e->to_name));
    pen_pad(p, p->page->lanes[0].column + 3);
    struct fitted words = pen_fit(stub_words(e, names, room), p->page->width - p->column);
    pen_ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    pen_fitted(p, &words);
}

static struct bytes draw_message(const struct ladder_page *page, const struct ladder_event *e,
                                 const struct look *look, char *room)
{
    struct pen p = pen_begin(page, room);
    size_t lanes = page->lane_count;
    time_of(&p, e->at);
    if (e->from < lanes && e->to < lanes && e->from < e->to) {
        pen_pad(&p, page->lanes[e->from].column);
        arrow_right(&p, e, look);
    } else if (e->from < lanes && e->to < e->from) {
        pen_pad(&p, page->lanes[e->to].column);
        arrow_left(&p, e, look);
    } else if ((e->from < lanes) != (e->to < lanes)) {
        draw_stub(&p, e, look);
    } else {
        draw_aside(&p, e);
    }
    return close(&p, look->beside);
}

/* ---- What was on its way, states, and what is counted ---- */

#define STOPPED_LEAST 11 /* columns of words that a reason leaves */

/* Something was sent some rows above and ends here: an arrow that comes from nowhere. */
static struct bytes draw_stopped(const struct ladder_page *page, const struct ladder_event *e,
                                 const struct look *look, char *room)
{
    struct pen p = pen_begin(page, room);
    time_of(&p, e->at);
    if (e->from >= page->lane_count || e->to >= page->lane_count || e->from == e->to) {
        draw_aside(&p, e);
        return close(&p, look->beside);
    }
    bool right = e->from < e->to;
    size_t low = page->lanes[right ? e->from : e->to].column;
    size_t gap = gap_between(page, e->from, e->to), both = gap - 8;
    size_t wanted = columns_width(bytes_slice(e->words, 0, PEN_WORDS_MAX));
    size_t kept = wanted < STOPPED_LEAST ? wanted : STOPPED_LEAST; /* the reason tells more */
    struct fitted why =
        pen_fit(bytes_of(e->lost ? e->lost : "lost"), both > kept ? both - kept : 1);
    struct fitted words = fit_words(e, both > why.width ? both - why.width : 0);
    pen_pad(&p, low + 1);
    if (right) {
        pen_blank(&p, p.column + 2);
        pen_ink(&p, e->ink);
        pen_fitted(&p, &words);
        pen_blank(&p, p.column + 1);
        pen_shaft(&p, low + gap - why.width - 2, PEN_DOTS);
        pen_ink(&p, LADDER_BAD);
        pen_glyph(&p, PEN_LOST);
        pen_blank(&p, p.column + 1);
        pen_fitted(&p, &why);
    } else {
        pen_blank(&p, p.column + 1);
        pen_ink(&p, LADDER_BAD);
        pen_fitted(&p, &why);
        pen_blank(&p, p.column + 1);
        pen_glyph(&p, PEN_LOST);
        pen_ink(&p, e->ink);
        pen_shaft(&p, low + gap - words.width - 2, PEN_DOTS);
        pen_blank(&p, p.column + 1);
        pen_fitted(&p, &words);
    }
    pen_blank(&p, low + gap + 1);
    return close(&p, look->beside);
}

/* A note stands outside of the outer lifelines where it fits there, else inside, where it may hide
 * other lifelines: a reason why something failed should be read whole. */
static struct bytes draw_note(const struct ladder_page *page, const struct ladder_event *e,
                              char *room)
{
    struct pen p = pen_begin(page, room);
    size_t lane = e->from < page->lane_count ? e->from : 0, at = page->lanes[lane].column;
    size_t width = pen_fit(e->words, page->width).width;
    bool is_last = lane > 0 && lane + 1 == page->lane_count;
    bool left = lane == 0 ? width < page->left : is_last && at + 2 + width > page->width;
    time_of(&p, e->at);
    size_t from = lane == 0 ? p.column + 1 : page->lanes[0].column + 2;
    struct fitted words = pen_fit(e->words, left ? at - from - 1 : page->width - at - 2);
    if (left) pen_pad(&p, at - words.width - 1);
    if (!left) pen_pad(&p, at);
    pen_ink(&p, e->ink);
    if (left) {
        pen_fitted(&p, &words);
        pen_blank(&p, at);
    }
    pen_glyph(&p, PEN_STATE);
    if (!left && words.width) {
        pen_blank(&p, p.column + 1);
        pen_fitted(&p, &words);
    }
    return close(&p, NULL);
}

struct bytes ladder_draw_event(const struct ladder_page *page, const struct ladder_event *event,
                               char *room)
{
    struct look look = {PEN_DASH, PEN_DASH_RIGHT, PEN_DASH_LEFT, ""};
    if (event->relayed) look = (struct look){PEN_TWIN, PEN_TWIN_RIGHT, PEN_TWIN_LEFT, ""};
    if (event->bytes) snprintf(look.beside, sizeof look.beside, "%zu bytes", event->bytes);
    switch (event->type) {
    case LADDER_STOPPED: return draw_stopped(page, event, &look, room);
    case LADDER_NOTE: return draw_note(page, event, room);
    case LADDER_MESSAGE: break;
    }
    return draw_message(page, event, &look, room);
}

/* "for 2.8 s" */
static void duration(usec took, char *to, size_t room)
{
    uint64_t ms = (uint64_t)took / 1000;
    if (ms == 0)
        to[0] = '\0';
    else if (ms < 1000)
        snprintf(to, room, "for %" PRIu64 " ms", ms);
    else if (ms < 120000)
        snprintf(to, room, "for %" PRIu64 ".%" PRIu64 " s", ms / 1000, ms / 100 % 10);
    else
        snprintf(to, room, "for %" PRIu64 " min", ms / 60000);
}

/* "media ×316 (14 lost)" */
static void write_label(struct writer *w, const struct ladder_page *page,
                        const struct ladder_run *run, size_t i)
{
    write_text(w, run->labels[i].label);
    if (run->labels[i].count)
        write_format(w, " %s%" PRIu64, pen_glyph_text(page, PEN_TIMES), run->labels[i].count);
    if (run->labels[i].lost) write_format(w, " (%" PRIu64 " lost)", run->labels[i].lost);
}

struct bytes ladder_draw_run(const struct ladder_page *page, struct ladder_run *run, char *room)
{
    char said[PEN_WORDS_MAX];
    if (run->events == 1) {
        run->drawn = run->label_count;
        return ladder_draw_event(page, &run->first, room);
    }
    struct look look = {PEN_DOTS, PEN_DASH_RIGHT, PEN_DASH_LEFT, ""};
    struct writer w = writer_of(said, sizeof said);
    bool inside = run->from < page->lane_count && run->to < page->lane_count;
    size_t most = inside ? gap_between(page, run->from, run->to) - HEADED : page->width / 3;
    write_label(&w, page, run, run->drawn++);
    for (; run->drawn < run->label_count; run->drawn++) {
        struct writer longer = w;
        write_format(&longer, " %s ", pen_glyph_text(page, PEN_DOT));
        write_label(&longer, page, run, run->drawn);
        if (longer.err != OK || columns_width(writer_done(&longer)) > most) break;
        w = longer;
    }
    duration(ladder_since(run->began, run->until), look.beside, sizeof look.beside);
    const struct ladder_event e = {.ink = run->first.ink,
                                   .at = run->began,
                                   .from = run->from,
                                   .to = run->to,
                                   .from_name = run->from_name,
                                   .to_name = run->to_name,
                                   .words = writer_done(&w)};
    return draw_message(page, &e, &look, room);
}
