/* What the files of rtp/ share. */
#ifndef DUET_RTP_INTERNAL_H
#define DUET_RTP_INTERNAL_H

#include "base/bytes.h"

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

#endif
