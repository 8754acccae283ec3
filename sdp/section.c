/* What the lines of one section say together. */
#include "sdp/internal.h"
#include "sdp/scan.h"

#include <string.h>

bool sdp_is_rtp(struct bytes protocol)
{
    /* RFC 8829 §5.1.2: RTP/[S]AVP[F], and the same behind UDP/TLS/ or TCP/DTLS/. */
    static const char *const before[] = {"", "UDP/TLS/", "TCP/DTLS/", "TCP/TLS/"};
    for (size_t i = 0; i < COUNT(before); i++) {
        if (!bytes_starts(protocol, before[i])) continue;
        if (bytes_starts(bytes_slice(protocol, strlen(before[i]), protocol.len), "RTP/"))
            return true;
    }
    return false;
}

/* "111 63 9": one codec each, without a name yet. */
static struct sdp_codec *take_formats(struct sdp_section *section, struct arena *arena,
                                      struct reader *r)
{
    struct sdp_codec found[SDP_PT_MAX + 1];
    size_t count = 0;
    do {
        uint64_t pt = sdp_scan_number(
            r, SDP_PT_MAX, "a format of RTP is a payload type up to 127 (RFC 8866 5.14)");
        if (count == COUNT(found)) {
            reader_fail(r, E_FULL, "at most 128 formats in one section (RFC 3550 5.1)");
            return NULL;
        }
        found[count++] = (struct sdp_codec){.pt = (uint8_t)pt, .channels = 1, .apt = SDP_PT_NONE};
    } while (sdp_scan_char(r, ' '));
    sdp_expect_end(r, "formats are payload types between single blanks (RFC 8866 5.14)");
    if (r->err != OK) return NULL;
    struct sdp_codec *codecs = arena_take(arena, count * sizeof *codecs);
    if (!codecs) {
        reader_fail(r, E_NOMEM, "no room for the formats");
        return NULL;
    }
    memcpy(codecs, found, count * sizeof *codecs);
    section->codecs = codecs;
    section->codec_count = count;
    return codecs;
}

static uint8_t codec_id(const struct sdp_codec *codec)
{
    /* RFC 7587 §7: always 48000/2 whatever is sent; RFC 7741 §6.1: always 90000. */
    if (codec->clock == 48000 && codec->channels == 2 && bytes_is_nocase(codec->name, "opus"))
        return SDP_OPUS;
    if (codec->name.len != 3) return SDP_CODEC_OTHER;
    if (codec->clock == 90000 && bytes_is_nocase(codec->name, "VP8")) return SDP_VP8;
    if (bytes_is_nocase(codec->name, "rtx")) return SDP_RTX;
    return SDP_CODEC_OTHER;
}

/* The codecs of one section by payload type, so that each line finds its own at once. */
struct codec_index {
    struct sdp_codec *codecs;
    uint8_t position[SDP_PT_MAX + 1]; /* plus one; 0: the m= line does not list it */
};

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

/* RFC 4588 §8.6: rtx without apt repeats nothing; its apt stays SDP_PT_NONE. */
static void finish_codec(struct sdp_codec *codec, uint8_t feedback_of_all)
{
    struct bytes value;
    uint64_t apt;
    codec->feedback |= feedback_of_all;
    if (codec->id == SDP_RTX && sdp_fmtp_get(codec->fmtp, "apt", &value) &&
        bytes_to_u64(value, SDP_PT_MAX, &apt))
        codec->apt = (uint8_t)apt;
}

static void gather_codecs(struct sdp_section *section, struct sdp_codec *codecs)
{
    struct codec_index index = {.codecs = codecs};
    uint8_t feedback_of_all = 0;
    for (size_t i = section->codec_count; i-- > 0;) index.position[codecs[i].pt] = (uint8_t)(i + 1);
    for (size_t i = 1; i < section->lines.count; i++) {
        const struct sdp_line *line = &section->lines.at[i];
        struct sdp_codec *codec = NULL;
        switch ((enum sdp_attr)line->attr) {
        case SDP_ATTR_RTPMAP: add_rtpmap(&index, &line->as.rtpmap); break;
        case SDP_ATTR_FMTP:
            codec = find(&index, line->as.fmtp.pt);
            if (codec) codec->fmtp = line->as.fmtp.params;
            break;
        case SDP_ATTR_RTCP_FB:
            codec = find(&index, line->as.rtcp_fb.pt);
            if (codec) codec->feedback |= line->as.rtcp_fb.feedback;
            if (line->as.rtcp_fb.pt == SDP_PT_NONE) feedback_of_all |= line->as.rtcp_fb.feedback;
            break;
        default: break;
        }
    }
    for (size_t i = 0; i < section->codec_count; i++) finish_codec(&codecs[i], feedback_of_all);
}

/* How many of each list there are, counted on the way through the lines. */
struct counts {
    size_t fingerprints, extmaps;
};

