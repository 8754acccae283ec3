/* Connectivity checks, our side of them: requests, answers, role conflicts. RFC 8445 §7.2. */
#include "ice/internal.h"

#include <string.h>

/* §14.3: RTO = MAX(500 ms, Ta * N * (Num-Waiting + Num-In-Progress)), N being 1 checklist. */
static usec check_rto(const struct ice *ice)
{
    usec busy = 0;
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        busy += p->used && (p->state == PAIR_WAITING || p->state == PAIR_IN_PROGRESS);
    }
    return usec_max(STUN_RTO, ice->ta * busy);
}

void check_begin(struct ice *ice, struct ice_pair *p, bool use_candidate)
{
    p->check[1] = p->check[0];
    p->check[0] =
        (struct ice_check){.use_candidate = use_candidate, .controlling = ice->controlling};
    rng_fill(&ice->rng, p->check[0].id, sizeof p->check[0].id);
    p->trigger = 0;
    bool probe = p->valid && !use_candidate;
    if (!p->valid) p->state = PAIR_IN_PROGRESS;
    stun_txn_start_limited(&p->txn, check_rto(ice), probe ? ICE_PROBE_RC : ICE_CHECK_RC, ice->now);
}

/* USERNAME is "theirs:ours" in what we send (§7.2.2). */
static void put_username(struct writer *w, const struct ice_credentials *c)
{
    char username[ICE_USERNAME_MAX];
    struct writer u = writer_of(username, sizeof username);
    write_text(&u, c->remote_ufrag);
    write_text(&u, ":");
    write_text(&u, c->ufrag);
    stun_put(w, STUN_USERNAME, writer_done(&u));
}

void check_write(struct ice *ice, struct ice_pair *p, struct packet *out)
{
    const struct ice_credentials *creds = pair_creds(ice, p);
    struct ice_check *check = &p->check[0];
    packet_reset(out);
    struct writer w = packet_writer(out);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){check->id, sizeof check->id});
    put_username(&w, creds);
    stun_put_u64(&w, check->controlling ? STUN_ICE_CONTROLLING : STUN_ICE_CONTROLLED,
                 ice->tie_breaker);
    if (check->use_candidate) stun_put_flag(&w, STUN_USE_CANDIDATE);
    stun_put_u32(&w, STUN_PRIORITY, gather_prflx_priority(ice, p->socket));
    /* SHA-1 alone: RFC 8489 §9.1.2 allows one of the two where it is known what the other side
     * takes, and to RFC 5389 agents, as browsers are, the SHA-256 one is an unknown required
     * attribute. */
    stun_put_integrity(&w, &creds->remote_key);
    stun_put_fingerprint(&w);
    out->len = writer_done(&w).len;
    out->route = pair_route(ice, p);
    check->copies++;
    check->sent_at = ice->now;
    p->requests_sent++;
    ice->counters.requests_sent++;
}

static bool may_check(const struct ice *ice)
{
    return ice->creds.known && !ice->closed && !ice->failed;
}

/* A check of the triggered queue. One that is under way already is sent again at once, under its
 * own id: §7.3.1.4 would cancel it and begin another, which comes to the same on the wire, but a
 * peer that checks us every few milliseconds would push out the ids of all that are under way. */
static void send_triggered(struct ice *ice, struct ice_pair *p, struct packet *out)
{
    bool use_candidate = ice->controlling && (p->nominating || p->nominated);
    const struct ice_check *check = &p->check[0];
    bool same = check->copies && check->controlling == ice->controlling &&
                check->use_candidate == use_candidate;
    if (p->state == PAIR_IN_PROGRESS && same && p->txn.rto && p->txn.sent < p->txn.limit) {
        p->trigger = 0;
        p->txn.next = ice->now;
    } else {
        check_begin(ice, p, use_candidate);
    }
    stun_txn_due(&p->txn, ice->now);
    check_write(ice, p, out);
}

static struct ice_pair *due_again(struct ice *ice)
{
    struct ice_pair *first = NULL;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || !p->txn.rto || p->txn.sent == p->txn.limit || p->txn.next > ice->now)
            continue;
        if (!first || p->txn.next < first->txn.next) first = p;
    }
    return first;
}

/* Triggered checks before all others (§6.1.4.2), then what is due again, then a new one. */
bool check_output(struct ice *ice, struct packet *out)
{
    if (!may_check(ice)) return false;
    struct ice_pair *p = pairs_next_triggered(ice);
    if (p) {
        send_triggered(ice, p, out);
        return true;
    }
    p = due_again(ice);
    if (!p && ice->nominated == NONE) {
        p = pairs_next_waiting(ice);
        if (p) check_begin(ice, p, false);
    }
    if (!p) return false;
    stun_txn_due(&p->txn, ice->now);
    check_write(ice, p, out);
    return true;
}

usec check_due(const struct ice *ice)
{
    usec due = TIME_NEVER;
    if (!may_check(ice)) return due;
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (!p->used) continue;
        bool waiting = !p->old && p->state == PAIR_WAITING && ice->nominated == NONE;
        if (p->trigger || waiting) return ice->now;
        due = usec_min(due, stun_txn_deadline(&p->txn));
    }
    return due;
}

void check_tick(struct ice *ice)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || !stun_txn_expired(&p->txn, ice->now)) continue;
        stun_txn_stop(&p->txn);
        if (!p->valid)
            p->state = PAIR_FAILED; /* §7.2.5.2.3; of a valid one: nominate.c, consent.c */
    }
    if (!may_check(ice) || ice->nominated != NONE) return;
    struct ice_pair *next = pairs_next_waiting(ice);
    if (next && next->state == PAIR_FROZEN) next->state = PAIR_WAITING;
}

