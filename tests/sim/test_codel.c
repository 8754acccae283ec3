/* CoDel's verdicts against the routine of RFC 8289 §5.5 as it is printed there, over whole queues,
 * and what the RFC says of them. */
#include "tests/suite.h"

#include <math.h>

#include "base/rng.h"
#include "sim/codel.h"

#define MTU    1500
#define QUEUED 4096

/* A queue of packets of one length: when each came. Both routines take from their own. */
struct queue {
    usec arrived[QUEUED];
    size_t first, count;
    size_t dropped;
};

#define LEN 1000

static void arrive(struct queue *q, usec now)
{
    if (q->count == QUEUED) return;
    q->arrived[(q->first + q->count++) % QUEUED] = now;
}

/* ---- The RFC's, with its names ---- */

static struct rfc {
    struct queue queue;
    double first_above_time, drop_next;
    uint32_t count, lastcount;
    bool dropping;
} rfc;

struct dodequeue_result {
    bool any, ok_to_drop;
};

static double control_law(double t, uint32_t count)
{
    return t + floor((double)CODEL_INTERVAL / sqrt(count));
}

static struct dodequeue_result dodequeue(usec now)
{
    struct queue *q = &rfc.queue;
    struct dodequeue_result r = {q->count > 0, false};
    if (!r.any) {
        rfc.first_above_time = 0;
        return r;
    }
    usec sojourn = now - q->arrived[q->first];
    q->first = (q->first + 1) % QUEUED;
    q->count--;
    if (sojourn < CODEL_TARGET || q->count * LEN <= MTU) {
        rfc.first_above_time = 0;
    } else if (rfc.first_above_time == 0) {
        rfc.first_above_time = (double)(now + CODEL_INTERVAL);
    } else if ((double)now >= rfc.first_above_time) {
        r.ok_to_drop = true;
    }
    return r;
}

static bool rfc_dequeue(usec t)
{
    double now = (double)t;
    struct dodequeue_result r = dodequeue(t);
    if (rfc.dropping) {
        if (!r.ok_to_drop) rfc.dropping = false;
        while (now >= rfc.drop_next && rfc.dropping) {
            rfc.queue.dropped++;
            ++rfc.count;
            r = dodequeue(t);
            if (!r.ok_to_drop)
                rfc.dropping = false;
            else
                rfc.drop_next = control_law(rfc.drop_next, rfc.count);
        }
    } else if (r.ok_to_drop) {
        rfc.queue.dropped++;
        r = dodequeue(t);
        rfc.dropping = true;
        uint32_t delta = rfc.count - rfc.lastcount;
        rfc.count = 1;
        if (delta > 1 && now - rfc.drop_next < 16.0 * (double)CODEL_INTERVAL) rfc.count = delta;
        rfc.drop_next = control_law(now, rfc.count);
        rfc.lastcount = rfc.count;
    }
    return r.any;
}

/* ---- Ours ---- */

static struct codel codel;
static struct queue queue;

static bool our_dequeue(usec now)
{
    while (queue.count > 0) {
        usec sojourn = now - queue.arrived[queue.first];
        queue.first = (queue.first + 1) % QUEUED;
        queue.count--;
        if (!codel_drops(&codel, sojourn, queue.count * LEN, MTU, now)) return true;
        queue.dropped++;
    }
    return false;
}

static void begin(void)
{
    codel = (struct codel){0};
    queue = (struct queue){.count = 0};
    rfc = (struct rfc){.dropping = false};
}

/* Packets come and go with changing haste for a minute: both drop the same ones. */
START_TEST(drops_what_the_rfc_drops)
{
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct rng rng;
        usec gap = MS(1);
        begin();
        rng_init_number(&rng, seed);
        for (usec now = 1; now < SEC(60); now += MS(1)) {
            if (rng_below(&rng, 2000) == 0) gap = 400 + rng_below(&rng, 1200);
            for (usec come = gap * (now / gap); come > now - MS(1); come -= gap) {
                arrive(&queue, now);
                arrive(&rfc.queue, now);
            }
            bool same = our_dequeue(now) == rfc_dequeue(now) &&
                        queue.dropped == rfc.queue.dropped && queue.count == rfc.queue.count;
            if (!same) ck_abort_msg("seed %d, at %lld us", (int)seed, (long long)now);
        }
        ck_assert_uint_gt(queue.dropped, 20);
    }
}
END_TEST

/* RFC 8289 §3.1: a queue that drains within an interval is a good queue. */
START_TEST(a_burst_that_drains_loses_nothing)
{
    begin();
    for (usec now = MS(1); now < SEC(30); now += MS(1)) {
        if (now % MS(200) == 0)
            for (int i = 0; i < 90; i++) arrive(&queue, now);
        our_dequeue(now);
    }
    ck_assert_uint_eq(queue.dropped, 0);
}
END_TEST

/* §5.6: drops come after INTERVAL / sqrt(count): 100, 70.7, 57.7, 50 ms... */
START_TEST(a_standing_queue_is_dropped_from_ever_more_often)
{
    static const usec gaps[] = {100000, 70710, 57735, 50000, 44721, 40824};
    begin();
    size_t drops = 0;
    usec last = 0;
    for (usec now = 1; drops <= COUNT(gaps); now++) {
        if (!codel_drops(&codel, MS(6), 3000, MTU, now)) continue;
        if (drops > 0) ck_assert_int_eq(now - last, gaps[drops - 1]);
        if (drops == 0) ck_assert_int_eq(now, 1 + CODEL_INTERVAL);
        last = now;
        drops++;
    }
}
END_TEST

/* §5.6: the last packet's worth is never dropped, however long it waited on a slow link. */
START_TEST(a_backlog_of_one_packet_is_left_alone)
{
    begin();
    size_t drops = 0;
    for (usec now = 1; now < SEC(10); now += MS(1))
        drops += codel_drops(&codel, SEC(1), MTU, MTU, now);
    ck_assert_uint_eq(drops, 0);
    ck_assert(!codel_drops(&codel, SEC(1), MTU + 1, MTU, SEC(10)));
    ck_assert(codel_drops(&codel, SEC(1), MTU + 1, MTU, SEC(10) + CODEL_INTERVAL));
}
END_TEST

SUITE("sim codel", drops_what_the_rfc_drops, a_burst_that_drains_loses_nothing,
      a_standing_queue_is_dropped_from_ever_more_often, a_backlog_of_one_packet_is_left_alone)
