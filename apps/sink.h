/* What comes in: decoded, measured, recorded, drawn in the terminal. */
#ifndef DUET_APPS_SINK_H
#define DUET_APPS_SINK_H

#include "media/measure.h"
#include "rtp/stream.h"

#define SINK_TRACKS_MAX 8 /* decoders of one call; further tracks are not decoded */
#define SINK_WHY_MAX    512

struct sink_config {
    const char *record; /* a WebM file to make, or NULL */
    bool record_audio, record_video;
    bool view; /* draw the first video track on stdout */
};

/* One track's share; the first audio and the first video track are measured in full. */
struct sink_track {
    size_t track; /* the peer's number */
    enum rtp_kind kind;
    uint64_t frames, good;
    uint64_t undecodable;
};

/* A frame that a decoder refused. */
struct sink_undecoded {
    size_t track;
    enum rtp_kind kind;
    uint64_t timestamp; /* RTP's, in 64 bits */
    size_t len;
    bool key;
    usec at;
};

struct sink; /* opaque */

struct sink *sink_new(const struct sink_config *cfg, char why[SINK_WHY_MAX]);
/* Finishes the recording; false: it is not whole, `why` says so. */
bool sink_free(struct sink *sink, char why[SINK_WHY_MAX]);
/* Takes a frame of a track. False: the decoder needs a key frame. */
bool sink_frame(struct sink *sink, size_t track, enum rtp_kind kind, const struct rtp_frame *frame,
                usec now);

struct measure_video sink_video(const struct sink *sink);
struct measure_sound sink_sound(const struct sink *sink);
struct measure_skew sink_skew(const struct sink *sink);
/* The i-th track in order of appearance, or NULL. */
const struct sink_track *sink_track(const struct sink *sink, size_t i);
/* The first one, or NULL: all were decoded. */
const struct sink_undecoded *sink_first_undecoded(const struct sink *sink);
/* When the first picture was decoded; 0: none was. */
usec sink_first_picture_at(const struct sink *sink);

#endif
