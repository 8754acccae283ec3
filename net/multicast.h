/* A UDP socket of a multicast group, on every interface that can multicast. It shares its port with
 * the other programs of the machine that do so too (RFC 6762 §15.1). */
#ifndef DUET_NET_MULTICAST_H
#define DUET_NET_MULTICAST_H

#include "net/udp.h"

#define MULTICAST_LINKS_MAX 16 /* interfaces joined */

struct multicast {
    struct udp udp;
    uint64_t not_to_group;               /* datagrams sent to one of our own addresses: dropped */
    uint32_t links[MULTICAST_LINKS_MAX]; /* indexes of the interfaces joined */
    size_t link_count;
};

/* The next datagram that was sent to the group, as udp_receive has it. Who sends to one of our own
 * addresses may be anywhere; to the group sends only who is on the link (RFC 6762 §11). */
bool multicast_receive(struct multicast *m, struct packet *out);

/* Joins `group` (address and port) wherever it can. On an error udp.fault says why and nothing is
 * open; E_STATE also when there is no interface to join on. */
enum err multicast_open(struct multicast *m, const struct addr *group);
void multicast_close(struct multicast *m); /* twice is fine */
/* Sends `p` to p->route.remote out of every interface joined. OK: at least one took it. */
enum err multicast_send(struct multicast *m, const struct packet *p);

#endif
