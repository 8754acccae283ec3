/* Who has a lifeline in the chart of a capture: the addresses that talk most, as many as the page
 * is wide enough for. Those whose connectivity checks say that they are one ICE agent's are one
 * party and share one. */
#ifndef DUET_APPS_LADDERTALKERS_H
#define DUET_APPS_LADDERTALKERS_H

#include "trace/datagram.h"
#include "trace/ladder.h"

struct talkers; /* opaque */

struct talkers *talkers_new(void); /* NULL: no memory */
void talkers_free(struct talkers *t);

/* Counts a packet for its two addresses. */
void talkers_hear(struct talkers *t, const struct datagram *datagram);
/* When all have been heard: lanes for those that talk most, in the order in which they came, into
 * `page`, whose width says for how many there is room. Their names live as long as `t`. */
void talkers_choose(struct talkers *t, struct ladder_config *page);

/* The lane of an address, LADDER_ELSEWHERE if it has none. */
size_t talkers_lane(const struct talkers *t, const struct addr *addr);
/* Does it share its lane with other addresses? */
bool talkers_share(const struct talkers *t, const struct addr *addr);

#endif
