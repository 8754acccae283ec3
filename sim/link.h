/* One direction of a network path: datagrams go in, and come out later, changed, twice or never.
 * `duet sim` puts it between simulated hosts, `duet call --impair` before real sockets.
 *
 * A machine (docs/architecture.md), without events. What a packet meets, in this order:
 *
 *     loss, MTU, corruption    as it comes in
 *     queue and rate           it waits for those before it, then takes bytes / rate to be sent
 *     delay and jitter         then travels
 *     duplicate, reorder       and arrives
 *
 * Order: packets leave as they came in, whatever the jitter, except those that `reorder` holds
 * back. Two that are due at the same time leave in order of arrival.
 *
 * Luck: every effect's draw for the n-th packet is a function of the rng's seed, the effect and n
 * alone. So another setting of one effect does not change what the others do to a packet.
 *
 * When it is ticked makes no difference to what happens to a packet, only to when it is seen: what
 * was due earlier is done as if it had been done in time. Integers only: the same bytes on every
 * machine. It never looks inside a packet; of its route it looks at the address family alone, for
 * the headers' length. */
#ifndef DUET_SIM_LINK_H
#define DUET_SIM_LINK_H

#include "base/packet.h"
#include "base/rng.h"
#include "sim/linkspec.h"

/* What a link may hold where the config says nothing: a second of 10 Mbit/s, and as many packets
 * as that could be. */
#define SIM_LINK_BYTES   ((size_t)1250000)
#define SIM_LINK_PACKETS ((size_t)4096)

struct sim_link_config {
    struct sim_link_spec spec;            /* from the start on */
    const struct sim_link_script *script; /* or NULL; copied; its steps replace `spec` */
    usec start;                           /* the script's time 0 */
    struct rng rng;                       /* copied: give it a fork of its own */
    size_t packets, bytes;                /* most that it holds; 0: the numbers above */
};

struct sim_link_counters {
    uint64_t in;  /* packets given to sim_link_input */
    uint64_t out; /* packets taken by sim_link_output, copies counted */
    uint64_t bytes_in, bytes_out;
    uint64_t lost;          /* by loss= */
    uint64_t lost_burst;    /* by burst= alone */
    uint64_t dropped_mtu;   /* longer than the MTU */
    uint64_t dropped_queue; /* found the queue full */
    uint64_t dropped_codel; /* waited too long: RFC 8289 */
    uint64_t refused;       /* E_FULL */
    uint64_t duplicated;    /* copies made */
    uint64_t held_back;     /* by reorder= */
    uint64_t reordered;     /* of `out`: came out behind one that had gone in later */
    uint64_t corrupted;
};

struct sim_link; /* opaque */

/* NULL: no memory. Its memory is taken at once but touched only as it is used. */
struct sim_link *sim_link_new(const struct sim_link_config *cfg);
void sim_link_free(struct sim_link *link); /* NULL is fine */
/* As if freed and made anew; `packets` and `bytes` stay those of sim_link_new. */
void sim_link_reset(struct sim_link *link, const struct sim_link_config *cfg);

/* Takes a copy of the packet, route and all. To be lost is OK; E_FULL: it holds as much as it may,
 * the packet is dropped and counted. A time before the last one counts as the last one. */
enum err sim_link_input(struct sim_link *link, const struct packet *in, usec now);
void sim_link_tick(struct sim_link *link, usec now);
/* The next packet that has arrived by `now`; false: none. */
bool sim_link_output(struct sim_link *link, struct packet *out, usec now);
/* When the next packet arrives, or has to be looked at; TIME_NEVER: it is empty. */
usec sim_link_deadline(const struct sim_link *link);
/* From `now` on; what it holds stays, and arrives in order. The script's later steps still come. */
void sim_link_set(struct sim_link *link, const struct sim_link_spec *spec, usec now);

/* What became of the packet of the last sim_link_input, if it was lost there and then: a literal
 * such as "lost in a burst"; NULL: it is inside. (CoDel drops later, as its turn comes.) */
const char *sim_link_dropped(const struct sim_link *link);
/* Why the last refused input was refused; `err` is OK if none was. */
const struct fault *sim_link_fault(const struct sim_link *link);
const struct sim_link_counters *sim_link_counters(const struct sim_link *link);
/* Packets, and copies, that are still to come out or to be dropped: at any time
 * in + duplicated = out + lost + lost_burst + dropped_* + refused + inside. */
size_t sim_link_inside(const struct sim_link *link);

#endif
