/* What the files of dtls/ share. */
#ifndef DUET_DTLS_INTERNAL_H
#define DUET_DTLS_INTERNAL_H

#include "base/ring.h"
#include "dtls/bio.h"
#include "dtls/gate.h"
#include "dtls/handshake.h"
#include "dtls/keylog.h"
#include "dtls/record.h"

#include <openssl/ssl.h>

struct dtls_identity {
    EVP_PKEY *key;
    X509 *certificate;
    SSL_CTX *ctx;
    uint8_t *der; /* of the certificate; OpenSSL's memory */
    size_t der_len;
};

/* Why a handshake fails: for programs, and for people. */
struct dtls_verdict {
    enum dtls_cause cause;
    const char *reason; /* NULL: there is no verdict */
};

struct dtls {
    enum dtls_role role;
    usec rtt_us;

    SSL *ssl;
    BIO_METHOD *method;
    struct dtls_pipe pipe;
    struct dtls_gate gate;

    bool started;    /* dtls_start was called */
    bool begun;      /* the role is known, OpenSSL runs */
    bool handshaken; /* OpenSSL is done; the fingerprint may still be missing */
    struct dtls_status status;
    uint64_t plain_records; /* given to OpenSSL: their sequence numbers */
    /* Why OpenSSL is about to fail, said by one of our checks within it. */
    struct dtls_verdict verdict;

    usec now;             /* of the call under way, for the timer's callback */
    usec first;           /* the first wait of the present flight */
    unsigned sent;        /* how often it was sent again */
    usec due;             /* when it is, if the peer stays silent */
    usec timer;           /* the same, or later if OpenSSL's clock lags; TIME_NEVER: not running */
    usec give_up;         /* TIME_NEVER: not begun, or done */
    usec alert_due;       /* when an alert in clear is believed; TIME_NEVER: there is none */
    uint64_t alert_after; /* retransmissions, all told, before it came */
    bool alert_closes;    /* that is a close_notify */
    char alert_text[sizeof "alert 255"];

    struct dtls_fingerprint wanted[DTLS_FINGERPRINTS_MAX];
    struct dtls_fingerprint seen; /* of the certificate that was compared with them */
    size_t wanted_count;

    bool keylog_asked;
    char keylog[DTLS_KEYLOG_MAX]; /* "": none, or taken */

    struct ring events;
    struct dtls_event event_items[8];
    struct fault fault;
    struct dtls_counters counters;
    struct dtls_flights flights; /* until the handshake is done */
};

/* Of a certificate that equals no wanted fingerprint; in verify.c. */
extern const struct dtls_verdict dtls_wrong_fingerprint;

/* Installs what OpenSSL asks us during a handshake; in verify.c. */
void dtls_verify_install(SSL_CTX *ctx);
/* Ties an SSL to its connection. */
bool dtls_verify_attach(struct dtls *dtls);
/* Does the certificate equal one of the wanted fingerprints (RFC 8122 §5.1)? */
bool dtls_verify_certificate(struct dtls *dtls, X509 *certificate);
/* An alert's name, or its number where it has none; valid as long as the connection. */
const char *dtls_verify_alert_text(struct dtls *dtls, uint8_t description);
/* The certificate's hash. */
struct dtls_fingerprint dtls_verify_fingerprint(enum dtls_hash hash, X509 *certificate);

#endif
