/* Writing a pcapng capture, a block at a time, into whatever the caller then puts into a file.
 * The PCAP Next Generation file format: draft-ietf-opsawg-pcapng.
 *
 * A file is a section, its interfaces, and then packets and secrets as they come:
 *
 *     pcapng_section(&w, "duet 0.1.0");
 *     pcapng_interface(&w, "wire", "...");      interface 0
 *     pcapng_packet(&w, &packet);
 *
 * Every function writes one whole block or, with w->err, nothing of use. Each block stands alone,
 * so a file that ends with any of them is a good one. Numbers are in network byte order, which the
 * section's magic tells (§4.1). */
#ifndef DUET_TRACE_PCAPNG_H
#define DUET_TRACE_PCAPNG_H

#include "base/clock.h"
#include "base/packet.h"
#include "trace/wrap.h"

/* LINKTYPE_RAW: an IP packet without a link; its first four bits say which IP. */
#define PCAPNG_RAW         101
/* Room that the longest block of a packet of PACKET_MAX bytes with a comment needs. */
#define PCAPNG_COMMENT_MAX 256
#define PCAPNG_BLOCK_MAX   (PACKET_MAX + WRAP_HEADERS_MAX + PCAPNG_COMMENT_MAX + 64)

/* §4.1, with the program's name as shb_userappl. */
void pcapng_section(struct writer *w, const char *application);
/* §4.2: of raw IP, with timestamps in microseconds. The first is interface 0. */
void pcapng_interface(struct writer *w, const char *name, const char *description);
/* §4.7: a Decryption Secrets Block with lines of a TLS key log. It must come before the packets
 * that it opens, for readers that read once. */
void pcapng_secrets(struct writer *w, struct bytes keylog);

struct pcapng_packet {
    uint32_t interface;
    int64_t unix_us; /* microseconds since 1970 */
    bool outbound;   /* we sent it */
    struct addr from, to;
    struct bytes payload;
    const char *comment; /* at most PCAPNG_COMMENT_MAX bytes are written; or NULL */
};

/* §4.3: an Enhanced Packet Block of a UDP datagram. False: wrap_udp refuses it, and nothing
 * was written. */
bool pcapng_packet(struct writer *w, const struct pcapng_packet *packet);
/* §4.6: an Interface Statistics Block: how many packets came, and how many of those are not in the
 * file for want of room. */
void pcapng_statistics(struct writer *w, uint32_t interface, int64_t unix_us, uint64_t received,
                       uint64_t dropped);

#endif
