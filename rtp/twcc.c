#include "rtp/twcc.h"

#include <string.h>

void twcc_recorder_init(struct twcc_recorder *r)
{
    memset(r, 0, sizeof *r);
    r->due = TIME_NEVER;
}

void twcc_recorder_packet(struct twcc_recorder *r, uint16_t sequence, uint32_t ssrc, usec now)
{
    bool first = !r->sequence.started;
    uint64_t index = rtp_counter_see(&r->sequence, sequence, 16);
    uint64_t highest = r->sequence.highest;
    if (first) r->base = index;
    if (index + TWCC_WINDOW <= highest || r->arrivals[index % TWCC_WINDOW].index == index) return;
    r->arrivals[index % TWCC_WINDOW].index = index;
    r->arrivals[index % TWCC_WINDOW].at = now;
    r->media_ssrc = ssrc;
    if (index < r->base) r->base = index; /* told as lost before: told again */
    if (r->base + TWCC_WINDOW <= highest) r->base = highest - TWCC_WINDOW + 1;
    if (r->due == TIME_NEVER) r->due = now + TWCC_INTERVAL;
}

static bool came(const struct twcc_recorder *r, uint64_t index)
{
    return r->arrivals[index % TWCC_WINDOW].index == index;
}

static int64_t ticks_of(const struct twcc_recorder *r, uint64_t index)
{
    return r->arrivals[index % TWCC_WINDOW].at / TWCC_DELTA_US;
}

/* Statuses from r->base on, until the packet is full or a delta does not fit 16 bits. Deltas are
 * differences of whole ticks, so that rounding does not add up. */
static size_t gather(const struct twcc_recorder *r, int16_t *deltas, int32_t *reference)
{
    const int64_t reference_ticks = TWCC_REFERENCE_US / TWCC_DELTA_US;
    int64_t before = 0;
    size_t count = 0, received = 0;
    for (uint64_t i = r->base; i <= r->sequence.highest && received < TWCC_RECEIVED_MAX; i++) {
        int64_t delta = TWCC_LOST;
        if (came(r, i)) {
            int64_t ticks = ticks_of(r, i);
            if (received++ == 0) {
                *reference = (int32_t)((ticks / reference_ticks) & 0xFFFFFF);
                before = ticks / reference_ticks * reference_ticks;
            }
            delta = ticks - before;
            if (delta <= INT16_MIN || delta > INT16_MAX) break;
            before = ticks;
        }
        deltas[count++] = (int16_t)delta;
    }
    return count;
}

bool twcc_recorder_write(struct twcc_recorder *r, struct writer *w, uint32_t sender_ssrc, usec now)
{
    int16_t deltas[TWCC_WINDOW];
    int32_t reference = 0;
    if (now < r->due) return false;
    size_t count = gather(r, deltas, &reference);
    rtcp_write_twcc(w, sender_ssrc, r->media_ssrc, (uint16_t)r->base, reference, r->feedback_count,
                    deltas, count);
    r->feedback_count++;
    r->base += count;
    if (r->base > r->sequence.highest) r->due = TIME_NEVER;
    return true;
}

void twcc_history_init(struct twcc_history *h)
{
    memset(h, 0, sizeof *h);
    h->next = 0x10000;
}

uint16_t twcc_history_next(const struct twcc_history *h)
{
    return (uint16_t)h->next;
}

void twcc_history_sent(struct twcc_history *h, size_t len, usec now)
{
    size_t slot = h->next++ % TWCC_WINDOW;
    h->sent[slot].at = now;
    h->sent[slot].len = (uint16_t)len;
    h->sent[slot].fate = TWCC_FATE_SENT;
}

static void settle(struct twcc_history *h, uint8_t *fate, bool received)
{
    if (*fate == TWCC_FATE_ACKED || (*fate == TWCC_FATE_LOST && !received)) return;
    if (*fate == TWCC_FATE_LOST) h->lost--;
    *fate = received ? TWCC_FATE_ACKED : TWCC_FATE_LOST;
    if (received)
        h->acked++;
    else
        h->lost++;
}

void twcc_history_feedback(struct twcc_history *h, const struct rtcp_twcc *twcc)
{
    struct rtcp_twcc_walk w = rtcp_twcc_walk_of(twcc);
    struct rtcp_twcc_status status;
    while (rtcp_twcc_next(&w, &status)) {
        uint16_t behind = (uint16_t)(h->next - status.sequence);
        uint8_t *fate = &h->sent[status.sequence % TWCC_WINDOW].fate;
        if (behind == 0 || behind > TWCC_WINDOW || *fate == TWCC_FATE_UNKNOWN)
            h->unknown++;
        else
            settle(h, fate, status.received);
    }
}
