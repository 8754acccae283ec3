/* A VP8 decoder (RFC 6386) over libvpx, one thread. Takes whole frames as the RTP receiver joined
 * them; every frame may have a new size. */
#ifndef DUET_MEDIA_VP8DEC_H
#define DUET_MEDIA_VP8DEC_H

#include "media/frame.h"

struct vp8dec; /* opaque */

/* The largest picture that we decode, in samples: 4096x2304. VP8 could say 16383x16383, for which
 * libvpx would take more than a gigabyte: ten bytes from the network must not do that. */
#define VP8DEC_PIXELS_MAX (4096 * 2304)

/* What the uncompressed data chunk at a frame's start says. RFC 6386 9.1. */
struct vp8dec_header {
    bool key;
    bool shown;
    int version;       /* 0 .. 3 */
    int width, height; /* of a key frame, in samples; else 0 */
};

/* Reads the first bytes of a frame; views nothing afterwards. E_TRUNCATED, E_MALFORMED: no start
 * code or no size in a key frame; E_UNSUPPORTED: a version above 3. `fault` may be NULL. */
enum err vp8dec_header_parse(struct vp8dec_header *h, struct bytes frame, struct fault *fault);

struct vp8dec *vp8dec_new(void); /* NULL: no memory */
void vp8dec_free(struct vp8dec *dec);

/* Decodes one frame. `*out` is a view valid until the next call, or NULL when there is nothing to
 * show (an error, or a frame that is marked as not shown). Errors, in vp8dec_fault too:
 * E_STATE: a key frame is needed first; E_TRUNCATED, E_MALFORMED: the frame is bad, and from now on
 * a key frame is needed; E_UNSUPPORTED: larger than VP8DEC_PIXELS_MAX. */
enum err vp8dec_decode(struct vp8dec *dec, struct bytes frame, const struct picture **out);
/* True until a key frame was decoded, and again after a bad frame: time to send a PLI. */
bool vp8dec_needs_key(const struct vp8dec *dec);
/* Why the last decode failed; its err is OK when it did not. Offsets count from the frame's start.
 */
const struct fault *vp8dec_fault(const struct vp8dec *dec);

#endif
