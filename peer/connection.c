#include "peer/connection.h"

#include <stdlib.h>

#include "base/ring.h"
#include "peer/track.h"
#include "peer/transport.h"

/* Candidates that our descriptions carry; more, and longer ones, are only trickled. */
#define LOCAL_CANDIDATES    12
#define LOCAL_CANDIDATE_LEN 200
#define WHY_LEN             200
#define NOTES               64

/* An event of our own that waits; the parts' events are taken from them when asked. */
struct note {
    int type; /* of struct peer_event */
    size_t track;
    enum peer_state state;
};

struct peer {
    struct peer_config cfg;
    struct rng rng;
    struct jsep jsep;
    struct tracks tracks;
    struct transport *transport;
    struct rtp_session *rtp;

    enum peer_state state;
    struct peer_why why;
    char reason[WHY_LEN]; /* what why.reason points to */
    bool ready, closing, closed;
    bool negotiate; /* PEER_NEGOTIATE is owed once the signaling state is stable */
    usec started_at, connected_at, offered_at;

    char candidates[LOCAL_CANDIDATES][LOCAL_CANDIDATE_LEN];
    size_t candidate_count;
    bool candidates_done;

    struct ring notes;
    struct note note_items[NOTES];
    struct fault fault;
};

struct peer *peer_new(const struct peer_config *cfg)
{
    struct peer *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->cfg = *cfg;
    p->rng = cfg->rng;
    RING_OVER(&p->notes, p->note_items);
    struct transport_config transport = {.identity = cfg->identity,
                                         .rng = rng_fork(&p->rng),
                                         .stun_server_count = cfg->stun_server_count};
    for (size_t i = 0; i < cfg->stun_server_count; i++)
        transport.stun_servers[i] = cfg->stun_servers[i];
    struct rtp_session_config rtp = {
        .rng = rng_fork(&p->rng), .unix_us = cfg->unix_us, .reduced_size = true};
    jsep_init(&p->jsep, rng_u64(&p->rng) >> 1);
    tracks_init(&p->tracks, &p->rng);
    p->transport = transport_new(&transport);
    p->rtp = rtp_session_new(&rtp);
    if (!p->transport || !p->rtp) {
        peer_free(p);
        return NULL;
    }
    return p;
}

void peer_free(struct peer *p)
{
    if (!p) return;
    jsep_free(&p->jsep);
    transport_free(p->transport);
    rtp_session_free(p->rtp);
    bytes_wipe(&p->rng, sizeof p->rng);
    free(p);
}

static void note(struct peer *p, int type, size_t track)
{
    ring_push(&p->notes, &(struct note){.type = type, .track = track, .state = p->state});
}

static enum err refuse(struct peer *p, struct fault fault)
{
    transport_counters(p->transport)->refused++;
    p->fault = fault;
    return fault.err;
}

static enum err not_now(struct peer *p, const char *rule)
{
    return refuse(p, (struct fault){.err = E_STATE, .layer = "peer", .rule = rule});
}

/* ---- State ---- */

static void fail(struct peer *p, const char *layer, const char *reason)
{
    if (p->why.layer) return;
    bytes_to_text(bytes_of(reason ? reason : "no reason given"), p->reason, sizeof p->reason);
    p->why = (struct peer_why){layer, p->reason};
}

/* What failed for good, if anything did. */
static void look_for_failure(struct peer *p, usec now)
{
    struct dtls_status dtls = dtls_status(transport_dtls(p->transport));
    const struct ice *ice = transport_ice(p->transport);
    if (dtls.state == DTLS_FAILED)
        fail(p, "dtls", dtls.reason);
    else if (ice_state(ice) == ICE_STATE_FAILED)
        fail(p, "ice", ice_why(ice));
    else if (transport_srtp_why(p->transport))
        fail(p, "srtp", transport_srtp_why(p->transport));
    else if (!p->jsep.in_force && p->jsep.state == JSEP_HAVE_LOCAL_OFFER &&
             now - p->offered_at >= PEER_ANSWER_US)
        fail(p, "signaling", "no answer came to our offer");
}

