/* A datagram, or a message of the signaling, as an event of a ladder: what the ladders of
 * simulations, calls and captures have in common. */
#ifndef DUET_APPS_LADDERWIRE_H
#define DUET_APPS_LADDERWIRE_H

#include "apps/wireline.h"
#include "base/addr.h"
#include "trace/ladder.h"

/* The words of the datagram that is on its way into the ladder, and what has been seen before. */
struct ladderwire {
    struct wireline line;
    char words[WIRELINE_MAX + 128], brief[192];
    bool media; /* media has flowed: checks ask for consent from then on (RFC 7675 §5.1) */
};

/* The event of a datagram, but for its time and lanes: `e` has views of `w`. What repeats is what
 * is alike (apps/wireline.h) and goes from the same address to the same one. */
void ladderwire_event(struct ladderwire *w, struct ladder_event *e, struct bytes datagram,
                      const struct addr *from, const struct addr *to);
/* Of a STUN request it says with whom: "STUN check, controlling, to 192.0.2.1:5000". */
void ladderwire_way(struct ladderwire *w, struct ladder_event *e, const char *preposition,
                    const struct addr *addr);
/* Of SRTP it says what is known by other means: the payload's name by the description (NULL: not
 * known), of SRTCP the packets inside. */
void ladderwire_codec(struct ladderwire *w, struct ladder_event *e, const char *name);
void ladderwire_inside(struct ladderwire *w, struct ladder_event *e, struct bytes rtcp);
/* The event of a message of the signaling: "offer", "answer" with the description as `text`,
 * "candidate" with that ("": the last one has been sent), others by their name. */
void ladderwire_signal(struct ladderwire *w, struct ladder_event *e, const char *type,
                       struct bytes text);
/* A number for what repeats: of a kind, between two addresses. Never 0. */
uint64_t ladderwire_number(uint64_t kind, const struct addr *from, const struct addr *to);

#endif
