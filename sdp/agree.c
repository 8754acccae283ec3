#include "sdp/agree.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

#include <string.h>

/* All that an agreement may hold: 64 sections, 100 candidates and the text they point at. */
#define AGREED_MAX (1u << 20)

/* The two descriptions, by who made them and by what they are. */
struct pair {
    const struct sdp *offer, *answer;
    const struct sdp *local, *remote;
    bool we_offered;
    bool no_room; /* a copy did not fit: seen at the end */
    struct sdp_agreed *out;
};

static enum err refuse(struct pair *p, size_t section, enum err err, const char *rule)
{
    const struct sdp *remote = p->remote;
    size_t offset = 0;
    if (section < remote->section_count)
        offset = (size_t)(remote->sections[section].lines.at->text.at - remote->text.at);
    p->out->fault = (struct fault){.err = err, .layer = "sdp", .offset = offset, .rule = rule};
    return err;
}

/* A copy that lives as long as the agreement. */
static struct bytes keep(struct pair *p, struct bytes text)
{
    if (text.len == 0) return (struct bytes){NULL, 0};
    struct bytes copy = arena_copy(&p->out->arena, text);
    if (!copy.at) p->no_room = true;
    return copy;
}

static bool is_taken(struct pair *p, size_t i)
{
    return p->answer->sections[i].port != 0; /* RFC 3264 §6: there, zero always rejects */
}

/* RFC 9143 §7.3. Who does not know mids leaves them out (RFC 8829 §5.10), and bundles nothing; a
 * section that is rejected may lack its own too (RFC 3264 §6). */
static bool repeats_mid(struct pair *p, size_t i)
{
    struct bytes mid = p->answer->sections[i].mid;
    if (mid.len == 0 && (!is_taken(p, i) || !sdp_bundle(p->answer))) return true;
    return bytes_equal(p->offer->sections[i].mid, mid);
}

/* RFC 3264 §6: the same sections in the same order, none taken that was not on offer. */
static enum err check_section(struct pair *p, size_t i)
{
    const struct sdp_section *offer = &p->offer->sections[i], *answer = &p->answer->sections[i];
    if (!bytes_equal(offer->media, answer->media))
        return refuse(p, i, E_MALFORMED, "sections keep order and kind (RFC 3264 6)");
    if (is_taken(p, i) && sdp_is_rejected(offer))
        return refuse(p, i, E_MALFORMED,
                      "a section that the offer switches off is rejected (RFC 3264 6)");
    if (!repeats_mid(p, i))
        return refuse(p, i, E_MALFORMED, "the answer repeats each mid (RFC 9143 7.3)");
    if (!is_taken(p, i)) return OK;
    if (!bytes_equal(offer->protocol, answer->protocol))
        return refuse(p, i, E_MALFORMED, "the answer repeats each protocol (RFC 3264 6)");
    return OK;
}

/* RFC 9143 §7.4: nothing is bundled that was not offered so; and ours: one transport for all. */
static enum err check_bundle(struct pair *p)
{
    const struct sdp_group *offered = sdp_bundle(p->offer), *group = sdp_bundle(p->answer);
    size_t taken = 0, alone = 0, last = 0;
    for (size_t i = 0; group && i < group->count; i++)
        if (!offered || !sdp_group_has(offered, group->mids[i]))
            return refuse(p, 0, E_MALFORMED, "only what was offered is bundled (RFC 9143 7.4)");
    for (size_t i = 0; i < p->answer->section_count; i++) {
        if (!is_taken(p, i)) continue;
        bool bundled = group && sdp_group_has(group, p->answer->sections[i].mid);
        taken++;
        if (bundled) continue;
        alone++;
        last = i;
        if (p->offer->sections[i].port == 0)
            return refuse(p, i, E_MALFORMED,
                          "a bundle-only section is bundled or rejected (RFC 9143 7.3.2)");
    }
    if (alone && taken > 1)
        return refuse(p, last, E_UNSUPPORTED,
                      "all sections share one transport (RFC 8829 4.1.1, max-bundle)");
    return OK;
}

static enum err check_pair(struct pair *p)
{
    enum err err = sdp_check(p->remote, p->we_offered ? SDP_ANSWER : SDP_OFFER, &p->out->fault);
    if (err != OK) return err;
    if (p->offer->section_count != p->answer->section_count)
        return refuse(p, SDP_SECTIONS_MAX, E_MALFORMED,
                      "the answer has as many sections as the offer (RFC 3264 6)");
    for (size_t i = 0; err == OK && i < p->offer->section_count; i++) err = check_section(p, i);
    return err == OK ? check_bundle(p) : err;
}

