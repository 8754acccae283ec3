#include "sim/link.h"

#include <stdlib.h>

#include "sim/codel.h"
#include "sim/luck.h"
#include "sim/store.h"

/* What IP and UDP put before a datagram: RFC 791 §3.1, RFC 8200 §3, RFC 768. */
#define IPV4_HEADERS 28
#define IPV6_HEADERS 48
/* RFC 8289 asks for the longest packet of the link; where no MTU is set, Ethernet's. */
#define MTU_USUAL    1500

struct sim_link {
    struct sim_link_spec spec;
    struct sim_link_script script;
    usec start;
    size_t steps_done;
    struct luck luck;
    bool bad; /* the state of Gilbert and Elliott */

    struct store store;
    struct line queue;     /* wait to be sent, in order */
    struct line straight;  /* on their way, in order of arrival at the far end */
    struct line held_back; /* on their way, to arrive after others; in order of that too */
    size_t queue_bytes;    /* in `queue`, with headers */
    struct codel codel;

    usec now;
    usec busy_until;     /* a packet is being sent until then */
    uint64_t carry;      /* of its time: what was left in the division by the rate */
    usec straight_until; /* when the last of each line arrives */
    usec held_until;
    uint64_t numbers; /* given out so far */
    uint64_t seen;    /* the highest number that came out */
    size_t copies;    /* that are still to come out */

    const char *dropped;
    struct fault fault;
    struct sim_link_counters counters;
};

static uint32_t bounded_ppm(uint32_t ppm)
{
    return ppm < SIM_PPM ? ppm : SIM_PPM;
}

static usec bounded_time(usec t)
{
    return usec_max(0, usec_min(t, SIM_LINK_TIME_MAX));
}

static size_t bounded_size(size_t size)
{
    return size < SIM_LINK_SIZE_MAX ? size : SIM_LINK_SIZE_MAX;
}

/* A spec may come from a program: whatever is in it, no sum of ours overflows. */
static struct sim_link_spec bounded(const struct sim_link_spec *spec)
{
    struct sim_link_spec s = *spec;
    s.delay = bounded_time(s.delay);
    s.jitter = bounded_time(s.jitter);
    s.reorder_by = s.reorder_by ? bounded_time(s.reorder_by) : SIM_LINK_REORDER_BY;
    s.queue_time = bounded_time(s.queue_time);
    s.loss_ppm = bounded_ppm(s.loss_ppm);
    s.bursts.good_to_bad_ppm = bounded_ppm(s.bursts.good_to_bad_ppm);
    s.bursts.bad_to_good_ppm = bounded_ppm(s.bursts.bad_to_good_ppm);
    s.bursts.loss_good_ppm = bounded_ppm(s.bursts.loss_good_ppm);
    s.bursts.loss_bad_ppm = bounded_ppm(s.bursts.loss_bad_ppm);
    s.reorder_ppm = bounded_ppm(s.reorder_ppm);
    s.duplicate_ppm = bounded_ppm(s.duplicate_ppm);
    s.corrupt_ppm = bounded_ppm(s.corrupt_ppm);
    if (s.rate_bps > SIM_LINK_RATE_MAX) s.rate_bps = SIM_LINK_RATE_MAX;
    s.queue_bytes = bounded_size(s.queue_bytes);
    s.mtu = bounded_size(s.mtu);
    return s;
}

static void apply(struct sim_link *link, const struct sim_link_spec *spec)
{
    link->spec = bounded(spec);
    link->carry = 0;
}

void sim_link_reset(struct sim_link *link, const struct sim_link_config *cfg)
{
    struct store store = link->store;
    struct rng rng = cfg->rng;
    size_t steps = cfg->script ? cfg->script->count : 0;
    if (steps > SIM_SCRIPT_MAX) steps = SIM_SCRIPT_MAX;
    store_empty(&store);
    *link = (struct sim_link){.store = store,
                              .start = cfg->start,
                              .now = INT64_MIN,
                              .busy_until = INT64_MIN,
                              .straight_until = INT64_MIN,
                              .held_until = INT64_MIN};
    link->script.count = steps;
    for (size_t i = 0; i < steps; i++) link->script.steps[i] = cfg->script->steps[i];
    line_init(&link->queue);
    line_init(&link->straight);
    line_init(&link->held_back);
    luck_init(&link->luck, &rng);
    apply(link, &cfg->spec);
}

struct sim_link *sim_link_new(const struct sim_link_config *cfg)
{
    struct sim_link *link = calloc(1, sizeof *link);
    if (!link) return NULL;
    if (!store_init(&link->store, cfg->packets ? cfg->packets : SIM_LINK_PACKETS,
                    cfg->bytes ? cfg->bytes : SIM_LINK_BYTES)) {
        free(link);
        return NULL;
    }
    sim_link_reset(link, cfg);
    return link;
}

void sim_link_free(struct sim_link *link)
{
    if (!link) return;
    store_free(&link->store);
    free(link);
}

