#include "dtls/secrets.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#define MASTER_LABEL "key expansion"
#define TAG_LEN      16 /* of all suites here: RFC 5116 §5.1, RFC 7905 §2 */
#define NONCE_LEN    12
#define ADDITIONAL   13 /* epoch and sequence, type, version, length: RFC 5246 §6.2.3.3 */

struct dtls_suite {
    uint16_t number; /* IANA's */
    const EVP_CIPHER *(*cipher)(void);
    const char *hash;     /* of the PRF */
    size_t key_len;       /* RFC 5246 §6.3: enc_key_length */
    size_t iv_len;        /* fixed_iv_length */
    size_t nonce_in_wire; /* record_iv_length: what travels with each record */
};

/* RFC 5288 §3: 4 bytes of salt and 8 that travel. RFC 7905 §2: 12 bytes, and none travel. */
#define AES_128(number)                                                                            \
    {                                                                                              \
        number, EVP_aes_128_gcm, "SHA256", 16, 4, 8                                                \
    }
#define AES_256(number)                                                                            \
    {                                                                                              \
        number, EVP_aes_256_gcm, "SHA384", 32, 4, 8                                                \
    }
#define CHACHA20(number)                                                                           \
    {                                                                                              \
        number, EVP_chacha20_poly1305, "SHA256", 32, 12, 0                                         \
    }

static const struct dtls_suite suites[] = {
    AES_128(0x009C),  /* TLS_RSA_WITH_AES_128_GCM_SHA256, RFC 5288 */
    AES_256(0x009D),  /* TLS_RSA_WITH_AES_256_GCM_SHA384, RFC 5288 */
    AES_128(0x009E),  /* TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, RFC 5288 */
    AES_256(0x009F),  /* TLS_DHE_RSA_WITH_AES_256_GCM_SHA384, RFC 5288 */
    AES_128(0xC02B),  /* TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, RFC 5289 */
    AES_256(0xC02C),  /* TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, RFC 5289 */
    AES_128(0xC02F),  /* TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, RFC 5289 */
    AES_256(0xC030),  /* TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, RFC 5289 */
    CHACHA20(0xCCA8), /* TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, RFC 7905 */
    CHACHA20(0xCCA9), /* TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, RFC 7905 */
    CHACHA20(0xCCAA), /* TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256, RFC 7905 */
};

static const struct dtls_suite *find_suite(uint16_t number)
{
    for (size_t i = 0; i < COUNT(suites); i++)
        if (suites[i].number == number) return &suites[i];
    return NULL;
}

/* ---- Keys ---- */

/* RFC 5246 §5: PRF(master, label, first + second). False: no memory. */
static bool prf(const struct dtls_secrets *s, const char *label, struct bytes first,
                struct bytes second, uint8_t *out, size_t len)
{
    void *parts[] = {(void *)(uintptr_t)label, (void *)(uintptr_t)first.at,
                     (void *)(uintptr_t)second.at};
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)s->suite->hash,
                                         0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)(uintptr_t)s->master,
                                          sizeof s->master),
        /* Seeds are joined. */
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, parts[0], strlen(label)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, parts[1], first.len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, parts[2], second.len),
        OSSL_PARAM_construct_end()};
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS1-PRF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool done = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return done;
}

static void take(struct reader *r, uint8_t *to, size_t len)
{
    struct bytes b = read_bytes(r, len);
    if (b.len == len) memcpy(to, b.at, len);
}

/* RFC 5246 §6.3, where an AEAD has no MAC keys: client key, server key, client IV, server IV. The
 * seed is the server's random first. */
static bool expand(struct dtls_secrets *s)
{
    const struct dtls_suite *suite = s->suite;
    uint8_t block[2 * (32 + 12)];
    struct bytes client = {s->randoms, DTLS_RANDOM_LEN};
    struct bytes server = {s->randoms + DTLS_RANDOM_LEN, DTLS_RANDOM_LEN};
    size_t len = 2 * (suite->key_len + suite->iv_len);
    bool done = prf(s, MASTER_LABEL, server, client, block, len);
    struct reader r = reader_of((struct bytes){block, done ? len : 0});
    take(&r, s->client.key, suite->key_len);
    take(&r, s->server.key, suite->key_len);
    take(&r, s->client.iv, suite->iv_len);
    take(&r, s->server.iv, suite->iv_len);
    bytes_wipe(block, sizeof block);
    return done;
}

enum err dtls_secrets_init(struct dtls_secrets *s, const struct dtls_agreed *agreed,
                           const uint8_t master[DTLS_MASTER_LEN])
{
    *s = (struct dtls_secrets){0};
    const struct dtls_suite *suite = find_suite(agreed->cipher_suite);
    if (!suite || agreed->version != DTLS_VERSION_1_2) return E_UNSUPPORTED;
    if (agreed->client_random.len != DTLS_RANDOM_LEN ||
        agreed->server_random.len != DTLS_RANDOM_LEN)
        return E_MALFORMED;
    s->suite = suite;
    memcpy(s->master, master, DTLS_MASTER_LEN);
    memcpy(s->randoms, agreed->client_random.at, DTLS_RANDOM_LEN);
    memcpy(s->randoms + DTLS_RANDOM_LEN, agreed->server_random.at, DTLS_RANDOM_LEN);
    if (expand(s)) return OK;
    dtls_secrets_wipe(s);
    return E_NOMEM;
}