static void gather_flag(struct sdp_section *s, enum sdp_attr attr)
{
    switch (attr) {
    case SDP_ATTR_SENDRECV: s->direction = SDP_SENDRECV; break;
    case SDP_ATTR_SENDONLY: s->direction = SDP_SENDONLY; break;
    case SDP_ATTR_RECVONLY: s->direction = SDP_RECVONLY; break;
    case SDP_ATTR_INACTIVE: s->direction = SDP_INACTIVE; break;
    case SDP_ATTR_BUNDLE_ONLY: s->bundle_only = true; break;
    case SDP_ATTR_END_OF_CANDIDATES: s->end_of_candidates = true; break;
    case SDP_ATTR_EXTMAP_ALLOW_MIXED: s->extmap_allow_mixed = true; break;
    case SDP_ATTR_ICE_LITE: s->ice_lite = true; break;
    case SDP_ATTR_RTCP_MUX: s->rtcp_mux = true; break;
    case SDP_ATTR_RTCP_MUX_ONLY: s->rtcp_mux_only = true; break;
    case SDP_ATTR_RTCP_RSIZE: s->rtcp_rsize = true; break;
    default: break;
    }
}

/* The last of several values counts, except for msid (the first track is the one that we play). */
static void gather_line(struct sdp_section *s, const struct sdp_line *line, struct counts *counts)
{
    switch ((enum sdp_attr)line->attr) {
    case SDP_ATTR_MID: s->mid = line->value; break;
    case SDP_ATTR_ICE_UFRAG: s->ice_ufrag = line->value; break;
    case SDP_ATTR_ICE_PWD: s->ice_pwd = line->value; break;
    case SDP_ATTR_ICE_OPTIONS: s->ice_options = line->value; break;
    case SDP_ATTR_SETUP: s->setup = line->as.setup; break;
    case SDP_ATTR_TLS_ID: s->tls_id = line->value; break;
    case SDP_ATTR_FINGERPRINT: counts->fingerprints++; break;
    case SDP_ATTR_EXTMAP: counts->extmaps++; break;
    case SDP_ATTR_CANDIDATE: s->candidate_count++; break;
    case SDP_ATTR_RID: s->rid_count++; break;
    case SDP_ATTR_SIMULCAST: s->simulcast = &line->as.simulcast; break;
    case SDP_ATTR_SCTP_PORT: s->sctp_port = (uint16_t)line->as.number; break;
    case SDP_ATTR_MAX_MESSAGE_SIZE: s->max_message_size = line->as.number; break;
    case SDP_ATTR_MSID:
        if (s->msid.stream.len == 0) s->msid = line->as.msid;
        break;
    default: gather_flag(s, (enum sdp_attr)line->attr); break;
    }
}

static enum err gather_lists(struct sdp_section *s, const struct counts *counts,
                             struct arena *arena)
{
    if (counts->fingerprints) {
        size_t room = counts->fingerprints < SDP_FINGERPRINTS_MAX ? counts->fingerprints
                                                                  : SDP_FINGERPRINTS_MAX;
        struct sdp_fingerprint *list = arena_take(arena, room * sizeof *list);
        if (!list) return E_NOMEM;
        const struct sdp_line *line = NULL;
        for (size_t i = 0; i < room; i++) {
            line = sdp_next(s->lines, SDP_ATTR_FINGERPRINT, line);
            list[i] = line->as.fingerprint;
        }
        s->fingerprints = list;
        s->fingerprint_count = room;
    }
    if (counts->extmaps) {
        struct sdp_extmap *list = arena_take(arena, counts->extmaps * sizeof *list);
        if (!list) return E_NOMEM;
        const struct sdp_line *line = NULL;
        for (size_t i = 0; i < counts->extmaps; i++) {
            line = sdp_next(s->lines, SDP_ATTR_EXTMAP, line);
            list[i] = line->as.extmap;
        }
        s->extmaps = list;
        s->extmap_count = counts->extmaps;
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
    struct counts counts = {0};
    struct reader formats = reader_of(section->formats);
    section->direction = SDP_SENDRECV; /* RFC 8866 §6.7: if there is none */
    if (defaults) inherit(section, defaults);
    for (size_t i = 0; i < section->lines.count; i++) {
        const struct sdp_line *line = &section->lines.at[i];
        if (line->type == 'c') section->has_connection = true;
        if (line->attr != SDP_ATTR_UNKNOWN) gather_line(section, line, &counts);
    }
    if (gather_lists(section, &counts, arena) != OK)
        reader_fail(&formats, E_NOMEM, "no room for the lists of a section");
    if (sdp_is_rtp(section->protocol)) {
        struct sdp_codec *codecs = take_formats(section, arena, &formats);
        if (codecs) gather_codecs(section, codecs);
    }
    *fault = reader_fault(&formats, "sdp");
    return formats.err;
}
