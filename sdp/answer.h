/* Our answers to anybody's offer: RFC 8829 §5.3, RFC 3264 §6. */
#ifndef DUET_SDP_ANSWER_H
#define DUET_SDP_ANSWER_H

#include "sdp/negotiate.h"

/* Writes the answer to `offer`. wishes[i] says what we want of its i-th section; sections without
 * a wish, or whose wish is stopped or of another kind, are rejected with port 0, as are those that
 * share no codec with us or can't join the one bundled transport. Numbers are those of the offer;
 * nothing is answered that was not offered and that `local->caps` does not have.
 * Errors: what sdp_check() says about the offer, left in `fault`; E_FULL: the writer. */
enum err sdp_answer(struct writer *w, const struct sdp *offer, const struct sdp_local *local,
                    const struct sdp_wish *wishes, size_t count, struct fault *fault);

#endif
