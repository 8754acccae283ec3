/* The numbers that a handshake in clear names things by, and their names in IANA's registries:
 * those that WebRTC's peers send. */
#ifndef DUET_DTLS_CODEPOINTS_H
#define DUET_DTLS_CODEPOINTS_H

#include "base/bytes.h"

/* "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"; NULL where we know no name, as for all below. */
const char *dtls_cipher_suite_name(uint16_t number);
/* "x25519" (RFC 8422 §5.1.1, RFC 8446 §4.2.7) */
const char *dtls_group_name(uint16_t number);
/* "SRTP_AEAD_AES_128_GCM" (RFC 5764 §4.1.2, RFC 7714 §14.2) */
const char *dtls_srtp_code_name(uint16_t number);
/* "ecdsa_secp256r1_sha256" (RFC 8446 §4.2.3) */
const char *dtls_signature_name(uint16_t number);
/* "supported_groups", and the section that defines it through `spec` (may be NULL). */
const char *dtls_extension_name(uint16_t number, const char **spec);

/* RFC 8701: a number that means nothing, sent so that peers learn to skip what they don't know. */
bool dtls_is_grease(uint16_t number);

#endif
