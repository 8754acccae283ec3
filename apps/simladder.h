/* The ladder of a simulated call: what crossed the wire, in time order, a line each, to stdout. */
#ifndef DUET_APPS_SIMLADDER_H
#define DUET_APPS_SIMLADDER_H

#include "apps/account.h"
#include "apps/ladderwire.h"
#include "apps/simcall.h"

struct simladder {
    struct ladder *ladder;
    bool all;                 /* each packet has its line, and nothing is only counted */
    struct ladderwire wire;   /* the words of `held` */
    struct ladder_event held; /* a packet that was sent, until its link has taken or lost it */
    bool holding;
    json_t *account[SIDES]; /* why a side failed; NULL: it did not */
};

/* False: no memory. */
bool simladder_begin(struct simladder *l, bool all);
void simladder_step(struct simladder *l, const struct simcall *call, const struct simcall_step *s);
/* The rest, and the outcome. */
void simladder_end(struct simladder *l, const struct simcall *call);
/* How a call ended, in one line, without an end of line. */
const char *simladder_outcome(const struct simcall_outcome *outcome, char *to, size_t room);

#endif
