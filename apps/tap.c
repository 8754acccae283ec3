#include "apps/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/callladder.h"
#include "apps/starred.h"
#include "apps/wireline.h"
#include "apps/wiretap.h"
#include "peer/demux.h"
#include "rtp/explain.h"
#include "rtp/rtcp.h"

struct tap {
    struct recorder *recorder; /* NULL: nothing is recorded */
    struct callladder *ladder; /* NULL: none is drawn */
    struct watch *watch;       /* NULL: nobody watches */
    unsigned call, watched;    /* the call's number there and there */
    bool standing; /* those who watch are told how it stands, which the recorder knows */
    usec seen_at;  /* the last time that anything was shown */
    bool impaired;
    struct packet held; /* the one that peer_input has */
    struct wiretap wiretap;
};

struct tap *tap_new(struct recorder *recorder, struct peer_config *peer, bool impaired, usec now)
{
    struct tap *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    packet_reset(&t->held);
    t->impaired = impaired;
    if (!recorder) return t;
    t->recorder = recorder;
    t->call = recorder_next_call(recorder);
    wiretap_init(&t->wiretap, recorder, t->call, impaired);
    bool pcap = recorder_has(recorder, RECORDING_PCAP);
    peer->keylog = pcap || recorder_has(recorder, RECORDING_KEYLOG);
    t->ladder = recorder_ladder(recorder);
    peer->plain = pcap || t->ladder || recorder_has(recorder, RECORDING_TRACE);
    recorder_trace(recorder, t->call, "state",
                   json_pack("{s:s,s:s}", "layer", "call", "state", "new"), now);
    return t;
}

void tap_free(struct tap *t)
{
    if (!t) return;
    if (t->watch) watch_call_over(t->watch, t->watched, t->seen_at);
    if (t->recorder) wiretap_end(&t->wiretap);
    if (t->ladder) callladder_over(t->ladder, t->call);
    bytes_wipe(t, sizeof *t);
    free(t);
}

static bool traces(const struct tap *t)
{
    return t->recorder && recorder_has(t->recorder, RECORDING_TRACE);
}

/* A line of the trace is of use to somebody. */
static bool wanted(const struct tap *t)
{
    return t->watch || traces(t);
}

/* Takes over `members`. `watched`: it is for those who watch, too. */
static void put_to(struct tap *t, bool watched, const char *type, json_t *members, usec now)
{
    t->seen_at = now;
    if (t->standing) json_object_set_new(members, "standing", json_true());
    if (watched && t->watch) watch_line(t->watch, t->watched, type, members, now);
    if (traces(t) && !t->standing)
        recorder_trace(t->recorder, t->call, type, members, now);
    else
        json_decref(members);
}

static void put(struct tap *t, const char *type, json_t *members, usec now)
{
    put_to(t, true, type, members, now);
}

/* ---- Datagrams ---- */

static const char *protocol_of(struct bytes datagram)
{
    switch (demux_of(datagram)) {
    case DEMUX_STUN: return "stun";
    case DEMUX_DTLS: return "dtls";
    case DEMUX_RTP: return "srtp";
    case DEMUX_RTCP: return "srtcp";
    case DEMUX_CHANNEL: return "turn-channel";
    case DEMUX_UNKNOWN: break;
    }
    return "unknown";
}

/* The packets of a compound RTCP packet, by name: RFC 3550 §12.1, RFC 4585 §6. */
static json_t *rtcp_names(struct bytes datagram)
{
    json_t *list = json_array();
    struct rtcp_walk walk = rtcp_walk_of(datagram);
    for (struct rtcp_packet p; rtcp_next(&walk, &p);)
        json_array_append_new(list, json_string(rtcp_name(&p)));
    return list;
}

static json_t *datagram_json(const struct packet *p, const struct peer_plain *plain)
{
    char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX], says[WIRELINE_MAX];
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s}", "layer", "wire", "protocol",
                          protocol_of(packet_bytes(p)), "local", addr_text(&p->route.local, local),
                          "remote", addr_text(&p->route.remote, remote), "length",
                          (json_int_t)p->len, "says", wireline(packet_bytes(p), says));
    if (plain && plain->rtcp) json_object_set_new(o, "inside", rtcp_names(plain->packet));
    return o;
}

