/* Connectivity checks, our side of them: requests, answers, role conflicts. RFC 8445 §7.2. */
#include "ice/internal.h"

#include <string.h>

/* How long after its `sent` requests an effort sends another one. Each request is a transaction
 * with an id of its own, which is sent once, and an answer to any of the last few counts.
 *
 * RFC 8445 §14.3 has one transaction a pair, retransmitted after 500 ms at the earliest, then twice
 * as late each time: so three lost packets cost 3.5 s. As browsers do (libwebrtc asks every 48 to
 * 480 ms until a pair is writable) we depart from its spirit, not from its letter: no transaction
 * is retransmitted, and what that rule is for, not to flood a slow path, the pace of one request in
 * Ta for all pairs together sees to (§14.2), and that a pair is asked more and more rarely.
 * Besides, an answer to a request that was sent once tells the round trip (RFC 8489 §6.2.1). */
static usec interval(const struct ice_pair *p)
{
    const struct ice_effort *e = &p->effort;
    unsigned before = e->sent ? e->sent - 1u : 0;
    /* A pair in use: 500 ms and more, as §14.3 and RFC 8489 §6.2.1 say. */
    if (e->unhurried) return usec_max(STUN_RTO, 2 * (usec)p->rtt_us) << (before < 4 ? before : 4);
    unsigned doubled = before / ICE_AGAIN_SAME;
    return ICE_AGAIN << (doubled < ICE_AGAIN_DOUBLES ? doubled : ICE_AGAIN_DOUBLES);
}

void check_start(struct ice *ice, struct ice_pair *p, usec life)
{
    p->trigger = 0;
    if (!p->valid) p->state = PAIR_IN_PROGRESS;
    p->effort = (struct ice_effort){.next = ice->now, .until = ice->now + life, .running = true};
}

void check_stop(struct ice_pair *p)
{
    p->effort = (struct ice_effort){0};
}

void check_forget(struct ice *ice, struct ice_pair *p)
{
    check_stop(p);
    for (size_t i = 0; i < COUNT(ice->checks); i++)
        if (&ice->pairs[ice->checks[i].pair] == p) ice->checks[i].open = false;
}

/* Half of the interval has to be over: two agents that trigger each other must not push out the ids
 * of all that is under way on a long path. */
bool check_is_fresh(const struct ice *ice, const struct ice_pair *p)
{
    if (!p->effort.running || p->effort.sent == 0) return false;
    usec quiet = usec_max(2 * ice->ta, interval(p) / 2);
    return ice->now - p->effort.sent_at < quiet;
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

static struct ice_check *new_check(struct ice *ice, struct ice_pair *p)
{
    struct ice_check *check = &ice->checks[ice->next_check++ % ICE_CHECKS_KEPT];
    *check = (struct ice_check){.open = true,
                                .pair = (uint8_t)(p - ice->pairs),
                                .controlling = ice->controlling,
                                .use_candidate =
                                    ice->controlling && !p->old && (p->nominating || p->nominated),
                                .sent_at = ice->now};
    rng_fill(&ice->rng, check->id, sizeof check->id);
    return check;
}

void check_send(struct ice *ice, struct ice_pair *p, struct packet *out)
{
    const struct ice_credentials *creds = pair_creds(ice, p);
    const struct ice_check *check = new_check(ice, p);
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
    if (p->effort.sent < UINT8_MAX) p->effort.sent++;
    p->effort.sent_at = ice->now;
    p->effort.next = ice->now + interval(p);
    p->requests_sent++;
    ice->counters.requests_sent++;
}

static bool may_check(const struct ice *ice)
{
    return ice->creds.known && !ice->closed && !ice->failed;
}

/* A check of the triggered queue. §7.3.1.4 begins a check that is under way anew: here that is
 * one more request, and answers to those before it still count. */
static void send_triggered(struct ice *ice, struct ice_pair *p, struct packet *out)
{
    if (!p->effort.running || p->valid)
        check_start(ice, p, p->valid && !p->nominating ? ICE_PROBE_WAIT : ICE_EFFORT);
    p->trigger = 0;
    check_send(ice, p, out);
}

/* The pair whose next request is due longest. */
static struct ice_pair *due_again(struct ice *ice, bool valid_only)
{
    struct ice_pair *first = NULL;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || !p->effort.running || p->effort.next > ice->now) continue;
        if (valid_only && !p->valid) continue;
        if (!first || p->effort.next < first->effort.next) first = p;
    }
    return first;
}

