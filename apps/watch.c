#include "apps/watch.h"

#include <stdlib.h>
#include <string.h>

#include "apps/traceline.h"
#include "apps/watchkeep.h"
#include "peer/connection.h"
#include "peer/demux.h"
#include "rtp/rtcp.h"

#define RTCP_TYPES   8  /* 200 to 207: RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2 */
#define RTCP_FORMATS 32 /* five bits: RFC 3550 §6.4.1, RFC 4585 §6.1 */

struct line {
    json_t *json;
    size_t len; /* of its text */
};

struct watcher {
    struct sig_id id;
    uint64_t next; /* the line that it is to get next */
    usec batch_at, part_at;
    usec held_until; /* it does not read what it got */
    usec paid_until; /* questions: each is paid with SEC(1) / WATCH_ASKS_RATE */
    uint32_t asks[WATCH_ASKS];
    size_t ask_count;
    json_t *answer;  /* being sent: NULL: none */
    size_t answered; /* fields of it that were sent */
};

/* What was counted since the last line that said so; [1]: sent. */
struct counts {
    uint64_t srtp[2], srtcp[2], bytes[2];
};

struct call {
    unsigned number; /* 0: a free place */
    struct counts counts;
    usec counting_since;
    bool rtp_seen[2][128]; /* payload types: RFC 3550 §5.1 */
    bool rtcp_seen[2][RTCP_TYPES][RTCP_FORMATS];
    bool frame_seen[2][PEER_TRACKS_MAX];
};

struct watch {
    usec start;
    struct watcher watchers[WATCH_WATCHERS_MAX];
    size_t watcher_count, turn; /* whose turn it is to be looked at first */
    struct call calls[WATCH_CALLS_MAX];
    unsigned last_call;
    struct line lines[WATCH_FIRST + WATCH_LAST];
    uint64_t line_count; /* so far */
    uint64_t lost;       /* since the last line */
    usec paid_until;     /* lines: each is paid with SEC(1) / WATCH_RATE */
    struct watchkeep keep;
    json_t *body; /* of the last message */
    struct watch_counters counters;
};

/* ---- Lines ---- */

static struct line *line_at(struct watch *w, uint64_t i)
{
    return &w->lines[i < WATCH_FIRST ? i : WATCH_FIRST + (i - WATCH_FIRST) % WATCH_LAST];
}

/* The oldest line that is kept from number `i` on. */
static uint64_t line_from(const struct watch *w, uint64_t i)
{
    if (i < WATCH_FIRST || w->line_count <= WATCH_FIRST + WATCH_LAST) return i;
    return i > w->line_count - WATCH_LAST ? i : w->line_count - WATCH_LAST;
}

static size_t text_len(const json_t *json)
{
    return json_dumpb(json, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(17));
}

/* Takes over `json`. */
static void push(struct watch *w, json_t *json)
{
    size_t len = text_len(json);
    if (len > WATCH_LINE_MAX) { /* of a hundred pairs, how each one stands */
        json_object_del(json, "over");
        len = text_len(json);
    }
    if (len == 0 || len > WATCH_LINE_MAX) {
        w->lost++;
        w->counters.lost++;
        json_decref(json);
        return;
    }
    struct line *line = line_at(w, w->line_count++);
    json_decref(line->json);
    *line = (struct line){json, len};
    w->counters.lines++;
}

/* Whether another line may come; if not, it is lost, which the next one says. */
static bool pay(struct watch *w, usec now)
{
    w->paid_until = usec_max(w->paid_until, now - WATCH_BURST * (SEC(1) / WATCH_RATE));
    if (w->paid_until > now) {
        w->lost++;
        w->counters.lost++;
        return false;
    }
    w->paid_until += SEC(1) / WATCH_RATE;
    return true;
}

static void tell(struct watch *w, unsigned call, const char *type, const json_t *members, usec at)
{
    uint64_t lost = w->lost;
    json_t *line = traceline(w->start, call, type, at);
    w->lost = 0;
    if (lost) push(w, traceline_lost(w->start, lost, at));
    json_object_update(line, (json_t *)(uintptr_t)members); /* shared, not changed */
    json_object_del(line, "sdp");
    json_object_del(line, "inside");
    push(w, line);
}

