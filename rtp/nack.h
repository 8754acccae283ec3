/* The packets of one stream that are missing, and when to ask for which: RFC 4585 §6.2.1 says how,
 * the limits are ours (a peer that jumps or loses everything must not make us shout). */
#ifndef DUET_RTP_NACK_H
#define DUET_RTP_NACK_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NACK_MISSING_MAX 256    /* outstanding; more: resynchronise */
#define NACK_TRIES_MAX   10     /* of each packet */
#define NACK_TOLERANCE   MS(10) /* packets overtake each other by less */
#define NACK_RTT_UNKNOWN MS(100)
#define NACK_RTT_MIN     MS(20) /* a repeat sooner would ask for what is on its way */

struct rtp_nack_entry {
    uint64_t index;
    usec found; /* when a later packet came */
    usec due;   /* when to ask next */
    uint8_t tries;
};

/* The entries ascend by index. */
struct rtp_nack {
    size_t count;
    struct rtp_nack_entry entries[NACK_MISSING_MAX];
};

void rtp_nack_clear(struct rtp_nack *n);
/* The indexes `from` to `to` - 1 are missing; all lie above, or all below, those known. False:
 * more than NACK_MISSING_MAX would be outstanding; nothing changed. */
bool rtp_nack_missing(struct rtp_nack *n, uint64_t from, uint64_t to, usec now);
/* It came: true if it was missing. */
bool rtp_nack_arrived(struct rtp_nack *n, uint64_t index);
/* Nobody waits any more for what lies below `index`. */
void rtp_nack_forget_below(struct rtp_nack *n, uint64_t index);
/* Fills `out` with up to `max` sequence numbers to ask for now, ascending; returns how many. */
size_t rtp_nack_take(struct rtp_nack *n, uint16_t *out, size_t max, usec rtt, usec now);
/* When rtp_nack_take has something next. */
usec rtp_nack_deadline(const struct rtp_nack *n);

#endif
