#include "sdp/offer.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

/* The numbers that a session uses for codecs and header extensions: everything is one bundle, so
 * one number means one thing throughout (RFC 9143 §10.1.2), and for as long as the session lives
 * (RFC 3264 §8.3.2). */
struct numbers {
    uint8_t pt[SDP_CODEC_COUNT]; /* SDP_PT_NONE: not yet */
    uint8_t ext[SDP_EXT_COUNT];  /* 0: not yet */
    bool pt_used[SDP_PT_MAX + 1];
    bool ext_used[15];
};

/* A number for one of our codecs. The rtx of VP8 is the only one that is ours. */
static bool is_ours(const struct sdp_section *section, const struct sdp_codec *codec)
{
    if (sdp_clashes_with_rtcp(codec->pt)) return false;
    if (codec->id != SDP_RTX) return codec->id != SDP_CODEC_OTHER;
    const struct sdp_codec *of = sdp_find_codec(section, codec->apt);
    return of && of->id == SDP_VP8 && !sdp_clashes_with_rtcp(of->pt);
}

static void learn_section(struct numbers *n, const struct sdp_section *section)
{
    for (size_t i = 0; i < section->codec_count; i++) {
        const struct sdp_codec *codec = &section->codecs[i];
        n->pt_used[codec->pt] = true;
        if (is_ours(section, codec) && n->pt[codec->id] == SDP_PT_NONE)
            n->pt[codec->id] = codec->pt;
    }
    for (size_t i = 0; i < section->extmap_count; i++) {
        const struct sdp_extmap *map = &section->extmaps[i];
        if (map->id >= COUNT(n->ext_used)) continue;
        n->ext_used[map->id] = true;
        if (map->ext != SDP_EXT_OTHER && n->ext[map->ext] == 0) n->ext[map->ext] = (uint8_t)map->id;
    }
}

static void learn(struct numbers *n, const struct sdp *sdp)
{
    for (size_t i = 0; sdp && i < sdp->section_count; i++) learn_section(n, &sdp->sections[i]);
}

/* `wanted` if it is free, else the next free dynamic number (RFC 3551 §6: 96 to 127), else one of
 * those that RFC 3551 leaves unassigned below 64. */
static uint8_t take_pt(struct numbers *n, uint8_t wanted)
{
    uint8_t pt = wanted;
    for (uint8_t next = 96; n->pt_used[pt] && next <= SDP_PT_MAX; next++) pt = next;
    for (uint8_t next = 35; n->pt_used[pt] && next < 64; next++) pt = next;
    if (n->pt_used[pt]) return SDP_PT_NONE;
    n->pt_used[pt] = true;
    return pt;
}

/* False: no payload type is left. An extension without a free id is left out. */
static bool number_all(struct numbers *n, const struct sdp_local *local)
{
    /* What Chromium uses, so that both sides mostly agree even before they have talked. */
    static const uint8_t wanted[SDP_CODEC_COUNT] = {
        [SDP_OPUS] = 111, [SDP_VP8] = 96, [SDP_RTX] = 97};
    *n = (struct numbers){0};
    for (size_t id = 0; id < SDP_CODEC_COUNT; id++) n->pt[id] = SDP_PT_NONE;
    learn(n, local->current_local);
    learn(n, local->current_remote);
    for (size_t id = SDP_CODEC_OTHER + 1; id < SDP_CODEC_COUNT; id++) {
        if (n->pt[id] == SDP_PT_NONE) n->pt[id] = take_pt(n, wanted[id]);
        if (n->pt[id] == SDP_PT_NONE) return false;
    }
    for (size_t ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++) {
        if (n->ext[ext] || !(local->caps.extensions >> ext & 1)) continue;
        for (uint8_t id = 1; id < COUNT(n->ext_used) && n->ext[ext] == 0; id++)
            if (!n->ext_used[id]) n->ext[ext] = id;
        n->ext_used[n->ext[ext]] = true;
    }
    return true;
}

/* Whether an answer has already put this section into the bundle (RFC 9143 §7.5). */
static bool is_bundled(const struct sdp_local *local, size_t i, struct bytes mid)
{
    const struct sdp *a = local->current_local, *b = local->current_remote;
    if (!a || !b || i >= a->section_count || i >= b->section_count) return false;
    return bytes_equal(a->sections[i].mid, mid) && bytes_equal(b->sections[i].mid, mid) &&
           !sdp_is_rejected(&a->sections[i]) && !sdp_is_rejected(&b->sections[i]);
}

