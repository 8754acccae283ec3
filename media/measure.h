/* The measuring receiver: what did we get, and is it the test source (media/source.h)?
 *
 * A frame is good when the mean colour of each quadrant's middle is within 45 of the source's in
 * every channel, read as BT.601 in limited range or as BT.709 in full range; sound is good when its
 * strongest component lies within 430 to 450 Hz. Everything is measured in shares of the picture,
 * so a scaled picture is fine. */
#ifndef DUET_MEDIA_MEASURE_H
#define DUET_MEDIA_MEASURE_H

#include "base/clock.h"
#include "media/frame.h"

#define MEASURE_COLOUR_OFF 45 /* test-source contract: within this in every channel */
#define MEASURE_HZ_MIN     430.0
#define MEASURE_HZ_MAX     450.0

/* What one picture shows. */
struct measure_frame {
    bool good;   /* the four quadrants are right */
    bool flash;  /* the square in the middle is white */
    int counter; /* 0 .. 65535, or -1: the blocks can't be read */
};

/* Looks at one picture of any size; keeps nothing. */
struct measure_frame measure_picture(const struct picture *p);

struct measure_video {
    uint64_t frames, good;
    int width, height; /* of the last frame */
    uint64_t sizes;    /* how many times the size changed */
    double fps;        /* frames a second from the first frame to the last; 0 before two */
    uint64_t freezes;  /* W3C webrtc-stats freezeCount: see measure_picture_in */
    usec frozen_us;    /* totalFreezesDuration */
    uint64_t missing;  /* numbers that the frame counter left out */
    int counter;       /* of the last frame, or -1 */
};

struct measure_sound {
    uint64_t samples;   /* of one channel, the concealed ones with them (totalSamplesReceived) */
    uint64_t concealed; /* concealedSamples */
    double rms;         /* of all samples of both channels, full scale 1 */
    double hz;          /* strongest component of all sound so far; 0: silence, or under 0.35 s */
    double hz_now;      /* the same of the last third of a second */
};

/* Sound against picture, from the burst and the flash that start each second. */
struct measure_skew {
    uint64_t pairs; /* how many flashes found their burst, within half a second */
    usec last_us;   /* > 0: the sound came later than the picture */
    usec mean_us;
};

struct measure; /* opaque; takes all its memory at set-up */

struct measure *measure_new(void); /* NULL: no memory */
void measure_free(struct measure *m);

/* A decoded frame, shown at `time` (usec, the same clock for pictures and sound, not going back).
 * A freeze is an interval between two frames of at least max(3 * avg, avg + 150 ms), where avg is
 * the mean interval of the last 30 frames (https://www.w3.org/TR/webrtc-stats/, freezeCount). */
struct measure_frame measure_picture_in(struct measure *m, const struct picture *p, usec time);
/* A block of sound whose first sample is heard at `time` (usec). */
void measure_sound_in(struct measure *m, const struct audio *block, usec time);

struct measure_video measure_video(const struct measure *m);
struct measure_sound measure_sound(const struct measure *m);
struct measure_skew measure_skew(const struct measure *m);
/* The contract's word on the sound: 430 to 450 Hz is its strongest component. */
bool measure_sound_good(const struct measure_sound *s);

#endif
