/* SRTP keys out of a DTLS handshake: the exporter and how its bytes are cut. RFC 5764 §4.2. */
#ifndef DUET_DTLS_KEYS_H
#define DUET_DTLS_KEYS_H

#include "base/bytes.h"

/* SRTP protection profiles by their IANA numbers, the ones that we negotiate. The 32-bit tag
 * (0x0002) and the NULL ciphers (0x0005, 0x0006) of RFC 5764 §4.1.2 are never offered or taken. */
enum dtls_srtp_profile {
    DTLS_SRTP_NONE = 0,
    DTLS_SRTP_AES128_CM_SHA1_80 = 0x0001, /* RFC 5764 §4.1.2 */
    DTLS_SRTP_AEAD_AES_128_GCM = 0x0007,  /* RFC 7714 §14.2 */
    DTLS_SRTP_AEAD_AES_256_GCM = 0x0008   /* RFC 7714 §14.2 */
};

#define DTLS_SRTP_KEY_MAX  32 /* AES-256 */
#define DTLS_SRTP_SALT_MAX 14 /* AES-CM: 112 bits */

/* A master key and its salt, for one direction. */
struct dtls_srtp_master {
    uint8_t key[DTLS_SRTP_KEY_MAX];
    uint8_t salt[DTLS_SRTP_SALT_MAX];
};

/* A secret: whoever took it calls dtls_srtp_keys_wipe when SRTP has it. */
struct dtls_srtp_keys {
    enum dtls_srtp_profile profile;
    size_t key_len, salt_len;       /* 16/14, 16/12, 32/12 by profile */
    struct dtls_srtp_master local;  /* protects what we send */
    struct dtls_srtp_master remote; /* protects what we receive */
};

/* The exporter's label (RFC 5764 §4.2); it is used without a context. */
#define DTLS_SRTP_LABEL      "EXTRACTOR-dtls_srtp"
/* Bytes that the exporter must give: two keys and two salts. */
#define DTLS_SRTP_EXPORT_MAX (2 * (DTLS_SRTP_KEY_MAX + DTLS_SRTP_SALT_MAX))

/* "SRTP_AEAD_AES_128_GCM" as in the IANA registry; "none". */
const char *dtls_srtp_profile_name(enum dtls_srtp_profile profile);
/* How many bytes to export for a profile; 0: not one of ours. */
size_t dtls_srtp_export_len(enum dtls_srtp_profile profile);
/* Cuts exported bytes into client key, server key, client salt, server salt (RFC 5764 §4.2), and
 * says which of them are ours. E_UNSUPPORTED: no profile of ours; E_TRUNCATED: `material` is not
 * dtls_srtp_export_len(profile) long. `out` holds no key unless OK. */
enum err dtls_srtp_keys_cut(enum dtls_srtp_profile profile, struct bytes material,
                            bool we_are_client, struct dtls_srtp_keys *out);
void dtls_srtp_keys_wipe(struct dtls_srtp_keys *keys);

#endif
