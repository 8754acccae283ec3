#include "media/opusenc.h"

#include <opus.h>
#include <stdlib.h>

struct opusenc {
    OpusEncoder *opus;
    uint8_t packet[OPUSENC_PACKET_MAX];
};

static int clamp(unsigned v, unsigned low, unsigned high)
{
    return (int)(v < low ? low : v > high ? high : v);
}

struct opusenc *opusenc_new(const struct opusenc_config *cfg)
{
    struct opusenc *enc = calloc(1, sizeof *enc);
    if (!enc) return NULL;
    int failed;
    enc->opus = opus_encoder_create(AUDIO_RATE, AUDIO_CHANNELS, OPUS_APPLICATION_AUDIO, &failed);
    if (!enc->opus) {
        free(enc);
        return NULL;
    }
    opus_encoder_ctl(enc->opus, OPUS_SET_INBAND_FEC(1));
    opus_encoder_ctl(enc->opus, OPUS_SET_DTX(cfg->dtx));
    opusenc_set_bitrate(enc, cfg->bitrate_bps ? cfg->bitrate_bps : 48000);
    opusenc_set_loss(enc, cfg->loss_percent);
    return enc;
}

void opusenc_free(struct opusenc *enc)
{
    if (!enc) return;
    opus_encoder_destroy(enc->opus);
    free(enc);
}

enum err opusenc_encode(struct opusenc *enc, const int16_t samples[AUDIO_BLOCK * AUDIO_CHANNELS],
                        struct bytes *packet)
{
    *packet = (struct bytes){0};
    int len = opus_encode(enc->opus, samples, AUDIO_BLOCK, enc->packet, sizeof enc->packet);
    if (len <= 0) return E_STATE;
    *packet = (struct bytes){enc->packet, (size_t)len};
    return OK;
}

void opusenc_set_bitrate(struct opusenc *enc, unsigned bitrate_bps)
{
    opus_encoder_ctl(enc->opus, OPUS_SET_BITRATE(clamp(bitrate_bps, 6000, 510000)));
}

void opusenc_set_loss(struct opusenc *enc, unsigned percent)
{
    opus_encoder_ctl(enc->opus, OPUS_SET_PACKET_LOSS_PERC(clamp(percent, 0, 100)));
}
