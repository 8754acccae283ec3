/* All RTP and RTCP of one bundled transport: the machine that peer/ wraps with protection and
 * routes. Plain packets in, plain packets out; whole encoded frames on the other side.
 *
 * RFC 3550 (reports, timing), 4585 and 5506 (early, reduced-size feedback), 5104 (FIR), 4588
 * (RTX), 5761 (RTCP beside RTP), 9143 §9.2 (which stream a packet belongs to),
 * draft-holmer-rmcat-transport-wide-cc-extensions-01, draft-alvestrand-rmcat-remb.
 *
 * Memory: the session itself is taken by rtp_session_new (RTP_SESSION_BYTES at most); the first
 * sender and the first receiver bring 16 KiB each for transport-wide feedback, which stay; what a
 * stream needs is taken when it is added, given back when it is removed, and stated at
 * rtp_sender_config.history and rtp_receiver_config.packets. No packet and no frame allocates.
 *
 * After every call the driver drains rtp_session_output and rtp_session_event until both are dry
 * (a frame's payload is a view into the session: it lives until the next call), then asks the
 * deadline. */
#ifndef DUET_RTP_SESSION_H
#define DUET_RTP_SESSION_H

#include "base/packet.h"
#include "base/rng.h"
#include "rtp/stream.h"

#define RTP_SENDERS_MAX   16
#define RTP_RECEIVERS_MAX 16
#define RTP_CNAME_LEN     16         /* characters: 96 bits, RFC 7022 §4.2 */
#define RTP_SESSION_BYTES (4 * 1024) /* a session without streams is smaller than this */

struct rtp_session; /* opaque */

struct rtp_session_config {
    struct rng rng;     /* rng_fork of the connection's */
    const char *cname;  /* copied, at most 63 characters; NULL: drawn. The same in SDP's a=ssrc */
    int64_t unix_us;    /* microseconds since 1970 at time 0 of the driver's clock, for NTP times */
    bool reduced_size;  /* a=rtcp-rsize agreed (RFC 5506); else feedback goes in compound packets */
    bool plain_resends; /* answer NACKs without RTX by the identical packet. Only where SRTP is
                         * told to allow it (libsrtp: allow_repeat_tx); identical bytes repeat a
                         * nonce without harm, changed ones would break GCM (RFC 7714 §8.1) */
};

/* 16 fresh base64 characters (RFC 7022 §4.2) and a NUL. */
void rtp_cname_draw(struct rng *rng, char to[RTP_CNAME_LEN + 1]);

/* NULL: no memory. */
struct rtp_session *rtp_session_new(const struct rtp_session_config *cfg);
void rtp_session_free(struct rtp_session *s); /* NULL is fine */
const char *rtp_session_cname(const struct rtp_session *s);
/* What the latest descriptions say of a=rtcp-rsize: from the next feedback on. */
void rtp_session_set_reduced_size(struct rtp_session *s, bool reduced_size);

/* E_MALFORMED: a number is out of range; E_FULL: RTP_SENDERS_MAX; E_NOMEM; E_STATE: the SSRC is
 * in use. `*sender` is the index by which the stream is known; it stays until removed. */
enum err rtp_session_add_sender(struct rtp_session *s, const struct rtp_sender_config *cfg,
                                size_t *sender);
/* After renegotiation: payload types, extensions, feedback, mid, and whether there is RTX (its SSRC
 * or 0; E_STATE: another stream has it). Kind, SSRC, max_packet and history stay as they were
 * added. Sequence numbers go on. A paused stream does, too. */
enum err rtp_session_update_sender(struct rtp_session *s, size_t sender,
                                   const struct rtp_sender_config *cfg);
/* The descriptions want nothing of it for now (RFC 3264 §8.4: a hold): frames are refused with
 * E_STATE, what waits is dropped, until rtp_session_update_sender. */
void rtp_session_pause_sender(struct rtp_session *s, size_t sender);
/* Gives its memory back; an RTCP BYE follows from the next output. Its SSRCs are gone for good
 * under these SRTP keys: whoever forgot what was sent would use an index twice (RFC 3711 §3.3.1),
 * or one that the peer takes for a replay. What may come back is paused. */
void rtp_session_remove_sender(struct rtp_session *s, size_t sender);

enum err rtp_session_add_receiver(struct rtp_session *s, const struct rtp_receiver_config *cfg,
                                  size_t *receiver);
