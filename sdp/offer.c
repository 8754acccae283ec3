#include "sdp/offer.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

/* Whether an answer has already put this section into the bundle (RFC 9143 §7.5). */
static bool is_bundled(const struct sdp_local *local, size_t i, struct bytes mid)
{
    const struct sdp *a = local->current_local, *b = local->current_remote;
    if (!a || !b || i >= a->section_count || i >= b->section_count) return false;
    return bytes_equal(a->sections[i].mid, mid) && bytes_equal(b->sections[i].mid, mid) &&
           !sdp_is_rejected(&a->sections[i]) && !sdp_is_rejected(&b->sections[i]);
}

static struct sdp_draft draft_of(const struct sdp_local *local, const struct sdp_wish *wish,
                                 const struct sdp_numbers *n)
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
static void write_stopped(struct writer *w, const struct sdp_wish *wish,
                          const struct sdp_numbers *n)
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
    struct sdp_numbers numbers = local->numbers ? *local->numbers : (struct sdp_numbers){0};
    bool transport_placed = false;
    enum err err = check_wishes(local, wishes, count);
    if (err != OK) return err;
    sdp_numbers_learn(&numbers, local->current_local, local->current_remote);
    if (!sdp_numbers_assign(&numbers, local->caps.extensions)) return E_FULL;
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
