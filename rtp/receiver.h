/* One stream that we receive: packets are put in order, what is missing is asked for, frames come
 * out whole and in order, and a key frame is asked for when they can't. RFC 3550, 4585, 4588,
 * 5104, 7741, 7587. */
#ifndef DUET_RTP_RECEIVER_H
#define DUET_RTP_RECEIVER_H

#include "rtp/jitter.h"
#include "rtp/nack.h"
#include "rtp/packet.h"
#include "rtp/report.h"
#include "rtp/seq.h"
#include "rtp/stream.h"

#define RTP_JUMP_MAX    1000    /* a gap beyond this is a new beginning (invariant 53) */
#define RTP_KEY_WAIT    MS(300) /* between key frame requests of ours */
#define RTP_GAP_WAIT    SEC(1)  /* for a packet that NACKs ask for */
#define RTP_GAP_UNASKED MS(100) /* video without NACK: only reordering can help */
#define RTP_GAP_AUDIO   MS(60)  /* a playout buffer of three packets */
#define RTP_GAP_KEY     MS(30)  /* when a whole key frame waits behind it */
#define RTP_IDLE        SEC(1)  /* after which another unsignaled SSRC may take the stream over */

/* From RTP time to the sender's wall clock, by its last SR. */
struct rtp_clock_map {
    bool known;
    uint64_t timestamp; /* extended */
    int64_t unix_us;
};

struct rtp_receiver {
    struct rtp_receiver_config config; /* its mid points to `mid` */
    uint8_t mid[RTP_MID_MAX];
    uint32_t ssrc, rtx_ssrc; /* 0: not known yet */
    uint32_t old_rtx_ssrc;   /* of the source before; 0: none */
    bool announced;          /* RTP_STREAM_NEW was told */
    bool rtx_heard;
    bool gone; /* it said BYE, and nothing newer came since */
    usec last_packet, last_rtx;

    struct rtp_counter sequence, timestamp;
    bool restart_armed; /* RFC 3550 A.1: a packet from far away came; the next one decides */
    uint16_t restart_sequence;

    struct rtp_jitter jitter;
    struct rtp_nack nack;
    struct rtp_reception reception;
    struct rtp_clock_map map;

    bool ready; /* the front is a frame for the decoder, up to: */
    uint64_t ready_last;

    /* Continuity of what the decoder got. */
    bool broken; /* something was lost: needs a key frame, or proof that no frame is missing */
    uint16_t last_picture_id;
    uint32_t lost; /* packets since the last frame that was given out */

    usec begun_at;     /* when the first packet came */
    bool awaits_start; /* it was no frame's first: that one may have been overtaken */

    bool key_wanted;
    bool key_asked; /* at key_asked_at */
    usec key_asked_at;
    uint8_t fir_sequence;

    struct rtp_receiver_stats stats;
};

/* E_MALFORMED, E_FULL (mid too long, too many types) or E_NOMEM: nothing to free. */
enum err rtp_receiver_init(struct rtp_receiver *r, const struct rtp_receiver_config *cfg);
enum err rtp_receiver_update(struct rtp_receiver *r, const struct rtp_receiver_config *cfg);
void rtp_receiver_free(struct rtp_receiver *r);
/* Another source: all state of the stream but the statistics begins anew. */
void rtp_receiver_restart(struct rtp_receiver *r, uint32_t ssrc);

/* Whether RTX from this SSRC may still be of the source before: what it repeats has that one's
 * sequence numbers (RFC 4588 §4), which the present one uses for other packets. */
bool rtp_receiver_is_old_rtx(const struct rtp_receiver *r, uint32_t ssrc, usec now);

/* The agreed type of this number; NULL: none. */
const struct rtp_payload_type *rtp_receiver_type(const struct rtp_receiver *r, uint8_t pt);

/* A packet of the stream, or one that RTX brought back. */
enum err rtp_receiver_input(struct rtp_receiver *r, const struct rtp_packet *p, bool recovered,
                            usec now, struct fault *fault);
/* RFC 4588 §4: the original packet out of an RTX packet. E_UNSUPPORTED: a probe, with nothing in
 * it. */
enum err rtp_receiver_unwrap(const struct rtp_receiver *r, const struct rtp_packet *rtx,
                             struct rtp_packet *original, struct fault *fault);
/* Its source said BYE (RFC 3550 §6.6): asked for nothing any more. */
void rtp_receiver_bye(struct rtp_receiver *r, usec now);
void rtp_receiver_sr(struct rtp_receiver *r, const struct rtcp_sender_info *info, usec now);

/* Gives up what waited long enough, and frames that can't be decoded. Input does it too. */
void rtp_receiver_tick(struct rtp_receiver *r, usec now);
/* The next whole frame. Its payload lives until the next call. */
bool rtp_receiver_frame(struct rtp_receiver *r, struct rtp_frame *f, usec now);
/* Something is missing, or a key frame is wanted: the next two may have something to ask for. */
bool rtp_receiver_has_wish(const struct rtp_receiver *r);
/* Sequence numbers to ask for now. */
size_t rtp_receiver_nacks(struct rtp_receiver *r, uint16_t *out, size_t max, usec rtt, usec now);
/* The decoder lost its way: nothing but a key frame helps it. No effect on audio. */
void rtp_receiver_want_key(struct rtp_receiver *r);
/* A key frame should be asked for now; the caller asks. */
bool rtp_receiver_key_due(struct rtp_receiver *r, usec now);
usec rtp_receiver_deadline(const struct rtp_receiver *r);

#endif
