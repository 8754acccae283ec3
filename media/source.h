/* The test source: picture and sound that any receiver can check by what it decoded
 * (media/measure.h). Pure functions: the same frame number gives the same picture.
 *
 * Picture, of a width W and a height H, all parts on even samples:
 *   quadrants  2/5 of W and H each, rounded up: top left red, top right green, bottom left blue,
 *              bottom right white; between them a grey cross
 *   counter    sixteen blocks, each W/16 wide, over the whole width, in the bottom third of the
 *              cross's horizontal arm: the frame's number modulo 65536, most significant bit left,
 *              1 white, 0 black
 *   bar        black, W/40 wide, in the upper two thirds of the horizontal arm; one width to the
 *              right with each frame, and round
 *   flash      a white square in the cross's middle, over the bar, in the first frame of a second
 * Sound: 440 Hz at -12 dBFS (peak 0.251 of full scale), and 880 Hz at the same level instead for
 * the first 50 ms of each second. */
#ifndef DUET_MEDIA_SOURCE_H
#define DUET_MEDIA_SOURCE_H

#include "base/clock.h"
#include "media/colour.h"

#define SOURCE_WIDTH      640
#define SOURCE_HEIGHT     480
#define SOURCE_FPS        30
#define SOURCE_WIDTH_MIN  160
#define SOURCE_HEIGHT_MIN 120

#define SOURCE_TONE_HZ   440
#define SOURCE_BURST_HZ  880
#define SOURCE_BURST_LEN (AUDIO_RATE / 20) /* 50 ms, in samples of one channel */

/* The colours of the four quadrants in the order of the picture: left to right, top to bottom. */
extern const struct rgb source_colours[4];
/* Where a quadrant lies in a picture of any size (a receiver may have scaled it). */
struct area source_quadrant(int width, int height, int quadrant);
/* Where block 0 .. 15 of the counter lies, left to right. */
struct area source_counter_block(int width, int height, int block);
struct area source_flash_square(int width, int height);

/* True: both are even and at least SOURCE_WIDTH_MIN x SOURCE_HEIGHT_MIN, at most PICTURE_SIDE_MAX.
 */
bool source_size_valid(int width, int height);
/* Draws frame `n` into a picture with memory of its own and of a valid size (picture_resize), for
 * `fps` frames a second, > 0. A sender that must leave a frame out draws the next number it sends
 * with the next time, so that numbers count sent frames: see source_draw_at. */
void source_draw(struct picture *to, uint64_t n, int fps);
/* The same with the number and the flash said apart, for a sender that leaves frames out. */
void source_draw_at(struct picture *to, uint64_t n, bool flash);
/* Whether frame `n` is the first one of a second of media time. */
bool source_flashes(uint64_t n, int fps);
/* When frame `n` is due, in usec after frame 0: from the number alone, so no error adds up. */
usec source_video_due(uint64_t n, int fps);
/* When block `n` of AUDIO_BLOCK samples is due, in usec after block 0. */
usec source_audio_due(uint64_t n);

/* `frames` samples of both channels from sample position `from` on (0: the start of media time). */
void source_sound(int16_t *to, size_t frames, uint64_t from);

#endif
