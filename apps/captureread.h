/* A capture read packet by packet, each with what it turned out to be: what `duet explain CAPTURE`
 * prints, whichever way it prints it (apps/explaincapture.c and others).
 *
 *     struct captureread *read = captureread_new(file, &options);
 *     for (const struct captured *p; (p = captureread_next(read));) ...
 *     captureread_fault(read)   why the capture ended early
 *     captureread_free(read);
 *
 * Media between ports that speak DTLS anywhere in the capture, on the same interface, is SRTP, else
 * RTP in clear. */
#ifndef DUET_APPS_CAPTUREREAD_H
#define DUET_APPS_CAPTUREREAD_H

#include "apps/explaintypes.h"
#include "trace/capture.h"
#include "trace/datagram.h"

/* One packet, and what it turned out to be. */
struct captured {
    struct capture_item item; /* a CAPTURE_PACKET */
    struct datagram datagram;
    struct bytes message; /* what was explained; else what was carried */
    const char *protocol; /* "stun", "srtp"...; for what is not explained, "udp", "tcp"... */
    struct explain *x;    /* NULL: nothing that we explain */
};

struct captureread; /* opaque */

/* `file` and `options` are borrowed for its life; of a file that is no capture there are no
 * packets, and captureread_fault says why. NULL: no memory. */
struct captureread *captureread_new(struct bytes file, const struct explain_options *options);
void captureread_free(struct captureread *read); /* NULL is fine */
/* The next packet, the reader's own until the next call; NULL: there are no more. */
const struct captured *captureread_next(struct captureread *read);
/* What ended the capture early; err OK: nothing did. */
const struct fault *captureread_fault(const struct captureread *read);

#endif
