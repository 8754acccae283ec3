#define _GNU_SOURCE
#include "net/internal.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

socklen_t sockaddr_of(const struct addr *a, struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (a->family == ADDR_IPV4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(a->port)};
        memcpy(&in.sin_addr, a->ip, 4);
        memcpy(to, &in, sizeof in);
        return sizeof in;
    }
    if (a->family != ADDR_IPV6) return 0;
    struct sockaddr_in6 in6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_scope_id = a->scope};
    memcpy(&in6.sin6_addr, a->ip, 16);
    memcpy(to, &in6, sizeof in6);
    return sizeof in6;
}

struct addr addr_of_sockaddr(const struct sockaddr_storage *from)
{
    struct addr a = {0};
    if (from->ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        a.family = ADDR_IPV4;
        a.port = ntohs(in.sin_port);
        memcpy(a.ip, &in.sin_addr, 4);
    } else if (from->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        a.family = ADDR_IPV6;
        a.port = ntohs(in6.sin6_port);
        memcpy(a.ip, &in6.sin6_addr, 16);
        /* Only link-local addresses have a zone worth keeping (RFC 4007 §6). */
        if (addr_is_link_local(&a)) a.scope = in6.sin6_scope_id;
    }
    return a;
}

const struct sockaddr *sockaddr_view(const struct sockaddr_storage *s)
{
    return (const struct sockaddr *)s;
}

struct addr socket_local(int fd)
{
    struct sockaddr_storage s = {0};
    socklen_t len = sizeof s;
    if (getsockname(fd, (struct sockaddr *)&s, &len) != 0) return (struct addr){0};
    return addr_of_sockaddr(&s);
}

struct addr socket_remote(int fd)
{
    struct sockaddr_storage s = {0};
    socklen_t len = sizeof s;
    if (getpeername(fd, (struct sockaddr *)&s, &len) != 0) return (struct addr){0};
    return addr_of_sockaddr(&s);
}

static const char *layer_of(int type)
{
    return type == SOCK_DGRAM ? "udp" : "tcp";
}

enum err socket_new(int type, const struct addr *at, int *fd, struct fault *fault)
{
    int family = at->family == ADDR_IPV4 ? AF_INET : at->family == ADDR_IPV6 ? AF_INET6 : AF_UNSPEC;
    *fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0) {
        *fault = syserr_fault(layer_of(type), errno);
        return fault->err;
    }
    int on = 1;
    if (family == AF_INET6) setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return OK;
}

enum err socket_bound(int type, const struct addr *at, int *fd, struct addr *bound,
                      struct fault *fault)
{
    enum err err = socket_new(type, at, fd, fault);
    if (err != OK) return err;
    int on = 1;
    if (type == SOCK_STREAM) setsockopt(*fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    struct sockaddr_storage s;
    socklen_t len = sockaddr_of(at, &s);
    if (bind(*fd, sockaddr_view(&s), len) != 0) {
        *fault = syserr_fault(layer_of(type), errno);
        close(*fd);
        *fd = -1;
        return fault->err;
    }
    *bound = socket_local(*fd);
    return OK;
}
