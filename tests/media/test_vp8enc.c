#include "media/source.h"
#include "media/vp8dec.h"
#include "media/vp8enc.h"
#include "tests/suite.h"

#include <string.h>

static struct picture noise(int width, int height, unsigned seed)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, width, height), OK);
    size_t len = (size_t)width * (size_t)height;
    memset(p.pixels, 128, p.room);
    for (size_t i = 0; i < len; i++)
        p.pixels[i] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 24);
    return p;
}

START_TEST(key_frames_come_first_and_on_demand_only)
{
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){0});
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 320, 240), OK);
    for (uint64_t n = 0; n < 300; n++) {
        struct vp8_encoded out;
        struct vp8dec_header h;
        source_draw(&p, n, 30);
        bool ask = n == 40 || n == 41;
        ck_assert_int_eq(vp8enc_encode(enc, &p, source_video_due(n, 30), ask, &out), OK);
        ck_assert_int_eq(vp8dec_header_parse(&h, out.data, NULL), OK);
        ck_assert_int_eq(out.key, n == 0 || ask);
        ck_assert_int_eq(h.key, out.key);
        ck_assert(h.shown);
    }
    picture_free(&p);
    vp8enc_free(enc);
}
END_TEST

START_TEST(a_new_size_is_a_key_frame_of_that_size)
{
    static const int sizes[][2] = {{320, 240}, {640, 360}, {641, 361},
                                   {16, 16},   {1, 1},     {320, 240}};
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){0});
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (int repeat = 0; repeat < 2; repeat++) {
            struct picture p = noise(sizes[i][0], sizes[i][1], 1);
            struct vp8_encoded out;
            struct vp8dec_header h;
            ck_assert_int_eq(vp8enc_encode(enc, &p, (usec)i * 66666 + repeat * 33333, false, &out),
                             OK);
            ck_assert_int_eq(vp8dec_header_parse(&h, out.data, NULL), OK);
            ck_assert_int_eq(h.key, repeat == 0);
            if (h.key) ck_assert(h.width == p.width && h.height == p.height);
            picture_free(&p);
        }
    vp8enc_free(enc);
}
END_TEST

/* Bytes of a second of a picture that is hard to encode. */
static size_t second_at(struct vp8enc *enc, usec from)
{
    size_t sum = 0;
    for (int n = 0; n < 30; n++) {
        struct picture p = noise(320, 240, (unsigned)n / 4);
        struct vp8_encoded out;
        ck_assert_int_eq(
            vp8enc_encode(enc, &p, from + source_video_due((uint64_t)n, 30), false, &out), OK);
        sum += out.data.len;
        picture_free(&p);
    }
    return sum;
}

START_TEST(the_bit_rate_can_change_and_needs_no_key_frame)
{
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){.bitrate_bps = 4000000});
    second_at(enc, 0);
    size_t high = second_at(enc, SEC(1));
    vp8enc_set_bitrate(enc, 1000000);
    second_at(enc, SEC(2));
    size_t low = second_at(enc, SEC(3));
    ck_assert_uint_gt(high, low * 3 / 2);
    vp8enc_set_bitrate(enc, 0); /* clamped */
    vp8enc_set_bitrate(enc, 4000000000u);
    second_at(enc, SEC(4));
    vp8enc_free(enc);
}
END_TEST

START_TEST(times_that_stand_still_or_go_back_are_harmless)
{
    static const usec times[] = {SEC(5), SEC(5), SEC(4), 0, SEC(6), -SEC(1), SEC(3000000)};
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){0});
    struct picture p = noise(160, 120, 3);
    for (size_t i = 0; i < COUNT(times); i++) {
        struct vp8_encoded out;
        ck_assert_int_eq(vp8enc_encode(enc, &p, times[i], false, &out), OK);
        ck_assert_uint_gt(out.data.len, 0);
    }
    picture_free(&p);
    vp8enc_free(enc);
}
END_TEST

START_TEST(no_picture_is_refused_and_the_next_one_goes)
{
    struct vp8enc *enc = vp8enc_new(&(struct vp8enc_config){.fps = -3});
    struct picture none = {0}, p = noise(160, 120, 3);
    struct vp8_encoded out;
    ck_assert_int_eq(vp8enc_encode(enc, &none, 0, false, &out), E_UNSUPPORTED);
    ck_assert_int_eq(vp8enc_fault(enc)->err, E_UNSUPPORTED);
    ck_assert_uint_eq(out.data.len, 0);
    struct picture huge = p;
    huge.width = 16384;
    ck_assert_int_eq(vp8enc_encode(enc, &huge, 0, false, &out), E_UNSUPPORTED);
    ck_assert_int_eq(vp8enc_encode(enc, &p, 0, false, &out), OK);
    ck_assert_int_eq(vp8enc_fault(enc)->err, OK);
    picture_free(&p);
    vp8enc_free(enc);
    vp8enc_free(NULL);
}
END_TEST

SUITE("media vp8enc", key_frames_come_first_and_on_demand_only,
      a_new_size_is_a_key_frame_of_that_size, the_bit_rate_can_change_and_needs_no_key_frame,
      times_that_stand_still_or_go_back_are_harmless, no_picture_is_refused_and_the_next_one_goes)
