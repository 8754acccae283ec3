#include "apps/explaintypes.h"

#include "ice/explain.h"
#include "peer/demux.h"

static void as_sdp(struct explain *x, struct bytes message, const struct explain_options *options)
{
    sdp_explain(x, message, &options->sdp);
}

static void as_candidate(struct explain *x, struct bytes message,
                         const struct explain_options *options)
{
    (void)options;
    candidate_explain(x, message);
}

static void as_stun(struct explain *x, struct bytes message, const struct explain_options *options)
{
    stun_explain(x, message, &options->stun);
}

static void as_dtls(struct explain *x, struct bytes message, const struct explain_options *options)
{
    dtls_explain(x, message, &options->dtls);
}

static void as_rtp(struct explain *x, struct bytes message, const struct explain_options *options)
{
    rtp_explain(x, message, &options->rtp);
}

static void as_rtcp(struct explain *x, struct bytes message, const struct explain_options *options)
{
    (void)options;
    rtcp_explain(x, message);
}

static void as_vp8(struct explain *x, struct bytes message, const struct explain_options *options)
{
    (void)options;
    vp8_explain(x, message);
}

static void as_opus(struct explain *x, struct bytes message, const struct explain_options *options)
{
    (void)options;
    opus_explain(x, message);
}

static void as_ws(struct explain *x, struct bytes message, const struct explain_options *options)
{
    ws_explain(x, message, &options->ws);
}

static void as_http(struct explain *x, struct bytes message, const struct explain_options *options)
{
    http_explain(x, message, &options->http);
}

/* In the order of explain.md. */
static const struct {
    const char *name;
    void (*explain)(struct explain *x, struct bytes message, const struct explain_options *options);
} types[] = {
    {"sdp", as_sdp}, {"candidate", as_candidate}, {"stun", as_stun}, {"dtls", as_dtls},
    {"rtp", as_rtp}, {"rtcp", as_rtcp},           {"vp8", as_vp8},   {"opus", as_opus},
    {"ws", as_ws},   {"http", as_http},           {"sctp", NULL}, /* data channels are not in this
                                                                     version */
};

const char *explain_type_at(size_t i)
{
    return i < COUNT(types) ? types[i].name : NULL;
}

const char *explain_type_named(const char *name)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (strcmp(types[i].name, name) == 0) return types[i].name;
    return NULL;
}

const char *explain_type_guess(struct bytes message)
{
    if (bytes_starts(message, "v=0")) return "sdp";
    if (bytes_starts(message, "HTTP/1.") || bytes_starts(message, "GET ")) return "http";
    if (bytes_starts(message, "candidate:") || bytes_starts(message, "a=candidate:"))
        return "candidate";
    switch (demux_of(message)) {
    case DEMUX_STUN: return "stun";
    case DEMUX_DTLS: return "dtls";
    case DEMUX_RTP: return "rtp";
    case DEMUX_RTCP: return "rtcp";
    case DEMUX_CHANNEL:
    case DEMUX_UNKNOWN: break;
    }
    return NULL;
}

struct explain *explain_make(const char *type, struct bytes message,
                             const struct explain_options *options)
{
    struct explain *x = explain_new(type, message);
    for (size_t i = 0; x && i < COUNT(types); i++) {
        if (strcmp(types[i].name, type) != 0) continue;
        if (types[i].explain)
            types[i].explain(x, message, options);
        else
            explain_refuse(x, E_UNSUPPORTED, 0, "%s: data channels are not in this version of duet",
                           type);
    }
    return x;
}
