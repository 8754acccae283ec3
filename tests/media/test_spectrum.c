#include "media/spectrum.h"
#include "tests/suite.h"

#include <math.h>

static float window[SPECTRUM_WINDOW], power[SPECTRUM_LINES];

static void tone(double hz, double peak)
{
    for (int i = 0; i < SPECTRUM_WINDOW; i++)
        window[i] += (float)(peak * sin(6.283185307179586 * hz * i / 48000 + 1));
}

static double peak_of_window(void)
{
    struct spectrum *s = spectrum_new();
    spectrum_power(s, window, power);
    spectrum_free(s);
    return spectrum_peak_hz(power, 48000);
}

static void clear(void)
{
    for (int i = 0; i < SPECTRUM_WINDOW; i++) window[i] = 0;
}

START_TEST(a_tone_is_found_between_the_lines)
{
    static const double tones[] = {30, 100, 429.9, 440, 441.3, 880, 5560, 23000};
    for (size_t i = 0; i < COUNT(tones); i++) {
        clear();
        tone(tones[i], 0.25);
        ck_assert_double_eq_tol(peak_of_window(), tones[i], 0.2);
    }
}
END_TEST

START_TEST(the_stronger_of_two_wins)
{
    clear();
    tone(440, 0.1);
    tone(3000, 0.11);
    ck_assert_double_eq_tol(peak_of_window(), 3000, 0.2);
}
END_TEST

START_TEST(neither_silence_nor_a_constant_is_a_tone)
{
    clear();
    ck_assert_double_eq(peak_of_window(), 0);
    tone(440, 0.01);
    for (int i = 0; i < SPECTRUM_WINDOW; i++) window[i] += 0.5f;
    ck_assert_double_eq_tol(peak_of_window(), 440, 0.2);
}
END_TEST

/* Parseval: the power of all lines is that of the tapered samples. */
START_TEST(no_power_is_lost)
{
    double in = 0, out = 0;
    clear();
    tone(1000, 0.3);
    tone(7777, 0.2);
    for (int i = 0; i < SPECTRUM_WINDOW; i++) {
        double taper = 0.5 - 0.5 * cos(6.283185307179586 * i / SPECTRUM_WINDOW);
        in += pow(window[i] * taper, 2);
    }
    peak_of_window();
    for (int i = 0; i < SPECTRUM_LINES; i++) out += 2.0 * power[i] / SPECTRUM_WINDOW;
    ck_assert_double_eq_tol(out / in, 1, 0.001);
}
END_TEST

SUITE("media spectrum", a_tone_is_found_between_the_lines, the_stronger_of_two_wins,
      neither_silence_nor_a_constant_is_a_tone, no_power_is_lost)
