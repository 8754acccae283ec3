/* RAND_METHOD is OpenSSL's older door to its randomness: a provider of our own would need some
 * two hundred lines to say the same. Deprecated since 3.0, and there in all of 3.x. */
#define OPENSSL_SUPPRESS_DEPRECATED

/* clock_gettime, gettimeofday. */
#define _DEFAULT_SOURCE

#include "sim/hostclock.h"

#include <openssl/rand.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#include "base/rng.h"

/* The one mutable global of the project: the functions that it stands for have no argument that
 * could carry it. */
static struct {
    bool simulating;
    int64_t unix_us; /* at virtual time 0 */
    usec now;
    struct rng rng;
} host;

static int64_t unix_us_now(void)
{
    if (host.simulating) return host.unix_us + host.now;
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * SEC(1) + ts.tv_nsec / 1000;
}

/* These two stand in the place of the C library's, for every library in the program. */
int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    (void)zone;
    int64_t us = unix_us_now();
    tv->tv_sec = (time_t)(us / SEC(1));
    tv->tv_usec = (suseconds_t)(us % SEC(1));
    return 0;
}

time_t time(time_t *to)
{
    time_t seconds = (time_t)(unix_us_now() / SEC(1));
    if (to) *to = seconds;
    return seconds;
}

static int seeded_bytes(unsigned char *to, int len)
{
    if (len > 0) rng_fill(&host.rng, to, (size_t)len);
    return 1;
}

static int seeded_seed(const void *from, int len)
{
    (void)from, (void)len;
    return 1;
}

static int seeded_add(const void *from, int len, double entropy)
{
    (void)from, (void)len, (void)entropy;
    return 1;
}

static int seeded_status(void)
{
    return 1;
}

static const RAND_METHOD seeded = {.seed = seeded_seed,
                                   .bytes = seeded_bytes,
                                   .add = seeded_add,
                                   .pseudorand = seeded_bytes,
                                   .status = seeded_status};

void hostclock_start(uint64_t seed, int64_t unix_us)
{
    host.simulating = true;
    host.unix_us = unix_us;
    host.now = 0;
    rng_init_number(&host.rng, seed);
    RAND_set_rand_method(&seeded);
}

void hostclock_set(usec now)
{
    host.now = usec_max(host.now, now);
}

void hostclock_stop(void)
{
    host.simulating = false;
    RAND_set_rand_method(NULL);
}
