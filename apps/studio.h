/* What we send: the test source or a WebM file, encoded once for all calls of the process. */
#ifndef DUET_APPS_STUDIO_H
#define DUET_APPS_STUDIO_H

#include "base/bytes.h"
#include "base/clock.h"

#define STUDIO_WHY_MAX       512
#define STUDIO_LEVEL_UNKNOWN 0xff

struct studio_config {
    const char *play;  /* a WebM file, or NULL: the test source */
    int width, height; /* samples; the test source's picture (media/source.h says what is valid) */
    int fps;
    unsigned video_bps; /* bits a second */
    bool video, audio;  /* what to make at all */
};

/* One encoded frame; `data` is valid until the next call. */
struct studio_frame {
    bool video; /* else audio */
    bool key;
    struct bytes data;
    usec time;          /* media time, 0 at studio_start */
    usec captured;      /* the same on the driver's clock: pairs RTP and NTP time */
    uint32_t timestamp; /* the same in RTP units: 90 kHz for VP8, 48 kHz for Opus, from 0 */
    uint8_t level;      /* audio: -dBov (RFC 6464 §3), or STUDIO_LEVEL_UNKNOWN */
};

struct studio; /* opaque */

/* NULL: `why` says what to do about it. */
struct studio *studio_new(const struct studio_config *cfg, char why[STUDIO_WHY_MAX]);
void studio_free(struct studio *studio); /* NULL is fine */

/* Media time 0 is `now`. Until then nothing comes. A second start is ignored. */
void studio_start(struct studio *studio, usec now);
/* Nobody listens: nothing is encoded until studio_resume, which leaves out what was missed. */
void studio_pause(struct studio *studio);
void studio_resume(struct studio *studio, usec now);
/* The next frame that is due; false: none is. Encodes it, so that what nobody asks for costs
 * nothing. Frames that are much too late are left out. */
bool studio_next(struct studio *studio, struct studio_frame *out, usec now);
usec studio_deadline(const struct studio *studio);
/* Somebody can't decode: the next picture is a key frame. A file's key frames come when they come;
 * false says so. */
bool studio_want_key(struct studio *studio);
/* From the next picture on; without effect on a file. */
void studio_set_bitrate(struct studio *studio, unsigned video_bps);
/* A file that is damaged or has ended: one line, else NULL. */
const char *studio_ended(const struct studio *studio);

#endif
