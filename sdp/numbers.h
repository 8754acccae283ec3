/* The numbers that a session uses for codecs and header extensions: everything is one bundle, so
 * one number means one thing throughout (RFC 9143 §9.1.1), and for as long as the session lives
 * (RFC 3264 §8.3.2): also when the section that had it is stopped and its lines are gone. */
#ifndef DUET_SDP_NUMBERS_H
#define DUET_SDP_NUMBERS_H

#include "sdp/model.h"

/* All zero: none yet. Small, since every connection keeps one. */
struct sdp_numbers {
    uint8_t pt[SDP_CODEC_COUNT]; /* 0: not yet; it is PCMU's (RFC 3551 §6) */
    uint8_t ext[SDP_EXT_COUNT];  /* 0: not yet */
    uint8_t pt_used[(SDP_PT_MAX + 1) / 8];
    uint16_t ext_used; /* ids up to 14, which are all that we give (RFC 8285 §4.2) */
};

/* What two descriptions that came into force use; NULL: there is none. Where they number a codec or
 * an extension of ours anew, that counts. */
void sdp_numbers_learn(struct sdp_numbers *n, const struct sdp *local, const struct sdp *remote);
/* Gives each codec of ours, and each of `extensions` (bits 1 << enum sdp_ext), a number that was
 * never used if it has none. False: no payload type is left. An extension without a free id gets
 * none. */
bool sdp_numbers_assign(struct sdp_numbers *n, uint32_t extensions);

#endif