void check_switch_role(struct ice *ice, bool controlling)
{
    ice->controlling = controlling;
    /* §7.2.5.1: the tie-breaker changes with the role. §7.3.1.1: so do all priorities. Who
     * nominates changes too: what was nominated under the old role is open again. */
    ice->tie_breaker = rng_u64(&ice->rng);
    pairs_reprioritize(ice);
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->old) continue;
        p->nominating = p->nominated = p->peer_nominated = false;
    }
    ice->nominating = ice->nominated = ice->last_nomination = NONE;
}

static void sample_rtt(struct ice *ice, struct ice_pair *p, const struct ice_check *check)
{
    /* Only of requests sent once: an answer doesn't say to which copy (RFC 8489 §6.2.1, Karn). */
    if (check->copies != 1) return;
    usec rtt = usec_max(1, usec_min(ice->now - check->sent_at, SEC(60)));
    p->rtt_us = p->rtt_us ? (uint32_t)((7 * (usec)p->rtt_us + rtt) / 8) : (uint32_t)rtt;
}

static void succeed(struct ice *ice, struct ice_pair *p, struct ice_check *check,
                    const struct addr *mapped)
{
    bool use_candidate = check->use_candidate && check->controlling && ice->controlling;
    /* An answer to the check before says nothing about a nomination that is under way. */
    if (check == &p->check[0] || !p->check[0].use_candidate) stun_txn_stop(&p->txn);
    sample_rtt(ice, p, check);
    check->copies = 0;
    p->answered_at = ice->now;
    int local = gather_mapped(ice, p->socket, mapped);
    if (local != NONE) p->mapped = (int8_t)local;
    p->state = PAIR_SUCCEEDED;
    p->valid = true;
    if (check == &p->check[0]) p->trigger = 0;
    pairs_unfreeze_like(ice, p); /* §7.2.5.3.3 */
    nominate_valid(ice, p, use_candidate);
}

/* §7.2.5.1: a 487 turns the role only if it still is the one of that request; either way the pair
 * is checked again under the role that we have now. */
static void role_conflict(struct ice *ice, struct ice_pair *p, const struct ice_check *check)
{
    ice->counters.role_conflicts++;
    if (check->controlling == ice->controlling) check_switch_role(ice, !ice->controlling);
    stun_txn_stop(&p->txn);
    if (!p->valid) p->state = PAIR_WAITING;
    pair_trigger(ice, p);
}

static void fail(struct ice *ice, struct ice_pair *p, struct ice_check *check, unsigned code)
{
    struct ice_check failed = *check;
    check->copies = 0;
    if (code == 487) {
        role_conflict(ice, p, &failed);
    } else if (code == 403 && p->valid) {
        consent_revoked(ice, p);
    } else if (check == &p->check[0]) {
        stun_txn_stop(&p->txn);
        if (p->nominating)
            nominate_failed(ice, p);
        else if (!p->valid)
            p->state = PAIR_FAILED; /* §7.2.5.2.4 */
    }
}

static struct ice_check *find_check(struct ice *ice, struct bytes id, struct ice_pair **pair)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        *pair = &ice->pairs[i];
        for (size_t k = 0; k < COUNT((*pair)->check); k++) {
            struct ice_check *check = &(*pair)->check[k];
            if (check->copies && memcmp(check->id, id.at, sizeof check->id) == 0) return check;
        }
    }
    return NULL;
}

enum err check_response(struct ice *ice, const struct stun_msg *m, const struct route *route,
                        size_t socket)
{
    struct ice_pair *p;
    uint16_t unknown;
    unsigned code = 0;
    struct addr mapped;
    struct ice_check *check = find_check(ice, m->id, &p);
    if (!check)
        return ice_refuse(ice, E_STATE, &ice->counters.unknown_txn, "an answer to no request");
    /* §7.2.5.2.1 would have the pair fail. It is dropped instead: whoever can copy a good answer
     * could end the session so, and a pair that nobody answers fails anyway. */
    if (socket != p->socket || !addr_equal(&route->remote, &ice->remotes[p->remote].addr))
        return ice_refuse(ice, E_STATE, &ice->counters.bad_route,
                          "an answer from elsewhere than it was asked (RFC 8445 7.2.5.2.1)");
    /* RFC 8489 §9.1.4: discarded as if it had never been received. */
    if (stun_check_integrity(m, &pair_creds(ice, p)->remote_key) != STUN_OK)
        return ice_refuse(ice, E_AUTH, &ice->counters.bad_integrity,
                          "an answer without the right MESSAGE-INTEGRITY (RFC 8489 9.1.4)");
    bool success = stun_class(m) == STUN_SUCCESS;
    if (success ? !stun_get_addr(m, STUN_XOR_MAPPED_ADDRESS, &mapped)
                : !stun_get_error(m, &code, NULL))
        return ice_refuse(ice, E_MALFORMED, &ice->counters.bad_message,
                          "no XOR-MAPPED-ADDRESS or ERROR-CODE (RFC 8489 6.3.3, 6.3.4)");
    p->responses_received++;
    ice->counters.responses_received++;
    if (success && stun_unknown(m, &unknown, 1)) {
        fail(ice, p, check, 0); /* RFC 8489 §6.3.3 */
        return ice_refuse(ice, E_UNSUPPORTED, &ice->counters.unsupported,
                          "an unknown required attribute in an answer (RFC 8489 6.3.3)");
    }
    if (success)
        succeed(ice, p, check, &mapped);
    else
        fail(ice, p, check, code);
    return OK;
}
