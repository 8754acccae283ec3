/* The packets of one stream that were made: what output sends from, and what NACKs are answered
 * from, with RTX (RFC 4588) or by the same packet again (RFC 4585 §6.2.1).
 *
 * It keeps PLAIN packets: protection happens in a copy. A history of what SRTP encrypted in place
 * would resend packets that are encrypted twice. */
#ifndef DUET_RTP_HISTORY_H
#define DUET_RTP_HISTORY_H

#include "base/bytes.h"
#include "base/clock.h"

#define RTP_HISTORY_EXTRA 64 /* bytes beside a packet's own: struct rtp_sent fits in */

/* One packet in the ring. Offsets are from its first byte; 0: no such element. */
struct rtp_sent {
    uint64_t index;
    usec sent_at;   /* first sending; TIME_NEVER: waits for output */
    usec resent_at; /* last resending; meant only with `resent` */
    uint16_t len;
    uint16_t payload_at;
    uint8_t abs_send_time_at, transport_at;
    bool resent;
    bool queued; /* waits to be resent */
};

struct rtp_history {
    uint8_t *room; /* `capacity` packets of `packet_max` bytes */
    struct rtp_sent *sent;
    size_t capacity; /* a power of two */
    size_t packet_max;
    uint64_t oldest, next; /* indexes: kept are oldest .. next - 1 */
    uint64_t unsent;       /* the first that waits for output */
};

/* E_NOMEM. `first` is the index of the first packet that will be made. */
enum err rtp_history_init(struct rtp_history *h, size_t capacity, size_t packet_max,
                          uint64_t first);
void rtp_history_free(struct rtp_history *h);

/* How many packets can be made without losing one that was not sent. */
size_t rtp_history_room(const struct rtp_history *h);
/* The entry and memory of the next packet, which it becomes (the oldest goes). Only while
 * rtp_history_room > 0. */
struct rtp_sent *rtp_history_push(struct rtp_history *h);
/* The entry of `index`; NULL: not kept (any more), or not made yet. */
struct rtp_sent *rtp_history_find(const struct rtp_history *h, uint64_t index);
uint8_t *rtp_history_at(const struct rtp_history *h, const struct rtp_sent *sent);

#endif
