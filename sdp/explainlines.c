/* Every line of a description with what it means: the lines themselves, and m= (sdp/explain.h).
 * What attributes mean is in sdp/explainattribute.c. */
#include "base/explain.h"
#include "sdp/internal.h"

/* The description being told, and where in it we are. */
struct telling {
    struct explain *x;
    struct bytes message;
    const struct sdp *sdp;
    const struct sdp_section *section; /* NULL: before the first m= */
};

/* RFC 8866 §5: each letter, its name and section. */
static const struct letter {
    char type;
    const char *name, *spec, *meaning;
} letters[] = {
    {'v', "version", "RFC 8866 5.1", "the version of SDP: there is no other"},
    {'s', "session name", "RFC 8866 5.3", "for people; WebRTC writes \"-\" (RFC 8829 5.2.1)"},
    {'t', "time", "RFC 8866 5.9", "when the session is active: 0 0 is always"},
    {'i', "information", "RFC 8866 5.4", "for people; not used"},
    {'u', "URI", "RFC 8866 5.5", "for people; not used"},
    {'e', "email", "RFC 8866 5.6", "for people; not used"},
    {'p', "phone", "RFC 8866 5.6", "for people; not used"},
    {'r', "repeat times", "RFC 8866 5.10", "not used"},
    {'z', "time zones", "RFC 8866 5.11", "not used"},
    {'k', "encryption key", "RFC 8866 5.12",
     "obsolete, and never to be used: keys come from DTLS (RFC 8827 6.5)"},
};

static void tell_origin(const struct telling *t, struct bytes raw)
{
    const struct sdp_origin *o = &t->sdp->origin;
    explain_field_text(t->x, "origin", raw, "RFC 8866 5.2", t->sdp->lines.at[1].value);
    explain_meaning(t->x,
                    "session %.*s, version %.*s of its description: the version goes up by one "
                    "whenever the description changes",
                    SDP_TEXT(o->session_id), SDP_TEXT(o->version));
    if (bytes_is(o->address, "127.0.0.1") || bytes_is(o->address, "0.0.0.0"))
        explain_meaning(t->x, "the address says nothing, so that it gives nothing away "
                              "(RFC 8829 5.2.1)");
}

static void tell_connection(const struct telling *t, const struct sdp_line *line, struct bytes raw)
{
    explain_field_text(t->x, "connection", raw, "RFC 8866 5.7", line->value);
    explain_meaning(t->x, "where media would go without ICE: candidates decide instead "
                          "(RFC 8839 4.2.1.2)");
    if (bytes_is(line->value, "IN IP4 0.0.0.0") || bytes_is(line->value, "IN IP6 ::"))
        explain_meaning(t->x, "no address yet: candidates follow by themselves (RFC 8840 4.1.1)");
}

static void tell_bandwidth(const struct telling *t, const struct sdp_line *line, struct bytes raw)
{
    explain_field_text(t->x, "bandwidth", raw, "RFC 8866 5.8", line->value);
    if (bytes_starts(line->value, "AS:"))
        explain_meaning(t->x, "most that the other side may send, in kbit/s");
    else if (bytes_starts(line->value, "TIAS:"))
        explain_meaning(t->x, "most that the other side may send, in bit/s, without the headers "
                              "below RTP (RFC 3890 6.2)");
    else
        explain_meaning(t->x, "a bound of a kind that is not used here");
}

static void tell_letter(const struct telling *t, const struct sdp_line *line, struct bytes raw)
{
    for (size_t i = 0; i < COUNT(letters); i++) {
        const struct letter *letter = &letters[i];
        if (letter->type != line->type) continue;
        explain_field_text(t->x, letter->name, raw, letter->spec, line->value);
        explain_meaning(t->x, "%s", letter->meaning);
        return;
    }
}

#define WRONG_FORMATS_MAX 4 /* told of one m= line: they are all alike */

/* What is wrong with the i-th payload type of a section; NULL: nothing. */
static const char *wrong_format(const struct sdp_section *s, size_t i)
{
    const struct sdp_codec *codec = &s->codecs[i];
    if (sdp_find_codec(s, codec->pt) != codec) return "listed twice (RFC 8866 5.14)";
    if (codec->pt >= 64 && codec->pt <= 95) return "looks like RTCP on one port (RFC 5761 4)";
    if (codec->pt >= 96 && codec->name.len == 0) return "no rtpmap says what it is (RFC 3264 5.1)";
    return NULL;
}