static enum peer_state state_of(const struct peer *p)
{
    if (p->closing || p->closed) return PEER_CLOSED;
    if (p->why.layer) return PEER_FAILED;
    if (dtls_status(transport_dtls(p->transport)).state == DTLS_CLOSED) return PEER_CLOSED;
    if (p->ready && ice_state(transport_ice(p->transport)) == ICE_STATE_DISCONNECTED)
        return PEER_DISCONNECTED;
    if (p->ready) return PEER_CONNECTED;
    if (p->jsep.in_force || p->jsep.state != JSEP_STABLE) return PEER_CONNECTING;
    return PEER_NEW;
}

/* After every step: what the parts have reached is what we have. */
static void settle(struct peer *p, usec now)
{
    if (!p->ready && transport_can_send(p->transport, now)) {
        p->ready = true;
        p->connected_at = now;
        rtp_session_set_rtt(p->rtp, ice_rtt_us(transport_ice(p->transport)));
    }
    if (!p->closing) look_for_failure(p, now);
    enum peer_state state = state_of(p);
    if (state == p->state) return;
    p->state = state;
    note(p, PEER_STATE, 0);
}

/* ---- The five verbs ---- */

enum err peer_input(struct peer *p, struct packet *in, usec now)
{
    enum demux plain;
    if (p->closing) return not_now(p, "the connection is closed");
    enum err err = transport_input(p->transport, in, &plain, now);
    if (err != OK) p->fault = *transport_fault(p->transport);
    if (plain == DEMUX_RTP) err = rtp_session_input_rtp(p->rtp, in, now);
    if (plain == DEMUX_RTCP) err = rtp_session_input_rtcp(p->rtp, packet_bytes(in), now);
    if (plain != DEMUX_UNKNOWN && err != OK) p->fault = *rtp_session_fault(p->rtp);
    settle(p, now);
    return err;
}

void peer_tick(struct peer *p, usec now)
{
    if (p->closing) return;
    transport_tick(p->transport, now);
    if (p->ready) rtp_session_tick(p->rtp, now);
    settle(p, now);
}

static bool output_media(struct peer *p, struct packet *out, usec now)
{
    bool is_rtcp;
    while (transport_can_send(p->transport, now) && rtp_session_output(p->rtp, out, &is_rtcp, now))
        if (transport_protect(p->transport, out, is_rtcp, now) == OK) return true;
    return false;
}

bool peer_output(struct peer *p, struct packet *out, usec now)
{
    if (!p->closing) {
        if (transport_output(p->transport, out, now)) return true;
        return p->ready && output_media(p, out, now);
    }
    if (p->closed) return false;
    if (output_media(p, out, now)) return true; /* RTCP BYE, while there are keys */
    transport_close(p->transport, now);
    if (transport_output(p->transport, out, now)) return true;
    p->closed = true;
    return false;
}

usec peer_deadline(const struct peer *p)
{
    if (p->closing) return TIME_NEVER;
    usec at = transport_deadline(p->transport);
    if (p->ready) at = usec_min(at, rtp_session_deadline(p->rtp));
    if (!p->jsep.in_force && p->jsep.state == JSEP_HAVE_LOCAL_OFFER && !p->why.layer)
        at = usec_min(at, p->offered_at + PEER_ANSWER_US);
    return at;
}

const struct fault *peer_fault(const struct peer *p)
{
    return &p->fault;
}

/* ---- Events ---- */

/* The section whose transport carries everything: candidates name it (RFC 8840 §4.1). */
static void name_transport(const struct peer *p, char mid[RTP_MID_MAX + 1])
{
    const struct sdp *local = p->jsep.state == JSEP_HAVE_LOCAL_OFFER && !p->jsep.in_force
                                  ? &p->jsep.pending
                                  : &p->jsep.local;
    const struct sdp_section *section = sdp_transport_section(local);
    bytes_to_text(section ? section->mid : bytes_of("0"), mid, RTP_MID_MAX + 1);
}

static bool described(const struct peer *p)
{
    return p->jsep.in_force || p->jsep.state == JSEP_HAVE_LOCAL_OFFER;
}

