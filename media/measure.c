#include "media/measure.h"

#include "media/burst.h"
#include "media/source.h"
#include "media/spectrum.h"

#include <math.h>
#include <stdlib.h>

/* Intervals that freezeCount's mean is made of. */
#define FREEZE_FRAMES    30
/* Luma above this is white, below the other black; between them is the cross's grey, or nonsense.
 * The source's white has 217, its grey 126, its black 16. */
#define LUMA_WHITE       172
#define LUMA_BLACK       80
/* Sound below this root mean square of full scale (-60 dB) is silence. */
#define SILENCE          0.001
/* The counter going on by more than this is another source, not a loss. */
#define COUNTER_JUMP_MAX 1000

struct measure {
    struct measure_video video;
    bool flashing;                /* the last frame's flash was on */
    usec first_frame, last_frame; /* when shown */
    usec intervals[FREEZE_FRAMES], interval_sum;
    uint64_t interval_count;

    struct measure_sound sound;
    double squares; /* of all samples of both channels */
    struct spectrum *spectrum;
    struct burst burst;
    size_t window_len;
    float window[SPECTRUM_WINDOW], power[SPECTRUM_LINES], power_sum[SPECTRUM_LINES];

    struct measure_skew skew;
    bool flash_waits, burst_waits; /* for its counterpart */
    usec flash_time, burst_time, skew_sum;
};

struct measure *measure_new(void)
{
    struct measure *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->video.counter = -1;
    burst_init(&m->burst);
    m->spectrum = spectrum_new();
    if (!m->spectrum) {
        free(m);
        return NULL;
    }
    return m;
}

void measure_free(struct measure *m)
{
    if (!m) return;
    spectrum_free(m->spectrum);
    free(m);
}

/* ---- pictures ---- */

/* The inner half of an area: away from its blurred edges. */
static struct area middle(struct area a)
{
    return (struct area){a.x + a.width / 4, a.y + a.height / 4, (a.width + 1) / 2,
                         (a.height + 1) / 2};
}

static bool near(uint8_t a, uint8_t b)
{
    return abs((int)a - (int)b) <= MEASURE_COLOUR_OFF;
}

/* Are all four right when read this way? */
static bool quadrants_match(const struct yuv means[4], struct rgb (*read)(struct yuv))
{
    for (int i = 0; i < 4; i++) {
        struct rgb want = source_colours[i], got = read(means[i]);
        if (!near(got.r, want.r) || !near(got.g, want.g) || !near(got.b, want.b)) return false;
    }
    return true;
}

/* A browser that sends a canvas as BT.709 says so in an RTP extension only, which never reaches us
 * here: read as BT.601 its green is 247 for 200. So either reading will do, but of the whole
 * picture. */
static bool quadrants_good(const struct picture *p)
{
    struct yuv means[4];
    for (int i = 0; i < 4; i++)
        means[i] = picture_mean(p, middle(source_quadrant(p->width, p->height, i)));
    return quadrants_match(means, rgb_of) || quadrants_match(means, rgb_of_bt709_full);
}

static int read_counter(const struct picture *p)
{
    int counter = 0;
    for (int i = 0; i < 16; i++) {
        int luma = picture_mean(p, middle(source_counter_block(p->width, p->height, i))).y;
        if (luma >= LUMA_BLACK && luma <= LUMA_WHITE) return -1;
        counter = counter << 1 | (luma > LUMA_WHITE);
    }
    return counter;
}

struct measure_frame measure_picture(const struct picture *p)
{
    struct area square = middle(source_flash_square(p->width, p->height));
    return (struct measure_frame){
        .good = quadrants_good(p),
        .flash = picture_mean(p, square).y > LUMA_WHITE,
        .counter = read_counter(p),
    };
}

static void count_interval(struct measure *m, usec interval)
{
    /* https://www.w3.org/TR/webrtc-stats/#dom-rtcinboundrtpstreamstats-freezecount */
    if (m->interval_count >= FREEZE_FRAMES) {
        usec mean = m->interval_sum / FREEZE_FRAMES;
        if (interval >= usec_max(3 * mean, mean + MS(150))) {
            m->video.freezes++;
            m->video.frozen_us += interval;
        }
    }
    usec *oldest = &m->intervals[m->interval_count++ % FREEZE_FRAMES];
    m->interval_sum += interval - *oldest;
    *oldest = interval;
}