void watch_line(struct watch *w, unsigned call, const char *type, const json_t *members, usec now)
{
    /* A datagram has paid when it was looked at. */
    bool paid = json_object_get(members, "protocol") != NULL;
    if (paid || pay(w, now)) tell(w, call, type, members, now);
}

/* ---- Making one ---- */

struct watch *watch_new(int64_t unix_us, usec start, usec now)
{
    struct watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->start = start;
    w->paid_until = now - WATCH_BURST * (SEC(1) / WATCH_RATE);
    watchkeep_init(&w->keep);
    json_t *first = json_pack("{s:i,s:I}", "version", 1, "unixUs", (json_int_t)unix_us);
    tell(w, 0, "trace", first, now);
    json_decref(first);
    return w;
}

void watch_free(struct watch *w)
{
    if (!w) return;
    while (w->watcher_count > 0) watch_remove(w, &w->watchers[0].id);
    for (size_t i = 0; i < COUNT(w->lines); i++) json_decref(w->lines[i].json);
    watchkeep_end(&w->keep);
    json_decref(w->body);
    free(w);
}

const struct watch_counters *watch_counters(const struct watch *w)
{
    return &w->counters;
}

/* ---- Who looks ---- */

static struct watcher *find(struct watch *w, const struct sig_id *who)
{
    for (size_t i = 0; i < w->watcher_count; i++)
        if (sig_id_equal(&w->watchers[i].id, who)) return &w->watchers[i];
    return NULL;
}

bool watch_add(struct watch *w, const struct sig_id *who)
{
    struct watcher *one = find(w, who);
    if (!one && w->watcher_count == WATCH_WATCHERS_MAX) return false;
    if (!one) one = &w->watchers[w->watcher_count++];
    json_decref(one->answer);
    *one = (struct watcher){.id = *who, .batch_at = one->batch_at, .paid_until = one->paid_until};
    return true;
}

void watch_remove(struct watch *w, const struct sig_id *who)
{
    struct watcher *one = find(w, who);
    if (!one) return;
    json_decref(one->answer);
    *one = w->watchers[--w->watcher_count];
    w->watchers[w->watcher_count] = (struct watcher){.next = 0};
}

const struct sig_id *watch_watcher(const struct watch *w, size_t i)
{
    return i < w->watcher_count ? &w->watchers[i].id : NULL;
}

void watch_ask(struct watch *w, const struct sig_id *who, uint32_t number, usec now)
{
    struct watcher *one = find(w, who);
    if (!one) return;
    one->paid_until = usec_max(one->paid_until, now - SEC(1));
    if (one->ask_count == WATCH_ASKS || one->paid_until > now) {
        w->counters.refused++;
        return;
    }
    one->paid_until += SEC(1) / WATCH_ASKS_RATE;
    one->asks[one->ask_count++] = number;
}

void watch_unread(struct watch *w, size_t i, size_t bytes, usec now)
{
    if (i >= w->watcher_count || bytes <= WATCH_UNREAD_MAX) return;
    w->watchers[i].held_until = now + WATCH_EVERY;
}

/* ---- What happens ---- */

static struct call *call_of(struct watch *w, unsigned number)
{
    for (size_t i = 0; i < WATCH_CALLS_MAX; i++)
        if (w->calls[i].number == number) return &w->calls[i];
    return NULL;
}

unsigned watch_call(struct watch *w, const struct sig_id *remote, usec begun, usec now)
{
    struct call *c = call_of(w, 0);
    if (!c || !pay(w, now)) return 0;
    *c = (struct call){.number = ++w->last_call};
    json_t *members =
        json_pack("{s:s,s:s,s:s}", "layer", "call", "state", "new", "peer", remote->text);
    tell(w, c->number, "state", members, begun);
    json_decref(members);
    return c->number;
}

