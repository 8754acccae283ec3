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

/* Does `got` continue the endless repetition of `pattern` from its `from`-th byte? One comparison
 * a run: a check a byte would take a minute under the sanitizers. */
static inline bool repeats(struct bytes pattern, size_t from, struct bytes got)
{
    while (got.len > 0) {
        struct bytes run = bytes_slice(pattern, from % pattern.len, got.len);
        if (!bytes_equal(run, bytes_slice(got, 0, run.len))) return false;
        from += run.len;
        got = bytes_slice(got, run.len, got.len);
    }
    return true;
}

#endif
