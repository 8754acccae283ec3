/* An Opus encoder (RFC 6716) over libopus: 48 kHz stereo, 20 ms packets, with in-band forward error
 * correction (RFC 7587 3.3, "useinbandfec=1"): each packet can repeat the one before, coarsely.
 * libopus does so where loss is expected and in what it takes for active speech, not in a steady
 * tone. */
#ifndef DUET_MEDIA_OPUSENC_H
#define DUET_MEDIA_OPUSENC_H

#include "media/frame.h"

struct opusenc; /* opaque */

/* The longest packet of one 20 ms frame: 1275 bytes and the TOC (RFC 6716 3.2.1). */
#define OPUSENC_PACKET_MAX 1276

struct opusenc_config {
    unsigned
        bitrate_bps; /* bits a second; 0: 48,000. Clamped to 6,000 .. 510,000 (RFC 7587 3.1.1) */
    unsigned loss_percent; /* what the path is expected to lose, 0 .. 100: FEC grows with it */
    bool dtx;              /* send next to nothing in silence (RFC 7587 3.1.3) */
};

struct opusenc *opusenc_new(const struct opusenc_config *cfg); /* NULL: no memory */
void opusenc_free(struct opusenc *enc);

/* Encodes AUDIO_BLOCK samples of both channels, interleaved. `*packet` is a view valid until the
 * next call; empty on an error. With dtx a packet of at most 2 bytes need not be sent (the RTP
 * timestamp goes on). E_STATE: libopus refused. */
enum err opusenc_encode(struct opusenc *enc, const int16_t samples[AUDIO_BLOCK * AUDIO_CHANNELS],
                        struct bytes *packet);
/* From the next block on. Bits a second; percent of packets. */
void opusenc_set_bitrate(struct opusenc *enc, unsigned bitrate_bps);
void opusenc_set_loss(struct opusenc *enc, unsigned percent);

#endif
