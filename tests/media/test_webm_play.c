#include "media/measure.h"
#include "media/opusdec.h"
#include "media/vp8dec.h"
#include "media/webm.h"
#include "tests/suite.h"

#include <string.h>

#define CORPUS DUET_SOURCE_DIR "/tests/corpus/media/"

static struct webm_player *play(const char *path, bool loop)
{
    char why[WEBM_WHY_MAX] = "";
    struct webm_player *player = webm_play(path, loop, why);
    ck_assert_msg(player != NULL, "%s", why);
    return player;
}

/* quadrants.webm is ffmpeg's: the source's colours, each a quarter, 160x120 at 15 frames/s, and
 * 440 Hz, two seconds of both. */
START_TEST(a_file_of_ffmpeg_plays_and_is_good)
{
    struct webm_player *player = play(CORPUS "quadrants.webm", false);
    struct vp8dec *vdec = vp8dec_new();
    struct opusdec *adec = opusdec_new();
    struct measure *m = measure_new();
    ck_assert(webm_play_has(player, WEBM_VIDEO) && webm_play_has(player, WEBM_AUDIO));
    ck_assert(webm_play_width(player) == 160 && webm_play_height(player) == 120);
    struct webm_packet p;
    usec last[2] = {-1, -1};
    while (webm_play_next(player, &p)) {
        ck_assert_int_gt(p.time, last[p.track]);
        last[p.track] = p.time;
        const struct picture *shown;
        struct audio heard;
        if (p.track == WEBM_VIDEO) {
            ck_assert_int_eq(vp8dec_decode(vdec, p.data, &shown), OK);
            measure_picture_in(m, shown, p.time);
        } else {
            ck_assert_int_eq(opusdec_decode(adec, p.data, &heard), OK);
            measure_sound_in(m, &heard, p.time);
        }
    }
    ck_assert_int_eq(webm_play_fault(player)->err, OK);
    ck_assert(!webm_play_next(player, &p));
    ck_assert_uint_eq(webm_play_skipped(player), 0);
    struct measure_video v = measure_video(m);
    ck_assert_uint_eq(v.frames, 30);
    ck_assert_uint_eq(v.good, 30);
    ck_assert_double_eq_tol(v.fps, 15, 0.1);
    struct measure_sound s = measure_sound(m);
    ck_assert(measure_sound_good(&s));
    ck_assert_uint_ge(s.samples, 2 * AUDIO_RATE);
    ck_assert_int_eq(last[WEBM_AUDIO] / MS(100), 20); /* 2.0 s, moved by the codec delay */
    measure_free(m);
    opusdec_free(adec);
    vp8dec_free(vdec);
    webm_play_end(player);
}
END_TEST

START_TEST(a_loop_goes_on_in_time_and_starts_with_a_key_frame)
{
    struct webm_player *player = play(CORPUS "quadrants.webm", true);
    struct webm_packet p;
    usec last[2] = {-1, -1}, first_of_pass = 0;
    int videos = 0, audios = 0;
    while (videos < 95) {
        ck_assert(webm_play_next(player, &p));
        ck_assert_int_gt(p.time, last[p.track]);
        if (last[p.track] >= 0) ck_assert_int_le(p.time - last[p.track], MS(90));
        last[p.track] = p.time;
        if (p.track == WEBM_AUDIO) audios++;
        if (p.track == WEBM_VIDEO && videos++ % 30 == 0) {
            ck_assert(p.key);
            /* A pass lasts as long as its longer track: the sound, 2.02 s. */
            if (first_of_pass) ck_assert_int_le(llabs(p.time - first_of_pass - MS(2020)), MS(2));
            first_of_pass = p.time;
        }
    }
    ck_assert_int_ge(audios, 300);
    webm_play_end(player);
}
END_TEST

START_TEST(a_restart_gives_a_key_frame_now)
{
    struct webm_player *player = play(CORPUS "quadrants.webm", false);
    struct webm_packet p;
    for (int i = 0; i < 10; i++) ck_assert(webm_play_next(player, &p));
    usec before = p.time;
    ck_assert(webm_play_restart(player));
    do ck_assert(webm_play_next(player, &p));
    while (p.track != WEBM_VIDEO);
    ck_assert(p.key);
    ck_assert_int_gt(p.time, before);
    ck_assert_int_le(p.time, before + MS(100));
    while (webm_play_next(player, &p)) {}
    ck_assert(!webm_play_restart(player) || webm_play_next(player, &p)); /* after the end too */
    webm_play_end(player);
    webm_play_end(NULL);
}
END_TEST

