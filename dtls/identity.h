/* Who we are towards a DTLS peer: a key, a self-signed certificate, and their fingerprints.
 * RFC 8122 §5 (fingerprint), RFC 8827 §6.5 (ECDSA P-256, self-signed). */
#ifndef DUET_DTLS_IDENTITY_H
#define DUET_DTLS_IDENTITY_H

#include "base/bytes.h"

/* The hash functions of RFC 8122 §5 that we compute. SHA-1, MD5 and MD2 are not among them:
 * MD2 and MD5 must not be used (RFC 8122 §5), SHA-1 no longer resists collisions (RFC 8122 §5.1
 * names sha-256 as the one every endpoint has). */
enum dtls_hash { DTLS_HASH_NONE = 0, DTLS_SHA256, DTLS_SHA384, DTLS_SHA512 };

#define DTLS_FINGERPRINT_MAX      64 /* SHA-512 */
/* "AB:CD:...": three characters a byte, the last one is the NUL. */
#define DTLS_FINGERPRINT_TEXT_MAX (3 * DTLS_FINGERPRINT_MAX)

/* The hash of a certificate in its DER form. */
struct dtls_fingerprint {
    enum dtls_hash hash;
    size_t len; /* as long as `hash` demands, never less */
    uint8_t value[DTLS_FINGERPRINT_MAX];
};

/* "sha-256", or "none". */
const char *dtls_hash_name(enum dtls_hash hash);
/* Bytes of its value: 32, 48, 64; 0 for DTLS_HASH_NONE. */
size_t dtls_hash_len(enum dtls_hash hash);
/* A hash-func token of RFC 8122 §5, in any case: "sha-256", "SHA-384". DTLS_HASH_NONE: not ours. */
enum dtls_hash dtls_hash_parse(struct bytes name);

/* The two halves of an SDP fingerprint attribute: "sha-256", "AB:CD:...". The grammar asks for
 * upper-case digits (RFC 8122 §5), lower-case ones are taken too, since both are seen.
 * E_UNSUPPORTED: a hash that we don't compute (ignore the line). E_MALFORMED: not pairs of hex
 * digits with colons, or not exactly as long as the hash. `out` is changed only on OK. */
enum err dtls_fingerprint_parse(struct bytes hash, struct bytes hex, struct dtls_fingerprint *out);
/* "AB:CD:..." into at least DTLS_FINGERPRINT_TEXT_MAX bytes; returns `to`. */
const char *dtls_fingerprint_text(const struct dtls_fingerprint *fingerprint, char *to);
/* Same hash and same value, whole and in constant time. Two empty ones are never equal. */
bool dtls_fingerprint_equal(const struct dtls_fingerprint *a, const struct dtls_fingerprint *b);
/* Of a certificate's DER bytes. */
struct dtls_fingerprint dtls_fingerprint_of(enum dtls_hash hash, struct bytes certificate);

/* A fresh ECDSA P-256 key with its certificate, and what all connections of a process share
 * (OpenSSL's SSL_CTX: a handshake costs 0.7 ms with a shared one, 1.0 ms without). */
struct dtls_identity;

/* Makes key and certificate (0.23 ms; the key comes from OpenSSL's own generator). `unix_sec`:
 * seconds since 1970; the certificate is valid from one day before to thirty days after it.
 * NULL: no memory, or OpenSSL refused. */
struct dtls_identity *dtls_identity_new(int64_t unix_sec);
/* NULL is fine. Connections made from it live on. */
void dtls_identity_free(struct dtls_identity *identity);
/* Of our certificate, for the SDP; sha-256 is what every peer knows (RFC 8122 §5.1). */
struct dtls_fingerprint dtls_identity_fingerprint(const struct dtls_identity *identity,
                                                  enum dtls_hash hash);
/* Our certificate, DER; lives as long as the identity. */
struct bytes dtls_identity_certificate(const struct dtls_identity *identity);

#endif