/* RFC 7587 §6.1: "1" says that the decoder can use it. */
static bool wants_fec(struct bytes fmtp)
{
    struct bytes value;
    return sdp_fmtp_get(fmtp, "useinbandfec", &value) && bytes_is(value, "1");
}

/* The first that can be used. */
static const struct sdp_codec *find_id(const struct sdp_section *section, uint8_t id)
{
    for (size_t i = 0; i < section->codec_count; i++) {
        const struct sdp_codec *codec = &section->codecs[i];
        if (codec->id == id && !sdp_clashes_with_rtcp(codec->pt)) return codec;
    }
    return NULL;
}

/* In the order of the answer, which is that of preference (RFC 3264 §6.1). Each side receives what
 * its own description numbers: the two may differ. */
static void agree_codecs(struct pair *p, struct sdp_agreed_section *to,
                         const struct sdp_section *local, const struct sdp_section *remote)
{
    const struct sdp_section *answer = p->we_offered ? remote : local;
    for (size_t i = 0; i < answer->codec_count && to->codec_count < SDP_AGREED_CODECS; i++) {
        uint8_t id = answer->codecs[i].id;
        const struct sdp_codec *ours = find_id(local, id), *theirs = find_id(remote, id);
        if ((id != SDP_OPUS && id != SDP_VP8) || !ours || !theirs) continue;
        /* One codec twice (VP8 under two numbers) is agreed once, by its first number. */
        if (&answer->codecs[i] != (p->we_offered ? theirs : ours)) continue;
        const struct sdp_codec *our_rtx = sdp_find_rtx(local, ours);
        const struct sdp_codec *their_rtx = sdp_find_rtx(remote, theirs);
        bool rtx = our_rtx && their_rtx;
        to->codecs[to->codec_count++] = (struct sdp_agreed_codec){
            .id = (enum sdp_codec_id)id,
            .send_pt = theirs->pt,
            .recv_pt = ours->pt,
            .rtx_send_pt = rtx ? their_rtx->pt : SDP_PT_NONE,
            .rtx_recv_pt = rtx ? our_rtx->pt : SDP_PT_NONE,
            .feedback = ours->feedback & theirs->feedback,
            .channels = theirs->channels,
            .clock = theirs->clock,
            .fmtp = keep(p, theirs->fmtp),
            .in_band_fec = id == SDP_OPUS && wants_fec(theirs->fmtp),
        };
    }
}

static const struct sdp_extmap *find_extmap(const struct sdp_section *section,
                                            const struct sdp_extmap *like)
{
    for (size_t i = 0; i < section->extmap_count; i++) {
        const struct sdp_extmap *map = &section->extmaps[i];
        if (map->ext == like->ext && map->id == like->id) return map;
    }
    return NULL;
}

/* RFC 8285 §7: the answer keeps the number; each may narrow the direction. */
static void agree_extensions(struct sdp_agreed_section *to, const struct sdp_section *local,
                             const struct sdp_section *remote)
{
    for (size_t i = 0; i < remote->extmap_count; i++) {
        const struct sdp_extmap *theirs = &remote->extmaps[i];
        const struct sdp_extmap *ours = find_extmap(local, theirs);
        if (theirs->ext == SDP_EXT_OTHER || theirs->id > 255 || !ours) continue;
        uint8_t id = (uint8_t)theirs->id;
        if (ours->direction & SDP_SEND && theirs->direction & SDP_RECV)
            to->ext_send[theirs->ext] = id;
        if (ours->direction & SDP_RECV && theirs->direction & SDP_SEND)
            to->ext_recv[theirs->ext] = id;
    }
}

/* The source with this number, made if there is room; NULL: there is none. */
static struct sdp_stream *stream_of(struct sdp_agreed_section *to, uint32_t ssrc)
{
    for (size_t i = 0; i < to->stream_count; i++)
        if (to->streams[i].ssrc == ssrc || to->streams[i].rtx_ssrc == ssrc) return &to->streams[i];
    if (to->stream_count == SDP_AGREED_STREAMS) return NULL;
    struct sdp_stream *stream = &to->streams[to->stream_count++];
    *stream = (struct sdp_stream){.ssrc = ssrc};
    return stream;
}

/* "msid:stream track" of one source: how msid was written before RFC 8830. */
static void msid_of_source(struct pair *p, struct sdp_agreed_section *to,
                           const struct sdp_ssrc *ssrc)
{
    struct reader r = reader_of(ssrc->value);
    if (to->stream.len || to->track.len || !bytes_is(ssrc->name, "msid")) return;
    to->stream = keep(p, sdp_scan_until(&r, ' '));
    sdp_scan_char(&r, ' ');
    to->track = keep(p, read_rest(&r));
}