/* Keeps a candidate for descriptions; true: it is to be trickled too, since one is out already. */
static bool take_candidate(struct peer *p, const struct ice_event *from, struct peer_event *ev)
{
    char *text = ev->as.candidate.text;
    struct writer w = writer_of(text, ICE_CANDIDATE_TEXT_MAX - 1);
    text[0] = '\0';
    if (from->type == ICE_END_OF_CANDIDATES) {
        p->candidates_done = true;
    } else {
        candidate_write(&w, &from->as.candidate);
        struct bytes line = writer_done(&w);
        if (!line.at) return false;
        text[line.len] = '\0';
        if (p->candidate_count < LOCAL_CANDIDATES && line.len < LOCAL_CANDIDATE_LEN)
            memcpy(p->candidates[p->candidate_count++], text, line.len + 1);
    }
    if (!described(p)) return false;
    ev->type = PEER_CANDIDATE;
    name_transport(p, ev->as.candidate.mid);
    bytes_to_text(ice_local_ufrag(transport_ice(p->transport)), ev->as.candidate.ufrag,
                  sizeof ev->as.candidate.ufrag);
    return true;
}

static bool translate_ice(struct peer *p, const struct ice_event *from, struct peer_event *ev)
{
    switch (from->type) {
    case ICE_STATE: ev->type = PEER_ICE_CHANGED; return true;
    case ICE_CANDIDATE:
    case ICE_END_OF_CANDIDATES: return take_candidate(p, from, ev);
    case ICE_SELECTED:
        ev->type = PEER_SELECTED;
        ev->as.route = from->as.route;
        return true;
    case ICE_RESOLVE:
        ev->type = PEER_RESOLVE;
        memcpy(ev->as.name, from->as.name, sizeof ev->as.name);
        return true;
    }
    return false;
}

/* The next of the transport's events that is one of ours; false: none. */
static bool event_of_transport(struct peer *p, struct peer_event *ev)
{
    struct transport_event from;
    while (transport_event(p->transport, &from)) {
        if (from.type == TRANSPORT_ICE && translate_ice(p, &from.as.ice, ev)) return true;
        if (from.type != TRANSPORT_DTLS) continue;
        ev->type = PEER_DTLS_CHANGED;
        return true;
    }
    return false;
}

static bool track_of_stream(const struct peer *p, size_t stream, bool sender, size_t *track)
{
    for (size_t i = 0; i < p->tracks.count; i++) {
        const struct track *t = &p->tracks.list[i];
        bool has = sender ? t->has_sender : t->has_receiver;
        if (!has || (sender ? t->sender : t->receiver) != stream) continue;
        *track = i;
        return true;
    }
    return false;
}

static bool event_of_rtp(struct peer *p, struct peer_event *ev)
{
    struct rtp_event from;
    while (rtp_session_event(p->rtp, &from)) {
        switch (from.type) {
        case RTP_FRAME:
            ev->type = PEER_FRAME;
            ev->as.frame = from.as.frame;
            if (track_of_stream(p, from.stream, false, &ev->track)) return true;
            break;
        case RTP_KEY_WANTED:
            ev->type = PEER_KEY_WANTED;
            if (track_of_stream(p, from.stream, true, &ev->track)) return true;
            break;
        case RTP_BITRATE:
            ev->type = PEER_BITRATE;
            ev->as.bitrate = from.as.bitrate;
            return true;
        case RTP_BYE:
        case RTP_STREAM_NEW: break;
        }
    }
    return false;
}

bool peer_event(struct peer *p, struct peer_event *ev)
{
    struct note next;
    ev->track = 0;
    if (ring_pop(&p->notes, &next)) {
        ev->type = next.type;
        ev->track = next.track;
        ev->as.state = next.state;
        return true;
    }
    if (p->negotiate && p->jsep.state == JSEP_STABLE && !p->closing) {
        p->negotiate = false;
        ev->type = PEER_NEGOTIATE;
        return true;
    }
    return event_of_transport(p, ev) || event_of_rtp(p, ev);
}

