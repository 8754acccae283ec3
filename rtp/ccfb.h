/* Congestion control feedback, RFC 8888: for each packet of each stream whether it came, with which
 * ECN mark and when. Read only: our own feedback is transport-wide (rtp/feedback.h). */
#ifndef DUET_RTP_CCFB_H
#define DUET_RTP_CCFB_H

#include "rtp/rtcp.h"

#define CCFB_REPORTS_MAX     16384  /* packets of one stream in one report, §3.1 */
#define CCFB_ATO_OVER        0x1FFE /* §3.1: the packet came longer ago than can be said */
#define CCFB_ATO_UNAVAILABLE 0x1FFF /* §3.1: or after the timestamp */

/* One stream's report. */
struct rtcp_ccfb_report {
    uint32_t ssrc;
    uint16_t begin;       /* first sequence number */
    uint16_t count;       /* of metrics */
    struct bytes metrics; /* two bytes each, without padding */
};

/* One packet's. */
struct rtcp_ccfb_metric {
    uint16_t sequence;
    bool received;
    uint8_t ecn;  /* two bits; meant only if received, as is ato */
    uint16_t ato; /* arrival time offset: 1/1024 s before the timestamp, 13 bits */
};

struct rtcp_ccfb {
    uint32_t sender_ssrc;
    uint32_t timestamp;   /* middle 32 bits of an NTP time */
    struct bytes reports; /* checked by rtcp_parse_ccfb: walks never run short */
};

/* Refuses a packet whose reports end inside one, or with more than CCFB_REPORTS_MAX packets. */
enum err rtcp_parse_ccfb(struct rtcp_ccfb *out, const struct rtcp_packet *p, struct fault *fault);
/* The next report; start with `struct reader r = reader_of(ccfb.reports)`. */
bool rtcp_ccfb_next(struct reader *r, struct rtcp_ccfb_report *report);
/* The i-th metric, i < report->count. */
struct rtcp_ccfb_metric rtcp_ccfb_metric_at(const struct rtcp_ccfb_report *report, uint16_t i);

#endif
