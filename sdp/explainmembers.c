/* The tree of a description as members: what a program wants of it (sdp/explain.h). */
#include "base/explain.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

/* A name of a member that is a payload type. */
struct pt_name {
    char text[4];
};

static struct pt_name name_of(uint8_t pt)
{
    struct pt_name name = {"*"};
    struct writer w = writer_of(name.text, sizeof name.text - 1);
    if (pt == SDP_PT_NONE) return name;
    write_format(&w, "%u", pt);
    name.text[writer_len(&w)] = 0;
    return name;
}

static void add_text(struct explain *x, const char *name, struct bytes text)
{
    if (text.len) explain_text(x, name, text);
}

static void add_formats(struct explain *x, const struct sdp_section *s)
{
    struct reader r = reader_of(s->formats);
    explain_list(x, "formats");
    while (reader_left(&r)) {
        explain_text(x, NULL, sdp_scan_until(&r, ' '));
        sdp_scan_char(&r, ' ');
    }
    explain_close(x);
}

/* RFC 8122 §5 has digits in upper case, whatever was written. */
static void add_fingerprint(struct explain *x, const struct sdp_section *s)
{
    if (s->fingerprint_count == 0) return;
    const struct sdp_fingerprint *f = &s->fingerprints[0];
    char text[3 * 64 + 1];
    struct writer w = writer_of(text, sizeof text);
    for (size_t i = 0; i < f->digest.len; i++)
        write_format(&w, "%s%02X", i ? ":" : "", f->digest.at[i]);
    struct bytes name = f->hash ? bytes_of(sdp_hash_name(f->hash)) : f->name;
    explain_object(x, "fingerprint");
    explain_text(x, "hash", name);
    /* Longer than the longest hash: none that we know, so it is told as it is. */
    if (w.err == OK)
        explain_text(x, "value", writer_done(&w));
    else
        explain_hex(x, "value", f->digest);
    explain_close(x);
}

/* Values of all lines of one attribute, as a list; nothing if there is no such line. */
static void add_values(struct explain *x, const char *name, const struct sdp_section *s,
                       enum sdp_attr attr)
{
    const struct sdp_line *line = sdp_next(s->lines, attr, NULL);
    if (!line) return;
    explain_list(x, name);
    for (; line; line = sdp_next(s->lines, attr, line)) explain_text(x, NULL, line->value);
    explain_close(x);
}

static void add_candidates(struct explain *x, const struct sdp_section *s)
{
    const struct sdp_line *line = NULL;
    explain_list(x, "candidates");
    while ((line = sdp_next(s->lines, SDP_ATTR_CANDIDATE, line)))
        explain_text(x, NULL, bytes_slice(line->text, 2, line->text.len));
    explain_close(x);
    explain_number(x, "candidateCount", s->candidate_count);
    explain_bool(x, "endOfCandidates", s->end_of_candidates);
}

static void add_codecs(struct explain *x, const struct sdp_section *s)
{
    explain_object(x, "codecs");
    for (size_t i = 0; i < s->codec_count; i++) {
        const struct sdp_codec *codec = &s->codecs[i];
        if (codec->name.len == 0) continue; /* RFC 3551 §6 may number it; no line does */
        explain_object(x, name_of(codec->pt).text);
        explain_text(x, "name", codec->name);
        explain_number(x, "rate", codec->clock);
        explain_number(x, "channels", codec->channels);
        explain_close(x);
    }
    explain_close(x);
}

/* Names come out as C strings: a parameter's is longer than this only in an attack, and is cut. */
#define PARAM_NAME_MAX 64
#define PARAMS_MAX     64 /* of one format; Chromium has up to five */

/* "minptime=10;useinbandfec=1": the first of two with one name counts, as for sdp_fmtp_get(). */
static void add_params(struct explain *x, struct bytes params)
{
    struct bytes seen[PARAMS_MAX];
    size_t count = 0;
    struct reader r = reader_of(params);
    while (reader_left(&r) && count < PARAMS_MAX) {
        struct reader param = reader_of(sdp_scan_until(&r, ';'));
        sdp_scan_char(&r, ';');
        while (sdp_scan_char(&param, ' ')) continue;
        struct bytes key = sdp_scan_until(&param, '=');
        sdp_scan_char(&param, '=');
        struct bytes value = read_rest(&param);
        bool known = key.len == 0;
        for (size_t i = 0; i < count && !known; i++) known = bytes_equal(seen[i], key);
        if (known) continue;
        seen[count++] = key;
        char name[PARAM_NAME_MAX];
        explain_text(x, bytes_to_text(key, name, sizeof name), value);
    }
}

static void add_fmtp(struct explain *x, const struct sdp_section *s)
{
    explain_object(x, "fmtp");
    for (size_t i = 0; i < s->codec_count; i++) {
        if (s->codecs[i].fmtp.len == 0) continue;
        explain_object(x, name_of(s->codecs[i].pt).text);
        add_params(x, s->codecs[i].fmtp);
        explain_close(x);
    }
    explain_close(x);
}

static bool has_feedback(const struct sdp_section *s, uint8_t pt)
{
    const struct sdp_line *line = NULL;
    while ((line = sdp_next(s->lines, SDP_ATTR_RTCP_FB, line)))
        if (line->as.rtcp_fb.pt == pt) return true;
    return false;
}