void tap_wire(struct tap *t, const struct packet *p, bool sent, usec now)
{
    if (t->recorder) wiretap_wire(&t->wiretap, p, sent, now);
}

void tap_before(struct tap *t, const struct packet *p)
{
    packet_copy(&t->held, p);
}

static json_t *fault_json(const struct fault *fault)
{
    return json_pack("{s:s,s:s,s:I,s:s}", "layer", fault->layer ? fault->layer : "", "code",
                     err_name(fault->err), "offset", (json_int_t)fault->offset, "rule",
                     fault->rule ? fault->rule : "");
}

/* What the files beside the trace have of it: the keys before the packet that made them, which
 * needs them too. */
static void capture(struct tap *t, struct peer *peer, const struct peer_plain *plain, usec now)
{
    if (!t->recorder) return;
    wiretap_keylog(&t->wiretap, peer, now);
    if (plain) wiretap_plain(&t->wiretap, plain, now);
}

/* What a line of the trace says of it, and to whom; NULL: there is none to be said. */
static json_t *told(struct tap *t, const struct packet *p, const struct peer_plain *plain,
                    bool sent, bool *watched, usec now)
{
    uint32_t number = 0;
    *watched =
        t->watch && watch_datagram(t->watch, t->watched, packet_bytes(p), sent, &number, now);
    if (!*watched && !traces(t)) return NULL;
    json_t *o = datagram_json(p, plain);
    if (number) json_object_set_new(o, "number", json_integer(number));
    return o;
}

void tap_taken(struct tap *t, struct peer *peer, enum err err, usec now)
{
    struct peer_plain plain;
    bool has_plain = peer_plain(peer, &plain);
    capture(t, peer, NULL, now);
    if (!t->impaired) tap_wire(t, &t->held, false, now);
    capture(t, peer, has_plain ? &plain : NULL, now);
    if (t->ladder)
        callladder_came(t->ladder, t->call, &t->held, has_plain ? &plain : NULL,
                        err == OK ? NULL : peer_fault(peer), now);
    bool watched;
    json_t *o = told(t, &t->held, has_plain ? &plain : NULL, false, &watched, now);
    if (!o) return;
    json_object_set_new(o, "taken", json_boolean(err == OK));
    if (err != OK) json_object_set_new(o, "fault", fault_json(peer_fault(peer)));
    put_to(t, watched, "input", o, now);
}

void tap_made(struct tap *t, struct peer *peer, const struct packet *p, usec now)
{
    struct peer_plain plain;
    bool has_plain = peer_plain(peer, &plain);
    capture(t, peer, has_plain ? &plain : NULL, now);
    if (t->ladder) callladder_went(t->ladder, t->call, p, has_plain ? &plain : NULL, now);
    bool watched;
    json_t *o = told(t, p, has_plain ? &plain : NULL, true, &watched, now);
    if (o) put_to(t, watched, "output", o, now);
}

/* ---- Messages ---- */

static const char *message_name(enum sig_type type)
{
    switch (type) {
    case SIG_OFFER: return "offer";
    case SIG_ANSWER: return "answer";
    case SIG_CANDIDATE: return "candidate";
    case SIG_BYE: return "bye";
    case SIG_LEAVE: return "leave";
    case SIG_JOIN: return "join";
    case SIG_WELCOME: return "welcome";
    case SIG_ERROR: return "error";
    case SIG_WATCH:
    case SIG_TRACE:
    case SIG_EXPLAIN:
    case SIG_EXPLAINED: break; /* not of the call */
    }
    return "unknown";
}

static json_t *text_json(struct bytes text)
{
    json_t *o = text.at ? json_stringn((const char *)text.at, text.len) : json_string("");
    return o ? o : json_string("(no UTF-8)");
}

