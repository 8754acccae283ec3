/* Handshake messages told aloud: what stands behind the fragment header. RFC 5246 §7.4, RFC 8422
 * §5.4, RFC 8446 §4, RFC 5764 §4.1. */
#ifndef DUET_DTLS_EXPLAINMESSAGE_H
#define DUET_DTLS_EXPLAINMESSAGE_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* Fields and members of a message's body, the members into the object that is open. `whole`: `body`
 * is all of it; else its first part, which may end anywhere. Answers what is wrong with a whole
 * one; the offset is within `body`. */
struct fault dtls_explain_message(struct explain *x, uint8_t type, struct bytes body, bool whole);

#endif
