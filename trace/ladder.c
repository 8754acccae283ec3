#include "trace/ladder.h"

#include <stdlib.h>

#include "trace/ladderdraw.h"

#define RUNS_MAX 32 /* pairs of participants that repeat something between two rows */

struct ladder {
    struct ladder_page page;
    usec fold;
    bool head_due;
    bool flushing;            /* all runs are to be drawn */
    bool holding;             /* `held` is to be drawn after them, or counted */
    bool counting;            /* if so: counted */
    struct ladder_event held; /* its texts are still the caller's */
    struct ladder_run runs[RUNS_MAX];
    size_t run_count;
    uint64_t seen[LADDER_SEEN_MAX]; /* a ring: the oldest is written over */
    size_t seen_next;
    char room[LADDER_LINE_MAX];
};

static size_t within(size_t value, size_t least, size_t most)
{
    if (value < least) return least;
    return value > most ? most : value;
}

static void put_lane(struct ladder *l, const struct ladder_lane *lane)
{
    size_t i = l->page.lane_count++;
    bytes_to_text(bytes_of(lane->name), l->page.lanes[i].name, LADDER_NAME_MAX);
    l->page.lanes[i].share = lane->share ? lane->share : 1;
}

struct ladder *ladder_new(const struct ladder_config *cfg)
{
    static const struct ladder_lane nobody = {"", 1};
    struct ladder *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->page =
        (struct ladder_page){.width = within(cfg->width, LADDER_WIDTH_LEAST, LADDER_WIDTH_MOST),
                             .left = within(cfg->left, 0, LADDER_WIDTH_MOST),
                             .right = within(cfg->right, 0, LADDER_WIDTH_MOST),
                             .fine = cfg->fine,
                             .ascii = cfg->ascii,
                             .colour = cfg->colour};
    for (size_t i = 0; i < LADDER_LANES_MAX && cfg->lanes[i].name; i++) put_lane(l, &cfg->lanes[i]);
    if (l->page.lane_count == 0) put_lane(l, &nobody); /* so that there always is one */
    ladder_layout(&l->page);
    l->fold = cfg->fold;
    l->head_due = true;
    return l;
}

void ladder_free(struct ladder *l)
{
    free(l);
}

size_t ladder_add(struct ladder *l, const struct ladder_lane *lane)
{
    size_t count = l->page.lane_count;
    if (count >= ladder_lanes_in(l->page.width)) return LADDER_ELSEWHERE;
    put_lane(l, lane);
    ladder_layout(&l->page);
    l->head_due = true;
    return count < l->page.lane_count ? count : LADDER_ELSEWHERE;
}

void ladder_rename(struct ladder *l, size_t lane, const char *name)
{
    if (lane >= l->page.lane_count) return;
    bytes_to_text(bytes_of(name), l->page.lanes[lane].name, LADDER_NAME_MAX);
    l->head_due = true;
}

size_t ladder_lane_count(const struct ladder *l)
{
    return l->page.lane_count;
}

/* ---- What repeats ---- */

/* True: an event of this number was drawn before. Else it is now. */
static bool seen_before(struct ladder *l, const struct ladder_event *e)
{
    if (e->repeats == 0) return false;
    for (size_t i = 0; i < LADDER_SEEN_MAX; i++)
        if (l->seen[i] == e->repeats) return true;
    l->seen[l->seen_next] = e->repeats;
    l->seen_next = (l->seen_next + 1) % LADDER_SEEN_MAX;
    return false;
}

static bool same_name(const char *mine, const char *name)
{
    char cut[LADDER_NAME_MAX];
    return strcmp(mine, bytes_to_text(bytes_of(name ? name : ""), cut, sizeof cut)) == 0;
}

static bool is_of(const struct ladder *l, const struct ladder_run *run,
                  const struct ladder_event *e)
{
    size_t lanes = l->page.lane_count;
    return run->from == e->from && run->to == e->to &&
           (e->from < lanes || same_name(run->from_name, e->from_name)) &&
           (e->to < lanes || same_name(run->to_name, e->to_name));
}

static bool has_label(const struct ladder_run *run, const char *label)
{
    for (size_t i = 0; i < run->label_count; i++)
        if (strcmp(run->labels[i].label, label) == 0) return true;
    return false;
}

