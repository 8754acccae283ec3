/* A UDP socket that carries packets. Nothing here ends a call: what the network refuses (ICMP
 * unreachable, no route, full buffers) is counted, and ICE finds out by its own checks. */
#ifndef DUET_NET_UDP_H
#define DUET_NET_UDP_H

#include "base/packet.h"

#define UDP_BUFFER (1 << 20) /* bytes asked of the kernel each way; it may give less */

struct udp {
    int fd;           /* for loop_add; -1 when closed */
    struct addr base; /* what it is bound to, with the real port: a host candidate's base */
    struct fault fault;
    uint64_t received, sent;
    uint64_t too_long; /* datagrams over PACKET_MAX, dropped (seen by MSG_TRUNC) */
    uint64_t refused;  /* ICMP errors that earlier sends brought back */
    uint64_t blocked;  /* sends dropped because the kernel's buffer was full */
    uint64_t failed;   /* sends that could not go: no route, too long for the path... */
};

/* Binds to `at`; port 0: the kernel chooses, `base` tells. On an error `fault` says why and nothing
 * is open. IPv6 sockets carry IPv6 only; a link-local address needs its scope. */
enum err udp_open(struct udp *udp, const struct addr *at);
void udp_close(struct udp *udp); /* twice is fine; counters stay */

/* Sends `p` to p->route.remote. E_FULL: no room in the kernel, dropped; E_STATE: refused, dropped.
 * Both are counted and harmless. */
enum err udp_send(struct udp *udp, const struct packet *p);
/* The next datagram, with route.local = base and route.remote = its source. False: none left. */
bool udp_receive(struct udp *udp, struct packet *out);

#endif
