/* Waiting for sockets: the one blocking call of the program. epoll, or poll where there is none.
 *
 * Nothing calls back. A program's loop stays visible:
 *
 *     for (;;) {
 *         int n = loop_wait(loop, deadline_of_all_machines, ready, COUNT(ready));
 *         for (int i = 0; i < n; i++) read what ready[i].token says, give it to its machine
 *         tick, then drain output and event of every machine
 *     }
 *
 * Level-triggered: what was not read is reported again. A token is a number of the caller's
 * choosing. Handling one item may end the object of a later item of the same batch, so a token
 * should be an index or number that is looked up, not a pointer that may dangle. */
#ifndef DUET_NET_LOOP_H
#define DUET_NET_LOOP_H

#include "base/clock.h"
#include "base/err.h"

#include <stdint.h>

#define LOOP_FDS_MAX       4096       /* descriptors watched; 1,000 clients and their peers fit */
#define LOOP_TOKEN_SIGNALS UINT64_MAX /* the loop's own; every other token is the caller's */

enum {
    LOOP_READ = 1,   /* there is something to read, or the end */
    LOOP_WRITE = 2,  /* there is room to write, or a connect ended */
    LOOP_ERROR = 4,  /* the kernel reports an error or hang-up: read and see; never asked for */
    LOOP_SIGNAL = 8, /* no descriptor: SIGINT or SIGTERM came, `token` is its number */
};

struct loop_ready {
    uint64_t token;
    unsigned what; /* LOOP_ bits */
};

struct loop;
/* With epoll if the system has it. NULL: no memory or no descriptor left (errno says). */
struct loop *loop_new(void);
/* With poll, which every system has. */
struct loop *loop_new_poll(void);
void loop_free(struct loop *loop); /* NULL is fine; watched descriptors stay open */

/* Watches `fd`; `want` is LOOP_READ, LOOP_WRITE, both, or 0 (errors only). E_STATE: not a
 * descriptor, watched already, or LOOP_TOKEN_SIGNALS; E_FULL: LOOP_FDS_MAX reached; E_NOMEM. */
enum err loop_add(struct loop *loop, int fd, uint64_t token, unsigned want);
/* E_STATE: `fd` is not watched. */
enum err loop_change(struct loop *loop, int fd, uint64_t token, unsigned want);
/* Before the descriptor is closed. One that is not watched is no fault. */
void loop_remove(struct loop *loop, int fd);
/* From now on SIGINT and SIGTERM are blocked in this thread and reported by loop_wait. E_STATE:
 * watched already, or the system can't. */
enum err loop_watch_signals(struct loop *loop);

/* Waits until something is ready or `deadline` (of clock_now) has come; one in the past only
 * looks, TIME_NEVER waits for ever. Never returns early from rounding, so a due timer can't make
 * the caller spin. Fills at most `max` (at least 1) items, each descriptor once; returns how many,
 * 0: the deadline came. */
int loop_wait(struct loop *loop, usec deadline, struct loop_ready *ready, int max);

#endif