static struct ladder_run *run_of(struct ladder *l, const struct ladder_event *e)
{
    for (size_t i = 0; i < l->run_count; i++)
        if (is_of(l, &l->runs[i], e)) return &l->runs[i];
    return NULL;
}

static const char *label_of(const struct ladder_event *e)
{
    return e->label ? e->label : "the same";
}

/* Whether it can be counted without drawing first what was counted before. */
static bool has_room(struct ladder *l, const struct ladder_event *e)
{
    const struct ladder_run *run = run_of(l, e);
    if (!run) return l->run_count < RUNS_MAX;
    return has_label(run, label_of(e)) || run->label_count < LADDER_LABELS_MAX;
}

static struct ladder_run *new_run(struct ladder *l, const struct ladder_event *e)
{
    struct ladder_run *run = &l->runs[l->run_count++];
    *run = (struct ladder_run){.from = e->from, .to = e->to, .began = e->at, .first = *e};
    if (e->from_name) bytes_to_text(bytes_of(e->from_name), run->from_name, LADDER_NAME_MAX);
    if (e->to_name) bytes_to_text(bytes_of(e->to_name), run->to_name, LADDER_NAME_MAX);
    if (e->lost) bytes_to_text(bytes_of(e->lost), run->lost, sizeof run->lost);
    run->first.from_name = run->from_name;
    run->first.to_name = run->to_name;
    run->first.lost = e->lost ? run->lost : NULL;
    run->first.words = bytes_of(bytes_to_text(e->words, run->words, sizeof run->words));
    run->first.brief = bytes_of(bytes_to_text(e->brief, run->brief, sizeof run->brief));
    return run;
}

/* There is room. */
static void count(struct ladder *l, const struct ladder_event *e)
{
    const char *label = label_of(e);
    struct ladder_run *run = run_of(l, e);
    if (!run) run = new_run(l, e);
    size_t i = 0;
    while (i < run->label_count && strcmp(run->labels[i].label, label) != 0) i++;
    if (i == run->label_count) run->labels[run->label_count++].label = label;
    run->until = e->at;
    run->events++;
    run->labels[i].count += e->type != LADDER_STOPPED; /* it was counted when it was sent */
    run->labels[i].lost += e->lost != NULL;
}

/* The one that began first, of those that are not drawn; of equals the one that came first. */
static struct ladder_run *first_run(struct ladder *l)
{
    struct ladder_run *first = NULL;
    for (size_t i = 0; i < l->run_count; i++) {
        struct ladder_run *run = &l->runs[i];
        if (run->drawn == run->label_count) continue;
        if (!first || run->began < first->began) first = run;
    }
    return first;
}

/* ---- In and out ---- */

static bool is_busy(const struct ladder *l)
{
    return l->flushing || l->holding;
}

enum err ladder_input(struct ladder *l, const struct ladder_event *event)
{
    if (is_busy(l)) return E_STATE;
    l->held = *event;
    l->counting = event->type != LADDER_NOTE && seen_before(l, event);
    ladder_tick(l, event->at);
    if (l->counting && !l->flushing && has_room(l, event)) {
        count(l, event);
        return OK;
    }
    l->holding = true;
    l->flushing = true;
    return OK;
}

void ladder_tick(struct ladder *l, usec now)
{
    const struct ladder_run *first = first_run(l);
    if (first && now > first->began && ladder_since(first->began, now) >= l->fold)
        l->flushing = true;
}

void ladder_flush(struct ladder *l)
{
    l->flushing = true;
}

bool ladder_line(struct ladder *l, struct bytes *line)
{
    struct ladder_run *run = l->flushing ? first_run(l) : NULL;
    bool draws = run || (l->holding && !l->counting);
    if (draws && l->head_due) {
        l->head_due = false;
        *line = ladder_draw_head(&l->page, l->room);
        return true;
    }
    if (run) {
        *line = ladder_draw_run(&l->page, run, l->room);
        return true;
    }
    if (l->flushing) l->run_count = 0;
    l->flushing = false;
    if (!l->holding) return false;
    l->holding = false;
    if (l->counting) {
        count(l, &l->held);
        return false;
    }
    *line = ladder_draw_event(&l->page, &l->held, l->room);
    return true;
}
