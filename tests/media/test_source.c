#include "media/source.h"
#include "tests/suite.h"

#include <math.h>
#include <string.h>

static const int sizes[][2] = {{640, 480}, {160, 120}, {162, 122}, {1280, 720},
                               {320, 240}, {480, 640}, {1000, 120}};

static struct picture drawn(int width, int height, uint64_t n)
{
    struct picture p = {0};
    ck_assert_int_eq(picture_resize(&p, width, height), OK);
    memset(p.pixels, 0xEE, p.room);
    source_draw(&p, n, SOURCE_FPS);
    return p;
}

static bool is(struct yuv c, struct rgb want)
{
    struct yuv w = yuv_of(want);
    return c.y == w.y && c.u == w.u && c.v == w.v;
}

/* All of an area has one colour: its mean has, and no sample differs from the first. */
static bool uniform(const struct picture *p, struct area a, struct rgb want)
{
    for (int y = a.y; y < a.y + a.height; y++)
        for (int x = a.x; x < a.x + a.width; x++)
            if (!is(picture_mean(p, (struct area){x, y, 1, 1}), want)) return false;
    return true;
}

START_TEST(quadrants_are_whole_at_every_size)
{
    for (size_t s = 0; s < COUNT(sizes); s++) {
        int w = sizes[s][0], h = sizes[s][1];
        ck_assert(source_size_valid(w, h));
        struct picture p = drawn(w, h, 7);
        for (int i = 0; i < 4; i++) {
            struct area a = source_quadrant(w, h, i);
            ck_assert(a.width * 10 >= w * 4 && a.height * 10 >= h * 4);
            ck_assert(a.x == (i & 1 ? w - a.width : 0) && a.y == (i & 2 ? h - a.height : 0));
            ck_assert_msg(uniform(&p, a, source_colours[i]), "%dx%d quadrant %d", w, h, i);
        }
        /* The cross's vertical arm, above and below. */
        struct area q = source_quadrant(w, h, 0);
        struct rgb grey = {128, 128, 128};
        ck_assert(uniform(&p, (struct area){q.width, 0, w - 2 * q.width, q.height}, grey));
        ck_assert(
            uniform(&p, (struct area){q.width, h - q.height, w - 2 * q.width, q.height}, grey));
        picture_free(&p);
    }
}
END_TEST

START_TEST(the_contracts_colours)
{
    ck_assert(source_colours[0].r == 220 && source_colours[0].g == 30 && source_colours[0].b == 30);
    ck_assert(source_colours[1].r == 30 && source_colours[1].g == 200 && source_colours[1].b == 30);
    ck_assert(source_colours[2].r == 30 && source_colours[2].g == 30 && source_colours[2].b == 220);
    ck_assert(source_colours[3].r == 235 && source_colours[3].g == 235 &&
              source_colours[3].b == 235);
}
END_TEST

START_TEST(the_counter_is_the_number_modulo_65536)
{
    static const uint64_t numbers[] = {0, 1, 0x8000, 0xA5C3, 65535, 65536, 65537, 0x123456789ABC};
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (size_t i = 0; i < COUNT(numbers); i++) {
            struct picture p = drawn(sizes[s][0], sizes[s][1], numbers[i]);
            unsigned read = 0;
            for (int b = 0; b < 16; b++) {
                struct area a = source_counter_block(p.width, p.height, b);
                bool one = uniform(&p, a, (struct rgb){235, 235, 235});
                ck_assert(one || uniform(&p, a, (struct rgb){0, 0, 0}));
                read = read << 1 | one;
            }
            ck_assert_uint_eq(read, numbers[i] & 0xFFFF);
            picture_free(&p);
        }
}
END_TEST

START_TEST(the_bar_moves_with_every_frame)
{
    struct picture p = drawn(640, 480, 1);
    ck_assert(uniform(&p, (struct area){16, 192, 16, 64}, (struct rgb){0, 0, 0}));
    ck_assert(uniform(&p, (struct area){0, 192, 16, 64}, (struct rgb){128, 128, 128}));
    source_draw(&p, 41, SOURCE_FPS); /* 40 steps later it is there again */
    ck_assert(uniform(&p, (struct area){16, 192, 16, 64}, (struct rgb){0, 0, 0}));
    source_draw(&p, 39, SOURCE_FPS);
    ck_assert(uniform(&p, (struct area){624, 192, 16, 64}, (struct rgb){0, 0, 0}));
    picture_free(&p);
}
END_TEST

