#include "apps/studio.h"

#include <stdio.h>
#include <stdlib.h>

#include "media/opusenc.h"
#include "media/source.h"
#include "media/vp8enc.h"
#include "media/webm.h"

/* A picture later than this is left out, so that a busy machine shows fewer pictures, not old
 * ones. Sound gets more: a gap is worse than a delay that the receiver's buffer absorbs. */
#define PICTURE_LATE_US MS(100)
#define SOUND_LATE_US   MS(400)

struct studio {
    struct studio_config cfg;
    bool started, paused;
    usec start; /* of media time, on the driver's clock */

    /* The test source. */
    struct picture picture;
    struct vp8enc *vp8;
    struct opusenc *opus;
    uint64_t pictures; /* next picture by time */
    uint64_t drawn;    /* pictures sent: what the counter shows */
    uint64_t blocks;   /* next block of sound */
    bool key_wanted;

    /* A file. */
    struct webm_player *player;
    struct webm_packet packet; /* the next one, not yet due */
    bool have_packet, ended;
    char why[STUDIO_WHY_MAX];
};

static bool open_source(struct studio *s, char *why)
{
    const struct studio_config *cfg = &s->cfg;
    if (cfg->video) {
        if (!source_size_valid(cfg->width, cfg->height)) {
            snprintf(why, STUDIO_WHY_MAX, "the test picture can't be %dx%d: even, from %dx%d",
                     cfg->width, cfg->height, SOURCE_WIDTH_MIN, SOURCE_HEIGHT_MIN);
            return false;
        }
        struct vp8enc_config vp8 = {.fps = cfg->fps, .bitrate_bps = cfg->video_bps};
        s->vp8 = vp8enc_new(&vp8);
        if (!s->vp8 || picture_resize(&s->picture, cfg->width, cfg->height) != OK) goto no_memory;
    }
    if (cfg->audio) {
        struct opusenc_config opus = {.loss_percent = 5};
        s->opus = opusenc_new(&opus);
        if (!s->opus) goto no_memory;
    }
    return true;
no_memory:
    snprintf(why, STUDIO_WHY_MAX, "no memory for the encoders");
    return false;
}

static bool open_file(struct studio *s, char *why)
{
    char reason[WEBM_WHY_MAX];
    s->player = webm_play(s->cfg.play, true, reason);
    if (!s->player) {
        snprintf(why, STUDIO_WHY_MAX, "%s", reason);
        return false;
    }
    return true;
}

struct studio *studio_new(const struct studio_config *cfg, char why[STUDIO_WHY_MAX])
{
    struct studio *s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(why, STUDIO_WHY_MAX, "no memory");
        return NULL;
    }
    s->cfg = *cfg;
    if (!(cfg->play ? open_file(s, why) : open_source(s, why))) {
        studio_free(s);
        return NULL;
    }
    return s;
}

void studio_free(struct studio *s)
{
    if (!s) return;
    vp8enc_free(s->vp8);
    opusenc_free(s->opus);
    picture_free(&s->picture);
    webm_play_end(s->player);
    free(s);
}

void studio_start(struct studio *s, usec now)
{
    if (s->started) return;
    s->started = true;
    s->start = now;
}

void studio_pause(struct studio *s)
{
    s->paused = true;
}

/* Moves the next picture and block to the first that are not yet due. */
static void skip_to(struct studio *s, usec time)
{
    while (source_video_due(s->pictures, s->cfg.fps) < time) s->pictures++;
    while (source_audio_due(s->blocks) < time) s->blocks++;
}

void studio_resume(struct studio *s, usec now)
{
    if (!s->paused) return;
    s->paused = false;
    if (!s->started) return;
    if (s->player) { /* a file goes on where it stopped */
        if (s->have_packet) s->start = now - s->packet.time;
    } else {
        skip_to(s, now - s->start);
    }
}

bool studio_want_key(struct studio *s)
{
    s->key_wanted = true;
    return s->player == NULL;
}

void studio_set_bitrate(struct studio *s, unsigned video_bps)
{
    if (s->vp8) vp8enc_set_bitrate(s->vp8, video_bps);
}

const char *studio_ended(const struct studio *s)
{
    return s->ended ? s->why : NULL;
}

