/* A STUN message told aloud, for `duet explain --type stun`: by the parser of stun/message.h and
 * the table of stun/attribute.h. RFC 8489, RFC 8445 §7 and §16 (ICE), RFC 8656 (TURN). */
#ifndef DUET_STUN_EXPLAIN_H
#define DUET_STUN_EXPLAIN_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* With what integrity is verified; all borrowed for the call. Without a password it stays
 * "unchecked". A password alone is a short-term credential (RFC 8489 §9.1); with a username it is a
 * long-term one (§9.2) in the realm given, else in that of the message. */
struct stun_explain_options {
    struct bytes username, realm, password; /* `at` NULL: not given */
};

/* Explains `message`, which is the message that `x` was made with (or a view of it); `options` may
 * be NULL. Fails `x` with the fault of stun_parse().
 *
 * Members: class ("request", "indication", "success", "error") method ("Binding"; "0x00f" where it
 * has no name) transactionId attributes[] (names; "0xc057" for those without one) integrity
 * integritySha256 fingerprint ("ok", "bad", "absent", "unchecked"), and what the message has of
 * username priority iceControlling iceControlled (the tie-breaker, 16 hex digits) useCandidate
 * software realm nonce xorMappedAddress xorPeerAddress xorRelayedAddress mappedAddress errorCode
 * errorReason unknownAttributes[] (the numbers) lifetime requestedTransport channelNumber
 * dataLength; unknownRequired[] (numbers) where there are any. */
void stun_explain(struct explain *x, struct bytes message,
                  const struct stun_explain_options *options);

#endif
