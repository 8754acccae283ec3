/* The real clocks, for the drivers. Machines never see this header: they are handed `now`. */
#ifndef DUET_NET_CLOCK_H
#define DUET_NET_CLOCK_H

#include "base/clock.h"

/* Microseconds of a clock that never jumps (CLOCK_MONOTONIC): the `now` of every machine. */
usec clock_now(void);
/* Microseconds since 1970 (CLOCK_REALTIME): for NTP time, certificate dates and file stamps. */
int64_t clock_unix_us(void);
/* Microseconds of processor time that this process has used (CLOCK_PROCESS_CPUTIME_ID): for
 * benchmarks, which other programs on the machine should not slow down. */
usec clock_cpu(void);

#endif
