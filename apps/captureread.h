/* A capture read packet by packet, each with what it turned out to be: what `duet explain CAPTURE`
 * prints, whichever way it prints it (apps/explaincapture.c and others).
 *
 *     struct captureread *read = captureread_new(file, &options);
 *     for (const struct captured *p; (p = captureread_next(read));) ...
 *     captureread_fault(read)   why the capture ended early
 *     captureread_free(read);
 *
 * Media between ports that speak DTLS anywhere in the capture, on the same interface, is SRTP, else
 * RTP in clear. A key log, options.keylog or the capture's own, opens SRTP and encrypted records
 * (apps/explainsession.h). Descriptions in the capture, in its signaling or announced (RFC 2974;
 * the plain interface of our own captures has one), give the passwords of ICE, and the first of
 * them names payload types and header extensions; what `options` have of these comes before. */
#ifndef DUET_APPS_CAPTUREREAD_H
#define DUET_APPS_CAPTUREREAD_H

#include "apps/explainstream.h"
#include "apps/explaintypes.h"
#include "trace/capture.h"
#include "trace/datagram.h"

#define CAPTURED_MORE_MAX EXPLAINSTREAM_FOUND_MAX

/* What else a packet turned out to hold: a TCP segment may end several messages. */
struct captured_more {
    struct explain *x;
    bool inside; /* a part of what stands before it, as a description within a WebSocket message */
};

/* One packet, and what it turned out to be. */
struct captured {
    struct capture_item item; /* a CAPTURE_PACKET */
    struct datagram datagram;
    struct bytes message; /* what was explained: carried, or decrypted; else what was carried */
    const char *protocol; /* "stun", "srtp"...; for what is not explained, "udp", "tcp"... */
    bool decrypted;       /* SRTP: `message` is what was inside; DTLS: records in it were opened */
    struct explain *x;    /* NULL: nothing that we explain */
    const char *remark;   /* TCP: of a segment that completes nothing, why; "" otherwise */
    size_t more_count;
    struct captured_more more[CAPTURED_MORE_MAX];
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
/* What there is to say about the key log, after the last packet: the i-th sentence into `text`;
 * false: no more. */
bool captureread_remark(const struct captureread *read, size_t i, char *text, size_t room);

#endif
