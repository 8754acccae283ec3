#include "media/vp8enc.h"

#include <stdlib.h>
#include <vpx/vp8cx.h>
#include <vpx/vpx_encoder.h>

struct vp8enc {
    struct vp8enc_config cfg;
    vpx_codec_enc_cfg_t vpx_cfg;
    vpx_codec_ctx_t ctx;
    bool open; /* `ctx` is to be destroyed */
    usec last_time;
    struct fault fault;
};

static enum err refuse(struct vp8enc *enc, enum err err, const char *rule)
{
    enc->fault = (struct fault){.err = err, .layer = "vp8 encoder", .rule = rule};
    return err;
}

static unsigned clamp_bitrate(unsigned bps)
{
    return bps < VP8ENC_BITRATE_MIN   ? VP8ENC_BITRATE_MIN
           : bps > VP8ENC_BITRATE_MAX ? VP8ENC_BITRATE_MAX
                                      : bps;
}

struct vp8enc *vp8enc_new(const struct vp8enc_config *cfg)
{
    struct vp8enc *enc = calloc(1, sizeof *enc);
    if (!enc) return NULL;
    enc->cfg = *cfg;
    if (enc->cfg.fps < 1 || enc->cfg.fps > 120) enc->cfg.fps = 30;
    enc->cfg.bitrate_bps = clamp_bitrate(cfg->bitrate_bps ? cfg->bitrate_bps : 1000000);
    return enc;
}

static void close_encoder(struct vp8enc *enc)
{
    if (enc->open) vpx_codec_destroy(&enc->ctx);
    enc->open = false;
}

void vp8enc_free(struct vp8enc *enc)
{
    if (!enc) return;
    close_encoder(enc);
    free(enc);
}

/* Constant bit rate, no look-ahead, no frame dropped; key frames only when asked for, since in a
 * call a receiver says when it needs one (RFC 4585 6.3.1). */
static void fill_config(vpx_codec_enc_cfg_t *c, const struct vp8enc_config *cfg, int width,
                        int height)
{
    c->g_w = (unsigned)width;
    c->g_h = (unsigned)height;
    c->g_timebase = (vpx_rational_t){1, 1000000};
    c->g_threads = 1;
    c->g_lag_in_frames = 0;
    c->g_error_resilient = 0;
    c->g_pass = VPX_RC_ONE_PASS;
    c->kf_mode = VPX_KF_DISABLED;
    c->rc_end_usage = VPX_CBR;
    c->rc_dropframe_thresh = 0;
    c->rc_resize_allowed = 0;
    c->rc_min_quantizer = 2;
    c->rc_max_quantizer = 56;
    c->rc_undershoot_pct = 100;
    c->rc_overshoot_pct = 15;
    c->rc_buf_initial_sz = 500; /* milliseconds at the target rate, these three */
    c->rc_buf_optimal_sz = 600;
    c->rc_buf_sz = 1000;
    c->rc_target_bitrate = cfg->bitrate_bps / 1000;
}

/* A key frame may have this share of a frame's bits, in percent: half of what the buffer holds, so
 * that one doesn't fill a thin path for a second. */
static int key_frame_share(const struct vp8enc *enc)
{
    int share = (int)(enc->vpx_cfg.rc_buf_optimal_sz / 2) * enc->cfg.fps / 10;
    return share < 300 ? 300 : share;
}

static enum err open_encoder(struct vp8enc *enc, const struct picture *p)
{
    vpx_codec_iface_t *vp8 = vpx_codec_vp8_cx();
    if (vpx_codec_enc_config_default(vp8, &enc->vpx_cfg, 0) != VPX_CODEC_OK)
        return refuse(enc, E_STATE, "this libvpx has no VP8 encoder");
    fill_config(&enc->vpx_cfg, &enc->cfg, p->width, p->height);
    vpx_codec_err_t failed = vpx_codec_enc_init(&enc->ctx, vp8, &enc->vpx_cfg, 0);
    if (failed == VPX_CODEC_MEM_ERROR) return refuse(enc, E_NOMEM, "libvpx got no memory");
    if (failed != VPX_CODEC_OK) return refuse(enc, E_STATE, "libvpx refused the configuration");
    enc->open = true;
    if (vpx_codec_control(&enc->ctx, VP8E_SET_CPUUSED, -8) != VPX_CODEC_OK ||
        vpx_codec_control(&enc->ctx, VP8E_SET_STATIC_THRESHOLD, 1) != VPX_CODEC_OK ||
        vpx_codec_control(&enc->ctx, VP8E_SET_MAX_INTRA_BITRATE_PCT, key_frame_share(enc)) !=
            VPX_CODEC_OK)
        return refuse(enc, E_STATE, "libvpx refused a setting");
    return OK;
}

