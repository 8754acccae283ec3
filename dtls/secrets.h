/* What a master secret opens, for whoever has the key log of an association and its hellos: the
 * records of DTLS 1.2 and the keys of SRTP. For `duet explain`, on captures; a call never comes
 * here, its own keys stay within OpenSSL.
 *
 * RFC 5246 §5 (PRF), §6.3 (key block), §6.2.3.3 (AEAD records); 5288 (AES-GCM), 7905
 * (ChaCha20-Poly1305), 5705 (exporter), 5764 §4.2 (SRTP). How the master secret came about, with
 * RFC 7627 or without, makes no difference here. */
#ifndef DUET_DTLS_SECRETS_H
#define DUET_DTLS_SECRETS_H

#include "dtls/keys.h"
#include "dtls/record.h"

#define DTLS_RANDOM_LEN 32 /* RFC 5246 §7.4.1.2 */
#define DTLS_MASTER_LEN 48 /* RFC 5246 §8.1 */

/* What the two hellos agreed on; views, borrowed for the call that takes them. */
struct dtls_agreed {
    uint16_t version; /* DTLS_VERSION_1_2; other versions derive their keys in other ways */
    uint16_t cipher_suite;
    struct bytes client_random, server_random; /* DTLS_RANDOM_LEN each */
};

/* One side's write key and its part of the nonce. */
struct dtls_write_keys {
    uint8_t key[32];
    uint8_t iv[12];
};

/* A secret: dtls_secrets_wipe it. */
struct dtls_secrets {
    const struct dtls_suite *suite; /* NULL: opens nothing */
    struct dtls_write_keys client, server;
    uint8_t master[DTLS_MASTER_LEN];
    uint8_t randoms[2 * DTLS_RANDOM_LEN]; /* client's, server's */
};

/* Derives the keys of both sides. E_UNSUPPORTED: a suite that is no AEAD of the list above (CBC),
 * or another version; E_MALFORMED: lengths; E_NOMEM. Then nothing is opened and nothing is kept. */
enum err dtls_secrets_init(struct dtls_secrets *s, const struct dtls_agreed *agreed,
                           const uint8_t master[DTLS_MASTER_LEN]);
void dtls_secrets_wipe(struct dtls_secrets *s);

/* The plaintext of a record of epoch 1 into `room`, which has room for record->body.len bytes;
 * `from_client`: who sent it. E_TRUNCATED: shorter than nonce and tag; E_AUTH: the tag does not
 * match, so it is not what this side sent under these keys; E_STATE: a record in clear, or of
 * another epoch; E_UNSUPPORTED: `s` opens nothing; E_NOMEM. `plain` is empty unless OK. */
enum err dtls_secrets_open(const struct dtls_secrets *s, bool from_client,
                           const struct dtls_record *record, uint8_t *room, struct bytes *plain);

/* RFC 5705 §4, without a context: `len` bytes under `label`. E_UNSUPPORTED, E_NOMEM. */
enum err dtls_secrets_export(const struct dtls_secrets *s, const char *label, uint8_t *out,
                             size_t len);
/* SRTP's keys under an IANA profile: the client's are `local`, the server's `remote`. The profile
 * with the 32-bit tag, which no call of ours takes, has the keys of the one with 80 (RFC 5764
 * §4.1.2), and is answered so. E_UNSUPPORTED: no such profile. Wipe `out`. */
enum err dtls_secrets_srtp(const struct dtls_secrets *s, uint16_t profile,
                           struct dtls_srtp_keys *out);

#endif
