/* What the files of rtp/ share. */
#ifndef DUET_RTP_INTERNAL_H
#define DUET_RTP_INTERNAL_H

#include "base/ring.h"
#include "rtp/receiver.h"
#include "rtp/sender.h"
#include "rtp/session.h"
#include "rtp/twcc.h"

/* Leaves a fault of layer "rtp" (or another) and returns its error; `fault` may be NULL. */
static inline enum err rtp_refuse(struct fault *fault, enum err err, const char *layer,
                                  size_t offset, const char *rule)
{
    if (fault) *fault = (struct fault){.err = err, .layer = layer, .offset = offset, .rule = rule};
    return err;
}

/* The same from a failed reader whose start lies `base` bytes into the datagram. */
static inline enum err rtp_refuse_reader(struct fault *fault, const struct reader *r,
                                         const char *layer, size_t base)
{
    struct fault f = reader_fault(r, layer);
    f.offset += base;
    if (fault) *fault = f;
    return f.err;
}

#define RTP_CNAME_MAX  63
#define RTP_EVENTS_MAX 64

/* RFC 3550 §6.2 and RFC 4585 §3.4: reports about once a second (T_rr_interval), each interval
 * spread over half to one and a half of it. Feedback does not wait for them. */
#define RTP_REPORT_INTERVAL SEC(1)

/* An event about an SSRC that waits. Frames and the rest are asked for when their turn comes. */
struct rtp_note {
    uint8_t type; /* of struct rtp_event */
    uint8_t stream;
    uint32_t ssrc;
};

struct rtp_session {
    struct rng rng;
    char cname[RTP_CNAME_MAX + 1];
    int64_t unix_us;
    bool reduced_size, plain_resends;
    uint32_t own_ssrc; /* who reports while we send nothing */
    usec now;          /* of the last call that told it */
    usec known_rtt;    /* by rtp_session_set_rtt */
    usec rtt;          /* by reports; 0: none yet */

    struct rtp_sender *senders[RTP_SENDERS_MAX]; /* NULL: free */
    struct rtp_receiver *receivers[RTP_RECEIVERS_MAX];
    size_t sender_end, receiver_end; /* behind the last that was ever used */
    size_t next_receiver;            /* whose frame is asked for first: in turn */
    size_t next_sender;

    struct twcc_recorder *arrivals;  /* NULL: no receiver was ever added */
    struct twcc_history *departures; /* NULL: no sender was */

    usec report_at;         /* TIME_NEVER: nothing came or went yet */
    uint32_t reports_due;   /* a bit a sender whose SR is to be written */
    bool report_blocks_due; /* the first of them, or an RR, carries all report blocks */
    uint32_t leaving[RTP_SENDERS_MAX * 2]; /* SSRCs for BYE */
    size_t leaving_count;

    struct ring events;
    struct rtp_note event_items[RTP_EVENTS_MAX];
    bool bitrate_told;
    uint64_t bitrate; /* the newest REMB, until it is told */

    struct rtp_session_stats stats;
    struct fault fault;
};

/* session_rtcp.c: RTCP of a session, both ways. */

/* Something came or went: reports begin. */
void rtp_session_wake_reports(struct rtp_session *s, usec now);
/* Lets timers make RTCP due. */
void rtp_session_tick_reports(struct rtp_session *s, usec now);
/* Writes the next RTCP datagram; false: none now. */
bool rtp_session_output_rtcp(struct rtp_session *s, struct packet *out, usec now);
usec rtp_session_deadline_rtcp(const struct rtp_session *s);
/* Our NTP time (RFC 3550 §4) at `now`. */
uint64_t rtp_session_ntp(const struct rtp_session *s, usec now);
/* Round trip to reckon with: reports, else what was told, else 0. */
usec rtp_session_rtt(const struct rtp_session *s);
/* Queues one of enum rtp_event's types that is about an SSRC: RTP_BYE or RTP_STREAM_NEW. */
void rtp_session_push(struct rtp_session *s, int type, size_t stream, uint32_t ssrc);
struct rtp_receiver *rtp_session_by_ssrc(struct rtp_session *s, uint32_t ssrc, size_t *index);

/* What the files of rtp/explain share (rtp/explain.h). */
struct explain;
struct rtcp_packet;

/* Fails `x` with a fault of `part`, a view of x's message: its offset becomes one of the message.
 */
void rtp_explain_fault(struct explain *x, struct bytes part, const struct fault *fault);
/* Fields of one header extension element with this URI (none: not known); `element` begins with its
 * id, `data` is what it carries. */
void rtp_explain_element(struct explain *x, uint8_t id, struct bytes uri, struct bytes element,
                         struct bytes data);
/* Fields of a payload, without members; a payload that can't be read is a broken field. */
void vp8_explain_payload(struct explain *x, struct bytes payload);
void opus_explain_payload(struct explain *x, struct bytes payload);
/* Fields of a RED payload's headers; answers the last block, the packet's own, and its type. Empty:
 * it can't be read, and a broken field says so. */
struct bytes rtp_explain_red(struct explain *x, struct bytes payload, uint8_t *type);
/* Fields and members of one feedback or XR packet. */
enum err rtcp_explain_feedback(struct explain *x, const struct rtcp_packet *p, struct fault *fault);
enum err rtcp_explain_xr(struct explain *x, const struct rtcp_packet *p, struct fault *fault);

#endif
