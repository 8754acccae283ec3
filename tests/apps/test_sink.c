#include "apps/sink.h"
#include "media/source.h"
#include "media/vp8enc.h"
#include "tests/suite.h"

static struct sink *sink;
static struct vp8enc *encoder;
static struct picture picture;

static void setup(void)
{
    char why[SINK_WHY_MAX];
    sink = sink_new(&(struct sink_config){0}, why);
    encoder = vp8enc_new(&(struct vp8enc_config){0});
    ck_assert(sink && encoder);
    ck_assert_int_eq(picture_resize(&picture, 320, 240), OK);
}

static void teardown(void)
{
    char why[SINK_WHY_MAX];
    sink_free(sink, why);
    vp8enc_free(encoder);
    picture_free(&picture);
}

/* The n-th picture comes, `lost` packets after the one before. */
static bool take(unsigned n, uint32_t lost)
{
    struct vp8_encoded encoded;
    source_draw(&picture, n, 30);
    ck_assert_int_eq(vp8enc_encode(encoder, &picture, n * MS(33), n == 0, &encoded), OK);
    struct rtp_frame f = {
        .payload = encoded.data, .timestamp = n * 3000, .key = encoded.key, .lost_before = lost};
    return sink_frame(sink, 0, RTP_VP8, &f, n * MS(33));
}

/* After a loss rtp/receiver gives out only a frame that refers to nothing that was lost: padding
 * was, or a frame that nothing refers to (RFC 7741 §4.2, the N bit). */
START_TEST(a_frame_behind_a_loss_that_it_does_not_refer_to_is_decoded)
{
    setup();
    ck_assert(take(0, 0));
    ck_assert(take(1, 1));
    ck_assert(take(2, 0));
    ck_assert_uint_eq(sink_track(sink, 0)->frames, 3);
    ck_assert_uint_eq(sink_track(sink, 0)->undecodable, 0);
    teardown();
}
END_TEST

SUITE("sink", a_frame_behind_a_loss_that_it_does_not_refer_to_is_decoded)
