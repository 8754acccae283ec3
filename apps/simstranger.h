/* A stranger in a simulated world: off the path, so that it sees nothing, but it knows both
 * addresses and may send from any. It sprays what could do harm if anybody believed it:
 * ClientHellos, alerts, checks with guessed passwords, answers with guessed transactions, RTP and
 * RTCP with guessed SSRCs, and rubbish. Invariants 1, 4, 6, 14 and 36. */
#ifndef DUET_APPS_SIMSTRANGER_H
#define DUET_APPS_SIMSTRANGER_H

#include "base/machine.h"
#include "base/rng.h"

struct simstranger {
    struct rng rng;
    usec every, next;
    struct addr victims[2]; /* as the public network sees them */
    uint64_t bytes_out;     /* from its own address: what it may get back at most */
    uint64_t bytes_in;
    uint64_t packets;
};

extern const struct machine simstranger_machine; /* `self` is a struct simstranger */

/* Where it is itself. */
struct addr simstranger_address(void);
void simstranger_init(struct simstranger *s, uint64_t seed, unsigned rate,
                      const struct addr victims[2]);

#endif