static struct sdp_draft draft_of(const struct sdp_local *local, const struct sdp_wish *wish,
                                 const struct numbers *n)
{
    const struct sdp_caps *caps = &local->caps;
    bool audio = wish->kind == SDP_AUDIO;
    struct sdp_draft draft = {
        .kind = wish->kind,
        .protocol = bytes_of("UDP/TLS/RTP/SAVPF"), /* RFC 8829 §5.1.2 */
        .mid = wish->mid,
        .setup = SDP_ACTPASS,
        .direction = wish->direction,
        .codec = audio ? SDP_OPUS : SDP_VP8,
        .pt = n->pt[audio ? SDP_OPUS : SDP_VP8],
        .rtx_pt = !audio && caps->rtx ? n->pt[SDP_RTX] : SDP_PT_NONE,
        .feedback = audio ? caps->audio_feedback : caps->video_feedback,
        .rtcp_rsize = caps->rtcp_rsize,
        .extmap_allow_mixed = caps->two_byte_extmap,
    };
    for (size_t ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++) {
        if (!(caps->extensions >> ext & 1) || (ext == SDP_EXT_AUDIO_LEVEL && !audio)) continue;
        draft.ext_id[ext] = n->ext[ext];
        draft.ext_direction[ext] = SDP_SENDRECV;
    }
    if (draft.ext_id[SDP_EXT_TRANSPORT_CC] == 0) draft.feedback &= (uint8_t)~SDP_FB_TRANSPORT_CC;
    return draft;
}

/* A stopped section keeps its m= line, with port 0 and any format (RFC 8829 §5.2.2). */
static void write_stopped(struct writer *w, const struct sdp_wish *wish, const struct numbers *n)
{
    char pt[4];
    struct writer number = writer_of(pt, sizeof pt);
    write_format(&number, "%u", n->pt[wish->kind == SDP_AUDIO ? SDP_OPUS : SDP_VP8]);
    struct bytes media = bytes_of(sdp_kind_name(wish->kind)), formats = writer_done(&number);
    struct bytes protocol = bytes_of("UDP/TLS/RTP/SAVPF");
    if (wish->kind == SDP_APPLICATION) {
        protocol = bytes_of("UDP/DTLS/SCTP"); /* RFC 8841 §4.2 */
        formats = bytes_of("webrtc-datachannel");
    }
    if (wish->kind == SDP_OTHER) { /* <media> <port> <protocol> <formats>, as it came */
        struct reader r = reader_of(wish->m_text);
        media = sdp_scan_word(&r, "");
        sdp_expect_blank(&r, "");
        sdp_scan_word(&r, "");
        sdp_expect_blank(&r, "");
        protocol = sdp_scan_word(&r, "");
        sdp_expect_blank(&r, "");
        formats = read_rest(&r);
    }
    sdp_write_rejected(w, media, protocol, formats, wish->mid);
}

/* Only what we can fill with media may be offered. */
static enum err check_wishes(const struct sdp_local *local, const struct sdp_wish *wishes,
                             size_t count)
{
    if (count > SDP_SECTIONS_MAX) return E_FULL;
    if (local->current_local && local->current_local->section_count > count) return E_STATE;
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].stopped) continue;
        bool possible = (wishes[i].kind == SDP_AUDIO && local->caps.opus) ||
                        (wishes[i].kind == SDP_VIDEO && local->caps.vp8);
        if (!possible || !sdp_is_token(wishes[i].mid)) return E_STATE;
    }
    return OK;
}

/* "a=group:BUNDLE 0 1" over all that live (RFC 8829 §5.2.1). */
static void write_group(struct writer *w, const struct sdp_wish *wishes, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].stopped) continue;
        write_text(w, any ? " " : "a=group:BUNDLE ");
        write_bytes(w, wishes[i].mid);
        any = true;
    }
    if (any) write_text(w, "\r\n");
}

enum err sdp_offer(struct writer *w, const struct sdp_local *local, const struct sdp_wish *wishes,
                   size_t count)
{
    struct numbers numbers;
    bool transport_placed = false;
    enum err err = check_wishes(local, wishes, count);
    if (err != OK) return err;
    if (!number_all(&numbers, local)) return E_FULL;
    sdp_write_head(w, local);
    write_group(w, wishes, count);
    for (size_t i = 0; i < count; i++) {
        if (wishes[i].stopped) {
            write_stopped(w, &wishes[i], &numbers);
            continue;
        }
        struct sdp_draft draft = draft_of(local, &wishes[i], &numbers);
        draft.carries_transport = !transport_placed;
        /* RFC 9143 §7.2.1: what can only live in the bundle says so, until it is in it. */
        draft.bundle_only = transport_placed && !is_bundled(local, i, wishes[i].mid);
        draft.port = draft.bundle_only ? 0 : 9;
        transport_placed = true;
        sdp_write_section(w, local, &wishes[i], &draft);
    }
    return w->err;
}