START_TEST(the_flash_is_in_the_first_frame_of_a_second)
{
    for (uint64_t n = 0; n < 91; n++) {
        struct picture p = drawn(160, 120, n);
        struct area a = source_flash_square(160, 120);
        ck_assert_int_eq(uniform(&p, a, (struct rgb){235, 235, 235}), n % 30 == 0);
        ck_assert_int_eq(a.x + a.width / 2, 80);
        ck_assert_int_eq(a.y + a.height / 2, 60);
        picture_free(&p);
    }
    ck_assert(source_flashes(50, 25) && !source_flashes(30, 25));
}
END_TEST

START_TEST(a_picture_is_a_function_of_its_number)
{
    struct picture a = drawn(320, 240, 12345), b = drawn(320, 240, 12345),
                   c = drawn(320, 240, 12346);
    size_t len = 320 * 240 * 3 / 2;
    ck_assert_int_eq(memcmp(a.pixels, b.pixels, len), 0);
    ck_assert_int_ne(memcmp(a.pixels, c.pixels, len), 0);
    picture_free(&a);
    picture_free(&b);
    picture_free(&c);
}
END_TEST

START_TEST(odd_and_small_sizes_are_refused)
{
    ck_assert(!source_size_valid(159, 120) && !source_size_valid(158, 120));
    ck_assert(!source_size_valid(160, 118) && !source_size_valid(640, 481));
    ck_assert(!source_size_valid(16384, 480) && !source_size_valid(-640, 480));
}
END_TEST

START_TEST(due_times_do_not_drift)
{
    ck_assert_int_eq(source_video_due(0, 30), 0);
    ck_assert_int_eq(source_video_due(1, 30), 33333);
    ck_assert_int_eq(source_video_due(2, 30), 66666);
    ck_assert_int_eq(source_video_due(3, 30), 100000);
    ck_assert_int_eq(source_video_due(30ull * 86400 * 365, 30), SEC(86400) * 365);
    ck_assert_int_eq(source_audio_due(50), SEC(1));
    ck_assert_int_eq(source_audio_due(3), MS(60));
}
END_TEST

/* Power of a frequency in samples, as a share of all power. */
static double share(const int16_t *at, size_t frames, double hz)
{
    double re = 0, im = 0, all = 0;
    for (size_t i = 0; i < frames; i++) {
        double turn = 6.283185307179586 * hz * (double)i / AUDIO_RATE, s = at[2 * i];
        re += s * cos(turn);
        im += s * sin(turn);
        all += s * s;
    }
    return 2 * (re * re + im * im) / ((double)frames * all);
}

START_TEST(a_burst_starts_each_second_and_the_tone_fills_it)
{
    static int16_t pcm[AUDIO_RATE * 2];
    for (uint64_t second = 0; second < 3; second++) {
        source_sound(pcm, AUDIO_RATE, second * AUDIO_RATE);
        ck_assert_double_gt(share(pcm, 2400, 880), 0.999);
        ck_assert_double_gt(share(pcm + 2 * 2400, AUDIO_RATE - 2400, 440), 0.999);
        int peak = 0, unlike = 0;
        for (size_t i = 0; i < AUDIO_RATE; i++) {
            unlike += pcm[2 * i] != pcm[2 * i + 1];
            if (abs(pcm[2 * i]) > peak) peak = abs(pcm[2 * i]);
        }
        ck_assert_int_eq(unlike, 0);  /* left and right are the same */
        ck_assert_int_ge(peak, 8225); /* 10^(-12/20) of full scale is 8231 */
        ck_assert_int_le(peak, 8231);
    }
}
END_TEST

START_TEST(sound_is_a_function_of_its_position)
{
    static int16_t whole[4800 * 2], part[960 * 2];
    uint64_t from = 3 * AUDIO_RATE - 2400;
    source_sound(whole, 4800, from);
    for (int i = 0; i < 5; i++) {
        source_sound(part, 960, from + 960 * (uint64_t)i);
        ck_assert_int_eq(memcmp(part, whole + 1920 * i, sizeof part), 0);
    }
    /* Nowhere does it jump: 880 Hz at this level steps by at most 948 a sample. */
    int step = 0;
    for (int i = 1; i < 4800; i++) {
        int here = abs(whole[2 * i] - whole[2 * i - 2]);
        if (here > step) step = here;
    }
    ck_assert_int_le(step, 950);
}
END_TEST

SUITE("media source", quadrants_are_whole_at_every_size, the_contracts_colours,
      the_counter_is_the_number_modulo_65536, the_bar_moves_with_every_frame,
      the_flash_is_in_the_first_frame_of_a_second, a_picture_is_a_function_of_its_number,
      odd_and_small_sizes_are_refused, due_times_do_not_drift,
      a_burst_starts_each_second_and_the_tone_fills_it, sound_is_a_function_of_its_position)
