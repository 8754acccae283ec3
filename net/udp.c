#define _GNU_SOURCE
#include "net/udp.h"

#include "net/internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum err udp_open(struct udp *udp, const struct addr *at)
{
    *udp = (struct udp){.fd = -1};
    enum err err = socket_bound(SOCK_DGRAM, at, &udp->fd, &udp->base, &udp->fault);
    if (err != OK) return err;
    /* Best effort: the kernel caps both at its own limits. */
    int want = UDP_BUFFER;
    setsockopt(udp->fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof want);
    setsockopt(udp->fd, SOL_SOCKET, SO_SNDBUF, &want, sizeof want);
    return OK;
}

void udp_close(struct udp *udp)
{
    if (udp->fd >= 0) close(udp->fd);
    udp->fd = -1;
}

/* An ICMP error that an earlier send brought: it is reported once, and says nothing about the
 * datagram at hand. */
static bool is_icmp(int errnum)
{
    return errnum == ECONNREFUSED || errnum == EHOSTUNREACH || errnum == ENETUNREACH ||
           errnum == EHOSTDOWN || errnum == ENOPROTOOPT;
}

enum err udp_send(struct udp *udp, const struct packet *p)
{
    struct sockaddr_storage to;
    socklen_t to_len = sockaddr_of(&p->route.remote, &to);
    for (int tries = 0; tries < 2; tries++) {
        ssize_t n = sendto(udp->fd, p->at, p->len, MSG_NOSIGNAL, sockaddr_view(&to), to_len);
        if (n >= 0) {
            udp->sent++;
            return OK;
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            udp->blocked++;
            return E_FULL;
        }
        if (errno == ECONNREFUSED) {
            udp->refused++; /* of an earlier datagram: this one was not sent */
            continue;
        }
        if (errno != EINTR) break;
    }
    udp->failed++;
    udp->fault = syserr_fault("udp", errno);
    return E_STATE;
}

bool udp_receive(struct udp *udp, struct packet *out)
{
    return udp_receive_told(udp, out, NULL, &(size_t){0});
}

bool udp_receive_told(struct udp *udp, struct packet *out, void *control, size_t *len)
{
    size_t room = *len;
    for (;;) {
        packet_reset(out);
        struct sockaddr_storage from = {0};
        struct iovec data = {out->at, PACKET_MAX};
        struct msghdr m = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = room};
        ssize_t n = recvmsg(udp->fd, &m, 0);
        if (n < 0) {
            if (is_icmp(errno))
                udp->refused++;
            else if (errno != EINTR)
                return false;
            continue;
        }
        if (m.msg_flags & MSG_TRUNC) {
            udp->too_long++;
            continue;
        }
        *len = m.msg_controllen;
        udp->received++;
        out->len = (size_t)n;
        out->route.local = udp->base;
        out->route.remote = addr_of_sockaddr(&from);
        return true;
    }
}
