/* Frames that tell by themselves whether they arrived whole: what a simulated call talks with.
 * They begin as VP8 (RFC 6386 §9.1) or Opus (RFC 6716 §3.1) does, so that the payload formats take
 * them for what they say; the rest follows from their number. */
#ifndef DUET_APPS_SIMMEDIA_H
#define DUET_APPS_SIMMEDIA_H

#include "base/clock.h"
#include "peer/connection.h"

#define SIMMEDIA_FRAME_MAX  4096
#define SIMMEDIA_SOUND_US   MS(20) /* an Opus packet; 50 a second */
#define SIMMEDIA_PICTURE_US 33333
#define SIMMEDIA_PICTURE    3000 /* ticks of 90 kHz from one to the next: 30 a second */

/* One kind of media in one direction: what was sent, and what became of it. */
struct simmedia {
    enum rtp_kind kind;
    uint64_t sent, keys;    /* frames; of them key frames */
    uint64_t received;      /* whole ones */
    uint64_t damaged;       /* not what was sent */
    uint64_t out_of_order;  /* or twice */
    uint32_t next;          /* the next number to send */
    int64_t last;           /* the last number received; -1: none */
    usec first_at, last_at; /* of what was received; 0: nothing yet */
    usec longest_gap;       /* between two received frames */
    bool key_wanted;        /* the next one is a key frame */
};

void simmedia_init(struct simmedia *m, enum rtp_kind kind);
/* Sends the next frame from `peer`. E_STATE: it has no such track that sends, or can't send now. */
enum err simmedia_send(struct simmedia *m, struct peer *peer, usec now);
/* A frame came: is it what was sent, and later than the last? */
void simmedia_received(struct simmedia *m, const struct rtp_frame *frame, usec now);
/* The bytes of the last frame that was sent which nobody may see in clear: some from its middle. */
struct bytes simmedia_secret(const struct simmedia *m, uint8_t to[SIMMEDIA_FRAME_MAX]);

#endif
