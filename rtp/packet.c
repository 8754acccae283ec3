#include "rtp/packet.h"

#include "rtp/internal.h"

#include <string.h>

#define LAYER "rtp"

static bool is_one_byte(uint16_t profile)
{
    return profile == RTP_PROFILE_ONE_BYTE;
}

/* RFC 8285 §4.3: 0x100 in the upper twelve bits, the lower four are the application's. */
static bool is_two_bytes(uint16_t profile)
{
    return (profile & 0xFFF0) == RTP_PROFILE_TWO_BYTES;
}

struct reader rtp_extensions(const struct rtp_packet *p)
{
    bool known = p->has_extension && (is_one_byte(p->profile) || is_two_bytes(p->profile));
    return reader_of(known ? p->extension : (struct bytes){NULL, 0});
}

bool rtp_extension_next(const struct rtp_packet *p, struct reader *r, struct rtp_extension *e)
{
    /* RFC 8285 §4.1.2: a byte of zero is padding, and has no length. */
    while (reader_left(r) && reader_peek(r) == 0) read_skip(r, 1);
    if (reader_left(r) == 0) return false;
    size_t len;
    if (is_one_byte(p->profile)) {
        uint8_t head = read_u8(r);
        e->id = head >> 4;
        len = (size_t)(head & 15) + 1;
        /* §4.1.2 and §4.2: what follows id 0 with a length, or id 15, is not looked at. */
        if (e->id == 0 || e->id == 15) {
            read_rest(r);
            return false;
        }
    } else {
        e->id = read_u8(r);
        len = read_u8(r);
    }
    e->data = read_bytes(r, len);
    return r->err == OK;
}

struct bytes rtp_extension_find(const struct rtp_packet *p, uint8_t id)
{
    struct reader r = rtp_extensions(p);
    struct rtp_extension e;
    if (id == 0) return (struct bytes){NULL, 0};
    while (rtp_extension_next(p, &r, &e))
        if (e.id == id) return e.data;
    return (struct bytes){NULL, 0};
}

/* RFC 3550 §5.3.1: profile, length in words, that many words. */
static void read_extension(struct rtp_packet *p, struct reader *r)
{
    p->profile = read_u16(r);
    size_t words = read_u16(r);
    size_t at = reader_offset(r);
    p->extension = read_bytes(r, words * 4);
    if (r->err != OK) return;
    struct reader elements = rtp_extensions(p);
    struct rtp_extension e;
    while (rtp_extension_next(p, &elements, &e)) continue;
    if (elements.err == OK) return;
    reader_fail(r, E_MALFORMED, "a header extension element ends past its block (RFC 8285 4.1.2)");
    r->err_offset = at + elements.err_offset;
}

/* RFC 3550 §5.1: the last byte counts the padding, itself included. Padding without payload is
 * what bandwidth probes look like. */
static void read_padding(struct rtp_packet *p, struct reader *r, struct bytes rest)
{
    p->padding = rest.len ? rest.at[rest.len - 1] : 0;
    if (p->padding == 0 || p->padding > rest.len) {
        reader_fail(r, E_MALFORMED, "padding count is 0 or past the payload (RFC 3550 5.1)");
        return;
    }
    p->payload.len -= p->padding;
}

/* `readable`: the payload is not encrypted, and so its padding can be cut off. */
static inline enum err parse(struct rtp_packet *p, struct bytes in, bool readable)
{
    struct reader r = reader_of(in);
    *p = (struct rtp_packet){0};
    uint8_t first = read_u8(&r);
    uint8_t second = read_u8(&r);
    p->sequence = read_u16(&r);
    p->timestamp = read_u32(&r);
    p->ssrc = read_u32(&r);
    if (r.err == OK && first >> 6 != 2) {
        p->fault.rule = "version is not 2 (RFC 3550 5.1)";
        return rtp_refuse(&p->fault, E_MALFORMED, LAYER, 0, p->fault.rule);
    }
    p->marker = second >> 7;
    p->payload_type = second & 127;
    p->csrc_count = first & 15;
    for (int i = 0; i < p->csrc_count; i++) p->csrc[i] = read_u32(&r);
    p->has_extension = first >> 4 & 1;
    if (p->has_extension) read_extension(p, &r);
    p->header_len = reader_offset(&r);
    struct bytes rest = read_rest(&r);
    p->payload = rest;
    if (r.err == OK && readable && first >> 5 & 1) read_padding(p, &r, rest);
    if (r.err != OK) return rtp_refuse_reader(&p->fault, &r, LAYER, 0);
    return OK;
}

