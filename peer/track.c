#include "peer/track.h"

#include <stdio.h>
#include <string.h>

static void draw_id(struct rng *rng, char to[TRACK_ID_LEN + 1])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < TRACK_ID_LEN; i++) to[i] = hex[rng_below(rng, 16)];
    to[TRACK_ID_LEN] = '\0';
}

void tracks_init(struct tracks *tracks, struct rng *rng)
{
    *tracks = (struct tracks){.count = 0};
    draw_id(rng, tracks->stream);
}

static bool ssrc_used(const struct tracks *tracks, uint32_t ssrc)
{
    for (size_t i = 0; i < tracks->count; i++)
        if (tracks->list[i].ssrc == ssrc || tracks->list[i].rtx_ssrc == ssrc) return true;
    return ssrc == 0;
}

static uint32_t draw_ssrc(const struct tracks *tracks, struct rng *rng)
{
    uint32_t ssrc;
    do ssrc = rng_u32(rng);
    while (ssrc_used(tracks, ssrc));
    return ssrc;
}

/* RFC 8829 §5.2.2: what is stopped and has no section never gets one. */
static void stop_if_unplaced(struct track *t)
{
    if (t->section < 0 && !t->want.send && !t->want.recv) t->stopped = true;
}

enum err tracks_add(struct tracks *tracks, enum rtp_kind kind, struct peer_media want,
                    struct rng *rng, size_t *track)
{
    if (tracks->count == PEER_TRACKS_MAX) return E_FULL;
    struct track *t = &tracks->list[tracks->count];
    *t = (struct track){
        .kind = kind, .want = want, .section = -1, .settled = -1, .payload_type = SDP_PT_NONE};
    stop_if_unplaced(t);
    draw_id(rng, t->id);
    t->ssrc = draw_ssrc(tracks, rng);
    tracks->count++; /* so that the next draw sees the first */
    if (kind == RTP_VP8) t->rtx_ssrc = draw_ssrc(tracks, rng);
    *track = tracks->count - 1;
    return OK;
}

void tracks_set(struct tracks *tracks, size_t track, struct peer_media want)
{
    tracks->list[track].want = want;
    stop_if_unplaced(&tracks->list[track]);
}

static bool is_waiting(const struct track *t)
{
    return t->section < 0 && !t->stopped;
}

bool tracks_wait(const struct tracks *tracks)
{
    for (size_t i = 0; i < tracks->count; i++)
        if (is_waiting(&tracks->list[i])) return true;
    return false;
}

struct track *tracks_of_section(struct tracks *tracks, size_t section)
{
    for (size_t i = 0; i < tracks->count; i++)
        if (tracks->list[i].section == (int)section) return &tracks->list[i];
    return NULL;
}

static enum sdp_kind sdp_kind_of(enum rtp_kind kind)
{
    return kind == RTP_OPUS ? SDP_AUDIO : SDP_VIDEO;
}

/* Mids name sections for the whole session (RFC 8829 §5.2.1), also those that have no track. */
static bool mid_used(const struct tracks *tracks, const struct jsep *jsep, const char *mid)
{
    for (size_t i = 0; i < tracks->count; i++)
        if (strcmp(tracks->list[i].mid, mid) == 0) return true;
    return sdp_find_mid(&jsep->local, bytes_of(mid)) || sdp_find_mid(&jsep->pending, bytes_of(mid));
}

/* Gives the section of a track a mid of its own. */
static void draw_mid(const struct tracks *tracks, const struct jsep *jsep, struct track *t)
{
    char mid[sizeof t->mid];
    int name = (int)t->section;
    do snprintf(mid, sizeof mid, "%d", name++);
    while (mid_used(tracks, jsep, mid));
    memcpy(t->mid, mid, sizeof mid);
}

/* Whether a new track may have this section of our next offer: none has it yet, or it is stopped in
 * both descriptions, and then it must be used again (RFC 8829 §5.2.2). There always is one:
 * sections that live have tracks, of which there are fewer than sections. */