static size_t wire_len(size_t len, const struct route *route)
{
    return len + (route->remote.family == ADDR_IPV6 ? IPV6_HEADERS : IPV4_HEADERS);
}

/* ---- On the way: delay, jitter, duplicates, reordering ---- */

static usec travel(const struct sim_link *link, enum luck_of jitter, uint64_t number)
{
    if (link->spec.jitter == 0) return link->spec.delay;
    uint64_t span = (uint64_t)link->spec.jitter + 1;
    return link->spec.delay + (usec)luck_below(&link->luck, jitter, number, span);
}

/* Its last byte was sent at `sent`. Whoever goes straight arrives after those before it. A packet
 * that is held back does so too, but none of those behind waits for it. */
static void depart(struct sim_link *link, uint32_t i, usec sent)
{
    struct held *h = store_at(&link->store, i);
    h->due = usec_max(link->straight_until, sent + travel(link, LUCK_JITTER, h->number));
    h->due_again = TIME_NEVER;
    usec last = h->due;
    if (luck_hits(&link->luck, LUCK_DUPLICATE, h->number, link->spec.duplicate_ppm)) {
        last = usec_max(last, sent + travel(link, LUCK_COPY_JITTER, h->number));
        h->due_again = last;
        link->copies++;
        link->counters.duplicated++;
    }
    if (!luck_hits(&link->luck, LUCK_REORDER, h->number, link->spec.reorder_ppm)) {
        link->straight_until = last;
        line_push(&link->straight, &link->store, i);
        return;
    }
    /* Not before the one that was held back before it: `reorder_by` may have been longer then. */
    h->due = usec_max(link->held_until, h->due + link->spec.reorder_by);
    link->held_until = h->due;
    if (h->due_again != TIME_NEVER) {
        h->due_again = usec_max(h->due, h->due_again + link->spec.reorder_by);
        link->held_until = h->due_again;
    }
    link->counters.held_back++;
    line_push(&link->held_back, &link->store, i);
}

/* ---- Queue and rate ---- */

/* How long `bytes` take to be sent; what the division leaves is kept for the next ones. */
static usec transmission(struct sim_link *link, size_t bytes)
{
    if (link->spec.rate_bps == 0) return 0;
    uint64_t bits = (uint64_t)bytes * 8 * 1000000 + link->carry;
    link->carry = bits % link->spec.rate_bps;
    return (usec)(bits / link->spec.rate_bps);
}

static bool queue_is_full(const struct sim_link *link, size_t bytes)
{
    const struct sim_link_spec *spec = &link->spec;
    if (spec->rate_bps == 0 || link->busy_until <= link->now) return false;
    if (spec->queue_bytes && link->queue_bytes + bytes > spec->queue_bytes) return true;
    if (spec->queue_time == 0) return false;
    uint64_t waiting = (uint64_t)link->queue_bytes * 8 * 1000000 / spec->rate_bps;
    return link->busy_until - link->now + (usec)waiting > spec->queue_time;
}

/* Sends what had its turn until `now`, each when the one before it was sent. */
static void serve(struct sim_link *link, usec now)
{
    while (link->queue.count > 0 && link->busy_until <= now) {
        uint32_t i = line_pop(&link->queue, &link->store);
        struct held *h = store_at(&link->store, i);
        size_t bytes = wire_len(h->len, &h->route);
        usec begin = usec_max(link->busy_until, h->arrived);
        link->queue_bytes -= bytes;
        if (link->spec.queue == SIM_CODEL &&
            codel_drops(&link->codel, begin - h->arrived, link->queue_bytes,
                        link->spec.mtu ? link->spec.mtu : MTU_USUAL, begin)) {
            store_drop(&link->store, i);
            link->counters.dropped_codel++;
            continue;
        }
        if (begin > link->busy_until) link->carry = 0; /* it was idle in between */
        link->busy_until = begin + transmission(link, bytes);
        depart(link, i, link->busy_until);
    }
}

/* To `now`, with the script's steps at their times. */
static void advance(struct sim_link *link, usec now)
{
    link->now = usec_max(link->now, now);
    while (link->steps_done < link->script.count) {
        const struct sim_script_step *step = &link->script.steps[link->steps_done];
        usec at = link->start + step->at;
        if (at > link->now) break;
        serve(link, at - 1); /* what begins at that time does so by the new rules */
        apply(link, &step->spec);
        link->steps_done++;
    }
    serve(link, link->now);
}

void sim_link_set(struct sim_link *link, const struct sim_link_spec *spec, usec now)
{
    advance(link, now);
    apply(link, spec);
    serve(link, link->now); /* without a rate all that waits may go */
}

/* ---- Coming in ---- */

