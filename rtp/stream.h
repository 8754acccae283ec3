/* What the two ends of a media stream have in common: kinds, extension ids, feedback, frames. */
#ifndef DUET_RTP_STREAM_H
#define DUET_RTP_STREAM_H

#include "base/bytes.h"
#include "base/clock.h"

#define RTP_MID_MAX           32   /* bytes of a mid; the one-byte extension carries only 16 */
#define RTP_PACKET_LEN        1200 /* overall bytes of an RTP packet that we make, before SRTP */
#define RTP_PAYLOAD_TYPES_MAX 8    /* a receiver accepts */

enum rtp_kind { RTP_VP8, RTP_OPUS };

/* The ids that the descriptions agreed on (a=extmap); 0: not agreed. */
struct rtp_extension_ids {
    uint8_t mid;           /* urn:ietf:params:rtp-hdrext:sdes:mid, RFC 9143 §15.3 */
    uint8_t abs_send_time; /* http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time */
    uint8_t transport_cc;  /* draft-holmer-rmcat-transport-wide-cc-extensions-01 */
    uint8_t audio_level;   /* urn:ietf:params:rtp-hdrext:ssrc-audio-level, RFC 6464 */
};

/* What a=rtcp-fb agreed on. */
struct rtp_feedback_flags {
    bool nack, pli, fir, transport_cc, remb;
};

#define RTP_LEVEL_UNKNOWN 0xFF

/* One encoded frame: a VP8 frame, or an Opus packet. */
struct rtp_frame {
    struct bytes payload;
    /* In units of the stream's clock, from any origin; frames of one instant, the same. Sending: a
     * random offset is added (RFC 3550 §5.1). Receiving: the sender's, made 64 bits. */
    uint64_t timestamp;
    bool key;            /* VP8; an Opus packet is always one */
    bool discardable;    /* VP8: nothing refers to it (the N bit) */
    uint8_t audio_level; /* RFC 6464: -dBov, 0 loud to 127 silent; RTP_LEVEL_UNKNOWN */
    bool voice;          /* RFC 6464 V bit, with an audio_level */
    usec captured;       /* sending: when it was taken, on our clock: pairs NTP and RTP time */

    /* Receiving only. */
    uint16_t width, height;   /* of a key frame */
    usec arrived;             /* when its last packet came */
    bool has_captured_unix;   /* a sender report mapped the timestamp */
    int64_t captured_unix_us; /* microseconds since 1970 on the sender's clock */
    uint32_t lost_before;     /* packets that never came since the frame before */
};

#endif