static uint32_t rtp_time(usec time, bool video)
{
    return (uint32_t)((uint64_t)time * (video ? 9 : 4800) / (video ? 100 : 100000));
}

/* The loudness that RFC 6464 wants: the test tone is a sine of -12 dBFS peak, 3 dB less in RMS. */
#define TONE_LEVEL 15

static bool next_picture(struct studio *s, struct studio_frame *out, usec due)
{
    bool flash = source_flashes(s->pictures, s->cfg.fps);
    struct vp8_encoded encoded;
    source_draw_at(&s->picture, s->drawn, flash);
    s->pictures++;
    if (vp8enc_encode(s->vp8, &s->picture, due, s->key_wanted, &encoded) != OK) return false;
    s->drawn++;
    s->key_wanted = false;
    *out = (struct studio_frame){.video = true,
                                 .key = encoded.key,
                                 .data = encoded.data,
                                 .time = due,
                                 .timestamp = rtp_time(due, true)};
    return true;
}

static bool next_block(struct studio *s, struct studio_frame *out, usec due)
{
    int16_t samples[AUDIO_BLOCK * AUDIO_CHANNELS];
    struct bytes packet;
    uint64_t from = s->blocks * AUDIO_BLOCK;
    source_sound(samples, AUDIO_BLOCK, from);
    s->blocks++;
    if (opusenc_encode(s->opus, samples, &packet) != OK) return false;
    *out = (struct studio_frame){
        .data = packet, .time = due, .timestamp = (uint32_t)from, .level = TONE_LEVEL};
    return true;
}

static bool next_of_source(struct studio *s, struct studio_frame *out, usec time)
{
    for (;;) {
        usec picture = s->vp8 ? source_video_due(s->pictures, s->cfg.fps) : TIME_NEVER;
        usec block = s->opus ? source_audio_due(s->blocks) : TIME_NEVER;
        usec due = usec_min(picture, block);
        if (due > time) return false;
        if (block <= picture) {
            if (time - due > SOUND_LATE_US)
                s->blocks++;
            else if (next_block(s, out, due))
                return true;
        } else if (time - due > PICTURE_LATE_US) {
            s->pictures++;
        } else if (next_picture(s, out, due)) {
            return true;
        }
    }
}

/* Reads on until a packet of a track that is wanted; false: the file is at its end. */
static bool read_packet(struct studio *s)
{
    while (!s->have_packet && !s->ended) {
        if (!webm_play_next(s->player, &s->packet)) {
            const struct fault *fault = webm_play_fault(s->player);
            s->ended = true;
            snprintf(s->why, sizeof s->why, "%s",
                     fault->err != OK ? fault->rule : "the file has ended");
        } else {
            s->have_packet = s->packet.track == WEBM_VIDEO ? s->cfg.video : s->cfg.audio;
        }
    }
    return s->have_packet;
}

static bool next_of_file(struct studio *s, struct studio_frame *out, usec time)
{
    if (!read_packet(s) || s->packet.time > time) return false;
    bool video = s->packet.track == WEBM_VIDEO;
    *out = (struct studio_frame){.video = video,
                                 .key = s->packet.key,
                                 .data = s->packet.data,
                                 .time = s->packet.time,
                                 .timestamp = rtp_time(s->packet.time, video),
                                 .level = STUDIO_LEVEL_UNKNOWN};
    s->have_packet = false;
    return true;
}

bool studio_next(struct studio *s, struct studio_frame *out, usec now)
{
    if (!s->started || s->paused) return false;
    usec time = now - s->start;
    if (!(s->player ? next_of_file(s, out, time) : next_of_source(s, out, time))) return false;
    out->captured = s->start + out->time;
    return true;
}

usec studio_deadline(const struct studio *s)
{
    if (!s->started || s->paused || s->ended) return TIME_NEVER;
    if (s->player) return s->have_packet ? s->start + s->packet.time : s->start;
    usec due = TIME_NEVER;
    if (s->vp8) due = usec_min(due, source_video_due(s->pictures, s->cfg.fps));
    if (s->opus) due = usec_min(due, source_audio_due(s->blocks));
    return due == TIME_NEVER ? due : s->start + due;
}
