#include "sdp/explainboth.h"

#include "base/explain.h"
#include "sdp/agree.h"
#include "sdp/internal.h"
#include "sdp/parse.h"

#include <stdio.h>

/* Both descriptions, and what sdp_agree() makes of them, seen by who offered. */
struct both {
    struct explain *x;
    struct bytes offer_text, answer_text;
    struct sdp offer, answer;
    struct sdp_agreed agreed;
    struct fault fault;   /* why they don't fit; OK: they do */
    const struct sdp *in; /* which of the two the fault's offset counts in */
};

static struct bytes m_line(struct bytes text, const struct sdp *sdp, size_t i)
{
    if (i >= sdp->section_count) return (struct bytes){NULL, 0};
    return sdp_in_message(text, sdp, sdp->sections[i].lines.at->text);
}

/* The section that the fault lies in; the number of sections if in none. */
static size_t fault_section(const struct both *b)
{
    const struct sdp *sdp = b->in;
    for (size_t i = 0; i < sdp->section_count; i++)
        if ((size_t)(sdp->sections[i].lines.at->text.at - sdp->text.at) == b->fault.offset)
            return i;
    return SDP_SECTIONS_MAX;
}

static bool has_name(const struct sdp_section *s, const struct sdp_codec *like)
{
    for (size_t i = 0; i < s->codec_count; i++)
        if (bytes_equal(s->codecs[i].name, like->name) && s->codecs[i].clock == like->clock)
            return true;
    return false;
}

/* "opus/48000/2 VP8/90000" into `w`: the codecs of `s` that `other` has (`with`) or lacks, each
 * name once. */
static void write_codecs(struct writer *w, const struct sdp_section *s,
                         const struct sdp_section *other, bool with)
{
    for (size_t i = 0; i < s->codec_count; i++) {
        const struct sdp_codec *codec = &s->codecs[i];
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = bytes_equal(s->codecs[k].name, codec->name);
        if (codec->name.len == 0 || again || has_name(other, codec) != with) continue;
        write_format(w, "%s%.*s/%u", writer_len(w) ? " " : "", SDP_TEXT(codec->name),
                     (unsigned)codec->clock);
    }
}

/* Why the answer may have rejected a section; it does not say so itself. */
static const char *why_rejected(const struct both *b, size_t i)
{
    const struct sdp_section *offer = &b->offer.sections[i];
    if (sdp_is_rejected(offer))
        return "the offer switches it off with port 0, so the answer must too (RFC 3264 6, 8.2)";
    if (offer->port == 0 && !sdp_bundle(&b->answer))
        return "it is bundle-only, and the answer does not bundle (RFC 9143 7.3.2)";
    if (offer->kind == SDP_OTHER)
        return "the answer rejects it with port 0: a kind of media that WebRTC does not have "
               "(RFC 3264 6)";
    if (offer->codec_count && !sdp_has_rtcp_mux(&b->offer, offer))
        return "the answer rejects it with port 0: the offer lacks rtcp-mux there (RFC 8858 4)";
    return "the answer rejects it with port 0 and need not say why: it has none of the codecs, or "
           "does not want it (RFC 3264 6)";
}

static const char *direction_meaning(enum sdp_direction direction)
{
    switch (direction) {
    case SDP_SENDRECV: return "both send";
    case SDP_SENDONLY: return "only the offerer sends";
    case SDP_RECVONLY: return "only the answerer sends";
    case SDP_INACTIVE: break;
    }
    return "nobody sends";
}

static void tell_side(const struct both *b, const char *name, struct bytes raw,
                      const struct sdp *sdp, size_t i)
{
    if (i >= sdp->section_count) {
        explain_field(b->x, name, raw, "RFC 3264 6", "no such section");
        explain_broken(b->x, "the answer has as many sections as the offer");
        return;
    }
    const struct sdp_section *s = &sdp->sections[i];
    explain_field_text(b->x, name, raw, "RFC 8866 5.14",
                       bytes_slice(s->lines.at->text, 2, SIZE_MAX));
    explain_meaning(b->x, "%s", sdp_direction_name(s->direction));
    if (s->setup) explain_meaning(b->x, "DTLS %s", sdp_setup_name(s->setup));
    if (s->candidate_count) explain_meaning(b->x, "%zu candidates", s->candidate_count);
}

