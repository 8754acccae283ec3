/* A datagram in plain words, as far as anybody on the path could read it: for ladders and traces.
 */
#ifndef DUET_APPS_WIRELINE_H
#define DUET_APPS_WIRELINE_H

#include "peer/demux.h"

#define WIRELINE_MAX 256

struct wireline {
    enum demux protocol;
    char words[WIRELINE_MAX]; /* "STUN check, controlling" */
    char brief[WIRELINE_MAX]; /* of a list of DTLS messages the first and the last; else empty */
    /* Datagrams of which one is as interesting as many have the same number and a label for all of
     * them: "check", "media". NULL: each one tells something. */
    const char *label;
    uint32_t alike;
};

/* Reads `datagram` only. Texts are always terminated. */
void wireline_of(struct wireline *w, struct bytes datagram);
/* The words and the size as one text, "STUN check, controlling, 96 bytes": returns `to`. */
const char *wireline(struct bytes datagram, char to[WIRELINE_MAX]);

#endif
