#include "media/colour.h"
#include "tests/suite.h"

#include <string.h>

START_TEST(known_colours_of_bt601)
{
    static const struct {
        struct rgb rgb;
        struct yuv yuv;
    } known[] = {
        {{0, 0, 0}, {16, 128, 128}},   {{255, 255, 255}, {235, 128, 128}},
        {{255, 0, 0}, {81, 90, 240}},  {{0, 255, 0}, {145, 54, 34}},
        {{0, 0, 255}, {41, 240, 110}}, {{128, 128, 128}, {126, 128, 128}},
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        struct yuv c = yuv_of(known[i].rgb);
        ck_assert_msg(c.y == known[i].yuv.y && c.u == known[i].yuv.u && c.v == known[i].yuv.v,
                      "colour %zu: %d %d %d", i, c.y, c.u, c.v);
    }
}
END_TEST

START_TEST(there_and_back_is_within_rounding)
{
    int most = 0;
    for (int r = 0; r < 256; r += 5)
        for (int g = 0; g < 256; g += 5)
            for (int b = 0; b < 256; b += 5) {
                struct rgb c = {(uint8_t)r, (uint8_t)g, (uint8_t)b}, back = rgb_of(yuv_of(c));
                int off[] = {abs(back.r - r), abs(back.g - g), abs(back.b - b)};
                for (int i = 0; i < 3; i++) most = off[i] > most ? off[i] : most;
            }
    ck_assert_int_le(most, 3);
}
END_TEST

START_TEST(known_colours_of_bt709_in_full_range)
{
    static const struct {
        struct yuv yuv;
        struct rgb rgb;
    } known[] = {{{0, 128, 128}, {0, 0, 0}},    {{255, 128, 128}, {255, 255, 255}},
                 {{54, 99, 255}, {254, 1, 0}},  {{182, 30, 12}, {0, 255, 0}},
                 {{18, 255, 116}, {0, 0, 254}}, {{152, 62, 51}, {31, 201, 30}}};
    for (size_t i = 0; i < COUNT(known); i++) {
        struct rgb c = rgb_of_bt709_full(known[i].yuv), want = known[i].rgb;
        ck_assert_msg(abs(c.r - want.r) <= 2 && abs(c.g - want.g) <= 2 && abs(c.b - want.b) <= 2,
                      "colour %zu: %d %d %d", i, c.r, c.g, c.b);
    }
}
END_TEST

START_TEST(impossible_samples_saturate)
{
    struct rgb white = rgb_of((struct yuv){255, 128, 128}),
               black = rgb_of((struct yuv){0, 128, 128});
    ck_assert(white.r == 255 && white.g == 255 && white.b == 255);
    ck_assert(black.r == 0 && black.g == 0 && black.b == 0);
    struct rgb odd = rgb_of((struct yuv){255, 255, 255});
    ck_assert(odd.r == 255 && odd.b == 255);
}
END_TEST

START_TEST(a_mean_is_of_the_area_alone)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 8, 8), OK);
    memset(p.pixels, 50, p.room);
    for (int y = 0; y < 4; y++) memset(picture_row(&p, PLANE_Y, y), 100, 4);
    ck_assert_int_eq(picture_mean(&p, (struct area){0, 0, 4, 4}).y, 100);
    ck_assert_int_eq(picture_mean(&p, (struct area){0, 0, 8, 4}).y, 75);
    ck_assert_int_eq(picture_mean(&p, (struct area){4, 4, 4, 4}).y, 50);
    ck_assert_int_eq(picture_mean(&p, (struct area){4, 4, 4, 4}).u, 50);
    picture_free(&p);
}
END_TEST

START_TEST(an_area_is_cut_to_the_picture)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 5, 5), OK);
    memset(p.pixels, 50, p.room);
    ck_assert_int_eq(picture_mean(&p, (struct area){-3, -3, 100, 100}).v, 50);
    ck_assert_int_eq(picture_mean(&p, (struct area){4, 4, 9, 9}).y, 50);
    struct yuv none = picture_mean(&p, (struct area){5, 5, 3, 3});
    ck_assert_int_eq(none.y, 16);
    none = picture_mean(&p, (struct area){1, 1, 0, 3});
    ck_assert(none.y == 16 && none.u == 128 && none.v == 128);
    picture_free(&p);
    none = picture_mean(&p, (struct area){0, 0, 4, 4});
    ck_assert_int_eq(none.y, 16);
}
END_TEST

SUITE("media colour", known_colours_of_bt601, known_colours_of_bt709_in_full_range,
      there_and_back_is_within_rounding, impossible_samples_saturate, a_mean_is_of_the_area_alone,
      an_area_is_cut_to_the_picture)
