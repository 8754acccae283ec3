/* What must hold for a WebRTC description beyond the grammar: RFC 8829 §5.8 and the RFCs it names.
 * sdp_answer() and sdp_agree() ask this themselves; `duet explain --as offer|answer` shows it. */
#ifndef DUET_SDP_CHECK_H
#define DUET_SDP_CHECK_H

#include "sdp/model.h"

enum sdp_type { SDP_OFFER, SDP_ANSWER };

/* OK, or E_MALFORMED (a rule is broken) or E_UNSUPPORTED (sound, but nothing that we can serve),
 * with the offset of the section's m= line and the rule in `fault`. Checked: identification-tags
 * unique, and BUNDLE groups made of them; and for each section that is not rejected ICE credentials
 * of the right length (RFC 8839 §5.4), at least one fingerprint by a hash that we compare, a setup
 * role that this type of description may have (RFC 8842 §5), a connection line, rtcp-mux in answers
 * (RFC 8858 §3), payload types listed once, extension numbers used once (RFC 8285 §5). Bundled
 * sections but the first may leave ICE and DTLS to it (RFC 9143 §7.1.3). */
enum err sdp_check(const struct sdp *sdp, enum sdp_type type, struct fault *fault);

/* What a refused description got wrong, where an account of a call has a name for it. */
enum sdp_subject {
    SDP_SUBJECT_OTHER, /* the rule says it all */
    SDP_SUBJECT_SETUP, /* a=setup: who begins the handshake */
    SDP_SUBJECT_CODECS /* a section was taken without a codec of its offer */
};

/* Of a fault of sdp_parse, sdp_check, sdp_answer or sdp_agree, or a copy of it. */
enum sdp_subject sdp_subject_of(const struct fault *fault);

#endif
