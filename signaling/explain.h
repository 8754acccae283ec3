/* A stream of WebSocket frames told aloud, for `duet explain --type ws`: through the reader of
 * signaling/websocket. RFC 6455 §5 to §8. */
#ifndef DUET_SIGNALING_EXPLAIN_H
#define DUET_SIGNALING_EXPLAIN_H

#include "signaling/websocket.h"

struct explain; /* base/explain.h */

#define WS_EXPLAIN_MESSAGE_MAX 65536 /* where the options are NULL or say 0 */

struct ws_explain_options {
    enum ws_role role;  /* who reads: a server reads masked frames */
    size_t max_message; /* bytes of the longest message; 0: WS_EXPLAIN_MESSAGE_MAX */
};

/* Explains `message`, which is the message that `x` was made with (or a view of it): frames after
 * the upgrade. `options` may be NULL: a server reads.
 *
 * Members: messages[{opcode, text or length and hexStart}], pongs[] (the payloads, as hex, that the
 * reader owes: one for each ping), close{code,reason}, fail{code,rule,offset} (the rule that was
 * broken and the code that the Close frame should carry), incomplete (the stream ends inside a
 * frame or a message). A broken rule is no failure of `x`: RFC 6455 §7.1.7 says what to do about
 * it. `x` fails only with E_NOMEM. */
void ws_explain(struct explain *x, struct bytes message, const struct ws_explain_options *options);

#endif
