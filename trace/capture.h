/* Captures as Wireshark and tcpdump write them: pcap (draft-ietf-opsawg-pcap) and pcapng
 * (draft-ietf-opsawg-pcapng), of either byte order, over a file in memory: nothing is copied. */
#ifndef DUET_TRACE_CAPTURE_H
#define DUET_TRACE_CAPTURE_H

#include "base/bytes.h"
#include "base/clock.h"

#define CAPTURE_INTERFACES_MAX 64 /* of a pcapng section; packets of others have no link type */

/* Link-layer header types (the LINKTYPE_ registry) that trace/datagram.h reads. */
enum capture_link {
    CAPTURE_NULL = 0, /* BSD loopback: the address family in the capturing machine's order */
    CAPTURE_ETHERNET = 1,
    CAPTURE_RAW = 101,       /* an IP packet, of either version */
    CAPTURE_LOOP = 108,      /* OpenBSD loopback: the family in network order */
    CAPTURE_LINUX_SLL = 113, /* Linux cooked, v1 */
    CAPTURE_IPV4 = 228,
    CAPTURE_IPV6 = 229,
    CAPTURE_LINUX_SLL2 = 276, /* Linux cooked, v2 */
    CAPTURE_LINK_UNKNOWN = 0xFFFF
};

/* pcapng, Decryption Secrets Block: what its secrets are. */
#define CAPTURE_SECRETS_TLS 0x544C534Bu /* a key log in NSS's format */

enum capture_kind { CAPTURE_PACKET, CAPTURE_SECRETS };

/* One packet, or a block of secrets. Views into the file. */
struct capture_item {
    enum capture_kind kind;
    struct bytes data;     /* as captured, link-layer header first; or the secrets */
    size_t offset;         /* of its header in the file */
    size_t number;         /* packets: from 1 on, as Wireshark counts */
    usec time;             /* since 1970; 0 where the file does not say */
    uint32_t original;     /* how long the packet was, before it was cut to `data` */
    uint16_t link;         /* enum capture_link, or another number */
    uint32_t interface;    /* which one of its section, from 0; pcap: 0 */
    uint32_t secrets_type; /* CAPTURE_SECRETS_TLS, or another */
};

struct capture_interface {
    uint16_t link;
    uint32_t snap;      /* 0: no bound */
    uint8_t resolution; /* if_tsresol: 10^-n s, or 2^-n with the top bit */
    int64_t offset_s;   /* if_tsoffset */
};

struct capture {
    struct reader r; /* over the file */
    bool next_generation, little;
    struct capture_interface interfaces[CAPTURE_INTERFACES_MAX]; /* pcap: the first one */
    size_t interface_count;
    size_t packets;
    struct fault fault; /* why capture_next ended early, or capture_open refused */
};

/* Does it begin as such a file does? Only the first four bytes are looked at. */
bool capture_is(struct bytes file);
/* E_TRUNCATED, E_MALFORMED, E_UNSUPPORTED (a version that we don't know). `file` is borrowed. */
enum err capture_open(struct capture *c, struct bytes file);
/* The next item, false at the end or when the file breaks a rule: c->fault tells. */
bool capture_next(struct capture *c, struct capture_item *item);

#endif
