#include "trace/ladderdraw.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/columns.h"

#define SECONDS_COLUMNS 4  /* of a time, before its point */
#define GAP_LEAST       12 /* columns from one lifeline to the next, whatever the width */
#define GAP_GOOD        24 /* and for words to be readable */
#define WORDS_MAX       512
#define SHAFT           2 /* dashes before an arrow's words */

/* ---- Glyphs and colours ---- */

enum glyph {
    LIFELINE,
    RIGHT_HEAD,
    LEFT_HEAD,
    DASH, /* and where it begins at a lifeline right or left of it, and where it crosses one */
    DASH_RIGHT,
    DASH_LEFT,
    DASH_CROSS,
    TWIN, /* of what is relayed */
    TWIN_RIGHT,
    TWIN_LEFT,
    TWIN_CROSS,
    DOTS, /* of what is counted, not shown */
    STATE,
    LOST,
    MORE, /* text goes on */
    DOT,
    TIMES,
    GLYPHS
};

static const char *const boxes[GLYPHS] = {"│", "▶", "◀", "─", "├", "┤", "┼", "═", "╞",
                                          "╡", "╪", "┄", "●", "✗", "…", "·", "×"};
static const char *const ascii[GLYPHS] = {"|", ">", "<", "-", "|", "|", "+", "=", "|",
                                          "|", "#", ".", "*", "X", "~", ",", "x"};

enum { INK_DIM = LADDER_BAD + 1, INK_NAME, INK_NONE };

static const char *const colours[] = {
    [LADDER_PLAIN] = "0",  [LADDER_SIGNALING] = "35", [LADDER_CHECKS] = "36",
    [LADDER_KEYS] = "33",  [LADDER_MEDIA] = "32",     [LADDER_GOOD] = "1;32",
    [LADDER_BAD] = "1;31", [INK_DIM] = "2",           [INK_NAME] = "1",
};

/* One row on its way. */
struct pen {
    const struct ladder_page *page;
    struct writer w;
    size_t column; /* the next one */
    unsigned ink;
};

static void ink(struct pen *p, unsigned which)
{
    if (!p->page->colour || p->ink == which) return;
    write_text(&p->w, p->ink == INK_NONE ? "\x1b[" : "\x1b[0m\x1b[");
    write_text(&p->w, colours[which]);
    write_text(&p->w, "m");
    p->ink = which;
}

static void glyph(struct pen *p, enum glyph which)
{
    write_text(&p->w, (p->page->ascii ? ascii : boxes)[which]);
    p->column++;
}

static void text(struct pen *p, struct bytes words)
{
    columns_write(&p->w, words);
    p->column += columns_width(words);
}

static bool at_lane(const struct pen *p)
{
    for (size_t i = 0; i < p->page->lane_count; i++)
        if (p->page->lanes[i].column == p->column) return true;
    return false;
}

static void blank(struct pen *p, size_t to)
{
    for (; p->column < to; p->column++) write_text(&p->w, " ");
}

/* Blanks and lifelines, up to a column. */
static void pad(struct pen *p, size_t to)
{
    while (p->column < to) {
        if (at_lane(p)) {
            ink(p, INK_DIM);
            glyph(p, LIFELINE);
        } else {
            blank(p, p->column + 1);
        }
    }
}

/* An arrow's shaft, up to a column, over the lifelines that it passes. */
static void shaft(struct pen *p, size_t to, enum glyph dash)
{
    static const enum glyph crossed[GLYPHS] = {
        [DASH] = DASH_CROSS, [TWIN] = TWIN_CROSS, [DOTS] = DASH_CROSS};
    while (p->column < to) glyph(p, at_lane(p) ? crossed[dash] : dash);
}

/* ---- Words in their room ---- */

/* Words as they will stand there: cut to the room, with a mark where they go on. */
struct fitted {
    struct bytes text;
    bool cut;
    size_t width;
};

