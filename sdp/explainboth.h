/* An offer and its answer side by side, for `duet explain --offer A --answer B`: of each section
 * what was agreed, what was refused, and why. It is sdp_agree() that decides. RFC 3264 §6, RFC 8829
 * §5.10. */
#ifndef DUET_SDP_EXPLAINBOTH_H
#define DUET_SDP_EXPLAINBOTH_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* Explains both. They are views of the message that `x` was made with: the offer, and behind it the
 * answer (whoever calls reads both files into one buffer), so offsets of fields and of a fault tell
 * which of the two is meant. `x` is of type "sdp".
 *
 * Members: agreed (false: the two don't fit; then why says which rule, and sections[] still lists
 * what each section would be), transport{mid,role,iceLite,bundled} (role: who of the two sends the
 * ClientHello, "offerer" or "answerer") and sections[] of mid, kind, agreed, codec ("VP8/90000",
 * the first that both have), direction (of the offerer: "sendrecv", "recvonly"...) and why.
 *
 * Fails `x` only when one of them can't be parsed; an answer that does not fit is an explanation,
 * not a failure. */
void sdp_explain_both(struct explain *x, struct bytes offer, struct bytes answer);

#endif