/* A description without its passwords: whoever has those can answer for us. */
static json_t *description_json(struct bytes sdp)
{
    char *text = malloc(sdp.len + 1);
    if (!text) return json_null();
    bytes_to_text(sdp, text, sdp.len + 1);
    starred(text, strlen(text));
    json_t *o = json_string(text);
    free(text);
    return o ? o : json_string("(no UTF-8)");
}

/* As the browser's events and methods are called, whose log the dump of --stats has. */
static void update_of_message(struct tap *t, const struct sig_message *m, bool sent, usec now)
{
    if (m->type == SIG_CANDIDATE) {
        json_t *value = json_pack("{s:o,s:o}", "candidate", text_json(m->candidate.candidate),
                                  "sdpMid", text_json(m->candidate.mid));
        recorder_update(t->recorder, t->call, sent ? "onicecandidate" : "addIceCandidate", value,
                        now);
        json_decref(value);
    } else if (m->type == SIG_OFFER || m->type == SIG_ANSWER) {
        json_t *value =
            json_pack("{s:s,s:o}", "type", message_name(m->type), "sdp", description_json(m->sdp));
        recorder_update(t->recorder, t->call, sent ? "setLocalDescription" : "setRemoteDescription",
                        value, now);
        json_decref(value);
    }
}

/* What was gathered before the description was written: RFC 8839 §5.1. */
static json_int_t candidates_in(struct bytes sdp)
{
    json_int_t count = 0;
    for (size_t i = 0; i < sdp.len; i++)
        if (i == 0 || sdp.at[i - 1] == '\n')
            count += bytes_starts(bytes_slice(sdp, i, sdp.len - i), "a=candidate:");
    return count;
}

void tap_message(struct tap *t, const struct sig_message *m, bool sent, usec now)
{
    bool description = m->type == SIG_OFFER || m->type == SIG_ANSWER;
    if (t->recorder) {
        if (m->type == SIG_ANSWER) wiretap_answer(&t->wiretap, m->sdp, now);
        update_of_message(t, m, sent, now);
    }
    if (t->ladder) callladder_message(t->ladder, t->call, m, message_name(m->type), sent, now);
    if (!wanted(t)) return;
    struct bytes text = description ? m->sdp : m->candidate.candidate;
    json_t *o = json_pack("{s:s,s:s}", "layer", "signaling", "message", message_name(m->type));
    if (description) {
        json_object_set_new(o, "sdp", description_json(text));
        json_object_set_new(o, "length", json_integer((json_int_t)text.len));
        json_object_set_new(o, "candidates", json_integer(candidates_in(text)));
    } else if (m->type == SIG_CANDIDATE) {
        json_object_set_new(o, "candidate", text_json(text));
    }
    uint32_t number = 0;
    if (t->watch && text.len)
        number = watch_text(t->watch, description ? "sdp" : "candidate", text);
    if (number) json_object_set_new(o, "number", json_integer(number));
    put(t, sent ? "output" : "input", o, now);
}

void tap_name(struct tap *t, const char *name, const struct addr *addr, usec now)
{
    char text[ADDR_TEXT_MAX];
    if (t->ladder) callladder_name(t->ladder, t->call, name, addr, now);
    if (!wanted(t)) return;
    json_t *o = json_pack("{s:s,s:s}", "layer", "mdns", "name", name);
    if (addr) json_object_set_new(o, "address", json_string(addr_ip_text(addr, text)));
    put(t, "input", o, now);
}

/* ---- Time, media, states ---- */

void tap_tick(struct tap *t, const struct peer *peer, usec now)
{
    if (!traces(t)) return; /* nobody could watch those go by */
    json_t *layers = json_array();
    if (ice_deadline(peer_ice(peer)) <= now) json_array_append_new(layers, json_string("ice"));
    if (dtls_deadline(peer_dtls(peer)) <= now) json_array_append_new(layers, json_string("dtls"));
    if (peer_state(peer) == PEER_CONNECTED && rtp_session_deadline(peer_rtp(peer)) <= now)
        json_array_append_new(layers, json_string("rtp"));
    put_to(
        t, false, "timer",
        json_pack("{s:o,s:I}", "layers", layers, "lateUs", (json_int_t)(now - peer_deadline(peer))),
        now);
}

