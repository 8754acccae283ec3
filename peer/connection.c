#include "peer/internal.h"
#include "sdp/check.h"

#include <stdio.h>
#include <stdlib.h>

/* A track keeps its SSRCs, and RTX has one of its own; before there is any the session reports. */
_Static_assert(2 * PEER_TRACKS_MAX + 1 <= PROTECT_LOCAL_MAX, "one of ours would find no place");

struct peer *peer_new(const struct peer_config *cfg)
{
    struct peer *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->cfg = *cfg;
    p->rng = cfg->rng;
    RING_OVER(&p->notes, p->note_items);
    struct transport_config transport = {.identity = cfg->identity,
                                         .rng = rng_fork(&p->rng),
                                         .srtp_profile = cfg->srtp_profile,
                                         .stun_server_count = cfg->stun_server_count,
                                         .keylog = cfg->keylog};
    for (size_t i = 0; i < cfg->stun_server_count; i++)
        transport.stun_servers[i] = cfg->stun_servers[i];
    struct rtp_session_config rtp = {.rng = rng_fork(&p->rng), .unix_us = cfg->unix_us};
    jsep_init(&p->jsep, rng_u64(&p->rng) >> 1);
    tracks_init(&p->tracks, &p->rng);
    p->transport = transport_new(&transport);
    p->rtp = rtp_session_new(&rtp);
    if (cfg->plain) p->plain = calloc(1, sizeof *p->plain);
    if (!p->transport || !p->rtp || (cfg->plain && !p->plain)) {
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
    free(p->plain);
    bytes_wipe(&p->rng, sizeof p->rng);
    free(p);
}

void peer_note(struct peer *p, int type, size_t track)
{
    ring_push(&p->notes, &(struct note){(uint8_t)type, (uint8_t)p->state, (uint16_t)track});
}

enum err peer_refuse(struct peer *p, struct fault fault)
{
    transport_counters(p->transport)->refused++;
    p->fault = fault;
    return fault.err;
}

enum err peer_not_now(struct peer *p, const char *rule)
{
    return peer_refuse(p, (struct fault){.err = E_STATE, .layer = "peer", .rule = rule});
}

/* ---- State ---- */

void peer_fail(struct peer *p, enum peer_cause cause, const char *layer, const char *reason)
{
    if (p->why.cause != PEER_CAUSE_NONE || p->left) return;
    bytes_to_text(bytes_of(reason ? reason : "no reason given"), p->reason, sizeof p->reason);
    p->why = (struct peer_why){cause, layer, p->reason};
}

static void fail_ice(struct peer *p, const struct ice *ice)
{
    peer_fail(p, ice_lost_pair(ice) ? PEER_CAUSE_PATH_LOST : PEER_CAUSE_NO_PATH, "ice",
              ice_why(ice));
}

static enum peer_cause cause_of_dtls(enum dtls_cause cause)
{
    switch (cause) {
    case DTLS_CAUSE_FINGERPRINT: return PEER_CAUSE_FINGERPRINT;
    case DTLS_CAUSE_PROFILE: return PEER_CAUSE_PROFILE;
    case DTLS_CAUSE_SILENCE: return PEER_CAUSE_SILENCE;
    case DTLS_CAUSE_OTHER: break;
    }
    return PEER_CAUSE_HANDSHAKE;
}

/* RFC 5246 §7.2: of a handshake that the peer refused, the alert's name is all that we learn. */
static void fail_dtls(struct peer *p, const struct dtls_status *dtls)
{
    char reason[WHY_LEN];
    bool told = dtls->alert && dtls->alert_received;
    snprintf(reason, sizeof reason, "%s%s%s", dtls->reason ? dtls->reason : "the handshake failed",
             told ? ": " : "", told ? dtls->alert : "");
    peer_fail(p, cause_of_dtls(dtls->cause), "dtls", reason);
}

/* What failed for good, if anything did. */
static void look_for_failure(struct peer *p, usec now)
{
    struct dtls_status dtls = dtls_status(transport_dtls(p->transport));
    const struct ice *ice = transport_ice(p->transport);
    if (dtls.state == DTLS_FAILED)
        fail_dtls(p, &dtls);
    else if (ice_state(ice) == ICE_STATE_FAILED)
        fail_ice(p, ice);
    else if (transport_srtp_why(p->transport))
        peer_fail(p, PEER_CAUSE_KEYS, "srtp", transport_srtp_why(p->transport));
    else if (!p->jsep.in_force && p->jsep.state == JSEP_HAVE_LOCAL_OFFER &&
             now - p->offered_at >= PEER_ANSWER_US)
        peer_fail(p, PEER_CAUSE_NO_ANSWER, "signaling", "no answer came to our offer");
}

static enum peer_state state_of(const struct peer *p)
{
    if (p->closing || p->closed || p->left) return PEER_CLOSED;
    if (p->why.cause != PEER_CAUSE_NONE) return PEER_FAILED;
    if (p->ready && ice_state(transport_ice(p->transport)) == ICE_STATE_DISCONNECTED)
        return PEER_DISCONNECTED;
    if (p->ready) return PEER_CONNECTED;
    if (p->jsep.in_force || p->jsep.state != JSEP_STABLE) return PEER_CONNECTING;
    return PEER_NEW;
}

bool peer_has_ended(const struct peer *p)
{
    return p->closing || p->left || p->why.cause != PEER_CAUSE_NONE;
}

/* Media goes both ways. */
static bool has_media(const struct peer *p)
{
    return p->ready && !peer_has_ended(p);
}

/* After every step: what the parts have reached is what we have. */
void peer_settle(struct peer *p, usec now)
{
    if (!p->ready && transport_can_send(p->transport, now)) {
        p->ready = true;
        p->connected_at = now;
        rtp_session_set_rtt(p->rtp, ice_rtt_us(transport_ice(p->transport)));
    }
    if (dtls_status(transport_dtls(p->transport)).state == DTLS_CLOSED)
        p->left |= p->why.cause == PEER_CAUSE_NONE;
    if (!p->closing) look_for_failure(p, now);
    enum peer_state state = state_of(p);
    if (state == p->state) return;
    p->state = state;
    peer_note(p, PEER_STATE, 0);
}

/* ---- For captures ---- */

static void keep_plain(struct peer *p, const struct packet *packet, bool is_rtcp, bool sent)
{
    if (!p->plain) return;
    packet_copy(p->plain, packet);
    p->plain_there = true;
    p->plain_is_rtcp = is_rtcp;
    p->plain_sent = sent;
}

bool peer_plain(const struct peer *p, struct peer_plain *out)
{
    if (!p->plain_there) return false;
    *out = (struct peer_plain){.rtcp = p->plain_is_rtcp,
                               .sent = p->plain_sent,
                               .route = p->plain->route,
                               .packet = packet_bytes(p->plain)};
    return true;
}

bool peer_keylog(struct peer *p, char line[DTLS_KEYLOG_MAX])
{
    return transport_keylog(p->transport, line);
}

/* ---- The five verbs ---- */

/* RTP that could be opened, and would then be of no stream: a flood of it is to cost less than
 * that. */
static bool is_unexpected(struct peer *p, const struct packet *in, usec now)
{
    return demux_of(packet_bytes(in)) == DEMUX_RTP &&
           !rtp_session_expects(p->rtp, packet_bytes(in), now) &&
           transport_could_open(p->transport, &in->route);
}

enum err peer_input(struct peer *p, struct packet *in, usec now)
{
    enum demux plain;
    p->plain_there = false;
    if (p->closing) return peer_not_now(p, "the connection is closed");
    if (is_unexpected(p, in, now)) {
        transport_counters(p->transport)->unexpected++;
        p->fault = (struct fault){E_UNSUPPORTED, "rtp", 8,
                                  "no section has this SSRC, MID or payload type (RFC 9143 9.2)"};
        return E_UNSUPPORTED;
    }
    enum err err = transport_input(p->transport, in, &plain, now);
    if (err != OK) p->fault = *transport_fault(p->transport);
    if (plain != DEMUX_UNKNOWN) keep_plain(p, in, plain == DEMUX_RTCP, false);
    if (plain == DEMUX_RTP) err = rtp_session_input_rtp(p->rtp, in, now);
    if (plain == DEMUX_RTCP) err = rtp_session_input_rtcp(p->rtp, packet_bytes(in), now);
    if (plain != DEMUX_UNKNOWN && err != OK) p->fault = *rtp_session_fault(p->rtp);
    peer_settle(p, now);
    return err;
}

void peer_tick(struct peer *p, usec now)
{
    if (p->closing) return;
    transport_tick(p->transport, now);
    if (has_media(p)) rtp_session_tick(p->rtp, now);
    peer_settle(p, now);
}

/* Without a path the session goes on, and what it sends is lost (transport_protect refuses it): if
 * it were not asked, what it has due would stay due for ever. */
static bool output_media(struct peer *p, struct packet *out, usec now)
{
    bool is_rtcp;
    while (rtp_session_output(p->rtp, out, &is_rtcp, now)) {
        keep_plain(p, out, is_rtcp, true);
        if (transport_protect(p->transport, out, is_rtcp, now) != OK) continue;
        if (p->plain) p->plain->route = out->route;
        return true;
    }
    p->plain_there = false; /* of one that could not be protected */
    return false;
}

static bool output_open(struct peer *p, struct packet *out, usec now)
{
    bool any = transport_output(p->transport, out, now);
    peer_settle(p, now); /* whoever asks ICE what to send has it look at the time */
    return any || (has_media(p) && output_media(p, out, now));
}

bool peer_output(struct peer *p, struct packet *out, usec now)
{
    p->plain_there = false;
    if (!p->closing) return output_open(p, out, now);
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
    if (has_media(p)) at = usec_min(at, rtp_session_deadline(p->rtp));
    if (!p->jsep.in_force && p->jsep.state == JSEP_HAVE_LOCAL_OFFER &&
        p->why.cause == PEER_CAUSE_NONE)
        at = usec_min(at, p->offered_at + PEER_ANSWER_US);
    return at;
}

const struct fault *peer_fault(const struct peer *p)
{
    return &p->fault;
}

/* ---- Sockets and names ---- */

enum err peer_add_socket(struct peer *p, const struct addr *base, usec now)
{
    enum err err = ice_add_socket(transport_command_ice(p->transport), base, now);
    if (err != OK) return peer_refuse(p, *ice_fault(transport_ice(p->transport)));
    return OK;
}

void peer_sockets_done(struct peer *p, usec now)
{
    ice_sockets_done(transport_command_ice(p->transport), now);
}

void peer_resolved(struct peer *p, struct bytes name, const struct addr *addr, usec now)
{
    char text[ICE_NAME_MAX + 1];
    if (name.len > ICE_NAME_MAX) return;
    ice_resolved(transport_command_ice(p->transport), bytes_to_text(name, text, sizeof text), addr,
                 now);
    peer_settle(p, now);
}

/* ---- Tracks ---- */

enum err peer_add_track(struct peer *p, enum rtp_kind kind, struct peer_media want, size_t *track)
{
    if (tracks_add(&p->tracks, kind, want, &p->rng, track) != OK)
        return peer_refuse(p, (struct fault){.err = E_FULL,
                                             .layer = "peer",
                                             .rule = "no more than PEER_TRACKS_MAX tracks"});
    p->negotiate |= !p->tracks.list[*track].stopped;
    return OK;
}

enum err peer_set_track(struct peer *p, size_t track, struct peer_media want)
{
    if (track >= p->tracks.count || p->tracks.list[track].stopped)
        return peer_not_now(p,
                            "there is no such track, or it was stopped for good (RFC 8829 4.2.1)");
    tracks_set(&p->tracks, track, want);
    p->negotiate |= !p->tracks.list[track].stopped;
    return OK;
}

bool peer_track(const struct peer *p, size_t track, struct peer_track *out)
{
    if (track >= p->tracks.count) return false;
    const struct track *t = &p->tracks.list[track];
    *out = (struct peer_track){.kind = t->kind,
                               .want = t->want,
                               .agreed = t->agreed,
                               .stopped = t->stopped,
                               .ssrc = t->ssrc,
                               .payload_type = t->payload_type};
    memcpy(out->mid, t->mid, sizeof out->mid);
    return true;
}

enum err peer_send(struct peer *p, size_t track, const struct rtp_frame *frame, usec now)
{
    size_t sender;
    if (!has_media(p) || !peer_track_sender(p, track, &sender)) return E_STATE;
    if (!transport_can_send(p->transport, now)) {
        rtp_session_miss(p->rtp, sender, frame, now);
        return E_STATE;
    }
    enum err err = rtp_session_send(p->rtp, sender, frame, now);
    if (err != OK) p->fault = *rtp_session_fault(p->rtp);
    return err;
}

void peer_want_key(struct peer *p, size_t track)
{
    size_t receiver;
    if (peer_track_receiver(p, track, &receiver)) rtp_session_want_key(p->rtp, receiver);
}

void peer_give_up(struct peer *p, const char *layer, const char *reason, usec now)
{
    if (p->closing) return;
    peer_fail(p, PEER_CAUSE_GIVEN_UP, layer, reason);
    peer_settle(p, now);
}

static enum peer_cause cause_of_subject(enum sdp_subject subject)
{
    switch (subject) {
    case SDP_SUBJECT_SETUP: return PEER_CAUSE_SETUP;
    case SDP_SUBJECT_CODECS: return PEER_CAUSE_CODECS;
    case SDP_SUBJECT_OTHER: break;
    }
    return PEER_CAUSE_DESCRIPTION;
}

void peer_give_up_refused(struct peer *p, const char *reason, usec now)
{
    const char *layer = p->fault.layer ? p->fault.layer : "signaling";
    if (p->closing) return;
    peer_fail(p, cause_of_subject(sdp_subject_of(&p->fault)), layer, reason);
    peer_settle(p, now);
}

void peer_close(struct peer *p, usec now)
{
    if (p->closing) return;
    tracks_stop(&p->tracks, p->rtp);
    jsep_close(&p->jsep);
    p->closing = true;
    peer_settle(p, now);
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

enum peer_lack peer_lacks(const struct peer *p)
{
    if (p->jsep.state == JSEP_HAVE_LOCAL_OFFER) return PEER_LACKS_ANSWER;
    if (!p->jsep.in_force) return PEER_LACKS_OFFER;
    if (ice_state(peer_ice(p)) < ICE_STATE_CONNECTED) return PEER_LACKS_PATH;
    if (peer_srtp_profile(p)) return PEER_LACKS_NOTHING;
    return dtls_counters(peer_dtls(p))->datagrams_in == 0 ? PEER_LACKS_DTLS : PEER_LACKS_KEYS;
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

bool peer_first_unopened(const struct peer *p, struct peer_unopened *first)
{
    if (transport_counters(p->transport)->unauthentic == 0) return false;
    *first = *transport_first_unopened(p->transport);
    return true;
}
