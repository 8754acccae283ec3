#define _GNU_SOURCE /* ip_mreqn */
#include "net/multicast.h"

#include "net/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <string.h>
#include <unistd.h>

/* RFC 6762 §11: responders may look for a TTL of 255. */
#define LINK_TTL 255

/* SO_REUSEADDR and SO_REUSEPORT both: the other programs may have set either. */
static void share_port(int fd)
{
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

/* Our own machine's programs must hear us, and only what we join must reach us; the kernel is to
 * tell where a datagram was sent to. */
static void set_options(int fd, bool v4)
{
    int on = 1, off = 0, ttl = LINK_TTL;
    if (v4) {
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl);
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &on, sizeof on);
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &off, sizeof off);
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    } else {
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &ttl, sizeof ttl);
        setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, &on, sizeof on);
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    }
}

static bool join(int fd, const struct addr *group, uint32_t link)
{
    if (group->family == ADDR_IPV4) {
        struct ip_mreqn request = {.imr_ifindex = (int)link};
        memcpy(&request.imr_multiaddr, group->ip, 4);
        return setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &request, sizeof request) == 0;
    }
    struct ipv6_mreq request = {.ipv6mr_interface = link};
    memcpy(&request.ipv6mr_multiaddr, group->ip, 16);
    return setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &request, sizeof request) == 0;
}

static bool is_joined(const struct multicast *m, uint32_t link)
{
    for (size_t i = 0; i < m->link_count; i++)
        if (m->links[i] == link) return true;
    return false;
}

static void join_everywhere(struct multicast *m, const struct addr *group)
{
    struct interface list[INTERFACES_MAX];
    size_t count = interfaces_list(list, INTERFACES_MAX);
    for (size_t i = 0; i < count && m->link_count < MULTICAST_LINKS_MAX; i++) {
        if (!list[i].multicast || list[i].addr.family != group->family) continue;
        if (is_joined(m, list[i].index) || !join(m->udp.fd, group, list[i].index)) continue;
        m->links[m->link_count++] = list[i].index;
    }
}

enum err multicast_open(struct multicast *m, const struct addr *group)
{
    *m = (struct multicast){.udp = {.fd = -1}};
    struct addr any = {.family = group->family, .port = group->port};
    if (socket_new(SOCK_DGRAM, &any, &m->udp.fd, &m->udp.fault) != OK) return m->udp.fault.err;
    share_port(m->udp.fd);
    set_options(m->udp.fd, group->family == ADDR_IPV4);
    struct sockaddr_storage at;
    socklen_t len = sockaddr_of(&any, &at);
    if (bind(m->udp.fd, sockaddr_view(&at), len) != 0)
        m->udp.fault = syserr_fault("udp", errno);
    else
        join_everywhere(m, group);
    m->udp.base = any;
    if (m->link_count > 0) return OK;
    if (m->udp.fault.err == OK)
        m->udp.fault = (struct fault){E_STATE, "udp", 0, "no interface can multicast"};
    multicast_close(m);
    return m->udp.fault.err;
}

void multicast_close(struct multicast *m)
{
    udp_close(&m->udp);
}

/* What the kernel told: `control` is aligned as a cmsghdr. */
static bool is_to_group(void *control, size_t len)
{
    struct msghdr m = {.msg_control = control, .msg_controllen = len};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        struct addr to = {.family = ADDR_NONE};
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            to.family = ADDR_IPV4;
            memcpy(to.ip, &info.ipi_addr, 4);
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            to.family = ADDR_IPV6;
            memcpy(to.ip, &info.ipi6_addr, 16);
        }
        if (addr_is_multicast(&to)) return true;
    }
    return false;
}

bool multicast_receive(struct multicast *m, struct packet *out)
{
    for (;;) {
        alignas(struct cmsghdr) uint8_t control[128];
        size_t len = sizeof control;
        if (!udp_receive_told(&m->udp, out, control, &len)) return false;
        if (is_to_group(control, len)) return true;
        m->not_to_group++;
    }
}

enum err multicast_send(struct multicast *m, const struct packet *p)
{
    enum err best = E_STATE;
    for (size_t i = 0; i < m->link_count; i++) {
        struct ip_mreqn request = {.imr_ifindex = (int)m->links[i]};
        int index = (int)m->links[i];
        int fd = m->udp.fd;
        if (p->route.remote.family == ADDR_IPV4)
            setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
        else
            setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &index, sizeof index);
        if (udp_send(&m->udp, p) == OK) best = OK;
    }
    return best;
}
