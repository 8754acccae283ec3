#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

size_t addr_ip_len(const struct addr *a)
{
    return a->family == ADDR_IPV4 ? 4 : a->family == ADDR_IPV6 ? 16 : 0;
}

bool addr_equal_ip(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family) return false;
    if (a->scope && b->scope && a->scope != b->scope) return false;
    return memcmp(a->ip, b->ip, addr_ip_len(a)) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return a->port == b->port && addr_equal_ip(a, b);
}

struct addr addr_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    return (struct addr){.family = ADDR_IPV4, .port = port, .ip = {a, b, c, d}};
}

bool addr_parse_ip(struct bytes text, struct addr *a)
{
    char literal[INET6_ADDRSTRLEN];
    if (text.len == 0 || text.len >= sizeof literal || memchr(text.at, 0, text.len)) return false;
    bytes_to_text(text, literal, sizeof literal);
    *a = (struct addr){0};
    if (inet_pton(AF_INET, literal, a->ip) == 1)
        a->family = ADDR_IPV4;
    else if (inet_pton(AF_INET6, literal, a->ip) == 1)
        a->family = ADDR_IPV6;
    return a->family != ADDR_NONE;
}

bool addr_parse(struct bytes text, struct addr *a)
{
    size_t colon = text.len;
    while (colon > 0 && text.at[colon - 1] != ':') colon--;
    if (colon == 0) return false;
    struct bytes host = bytes_slice(text, 0, colon - 1);
    bool brackets = host.len >= 2 && host.at[0] == '[' && host.at[host.len - 1] == ']';
    if (brackets) host = bytes_slice(host, 1, host.len - 2);
    uint64_t port;
    if (!bytes_to_u64(bytes_slice(text, colon, text.len), 65535, &port)) return false;
    if (!addr_parse_ip(host, a) || brackets != (a->family == ADDR_IPV6)) return false;
    a->port = (uint16_t)port;
    return true;
}

const char *addr_ip_text(const struct addr *a, char *to)
{
    int family = a->family == ADDR_IPV4 ? AF_INET : AF_INET6;
    if (a->family == ADDR_NONE || !inet_ntop(family, a->ip, to, ADDR_TEXT_MAX))
        snprintf(to, ADDR_TEXT_MAX, "none");
    return to;
}

const char *addr_text(const struct addr *a, char *to)
{
    char ip[ADDR_TEXT_MAX];
    addr_ip_text(a, ip);
    if (a->family == ADDR_NONE)
        snprintf(to, ADDR_TEXT_MAX, "none");
    else
        snprintf(to, ADDR_TEXT_MAX, a->family == ADDR_IPV6 ? "[%.46s]:%u" : "%.46s:%u", ip,
                 (unsigned)a->port);
    return to;
}

bool addr_is_loopback(const struct addr *a)
{
    static const uint8_t v6[16] = {[15] = 1};
    if (a->family == ADDR_IPV4) return a->ip[0] == 127;
    return a->family == ADDR_IPV6 && memcmp(a->ip, v6, 16) == 0;
}

bool addr_is_link_local(const struct addr *a)
{
    if (a->family == ADDR_IPV4) return a->ip[0] == 169 && a->ip[1] == 254;
    return a->family == ADDR_IPV6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool addr_is_multicast(const struct addr *a)
{
    if (a->family == ADDR_IPV4) return (a->ip[0] & 0xf0) == 0xe0;
    return a->family == ADDR_IPV6 && a->ip[0] == 0xff;
}

bool addr_is_any(const struct addr *a)
{
    static const uint8_t zeros[16];
    return a->family == ADDR_NONE || memcmp(a->ip, zeros, addr_ip_len(a)) == 0;
}
