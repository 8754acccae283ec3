/* What OpenSSL asks us in the middle of a handshake: is this ClientHello, is this certificate good
 * enough? RFC 5764 §4.1.1, 8122 §6.2. */
#include "dtls/internal.h"
#include "dtls/record.h"

#include <openssl/x509.h>

#include <stdio.h>
#include <string.h>

const struct dtls_verdict dtls_wrong_fingerprint = {
    DTLS_CAUSE_FINGERPRINT,
    "fingerprint differs: the certificate is not the signaled one (RFC 8122 6.2)"};

static struct dtls *owner_of(const SSL *ssl)
{
    return SSL_get_ex_data(ssl, 0);
}

bool dtls_verify_attach(struct dtls *dtls)
{
    return SSL_set_ex_data(dtls->ssl, 0, dtls) == 1;
}

struct dtls_fingerprint dtls_verify_fingerprint(enum dtls_hash hash, X509 *certificate)
{
    struct dtls_fingerprint f = {0};
    uint8_t *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len > 0) f = dtls_fingerprint_of(hash, (struct bytes){der, (size_t)len});
    OPENSSL_free(der);
    return f;
}

bool dtls_verify_certificate(struct dtls *dtls, X509 *certificate)
{
    /* RFC 8122 §5.1: the most preferred hash function of those offered, and only that one. */
    enum dtls_hash best = DTLS_HASH_NONE;
    for (size_t i = 0; i < dtls->wanted_count; i++)
        if (dtls->wanted[i].hash > best) best = dtls->wanted[i].hash;
    if (best == DTLS_HASH_NONE) return false;
    dtls->seen = dtls_verify_fingerprint(best, certificate);
    for (size_t i = 0; i < dtls->wanted_count; i++)
        if (dtls_fingerprint_equal(&dtls->wanted[i], &dtls->seen)) return true;
    return false;
}

/* RSA of 1024 bits has 80 bits of security, and is not taken (pitfall 22c). */
static bool strong_enough(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    return key && EVP_PKEY_get_security_bits(key) >= 112;
}

/* Instead of X509_verify_cert: nobody has signed a peer's certificate but itself, and its dates
 * would be checked against a clock (RFC 8827 §6.5, 8122 §6.2: the fingerprint is what counts). */
static int verify_peer(X509_STORE_CTX *store, void *unused)
{
    (void)unused;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct dtls *dtls = owner_of(ssl);
    X509 *certificate = X509_STORE_CTX_get0_cert(store);

    /* A client sees here, after ServerHello, that no profile was chosen. */
    if (!SSL_get_selected_srtp_profile(ssl)) {
        dtls->verdict = (struct dtls_verdict){DTLS_CAUSE_PROFILE,
                                              "the peer chose no SRTP profile (RFC 5764 4.1.1)"};
        X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
        return 0; /* alert handshake_failure */
    }
    if (!strong_enough(certificate)) {
        dtls->verdict = (struct dtls_verdict){DTLS_CAUSE_OTHER, "the peer's key is too short"};
        X509_STORE_CTX_set_error(store, X509_V_ERR_EE_KEY_TOO_SMALL);
        return 0;
    }
    if (dtls->wanted_count > 0 && !dtls_verify_certificate(dtls, certificate)) {
        dtls->verdict = dtls_wrong_fingerprint;
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        return 0; /* alert bad_certificate */
    }
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
}

/* RFC 5764 §4.1.1: a server that finds no shared profile returns an alert rather than going on
 * without SRTP. OpenSSL would go on. */
static int see_client_hello(SSL *ssl, int *alert, void *unused)
{
    (void)unused;
    static const uint16_t ours[] = {DTLS_SRTP_AEAD_AES_128_GCM, DTLS_SRTP_AEAD_AES_256_GCM,
                                    DTLS_SRTP_AES128_CM_SHA1_80};
    struct dtls_verdict *verdict = &owner_of(ssl)->verdict;
    const uint8_t *at = NULL;
    size_t len = 0;
    if (SSL_client_hello_get0_ext(ssl, DTLS_EXTENSION_USE_SRTP, &at, &len)) {
        struct reader r = reader_of((struct bytes){at, len});
        struct dtls_u16s list = {read_bytes(&r, read_u16(&r))};
        for (size_t i = 0; i < COUNT(ours); i++)
            if (dtls_u16s_has(list, ours[i])) return SSL_CLIENT_HELLO_SUCCESS;
        *verdict = (struct dtls_verdict){
            DTLS_CAUSE_PROFILE, "the peer offers none of our SRTP profiles (RFC 5764 4.1.2)"};
    } else {
        *verdict =
            (struct dtls_verdict){DTLS_CAUSE_PROFILE, "the peer offers no SRTP (RFC 5764 4.1.1)"};
    }
    *alert = SSL_AD_HANDSHAKE_FAILURE;
    return SSL_CLIENT_HELLO_ERROR;
}

const char *dtls_verify_alert_text(struct dtls *dtls, uint8_t description)
{
    if (dtls_alert_is_known(description)) return dtls_alert_name(description);
    snprintf(dtls->alert_text, sizeof dtls->alert_text, "alert %u", (unsigned)description);
    return dtls->alert_text;
}

/* Remembers the last alert that ends something: fatal, or close_notify. `where` says whose. */
static void see_alert(const SSL *ssl, int where, int value)
{
    uint8_t level = (uint8_t)(value >> 8), description = (uint8_t)value;
    if (!(where & SSL_CB_ALERT)) return;
    if (level != SSL3_AL_FATAL && description != SSL_AD_CLOSE_NOTIFY) return;
    struct dtls *dtls = owner_of(ssl);
    dtls->status.alert = dtls_verify_alert_text(dtls, description);
    dtls->status.alert_received = (where & SSL_CB_READ) != 0;
}

void dtls_verify_install(SSL_CTX *ctx)
{
    /* RFC 5763 §5: both sides present a certificate. */
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ctx, verify_peer, NULL);
    SSL_CTX_set_client_hello_cb(ctx, see_client_hello, NULL);
    SSL_CTX_set_info_callback(ctx, see_alert);
}
