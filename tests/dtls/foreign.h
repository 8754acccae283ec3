/* A DTLS peer that is not ours: plain OpenSSL, set up as a test wants it, to try what another stack
 * might offer or choose. */
#ifndef DUET_TESTS_DTLS_FOREIGN_H
#define DUET_TESTS_DTLS_FOREIGN_H

#include "dtls/bio.h"
#include "tests/dtls/pair.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <check.h>

struct foreign_config {
    bool server;
    int rsa_bits;        /* 0: ECDSA P-256 */
    bool no_certificate; /* as a client: answer the request with none */
    bool no_request;     /* as a server: don't ask for one */
    const char *srtp;    /* OpenSSL's names; NULL: no use_srtp */
    const char *suites;  /* NULL: OpenSSL's default */
    int max_version;     /* 0: the newest */
};

struct foreign {
    EVP_PKEY *key;
    X509 *certificate;
    BIO_METHOD *method;
    SSL_CTX *ctx;
    SSL *ssl;
    struct dtls_pipe pipe;
    bool done, failed;
};

static inline int foreign_accepts(X509_STORE_CTX *store, void *unused)
{
    (void)store;
    (void)unused;
    return 1;
}

static inline X509 *foreign_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    time_t now = PAIR_UNIX_SEC;
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now);
    X509_time_adj_ex(X509_getm_notAfter(x), 1, 0, &now);
    X509_set_pubkey(x, key);
    ck_assert_int_gt(X509_sign(x, key, EVP_sha256()), 0);
    return x;
}

static inline void foreign_init(struct foreign *f, const struct foreign_config *cfg)
{
    memset(f, 0, sizeof *f);
    f->key = cfg->rsa_bits ? EVP_RSA_gen((unsigned)cfg->rsa_bits) : EVP_EC_gen("P-256");
    ck_assert_ptr_nonnull(f->key);
    f->certificate = foreign_certificate(f->key);
    f->ctx = SSL_CTX_new(DTLS_method());
    SSL_CTX_set_security_level(f->ctx, 0); /* weak things on purpose */
    if (!cfg->no_certificate) {
        ck_assert_int_eq(SSL_CTX_use_certificate(f->ctx, f->certificate), 1);
        ck_assert_int_eq(SSL_CTX_use_PrivateKey(f->ctx, f->key), 1);
    }
    if (cfg->srtp) ck_assert_int_eq(SSL_CTX_set_tlsext_use_srtp(f->ctx, cfg->srtp), 0);
    if (cfg->suites) ck_assert_int_eq(SSL_CTX_set_cipher_list(f->ctx, cfg->suites), 1);
    if (cfg->max_version) SSL_CTX_set_max_proto_version(f->ctx, cfg->max_version);
    SSL_CTX_set_options(f->ctx, SSL_OP_NO_QUERY_MTU);
    if (!cfg->server || !cfg->no_request) SSL_CTX_set_verify(f->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_cert_verify_callback(f->ctx, foreign_accepts, NULL);
    f->ssl = SSL_new(f->ctx);
    f->method = dtls_bio_method_new();
    dtls_pipe_init(&f->pipe, 1200);
    BIO *bio = dtls_bio_new(f->method, &f->pipe);
    SSL_set_bio(f->ssl, bio, bio);
    SSL_set_mtu(f->ssl, 1200);
    if (cfg->server)
        SSL_set_accept_state(f->ssl);
    else
        SSL_set_connect_state(f->ssl);
}

static inline void foreign_free(struct foreign *f)
{
    SSL_free(f->ssl);
    SSL_CTX_free(f->ctx);
    BIO_meth_free(f->method);
    dtls_pipe_close(&f->pipe);
    X509_free(f->certificate);
    EVP_PKEY_free(f->key);
}

static inline struct dtls_fingerprint foreign_fingerprint(const struct foreign *f)
{
    uint8_t *der = NULL;
    int len = i2d_X509(f->certificate, &der);
    struct dtls_fingerprint fp = dtls_fingerprint_of(DTLS_SHA256, (struct bytes){der, (size_t)len});
    OPENSSL_free(der);
    return fp;
}

static inline void foreign_step(struct foreign *f, struct bytes in)
{
    uint8_t data[256];
    ERR_clear_error();
    f->pipe.in = in;
    int r = f->done ? SSL_read(f->ssl, data, sizeof data) : SSL_do_handshake(f->ssl);
    if (!f->done && r == 1) f->done = true;
    if (r <= 0 && SSL_get_error(f->ssl, r) == SSL_ERROR_SSL) f->failed = true;
    f->pipe.in = (struct bytes){0};
    dtls_pipe_seal(&f->pipe);
    ERR_clear_error();
}

/* Everything that either has to say, at once and without loss. */
static inline void foreign_talk(struct foreign *f, struct dtls *dtls, usec now)
{
    struct packet p;
    packet_reset(&p);
    foreign_step(f, (struct bytes){0});
    for (bool more = true; more;) {
        more = false;
        while (dtls_pipe_pop(&f->pipe, &p)) {
            dtls_input(dtls, &p, now);
            more = true;
        }
        while (dtls_output(dtls, &p, now)) {
            foreign_step(f, packet_bytes(&p));
            more = true;
        }
    }
}

#endif
