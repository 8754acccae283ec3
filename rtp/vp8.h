/* VP8 in RTP: payload descriptor, cutting a frame into packets, and the first bytes of a frame.
 * RFC 7741 §4; RFC 6386 §9.1 and §19.1. */
#ifndef DUET_RTP_VP8_H
#define DUET_RTP_VP8_H

#include "base/bytes.h"

#define VP8_DESCRIPTOR_MAX 6

/* RFC 7741 §4.2. */
struct vp8_descriptor {
    bool extended;                                           /* X */
    bool non_reference;                                      /* N */
    bool start;                                              /* S: a partition begins here */
    uint8_t partition;                                       /* PID, 0 to 7 */
    bool has_picture_id, has_tl0picidx, has_tid, has_keyidx; /* I L T K */
    bool long_picture_id;                                    /* M: 15 bits, else 7 */
    uint16_t picture_id;
    uint8_t tl0picidx;
    uint8_t tid;        /* two bits; meant only with has_tid, as layer_sync */
    bool layer_sync;    /* Y */
    uint8_t keyidx;     /* five bits; meant only with has_keyidx */
    size_t len;         /* bytes of the descriptor */
    struct bytes data;  /* what is behind it: at least one byte */
    struct fault fault; /* why vp8_parse refused */
};

/* Reads the descriptor of a payload. Refuses only what can't be read: a descriptor past the end,
 * or nothing behind it. Reserved bits are ignored; L without T is let pass. */
enum err vp8_parse(struct vp8_descriptor *d, struct bytes payload);
/* Writes the descriptor, not the data. `extended` and the lengths follow from the has_ members. */
void vp8_write_descriptor(struct writer *w, const struct vp8_descriptor *d);
/* A packet that a frame begins with: S set, partition 0. */
bool vp8_is_frame_start(const struct vp8_descriptor *d);

/* The uncompressed data chunk, RFC 6386 §9.1. */
struct vp8_header {
    bool key;
    bool show;
    uint8_t version;
    uint32_t first_partition; /* bytes */
    uint16_t width, height;   /* of a key frame, without the scaling bits; else 0 */
    uint8_t horizontal_scale, vertical_scale;
};

/* False: shorter than its header, or a key frame without its start code. */
bool vp8_read_header(struct vp8_header *h, struct bytes frame);
/* A packet that a key frame begins with, as far as it goes: a sender may cut a frame anywhere, also
 * in its header. */
bool vp8_is_key_start(const struct vp8_descriptor *d);

#endif
