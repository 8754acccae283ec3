/* The types of explain.md: which module explains each, and which one bytes look like. */
#ifndef DUET_APPS_EXPLAINTYPES_H
#define DUET_APPS_EXPLAINTYPES_H

#include "base/explain.h"
#include "dtls/explain.h"
#include "rtp/explain.h"
#include "sdp/explain.h"
#include "signaling/explain.h"
#include "signaling/explainhttp.h"
#include "stun/explain.h"

/* What the command line says about the message, for whichever module it concerns. */
struct explain_options {
    struct stun_explain_options stun;
    struct sdp_explain_options sdp;
    struct rtp_explain_options rtp;
    struct ws_explain_options ws;
    struct http_explain_options http;
    struct dtls_explain_options dtls;
    struct bytes keylog; /* of --keylog; none: empty */
};

/* "sdp", "stun"...: the i-th type; NULL past the last. */
const char *explain_type_at(size_t i);
/* The literal of a type that there is, NULL: there is none of this name. */
const char *explain_type_named(const char *name);
/* By the first bytes: "v=0" and "candidate:" are text, a packet's first byte tells its protocol
 * (RFC 7983 §7, RFC 5761 §4). NULL: looks like nothing that we know. */
const char *explain_type_guess(struct bytes message);

/* Explains `message` as `type`, a literal from above; E_UNSUPPORTED if this version can't. NULL: no
 * memory. explain_free it. */
struct explain *explain_make(const char *type, struct bytes message,
                             const struct explain_options *options);

#endif
