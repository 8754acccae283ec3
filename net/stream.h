/* A byte stream over a socket, plain or TLS: callers need not care which. Non-blocking.
 *
 * tcp_accept, tcp_connect or a dial makes one; tls_start_client or _server secures it. Then after
 * each wait: stream_read until it gives 0, stream_write what is queued, look at `state`, and
 * stream_watch tells the loop what to wait for. */
#ifndef DUET_NET_STREAM_H
#define DUET_NET_STREAM_H

#include "base/addr.h"

struct loop;
struct ssl_st; /* OpenSSL's SSL */

enum stream_state {
    STREAM_CLOSED = 0, /* no descriptor */
    STREAM_CONNECTING, /* TCP's handshake */
    STREAM_HANDSHAKE,  /* TLS's handshake */
    STREAM_OPEN,
    STREAM_ENDED, /* the peer has finished writing; what we write may still arrive */
    STREAM_FAILED /* `fault` says why; only stream_close is left */
};

/* May be moved in memory, as long as only one copy is used. */
struct stream {
    int fd; /* -1 when closed */
    enum stream_state state;
    struct addr local, remote;
    struct fault fault; /* layer "tcp" or "tls"; `rule` is a sentence for people */
    uint64_t bytes_in, bytes_out;

    struct ssl_st *tls;               /* NULL: plain */
    unsigned read_wants, write_wants; /* LOOP_ bits that TLS waits for, whatever was asked */
    struct loop *loop;                /* where it is watched, else NULL */
    uint64_t token;
    unsigned watched;
};

/* Over a connected (or, with `connecting`, a connecting) non-blocking socket, which it then owns.
 */
void stream_init(struct stream *s, int fd, bool connecting);
/* Goes on with connect and TLS handshake; read and write do so too. Returns `state`. */
enum stream_state stream_step(struct stream *s);
/* Up to `room` bytes. 0: none now, or `state` says that there will be none. TLS keeps decrypted
 * bytes that the loop can't see: read until 0 before waiting. */
size_t stream_read(struct stream *s, void *to, size_t room);
/* Writes the beginning of `data` and returns how much the stream took, 0 to data.len. What it did
 * not take must be the beginning of the next write (a TLS record may be half on its way). */
size_t stream_write(struct stream *s, struct bytes data);
/* No more from us: TLS's close_notify, then TCP's FIN. Reading goes on. Nothing happens before the
 * stream is open. */
void stream_finish(struct stream *s);
/* Gives everything back, and leaves the loop; twice is fine. `fault` and counters stay. */
void stream_close(struct stream *s);

/* Which LOOP_ bits to wait for, if the caller would read and would write. */
unsigned stream_want(const struct stream *s, bool read, bool write);
/* The same, told to the loop; costs nothing when nothing changed. Wanting nothing leaves the loop.
 * E_FULL, E_NOMEM: as loop_add. */
enum err stream_watch(struct stream *s, struct loop *loop, uint64_t token, bool read, bool write);

#endif
