#include "apps/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/account.h"
#include "apps/callevents.h"
#include "apps/outbox.h"
#include "apps/sink.h"
#include "apps/sockets.h"
#include "apps/summary.h"
#include "apps/tap.h"
#include "base/ring.h"
#include "signaling/polite.h"

#define NAMES_MAX ICE_NAMES_MAX
/* Datagrams read from one socket before the others get their turn. */
#define BATCH     64

struct session {
    struct session_config cfg;
    struct peer *peer;
    struct sink *sink;
    struct sockets sockets;
    struct impair *impair; /* NULL: nothing stands between the peer and the sockets */
    struct tap *tap;       /* NULL: nobody wants to see what happens */
    usec begun;

    struct outbox outbox;
    struct ring names;
    char name_items[NAMES_MAX][ICE_NAME_MAX + 1];

    bool offered;     /* we made the first offer */
    bool ignoring;    /* the peer's offer lost against ours: its candidates are nobody's */
    bool key_request; /* for the studio */
    bool key_sent[PEER_TRACKS_MAX];
    bool over;
    bool orphan;              /* the ids of signaling are of no use */
    struct sig_id remote_key; /* "" if it told none */
    usec heard_at;            /* the last datagram that was accepted */
    bool received;            /* all that was asked for, and said so */
    /* As the call was when it ended, for the summary: NULL while it goes on. */
    const char *last_ice, *last_dtls;
    char last_reason[SUMMARY_REASON_MAX]; /* if last_ice is there */
    json_t *last_stats;
    json_t *account;      /* why it failed, as it was then; NULL: it has not */
    struct packet packet; /* the one being received or sent */
};

struct session *session_new(const struct session_config *cfg, usec now, char *why, size_t room)
{
    char reason[SINK_WHY_MAX] = "no memory";
    struct session *s = calloc(1, sizeof *s);
    if (!s) goto fail;
    s->cfg = *cfg;
    s->begun = now;
    outbox_init(&s->outbox);
    RING_OVER(&s->names, s->name_items);
    packet_reset(&s->packet);
    struct sink_config sink = {.record = cfg->record,
                               .record_audio = cfg->peer.audio.recv,
                               .record_video = cfg->peer.video.recv,
                               .view = cfg->view};
    s->sink = sink_new(&sink, reason);
    if (cfg->recorder) {
        s->tap = tap_new(cfg->recorder, &s->cfg.peer, cfg->impair != NULL, now);
        if (!s->tap) goto fail;
    }
    s->peer = s->sink ? peer_new(&s->cfg.peer) : NULL;
    if (!s->peer) goto fail;
    s->impair = cfg->impair ? impair_new(cfg->impair, now) : NULL;
    if (cfg->impair && !s->impair) goto fail;
    if (!sockets_open(&s->sockets, s->cfg.loop, s->cfg.token, s->peer, now)) {
        snprintf(reason, sizeof reason, "no network interface that a UDP socket could be bound to");
        goto fail;
    }
    return s;
fail:
    snprintf(why, room, "%s", reason);
    session_free(s);
    return NULL;
}

void session_free(struct session *s)
{
    char why[SINK_WHY_MAX];
    if (!s) return;
    sockets_close(&s->sockets);
    outbox_close(&s->outbox);
    json_decref(s->account);
    json_decref(s->last_stats);
    if (!sink_free(s->sink, why)) report_error("%s: %s", s->cfg.record, why);
    impair_free(s->impair);
    tap_free(s->tap);
    peer_free(s->peer);
    free(s);
}

/* ---- Signaling ---- */

static struct sig_message message_of(const struct session *s, const struct letter *l)
{
    return letter_message(l, &s->cfg.remote, &s->cfg.key);
}

static void post(struct session *s, struct letter *letter, usec now)
{
    if (s->tap) {
        struct sig_message m = message_of(s, letter);
        tap_message(s->tap, &m, true, now);
    }
    if (s->orphan)
        letter_free(letter);
    else
        outbox_post(&s->outbox, letter);
}

static void post_description(struct session *s, enum sig_type type, struct bytes text, usec now)
{
    struct letter letter;
    if (letter_describe(&letter, type, text) == OK)
        post(s, &letter, now);
    else
        peer_give_up(s->peer, "signaling", "no memory for our own description", now);
}

