/* The opening handshake of a WebSocket, both sides: RFC 6455 §4, §11.3; and who may open one:
 * §10.2.
 */
#ifndef DUET_SIGNALING_UPGRADE_H
#define DUET_SIGNALING_UPGRADE_H

#include "base/rng.h"
#include "signaling/http.h"

#define UPGRADE_KEY_LEN    24 /* base64 of 16 bytes */
#define UPGRADE_ACCEPT_LEN 28 /* base64 of a SHA-1 */

/* Sec-WebSocket-Accept for a key, without a NUL: RFC 6455 §4.2.2 item 5.4. */
void upgrade_accept(struct bytes key, char accept[UPGRADE_ACCEPT_LEN]);
/* A fresh Sec-WebSocket-Key, without a NUL: RFC 6455 §4.1 item 7. */
void upgrade_key(struct rng *rng, char key[UPGRADE_KEY_LEN]);

/* Whether a request asks to be upgraded as RFC 6455 §4.2.1 wants it. 101: yes, and `key` is its
 * Sec-WebSocket-Key; else the status to answer (400, 405, 426), with `fault` saying why. */
int upgrade_check_request(const struct http_request *r, struct bytes *key, struct fault *fault);
/* Whether a response accepts what was asked with `key`: RFC 6455 §4.1. E_MALFORMED, E_AUTH (wrong
 * Sec-WebSocket-Accept) or E_UNSUPPORTED (a status other than 101). */
enum err upgrade_check_response(const struct http_response *r, const char key[UPGRADE_KEY_LEN],
                                struct fault *fault);

/* The client's request. `host`: the Host field, with the port unless it is the scheme's own;
 * `origin`: NULL when none is to be sent. */
void upgrade_write_request(struct writer *w, const char *host, const char *target,
                           const char *origin, const char key[UPGRADE_KEY_LEN]);
/* The server's 101. */
void upgrade_write_response(struct writer *w, struct bytes key);

/* RFC 6455 §10.2, against pages elsewhere that open a socket with the user's reach: an origin is
 * fine if it is absent (at == NULL: no browser), names the same host and port as the Host field,
 * or is one of `allowed` (whole origins, "https://example.org"). "null" is only fine if listed. */
bool upgrade_origin_allowed(struct bytes origin, struct bytes host, const char *const *allowed,
                            size_t count);

#endif
