/* Raw media: a picture in I420 and a block of sound. What encoders take and decoders give.
 *
 * Sample values are BT.601 limited range (media/colour.h), as VP8 defines them (RFC 6386 9.2:
 * color_space 0). */
#ifndef DUET_MEDIA_FRAME_H
#define DUET_MEDIA_FRAME_H

#include "base/bytes.h"

/* The longest side that a picture may have: what VP8 can say in its 14 bits (RFC 6386 9.1). */
#define PICTURE_SIDE_MAX 16383

enum picture_plane { PLANE_Y, PLANE_U, PLANE_V, PLANES };

/* Three planes, 8 bits a sample; U and V at half the width and height, rounded up. Either a picture
 * with memory of its own (picture_resize), or a view of somebody's planes (`pixels` is NULL): a
 * decoder's are valid until its next call. All zero is an empty picture. */
struct picture {
    int width, height; /* of the Y plane, in samples */
    const uint8_t *plane[PLANES];
    int stride[PLANES]; /* bytes from one row to the next */
    uint8_t *pixels;    /* our own memory behind the planes, or NULL */
    size_t room;        /* bytes of `pixels` */
};

/* The samples of one row of a plane, and how many. */
int picture_plane_width(const struct picture *p, enum picture_plane plane);
int picture_plane_height(const struct picture *p, enum picture_plane plane);

/* Gives the picture memory of its own for this size, in samples; keeps what it has when that is
 * enough. The samples are undefined afterwards. E_UNSUPPORTED: a side is not in
 * 1 .. PICTURE_SIDE_MAX; E_NOMEM. On an error the picture is as before. */
enum err picture_resize(struct picture *p, int width, int height);
/* Frees what picture_resize took and empties the picture; a view is only emptied. */
void picture_free(struct picture *p);
/* The first sample of row `y` of a plane, to be written; only in a picture with its own memory. */
uint8_t *picture_row(struct picture *p, enum picture_plane plane, int y);
/* Makes `to` a copy with memory of its own. Errors as picture_resize. */
enum err picture_copy(struct picture *to, const struct picture *from);

/* All sound here is 48 kHz, two channels, interleaved left and right, as Opus is signaled in WebRTC
 * whatever it carries (RFC 7587 4.1, 7: "opus/48000/2"). */
#define AUDIO_RATE       48000
#define AUDIO_CHANNELS   2
/* 20 ms: what we send (RFC 7587 6.1: the default ptime), in samples of one channel. */
#define AUDIO_BLOCK      960
/* The longest that one Opus packet can hold, 120 ms (RFC 6716 2.1.4 and 3.2.5). */
#define AUDIO_FRAMES_MAX 5760

/* A view of sound, valid as long as its giver says. */
struct audio {
    const int16_t *samples; /* `frames` times left, right */
    size_t frames;          /* samples of one channel */
    bool concealed;         /* made up for a lost packet; what FEC brought back is not */
};

#endif
