#include "apps/studio.h"
#include "tests/suite.h"

#include <string.h>

static struct studio *studio_of(struct studio_config cfg)
{
    char why[STUDIO_WHY_MAX];
    if (!cfg.width) cfg.width = 320, cfg.height = 240;
    if (!cfg.fps) cfg.fps = 30;
    if (!cfg.video_bps) cfg.video_bps = 300000;
    struct studio *s = studio_new(&cfg, why);
    ck_assert_msg(s != NULL, "%s", why);
    return s;
}

/* Frames until `until`, asked for every 10 ms: counts, and checks that times only go on. */
static void run(struct studio *s, usec from, usec until, int *video, int *audio, int *keys)
{
    struct studio_frame f;
    usec last[2] = {-1, -1};
    *video = *audio = *keys = 0;
    for (usec now = from; now < until; now += MS(10)) {
        while (studio_next(s, &f, now)) {
            ck_assert_int_gt(f.time, last[f.video]);
            ck_assert_int_le(f.captured, now);
            ck_assert_uint_gt(f.data.len, 0);
            last[f.video] = f.time;
            *video += f.video;
            *audio += !f.video;
            *keys += f.video && f.key;
        }
    }
}

START_TEST(a_second_is_thirty_pictures_and_fifty_blocks)
{
    struct studio *s = studio_of((struct studio_config){.video = true, .audio = true});
    int video, audio, keys;
    ck_assert_int_eq(studio_deadline(s), TIME_NEVER);
    studio_start(s, SEC(100));
    ck_assert_int_eq(studio_deadline(s), SEC(100));
    run(s, SEC(100), SEC(101), &video, &audio, &keys);
    ck_assert_int_eq(video, 30);
    ck_assert_int_eq(audio, 50);
    ck_assert_int_eq(keys, 1);
    ck_assert(studio_want_key(s));
    run(s, SEC(101), SEC(102), &video, &audio, &keys);
    ck_assert_int_eq(keys, 1);
    studio_free(s);
}
END_TEST

START_TEST(a_late_caller_gets_no_old_pictures)
{
    struct studio *s = studio_of((struct studio_config){.video = true, .audio = true});
    struct studio_frame f;
    studio_start(s, 0);
    ck_assert(studio_next(s, &f, 0));
    int count = 0;
    while (studio_next(s, &f, SEC(10))) {
        ck_assert_int_ge(f.time, SEC(10) - MS(400));
        count++;
    }
    ck_assert_int_gt(count, 0);
    studio_free(s);
}
END_TEST

START_TEST(a_pause_makes_nothing_and_is_left_out)
{
    struct studio *s = studio_of((struct studio_config){.video = true, .audio = true});
    struct studio_frame f;
    int video, audio, keys;
    studio_start(s, 0);
    run(s, 0, SEC(1), &video, &audio, &keys);
    studio_pause(s);
    ck_assert_int_eq(studio_deadline(s), TIME_NEVER);
    ck_assert(!studio_next(s, &f, SEC(3)));
    studio_resume(s, SEC(60));
    run(s, SEC(60), SEC(61), &video, &audio, &keys);
    ck_assert_int_ge(video, 29);
    ck_assert_int_le(video, 31);
    studio_free(s);
}
END_TEST

START_TEST(a_file_is_sent_as_it_is)
{
    struct studio *s = studio_of(
        (struct studio_config){.video = true,
                               .audio = true,
                               .play = DUET_SOURCE_DIR "/tests/corpus/media/quadrants.webm"});
    int video, audio, keys;
    studio_start(s, 0);
    run(s, 0, SEC(3), &video, &audio, &keys);
    ck_assert_int_gt(video, 10);
    ck_assert_int_gt(audio, 10);
    ck_assert_int_ge(keys, 1);
    ck_assert_ptr_null(studio_ended(s));
    studio_free(s);
}
END_TEST

START_TEST(what_cannot_be_sent_is_said)
{
    char why[STUDIO_WHY_MAX] = "";
    struct studio_config odd = {.video = true, .width = 641, .height = 480, .fps = 30};
    ck_assert_ptr_null(studio_new(&odd, why));
    ck_assert_ptr_nonnull(strstr(why, "641x480"));
    struct studio_config gone = {.video = true, .play = "/there/is/no/such.webm"};
    ck_assert_ptr_null(studio_new(&gone, why));
    ck_assert_ptr_nonnull(strstr(why, "such.webm"));
}
END_TEST

SUITE("apps studio", a_second_is_thirty_pictures_and_fifty_blocks,
      a_late_caller_gets_no_old_pictures, a_pause_makes_nothing_and_is_left_out,
      a_file_is_sent_as_it_is, what_cannot_be_sent_is_said)
