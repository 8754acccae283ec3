/* One stream that we send: frames are cut into packets at once, packets leave paced, and are sent
 * again when they are missed. RFC 3550 §5.1, 7741 §4, 7587 §4, 4588, 4585 §6.2.1, 5104 §4.3.1. */
#ifndef DUET_RTP_SENDER_H
#define DUET_RTP_SENDER_H

#include "base/packet.h"
#include "base/rng.h"
#include "rtp/history.h"
#include "rtp/rtcp.h"
#include "rtp/stream.h"

/* A large frame leaves in bursts that a home router's queue takes: 4,000 packets a second. */
#define RTP_PACE_BURST    16
#define RTP_PACE_INTERVAL MS(4)

#define RTP_RESENDS_MAX    64          /* waiting to be resent at a time */
#define RTP_RESEND_AGE     SEC(1)      /* older packets come too late to be of use */
#define RTP_RESEND_SHARE   4           /* one byte may be resent for each so many sent... */
#define RTP_RESEND_CREDIT  (16 * 1024) /* ...beyond these, which a stream begins with... */
#define RTP_RESEND_SAVED   (64 * 1024) /* ...and of which it saves at most so many */
#define RTP_KEY_INTERVAL   SEC(1)      /* between key frames that others ask for */
#define RTP_REQUESTERS_MAX 4           /* peers whose FIR sequence we remember */

struct rtp_sender {
    struct rtp_sender_config config; /* its mid points to `mid` */
    uint8_t mid[RTP_MID_MAX];
    struct rtp_history history;
    uint32_t timestamp_offset; /* RFC 3550 §5.1: random */
    uint16_t picture_id;       /* 15 bits, RFC 7741 §4.2 */
    uint16_t rtx_sequence;
    bool paused;
    bool key_needed; /* video: a frame was not sent, what refers to it would be of no use */
    bool begun;      /* a frame was sent: these describe the last one */
    uint32_t last_timestamp;
    usec last_captured;
    uint32_t frame_ticks; /* its duration, of Opus */
    usec last_sent;

    unsigned burst_left;
    usec burst_at; /* when burst_left is full again */

    uint64_t resends[RTP_RESENDS_MAX]; /* indexes, first in first out */
    size_t resend_first, resend_count;
    size_t credit; /* bytes that may be resent */

    bool key_asked;
    usec key_next; /* not before this */
    struct {
        bool used;
        uint32_t ssrc;
        uint8_t sequence;
    } fir[RTP_REQUESTERS_MAX];
    size_t fir_next;

    struct rtp_sender_stats stats;
};

/* E_MALFORMED, E_FULL (mid too long) or E_NOMEM: nothing to free. */
enum err rtp_sender_init(struct rtp_sender *s, const struct rtp_sender_config *cfg,
                         struct rng *rng);
/* A paused stream goes on. */
enum err rtp_sender_update(struct rtp_sender *s, const struct rtp_sender_config *cfg);
/* As rtp_session_pause_sender. */
void rtp_sender_pause(struct rtp_sender *s);
void rtp_sender_free(struct rtp_sender *s);

/* As rtp_session_send; a frame that is refused asks for a key frame. */
enum err rtp_sender_frame(struct rtp_sender *s, const struct rtp_frame *f);
/* As rtp_session_miss. */
void rtp_sender_miss(struct rtp_sender *s, const struct rtp_frame *f);

/* Something waits, and the pace lets it go. */
bool rtp_sender_ready(const struct rtp_sender *s, usec now);
/* Writes the next packet: what is to be resent, then what waits. `transport` is the next
 * transport-wide sequence number, counted on if it was used. False: not ready, or what was to be
 * resent is gone: then nothing waits. */
bool rtp_sender_output(struct rtp_sender *s, struct packet *out, uint16_t *transport,
                       bool plain_resends, usec now);
usec rtp_sender_deadline(const struct rtp_sender *s);

/* The peer misses this sequence number. Resent at most once per round trip and within a share of
 * what was sent. False: we don't know the packet. */
bool rtp_sender_nack(struct rtp_sender *s, uint16_t sequence, usec rtt, usec now);
/* PLI, or our own need. */
void rtp_sender_ask_key(struct rtp_sender *s);
/* FIR: a repeated sequence number is the same request (RFC 5104 §4.3.1.2). */
void rtp_sender_fir(struct rtp_sender *s, uint32_t from, uint8_t sequence);
/* True once when a key frame should be made: at most every RTP_KEY_INTERVAL. */
bool rtp_sender_key_due(struct rtp_sender *s, usec now);

/* Has sent lately: RFC 3550 §6.4, an SR and not an RR. */
bool rtp_sender_is_active(const struct rtp_sender *s, usec now);
/* Sender info: NTP and RTP time of the same instant, `now`. */
struct rtcp_sender_info rtp_sender_info(const struct rtp_sender *s, uint64_t ntp_now, usec now);
/* A report block about this stream. */
void rtp_sender_report(struct rtp_sender *s, const struct rtcp_report *report, uint64_t ntp_now);

#endif
