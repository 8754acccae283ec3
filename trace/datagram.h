/* From a captured frame to what a program sent: link layer, IPv4 or IPv6, UDP or TCP. RFC 894 and
 * IEEE 802.1Q (Ethernet), RFC 791, RFC 8200, RFC 768, RFC 9293. */
#ifndef DUET_TRACE_DATAGRAM_H
#define DUET_TRACE_DATAGRAM_H

#include "base/addr.h"

enum datagram_kind {
    DATAGRAM_UDP,
    DATAGRAM_TCP,
    DATAGRAM_FRAGMENT, /* not the first of an IP packet's: there are no ports */
    DATAGRAM_OTHER_IP, /* ICMP and all else over IP */
    DATAGRAM_NOT_IP,   /* ARP and all else */
    DATAGRAM_BROKEN    /* `fault` says why */
};

struct datagram {
    enum datagram_kind kind;
    bool fragmented;      /* the IP packet goes on in others: `payload` is its first part */
    bool cut;             /* the capture holds less of it than there was */
    uint8_t protocol;     /* IP's number: 17 UDP, 6 TCP */
    uint16_t ether_type;  /* 0x0800, 0x86DD; of what is not IP, what it is */
    struct addr from, to; /* ports where the kind has them */
    struct bytes payload; /* what UDP or TCP carries, else what IP carries */
    uint8_t tcp_flags;    /* RFC 9293 §3.1: 1 FIN, 2 SYN, 4 RST, 8 PSH, 16 ACK */
    uint32_t tcp_seq;
    struct fault fault;
};

/* `frame`: as captured; `link`: enum capture_link. Views into `frame`. */
struct datagram datagram_of(struct bytes frame, uint16_t link);
/* "udp", "tcp", "fragment", "ip", "link", "broken" */
const char *datagram_kind_name(enum datagram_kind kind);

#endif