static struct fitted fit(struct bytes words, size_t room)
{
    struct fitted f = {bytes_slice(words, 0, WORDS_MAX), words.len > WORDS_MAX, 0};
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

/* What an event says, in its room. */
static struct fitted fit_words(const struct ladder_event *e, size_t room)
{
    struct fitted whole = fit(e->words, room);
    return whole.cut && e->brief.len ? fit(e->brief, room) : whole;
}

static void fitted(struct pen *p, const struct fitted *f)
{
    text(p, f->text);
    if (f->cut) glyph(p, MORE);
}

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

static struct pen begin(const struct ladder_page *page, char *room)
{
    return (struct pen){page, writer_of(room, LADDER_LINE_MAX), 0, INK_NONE};
}

static struct bytes end(struct pen *p)
{
    if (p->page->colour) write_text(&p->w, "\x1b[0m");
    return writer_done(&p->w);
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
    ink(p, INK_DIM);
    pad(p, (size_t)(room - len));
    text(p, (struct bytes){(const uint8_t *)digits, (size_t)len});
}

/* The rest of the lifelines, and what stands right of them, if there is room for it. */
static struct bytes close(struct pen *p, const char *beside)
{
    size_t last = last_column(p->page);
    pad(p, last + 1);
    if (beside && *beside && p->column < last + 2 && last + 2 + strlen(beside) <= p->page->width) {
        ink(p, INK_DIM);
        pad(p, last + 2);
        text(p, bytes_of(beside));
    }
    return end(p);
}

struct bytes ladder_draw_head(const struct ladder_page *page, char *room)
{
    struct pen p = begin(page, room);
    size_t times = time_columns(page), count = page->lane_count;
    ink(&p, INK_DIM);
    blank(&p, times - strlen("seconds"));
    text(&p, bytes_of("seconds"));
    ink(&p, INK_NAME);
    for (size_t i = 0; i < count; i++) {
        size_t column = page->lanes[i].column, from = p.column + 2, until = page->width;
        if (i + 1 < count) until = (column + page->lanes[i + 1].column) / 2;
        struct fitted name = fit(bytes_of(page->lanes[i].name), until > from ? until - from : 0);
        /* In the lane's middle, unless it would begin left of the page. */
        size_t half = name.width / 2, at = column > half ? column - half : 0;
        if (at + name.width > until) at = until - name.width;
        blank(&p, at > from ? at : from);
        fitted(&p, &name);
    }
    return end(&p);
}

/* ---- Messages ---- */

/* How an arrow looks, and what stands right of the lifelines in its row. */
struct look {
    enum glyph dash, right, left; /* its shaft, and where that begins */
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
    struct fitted why = fit(bytes_of(e->lost ? e->lost : ""), gap / 2);
    size_t taken = HEADED + (e->lost ? why.width + 2 : 0);
    struct fitted words = fit_words(e, gap > taken ? gap - taken : 0);
    ink(p, e->ink);
    glyph(p, look->right);
    shaft(p, p->column + SHAFT, look->dash);
    if (words.width) {
        blank(p, p->column + 1);
        fitted(p, &words);
        blank(p, p->column + 1);
    }
    if (e->lost) {
        shaft(p, end - why.width - 3, look->dash);
        ink(p, LADDER_BAD);
        glyph(p, LOST);
        blank(p, p->column + 1);
        fitted(p, &why);
        blank(p, end);
    } else {
        shaft(p, end - 1, look->dash);
        glyph(p, RIGHT_HEAD);
    }
}

/* The same from right to left: words are always beside who sends. */
static void arrow_left(struct pen *p, const struct ladder_event *e, const struct look *look)
{
    size_t end = p->page->lanes[e->from].column, gap = gap_between(p->page, e->from, e->to);
    struct fitted why = fit(bytes_of(e->lost ? e->lost : ""), gap / 2);
    size_t taken = HEADED + (e->lost ? why.width + 2 : 0);
    struct fitted words = fit_words(e, gap > taken ? gap - taken : 0);
    pad(p, p->column + 1);
    ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    if (e->lost) {
        blank(p, p->column + 1);
        fitted(p, &why);
        blank(p, p->column + 1);
        glyph(p, LOST);
        ink(p, e->ink);
    } else {
        glyph(p, LEFT_HEAD);
    }
    if (words.width) {
        shaft(p, end - SHAFT - words.width - 2, look->dash);
        blank(p, p->column + 1);
        fitted(p, &words);
        blank(p, p->column + 1);
    }
    shaft(p, end, look->dash);
    glyph(p, look->left);
}

/* ---- With somebody who has no lifeline: a short arrow, and a name ---- */

#define STUB          (SHAFT + 2) /* columns of such an arrow, and the blank behind */
#define STUB_TEXT_MAX (WORDS_MAX + 512)

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
    write_bytes(&w, bytes_slice(e->words, 0, WORDS_MAX));
    if (e->lost) write_format(&w, " (%.200s)", e->lost);
    return writer_done(&w);
}

