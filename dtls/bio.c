#include "dtls/bio.h"

#include <stdlib.h>
#include <string.h>

void dtls_pipe_init(struct dtls_pipe *pipe, size_t mtu)
{
    memset(pipe, 0, sizeof *pipe);
    pipe->mtu = mtu;
    pipe->sealed = true;
}

void dtls_pipe_close(struct dtls_pipe *pipe)
{
    free(pipe->out);
    pipe->out = NULL;
    pipe->out_len = pipe->count = 0;
    pipe->sealed = true;
}

void dtls_pipe_seal(struct dtls_pipe *pipe)
{
    pipe->sealed = true;
}

bool dtls_pipe_pop(struct dtls_pipe *pipe, struct packet *out)
{
    if (pipe->count == 0) return false;
    size_t len = pipe->lens[0];
    packet_set(out, (struct bytes){pipe->out, len});
    pipe->out_len -= len;
    pipe->count--;
    memmove(pipe->out, pipe->out + len, pipe->out_len);
    memmove(pipe->lens, pipe->lens + 1, pipe->count * sizeof pipe->lens[0]);
    if (pipe->count == 0) pipe->sealed = true;
    return true;
}

/* Records that one call writes go into one datagram while they fit (RFC 6347 §4.1.1): OpenSSL does
 * so itself at first, but writes each record alone when it retransmits. Records of different
 * versions (a ClientHello's is 1.0) stay apart: a peer with OpenSSL 3.0 that finds one stale would
 * lose its place in the rest. */
static bool join(struct dtls_pipe *pipe, const char *record, size_t len)
{
    if (pipe->sealed || pipe->count == 0) return false;
    uint16_t *last = &pipe->lens[pipe->count - 1];
    const uint8_t *first = pipe->out + pipe->out_len - *last;
    if (*last + len > pipe->mtu || len < 3 || *last < 3) return false;
    if (memcmp(first + 1, record + 1, 2) != 0) return false;
    *last = (uint16_t)(*last + len);
    return true;
}

static int pipe_write(BIO *bio, const char *data, int len)
{
    struct dtls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (len <= 0) return 0;
    size_t n = (size_t)len;
    if (!pipe->out) pipe->out = malloc(DTLS_BIO_OUT_BYTES);
    bool room = pipe->out && n <= PACKET_MAX && n <= DTLS_BIO_OUT_BYTES - pipe->out_len;
    if (room && !join(pipe, data, n)) {
        room = pipe->count < COUNT(pipe->lens);
        if (room) pipe->lens[pipe->count++] = (uint16_t)n;
    }
    /* OpenSSL sees it as sent, and its timer sends it again. */
    if (!room) {
        pipe->dropped++;
        return len;
    }
    memcpy(pipe->out + pipe->out_len, data, n);
    pipe->out_len += n;
    pipe->sealed = false;
    return len;
}

/* The whole datagram or nothing: what does not fit in `room` is cut off, as recv does. */
static int pipe_read(BIO *bio, char *to, int room)
{
    struct dtls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (pipe->in.len == 0 || room <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t n = pipe->in.len < (size_t)room ? pipe->in.len : (size_t)room;
    memcpy(to, pipe->in.at, n);
    pipe->in = (struct bytes){0};
    return (int)n;
}

static long pipe_ctrl(BIO *bio, int command, long number, void *pointer)
{
    struct dtls_pipe *pipe = BIO_get_data(bio);
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU: return (long)pipe->mtu;
    default: return 0; /* no EOF, nothing pending, no overhead: the MTU is that of UDP's payload */
    }
}

static int pipe_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD *dtls_bio_method_new(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "duet datagrams");
    if (!method) return NULL;
    if (BIO_meth_set_write(method, pipe_write) && BIO_meth_set_read(method, pipe_read) &&
        BIO_meth_set_ctrl(method, pipe_ctrl) && BIO_meth_set_create(method, pipe_create))
        return method;
    BIO_meth_free(method);
    return NULL;
}

BIO *dtls_bio_new(const BIO_METHOD *method, struct dtls_pipe *pipe)
{
    BIO *bio = BIO_new(method);
    if (bio) BIO_set_data(bio, pipe);
    return bio;
}