static void post_candidate(struct session *s, const struct peer_candidate *candidate, usec now)
{
    struct letter letter;
    /* Without memory it is one fewer to be tried; if none is left ICE says so. */
    if (letter_candidate(&letter, candidate) == OK) post(s, &letter, now);
}

static void tell(struct session *s, const char *event, json_t *members, usec now)
{
    json_object_set_new(members, "peer", json_string(s->cfg.remote.text));
    if (s->tap) tap_event(s->tap, event, members, now);
    report_event(s->cfg.report, event, members, now);
}

/* What was refused (`description`: its text if it is one), by which layer, where, and by which
 * rule. A call whose first description is refused can't become one; later the call goes on as it
 * was. */
static void refuse(struct session *s, const char *what, struct bytes description, usec now)
{
    char at[SUMMARY_REASON_MAX], why[SUMMARY_REASON_MAX + 64];
    const struct fault *fault = peer_fault(s->peer);
    bool first =
        description.at && fault->err != E_STATE && ice_state(peer_ice(s->peer)) == ICE_STATE_NEW;
    callevents_fault(fault, description, at, sizeof at);
    snprintf(why, sizeof why, "%s: %s", fault->layer, at);
    tell(s, "refused", json_pack("{s:s,s:s}", "what", what, "why", why), now);
    if (!first) return;
    snprintf(why, sizeof why, "the %s was refused: %s", what, at);
    peer_give_up_refused(s->peer, why, now);
}

/* Said once, so that whoever waits for it needs no clock. */
static void tell_received(struct session *s, usec now)
{
    if (s->received || !session_ok(s)) return;
    s->received = true;
    tell(s, "received", json_object(), now);
}

static struct summary summary_of(const struct session *s)
{
    return (struct summary){.peer = s->peer,
                            .unix_us = s->cfg.peer.unix_us,
                            .sink = s->sink,
                            .offered = s->offered,
                            .ask_audio = s->cfg.ask_audio,
                            .ask_video = s->cfg.ask_video,
                            .decoded = s->cfg.mode == SESSION_MEASURE,
                            .ice = s->last_ice,
                            .dtls = s->last_dtls,
                            .reason = s->last_ice ? s->last_reason : NULL,
                            .stats = s->last_stats};
}

/* While it is still known how it was; the first account counts. */
static void give_account(struct session *s, usec now)
{
    if (s->account) return;
    s->account = account_of(s->peer, now);
    if (s->sink) account_add_undecoded(s->account, sink_first_undecoded(s->sink), now);
}

/* `by` says who ended it if it was not us: of interest while it was not yet connected. */
static void end(struct session *s, const char *by, usec now)
{
    size_t len;
    session_reason(s, s->last_reason, sizeof s->last_reason);
    len = strlen(s->last_reason);
    if (by && len && !peer_connected_at(s->peer))
        snprintf(s->last_reason + len, sizeof s->last_reason - len, "; %s", by);
    s->last_ice = ice_state_name(ice_state(peer_ice(s->peer)));
    s->last_dtls = dtls_state_name(dtls_status(peer_dtls(s->peer)).state);
    struct summary summary = summary_of(s);
    json_decref(s->last_stats);
    s->last_stats = summary_stats(&summary, now);
    if (s->tap) tap_stats(s->tap, s->last_stats, now);
    if (s->last_reason[0]) give_account(s, now);
    peer_close(s->peer, now);
}

static void make_offer(struct session *s, usec now)
{
    struct bytes text;
    if (peer_offer(s->peer, &text, now) == OK)
        post_description(s, SIG_OFFER, text, now);
    else
        refuse(s, "our own offer", (struct bytes){NULL, 0}, now);
}

void session_offer(struct session *s, usec now)
{
    s->offered = true;
    make_offer(s, now);
    session_step(s, now);
}

