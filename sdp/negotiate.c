#include "sdp/negotiate.h"
#include "sdp/internal.h"

bool sdp_clashes_with_rtcp(uint8_t pt)
{
    return pt >= 64 && pt <= 95;
}

static bool can(enum sdp_codec_id id, enum sdp_kind kind, const struct sdp_caps *caps)
{
    return (id == SDP_OPUS && kind == SDP_AUDIO && caps->opus) ||
           (id == SDP_VP8 && kind == SDP_VIDEO && caps->vp8);
}

static const struct sdp_codec *choose_codec(const struct sdp_section *offered,
                                            const struct sdp_caps *caps)
{
    for (size_t i = 0; i < offered->codec_count; i++) {
        const struct sdp_codec *codec = &offered->codecs[i];
        if (can((enum sdp_codec_id)codec->id, offered->kind, caps) &&
            !sdp_clashes_with_rtcp(codec->pt))
            return codec;
    }
    return NULL;
}

const struct sdp_codec *sdp_find_rtx(const struct sdp_section *section,
                                     const struct sdp_codec *codec)
{
    for (size_t i = 0; i < section->codec_count; i++) {
        const struct sdp_codec *rtx = &section->codecs[i];
        if (rtx->id == SDP_RTX && rtx->apt == codec->pt && rtx->clock == codec->clock &&
            !sdp_clashes_with_rtcp(rtx->pt))
            return rtx;
    }
    return NULL;
}

static bool can_extension(const struct sdp_extmap *map, enum sdp_kind kind,
                          const struct sdp_caps *caps)
{
    /* RFC 8285 §4.2: one-byte headers have ids 1 to 14. */
    unsigned last = caps->two_byte_extmap ? 255 : 14;
    if (map->ext == SDP_EXT_OTHER || !(caps->extensions >> map->ext & 1)) return false;
    if (map->ext == SDP_EXT_AUDIO_LEVEL && kind != SDP_AUDIO) return false;
    return map->id <= last && map->id != 15 && map->direction != SDP_INACTIVE;
}

struct sdp_choice sdp_choose(const struct sdp *offer, const struct sdp_section *offered,
                             const struct sdp_caps *caps)
{
    struct sdp_choice choice = {.codec = choose_codec(offered, caps)};
    /* Without rtcp-mux RTCP would need a component of its own, which we don't have (RFC 8858 §3).
     */
    if (!choice.codec || !sdp_has_rtcp_mux(offer, offered) || sdp_is_rejected(offered))
        return choice;
    choice.taken = true;
    if (caps->rtx && offered->kind == SDP_VIDEO) choice.rtx = sdp_find_rtx(offered, choice.codec);
    for (size_t i = 0; i < offered->extmap_count; i++) {
        const struct sdp_extmap *map = &offered->extmaps[i];
        if (choice.ext_id[map->ext] || !can_extension(map, offered->kind, caps)) continue;
        choice.ext_id[map->ext] = map->id;
        choice.ext_direction[map->ext] = map->direction;
    }
    choice.feedback = choice.codec->feedback;
    choice.feedback &= offered->kind == SDP_AUDIO ? caps->audio_feedback : caps->video_feedback;
    /* Feedback about transport-wide numbers needs the extension that carries them. */
    if (choice.ext_id[SDP_EXT_TRANSPORT_CC] == 0) choice.feedback &= (uint8_t)~SDP_FB_TRANSPORT_CC;
    return choice;
}

bool sdp_has_transport(const struct sdp_section *section)
{
    return section->ice_ufrag.len && section->ice_pwd.len && section->fingerprint_count &&
           section->setup;
}

const struct sdp_section *sdp_transport_source(const struct sdp *sdp,
                                               const struct sdp_section *section)
{
    const struct sdp_section *tagged = sdp_transport_section(sdp);
    return sdp_has_transport(section) || !tagged ? section : tagged;
}
