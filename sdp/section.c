/* What the lines of one section say together. */
#include "sdp/internal.h"
#include "sdp/scan.h"

#include <string.h>

bool sdp_is_rtp(struct bytes protocol)
{
    /* RFC 8829 §5.1.2: RTP/[S]AVP[F], and the same behind UDP/TLS/ or TCP/DTLS/. */
    struct reader r = reader_of(protocol);
    if (!sdp_scan_literal(&r, "UDP/TLS/") && !sdp_scan_literal(&r, "TCP/DTLS/"))
        sdp_scan_literal(&r, "TCP/TLS/");
    return sdp_scan_literal(&r, "RTP/");
}

static uint8_t codec_id(const struct sdp_codec *codec)
{
    /* RFC 7587 §7: always 48000/2 whatever is sent; RFC 7741 §6.1: always 90000. */
    if (codec->name.len == 4 && codec->clock == 48000 && codec->channels == 2)
        return bytes_is_nocase(codec->name, "opus") ? SDP_OPUS : SDP_CODEC_OTHER;
    if (codec->name.len != 3) return SDP_CODEC_OTHER;
    if (bytes_is(codec->name, "rtx") || bytes_is_nocase(codec->name, "rtx")) return SDP_RTX;
    if (codec->clock == 90000 && bytes_is_nocase(codec->name, "VP8")) return SDP_VP8;
    return SDP_CODEC_OTHER;
}

/* The codecs of one section by payload type, so that each line finds its own at once. */
struct codec_index {
    struct sdp_codec *codecs;
    uint8_t position[SDP_PT_MAX + 1]; /* plus one; 0: the m= line does not list it */
    uint8_t feedback_of_all;          /* of "rtcp-fb:*" */
};

/* "111 63 9": one codec each, without a name yet. */
static void take_formats(struct sdp_section *section, struct arena *arena, struct reader *r,
                         struct codec_index *index)
{
    size_t room = 1, count = 0;
    for (size_t i = 0; i < section->formats.len; i++) room += section->formats.at[i] == ' ';
    if (room > SDP_PT_MAX + 1) room = SDP_PT_MAX + 1;
    struct sdp_codec *codecs = arena_take(arena, room * sizeof *codecs);
    if (!codecs) reader_fail(r, E_NOMEM, "no room for the formats");
    index->codecs = codecs;
    do {
        uint64_t pt = sdp_scan_number(
            r, SDP_PT_MAX, "a format of RTP is a payload type up to 127 (RFC 8866 5.14)");
        if (count == room)
            reader_fail(r, E_FULL, "at most 128 formats in one section (RFC 3550 5.1)");
        if (r->err != OK) return;
        codecs[count++] = (struct sdp_codec){.pt = (uint8_t)pt, .channels = 1, .apt = SDP_PT_NONE};
        /* The first of two counts: sdp_check() refuses them. */
        if (index->position[pt] == 0) index->position[pt] = (uint8_t)count;
    } while (sdp_scan_char(r, ' '));
    sdp_expect_end(r, "formats are payload types between single blanks (RFC 8866 5.14)");
    section->codecs = codecs;
    section->codec_count = count;
}

static struct sdp_codec *find(const struct codec_index *index, uint8_t pt)
{
    uint8_t position = pt <= SDP_PT_MAX ? index->position[pt] : 0;
    return position ? &index->codecs[position - 1] : NULL;
}

static void add_rtpmap(const struct codec_index *index, const struct sdp_rtpmap *map)
{
    struct sdp_codec *codec = find(index, map->pt);
    if (!codec) return;
    codec->name = map->name;
    codec->clock = map->clock;
    codec->channels = map->channels;
    codec->id = codec_id(codec);
}

/* RFC 4588 §8.6: what rtx repeats. SDP_PT_NONE: rtx without apt repeats nothing. */
static uint8_t apt_of(struct bytes fmtp)
{
    static const char only[] = "apt="; /* and nothing else, as nearly everyone has it */
    struct bytes value;
    uint64_t apt;
    if (bytes_starts(fmtp, only) &&
        bytes_to_u64(bytes_slice(fmtp, sizeof only - 1, fmtp.len), SDP_PT_MAX, &apt))
        return (uint8_t)apt;
    bool is_there = sdp_fmtp_get(fmtp, "apt", &value) && bytes_to_u64(value, SDP_PT_MAX, &apt);
    return is_there ? (uint8_t)apt : SDP_PT_NONE;
}

