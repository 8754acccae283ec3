/* The ladder of a simulated call: what crossed the wire, in time order, a line each, to stdout. */
#ifndef DUET_APPS_SIMLADDER_H
#define DUET_APPS_SIMLADDER_H

#include "apps/account.h"
#include "apps/simcall.h"

#define SIMLADDER_LINE_MAX 512

struct simladder {
    bool all; /* each packet of media has its line; else runs of them are folded into one */
    char held[SIMLADDER_LINE_MAX]; /* a sent packet's line, until its link has taken or lost it */
    bool held_media;
    usec held_at;
    usec folded_from, folded_until; /* media packets not shown one by one */
    uint64_t folded[SIDES], folded_lost[SIDES];
    json_t *account[SIDES];     /* why a side failed; NULL: it did not */
    bool shown_media[SIDES][2]; /* the first RTP and the first RTCP of each side stand by itself */
};

void simladder_step(struct simladder *l, const struct simcall *call, const struct simcall_step *s);
/* The rest, and the outcome. */
void simladder_end(struct simladder *l, const struct simcall *call);
/* How a call ended, in one line, without an end of line. */
const char *simladder_outcome(const struct simcall_outcome *outcome, char *to, size_t room);

#endif
