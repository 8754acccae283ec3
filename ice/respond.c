/* Connectivity checks of the other side: who may ask, answers, what they teach. RFC 8445 §7.3. */
#include "ice/internal.h"

#include <string.h>

enum generation { GENERATION_NONE, GENERATION_NOW, GENERATION_OLD };

/* Exactly "ours:theirs", or while theirs is not known "ours:" and something; in constant time. */
static bool username_fits(const struct ice_credentials *c, struct bytes username)
{
    char text[ICE_USERNAME_MAX];
    struct writer w = writer_of(text, sizeof text);
    write_text(&w, c->ufrag);
    write_text(&w, ":");
    size_t ours = writer_len(&w);
    if (c->known) {
        write_text(&w, c->remote_ufrag);
        return bytes_equal_secret(username, writer_done(&w));
    }
    /* RFC 8839 §5.4 for their part: at least 4 ice-chars. */
    return bytes_equal_secret(bytes_slice(username, 0, ours), writer_done(&w)) &&
           ice_chars_ok(bytes_slice(username, ours, username.len), ICE_UFRAG_MIN, ICE_UFRAG_MAX);
}

static enum generation generation_of(const struct ice *ice, struct bytes username)
{
    if (username_fits(&ice->creds, username)) return GENERATION_NOW;
    /* The pair of before a restart still carries media, so its checks are answered. */
    if (ice->old_creds.known && username_fits(&ice->old_creds, username)) return GENERATION_OLD;
    return GENERATION_NONE;
}

static struct ice_response response_to(const struct stun_msg *m, const struct route *route)
{
    struct ice_response r = {.route = *route, .sha256 = m->integrity_sha256 != 0};
    memcpy(r.id, m->id.at, sizeof r.id);
    return r;
}

/* §7.3.1.1. True: the request stands (our role may have turned); false: answer 487. */
static bool settle_roles(struct ice *ice, const struct stun_msg *m)
{
    uint64_t theirs;
    if (ice->controlling && stun_get_u64(m, STUN_ICE_CONTROLLING, &theirs)) {
        ice->counters.role_conflicts++;
        if (ice->tie_breaker >= theirs) return false;
        check_switch_role(ice, false);
    } else if (!ice->controlling && stun_get_u64(m, STUN_ICE_CONTROLLED, &theirs)) {
        ice->counters.role_conflicts++;
        if (ice->tie_breaker < theirs) return false;
        check_switch_role(ice, true);
    }
    return true;
}

/* The sender's own ufrag, behind the colon, as a digest. */
static void ufrag_digest(struct bytes ufrag, uint8_t digest[SHA1_LEN])
{
    digest_sha1(ufrag, digest);
}

static void keep_early(struct ice *ice, const struct ice_early *e)
{
    for (size_t i = 0; i < ice->early_count; i++) {
        struct ice_early *known = &ice->early[i];
        if (known->socket == e->socket && addr_equal(&known->remote, &e->remote) &&
            memcmp(known->ufrag_digest, e->ufrag_digest, SHA1_LEN) == 0) {
            known->use_candidate = known->use_candidate || e->use_candidate;
            return;
        }
    }
    if (ice->early_count == ICE_EARLY_MAX)
        ice->counters.early_dropped++; /* it was answered; the sender repeats it */
    else
        ice->early[ice->early_count++] = *e;
}

/* §7.3.1.3 to §7.3.1.5: learn the address, check it, hear the nomination. */
static void learn(struct ice *ice, const struct ice_early *e, struct bytes id)
{
    int remote = remote_learn(ice, &e->remote, e->priority);
    if (remote == NONE) return;
    int pair = pair_add(ice, e->socket, (size_t)remote, true);
    if (pair == NONE) return;
    struct ice_pair *p = &ice->pairs[pair];
    p->requests_received++;
    p->responses_sent++;
    if (!p->valid && !check_is_fresh(ice, p)) pair_trigger(ice, p);
    if (e->use_candidate && !ice->controlling) nominate_by_peer(ice, p, id);
}

