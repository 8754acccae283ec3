#include "peer/transport.h"

#include <stdlib.h>

#include "dtls/record.h"

#define ICE_UNKNOWN INT64_MIN /* it was not asked since it heard something new */

/* A datagram that waits for ICE's proof of its sender. */
struct early {
    struct route route;
    size_t len;
    uint8_t bytes[TRANSPORT_EARLY_LEN];
};

struct transport {
    struct ice *ice;
    struct dtls *dtls;
    struct protect *protect;
    const char *profile;
    const char *srtp_why;
    bool started;     /* DTLS was told that there is a path */
    bool remote_set;  /* an agreement was set */
    bool ready_event; /* TRANSPORT_READY is to be told */
    bool closing;     /* only the goodbye is still sent */
    bool closed;

    /* ICE has nothing to send before, and no event if `ice_told`, unless it hears something new:
     * a call's packets, hundreds for each of its checks, need not make it look through its pairs.
     */
    usec ice_idle_until;
    bool ice_told;

    /* Who has proved to know our ICE password, but has not yet answered a check of ours. */
    struct route knowing[TRANSPORT_EARLY_PACKETS];
    size_t knowing_next;
    struct early *early; /* TRANSPORT_EARLY_PACKETS of them, until there are keys */
    size_t early_count;

    struct fault fault;
    struct peer_counters counters;
    struct peer_unopened first_unopened;
};

struct transport *transport_new(const struct transport_config *cfg)
{
    struct transport *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    struct ice_config ice = {.controlling = cfg->controlling,
                             .rng = cfg->rng,
                             .stun_server_count = cfg->stun_server_count};
    for (size_t i = 0; i < cfg->stun_server_count; i++) ice.stun_servers[i] = cfg->stun_servers[i];
    struct dtls_config dtls = {
        .identity = cfg->identity, .role = DTLS_EITHER, .srtp_profile = cfg->srtp_profile};
    t->ice = ice_new(&ice);
    t->ice_idle_until = ICE_UNKNOWN;
    t->dtls = dtls_new(&dtls);
    t->early = calloc(TRANSPORT_EARLY_PACKETS, sizeof *t->early);
    if (!t->ice || !t->dtls || !t->early) {
        transport_free(t);
        return NULL;
    }
    if (cfg->keylog) dtls_keylog_ask(t->dtls);
    return t;
}

void transport_free(struct transport *t)
{
    if (!t) return;
    ice_free(t->ice);
    dtls_free(t->dtls);
    protect_free(t->protect);
    free(t->early);
    free(t);
}

struct ice *transport_command_ice(struct transport *t)
{
    t->ice_idle_until = ICE_UNKNOWN;
    t->ice_told = false;
    return t->ice;
}

static bool ice_is_idle(const struct transport *t, usec now)
{
    return now < t->ice_idle_until;
}

static enum err drop(struct transport *t, uint64_t *counter, enum err err, const char *rule)
{
    (*counter)++;
    t->fault = (struct fault){.err = err, .layer = "transport", .rule = rule};
    return err;
}

static enum err take_dtls(struct transport *t, const struct packet *in, usec now)
{
    enum err err = dtls_input(t->dtls, in, now);
    if (err != OK) t->fault = *dtls_fault(t->dtls);
    return err;
}

static bool same_route(const struct route *a, const struct route *b)
{
    return addr_equal(&a->local, &b->local) && addr_equal(&a->remote, &b->remote);
}

static bool knows_password(const struct transport *t, const struct route *route)
{
    for (size_t i = 0; i < COUNT(t->knowing); i++)
        if (t->knowing[i].remote.family && same_route(&t->knowing[i], route)) return true;
    return false;
}

/* A STUN request that ICE took carried our password: remember who sent it. */
static void learn(struct transport *t, const struct route *route)
{
    if (knows_password(t, route)) return;
    t->knowing[t->knowing_next] = *route;
    t->knowing_next = (t->knowing_next + 1) % COUNT(t->knowing);
}