/* RFC 5576 §4: groups first, since they tell which sources are retransmissions. */
static void agree_streams(struct pair *p, struct sdp_agreed_section *to,
                          const struct sdp_section *remote)
{
    const struct sdp_line *line = NULL;
    while ((line = sdp_next(remote->lines, SDP_ATTR_SSRC_GROUP, line))) {
        const struct sdp_ssrc_group *group = &line->as.ssrc_group;
        if (!bytes_is(group->semantics, "FID") || group->count != 2) continue;
        struct sdp_stream *stream = stream_of(to, group->ssrcs[0]);
        if (stream && stream->ssrc == group->ssrcs[0]) stream->rtx_ssrc = group->ssrcs[1];
    }
    while ((line = sdp_next(remote->lines, SDP_ATTR_SSRC, line))) {
        const struct sdp_ssrc *ssrc = &line->as.ssrc;
        struct sdp_stream *stream = stream_of(to, ssrc->id);
        if (stream && !stream->cname.len && bytes_is(ssrc->name, "cname"))
            stream->cname = keep(p, ssrc->value);
        msid_of_source(p, to, ssrc);
    }
}

static enum err agree_section(struct pair *p, size_t i)
{
    const struct sdp_section *local = &p->local->sections[i], *remote = &p->remote->sections[i];
    struct sdp_agreed_section *to = &p->out->sections[i];
    to->kind = remote->kind;
    to->mid = keep(p, p->offer->sections[i].mid);
    to->rejected = !is_taken(p, i);
    if (to->rejected) return OK;
    /* An answer that wants more than the offer gives (RFC 3264 §6.1) gets only what it gives. */
    to->send = local->direction & SDP_SEND && remote->direction & SDP_RECV;
    to->recv = local->direction & SDP_RECV && remote->direction & SDP_SEND;
    to->rtcp_rsize = local->rtcp_rsize && remote->rtcp_rsize;
    agree_codecs(p, to, local, remote);
    if (to->codec_count == 0 && (to->kind == SDP_AUDIO || to->kind == SDP_VIDEO))
        return refuse(p, i, E_MALFORMED, sdp_rule_codecs);
    agree_extensions(to, local, remote);
    if (!(remote->direction & SDP_SEND)) return OK;
    if (!bytes_is(remote->msid.stream, "-")) to->stream = keep(p, remote->msid.stream);
    to->track = keep(p, remote->msid.track);
    agree_streams(p, to, remote);
    return OK;
}

/* RFC 8842 §5.3, RFC 4145 §4.1: who is active sends the ClientHello, whoever offered. */
static enum err agree_role(struct pair *p, size_t i, enum sdp_setup offer, enum sdp_setup answer)
{
    bool fits = (offer == SDP_ACTPASS && (answer == SDP_ACTIVE || answer == SDP_PASSIVE)) ||
                (offer == SDP_ACTIVE && answer == SDP_PASSIVE) ||
                (offer == SDP_PASSIVE && answer == SDP_ACTIVE);
    if (!fits)
        return refuse(p, i, E_MALFORMED,
                      "one side is active and the other passive (RFC 8842 5.3, RFC 4145 4.1)");
    bool answerer_is_client = answer == SDP_ACTIVE;
    p->out->transport.role =
        answerer_is_client != p->we_offered ? SDP_DTLS_CLIENT : SDP_DTLS_SERVER;
    return OK;
}

/* "trickle ice2": whether one of the words is trickle (RFC 8840 §4.1.2). */
static bool has_trickle(struct bytes options)
{
    struct reader r = reader_of(options);
    while (reader_left(&r)) {
        if (bytes_is(sdp_scan_until(&r, ' '), "trickle")) return true;
        sdp_scan_char(&r, ' ');
    }
    return false;
}

static void agree_candidates(struct pair *p, const struct sdp_section *source)
{
    struct sdp_agreed_transport *t = &p->out->transport;
    size_t count = source->candidate_count;
    if (count > SDP_AGREED_CANDIDATES) count = SDP_AGREED_CANDIDATES;
    struct sdp_agreed_candidate *list = arena_take(&p->out->arena, (count + 1) * sizeof *list);
    if (!list) {
        p->no_room = true;
        return;
    }
    const struct sdp_line *line = NULL;
    for (size_t i = 0; i < count; i++) {
        line = sdp_next(source->lines, SDP_ATTR_CANDIDATE, line);
        /* "candidate:..." without "a=", as signaling carries them too. */
        list[i].text = keep(p, bytes_slice(line->text, 2, line->text.len));
        list[i].mid = keep(p, source->mid);
        list[i].section = sdp_section_index(p->remote, source);
    }
    t->candidates = list;
    t->candidate_count = count;
    t->candidates_dropped = source->candidate_count - count;
}

