#include "media/opusenc.h"
#include "media/source.h"
#include "media/vp8enc.h"
#include "media/webm.h"
#include "tests/suite.h"

#include <string.h>

#define OUT(name) DUET_BINARY_DIR "/test-webm-record-" name ".webm"

static const struct webm_record_config BOTH = {.video = true, .audio = true};

/* A peer to record: encoders and what they last gave. */
struct call {
    struct vp8enc *venc;
    struct opusenc *aenc;
    struct picture picture;
    struct vp8_encoded frame;
    struct bytes packet;
};

static struct call call_of(int width, int height)
{
    struct call c = {.venc = vp8enc_new(&(struct vp8enc_config){0}),
                     .aenc = opusenc_new(&(struct opusenc_config){0})};
    ck_assert_int_eq(picture_resize(&c.picture, width, height), OK);
    return c;
}

static void call_end(struct call *c)
{
    vp8enc_free(c->venc);
    opusenc_free(c->aenc);
    picture_free(&c->picture);
}

static struct bytes next_frame(struct call *c, uint64_t n, bool key)
{
    source_draw(&c->picture, n, 30);
    ck_assert_int_eq(vp8enc_encode(c->venc, &c->picture, source_video_due(n, 30), key, &c->frame),
                     OK);
    return c->frame.data;
}

static struct bytes next_packet(struct call *c, uint64_t n)
{
    int16_t pcm[AUDIO_BLOCK * AUDIO_CHANNELS];
    source_sound(pcm, AUDIO_BLOCK, n * AUDIO_BLOCK);
    ck_assert_int_eq(opusenc_encode(c->aenc, pcm, &c->packet), OK);
    return c->packet;
}

static struct webm_recorder *record(const char *path, const struct webm_record_config *cfg)
{
    char why[WEBM_WHY_MAX] = "";
    struct webm_recorder *r = webm_record(path, cfg, why);
    ck_assert_msg(r != NULL, "%s", why);
    return r;
}

static void finish(struct webm_recorder *r)
{
    char why[WEBM_WHY_MAX] = "";
    ck_assert_msg(webm_record_end(r, why), "%s", why);
}

/* Runs ffprobe over the file if it is installed; false: it is not. What it complains about fails
 * the test, and so does another number of video frames or audio packets. */