static bool is_free(struct tracks *tracks, const struct jsep *jsep, size_t section)
{
    const struct track *t = tracks_of_section(tracks, section);
    if (section < jsep->agreed.section_count && !jsep->agreed.sections[section].rejected)
        return false;
    return !t || t->stopped;
}
_Static_assert(PEER_TRACKS_MAX < SDP_SECTIONS_MAX && SDP_SECTIONS_MAX <= INT8_MAX,
               "each track finds a section, and a section's index fits a track");

/* The section is used again: a stopped track that has it has none any more (RFC 8829 §5.10). */
static void disassociate(struct tracks *tracks, size_t section)
{
    struct track *t = tracks_of_section(tracks, section);
    if (t) t->section = -1;
}

size_t tracks_place(struct tracks *tracks, const struct jsep *jsep)
{
    size_t sections = jsep->local.section_count, next = 0;
    for (size_t i = 0; i < tracks->count; i++) {
        struct track *t = &tracks->list[i];
        if (!is_waiting(t)) continue;
        while (!is_free(tracks, jsep, next)) next++;
        disassociate(tracks, next);
        t->section = (int8_t)next;
        draw_mid(tracks, jsep, t);
        if (next >= sections) sections = next + 1;
    }
    return sections;
}

void tracks_unplace(struct tracks *tracks)
{
    for (size_t i = 0; i < tracks->count; i++) {
        struct track *t = &tracks->list[i];
        t->section = t->settled;
        if (t->section >= 0) continue;
        t->mid[0] = '\0';
        stop_if_unplaced(t);
    }
}

/* Whether the peer's pending offer may give this section a track: it lives, and has none or uses
 * that of a stopped one again. A new mid says so (RFC 8829 §5.2.2); without mids it is a port that
 * was zero (RFC 3264 §8.1). The stopped track itself never lives again. */
static bool wants_track(struct tracks *tracks, const struct jsep *jsep, size_t index)
{
    const struct sdp_section *section = &jsep->pending.sections[index];
    const struct track *t = tracks_of_section(tracks, index);
    if (sdp_is_rejected(section)) return false;
    if (!t || !t->stopped) return !t;
    return section->mid.len ? !bytes_is(section->mid, t->mid)
                            : jsep->remote.sections[index].port == 0;
}

/* RFC 8829 §5.10: an offered section takes the first track of its kind that has none. */
static struct track *waiting_track(struct tracks *tracks, enum rtp_kind kind)
{
    for (size_t i = 0; i < tracks->count; i++) {
        struct track *t = &tracks->list[i];
        if (is_waiting(t) && t->kind == kind) return t;
    }
    return NULL;
}

static bool has_kind(const struct tracks *tracks, enum rtp_kind kind)
{
    for (size_t i = 0; i < tracks->count; i++) {
        const struct track *t = &tracks->list[i];
        if (t->kind == kind && t->section >= 0 && !t->stopped) return true;
    }
    return false;
}

static void match_section(struct tracks *tracks, const struct jsep *jsep, size_t index,
                          struct peer_media media, struct rng *rng)
{
    const struct sdp_section *section = &jsep->pending.sections[index];
    enum rtp_kind kind = section->kind == SDP_AUDIO ? RTP_OPUS : RTP_VP8;
    struct track *t = waiting_track(tracks, kind);
    if (!t) {
        size_t added;
        if (has_kind(tracks, kind)) media.send = false;
        if (!media.send && !media.recv) return;
        if (tracks_add(tracks, kind, media, rng, &added) != OK) return;
        t = &tracks->list[added];
    }
    t->section = (int8_t)index;
    bytes_to_text(section->mid, t->mid, sizeof t->mid);
    /* RFC 8829 §5.10: of a peer that does not know mids; our own offers will have it. */
    if (section->mid.len == 0) draw_mid(tracks, jsep, t);
}

