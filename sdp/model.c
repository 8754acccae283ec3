#include "sdp/internal.h"

const struct sdp_line *sdp_next(struct sdp_lines lines, enum sdp_attr attr,
                                const struct sdp_line *after)
{
    const struct sdp_line *end = lines.at + lines.count;
    for (const struct sdp_line *line = after ? after + 1 : lines.at; line < end; line++)
        if (line->attr == attr && line->type == 'a') return line;
    return NULL;
}

bool sdp_is_rejected(const struct sdp_section *section)
{
    return section->port == 0 && !section->bundle_only;
}

const struct sdp_section *sdp_find_mid(const struct sdp *sdp, struct bytes mid)
{
    for (size_t i = 0; i < sdp->section_count; i++)
        if (mid.len && bytes_equal(sdp->sections[i].mid, mid)) return &sdp->sections[i];
    return NULL;
}

const struct sdp_group *sdp_bundle(const struct sdp *sdp)
{
    for (size_t i = 0; i < sdp->group_count; i++)
        if (bytes_is(sdp->groups[i].semantics, "BUNDLE")) return &sdp->groups[i];
    return NULL;
}

bool sdp_group_has(const struct sdp_group *group, struct bytes mid)
{
    for (size_t i = 0; i < group->count; i++)
        if (bytes_equal(group->mids[i], mid)) return true;
    return false;
}

const struct sdp_section *sdp_transport_section(const struct sdp *sdp)
{
    return sdp->transport;
}

const struct sdp_section *sdp_find_transport(const struct sdp *sdp)
{
    /* RFC 9143 §7.3.1: the first of the list whose section is taken and has a port of its own. A
     * list with more mids than there are sections is refused by sdp_check(). */
    const struct sdp_group *group = sdp_bundle(sdp);
    for (size_t i = 0; group && i < group->count && i < sdp->section_count; i++) {
        const struct sdp_section *section = sdp_find_mid(sdp, group->mids[i]);
        if (section && section->port != 0) return section;
    }
    const struct sdp_section *bundle_only = NULL;
    for (size_t i = 0; i < sdp->section_count; i++) {
        if (sdp->sections[i].port != 0) return &sdp->sections[i];
        if (!bundle_only && sdp->sections[i].bundle_only) bundle_only = &sdp->sections[i];
    }
    return bundle_only;
}

bool sdp_has_rtcp_mux(const struct sdp *sdp, const struct sdp_section *section)
{
    if (section->rtcp_mux) return true;
    const struct sdp_group *group = sdp_bundle(sdp);
    const struct sdp_section *carrier = sdp_transport_section(sdp);
    return group && sdp_group_has(group, section->mid) && carrier && carrier->rtcp_mux &&
           sdp_group_has(group, carrier->mid);
}

const struct sdp_codec *sdp_find_codec(const struct sdp_section *section, uint8_t pt)
{
    for (size_t i = 0; i < section->codec_count; i++)
        if (section->codecs[i].pt == pt) return &section->codecs[i];
    return NULL;
}

size_t sdp_section_index(const struct sdp *sdp, const struct sdp_section *section)
{
    return (size_t)(section - sdp->sections);
}

const char *sdp_kind_name(enum sdp_kind kind)
{
    switch (kind) {
    case SDP_AUDIO: return "audio";
    case SDP_VIDEO: return "video";
    case SDP_APPLICATION: return "application";
    case SDP_OTHER: break;
    }
    return "other";
}

const char *sdp_codec_name(enum sdp_codec_id id)
{
    switch (id) {
    case SDP_OPUS: return "opus";
    case SDP_VP8: return "VP8";
    case SDP_RTX: return "rtx";
    case SDP_CODEC_OTHER:
    case SDP_CODEC_COUNT: break;
    }
    return "other";
}
