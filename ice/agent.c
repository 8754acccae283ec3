#include "ice/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum err ice_refuse(struct ice *ice, enum err err, uint64_t *counter, const char *rule)
{
    ice->fault = (struct fault){.err = err, .layer = "ice", .rule = rule};
    if (counter) ++*counter;
    return err;
}

void ice_note(struct ice *ice, int type, size_t index)
{
    struct ice_note note = {.type = (uint8_t)type, .index = (uint8_t)index};
    ring_push(&ice->events, &note);
}

/* §5.3: 24 and 128 bits of luck at least; ours are RFC 8839 §5.4's characters of 6 bits each. */
void ice_prepare_restart(struct ice *ice)
{
    rng_text(&ice->rng, ice->next_ufrag, ICE_UFRAG_LEN);
    rng_text(&ice->rng, ice->next_pwd, ICE_PWD_LEN);
}

void ice_forget_restart(struct ice *ice)
{
    bytes_wipe(ice->next_ufrag, sizeof ice->next_ufrag);
    bytes_wipe(ice->next_pwd, sizeof ice->next_pwd);
}

void ice_renew_credentials(struct ice *ice)
{
    struct ice_credentials *c = &ice->creds;
    if (!ice->next_ufrag[0]) ice_prepare_restart(ice);
    bytes_wipe(c, sizeof *c);
    memcpy(c->ufrag, ice->next_ufrag, sizeof c->ufrag);
    memcpy(c->pwd, ice->next_pwd, sizeof c->pwd);
    stun_key_short_term(&c->key, bytes_of(c->pwd));
    ice_forget_restart(ice);
}

struct ice *ice_new(const struct ice_config *cfg)
{
    struct ice *ice = calloc(1, sizeof *ice);
    if (!ice) return NULL;
    ice->rng = cfg->rng;
    ice->controlling = cfg->controlling;
    ice->ta = cfg->ta > 0 ? cfg->ta : ICE_TA;
    for (size_t i = 0; i < cfg->stun_server_count && i < ICE_STUN_SERVERS_MAX; i++)
        ice->servers[ice->server_count++] = cfg->stun_servers[i];
    ice->tie_breaker = rng_u64(&ice->rng);
    ice->selected = ice->nominated = ice->nominating = ice->last_nomination = NONE;
    ice->patience_until = ice->first_valid_at = ice->judge_at = TIME_NEVER;
    ice->probe_at = -ICE_PROBE_EVERY;
    RING_OVER(&ice->responses, ice->response_items);
    RING_OVER(&ice->events, ice->event_items);
    ice_renew_credentials(ice);
    return ice;
}

void ice_free(struct ice *ice)
{
    if (!ice) return;
    bytes_wipe(ice, sizeof *ice);
    free(ice);
}

/* Time never goes back: a driver that mixes up two readings does no harm. */
static void advance(struct ice *ice, usec now)
{
    ice->now = usec_max(ice->now, now);
}

static size_t count_pairs(const struct ice *ice, bool undecided_only)
{
    size_t count = 0;
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        count += p->used && !p->old && (!undecided_only || pair_undecided(p));
    }
    return count;
}

static const char *lost_text(enum ice_loss loss)
{
    switch (loss) {
    case ICE_LOSS_SILENCE:
        return "consent lost: no answer on the selected pair for 30 s (RFC 7675 5.1)";
    case ICE_LOSS_REVOKED: return "consent revoked: the other side answered 403 (RFC 7675 5.2)";
    case ICE_LOSS_REFUSED:
        return "the other side answered the nomination of the selected pair with an error (RFC "
               "8445 7.2.5.2.4)";
    case ICE_LOSS_NONE: break;
    }
    return "";
}

/* What a person should look at first, from the first layer that lacks something. */
static void explain_failure(struct ice *ice)
{
    const struct ice_counters *c = &ice->counters;
    char *to = ice->why;
    size_t room = sizeof ice->why;
    size_t pairs = count_pairs(ice, false);
    if (ice->lost != ICE_LOSS_NONE)
        snprintf(to, room, "%s", lost_text(ice->lost));
    else if (ice->socket_count == 0)
        snprintf(to, room, "no local address to check from");
    else if (ice->signaled_count == 0 && pairs == 0)
        snprintf(to, room, "no remote candidates (%llu TCP, %llu host names, %llu others ignored)",
                 (unsigned long long)c->ignored_tcp, (unsigned long long)c->ignored_name,
                 (unsigned long long)(c->ignored_address + c->ignored_component +
                                      c->ignored_generation));
    else if (pairs == 0 && remote_unresolved(ice))
        snprintf(to, room, "no answer by multicast for the remote .local names");
    else if (pairs == 0)
        snprintf(to, room, "no pair: none of the remote addresses is of a family that we have");
    else if (c->responses_received == 0 && c->bad_integrity > 0)
        snprintf(to, room,
                 "checks or answers came, but none with the right password (%llu dropped)",
                 (unsigned long long)c->bad_integrity);
    else
        snprintf(to, room, "no answer to %llu checks on %zu pairs",
                 (unsigned long long)c->requests_sent, pairs);
}

