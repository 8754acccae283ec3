/* A transport address: IPv4 or IPv6 and a port. Text forms as RFC 5952 and RFC 3986 §3.2.2. */
#ifndef DUET_BASE_ADDR_H
#define DUET_BASE_ADDR_H

#include "base/bytes.h"

enum addr_family { ADDR_NONE = 0, ADDR_IPV4 = 4, ADDR_IPV6 = 6 };

struct addr {
    uint8_t family; /* enum addr_family */
    uint16_t port;  /* host byte order */
    uint32_t scope; /* IPv6 zone index of a link-local address, else 0 */
    uint8_t ip[16]; /* network byte order; IPv4 uses the first four, the rest is 0 */
};

#define ADDR_TEXT_MAX 64 /* enough for "[ipv6]:port" and its NUL */

/* Same family, address and port. The scope counts only when both have one. */
bool addr_equal(const struct addr *a, const struct addr *b);
bool addr_equal_ip(const struct addr *a, const struct addr *b);
/* Bytes of the address alone: 4, 16 or 0. */
size_t addr_ip_len(const struct addr *a);
struct addr addr_ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint16_t port);
/* An address literal without port ("192.0.2.1", "2001:db8::1"); names are refused. */
bool addr_parse_ip(struct bytes text, struct addr *a);
/* "192.0.2.1:5" or "[2001:db8::1]:5". */
bool addr_parse(struct bytes text, struct addr *a);
/* The literal without port, into at least ADDR_TEXT_MAX bytes; returns `to`. */
const char *addr_ip_text(const struct addr *a, char *to);
/* "192.0.2.1:5", "[2001:db8::1]:5", or "none". */
const char *addr_text(const struct addr *a, char *to);
bool addr_is_loopback(const struct addr *a);
bool addr_is_link_local(const struct addr *a);
bool addr_is_multicast(const struct addr *a);
/* 0.0.0.0 or :: */
bool addr_is_any(const struct addr *a);

#endif
