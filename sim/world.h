/* A seeded world of hosts, links and NATs under one virtual clock.
 *
 * It drives the same machines that net/ drives, by the five verbs of base/machine.h, and knows no
 * protocol. A host's packet goes through the host's link (delay, loss and all else of its way),
 * through the NATs that the host sits behind, over the public network, which takes no time, and
 * through the NATs of whoever it is for. Nothing calls back: whoever runs the world takes one step
 * after the other and sees each, so that it can look at a packet, bend it, check what must hold, or
 * give commands. */
#ifndef DUET_SIM_WORLD_H
#define DUET_SIM_WORLD_H

#include "base/machine.h"
#include "sim/link.h"
#include "sim/nat.h"

#define SIM_HOSTS_MAX     16
#define SIM_NATS_MAX      8
#define SIM_ADDRESSES_MAX 4 /* of one host */

/* Where an address is: behind a NAT, named by its number, or open to everyone. */
#define SIM_PUBLIC (-1)

struct sim_world; /* opaque */

struct sim_host_config {
    const char *name; /* a literal */
    struct sim_host_address {
        struct addr ip; /* its port does not count */
        int network;    /* SIM_PUBLIC or the number of a NAT */
    } addresses[SIM_ADDRESSES_MAX];
    size_t address_count;
    bool spoofs;                        /* it may send from any address, over the public network */
    const struct sim_link_config *link; /* for what it sends; NULL: a perfect one. Copied; its rng
                                           is the world's */
    const struct machine *machine;      /* NULL: it only listens */
    void *self;                         /* borrowed */
};

/* NULL: no memory. Two worlds with the same seed and the same calls are the same to the byte. */
struct sim_world *sim_world_new(uint64_t seed);
void sim_world_free(struct sim_world *world); /* NULL is fine; the machines are their owner's */

/* A NAT between `inside`, the network that it makes, and `outer`, where its own addresses are.
 * `*nat` is its number, which names the network inside. A NAT's rng is the world's: the config's
 * is not looked at. E_FULL: SIM_NATS_MAX; E_STATE: no such outer network; E_NOMEM. */
enum err sim_world_add_nat(struct sim_world *world, const struct sim_nat_config *cfg, int outer,
                           int *nat);
/* E_FULL, E_STATE (no such network), E_NOMEM. */
enum err sim_world_add_host(struct sim_world *world, const struct sim_host_config *cfg,
                            size_t *host);

usec sim_world_now(const struct sim_world *world);
/* The NAT of a number, for rebinding and counters. */
struct sim_nat *sim_world_nat(struct sim_world *world, int nat);
/* A host's link, for changes and counters; NULL: a perfect one. */
struct sim_link *sim_world_link(struct sim_world *world, size_t host);

/* What the last step was. */
struct sim_step {
    enum {
        SIM_SENT,    /* `host` sends `packet`: it may be changed; with len 0 it is never sent */
        SIM_DROPPED, /* the link of `host` lost the packet that was sent just before: `why` */
        SIM_ARRIVED, /* `host` took `packet`, which `from` had sent, or refused it with `err` */
        SIM_LOST,    /* no NAT let `packet`, from `host`, pass, or nobody has its address: `why` */
        SIM_TICKED   /* `host` had something due */
    } type;
    size_t host, from;
    struct packet *packet; /* lives until the next step; SRTP in it may be decrypted */
    enum err err;
    const char *why; /* a literal */
};

/* The next thing that happens until `until`; false: nothing more, and it is `until` now. */
bool sim_world_step(struct sim_world *world, usec until, struct sim_step *step);
/* A command was given to the host's machine, or its events were taken: it may have something to
 * send, and another deadline. */
void sim_world_woken(struct sim_world *world, size_t host);
/* A packet that no machine made, into the link of `host`, which must have one: what somebody on the
 * path adds. */
void sim_world_inject(struct sim_world *world, size_t host, const struct packet *packet);

#endif
