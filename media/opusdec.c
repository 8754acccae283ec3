#include "media/opusdec.h"

#include <opus.h>
#include <stdlib.h>

struct opusdec {
    OpusDecoder *opus;
    size_t last_frames; /* of the last good packet */
    uint64_t concealed;
    struct fault fault;
    int16_t samples[AUDIO_FRAMES_MAX * AUDIO_CHANNELS];
};

struct opusdec *opusdec_new(void)
{
    struct opusdec *dec = calloc(1, sizeof *dec);
    if (!dec) return NULL;
    int failed;
    dec->opus = opus_decoder_create(AUDIO_RATE, AUDIO_CHANNELS, &failed);
    if (!dec->opus) {
        free(dec);
        return NULL;
    }
    dec->last_frames = AUDIO_BLOCK;
    return dec;
}

void opusdec_free(struct opusdec *dec)
{
    if (!dec) return;
    opus_decoder_destroy(dec->opus);
    free(dec);
}

static enum err refuse(struct opusdec *dec, enum err err, const char *rule)
{
    dec->fault = (struct fault){.err = err, .layer = "opus", .rule = rule};
    return err;
}

size_t opusdec_packet_frames(struct bytes packet)
{
    if (!packet.len || packet.len > INT32_MAX) return 0;
    /* The frames are parsed too: opus_packet_get_nb_samples reads no further than their count. */
    opus_int16 sizes[48];
    int len = (int)packet.len;
    if (opus_packet_parse(packet.at, len, NULL, NULL, sizes, NULL) < 0) return 0;
    int frames = opus_packet_get_nb_samples(packet.at, len, AUDIO_RATE);
    return frames > 0 && frames <= AUDIO_FRAMES_MAX ? (size_t)frames : 0;
}

/* Does the packet repeat the one before it (LBRR)? RFC 6716 3.1: configurations 16 and up are
 * CELT, which can't. RFC 6716 4.2.3: a SILK frame starts with a VAD bit for each 20 ms and one bit
 * for "LBRR frames follow", all this for the middle and then, in stereo, for the side channel. */
static bool has_copy(struct bytes packet)
{
    const unsigned char *frames[48];
    opus_int16 sizes[48];
    if (packet.at[0] & 0x80) return false;
    if (opus_packet_parse(packet.at, (int)packet.len, NULL, frames, sizes, NULL) <= 0) return false;
    if (sizes[0] < 1) return false;
    int per_frame = opus_packet_get_samples_per_frame(packet.at, AUDIO_RATE);
    int vad_bits = per_frame > AUDIO_BLOCK ? per_frame / AUDIO_BLOCK : 1;
    bool middle = frames[0][0] >> (7 - vad_bits) & 1;
    bool side =
        opus_packet_get_nb_channels(packet.at) == 2 && (frames[0][0] >> (6 - 2 * vad_bits) & 1);
    return middle || side;
}

static enum err check(struct opusdec *dec, struct bytes packet)
{
    dec->fault = (struct fault){0};
    if (!packet.len)
        return refuse(dec, E_TRUNCATED, "a packet has at least one byte (RFC 6716 3.4 R1)");
    if (!opusdec_packet_frames(packet))
        return refuse(dec, E_MALFORMED, "the frames don't fit the packet (RFC 6716 3.4)");
    return OK;
}

/* `frames`: the room to fill; a packet without bytes is concealed, `copy`: FEC of the one before.
 */
static enum err run(struct opusdec *dec, struct bytes packet, size_t frames, bool copy,
                    struct audio *out)
{
    int got = opus_decode(dec->opus, packet.len ? packet.at : NULL, (int)packet.len, dec->samples,
                          (int)frames, copy);
    if (got < 0) return refuse(dec, E_MALFORMED, "libopus could not decode the packet (RFC 6716)");
    *out = (struct audio){.samples = dec->samples, .frames = (size_t)got};
    return OK;
}

enum err opusdec_decode(struct opusdec *dec, struct bytes packet, struct audio *out)
{
    *out = (struct audio){0};
    enum err err = check(dec, packet);
    if (err == OK) err = run(dec, packet, AUDIO_FRAMES_MAX, false, out);
    if (err == OK) dec->last_frames = out->frames;
    return err;
}

enum err opusdec_recover(struct opusdec *dec, struct bytes next, struct audio *out)
{
    *out = (struct audio){0};
    enum err err = check(dec, next);
    if (err != OK) return err;
    if (!has_copy(next)) return opusdec_conceal(dec, out);
    return run(dec, next, dec->last_frames, true, out);
}

enum err opusdec_conceal(struct opusdec *dec, struct audio *out)
{
    *out = (struct audio){0};
    dec->fault = (struct fault){0};
    enum err err = run(dec, (struct bytes){0}, dec->last_frames, false, out);
    if (err != OK) return err;
    out->concealed = true;
    dec->concealed += out->frames;
    return OK;
}

uint64_t opusdec_concealed(const struct opusdec *dec)
{
    return dec->concealed;
}

const struct fault *opusdec_fault(const struct opusdec *dec)
{
    return &dec->fault;
}