void dtls_secrets_wipe(struct dtls_secrets *s)
{
    bytes_wipe(s, sizeof *s);
}

/* ---- Records ---- */

/* RFC 5246 §6.2.3.3, with DTLS's 64 bits of epoch and sequence (RFC 6347 §4.1.2.1). */
static void write_additional(const struct dtls_record *record, size_t plain_len,
                             uint8_t out[ADDITIONAL])
{
    struct writer w = writer_of(out, ADDITIONAL);
    write_u16(&w, record->epoch);
    write_u48(&w, record->seq);
    write_u8(&w, record->type);
    write_u16(&w, record->version);
    write_u16(&w, (uint16_t)plain_len);
}

/* RFC 5288 §3: the salt, then what travelled. RFC 7905 §2: the IV, its last 8 bytes XORed with
 * epoch and sequence. */
static void write_nonce(const struct dtls_suite *suite, const struct dtls_write_keys *keys,
                        const struct dtls_record *record, uint8_t out[NONCE_LEN])
{
    uint8_t number[8];
    memcpy(out, keys->iv, suite->iv_len);
    if (suite->nonce_in_wire) {
        memcpy(out + suite->iv_len, record->body.at, suite->nonce_in_wire);
        return;
    }
    struct writer w = writer_of(number, sizeof number);
    write_u16(&w, record->epoch);
    write_u48(&w, record->seq);
    for (size_t i = 0; i < sizeof number; i++) out[NONCE_LEN - sizeof number + i] ^= number[i];
}

struct sealed {
    struct bytes cipher, tag, additional;
    const uint8_t *nonce;
};

static enum err decrypt(const struct dtls_suite *suite, const uint8_t *key,
                        const struct sealed *sealed, uint8_t *out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;
    if (!ctx) return E_NOMEM;
    bool ok =
        EVP_DecryptInit_ex(ctx, suite->cipher(), NULL, key, sealed->nonce) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)sealed->tag.len,
                            (void *)(uintptr_t)sealed->tag.at) == 1 &&
        EVP_DecryptUpdate(ctx, NULL, &n, sealed->additional.at, (int)sealed->additional.len) == 1 &&
        EVP_DecryptUpdate(ctx, out, &n, sealed->cipher.at, (int)sealed->cipher.len) == 1 &&
        EVP_DecryptFinal_ex(ctx, out + sealed->cipher.len, &n) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok ? OK : E_AUTH;
}

enum err dtls_secrets_open(const struct dtls_secrets *s, bool from_client,
                           const struct dtls_record *record, uint8_t *room, struct bytes *plain)
{
    *plain = (struct bytes){room, 0};
    const struct dtls_suite *suite = s->suite;
    if (!suite) return E_UNSUPPORTED;
    /* RFC 6347 §4.1: epoch 1 is the first handshake's, and DTLS 1.2 of WebRTC has no other. */
    if (record->unified || record->epoch != 1) return E_STATE;
    if (record->body.len < suite->nonce_in_wire + TAG_LEN) return E_TRUNCATED;
    const struct dtls_write_keys *keys = from_client ? &s->client : &s->server;
    size_t len = record->body.len - suite->nonce_in_wire - TAG_LEN;
    uint8_t additional[ADDITIONAL], nonce[NONCE_LEN];
    write_additional(record, len, additional);
    write_nonce(suite, keys, record, nonce);
    const struct sealed sealed = {
        .cipher = bytes_slice(record->body, suite->nonce_in_wire, len),
        .tag = bytes_slice(record->body, suite->nonce_in_wire + len, TAG_LEN),
        .additional = {additional, sizeof additional},
        .nonce = nonce};
    enum err err = decrypt(suite, keys->key, &sealed, room);
    if (err == OK)
        plain->len = len;
    else
        bytes_wipe(room, len); /* nothing that nobody vouches for is left */
    return err;
}

/* ---- What comes out of it ---- */

/* RFC 5705 §4: the client's random first. */
enum err dtls_secrets_export(const struct dtls_secrets *s, const char *label, uint8_t *out,
                             size_t len)
{
    struct bytes none = {s->randoms, 0}, seed = {s->randoms, sizeof s->randoms};
    if (!s->suite) return E_UNSUPPORTED;
    return prf(s, label, seed, none, out, len) ? OK : E_NOMEM;
}

enum err dtls_secrets_srtp(const struct dtls_secrets *s, uint16_t profile,
                           struct dtls_srtp_keys *out)
{
    enum { AES128_CM_SHA1_32 = 2 };
    uint8_t material[DTLS_SRTP_EXPORT_MAX];
    enum dtls_srtp_profile named = (enum dtls_srtp_profile)profile;
    if (profile == AES128_CM_SHA1_32) named = DTLS_SRTP_AES128_CM_SHA1_80;
    size_t len = dtls_srtp_export_len(named);
    *out = (struct dtls_srtp_keys){0};
    if (len == 0) return E_UNSUPPORTED;
    enum err err = dtls_secrets_export(s, DTLS_SRTP_LABEL, material, len);
    if (err == OK) err = dtls_srtp_keys_cut(named, (struct bytes){material, len}, true, out);
    bytes_wipe(material, sizeof material);
    return err;
}
