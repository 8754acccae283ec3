#include "media/measure.h"
#include "media/opusdec.h"
#include "media/opusenc.h"
#include "media/source.h"
#include "tests/suite.h"

#include <math.h>
#include <string.h>

struct stream {
    uint8_t at[100][OPUSENC_PACKET_MAX];
    size_t len[100];
};

typedef void sound_fn(int16_t *to, size_t frames, uint64_t from);

/* Something like a voice: a buzz of 140 Hz in syllables. libopus sends FEC for what it takes for
 * active speech only, not for a steady tone. */
static void voice(int16_t *to, size_t frames, uint64_t from)
{
    for (size_t i = 0; i < frames; i++) {
        double t = (double)(from + i) / AUDIO_RATE, v = 0;
        for (int k = 1; k < 20; k++) v += sin(6.283185307179586 * 140 * k * t) / k;
        v *= fabs(sin(6.283185307179586 * 1.5 * t));
        to[2 * i] = to[2 * i + 1] = (int16_t)(6000 * v);
    }
}

/* Two seconds of sound in packets. */
static void encode(struct stream *s, sound_fn *sound, const struct opusenc_config *cfg)
{
    struct opusenc *enc = opusenc_new(cfg);
    for (uint64_t n = 0; n < 100; n++) {
        int16_t pcm[AUDIO_BLOCK * AUDIO_CHANNELS];
        struct bytes packet;
        sound(pcm, AUDIO_BLOCK, n * AUDIO_BLOCK);
        ck_assert_int_eq(opusenc_encode(enc, pcm, &packet), OK);
        ck_assert_uint_eq(opusdec_packet_frames(packet), AUDIO_BLOCK);
        memcpy(s->at[n], packet.at, packet.len);
        s->len[n] = packet.len;
    }
    opusenc_free(enc);
}

static struct bytes packet_of(const struct stream *s, int n)
{
    return (struct bytes){s->at[n], s->len[n]};
}

static double rms(const struct audio *a)
{
    double sum = 0;
    for (size_t i = 0; i < 2 * a->frames; i++) sum += (double)a->samples[i] * a->samples[i];
    return sqrt(sum / (double)(2 * a->frames)) / 32768;
}

/* Decodes with every fifth packet lost, filled in from the next one or by concealment alone.
 * Returns how far the filled blocks are from what would have been heard: their differences' power.
 */
static double lose(const struct stream *s, bool recover, struct measure *m, uint64_t *concealed)
{
    struct opusdec *dec = opusdec_new(), *whole = opusdec_new();
    struct audio out, want;
    double off = 0;
    for (int n = 0; n < 100; n++) {
        bool lost = n % 5 == 4 && n < 99;
        ck_assert_int_eq(opusdec_decode(whole, packet_of(s, n), &want), OK);
        ck_assert_int_eq(!lost     ? opusdec_decode(dec, packet_of(s, n), &out)
                         : recover ? opusdec_recover(dec, packet_of(s, n + 1), &out)
                                   : opusdec_conceal(dec, &out),
                         OK);
        ck_assert_uint_eq(out.frames, AUDIO_BLOCK);
        ck_assert(lost || !out.concealed);
        for (size_t i = 0; lost && i < 2 * out.frames; i++)
            off += ((double)out.samples[i] - want.samples[i]) *
                   ((double)out.samples[i] - want.samples[i]);
        measure_sound_in(m, &out, source_audio_due((uint64_t)n));
    }
    *concealed = opusdec_concealed(dec);
    opusdec_free(dec);
    opusdec_free(whole);
    return off;
}

START_TEST(lost_packets_come_back_by_in_band_fec)
{
    static struct stream s;
    encode(&s, voice, &(struct opusenc_config){.loss_percent = 20});
    struct measure *m = measure_new();
    uint64_t by_fec, alone;
    double fec = lose(&s, true, m, &by_fec), conceal = lose(&s, false, m, &alone);
    ck_assert_uint_eq(alone, 19 * AUDIO_BLOCK);
    ck_assert_uint_le(by_fec, 6 * AUDIO_BLOCK); /* the first, and those in pauses */
    ck_assert_double_lt(fec, conceal / 2);
    measure_free(m);
}
END_TEST

START_TEST(lost_packets_are_concealed_and_counted)
{
    static struct stream s;
    encode(&s, source_sound, &(struct opusenc_config){0});
    struct measure *m = measure_new();
    uint64_t concealed;
    lose(&s, false, m, &concealed);
    struct measure_sound sound = measure_sound(m);
    ck_assert(measure_sound_good(&sound));
    ck_assert_double_gt(sound.rms, 0.1);
    ck_assert_uint_eq(sound.samples, 100 * AUDIO_BLOCK);
    ck_assert_uint_eq(concealed, 19 * AUDIO_BLOCK);
    ck_assert_uint_eq(sound.concealed, concealed);
    measure_free(m);
}
END_TEST

