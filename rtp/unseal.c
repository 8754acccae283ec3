#include "rtp/unseal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/digest.h"

#define SALT_LEN  14 /* RFC 3711 §4.3.1: 112 bits; GCM uses the first 96 (RFC 7714 §8.1) */
#define INDEX_LEN 4  /* RFC 3711 §3.4: E flag and SRTCP index */

static const struct profile {
    enum unseal_profile number;
    size_t key_len, salt_len; /* of the master key */
    size_t rtp_tag, rtcp_tag;
    bool gcm;
} profiles[] = {
    {UNSEAL_AES128_CM_SHA1_80, 16, 14, 10, 10, false},
    {UNSEAL_AES128_CM_SHA1_32, 16, 14, 4, 10, false}, /* RFC 5764 §4.1.2: RTCP keeps 80 bits */
    {UNSEAL_AEAD_AES_128_GCM, 16, 12, 16, 16, true},
    {UNSEAL_AEAD_AES_256_GCM, 32, 12, 16, 16, true},
};

/* RFC 3711 §4.3.2: the first of RTP's three labels and of RTCP's. */
enum label { LABEL_RTP = 0, LABEL_RTCP = 3 };

/* The session keys of RTP or of RTCP. */
struct keys {
    EVP_CIPHER_CTX *cipher; /* has the encryption key */
    struct hmac_sha1_key auth;
    uint8_t salt[SALT_LEN];
};

struct ssrc {
    uint32_t number;
    bool known;
    uint64_t highest; /* index: rollover counter and sequence number, RFC 3711 §3.3.1 */
    uint64_t used;    /* by which packet, counted from 1 */
};

struct unseal {
    const struct profile *profile;
    struct keys rtp, rtcp;
    uint64_t packets;
    struct ssrc ssrcs[UNSEAL_SSRC_MAX];
};

/* ---- Keys: RFC 3711 §4.3 ---- */

/* The key derivation of §4.3.3: AES in counter mode over zeros, from the master salt with the label
 * put in at its 7th byte. The key derivation rate is 0, so nothing else is. */
