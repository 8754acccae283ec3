#include "trace/datagram.h"

#include "trace/capture.h"

#define ETHER_IPV4     0x0800
#define ETHER_IPV6     0x86DD
#define EXTENSIONS_MAX 8 /* of IPv6: a packet with more is somebody's experiment */

enum { PROTOCOL_HOP_BY_HOP = 0, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };
enum { PROTOCOL_ROUTING = 43, PROTOCOL_FRAGMENT = 44, PROTOCOL_AH = 51, PROTOCOL_OPTIONS = 60 };

/* BSD's loopback header: 2 is IPv4 everywhere, IPv6 has another number on each system. */
static uint16_t family_type(uint32_t family)
{
    switch (family) {
    case 2: return ETHER_IPV4;
    case 10: /* Linux */
    case 24: /* NetBSD, OpenBSD */
    case 28: /* FreeBSD */
    case 30: /* Darwin */ return ETHER_IPV6;
    }
    return 0;
}

/* IEEE 802.1Q and 802.1ad: tags between the addresses and the type. */
static uint16_t ethernet_type(struct reader *r)
{
    uint16_t type = read_u16(r);
    while (type == 0x8100 || type == 0x88A8 || type == 0x9100) {
        read_skip(r, 2);
        type = read_u16(r);
    }
    return type;
}

static uint16_t ip_version_type(struct reader *r)
{
    return reader_peek(r) >> 4 == 4 ? ETHER_IPV4 : reader_peek(r) >> 4 == 6 ? ETHER_IPV6 : 0;
}

/* The link layer's header; answers what stands behind it, 0: nothing that we know. */
static uint16_t read_link(struct reader *r, uint16_t link)
{
    struct bytes family;
    uint16_t type;
    switch (link) {
    case CAPTURE_NULL:
        /* In the order of the machine that captured: no family is above 255. */
        family = read_bytes(r, 4);
        return family.len ? family_type(family.at[0] ? family.at[0] : family.at[3]) : 0;
    case CAPTURE_LOOP: return family_type(read_u32(r));
    case CAPTURE_ETHERNET: read_skip(r, 12); return ethernet_type(r);
    case CAPTURE_RAW: return ip_version_type(r);
    case CAPTURE_IPV4: return ETHER_IPV4;
    case CAPTURE_IPV6: return ETHER_IPV6;
    case CAPTURE_LINUX_SLL: read_skip(r, 14); return ethernet_type(r);
    case CAPTURE_LINUX_SLL2:
        type = read_u16(r);
        read_skip(r, 18);
        return type;
    }
    return 0;
}

static void read_ip(struct reader *r, struct addr *a, uint8_t family)
{
    *a = (struct addr){.family = family};
    struct bytes ip = read_bytes(r, addr_ip_len(a));
    if (ip.len) memcpy(a->ip, ip.at, ip.len);
}

/* What IP says of its own length, or what was captured of it. */
static struct bytes ip_payload(struct reader *r, struct datagram *d, size_t len)
{
    d->cut = len > reader_left(r);
    return read_bytes(r, d->cut ? reader_left(r) : len);
}

/* RFC 791 §3.1 */
static void read_ipv4(struct reader *r, struct datagram *d)
{
    uint8_t first = read_u8(r);
    size_t header = (first & 15u) * 4;
    read_skip(r, 1);
    size_t total = read_u16(r);
    read_skip(r, 2);
    uint16_t fragment = read_u16(r);
    read_skip(r, 1);
    d->protocol = read_u8(r);
    read_skip(r, 2);
    read_ip(r, &d->from, ADDR_IPV4);
    read_ip(r, &d->to, ADDR_IPV4);
    if (first >> 4 != 4) reader_fail(r, E_MALFORMED, "IP version is not 4 (RFC 791 3.1)");
    if (header < 20) reader_fail(r, E_MALFORMED, "an IPv4 header below 20 bytes (RFC 791 3.1)");
    /* A sender whose network card cuts segments leaves 0. */
    if (total == 0) total = 20 + reader_left(r);
    if (total < header) reader_fail(r, E_MALFORMED, "shorter than its header (RFC 791 3.1)");
    read_skip(r, header - 20);
    d->fragmented = (fragment & 0x3FFF) != 0;
    if (r->err == OK) d->payload = ip_payload(r, d, total - header);
    if (fragment & 0x1FFF) d->kind = DATAGRAM_FRAGMENT;
}