/* ICE has moved on: read what waited for an address that is proved now. */
static void read_early(struct transport *t, usec now)
{
    size_t kept = 0;
    struct packet waited;
    for (size_t i = 0; i < t->early_count; i++) {
        struct early *e = &t->early[i];
        if (!ice_is_validated(t->ice, &e->route)) {
            if (kept != i) t->early[kept] = *e;
            kept++;
            continue;
        }
        packet_reset(&waited);
        waited.route = e->route;
        packet_set(&waited, (struct bytes){e->bytes, e->len});
        take_dtls(t, &waited, now);
    }
    t->early_count = kept;
}

/* DTLS is done and the certificate is the signaled one: hand the keys to SRTP. */
static void make_keys(struct transport *t)
{
    struct dtls_srtp_keys keys;
    if (t->protect || t->srtp_why || dtls_srtp(t->dtls, &keys) != OK) return;
    struct protect_config cfg = {.profile = (uint16_t)keys.profile,
                                 .send_key = {keys.local.key, keys.key_len},
                                 .send_salt = {keys.local.salt, keys.salt_len},
                                 .receive_key = {keys.remote.key, keys.key_len},
                                 .receive_salt = {keys.remote.salt, keys.salt_len}};
    t->protect = protect_new(&cfg);
    t->profile = dtls_srtp_profile_name(keys.profile);
    dtls_srtp_keys_wipe(&keys);
    if (!t->protect) {
        t->srtp_why = "no memory for SRTP, or libsrtp refused the keys";
        return;
    }
    t->ready_event = true;
    free(t->early); /* nothing needs to wait any more */
    t->early = NULL;
    t->early_count = 0;
}

/* After every step: what one layer has reached, the next one may use. The first valid pair is a
 * path for DTLS, which need not wait for nomination (RFC 8445 §12.1). */
static void settle(struct transport *t, usec now)
{
    struct route route;
    if (t->closing) return;
    if (t->early_count) read_early(t, now);
    if (!t->started && t->remote_set && ice_selected(t->ice, &route)) {
        t->started = true;
        dtls_set_rtt(t->dtls, ice_rtt_us(t->ice));
        dtls_start(t->dtls, now);
    }
    if (!t->protect) make_keys(t);
}

static enum err input_stun(struct transport *t, const struct packet *in, usec now)
{
    enum err err = ice_input(transport_command_ice(t), in, now);
    if (err != OK) {
        t->fault = *ice_fault(t->ice);
        return err;
    }
    /* RFC 8489 §5: a binding request is 0x0001. */
    if (in->len >= 2 && in->at[0] == 0 && in->at[1] == 1 && !t->started) learn(t, &in->route);
    return OK;
}

/* Whether DTLS that nobody has vouched for may take one of the few places. Before we have said
 * anything only a ClientHello can be true: whoever writes other records in the peer's name is not
 * to keep his first flight out. */
static bool may_wait(const struct transport *t, const struct packet *in)
{
    return t->early && t->early_count < TRANSPORT_EARLY_PACKETS && in->len <= TRANSPORT_EARLY_LEN &&
           knows_password(t, &in->route) && (t->started || dtls_has_client_hello(packet_bytes(in)));
}

static enum err input_dtls(struct transport *t, const struct packet *in, usec now)
{
    if (ice_is_validated(t->ice, &in->route)) return take_dtls(t, in, now);
    if (!may_wait(t, in))
        return drop(t, &t->counters.unproved, E_AUTH,
                    "DTLS from an address that ICE has not validated (RFC 8842 5.1)");
    struct early *e = &t->early[t->early_count++];
    e->route = in->route;
    e->len = in->len;
    memcpy(e->bytes, in->at, in->len);
    t->counters.early_kept++;
    return OK;
}

/* Its header, which is in clear. */
static struct peer_unopened unopened(const struct packet *in, enum demux kind, const char *rule,
                                     usec now)
{
    struct peer_unopened u = {.is_rtcp = kind == DEMUX_RTCP, .at = now, .rule = rule};
    struct reader r = reader_of(packet_bytes(in));
    read_u8(&r);
    u.type = read_u8(&r);
    u.sequence = read_u16(&r);
    if (!u.is_rtcp) read_u32(&r); /* the timestamp */
    u.ssrc = read_u32(&r);
    if (u.is_rtcp) u.sequence = 0; /* that was its length */
    if (!u.is_rtcp) u.type &= 0x7F;
    return u;
}