/* After renegotiation. A new signaled SSRC starts the stream afresh; `packets` and kind stay. */
enum err rtp_session_update_receiver(struct rtp_session *s, size_t receiver,
                                     const struct rtp_receiver_config *cfg);
void rtp_session_remove_receiver(struct rtp_session *s, size_t receiver);

/* Takes a frame to send: cut into packets at once, which wait in the sender's history for output.
 * The payload is copied. E_STATE: no such sender, paused, or no key frame where one is needed;
 * E_MALFORMED: empty, or Opus longer than a packet; E_FULL: the history has no room (a slow driver,
 * or a frame of more packets than it holds): then RTP_KEY_WANTED follows for video, again
 * and again until a key frame is taken: what refers to the frame that was dropped is refused. */
enum err rtp_session_send(struct rtp_session *s, size_t sender, const struct rtp_frame *frame,
                          usec now);
/* There was no way to send this frame, so it is as one that was refused: RTP_KEY_WANTED, and
 * nothing that refers to it. */
void rtp_session_miss(struct rtp_session *s, size_t sender, const struct rtp_frame *frame,
                      usec now);
/* The receiver's decoder could not go on: asks for a key frame, as far as the limits allow. */
void rtp_session_want_key(struct rtp_session *s, size_t receiver);
/* The round trip, if somebody knows it better (ICE); used until reports tell. */
void rtp_session_set_rtt(struct rtp_session *s, usec rtt);

/* Whether a packet that is still protected belongs to a stream, by its header, which is in clear:
 * one that does not is not worth opening. True for what is no whole header, too: opening it names
 * why. */
bool rtp_session_expects(struct rtp_session *s, struct bytes sealed, usec now);
/* An authenticated, plain RTP packet. An error means: dropped, rtp_session_fault says why. */
enum err rtp_session_input_rtp(struct rtp_session *s, const struct packet *plain, usec now);
/* An authenticated, plain RTCP compound or reduced-size packet: acted upon as a whole or not at
 * all. Feedback about streams or packets that we don't know is ignored, without error. */
enum err rtp_session_input_rtcp(struct rtp_session *s, struct bytes plain, usec now);
void rtp_session_tick(struct rtp_session *s, usec now);
/* Writes the next plain packet; the caller protects it as what `is_rtcp` says. False: none now. */
bool rtp_session_output(struct rtp_session *s, struct packet *out, bool *is_rtcp, usec now);
usec rtp_session_deadline(const struct rtp_session *s);
const struct fault *rtp_session_fault(const struct rtp_session *s);

struct rtp_event {
    enum {
        RTP_FRAME,      /* stream: receiver; as.frame, whole, in order */
        RTP_KEY_WANTED, /* stream: sender: the next frame should be a key frame (at most 1/s) */
        RTP_BITRATE,    /* as.bitrate: the peer's REMB, bit/s for all that we send */
        RTP_BYE,        /* stream: receiver; as.ssrc left */
        RTP_STREAM_NEW  /* stream: receiver; as.ssrc: its first packet came */
    } type;
    size_t stream;
    union {
        struct rtp_frame frame;
        uint32_t ssrc;
        uint64_t bitrate;
    } as;
};

bool rtp_session_event(struct rtp_session *s, struct rtp_event *ev);

struct rtp_session_stats {
    uint64_t rtp_packets_in, rtcp_packets_in;
    uint64_t rtp_packets_out, rtcp_packets_out;
    uint64_t malformed;             /* refused by a parser */
    uint64_t unknown_stream;        /* no receiver for SSRC, MID or payload type */
    uint64_t unknown_type;          /* a known stream's packet with a payload type not agreed on */
    uint64_t probes;                /* padding without payload: dropped, as it should be */
    uint64_t feedback_unknown;      /* feedback about what we did not send, or no longer know */
    uint64_t twcc_acked, twcc_lost; /* of our packets, by transport-wide feedback */
    usec rtt;                       /* best knowledge; 0: unknown */
};

/* False: no such stream. */
bool rtp_session_sender_stats(const struct rtp_session *s, size_t sender,
                              struct rtp_sender_stats *out);
bool rtp_session_receiver_stats(const struct rtp_session *s, size_t receiver,
                                struct rtp_receiver_stats *out);
struct rtp_session_stats rtp_session_stats(const struct rtp_session *s);

#endif
