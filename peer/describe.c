/* Descriptions out and in, and what they mean for ICE, DTLS and RTP: RFC 8829 §4.1 and §5. */
#include "peer/internal.h"

#include <stdlib.h>

/* Our side of a description; the views into `candidates` and `fingerprint` live with the caller. If
 * an ICE restart is prepared, it is with the credentials of that; our candidates are the same then
 * (RFC 8839 §4.4.3.1), but all of them are told again, so this is not their end. */
static struct sdp_local local_side(const struct peer *p, struct bytes candidates[LOCAL_CANDIDATES],
                                   struct sdp_fingerprint *fingerprint,
                                   const struct dtls_fingerprint *own)
{
    static const enum sdp_setup setup_of[] = {
        [DTLS_EITHER] = SDP_SETUP_NONE, [DTLS_CLIENT] = SDP_ACTIVE, [DTLS_SERVER] = SDP_PASSIVE};
    const struct ice *ice = transport_ice(p->transport);
    for (size_t i = 0; i < p->candidate_count; i++) candidates[i] = bytes_of(p->candidates[i]);
    *fingerprint = (struct sdp_fingerprint){
        .hash = SDP_SHA256, .name = bytes_of("sha-256"), .digest = {own->value, own->len}};
    bool restarts = ice_next_ufrag(ice).len > 0;
    return (struct sdp_local){.ufrag = restarts ? ice_next_ufrag(ice) : ice_local_ufrag(ice),
                              .pwd = restarts ? ice_next_pwd(ice) : ice_local_pwd(ice),
                              .fingerprints = fingerprint,
                              .fingerprint_count = 1,
                              .setup = setup_of[dtls_role(transport_dtls(p->transport))],
                              .cname = bytes_of(rtp_session_cname(p->rtp)),
                              .candidates = candidates,
                              .candidate_count = p->candidate_count,
                              .end_of_candidates = p->candidates_done && !restarts,
                              .caps = SDP_CAPS_ALL};
}

/* Candidates that ICE has found since, so that the description carries them. What is not a
 * candidate is put off: there is none before the first description. */
static void gather(struct peer *p)
{
    struct transport_event from;
    struct peer_event unused;
    if (peer_described(p)) return;
    while (transport_event(p->transport, &from))
        if (from.type == TRANSPORT_ICE &&
            (from.as.ice.type == ICE_CANDIDATE || from.as.ice.type == ICE_END_OF_CANDIDATES))
            peer_take_candidate(p, &from.as.ice, &unused);
}

/* Writes an offer or an answer over a buffer that lives only here: jsep keeps its own copy. */
static enum err describe(struct peer *p, bool offer, const struct sdp *known, size_t sections)
{
    struct bytes candidates[LOCAL_CANDIDATES];
    struct sdp_fingerprint fingerprint;
    struct dtls_fingerprint own = dtls_identity_fingerprint(p->cfg.identity, DTLS_SHA256);
    struct sdp_wish wishes[SDP_SECTIONS_MAX];
    uint8_t *room = malloc(PEER_SDP_MAX);
    if (!room)
        return peer_refuse(p, (struct fault){.err = E_NOMEM, .layer = "peer", .rule = "no memory"});
    struct writer w = writer_of(room, PEER_SDP_MAX);
    gather(p);
    struct sdp_local local = local_side(p, candidates, &fingerprint, &own);
    tracks_wishes(&p->tracks, known, wishes, sections);
    enum err err = offer ? jsep_offer(&p->jsep, &w, local, wishes, sections)
                         : jsep_answer(&p->jsep, &w, local, wishes, sections);
    free(room);
    return err == OK ? OK : peer_refuse(p, p->jsep.fault);
}

/* The remote candidates that a description carries; bad ones are counted and left out. */
static void add_described_candidates(struct peer *p, const struct sdp_agreed_transport *remote,
                                     usec now)
{
    for (size_t i = 0; i < remote->candidate_count; i++)
        peer_add_candidate(p, remote->candidates[i].text, (struct bytes){NULL, 0}, now);
    if (remote->end_of_candidates) ice_end_of_remote(transport_command_ice(p->transport), now);
}

