#include "apps/account.h"

#include <string.h>

#include "apps/cause.h"
#include "dtls/record.h"

#define CANDIDATES_MAX (ICE_LOCALS_MAX + ICE_REMOTES_MAX + ICE_PRFLX_MAX)

/* ---- What was seen ---- */

static json_t *text_of_addr(const struct addr *a)
{
    char text[ADDR_TEXT_MAX];
    return json_string(addr_text(a, text));
}

static json_t *candidates_json(const struct ice *ice, bool remote)
{
    struct ice_candidate_info infos[CANDIDATES_MAX];
    size_t count = ice_candidates(ice, remote, infos, COUNT(infos));
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *one =
            json_pack("{s:s,s:o,s:I}", "type", candidate_type_name(infos[i].type), "address",
                      text_of_addr(&infos[i].addr), "priority", (json_int_t)infos[i].priority);
        if (infos[i].name[0]) json_object_set_new(one, "name", json_string(infos[i].name));
        json_array_append_new(list, one);
    }
    return list;
}

/* Why a pair was not the one. */
static const char *pair_why(const struct ice_pair_info *p, const struct ice_pair_info *selected)
{
    if (p->selected) return "in use";
    if (p->valid && selected && selected->nominated) return "valid, but another was nominated";
    if (p->valid) return "valid, of lower priority than the one in use";
    if (p->responses_received > 0) return "it answered once, then no more (RFC 7675 5.1)";
    if (p->requests_sent == 0)
        return p->state == PAIR_FROZEN ? "frozen: one of its foundation was to succeed first"
                                       : "its turn never came";
    if (p->requests_received > 0) return "its checks came, ours were not answered";
    return "no answer, and no check of its";
}

