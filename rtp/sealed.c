#include "rtp/sealed.h"

#include <string.h>

#define INDEX_LEN 4 /* RFC 3711 §3.4: E flag and SRTCP index */

static const struct sealed_profile profiles[] = {
    {SEALED_AES128_CM_SHA1_80, 16, 14, 10, 10, false},
    {SEALED_AES128_CM_SHA1_32, 16, 14, 4, 10, false}, /* RFC 5764 §4.1.2: RTCP keeps 80 bits */
    {SEALED_AEAD_AES_128_GCM, 16, 12, 16, 16, true},
    {SEALED_AEAD_AES_256_GCM, 32, 12, 16, 16, true},
};

/* RFC 3711 §4.3.2: the first of RTP's three labels and of RTCP's. */
enum label { LABEL_RTP = 0, LABEL_RTCP = 3 };

/* ---- Keys: RFC 3711 §4.3 ---- */

/* The key derivation of §4.3.3: AES in counter mode over zeros, from the master salt with the label
 * put in at its 7th byte. The key derivation rate is 0, so nothing else is. */
static bool derive(const struct sealed_profile *p, struct bytes key,
                   const uint8_t salt[SEALED_SALT_LEN], unsigned label, uint8_t *out, size_t len)
{
    static const uint8_t zeros[32];
    uint8_t iv[16] = {0};
    int n;
    memcpy(iv, salt, SEALED_SALT_LEN);
    iv[7] ^= (uint8_t)label;
    const EVP_CIPHER *aes = p->key_len == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done = ctx && EVP_EncryptInit_ex(ctx, aes, NULL, key.at, iv) == 1 &&
                EVP_EncryptUpdate(ctx, out, &n, zeros, (int)len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done;
}

static const EVP_CIPHER *cipher_of(const struct sealed_profile *p)
{
    if (!p->gcm) return EVP_aes_128_ctr();
    return p->key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
}

/* §4.3.2: encryption, authentication and salting key, under three labels one after the other. */
static bool derive_key(const struct sealed_profile *p, struct sealed_key *to, enum label first,
                       struct bytes key, const uint8_t salt[SEALED_SALT_LEN])
{
    uint8_t encryption[32], auth[SHA1_LEN];
    to->cipher = EVP_CIPHER_CTX_new();
    bool done = to->cipher && derive(p, key, salt, first, encryption, p->key_len) &&
                derive(p, key, salt, first + 1u, auth, sizeof auth) &&
                derive(p, key, salt, first + 2u, to->salt, p->salt_len) &&
                EVP_DecryptInit_ex(to->cipher, cipher_of(p), NULL, encryption, NULL);
    if (done) hmac_sha1_init(&to->auth, (struct bytes){auth, sizeof auth});
    bytes_wipe(encryption, sizeof encryption);
    bytes_wipe(auth, sizeof auth);
    return done;
}

bool sealed_keys_init(struct sealed_keys *keys, uint16_t profile, struct bytes key,
                      struct bytes salt)
{
    const struct sealed_profile *p = NULL;
    *keys = (struct sealed_keys){0};
    for (size_t i = 0; i < COUNT(profiles); i++)
        if ((uint16_t)profiles[i].number == profile) p = &profiles[i];
    if (!p || key.len != p->key_len || salt.len != p->salt_len) return false;
    keys->profile = p;
    /* RFC 7714 §11 leaves RFC 3711's derivation as it is: a shorter salt ends with zeros. */
    uint8_t whole[SEALED_SALT_LEN] = {0};
    memcpy(whole, salt.at, salt.len);
    bool done = derive_key(p, &keys->rtp, LABEL_RTP, key, whole) &&
                derive_key(p, &keys->rtcp, LABEL_RTCP, key, whole);
    bytes_wipe(whole, sizeof whole);
    if (!done) sealed_keys_wipe(keys);
    return done;
}

void sealed_keys_wipe(struct sealed_keys *keys)
{
    EVP_CIPHER_CTX_free(keys->rtp.cipher); /* which wipes its key */
    EVP_CIPHER_CTX_free(keys->rtcp.cipher);
    bytes_wipe(keys, sizeof *keys);
}

/* ---- Parts ---- */

/* RFC 3711 §3.1: header with CSRCs and extension, payload, tag. */
enum err sealed_split_rtp(struct sealed *s, const struct sealed_profile *profile,
                          struct bytes packet)
{
    *s = (struct sealed){.encrypted = true};
    struct reader r = reader_of(packet);
    uint8_t first = read_u8(&r);
    read_skip(&r, 1);
    s->index = read_u16(&r);
    read_skip(&r, 4);
    s->ssrc = read_u32(&r);
    read_skip(&r, 4 * (size_t)(first & 0x0F));
    if (first & 0x10) {
        read_skip(&r, 2);
        read_skip(&r, 4 * (size_t)read_u16(&r));
    }
    size_t header = reader_offset(&r);
    read_skip(&r, profile->rtp_tag);
    if (r.err != OK) return r.err;
    if (first >> 6 != 2) return E_MALFORMED;
    size_t body = packet.len - header - profile->rtp_tag;
    s->header = bytes_slice(packet, 0, header);
    s->body = bytes_slice(packet, header, body);
    s->tag = bytes_slice(packet, header + body, profile->rtp_tag);
    return OK;
}

/* RFC 3711 §3.4: 8 bytes in clear, the rest, and behind it index word and tag; RFC 7714 §9.2 has
 * the tag before the index word. */
enum err sealed_split_rtcp(struct sealed *s, const struct sealed_profile *profile,
                           struct bytes packet)
{
    *s = (struct sealed){0};
    struct reader r = reader_of(packet);
    uint8_t first = read_u8(&r);
    read_skip(&r, 3);
    s->ssrc = read_u32(&r);
    size_t tag = profile->rtcp_tag;
    read_skip(&r, INDEX_LEN + tag);
    if (r.err != OK) return r.err;
    if (first >> 6 != 2) return E_MALFORMED;
    size_t end = packet.len - INDEX_LEN - tag; /* of the body */
    s->header = bytes_slice(packet, 0, 8);
    s->body = bytes_slice(packet, 8, end - 8);
    s->trailer = bytes_slice(packet, profile->gcm ? end + tag : end, INDEX_LEN);
    s->tag = bytes_slice(packet, profile->gcm ? end : end + INDEX_LEN, tag);
    struct reader word = reader_of(s->trailer);
    uint32_t index = read_u32(&word);
    s->encrypted = index >> 31;
    s->index = index & 0x7FFFFFFF;
    return OK;
}

/* ---- Opening ---- */

/* RFC 3711 §4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
static void counter_iv(const struct sealed_key *key, const struct sealed *s, uint8_t iv[16])
{
    memset(iv, 0, 16);
    struct writer w = writer_of(iv, 16);
    write_u32(&w, 0);
    write_u32(&w, s->ssrc);
    write_u48(&w, s->index);
    for (size_t i = 0; i < SEALED_SALT_LEN; i++) iv[i] ^= key->salt[i];
}

/* RFC 7714 §8.1: two zeros, SSRC, rollover counter, sequence number; §9.1: two zeros, SSRC, two
 * zeros, SRTCP index. In both the index in 48 bits; XOR the salt. */
static void gcm_iv(const struct sealed_key *key, const struct sealed *s, uint8_t iv[12])
{
    struct writer w = writer_of(iv, 12);
    write_u16(&w, 0);
    write_u32(&w, s->ssrc);
    write_u48(&w, s->index);
    for (size_t i = 0; i < 12; i++) iv[i] ^= key->salt[i];
}

/* RFC 3711 §4.2: HMAC over the packet and, for RTP, the rollover counter (for RTCP the index word
 * is in the packet). Then AES in counter mode over the body. */
static bool open_counter(struct sealed_key *key, const struct sealed *s, uint8_t *out)
{
    uint8_t tag[SHA1_LEN], roc[4], iv[16];
    int n;
    struct writer w = writer_of(roc, sizeof roc);
    write_u32(&w, (uint32_t)(s->index >> 16));
    const struct bytes parts[] = {s->header, s->body,
                                  s->trailer.len ? s->trailer : (struct bytes){roc, sizeof roc}};
    hmac_sha1(&key->auth, parts, COUNT(parts), tag);
    if (!bytes_equal_secret((struct bytes){tag, s->tag.len}, s->tag)) return false;
    counter_iv(key, s, iv);
    return !s->encrypted ||
           (EVP_DecryptInit_ex(key->cipher, NULL, NULL, NULL, iv) == 1 &&
            EVP_DecryptUpdate(key->cipher, out, &n, s->body.at, (int)s->body.len) == 1);
}

static bool add_clear(struct sealed_key *key, struct bytes part)
{
    int n;
    return part.len == 0 || EVP_DecryptUpdate(key->cipher, NULL, &n, part.at, (int)part.len) == 1;
}

/* RFC 7714 §8.2, §9.2: header and index word are authenticated, the body is encrypted too; §9.3:
 * if it is not, it is only authenticated. */
static bool open_gcm(struct sealed_key *key, const struct sealed *s, uint8_t *out)
{
    uint8_t iv[12], rest[1];
    int n;
    struct bytes body = s->encrypted ? s->body : (struct bytes){out, 0};
    struct bytes clear = s->encrypted ? (struct bytes){out, 0} : s->body;
    gcm_iv(key, s, iv);
    return EVP_DecryptInit_ex(key->cipher, NULL, NULL, NULL, iv) == 1 &&
           EVP_CIPHER_CTX_ctrl(key->cipher, EVP_CTRL_AEAD_SET_TAG, (int)s->tag.len,
                               (void *)(uintptr_t)s->tag.at) == 1 &&
           add_clear(key, s->header) && add_clear(key, clear) && add_clear(key, s->trailer) &&
           EVP_DecryptUpdate(key->cipher, out, &n, body.at, (int)body.len) == 1 &&
           EVP_DecryptFinal_ex(key->cipher, rest, &n) == 1;
}

/* Header and body into `room`. */
static bool open_sealed(bool gcm, struct sealed_key *key, const struct sealed *s, uint8_t *room)
{
    uint8_t *out = room + s->header.len;
    if (!(gcm ? open_gcm : open_counter)(key, s, out)) return false;
    memcpy(room, s->header.at, s->header.len);
    if (!s->encrypted && s->body.len) memcpy(out, s->body.at, s->body.len);
    return true;
}

bool sealed_open_rtp(struct sealed_keys *keys, const struct sealed *s, uint8_t *room)
{
    return open_sealed(keys->profile->gcm, &keys->rtp, s, room);
}

bool sealed_open_rtcp(struct sealed_keys *keys, const struct sealed *s, uint8_t *room)
{
    return open_sealed(keys->profile->gcm, &keys->rtcp, s, room);
}