/* What a line says about a codec, if it is about one. */
static void gather_codec(struct codec_index *index, const struct sdp_line *line)
{
    struct sdp_codec *codec;
    if (line->attr == SDP_ATTR_RTCP_FB) {
        codec = find(index, line->as.rtcp_fb.pt);
        if (codec) codec->feedback |= line->as.rtcp_fb.feedback;
        if (line->as.rtcp_fb.pt == SDP_PT_NONE) index->feedback_of_all |= line->as.rtcp_fb.feedback;
    } else if (line->attr == SDP_ATTR_FMTP) {
        codec = find(index, line->as.fmtp.pt);
        if (codec) codec->fmtp = line->as.fmtp.params;
    } else if (line->attr == SDP_ATTR_RTPMAP) {
        add_rtpmap(index, &line->as.rtpmap);
    }
}

/* Which attributes the lines of a section are, the last of each kept: no branch for any of them. */
struct seen {
    const struct sdp_line *last[SDP_ATTR_COUNT];
    uint16_t count[SDP_ATTR_COUNT];
};

static void take_text(struct bytes *to, const struct seen *seen, enum sdp_attr attr)
{
    if (seen->last[attr]) *to = seen->last[attr]->value;
}

static void gather_flags(struct sdp_section *s, const struct seen *seen)
{
    static const struct {
        enum sdp_attr attr;
        enum sdp_direction direction;
    } directions[] = {{SDP_ATTR_SENDRECV, SDP_SENDRECV},
                      {SDP_ATTR_SENDONLY, SDP_SENDONLY},
                      {SDP_ATTR_RECVONLY, SDP_RECVONLY},
                      {SDP_ATTR_INACTIVE, SDP_INACTIVE}};
    const struct sdp_line *latest = NULL;
    for (size_t i = 0; i < COUNT(directions); i++) {
        const struct sdp_line *line = seen->last[directions[i].attr];
        if (!line || (latest && line < latest)) continue;
        latest = line;
        s->direction = directions[i].direction;
    }
    s->bundle_only = seen->last[SDP_ATTR_BUNDLE_ONLY];
    s->rtcp_mux = seen->last[SDP_ATTR_RTCP_MUX];
    s->rtcp_mux_only = seen->last[SDP_ATTR_RTCP_MUX_ONLY];
    s->rtcp_rsize = seen->last[SDP_ATTR_RTCP_RSIZE];
    /* These hold for all sections if the session has them. */
    s->end_of_candidates = s->end_of_candidates || seen->last[SDP_ATTR_END_OF_CANDIDATES];
    s->extmap_allow_mixed = s->extmap_allow_mixed || seen->last[SDP_ATTR_EXTMAP_ALLOW_MIXED];
    s->ice_lite = s->ice_lite || seen->last[SDP_ATTR_ICE_LITE];
}

/* The last of several values counts, except for msid (the first track is the one that we play). */
static void gather_values(struct sdp_section *s, const struct seen *seen)
{
    const struct sdp_line *const *last = seen->last;
    take_text(&s->mid, seen, SDP_ATTR_MID);
    take_text(&s->ice_ufrag, seen, SDP_ATTR_ICE_UFRAG);
    take_text(&s->ice_pwd, seen, SDP_ATTR_ICE_PWD);
    take_text(&s->ice_options, seen, SDP_ATTR_ICE_OPTIONS);
    take_text(&s->tls_id, seen, SDP_ATTR_TLS_ID);
    if (last[SDP_ATTR_SETUP]) s->setup = last[SDP_ATTR_SETUP]->as.setup;
    if (last[SDP_ATTR_SIMULCAST]) s->simulcast = &last[SDP_ATTR_SIMULCAST]->as.simulcast;
    if (last[SDP_ATTR_SCTP_PORT]) s->sctp_port = (uint16_t)last[SDP_ATTR_SCTP_PORT]->as.number;
    if (last[SDP_ATTR_MAX_MESSAGE_SIZE])
        s->max_message_size = last[SDP_ATTR_MAX_MESSAGE_SIZE]->as.number;
    if (last[SDP_ATTR_MSID]) s->msid = sdp_next(s->lines, SDP_ATTR_MSID, NULL)->as.msid;
    s->candidate_count = seen->count[SDP_ATTR_CANDIDATE];
    s->rid_count = seen->count[SDP_ATTR_RID];
}

