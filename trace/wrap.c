#include "trace/wrap.h"

#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define UDP_HEADER    8
#define PROTOCOL_UDP  17 /* IANA protocol numbers */
#define HOP_LIMIT     64 /* RFC 1700's default, and Linux's */
#define DONT_FRAGMENT 0x4000
/* RFC 768: the length is 16 bits, and IPv4's total length counts its own header too. */
#define PAYLOAD_MAX   (65535 - IPV4_HEADER - UDP_HEADER)

uint32_t wrap_sum(uint32_t sum, struct bytes b)
{
    uint64_t wide = sum;
    for (size_t i = 0; i + 1 < b.len; i += 2) wide += (uint32_t)b.at[i] << 8 | b.at[i + 1];
    if (b.len % 2) wide += (uint32_t)b.at[b.len - 1] << 8;
    while (wide >> 16) wide = (wide & 0xFFFF) + (wide >> 16);
    return (uint32_t)wide;
}

static uint16_t complement(uint32_t sum)
{
    return (uint16_t)(~sum & 0xFFFF);
}

size_t wrap_len(const struct addr *from, const struct addr *to, size_t payload_len)
{
    if (from->family != to->family || payload_len > PAYLOAD_MAX) return 0;
    if (from->family == ADDR_IPV4) return IPV4_HEADER + UDP_HEADER + payload_len;
    return from->family == ADDR_IPV6 ? IPV6_HEADER + UDP_HEADER + payload_len : 0;
}

static struct bytes ip_of(const struct addr *a)
{
    return (struct bytes){a->ip, addr_ip_len(a)};
}

/* RFC 791 §3.1. The header's checksum covers the header alone. */
static void write_ipv4(struct writer *w, const struct addr *from, const struct addr *to, size_t len)
{
    uint8_t room[IPV4_HEADER];
    struct writer header = writer_of(room, sizeof room);
    write_u8(&header, 0x45); /* version 4, five words */
    write_u8(&header, 0);
    write_u16(&header, (uint16_t)(IPV4_HEADER + len));
    write_u16(&header, 0);
    write_u16(&header, DONT_FRAGMENT);
    write_u8(&header, HOP_LIMIT);
    write_u8(&header, PROTOCOL_UDP);
    write_u16(&header, 0);
    write_bytes(&header, ip_of(from));
    write_bytes(&header, ip_of(to));
    write_u16_at(&header, 10, complement(wrap_sum(0, writer_done(&header))));
    write_bytes(w, writer_done(&header));
}

/* RFC 8200 §3 */
static void write_ipv6(struct writer *w, const struct addr *from, const struct addr *to, size_t len)
{
    write_u32(w, 0x60000000); /* version 6, no traffic class, no flow label */
    write_u16(w, (uint16_t)len);
    write_u8(w, PROTOCOL_UDP);
    write_u8(w, HOP_LIMIT);
    write_bytes(w, ip_of(from));
    write_bytes(w, ip_of(to));
}

/* RFC 768, RFC 8200 §8.1: over a pseudo header of both addresses, the length and the protocol, the
 * header with no checksum yet, and the payload. 0 says that there is none, so 0 is sent as ones. */
static uint16_t udp_checksum(const struct addr *from, const struct addr *to, struct bytes payload)
{
    uint32_t len = (uint32_t)(UDP_HEADER + payload.len);
    uint32_t sum = wrap_sum(len + PROTOCOL_UDP, ip_of(from));
    sum = wrap_sum(sum, ip_of(to));
    sum = wrap_sum(sum + from->port + to->port + len, payload);
    uint16_t checksum = complement(sum);
    return checksum ? checksum : 0xFFFF;
}

bool wrap_udp(struct writer *w, const struct addr *from, const struct addr *to,
              struct bytes payload)
{
    if (wrap_len(from, to, payload.len) == 0) return false;
    size_t len = UDP_HEADER + payload.len;
    if (from->family == ADDR_IPV4)
        write_ipv4(w, from, to, len);
    else
        write_ipv6(w, from, to, len);
    write_u16(w, from->port);
    write_u16(w, to->port);
    write_u16(w, (uint16_t)len);
    write_u16(w, udp_checksum(from, to, payload));
    write_bytes(w, payload);
    return true;
}
