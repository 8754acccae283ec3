/* One datagram, where it came from or goes to, with room before and after its bytes so that
 * layers can wrap it in place (TURN before, SRTP after). */
#ifndef DUET_BASE_PACKET_H
#define DUET_BASE_PACKET_H

#include "base/addr.h"

#include <string.h>

/* The largest datagram that we take or make; a longer one is dropped with a counter. */
#define PACKET_MAX      2048
/* TURN's Send indication needs at most 36 + 20 bytes before the payload (RFC 8656 §11.1). */
#define PACKET_HEADROOM 64
/* SRTP and SRTCP add at most 16 (tag) + 4 (index), libsrtp asks for 144 (SRTP_MAX_TRAILER_LEN). */
#define PACKET_TAILROOM 160

/* Which of our sockets, and which remote address. `local` is the socket's own (base) address. */
struct route {
    struct addr local;
    struct addr remote;
};

struct packet {
    struct route route;
    size_t len;
    uint8_t *at; /* the datagram's first byte, inside `room` */
    uint8_t room[PACKET_HEADROOM + PACKET_MAX + PACKET_TAILROOM];
};

/* Empties a packet: `at` behind the headroom, no route. Must come before the first use. */
static inline void packet_reset(struct packet *p)
{
    p->route = (struct route){0};
    p->at = p->room + PACKET_HEADROOM;
    p->len = 0;
}

static inline struct bytes packet_bytes(const struct packet *p)
{
    return (struct bytes){p->at, p->len};
}

/* Copies a datagram in, behind a fresh headroom. False: longer than PACKET_MAX, nothing changed. */
static inline bool packet_set(struct packet *p, struct bytes b)
{
    if (b.len > PACKET_MAX) return false;
    p->at = p->room + PACKET_HEADROOM;
    if (b.len) memmove(p->at, b.at, b.len);
    p->len = b.len;
    return true;
}

/* A writer over the packet's PACKET_MAX bytes; set `len` from it when done. */
static inline struct writer packet_writer(struct packet *p)
{
    p->at = p->room + PACKET_HEADROOM;
    p->len = 0;
    return writer_of(p->at, PACKET_MAX);
}

/* A copy whose `at` points into its own room. A plain struct copy would point into the old one. */
static inline void packet_copy(struct packet *to, const struct packet *from)
{
    to->route = from->route;
    packet_set(to, packet_bytes(from));
}

#endif
