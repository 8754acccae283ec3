/* Playing: libavformat's Matroska demuxer, and nothing else of it, over our own reads. */
#include "media/internal.h"
#include "media/opusdec.h"
#include "media/vp8dec.h"
#include "media/webm.h"

#include <libavcodec/avcodec.h>
#include <stdlib.h>

#define TRACKS       2
#define NAME_MAX_LEN 256
/* Bytes from a file's start that tell what kind of file it is. */
#define PROBE_LEN    4096
/* No packet of a real file is later than this (115 days); sums of it stay far from overflow. */
#define TIME_MAX     SEC(10000000)
/* A pass through a file counts as at least this long, so that a loop can't spin. */
#define PASS_MIN     MS(10)

struct webm_player {
    struct webm_io io;
    char name[NAME_MAX_LEN];
    bool loop;
    AVFormatContext *format;
    AVPacket *packet;
    int stream[TRACKS]; /* libavformat's index of each track, or -1 */
    int width, height;

    bool needs_key;
    usec origin;   /* the file's own time that counts as 0 in this pass; negative, or 0 */
    usec pass_at;  /* when this pass began, in the time that we tell */
    usec pass_end; /* the latest end of a packet so far, likewise */
    bool pass_empty;
    uint64_t skipped;
    struct fault fault;
};

static const char *const HOW_TO_CONVERT =
    "convert it with: ffmpeg -i INPUT -c:v libvpx -c:a libopus -ac 2 OUTPUT.webm";

static bool say(char *why, const char *name, const char *what)
{
    snprintf(why, WEBM_WHY_MAX, "%s: %s", name, what);
    return false;
}

static enum err refuse(struct webm_player *player, enum err err, const char *rule)
{
    int64_t at = player->io.avio ? avio_tell(player->io.avio) : 0;
    player->fault = (struct fault){err, "webm", at > 0 ? (size_t)at : 0, rule};
    return err;
}

/* ---- opening ---- */

/* Is it Matroska? Asked before the demuxer is opened, since others of libavformat's (playlists)
 * would go and open more files. */
static bool probe(struct webm_player *player, char *why)
{
    uint8_t start[PROBE_LEN + AVPROBE_PADDING_SIZE] = {0};
    int len = avio_read(player->io.avio, start, PROBE_LEN);
    if (len <= 0) return say(why, player->name, "the file is empty or can't be read");
    if (avio_seek(player->io.avio, 0, SEEK_SET) != 0)
        return say(why, player->name, "not a plain file: it can't be read twice");
    AVProbeData data = {.filename = "", .buf = start, .buf_size = len};
    webm_input_format *kind = av_probe_input_format(&data, 1);
    if (kind && kind == av_find_input_format("matroska")) return true;
    snprintf(why, WEBM_WHY_MAX, "%s: not a WebM file but %s; %s", player->name,
             kind ? kind->long_name : "something unknown", HOW_TO_CONVERT);
    return false;
}

/* Takes the first VP8 and the first Opus stream; another codec is an error, since playing only half
 * of a file without a word would look like a fault of the call. */
