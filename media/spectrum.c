#include "media/spectrum.h"

#include <math.h>
#include <stdlib.h>

#define TURN 6.283185307179586

struct complex {
    float re, im;
};

struct spectrum {
    struct complex turn[SPECTRUM_WINDOW / 2]; /* e^(-2 pi i k / SPECTRUM_WINDOW) */
    float hann[SPECTRUM_WINDOW];
    struct complex work[SPECTRUM_WINDOW];
};

struct spectrum *spectrum_new(void)
{
    struct spectrum *s = malloc(sizeof *s);
    if (!s) return NULL;
    for (int k = 0; k < SPECTRUM_WINDOW; k++) {
        double angle = TURN * k / SPECTRUM_WINDOW;
        s->hann[k] = (float)(0.5 - 0.5 * cos(angle));
        if (k < SPECTRUM_WINDOW / 2)
            s->turn[k] = (struct complex){(float)cos(angle), (float)-sin(angle)};
    }
    return s;
}

void spectrum_free(struct spectrum *s)
{
    free(s);
}

/* Where the transform below wants sample i: its bits in reverse order. */
static size_t reversed(size_t i)
{
    size_t r = 0;
    for (size_t bit = 1; bit < SPECTRUM_WINDOW; bit <<= 1, i >>= 1) r = r << 1 | (i & 1);
    return r;
}

/* Cooley and Tukey's transform in place, radix 2, decimation in time. */
static void transform(struct spectrum *s)
{
    for (size_t half = 1; half < SPECTRUM_WINDOW; half *= 2) {
        size_t step = SPECTRUM_WINDOW / (2 * half);
        for (size_t from = 0; from < SPECTRUM_WINDOW; from += 2 * half) {
            for (size_t k = 0; k < half; k++) {
                struct complex *a = &s->work[from + k], *b = a + half, t = s->turn[k * step];
                struct complex c = {b->re * t.re - b->im * t.im, b->re * t.im + b->im * t.re};
                *b = (struct complex){a->re - c.re, a->im - c.im};
                *a = (struct complex){a->re + c.re, a->im + c.im};
            }
        }
    }
}

void spectrum_power(struct spectrum *s, const float window[SPECTRUM_WINDOW],
                    float power[SPECTRUM_LINES])
{
    for (size_t i = 0; i < SPECTRUM_WINDOW; i++)
        s->work[reversed(i)] = (struct complex){window[i] * s->hann[i], 0};
    transform(s);
    for (size_t i = 0; i < SPECTRUM_LINES; i++)
        power[i] = s->work[i].re * s->work[i].re + s->work[i].im * s->work[i].im;
}

double spectrum_peak_hz(const float power[SPECTRUM_LINES], int rate)
{
    size_t lowest = 20 * SPECTRUM_WINDOW / (size_t)rate + 1, peak = lowest;
    for (size_t i = lowest; i + 1 < SPECTRUM_LINES; i++)
        if (power[i] > power[peak]) peak = i;
    if (!(power[peak] > 0)) return 0;
    /* A parabola through the logarithms of the peak and its neighbours: for Hann's window its top
     * is within a few hundredths of a line of the true frequency. */
    double floor = power[peak] * 1e-9;
    double left = log(power[peak - 1] + floor), top = log(power[peak] + floor);
    double right = log(power[peak + 1] + floor), bend = left - 2 * top + right;
    double shift = bend < 0 ? 0.5 * (left - right) / bend : 0;
    return ((double)peak + shift) * rate / SPECTRUM_WINDOW;
}
