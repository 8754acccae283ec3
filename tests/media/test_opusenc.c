#include "media/opusenc.h"
#include "media/source.h"
#include "tests/suite.h"

/* Bytes of one second of the source's sound. */
static size_t second(struct opusenc *enc)
{
    size_t sum = 0;
    for (uint64_t n = 0; n < 50; n++) {
        int16_t pcm[AUDIO_BLOCK * AUDIO_CHANNELS];
        struct bytes packet;
        source_sound(pcm, AUDIO_BLOCK, n * AUDIO_BLOCK);
        ck_assert_int_eq(opusenc_encode(enc, pcm, &packet), OK);
        ck_assert(packet.len >= 1 && packet.len <= OPUSENC_PACKET_MAX);
        sum += packet.len;
    }
    return sum;
}

START_TEST(the_bit_rate_is_kept_and_can_change)
{
    struct opusenc *enc = opusenc_new(&(struct opusenc_config){0});
    second(enc);
    size_t sum = second(enc); /* 48 kbit/s are 6000 bytes */
    ck_assert_uint_ge(sum, 3000);
    ck_assert_uint_le(sum, 9000);
    opusenc_set_bitrate(enc, 160000);
    second(enc);
    ck_assert_uint_gt(second(enc), sum * 2);
    opusenc_set_bitrate(enc, 0); /* clamped to 6 kbit/s */
    second(enc);
    ck_assert_uint_lt(second(enc), sum / 2);
    opusenc_free(enc);
    opusenc_free(NULL);
}
END_TEST

START_TEST(silence_costs_next_to_nothing_with_dtx)
{
    static const int16_t nothing[AUDIO_BLOCK * AUDIO_CHANNELS];
    struct opusenc *enc = opusenc_new(&(struct opusenc_config){.dtx = true});
    size_t last = 0;
    for (int n = 0; n < 50; n++) {
        struct bytes packet;
        ck_assert_int_eq(opusenc_encode(enc, nothing, &packet), OK);
        last = packet.len;
    }
    ck_assert_uint_le(last, 3);
    opusenc_free(enc);
}
END_TEST

SUITE("media opusenc", the_bit_rate_is_kept_and_can_change, silence_costs_next_to_nothing_with_dtx)
