#include "stun/message.h"

#include "stun/attribute.h"

#include <string.h>

#define ATTR_HEADER_LEN 4
#define PADDED(len)     (((len) + 3) / 4 * 4) /* §14: values end on whole words */
#define PADDING(len)    (PADDED(len) - (len))

/* `walk` and `next` are inline, since stun_parse's loop over them is most of what a parse costs. */
static inline struct stun_walk walk(const struct stun_msg *m)
{
    struct stun_walk w = {.r = reader_of(m->whole)};
    read_skip(&w.r, STUN_HEADER_LEN);
    return w;
}

struct stun_walk stun_walk_of(const struct stun_msg *m)
{
    return walk(m);
}

/* §14.5: after MESSAGE-INTEGRITY all but MESSAGE-INTEGRITY-SHA256 and FINGERPRINT is ignored;
 * §14.6: after MESSAGE-INTEGRITY-SHA256 all but FINGERPRINT. */
static bool is_after_integrity(const struct stun_walk *w, uint16_t type)
{
    if (type == STUN_FINGERPRINT) return false;
    if (w->sha256_seen) return true;
    return w->sha1_seen && type != STUN_MESSAGE_INTEGRITY_SHA256;
}

/* As read_bytes would fail, but without the reader's address, which then stays in registers. */
static inline bool cut_short(struct reader *r)
{
    r->err = E_TRUNCATED;
    r->err_offset = reader_offset(r);
    return false;
}

static inline bool next(struct stun_walk *w, struct stun_attr *a)
{
    const uint8_t *at = w->r.at;
    size_t left = reader_left(&w->r);
    if (left == 0) return false;
    a->offset = reader_offset(&w->r);
    if (left < ATTR_HEADER_LEN) return cut_short(&w->r);
    /* Type and length in one read: a request has nine attributes and every check is a request. */
    uint32_t head = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    size_t len = head & 0xFFFF;
    w->r.at += ATTR_HEADER_LEN;
    if (left - ATTR_HEADER_LEN < PADDED(len)) return cut_short(&w->r);
    w->r.at += PADDED(len);
    a->type = (uint16_t)(head >> 16);
    a->value = (struct bytes){at + ATTR_HEADER_LEN, len};
    a->after_integrity = is_after_integrity(w, a->type);
    if (!a->after_integrity) {
        w->sha1_seen = w->sha1_seen || a->type == STUN_MESSAGE_INTEGRITY;
        w->sha256_seen = w->sha256_seen || a->type == STUN_MESSAGE_INTEGRITY_SHA256;
    }
    return true;
}

bool stun_walk_next(struct stun_walk *w, struct stun_attr *a)
{
    return next(w, a);
}

static void note_proof(struct stun_msg *m, const struct stun_attr *a)
{
    uint32_t at = (uint32_t)a->offset;
    if (a->type == STUN_MESSAGE_INTEGRITY) m->integrity = at;
    if (a->type == STUN_MESSAGE_INTEGRITY_SHA256) m->integrity_sha256 = at;
    if (a->type == STUN_FINGERPRINT) m->fingerprint = at;
}

/* Every attribute once: lengths, then the shapes of those that count. */
static struct fault check_attributes(struct stun_msg *m)
{
    struct stun_walk w = walk(m);
    struct stun_attr a;
    while (next(&w, &a)) {
        /* §14.7: FINGERPRINT MUST be the last. */
        if (m->fingerprint)
            return (struct fault){E_MALFORMED, "stun", a.offset,
                                  "an attribute after FINGERPRINT (RFC 8489 14.7)"};
        if (a.after_integrity) continue;
        const char *rule = stun_attr_refused(a.type, a.value);
        if (rule) return (struct fault){E_MALFORMED, "stun", a.offset, rule};
        note_proof(m, &a);
    }
    return reader_fault(&w.r, "stun");
}

enum err stun_parse(struct stun_msg *m, struct bytes in)
{
    struct reader r = reader_of(in);
    uint16_t type = read_u16(&r);
    if (type & 0xC000)
        r.at = r.start, reader_fail(&r, E_MALFORMED, "the first two bits are not 0 (RFC 8489 5)");
    size_t len = read_u16(&r);
    if (len % 4) reader_fail(&r, E_MALFORMED, "the length is not a multiple of 4 (RFC 8489 5)");
    if (read_u32(&r) != STUN_COOKIE)
        reader_fail(&r, E_MALFORMED, "the magic cookie is not 2112A442 (RFC 8489 5)");
    struct bytes id = read_bytes(&r, STUN_ID_LEN);
    struct bytes attrs = read_bytes(&r, len);
    if (reader_left(&r))
        reader_fail(&r, E_MALFORMED, "bytes follow the announced length (RFC 8489 5)");
    if (r.err != OK) {
        *m = (struct stun_msg){.type = type, .fault = reader_fault(&r, "stun")};
        return r.err;
    }
    m->type = type, m->whole = in, m->id = id, m->attrs = attrs;
    m->integrity = m->integrity_sha256 = m->fingerprint = 0;
    m->fault = check_attributes(m);
    return m->fault.err;
}

bool stun_find(const struct stun_msg *m, uint16_t attr, struct bytes *value)
{
    struct stun_walk w = stun_walk_of(m);
    struct stun_attr a;
    while (stun_walk_next(&w, &a)) {
        if (a.type != attr || a.after_integrity) continue;
        if (value) *value = a.value;
        return true;
    }
    return false;
}

size_t stun_unknown(const struct stun_msg *m, uint16_t *types, size_t room)
{
    size_t count = 0;
    struct stun_walk w = stun_walk_of(m);
    struct stun_attr a;
    while (count < room && stun_walk_next(&w, &a))
        if (!a.after_integrity && a.type < 0x8000 && !stun_attr_info(a.type))
            types[count++] = a.type;
    return count;
}

void stun_begin(struct writer *w, uint16_t type, struct bytes id)
{
    write_u16(w, type);
    write_u16(w, 0);
    write_u32(w, STUN_COOKIE);
    write_bytes(w, bytes_slice(id, 0, STUN_ID_LEN));
}

void stun_put(struct writer *w, uint16_t attr, struct bytes value)
{
    size_t len = value.len;
    if (len > UINT16_MAX || writer_len(w) + 4 + PADDED(len) > STUN_MAX) w->err = E_FULL;
    write_u16(w, attr);
    write_u16(w, (uint16_t)len);
    write_bytes(w, value);
    write_zeros(w, PADDING(len));
    write_u16_at(w, 2, (uint16_t)(writer_len(w) - STUN_HEADER_LEN));
}

struct bytes stun_write(const struct stun_msg *m, void *room, size_t len)
{
    struct writer w = writer_of(room, len);
    stun_begin(&w, m->type, m->id);
    struct stun_walk walk = stun_walk_of(m);
    struct stun_attr a;
    while (stun_walk_next(&walk, &a)) stun_put(&w, a.type, a.value);
    return writer_done(&w);
}

bool stun_equal(const struct stun_msg *a, const struct stun_msg *b)
{
    if (a->type != b->type || !bytes_equal(a->id, b->id) || a->attrs.len != b->attrs.len)
        return false;
    struct stun_walk wa = stun_walk_of(a), wb = stun_walk_of(b);
    struct stun_attr x, y;
    while (stun_walk_next(&wa, &x)) {
        if (!stun_walk_next(&wb, &y) || x.type != y.type || !bytes_equal(x.value, y.value))
            return false;
    }
    return !stun_walk_next(&wb, &y);
}
