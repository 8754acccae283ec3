#include "sdp/numbers.h"
#include "sdp/internal.h"

static bool is_used(const struct sdp_numbers *n, uint8_t pt)
{
    return n->pt_used[pt / 8] >> pt % 8 & 1;
}

static void use(struct sdp_numbers *n, uint8_t pt)
{
    n->pt_used[pt / 8] |= (uint8_t)(1 << pt % 8);
}

static bool ext_is_used(const struct sdp_numbers *n, uint8_t id)
{
    return n->ext_used >> id & 1;
}

static void use_ext(struct sdp_numbers *n, uint8_t id)
{
    n->ext_used |= (uint16_t)(1 << id);
}

/* A number for one of our codecs. The rtx of VP8 is the only one that is ours. */
static bool is_ours(const struct sdp_section *section, const struct sdp_codec *codec)
{
    if (sdp_clashes_with_rtcp(codec->pt)) return false;
    if (codec->id != SDP_RTX) return codec->id != SDP_CODEC_OTHER;
    const struct sdp_codec *of = sdp_find_codec(section, codec->apt);
    return of && of->id == SDP_VP8 && !sdp_clashes_with_rtcp(of->pt);
}

/* The first number of a codec or an extension counts. A stopped section may list any format without
 * saying what it is (RFC 3264 §8.2). */
static void read_section(struct sdp_numbers *n, const struct sdp_section *section)
{
    for (size_t i = 0; i < section->codec_count; i++) {
        const struct sdp_codec *codec = &section->codecs[i];
        if (codec->name.len == 0 && sdp_is_rejected(section)) continue;
        use(n, codec->pt);
        if (is_ours(section, codec) && n->pt[codec->id] == 0) n->pt[codec->id] = codec->pt;
    }
    for (size_t i = 0; i < section->extmap_count; i++) {
        const struct sdp_extmap *map = &section->extmaps[i];
        if (map->id >= 15) continue;
        use_ext(n, (uint8_t)map->id);
        if (map->ext != SDP_EXT_OTHER && n->ext[map->ext] == 0) n->ext[map->ext] = (uint8_t)map->id;
    }
}

static void read_description(struct sdp_numbers *n, const struct sdp *sdp)
{
    for (size_t i = 0; sdp && i < sdp->section_count; i++) read_section(n, &sdp->sections[i]);
}

/* What was before, where nothing new is said: not what the peer has given another meaning since,
 * though it must not. */
static void keep(struct sdp_numbers *n, const struct sdp_numbers *before)
{
    for (size_t id = 0; id < SDP_CODEC_COUNT; id++)
        if (n->pt[id] == 0 && !is_used(n, before->pt[id])) n->pt[id] = before->pt[id];
    for (size_t ext = 0; ext < SDP_EXT_COUNT; ext++)
        if (n->ext[ext] == 0 && !ext_is_used(n, before->ext[ext])) n->ext[ext] = before->ext[ext];
    for (size_t i = 0; i < sizeof n->pt_used; i++) n->pt_used[i] |= before->pt_used[i];
    n->ext_used |= before->ext_used;
}

void sdp_numbers_learn(struct sdp_numbers *n, const struct sdp *local, const struct sdp *remote)
{
    struct sdp_numbers before = *n;
    *n = (struct sdp_numbers){0};
    read_description(n, local);
    read_description(n, remote);
    keep(n, &before);
}

/* `wanted` if it is free, else the next free dynamic number (RFC 3551 §6: 96 to 127), else one of
 * those that RFC 3551 leaves unassigned below 64; 0: none is. */
static uint8_t take_pt(struct sdp_numbers *n, uint8_t wanted)
{
    uint8_t pt = wanted;
    for (uint8_t next = 96; is_used(n, pt) && next <= SDP_PT_MAX; next++) pt = next;
    for (uint8_t next = 35; is_used(n, pt) && next < 64; next++) pt = next;
    if (is_used(n, pt)) return 0;
    use(n, pt);
    return pt;
}

bool sdp_numbers_assign(struct sdp_numbers *n, uint32_t extensions)
{
    /* What Chromium uses, so that both sides mostly agree even before they have talked. */
    static const uint8_t wanted[SDP_CODEC_COUNT] = {
        [SDP_OPUS] = 111, [SDP_VP8] = 96, [SDP_RTX] = 97};
    for (size_t id = SDP_CODEC_OTHER + 1; id < SDP_CODEC_COUNT; id++) {
        if (n->pt[id] == 0) n->pt[id] = take_pt(n, wanted[id]);
        if (n->pt[id] == 0) return false;
    }
    for (size_t ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++) {
        if (n->ext[ext] || !(extensions >> ext & 1)) continue;
        for (uint8_t id = 1; id < 15 && n->ext[ext] == 0; id++)
            if (!ext_is_used(n, id)) n->ext[ext] = id;
        if (n->ext[ext]) use_ext(n, n->ext[ext]);
    }
    return true;
}