static enum err gather_lists(struct sdp_section *s, const struct seen *seen, struct arena *arena)
{
    size_t fingerprints = seen->count[SDP_ATTR_FINGERPRINT];
    size_t extmaps = seen->count[SDP_ATTR_EXTMAP];
    if (fingerprints) {
        if (fingerprints > SDP_FINGERPRINTS_MAX) fingerprints = SDP_FINGERPRINTS_MAX;
        struct sdp_fingerprint *list = arena_take(arena, fingerprints * sizeof *list);
        if (!list) return E_NOMEM;
        const struct sdp_line *line = NULL;
        for (size_t i = 0; i < fingerprints; i++) {
            line = sdp_next(s->lines, SDP_ATTR_FINGERPRINT, line);
            list[i] = line->as.fingerprint;
        }
        s->fingerprints = list;
        s->fingerprint_count = fingerprints;
    }
    if (extmaps) {
        struct sdp_extmap *list = arena_take(arena, extmaps * sizeof *list);
        if (!list) return E_NOMEM;
        const struct sdp_line *line = NULL;
        for (size_t i = 0; i < extmaps; i++) {
            line = sdp_next(s->lines, SDP_ATTR_EXTMAP, line);
            list[i] = line->as.extmap;
        }
        s->extmaps = list;
        s->extmap_count = extmaps;
    }
    return OK;
}

/* RFC 8866 §5.13: what a section does not say, the session says for it. Firefox puts fingerprint
 * and ice-options there, others ufrag and pwd. */
static void inherit(struct sdp_section *s, const struct sdp_section *defaults)
{
    s->direction = defaults->direction;
    s->ice_ufrag = defaults->ice_ufrag;
    s->ice_pwd = defaults->ice_pwd;
    s->ice_options = defaults->ice_options;
    s->ice_lite = defaults->ice_lite;
    s->setup = defaults->setup;
    s->tls_id = defaults->tls_id;
    s->fingerprints = defaults->fingerprints;
    s->fingerprint_count = defaults->fingerprint_count;
    s->extmaps = defaults->extmaps;
    s->extmap_count = defaults->extmap_count;
    s->extmap_allow_mixed = defaults->extmap_allow_mixed;
    s->end_of_candidates = defaults->end_of_candidates;
    s->has_connection = defaults->has_connection;
}

enum err sdp_section_gather(struct sdp_section *section, const struct sdp_section *defaults,
                            struct arena *arena, struct fault *fault)
{
    struct seen seen = {0};
    struct codec_index index = {0};
    struct reader formats = reader_of(section->formats);
    section->direction = SDP_SENDRECV; /* RFC 8866 §6.7: if there is none */
    if (defaults) inherit(section, defaults);
    if (sdp_is_rtp(section->protocol)) take_formats(section, arena, &formats, &index);
    for (size_t i = 0; i < section->lines.count; i++) {
        const struct sdp_line *line = &section->lines.at[i];
        if (line->type == 'c') section->has_connection = true;
        seen.last[line->attr] = line;
        seen.count[line->attr]++;
        gather_codec(&index, line);
    }
    gather_flags(section, &seen);
    gather_values(section, &seen);
    for (size_t i = 0; index.codecs && i < section->codec_count; i++) {
        struct sdp_codec *codec = &index.codecs[i];
        codec->feedback |= index.feedback_of_all;
        if (codec->id == SDP_RTX) codec->apt = apt_of(codec->fmtp);
    }
    if (gather_lists(section, &seen, arena) != OK)
        reader_fail(&formats, E_NOMEM, "no room for the lists of a section");
    *fault = reader_fault(&formats, "sdp");
    return formats.err;
}
