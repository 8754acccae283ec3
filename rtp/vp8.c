#include "rtp/vp8.h"

#include "rtp/internal.h"

enum { BIT_X = 0x80, BIT_N = 0x20, BIT_S = 0x10 };               /* first byte */
enum { BIT_I = 0x80, BIT_L = 0x40, BIT_T = 0x20, BIT_K = 0x10 }; /* extension byte */
enum { BIT_M = 0x80 };                                           /* first byte of the picture id */

#define KEY_HEADER_LEN 10 /* RFC 6386 §9.1: tag, start code, width and height */

static void read_extended(struct vp8_descriptor *d, struct reader *r)
{
    uint8_t bits = read_u8(r);
    d->has_picture_id = bits & BIT_I;
    d->has_tl0picidx = bits & BIT_L;
    d->has_tid = bits & BIT_T;
    d->has_keyidx = bits & BIT_K;
    if (d->has_picture_id) {
        d->long_picture_id = reader_peek(r) & BIT_M;
        d->picture_id = d->long_picture_id ? read_u16(r) & 0x7FFF : read_u8(r);
    }
    if (d->has_tl0picidx) d->tl0picidx = read_u8(r);
    if (d->has_tid || d->has_keyidx) {
        uint8_t byte = read_u8(r);
        d->tid = byte >> 6;
        d->layer_sync = byte >> 5 & 1;
        d->keyidx = byte & 31;
    }
}

enum err vp8_parse(struct vp8_descriptor *d, struct bytes payload)
{
    struct reader r = reader_of(payload);
    *d = (struct vp8_descriptor){0};
    uint8_t first = read_u8(&r);
    d->extended = first & BIT_X;
    d->non_reference = first & BIT_N;
    d->start = first & BIT_S;
    d->partition = first & 7;
    if (d->extended) read_extended(d, &r);
    d->len = reader_offset(&r);
    d->data = read_rest(&r);
    if (r.err == OK && d->data.len == 0)
        reader_fail(&r, E_MALFORMED, "nothing behind the payload descriptor (RFC 7741 4.2)");
    if (r.err != OK) return rtp_refuse_reader(&d->fault, &r, "vp8", 0);
    return OK;
}

void vp8_write_descriptor(struct writer *w, const struct vp8_descriptor *d)
{
    uint8_t bits = (uint8_t)((d->has_picture_id ? BIT_I : 0) | (d->has_tl0picidx ? BIT_L : 0) |
                             (d->has_tid ? BIT_T : 0) | (d->has_keyidx ? BIT_K : 0));
    write_u8(w, (uint8_t)((bits ? BIT_X : 0) | (d->non_reference ? BIT_N : 0) |
                          (d->start ? BIT_S : 0) | (d->partition & 7)));
    if (!bits) return;
    write_u8(w, bits);
    if (d->has_picture_id && d->long_picture_id)
        write_u16(w, (uint16_t)(BIT_M << 8 | (d->picture_id & 0x7FFF)));
    else if (d->has_picture_id)
        write_u8(w, d->picture_id & 0x7F);
    if (d->has_tl0picidx) write_u8(w, d->tl0picidx);
    if (d->has_tid || d->has_keyidx)
        write_u8(w, (uint8_t)((d->tid & 3) << 6 | d->layer_sync << 5 | (d->keyidx & 31)));
}

bool vp8_is_frame_start(const struct vp8_descriptor *d)
{
    return d->start && d->partition == 0;
}

/* The first three bytes are one little-endian number, as are width and height. */
static uint32_t little_endian(struct bytes b)
{
    uint32_t v = 0;
    for (size_t i = b.len; i > 0; i--) v = v << 8 | b.at[i - 1];
    return v;
}

bool vp8_is_key_start(const struct vp8_descriptor *d)
{
    struct vp8_header h;
    /* RFC 7741 §4.3: P, the lowest bit of the first byte, which is there: 0 says key frame. */
    if (!vp8_is_frame_start(d) || d->data.at[0] & 1) return false;
    return d->data.len < KEY_HEADER_LEN || vp8_read_header(&h, d->data);
}

bool vp8_read_header(struct vp8_header *h, struct bytes frame)
{
    *h = (struct vp8_header){0};
    struct reader r = reader_of(frame);
    uint32_t tag = little_endian(read_bytes(&r, 3));
    if (r.err != OK) return false;
    h->key = !(tag & 1); /* 0 says key frame, RFC 6386 §9.1 */
    h->version = tag >> 1 & 7;
    h->show = tag >> 4 & 1;
    h->first_partition = tag >> 5;
    if (!h->key) return true;
    uint32_t start_code = read_u24(&r);
    uint32_t width = little_endian(read_bytes(&r, 2));
    uint32_t height = little_endian(read_bytes(&r, 2));
    if (r.err != OK || start_code != 0x9D012A) return false;
    h->width = width & 0x3FFF;
    h->height = height & 0x3FFF;
    h->horizontal_scale = (uint8_t)(width >> 14);
    h->vertical_scale = (uint8_t)(height >> 14);
    return true;
}
