/* What is said about media streams: how one is configured, its frames, what it counted. */
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

/* One stream that we send. */
struct rtp_sender_config {
    enum rtp_kind kind;
    struct bytes mid;  /* copied; at most RTP_MID_MAX bytes */
    uint32_t ssrc;     /* drawn by the caller, at random (RFC 3550 §8.1) */
    uint32_t rtx_ssrc; /* 0: no RTX */
    uint8_t pt;        /* 0 to 63 or 96 to 127: the rest clashes with RTCP (RFC 5761 §4) */
    uint8_t rtx_pt;    /* with rtx_ssrc */
    uint32_t clock;    /* Hz; 0: 90000 or 48000 by kind */
    size_t max_packet; /* overall bytes; 0: RTP_PACKET_LEN */
    size_t history;    /* packets kept for output and resends, a power of two; 0: 512 for video, 32
                        * for audio. Memory: history * (max_packet + 64) bytes, so 632 KiB and
                        * 40 KiB; a frame of more packets is refused with E_FULL */
    struct rtp_extension_ids extensions;
    struct rtp_feedback_flags feedback;
};

/* A payload type that a receiver takes. */
struct rtp_payload_type {
    uint8_t pt;
    bool is_rtx;
    uint8_t apt;        /* of RTX: the payload type that is repaired (RFC 4588 §8.6) */
    enum rtp_kind kind; /* of the others */
};

/* One stream that we receive: one a=mid section. */
struct rtp_receiver_config {
    struct bytes mid; /* copied; may be empty: no demultiplexing by it */
    enum rtp_kind kind;
    struct rtp_payload_type types[RTP_PAYLOAD_TYPES_MAX];
    size_t type_count;
    uint32_t ssrc;     /* as signaled by a=ssrc; 0: found by MID or payload type */
    uint32_t rtx_ssrc; /* from its FID group; 0: unknown or none */
    uint32_t clock;    /* Hz; 0: by kind */
    size_t packets;    /* reorder buffer, a power of two up to 512; 0: 512 for video, 64 for audio.
                        * Memory: packets * 1560 bytes, for video twice that (a frame is put together
                        * in the second half): 1.5 MiB and 99 KiB (and 9 KiB for the stream itself).
                        * The system gives a large block page by page as it is touched, and rooms
                        * are used again at once: what really counts is the longest frame, and what
                        * waits behind a gap */
    struct rtp_extension_ids extensions;
    struct rtp_feedback_flags feedback;
};

struct rtp_sender_stats {
    uint64_t packets, bytes; /* first sendings; bytes of payload with its padding, as in SR */
    uint64_t resent_packets, resent_bytes;
    uint64_t frames, key_frames;
    uint64_t nacks, plis, firs; /* that came: NACKed sequence numbers, requests */
    uint64_t frames_refused;    /* no room or no path, and what refers to such a frame */
    /* From the peer's last report block; has_report is false before one came. */
    bool has_report;
    int32_t remote_lost;
    uint8_t remote_fraction_lost; /* of 256 */
    usec remote_jitter;
    usec rtt; /* 0: unknown */
};

struct rtp_receiver_stats {
    uint32_t ssrc; /* 0: none came yet */
    uint64_t packets, bytes;
    int64_t lost; /* RFC 3550 A.3: expected less received; negative with duplicates */
    usec jitter;
    uint64_t frames, key_frames, frames_dropped;
    uint64_t nacks, plis, firs; /* that we sent: sequence numbers, requests */
    uint64_t recovered;         /* packets that RTX brought */
    uint64_t duplicates, late, resyncs;
    uint16_t width, height; /* of the last key frame */
};

#endif