static json_t *way_json(const struct counts *counts, bool sent)
{
    return json_pack("{s:I,s:I,s:I}", "srtp", (json_int_t)counts->srtp[sent], "srtcp",
                     (json_int_t)counts->srtcp[sent], "bytes", (json_int_t)counts->bytes[sent]);
}

static bool has_counted(const struct call *c)
{
    return c->counts.bytes[0] || c->counts.bytes[1];
}

/* Says what was counted: once a second is no matter of rates. */
static void tell_counts(struct watch *w, struct call *c, usec now)
{
    json_t *members =
        json_pack("{s:f,s:o,s:o}", "since", (double)(c->counting_since - w->start) / 1e6, "in",
                  way_json(&c->counts, false), "out", way_json(&c->counts, true));
    tell(w, c->number, "media", members, now);
    json_decref(members);
    c->counts = (struct counts){.srtp = {0}};
}

void watch_call_over(struct watch *w, unsigned call, usec now)
{
    struct call *c = call ? call_of(w, call) : NULL;
    if (!c) return;
    if (has_counted(c)) tell_counts(w, c, now);
    json_t *members = json_pack("{s:s,s:s}", "layer", "call", "state", "over");
    tell(w, call, "state", members, now);
    json_decref(members);
    c->number = 0;
}

/* The first of its kind is told. */
static bool is_first(bool *seen)
{
    bool first = !*seen;
    *seen = true;
    return first;
}

/* By what SRTP leaves in the clear: RFC 3711 §3.1, §3.4. */
static bool is_first_media(struct call *c, enum demux kind, struct bytes datagram, bool sent)
{
    struct reader r = reader_of(datagram);
    unsigned format = read_u8(&r) & 31, type = read_u8(&r);
    if (kind == DEMUX_RTP) return is_first(&c->rtp_seen[sent][type & 127]);
    return type >= RTCP_SR && type - RTCP_SR < RTCP_TYPES &&
           is_first(&c->rtcp_seen[sent][type - RTCP_SR]
                                 [type == RTCP_RTPFB || type == RTCP_PSFB ? format : 0]);
}

static void count(struct watch *w, struct call *c, enum demux kind, size_t len, bool sent, usec now)
{
    if (!has_counted(c)) c->counting_since = now;
    c->counts.srtp[sent] += kind == DEMUX_RTP;
    c->counts.srtcp[sent] += kind == DEMUX_RTCP;
    c->counts.bytes[sent] += len;
    w->counters.counted++;
}

bool watch_datagram(struct watch *w, unsigned call, struct bytes datagram, bool sent,
                    uint32_t *number, usec now)
{
    enum demux kind = demux_of(datagram);
    struct call *c = call ? call_of(w, call) : NULL;
    bool media = kind == DEMUX_RTP || kind == DEMUX_RTCP;
    *number = 0;
    if (!c) return false;
    if (media && !is_first_media(c, kind, datagram, sent)) {
        count(w, c, kind, datagram.len, sent, now);
        return false;
    }
    if (!pay(w, now)) return false;
    switch (kind) {
    case DEMUX_STUN: *number = watchkeep_add(&w->keep, "stun", datagram); break;
    case DEMUX_DTLS: *number = watchkeep_add(&w->keep, "dtls", datagram); break;
    case DEMUX_RTP: *number = watchkeep_add(&w->keep, "srtp", datagram); break;
    case DEMUX_RTCP: *number = watchkeep_add(&w->keep, "srtcp", datagram); break;
    case DEMUX_CHANNEL:
    case DEMUX_UNKNOWN: break;
    }
    return true;
}

bool watch_frame(struct watch *w, unsigned call, size_t track, bool sent)
{
    struct call *c = call ? call_of(w, call) : NULL;
    return c && track < PEER_TRACKS_MAX && is_first(&c->frame_seen[sent][track]);
}

uint32_t watch_text(struct watch *w, const char *type, struct bytes text)
{
    return watchkeep_add(&w->keep, type, text);
}

/* ---- What goes out ---- */