/* RFC 8200 §4: one header after the other, each says what the next one is. */
static void read_ipv6_extensions(struct reader *r, struct datagram *d)
{
    for (size_t i = 0; r->err == OK; i++) {
        bool options = d->protocol == PROTOCOL_HOP_BY_HOP || d->protocol == PROTOCOL_ROUTING ||
                       d->protocol == PROTOCOL_OPTIONS;
        if (!options && d->protocol != PROTOCOL_FRAGMENT && d->protocol != PROTOCOL_AH) return;
        if (i == EXTENSIONS_MAX) reader_fail(r, E_FULL, "more IPv6 headers than we follow");
        uint8_t is = d->protocol;
        d->protocol = read_u8(r);
        size_t len = read_u8(r);
        if (is == PROTOCOL_FRAGMENT) {
            uint16_t fragment = read_u16(r);
            read_skip(r, 4);
            d->fragmented = (fragment & 0xFFF9) != 0;
            if (fragment & 0xFFF8) {
                d->kind = DATAGRAM_FRAGMENT;
                return;
            }
        } else if (is == PROTOCOL_AH) {
            read_skip(r, (len + 2) * 4 - 2); /* RFC 4302 §2.2: words, less two */
        } else {
            read_skip(r, (len + 1) * 8 - 2);
        }
    }
}

/* RFC 8200 §3 */
static void read_ipv6(struct reader *r, struct datagram *d)
{
    uint32_t first = read_u32(r);
    size_t len = read_u16(r);
    d->protocol = read_u8(r);
    read_skip(r, 1);
    read_ip(r, &d->from, ADDR_IPV6);
    read_ip(r, &d->to, ADDR_IPV6);
    if (first >> 28 != 6) reader_fail(r, E_MALFORMED, "IP version is not 6 (RFC 8200 3)");
    if (r->err != OK) return;
    struct reader inner = reader_of(ip_payload(r, d, len));
    read_ipv6_extensions(&inner, d);
    if (inner.err != OK) reader_fail(r, inner.err, inner.rule ? inner.rule : "IPv6 headers cut");
    d->payload = read_rest(&inner);
}

/* RFC 768 */
static void read_udp(struct reader *r, struct datagram *d)
{
    d->from.port = read_u16(r);
    d->to.port = read_u16(r);
    size_t len = read_u16(r);
    read_skip(r, 2);
    if (len < 8) reader_fail(r, E_MALFORMED, "UDP says less than its header (RFC 768)");
    if (r->err != OK) return;
    /* The first fragment of a longer one is all there is here. */
    d->cut = d->cut || (!d->fragmented && len - 8 > reader_left(r));
    size_t have = len - 8 < reader_left(r) ? len - 8 : reader_left(r);
    d->payload = read_bytes(r, have);
    d->kind = DATAGRAM_UDP;
}

/* RFC 9293 §3.1 */
static void read_tcp(struct reader *r, struct datagram *d)
{
    d->from.port = read_u16(r);
    d->to.port = read_u16(r);
    d->tcp_seq = read_u32(r);
    read_skip(r, 4);
    size_t header = (read_u8(r) >> 4) * 4u;
    d->tcp_flags = read_u8(r);
    read_skip(r, 6);
    if (header < 20) reader_fail(r, E_MALFORMED, "a TCP header below 20 bytes (RFC 9293 3.1)");
    if (r->err == OK) read_skip(r, header - 20);
    d->payload = read_rest(r);
    d->kind = DATAGRAM_TCP;
}

struct datagram datagram_of(struct bytes frame, uint16_t link)
{
    struct datagram d = {.kind = DATAGRAM_OTHER_IP};
    struct reader r = reader_of(frame), inner = reader_of(frame);
    d.ether_type = read_link(&r, link);
    if (r.err == OK && d.ether_type == ETHER_IPV4)
        read_ipv4(&r, &d);
    else if (r.err == OK && d.ether_type == ETHER_IPV6)
        read_ipv6(&r, &d);
    else if (r.err == OK)
        d.kind = DATAGRAM_NOT_IP;
    if (r.err == OK && d.kind == DATAGRAM_OTHER_IP) {
        inner = reader_of(d.payload);
        if (d.protocol == PROTOCOL_UDP) read_udp(&inner, &d);
        if (d.protocol == PROTOCOL_TCP) read_tcp(&inner, &d);
    }
    struct reader *failed = r.err != OK ? &r : &inner;
    if (failed->err == OK) return d;
    d.kind = DATAGRAM_BROKEN;
    d.fault = reader_fault(failed, "frame");
    if (frame.len) d.fault.offset += (size_t)(failed->start - frame.at);
    return d;
}

const char *datagram_kind_name(enum datagram_kind kind)
{
    static const char *const names[] = {"udp", "tcp", "fragment", "ip", "link", "broken"};
    return (size_t)kind < COUNT(names) ? names[kind] : "unknown";
}