static void take_offer(struct session *s, struct bytes sdp, usec now)
{
    struct polite_state state = {.have_offer = peer_signaling(s->peer) == JSEP_HAVE_LOCAL_OFFER};
    struct bytes text;
    enum polite_action action = polite_on_offer(polite_is(&s->cfg.own, &s->cfg.remote), &state);
    if (s->tap && state.have_offer)
        tap_decision(s->tap, "signaling", "glare",
                     action == POLITE_IGNORE ? "our offer" : "the other side's offer",
                     "both offered at once: the side whose id sorts lower gives way (W3C webrtc "
                     "10.7)",
                     NULL, now);
    switch (action) {
    case POLITE_IGNORE: s->ignoring = true; return;
    case POLITE_ROLLBACK: peer_rollback(s->peer, now); break;
    case POLITE_ACCEPT: break;
    }
    s->ignoring = false;
    if (peer_answer(s->peer, sdp, &text, now) == OK)
        post_description(s, SIG_ANSWER, text, now);
    else
        refuse(s, "offer", sdp, now);
}

static void take_candidate(struct session *s, const struct sig_message *m, usec now)
{
    struct bytes text = m->end_of_candidates ? (struct bytes){NULL, 0} : m->candidate.candidate;
    if (s->ignoring) return;
    /* Candidates that we have no use for (TCP, component 2) are ordinary: ICE counts them. */
    enum err err = peer_add_candidate(s->peer, text, m->candidate.ufrag, now);
    if (err != OK && err != E_UNSUPPORTED) refuse(s, "candidate", (struct bytes){NULL, 0}, now);
}

void session_take(struct session *s, const struct sig_message *m, usec now)
{
    if (s->over) return;
    if (s->tap) tap_message(s->tap, m, false, now);
    if (m->key.text[0]) s->remote_key = m->key;
    switch (m->type) {
    case SIG_OFFER: take_offer(s, m->sdp, now); break;
    case SIG_ANSWER:
        s->ignoring = false;
        if (peer_set_answer(s->peer, m->sdp, now) != OK) refuse(s, "answer", m->sdp, now);
        break;
    case SIG_CANDIDATE: take_candidate(s, m, now); break;
    case SIG_BYE: end(s, "the other side hung up", now); break;
    case SIG_LEAVE: session_orphan(s, now); break;
    default: return;
    }
    session_step(s, now);
}

bool session_message(struct session *s, struct sig_message *out)
{
    const struct letter *letter = outbox_take(&s->outbox);
    if (letter) *out = message_of(s, letter);
    return letter != NULL;
}

/* ---- When signaling breaks ---- */

void session_orphan(struct session *s, usec now)
{
    if (s->over) return;
    if (peer_connected_at(s->peer)) {
        s->orphan = true;
    } else {
        end(s, "the other side left the room", now);
    }
}

static bool is_silent(const struct session *s, usec now)
{
    return now - s->heard_at >= SESSION_SILENT_US;
}

bool session_goes_on(const struct session *s, const struct sig_id *key, usec now)
{
    return s->orphan && !s->over && key->text[0] && sig_id_equal(&s->remote_key, key) &&
           !is_silent(s, now);
}

void session_adopt(struct session *s, const struct sig_id *own, const struct sig_id *remote,
                   usec now)
{
    struct sig_id was = s->cfg.remote;
    s->cfg.own = *own;
    s->cfg.remote = *remote;
    s->orphan = false;
    tell(s, "call-goes-on", json_pack("{s:s}", "was", was.text), now);
}

bool session_orphaned(const struct session *s)
{
    return s->orphan;
}

const struct sig_id *session_key(const struct session *s)
{
    return &s->remote_key;
}

/* ---- Events of the connection ---- */

static void tell_state(struct session *s, enum peer_state state, usec now)
{
    tell(s, "connection-state", callevents_connection(s->peer, state), now);
    if (state == PEER_FAILED) give_account(s, now);
    if (state == PEER_FAILED || state == PEER_CLOSED) s->over = true;
    if (state != PEER_CONNECTED) return;
    s->key_request = true;
    tell_received(s, now); /* a call that only sends has nothing to wait for */
}

static void tell_selected(struct session *s, usec now)
{
    struct ice_pair_info pair;
    if (!ice_selected_info(peer_ice(s->peer), &pair)) return;
    if (s->tap) tap_selected(s->tap, s->peer, now);
    tell(s, "ice-selected", callevents_selected(&pair), now);
}

