/* The UDP sockets of one session: one on every address of this machine that others may reach. */
#ifndef DUET_APPS_SOCKETS_H
#define DUET_APPS_SOCKETS_H

#include "net/loop.h"
#include "net/udp.h"
#include "peer/connection.h"

struct sockets {
    struct loop *loop;
    struct udp list[ICE_SOCKETS_MAX];
    size_t count;
};

/* Opens them and makes each a host candidate of `peer`. Socket i is watched by `loop` under
 * `token` | i. False: there is none. */
bool sockets_open(struct sockets *s, struct loop *loop, uint64_t token, struct peer *peer,
                  usec now);
/* Fine too if they were never opened and all is zero. */
void sockets_close(struct sockets *s);
/* Sends from the socket that is bound to p->route.local; dropped if there is none. */
void sockets_send(struct sockets *s, const struct packet *p);
/* The next datagram of socket `number`; false: none is left, or there is no such socket. */
bool sockets_receive(struct sockets *s, unsigned number, struct packet *out);

#endif
