/* Time is a number that the driver hands in: no machine reads a clock. */
#ifndef DUET_BASE_CLOCK_H
#define DUET_BASE_CLOCK_H

#include <stdint.h>

/* Microseconds since an origin that the driver chooses (monotonic in net/, virtual in sim/). */
typedef int64_t usec;

#define USEC(n)    ((usec)(n))
#define MS(n)      ((usec)(n)*1000)
#define SEC(n)     ((usec)(n)*1000000)
#define TIME_NEVER INT64_MAX

static inline usec usec_min(usec a, usec b)
{
    return a < b ? a : b;
}

static inline usec usec_max(usec a, usec b)
{
    return a > b ? a : b;
}

/* 64 bits of NTP time (RFC 3550 §4): seconds since 1900 in the upper half, fraction in the lower.
 * `unix_us`: microseconds since 1970. */
static inline uint64_t ntp_of_unix_us(int64_t unix_us)
{
    uint64_t sec = (uint64_t)(unix_us / 1000000) + 2208988800u;
    uint64_t us = (uint64_t)(unix_us % 1000000);
    return sec << 32 | ((us << 32) / 1000000);
}

#endif