/* Every packet moves the state on, whatever else becomes of it. */
static bool lost_in_burst(struct sim_link *link, uint64_t n)
{
    const struct sim_link_spec *s = &link->spec;
    bool bad = link->bad;
    uint32_t loss = bad ? s->bursts.loss_bad_ppm : s->bursts.loss_good_ppm;
    uint32_t turn = bad ? s->bursts.bad_to_good_ppm : s->bursts.good_to_bad_ppm;
    if (luck_hits(&link->luck, LUCK_BURST_TURN, n, turn)) link->bad = !bad;
    return luck_hits(&link->luck, LUCK_BURST_LOSS, n, loss);
}

static enum err drop(struct sim_link *link, uint64_t *counter, const char *why)
{
    link->dropped = why;
    (*counter)++;
    return OK;
}

static void corrupt(struct sim_link *link, uint32_t i, uint64_t n)
{
    size_t bits = store_at(&link->store, i)->len * 8;
    if (bits == 0 || !luck_hits(&link->luck, LUCK_CORRUPT, n, link->spec.corrupt_ppm)) return;
    store_flip(&link->store, i, (size_t)luck_below(&link->luck, LUCK_CORRUPT_BIT, n, bits));
    link->counters.corrupted++;
}

/* What was not lost. */
static enum err accept(struct sim_link *link, const struct packet *in, uint64_t n, size_t bytes)
{
    uint32_t i = store_put(&link->store, in);
    if (i == STORE_NONE) {
        drop(link, &link->counters.refused, "the link holds no more");
        link->fault = (struct fault){E_FULL, "link", 0,
                                     "it holds as many packets or bytes as it was made for"};
        return E_FULL;
    }
    struct held *h = store_at(&link->store, i);
    h->number = n;
    h->arrived = link->now;
    corrupt(link, i, n);
    if (link->spec.rate_bps == 0 && link->queue.count == 0) {
        depart(link, i, link->now);
        return OK;
    }
    link->queue_bytes += bytes;
    line_push(&link->queue, &link->store, i);
    serve(link, link->now);
    return OK;
}

enum err sim_link_input(struct sim_link *link, const struct packet *in, usec now)
{
    struct sim_link_counters *count = &link->counters;
    advance(link, now);
    uint64_t n = link->numbers++;
    size_t bytes = wire_len(in->len, &in->route);
    count->in++;
    count->bytes_in += in->len;
    link->dropped = NULL;
    bool in_burst = lost_in_burst(link, n);
    if (luck_hits(&link->luck, LUCK_LOSS, n, link->spec.loss_ppm))
        return drop(link, &count->lost, "lost");
    if (in_burst) return drop(link, &count->lost_burst, "lost in a burst");
    if (link->spec.mtu && bytes > link->spec.mtu)
        return drop(link, &count->dropped_mtu, "longer than the MTU");
    if (queue_is_full(link, bytes)) return drop(link, &count->dropped_queue, "the queue was full");
    return accept(link, in, n, bytes);
}

/* ---- Coming out ---- */

void sim_link_tick(struct sim_link *link, usec now)
{
    advance(link, now);
}

static usec line_due(const struct sim_link *link, const struct line *line)
{
    return line->count ? store_at(&link->store, line->first)->due : TIME_NEVER;
}

/* The line whose first packet comes out next. At the same time: whoever came in first. */
static struct line *next_line(struct sim_link *link)
{
    usec straight = line_due(link, &link->straight), held = line_due(link, &link->held_back);
    if (held > straight || held == TIME_NEVER) return &link->straight;
    if (held < straight) return &link->held_back;
    return store_at(&link->store, link->held_back.first)->number <
                   store_at(&link->store, link->straight.first)->number
               ? &link->held_back
               : &link->straight;
}

bool sim_link_output(struct sim_link *link, struct packet *out, usec now)
{
    advance(link, now);
    struct line *line = next_line(link);
    if (line_due(link, line) > link->now) return false;
    uint32_t i = line->first;
    struct held *h = store_at(&link->store, i);
    store_copy(&link->store, i, out);
    link->counters.out++;
    link->counters.bytes_out += h->len;
    if (h->number < link->seen) link->counters.reordered++;
    if (h->number > link->seen) link->seen = h->number;
    if (h->due_again != TIME_NEVER) { /* it stays, as its own copy */
        h->due = h->due_again;
        h->due_again = TIME_NEVER;
        link->copies--;
    } else {
        line_pop(line, &link->store);
        store_drop(&link->store, i);
    }
    return true;
}

usec sim_link_deadline(const struct sim_link *link)
{
    usec at = usec_min(line_due(link, &link->straight), line_due(link, &link->held_back));
    return link->queue.count ? usec_min(at, link->busy_until) : at;
}

const char *sim_link_dropped(const struct sim_link *link)
{
    return link->dropped;
}

const struct fault *sim_link_fault(const struct sim_link *link)
{
    return &link->fault;
}

const struct sim_link_counters *sim_link_counters(const struct sim_link *link)
{
    return &link->counters;
}

size_t sim_link_inside(const struct sim_link *link)
{
    return link->store.packets_used + link->copies;
}
