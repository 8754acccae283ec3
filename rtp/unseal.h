/* SRTP and SRTCP opened by a bystander who has the keys, for `duet explain` on captures. RFC 3711,
 * 6188 §3 (AES-256 key derivation), 7714 (AES-GCM).
 *
 * It proves each packet's tag and guards nothing else: packets may come twice (a capture of two
 * interfaces), late, or with a tag of 32 bits, all of which a call refuses. So calls have
 * rtp/protect.h, and never this. */
#ifndef DUET_RTP_UNSEAL_H
#define DUET_RTP_UNSEAL_H

#include "base/bytes.h"

/* SSRCs whose rollover counters are remembered; one more takes the place of whichever was silent
 * for the longest. */
#define UNSEAL_SSRC_MAX 64

struct unseal; /* opaque: one direction of one association */

/* Derives the session keys (copy: wipe yours) of `profile`, a number of rtp/sealed.h's list. NULL:
 * no such profile, other lengths, or no memory. */
struct unseal *unseal_new(uint16_t profile, struct bytes key, struct bytes salt);
/* Wipes the keys. NULL is fine. */
void unseal_free(struct unseal *u);

/* Opens a packet into `room`, of packet.len bytes at least. E_TRUNCATED, E_MALFORMED: no whole
 * header, or shorter than header and tag; E_AUTH: the tag does not match under these keys, with the
 * rollover counter that RFC 3711 §3.3.1 estimates or one of its neighbours. `plain` is empty unless
 * OK. A packet that fails changes nothing. */
enum err unseal_rtp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain);
enum err unseal_rtcp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain);

#endif
