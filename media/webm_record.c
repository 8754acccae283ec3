/* Recording: libavformat's WebM muxer over our own writes. */
#include "media/internal.h"
#include "media/opusdec.h"
#include "media/vp8dec.h"
#include "media/webm.h"

#include <libavutil/channel_layout.h>
#include <stdlib.h>
#include <string.h>

#define TRACKS        2
/* The identification header of RFC 7845 5.1. */
#define OPUS_HEAD_LEN 19

struct webm_recorder {
    struct webm_io io;
    char *path;
    struct webm_record_config cfg;
    AVFormatContext *format;
    AVPacket *packet;
    AVStream *stream[TRACKS]; /* NULL: no such track */

    bool started;            /* the header is written */
    bool broken;             /* the disk refused once */
    usec origin;             /* the time that is the file's 0 */
    bool sound_waits;        /* `first_sound` is set */
    usec first_sound;        /* when sound came first, while video is waited for */
    int64_t last_ms[TRACKS]; /* of each track, or -1 */
    uint64_t count[TRACKS];
    struct fault fault;
};

static enum err refuse(struct webm_recorder *r, enum err err, const char *rule)
{
    r->fault = (struct fault){.err = err, .layer = "webm", .rule = rule};
    return err;
}

static bool say(char *why, const char *path, const char *what)
{
    snprintf(why, WEBM_WHY_MAX, "%s: %s", path, what);
    return false;
}

/* ---- opening ---- */

static bool add_stream(struct webm_recorder *r, enum webm_track track)
{
    AVStream *stream = avformat_new_stream(r->format, NULL);
    if (!stream) return false;
    r->stream[track] = stream;
    r->last_ms[track] = -1;
    bool video = track == WEBM_VIDEO;
    stream->time_base = (AVRational){1, 1000};
    stream->codecpar->codec_type = video ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
    stream->codecpar->codec_id = video ? AV_CODEC_ID_VP8 : AV_CODEC_ID_OPUS;
    return true;
}

/* RFC 7845 5.1. No pre-skip: a recording of a call starts in the middle of a stream, so there is
 * nothing of an encoder's start to cut off, and what we say when must stay true. */
static bool add_opus_head(AVCodecParameters *codec)
{
    static const char head[OPUS_HEAD_LEN + 1] = "OpusHead"
                                                "\x01"             /* version */
                                                "\x02"             /* channels */
                                                "\x00\x00"         /* pre-skip */
                                                "\x80\xBB\x00\x00" /* 48000, little-endian */
                                                "\x00\x00"         /* gain */
                                                "\x00";            /* mapping: mono or stereo */
    codec->extradata = av_mallocz(OPUS_HEAD_LEN + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!codec->extradata) return false;
    memcpy(codec->extradata, head, OPUS_HEAD_LEN);
    codec->extradata_size = OPUS_HEAD_LEN;
    codec->sample_rate = AUDIO_RATE;
    codec->seek_preroll = AUDIO_RATE * 80 / 1000; /* 80 ms: RFC 7845 4.6 */
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
    av_channel_layout_default(&codec->ch_layout, AUDIO_CHANNELS);
#else
    codec->channels = AUDIO_CHANNELS;
    codec->channel_layout = AV_CH_LAYOUT_STEREO;
#endif
    return true;
}

static void recorder_free(struct webm_recorder *r)
{
    if (!r) return;
    if (r->format) r->format->pb = NULL; /* ours: webm_io_close frees it */
    avformat_free_context(r->format);
    webm_io_close(&r->io);
    if (r->io.file) fclose(r->io.file);
    av_packet_free(&r->packet);
    free(r->path);
    free(r);
}

static bool recorder_setup(struct webm_recorder *r, const char *path)
{
    size_t size = strlen(path) + 1;
    r->path = malloc(size);
    r->packet = av_packet_alloc();
    if (!r->path || !r->packet || webm_io_open(&r->io, true) != OK) return false;
    memcpy(r->path, path, size);
    if (avformat_alloc_output_context2(&r->format, NULL, "webm", NULL) < 0) return false;
    r->format->pb = r->io.avio;
    r->format->flags |= AVFMT_FLAG_BITEXACT; /* the same call, the same file */
    /* A track that says nothing holds the other one's packets back for this long at most. */
    r->format->max_interleave_delta = SEC(1);
    return true;
}

struct webm_recorder *webm_record(const char *path, const struct webm_record_config *cfg,
                                  char why[WEBM_WHY_MAX])
{
    webm_silence();
    if (!cfg->video && !cfg->audio) {
        say(why, path, "neither video nor audio is to be recorded");
        return NULL;
    }
    struct webm_recorder *r = calloc(1, sizeof *r);
    if (r) r->io.file = fopen(path, "wb");
    if (!r || !r->io.file || !recorder_setup(r, path)) {
        say(why, path,
            r && !r->io.file ? "can't be opened for writing; is the folder there, and ours?"
                             : "no memory, or this libavformat can't write WebM");
        recorder_free(r);
        return NULL;
    }
    r->cfg = *cfg;
    return r;
}

