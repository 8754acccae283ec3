#define _DEFAULT_SOURCE
#include "net/seed.h"

#include "base/bytes.h"

#include <unistd.h>

enum err seed_system(struct rng *rng)
{
    uint8_t seed[RNG_SEED_LEN];
    if (getentropy(seed, sizeof seed) != 0) return E_STATE;
    rng_init(rng, seed);
    bytes_wipe(seed, sizeof seed);
    return OK;
}
