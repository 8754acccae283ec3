/* Colours: 8 bit RGB and YCbCr, by BT.601 in limited range (Y 16 .. 235, Cb and Cr 16 .. 240)
 * unless another reading is named. */
#ifndef DUET_MEDIA_COLOUR_H
#define DUET_MEDIA_COLOUR_H

#include "media/frame.h"

struct rgb {
    uint8_t r, g, b;
};

struct yuv {
    uint8_t y, u, v;
};

/* ITU-R BT.601-7 2.5, rounded to the nearest; out of range values saturate. */
struct yuv yuv_of(struct rgb c);
struct rgb rgb_of(struct yuv c);
/* The same samples read as ITU-R BT.709-6 3 in full range (0 .. 255): what Chromium sends of a
 * canvas. VP8 itself can't say so (RFC 6386 9.2 has BT.601 alone). */
struct rgb rgb_of_bt709_full(struct yuv c);

/* Part of a picture in samples of the Y plane: columns x .. x + width - 1 and so on. */
struct area {
    int x, y, width, height;
};

/* The mean of a part of a picture. The part is cut to the picture; an empty one gives black. */
struct yuv picture_mean(const struct picture *p, struct area a);

#endif