static void tell_dtls(struct session *s, usec now)
{
    tell(s, "dtls-state", callevents_dtls(s->peer), now);
    if (s->tap) tap_dtls(s->tap, s->peer, now);
}

static void tell_track(struct session *s, size_t track, usec now)
{
    struct peer_track t;
    if (!peer_track(s->peer, track, &t)) return;
    s->key_sent[track] = false;
    if (t.agreed.send && t.kind == RTP_VP8) s->key_request = true;
    tell(s, "track", callevents_track(track, &t), now);
}

/* A track of this kind that is sent, from `from` on; false: none. */
static bool sending_track(const struct session *s, enum rtp_kind kind, size_t from, size_t *track)
{
    struct peer_track t;
    for (size_t i = from; peer_track(s->peer, i, &t); i++) {
        if (t.kind != kind || !t.agreed.send) continue;
        *track = i;
        return true;
    }
    return false;
}

static void take_frame(struct session *s, size_t track, const struct rtp_frame *frame, usec now)
{
    struct peer_track t;
    if (!peer_track(s->peer, track, &t)) return;
    if (s->tap) tap_frame(s->tap, track, t.kind == RTP_VP8, frame, false, now);
    if (s->cfg.mode == SESSION_ECHO) {
        struct rtp_frame back = *frame;
        back.captured = frame->arrived;
        if (t.agreed.send) peer_send(s->peer, track, &back, now);
        return;
    }
    if (!sink_frame(s->sink, track, t.kind, frame, now)) peer_want_key(s->peer, track);
    tell_received(s, now);
}

static void take_event(struct session *s, const struct peer_event *ev, usec now)
{
    switch (ev->type) {
    case PEER_STATE: tell_state(s, ev->as.state, now); break;
    case PEER_CANDIDATE: post_candidate(s, &ev->as.candidate, now); break;
    case PEER_NEGOTIATE: make_offer(s, now); break;
    case PEER_TRACK: tell_track(s, ev->track, now); break;
    case PEER_FRAME: take_frame(s, ev->track, &ev->as.frame, now); break;
    case PEER_KEY_WANTED:
        if (s->cfg.mode == SESSION_ECHO)
            peer_want_key(s->peer, ev->track);
        else
            s->key_request = true;
        break;
    case PEER_BITRATE: break;
    case PEER_RESOLVE: ring_push(&s->names, ev->as.name); break;
    case PEER_ICE_CHANGED: tell(s, "ice-state", callevents_ice(s->peer), now); break;
    case PEER_DTLS_CHANGED: tell_dtls(s, now); break;
    case PEER_SELECTED: tell_selected(s, now); break;
    }
}

/* ---- Sockets ---- */

static void to_socket(struct session *s, usec now)
{
    if (s->tap) tap_wire(s->tap, &s->packet, true, now);
    sockets_send(&s->sockets, &s->packet);
}

static void drain(struct session *s, usec now)
{
    struct peer_event ev;
    bool busy = true;
    while (busy) {
        busy = false;
        while (peer_output(s->peer, &s->packet, now)) {
            if (s->tap) tap_made(s->tap, s->peer, &s->packet, now);
            if (s->impair)
                impair_send(s->impair, &s->packet, now);
            else
                to_socket(s, now);
            busy = true;
        }
        while (peer_event(s->peer, &ev)) {
            take_event(s, &ev, now);
            busy = true;
        }
    }
    while (s->impair && impair_sent(s->impair, &s->packet, now)) to_socket(s, now);
}

static void from_socket(struct session *s, usec now)
{
    if (s->tap) tap_before(s->tap, &s->packet);
    enum err err = peer_input(s->peer, &s->packet, now);
    if (err == OK) s->heard_at = now;
    if (s->tap) tap_taken(s->tap, s->peer, err, now);
    drain(s, now);
}

void session_receive(struct session *s, unsigned number, usec now)
{
    for (int i = 0; i < BATCH && sockets_receive(&s->sockets, number, &s->packet); i++) {
        if (s->impair && s->tap) tap_wire(s->tap, &s->packet, false, now);
        if (s->impair)
            impair_receive(s->impair, &s->packet, now);
        else
            from_socket(s, now);
    }
}

