/* The network of a simulated call: the two sides with their addresses, each behind its NATs, a STUN
 * server and a stranger if the scenario has them; and whose an address is. */
#ifndef DUET_APPS_SIMNET_H
#define DUET_APPS_SIMNET_H

#include "apps/scenario.h"
#include "apps/simstranger.h"
#include "apps/simstun.h"
#include "peer/connection.h"
#include "sim/world.h"

enum { SIDE_A, SIDE_B, SIDES };

struct simnet {
    const struct scenario *scenario;
    struct sim_world *world;
    size_t host[SIDES];                /* numbers of the world */
    size_t stun_host, stranger_host;   /* SIM_HOSTS_MAX: there is none */
    int nat[SIDES][SCENARIO_NATS_MAX]; /* the same: the inner one first */
    struct simstun stun;
    struct simstranger stranger;
};

/* Makes the world; `scenario` and `peers` are borrowed for its life. False: no memory, and
 * simnet_free is owed all the same. */
bool simnet_init(struct simnet *n, const struct scenario *scenario,
                 struct peer *const peers[SIDES]);
void simnet_free(struct simnet *n); /* fine too if all is zero */

/* Do the two have addresses of this family? */
bool simnet_has_family(const struct scenario *s, bool ipv6);
/* A side's own: RFC 5737's and RFC 1918's, 3849's for IPv6. */
struct addr simnet_address(const struct scenario *s, int side, bool ipv6);
struct addr simnet_stun_address(bool ipv6);

/* The outermost NAT of a side that has one forgets everything and gives out new ports. */
void simnet_rebind(struct simnet *n, int side);

/* "A", "B", "STUN server", "stranger". */
const char *simnet_host_name(const struct simnet *n, size_t host);
/* The side of a host, or SIDES. */
int simnet_side_of(const struct simnet *n, size_t host);
/* The stranger, if the scenario has one, else NULL. */
const struct simstranger *simnet_stranger(const struct simnet *n);
/* Is it somebody who is no party to the call? */
bool simnet_is_stranger(const struct simnet *n, size_t host);
/* Whom an address leads to, NATs seen through: a host's number, or SIM_HOSTS_MAX. */
size_t simnet_whose(const struct simnet *n, const struct addr *addr);

#endif