static enum err agree_transport(struct pair *p)
{
    struct sdp_agreed_transport *t = &p->out->transport;
    const struct sdp_section *carrier = sdp_transport_section(p->answer);
    if (!carrier || carrier->port == 0) return OK; /* all are rejected: no transport */
    size_t i = sdp_section_index(p->answer, carrier);
    const struct sdp_section *theirs = sdp_transport_source(p->remote, &p->remote->sections[i]);
    enum err err = agree_role(p, i, sdp_transport_source(p->offer, &p->offer->sections[i])->setup,
                              sdp_transport_source(p->answer, carrier)->setup);
    if (err != OK) return err;
    t->used = true;
    t->mid = keep(p, p->offer->sections[i].mid);
    t->section = i;
    t->ufrag = keep(p, theirs->ice_ufrag);
    t->pwd = keep(p, theirs->ice_pwd);
    t->ice_lite = p->remote->ice_lite;
    t->trickle = has_trickle(theirs->ice_options);
    t->end_of_candidates = theirs->end_of_candidates;
    t->fingerprint_count = theirs->fingerprint_count;
    for (size_t k = 0; k < theirs->fingerprint_count; k++) {
        t->fingerprints[k].hash = theirs->fingerprints[k].hash;
        t->fingerprints[k].name = keep(p, theirs->fingerprints[k].name);
        t->fingerprints[k].digest = keep(p, theirs->fingerprints[k].digest);
    }
    if (theirs->candidate_count == 0 && sdp_transport_section(p->remote))
        theirs = sdp_transport_section(p->remote);
    agree_candidates(p, theirs);
    return OK;
}

static enum err agree(struct pair *p)
{
    struct sdp_agreed *out = p->out;
    enum err err = check_pair(p);
    if (err != OK) return err;
    out->section_count = p->offer->section_count;
    out->sections = arena_take(&out->arena, (out->section_count + 1) * sizeof *out->sections);
    if (!out->sections) return refuse(p, 0, E_NOMEM, "no room for the sections");
    for (size_t i = 0; err == OK && i < out->section_count; i++) err = agree_section(p, i);
    if (err == OK) err = agree_transport(p);
    if (err == OK && p->no_room) err = refuse(p, 0, E_NOMEM, "no room for the texts");
    return err;
}

enum err sdp_agree(struct sdp_agreed *out, const struct sdp *offer, const struct sdp *answer,
                   bool we_offered)
{
    struct pair p = {.offer = offer,
                     .answer = answer,
                     .local = we_offered ? offer : answer,
                     .remote = we_offered ? answer : offer,
                     .we_offered = we_offered,
                     .out = out};
    *out = (struct sdp_agreed){0};
    arena_init(&out->arena, AGREED_MAX);
    enum err err = agree(&p);
    if (err != OK) {
        struct fault fault = out->fault;
        sdp_agreed_free(out);
        out->fault = fault;
    }
    return err;
}

void sdp_agreed_free(struct sdp_agreed *agreed)
{
    if (!agreed) return;
    arena_free(&agreed->arena);
    *agreed = (struct sdp_agreed){0};
}

/* The section that carried the transport, in a later description: without mids it is its place that
 * tells (RFC 3264 §8). It may not be the first of their bundle: what we rejected of that stays in
 * the offer, with credentials that were never used. */
static const struct sdp_section *carrier_of(const struct sdp_agreed_transport *in_force,
                                            const struct sdp *now)
{
    const struct sdp_section *named = in_force->mid.len ? sdp_find_mid(now, in_force->mid) : NULL;
    if (named || in_force->section >= now->section_count) return named;
    const struct sdp_section *there = &now->sections[in_force->section];
    return there->mid.len ? NULL : there;
}

bool sdp_restarts_ice(const struct sdp_agreed_transport *in_force, const struct sdp *now)
{
    const struct sdp_section *section = carrier_of(in_force, now);
    if (!section || sdp_is_rejected(section)) section = sdp_transport_section(now);
    if (!in_force->used || !section) return false;
    section = sdp_transport_source(now, section);
    return !bytes_equal(section->ice_ufrag, in_force->ufrag) ||
           !bytes_equal(section->ice_pwd, in_force->pwd);
}