void tap_frame(struct tap *t, size_t track, bool video, const struct rtp_frame *frame, bool sent,
               usec now)
{
    bool watched = t->watch && watch_frame(t->watch, t->watched, track, sent);
    if (!watched && !traces(t)) return;
    put_to(t, watched, sent ? "input" : "output",
           json_pack("{s:s,s:i,s:s,s:I,s:I,s:b}", "layer", "media", "track", (int)track, "media",
                     video ? "video" : "audio", "length", (json_int_t)frame->payload.len,
                     "timestamp", (json_int_t)frame->timestamp, "key", (int)frame->key),
           now);
}

/* The log of --stats calls the states as the browser's events are called. */
static const struct {
    const char *event, *layer, *update;
} states[] = {{"connection-state", "connection", "onconnectionstatechange"},
              {"ice-state", "ice", "oniceconnectionstatechange"},
              {"dtls-state", "dtls", NULL},
              {"track", "track", "ontrack"},
              {"received", "call", NULL},
              {"refused", "description", NULL},
              {"call-goes-on", "call", NULL}};

void tap_event(struct tap *t, const char *event, const json_t *members, usec now)
{
    size_t i = 0;
    while (i < COUNT(states) && strcmp(states[i].event, event) != 0) i++;
    if (i == COUNT(states)) return; /* ice-selected: a decision, tap_selected */
    if (t->ladder) callladder_state(t->ladder, t->call, event, members, now);
    const json_t *state = json_object_get(members, "state");
    if (states[i].update && t->recorder)
        recorder_update(t->recorder, t->call, states[i].update, state ? state : members, now);
    if (!wanted(t)) return;
    json_t *o = json_pack("{s:s}", "layer", states[i].layer);
    if (!state) json_object_set_new(o, "state", json_string(event));
    json_object_update(o, (json_t *)(uintptr_t)members); /* shared, not changed */
    put(t, "state", o, now);
}

void tap_stats(struct tap *t, const json_t *stats, usec now)
{
    if (t->recorder) recorder_stats(t->recorder, t->call, stats, now);
}

/* ---- Decisions ---- */

void tap_decision(struct tap *t, const char *layer, const char *what, const char *chosen,
                  const char *rule, json_t *more, usec now)
{
    if (!wanted(t)) {
        json_decref(more);
        return;
    }
    json_t *o = json_pack("{s:s,s:s,s:s,s:s}", "layer", layer, "what", what, "chosen", chosen,
                          "rule", rule);
    if (more) json_object_update(o, more);
    json_decref(more);
    put(t, "decision", o, now);
}

static json_t *pair_json(const struct ice_pair_info *pair)
{
    char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
    return json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:I}", "local", addr_text(&pair->route.local, local),
                     "localType", candidate_type_name(pair->local_type), "remote",
                     addr_text(&pair->route.remote, remote), "remoteType",
                     candidate_type_name(pair->remote_type), "priority", (json_int_t)pair->priority,
                     "state", pair_state_name(pair->state), "requestsSent",
                     (json_int_t)pair->requests_sent);
}

/* Why another pair was chosen than this one. */
static const char *why_not(const struct ice_pair_info *pair, const struct ice_pair_info *chosen)
{
    if (pair->state == PAIR_FAILED) return "its check failed (RFC 8445 7.2.5.2)";
    if (pair->valid)
        return pair->priority < chosen->priority ? "it has a lower priority (RFC 8445 8.1.1)"
                                                 : "it was not nominated (RFC 8445 8.1.1)";
    if (pair->requests_sent > 0) return "it has not answered a check yet (RFC 8445 7.2.5.3)";
    return "it was not checked yet (RFC 8445 6.1.4.2)";
}

static const char *why(const struct ice *ice, const struct ice_pair_info *chosen)
{
    if (!chosen->nominated)
        return "of the pairs that answered the one of the highest priority, until one is "
               "nominated (RFC 8445 12.1)";
    if (!ice_is_controlling(ice)) return "the controlling side nominated it (RFC 8445 7.3.1.5)";
    return "we nominated it: of the pairs that answer the one of the highest priority (RFC 8445 "
           "8.1.1)";
}

