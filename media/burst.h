/* Hears when the test source's 880 Hz burst begins in sound that may be anything. */
#ifndef DUET_MEDIA_BURST_H
#define DUET_MEDIA_BURST_H

#include "base/bytes.h"

#define BURST_HOP  120 /* samples between two looks: 2.5 ms at 48 kHz */
#define BURST_HOPS 4   /* that make the window looked at: 10 ms, 4.4 waves of 440 Hz */

/* What one hop adds to the two lines of a Fourier sum: of the tone's and the burst's frequency. */
struct burst_sum {
    float tone_re, tone_im, burst_re, burst_im;
};

/* All zero but the table: burst_init. */
struct burst {
    uint64_t position; /* samples heard */
    uint64_t quiet_until;
    struct burst_sum hops[BURST_HOPS]; /* the last ones, in turn */
    bool on;
    float sine[1200]; /* one wave of 40 Hz: both frequencies are multiples */
};

void burst_init(struct burst *b);
/* The next sample (full scale 1). True: a burst is heard for the first time; it began at sample
 * `*at`, counted from the first sample of all, give or take BURST_HOP. */
bool burst_hear(struct burst *b, float sample, uint64_t *at);

#endif
