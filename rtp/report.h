/* What a receiver counts for its report blocks, what a sender reads out of them, and the pairing of
 * RTP time with wall clock time that synchronises lips. RFC 3550 §6.4, A.1, A.3, A.8. */
#ifndef DUET_RTP_REPORT_H
#define DUET_RTP_REPORT_H

#include "base/clock.h"
#include "rtp/rtcp.h"

/* Of one received stream. Indexes as rtp/seq gives them: 2^16 + the first sequence number. */
struct rtp_reception {
    uint32_t clock; /* Hz */
    bool started;
    uint64_t first, highest;                   /* indexes */
    uint64_t received;                         /* with duplicates and late ones, as A.3 wants */
    uint64_t expected_before, received_before; /* at the last report */
    int64_t lost_before;                       /* what earlier runs of sequence numbers lost */
    uint32_t last_timestamp;
    usec last_arrival;
    uint64_t jitter16; /* sixteen times the jitter, in units of the clock: A.8 */
    bool has_sr;
    uint32_t last_sr; /* middle 32 bits of its NTP time */
    usec last_sr_at;
};

void rtp_reception_init(struct rtp_reception *r, uint32_t clock);
/* A packet of the stream itself came: not one that RTX brought back. */
void rtp_reception_packet(struct rtp_reception *r, uint64_t index, uint32_t timestamp, usec now);
/* The sequence jumped: counting starts anew behind it, the losses so far stay. */
void rtp_reception_restart(struct rtp_reception *r);
void rtp_reception_sr(struct rtp_reception *r, uint64_t ntp, usec now);
/* Packets came since the last report block: RFC 3550 §6.4 wants another one only then. */
bool rtp_reception_has_news(const struct rtp_reception *r);
/* Fills a report block and begins the next interval. */
void rtp_reception_report(struct rtp_reception *r, uint32_t ssrc, usec now,
                          struct rtcp_report *out);
int64_t rtp_reception_lost(const struct rtp_reception *r);
usec rtp_reception_jitter(const struct rtp_reception *r);

/* The round trip that a report block tells (§6.4.1, figure 2), from our NTP time at its arrival.
 * 0: it names no report of ours, or the sum comes out below zero. */
usec rtp_round_trip(const struct rtcp_report *report, uint64_t ntp_now);

/* `ticks` of a clock in microseconds, and back; any sign, no overflow below 2^40 s. */
int64_t rtp_ticks_to_us(int64_t ticks, uint32_t clock);
int64_t rtp_us_to_ticks(int64_t us, uint32_t clock);
/* Microseconds since 1970 of an NTP time: the inverse of ntp_of_unix_us, until 2036. */
int64_t rtp_unix_us_of_ntp(uint64_t ntp);

#endif