/* What was refused of an agreed section, each in a field of its own. */
static void tell_details(const struct both *b, const struct sdp_agreed_section *agreed, size_t i)
{
    const struct sdp_section *offer = &b->offer.sections[i], *answer = &b->answer.sections[i];
    const struct bytes none = {NULL, 0};
    char text[1024];
    struct writer w = writer_of(text, sizeof text);
    write_codecs(&w, offer, answer, false);
    if (writer_len(&w))
        explain_field_text(b->x, "codecs refused", none, "RFC 3264 6.1",
                           (struct bytes){(const uint8_t *)text, writer_len(&w)});
    for (size_t k = 0; k < agreed->codec_count; k++) {
        const struct sdp_agreed_codec *codec = &agreed->codecs[k];
        explain_field(b->x, "codec", none, "RFC 3264 6.1",
                      "%s/%u, payload type %u to the answerer, %u to the offerer",
                      sdp_codec_name(codec->id), (unsigned)codec->clock, codec->send_pt,
                      codec->recv_pt);
        if (codec->rtx_send_pt != SDP_PT_NONE)
            explain_meaning(b->x, "sent again as payload type %u", codec->rtx_send_pt);
        for (unsigned bit = 1; bit <= SDP_FB_GOOG_REMB; bit <<= 1)
            if (codec->feedback & bit)
                explain_meaning(b->x, "%s", sdp_feedback_name((enum sdp_feedback)bit));
    }
    for (int ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++) {
        uint8_t id = agreed->ext_send[ext] ? agreed->ext_send[ext] : agreed->ext_recv[ext];
        if (id)
            explain_field(b->x, "extension", none, "RFC 8285 7", "%u %s", id,
                          sdp_ext_uri((enum sdp_ext)ext));
    }
}

/* What became of one section, for people and for programs alike. */
struct outcome {
    bool agreed;
    const char *why;
    char codec[80]; /* empty: none */
    enum sdp_direction direction;
};

static struct outcome outcome_of(const struct both *b, size_t i)
{
    struct outcome out = {.why = "one side has no such section (RFC 3264 6)"};
    if (i >= b->offer.section_count || i >= b->answer.section_count) return out;
    const struct sdp_section *answer = &b->answer.sections[i];
    if (b->fault.err != OK && fault_section(b) == i) {
        out.why = b->fault.rule;
        return out;
    }
    if (answer->port == 0) {
        out.why = why_rejected(b, i);
        return out;
    }
    if (b->fault.err != OK) {
        out.why = "nothing is agreed, since the descriptions don't fit as a whole";
        return out;
    }
    const struct sdp_agreed_section *agreed = &b->agreed.sections[i];
    out.agreed = true;
    out.direction =
        (enum sdp_direction)((agreed->send ? SDP_SEND : 0) | (agreed->recv ? SDP_RECV : 0));
    out.why = agreed->codec_count ? "both have the codec, and the answer takes the section"
                                  : "the answer takes the section";
    if (agreed->codec_count)
        snprintf(out.codec, sizeof out.codec, "%s/%u", sdp_codec_name(agreed->codecs[0].id),
                 (unsigned)agreed->codecs[0].clock);
    else
        bytes_to_text(answer->formats, out.codec, sizeof out.codec);
    return out;
}

static void tell_section(const struct both *b, size_t i)
{
    const struct sdp *sdp = i < b->offer.section_count ? &b->offer : &b->answer;
    const struct sdp_section *s = &sdp->sections[i];
    const struct outcome out = outcome_of(b, i);
    struct bytes raw = m_line(b->offer_text, &b->offer, i);
    explain_field(b->x, "section", raw, "RFC 3264 6", "%.*s (mid %.*s): %s%s%s", SDP_TEXT(s->media),
                  SDP_TEXT(s->mid), out.agreed ? "agreed" : "not agreed", out.codec[0] ? ", " : "",
                  out.codec);
    if (out.agreed) {
        explain_meaning(b->x, "%s", out.why);
        if (b->agreed.sections[i].codec_count)
            explain_meaning(b->x, "%s (RFC 3264 6.1)", direction_meaning(out.direction));
    } else {
        explain_broken(b->x, "%s", out.why);
    }
    explain_down(b->x);
    tell_side(b, "offer", raw, &b->offer, i);
    tell_side(b, "answer", m_line(b->answer_text, &b->answer, i), &b->answer, i);
    if (out.agreed) tell_details(b, &b->agreed.sections[i], i);
    explain_up(b->x);

    explain_object(b->x, NULL);
    if (s->mid.len) explain_text(b->x, "mid", s->mid);
    explain_text(b->x, "kind", s->media);
    explain_bool(b->x, "agreed", out.agreed);
    if (out.codec[0]) explain_text(b->x, "codec", bytes_of(out.codec));
    if (out.agreed) explain_text(b->x, "direction", bytes_of(sdp_direction_name(out.direction)));
    explain_text(b->x, "why", bytes_of(out.why));
    explain_close(b->x);
    explain_phrase(b->x, "; ");
    explain_summary(b->x, "%.*s %s%s", SDP_TEXT(s->media), out.agreed ? "agreed " : "not agreed",
                    out.codec);
}