/* libvpx takes writable planes, but only reads them. */
static unsigned char *unconst(const uint8_t *plane)
{
    return (unsigned char *)(uintptr_t)plane;
}

static vpx_image_t image_of(const struct picture *p)
{
    vpx_image_t image;
    vpx_img_wrap(&image, VPX_IMG_FMT_I420, (unsigned)p->width, (unsigned)p->height, 1,
                 unconst(p->plane[PLANE_Y]));
    for (int i = 0; i < PLANES; i++) {
        image.planes[i] = unconst(p->plane[i]);
        image.stride[i] = p->stride[i];
    }
    return image;
}

static enum err take_frame(struct vp8enc *enc, struct vp8_encoded *out)
{
    vpx_codec_iter_t iter = NULL;
    const vpx_codec_cx_pkt_t *packet;
    while ((packet = vpx_codec_get_cx_data(&enc->ctx, &iter)) != NULL) {
        if (packet->kind != VPX_CODEC_CX_FRAME_PKT) continue;
        out->data = (struct bytes){packet->data.frame.buf, packet->data.frame.sz};
        out->key = packet->data.frame.flags & VPX_FRAME_IS_KEY;
        return OK;
    }
    return refuse(enc, E_STATE, "libvpx gave no frame");
}

enum err vp8enc_encode(struct vp8enc *enc, const struct picture *p, usec time, bool key,
                       struct vp8_encoded *out)
{
    *out = (struct vp8_encoded){0};
    enc->fault = (struct fault){0};
    if (p->width < 1 || p->height < 1 || p->width > PICTURE_SIDE_MAX ||
        p->height > PICTURE_SIDE_MAX)
        return refuse(enc, E_UNSUPPORTED, "a side is not in 1 .. 16383 (RFC 6386 9.1)");

    bool resized = enc->open && (enc->vpx_cfg.g_w != (unsigned)p->width ||
                                 enc->vpx_cfg.g_h != (unsigned)p->height);
    if (resized) close_encoder(enc);
    if (!enc->open) {
        enum err err = open_encoder(enc, p);
        if (err != OK) {
            close_encoder(enc);
            return err;
        }
        enc->last_time = time - 1;
    }
    enc->last_time = time > enc->last_time ? time : enc->last_time + 1;
    vpx_image_t image = image_of(p);
    vpx_codec_err_t failed =
        vpx_codec_encode(&enc->ctx, &image, enc->last_time, 1000000u / (unsigned)enc->cfg.fps,
                         key ? VPX_EFLAG_FORCE_KF : 0, VPX_DL_REALTIME);
    if (failed != VPX_CODEC_OK) {
        close_encoder(enc);
        return refuse(enc, failed == VPX_CODEC_MEM_ERROR ? E_NOMEM : E_STATE,
                      "libvpx could not encode the picture");
    }
    return take_frame(enc, out);
}

void vp8enc_set_bitrate(struct vp8enc *enc, unsigned bitrate_bps)
{
    enc->cfg.bitrate_bps = clamp_bitrate(bitrate_bps);
    enc->vpx_cfg.rc_target_bitrate = enc->cfg.bitrate_bps / 1000;
    /* What libvpx took once it takes again with another rate. */
    if (enc->open) vpx_codec_enc_config_set(&enc->ctx, &enc->vpx_cfg);
}

const struct fault *vp8enc_fault(const struct vp8enc *enc)
{
    return &enc->fault;
}
