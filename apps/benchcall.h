/* Whole connections in memory, for the benchmarks: what one costs to set up, and what it holds. */
#ifndef DUET_APPS_BENCHCALL_H
#define DUET_APPS_BENCHCALL_H

#include "apps/bench.h"
#include "base/clock.h"
#include "base/packet.h"

struct peer;

/* What the calls share, the certificate. NULL: could not be made. */
void *bench_calls_begin(const struct bench *self);
/* Sets up `count` calls, from two new connections to both of them connected, and frees them. */
bool bench_calls(void *shared, size_t count);
void bench_calls_end(void *shared);
/* One connected call. NULL: could not be made. */
struct bench_call *bench_call_new(void);
void bench_call_free(struct bench_call *call); /* NULL is fine */
/* One of its sides, 0 or 1, the route by which it receives, and the time. */
struct peer *bench_call_side(struct bench_call *call, int side, struct route *route, usec *now);
/* The other side says something: from then on side 0 hears a stream of Opus, of the SSRC that is
 * returned; 0: it could not. */
uint32_t bench_call_hear(struct bench_call *call);
/* Heap bytes of one connected connection, all libraries' included, without any track's buffers if
 * `bare`; 0: this C library does not tell. */
size_t bench_connection_bytes(bool bare);

#endif
