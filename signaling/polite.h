/* Perfect negotiation (W3C webrtc §10.7, "The perfect negotiation pattern"): when both sides offer
 * at the same time, one of them, agreed beforehand, gives way. Pure. */
#ifndef DUET_SIGNALING_POLITE_H
#define DUET_SIGNALING_POLITE_H

#include "signaling/message.h"

/* The side that gives way: the one whose id sorts lower, by bytes. */
bool polite_is(const struct sig_id *own, const struct sig_id *peer);

/* What this side is doing while an offer comes in. */
struct polite_state {
    bool making_offer;   /* an offer is being made, but is not yet our local description */
    bool have_offer;     /* signaling state have-local-offer: our offer waits for its answer */
    bool setting_answer; /* the answer to it is being applied just now: as good as stable */
};

enum polite_action {
    POLITE_ACCEPT,   /* no glare: apply the offer and answer it */
    POLITE_ROLLBACK, /* glare, and we give way: drop our own offer, then apply and answer theirs */
    POLITE_IGNORE /* glare, and they give way: drop this offer and the candidates that follow it */
};

enum polite_action polite_on_offer(bool polite, const struct polite_state *state);

#endif