void session_step(struct session *s, usec now)
{
    while (s->impair && impair_received(s->impair, &s->packet, now)) from_socket(s, now);
    if (s->orphan && !s->over && is_silent(s, now)) end(s, NULL, now);
    if (peer_deadline(s->peer) <= now) {
        if (s->tap) tap_tick(s->tap, s->peer, now);
        peer_tick(s->peer, now);
    }
    drain(s, now);
}

usec session_deadline(const struct session *s)
{
    usec at = peer_deadline(s->peer);
    if (s->impair) at = usec_min(at, impair_deadline(s->impair));
    return s->orphan && !s->over ? usec_min(at, s->heard_at + SESSION_SILENT_US) : at;
}

bool session_watch(struct session *s, struct watch *watch, usec now)
{
    if (watch && !s->tap) s->tap = tap_new(NULL, NULL, s->impair != NULL, now);
    if (!s->tap) return !watch;
    tap_watch(s->tap, watch, &s->cfg.remote, s->begun, s->peer, now);
    if (!watch && !s->cfg.recorder) {
        tap_free(s->tap);
        s->tap = NULL;
    }
    return true;
}

bool session_tapped(const struct session *s)
{
    return s->tap != NULL;
}

void session_sample(struct session *s, usec now)
{
    struct summary summary = summary_of(s);
    json_t *stats = s->tap && !s->last_stats ? summary_stats(&summary, now) : NULL;
    if (stats) tap_stats(s->tap, stats, now);
    json_decref(stats);
}

/* ---- Media ---- */

void session_frame(struct session *s, const struct studio_frame *frame, usec now)
{
    if (s->over || s->cfg.mode != SESSION_MEASURE) return;
    enum rtp_kind kind = frame->video ? RTP_VP8 : RTP_OPUS;
    struct rtp_frame out = {.payload = frame->data,
                            .timestamp = frame->timestamp,
                            .key = frame->key,
                            .audio_level = frame->level,
                            .captured = frame->captured};
    for (size_t track = 0; sending_track(s, kind, track, &track); track++) {
        /* A decoder can't begin with a frame that refers to another. */
        if (frame->video && !frame->key && !s->key_sent[track]) continue;
        if (s->tap) tap_frame(s->tap, track, frame->video, &out, true, now);
        if (peer_send(s->peer, track, &out, now) == OK) s->key_sent[track] = true;
    }
    drain(s, now);
}

bool session_takes_key_request(struct session *s)
{
    bool request = s->key_request;
    s->key_request = false;
    return request;
}

bool session_sends(const struct session *s)
{
    size_t track;
    return s->cfg.mode == SESSION_MEASURE && peer_state(s->peer) == PEER_CONNECTED &&
           (sending_track(s, RTP_VP8, 0, &track) || sending_track(s, RTP_OPUS, 0, &track));
}

bool session_name(struct session *s, char name[ICE_NAME_MAX + 1])
{
    return ring_pop(&s->names, name);
}

void session_resolved(struct session *s, const char *name, const struct addr *addr, usec now)
{
    if (s->tap) tap_name(s->tap, name, addr, now);
    peer_resolved(s->peer, bytes_of(name), addr, now);
    session_step(s, now);
}

/* ---- The end ---- */

void session_hang_up(struct session *s, usec now)
{
    if (s->over) return;
    end(s, NULL, now);
    post(s, &(struct letter){.type = SIG_BYE}, now);
    session_step(s, now);
}

bool session_over(const struct session *s)
{
    return s->over;
}

bool session_ok(const struct session *s)
{
    char reason[8];
    return session_reason(s, reason, sizeof reason)[0] == '\0';
}

const char *session_reason(const struct session *s, char *to, size_t room)
{
    struct summary summary = summary_of(s);
    return summary_reason(&summary, to, room);
}

json_t *session_summary(const struct session *s, usec now)
{
    struct summary summary = summary_of(s);
    return summary_json(&summary, now);
}

const json_t *session_account(const struct session *s)
{
    return s->account;
}

const struct sig_id *session_remote(const struct session *s)
{
    return &s->cfg.remote;
}

const struct sig_id *session_own(const struct session *s)
{
    return &s->cfg.own;
}

const struct peer *session_peer(const struct session *s)
{
    return s->peer;
}
