/* Why a call failed, in a sentence, with the RFC section that rules: from the cause that the
 * connection names, and from what its layers have counted. Of any connection, real or simulated.
 * The whole account of a failure (apps/account.h) begins with it. */
#ifndef DUET_APPS_CAUSE_H
#define DUET_APPS_CAUSE_H

#include "peer/connection.h"

struct cause {
    char text[512];
    char spec[32]; /* "RFC 8445 7.3"; "": none rules, or the sentence names it */
};

/* Of a connection that has not failed: what it still lacks. Ask before it is closed. */
void cause_of(const struct peer *peer, struct cause *out);
/* What a call that is not connected waits for, in one line that begins with the layer:
 * "ice: no answer to a check yet". */
const char *cause_waiting(const struct peer *peer, char *to, size_t room);

#endif
