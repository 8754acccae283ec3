/* A datagram of DTLS told aloud, for `duet explain --type dtls`: its records, what of a handshake
 * is in clear, and with the secrets of the association what is not, by the readers of dtls/record.h
 * and the names of dtls/codepoints.h. RFC 6347, RFC 5246, RFC 9147 (the clear part of DTLS 1.3 and
 * its unified header), RFC 5764. */
#ifndef DUET_DTLS_EXPLAIN_H
#define DUET_DTLS_EXPLAIN_H

#include "dtls/reassembly.h"
#include "dtls/secrets.h"

struct explain; /* base/explain.h */

/* What is known of a datagram's association; all of it may be absent. */
struct dtls_explain_options {
    const struct dtls_secrets *secrets; /* that open its encrypted records; NULL: none do */
    bool from_client;                   /* who sent it: whose keys */
    const char *sealed;                 /* a sentence: why they stay closed; NULL: nothing to say */
    struct dtls_reassembly *parts; /* of messages in other datagrams; NULL: this one stands alone */
    struct addr from, to;          /* the path, for `parts` */
};

/* Explains `message`, which is the message that `x` was made with (or a view of it). A handshake
 * message in several fragments is put together and explained with the fragment that makes it whole;
 * of the others the first is explained as far as it goes. Records that `options` (NULL: nothing is
 * known) opens are explained inside; their fields have no bytes of their own in the datagram. Fails
 * `x` with the fault of dtls_record_next(), of dtls_fragment_next(), or of a whole message that
 * breaks its own rules.
 *
 * Members: records[] of contentType ("handshake") version ("DTLS 1.2") epoch sequence length (of
 * its body) encrypted (true, else left out) decrypted (true, else left out), and of what can be
 * read alert{level,name,description}, applicationData (hexadecimal) or handshake{type messageSeq
 * fragmentOffset fragmentLength length, assembled (true: from several fragments), and by type:
 * version sessionId cookie cipherSuites[] groups[] srtpProfiles[] signatureAlgorithms[] versions[]
 * extensions[] (names; "0x1234" for those without one), helloRetryRequest (true),
 * certificates[{length, fingerprint{hash,value}}] group verifyData}. A record with several messages
 * has the first as `handshake` and the others as `furtherHandshakes[]`. Of a unified header (DTLS
 * 1.3) contentType is "ciphertext", epoch the two bits that are sent, and there is no sequence: it
 * is encrypted. */
void dtls_explain(struct explain *x, struct bytes message,
                  const struct dtls_explain_options *options);

#endif
