#include "apps/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "media/opusdec.h"
#include "media/view.h"
#include "media/vp8dec.h"
#include "media/webm.h"

/* The terminal is redrawn this often at most: more only floods it. */
#define VIEW_EVERY  MS(66)
/* Concealment beyond this many packets in a row would only be silence. */
#define CONCEAL_MAX 10

struct decoder {
    struct sink_track track;
    struct vp8dec *vp8;
    struct opusdec *opus;
    bool first; /* of its kind: measured, recorded, shown */
};

struct sink {
    struct sink_config cfg;
    struct measure *measure;
    struct decoder decoders[SINK_TRACKS_MAX];
    size_t count;
    bool any_undecoded;
    struct sink_undecoded first_undecoded;
    struct webm_recorder *recorder;
    usec first_picture_at, viewed_at;
    char *view_text;
    size_t view_room;
};

struct sink *sink_new(const struct sink_config *cfg, char why[SINK_WHY_MAX])
{
    struct sink *s = calloc(1, sizeof *s);
    if (s) s->measure = measure_new();
    if (!s || !s->measure) {
        snprintf(why, SINK_WHY_MAX, "no memory");
        free(s);
        return NULL;
    }
    s->cfg = *cfg;
    if (cfg->record) {
        char reason[WEBM_WHY_MAX];
        struct webm_record_config record = {.video = cfg->record_video, .audio = cfg->record_audio};
        s->recorder = webm_record(cfg->record, &record, reason);
        if (!s->recorder) {
            snprintf(why, SINK_WHY_MAX, "%s", reason);
            sink_free(s, reason);
            return NULL;
        }
    }
    if (cfg->view) fputs(VIEW_START, stdout);
    return s;
}

bool sink_free(struct sink *s, char why[SINK_WHY_MAX])
{
    if (!s) return true;
    char reason[WEBM_WHY_MAX] = "";
    bool whole = !s->recorder || webm_record_end(s->recorder, reason);
    snprintf(why, SINK_WHY_MAX, "%s", reason);
    for (size_t i = 0; i < s->count; i++) {
        vp8dec_free(s->decoders[i].vp8);
        opusdec_free(s->decoders[i].opus);
    }
    if (s->cfg.view) {
        fputs(VIEW_END "\n", stdout);
        fflush(stdout);
    }
    measure_free(s->measure);
    free(s->view_text);
    free(s);
    return whole;
}

static struct decoder *decoder_of(struct sink *s, size_t track, enum rtp_kind kind)
{
    bool first = true;
    for (size_t i = 0; i < s->count; i++) {
        if (s->decoders[i].track.track == track) return &s->decoders[i];
        if (s->decoders[i].track.kind == kind) first = false;
    }
    if (s->count == SINK_TRACKS_MAX) return NULL;
    struct decoder *d = &s->decoders[s->count];
    *d = (struct decoder){.track = {.track = track, .kind = kind}, .first = first};
    if (kind == RTP_VP8)
        d->vp8 = vp8dec_new();
    else
        d->opus = opusdec_new();
    if (!d->vp8 && !d->opus) return NULL;
    s->count++;
    return d;
}

static void draw(struct sink *s, const struct picture *picture, usec now)
{
    struct winsize window = {.ws_row = 24, .ws_col = 80};
    if (now - s->viewed_at < VIEW_EVERY) return;
    s->viewed_at = now;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
        window = (struct winsize){.ws_row = 24, .ws_col = 80};
    int rows = window.ws_row > 1 ? window.ws_row - 1 : 1;
    size_t room = view_room(window.ws_col, rows);
    if (room > s->view_room) {
        char *text = realloc(s->view_text, room);
        if (!text) return;
        s->view_text = text;
        s->view_room = room;
    }
    const char *term = getenv("COLORTERM");
    bool true_color = term && (strcmp(term, "truecolor") == 0 || strcmp(term, "24bit") == 0);
    struct writer w = writer_of(s->view_text, s->view_room);
    view_draw(picture, window.ws_col, rows, true_color ? VIEW_TRUECOLOR : VIEW_256, &w);
    struct bytes text = writer_done(&w);
    if (!text.at) return;
    fputs(VIEW_HOME, stdout);
    fwrite(text.at, 1, text.len, stdout);
    fflush(stdout);
}

static void note_undecoded(struct sink *s, struct decoder *d, const struct rtp_frame *frame,
                           usec now)
{
    d->track.undecodable++;
    if (s->any_undecoded) return;
    s->any_undecoded = true;
    s->first_undecoded = (struct sink_undecoded){.track = d->track.track,
                                                 .kind = d->track.kind,
                                                 .timestamp = frame->timestamp,
                                                 .len = frame->payload.len,
                                                 .key = frame->key,
                                                 .at = now};
}

static bool take_picture(struct sink *s, struct decoder *d, const struct rtp_frame *frame, usec now)
{
    const struct picture *picture;
    if (vp8dec_decode(d->vp8, frame->payload, &picture) != OK) {
        note_undecoded(s, d, frame, now);
        return !vp8dec_needs_key(d->vp8);
    }
    if (!picture) return true;
    d->track.frames++;
    struct measure_frame seen = d->first ? measure_picture_in(s->measure, picture, frame->arrived)
                                         : measure_picture(picture);
    d->track.good += seen.good;
    if (!d->first) return true;
    if (!s->first_picture_at) s->first_picture_at = now;
    if (s->cfg.view) draw(s, picture, now);
    return true;
}

static void hear(struct sink *s, struct decoder *d, const struct audio *block, usec time)
{
    d->track.frames++;
    if (d->first) measure_sound_in(s->measure, block, time);
}

static void take_sound(struct sink *s, struct decoder *d, const struct rtp_frame *frame, usec now)
{
    struct audio block;
    uint32_t lost = frame->lost_before < CONCEAL_MAX ? frame->lost_before : CONCEAL_MAX;
    for (; lost > 1; lost--)
        if (opusdec_conceal(d->opus, &block) == OK) hear(s, d, &block, frame->arrived);
    if (lost == 1 && opusdec_recover(d->opus, frame->payload, &block) == OK)
        hear(s, d, &block, frame->arrived);
    if (opusdec_decode(d->opus, frame->payload, &block) == OK)
        hear(s, d, &block, frame->arrived);
    else
        note_undecoded(s, d, frame, now);
}

bool sink_frame(struct sink *s, size_t track, enum rtp_kind kind, const struct rtp_frame *frame,
                usec now)
{
    struct decoder *d = decoder_of(s, track, kind);
    if (!d) return true;
    bool record = s->recorder && d->first;
    if (kind == RTP_VP8) {
        if (record) webm_record_video(s->recorder, frame->payload, frame->arrived);
        return take_picture(s, d, frame, now);
    }
    if (record) webm_record_audio(s->recorder, frame->payload, frame->arrived);
    take_sound(s, d, frame, now);
    return true;
}

struct measure_video sink_video(const struct sink *s)
{
    return measure_video(s->measure);
}

struct measure_sound sink_sound(const struct sink *s)
{
    return measure_sound(s->measure);
}

struct measure_skew sink_skew(const struct sink *s)
{
    return measure_skew(s->measure);
}

const struct sink_track *sink_track(const struct sink *s, size_t i)
{
    return i < s->count ? &s->decoders[i].track : NULL;
}

const struct sink_undecoded *sink_first_undecoded(const struct sink *s)
{
    return s->any_undecoded ? &s->first_undecoded : NULL;
}

usec sink_first_picture_at(const struct sink *s)
{
    return s->first_picture_at;
}