/* RFC 5506 §5.1: reduced-size RTCP only where both sides have it; the transport is one for all. */
static bool reduced_size(const struct sdp_agreed *agreed)
{
    for (size_t i = 0; i < agreed->section_count; i++)
        if (!agreed->sections[i].rejected && !agreed->sections[i].rtcp_rsize) return false;
    return true;
}

/* A call that runs goes on without a stream that could not be made; PEER_TRACK tells. */
static void apply_streams(struct peer *p, const struct sdp_agreed *agreed)
{
    static const char why[] = "a stream that was agreed on could not be made";
    enum err err = tracks_apply(&p->tracks, agreed, p->rtp);
    if (err == OK) return;
    peer_refuse(p, (struct fault){.err = err, .layer = "rtp", .rule = why});
    if (!p->ready) peer_fail(p, PEER_CAUSE_STREAM, "rtp", why);
}

/* Both descriptions are in force: tell ICE, DTLS and RTP what they say. */
static void apply_agreement(struct peer *p, usec now)
{
    const struct sdp_agreed *agreed = &p->jsep.agreed;
    const struct sdp_agreed_transport *remote = &agreed->transport;
    enum err err;
    if (!remote->used) {
        if (!p->ready)
            peer_fail(p, PEER_CAUSE_CODECS, "sdp",
                      "every media section was rejected: no codec in common");
    } else if ((err = transport_set_remote(p->transport, remote, now)) != OK) {
        peer_fail(p, err == E_AUTH ? PEER_CAUSE_FINGERPRINT : PEER_CAUSE_HANDSHAKE, "dtls",
                  transport_fault(p->transport)->rule);
    } else {
        err = ice_set_remote(transport_command_ice(p->transport), remote->ufrag, remote->pwd,
                             remote->ice_lite, now);
        if (err != OK)
            peer_fail(p, PEER_CAUSE_NO_PATH, "ice", ice_fault(transport_ice(p->transport))->rule);
        add_described_candidates(p, remote, now);
    }
    rtp_session_set_reduced_size(p->rtp, reduced_size(agreed));
    apply_streams(p, agreed);
    for (size_t i = 0; i < p->tracks.count; i++) {
        if (p->tracks.list[i].changed) peer_note(p, PEER_TRACK, i);
        p->tracks.list[i].changed = false;
    }
    p->negotiate |= tracks_wait(&p->tracks); /* added while an offer was pending */
    peer_settle(p, now);
}

/* The tracks that the config asks for, unless the application has added its own. */
static void add_first_tracks(struct peer *p)
{
    size_t unused;
    if (p->jsep.in_force || p->tracks.count) return;
    if (p->cfg.audio.send || p->cfg.audio.recv)
        tracks_add(&p->tracks, RTP_OPUS, p->cfg.audio, &p->rng, &unused);
    if (p->cfg.video.send || p->cfg.video.recv)
        tracks_add(&p->tracks, RTP_VP8, p->cfg.video, &p->rng, &unused);
}

enum err peer_offer(struct peer *p, struct bytes *text, usec now)
{
    if (peer_has_ended(p)) return peer_not_now(p, "the connection has ended");
    if (p->jsep.state != JSEP_STABLE)
        return peer_not_now(p, "an offer is pending (RFC 8829 4.1.8)");
    add_first_tracks(p);
    if (p->tracks.count == 0 || (!p->jsep.in_force && !tracks_wait(&p->tracks)))
        return peer_not_now(p, "there is nothing to offer: no track");
    if (!p->jsep.in_force) ice_set_controlling(transport_command_ice(p->transport), true);
    size_t sections = tracks_place(&p->tracks, &p->jsep);
    struct ice *ice = transport_command_ice(p->transport);
    if (p->restart_owed) ice_prepare_restart(ice);
    enum err err = describe(p, true, p->jsep.in_force ? &p->jsep.local : NULL, sections);
    if (err != OK) {
        ice_forget_restart(ice);
        tracks_unplace(&p->tracks);
        return err;
    }
    p->restart_pending = p->restart_owed;
    p->restart_owed = false;
    *text = p->jsep.pending.text;
    p->offered_at = now;
    p->negotiate = false;
    if (!p->started_at) p->started_at = now;
    peer_settle(p, now);
    return OK;
}

/* Both descriptions say so: with the credentials that ours had. Where every section was rejected
 * neither side has heard of new ones, so there is no restart, and one that we want is still owed.
 */
