/* A connection to a signaling server, kept up: name, TCP, TLS, WebSocket, and again after a loss.
 */
#ifndef DUET_APPS_LINK_H
#define DUET_APPS_LINK_H

#include "net/loop.h"
#include "signaling/client.h"

#define LINK_WHY_MAX 512

struct link; /* opaque */

struct link_config {
    struct sig_url url;
    const char *ca_file; /* further roots to trust for wss://, or NULL */
    struct loop *loop;
    uint64_t token; /* its descriptors report token and token + 1 */
    struct rng *rng;
};

/* NULL: `why` says what to do about it. */
struct link *link_new(const struct link_config *cfg, char why[LINK_WHY_MAX]);
void link_free(struct link *link); /* NULL is fine */

/* What the loop reported is the link's: link_step looks at it. */
bool link_ready(const struct link *link, const struct loop_ready *ready);
/* Everything that is due, and what waits to be sent. */
void link_step(struct link *link, usec now);
/* Messages, and losses of the connection. */
bool link_event(struct link *link, struct sig_client_event *ev, usec now);
usec link_deadline(const struct link *link);
/* Errors as sig_client_send. */
enum err link_send(struct link *link, const struct sig_message *m, usec now);
/* Says goodbye; link_ended follows when all is sent. */
void link_close(struct link *link, usec now);
bool link_ended(const struct link *link);
/* Why the connection could not be made or was lost, and what to do about it; "" if nothing went
 * wrong. */
const char *link_why(const struct link *link);

#endif
