/* Whole connections in memory, for the benchmarks: what one costs to set up, and what it holds. */
#ifndef DUET_APPS_BENCHCALL_H
#define DUET_APPS_BENCHCALL_H

#include <stdbool.h>
#include <stddef.h>

/* What the calls share, the certificate. NULL: could not be made. */
void *bench_calls_begin(void);
/* Sets up `count` calls, from two new connections to both of them connected, and frees them. */
bool bench_calls(void *shared, size_t count);
void bench_calls_end(void *shared);
/* Heap bytes of one connected connection, all libraries' included, without any track's buffers if
 * `bare`; 0: this C library does not tell. */
size_t bench_connection_bytes(bool bare);

#endif