static void count_counter(struct measure_video *v, int counter)
{
    if (counter >= 0 && v->counter >= 0) {
        uint64_t step = (uint64_t)(counter - v->counter) & 0xFFFF;
        if (step > 1 && step <= COUNTER_JUMP_MAX) v->missing += step - 1;
    }
    if (counter >= 0) v->counter = counter;
}

/* A flash and a burst belong together when they are within half a second. */
static void pair_up(struct measure *m)
{
    if (!m->flash_waits || !m->burst_waits) return;
    usec skew = m->burst_time - m->flash_time;
    if (skew > MS(500)) {
        m->flash_waits = false;
    } else if (skew < -MS(500)) {
        m->burst_waits = false;
    } else {
        m->flash_waits = m->burst_waits = false;
        m->skew_sum += skew;
        m->skew.last_us = skew;
        m->skew.mean_us = m->skew_sum / (usec)++m->skew.pairs;
    }
}

struct measure_frame measure_picture_in(struct measure *m, const struct picture *p, usec time)
{
    struct measure_video *v = &m->video;
    struct measure_frame seen = measure_picture(p);
    if (v->frames == 0) m->first_frame = time;
    if (v->frames > 0) {
        count_interval(m, time - m->last_frame);
        v->sizes += v->width != p->width || v->height != p->height;
    }
    m->last_frame = time;
    v->frames++;
    v->good += seen.good;
    v->width = p->width;
    v->height = p->height;
    if (time > m->first_frame)
        v->fps = (double)(v->frames - 1) * 1e6 / (double)(time - m->first_frame);
    if (seen.good) count_counter(v, seen.counter);

    bool flash = seen.good && seen.flash;
    if (flash && !m->flashing) {
        m->flash_waits = true;
        m->flash_time = time;
        pair_up(m);
    }
    m->flashing = flash;
    return seen;
}

/* ---- sound ---- */

static void measure_window(struct measure *m)
{
    double squares = 0;
    for (size_t i = 0; i < SPECTRUM_WINDOW; i++) squares += (double)m->window[i] * m->window[i];
    m->sound.hz_now = 0;
    if (sqrt(squares / SPECTRUM_WINDOW) < SILENCE) return;
    spectrum_power(m->spectrum, m->window, m->power);
    for (size_t i = 0; i < SPECTRUM_LINES; i++) m->power_sum[i] += m->power[i];
    m->sound.hz_now = spectrum_peak_hz(m->power, AUDIO_RATE);
    m->sound.hz = spectrum_peak_hz(m->power_sum, AUDIO_RATE);
}

void measure_sound_in(struct measure *m, const struct audio *block, usec time)
{
    for (size_t i = 0; i < block->frames; i++) {
        double left = block->samples[2 * i] / 32768.0, right = block->samples[2 * i + 1] / 32768.0;
        m->squares += left * left + right * right;
        float mono = (float)((left + right) / 2);
        m->window[m->window_len++] = mono;
        if (m->window_len == SPECTRUM_WINDOW) {
            measure_window(m);
            m->window_len = 0;
        }
        uint64_t here = m->burst.position, at;
        if (burst_hear(&m->burst, mono, &at)) {
            /* `at` lies before this sample, perhaps in an earlier block. */
            int64_t after = (int64_t)i - (int64_t)(here - at);
            m->burst_time = time + after * 1000000 / AUDIO_RATE;
            m->burst_waits = true;
            pair_up(m);
        }
    }
    m->sound.samples += block->frames;
    if (block->concealed) m->sound.concealed += block->frames;
    if (m->sound.samples)
        m->sound.rms = sqrt(m->squares / ((double)m->sound.samples * AUDIO_CHANNELS));
}

/* ---- results ---- */

struct measure_video measure_video(const struct measure *m)
{
    return m->video;
}

struct measure_sound measure_sound(const struct measure *m)
{
    return m->sound;
}

struct measure_skew measure_skew(const struct measure *m)
{
    return m->skew;
}

bool measure_sound_good(const struct measure_sound *s)
{
    return s->hz >= MEASURE_HZ_MIN && s->hz <= MEASURE_HZ_MAX;
}
