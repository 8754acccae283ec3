/* Transport-wide congestion control, both ends: when each packet came (for the feedback that we
 * send), and which packets we sent (for the feedback that comes).
 * draft-holmer-rmcat-transport-wide-cc-extensions-01. */
#ifndef DUET_RTP_TWCC_H
#define DUET_RTP_TWCC_H

#include "base/clock.h"
#include "rtp/feedback.h"
#include "rtp/seq.h"

#define TWCC_WINDOW       1024 /* packets that are remembered, both ways */
#define TWCC_INTERVAL     MS(64) /* between feedback packets: §3.1 leaves it open, Chromium's is 62 */
#define TWCC_RECEIVED_MAX 400    /* received packets in one feedback: keeps it below 1200 bytes */

struct twcc_recorder {
    struct rtp_counter sequence;
    uint64_t base;       /* the first index that no feedback told of */
    uint32_t media_ssrc; /* of the newest packet */
    uint8_t feedback_count;
    usec due; /* TIME_NEVER: nothing to tell */
    struct {
        uint64_t index; /* 0: none */
        usec at;
    } arrivals[TWCC_WINDOW];
};

void twcc_recorder_init(struct twcc_recorder *r);
/* A packet with this transport-wide sequence number came. */
void twcc_recorder_packet(struct twcc_recorder *r, uint16_t sequence, uint32_t ssrc, usec now);
/* Writes one feedback packet if it is due, or more is left of what was. False: nothing to tell. */
bool twcc_recorder_write(struct twcc_recorder *r, struct writer *w, uint32_t sender_ssrc, usec now);

enum twcc_fate { TWCC_FATE_UNKNOWN, TWCC_FATE_SENT, TWCC_FATE_ACKED, TWCC_FATE_LOST };

struct twcc_history {
    uint64_t next; /* index of the next packet */
    struct {
        usec at;
        uint16_t len;
        uint8_t fate; /* enum twcc_fate */
    } sent[TWCC_WINDOW];
    uint64_t acked, lost, unknown; /* counts; `lost` goes down when a lost one comes after all */
};

void twcc_history_init(struct twcc_history *h);
/* The sequence number that the next packet carries. */
uint16_t twcc_history_next(const struct twcc_history *h);
/* It left, `len` bytes long. */
void twcc_history_sent(struct twcc_history *h, size_t len, usec now);
/* Applies checked feedback; what it says of packets that we did not send, or forgot, is counted. */
void twcc_history_feedback(struct twcc_history *h, const struct rtcp_twcc *twcc);

#endif
