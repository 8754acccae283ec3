/* An Opus decoder (RFC 6716) over libopus: any Opus packet to 48 kHz stereo.
 *
 * For a lost packet the caller asks once, in its place: opusdec_recover when the packet after it is
 * there, since that may repeat it (in-band FEC), else opusdec_conceal. */
#ifndef DUET_MEDIA_OPUSDEC_H
#define DUET_MEDIA_OPUSDEC_H

#include "media/frame.h"

struct opusdec; /* opaque */

struct opusdec *opusdec_new(void); /* NULL: no memory */
void opusdec_free(struct opusdec *dec);

/* Each fills `*out` with a view that is valid until the next call; empty on an error.
 * E_TRUNCATED: no byte at all; E_MALFORMED: breaks RFC 6716 3.4: opusdec_fault says so. The decoder
 * goes on as if the bad packet had not come. */
enum err opusdec_decode(struct opusdec *dec, struct bytes packet, struct audio *out);
/* The packet before `next` was lost: its sound from the copy in `next` (RFC 6716 2.1.7), or
 * concealed when `next` holds none; `next` itself is to be decoded afterwards. Gives as long a
 * block as the last one was. */
enum err opusdec_recover(struct opusdec *dec, struct bytes next, struct audio *out);
/* Sound in place of a lost packet, as long as the last block was (20 ms before the first). */
enum err opusdec_conceal(struct opusdec *dec, struct audio *out);
/* Samples of one channel that a packet holds at 48 kHz; 0: it is bad. Decodes nothing. */
size_t opusdec_packet_frames(struct bytes packet);
/* Samples of one channel that were made up so far: W3C webrtc-stats concealedSamples. */
uint64_t opusdec_concealed(const struct opusdec *dec);
/* Why the last call failed; its err is OK when it did not. */
const struct fault *opusdec_fault(const struct opusdec *dec);

#endif
