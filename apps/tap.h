/* One call's tap: the session shows it everything that goes in, comes out or is decided, and it
 * writes that into the recorder's files, and tells it to those who watch. A session without either
 * has none, and pays for one comparison with NULL where something would be shown. docs/trace.md has
 * the names. */
#ifndef DUET_APPS_TAP_H
#define DUET_APPS_TAP_H

#include "apps/recorder.h"
#include "apps/watch.h"
#include "peer/connection.h"
#include "signaling/message.h"

struct tap; /* opaque */

/* Asks the connection for what the recorder's files need: sets `peer`. `impaired`: what crosses the
 * sockets is not what the connection gets (--impair). `recorder` is borrowed; NULL if nothing is
 * recorded, `peer` is of no use then. NULL: no memory. */
struct tap *tap_new(struct recorder *recorder, struct peer_config *peer, bool impaired, usec now);
void tap_free(struct tap *tap); /* NULL is fine */

/* Shows all that happens from now on to those who watch, as a call that began at `begun` with this
 * participant; first of all, if it is not new, how it stands. NULL: nobody watches any more. The
 * watch is borrowed. */
void tap_watch(struct tap *tap, struct watch *watch, const struct sig_id *remote, usec begun,
               const struct peer *peer, usec now);

/* ---- Datagrams ---- */

/* One crossed a socket; unless the call is impaired, those that came are written by tap_taken. */
void tap_wire(struct tap *tap, const struct packet *packet, bool sent, usec now);
/* Before peer_input, which changes the packet, and after it. */
void tap_before(struct tap *tap, const struct packet *packet);
void tap_taken(struct tap *tap, struct peer *peer, enum err err, usec now);
/* After peer_output made one. */
void tap_made(struct tap *tap, struct peer *peer, const struct packet *packet, usec now);

/* ---- Everything else ---- */

/* A message of the other side, or one for it. */
void tap_message(struct tap *tap, const struct sig_message *m, bool sent, usec now);
/* Before peer_tick: which layers' time has come. */
void tap_tick(struct tap *tap, const struct peer *peer, usec now);
/* An encoded frame came out of the connection, or is put in. */
void tap_frame(struct tap *tap, size_t track, bool video, const struct rtp_frame *frame, bool sent,
               usec now);
/* A name was looked up; NULL: nobody knows it. */
void tap_name(struct tap *tap, const char *name, const struct addr *addr, usec now);
/* What the report says of the call: "ice-state" with its members. Borrows them. */
void tap_event(struct tap *tap, const char *event, const json_t *members, usec now);
/* A decision: what was chosen, and by what rule. Takes over `more` (may be NULL). */
void tap_decision(struct tap *tap, const char *layer, const char *what, const char *chosen,
                  const char *rule, json_t *more, usec now);
/* ICE has selected a pair: over which others, and why. */
void tap_selected(struct tap *tap, const struct peer *peer, usec now);
/* The DTLS state has changed: who is the client, whose certificate it is, which keys SRTP has. */
void tap_dtls(struct tap *tap, const struct peer *peer, usec now);
/* --stats: what the call's statistics are now. */
void tap_stats(struct tap *tap, const json_t *stats, usec now);

#endif
