/* `duet call --ladder`: the calls of the program, drawn on standard output as they happen. Three
 * lifelines: the signaling server, we, and the other side; each further participant of the room has
 * one while there is room, and is named after that. The tap of each call (apps/tap.h) says here
 * what it sees, the program what it hears of the server. */
#ifndef DUET_APPS_CALLLADDER_H
#define DUET_APPS_CALLLADDER_H

#include <jansson.h>

#include "peer/connection.h"
#include "signaling/message.h"

/* Media that goes on is drawn so often at least. */
#define CALLLADDER_FOLD SEC(10)

struct callladder; /* opaque */

/* Times count from `start`. NULL: no memory. */
struct callladder *callladder_new(usec start);
void callladder_free(struct callladder *l); /* NULL is fine */
/* Draws what was only counted so far: at the end. */
void callladder_end(struct callladder *l);
/* Time goes on. */
void callladder_tick(struct callladder *l, usec now);

/* ---- The signaling server and we ---- */

/* A message from or to the server itself: "welcome: 1 other is in the room". */
void callladder_server(struct callladder *l, const char *words, bool sent, usec now);
/* The connection to it ended: why. */
void callladder_server_gone(struct callladder *l, const char *why, usec now);

/* ---- A call, by the number that the recorder gave it ---- */

void callladder_went(struct callladder *l, unsigned call, const struct packet *p,
                     const struct peer_plain *plain, usec now);
/* `fault`: why it was not taken; NULL: it was. */
void callladder_came(struct callladder *l, unsigned call, const struct packet *p,
                     const struct peer_plain *plain, const struct fault *fault, usec now);
/* `name`: of its type. */
void callladder_message(struct callladder *l, unsigned call, const struct sig_message *m,
                        const char *name, bool sent, usec now);
/* A `.local` name was looked up; NULL: nobody knows it. */
void callladder_name(struct callladder *l, unsigned call, const char *name, const struct addr *addr,
                     usec now);
/* An event of the report and its members (docs/cli.md). */
void callladder_state(struct callladder *l, unsigned call, const char *event, const json_t *members,
                      usec now);
void callladder_selected(struct callladder *l, unsigned call, const struct ice_pair_info *pair,
                         usec now);
/* The handshake is done: what SRTP's keys are for. */
void callladder_keys(struct callladder *l, unsigned call, const char *profile, usec now);
/* Its lifeline is free for another. */
void callladder_over(struct callladder *l, unsigned call);

#endif
