#define _POSIX_C_SOURCE 200809L
#include "net/clock.h"

#include <time.h>

static int64_t microseconds(clockid_t which)
{
    struct timespec t = {0};
    clock_gettime(which, &t); /* fails only for clocks that don't exist */
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

usec clock_now(void)
{
    return microseconds(CLOCK_MONOTONIC);
}

int64_t clock_unix_us(void)
{
    return microseconds(CLOCK_REALTIME);
}

usec clock_cpu(void)
{
    return microseconds(CLOCK_PROCESS_CPUTIME_ID);
}
