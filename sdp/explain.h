/* A session description told aloud, for `duet explain --type sdp`: each line with what it means and
 * what the other side may do with it, and what the lines of each section say together. It is
 * sdp_parse() that reads, and sdp_check() that demands: nothing here knows the grammar. RFC 8866,
 * RFC 3264, RFC 8829. */
#ifndef DUET_SDP_EXPLAIN_H
#define DUET_SDP_EXPLAIN_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* As what the description shall pass. */
enum sdp_as {
    SDP_AS_TEXT = 0, /* the grammar alone; what sdp_check() says is a field, no failure */
    SDP_AS_OFFER,    /* sdp_check() must pass it as a remote offer */
    SDP_AS_ANSWER
};

struct sdp_explain_options {
    enum sdp_as as;
};

/* Explains `message`, which is the message that `x` was made with (or a view of it); `options` may
 * be NULL. Fails `x` with the fault of sdp_parse() or, with `as`, of sdp_check(); offsets count
 * from the start of `message`.
 *
 * Members: version, origin and name as text, groups[] ("BUNDLE 0 1"), iceLite, media[]. Of each of
 * media[]: kind port protocol formats[] rejected mid direction iceUfrag icePwd setup
 * fingerprint{hash,value} rtcpMux candidates[] ("candidate:...") candidateCount endOfCandidates
 * codecs{pt:{name,rate,channels}} fmtp{pt:{name:value}} (a parameter without a value has "")
 * rtcpFb{pt:[...]} ("*": every payload type) extmap[{id,uri,direction}] ssrcs[] (each number once)
 * ssrcGroups[] ("FID 1 2") rids[] (their ids) simulcast ("send q;h") sctpPort maxMessageSize msid
 * ("stream track"). What the session says counts for each section that does not say it; lines about
 * payload types that the m= line lacks are fields only. */
void sdp_explain(struct explain *x, struct bytes message,
                 const struct sdp_explain_options *options);

#endif
