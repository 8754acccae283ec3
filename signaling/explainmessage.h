/* A signaling message (docs/signaling.md) told aloud: through the reader of signaling/message. */
#ifndef DUET_SIGNALING_EXPLAINMESSAGE_H
#define DUET_SIGNALING_EXPLAINMESSAGE_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* A text message of a WebSocket, if it is one of ours: a field with its text (of a long one the
 * beginning), its members as parts of that, and if it is to be `summed_up` a word or two in the
 * summary ("offer to 3fd2a1.."). The text lies where it likes: fields have no bytes of their own.
 * False, and nothing was said: it is none of ours, which is no failure. */
bool sig_message_explain(struct explain *x, struct bytes text, bool summed_up);

#endif
