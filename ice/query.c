/* What others may ask of an agent: selection, validation, statistics. */
#include "ice/internal.h"

#include <string.h>

struct bytes ice_local_ufrag(const struct ice *ice)
{
    return bytes_of(ice->creds.ufrag);
}

struct bytes ice_local_pwd(const struct ice *ice)
{
    return bytes_of(ice->creds.pwd);
}

struct bytes ice_next_ufrag(const struct ice *ice)
{
    return bytes_of(ice->next_ufrag);
}

struct bytes ice_next_pwd(const struct ice *ice)
{
    return bytes_of(ice->next_pwd);
}

struct bytes ice_remote_ufrag(const struct ice *ice)
{
    return bytes_of(ice->creds.remote_ufrag);
}

struct bytes ice_remote_pwd(const struct ice *ice)
{
    return bytes_of(ice->creds.remote_pwd);
}

enum ice_state ice_state(const struct ice *ice)
{
    return ice->state;
}

const char *ice_state_name(enum ice_state state)
{
    static const char *const names[] = {"new",          "checking", "connected", "completed",
                                        "disconnected", "failed",   "closed"};
    return (size_t)state < COUNT(names) ? names[state] : "unknown";
}

const char *pair_state_name(enum pair_state state)
{
    static const char *const names[] = {"frozen", "waiting", "in-progress", "succeeded", "failed"};
    return (size_t)state < COUNT(names) ? names[state] : "unknown";
}

bool ice_is_controlling(const struct ice *ice)
{
    return ice->controlling;
}

static bool is_route_of(const struct ice *ice, const struct ice_pair *p, const struct route *route)
{
    return addr_equal(&ice->remotes[p->remote].addr, &route->remote) &&
           addr_equal(&ice->sockets[p->socket].base, &route->local);
}

bool ice_is_validated(const struct ice *ice, const struct route *route)
{
    if (ice->closed) return false;
    /* Asked for every packet of a call: nearly always it is the pair in use. */
    if (ice->selected != NONE && is_route_of(ice, &ice->pairs[ice->selected], route)) return true;
    return pair_of_route(ice, route) != NONE;
}

bool ice_selected(const struct ice *ice, struct route *route)
{
    if (ice->closed || ice->selected == NONE) return false;
    *route = pair_route(ice, &ice->pairs[ice->selected]);
    return true;
}

bool ice_may_send(const struct ice *ice, usec now)
{
    return !ice->closed && ice->selected != NONE && consent_alive(&ice->pairs[ice->selected], now);
}

usec ice_rtt_us(const struct ice *ice)
{
    return ice->selected == NONE ? 0 : (usec)ice->pairs[ice->selected].rtt_us;
}

const char *ice_why(const struct ice *ice)
{
    switch (ice->state) {
    case ICE_STATE_NEW: return "no remote description yet";
    case ICE_STATE_CHECKING:
        if (ice->signaled_count) return "no answer to a check yet";
        return ice->remote_done ? "the other side has no candidates: waiting for its checks"
                                : "no remote candidates yet";
    case ICE_STATE_DISCONNECTED: return "consent checks go unanswered";
    case ICE_STATE_FAILED: return ice->why;
    case ICE_STATE_CLOSED: return "closed";
    case ICE_STATE_CONNECTED:
    case ICE_STATE_COMPLETED: break;
    }
    return "";
}

enum ice_loss ice_lost_pair(const struct ice *ice)
{
    return ice->lost;
}

static void fill_info(const struct ice *ice, const struct ice_pair *p, struct ice_pair_info *info)
{
    *info = (struct ice_pair_info){.route = pair_route(ice, p),
                                   .local_type = CANDIDATE_HOST,
                                   .remote_type = (enum candidate_type)ice->remotes[p->remote].type,
                                   .state = (enum pair_state)p->state,
                                   .valid = p->valid,
                                   .nominated = p->nominated,
                                   .selected =
                                       p == &ice->pairs[ice->selected < 0 ? 0 : ice->selected] &&
                                       ice->selected != NONE,
                                   .priority = p->priority,
                                   .rtt_us = p->rtt_us,
                                   .asked_at = p->effort.sent_at,
                                   .answered_at = p->answered_at,
                                   .requests_sent = p->requests_sent,
                                   .requests_received = p->requests_received,
                                   .responses_sent = p->responses_sent,
                                   .responses_received = p->responses_received};
    if (p->mapped == NONE) return;
    info->local_type = (enum candidate_type)ice->locals[p->mapped].type;
    info->local_mapped = ice->locals[p->mapped].addr;
}

size_t ice_pairs(const struct ice *ice, struct ice_pair_info *out, size_t room)
{
    size_t count = 0;
    uint32_t after = 0; /* slots are used again: order of creation is asked for one by one */
    bool first = true;
    while (count < room) {
        const struct ice_pair *next = NULL;
        for (size_t i = 0; i < ice->pair_end; i++) {
            const struct ice_pair *p = &ice->pairs[i];
            if (!p->used || p->old || (!first && p->order <= after)) continue;
            if (!next || p->order < next->order) next = p;
        }
        if (!next) break;
        first = false;
        after = next->order;
        fill_info(ice, next, &out[count++]);
    }
    return count;
}

size_t ice_pair_count(const struct ice *ice)
{
    size_t count = 0;
    for (size_t i = 0; i < ice->pair_end; i++) count += ice->pairs[i].used && !ice->pairs[i].old;
    return count;
}

static size_t local_candidates(const struct ice *ice, struct ice_candidate_info *out, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < ice->local_count && count < room; i++) {
        const struct ice_local *l = &ice->locals[i];
        out[count++] = (struct ice_candidate_info){
            .type = (enum candidate_type)l->type, .addr = l->addr, .priority = l->priority};
    }
    return count;
}

size_t ice_candidates(const struct ice *ice, bool remote, struct ice_candidate_info *out,
                      size_t room)
{
    size_t count = 0;
    if (!remote) return local_candidates(ice, out, room);
    for (size_t i = 0; i < ICE_REMOTE_SLOTS && count < room; i++) {
        const struct ice_remote *r = &ice->remotes[i];
        if (!r->used || r->old) continue;
        struct ice_candidate_info *info = &out[count++];
        *info = (struct ice_candidate_info){
            .type = (enum candidate_type)r->type, .addr = r->addr, .priority = r->priority};
        if (r->name != NONE) memcpy(info->name, ice->names[r->name].text, sizeof info->name);
    }
    return count;
}

bool ice_selected_info(const struct ice *ice, struct ice_pair_info *out)
{
    if (ice->selected == NONE) return false;
    fill_info(ice, &ice->pairs[ice->selected], out);
    return true;
}

const struct ice_counters *ice_counters(const struct ice *ice)
{
    return &ice->counters;
}