/* ICE and DTLS: of the one transport that everything shares. */
static void tell_transport(const struct both *b)
{
    const struct sdp_agreed_transport *t = &b->agreed.transport;
    const struct bytes none = {NULL, 0};
    if (b->fault.err != OK || !t->used) return;
    const struct sdp_section *offer = sdp_transport_section(&b->offer);
    const struct sdp_section *answer = sdp_transport_section(&b->answer);
    const char *client = t->role == SDP_DTLS_CLIENT ? "offerer" : "answerer";
    explain_field(b->x, "transport", none, "RFC 8829 5.10", "carried by mid %.*s",
                  SDP_TEXT(t->mid));
    explain_down(b->x);
    explain_field(b->x, "ICE", none, "RFC 8445 7.2.2", "%.*s:%.*s",
                  SDP_TEXT(offer ? offer->ice_ufrag : none), SDP_TEXT(t->ufrag));
    explain_meaning(b->x, "USERNAME of the answerer's checks; the offerer's have the halves the "
                          "other way round");
    explain_meaning(b->x, "the %s is controlling (RFC 8445 6.1.1)",
                    b->offer.ice_lite && !b->answer.ice_lite ? "answerer" : "offerer");
    explain_field(b->x, "candidates", none, "RFC 8839 5.1", "%zu offered, %zu answered",
                  offer ? offer->candidate_count : 0, answer ? answer->candidate_count : 0);
    explain_field(b->x, "DTLS", none, "RFC 8842 5.3, RFC 5763 5", "the %s sends the ClientHello",
                  client);
    explain_up(b->x);
    explain_object(b->x, "transport");
    explain_text(b->x, "mid", t->mid);
    explain_text(b->x, "role", bytes_of(client));
    explain_bool(b->x, "iceLite", t->ice_lite);
    explain_bool(b->x, "bundled", sdp_bundle(&b->answer) != NULL);
    explain_close(b->x);
}

/* Whether the two fit: each as what it is, then both together. */
static void agree(struct both *b)
{
    b->in = &b->offer;
    if (sdp_check(&b->offer, SDP_OFFER, &b->fault) != OK) return;
    b->in = &b->answer;
    if (sdp_agree(&b->agreed, &b->offer, &b->answer, true) != OK) b->fault = b->agreed.fault;
}

static void tell_verdict(const struct both *b)
{
    bool fits = b->fault.err == OK;
    struct bytes text = b->in == &b->offer ? b->offer_text : b->answer_text;
    size_t i = fits ? SDP_SECTIONS_MAX : fault_section(b);
    struct bytes raw = m_line(text, b->in, i);
    explain_summary(b->x, "offer and answer %s", fits ? "agree" : "don't fit");
    explain_field(b->x, "together", raw, "RFC 8829 5.10, 5.11", "%s",
                  fits ? "they fit" : "they don't fit");
    if (!fits) explain_broken(b->x, "%s", b->fault.rule);
    explain_bool(b->x, "agreed", fits);
    if (!fits) explain_text(b->x, "why", bytes_of(b->fault.rule));
}

static void tell_both(const struct both *b)
{
    size_t count = b->offer.section_count;
    if (b->answer.section_count > count) count = b->answer.section_count;
    tell_verdict(b);
    tell_transport(b);
    explain_list(b->x, "sections");
    for (size_t i = 0; i < count; i++) tell_section(b, i);
    explain_close(b->x);
}

void sdp_explain_both(struct explain *x, struct bytes offer, struct bytes answer)
{
    struct both b = {.x = x, .offer_text = offer, .answer_text = answer};
    if (sdp_parse(&b.offer, offer) != OK) {
        sdp_explain_fault(x, offer, &b.offer.fault);
        return;
    }
    if (sdp_parse(&b.answer, answer) != OK) {
        sdp_explain_fault(x, answer, &b.answer.fault);
        sdp_free(&b.offer);
        return;
    }
    agree(&b);
    if (b.fault.err == E_NOMEM) /* which says nothing about the two */
        explain_fail(x, &b.fault);
    else
        tell_both(&b);
    sdp_agreed_free(&b.agreed);
    sdp_free(&b.offer);
    sdp_free(&b.answer);
}
