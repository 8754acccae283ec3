/* An HTTP head told aloud, for `duet explain --type http`: through the parser of signaling/http and
 * the checks of signaling/upgrade. RFC 9112, RFC 9110, RFC 6455 §4. */
#ifndef DUET_SIGNALING_EXPLAINHTTP_H
#define DUET_SIGNALING_EXPLAINHTTP_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

struct http_explain_options {
    struct bytes key; /* the Sec-WebSocket-Key that a response answers; none: it is not known */
};

/* Explains `message`, which is the message that `x` was made with (or a view of it): a request or
 * a response, by its first bytes; what follows its empty line is told as its body. `options` may
 * be NULL.
 *
 * Members of a request: method target version headers[{name,value}] upgrade; of a response:
 * version status reason headers[] upgrade accept ("ok", "bad", "unchecked"). `x` fails as
 * http_request_parse and http_response_parse do; that an upgrade would be refused is no failure. */
void http_explain(struct explain *x, struct bytes message,
                  const struct http_explain_options *options);

#endif
