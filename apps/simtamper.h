/* Somebody on the path of a simulated call: sees every packet of both, and flips bits in some,
 * drops some, repeats some later, and lets some overtake others. Invariants 3, 5 and 6. */
#ifndef DUET_APPS_SIMTAMPER_H
#define DUET_APPS_SIMTAMPER_H

#include "sim/world.h"

#define SIMTAMPER_KEPT 8 /* packets to repeat */

struct simtamper {
    struct rng rng;
    struct simtamper_packet {
        size_t host; /* which sent it; SIM_HOSTS_MAX: nothing kept here */
        struct packet packet;
    } kept[SIMTAMPER_KEPT];
};

void simtamper_init(struct simtamper *t, uint64_t seed);
/* `sent`: a step of type SIM_SENT, whose packet may be changed. */
void simtamper_bend(struct simtamper *t, struct sim_world *world, struct sim_step *sent);

#endif