size_t tracks_match(struct tracks *tracks, const struct jsep *jsep, struct peer_media audio,
                    struct peer_media video, struct rng *rng)
{
    const struct sdp *offer = &jsep->pending;
    for (size_t i = 0; i < offer->section_count; i++) {
        const struct sdp_section *section = &offer->sections[i];
        if (!wants_track(tracks, jsep, i)) continue;
        disassociate(tracks, i);
        if (section->mid.len > RTP_MID_MAX) continue;
        if (section->kind == SDP_AUDIO) match_section(tracks, jsep, i, audio, rng);
        if (section->kind == SDP_VIDEO) match_section(tracks, jsep, i, video, rng);
    }
    return offer->section_count;
}

static struct sdp_wish wish_of(const struct tracks *tracks, const struct track *t)
{
    bool send = t->want.send && !t->stopped, recv = t->want.recv && !t->stopped;
    return (struct sdp_wish){
        .kind = sdp_kind_of(t->kind),
        .stopped = !send && !recv,
        .direction = (enum sdp_direction)((send ? SDP_SEND : 0) | (recv ? SDP_RECV : 0)),
        .mid = bytes_of(t->mid),
        .stream = bytes_of(tracks->stream),
        .track = bytes_of(t->id),
        .ssrc = send ? t->ssrc : 0,
        .rtx_ssrc = send ? t->rtx_ssrc : 0};
}

void tracks_wishes(const struct tracks *tracks, const struct sdp *known, struct sdp_wish *wishes,
                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wishes[i] = (struct sdp_wish){.stopped = true};
        if (known && i < known->section_count) {
            const struct sdp_section *section = &known->sections[i];
            wishes[i].kind = section->kind;
            wishes[i].mid = section->mid;
            wishes[i].m_text = section->lines.at[0].value;
        }
    }
    for (size_t i = 0; i < tracks->count; i++) {
        const struct track *t = &tracks->list[i];
        if (t->section >= 0 && (size_t)t->section < count) wishes[t->section] = wish_of(tracks, t);
    }
}

static struct rtp_extension_ids extension_ids(const uint8_t ext[SDP_EXT_COUNT])
{
    return (struct rtp_extension_ids){.mid = ext[SDP_EXT_MID],
                                      .abs_send_time = ext[SDP_EXT_ABS_SEND_TIME],
                                      .transport_cc = ext[SDP_EXT_TRANSPORT_CC],
                                      .audio_level = ext[SDP_EXT_AUDIO_LEVEL]};
}

static struct rtp_feedback_flags feedback_flags(uint8_t bits)
{
    return (struct rtp_feedback_flags){.nack = bits & SDP_FB_NACK,
                                       .pli = bits & SDP_FB_NACK_PLI,
                                       .fir = bits & SDP_FB_CCM_FIR,
                                       .transport_cc = bits & SDP_FB_TRANSPORT_CC,
                                       .remb = bits & SDP_FB_GOOG_REMB};
}

static enum err apply_sender(struct track *t, const struct sdp_agreed_section *s,
                             struct rtp_session *rtp)
{
    const struct sdp_agreed_codec *codec = &s->codecs[0];
    bool rtx = codec->rtx_send_pt != SDP_PT_NONE && t->rtx_ssrc;
    struct rtp_sender_config cfg = {.kind = t->kind,
                                    .mid = s->mid,
                                    .ssrc = t->ssrc,
                                    .rtx_ssrc = rtx ? t->rtx_ssrc : 0,
                                    .pt = codec->send_pt,
                                    .rtx_pt = rtx ? codec->rtx_send_pt : 0,
                                    .clock = codec->clock,
                                    .extensions = extension_ids(s->ext_send),
                                    .feedback = feedback_flags(codec->feedback)};
    if (t->has_sender) return rtp_session_update_sender(rtp, t->sender, &cfg);
    enum err err = rtp_session_add_sender(rtp, &cfg, &t->sender);
    t->has_sender = err == OK;
    return err;
}