/* ---- Descriptions ---- */

/* Our side of a description; the views into `candidates` and `fingerprint` live with the caller. */
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
    return (struct sdp_local){.ufrag = ice_local_ufrag(ice),
                              .pwd = ice_local_pwd(ice),
                              .fingerprints = fingerprint,
                              .fingerprint_count = 1,
                              .setup = setup_of[dtls_role(transport_dtls(p->transport))],
                              .cname = bytes_of(rtp_session_cname(p->rtp)),
                              .candidates = candidates,
                              .candidate_count = p->candidate_count,
                              .end_of_candidates = p->candidates_done,
                              .caps = SDP_CAPS_ALL};
}

/* Candidates that ICE has found since, so that the description carries them. What is not a
 * candidate is put off: there is none before the first description. */
static void gather(struct peer *p)
{
    struct transport_event from;
    struct peer_event unused;
    if (described(p)) return;
    while (transport_event(p->transport, &from))
        if (from.type == TRANSPORT_ICE &&
            (from.as.ice.type == ICE_CANDIDATE || from.as.ice.type == ICE_END_OF_CANDIDATES))
            take_candidate(p, &from.as.ice, &unused);
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
        return refuse(p, (struct fault){.err = E_NOMEM, .layer = "peer", .rule = "no memory"});
    struct writer w = writer_of(room, PEER_SDP_MAX);
    gather(p);
    struct sdp_local local = local_side(p, candidates, &fingerprint, &own);
    tracks_wishes(&p->tracks, known, wishes, sections);
    enum err err = offer ? jsep_offer(&p->jsep, &w, local, wishes, sections)
                         : jsep_answer(&p->jsep, &w, local, wishes, sections);
    free(room);
    return err == OK ? OK : refuse(p, p->jsep.fault);
}

/* The remote candidates that a description carries; bad ones are counted and left out. */
static void add_described_candidates(struct peer *p, const struct sdp_agreed_transport *remote,
                                     usec now)
{
    for (size_t i = 0; i < remote->candidate_count; i++)
        peer_add_candidate(p, remote->candidates[i].text, (struct bytes){NULL, 0}, now);
    if (remote->end_of_candidates) ice_end_of_remote(transport_ice(p->transport), now);
}

/* Both descriptions are in force: tell ICE, DTLS and RTP what they say. */
static void apply_agreement(struct peer *p, usec now)
{
    const struct sdp_agreed *agreed = &p->jsep.agreed;
    const struct sdp_agreed_transport *remote = &agreed->transport;
    if (!remote->used) {
        if (!p->ready) fail(p, "sdp", "every media section was rejected: no codec in common");
    } else if (transport_set_remote(p->transport, remote, now) != OK) {
        fail(p, "dtls", transport_fault(p->transport)->rule);
    } else {
        enum err err = ice_set_remote(transport_ice(p->transport), remote->ufrag, remote->pwd,
                                      remote->ice_lite, now);
        if (err != OK) fail(p, "ice", ice_fault(transport_ice(p->transport))->rule);
        add_described_candidates(p, remote, now);
    }
    if (tracks_apply(&p->tracks, agreed, p->rtp) != OK && !p->ready)
        fail(p, "rtp", "a stream that was agreed on could not be made");
    for (size_t i = 0; i < p->tracks.count; i++) {
        if (p->tracks.list[i].changed) note(p, PEER_TRACK, i);
        p->tracks.list[i].changed = false;
    }
    for (size_t i = 0; i < p->tracks.count; i++) /* added while an offer was pending */
        if (p->tracks.list[i].section < 0) p->negotiate = true;
    settle(p, now);
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
    if (p->closing) return not_now(p, "the connection is closed");
    if (p->jsep.state != JSEP_STABLE) return not_now(p, "an offer is pending (RFC 8829 4.1.8)");
    add_first_tracks(p);
    if (p->tracks.count == 0) return not_now(p, "there is nothing to offer: no track");
    if (!p->jsep.in_force) ice_set_controlling(transport_ice(p->transport), true);
    size_t sections = tracks_place(&p->tracks, &p->jsep);
    enum err err = describe(p, true, p->jsep.in_force ? &p->jsep.local : NULL, sections);
    if (err != OK) {
        tracks_unplace(&p->tracks);
        return err;
    }
    *text = p->jsep.pending.text;
    p->offered_at = now;
    p->negotiate = false;
    if (!p->started_at) p->started_at = now;
    settle(p, now);
    return OK;
}