static void fail_if_hopeless(struct ice *ice)
{
    if (ice->failed || ice->selected != NONE || !ice->creds.known) return;
    bool lost = ice->lost != ICE_LOSS_NONE;
    /* RFC 8863 §4: not before the patience is over, even if all pairs failed and no candidate is
     * missing: a check from the other side may come yet. RFC 8838 §8: and not while pairs are
     * open. */
    bool hopeless = ice->now >= ice->patience_until && count_pairs(ice, true) == 0;
    if (!lost && !hopeless) return;
    ice->failed = true;
    explain_failure(ice);
    /* Failed is final until a restart: no answer that comes now brings a pair to life. */
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        p->trigger = 0;
        check_forget(ice, p);
    }
}

static enum ice_state present_state(const struct ice *ice)
{
    if (ice->closed) return ICE_STATE_CLOSED;
    if (ice->failed) return ICE_STATE_FAILED;
    if (ice->selected == NONE) return ice->creds.known ? ICE_STATE_CHECKING : ICE_STATE_NEW;
    if (ice->now >= ice->pairs[ice->selected].answered_at + ICE_DISCONNECTED)
        return ICE_STATE_DISCONNECTED;
    return ice->selected == ice->nominated ? ICE_STATE_COMPLETED : ICE_STATE_CONNECTED;
}

void ice_settle(struct ice *ice)
{
    if (!ice->closed) {
        consent_tick(ice);
        gather_tick(ice);
        check_tick(ice);
        nominate_tick(ice);
        fail_if_hopeless(ice);
    }
    enum ice_state state = present_state(ice);
    if (state == ice->state) return;
    ice->state = state;
    ice_note(ice, ICE_STATE, state);
}

static enum err input(struct ice *ice, const struct packet *in)
{
    struct stun_msg m;
    struct ice_counters *count = &ice->counters;
    if (ice->closed) return ice_refuse(ice, E_STATE, NULL, "the agent is closed");
    int socket = gather_find_socket(ice, &in->route.local);
    if (socket == NONE)
        return ice_refuse(ice, E_STATE, &count->bad_route, "not from one of our sockets");
    if (stun_parse(&m, packet_bytes(in)) != OK) {
        count->bad_message++;
        ice->fault = m.fault;
        return m.fault.err;
    }
    /* RFC 8445 §7.2.2 has it in every check. One without is still proved by its integrity. */
    if (stun_check_fingerprint(&m) == STUN_BAD)
        return ice_refuse(ice, E_AUTH, &count->bad_integrity, "a wrong FINGERPRINT (8489 14.7)");
    if (stun_method(&m) != STUN_BINDING)
        return ice_refuse(ice, E_UNSUPPORTED, &count->unsupported, "not the Binding method");
    struct ice_gather *g;
    switch (stun_class(&m)) {
    case STUN_REQUEST: return respond_request(ice, &m, &in->route, (size_t)socket);
    case STUN_INDICATION: return OK; /* a keepalive, RFC 8445 §11: nothing to do */
    case STUN_SUCCESS:
    case STUN_ERROR:
        g = gather_find(ice, m.id);
        return g ? gather_response(ice, g, &m, &in->route)
                 : check_response(ice, &m, &in->route, (size_t)socket);
    }
    return OK;
}

enum err ice_input(struct ice *ice, const struct packet *in, usec now)
{
    advance(ice, now);
    enum err err = input(ice, in);
    ice_settle(ice);
    return err;
}

void ice_tick(struct ice *ice, usec now)
{
    advance(ice, now);
    ice_settle(ice);
}

/* One request in Ta, whatever it is for (RFC 8445 §14). Checks and questions to STUN servers take
 * turns, so that neither has to wait for all of the other. */
static bool paced_output(struct ice *ice, struct packet *out)
{
    if (ice->now < ice->next_slot) return false;
    bool sent = consent_output(ice, out);
    if (!sent && ice->gather_turn) sent = gather_output(ice, out);
    if (!sent) sent = check_output(ice, out);
    if (!sent) sent = gather_output(ice, out);
    ice->gather_turn = !ice->gather_turn;
    if (sent) ice->next_slot = ice->now + ice->ta;
    return sent;
}

bool ice_output(struct ice *ice, struct packet *out, usec now)
{
    advance(ice, now);
    ice_settle(ice);
    if (ice->closed) return false;
    return respond_output(ice, out) || paced_output(ice, out);
}

bool ice_event(struct ice *ice, struct ice_event *ev)
{
    struct ice_note note;
    memset(ev, 0, sizeof *ev);
    do {
        if (!ring_pop(&ice->events, &note)) return false;
        /* A selection that is gone again before anybody heard of it is no event. */
    } while (note.type == ICE_SELECTED && !ice_selected(ice, &ev->as.route));
    ev->type = note.type;
    switch (note.type) {
    case ICE_STATE: ev->as.state = (enum ice_state)note.index; break;
    case ICE_CANDIDATE: gather_candidate(ice, note.index, &ev->as.candidate); break;
    case ICE_RESOLVE: memcpy(ev->as.name, ice->names[note.index].text, sizeof ev->as.name); break;
    }
    return true;
}