static json_t *pairs_json(const struct ice *ice, usec now)
{
    struct ice_pair_info pairs[ICE_PAIRS_MAX], selected;
    size_t count = ice_pairs(ice, pairs, COUNT(pairs));
    bool has_selected = ice_selected_info(ice, &selected);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct ice_pair_info *p = &pairs[i];
        json_t *one = json_pack(
            "{s:o,s:s,s:o,s:s,s:s,s:I,s:I,s:I,s:s}", "local", text_of_addr(&p->route.local),
            "localType", candidate_type_name(p->local_type), "remote",
            text_of_addr(&p->route.remote), "remoteType", candidate_type_name(p->remote_type),
            "state", pair_state_name(p->state), "sent", (json_int_t)p->requests_sent, "answered",
            (json_int_t)p->responses_received, "received", (json_int_t)p->requests_received, "why",
            pair_why(p, has_selected ? &selected : NULL));
        if (p->requests_sent > 0)
            json_object_set_new(one, "lastRequestMsAgo", json_integer((now - p->asked_at) / MS(1)));
        if (p->responses_received > 0)
            json_object_set_new(one, "lastAnswerMsAgo",
                                json_integer((now - p->answered_at) / MS(1)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *fingerprint_json(const struct dtls_fingerprint *f)
{
    char text[DTLS_FINGERPRINT_TEXT_MAX];
    return json_string(dtls_fingerprint_text(f, text));
}

/* Who said what, and how long ago. */
static json_t *flights_json(const struct dtls *dtls, usec now)
{
    const struct dtls_flights *flights = dtls_flights(dtls);
    json_t *list = json_array();
    for (size_t i = 0; i < flights->count; i++) {
        const struct dtls_flight *f = &flights->items[i];
        json_t *one = json_pack("{s:s,s:i,s:I}", "from", f->sent ? "us" : "peer", "datagrams",
                                (int)f->datagrams, "msAgo", (json_int_t)((now - f->at) / MS(1)));
        if (f->first != DTLS_FLIGHT_NONE) {
            json_object_set_new(one, "first", json_string(dtls_handshake_name(f->first)));
            json_object_set_new(one, "last", json_string(dtls_handshake_name(f->last)));
        }
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *dtls_json(const struct dtls *dtls, usec now)
{
    static const char *const roles[] = {"either", "client", "server"};
    const struct dtls_counters *n = dtls_counters(dtls);
    struct dtls_status status = dtls_status(dtls);
    struct dtls_fingerprint wanted[DTLS_FINGERPRINTS_MAX], seen;
    size_t count = dtls_remote_fingerprints(dtls, wanted, COUNT(wanted));
    json_t *json = json_pack(
        "{s:s,s:s,s:I,s:I,s:I}", "state", dtls_state_name(status.state), "role",
        roles[dtls_role(dtls)], "datagramsIn", (json_int_t)n->datagrams_in, "datagramsOut",
        (json_int_t)n->datagrams_out, "retransmissions", (json_int_t)n->retransmissions);
    json_object_set_new(json, "flights", flights_json(dtls, now));
    if (status.reason) json_object_set_new(json, "reason", json_string(status.reason));
    if (status.alert) {
        json_object_set_new(json, "alert", json_string(status.alert));
        json_object_set_new(json, "alertFrom", json_string(status.alert_received ? "peer" : "us"));
    }
    if (count > 0) {
        json_object_set_new(json, "wanted", fingerprint_json(&wanted[0]));
        if (dtls_peer_fingerprint(dtls, wanted[0].hash, &seen))
            json_object_set_new(json, "seen", fingerprint_json(&seen));
    }
    return json;
}

/* The first packet that the keys did not open; NULL: all were opened. */
static json_t *unopened_json(const struct peer *peer, usec now)
{
    struct peer_unopened first;
    if (!peer_first_unopened(peer, &first)) return NULL;
    json_t *json = json_pack("{s:s,s:i,s:I,s:I,s:s}", "protocol", first.is_rtcp ? "srtcp" : "srtp",
                             first.is_rtcp ? "packetType" : "payloadType", (int)first.type, "ssrc",
                             (json_int_t)first.ssrc, "msAgo",
                             (json_int_t)((now - first.at) / MS(1)), "why", first.rule);
    if (!first.is_rtcp) json_object_set_new(json, "sequenceNumber", json_integer(first.sequence));
    return json;
}

static json_t *layers_json(const struct peer *peer, usec now)
{
    const char *srtp = peer_srtp_profile(peer);
    struct peer_why why = peer_why(peer);
    struct rtp_session_stats media = rtp_session_stats(peer_rtp(peer));
    const struct peer_counters *n = peer_counters(peer);
    json_t *layers = json_pack(
        "{s:s,s:s,s:s,s:s}", "signaling", jsep_state_name(peer_signaling(peer)), "ice",
        ice_state_name(ice_state(peer_ice(peer))), "dtls",
        dtls_state_name(dtls_status(peer_dtls(peer)).state), "srtp", srtp ? srtp : "no keys");
    json_object_set_new(
        layers, "media",
        json_pack("{s:I,s:I,s:I,s:I,s:I}", "packetsIn", (json_int_t)media.rtp_packets_in,
                  "packetsOut", (json_int_t)media.rtp_packets_out, "unauthentic",
                  (json_int_t)n->unauthentic, "unexpected", (json_int_t)n->unexpected, "beforeKeys",
                  (json_int_t)n->early_media));
    json_t *first = unopened_json(peer, now);
    if (first) json_object_set_new(json_object_get(layers, "media"), "firstUnopened", first);
    if (why.cause != PEER_CAUSE_NONE) json_object_set_new(layers, "failed", json_string(why.layer));
    return layers;
}

json_t *account_of(const struct peer *peer, usec now)
{
    struct cause cause;
    cause_of(peer, &cause);
    return json_pack("{s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "event", "account", "cause", cause.text,
                     "spec", cause.spec, "layers", layers_json(peer, now), "local",
                     candidates_json(peer_ice(peer), false), "remote",
                     candidates_json(peer_ice(peer), true), "pairs",
                     pairs_json(peer_ice(peer), now), "dtls", dtls_json(peer_dtls(peer), now));
}

void account_add_undecoded(json_t *account, const struct sink_undecoded *first, usec now)
{
    json_t *media = json_object_get(json_object_get(account, "layers"), "media");
    if (!first || !media) return;
    json_object_set_new(media, "firstUndecoded",
                        json_pack("{s:I,s:s,s:I,s:I,s:b,s:I}", "track", (json_int_t)first->track,
                                  "codec", first->kind == RTP_VP8 ? "VP8" : "Opus", "timestamp",
                                  (json_int_t)first->timestamp, "bytes", (json_int_t)first->len,
                                  "key", first->key, "msAgo",
                                  (json_int_t)((now - first->at) / MS(1))));
}

/* ---- For a person ---- */

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static long long number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void print_candidates(const json_t *list, const char *whose, FILE *to)
{
    size_t i;
    json_t *one;
    if (json_array_size(list) == 0) fprintf(to, "  %s candidates: none\n", whose);
    json_array_foreach(list, i, one)
        fprintf(to, "  %s candidate: %s %s%s%s\n", whose, text(one, "type"), text(one, "address"),
                text(one, "name")[0] ? " " : "", text(one, "name"));
}

static void print_pairs(const json_t *list, FILE *to)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        fprintf(to, "  pair %s -> %s: %s; %lld checks sent, %lld answered, %lld received: %s\n",
                text(one, "local"), text(one, "remote"), text(one, "state"), number(one, "sent"),
                number(one, "answered"), number(one, "received"), text(one, "why"));
    }
}

static void print_flights(const json_t *list, FILE *to)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
    {
        const char *first = text(one, "first"), *last = text(one, "last");
        bool several = strcmp(first, last) != 0;
        fprintf(to, "    %s: %s%s%s, %lld datagram%s, %lld ms ago\n",
                strcmp(text(one, "from"), "us") == 0 ? "we" : "they",
                first[0] ? first : "nothing in clear", several ? " to " : "", several ? last : "",
                number(one, "datagrams"), number(one, "datagrams") == 1 ? "" : "s",
                number(one, "msAgo"));
    }
}

void account_print(const json_t *account, FILE *to)
{
    const json_t *layers = json_object_get(account, "layers");
    const json_t *dtls = json_object_get(account, "dtls");
    const json_t *media = json_object_get(layers, "media");
    const char *spec = text(account, "spec");
    bool said = strstr(text(account, "cause"), spec) != NULL; /* or there is none */
    fprintf(to, "why: %s%s%s%s\n", text(account, "cause"), said ? "" : " (", said ? "" : spec,
            said ? "" : ")");
    fprintf(to, "  signaling %s, ice %s, dtls %s, srtp %s\n", text(layers, "signaling"),
            text(layers, "ice"), text(layers, "dtls"), text(layers, "srtp"));
    print_candidates(json_object_get(account, "local"), "our", to);
    print_candidates(json_object_get(account, "remote"), "their", to);
    print_pairs(json_object_get(account, "pairs"), to);
    fprintf(to, "  handshake as %s: %lld datagrams out, %lld in, %lld retransmissions%s%s\n",
            text(dtls, "role"), number(dtls, "datagramsOut"), number(dtls, "datagramsIn"),
            number(dtls, "retransmissions"), text(dtls, "reason")[0] ? "; " : "",
            text(dtls, "reason"));
    print_flights(json_object_get(dtls, "flights"), to);
    if (text(dtls, "alert")[0])
        fprintf(to, "  alert %s, from %s\n", text(dtls, "alert"), text(dtls, "alertFrom"));
    if (text(dtls, "wanted")[0])
        fprintf(to, "  fingerprint wanted: %s\n  fingerprint seen:   %s\n", text(dtls, "wanted"),
                text(dtls, "seen")[0] ? text(dtls, "seen") : "no certificate came");
    fprintf(to,
            "  media: %lld packets in, %lld out, %lld that the keys did not open, %lld of no "
            "stream of the descriptions\n",
            number(media, "packetsIn"), number(media, "packetsOut"), number(media, "unauthentic"),
            number(media, "unexpected"));
    const json_t *unopened = json_object_get(media, "firstUnopened");
    if (unopened)
        fprintf(to, "    the first: %s of ssrc %lld, sequence number %lld: %s\n",
                text(unopened, "protocol"), number(unopened, "ssrc"),
                number(unopened, "sequenceNumber"), text(unopened, "why"));
    const json_t *undecoded = json_object_get(media, "firstUndecoded");
    if (undecoded)
        fprintf(to, "    the first frame not decoded: %s, %lld bytes, timestamp %lld\n",
                text(undecoded, "codec"), number(undecoded, "bytes"),
                number(undecoded, "timestamp"));
}