void tap_selected(struct tap *t, const struct peer *peer, usec now)
{
    struct ice_pair_info pairs[ICE_PAIRS_MAX], chosen;
    if (!t->ladder && !wanted(t)) return;
    if (!ice_selected_info(peer_ice(peer), &chosen)) return;
    if (t->ladder) callladder_selected(t->ladder, t->call, &chosen, now);
    if (!wanted(t)) return;
    size_t count = ice_pairs(peer_ice(peer), pairs, COUNT(pairs));
    json_t *over = json_array();
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].selected) continue;
        json_t *pair = pair_json(&pairs[i]);
        json_object_set_new(pair, "why", json_string(why_not(&pairs[i], &chosen)));
        json_array_append_new(over, pair);
    }
    char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX], text[2 * ADDR_TEXT_MAX + 8];
    snprintf(text, sizeof text, "%s -> %s", addr_text(&chosen.route.local, local),
             addr_text(&chosen.route.remote, remote));
    tap_decision(t, "ice", "pair", text, why(peer_ice(peer), &chosen),
                 json_pack("{s:o,s:o}", "pair", pair_json(&chosen), "over", over), now);
}

void tap_dtls(struct tap *t, const struct peer *peer, usec now)
{
    const struct dtls *dtls = peer_dtls(peer);
    enum dtls_state state = dtls_status(dtls).state;
    if (state == DTLS_CONNECTING)
        tap_decision(t, "dtls", "role", dtls_role(dtls) == DTLS_CLIENT ? "client" : "server",
                     "by a=setup of the answer: who is active sends the ClientHello (RFC 5763 5)",
                     NULL, now);
    if (state != DTLS_CONNECTED) return;
    tap_decision(t, "dtls", "certificate", "the peer's",
                 "its fingerprint is one of the description's (RFC 8122 5)", NULL, now);
    if (dtls_cipher_name(dtls))
        tap_decision(t, "dtls", "cipher", dtls_cipher_name(dtls),
                     "the server chose it from the client's list (RFC 5246 7.4.1.3)", NULL, now);
    struct dtls_srtp_keys keys;
    if (dtls_srtp(dtls, &keys) != OK) return;
    tap_decision(t, "dtls", "srtp-profile", dtls_srtp_profile_name(keys.profile),
                 "the server chose it from the client's list (RFC 5764 4.1.1)", NULL, now);
    if (t->ladder) callladder_keys(t->ladder, t->call, dtls_srtp_profile_name(keys.profile), now);
    dtls_srtp_keys_wipe(&keys);
}

/* ---- Those who watch ---- */

/* To whom comes late: what the call's beginning led to. */
static void tell_standing(struct tap *t, const struct peer *peer, usec now)
{
    const struct {
        const char *event, *state;
    } now_is[] = {{"connection-state", peer_state_name(peer_state(peer))},
                  {"ice-state", ice_state_name(ice_state(peer_ice(peer)))},
                  {"dtls-state", dtls_state_name(dtls_status(peer_dtls(peer)).state)}};
    struct ice_pair_info pair;
    t->standing = true;
    for (size_t i = 0; i < COUNT(now_is); i++) {
        json_t *members = json_pack("{s:s}", "state", now_is[i].state);
        tap_event(t, now_is[i].event, members, now);
        json_decref(members);
    }
    if (ice_selected_info(peer_ice(peer), &pair)) tap_selected(t, peer, now);
    tap_dtls(t, peer, now);
    t->standing = false;
}

void tap_watch(struct tap *t, struct watch *watch, const struct sig_id *remote, usec begun,
               const struct peer *peer, usec now)
{
    if (t->watch) watch_call_over(t->watch, t->watched, now);
    t->watch = watch;
    if (!watch) return;
    t->watched = watch_call(watch, remote, begun, now);
    if (begun < now) tell_standing(t, peer, now);
}
