/* Which ICE session an address pair of a capture belongs to: by the USERNAME of the checks on it,
 * which has the username fragment of whom it is sent to, a colon, and the sender's (RFC 8445
 * §7.2.2). All pairs of a session have the same two, so that what was agreed on one of them holds
 * on all. */
#ifndef DUET_APPS_EXPLAINPAIRS_H
#define DUET_APPS_EXPLAINPAIRS_H

#include "base/addr.h"

#define EXPLAINPAIRS_MAX 4096 /* what more there are belong to no session */

/* Who is at either end: a number for each username fragment; 0: not known. */
struct explainpair {
    uint64_t from, to;
};

struct explainpairs; /* opaque */

struct explainpairs *explainpairs_new(void);    /* NULL: no memory */
void explainpairs_free(struct explainpairs *p); /* NULL is fine */

/* A STUN message that went from `from` to `to`; anything but a request with such a USERNAME is
 * passed over. The latest counts. */
void explainpairs_learn(struct explainpairs *p, const struct addr *from, const struct addr *to,
                        struct bytes message);
/* Who was seen at both ends of a pair; zeros: nobody. */
struct explainpair explainpairs_find(const struct explainpairs *p, const struct addr *from,
                                     const struct addr *to);

#endif
