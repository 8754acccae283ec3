/* OpenSSL's hidden clock and randomness, in the simulator's hands.
 *
 * OpenSSL's DTLS timers read gettimeofday, its certificate checks read time, and every key, nonce
 * and signature draws from RAND. A program that links this defines both clocks itself: while
 * simulating they tell virtual time and RAND gives seeded bytes, so a handshake is the same to the
 * byte in every run; otherwise they tell the system's time. Nothing else in duet may do this: the
 * machines get time and luck as arguments. */
#ifndef DUET_SIM_HOSTCLOCK_H
#define DUET_SIM_HOSTCLOCK_H

#include "base/clock.h"

#include <stdbool.h>

/* From now on it is `unix_us` microseconds since 1970 at virtual time 0, virtual time is 0, and
 * randomness follows from `seed`. May be called again: another run, the clock at 0. */
void hostclock_start(uint64_t seed, int64_t unix_us);
/* Virtual time goes on; it never goes back. */
void hostclock_set(usec now);
/* The system's clock and randomness again. */
void hostclock_stop(void);

#endif
