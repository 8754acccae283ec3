/* A TCP listener for tests, and waiting for it and its streams. */
#ifndef DUET_TESTS_NET_LISTENER_H
#define DUET_TESTS_NET_LISTENER_H

#include "net/tcp.h"
#include "tests/net/wait.h"

/* Waits for whatever either end (or the listener) is watched for. */
static inline void wait_any(struct loop *loop)
{
    struct loop_ready ready[4];
    ck_assert_int_gt(loop_wait(loop, clock_now() + PATIENCE, ready, 4), 0);
}

static inline void listen_at(struct tcp_listener *l, enum addr_family family)
{
    struct addr at = loopback(family);
    ck_assert_msg(tcp_listen(l, &at) == OK, "%s", l->fault.rule);
    ck_assert_uint_ne(l->at.port, 0);
}

#endif