static void stub_right(struct pen *p, const struct ladder_event *e, const struct look *look,
                       const struct fitted *words)
{
    bool leaves = e->from < p->page->lane_count;
    if (!leaves) pad(p, p->column + 1);
    ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    if (leaves)
        glyph(p, look->right);
    else
        glyph(p, LEFT_HEAD);
    shaft(p, p->column + SHAFT, look->dash);
    if (leaves) glyph(p, e->lost ? LOST : RIGHT_HEAD);
    blank(p, p->column + 1);
    fitted(p, words);
}

static void stub_left(struct pen *p, const struct ladder_event *e, const struct look *look,
                      const struct fitted *words, size_t lane)
{
    bool leaves = e->from < p->page->lane_count;
    pad(p, p->page->lanes[lane].column - STUB - words->width);
    ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    fitted(p, words);
    blank(p, p->column + 1);
    if (leaves) glyph(p, e->lost ? LOST : LEFT_HEAD);
    shaft(p, p->column + SHAFT, look->dash);
    if (leaves)
        glyph(p, look->left);
    else
        glyph(p, RIGHT_HEAD);
}

static void draw_stub(struct pen *p, const struct ladder_event *e, const struct look *look)
{
    char room[STUB_TEXT_MAX];
    bool leaves = e->from < p->page->lane_count;
    size_t lane = leaves ? e->from : e->to;
    struct bytes said = stub_words(e, leaves ? e->to_name : e->from_name, room);
    struct fitted words = fit(said, stub_room(p->page, lane));
    if (stub_is_right(p->page, lane)) {
        pad(p, p->page->lanes[lane].column);
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
             name_of(p->page, e->from, e->from_name), (p->page->ascii ? ascii : boxes)[RIGHT_HEAD],
             LADDER_NAME_MAX, name_of(p->page, e->to, e->to_name));
    pad(p, p->page->lanes[0].column + 3);
    struct fitted words = fit(stub_words(e, names, room), p->page->width - p->column);
    ink(p, e->lost ? (unsigned)LADDER_BAD : e->ink);
    fitted(p, &words);
}