static void check_formats(const struct telling *t)
{
    size_t wrong = 0;
    for (size_t i = 0; i < t->section->codec_count && wrong < WRONG_FORMATS_MAX; i++) {
        const char *rule = wrong_format(t->section, i);
        if (rule) explain_broken(t->x, "payload type %u: %s", t->section->codecs[i].pt, rule);
        wrong += rule != NULL;
    }
}

static void tell_port(const struct telling *t)
{
    const struct sdp_section *s = t->section;
    if (sdp_is_rejected(s))
        explain_meaning(t->x, "port 0: rejected or switched off (RFC 3264 6, 8.2); an answer to it "
                              "has port 0 too");
    else if (s->port == 0)
        explain_meaning(t->x, "port 0 and bundle-only: to be taken on the bundle's transport, "
                              "or else rejected (RFC 9143 6)");
    else if (s->port == 9)
        explain_meaning(t->x, "port 9, \"discard\": the real one comes with the candidates "
                              "(RFC 8840 4.1.1)");
    else
        explain_meaning(t->x, "port %u: of the default candidate (RFC 8839 4.2.1.2)", s->port);
    if (s->bundle_only && s->port)
        explain_meaning(t->x, "bundle-only says nothing beside a port (RFC 9143 6)");
}

/* The m= line, with which each section begins and which no other line is. */
static void tell_media(const struct telling *t, const struct sdp_section *s)
{
    const struct sdp_line *line = s->lines.at;
    struct bytes raw = sdp_in_message(t->message, t->sdp, line->text);
    explain_field_text(t->x, "media", raw, "RFC 8866 5.14", line->value);
    explain_meaning(t->x, "section %zu, %.*s over %.*s", sdp_section_index(t->sdp, s),
                    SDP_TEXT(s->media), SDP_TEXT(s->protocol));
    tell_port(t);
    if (s->codec_count)
        explain_meaning(t->x, "%zu payload types, the preferred one first (RFC 3264 5.1)",
                        s->codec_count);
    if (s->codec_count && !bytes_starts(s->protocol, "UDP/TLS/RTP/SAVP"))
        explain_meaning(t->x,
                        "taken as UDP/TLS/RTP/SAVPF is: media comes by DTLS-SRTP all the same "
                        "(RFC 8829 5.1.2)");
    check_formats(t);
    if (!s->has_connection)
        explain_broken(t->x, "no c= line here or before all sections (RFC 8866 5.7)");
}

static void tell_line(const struct telling *t, const struct sdp_line *line)
{
    struct bytes raw = sdp_in_message(t->message, t->sdp, line->text);
    switch (line->type) {
    case 'a':
        explain_field_text(t->x,
                           line->attr ? sdp_attr_name((enum sdp_attr)line->attr) : "attribute", raw,
                           sdp_attr_spec((enum sdp_attr)line->attr),
                           line->attr ? line->value : bytes_slice(line->text, 2, line->text.len));
        sdp_explain_attribute(t->x, t->sdp, t->section, line);
        break;
    case 'o': tell_origin(t, raw); break;
    case 'c': tell_connection(t, line, raw); break;
    case 'b': tell_bandwidth(t, line, raw); break;
    default: tell_letter(t, line, raw); break;
    }
}

static void tell_section(struct telling *t, const struct sdp_section *section)
{
    t->section = section;
    tell_media(t, section);
    explain_down(t->x);
    for (size_t i = 1; i < section->lines.count; i++) tell_line(t, &section->lines.at[i]);
    explain_up(t->x);
}

/* Line ends are no part of any value, but peers refuse LF alone here and there. */
static void check_ends(const struct telling *t)
{
    const struct sdp_lines lines = t->sdp->lines;
    size_t bare = 0;
    for (size_t i = 0; i < lines.count; i++) {
        struct bytes line = lines.at[i].text; /* in the tree's copy; its end stands behind it */
        bare += line.at[line.len] == '\n';
    }
    if (bare == 0) return;
    explain_field(t->x, "line ends", (struct bytes){NULL, 0}, "RFC 8866 5",
                  "%zu of %zu in LF alone", bare, lines.count);
    explain_broken(t->x, "every line ends in CRLF; not every peer takes less");
}

void sdp_explain_lines(struct explain *x, struct bytes message, const struct sdp *sdp)
{
    struct telling t = {.x = x, .message = message, .sdp = sdp};
    for (size_t i = 0; i < sdp->session.count; i++) tell_line(&t, &sdp->session.at[i]);
    for (size_t i = 0; i < sdp->section_count; i++) tell_section(&t, &sdp->sections[i]);
    check_ends(&t);
}