START_TEST(a_packet_without_a_copy_conceals)
{
    static struct stream s;
    encode(&s, source_sound, &(struct opusenc_config){.loss_percent = 0, .bitrate_bps = 128000});
    struct opusdec *dec = opusdec_new();
    struct audio out;
    for (int n = 0; n < 10; n++) ck_assert_int_eq(opusdec_decode(dec, packet_of(&s, n), &out), OK);
    ck_assert_int_eq(opusdec_recover(dec, packet_of(&s, 11), &out), OK);
    ck_assert(out.concealed);
    ck_assert_uint_eq(out.frames, AUDIO_BLOCK);
    ck_assert_uint_eq(opusdec_concealed(dec), AUDIO_BLOCK);
    opusdec_free(dec);
}
END_TEST

START_TEST(concealment_fades_and_takes_the_last_length)
{
    static struct stream s;
    encode(&s, source_sound, &(struct opusenc_config){0});
    struct opusdec *dec = opusdec_new();
    struct audio out;
    ck_assert_int_eq(opusdec_conceal(dec, &out), OK); /* before anything came: silence */
    ck_assert_uint_eq(out.frames, AUDIO_BLOCK);
    ck_assert_double_lt(rms(&out), 0.001);
    for (int n = 0; n < 20; n++) ck_assert_int_eq(opusdec_decode(dec, packet_of(&s, n), &out), OK);
    for (int n = 0; n < 50; n++) ck_assert_int_eq(opusdec_conceal(dec, &out), OK);
    ck_assert_double_lt(rms(&out), 0.02);
    opusdec_free(dec);
}
END_TEST

/* RFC 6716 3.4 and the figures of 3.2. */
START_TEST(bad_packets_are_refused_and_change_nothing)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum err err;
    } bad[] = {
        {"", 0, E_TRUNCATED},             /* R1 */
        {"\x79\x01", 2, E_MALFORMED},     /* R3: two equal frames of an odd length */
        {"\x7a", 1, E_MALFORMED},         /* R4: code 2 without a length */
        {"\x7a\x09\x01", 3, E_MALFORMED}, /* R4: longer than what is left */
        {"\x7b", 1, E_MALFORMED},         /* R6: code 3 without a count */
        {"\x7b\x00", 2, E_MALFORMED},     /* R5: no frame at all */
        {"\x7b\x3f", 2, E_MALFORMED},     /* R5: 63 frames are above 120 ms */
        {"\x7b\x41", 2, E_MALFORMED},     /* R6: padding without its length */
        {"\x7b\x41\xff", 3, E_MALFORMED},
        {"\x7b\xc2\x20\x01", 4, E_MALFORMED}, /* R7: more padding than packet */
    };
    static struct stream s;
    encode(&s, source_sound, &(struct opusenc_config){0});
    struct opusdec *dec = opusdec_new(), *other = opusdec_new();
    struct audio out, same;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct bytes packet = {(const uint8_t *)bad[i].bytes, bad[i].len};
        ck_assert_uint_eq(opusdec_packet_frames(packet), 0);
        ck_assert_int_eq(opusdec_decode(dec, packet, &out), bad[i].err);
        ck_assert_int_eq(opusdec_fault(dec)->err, bad[i].err);
        ck_assert_uint_eq(out.frames, 0);
        ck_assert_int_eq(opusdec_recover(dec, packet, &out), bad[i].err);
        ck_assert_int_eq(opusdec_decode(dec, packet_of(&s, (int)i), &out), OK);
        ck_assert_int_eq(opusdec_fault(dec)->err, OK);
        ck_assert_int_eq(opusdec_decode(other, packet_of(&s, (int)i), &same), OK);
        ck_assert_int_eq(memcmp(out.samples, same.samples, AUDIO_BLOCK * 4), 0);
    }
    opusdec_free(dec);
    opusdec_free(other);
    opusdec_free(NULL);
}
END_TEST

START_TEST(a_packet_of_120_ms_fits)
{
    /* Code 3, six frames of 20 ms CELT (configuration 31, mono), one byte each. */
    static const uint8_t packet[] = {0xfb, 6, 0, 0, 0, 0, 0, 0};
    struct opusdec *dec = opusdec_new();
    struct audio out;
    ck_assert_int_eq(opusdec_decode(dec, (struct bytes){packet, sizeof packet}, &out), OK);
    ck_assert_uint_eq(out.frames, AUDIO_FRAMES_MAX);
    ck_assert_int_eq(opusdec_conceal(dec, &out), OK);
    ck_assert_uint_eq(out.frames, AUDIO_FRAMES_MAX);
    opusdec_free(dec);
}
END_TEST

SUITE("media opusdec", lost_packets_come_back_by_in_band_fec,
      lost_packets_are_concealed_and_counted, a_packet_without_a_copy_conceals,
      concealment_fades_and_takes_the_last_length, bad_packets_are_refused_and_change_nothing,
      a_packet_of_120_ms_fits)
