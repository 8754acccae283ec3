/* A stub resolver: host names to addresses, by asking the system's name servers. RFC 1035 §7,
 * RFC 1123 §6.1.3.3, RFC 5452 (forgery), RFC 6761 (localhost), RFC 8305 §3 (both families).
 *
 * Literals, localhost and names of /etc/hosts are answered at once. Names in `.local` are refused:
 * they belong to mdns and must never be shown to a server (RFC 6762 §3). */
#ifndef DUET_NET_RESOLVE_H
#define DUET_NET_RESOLVE_H

#include "base/clock.h"
#include "base/packet.h"
#include "base/rng.h"
#include "net/name.h"

#define RESOLVE_SERVERS_MAX 3  /* as the system's own resolver takes */
#define RESOLVE_NAMES_MAX   32 /* questions at a time */

struct resolve_config {
    struct rng rng; /* for ids that nobody can guess */
    struct addr servers[RESOLVE_SERVERS_MAX];
    size_t server_count;
    struct bytes hosts; /* the text of /etc/hosts; copied */
};

struct resolve;                                                /* opaque */
struct resolve *resolve_new(const struct resolve_config *cfg); /* copies it; NULL: no memory */
void resolve_free(struct resolve *r);                          /* NULL is fine */

/* A command: asks for both A and AAAA; one name_event with `token` follows, perhaps at once.
 * E_MALFORMED: not a host name; E_UNSUPPORTED: `.local`; E_FULL: RESOLVE_NAMES_MAX are asked. */
enum err resolve_ask(struct resolve *r, uint64_t token, struct bytes name, usec now);
/* Forgets the questions of a token; no event follows. */
void resolve_forget(struct resolve *r, uint64_t token);

/* E_AUTH: not from a server of ours, or an id or question that we did not send. */
enum err resolve_input(struct resolve *r, const struct packet *in, usec now);
void resolve_tick(struct resolve *r, usec now);
/* route.remote is the server; route.local is left to the driver. */
bool resolve_output(struct resolve *r, struct packet *out, usec now);
bool resolve_event(struct resolve *r, struct name_event *ev);
usec resolve_deadline(const struct resolve *r);
const struct fault *resolve_fault(const struct resolve *r); /* why the last input was refused */

struct resolve_counters {
    uint64_t sent, answers;
    uint64_t refused; /* input dropped: malformed or not ours */
};
struct resolve_counters resolve_counters(const struct resolve *r);
/* Questions not yet answered; 0: the driver may close its sockets. */
size_t resolve_pending(const struct resolve *r);

#endif
