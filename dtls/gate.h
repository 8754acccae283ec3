/* What OpenSSL may see: before a handshake is finished, records that nobody has authenticated yet
 * must not make it keep more than 64 KiB (RFC 6347 §4.1.1.1 and §4.2.3 leave the bounds to us).
 *
 * OpenSSL 3.0 keeps up to 100 records of the next epoch in 16 KiB buffers each, and up to ten
 * messages ahead at the length that their first fragment claims. So encrypted records wait here
 * until their keys are there, and claims are added up here. */
#ifndef DUET_DTLS_GATE_H
#define DUET_DTLS_GATE_H

#include "dtls/handshake.h"
#include "dtls/record.h"

/* Where the handshake is, as far as reading goes. */
enum dtls_gate_stage {
    DTLS_GATE_PLAIN, /* before the peer's ChangeCipherSpec: epoch 0 */
    DTLS_GATE_LAST,  /* the same, and that is what comes next */
    DTLS_GATE_KEYED, /* after it, before its Finished: epoch 1 */
    DTLS_GATE_DONE   /* after the handshake */
};

/* Messages of a handshake are numbered from 0 (RFC 6347 §4.2.2); the longest has eight a side,
 * with a HelloVerifyRequest and its second ClientHello. */
#define DTLS_GATE_MESSAGES 16
/* Finished, sent again after the handshake because our last flight was lost: each that proves true
 * makes OpenSSL repeat that flight, and it counts them against its limit of 12. */
#define DTLS_GATE_REPEATS  10

struct dtls_gate {
    enum dtls_role role; /* whose messages are expected: a server takes a client's */
    uint32_t claimed[DTLS_GATE_MESSAGES]; /* the length announced for each message, 0: none */
    unsigned repeats; /* of our last flight: whoever feeds OpenSSL counts them */
    size_t overhead;  /* what the suite adds to each record; it is known once a record has keys */
    bool alerted;     /* an alert in clear came: whoever reads `alert` resets it */
    struct dtls_alert alert;
    size_t early_len; /* bytes used: each datagram or record behind its 16-bit length */
    uint8_t *early;   /* DTLS_EARLY_MAX bytes until the handshake is done; NULL: none is kept */
};

/* False: no memory. */
bool dtls_gate_init(struct dtls_gate *gate);
/* Gives the memory back; nothing is kept any more. Twice does no harm. */
void dtls_gate_close(struct dtls_gate *gate);

/* May OpenSSL read this record now? If not, it was kept for later (`why->err` is OK) or dropped
 * (`why` says why, a counter too). */
bool dtls_gate_admit(struct dtls_gate *gate, enum dtls_gate_stage stage,
                     const struct dtls_record *record, struct fault *why,
                     struct dtls_counters *counters);
/* Keeps bytes for later. False: no room. */
bool dtls_gate_keep(struct dtls_gate *gate, struct bytes bytes);
/* How many were kept. */
size_t dtls_gate_kept(const struct dtls_gate *gate);
/* The oldest of them into `to`, which is empty and has room for PACKET_MAX. False: none. */
bool dtls_gate_take(struct dtls_gate *gate, struct writer *to);

#endif
