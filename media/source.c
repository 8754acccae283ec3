#include "media/source.h"

#include <math.h>
#include <string.h>

const struct rgb source_colours[4] = {{220, 30, 30}, {30, 200, 30}, {30, 30, 220}, {235, 235, 235}};
static const struct rgb GREY = {128, 128, 128}, BLACK = {0, 0, 0}, WHITE = {235, 235, 235};

/* -12 dBFS of the peak: 10^(-12/20) of 32767. */
#define TONE_PEAK   8231.0
/* 440 Hz and 880 Hz repeat together after this many samples (11 and 22 waves). */
#define TONE_PERIOD 1200

static int even_up(int v)
{
    return v + (v & 1);
}

static int even_down(int v)
{
    return v & ~1;
}

/* Two fifths of a side: "at least 40%". */
static int quadrant_side(int side)
{
    return even_up((side * 2 + 4) / 5);
}

/* The height of the counter and the side of the flash: a third of the horizontal arm. */
static int arm_third(int height)
{
    return even_down((height - 2 * quadrant_side(height)) / 3);
}

struct area source_quadrant(int width, int height, int quadrant)
{
    int w = quadrant_side(width), h = quadrant_side(height);
    return (struct area){quadrant & 1 ? width - w : 0, quadrant & 2 ? height - h : 0, w, h};
}

struct area source_counter_block(int width, int height, int block)
{
    int x = even_down(width * block / 16), end = even_down(width * (block + 1) / 16);
    int third = arm_third(height);
    return (struct area){x, height - quadrant_side(height) - third, end - x, third};
}

struct area source_flash_square(int width, int height)
{
    int side = arm_third(height);
    return (struct area){even_down((width - side) / 2), even_down((height - side) / 2), side, side};
}

static struct area bar_of(int width, int height, uint64_t n)
{
    int bar = even_down(width / 40);
    if (bar < 2) bar = 2;
    int top = quadrant_side(height);
    int step = (int)(n % (uint64_t)(width / bar));
    return (struct area){step * bar, top, bar, height - 2 * top - arm_third(height)};
}

bool source_size_valid(int width, int height)
{
    return width >= SOURCE_WIDTH_MIN && height >= SOURCE_HEIGHT_MIN && width <= PICTURE_SIDE_MAX &&
           height <= PICTURE_SIDE_MAX && !(width & 1) && !(height & 1);
}

/* All areas here are even, so each chroma sample lies in one area. */
static void fill(struct picture *to, struct area a, struct rgb colour)
{
    struct yuv c = yuv_of(colour);
    for (int y = 0; y < a.height; y++)
        memset(picture_row(to, PLANE_Y, a.y + y) + a.x, c.y, (size_t)a.width);
    for (int y = 0; y < a.height / 2; y++) {
        memset(picture_row(to, PLANE_U, a.y / 2 + y) + a.x / 2, c.u, (size_t)a.width / 2);
        memset(picture_row(to, PLANE_V, a.y / 2 + y) + a.x / 2, c.v, (size_t)a.width / 2);
    }
}

void source_draw_at(struct picture *to, uint64_t n, bool flash)
{
    int w = to->width, h = to->height;
    fill(to, (struct area){0, 0, w, h}, GREY);
    for (int i = 0; i < 4; i++) fill(to, source_quadrant(w, h, i), source_colours[i]);
    fill(to, bar_of(w, h, n), BLACK);
    for (int i = 0; i < 16; i++)
        fill(to, source_counter_block(w, h, i), n >> (15 - i) & 1 ? WHITE : BLACK);
    if (flash) fill(to, source_flash_square(w, h), WHITE);
}

void source_draw(struct picture *to, uint64_t n, int fps)
{
    source_draw_at(to, n, source_flashes(n, fps));
}

bool source_flashes(uint64_t n, int fps)
{
    return n % (uint64_t)fps == 0;
}

usec source_video_due(uint64_t n, int fps)
{
    uint64_t rate = (uint64_t)fps;
    return (usec)(n / rate * 1000000 + n % rate * 1000000 / rate);
}

usec source_audio_due(uint64_t n)
{
    return (usec)n * AUDIO_BLOCK * 1000000 / AUDIO_RATE;
}

/* One second holds whole waves of both tones and so do 50 ms: no phase ever jumps. */
static int16_t tone_at(uint64_t position)
{
    static const double turn = 6.283185307179586;
    bool burst = position % AUDIO_RATE < SOURCE_BURST_LEN;
    int waves = (burst ? SOURCE_BURST_HZ : SOURCE_TONE_HZ) * TONE_PERIOD / AUDIO_RATE;
    int step = (int)(position % TONE_PERIOD) * waves % TONE_PERIOD;
    return (int16_t)lrint(TONE_PEAK * sin(turn * step / TONE_PERIOD));
}

void source_sound(int16_t *to, size_t frames, uint64_t from)
{
    for (size_t i = 0; i < frames; i++) to[2 * i] = to[2 * i + 1] = tone_at(from + i);
}
