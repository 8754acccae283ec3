#define _POSIX_C_SOURCE 200809L
#include "net/tls.h"

#include "net/internal.h"
#include "net/loop.h"
#include "net/name.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct tls {
    SSL_CTX *ctx;
    BIO_METHOD *socket;
};

/* OpenSSL's own socket BIO uses write(2), whose SIGPIPE would end the process: this one sends with
 * MSG_NOSIGNAL. The descriptor is the BIO's data, so that a stream may be moved in memory. */
static int bio_fd(BIO *bio)
{
    return (int)(intptr_t)BIO_get_data(bio);
}

static int bio_send(BIO *bio, const char *data, int len)
{
    ssize_t n = send(bio_fd(bio), data, (size_t)len, MSG_NOSIGNAL);
    BIO_clear_retry_flags(bio);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
    return (int)n;
}

static int bio_receive(BIO *bio, char *to, int room)
{
    ssize_t n = recv(bio_fd(bio), to, (size_t)room, 0);
    BIO_clear_retry_flags(bio);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
    if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)n;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH; /* everything is sent at once */
}

static struct fault tls_fault(enum err err, const char *rule)
{
    return (struct fault){.err = err, .layer = "tls", .rule = rule};
}

/* OpenSSL's latest complaint. Its strings live as long as the process. */
static const char *library_says(const char *otherwise)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason ? reason : otherwise;
}

static struct tls *tls_new(const SSL_METHOD *method, struct fault *why)
{
    struct tls *tls = calloc(1, sizeof *tls);
    *why = tls_fault(E_NOMEM, "out of memory");
    if (!tls) return NULL;
    tls->ctx = SSL_CTX_new(method);
    tls->socket = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket, no SIGPIPE");
    if (!tls->ctx || !tls->socket) {
        tls_free(tls);
        return NULL;
    }
    BIO_meth_set_write(tls->socket, bio_send);
    BIO_meth_set_read(tls->socket, bio_receive);
    BIO_meth_set_ctrl(tls->socket, bio_control);
    /* RFC 8996: nothing below 1.2. RFC 9325 §3.4: no renegotiation. */
    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(tls->ctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(tls->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
    *why = (struct fault){0};
    return tls;
}

void tls_free(struct tls *tls)
{
    if (!tls) return;
    SSL_CTX_free(tls->ctx);
    BIO_meth_free(tls->socket);
    free(tls);
}

/* RFC 7301 §6: the protocol's name, with its length before it. */
static const unsigned char http11[] = "\x08http/1.1";
#define HTTP11_LEN (sizeof http11 - 1)

struct tls *tls_client_new(const char *ca_file, struct fault *why)
{
    ERR_clear_error();
    struct tls *tls = tls_new(TLS_client_method(), why);
    if (!tls) return NULL;
    SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_alpn_protos(tls->ctx, http11, HTTP11_LEN);
    SSL_CTX_set_default_verify_paths(tls->ctx); /* a system without roots trusts nobody */
    if (!ca_file) return tls;
    /* A certificate that the user names is trusted as it is, also if it is no authority's. */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(tls->ctx), X509_V_FLAG_PARTIAL_CHAIN);
    if (SSL_CTX_load_verify_locations(tls->ctx, ca_file, NULL) == 1) return tls;
    *why = tls_fault(E_MALFORMED, "the CA file can't be read as PEM certificates");
    tls_free(tls);
    return NULL;
}

/* RFC 7301 §3.2: "http/1.1" or a fatal alert; a client that asks for nothing gets nothing. */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *none)
{
    (void)ssl;
    (void)none;
    struct reader r = reader_of((struct bytes){in, in_len});
    while (reader_left(&r)) {
        struct bytes protocol = read_bytes(&r, read_u8(&r));
        if (!bytes_is(protocol, "http/1.1")) continue;
        *out = http11 + 1;
        *out_len = HTTP11_LEN - 1;
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* A key with a passphrase would make OpenSSL ask at the terminal, and block. */
static int no_passphrase(char *to, int room, int writing, void *none)
{
    (void)to;
    (void)room;
    (void)writing;
    (void)none;
    return 0;
}

struct tls *tls_server_new(const char *cert_file, const char *key_file, struct fault *why)
{
    ERR_clear_error();
    struct tls *tls = tls_new(TLS_server_method(), why);
    if (!tls) return NULL;
    SSL_CTX_set_default_passwd_cb(tls->ctx, no_passphrase);
    SSL_CTX_set_alpn_select_cb(tls->ctx, choose_alpn, NULL);
    if (SSL_CTX_use_certificate_chain_file(tls->ctx, cert_file) != 1)
        *why = tls_fault(E_MALFORMED, "the certificate file can't be read as PEM certificates");
    else if (SSL_CTX_use_PrivateKey_file(tls->ctx, key_file, SSL_FILETYPE_PEM) != 1)
        *why = tls_fault(E_MALFORMED, "the key file can't be read as a PEM key for the certificate"
                                      " (without a passphrase)");
    else
        return tls;
    tls_free(tls);
    return NULL;
}

/* An SSL over the stream's socket. */
static enum err attach(struct tls *tls, struct stream *s)
{
    if (s->tls || (s->state != STREAM_OPEN && s->state != STREAM_CONNECTING)) return E_STATE;
    SSL *ssl = SSL_new(tls->ctx);
    BIO *bio = ssl ? BIO_new(tls->socket) : NULL;
    if (!bio) {
        SSL_free(ssl);
        return E_NOMEM;
    }
    BIO_set_data(bio, (void *)(intptr_t)s->fd);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    s->tls = ssl;
    if (s->state == STREAM_OPEN) s->state = STREAM_HANDSHAKE;
    return OK;
}

enum err tls_start_client(struct tls *tls, struct stream *s, const char *host)
{
    char name[NAME_MAX_LEN + 1];
    struct bytes text = bytes_of(host);
    struct addr literal;
    bool is_literal = addr_parse_ip(text, &literal);
    if (!is_literal && !name_valid(text)) return E_MALFORMED;
    if (text.at[text.len - 1] == '.') text.len--; /* RFC 6066 §3: no last dot */
    bytes_to_text(text, name, sizeof name);
    enum err err = attach(tls, s);
    if (err != OK) return err;
    SSL_set_connect_state(s->tls);
    /* RFC 9525 §6.3: a wildcard is a whole label; §2: the subject's CN is no name. */
    SSL_set_hostflags(s->tls,
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (is_literal
            ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(s->tls), name) == 1
            : SSL_set1_host(s->tls, name) == 1 && SSL_set_tlsext_host_name(s->tls, name) == 1)
        return OK;
    tls_drop(s);
    return E_NOMEM;
}

enum err tls_start_server(struct tls *tls, struct stream *s)
{
    enum err err = attach(tls, s);
    if (err == OK) SSL_set_accept_state(s->tls);
    return err;
}

static const char *certificate_says(long result)
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the certificate has expired: the server needs a new one";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the certificate is not valid yet: is the clock right?";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "the certificate is self-signed and not among the trusted ones";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return "no trusted authority has signed the certificate";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the certificate is for another host: use a name that it has";
    default: return X509_verify_cert_error_string(result);
    }
}

