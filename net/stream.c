#define _POSIX_C_SOURCE 200809L
#include "net/stream.h"

#include "net/internal.h"
#include "net/loop.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

void stream_init(struct stream *s, int fd, bool connecting)
{
    *s = (struct stream){.fd = fd, .state = connecting ? STREAM_CONNECTING : STREAM_OPEN};
    s->local = socket_local(fd);
    s->remote = socket_remote(fd);
}

static void fail(struct stream *s, int errnum)
{
    s->state = STREAM_FAILED;
    s->fault = syserr_fault("tcp", errnum);
}

/* connect(2): once writable, SO_ERROR tells how it ended; not yet connected means still going. */
static void step_connecting(struct stream *s)
{
    int errnum = 0;
    socklen_t len = sizeof errnum;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0) errnum = errno;
    if (errnum) {
        fail(s, errnum);
        return;
    }
    struct addr remote = socket_remote(s->fd);
    if (remote.family == ADDR_NONE) return;
    s->local = socket_local(s->fd);
    s->remote = remote;
    s->state = s->tls ? STREAM_HANDSHAKE : STREAM_OPEN;
}

enum stream_state stream_step(struct stream *s)
{
    if (s->state == STREAM_CONNECTING) step_connecting(s);
    if (s->state == STREAM_HANDSHAKE) tls_handshake(s);
    return s->state;
}

static size_t read_plain(struct stream *s, void *to, size_t room)
{
    ssize_t n;
    do n = recv(s->fd, to, room, 0);
    while (n < 0 && errno == EINTR);
    if (n > 0) return (size_t)n;
    if (n == 0)
        s->state = STREAM_ENDED;
    else if (errno != EAGAIN)
        fail(s, errno);
    return 0;
}

static size_t write_plain(struct stream *s, struct bytes data)
{
    ssize_t n;
    do n = send(s->fd, data.at, data.len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0) return (size_t)n;
    if (errno != EAGAIN) fail(s, errno);
    return 0;
}

size_t stream_read(struct stream *s, void *to, size_t room)
{
    if (stream_step(s) != STREAM_OPEN || room == 0) return 0;
    size_t n = s->tls ? tls_read(s, to, room) : read_plain(s, to, room);
    s->bytes_in += n;
    return n;
}

size_t stream_write(struct stream *s, struct bytes data)
{
    stream_step(s);
    if ((s->state != STREAM_OPEN && s->state != STREAM_ENDED) || data.len == 0) return 0;
    size_t n = s->tls ? tls_write(s, data) : write_plain(s, data);
    s->bytes_out += n;
    return n;
}

void stream_finish(struct stream *s)
{
    if (s->state != STREAM_OPEN && s->state != STREAM_ENDED) return;
    if (s->tls) tls_finish(s);
    shutdown(s->fd, SHUT_WR);
}

static void unwatch(struct stream *s)
{
    if (s->loop) loop_remove(s->loop, s->fd);
    s->loop = NULL;
}

void stream_close(struct stream *s)
{
    if (s->state == STREAM_CLOSED) return;
    unwatch(s);
    tls_drop(s);
    if (s->fd >= 0) close(s->fd);
    s->fd = -1;
    s->state = STREAM_CLOSED;
}

unsigned stream_want(const struct stream *s, bool read, bool write)
{
    switch (s->state) {
    case STREAM_CLOSED:
    case STREAM_FAILED: return 0;
    case STREAM_CONNECTING: return LOOP_WRITE;
    case STREAM_HANDSHAKE: return s->read_wants;
    case STREAM_ENDED: read = false; break;
    case STREAM_OPEN: break;
    }
    /* TLS may have to write before it can read, and the other way round (SSL_read(3)). */
    unsigned reading = s->read_wants ? s->read_wants : (unsigned)LOOP_READ;
    unsigned writing = s->write_wants ? s->write_wants : (unsigned)LOOP_WRITE;
    return (read ? reading : 0) | (write ? writing : 0);
}

enum err stream_watch(struct stream *s, struct loop *loop, uint64_t token, bool read, bool write)
{
    if (s->fd < 0) return OK;
    unsigned want = stream_want(s, read, write);
    if (s->loop == loop && s->token == token && s->watched == want) return OK;
    /* A hang-up is reported even to those who want nothing, and again and again. */
    if (s->loop != loop || want == 0) unwatch(s);
    if (want == 0) return OK;
    enum err err =
        s->loop ? loop_change(loop, s->fd, token, want) : loop_add(loop, s->fd, token, want);
    if (err != OK) return err;
    s->loop = loop;
    s->token = token;
    s->watched = want;
    return OK;
}
