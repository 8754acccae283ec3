/* RTCP feedback: NACK, PLI (RFC 4585 §6), FIR (RFC 5104 §4.3.1), REMB
 * (draft-alvestrand-rmcat-remb §2), transport-wide feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3), and the blocks of XR (RFC 3611). */
#ifndef DUET_RTP_FEEDBACK_H
#define DUET_RTP_FEEDBACK_H

#include "rtp/rtcp.h"

/* The FMT values, RFC 4585 §6.2 and §6.3, RFC 5104 §4.3. */
#define RTPFB_NACK 1
#define RTPFB_RRR  5  /* RFC 6051 §3.2: rapid resynchronisation request */
#define RTPFB_CCFB 11 /* RFC 8888 */
#define RTPFB_TWCC 15
#define PSFB_PLI   1
#define PSFB_FIR   4
#define PSFB_AFB   15 /* application layer feedback: REMB is one */

/* What all feedback packets begin with, RFC 4585 §6.1. */
struct rtcp_feedback {
    uint32_t sender_ssrc;
    uint32_t media_ssrc;
    struct bytes fci; /* feedback control information */
};

enum err rtcp_parse_feedback(struct rtcp_feedback *out, const struct rtcp_packet *p,
                             struct fault *fault);

/* NACK, RFC 4585 §6.2.1: words of a packet id and a mask of the sixteen that follow it. */
struct rtcp_nack_walk {
    struct reader r;
    uint16_t id;
    uint32_t mask; /* of what is still to be told; bit 0 is `id` itself */
};

/* Refuses an FCI that is empty or not whole words. */
enum err rtcp_parse_nack(struct rtcp_nack_walk *w, struct bytes fci, struct fault *fault);
bool rtcp_nack_next(struct rtcp_nack_walk *w, uint16_t *sequence);
/* One NACK packet for the `count` sequence numbers, which ascend (modulo 2^16). */
void rtcp_write_nack(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc,
                     const uint16_t *sequences, size_t count);

/* PLI, RFC 4585 §6.3.1: no FCI. */
void rtcp_write_pli(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc);

/* FIR, RFC 5104 §4.3.1.1: entries of an SSRC and a sequence number of requests. */
struct rtcp_fir {
    uint32_t ssrc;
    uint8_t sequence;
};

/* Refuses an FCI that is empty or ends within an entry. */
enum err rtcp_parse_fir(struct reader *r, struct bytes fci, struct fault *fault);
bool rtcp_fir_next(struct reader *r, struct rtcp_fir *fir);
void rtcp_write_fir(struct writer *w, uint32_t sender_ssrc, const struct rtcp_fir *entries,
                    size_t count);

/* REMB: bits per second as mantissa (18 bits) and exponent (6 bits). */
#define REMB_SSRCS_MAX 255

struct rtcp_remb {
    uint64_t bitrate; /* bit/s; what does not fit 64 bits is UINT64_MAX */
    uint8_t ssrc_count;
    struct bytes ssrcs; /* four bytes each */
};

/* E_UNSUPPORTED: application layer feedback, but no REMB. */
enum err rtcp_parse_remb(struct rtcp_remb *out, struct bytes fci, struct fault *fault);
void rtcp_write_remb(struct writer *w, uint32_t sender_ssrc, uint64_t bitrate,
                     const uint32_t *ssrcs, size_t count);

/* Transport-wide feedback, §3.1. */
#define TWCC_DELTA_US     250   /* unit of receive deltas, §3.1.5 */
#define TWCC_REFERENCE_US 64000 /* unit of the reference time, §3.1 */

enum twcc_symbol { TWCC_NOT_RECEIVED, TWCC_SMALL_DELTA, TWCC_LARGE_DELTA, TWCC_RESERVED };

struct rtcp_twcc {
    uint16_t base;          /* first sequence number */
    uint16_t count;         /* packet statuses */
    int32_t reference_time; /* 24 bits signed, in TWCC_REFERENCE_US */
    uint8_t feedback_count; /* counts feedback packets, wraps */
    struct bytes chunks;    /* both checked by rtcp_parse_twcc: walks never run short */
    struct bytes deltas;
};

/* One status. */
struct rtcp_twcc_status {
    uint16_t sequence;
    uint8_t symbol; /* enum twcc_symbol */
    bool received;
    int64_t arrival_us; /* on the reporter's clock, modulo 2^24 * 64 ms; if received */
    int32_t delta_us;   /* since the received one before it; if received */
};

struct rtcp_twcc_walk {
    struct reader chunks, deltas;
    uint16_t sequence, left;
    uint16_t chunk;     /* the present one */
    uint16_t symbols;   /* left in it */
    int64_t arrival_us; /* of the last received one */
};

/* Refuses a count that chunks or deltas don't cover: nothing of it is applied. */
enum err rtcp_parse_twcc(struct rtcp_twcc *out, struct bytes fci, struct fault *fault);
struct rtcp_twcc_walk rtcp_twcc_walk_of(const struct rtcp_twcc *twcc);
bool rtcp_twcc_next(struct rtcp_twcc_walk *w, struct rtcp_twcc_status *status);

#define TWCC_LOST INT16_MIN /* in `deltas` of rtcp_write_twcc: not received */

/* Writes one feedback packet about `count` sequence numbers from `base` on; deltas[i] in
 * TWCC_DELTA_US since the received one before (the first: since the reference time), or
 * TWCC_LOST. */
void rtcp_write_twcc(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, uint16_t base,
                     int32_t reference_time, uint8_t feedback_count, const int16_t *deltas,
                     size_t count);

/* XR, RFC 3611 §2: the SSRC of who reports, then blocks. */
struct rtcp_xr_block {
    uint8_t type; /* 4: receiver reference time, 5: DLRR */
    uint8_t specific;
    struct bytes data;
};

enum err rtcp_parse_xr(struct reader *r, uint32_t *ssrc, const struct rtcp_packet *p,
                       struct fault *fault);
bool rtcp_xr_next(struct reader *r, struct rtcp_xr_block *block);

/* Parses whatever of the above an RTPFB, PSFB or XR packet is; formats that we don't know are OK.
 */
enum err rtcp_check_feedback(const struct rtcp_packet *p, struct fault *fault);

#endif
