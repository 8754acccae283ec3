/* Where all randomness of a running program comes from: one seed of the kernel's. */
#ifndef DUET_NET_SEED_H
#define DUET_NET_SEED_H

#include "base/err.h"
#include "base/rng.h"

/* Seeds `rng` with RNG_SEED_LEN bytes of the system (getrandom). E_STATE: the kernel gave none;
 * `rng` is then untouched and the program must not go on. */
enum err seed_system(struct rng *rng);

#endif