/* ---- packets ---- */

/* Writes the header, now that the video's size is known. */
static enum err start(struct webm_recorder *r, usec time, int width, int height)
{
    r->origin = time;
    if (r->cfg.video) {
        if (!add_stream(r, WEBM_VIDEO)) return refuse(r, E_NOMEM, "no memory for a track");
        r->stream[WEBM_VIDEO]->codecpar->width = width;
        r->stream[WEBM_VIDEO]->codecpar->height = height;
    }
    if (r->cfg.audio &&
        (!add_stream(r, WEBM_AUDIO) || !add_opus_head(r->stream[WEBM_AUDIO]->codecpar)))
        return refuse(r, E_NOMEM, "no memory for a track");
    if (avformat_write_header(r->format, NULL) < 0) {
        r->broken = true;
        return refuse(r, E_FULL, "the file's header could not be written");
    }
    r->started = true;
    return OK;
}

static enum err write_packet(struct webm_recorder *r, enum webm_track track, struct bytes data,
                             usec time, bool key)
{
    if (time < r->origin) return refuse(r, E_STATE, "it is from before the recording's start");
    int64_t ms = (time - r->origin + 500) / 1000;
    /* Matroska's blocks count in milliseconds; two of a track at one time would be an error. */
    if (ms <= r->last_ms[track]) ms = r->last_ms[track] + 1;
    r->last_ms[track] = ms;

    AVPacket *p = r->packet;
    p->data = (uint8_t *)(uintptr_t)data.at; /* only read: libavformat copies it */
    p->size = (int)data.len;
    p->stream_index = r->stream[track]->index;
    p->pts = p->dts = av_rescale_q(ms, (AVRational){1, 1000}, r->stream[track]->time_base);
    p->duration = 0;
    if (track == WEBM_AUDIO)
        p->duration = av_rescale_q((int64_t)opusdec_packet_frames(data),
                                   (AVRational){1, AUDIO_RATE}, r->stream[track]->time_base);
    p->flags = key ? AV_PKT_FLAG_KEY : 0;
    int failed = av_interleaved_write_frame(r->format, p);
    av_packet_unref(p);
    if (failed < 0 || r->io.avio->error < 0) {
        r->broken = true;
        return refuse(r, E_FULL, "the file could not be written; is the disk full?");
    }
    r->count[track]++;
    return OK;
}

enum err webm_record_video(struct webm_recorder *r, struct bytes frame, usec time)
{
    r->fault = (struct fault){0};
    if (r->broken) return refuse(r, E_FULL, "the file could not be written before");
    struct vp8dec_header header;
    enum err err = vp8dec_header_parse(&header, frame, &r->fault);
    if (err != OK) return err;
    if (frame.len > WEBM_PACKET_MAX) return refuse(r, E_UNSUPPORTED, "the frame is above 4 MiB");
    if (!r->cfg.video) return refuse(r, E_STATE, "this recording has no video track");
    if (!r->started) {
        if (!header.key) return refuse(r, E_STATE, "the recording starts at the first key frame");
        err = start(r, time, header.width, header.height);
        if (err != OK) return err;
    }
    return write_packet(r, WEBM_VIDEO, frame, time, header.key);
}

enum err webm_record_audio(struct webm_recorder *r, struct bytes packet, usec time)
{
    r->fault = (struct fault){0};
    if (r->broken) return refuse(r, E_FULL, "the file could not be written before");
    if (!r->cfg.audio) return refuse(r, E_STATE, "this recording has no audio track");
    if (!opusdec_packet_frames(packet))
        return refuse(r, E_MALFORMED, "no Opus packet (RFC 6716 3.4)");
    if (!r->started) {
        if (!r->sound_waits) r->first_sound = time;
        r->sound_waits = true;
        if (r->cfg.video && time - r->first_sound < WEBM_VIDEO_WAIT)
            return refuse(r, E_STATE, "the recording starts at the first key frame");
        r->cfg.video = false; /* none came: sound alone is better than nothing */
        enum err err = start(r, time, 0, 0);
        if (err != OK) return err;
    }
    return write_packet(r, WEBM_AUDIO, packet, time, true);
}

const struct fault *webm_record_fault(const struct webm_recorder *r)
{
    return &r->fault;
}

uint64_t webm_record_count(const struct webm_recorder *r, enum webm_track track)
{
    return r->count[track];
}

bool webm_record_end(struct webm_recorder *r, char why[WEBM_WHY_MAX])
{
    if (!r) return true;
    bool good = true;
    if (!r->started)
        good = say(why, r->path, "nothing was recorded: no key frame and too little sound came");
    else if (av_write_trailer(r->format) < 0 || r->broken || r->io.avio->error < 0)
        good = say(why, r->path, "the recording is not whole; is the disk full?");
    if (fclose(r->io.file) != 0 && good)
        good = say(why, r->path, "the recording's end could not be written; is the disk full?");
    r->io.file = NULL;
    recorder_free(r);
    return good;
}