void respond_early(struct ice *ice)
{
    static const uint8_t no_id[STUN_ID_LEN];
    uint8_t digest[SHA1_LEN];
    ufrag_digest(bytes_of(ice->creds.remote_ufrag), digest);
    for (size_t i = 0; i < ice->early_count; i++)
        if (memcmp(ice->early[i].ufrag_digest, digest, sizeof digest) == 0)
            learn(ice, &ice->early[i], (struct bytes){no_id, sizeof no_id});
    ice->early_count = 0;
}

static void accept(struct ice *ice, const struct stun_msg *m, const struct route *route,
                   size_t socket, struct bytes username)
{
    struct ice_early e = {.remote = route->remote,
                          .socket = (uint8_t)socket,
                          .use_candidate = stun_has(m, STUN_USE_CANDIDATE)};
    stun_get_u32(m, STUN_PRIORITY, &e.priority);
    size_t ours = strlen(ice->creds.ufrag) + 1;
    ufrag_digest(bytes_slice(username, ours, username.len), e.ufrag_digest);
    if (ice->failed) return;
    if (ice->creds.known)
        learn(ice, &e, m->id);
    else
        keep_early(ice, &e);
}

enum err respond_request(struct ice *ice, const struct stun_msg *m, const struct route *route,
                         size_t socket)
{
    struct bytes username;
    struct ice_counters *count = &ice->counters;
    /* RFC 8489 §9.1.3 answers 400 and 401 where these are missing or wrong. ICE answers nothing:
     * whoever doesn't know the password learns not even that somebody listens here, and nobody
     * can bounce packets off us to a forged source. */
    if (!stun_find(m, STUN_USERNAME, &username))
        return ice_refuse(ice, E_AUTH, &count->bad_username, "no USERNAME (RFC 8445 7.3)");
    enum generation generation = generation_of(ice, username);
    if (generation == GENERATION_NONE)
        return ice_refuse(ice, E_AUTH, &count->bad_username,
                          "USERNAME is not ours:theirs (RFC 8445 7.3)");
    bool old = generation == GENERATION_OLD;
    if (stun_check_any(m, old ? &ice->old_creds.key : &ice->creds.key) != STUN_OK)
        return ice_refuse(ice, E_AUTH, &count->bad_integrity,
                          "a request without the right MESSAGE-INTEGRITY (RFC 8445 7.3)");
    if (ice->responses.count == ICE_RESPONSES_MAX)
        return ice_refuse(ice, E_FULL, &count->response_full, "answers wait to be taken out");
    count->requests_received++;
    struct ice_response r = response_to(m, route);
    r.old = old;
    r.unknown_count = (uint8_t)stun_unknown(m, r.unknown, COUNT(r.unknown));
    if (r.unknown_count)
        r.code = 420; /* RFC 8489 §6.3.1 */
    else if (!stun_has(m, STUN_PRIORITY))
        r.code = 400; /* RFC 8445 §7.1.1: a check MUST have it */
    else if (!old && !settle_roles(ice, m))
        r.code = 487;
    ring_push(&ice->responses, &r);
    if (r.code == 0 && !old) accept(ice, m, route, socket, username);
    return r.code == 420 ? ice_refuse(ice, E_UNSUPPORTED, &count->unsupported,
                                      "an unknown required attribute (RFC 8489 6.3.1)")
                         : OK;
}

bool respond_output(struct ice *ice, struct packet *out)
{
    struct ice_response r;
    if (!ring_pop(&ice->responses, &r)) return false;
    const struct stun_key *key = r.old ? &ice->old_creds.key : &ice->creds.key;
    packet_reset(out);
    struct writer w = packet_writer(out);
    uint16_t class = r.code ? STUN_ERROR : STUN_SUCCESS;
    stun_begin(&w, STUN_BINDING | class, (struct bytes){r.id, sizeof r.id});
    if (r.code) stun_put_error(&w, r.code);
    if (r.code == 420) stun_put_unknown(&w, r.unknown, r.unknown_count);
    if (!r.code) stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &r.route.remote);
    /* RFC 8489 §9.1.3: the kind of integrity that was asked with, errors included; no USERNAME. */
    if (r.sha256)
        stun_put_integrity_sha256(&w, key);
    else
        stun_put_integrity(&w, key);
    stun_put_fingerprint(&w);
    out->len = writer_done(&w).len;
    out->route = r.route;
    ice->counters.responses_sent++;
    return true;
}