static void add_feedback_of(struct explain *x, const struct sdp_section *s, uint8_t pt)
{
    const struct sdp_line *line = NULL;
    if (!has_feedback(s, pt)) return;
    explain_list(x, name_of(pt).text);
    while ((line = sdp_next(s->lines, SDP_ATTR_RTCP_FB, line)))
        if (line->as.rtcp_fb.pt == pt) explain_text(x, NULL, line->as.rtcp_fb.value);
    explain_close(x);
}

static void add_feedback(struct explain *x, const struct sdp_section *s)
{
    explain_object(x, "rtcpFb");
    add_feedback_of(x, s, SDP_PT_NONE); /* "*" */
    for (size_t i = 0; i < s->codec_count; i++) add_feedback_of(x, s, s->codecs[i].pt);
    explain_close(x);
}

static void add_extmaps(struct explain *x, const struct sdp_section *s)
{
    if (s->extmap_count == 0) return;
    explain_list(x, "extmap");
    for (size_t i = 0; i < s->extmap_count; i++) {
        const struct sdp_extmap *map = &s->extmaps[i];
        explain_object(x, NULL);
        explain_number(x, "id", map->id);
        explain_text(x, "uri", map->uri);
        explain_text(x, "direction",
                     bytes_of(sdp_direction_name((enum sdp_direction)map->direction)));
        explain_close(x);
    }
    explain_close(x);
}

/* Each source once, though it has a line for each of its attributes (RFC 5576 §4.1). */
static void add_ssrcs(struct explain *x, const struct sdp_section *s)
{
    const struct sdp_line *line = sdp_next(s->lines, SDP_ATTR_SSRC, NULL);
    if (!line) return;
    explain_list(x, "ssrcs");
    for (; line; line = sdp_next(s->lines, SDP_ATTR_SSRC, line)) {
        const struct sdp_line *first = NULL;
        do first = sdp_next(s->lines, SDP_ATTR_SSRC, first);
        while (first->as.ssrc.id != line->as.ssrc.id);
        if (first == line) explain_number(x, NULL, line->as.ssrc.id);
    }
    explain_close(x);
}

static void add_rids(struct explain *x, const struct sdp_section *s)
{
    const struct sdp_line *line = NULL;
    if (s->rid_count == 0) return;
    explain_list(x, "rids");
    while ((line = sdp_next(s->lines, SDP_ATTR_RID, line))) explain_text(x, NULL, line->as.rid.id);
    explain_close(x);
}

/* The value of the last line of this attribute, which is the one that counts. */
static void add_last(struct explain *x, const char *name, const struct sdp_section *s,
                     enum sdp_attr attr)
{
    const struct sdp_line *line = NULL, *last = NULL;
    while ((line = sdp_next(s->lines, attr, line))) last = line;
    if (last) explain_text(x, name, last->value);
}

static void add_rtp(struct explain *x, const struct sdp_section *s)
{
    add_codecs(x, s);
    add_fmtp(x, s);
    add_feedback(x, s);
    add_extmaps(x, s);
    add_ssrcs(x, s);
    add_values(x, "ssrcGroups", s, SDP_ATTR_SSRC_GROUP);
    add_rids(x, s);
    add_last(x, "simulcast", s, SDP_ATTR_SIMULCAST);
}

static void add_section(struct explain *x, const struct sdp_section *s)
{
    const struct sdp_line *msid = sdp_next(s->lines, SDP_ATTR_MSID, NULL);
    explain_object(x, NULL);
    explain_text(x, "kind", s->media);
    explain_number(x, "port", s->port);
    explain_text(x, "protocol", s->protocol);
    add_formats(x, s);
    explain_bool(x, "rejected", sdp_is_rejected(s));
    add_text(x, "mid", s->mid);
    explain_text(x, "direction", bytes_of(sdp_direction_name(s->direction)));
    add_text(x, "iceUfrag", s->ice_ufrag);
    add_text(x, "icePwd", s->ice_pwd);
    add_text(x, "setup", bytes_of(sdp_setup_name(s->setup)));
    add_fingerprint(x, s);
    explain_bool(x, "rtcpMux", s->rtcp_mux);
    add_candidates(x, s);
    if (s->codec_count) add_rtp(x, s);
    if (sdp_next(s->lines, SDP_ATTR_SCTP_PORT, NULL)) explain_number(x, "sctpPort", s->sctp_port);
    if (sdp_next(s->lines, SDP_ATTR_MAX_MESSAGE_SIZE, NULL))
        explain_number(x, "maxMessageSize", s->max_message_size);
    if (msid) explain_text(x, "msid", msid->value);
    explain_close(x);
}

void sdp_explain_members(struct explain *x, const struct sdp *sdp)
{
    const struct sdp_line *line = NULL;
    explain_number(x, "version", 0); /* sdp_parse() takes no other (RFC 8866 §5.1) */
    explain_text(x, "origin", sdp->lines.at[1].value);
    add_text(x, "name", sdp->name);
    explain_list(x, "groups");
    while ((line = sdp_next(sdp->session, SDP_ATTR_GROUP, line)))
        explain_text(x, NULL, line->value);
    explain_close(x);
    explain_bool(x, "iceLite", sdp->ice_lite);
    explain_list(x, "media");
    for (size_t i = 0; i < sdp->section_count; i++) add_section(x, &sdp->sections[i]);
    explain_close(x);
}
