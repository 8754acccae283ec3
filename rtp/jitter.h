/* The packets of one received stream, put back in order, and the frames that they make.
 *
 * A packet that comes in order is joined at once to the frame at the front: its bytes are copied
 * once. Only what comes behind a gap waits in a room of its own.
 *
 * Bounds: `capacity` packets of at most RTP_SLOT_LEN bytes. What waits, waits for the first missing
 * packet; the receiver decides for how long and then calls rtp_jitter_skip. */
#ifndef DUET_RTP_JITTER_H
#define DUET_RTP_JITTER_H

#include "base/bytes.h"
#include "base/clock.h"

#define RTP_SLOT_LEN                                                                               \
    1500 /* bytes of a packet's payload behind the descriptor: an Ethernet frame                   \
          */
#define RTP_SLOT_EXTRA    60  /* struct rtp_slot fits in */
#define RTP_JITTER_MAX    512 /* packets */
#define RTP_NO_PICTURE_ID 0xFFFF
#define RTP_NO_ROOM       0xFFFF

/* What the parser found out about a packet, kept beside its payload. */
struct rtp_slot {
    uint64_t index;
    uint64_t timestamp; /* extended */
    usec arrived;
    uint16_t len;        /* of the codec's data; 0: padding only, takes part in order alone */
    uint16_t picture_id; /* VP8, or RTP_NO_PICTURE_ID */
    uint16_t room;       /* which room of the store its bytes are in; RTP_NO_ROOM: joined */
    bool long_picture_id;
    bool present;
    bool marker;
    bool start; /* a frame begins here; always, with Opus */
    bool key;   /* of a starting packet */
    bool discardable;
    bool voice;
    uint8_t audio_level;
};

enum rtp_jitter_put { RTP_PUT_NEW, RTP_PUT_DUPLICATE, RTP_PUT_LATE, RTP_PUT_FAR };

/* What stands at the front. */
enum rtp_jitter_front {
    RTP_FRONT_EMPTY,  /* nothing but frames whose end has not come */
    RTP_FRONT_GAP,    /* a packet is missing before the next frame is whole */
    RTP_FRONT_ORPHAN, /* packets of a frame whose beginning is gone */
    RTP_FRONT_FRAME
};

struct rtp_jitter {
    bool single; /* Opus: each packet is a frame, the marker says nothing about its end */
    size_t capacity;
    struct rtp_slot *slots;
    uint8_t *store;  /* `capacity` rooms of RTP_SLOT_LEN */
    uint16_t *rooms; /* those that are free; the last to become free is the first to be taken, so
                      * that a stream in order uses the same few, which stay in the cache */
    size_t room_count;
    uint8_t *frame; /* where a frame is put together: as long as the store, or one room if single */
    size_t frame_len;
    uint64_t next;    /* the first index that was neither given out nor given up */
    uint64_t begun;   /* until `given`: the first that came; begun .. next - 1 are padding */
    uint64_t joined;  /* next .. joined - 1 are of one frame, and lie in `frame`: at least next */
    uint64_t end;     /* behind the highest index that came */
    uint64_t scanned; /* next .. scanned - 1 are present and belong to the front frame */
    bool given;       /* a frame was given out or a gap given up: `next` goes up only */
    uint64_t key;     /* where the newest key frame begins; 0: none known */
};

/* `capacity`: a power of two up to RTP_JITTER_MAX. E_NOMEM. */
enum err rtp_jitter_init(struct rtp_jitter *j, size_t capacity, bool single);
void rtp_jitter_free(struct rtp_jitter *j);
/* Drops everything; the next packet is expected at `index`. */
void rtp_jitter_restart(struct rtp_jitter *j, uint64_t index);

/* Copies a packet in. FAR: so far ahead that it would push out `next`, or further below it than
 * the stream's beginning may lie; nothing is changed. */
enum rtp_jitter_put rtp_jitter_put(struct rtp_jitter *j, const struct rtp_slot *slot,
                                   struct bytes data);

/* The packets that came last only made the frame at the front longer, without an end: what
 * rtp_jitter_look found before still stands. Most packets of a video are so. */
bool rtp_jitter_grows(const struct rtp_jitter *j);
/* What stands at the front; a FRAME reaches from j->next to `*last`. Passes over padding. */
enum rtp_jitter_front rtp_jitter_look(struct rtp_jitter *j, uint64_t *last);
/* The slot at the front; NULL: it has not come. */
const struct rtp_slot *rtp_jitter_first(const struct rtp_jitter *j);
/* Gives the frame `j->next` to `last` out: its first packet's slot and a view of its bytes, which
 * lives until the next put or take (not only until the next drop or skip). */
struct bytes rtp_jitter_take(struct rtp_jitter *j, uint64_t last, struct rtp_slot *first);
/* Throws the frame `j->next` to `last` away. */
void rtp_jitter_drop(struct rtp_jitter *j, uint64_t last);
/* Gives up what is missing or can't be used at the front, up to the next frame's first packet or
 * `to`, where a frame begins, whichever comes first. Returns how many packets had not come. */
uint32_t rtp_jitter_skip(struct rtp_jitter *j, uint64_t to);
/* A whole key frame waits behind the front: where it begins; 0: none. */
uint64_t rtp_jitter_whole_key(const struct rtp_jitter *j);

#endif