/* Triggered checks before all others (§6.1.4.2), then nominations and what else goes out on valid
 * pairs; a pair that was never asked before those that did not answer. */
bool check_output(struct ice *ice, struct packet *out)
{
    if (!may_check(ice)) return false;
    struct ice_pair *p = pairs_next_triggered(ice);
    if (p) {
        send_triggered(ice, p, out);
        return true;
    }
    p = due_again(ice, true);
    if (!p && ice->nominated == NONE) {
        p = pairs_next_waiting(ice);
        if (p) check_start(ice, p, ICE_EFFORT);
    }
    if (!p) p = due_again(ice, false);
    if (!p) return false;
    check_send(ice, p, out);
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
        if (p->effort.running) due = usec_min(due, usec_min(p->effort.next, p->effort.until));
    }
    return due;
}

void check_tick(struct ice *ice)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || !p->effort.running || ice->now < p->effort.until) continue;
        check_stop(p);
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
    usec rtt = usec_max(1, usec_min(ice->now - check->sent_at, SEC(60)));
    p->rtt_us = p->rtt_us ? (uint32_t)((7 * (usec)p->rtt_us + rtt) / 8) : (uint32_t)rtt;
}

static void succeed(struct ice *ice, struct ice_pair *p, struct ice_check *check,
                    const struct addr *mapped)
{
    /* Of a nomination that we still want: we may have moved to another pair meanwhile. */
    bool use_candidate = check->use_candidate && check->controlling && ice->controlling &&
                         (p->nominating || p->nominated);
    /* An answer to a check from before says nothing about a nomination that is under way. */
    if (!p->nominating || use_candidate) {
        check_stop(p);
        p->trigger = 0;
    }
    sample_rtt(ice, p, check);
    check->open = false;
    p->answered_at = ice->now;
    int local = gather_mapped(ice, p->socket, mapped);
    if (local != NONE) p->mapped = (int8_t)local;
    p->state = PAIR_SUCCEEDED;
    p->valid = true;
    pairs_unfreeze_like(ice, p); /* §7.2.5.3.3 */
    nominate_valid(ice, p, use_candidate);
}

/* §7.2.5.1: a 487 turns the role only if it still is the one of that request; either way the pair
 * is checked again under the role that we have now. */
static void role_conflict(struct ice *ice, struct ice_pair *p, const struct ice_check *check)
{
    ice->counters.role_conflicts++;
    if (check->controlling == ice->controlling) check_switch_role(ice, !ice->controlling);
    check_stop(p);
    if (!p->valid) p->state = PAIR_WAITING;
    pair_trigger(ice, p);
}

static void fail(struct ice *ice, struct ice_pair *p, struct ice_check *check, unsigned code)
{
    check->open = false;
    if (code == 487) {
        role_conflict(ice, p, check);
    } else if (code == 403 && p->valid) {
        consent_revoked(ice, p);
    } else if (p->nominating && check->use_candidate) {
        nominate_failed(ice, p);
    } else if (!p->valid) {
        check_stop(p);
        p->state = PAIR_FAILED; /* §7.2.5.2.4 */
    }
}

static struct ice_check *find_check(struct ice *ice, struct bytes id)
{
    for (size_t i = 0; i < COUNT(ice->checks); i++) {
        struct ice_check *check = &ice->checks[i];
        if (check->open && memcmp(check->id, id.at, sizeof check->id) == 0) return check;
    }
    return NULL;
}

enum err check_response(struct ice *ice, const struct stun_msg *m, const struct route *route,
                        size_t socket)
{
    uint16_t unknown;
    unsigned code = 0;
    struct addr mapped;
    struct ice_check *check = find_check(ice, m->id);
    if (!check)
        return ice_refuse(ice, E_STATE, &ice->counters.unknown_txn, "an answer to no request");
    struct ice_pair *p = &ice->pairs[check->pair];
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
