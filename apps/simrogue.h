/* B itself as the one who means harm: it knows the passwords of the call and uses them for what no
 * honest peer would do. A must stay within its bounds, and the call goes on or ends with a reason.
 * Invariants 12, 15, 18 and 33. */
#ifndef DUET_APPS_SIMROGUE_H
#define DUET_APPS_SIMROGUE_H

#include "base/clock.h"
#include "base/rng.h"

struct simcall;

struct simrogue {
    struct rng rng;
    usec next;
};

void simrogue_init(struct simrogue *r, uint64_t seed);
usec simrogue_deadline(const struct simrogue *r);
/* One bad deed. */
void simrogue_act(struct simrogue *r, struct simcall *call, usec now);

#endif
