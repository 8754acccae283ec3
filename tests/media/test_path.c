/* The straight path: source, encoder, decoder, measure. */
#include "media/measure.h"
#include "media/opusdec.h"
#include "media/opusenc.h"
#include "media/source.h"
#include "media/vp8dec.h"
#include "media/vp8enc.h"
#include "tests/suite.h"

/* Encodes and decodes frame `n` of the source, as big as `raw`, into the measure. */
static struct measure_frame pass_picture(struct vp8enc *enc, struct vp8dec *dec, struct measure *m,
                                         struct picture *raw, uint64_t n)
{
    usec due = source_video_due(n, SOURCE_FPS);
    source_draw(raw, n, SOURCE_FPS);
    struct vp8_encoded frame;
    ck_assert_int_eq(vp8enc_encode(enc, raw, due, false, &frame), OK);
    const struct picture *shown;
    ck_assert_int_eq(vp8dec_decode(dec, frame.data, &shown), OK);
    ck_assert_ptr_nonnull(shown);
    return measure_picture_in(m, shown, due);
}

static void pass_sound(struct opusenc *enc, struct opusdec *dec, struct measure *m, uint64_t n)
{
    int16_t raw[AUDIO_BLOCK * AUDIO_CHANNELS];
    source_sound(raw, AUDIO_BLOCK, n * AUDIO_BLOCK);
    struct bytes packet;
    struct audio heard;
    ck_assert_int_eq(opusenc_encode(enc, raw, &packet), OK);
    ck_assert_int_eq(opusdec_decode(dec, packet, &heard), OK);
    ck_assert_uint_eq(heard.frames, AUDIO_BLOCK);
    measure_sound_in(m, &heard, source_audio_due(n));
}

START_TEST(picture_and_sound_arrive_good_and_in_step)
{
    struct vp8enc *venc = vp8enc_new(&(struct vp8enc_config){.bitrate_bps = 800000});
    struct opusenc *aenc = opusenc_new(&(struct opusenc_config){0});
    struct vp8dec *vdec = vp8dec_new();
    struct opusdec *adec = opusdec_new();
    struct measure *m = measure_new();
    struct picture raw = {0};
    ck_assert_int_eq(picture_resize(&raw, SOURCE_WIDTH, SOURCE_HEIGHT), OK);

    uint64_t video = 0, audio = 0;
    while (video < 90) {
        if (source_video_due(video, SOURCE_FPS) <= source_audio_due(audio)) {
            ck_assert_int_eq(pass_picture(venc, vdec, m, &raw, video).counter, (int)video);
            video++;
        } else {
            pass_sound(aenc, adec, m, audio++);
        }
    }
    struct measure_video v = measure_video(m);
    ck_assert_uint_eq(v.frames, 90);
    ck_assert_uint_eq(v.good, 90);
    ck_assert_uint_eq(v.freezes, 0);
    ck_assert_uint_eq(v.missing, 0);
    ck_assert(v.width == SOURCE_WIDTH && v.height == SOURCE_HEIGHT);
    ck_assert_double_eq_tol(v.fps, 30, 0.01);
    struct measure_sound s = measure_sound(m);
    ck_assert(measure_sound_good(&s));
    ck_assert_double_eq_tol(s.hz, 440, 0.5);
    ck_assert_double_eq_tol(s.rms, 0.1776, 0.01);
    ck_assert_uint_eq(s.concealed, 0);
    /* The encoder looks 6.5 ms ahead (OPUS_GET_LOOKAHEAD); hops of 2.5 ms are heard. */
    struct measure_skew skew = measure_skew(m);
    ck_assert_uint_ge(skew.pairs, 2);
    ck_assert_int_ge(skew.mean_us, MS(0));
    ck_assert_int_le(skew.mean_us, MS(15));

    picture_free(&raw);
    measure_free(m);
    opusdec_free(adec);
    vp8dec_free(vdec);
    opusenc_free(aenc);
    vp8enc_free(venc);
}
END_TEST

START_TEST(every_frame_may_have_a_new_size)
{
    static const int sizes[][2] = {{320, 240}, {640, 480}, {160, 120}, {1280, 720}, {162, 122}};
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){.bitrate_bps = 2000000});
    struct vp8dec *dec = vp8dec_new();
    struct measure *m = measure_new();
    struct picture raw = {0};
    for (uint64_t n = 0; n < 20; n++) {
        const int *size = sizes[n % COUNT(sizes)];
        ck_assert_int_eq(picture_resize(&raw, size[0], size[1]), OK);
        struct measure_frame seen = pass_picture(enc, dec, m, &raw, n);
        ck_assert_msg(seen.good, "%dx%d", size[0], size[1]);
        ck_assert_int_eq(seen.counter, (int)n);
        ck_assert_int_eq(measure_video(m).width, size[0]);
        ck_assert_int_eq(measure_video(m).height, size[1]);
    }
    ck_assert_uint_eq(measure_video(m).sizes, 19);
    picture_free(&raw);
    measure_free(m);
    vp8dec_free(dec);
    vp8enc_free(enc);
}
END_TEST

SUITE("media path", picture_and_sound_arrive_good_and_in_step, every_frame_may_have_a_new_size)