static struct bytes draw_message(const struct ladder_page *page, const struct ladder_event *e,
                                 const struct look *look, char *room)
{
    struct pen p = begin(page, room);
    size_t lanes = page->lane_count;
    time_of(&p, e->at);
    if (e->from < lanes && e->to < lanes && e->from < e->to) {
        pad(&p, page->lanes[e->from].column);
        arrow_right(&p, e, look);
    } else if (e->from < lanes && e->to < e->from) {
        pad(&p, page->lanes[e->to].column);
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
    struct pen p = begin(page, room);
    time_of(&p, e->at);
    if (e->from >= page->lane_count || e->to >= page->lane_count || e->from == e->to) {
        draw_aside(&p, e);
        return close(&p, look->beside);
    }
    bool right = e->from < e->to;
    size_t low = page->lanes[right ? e->from : e->to].column;
    size_t gap = gap_between(page, e->from, e->to), both = gap - 8;
    size_t wanted = columns_width(bytes_slice(e->words, 0, WORDS_MAX));
    size_t kept = wanted < STOPPED_LEAST ? wanted : STOPPED_LEAST; /* the reason tells more */
    struct fitted why = fit(bytes_of(e->lost ? e->lost : "lost"), both > kept ? both - kept : 1);
    struct fitted words = fit_words(e, both > why.width ? both - why.width : 0);
    pad(&p, low + 1);
    if (right) {
        blank(&p, p.column + 2);
        ink(&p, e->ink);
        fitted(&p, &words);
        blank(&p, p.column + 1);
        shaft(&p, low + gap - why.width - 2, DOTS);
        ink(&p, LADDER_BAD);
        glyph(&p, LOST);
        blank(&p, p.column + 1);
        fitted(&p, &why);
    } else {
        blank(&p, p.column + 1);
        ink(&p, LADDER_BAD);
        fitted(&p, &why);
        blank(&p, p.column + 1);
        glyph(&p, LOST);
        ink(&p, e->ink);
        shaft(&p, low + gap - words.width - 2, DOTS);
        blank(&p, p.column + 1);
        fitted(&p, &words);
    }
    blank(&p, low + gap + 1);
    return close(&p, look->beside);
}

/* A note stands outside of the outer lifelines where it fits there, else inside, where it may hide
 * other lifelines: a reason why something failed should be read whole. */
static struct bytes draw_note(const struct ladder_page *page, const struct ladder_event *e,
                              char *room)
{
    struct pen p = begin(page, room);
    size_t lane = e->from < page->lane_count ? e->from : 0, at = page->lanes[lane].column;
    size_t width = fit(e->words, page->width).width;
    bool is_last = lane > 0 && lane + 1 == page->lane_count;
    bool left = lane == 0 ? width < page->left : is_last && at + 2 + width > page->width;
    time_of(&p, e->at);
    size_t from = lane == 0 ? p.column + 1 : page->lanes[0].column + 2;
    struct fitted words = fit(e->words, left ? at - from - 1 : page->width - at - 2);
    if (left) pad(&p, at - words.width - 1);
    if (!left) pad(&p, at);
    ink(&p, e->ink);
    if (left) {
        fitted(&p, &words);
        blank(&p, at);
    }
    glyph(&p, STATE);
    if (!left && words.width) {
        blank(&p, p.column + 1);
        fitted(&p, &words);
    }
    return close(&p, NULL);
}

struct bytes ladder_draw_event(const struct ladder_page *page, const struct ladder_event *event,
                               char *room)
{
    struct look look = {DASH, DASH_RIGHT, DASH_LEFT, ""};
    if (event->relayed) look = (struct look){TWIN, TWIN_RIGHT, TWIN_LEFT, ""};
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
    const char *const *glyphs = page->ascii ? ascii : boxes;
    write_text(w, run->labels[i].label);
    if (run->labels[i].count) write_format(w, " %s%" PRIu64, glyphs[TIMES], run->labels[i].count);
    if (run->labels[i].lost) write_format(w, " (%" PRIu64 " lost)", run->labels[i].lost);
}

struct bytes ladder_draw_run(const struct ladder_page *page, struct ladder_run *run, char *room)
{
    char said[WORDS_MAX];
    if (run->events == 1) {
        run->drawn = run->label_count;
        return ladder_draw_event(page, &run->first, room);
    }
    struct look look = {DOTS, DASH_RIGHT, DASH_LEFT, ""};
    struct writer w = writer_of(said, sizeof said);
    bool inside = run->from < page->lane_count && run->to < page->lane_count;
    size_t most = inside ? gap_between(page, run->from, run->to) - HEADED : page->width / 3;
    write_label(&w, page, run, run->drawn++);
    for (; run->drawn < run->label_count; run->drawn++) {
        struct writer longer = w;
        write_format(&longer, " %s ", (page->ascii ? ascii : boxes)[DOT]);
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
