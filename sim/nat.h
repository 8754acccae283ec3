/* A NAT, and the firewall that comes with it: for UDP, in the words of RFC 4787 and 5780.
 *
 * It stands between an inside and an outside and works on packets on the wire, where
 * `packet.route.local` is the source address and `packet.route.remote` the destination. A packet
 * from inside makes a mapping (inside address and port, and how it is seen outside) or uses the
 * one that is there; a packet from outside comes in if its destination is a mapping's and the
 * filter lets its source through.
 *
 * IPv4 is translated. IPv6 never is (RFC 4864 §2.2): for it the same machine is the firewall of
 * RFC 6092, which keeps the same state and filters by it, but changes no address.
 *
 * Two NATs in a row are two machines: outbound through the inner one and then the outer one,
 * inbound the other way round. It allocates nothing after sim_nat_new. */
#ifndef DUET_SIM_NAT_H
#define DUET_SIM_NAT_H

#include "base/clock.h"
#include "base/packet.h"
#include "base/rng.h"

#define SIM_NAT_MAPPINGS_MAX 256
/* How many remote endpoints the filter remembers, over all mappings. */
#define SIM_NAT_SESSIONS_MAX 1024
#define SIM_NAT_OUTSIDE_MAX  4
/* RFC 4787 §4.3 (REQ-5) asks for two minutes at least and recommends five. */
#define SIM_NAT_EXPIRY       SEC(300)
/* The ports given out: RFC 4787 §4.2.1 leaves the well-known ones to the NAT itself. */
#define SIM_NAT_PORT_MIN     1024
#define SIM_NAT_PORT_COUNT   (65536u - SIM_NAT_PORT_MIN)

/* RFC 4787 §4.1 for mappings: which packets from one inside address and port share a mapping.
 * RFC 4787 §5 for filters: whom a packet must have gone to so that one may come back. */
enum sim_nat_behaviour {
    SIM_NAT_NONE,                      /* mapping: addresses stay; filter: everything passes */
    SIM_NAT_ENDPOINT_INDEPENDENT,      /* all that it sends; anyone */
    SIM_NAT_ADDRESS_DEPENDENT,         /* all to one address; that address, from any port */
    SIM_NAT_ADDRESS_AND_PORT_DEPENDENT /* all to one address and port; that one alone */
};

/* Port assignment: RFC 4787 §4.2.1. Never the same port for two mappings ("overloading"). */
enum sim_nat_ports {
    SIM_NAT_PORTS_PRESERVED, /* the inside port if it is free, else the next free one above */
    SIM_NAT_PORTS_SEQUENTIAL,
    SIM_NAT_PORTS_RANDOM
};

/* Which packets renew a mapping and the filter's memory: RFC 4787 §4.3. */
enum sim_nat_refresh {
    SIM_NAT_REFRESH_OUTBOUND, /* what REQ-6 asks for */
    SIM_NAT_REFRESH_INBOUND,
    SIM_NAT_REFRESH_BOTH,
    SIM_NAT_REFRESH_NEVER /* a mapping lives `expiry` and no longer */
};

/* All zero: passes everything unchanged. sim/natspec.h reads one from text. */
struct sim_nat_config {
    enum sim_nat_behaviour mapping;   /* of IPv4; IPv6 is never translated */
    enum sim_nat_behaviour filtering; /* of both; where IPv4 is translated, NONE and
                                         ENDPOINT_INDEPENDENT are the same */
    bool blocked;                     /* no UDP passes, either way */
    bool hairpin;                     /* RFC 4787 §6: inside hosts reach each other through their
                                         outside addresses, and see those (REQ-9) */
    enum sim_nat_ports ports;
    enum sim_nat_refresh refresh;
    usec expiry;            /* of a mapping that nothing renews, and of each remote endpoint that
                               the filter knows; 0: SIM_NAT_EXPIRY */
    unsigned port_count;    /* how many, from SIM_NAT_PORT_MIN on; 0: SIM_NAT_PORT_COUNT */
    unsigned mapping_count; /* 0: SIM_NAT_MAPPINGS_MAX, which is the most of all */

    /* Addresses to be seen with, IPv4, their ports do not count. One is in use at a time, at first
     * the first; rebinding may move on to the next. May be empty if nothing is translated. */
    struct addr outside[SIM_NAT_OUTSIDE_MAX];
    size_t outside_count;
    struct rng rng; /* for SIM_NAT_PORTS_RANDOM */
};

struct sim_nat; /* opaque */

/* Copies the config. NULL: no memory. */
struct sim_nat *sim_nat_new(const struct sim_nat_config *cfg);
void sim_nat_free(struct sim_nat *nat); /* NULL is fine */

/* A packet from inside: its source becomes the mapping's outside address, or stays if nothing is
 * translated. If it is for an address of our own (sim_nat_owns), it is turned round: `*turned` is
 * true, its source is the sender's outside address, its destination an inside host's address, and
 * it goes back inside without passing sim_nat_inbound. Otherwise `*turned` is false.
 *
 * Errors mean dropped, the packet is as it was, sim_nat_fault says why: E_UNSUPPORTED (blocked; no
 * hairpinning; no outside address to be seen with), E_STATE (turned round, but nothing is mapped
 * there, or the filter refuses it), E_FULL (mappings, sessions or ports), E_MALFORMED (source and
 * destination are not of one family). */
enum err sim_nat_outbound(struct sim_nat *nat, struct packet *p, bool *turned, usec now);

/* A packet from outside: its destination becomes the inside address that is mapped there, or stays
 * if nothing is translated. Errors as above: E_UNSUPPORTED (blocked), E_STATE (nothing is mapped
 * there, or the filter refuses it), E_MALFORMED. */
enum err sim_nat_inbound(struct sim_nat *nat, struct packet *p, usec now);

/* Is it one of the config's outside addresses (the port does not count)? What comes for them from
 * outside goes to sim_nat_inbound, also when it is not in use now. */
bool sim_nat_owns(const struct sim_nat *nat, const struct addr *address);

/* Does it change the addresses of this family? If not, who is inside is reached from outside by its
 * own address, through sim_nat_inbound. */
bool sim_nat_translates(const struct sim_nat *nat, enum addr_family family);

enum sim_nat_rebinding {
    SIM_NAT_FORGETS,    /* as after a power cut; preserved ports come out as they were */
    SIM_NAT_NEW_PORTS,  /* preserved ports are shifted too: nobody gets the one that it had */
    SIM_NAT_NEW_ADDRESS /* it is seen with the next of its outside addresses */
};

/* Forgets every mapping and all that the filter knew: nothing comes in until something went out. */
void sim_nat_rebind(struct sim_nat *nat, enum sim_nat_rebinding how);

struct sim_nat_counters {
    uint64_t out, in, turned; /* passed; a packet turned round is in neither of the first two */
    uint64_t mappings;        /* made */
    uint64_t expired;         /* of those, gone because nothing renewed them */
    uint64_t rebindings;
    /* dropped */
    uint64_t blocked, malformed;
    uint64_t unmapped; /* nothing is mapped there */
    uint64_t filtered;
    uint64_t no_hairpin;
    uint64_t no_address; /* no outside address to be seen with */
    uint64_t full;       /* mappings or sessions */
    uint64_t no_port;
};

const struct sim_nat_counters *sim_nat_counters(const struct sim_nat *nat);
/* Why the last packet was dropped; its `err` is OK if it was not. */
const struct fault *sim_nat_fault(const struct sim_nat *nat);
/* Mappings at this time; for tests, and whoever wants to show them. */
size_t sim_nat_mappings(struct sim_nat *nat, usec now);

#endif
