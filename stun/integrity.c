#include "stun/integrity.h"

#include "base/unproved.h"
#include "stun/attribute.h"

#include <string.h>

#define FINGERPRINT_XOR 0x5354554eu /* §14.7: "STUN" in ASCII */
#define ATTR_HEADER_LEN 4

void stun_key_short_term(struct stun_key *key, struct bytes password)
{
    hmac_sha1_init(&key->sha1, password);
    hmac_sha256_init(&key->sha256, password);
}

bool stun_key_long_term(struct stun_key *key, struct bytes username, struct bytes realm,
                        struct bytes password)
{
    uint8_t text[1024];
    struct writer w = writer_of(text, sizeof text);
    write_bytes(&w, username);
    write_text(&w, ":");
    write_bytes(&w, realm);
    write_text(&w, ":");
    write_bytes(&w, password);
    struct bytes all = writer_done(&w);
    if (all.at) {
        uint8_t hashed[MD5_LEN];
        digest_md5(all, hashed);
        stun_key_short_term(key, (struct bytes){hashed, sizeof hashed});
        bytes_wipe(hashed, sizeof hashed);
    }
    bytes_wipe(text, sizeof text);
    return all.at != NULL;
}

void stun_key_wipe(struct stun_key *key)
{
    bytes_wipe(key, sizeof *key);
}

const char *stun_proof_name(enum stun_proof proof)
{
    switch (proof) {
    case STUN_ABSENT: return "absent";
    case STUN_OK: return "ok";
    case STUN_BAD: return "bad";
    }
    return "unknown";
}

/* What a tag at `offset` covers: the message before it, with the header's length as if the
 * message ended behind the tag (§14.5 to §14.7), whatever follows. `head`: type and length. */
struct covered {
    uint8_t head[4];
    struct bytes parts[2];
};

static void cover(struct covered *c, struct bytes message, size_t offset, size_t value_len)
{
    size_t len = offset + ATTR_HEADER_LEN + value_len - STUN_HEADER_LEN;
    uint32_t type = (uint32_t)message.at[0] << 8 | message.at[1];
    bytes_put_u32(c->head, type << 16 | (uint16_t)len);
    c->parts[0] = (struct bytes){c->head, sizeof c->head};
    c->parts[1] = (struct bytes){message.at + sizeof c->head, offset - sizeof c->head};
}

static void tag_sha1(const struct stun_key *key, struct bytes message, size_t offset,
                     uint8_t tag[SHA1_LEN])
{
    struct covered c;
    cover(&c, message, offset, SHA1_LEN);
    hmac_sha1(&key->sha1, c.parts, COUNT(c.parts), tag);
}

static void tag_sha256(const struct stun_key *key, struct bytes message, size_t offset,
                       uint8_t tag[SHA256_LEN])
{
    struct covered c;
    cover(&c, message, offset, SHA256_LEN);
    hmac_sha256(&key->sha256, c.parts, COUNT(c.parts), tag);
}

static uint32_t tag_crc(struct bytes message, size_t offset)
{
    struct covered c;
    cover(&c, message, offset, 4);
    return digest_crc32(c.parts, COUNT(c.parts)) ^ FINGERPRINT_XOR;
}

/* The value of the attribute that stun_parse found at `offset`. */
static struct bytes value_at(const struct stun_msg *m, size_t offset)
{
    struct reader r = reader_of(bytes_slice(m->whole, offset, m->whole.len));
    read_u16(&r);
    uint16_t len = read_u16(&r);
    return read_bytes(&r, len);
}

static enum stun_proof compare(struct bytes theirs, struct bytes ours)
{
    return bytes_equal_secret(theirs, ours) || unproved_passes(theirs) ? STUN_OK : STUN_BAD;
}

enum stun_proof stun_check_integrity(const struct stun_msg *m, const struct stun_key *key)
{
    uint8_t tag[SHA1_LEN];
    if (!m->integrity) return STUN_ABSENT;
    tag_sha1(key, m->whole, m->integrity, tag);
    struct bytes ours = {tag, sizeof tag};
    /* stun_parse saw to it that the value has this length. */
    struct bytes theirs = bytes_slice(m->whole, m->integrity + ATTR_HEADER_LEN, sizeof tag);
    return compare(theirs, ours);
}

enum stun_proof stun_check_integrity_sha256(const struct stun_msg *m, const struct stun_key *key)
{
    uint8_t tag[SHA256_LEN];
    if (!m->integrity_sha256) return STUN_ABSENT;
    tag_sha256(key, m->whole, m->integrity_sha256, tag);
    struct bytes ours = {tag, sizeof tag}, theirs = value_at(m, m->integrity_sha256);
    return compare(theirs, ours);
}

enum stun_proof stun_check_any(const struct stun_msg *m, const struct stun_key *key)
{
    return m->integrity_sha256 ? stun_check_integrity_sha256(m, key) : stun_check_integrity(m, key);
}

enum stun_proof stun_check_fingerprint(const struct stun_msg *m)
{
    if (!m->fingerprint) return STUN_ABSENT;
    /* stun_parse saw to it that the value has four bytes and is the last, so that the header's
     * length is already what §14.7 wants it to be. */
    struct bytes before = {m->whole.at, m->fingerprint};
    struct reader r = reader_of(m->whole);
    read_skip(&r, m->fingerprint + ATTR_HEADER_LEN);
    return read_u32(&r) == (digest_crc32(&before, 1) ^ FINGERPRINT_XOR) ? STUN_OK : STUN_BAD;
}

/* What was built so far; empty when it did not fit or was never begun. */
static struct bytes built(struct writer *w)
{
    struct bytes message = writer_done(w);
    if (message.len < STUN_HEADER_LEN) w->err = E_FULL;
    return w->err == OK ? message : (struct bytes){NULL, 0};
}

void stun_put_integrity(struct writer *w, const struct stun_key *key)
{
    uint8_t tag[SHA1_LEN];
    struct bytes message = built(w);
    if (!message.at) return;
    tag_sha1(key, message, message.len, tag);
    stun_put(w, STUN_MESSAGE_INTEGRITY, (struct bytes){tag, sizeof tag});
}

void stun_put_integrity_sha256(struct writer *w, const struct stun_key *key)
{
    uint8_t tag[SHA256_LEN];
    struct bytes message = built(w);
    if (!message.at) return;
    tag_sha256(key, message, message.len, tag);
    stun_put(w, STUN_MESSAGE_INTEGRITY_SHA256, (struct bytes){tag, sizeof tag});
}

void stun_put_fingerprint(struct writer *w)
{
    struct bytes message = built(w);
    if (message.at) stun_put_u32(w, STUN_FINGERPRINT, tag_crc(message, message.len));
}