bool tls_untrusted(const struct stream *s)
{
    if (s->state != STREAM_FAILED || !s->tls) return false;
    switch (SSL_get_verify_result(s->tls)) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return true;
    default: return false;
    }
}

static void fail(struct stream *s, enum err err, const char *rule)
{
    s->state = STREAM_FAILED;
    s->fault = tls_fault(err, rule);
}

/* What an SSL call that returned `result` asks for; anything final moves the stream's state. */
static unsigned wants_after(struct stream *s, int result)
{
    int errnum = errno;
    switch (SSL_get_error(s->tls, result)) {
    case SSL_ERROR_WANT_READ: return LOOP_READ;
    case SSL_ERROR_WANT_WRITE: return LOOP_WRITE;
    case SSL_ERROR_ZERO_RETURN: s->state = STREAM_ENDED; return 0;
    case SSL_ERROR_SYSCALL:
        s->state = STREAM_FAILED;
        s->fault = syserr_fault("tcp", errnum);
        return 0;
    default: break;
    }
    long verified = SSL_get_verify_result(s->tls);
    if (verified != X509_V_OK)
        fail(s, E_AUTH, certificate_says(verified));
    else
        fail(s, E_MALFORMED, library_says("the peer broke the protocol"));
    return 0;
}

void tls_handshake(struct stream *s)
{
    ERR_clear_error();
    int result = SSL_do_handshake(s->tls);
    s->read_wants = 0;
    if (result == 1)
        s->state = STREAM_OPEN;
    else
        s->read_wants = wants_after(s, result);
}

size_t tls_read(struct stream *s, void *to, size_t room)
{
    size_t n = 0;
    ERR_clear_error();
    int result = SSL_read_ex(s->tls, to, room, &n);
    s->read_wants = result == 1 ? 0 : wants_after(s, result);
    return result == 1 ? n : 0;
}

size_t tls_write(struct stream *s, struct bytes data)
{
    size_t n = 0;
    ERR_clear_error();
    int result = SSL_write_ex(s->tls, data.at, data.len, &n);
    s->write_wants = result == 1 ? 0 : wants_after(s, result);
    return result == 1 ? n : 0;
}

void tls_finish(struct stream *s)
{
    ERR_clear_error();
    SSL_shutdown(s->tls); /* best effort: TCP's FIN follows in any case */
    ERR_clear_error();
}

void tls_drop(struct stream *s)
{
    SSL_free(s->tls);
    s->tls = NULL;
}