static bool ffprobe_agrees(const char *path, int frames, int packets)
{
    char command[4096], text[4096] = "";
    if (system("command -v ffprobe >/dev/null 2>&1") != 0) return false;
    snprintf(command, sizeof command,
             "ffprobe -v error -count_frames -count_packets -show_entries "
             "stream=codec_name,nb_read_packets,nb_read_frames -of compact '%s' >'%s.txt' 2>&1",
             path, path);
    int failed = system(command);
    snprintf(command, sizeof command, "%s.txt", path);
    FILE *f = fopen(command, "r");
    ck_assert_ptr_nonnull(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    ck_assert_msg(failed == 0, "%s", text);
    char want[256];
    int len = 0;
    if (frames)
        len = snprintf(want, sizeof want,
                       "stream|codec_name=vp8|nb_read_frames=%d|nb_read_packets=%d\n", frames,
                       frames);
    if (packets)
        snprintf(want + len, sizeof want - (size_t)len,
                 "stream|codec_name=opus|nb_read_frames=%d|nb_read_packets=%d\n", packets, packets);
    ck_assert_str_eq(text, want);
    return true;
}

/* What a recording holds, up to 100 kB; valid until the next call. */
static struct bytes start_of_file(const char *path)
{
    static uint8_t whole[100000];
    FILE *f = fopen(path, "rb");
    ck_assert_ptr_nonnull(f);
    size_t len = fread(whole, 1, sizeof whole, f);
    fclose(f);
    return (struct bytes){whole, len};
}

#define MOST 400

/* What went into a recording, to compare with what comes out. */
struct log {
    struct {
        enum webm_track track;
        size_t len;
        uint8_t start[32];
        usec time;
    } entry[MOST];
    size_t count[2], read[2];
};

static void note(struct log *log, enum webm_track track, struct bytes data, usec time)
{
    size_t i = (size_t)track * (MOST / 2) + log->count[track]++;
    ck_assert_uint_lt(log->count[track], MOST / 2);
    log->entry[i].len = data.len;
    log->entry[i].time = time;
    memcpy(log->entry[i].start, data.at, data.len < 32 ? data.len : 32);
}

static void compare(struct log *log, const char *path)
{
    char why[WEBM_WHY_MAX] = "";
    struct webm_player *player = webm_play(path, false, why);
    ck_assert_msg(player != NULL, "%s", why);
    struct webm_packet p;
    usec last = 0;
    while (webm_play_next(player, &p)) {
        size_t i = (size_t)p.track * (MOST / 2) + log->read[p.track]++;
        ck_assert_uint_eq(p.data.len, log->entry[i].len);
        ck_assert_int_eq(memcmp(p.data.at, log->entry[i].start, p.data.len < 32 ? p.data.len : 32),
                         0);
        ck_assert_int_le(llabs(p.time - log->entry[i].time), 500);
        ck_assert_int_ge(p.time, last); /* in order over both tracks */
        last = p.time;
    }
    ck_assert_int_eq(webm_play_fault(player)->err, OK);
    ck_assert_uint_eq(log->read[WEBM_VIDEO], log->count[WEBM_VIDEO]);
    ck_assert_uint_eq(log->read[WEBM_AUDIO], log->count[WEBM_AUDIO]);
    webm_play_end(player);
}

START_TEST(what_is_recorded_plays_the_same)
{
    static struct log log;
    const char *path = OUT("same");
    struct call c = call_of(320, 240);
    struct webm_recorder *r = record(path, &BOTH);
    usec origin = SEC(12345);
    uint64_t v = 0, a = 0;
    while (v < 90) {
        /* The first frame lies at 0: sound of that moment comes after it. */
        if (source_video_due(v, 30) <= source_audio_due(a)) {
            usec due = source_video_due(v, 30);
            struct bytes frame = next_frame(&c, v++, false);
            ck_assert_int_eq(webm_record_video(r, frame, origin + due), OK);
            note(&log, WEBM_VIDEO, frame, due);
        } else {
            usec due = source_audio_due(a);
            struct bytes packet = next_packet(&c, a++);
            ck_assert_int_eq(webm_record_audio(r, packet, origin + due), OK);
            note(&log, WEBM_AUDIO, packet, due);
        }
    }
    ck_assert_uint_eq(webm_record_count(r, WEBM_VIDEO), 90);
    ck_assert_uint_eq(webm_record_count(r, WEBM_AUDIO), a);
    finish(r);
    compare(&log, path);
    ffprobe_agrees(path, 90, (int)a);
    call_end(&c);
}
END_TEST

START_TEST(it_starts_at_the_first_key_frame)
{
    const char *path = OUT("start");
    struct call c = call_of(160, 120), later = call_of(320, 240);
    struct webm_recorder *r = record(path, &BOTH);
    next_frame(&c, 0, false);
    ck_assert_int_eq(webm_record_video(r, next_frame(&c, 1, false), MS(33)), E_STATE);
    ck_assert_int_eq(webm_record_fault(r)->err, E_STATE);
    ck_assert_int_eq(webm_record_audio(r, next_packet(&c, 0), MS(40)), E_STATE);
    ck_assert_int_eq(webm_record_video(r, next_frame(&later, 0, false), MS(66)), OK);
    ck_assert_int_eq(webm_record_fault(r)->err, OK);
    ck_assert_int_eq(webm_record_audio(r, next_packet(&c, 1), MS(60)), E_STATE);
    ck_assert_int_eq(webm_record_audio(r, next_packet(&c, 2), MS(80)), OK);
    finish(r);
    char why[WEBM_WHY_MAX];
    struct webm_player *player = webm_play(path, false, why);
    struct webm_packet p;
    ck_assert(webm_play_width(player) == 320 && webm_play_height(player) == 240);
    ck_assert(webm_play_next(player, &p) && p.track == WEBM_VIDEO && p.time == 0 && p.key);
    ck_assert(webm_play_next(player, &p) && p.track == WEBM_AUDIO && p.time == MS(14));
    ck_assert(!webm_play_next(player, &p));
    webm_play_end(player);
    call_end(&c);
    call_end(&later);
}
END_TEST

START_TEST(sizes_change_and_streams_pause)
{
    static const int sizes[][2] = {{320, 240}, {640, 480}, {160, 120}};
    static struct log log;
    const char *path = OUT("sizes");
    struct call c = call_of(320, 240);
    struct webm_recorder *r = record(path, &BOTH);
    for (uint64_t n = 0; n < 60; n++) {
        usec now = source_video_due(n, 30) + (n >= 30 ? SEC(40) : 0); /* a gap above a cluster's */
        const int *size = sizes[n / 20];
        ck_assert_int_eq(picture_resize(&c.picture, size[0], size[1]), OK);
        struct bytes frame = next_frame(&c, n, false);
        ck_assert_int_eq(webm_record_video(r, frame, now), OK);
        note(&log, WEBM_VIDEO, frame, now);
        if (n >= 10 && n < 20) continue; /* sound pauses */
        struct bytes packet = next_packet(&c, n);
        ck_assert_int_eq(webm_record_audio(r, packet, now + 1000), OK);
        note(&log, WEBM_AUDIO, packet, now + 1000);
    }
    finish(r);
    compare(&log, path);
    ffprobe_agrees(path, 60, 50);
    call_end(&c);
}
END_TEST

START_TEST(times_that_go_back_are_moved_on)
{
    const char *path = OUT("back");
    struct call c = call_of(160, 120);
    struct webm_recorder *r = record(path, &BOTH);
    static const usec times[] = {SEC(1), SEC(1), SEC(2), SEC(1) + 5, SEC(2) + MS(50)};
    for (uint64_t n = 0; n < COUNT(times); n++)
        ck_assert_int_eq(webm_record_video(r, next_frame(&c, n, false), times[n]), OK);
    finish(r);
    static const usec want[] = {0, MS(1), SEC(1), MS(1001), MS(1050)};
    char why[WEBM_WHY_MAX];
    struct webm_player *player = webm_play(path, false, why);
    struct webm_packet p;
    for (size_t n = 0; n < COUNT(want); n++) {
        ck_assert(webm_play_next(player, &p));
        ck_assert_int_eq(p.time, want[n]);
    }
    webm_play_end(player);
    call_end(&c);
}
END_TEST

START_TEST(sound_without_video_starts_after_a_while)
{
    const char *path = OUT("sound");
    struct call c = call_of(160, 120);
    struct webm_recorder *r = record(path, &BOTH);
    uint64_t n = 0;
    for (; source_audio_due(n) < WEBM_VIDEO_WAIT; n++)
        ck_assert_int_eq(webm_record_audio(r, next_packet(&c, n), source_audio_due(n)), E_STATE);
    for (; source_audio_due(n) < WEBM_VIDEO_WAIT + SEC(1); n++)
        ck_assert_int_eq(webm_record_audio(r, next_packet(&c, n), source_audio_due(n)), OK);
    ck_assert_int_eq(webm_record_video(r, next_frame(&c, 0, true), SEC(6)), E_STATE);
    finish(r);
    ffprobe_agrees(path, 0, 50);
    call_end(&c);
}
END_TEST

START_TEST(sound_alone_is_recorded_at_once)
{
    const char *path = OUT("alone");
    struct call c = call_of(160, 120);
    struct webm_recorder *r = record(path, &(struct webm_record_config){.audio = true});
    ck_assert_int_eq(webm_record_video(r, next_frame(&c, 0, true), 0), E_STATE);
    for (uint64_t n = 0; n < 50; n++)
        ck_assert_int_eq(webm_record_audio(r, next_packet(&c, n), source_audio_due(n)), OK);
    finish(r);
    ffprobe_agrees(path, 0, 50);
    call_end(&c);

    /* RFC 7845 5.1: version 1, two channels, no pre-skip, 48000, no gain, mapping family 0. */
    static const uint8_t head[] = "OpusHead\x01\x02\x00\x00\x80\xBB\x00\x00\x00\x00";
    struct bytes file = start_of_file(path);
    bool found = false;
    for (size_t i = 0; i + sizeof head <= file.len; i++)
        found = found || memcmp(file.at + i, head, sizeof head) == 0; /* its NUL is the mapping */
    ck_assert(found);
}
END_TEST

START_TEST(what_is_no_packet_is_left_out)
{
    struct call c = call_of(160, 120);
    struct webm_recorder *r = record(OUT("bad"), &BOTH);
    ck_assert_int_eq(webm_record_video(r, next_frame(&c, 0, true), 0), OK);
    ck_assert_int_eq(webm_record_video(r, bytes_of(""), 1), E_TRUNCATED);
    ck_assert_int_eq(webm_record_video(r, bytes_of("\x10\x01\x01nothing"), 1), E_MALFORMED);
    ck_assert_int_eq(webm_record_audio(r, (struct bytes){0}, 1), E_MALFORMED);
    ck_assert_int_eq(webm_record_audio(r, bytes_of("\x7b"), 1), E_MALFORMED);
    ck_assert_int_eq(webm_record_audio(r, next_packet(&c, 0), MS(20)), OK);
    ck_assert_uint_eq(webm_record_count(r, WEBM_VIDEO), 1);
    finish(r);
    ffprobe_agrees(OUT("bad"), 1, 1);
    call_end(&c);
}
END_TEST

START_TEST(failures_say_what_to_do)
{
    char why[WEBM_WHY_MAX] = "";
    ck_assert_ptr_null(webm_record("/no/such/folder/a.webm", &BOTH, why));
    ck_assert_msg(strstr(why, "/no/such/folder/a.webm: can't be opened") == why, "%s", why);
    ck_assert_ptr_null(webm_record(OUT("none"), &(struct webm_record_config){0}, why));
    ck_assert(!webm_record_end(record(OUT("none"), &BOTH), why));
    ck_assert_msg(strstr(why, "nothing was recorded") != NULL, "%s", why);
    ck_assert(webm_record_end(NULL, why));
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
    FILE *full = fopen("/dev/full", "wb");
    if (!full) return; /* not on Linux */
    fclose(full);
    char why[WEBM_WHY_MAX] = "";
    struct call c = call_of(160, 120);
    struct webm_recorder *r = record("/dev/full", &BOTH);
    enum err err = OK;
    for (uint64_t n = 0; n < 200 && err == OK; n++)
        err = webm_record_video(r, next_frame(&c, n, true), source_video_due(n, 30));
    ck_assert_int_eq(err, E_FULL);
    ck_assert_int_eq(webm_record_video(r, next_frame(&c, 200, true), SEC(10)), E_FULL);
    ck_assert(!webm_record_end(r, why));
    ck_assert_msg(strstr(why, "is the disk full?") != NULL, "%s", why);
    call_end(&c);
}
END_TEST

SUITE("media webm record", what_is_recorded_plays_the_same, it_starts_at_the_first_key_frame,
      sizes_change_and_streams_pause, times_that_go_back_are_moved_on,
      sound_without_video_starts_after_a_while, sound_alone_is_recorded_at_once,
      what_is_no_packet_is_left_out, failures_say_what_to_do, a_full_disk_is_noticed)