static bool derive(const struct unseal *u, struct bytes key, const uint8_t salt[SALT_LEN],
                   unsigned label, uint8_t *out, size_t len)
{
    static const uint8_t zeros[32];
    uint8_t iv[16] = {0};
    int n;
    memcpy(iv, salt, SALT_LEN);
    iv[7] ^= (uint8_t)label;
    const EVP_CIPHER *aes = u->profile->key_len == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bool done = ctx && EVP_EncryptInit_ex(ctx, aes, NULL, key.at, iv) == 1 &&
                EVP_EncryptUpdate(ctx, out, &n, zeros, (int)len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return done;
}

static const EVP_CIPHER *cipher_of(const struct profile *p)
{
    if (!p->gcm) return EVP_aes_128_ctr();
    return p->key_len == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
}

/* §4.3.2: encryption, authentication and salting key, under three labels one after the other. */
static bool derive_keys(struct unseal *u, struct keys *keys, enum label first, struct bytes key,
                        const uint8_t salt[SALT_LEN])
{
    uint8_t encryption[32], auth[SHA1_LEN];
    keys->cipher = EVP_CIPHER_CTX_new();
    bool done = keys->cipher && derive(u, key, salt, first, encryption, u->profile->key_len) &&
                derive(u, key, salt, first + 1u, auth, sizeof auth) &&
                derive(u, key, salt, first + 2u, keys->salt, u->profile->salt_len) &&
                EVP_DecryptInit_ex(keys->cipher, cipher_of(u->profile), NULL, encryption, NULL);
    if (done) hmac_sha1_init(&keys->auth, (struct bytes){auth, sizeof auth});
    bytes_wipe(encryption, sizeof encryption);
    bytes_wipe(auth, sizeof auth);
    return done;
}

struct unseal *unseal_new(uint16_t profile, struct bytes key, struct bytes salt)
{
    const struct profile *p = NULL;
    for (size_t i = 0; i < COUNT(profiles); i++)
        if ((uint16_t)profiles[i].number == profile) p = &profiles[i];
    if (!p || key.len != p->key_len || salt.len != p->salt_len) return NULL;
    struct unseal *u = calloc(1, sizeof *u);
    if (!u) return NULL;
    u->profile = p;
    /* RFC 7714 §11 leaves RFC 3711's derivation as it is: a shorter salt ends with zeros. */
    uint8_t whole[SALT_LEN] = {0};
    memcpy(whole, salt.at, salt.len);
    bool done = derive_keys(u, &u->rtp, LABEL_RTP, key, whole) &&
                derive_keys(u, &u->rtcp, LABEL_RTCP, key, whole);
    bytes_wipe(whole, sizeof whole);
    if (done) return u;
    unseal_free(u);
    return NULL;
}

void unseal_free(struct unseal *u)
{
    if (!u) return;
    EVP_CIPHER_CTX_free(u->rtp.cipher); /* which wipes its key */
    EVP_CIPHER_CTX_free(u->rtcp.cipher);
    bytes_wipe(u, sizeof *u);
    free(u);
}

/* ---- Opening ---- */

/* A packet in its parts. */
struct sealed {
    uint32_t ssrc;
    uint64_t index;       /* RTP: rollover counter and sequence number; RTCP: the SRTCP index */
    struct bytes header;  /* in clear */
    struct bytes body;    /* encrypted, or not: `encrypted` */
    struct bytes trailer; /* authenticated behind the body: RTCP's index word */
    struct bytes tag;
    bool encrypted;
};

/* RFC 3711 §4.1.1: IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
static void counter_iv(const struct keys *keys, const struct sealed *s, uint8_t iv[16])
{
    memset(iv, 0, 16);
    struct writer w = writer_of(iv, 16);
    write_u32(&w, 0);
    write_u32(&w, s->ssrc);
    write_u48(&w, s->index);
    for (size_t i = 0; i < SALT_LEN; i++) iv[i] ^= keys->salt[i];
}

/* RFC 7714 §8.1: two zeros, SSRC, rollover counter, sequence number; §9.1: two zeros, SSRC, two
 * zeros, SRTCP index. In both the index in 48 bits; XOR the salt. */
static void gcm_iv(const struct keys *keys, const struct sealed *s, uint8_t iv[12])
{
    struct writer w = writer_of(iv, 12);
    write_u16(&w, 0);
    write_u32(&w, s->ssrc);
    write_u48(&w, s->index);
    for (size_t i = 0; i < 12; i++) iv[i] ^= keys->salt[i];
}

/* RFC 3711 §4.2: HMAC over the packet and, for RTP, the rollover counter (for RTCP the index word
 * is in the packet). Then AES in counter mode over the body. */
static bool open_counter(struct keys *keys, const struct sealed *s, uint8_t *out)
{
    uint8_t tag[SHA1_LEN], roc[4], iv[16];
    int n;
    struct writer w = writer_of(roc, sizeof roc);
    write_u32(&w, (uint32_t)(s->index >> 16));
    const struct bytes parts[] = {s->header, s->body,
                                  s->trailer.len ? s->trailer : (struct bytes){roc, sizeof roc}};
    hmac_sha1(&keys->auth, parts, COUNT(parts), tag);
    if (!bytes_equal_secret((struct bytes){tag, s->tag.len}, s->tag)) return false;
    counter_iv(keys, s, iv);
    return !s->encrypted ||
           (EVP_DecryptInit_ex(keys->cipher, NULL, NULL, NULL, iv) == 1 &&
            EVP_DecryptUpdate(keys->cipher, out, &n, s->body.at, (int)s->body.len) == 1);
}

static bool add_clear(struct keys *keys, struct bytes part)
{
    int n;
    return part.len == 0 || EVP_DecryptUpdate(keys->cipher, NULL, &n, part.at, (int)part.len) == 1;
}

/* RFC 7714 §8.2, §9.2: header and index word are authenticated, the body is encrypted too; §9.3:
 * if it is not, it is only authenticated. */
static bool open_gcm(struct keys *keys, const struct sealed *s, uint8_t *out)
{
    uint8_t iv[12], rest[1];
    int n;
    struct bytes body = s->encrypted ? s->body : (struct bytes){out, 0};
    struct bytes clear = s->encrypted ? (struct bytes){out, 0} : s->body;
    gcm_iv(keys, s, iv);
    return EVP_DecryptInit_ex(keys->cipher, NULL, NULL, NULL, iv) == 1 &&
           EVP_CIPHER_CTX_ctrl(keys->cipher, EVP_CTRL_AEAD_SET_TAG, (int)s->tag.len,
                               (void *)(uintptr_t)s->tag.at) == 1 &&
           add_clear(keys, s->header) && add_clear(keys, clear) && add_clear(keys, s->trailer) &&
           EVP_DecryptUpdate(keys->cipher, out, &n, body.at, (int)body.len) == 1 &&
           EVP_DecryptFinal_ex(keys->cipher, rest, &n) == 1;
}

/* Header and body into `room`. */
static bool open_sealed(const struct unseal *u, struct keys *keys, const struct sealed *s,
                        uint8_t *room)
{
    uint8_t *out = room + s->header.len;
    if (!(u->profile->gcm ? open_gcm : open_counter)(keys, s, out)) return false;
    memcpy(room, s->header.at, s->header.len);
    if (!s->encrypted && s->body.len) memcpy(out, s->body.at, s->body.len);
    return true;
}

/* ---- RTP ---- */

static struct ssrc *find_ssrc(struct unseal *u, uint32_t number)
{
    struct ssrc *oldest = &u->ssrcs[0];
    for (size_t i = 0; i < UNSEAL_SSRC_MAX; i++) {
        if (u->ssrcs[i].known && u->ssrcs[i].number == number) return &u->ssrcs[i];
        if (u->ssrcs[i].used < oldest->used) oldest = &u->ssrcs[i];
    }
    return oldest;
}

/* RFC 3711 §3.3.1: the index next to the highest so far with these low 16 bits. */
static uint64_t estimate(const struct ssrc *s, uint32_t number, uint16_t seq)
{
    if (!s->known || s->number != number) return seq;
    uint64_t roc = s->highest >> 16, last = s->highest & 0xFFFF;
    if (last < 0x8000 && seq > last + 0x8000 && roc > 0) roc--;
    if (last >= 0x8000 && seq < last - 0x8000) roc++;
    return roc << 16 | seq;
}

static void learn(struct unseal *u, struct ssrc *s, const struct sealed *sealed)
{
    bool same = s->known && s->number == sealed->ssrc;
    if (!same || sealed->index > s->highest) s->highest = sealed->index;
    s->known = true;
    s->number = sealed->ssrc;
    s->used = ++u->packets;
}

/* RFC 3711 §3.1: header with CSRCs and extension, payload, tag. */
static enum err split_rtp(const struct unseal *u, struct bytes packet, struct sealed *s,
                          uint16_t *seq)
{
    struct reader r = reader_of(packet);
    uint8_t first = read_u8(&r);
    read_skip(&r, 1);
    *seq = read_u16(&r);
    read_skip(&r, 4);
    s->ssrc = read_u32(&r);
    read_skip(&r, 4 * (size_t)(first & 0x0F));
    if (first & 0x10) {
        read_skip(&r, 2);
        read_skip(&r, 4 * (size_t)read_u16(&r));
    }
    size_t header = reader_offset(&r);
    read_skip(&r, u->profile->rtp_tag);
    if (r.err != OK) return r.err;
    if (first >> 6 != 2) return E_MALFORMED;
    size_t body = packet.len - header - u->profile->rtp_tag;
    s->header = bytes_slice(packet, 0, header);
    s->body = bytes_slice(packet, header, body);
    s->tag = bytes_slice(packet, header + body, u->profile->rtp_tag);
    s->encrypted = true;
    return OK;
}

enum err unseal_rtp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain)
{
    struct sealed s = {0};
    uint16_t seq;
    *plain = (struct bytes){room, 0};
    enum err err = split_rtp(u, packet, &s, &seq);
    if (err != OK) return err;
    struct ssrc *ssrc = find_ssrc(u, s.ssrc);
    uint64_t best = estimate(ssrc, s.ssrc, seq);
    /* A capture has gaps, and may begin after a wrap: the neighbours too. */
    const uint64_t tries[] = {best, best + 0x10000, best - 0x10000};
    for (size_t i = 0; i < COUNT(tries); i++) {
        s.index = tries[i];
        if (s.index >> 48 || !open_sealed(u, &u->rtp, &s, room)) continue;
        learn(u, ssrc, &s);
        plain->len = s.header.len + s.body.len;
        return OK;
    }
    return E_AUTH;
}