static enum err input_media(struct transport *t, struct packet *in, enum demux kind, usec now)
{
    if (!ice_is_validated(t->ice, &in->route))
        return drop(t, &t->counters.unproved, E_AUTH,
                    "media from an address that ICE has not validated (RFC 8827 6.5)");
    if (!t->protect) {
        dtls_peer_has_keys(t->dtls, now);
        return drop(t, &t->counters.early_media, E_STATE,
                    "media before there are keys (RFC 5763 6.2)");
    }
    enum err err = kind == DEMUX_RTP ? unprotect_rtp(t->protect, in->at, &in->len)
                                     : unprotect_rtcp(t->protect, in->at, &in->len);
    if (err != OK) {
        t->fault = *protect_fault(t->protect);
        if (t->counters.unauthentic++ == 0)
            t->first_unopened = unopened(in, kind, t->fault.rule, now);
    }
    return err;
}

bool transport_could_open(const struct transport *t, const struct route *route)
{
    return t->protect && !t->closing && !t->closed && ice_is_validated(t->ice, route);
}

static enum err input_any(struct transport *t, struct packet *in, enum demux kind, usec now)
{
    switch (kind) {
    case DEMUX_STUN: return input_stun(t, in, now);
    case DEMUX_DTLS: return input_dtls(t, in, now);
    case DEMUX_RTP:
    case DEMUX_RTCP: return input_media(t, in, kind, now);
    case DEMUX_CHANNEL:
    case DEMUX_UNKNOWN: break;
    }
    return drop(t, &t->counters.unknown, E_UNSUPPORTED,
                "the first byte is of no protocol that shares this port (RFC 7983 7)");
}

enum err transport_input(struct transport *t, struct packet *in, enum demux *plain, usec now)
{
    *plain = DEMUX_UNKNOWN;
    if (t->closed || t->closing)
        return drop(t, &t->counters.unknown, E_STATE, "the transport is closed");
    enum demux kind = demux_of(packet_bytes(in));
    enum err err = input_any(t, in, kind, now);
    settle(t, now);
    if (err == OK && (kind == DEMUX_RTP || kind == DEMUX_RTCP)) *plain = kind;
    return err;
}

void transport_tick(struct transport *t, usec now)
{
    if (t->closing) return;
    if (!ice_is_idle(t, now)) ice_tick(transport_command_ice(t), now);
    dtls_tick(t->dtls, now);
    settle(t, now);
}

static bool output_ice(struct transport *t, struct packet *out, usec now)
{
    if (t->closing || ice_is_idle(t, now)) return false;
    packet_reset(out);
    if (ice_output(transport_command_ice(t), out, now)) return true;
    t->ice_idle_until = ice_deadline(t->ice);
    return false;
}

static bool output_dtls(struct transport *t, struct packet *out, usec now)
{
    if (!ice_may_send(t->ice, now)) return false;
    packet_reset(out);
    return dtls_output(t->dtls, out, now) && ice_selected(t->ice, &out->route);
}

bool transport_output(struct transport *t, struct packet *out, usec now)
{
    if (t->closed) return false;
    if (output_ice(t, out, now) || output_dtls(t, out, now)) return true;
    if (t->closing) {
        t->closed = true;
        ice_close(transport_command_ice(t));
    }
    return false;
}

usec transport_deadline(const struct transport *t)
{
    if (t->closing) return TIME_NEVER;
    bool known = t->ice_idle_until != ICE_UNKNOWN;
    return usec_min(known ? t->ice_idle_until : ice_deadline(t->ice), dtls_deadline(t->dtls));
}

const struct fault *transport_fault(const struct transport *t)
{
    return &t->fault;
}

