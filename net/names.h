/* The drivers' name service: resolve and mdns over real sockets, in one object a process. Sockets
 * are open only while something is asked: every batch of questions has new random ports
 * (RFC 5452 §9.2), and a chatty network costs nothing between calls.
 *
 * There are two ways to ask, so that a candidate's name can't reach a server by mistake. */
#ifndef DUET_NET_NAMES_H
#define DUET_NET_NAMES_H

#include "base/clock.h"
#include "base/rng.h"
#include "net/name.h"

struct loop;
struct names; /* opaque */

/* Reads /etc/resolv.conf and /etc/hosts. Its sockets are watched in `loop` under `loop_token`: when
 * that is ready, or names_deadline has come, call names_step. Draws a generator of its own from
 * `rng`. NULL: no memory. */
struct names *names_new(struct loop *loop, uint64_t loop_token, struct rng *rng);
void names_free(struct names *names); /* NULL is fine */

/* A server that the user named, or any literal: DNS, /etc/hosts; `.local` goes to mDNS. Errors as
 * resolve_ask and mdns_ask; `token` comes back in the event. */
enum err names_ask(struct names *names, uint64_t token, struct bytes name, usec now);
/* A name of a remote candidate: mDNS or nothing (E_UNSUPPORTED). One `token` a call. */
enum err names_ask_local(struct names *names, uint64_t token, struct bytes name, usec now);
/* Forgets what the token asked: its call ended. */
void names_forget(struct names *names, uint64_t token);

/* Receives, ticks and sends until all is dry. */
void names_step(struct names *names, usec now);
bool names_event(struct names *names, struct name_event *ev);
usec names_deadline(const struct names *names);

#endif
