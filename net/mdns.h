/* Multicast DNS, the asking half: `.local` names to addresses. RFC 6762;
 * draft-ietf-mmusic-mdns-ice-candidates §3.2. We own no names, so we never answer.
 *
 * Questions go out and answers come in by multicast from and to port 5353: a responder may refuse
 * questions that want a unicast answer (Chromium's does). One machine and one pair of sockets serve
 * all calls of a process; with nothing asked a packet costs a look at one counter. */
#ifndef DUET_NET_MDNS_H
#define DUET_NET_MDNS_H

#include "base/clock.h"
#include "base/packet.h"
#include "net/name.h"

#define MDNS_PORT      5353
#define MDNS_NAMES_MAX 128 /* questions at a time, all calls together */
#define MDNS_NAMES_PER_TOKEN                                                                       \
    10 /* questions at a time of one call: a flood of candidates ends here */
#define MDNS_GIVE_UP_US SEC(5)

/* 224.0.0.251:5353 and [ff02::fb]:5353 (RFC 6762 §3). */
struct addr mdns_group(enum addr_family family);

struct mdns;                       /* opaque */
struct mdns *mdns_new(void);       /* NULL: no memory */
void mdns_free(struct mdns *mdns); /* NULL is fine */

/* A command: asks A and AAAA of `name` in one packet, again with back-off; one name_event with
 * `token` (one a call) follows, from the first packet that has an address of the name. E_MALFORMED:
 * not a host name; E_UNSUPPORTED: not `.local`; E_FULL: a bound above. */
enum err mdns_ask(struct mdns *mdns, uint64_t token, struct bytes name, usec now);
/* Forgets the questions of a token; no event follows. */
void mdns_forget(struct mdns *mdns, uint64_t token);

/* OK also for answers to somebody else's questions, which are most. */
enum err mdns_input(struct mdns *mdns, const struct packet *in, usec now);
void mdns_tick(struct mdns *mdns, usec now);
/* route.remote is a group: the driver sends it out of every interface. */
bool mdns_output(struct mdns *mdns, struct packet *out, usec now);
bool mdns_event(struct mdns *mdns, struct name_event *ev);
usec mdns_deadline(const struct mdns *mdns);
const struct fault *mdns_fault(const struct mdns *mdns); /* why the last input was refused */

struct mdns_counters {
    uint64_t sent, answers;
    uint64_t ignored; /* well formed, not for us */
    uint64_t refused; /* malformed, or not from port 5353 (RFC 6762 §6) */
};
struct mdns_counters mdns_counters(const struct mdns *mdns);
/* Questions not yet answered; 0: the driver may close its sockets. */
size_t mdns_pending(const struct mdns *mdns);

#endif
