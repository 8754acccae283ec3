#include "sdp/explain.h"

#include "base/explain.h"
#include "sdp/check.h"
#include "sdp/internal.h"
#include "sdp/parse.h"

struct bytes sdp_in_message(struct bytes message, const struct sdp *sdp, struct bytes part)
{
    if (!part.at || !sdp->text.at) return (struct bytes){NULL, 0};
    return bytes_slice(message, (size_t)(part.at - sdp->text.at), part.len);
}

void sdp_explain_fault(struct explain *x, struct bytes part, const struct fault *fault)
{
    struct fault placed = *fault;
    placed.offset += explain_offset(x, part);
    explain_fail(x, &placed);
}

/* The line that a fault lies in, shown as it stands. */
static void explain_bad_line(struct explain *x, struct bytes message, const struct fault *fault)
{
    size_t begin = fault->offset < message.len ? fault->offset : message.len;
    size_t end = begin;
    while (begin > 0 && message.at[begin - 1] != '\n') begin--;
    while (end < message.len && message.at[end] != '\n') end++;
    struct bytes line = bytes_slice(message, begin, end - begin);
    if (line.len && line.at[line.len - 1] == '\r') line.len--;
    explain_field(x, "refused line", line, "RFC 8866 5", "line %zu, byte %zu of it",
                  sdp_line_number(message, begin), fault->offset - begin);
    explain_broken(x, "it breaks a rule: %s", fault->rule);
}

/* What sdp_check() says of a description that is only told, not taken. */
static void explain_verdict(struct explain *x, struct bytes message, const struct sdp *sdp,
                            enum sdp_type type)
{
    const char *name = type == SDP_OFFER ? "as an offer" : "as an answer";
    struct fault fault;
    if (sdp_check(sdp, type, &fault) == OK) {
        explain_field(x, name, (struct bytes){NULL, 0}, "RFC 8829 5.8", "sound");
        explain_meaning(x, "all holds that is asked of a remote %s",
                        type == SDP_OFFER ? "offer" : "answer");
        return;
    }
    size_t end = fault.offset;
    while (end < message.len && message.at[end] != '\r' && message.at[end] != '\n') end++;
    explain_field(x, name, bytes_slice(message, fault.offset, end - fault.offset), "RFC 8829 5.8",
                  "refused: %s", err_name(fault.err));
    explain_broken(x, "%s", fault.rule);
}

static void summarize_section(struct explain *x, const struct sdp_section *s)
{
    explain_phrase(x, "; ");
    explain_summary(x, "%.*s", SDP_TEXT(s->media));
    if (s->mid.len) explain_summary(x, " (mid %.*s)", SDP_TEXT(s->mid));
    if (sdp_is_rejected(s)) {
        explain_summary(x, " rejected");
        return;
    }
    if (s->codec_count == 0) {
        explain_summary(x, " %.*s", SDP_TEXT(s->formats));
        return;
    }
    explain_summary(x, " %s", sdp_direction_name(s->direction));
    const struct sdp_codec *first = &s->codecs[0];
    if (first->name.len)
        explain_summary(x, " %.*s/%u", SDP_TEXT(first->name), (unsigned)first->clock);
    else
        explain_summary(x, " payload type %u", first->pt);
    if (s->codec_count > 1) explain_summary(x, " and %zu more", s->codec_count - 1);
}

static void summarize(struct explain *x, const struct sdp *sdp, enum sdp_as as)
{
    static const char *const names[] = {"session description", "offer", "answer"};
    const struct sdp_section *carrier = sdp_transport_section(sdp);
    explain_summary(x, "%s, %zu section%s", names[as], sdp->section_count,
                    sdp->section_count == 1 ? "" : "s");
    for (size_t i = 0; i < sdp->section_count; i++) summarize_section(x, &sdp->sections[i]);
    if (!carrier) return;
    if (carrier->ice_ufrag.len) {
        explain_phrase(x, "; ");
        explain_summary(x, "ICE %.*s", SDP_TEXT(carrier->ice_ufrag));
    }
    if (carrier->setup) {
        explain_phrase(x, "; ");
        explain_summary(x, "DTLS %s", sdp_setup_name(carrier->setup));
    }
    explain_phrase(x, "; ");
    explain_summary(x, "%zu candidate%s", carrier->candidate_count,
                    carrier->candidate_count == 1 ? "" : "s");
}

void sdp_explain(struct explain *x, struct bytes message, const struct sdp_explain_options *options)
{
    enum sdp_as as = options ? options->as : SDP_AS_TEXT;
    struct sdp sdp;
    struct fault fault = {0};
    if (sdp_parse(&sdp, message) != OK) {
        explain_bad_line(x, message, &sdp.fault);
        sdp_explain_fault(x, message, &sdp.fault);
        return;
    }
    sdp_explain_lines(x, message, &sdp);
    if (as != SDP_AS_ANSWER) explain_verdict(x, message, &sdp, SDP_OFFER);
    if (as != SDP_AS_OFFER) explain_verdict(x, message, &sdp, SDP_ANSWER);
    sdp_explain_members(x, &sdp);
    summarize(x, &sdp, as);
    if (as != SDP_AS_TEXT &&
        sdp_check(&sdp, as == SDP_AS_OFFER ? SDP_OFFER : SDP_ANSWER, &fault) != OK)
        sdp_explain_fault(x, message, &fault);
    sdp_free(&sdp);
}
