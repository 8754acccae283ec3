/* A candidate's line told aloud, for `duet explain --type candidate`: by candidate_parse().
 * RFC 8839 §5.1, RFC 8445 §5.1.2. */
#ifndef DUET_ICE_EXPLAIN_H
#define DUET_ICE_EXPLAIN_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* Explains `message`, which is the message that `x` was made with (or a view of it):
 * "candidate:...", with or without "a=" before it and a line end behind it. Fails `x` with the
 * fault of candidate_parse(), E_UNSUPPORTED too: a candidate that we would ignore.
 *
 * Members, by the names of W3C's RTCIceCandidate but for candidateType, its type ("host"):
 * foundation component (number) protocol ("udp") priority address port candidateType, and what the
 * line has of relatedAddress relatedPort tcpType usernameFragment generation networkId. */
void candidate_explain(struct explain *x, struct bytes message);

#endif
