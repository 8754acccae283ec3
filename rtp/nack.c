#include "rtp/nack.h"

#include <string.h>

void rtp_nack_clear(struct rtp_nack *n)
{
    n->count = 0;
}

bool rtp_nack_missing(struct rtp_nack *n, uint64_t from, uint64_t to, usec now)
{
    uint64_t more = to - from;
    if (more > NACK_MISSING_MAX - n->count) return false;
    bool below = n->count > 0 && from < n->entries[0].index;
    size_t at = below ? 0 : n->count;
    if (below) memmove(n->entries + more, n->entries, n->count * sizeof n->entries[0]);
    for (uint64_t i = 0; i < more; i++)
        n->entries[at + i] =
            (struct rtp_nack_entry){.index = from + i, .found = now, .due = now + NACK_TOLERANCE};
    n->count += more;
    return true;
}

static void remove_run(struct rtp_nack *n, size_t at, size_t count)
{
    n->count -= count;
    memmove(n->entries + at, n->entries + at + count, (n->count - at) * sizeof n->entries[0]);
}

bool rtp_nack_arrived(struct rtp_nack *n, uint64_t index)
{
    for (size_t i = 0; i < n->count && n->entries[i].index <= index; i++) {
        if (n->entries[i].index != index) continue;
        remove_run(n, i, 1);
        return true;
    }
    return false;
}

void rtp_nack_forget_below(struct rtp_nack *n, uint64_t index)
{
    size_t gone = 0;
    while (gone < n->count && n->entries[gone].index < index) gone++;
    if (gone) remove_run(n, 0, gone);
}

size_t rtp_nack_take(struct rtp_nack *n, uint16_t *out, size_t max, usec rtt, usec now)
{
    size_t taken = 0;
    usec wait = usec_max(rtt > 0 ? rtt : NACK_RTT_UNKNOWN, NACK_RTT_MIN);
    for (size_t i = 0; i < n->count && taken < max; i++) {
        struct rtp_nack_entry *e = &n->entries[i];
        if (e->due > now) continue;
        out[taken++] = (uint16_t)e->index;
        e->due = ++e->tries < NACK_TRIES_MAX ? now + wait : TIME_NEVER;
    }
    return taken;
}

usec rtp_nack_deadline(const struct rtp_nack *n)
{
    usec due = TIME_NEVER;
    for (size_t i = 0; i < n->count; i++) due = usec_min(due, n->entries[i].due);
    return due;
}
