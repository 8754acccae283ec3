/* The pipe between OpenSSL and the handshake machine: whole datagrams in, whole datagrams out.
 * OpenSSL's own memory BIO joins datagrams, and DTLS lives by their borders (RFC 6347 §4.1.1). */
#ifndef DUET_DTLS_BIO_H
#define DUET_DTLS_BIO_H

#include "base/packet.h"

#include <openssl/bio.h>

/* A flight of ours is five messages and less than 2 KiB; retransmitted it comes record by record.
 * What does not fit is lost as if on the way, and counted. */
#define DTLS_BIO_OUT_BYTES     4096
#define DTLS_BIO_OUT_DATAGRAMS 16

/* Lives inside its owner. */
struct dtls_pipe {
    struct bytes in; /* the one datagram that OpenSSL may read next; borrowed for one call */
    size_t mtu;
    bool sealed; /* what is written next begins a new datagram */
    size_t out_len;
    size_t count;                          /* datagrams in `out` */
    uint16_t lens[DTLS_BIO_OUT_DATAGRAMS]; /* oldest first */
    uint8_t *out;     /* DTLS_BIO_OUT_BYTES, from the first record on; NULL: none is waiting */
    uint64_t dropped; /* records that found no room */
};

void dtls_pipe_init(struct dtls_pipe *pipe, size_t mtu);
/* Gives the memory back and forgets what waits; a later record takes new. Twice does no harm. */
void dtls_pipe_close(struct dtls_pipe *pipe);
/* What makes BIOs over pipes; BIO_meth_free it after the last of them. NULL: no memory. */
BIO_METHOD *dtls_bio_method_new(void);
/* A BIO over the pipe, which must outlive it. NULL: no memory. */
BIO *dtls_bio_new(const BIO_METHOD *method, struct dtls_pipe *pipe);
/* Ends a joined datagram: call it after each call into OpenSSL. */
void dtls_pipe_seal(struct dtls_pipe *pipe);
/* The oldest datagram into `out`, whose route is left alone. False: none. */
bool dtls_pipe_pop(struct dtls_pipe *pipe, struct packet *out);

#endif
