/* Opus in RTP: one packet is one frame of the stream, whole (RFC 7587 §4.2). What the first byte
 * says: RFC 6716 §3.1. */
#ifndef DUET_RTP_OPUS_H
#define DUET_RTP_OPUS_H

#include "base/bytes.h"

#define OPUS_CLOCK      48000 /* RFC 7587 §4.1: whatever rate the codec runs at */
#define OPUS_PACKET_MAX 5760  /* samples: no packet is longer than 120 ms, RFC 6716 §3.2 [R5] */

struct opus_info {
    uint8_t config; /* 0 to 31: mode, bandwidth, frame size */
    bool stereo;
    uint8_t frames;         /* 1 to 48 */
    uint16_t frame_samples; /* of one frame, at 48 kHz */
    uint16_t samples;       /* of the packet: frames * frame_samples */
    struct fault fault;     /* why opus_parse refused */
};

/* Reads the table of contents and checks that frame lengths fit the packet (RFC 6716 §3.4). */
enum err opus_parse(struct opus_info *info, struct bytes payload);

#endif
