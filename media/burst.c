#include "media/burst.h"

#include "media/source.h"

#include <math.h>

#define TABLE    (AUDIO_RATE / 40)
/* A burst weaker than this share of full scale is noise. */
#define QUIETEST 0.02f

void burst_init(struct burst *b)
{
    const int period = TABLE;
    *b = (struct burst){0};
    for (int i = 0; i < period; i++) b->sine[i] = (float)sin(6.283185307179586 * i / period);
}

static float wave(const struct burst *b, int hz, int shift)
{
    return b->sine[((size_t)(b->position % TABLE) * (size_t)(hz / 40) + (size_t)shift) % TABLE];
}

/* Is the burst's frequency the stronger one in the last hops? */
static bool sounds_like_burst(const struct burst *b)
{
    struct burst_sum sum = {0};
    for (int i = 0; i < BURST_HOPS; i++) {
        sum.tone_re += b->hops[i].tone_re;
        sum.tone_im += b->hops[i].tone_im;
        sum.burst_re += b->hops[i].burst_re;
        sum.burst_im += b->hops[i].burst_im;
    }
    /* A sine of amplitude A adds up to A / 2 for each sample. */
    float least = QUIETEST / 2 * BURST_HOP * BURST_HOPS;
    float tone = sum.tone_re * sum.tone_re + sum.tone_im * sum.tone_im;
    float burst = sum.burst_re * sum.burst_re + sum.burst_im * sum.burst_im;
    return burst > tone && burst > least * least;
}

bool burst_hear(struct burst *b, float sample, uint64_t *at)
{
    struct burst_sum *hop = &b->hops[b->position / BURST_HOP % BURST_HOPS];
    if (b->position % BURST_HOP == 0) *hop = (struct burst_sum){0};
    hop->tone_re += sample * wave(b, SOURCE_TONE_HZ, TABLE / 4);
    hop->tone_im += sample * wave(b, SOURCE_TONE_HZ, 0);
    hop->burst_re += sample * wave(b, SOURCE_BURST_HZ, TABLE / 4);
    hop->burst_im += sample * wave(b, SOURCE_BURST_HZ, 0);
    if (++b->position % BURST_HOP) return false;

    bool was_on = b->on;
    b->on = sounds_like_burst(b);
    if (!b->on || was_on || b->position < b->quiet_until) return false;
    /* It outweighs the tone once it fills half of the window. One in half a second is enough. */
    uint64_t half = BURST_HOP * BURST_HOPS / 2;
    *at = b->position > half ? b->position - half : 0;
    b->quiet_until = b->position + AUDIO_RATE / 2;
    return true;
}
