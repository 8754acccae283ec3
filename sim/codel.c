#include "sim/codel.h"

/* Of 64 bits, rounded down: digit by digit in base 2. */
static uint64_t square_root(uint64_t n)
{
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 62; bit; bit >>= 2) {
        if (n >= root + bit) {
            n -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return root;
}

/* RFC 8289 §5.6: INTERVAL / sqrt(count) after `t`, in whole microseconds. */
static usec control_law(usec t, uint32_t count)
{
    uint64_t square = (uint64_t)(CODEL_INTERVAL * CODEL_INTERVAL);
    return t + (usec)square_root(square / count);
}

/* §5.6, dodequeue: above the target for a whole interval. */
static bool stands(struct codel *c, usec sojourn, size_t backlog, size_t mtu, usec now)
{
    if (sojourn < CODEL_TARGET || backlog <= mtu) {
        c->first_above = 0;
        return false;
    }
    if (c->first_above == 0) {
        c->first_above = now + CODEL_INTERVAL;
        return false;
    }
    return now >= c->first_above;
}

/* §5.5, the first drop. If the queue stood not long ago, the rate that mastered it then is a good
 * one to begin with. */
static void begin(struct codel *c, usec now)
{
    uint32_t delta = c->count - c->last_count;
    c->count = delta > 1 && now - c->drop_next < 16 * CODEL_INTERVAL ? delta : 1;
    c->last_count = c->count;
    c->drop_next = control_law(now, c->count);
    c->dropping = true;
}

/* The RFC's dequeue routine takes packets until it has one to send; here the caller does that, one
 * call for each, and what the routine does between two of them is done as the second one comes. */
bool codel_drops(struct codel *c, usec sojourn, size_t backlog, size_t mtu, usec now)
{
    bool after_drop = c->dropped;
    c->dropped = false;
    if (!stands(c, sojourn, backlog, mtu, now)) {
        c->dropping = false;
        return false;
    }
    if (!c->dropping) {
        begin(c, now);
        return true;
    }
    if (after_drop) c->drop_next = control_law(c->drop_next, c->count);
    if (now < c->drop_next) return false;
    c->count++;
    c->dropped = true;
    return true;
}