static bool choose_streams(struct webm_player *player, char *why)
{
    for (unsigned i = 0; i < player->format->nb_streams; i++) {
        AVStream *stream = player->format->streams[i];
        const AVCodecParameters *codec = stream->codecpar;
        bool video = codec->codec_type == AVMEDIA_TYPE_VIDEO;
        bool audio = codec->codec_type == AVMEDIA_TYPE_AUDIO;
        int *chosen = &player->stream[video ? WEBM_VIDEO : WEBM_AUDIO];
        if ((!video && !audio) || *chosen >= 0 ||
            (stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) {
            stream->discard = AVDISCARD_ALL;
            continue;
        }
        if (codec->codec_id != (video ? AV_CODEC_ID_VP8 : AV_CODEC_ID_OPUS)) {
            snprintf(why, WEBM_WHY_MAX, "%s: the %s is %s, only %s can be sent as it is; %s",
                     player->name, video ? "video" : "audio", avcodec_get_name(codec->codec_id),
                     video ? "vp8" : "opus", HOW_TO_CONVERT);
            return false;
        }
        *chosen = (int)i;
        if (!video) continue;
        player->width = codec->width;
        player->height = codec->height;
    }
    if (player->stream[WEBM_VIDEO] >= 0 || player->stream[WEBM_AUDIO] >= 0) return true;
    return say(why, player->name, "there is neither a video nor an audio track in it");
}

/* Opens the demuxer at the file's start: at first, and anew for each pass of a loop, since a file
 * without an index can't be sought in. */
static bool start_pass(struct webm_player *player, char *why)
{
    avformat_close_input(&player->format);
    player->stream[WEBM_VIDEO] = player->stream[WEBM_AUDIO] = -1;
    player->needs_key = true;
    player->pass_empty = true;
    player->origin = 0;
    if (avio_seek(player->io.avio, 0, SEEK_SET) != 0)
        return say(why, player->name, "can't go back to the file's start");
    player->format = avformat_alloc_context();
    if (!player->format) return say(why, player->name, "no memory");
    player->format->pb = player->io.avio;
    /* Frees the context itself when it fails. */
    if (avformat_open_input(&player->format, "", av_find_input_format("matroska"), NULL) < 0)
        return say(why, player->name, "the WebM header is damaged");
    return choose_streams(player, why);
}

static struct webm_player *player_new(const char *name, bool loop)
{
    webm_silence();
    struct webm_player *player = calloc(1, sizeof *player);
    if (!player) return NULL;
    player->packet = av_packet_alloc();
    if (!player->packet) {
        free(player);
        return NULL;
    }
    player->loop = loop;
    bytes_to_text(bytes_of(name), player->name, sizeof player->name);
    return player;
}

/* Over `io.file` or `io.memory`; frees the player when that fails. */
static struct webm_player *player_open(struct webm_player *player, char *why)
{
    if (webm_io_open(&player->io, false) != OK)
        say(why, player->name, "no memory");
    else if (probe(player, why) && start_pass(player, why))
        return player;
    webm_play_end(player);
    return NULL;
}

struct webm_player *webm_play(const char *path, bool loop, char why[WEBM_WHY_MAX])
{
    struct webm_player *player = player_new(path, loop);
    if (!player) {
        say(why, path, "no memory");
        return NULL;
    }
    player->io.file = fopen(path, "rb");
    if (!player->io.file) {
        say(why, path, "can't be opened for reading; is the name right?");
        webm_play_end(player);
        return NULL;
    }
    return player_open(player, why);
}

struct webm_player *webm_play_bytes(struct bytes file, const char *name, bool loop,
                                    char why[WEBM_WHY_MAX])
{
    struct webm_player *player = player_new(name, loop);
    if (!player) {
        say(why, name, "no memory");
        return NULL;
    }
    player->io.memory = file;
    return player_open(player, why);
}

void webm_play_end(struct webm_player *player)
{
    if (!player) return;
    avformat_close_input(&player->format);
    webm_io_close(&player->io);
    if (player->io.file) fclose(player->io.file);
    av_packet_free(&player->packet);
    free(player);
}

/* ---- packets ---- */

/* Waits for the file's next packet of a chosen track. False: end or fault. */
static bool read_packet(struct webm_player *player, enum webm_track *track)
{
    for (;;) {
        av_packet_unref(player->packet);
        int failed = av_read_frame(player->format, player->packet);
        if (failed == AVERROR_EOF) return false;
        if (failed < 0) {
            refuse(player, E_MALFORMED, "the file is damaged here (RFC 9559)");
            return false;
        }
        int stream = player->packet->stream_index;
        if (player->packet->size <= 0 || stream < 0) continue;
        *track = stream == player->stream[WEBM_VIDEO] ? WEBM_VIDEO : WEBM_AUDIO;
        if (stream == player->stream[*track]) return true;
    }
}

/* How long the packet lasts, as far as it says so itself. */
static usec length_of(const struct webm_player *player, const struct webm_packet *p)
{
    if (p->track == WEBM_AUDIO) return (usec)opusdec_packet_frames(p->data) * 1000000 / AUDIO_RATE;
    const AVStream *stream = player->format->streams[player->stream[WEBM_VIDEO]];
    usec length = av_rescale_q(player->packet->duration, stream->time_base, AV_TIME_BASE_Q);
    return length > 0 && length < SEC(10) ? length : 0;
}

/* Tells when the packet is due, and the end of this pass by it. */
static enum err set_time(struct webm_player *player, struct webm_packet *out)
{
    const AVStream *stream = player->format->streams[player->packet->stream_index];
    int64_t ticks = player->packet->pts;
    if (ticks == AV_NOPTS_VALUE) ticks = player->packet->dts;
    usec time = ticks == AV_NOPTS_VALUE ? player->pass_end - player->pass_at
                                        : av_rescale_q(ticks, stream->time_base, AV_TIME_BASE_Q);
    if (time < -SEC(10) || time > TIME_MAX)
        return refuse(player, E_MALFORMED, "a timestamp is out of all bounds");
    /* Opus starts before 0 by its codec delay (RFC 9559, CodecDelay): move all by that. */
    if (player->pass_empty && time < 0) player->origin = time;
    player->pass_empty = false;
    out->time = player->pass_at + usec_max(0, time - player->origin);
    player->pass_end = usec_max(player->pass_end, out->time + length_of(player, out));
    return OK;
}

/* Is this something that a receiver can decode from here? */
static bool usable(struct webm_player *player, struct webm_packet *p)
{
    if (p->data.len > WEBM_PACKET_MAX) return false;
    if (p->track == WEBM_AUDIO) return opusdec_packet_frames(p->data) > 0;
    struct vp8dec_header header;
    bool good = vp8dec_header_parse(&header, p->data, NULL) == OK;
    p->key = good && header.key;
    if (p->key) player->needs_key = false;
    if (!good) player->needs_key = true;
    return !player->needs_key;
}

bool webm_play_restart(struct webm_player *player)
{
    char why[WEBM_WHY_MAX];
    player->pass_end = usec_max(player->pass_end, player->pass_at + PASS_MIN);
    if (player->fault.err != OK || player->pass_end > INT64_MAX - 2 * TIME_MAX) return false;
    player->pass_at = player->pass_end;
    if (start_pass(player, why)) return true;
    avformat_close_input(&player->format);
    refuse(player, E_STATE, "the file could not be opened again for another pass");
    return false;
}

bool webm_play_next(struct webm_player *player, struct webm_packet *out)
{
    *out = (struct webm_packet){0};
    while (player->fault.err == OK && player->format) {
        struct webm_packet p = {0};
        if (!read_packet(player, &p.track)) {
            bool again = player->loop && !player->pass_empty && player->fault.err == OK;
            if (!again || !webm_play_restart(player)) return false;
            continue;
        }
        p.data = (struct bytes){player->packet->data, (size_t)player->packet->size};
        if (!usable(player, &p)) {
            player->skipped++;
            continue;
        }
        if (set_time(player, &p) != OK) return false;
        *out = p;
        return true;
    }
    return false;
}

const struct fault *webm_play_fault(const struct webm_player *player)
{
    return &player->fault;
}

bool webm_play_has(const struct webm_player *player, enum webm_track track)
{
    return player->stream[track] >= 0;
}

int webm_play_width(const struct webm_player *player)
{
    return player->width;
}

int webm_play_height(const struct webm_player *player)
{
    return player->height;
}

uint64_t webm_play_skipped(const struct webm_player *player)
{
    return player->skipped;
}
