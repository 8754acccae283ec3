#define _GNU_SOURCE /* accept4 */
#include "net/tcp.h"

#include "net/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum err tcp_listen(struct tcp_listener *l, const struct addr *at)
{
    *l = (struct tcp_listener){.fd = -1, .spare = -1};
    enum err err = socket_bound(SOCK_STREAM, at, &l->fd, &l->at, &l->fault);
    if (err != OK) return err;
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (listen(l->fd, TCP_BACKLOG) == 0) return OK;
    l->fault = syserr_fault("tcp", errno);
    tcp_listener_close(l);
    return l->fault.err;
}

void tcp_listener_close(struct tcp_listener *l)
{
    if (l->fd >= 0) close(l->fd);
    if (l->spare >= 0) close(l->spare);
    l->fd = l->spare = -1;
}

/* No descriptor is left: the spare one takes the client's place for a moment. False: nobody was
 * there. */
static bool refuse(struct tcp_listener *l)
{
    if (l->spare >= 0) close(l->spare);
    int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        l->refused++;
    }
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd >= 0;
}

/* Messages are small and wanted at once: no Nagle (RFC 9293 §3.7.4). */
static void send_at_once(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool tcp_accept(struct tcp_listener *l, struct stream *s)
{
    for (int tries = 0; tries < TCP_BACKLOG; tries++) {
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            l->accepted++;
            send_at_once(fd);
            stream_init(s, fd, false);
            return true;
        }
        if (errno == EAGAIN || errno == EBADF || errno == EINVAL) return false;
        if ((errno == EMFILE || errno == ENFILE) && !refuse(l)) return false;
        /* Else the client's own trouble (ECONNABORTED and the network's errors, accept(2)). */
    }
    return false;
}

enum err tcp_connect(struct stream *s, const struct addr *remote)
{
    int fd;
    *s = (struct stream){.fd = -1, .state = STREAM_FAILED, .remote = *remote};
    enum err err = socket_new(SOCK_STREAM, remote, &fd, &s->fault);
    if (err != OK) return err;
    send_at_once(fd);
    struct sockaddr_storage to;
    socklen_t len = sockaddr_of(remote, &to);
    int done = connect(fd, sockaddr_view(&to), len);
    if (done != 0 && errno != EINPROGRESS) {
        s->fault = syserr_fault("tcp", errno);
        close(fd);
        return s->fault.err;
    }
    stream_init(s, fd, done != 0);
    s->remote = *remote;
    return OK;
}
