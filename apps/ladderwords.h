/* What a packet of a capture says in a ladder: its own words where the chart has none better, from
 * what it was explained as. */
#ifndef DUET_APPS_LADDERWORDS_H
#define DUET_APPS_LADDERWORDS_H

#include "apps/captureread.h"
#include "apps/ladderwire.h"

#define LADDERWORDS_MAX 512

/* The words of the event that is on its way into the ladder. Zeros are a start. */
struct ladderwords {
    struct ladderwire wire;
    char words[LADDERWORDS_MAX], brief[LADDERWORDS_MAX];
};

/* The event of a packet, but for its time and lanes: `e` has views of `w`. `shared`: the lane that
 * it goes to has several addresses, so a check says which one it is for. */
void ladderwords_packet(struct ladderwords *w, struct ladder_event *e, const struct captured *p,
                        bool shared);
/* The event of the i-th message that the packet completes besides; false: it is none of its own. */
bool ladderwords_more(struct ladderwords *w, struct ladder_event *e, const struct captured *p,
                      size_t i);

#endif
