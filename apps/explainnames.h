/* What a description says about the packets of its session: payload types and header extensions,
 * for `duet explain --sdp FILE`. */
#ifndef DUET_APPS_EXPLAINNAMES_H
#define DUET_APPS_EXPLAINNAMES_H

#include "rtp/explain.h"
#include "sdp/parse.h"

#define EXPLAIN_EXTS_MAX     256
#define EXPLAIN_PAYLOADS_MAX 256

struct explain_names {
    struct sdp sdp; /* that the names are views of */
    struct rtp_explain_ext exts[EXPLAIN_EXTS_MAX];
    struct rtp_explain_payload payloads[EXPLAIN_PAYLOADS_MAX];
    struct rtp_explain_options options; /* all of it, for rtp_explain() */
};

/* From the description `text`, of all its sections; what does not fit is left away. Anything but OK
 * is sdp_parse()'s answer, told in names->sdp.fault. explain_names_free it either way. */
enum err explain_names_read(struct explain_names *names, struct bytes text);
void explain_names_free(struct explain_names *names);

#endif