bool transport_event(struct transport *t, struct transport_event *ev)
{
    if (!t->ice_told && ice_event(t->ice, &ev->as.ice)) {
        ev->type = TRANSPORT_ICE;
        return true;
    }
    t->ice_told = true;
    if (dtls_event(t->dtls, &ev->as.dtls)) {
        ev->type = TRANSPORT_DTLS;
        return true;
    }
    if (!t->ready_event) return false;
    t->ready_event = false;
    ev->type = TRANSPORT_READY;
    return true;
}

static size_t fingerprints_of(const struct sdp_agreed_transport *remote,
                              struct dtls_fingerprint *out)
{
    static const enum dtls_hash hashes[] = {
        [SDP_SHA256] = DTLS_SHA256, [SDP_SHA384] = DTLS_SHA384, [SDP_SHA512] = DTLS_SHA512};
    size_t count = 0;
    for (size_t i = 0; i < remote->fingerprint_count; i++) {
        const struct sdp_fingerprint *f = &remote->fingerprints[i];
        enum dtls_hash hash = f->hash < COUNT(hashes) ? hashes[f->hash] : DTLS_HASH_NONE;
        if (hash == DTLS_HASH_NONE || f->digest.len != dtls_hash_len(hash)) continue;
        out[count] = (struct dtls_fingerprint){.hash = hash, .len = f->digest.len};
        memcpy(out[count].value, f->digest.at, f->digest.len);
        count++;
    }
    return count;
}

static enum err refuse_remote(struct transport *t, enum err err, const char *rule)
{
    t->fault = (struct fault){.err = err, .layer = "dtls", .rule = rule};
    return err;
}

enum err transport_set_remote(struct transport *t, const struct sdp_agreed_transport *remote,
                              usec now)
{
    struct dtls_fingerprint list[SDP_FINGERPRINTS_MAX];
    size_t count = fingerprints_of(remote, list);
    if (count == 0)
        return refuse_remote(t, E_AUTH,
                             "no fingerprint of sha-256, sha-384 or sha-512 (RFC 8122 5)");
    enum dtls_role role = remote->role == SDP_DTLS_CLIENT ? DTLS_CLIENT : DTLS_SERVER;
    if (dtls_set_role(t->dtls, role, now) != OK && dtls_role(t->dtls) != role)
        return refuse_remote(t, E_UNSUPPORTED,
                             "the DTLS role changes while the association lives (RFC 8842 5.3)");
    if (dtls_set_remote_fingerprints(t->dtls, list, count, now) != OK)
        return refuse_remote(t, E_AUTH, "other fingerprints than the association's (RFC 8842 5.1)");
    t->remote_set = true;
    settle(t, now);
    return OK;
}

bool transport_can_send(const struct transport *t, usec now)
{
    return t->protect && !t->closing && ice_may_send(t->ice, now);
}

enum err transport_protect(struct transport *t, struct packet *p, bool is_rtcp, usec now)
{
    struct route route;
    if (!transport_can_send(t, now) || !ice_selected(t->ice, &route))
        return drop(t, &t->counters.consent_lost, E_STATE,
                    "no keys, no pair, or no consent to send (RFC 7675 5.1)");
    size_t room = (size_t)(p->room + sizeof p->room - p->at);
    enum err err = is_rtcp ? protect_rtcp(t->protect, p->at, &p->len, room)
                           : protect_rtp(t->protect, p->at, &p->len, room);
    if (err != OK) t->fault = *protect_fault(t->protect);
    p->route = route;
    return err;
}

void transport_close(struct transport *t, usec now)
{
    if (t->closing) return;
    t->closing = true;
    dtls_close(t->dtls, now);
}

const struct ice *transport_ice(const struct transport *t)
{
    return t->ice;
}

const struct dtls *transport_dtls(const struct transport *t)
{
    return t->dtls;
}

const char *transport_srtp_profile(const struct transport *t)
{
    return t->profile;
}

bool transport_keylog(struct transport *t, char line[DTLS_KEYLOG_MAX])
{
    return dtls_keylog_take(t->dtls, line);
}

const char *transport_srtp_why(const struct transport *t)
{
    return t->srtp_why;
}

const struct peer_unopened *transport_first_unopened(const struct transport *t)
{
    return &t->first_unopened;
}

struct peer_counters *transport_counters(struct transport *t)
{
    return &t->counters;
}
