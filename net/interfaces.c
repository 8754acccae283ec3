#define _GNU_SOURCE
#include "net/interfaces.h"

#include "net/internal.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The kernel's flags of an IPv6 address, in the fifth column of /proc/net/if_inet6. */
enum { TEMPORARY = 0x01, DAD_FAILED = 0x08, DEPRECATED = 0x20, TENTATIVE = 0x40 };

/* "fe800000000000000000000000000001 02 40 20 80 eth0": address, index, prefix, scope, flags. 0 when
 * the system has no such file: then every address counts as stable and good. */
static unsigned ipv6_flags(FILE *table, const struct addr *a, unsigned index)
{
    char line[128];
    char want[33];
    for (int i = 0; i < 16; i++) snprintf(want + 2 * i, 3, "%02x", a->ip[i]);
    rewind(table);
    while (fgets(line, sizeof line, table)) {
        char ip[33];
        unsigned at, flags;
        /* NOLINTNEXTLINE(cert-err34-c): the kernel wrote the numbers */
        if (sscanf(line, "%32s %x %*x %*x %x", ip, &at, &flags) != 3) continue;
        if (at == index && strcmp(ip, want) == 0) return flags;
    }
    return 0;
}

static bool has_prefix(const struct addr *a, const uint8_t *prefix, size_t len)
{
    return a->family == ADDR_IPV6 && memcmp(a->ip, prefix, len) == 0;
}

/* RFC 8445 §5.1.1.1: what an address must not be, wherever it is configured. */
static bool is_unusable(const struct addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291 §2.5.5.2 */
    static const uint8_t compatible[12];                          /* §2.5.5.1, and :: */
    if (addr_is_any(a) || addr_is_multicast(a)) return true;
    if (addr_is_loopback(a)) return false; /* ::1 looks compatible */
    bool site_local = a->family == ADDR_IPV6 && a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0xc0;
    return site_local || has_prefix(a, mapped, 12) || has_prefix(a, compatible, 12);
}

/* Another address in the list makes this one unwanted: RFC 8445 §5.1.1.1, last item, for stable
 * and link-local addresses beside temporary ones; ours for link-local beside any other. */
static bool is_displaced(const struct interface *one, const struct interface *all, size_t count)
{
    if (one->addr.family != ADDR_IPV6 || one->temporary || one->loopback) return false;
    bool link_local = addr_is_link_local(&one->addr);
    for (size_t i = 0; i < count; i++) {
        const struct interface *other = &all[i];
        if (other->addr.family != ADDR_IPV6 || addr_is_link_local(&other->addr)) continue;
        bool same_interface = other->index == one->index;
        bool same_prefix = memcmp(other->addr.ip, one->addr.ip, 8) == 0;
        if (link_local && (same_interface || other->temporary)) return true;
        if (other->temporary && same_interface && same_prefix) return true;
    }
    return false;
}

size_t interfaces_choose(const struct interface *all, size_t count, struct interface *out,
                         size_t max)
{
    size_t n = 0;
    for (int loopback = 0; loopback <= 1; loopback++)
        for (size_t i = 0; i < count && n < max; i++)
            if (all[i].loopback == (loopback == 1) && !is_unusable(&all[i].addr) &&
                !is_displaced(&all[i], all, count))
                out[n++] = all[i];
    return n;
}

/* False: nothing that could ever be a candidate. */
static bool describe(const struct ifaddrs *from, FILE *table, struct interface *to)
{
    if (!from->ifa_addr || !(from->ifa_flags & IFF_UP) || !(from->ifa_flags & IFF_RUNNING))
        return false;
    int family = from->ifa_addr->sa_family;
    if (family != AF_INET && family != AF_INET6) return false;
    struct sockaddr_storage s = {0};
    memcpy(&s, from->ifa_addr,
           family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
    *to = (struct interface){.index = if_nametoindex(from->ifa_name),
                             .addr = addr_of_sockaddr(&s),
                             .loopback = from->ifa_flags & IFF_LOOPBACK,
                             .multicast = from->ifa_flags & IFF_MULTICAST};
    snprintf(to->name, sizeof to->name, "%s", from->ifa_name);
    unsigned flags = table && family == AF_INET6 ? ipv6_flags(table, &to->addr, to->index) : 0;
    to->temporary = flags & TEMPORARY;
    return !(flags & (DEPRECATED | TENTATIVE | DAD_FAILED));
}

size_t interfaces_list(struct interface *out, size_t max)
{
    struct interface all[4 * INTERFACES_MAX];
    size_t count = 0;
    struct ifaddrs *list;
    if (getifaddrs(&list) != 0) return 0;
    FILE *table = fopen("/proc/net/if_inet6", "re");
    for (const struct ifaddrs *i = list; i && count < COUNT(all); i = i->ifa_next)
        count += describe(i, table, &all[count]);
    if (table) fclose(table);
    freeifaddrs(list);
    return interfaces_choose(all, count, out, max);
}