enum err peer_answer(struct peer *p, struct bytes offer, struct bytes *text, usec now)
{
    if (p->closing) return not_now(p, "the connection is closed");
    bool first = !p->jsep.in_force;
    enum err err = jsep_remote_offer(&p->jsep, offer);
    if (err != OK) return refuse(p, p->jsep.fault);
    struct ice *ice = transport_ice(p->transport);
    const struct sdp *pending = &p->jsep.pending;
    /* RFC 8445 §6.1.1: the offerer controls, unless it is the one that is lite. */
    if (first) ice_set_controlling(ice, pending->ice_lite);
    if (jsep_restart_offered(&p->jsep)) {
        p->candidate_count = 0;
        p->candidates_done = false;
        ice_restart(ice, now);
    }
    size_t sections = tracks_match(&p->tracks, &p->jsep, p->cfg.audio, p->cfg.video, &p->rng);
    err = describe(p, false, pending, sections);
    if (err != OK) {
        jsep_rollback(&p->jsep);
        tracks_unplace(&p->tracks);
        return err;
    }
    *text = p->jsep.local.text;
    if (!p->started_at) p->started_at = now;
    apply_agreement(p, now);
    return OK;
}

enum err peer_set_answer(struct peer *p, struct bytes answer, usec now)
{
    if (p->closing) return not_now(p, "the connection is closed");
    if (jsep_remote_answer(&p->jsep, answer) != OK) return refuse(p, p->jsep.fault);
    apply_agreement(p, now);
    return OK;
}

enum err peer_rollback(struct peer *p, usec now)
{
    if (jsep_rollback(&p->jsep) != OK) return refuse(p, p->jsep.fault);
    tracks_unplace(&p->tracks);
    for (size_t i = 0; i < p->tracks.count; i++)
        if (p->tracks.list[i].section < 0) p->negotiate = true;
    settle(p, now);
    return OK;
}

enum err peer_add_candidate(struct peer *p, struct bytes text, struct bytes ufrag, usec now)
{
    struct candidate candidate;
    struct fault fault = {0};
    struct ice *ice = transport_ice(p->transport);
    if (!p->jsep.in_force)
        return not_now(p, "a candidate before its description (RFC 8829 4.1.19)");
    if (text.len == 0) {
        ice_end_of_remote(ice, now);
        settle(p, now);
        return OK;
    }
    if (candidate_parse(&candidate, text, &fault) != OK) return refuse(p, fault);
    if (!candidate.ufrag[0] && ufrag.len <= ICE_UFRAG_MAX)
        bytes_to_text(ufrag, candidate.ufrag, sizeof candidate.ufrag);
    enum err err = ice_add_remote(ice, &candidate, now);
    if (err != OK) return refuse(p, *ice_fault(ice));
    return OK;
}

void peer_restart_ice(struct peer *p, usec now)
{
    if (p->closing || !p->jsep.in_force) return;
    p->candidate_count = 0;
    p->candidates_done = false;
    ice_restart(transport_ice(p->transport), now);
    p->negotiate = true;
}

/* ---- Sockets and names ---- */

enum err peer_add_socket(struct peer *p, const struct addr *base, usec now)
{
    enum err err = ice_add_socket(transport_ice(p->transport), base, now);
    if (err != OK) return refuse(p, *ice_fault(transport_ice(p->transport)));
    return OK;
}

void peer_sockets_done(struct peer *p, usec now)
{
    ice_sockets_done(transport_ice(p->transport), now);
}

