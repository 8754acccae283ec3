/* TCP: listening, accepting, connecting; the bytes then go through net/stream. Never blocks. */
#ifndef DUET_NET_TCP_H
#define DUET_NET_TCP_H

#include "net/stream.h"

#define TCP_BACKLOG 128

struct tcp_listener {
    int fd;         /* for loop_add with LOOP_READ; -1 when closed */
    int spare;      /* given up to refuse a client when descriptors run out: see tcp_accept */
    struct addr at; /* with the real port */
    struct fault fault;
    uint64_t accepted;
    uint64_t refused; /* clients closed at once because we had no descriptor for them */
};

/* Listens at `at`; port 0: the kernel chooses. SO_REUSEADDR, IPv6 only on IPv6. On an error `fault`
 * says why and nothing is open. */
enum err tcp_listen(struct tcp_listener *l, const struct addr *at);
void tcp_listener_close(struct tcp_listener *l); /* twice is fine */
/* The next client, in state STREAM_OPEN. False: none now. When the process has no descriptor left
 * the client is accepted and closed at once, else the loop would report it for ever. */
bool tcp_accept(struct tcp_listener *l, struct stream *s);
/* Starts connecting; `s` is then CONNECTING (watch it), OPEN, or FAILED with `fault`. */
enum err tcp_connect(struct stream *s, const struct addr *remote);

#endif