/* ---- RTCP ---- */

/* RFC 3711 §3.4: 8 bytes in clear, the rest, and behind it index word and tag; RFC 7714 §9.2 has
 * the tag before the index word. */
static enum err split_rtcp(const struct unseal *u, struct bytes packet, struct sealed *s)
{
    struct reader r = reader_of(packet);
    uint8_t first = read_u8(&r);
    read_skip(&r, 3);
    s->ssrc = read_u32(&r);
    size_t tag = u->profile->rtcp_tag;
    read_skip(&r, INDEX_LEN + tag);
    if (r.err != OK) return r.err;
    if (first >> 6 != 2) return E_MALFORMED;
    size_t end = packet.len - INDEX_LEN - tag; /* of the body */
    s->header = bytes_slice(packet, 0, 8);
    s->body = bytes_slice(packet, 8, end - 8);
    s->trailer = bytes_slice(packet, u->profile->gcm ? end + tag : end, INDEX_LEN);
    s->tag = bytes_slice(packet, u->profile->gcm ? end : end + INDEX_LEN, tag);
    struct reader word = reader_of(s->trailer);
    uint32_t index = read_u32(&word);
    s->encrypted = index >> 31;
    s->index = index & 0x7FFFFFFF;
    return OK;
}

enum err unseal_rtcp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain)
{
    struct sealed s = {0};
    *plain = (struct bytes){room, 0};
    enum err err = split_rtcp(u, packet, &s);
    if (err != OK) return err;
    if (!open_sealed(u, &u->rtcp, &s, room)) return E_AUTH;
    plain->len = s.header.len + s.body.len;
    return OK;
}