enum err rtp_parse(struct rtp_packet *p, struct bytes in)
{
    return parse(p, in, true);
}

enum err rtp_parse_protected(struct rtp_packet *p, struct bytes in)
{
    return parse(p, in, false);
}

static bool fits_one_byte(const struct rtp_extension *elements, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (elements[i].id > 14 || elements[i].data.len == 0 || elements[i].data.len > 16)
            return false;
    return true;
}

static void write_extensions(struct writer *w, const struct rtp_extension *elements, size_t count)
{
    bool one_byte = fits_one_byte(elements, count);
    write_u16(w, one_byte ? RTP_PROFILE_ONE_BYTE : RTP_PROFILE_TWO_BYTES);
    size_t length_at = writer_len(w);
    write_u16(w, 0);
    size_t begin = writer_len(w);
    for (size_t i = 0; i < count; i++) {
        const struct rtp_extension *e = &elements[i];
        if (one_byte) {
            write_u8(w, (uint8_t)(e->id << 4 | (e->data.len - 1)));
        } else {
            write_u8(w, e->id);
            write_u8(w, (uint8_t)e->data.len);
        }
        write_bytes(w, e->data);
    }
    size_t len = writer_len(w) - begin;
    write_zeros(w, -len & 3);
    write_u16_at(w, length_at, (uint16_t)((len + 3) / 4));
}

void rtp_write_header(struct writer *w, const struct rtp_packet *p, bool padded,
                      const struct rtp_extension *elements, size_t count)
{
    write_u8(w, (uint8_t)(2 << 6 | padded << 5 | (count > 0) << 4 | p->csrc_count));
    write_u8(w, (uint8_t)(p->marker << 7 | p->payload_type));
    write_u16(w, p->sequence);
    write_u32(w, p->timestamp);
    write_u32(w, p->ssrc);
    for (int i = 0; i < p->csrc_count; i++) write_u32(w, p->csrc[i]);
    if (count) write_extensions(w, elements, count);
}

void rtp_write(struct writer *w, const struct rtp_packet *p, const struct rtp_extension *elements,
               size_t count)
{
    rtp_write_header(w, p, p->padding > 0, elements, count);
    write_bytes(w, p->payload);
    if (p->padding == 0) return;
    write_zeros(w, p->padding - 1u);
    write_u8(w, p->padding);
}

bool rtp_extension_set(uint8_t *at, size_t len, uint8_t id, struct bytes value)
{
    struct rtp_packet p;
    struct bytes in = {at, len};
    if (rtp_parse(&p, in) != OK) return false;
    struct bytes old = rtp_extension_find(&p, id);
    if (old.at == NULL || old.len != value.len) return false;
    if (value.len) memcpy(at + (old.at - in.at), value.at, value.len);
    return true;
}

void rtp_set_marker(uint8_t *at, size_t len, bool marker)
{
    if (len < RTP_HEADER_LEN) return;
    at[1] = (uint8_t)((at[1] & 0x7F) | marker << 7);
}

void rtp_set_sequence(uint8_t *at, size_t len, uint16_t sequence)
{
    if (len < RTP_HEADER_LEN) return;
    at[2] = (uint8_t)(sequence >> 8);
    at[3] = (uint8_t)sequence;
}
