#include "dtls/internal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdlib.h>
#include <string.h>

/* A name that says nothing about us: the certificate travels in clear (RFC 8827 §6.5 asks for
 * fresh, unlinkable keys; a random name would add nothing). */
#define COMMON_NAME "WebRTC"

#define DAY (24 * 60 * 60)

/* RFC 7525 §4.2's suites: forward secrecy and AEAD only, AES-128-GCM first as it is the fastest and
 * what browsers choose. RSA ones only for peers with RSA certificates: ours is ECDSA. */
#define SUITES                                                                                     \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                                   \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                                   \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define GROUPS "X25519:P-256:P-384"
/* No SHA-1: RFC 9155. */
#define SIGNATURES                                                                                 \
    "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"         \
    "RSA+SHA256:RSA+SHA384:RSA+SHA512"
/* In our order of preference, which rules when we are the server: AES-128-GCM costs a quarter of
 * AES-CM with HMAC. Neither the 32-bit tag nor NULL ciphers are in it. */
#define SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80"

/* RFC 5280 §4.1.2.2 wants the serial positive and unlike any other of this issuer: the first bytes
 * of the public key's hash, which need no randomness of their own. */
static bool set_serial(X509 *certificate, EVP_PKEY *key)
{
    uint8_t *der = NULL, hash[32];
    int len = i2d_PUBKEY(key, &der);
    if (len <= 0) return false;
    bool ok = EVP_Digest(der, (size_t)len, hash, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    if (!ok) return false;
    uint64_t serial = 1;
    for (size_t i = 0; i < 7; i++) serial = serial << 8 | hash[i];
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1;
}

/* Self-signed, one name, no extensions: what matters is its hash (RFC 5763 §5, 8122 §3.2). */
static X509 *make_certificate(EVP_PKEY *key, int64_t unix_sec)
{
    X509 *certificate = X509_new();
    if (!certificate) return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    time_t now = (time_t)unix_sec;
    /* X.509 v3 is written 2. A day of grace for peers whose clock is behind. */
    if (X509_set_version(certificate, 2) && set_serial(certificate, key) &&
        X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -DAY, &now) &&
        X509_time_adj_ex(X509_getm_notAfter(certificate), 30, 0, &now) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)COMMON_NAME, -1, -1,
                                   0) &&
        X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
        X509_sign(certificate, key, EVP_sha256()) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static bool set_up(SSL_CTX *ctx, const struct dtls_identity *identity)
{
    char groups[] = GROUPS, signatures[] = SIGNATURES; /* macros below cast const away */
    /* RFC 8827 §6.5: DTLS 1.2 at least; at most, since the gate knows no other. 112 bits of
     * security and all else are said here, so that no openssl.cnf decides. */
    SSL_CTX_set_security_level(ctx, 2);
    if (!SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) ||
        !SSL_CTX_set_max_proto_version(ctx, DTLS1_2_VERSION) ||
        !SSL_CTX_set_cipher_list(ctx, SUITES) || !SSL_CTX_set1_groups_list(ctx, groups) ||
        !SSL_CTX_set1_sigalgs_list(ctx, signatures))
        return false;
    if (!SSL_CTX_use_certificate(ctx, identity->certificate) ||
        !SSL_CTX_use_PrivateKey(ctx, identity->key))
        return false;
    /* This one returns 0 for success. */
    if (SSL_CTX_set_tlsext_use_srtp(ctx, SRTP_PROFILES) != 0) return false;
    /* No second handshake may change keys or certificate (invariant 43), no session outlives its
     * connection, and the MTU is ours to know. */
    SSL_CTX_set_options(ctx, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(ctx, DTLS_MESSAGE_MAX);
    /* No record of ours is longer than a packet: spares 14 KiB a connection. */
    SSL_CTX_set_max_send_fragment(ctx, PACKET_MAX);
    SSL_CTX_set_read_ahead(ctx, 1);
    dtls_verify_install(ctx);
    return true;
}

struct dtls_identity *dtls_identity_new(int64_t unix_sec)
{
    struct dtls_identity *identity = calloc(1, sizeof *identity);
    if (!identity) return NULL;
    identity->key = EVP_EC_gen("P-256");
    if (!identity->key) goto fail;
    identity->certificate = make_certificate(identity->key, unix_sec);
    if (!identity->certificate) goto fail;
    int len = i2d_X509(identity->certificate, &identity->der);
    if (len <= 0) goto fail;
    identity->der_len = (size_t)len;
    identity->ctx = SSL_CTX_new(DTLS_method());
    if (!identity->ctx || !set_up(identity->ctx, identity)) goto fail;
    return identity;
fail:
    ERR_clear_error();
    dtls_identity_free(identity);
    return NULL;
}

void dtls_identity_free(struct dtls_identity *identity)
{
    if (!identity) return;
    SSL_CTX_free(identity->ctx);
    OPENSSL_free(identity->der);
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    free(identity);
}

struct bytes dtls_identity_certificate(const struct dtls_identity *identity)
{
    return (struct bytes){identity->der, identity->der_len};
}

struct dtls_fingerprint dtls_identity_fingerprint(const struct dtls_identity *identity,
                                                  enum dtls_hash hash)
{
    return dtls_fingerprint_of(hash, dtls_identity_certificate(identity));
}