/* The lines that a watcher has not had, as many as a batch holds. */
static void write_batch(struct watch *w, struct watcher *one, struct sig_message *m, usec now)
{
    size_t len = 0;
    json_t *lines = json_array();
    uint64_t from = line_from(w, one->next);
    if (from > one->next) {
        json_array_append_new(lines, traceline_lost(w->start, from - one->next, now));
        one->next = from;
    }
    while (one->next < w->line_count && one->next == line_from(w, one->next)) {
        const struct line *line = line_at(w, one->next);
        if (len > 0 && len + line->len + 1 > WATCH_BATCH_MAX) break;
        json_array_append(lines, line->json);
        len += line->len + 1;
        one->next++;
    }
    one->batch_at = now + WATCH_EVERY;
    m->type = SIG_TRACE;
    m->body = w->body = lines;
}

/* The next fields of the answer, and all else of it at first. */
static void write_part(struct watch *w, struct watcher *one, struct sig_message *m, usec now)
{
    size_t len = 0, i = one->answered;
    json_t *all = json_object_get(one->answer, "fields"), *fields = json_array();
    json_t *part = i == 0 ? json_copy(one->answer) : json_object();
    for (; i < json_array_size(all); i++) {
        json_t *field = json_array_get(all, i);
        size_t more = text_len(field) + 1;
        if (len > 0 && len + more > WATCH_PART_MAX) break;
        json_array_append(fields, field);
        len += more;
    }
    if (all) json_object_set(part, "fields", fields);
    json_decref(fields);
    one->answered = i;
    one->part_at = now + WATCH_PART_EVERY;
    m->type = SIG_EXPLAINED;
    m->number = one->asks[0];
    m->more = i < json_array_size(all);
    m->body = w->body = part;
    if (m->more) return;
    json_decref(one->answer);
    one->answer = NULL;
    memmove(one->asks, one->asks + 1, --one->ask_count * sizeof one->asks[0]);
}

static bool answer(struct watch *w, struct watcher *one, struct sig_message *m, usec now)
{
    if (one->ask_count == 0 || one->part_at > now) return false;
    if (!one->answer) {
        one->answer = watchkeep_explain(&w->keep, one->asks[0]);
        one->answered = 0;
    }
    if (!one->answer) one->ask_count = 0; /* no memory: it may ask again */
    if (one->answer) write_part(w, one, m, now);
    return m->body != NULL;
}

bool watch_message(struct watch *w, struct sig_message *m, usec now)
{
    *m = (struct sig_message){.type = SIG_TRACE};
    json_decref(w->body);
    w->body = NULL;
    for (size_t i = 0; i < WATCH_CALLS_MAX; i++) {
        struct call *c = &w->calls[i];
        if (c->number && has_counted(c) && c->counting_since + WATCH_MEDIA_EVERY <= now)
            tell_counts(w, c, now);
    }
    for (size_t i = 0; i < w->watcher_count && !w->body; i++) {
        struct watcher *one = &w->watchers[(w->turn + i) % w->watcher_count];
        if (one->held_until > now) continue;
        m->to = one->id;
        if (!answer(w, one, m, now) && one->next < w->line_count && one->batch_at <= now)
            write_batch(w, one, m, now);
    }
    w->turn++;
    return w->body != NULL;
}

usec watch_deadline(const struct watch *w)
{
    usec at = TIME_NEVER;
    for (size_t i = 0; i < w->watcher_count; i++) {
        const struct watcher *one = &w->watchers[i];
        usec due = TIME_NEVER;
        if (one->ask_count > 0) due = one->part_at;
        if (one->next < w->line_count) due = usec_min(due, one->batch_at);
        if (due < TIME_NEVER) at = usec_min(at, usec_max(due, one->held_until));
    }
    for (size_t i = 0; i < WATCH_CALLS_MAX; i++)
        if (w->calls[i].number && has_counted(&w->calls[i]))
            at = usec_min(at, w->calls[i].counting_since + WATCH_MEDIA_EVERY);
    return at;
}