static void restart_now(struct peer *p, usec now)
{
    bool ours = p->restart_pending;
    p->restart_pending = false;
    if (!p->jsep.agreed.transport.used) {
        p->restart_owed |= ours;
        ice_forget_restart(transport_command_ice(p->transport));
        return;
    }
    p->restart_owed &= ours; /* theirs is as good as ours; what is wanted since our offer is not */
    p->candidate_count = 0;  /* they are told again */
    p->candidates_done = false;
    ice_restart(transport_command_ice(p->transport), now);
}

enum err peer_answer(struct peer *p, struct bytes offer, struct bytes *text, usec now)
{
    if (peer_has_ended(p)) return peer_not_now(p, "the connection has ended");
    bool first = !p->jsep.in_force;
    enum err err = jsep_remote_offer(&p->jsep, offer);
    if (err != OK) return peer_refuse(p, p->jsep.fault);
    struct ice *ice = transport_command_ice(p->transport);
    const struct sdp *pending = &p->jsep.pending;
    bool restarts = jsep_restart_offered(&p->jsep, ice_remote_ufrag(ice), ice_remote_pwd(ice));
    bool lite = pending->ice_lite;
    size_t tracks = p->tracks.count;
    if (restarts) ice_prepare_restart(ice);
    size_t sections = tracks_match(&p->tracks, &p->jsep, p->cfg.audio, p->cfg.video, &p->rng);
    err = describe(p, false, pending, sections);
    if (err != OK) {
        ice_forget_restart(ice);
        jsep_rollback(&p->jsep);
        p->tracks.count = tracks; /* without those that the offer would have added */
        tracks_unplace(&p->tracks);
        return err;
    }
    /* RFC 8445 §6.1.1: the offerer controls, unless it is the one that is lite. */
    if (first) ice_set_controlling(ice, lite);
    if (restarts) restart_now(p, now);
    *text = p->jsep.local.text;
    if (!p->started_at) p->started_at = now;
    apply_agreement(p, now);
    return OK;
}

enum err peer_set_answer(struct peer *p, struct bytes answer, usec now)
{
    if (peer_has_ended(p)) return peer_not_now(p, "the connection has ended");
    if (jsep_remote_answer(&p->jsep, answer) != OK) return peer_refuse(p, p->jsep.fault);
    if (p->restart_pending) restart_now(p, now);
    apply_agreement(p, now);
    return OK;
}

enum err peer_rollback(struct peer *p, usec now)
{
    /* What our offer was to change is still to be changed: tracks turned around, ICE restarted. */
    bool owed = p->jsep.state == JSEP_HAVE_LOCAL_OFFER && p->jsep.in_force;
    if (jsep_rollback(&p->jsep) != OK) return peer_refuse(p, p->jsep.fault);
    p->restart_owed |= p->restart_pending;
    p->restart_pending = false;
    ice_forget_restart(transport_command_ice(p->transport));
    tracks_unplace(&p->tracks);
    p->negotiate |= owed;
    peer_settle(p, now);
    return OK;
}

enum err peer_add_candidate(struct peer *p, struct bytes text, struct bytes ufrag, usec now)
{
    struct candidate candidate;
    struct fault fault = {0};
    struct ice *ice = transport_command_ice(p->transport);
    if (!p->jsep.in_force)
        return peer_not_now(p, "a candidate before its description (RFC 8829 4.1.19)");
    if (text.len == 0) {
        if (ufrag.len && !bytes_equal(ufrag, ice_remote_ufrag(ice)))
            return peer_not_now(p, "the end of another generation's candidates (RFC 8838 11)");
        ice_end_of_remote(ice, now);
        peer_settle(p, now);
        return OK;
    }
    if (candidate_parse(&candidate, text, &fault) != OK) return peer_refuse(p, fault);
    if (!candidate.ufrag[0] && ufrag.len <= ICE_UFRAG_MAX)
        bytes_to_text(ufrag, candidate.ufrag, sizeof candidate.ufrag);
    enum err err = ice_add_remote(ice, &candidate, now);
    if (err != OK) return peer_refuse(p, *ice_fault(ice));
    return OK;
}

void peer_restart_ice(struct peer *p)
{
    if (peer_has_ended(p) || !p->jsep.in_force) return;
    p->restart_owed = p->negotiate = true;
}