void peer_resolved(struct peer *p, struct bytes name, const struct addr *addr, usec now)
{
    char text[ICE_NAME_MAX + 1];
    if (name.len > ICE_NAME_MAX) return;
    ice_resolved(transport_ice(p->transport), bytes_to_text(name, text, sizeof text), addr, now);
    settle(p, now);
}

/* ---- Tracks ---- */

enum err peer_add_track(struct peer *p, enum rtp_kind kind, struct peer_media want, size_t *track)
{
    if (tracks_add(&p->tracks, kind, want, &p->rng, track) != OK)
        return refuse(p, (struct fault){.err = E_FULL,
                                        .layer = "peer",
                                        .rule = "no more than PEER_TRACKS_MAX tracks"});
    p->negotiate = true;
    return OK;
}

enum err peer_set_track(struct peer *p, size_t track, struct peer_media want)
{
    if (track >= p->tracks.count || p->tracks.list[track].stopped)
        return not_now(p, "there is no such track, or it was stopped for good (RFC 8829 4.2.1)");
    p->tracks.list[track].want = want;
    p->negotiate = true;
    return OK;
}

bool peer_track(const struct peer *p, size_t track, struct peer_track *out)
{
    if (track >= p->tracks.count) return false;
    const struct track *t = &p->tracks.list[track];
    *out = (struct peer_track){
        .kind = t->kind, .want = t->want, .agreed = t->agreed, .stopped = t->stopped};
    memcpy(out->mid, t->mid, sizeof out->mid);
    return true;
}

enum err peer_send(struct peer *p, size_t track, const struct rtp_frame *frame, usec now)
{
    size_t sender;
    if (p->closing || !peer_track_sender(p, track, &sender) ||
        !transport_can_send(p->transport, now))
        return E_STATE;
    enum err err = rtp_session_send(p->rtp, sender, frame, now);
    if (err != OK) p->fault = *rtp_session_fault(p->rtp);
    return err;
}

void peer_want_key(struct peer *p, size_t track)
{
    size_t receiver;
    if (peer_track_receiver(p, track, &receiver)) rtp_session_want_key(p->rtp, receiver);
}

void peer_close(struct peer *p, usec now)
{
    if (p->closing) return;
    tracks_stop(&p->tracks, p->rtp);
    jsep_close(&p->jsep);
    p->closing = true;
    settle(p, now);
}

/* ---- Queries ---- */

enum peer_state peer_state(const struct peer *p)
{
    return p->state;
}

struct peer_why peer_why(const struct peer *p)
{
    return p->why;
}

const char *peer_state_name(enum peer_state state)
{
    switch (state) {
    case PEER_NEW: return "new";
    case PEER_CONNECTING: return "connecting";
    case PEER_CONNECTED: return "connected";
    case PEER_DISCONNECTED: return "disconnected";
    case PEER_FAILED: return "failed";
    case PEER_CLOSED: return "closed";
    }
    return "unknown";
}

enum jsep_state peer_signaling(const struct peer *p)
{
    return p->jsep.state;
}

const struct ice *peer_ice(const struct peer *p)
{
    return transport_ice(p->transport);
}

const struct dtls *peer_dtls(const struct peer *p)
{
    return transport_dtls(p->transport);
}

const struct rtp_session *peer_rtp(const struct peer *p)
{
    return p->rtp;
}

bool peer_track_sender(const struct peer *p, size_t track, size_t *sender)
{
    if (track >= p->tracks.count || !p->tracks.list[track].has_sender) return false;
    *sender = p->tracks.list[track].sender;
    return true;
}

bool peer_track_receiver(const struct peer *p, size_t track, size_t *receiver)
{
    if (track >= p->tracks.count || !p->tracks.list[track].has_receiver) return false;
    *receiver = p->tracks.list[track].receiver;
    return true;
}

const char *peer_srtp_profile(const struct peer *p)
{
    return transport_srtp_profile(p->transport);
}

usec peer_started_at(const struct peer *p)
{
    return p->started_at;
}

usec peer_connected_at(const struct peer *p)
{
    return p->connected_at;
}

const struct peer_counters *peer_counters(const struct peer *p)
{
    return transport_counters(p->transport);
}
