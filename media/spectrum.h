/* The power spectrum of sound: which frequency is the strongest? */
#ifndef DUET_MEDIA_SPECTRUM_H
#define DUET_MEDIA_SPECTRUM_H

#include "base/bytes.h"

/* Samples in one window: 0.34 s at 48 kHz, a line every 2.9 Hz. Long enough that the test source's
 * 50 ms burst is never stronger in it than the tone. */
#define SPECTRUM_WINDOW 16384
#define SPECTRUM_LINES  (SPECTRUM_WINDOW / 2)

struct spectrum; /* opaque: the tables and the work space of a Fourier transform */

struct spectrum *spectrum_new(void); /* NULL: no memory */
void spectrum_free(struct spectrum *s);

/* The power at each line of a window of samples (full scale 1), tapered by Hann's window. Line i is
 * the frequency i / SPECTRUM_WINDOW of the sampling rate. */
void spectrum_power(struct spectrum *s, const float window[SPECTRUM_WINDOW],
                    float power[SPECTRUM_LINES]);
/* The strongest frequency above 20 Hz in Hz, between the lines too; 0: there is no power at all.
 * `rate`: samples a second. */
double spectrum_peak_hz(const float power[SPECTRUM_LINES], int rate);

#endif