START_TEST(sound_alone_plays)
{
    struct webm_player *player = play(CORPUS "opus.webm", false);
    ck_assert(!webm_play_has(player, WEBM_VIDEO) && webm_play_has(player, WEBM_AUDIO));
    ck_assert_int_eq(webm_play_width(player), 0);
    struct webm_packet p;
    size_t frames = 0;
    for (usec due = 0; webm_play_next(player, &p); due += MS(20)) {
        ck_assert_int_eq(p.track, WEBM_AUDIO);
        ck_assert_int_le(llabs(p.time - due), MS(1));
        frames += opusdec_packet_frames(p.data);
    }
    ck_assert_uint_ge(frames, AUDIO_RATE / 2);
    webm_play_end(player);
}
END_TEST

START_TEST(other_files_are_refused_with_what_they_are_and_what_to_do)
{
    static const struct {
        const char *path, *found;
    } files[] = {
        {CORPUS "vp9.webm", "the video is vp9"},
        {CORPUS "h264.mkv", "the video is h264"},
        {CORPUS "vorbis.webm", "the audio is vorbis"},
        {CORPUS "h264.mp4", "not a WebM file but QuickTime / MOV"},
        {DUET_SOURCE_DIR "/CMakeLists.txt", "not a WebM file"},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        char why[WEBM_WHY_MAX] = "";
        ck_assert_ptr_null(webm_play(files[i].path, false, why));
        ck_assert_msg(strstr(why, files[i].found) != NULL, "%s", why);
        ck_assert_msg(strncmp(why, files[i].path, strlen(files[i].path)) == 0, "%s", why);
        ck_assert_msg(strstr(why, "ffmpeg -i INPUT -c:v libvpx -c:a libopus") != NULL, "%s", why);
    }
}
END_TEST

START_TEST(what_is_no_file_is_refused)
{
    /* The last two would be more than a path to libavformat. */
    static const char *const paths[] = {"", "no-such-file.webm", DUET_SOURCE_DIR,
                                        "http://127.0.0.1:9/a.webm", "concat:a.webm|b.webm"};
    for (size_t i = 0; i < COUNT(paths); i++) {
        char why[WEBM_WHY_MAX] = "";
        ck_assert_ptr_null(webm_play(paths[i], false, why));
        ck_assert_msg(strstr(why, "read") != NULL, "%s", why);
    }
    char why[WEBM_WHY_MAX] = "";
    ck_assert_ptr_null(webm_play_bytes((struct bytes){0}, "nothing", false, why));
    ck_assert_str_eq(why, "nothing: the file is empty or can't be read");
}
END_TEST

/* A playlist that libavformat would follow to other files is no WebM, so it is not opened. */
START_TEST(a_playlist_is_not_followed)
{
    static const char list[] = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n"
                               "file:///etc/passwd\n#EXT-X-ENDLIST\n";
    char why[WEBM_WHY_MAX] = "";
    ck_assert_ptr_null(webm_play_bytes(bytes_of(list), "list.webm", false, why));
    ck_assert_msg(strstr(why, "not a WebM file") != NULL, "%s", why);
}
END_TEST

/* Plays what can be played; the number of packets, at most `most`. */
static int play_through(struct bytes file, bool loop, int most)
{
    char why[WEBM_WHY_MAX] = "";
    struct webm_player *player = webm_play_bytes(file, "damaged.webm", loop, why);
    if (!player) {
        ck_assert_str_ne(why, "");
        return -1;
    }
    struct webm_packet p;
    int count = 0;
    while (count < most && webm_play_next(player, &p)) count++;
    webm_play_end(player);
    return count;
}

START_TEST(no_cut_file_does_harm)
{
    struct bytes whole = suite_file("tests/corpus/media/quadrants.webm");
    int best = 0;
    for (size_t len = 0; len < whole.len; len += len < 700 ? 1 : 61) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, whole.at, len);
        int count = play_through((struct bytes){exact, len}, len % 2, 500);
        if (count > best) best = count;
        free(exact);
    }
    ck_assert_int_ge(best, 100); /* most of a cut file still plays */
    ck_assert_int_eq(play_through(whole, true, 500), 500);
    free((void *)(uintptr_t)whole.at);
}
END_TEST

START_TEST(no_flipped_byte_does_harm)
{
    struct bytes whole = suite_file("tests/corpus/media/opus.webm");
    uint8_t *bent = malloc(whole.len);
    for (size_t i = 0; i < whole.len; i += i < 600 ? 1 : 17)
        for (unsigned bit = 0; bit < 8; bit += 3) {
            memcpy(bent, whole.at, whole.len);
            bent[i] ^= (uint8_t)(1u << bit);
            play_through((struct bytes){bent, whole.len}, false, 100);
        }
    free(bent);
    free((void *)(uintptr_t)whole.at);
}
END_TEST

SUITE("media webm play", a_file_of_ffmpeg_plays_and_is_good,
      a_loop_goes_on_in_time_and_starts_with_a_key_frame, a_restart_gives_a_key_frame_now,
      sound_alone_plays, other_files_are_refused_with_what_they_are_and_what_to_do,
      what_is_no_file_is_refused, a_playlist_is_not_followed, no_cut_file_does_harm,
      no_flipped_byte_does_harm)
