/* One packet of SRTP or SRTCP, and the session keys that prove and open it, over OpenSSL. RFC 3711,
 * 6188 §3 (AES-256 key derivation), 7714 (AES-GCM).
 *
 * What a receiver of a call guards besides (replay, rollover, lifetimes) is libsrtp's:
 * rtp/protect.h. This is for who only asks whether a tag is right, or what is in a packet of a
 * capture. */
#ifndef DUET_RTP_SEALED_H
#define DUET_RTP_SEALED_H

#include <openssl/evp.h>

#include "base/digest.h"

/* IANA's DTLS-SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2). */
enum sealed_profile_number {
    SEALED_AES128_CM_SHA1_80 = 0x0001, /* key 16, salt 14, tag 10 */
    SEALED_AES128_CM_SHA1_32 = 0x0002, /* the same; RTP's tag 4, RTCP's 10 */
    SEALED_AEAD_AES_128_GCM = 0x0007,  /* key 16, salt 12, tag 16 */
    SEALED_AEAD_AES_256_GCM = 0x0008   /* key 32, salt 12, tag 16 */
};

#define SEALED_SALT_LEN 14 /* RFC 3711 §4.3.1: 112 bits; GCM uses the first 96 (RFC 7714 §8.1) */

struct sealed_profile {
    enum sealed_profile_number number;
    size_t key_len, salt_len; /* of the master key */
    size_t rtp_tag, rtcp_tag;
    bool gcm;
};

/* The session keys of RTP or of RTCP. */
struct sealed_key {
    EVP_CIPHER_CTX *cipher; /* has the encryption key */
    struct hmac_sha1_key auth;
    uint8_t salt[SEALED_SALT_LEN];
};

/* Of one direction of one association. */
struct sealed_keys {
    const struct sealed_profile *profile;
    struct sealed_key rtp, rtcp;
};

/* Derives them from master key and salt (copied: wipe yours). False, with nothing to wipe: no such
 * profile, other lengths, or no memory. */
bool sealed_keys_init(struct sealed_keys *keys, uint16_t profile, struct bytes key,
                      struct bytes salt);
/* Frees and wipes them; all zeros are fine. */
void sealed_keys_wipe(struct sealed_keys *keys);

/* A packet in its parts, as views. */
struct sealed {
    uint32_t ssrc;
    uint64_t index;       /* RTP: rollover counter and sequence number; RTCP: the SRTCP index */
    struct bytes header;  /* in clear */
    struct bytes body;    /* encrypted, or not: `encrypted` */
    struct bytes trailer; /* authenticated behind the body: RTCP's index word */
    struct bytes tag;
    bool encrypted;
};

/* Parts it. RTP's index is the sequence number alone: whoever knows the rollover counter adds it,
 * times 2^16. E_TRUNCATED, E_MALFORMED: no whole header, or shorter than header and tag. */
enum err sealed_split_rtp(struct sealed *s, const struct sealed_profile *profile,
                          struct bytes packet);
enum err sealed_split_rtcp(struct sealed *s, const struct sealed_profile *profile,
                           struct bytes packet);

/* Proves the tag and writes header and decrypted body to `room`, which has their lengths together.
 * False: the tag does not match; `room` is garbled then. */
bool sealed_open_rtp(struct sealed_keys *keys, const struct sealed *s, uint8_t *room);
bool sealed_open_rtcp(struct sealed_keys *keys, const struct sealed *s, uint8_t *room);

#endif