static enum err apply_receiver(struct track *t, const struct sdp_agreed_section *s,
                               struct rtp_session *rtp)
{
    struct rtp_receiver_config cfg = {.mid = s->mid,
                                      .kind = t->kind,
                                      .clock = s->codecs[0].clock,
                                      .extensions = extension_ids(s->ext_recv),
                                      .feedback = feedback_flags(s->codecs[0].feedback)};
    for (size_t i = 0; i < s->codec_count && cfg.type_count + 2 <= RTP_PAYLOAD_TYPES_MAX; i++) {
        const struct sdp_agreed_codec *codec = &s->codecs[i];
        cfg.types[cfg.type_count++] =
            (struct rtp_payload_type){.pt = codec->recv_pt, .kind = t->kind};
        if (codec->rtx_recv_pt != SDP_PT_NONE)
            cfg.types[cfg.type_count++] = (struct rtp_payload_type){
                .pt = codec->rtx_recv_pt, .is_rtx = true, .apt = codec->recv_pt};
    }
    if (s->stream_count > 0) {
        cfg.ssrc = s->streams[0].ssrc;
        cfg.rtx_ssrc = s->streams[0].rtx_ssrc;
    }
    if (t->has_receiver) return rtp_session_update_receiver(rtp, t->receiver, &cfg);
    enum err err = rtp_session_add_receiver(rtp, &cfg, &t->receiver);
    t->has_receiver = err == OK;
    return err;
}

static void stop_sender(struct track *t, struct rtp_session *rtp)
{
    if (t->has_sender) rtp_session_remove_sender(rtp, t->sender);
    t->has_sender = false;
}

static void pause_sender(struct track *t, struct rtp_session *rtp)
{
    if (t->has_sender) rtp_session_pause_sender(rtp, t->sender);
}

static void stop_receiver(struct track *t, struct rtp_session *rtp)
{
    if (t->has_receiver) rtp_session_remove_receiver(rtp, t->receiver);
    t->has_receiver = false;
}

/* What was agreed on and has no stream, since there was no memory or room for one, is not told as
 * agreed: nothing could be sent or received. The next agreement tries again. */
static enum err apply(struct track *t, const struct sdp_agreed_section *s, struct rtp_session *rtp)
{
    bool serve = !s->rejected && s->codec_count > 0;
    bool send = serve && s->send, recv = serve && s->recv;
    enum err sends = OK, receives = OK;
    if (s->mid.len) bytes_to_text(s->mid, t->mid, sizeof t->mid);
    if (send)
        sends = apply_sender(t, s, rtp);
    else if (s->rejected)
        stop_sender(t, rtp); /* for good: t->stopped below */
    else
        pause_sender(t, rtp); /* its SSRC may come back: RFC 3264 §8.4 */
    if (recv)
        receives = apply_receiver(t, s, rtp);
    else
        stop_receiver(t, rtp);
    struct peer_media agreed = {.send = send && t->has_sender, .recv = t->has_receiver};
    t->changed |=
        agreed.send != t->agreed.send || agreed.recv != t->agreed.recv || t->stopped != s->rejected;
    t->changed |= sends != OK || receives != OK;
    t->agreed = agreed;
    t->payload_type = SDP_PT_NONE;
    if (agreed.recv) t->payload_type = s->codecs[0].recv_pt;
    if (agreed.send) t->payload_type = s->codecs[0].send_pt;
    t->stopped = s->rejected;
    return sends != OK ? sends : receives;
}

enum err tracks_apply(struct tracks *tracks, const struct sdp_agreed *agreed,
                      struct rtp_session *rtp)
{
    enum err first = OK;
    for (size_t i = 0; i < tracks->count; i++) {
        struct track *t = &tracks->list[i];
        t->settled = t->section;
        if (t->section < 0) t->mid[0] = '\0'; /* another track took the section over */
        if (t->section < 0 || (size_t)t->section >= agreed->section_count) continue;
        enum err err = apply(t, &agreed->sections[t->section], rtp);
        if (first == OK) first = err;
    }
    return first;
}

void tracks_stop(struct tracks *tracks, struct rtp_session *rtp)
{
    for (size_t i = 0; i < tracks->count; i++) {
        stop_sender(&tracks->list[i], rtp);
        stop_receiver(&tracks->list[i], rtp);
    }
}
