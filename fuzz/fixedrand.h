/* OpenSSL's randomness from a seed, so that an input is one run. Include this before OpenSSL's own
 * headers, in one file of a target. */
#ifndef DUET_FUZZ_FIXEDRAND_H
#define DUET_FUZZ_FIXEDRAND_H

#define OPENSSL_API_COMPAT 10100 /* RAND_METHOD is deprecated since 3.0, and the only hook */
#include <openssl/rand.h>

#include "base/rng.h"

static struct rng fixedrand;

static inline int fixedrand_fill(unsigned char *to, int len)
{
    rng_fill(&fixedrand, to, (size_t)len);
    return 1;
}

static inline int fixedrand_ready(void)
{
    return 1;
}

/* From here on as from the beginning. */
static inline void fixedrand_start(void)
{
    static const RAND_METHOD method = {
        .bytes = fixedrand_fill, .pseudorand = fixedrand_fill, .status = fixedrand_ready};
    rng_init_number(&fixedrand, 1);
    RAND_set_rand_method(&method);
}

#endif
