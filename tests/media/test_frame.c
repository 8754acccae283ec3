#include "media/frame.h"
#include "tests/suite.h"

#include <string.h>

START_TEST(chroma_is_half_rounded_up)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 5, 3), OK);
    ck_assert_int_eq(picture_plane_width(&p, PLANE_Y), 5);
    ck_assert_int_eq(picture_plane_width(&p, PLANE_U), 3);
    ck_assert_int_eq(picture_plane_height(&p, PLANE_V), 2);
    /* Every sample is ours to write; the sanitizer sees if not. */
    for (int i = 0; i < PLANES; i++)
        for (int y = 0; y < picture_plane_height(&p, i); y++)
            memset(picture_row(&p, i, y), i, (size_t)picture_plane_width(&p, i));
    ck_assert_int_eq(p.plane[PLANE_V][0], PLANE_V);
    ck_assert_int_eq(p.plane[PLANE_Y][14], PLANE_Y);
    picture_free(&p);
}
END_TEST

START_TEST(memory_is_kept_when_it_is_enough)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 640, 480), OK);
    const uint8_t *pixels = p.pixels;
    ck_assert_int_eq(picture_resize(&p, 320, 240), OK);
    ck_assert_int_eq(picture_resize(&p, 640, 480), OK);
    ck_assert_ptr_eq(p.pixels, pixels);
    picture_free(&p);
    ck_assert(p.pixels == NULL && p.width == 0 && p.plane[PLANE_Y] == NULL);
}
END_TEST

START_TEST(impossible_sizes_leave_the_picture_as_it_was)
{
    static const int sizes[][2] = {{0, 1}, {1, 0}, {-4, 4}, {16384, 2}, {2, 16384}};
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, 16, 8), OK);
    for (size_t i = 0; i < COUNT(sizes); i++)
        ck_assert_int_eq(picture_resize(&p, sizes[i][0], sizes[i][1]), E_UNSUPPORTED);
    ck_assert(p.width == 16 && p.height == 8);
    picture_free(&p);
}
END_TEST

START_TEST(a_copy_of_a_view_is_its_own)
{
    uint8_t y[4 * 10], u[2 * 10], v[2 * 10];
    for (int i = 0; i < 40; i++) y[i] = (uint8_t)i;
    for (int i = 0; i < 20; i++) u[i] = (uint8_t)(100 + i), v[i] = (uint8_t)(200 + i);
    struct picture view = {.width = 3, .height = 4, .plane = {y, u, v}, .stride = {10, 10, 10}};
    struct picture copy = {0};
    ck_assert_int_eq(picture_copy(&copy, &view), OK);
    memset(y, 0, sizeof y);
    ck_assert_int_eq(picture_row(&copy, PLANE_Y, 3)[2], 32);
    ck_assert_int_eq(picture_row(&copy, PLANE_U, 1)[1], 111);
    ck_assert_int_eq(picture_row(&copy, PLANE_V, 1)[0], 210);
    picture_free(&copy);
    picture_free(&view);
    ck_assert_ptr_null(view.plane[PLANE_Y]);
}
END_TEST

SUITE("media frame", chroma_is_half_rounded_up, memory_is_kept_when_it_is_enough,
      impossible_sizes_leave_the_picture_as_it_was, a_copy_of_a_view_is_its_own)
