/* A signaling message (docs/signaling.md) told aloud: through the reader of signaling/message. */
#ifndef DUET_SIGNALING_EXPLAINMESSAGE_H
#define DUET_SIGNALING_EXPLAINMESSAGE_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* What a text message of a WebSocket says, as parts of the field that was said last, and if it is
 * to be `summed_up` shortly in the summary ("offer to 3fd2a1.."). The text lies where it likes:
 * fields have no bytes of their own. False, and nothing was said: it is no message of ours, which
 * is no failure. */
bool sig_message_explain(struct explain *x, struct bytes text, bool summed_up);

#endif
