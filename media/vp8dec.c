#include "media/vp8dec.h"

#include <stdlib.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

struct vp8dec {
    vpx_codec_ctx_t ctx;
    struct picture view;
    bool needs_key;
    struct fault fault;
};

/* VP8 counts in little-endian, unlike the rest of the wire. */
static unsigned read_u16_le(struct reader *r)
{
    unsigned low = read_u8(r);
    return low | (unsigned)read_u8(r) << 8;
}

enum err vp8dec_header_parse(struct vp8dec_header *h, struct bytes frame, struct fault *fault)
{
    *h = (struct vp8dec_header){0};
    struct reader r = reader_of(frame);
    /* RFC 6386 9.1, 19.1: 19 bits first partition size, show_frame, version, not key frame. */
    uint32_t tag = read_u16_le(&r);
    tag |= (uint32_t)read_u8(&r) << 16;
    h->key = !(tag & 1);
    h->version = (int)(tag >> 1 & 7);
    h->shown = tag >> 4 & 1;
    uint32_t first_partition = tag >> 5;
    if (h->version > 3) reader_fail(&r, E_UNSUPPORTED, "version above 3 (RFC 6386 9.1)");
    if (h->key && r.err == OK) {
        if (read_u24(&r) != 0x9d012a)
            reader_fail(&r, E_MALFORMED, "a key frame's start code is not 9d 01 2a (RFC 6386 9.1)");
        h->width = (int)(read_u16_le(&r) & 0x3FFF); /* the upper two bits ask for scaling */
        h->height = (int)(read_u16_le(&r) & 0x3FFF);
        if (!h->width || !h->height)
            reader_fail(&r, E_MALFORMED, "a key frame without a size (RFC 6386 9.1)");
    }
    if (first_partition > reader_left(&r))
        reader_fail(&r, E_TRUNCATED, "the first partition ends behind the frame (RFC 6386 9.1)");
    if (r.err != OK) *h = (struct vp8dec_header){0};
    if (fault) *fault = reader_fault(&r, "vp8");
    return r.err;
}

struct vp8dec *vp8dec_new(void)
{
    struct vp8dec *dec = calloc(1, sizeof *dec);
    if (!dec) return NULL;
    vpx_codec_dec_cfg_t cfg = {.threads = 1};
    if (vpx_codec_dec_init(&dec->ctx, vpx_codec_vp8_dx(), &cfg, 0) != VPX_CODEC_OK) {
        free(dec);
        return NULL;
    }
    dec->needs_key = true;
    return dec;
}

void vp8dec_free(struct vp8dec *dec)
{
    if (!dec) return;
    vpx_codec_destroy(&dec->ctx);
    free(dec);
}

static enum err refuse(struct vp8dec *dec, enum err err, const char *rule)
{
    dec->fault = (struct fault){.err = err, .layer = "vp8", .rule = rule};
    return err;
}

static const struct picture *view_of(struct vp8dec *dec, const vpx_image_t *image)
{
    struct picture *view = &dec->view;
    *view = (struct picture){.width = (int)image->d_w, .height = (int)image->d_h};
    for (int i = 0; i < PLANES; i++) {
        view->plane[i] = image->planes[i];
        view->stride[i] = image->stride[i];
    }
    return view;
}

/* May this frame be given to libvpx? */
static enum err check(struct vp8dec *dec, struct bytes frame, bool *key)
{
    struct vp8dec_header h;
    enum err err = vp8dec_header_parse(&h, frame, &dec->fault);
    if (err != OK) {
        dec->needs_key = true;
        return err;
    }
    *key = h.key;
    if (dec->needs_key && !h.key)
        return refuse(dec, E_STATE, "a key frame is needed first (RFC 6386 5)");
    if (h.key && h.width * h.height > VP8DEC_PIXELS_MAX) {
        dec->needs_key = true;
        return refuse(dec, E_UNSUPPORTED, "the picture is larger than 4096x2304");
    }
    return OK;
}

enum err vp8dec_decode(struct vp8dec *dec, struct bytes frame, const struct picture **out)
{
    *out = NULL;
    bool key = false;
    enum err err = check(dec, frame, &key);
    if (err != OK) return err;

    int corrupted = 0;
    if (vpx_codec_decode(&dec->ctx, frame.at, (unsigned)frame.len, NULL, 0) != VPX_CODEC_OK ||
        vpx_codec_control(&dec->ctx, VP8D_GET_FRAME_CORRUPTED, &corrupted) != VPX_CODEC_OK ||
        corrupted) {
        dec->needs_key = true;
        return refuse(dec, E_MALFORMED, "libvpx could not decode the frame (RFC 6386)");
    }
    dec->needs_key = false;
    vpx_codec_iter_t iter = NULL;
    const vpx_image_t *image = vpx_codec_get_frame(&dec->ctx, &iter);
    if (image) *out = view_of(dec, image);
    return OK;
}

bool vp8dec_needs_key(const struct vp8dec *dec)
{
    return dec->needs_key;
}

const struct fault *vp8dec_fault(const struct vp8dec *dec)
{
    return &dec->fault;
}
