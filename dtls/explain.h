/* A datagram of DTLS told aloud, for `duet explain --type dtls`: its records, and what of a
 * handshake is in clear, by the readers of dtls/record.h and the names of dtls/codepoints.h.
 * RFC 6347, RFC 5246, RFC 9147 (the clear part of DTLS 1.3 and its unified header), RFC 5764. */
#ifndef DUET_DTLS_EXPLAIN_H
#define DUET_DTLS_EXPLAIN_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* Explains `message`, which is the message that `x` was made with (or a view of it). A handshake
 * message that several records of the datagram carry is put together and explained with the last of
 * them; of one whose other fragments travel elsewhere, what its beginning holds is. Fails `x` with
 * the fault of dtls_record_next(), of dtls_fragment_next(), or of a whole message that breaks its
 * own rules.
 *
 * Members: records[] of contentType ("handshake") version ("DTLS 1.2") epoch sequence length (of
 * its body) encrypted (true, else left out), and in clear alert{level,name,description} or
 * handshake{type messageSeq fragmentOffset fragmentLength length, and by type: version sessionId
 * cookie cipherSuites[] groups[] srtpProfiles[] signatureAlgorithms[] versions[] extensions[]
 * (names; "0x1234" for those without one), helloRetryRequest (true), certificates[{length,
 * fingerprint{hash,value}}] group}. A record with several messages has the first as `handshake` and
 * the others as `furtherHandshakes[]`. Of a unified header (DTLS 1.3) contentType is "ciphertext",
 * epoch the two bits that are sent, and there is no sequence: it is encrypted. */
void dtls_explain(struct explain *x, struct bytes message);

#endif
