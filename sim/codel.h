/* Controlled Delay (RFC 8289): drops packets of a queue that keeps standing, the more often the
 * longer it does. */
#ifndef DUET_SIM_CODEL_H
#define DUET_SIM_CODEL_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* RFC 8289 §4.2, §4.3: the delay that a standing queue may have, and for how long more is fine. */
#define CODEL_TARGET   MS(5)
#define CODEL_INTERVAL MS(100)

/* RFC 8289 §5.2. All zero is a queue that was always empty. */
struct codel {
    usec first_above; /* above the target since an interval before; 0: it is not above */
    usec drop_next;   /* while dropping: when the next one is due */
    uint32_t count, last_count;
    bool dropping;
    bool dropped; /* the packet before this one, so `drop_next` is to be moved on */
};

/* A packet is at the head of the queue at `now`, has waited for `sojourn`, and leaves `backlog`
 * bytes behind it; `mtu` is the longest packet. True: it is to be dropped, and the next one asked
 * about at the same time. `now` > 0 and never falls. RFC 8289 §5.5, §5.6. */
bool codel_drops(struct codel *codel, usec sojourn, size_t backlog, size_t mtu, usec now);

#endif
