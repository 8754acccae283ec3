#include "media/burst.h"
#include "media/source.h"
#include "tests/suite.h"

#include <math.h>

/* Feeds the source from a position on and collects when bursts began, at most 8. */
static size_t hear_source(uint64_t from, uint64_t samples, uint64_t began[8])
{
    struct burst b;
    size_t found = 0;
    burst_init(&b);
    for (uint64_t i = 0; i < samples; i += 100) {
        int16_t pcm[200];
        source_sound(pcm, 100, from + i);
        for (size_t k = 0; k < 100; k++)
            if (burst_hear(&b, pcm[2 * k] / 32768.0f, &began[found]) && ++found == 8) return found;
    }
    return found;
}

START_TEST(each_second_has_one_at_its_start)
{
    uint64_t began[8];
    ck_assert_uint_eq(hear_source(0, 3 * AUDIO_RATE, began), 3);
    for (uint64_t i = 0; i < 3; i++)
        ck_assert_int_le(llabs((long long)(began[i] - i * AUDIO_RATE)), 2 * BURST_HOP);
}
END_TEST

START_TEST(it_is_found_wherever_listening_starts)
{
    for (uint64_t from = 5000; from < 48000; from += 3777) {
        uint64_t began[8];
        ck_assert_uint_eq(hear_source(from, AUDIO_RATE, began), 1);
        ck_assert_int_le(llabs((long long)(began[0] + from - AUDIO_RATE)), 2 * BURST_HOP);
    }
}
END_TEST

START_TEST(nothing_else_is_a_burst)
{
    static const double tones[] = {0, 100, 300, 440, 445, 1500};
    for (size_t t = 0; t < COUNT(tones); t++) {
        struct burst b;
        int heard = 0;
        burst_init(&b);
        for (int i = 0; i < AUDIO_RATE; i++) {
            uint64_t at;
            float loud = tones[t] > 445 ? 0.01f : 0.25f; /* 880 Hz's neighbours are let through */
            float v = loud * (float)sin(6.283185307179586 * tones[t] * i / AUDIO_RATE);
            heard += burst_hear(&b, v, &at);
        }
        ck_assert_int_eq(heard, 0);
    }
}
END_TEST

SUITE("media burst", each_second_has_one_at_its_start, it_is_found_wherever_listening_starts,
      nothing_else_is_a_burst)