usec ice_deadline(const struct ice *ice)
{
    if (ice->closed) return TIME_NEVER;
    if (ice->responses.count) return ice->now;
    /* What is paced waits for its turn; what ends something does not. */
    usec due = usec_min(usec_min(check_due(ice), gather_due(ice)), consent_due(ice));
    if (due != TIME_NEVER) due = usec_max(due, ice->next_slot);
    const usec ends[] = {nominate_deadline(ice), consent_deadline(ice),
                         ice->failed || ice->selected != NONE ? TIME_NEVER : ice->patience_until};
    for (size_t i = 0; i < COUNT(ends); i++)
        if (ends[i] > ice->now) due = usec_min(due, ends[i]);
    return due;
}

const struct fault *ice_fault(const struct ice *ice)
{
    return &ice->fault;
}

enum err ice_add_socket(struct ice *ice, const struct addr *base, usec now)
{
    advance(ice, now);
    if (ice->closed) return ice_refuse(ice, E_STATE, NULL, "the agent is closed");
    if (base->family == ADDR_NONE || addr_is_any(base) || addr_is_multicast(base) ||
        base->port == 0)
        return ice_refuse(ice, E_MALFORMED, NULL, "a base is one address (RFC 8445 5.1.1.1)");
    if (gather_find_socket(ice, base) != NONE)
        return ice_refuse(ice, E_STATE, NULL, "this socket is known already");
    if (ice->socket_count == ICE_SOCKETS_MAX)
        return ice_refuse(ice, E_FULL, &ice->counters.full, "16 sockets are kept");
    size_t socket = ice->socket_count;
    ice->sockets[socket] = (struct ice_socket){.base = *base};
    if (!gather_from_socket(ice, socket))
        return ice_refuse(ice, E_FULL, NULL, "32 local candidates are kept");
    ice->socket_count++;
    pairs_of_socket(ice, socket);
    ice_settle(ice);
    return OK;
}

void ice_sockets_done(struct ice *ice, usec now)
{
    advance(ice, now);
    ice->sockets_done = true;
    ice_settle(ice);
}

static bool same_remote(const struct ice *ice, struct bytes ufrag, struct bytes pwd)
{
    return bytes_is(ufrag, ice->creds.remote_ufrag) &&
           bytes_equal_secret(pwd, bytes_of(ice->creds.remote_pwd));
}

enum err ice_set_remote(struct ice *ice, struct bytes ufrag, struct bytes pwd, bool lite, usec now)
{
    advance(ice, now);
    if (ice->closed) return ice_refuse(ice, E_STATE, NULL, "the agent is closed");
    if (!ice_chars_ok(ufrag, ICE_UFRAG_MIN, ICE_UFRAG_MAX) ||
        !ice_chars_ok(pwd, ICE_PWD_MIN, ICE_PWD_MAX))
        return ice_refuse(ice, E_MALFORMED, NULL,
                          "ufrag is 4 to 256, password 22 to 256 ice-chars (RFC 8839 5.4)");
    if (ice->creds.known && same_remote(ice, ufrag, pwd)) return OK;
    /* RFC 8839 §4.4.1.1: other credentials are a restart, which needs ours to change too. */
    if (ice->creds.known) ice_restart(ice, now);
    struct ice_credentials *c = &ice->creds;
    bytes_to_text(ufrag, c->remote_ufrag, sizeof c->remote_ufrag);
    bytes_to_text(pwd, c->remote_pwd, sizeof c->remote_pwd);
    stun_key_short_term(&c->remote_key, pwd);
    c->known = true;
    if (lite) ice_set_controlling(ice, true); /* RFC 8445 §6.1.1 */
    ice->patience_until = ice->now + ICE_PATIENCE;
    respond_early(ice);
    ice_settle(ice);
    return OK;
}

enum err ice_add_remote(struct ice *ice, const struct candidate *c, usec now)
{
    advance(ice, now);
    if (ice->closed) return ice_refuse(ice, E_STATE, NULL, "the agent is closed");
    enum err err = remote_add(ice, c);
    ice_settle(ice);
    return err;
}

void ice_end_of_remote(struct ice *ice, usec now)
{
    advance(ice, now);
    ice->remote_done = true;
    ice_settle(ice);
}

enum err ice_resolved(struct ice *ice, const char *name, const struct addr *a, usec now)
{
    advance(ice, now);
    if (ice->closed) return ice_refuse(ice, E_STATE, NULL, "the agent is closed");
    enum err err = remote_resolved(ice, name, a);
    ice_settle(ice);
    return err;
}

void ice_set_controlling(struct ice *ice, bool controlling)
{
    if (ice->controlling != controlling) check_switch_role(ice, controlling);
}

void ice_close(struct ice *ice)
{
    ice->closed = true;
    ice->responses.count = 0;
    ice_settle(ice);
}
