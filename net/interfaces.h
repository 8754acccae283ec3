/* The addresses of this machine that may become host candidates: RFC 8445 §5.1.1.1. */
#ifndef DUET_NET_INTERFACES_H
#define DUET_NET_INTERFACES_H

#include "base/addr.h"

#define INTERFACES_MAX     32 /* addresses that callers need room for; the rest is left away */
#define INTERFACE_NAME_MAX 16 /* IFNAMSIZ */

struct interface {
    char name[INTERFACE_NAME_MAX];
    uint32_t index;   /* the kernel's: multicast needs it */
    struct addr addr; /* port 0 */
    bool loopback;
    bool temporary; /* a privacy address (RFC 8981) */
    bool multicast;
};

/* Every usable address of every interface that is up, at most `max`; returns how many. Loopback
 * comes last, otherwise in the kernel's order. Left out, as RFC 8445 §5.1.1.1 asks: deprecated,
 * tentative, site-local, IPv4-mapped and -compatible IPv6 addresses, and stable ones beside a
 * temporary one of the same prefix; also IPv6 link-local ones unless their interface has no other
 * IPv6 address. (That section forbids loopback altogether; we keep it, last, for calls on one
 * machine.) */
size_t interfaces_list(struct interface *out, size_t max);

#endif
