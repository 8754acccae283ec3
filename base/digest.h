/* Hashes over OpenSSL's block functions, in the shape that a per-packet path needs: an HMAC key is
 * set up once, then a tag costs no allocation and no look-up. SHA: FIPS 180-4; HMAC: RFC 2104. */
#ifndef DUET_BASE_DIGEST_H
#define DUET_BASE_DIGEST_H

#include "base/bytes.h"

#include <openssl/md5.h>
#include <openssl/sha.h>

#define SHA1_LEN   20
#define SHA256_LEN 32
#define SHA512_LEN 64
#define MD5_LEN    16

void digest_sha1(struct bytes in, uint8_t out[SHA1_LEN]);
void digest_sha256(struct bytes in, uint8_t out[SHA256_LEN]);
void digest_md5(struct bytes in, uint8_t out[MD5_LEN]);

/* The state after the inner and the outer key block: each tag starts from copies of them. */
struct hmac_sha1_key {
    SHA_CTX inner, outer;
};

struct hmac_sha256_key {
    SHA256_CTX inner, outer;
};

void hmac_sha1_init(struct hmac_sha1_key *key, struct bytes secret);
void hmac_sha256_init(struct hmac_sha256_key *key, struct bytes secret);
/* The tag over the `count` parts one after the other. */
void hmac_sha1(const struct hmac_sha1_key *key, const struct bytes *parts, size_t count,
               uint8_t out[SHA1_LEN]);
void hmac_sha256(const struct hmac_sha256_key *key, const struct bytes *parts, size_t count,
                 uint8_t out[SHA256_LEN]);

/* CRC-32 of ITU V.42 over the `count` parts (polynomial 0xEDB88320, as STUN's FINGERPRINT). */
uint32_t digest_crc32(const struct bytes *parts, size_t count);

#endif
