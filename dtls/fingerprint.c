/* Fingerprints of certificates: RFC 8122 §5. Declared in identity.h. */
#include "dtls/identity.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <string.h>

_Static_assert(DTLS_FINGERPRINT_MAX == SHA512_DIGEST_LENGTH, "SHA-512 is the longest");

const char *dtls_hash_name(enum dtls_hash hash)
{
    switch (hash) {
    case DTLS_SHA256: return "sha-256";
    case DTLS_SHA384: return "sha-384";
    case DTLS_SHA512: return "sha-512";
    case DTLS_HASH_NONE: break;
    }
    return "none";
}

size_t dtls_hash_len(enum dtls_hash hash)
{
    switch (hash) {
    case DTLS_SHA256: return SHA256_DIGEST_LENGTH;
    case DTLS_SHA384: return SHA384_DIGEST_LENGTH;
    case DTLS_SHA512: return SHA512_DIGEST_LENGTH;
    case DTLS_HASH_NONE: break;
    }
    return 0;
}

enum dtls_hash dtls_hash_parse(struct bytes name)
{
    /* A token of the ABNF, and those are case-insensitive (RFC 5234 §2.3). */
    if (bytes_is_nocase(name, "sha-256")) return DTLS_SHA256;
    if (bytes_is_nocase(name, "sha-384")) return DTLS_SHA384;
    if (bytes_is_nocase(name, "sha-512")) return DTLS_SHA512;
    return DTLS_HASH_NONE;
}

/* 0 to 15, or -1. */
static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

enum err dtls_fingerprint_parse(struct bytes hash, struct bytes hex, struct dtls_fingerprint *out)
{
    struct dtls_fingerprint f = {.hash = dtls_hash_parse(hash)};
    if (f.hash == DTLS_HASH_NONE) return E_UNSUPPORTED;
    f.len = dtls_hash_len(f.hash);
    /* "AB" and then ":CD" for each byte more: nothing shorter is compared, nothing longer. */
    if (hex.len != 3 * f.len - 1) return E_MALFORMED;
    for (size_t i = 0; i < f.len; i++) {
        const uint8_t *at = hex.at + 3 * i;
        int high = hex_digit(at[0]), low = hex_digit(at[1]);
        if (high < 0 || low < 0 || (i + 1 < f.len && at[2] != ':')) return E_MALFORMED;
        f.value[i] = (uint8_t)(high << 4 | low);
    }
    *out = f;
    return OK;
}

const char *dtls_fingerprint_text(const struct dtls_fingerprint *fingerprint, char *to)
{
    static const char digits[] = "0123456789ABCDEF";
    char *at = to;
    for (size_t i = 0; i < fingerprint->len && i < DTLS_FINGERPRINT_MAX; i++) {
        if (i > 0) *at++ = ':';
        *at++ = digits[fingerprint->value[i] >> 4];
        *at++ = digits[fingerprint->value[i] & 15];
    }
    *at = 0;
    return to;
}

bool dtls_fingerprint_equal(const struct dtls_fingerprint *a, const struct dtls_fingerprint *b)
{
    size_t len = dtls_hash_len(a->hash);
    if (len == 0 || a->hash != b->hash || a->len != len || b->len != len) return false;
    return bytes_equal_secret((struct bytes){a->value, len}, (struct bytes){b->value, len});
}

struct dtls_fingerprint dtls_fingerprint_of(enum dtls_hash hash, struct bytes certificate)
{
    struct dtls_fingerprint f = {.hash = hash, .len = dtls_hash_len(hash)};
    switch (hash) {
    case DTLS_SHA256: SHA256(certificate.at, certificate.len, f.value); break;
    case DTLS_SHA384: SHA384(certificate.at, certificate.len, f.value); break;
    case DTLS_SHA512: SHA512(certificate.at, certificate.len, f.value); break;
    case DTLS_HASH_NONE: break;
    }
    return f;
}
