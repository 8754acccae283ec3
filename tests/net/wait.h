/* What the tests with real sockets share: waiting on the loop, with an end. */
#ifndef DUET_TESTS_NET_WAIT_H
#define DUET_TESTS_NET_WAIT_H

#include "base/addr.h"
#include "net/clock.h"
#include "net/loop.h"
#include "tests/suite.h"

/* How long a test waits for something that must come. It passes as soon as it comes; only a
 * failing test waits this long. */
#define PATIENCE SEC(20)

static inline struct addr loopback(enum addr_family family)
{
    if (family == ADDR_IPV4) return addr_ipv4(127, 0, 0, 1, 0);
    return (struct addr){.family = ADDR_IPV6, .ip = {[15] = 1}};
}

#endif
