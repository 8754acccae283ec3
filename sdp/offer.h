/* Our offers: RFC 8829 §5.2, RFC 3264 §5 and §8. */
#ifndef DUET_SDP_OFFER_H
#define DUET_SDP_OFFER_H

#include "sdp/negotiate.h"

/* Writes an offer with one m= section for each wish, in this order. The first section that is not
 * stopped carries the transport, all others are bundled with it (bundle-only until an answer has
 * taken them, RFC 9143 §7.2.1); setup is actpass (RFC 8842 §5.2). Errors: E_FULL (the writer, or
 * more than SDP_SECTIONS_MAX wishes, or no payload type is left), E_STATE (a wish that makes no
 * description: no mid, or current_local has more sections). */
enum err sdp_offer(struct writer *w, const struct sdp_local *local, const struct sdp_wish *wishes,
                   size_t count);

#endif
