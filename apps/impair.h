/* --impair: a bad network between a call and its real sockets, one simulated link each way. The
 * sockets' owner hands over what is to be sent and what came, and takes out what has got through.
 */
#ifndef DUET_APPS_IMPAIR_H
#define DUET_APPS_IMPAIR_H

#include "sim/link.h"

struct impair; /* opaque */

/* Reads the option's text. False: `error` holds one line that names the part that is wrong. */
bool impair_option(const char *text, struct sim_link_script *script, char *error, size_t room);

/* Both ways alike, each with luck of its own from the script's first seed (none: 1). The script
 * begins at `now`, and is copied. NULL: no memory. */
struct impair *impair_new(const struct sim_link_script *script, usec now);
void impair_free(struct impair *impair); /* NULL is fine */

/* A packet sets out: from us, or from the sockets towards us. What does not fit is lost. */
void impair_send(struct impair *impair, const struct packet *packet, usec now);
void impair_receive(struct impair *impair, const struct packet *packet, usec now);
/* The next packet that has got through: for the sockets, or for us. False: none. */
bool impair_sent(struct impair *impair, struct packet *packet, usec now);
bool impair_received(struct impair *impair, struct packet *packet, usec now);
/* When one of those has something. */
usec impair_deadline(const struct impair *impair);

#endif
