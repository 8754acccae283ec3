/* A VP8 encoder (RFC 6386) over libvpx: realtime, one thread, the fastest that libvpx has
 * (cpu-used -8), no frame held back and none left out: each picture in gives one frame out. Not
 * error resilient: a receiver that lost a frame asks for a key frame or a retransmission. */
#ifndef DUET_MEDIA_VP8ENC_H
#define DUET_MEDIA_VP8ENC_H

#include "base/clock.h"
#include "media/frame.h"

struct vp8enc; /* opaque */

struct vp8enc_config {
    int fps;              /* 1 .. 120; 0: 30. For rate control only: times may be uneven */
    unsigned bitrate_bps; /* bits a second; 0: 1,000,000 */
};

#define VP8ENC_BITRATE_MIN 30000u
#define VP8ENC_BITRATE_MAX 20000000u

/* One encoded frame; `data` is the encoder's, valid until its next call. */
struct vp8_encoded {
    struct bytes data;
    bool key;
};

/* Copies the config; libvpx takes its memory with the first picture. NULL: no memory. */
struct vp8enc *vp8enc_new(const struct vp8enc_config *cfg);
void vp8enc_free(struct vp8enc *enc); /* NULL is fine */

/* Encodes a picture of any size; a size other than the last one's starts anew with a key frame.
 * `time` in usec, of any origin: each after the one before (one that is not counts as 1 us later).
 * `key`: make it a key frame, as the first is anyway. On an error `out` is empty and vp8enc_fault
 * says why: E_UNSUPPORTED: no picture of a size that VP8 has; E_NOMEM; E_STATE: libvpx refused; the
 * next picture starts anew. */
enum err vp8enc_encode(struct vp8enc *enc, const struct picture *p, usec time, bool key,
                       struct vp8_encoded *out);

/* From the next picture on; clamped to VP8ENC_BITRATE_MIN .. VP8ENC_BITRATE_MAX. Bits a second. */
void vp8enc_set_bitrate(struct vp8enc *enc, unsigned bitrate_bps);
/* Why the last encode failed; its err is OK when it did not. */
const struct fault *vp8enc_fault(const struct vp8enc *enc);

#endif
