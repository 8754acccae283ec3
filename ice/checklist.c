/* Candidate pairs: forming, priority, states, order. RFC 8445 §6.1.2, RFC 8838 §12. */
#include "ice/internal.h"

bool pair_before(const struct ice_pair *a, const struct ice_pair *b)
{
    if (a->priority != b->priority) return a->priority > b->priority;
    return a->order < b->order;
}

bool pair_undecided(const struct ice_pair *p)
{
    return p->state == PAIR_FROZEN || p->state == PAIR_WAITING || p->state == PAIR_IN_PROGRESS;
}

struct route pair_route(const struct ice *ice, const struct ice_pair *p)
{
    struct route route = {.local = ice->sockets[p->socket].base,
                          .remote = ice->remotes[p->remote].addr};
    /* A signaled link-local address has no zone; ours is the one that can reach it. */
    if (route.remote.scope == 0 && addr_is_link_local(&route.remote))
        route.remote.scope = route.local.scope;
    return route;
}

const struct ice_credentials *pair_creds(const struct ice *ice, const struct ice_pair *p)
{
    return p->old ? &ice->old_creds : &ice->creds;
}

/* §6.1.2.3: 2^32 * MIN(G,D) + 2 * MAX(G,D) + (G > D ? 1 : 0), G the controlling side's. */
static uint64_t priority(const struct ice *ice, const struct ice_pair *p)
{
    uint64_t ours = candidate_priority(CANDIDATE_HOST, ice->sockets[p->socket].preference, 1);
    uint64_t theirs = ice->remotes[p->remote].priority;
    uint64_t g = ice->controlling ? ours : theirs, d = ice->controlling ? theirs : ours;
    return ((g < d ? g : d) << 32) + 2 * (g > d ? g : d) + (g > d);
}

void pairs_reprioritize(struct ice *ice)
{
    for (size_t i = 0; i < ice->pair_end; i++)
        if (ice->pairs[i].used) ice->pairs[i].priority = priority(ice, &ice->pairs[i]);
}

int pair_find(const struct ice *ice, size_t socket, size_t remote)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (p->used && p->socket == socket && p->remote == remote) return (int)i;
    }
    return NONE;
}

int pair_of_route(const struct ice *ice, const struct route *route)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (p->used && p->valid && addr_equal(&ice->remotes[p->remote].addr, &route->remote) &&
            addr_equal(&ice->sockets[p->socket].base, &route->local))
            return (int)i;
    }
    return NONE;
}

/* §5.1.1.3, §6.1.2.6: the foundation of a pair is both candidates'. */
static bool same_foundation(const struct ice *ice, const struct ice_pair *a,
                            const struct ice_pair *b)
{
    return ice->sockets[a->socket].foundation == ice->sockets[b->socket].foundation &&
           ice->remotes[a->remote].group == ice->remotes[b->remote].group && a->old == b->old;
}

/* RFC 8838 §12: on top of its foundation, or with a successful pair in it: Waiting; else Frozen. */
static enum pair_state first_state(const struct ice *ice, const struct ice_pair *new)
{
    bool topmost = true;
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p == new || !same_foundation(ice, p, new)) continue;
        if (p->state == PAIR_SUCCEEDED) return PAIR_WAITING;
        if (pair_before(p, new)) topmost = false;
    }
    return topmost ? PAIR_WAITING : PAIR_FROZEN;
}

void pair_remove(struct ice *ice, size_t pair)
{
    check_forget(ice, &ice->pairs[pair]);
    ice->pairs[pair] = (struct ice_pair){0};
    while (ice->pair_end && !ice->pairs[ice->pair_end - 1].used) ice->pair_end--;
    if (ice->selected == (int)pair) ice->selected = NONE;
    if (ice->nominated == (int)pair) ice->nominated = NONE;
    if (ice->nominating == (int)pair) ice->nominating = NONE;
    if (ice->last_nomination == (int)pair) ice->last_nomination = NONE;
}

/* At most 100 pairs. RFC 8838 §10: one that has failed gives way, else one of a lower priority than
 * the new one's. What a check was heard on is inserted in any case (RFC 8445 §7.3.1.4), even in the
 * place of one that is being asked. What is or was in use never gives way: consent that was lost
 * would be forgotten with it (RFC 7675 §5.1). */
static int make_room(struct ice *ice, const struct ice_pair *new, bool heard)
{
    size_t count = 0;
    int empty = NONE, failed = NONE, waiting = NONE, asked = NONE;
    for (size_t i = 0; i < ICE_PAIR_SLOTS; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (!p->used) {
            if (empty == NONE) empty = (int)i;
            continue;
        }
        if (p->old) continue;
        count++;
        if (p->valid || p->dead || (int)i == ice->selected) continue;
        int *lowest = p->state == PAIR_FAILED        ? &failed
                      : p->state == PAIR_IN_PROGRESS ? &asked
                                                     : &waiting;
        if (*lowest == NONE || pair_before(&ice->pairs[*lowest], p)) *lowest = (int)i;
    }
    if (count < ICE_PAIRS_MAX && empty != NONE) return empty;
    ice->counters.full++;
    int gives_way = failed;
    if (gives_way == NONE && waiting != NONE && (heard || pair_before(new, &ice->pairs[waiting])))
        gives_way = waiting;
    if (gives_way == NONE && heard) gives_way = asked;
    if (gives_way != NONE) pair_remove(ice, (size_t)gives_way);
    return gives_way;
}

int pair_add(struct ice *ice, size_t socket, size_t remote, bool heard)
{
    int known = pair_find(ice, socket, remote);
    if (known != NONE) return known;
    struct ice_pair p = {.used = true,
                         .socket = (uint8_t)socket,
                         .remote = (uint8_t)remote,
                         .mapped = NONE,
                         .order = ice->next_order};
    p.priority = priority(ice, &p);
    int slot = make_room(ice, &p, heard);
    if (slot == NONE) return NONE;
    ice->next_order++;
    ice->pairs[slot] = p;
    if (ice->pair_end <= (size_t)slot) ice->pair_end = (size_t)slot + 1;
    ice->pairs[slot].state = (uint8_t)first_state(ice, &ice->pairs[slot]);
    return slot;
}

/* §6.1.2.2: the same family; link-local only with link-local. Our reflexive candidates form no
 * pairs: their base stands for them and its pair is there already (§6.1.2.4). */
static bool may_pair(const struct addr *local, const struct addr *remote)
{
    if (local->family != remote->family) return false;
    return local->family == ADDR_IPV4 || addr_is_link_local(local) == addr_is_link_local(remote);
}

void pairs_of_remote(struct ice *ice, size_t remote)
{
    for (size_t s = 0; s < ice->socket_count; s++)
        if (may_pair(&ice->sockets[s].base, &ice->remotes[remote].addr))
            pair_add(ice, s, remote, false);
}

void pairs_of_socket(struct ice *ice, size_t socket)
{
    for (size_t r = 0; r < ICE_REMOTE_SLOTS; r++) {
        const struct ice_remote *remote = &ice->remotes[r];
        /* §7.3.1.3: a peer-reflexive one is paired only with the base that heard it. */
        if (!remote->used || remote->old || remote->type == CANDIDATE_PRFLX) continue;
        if (may_pair(&ice->sockets[socket].base, &remote->addr)) pair_add(ice, socket, r, false);
    }
}

void pair_trigger(struct ice *ice, struct ice_pair *p)
{
    if (p->dead || p->old) return;
    if (p->trigger == 0) p->trigger = ++ice->next_trigger;
    if (p->state == PAIR_FROZEN || p->state == PAIR_FAILED) p->state = PAIR_WAITING;
}

struct ice_pair *pairs_next_triggered(struct ice *ice)
{
    struct ice_pair *first = NULL;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (p->used && p->trigger && (!first || p->trigger < first->trigger)) first = p;
    }
    return first;
}

static bool foundation_busy(const struct ice *ice, const struct ice_pair *frozen)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (p->used && (p->state == PAIR_WAITING || p->state == PAIR_IN_PROGRESS) &&
            same_foundation(ice, p, frozen))
            return true;
    }
    return false;
}

struct ice_pair *pairs_next_waiting(struct ice *ice)
{
    struct ice_pair *best = NULL, *frozen = NULL;
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->old) continue;
        if (p->state == PAIR_WAITING && (!best || pair_before(p, best))) best = p;
    }
    if (best) return best;
    /* §6.1.4.2: nothing waits: the best frozen pair whose foundation is idle is unfrozen. */
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->old || p->state != PAIR_FROZEN || foundation_busy(ice, p)) continue;
        if (!frozen || pair_before(p, frozen)) frozen = p;
    }
    return frozen;
}

void pairs_unfreeze_like(struct ice *ice, const struct ice_pair *p)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        struct ice_pair *other = &ice->pairs[i];
        if (other->used && other->state == PAIR_FROZEN && same_foundation(ice, other, p))
            other->state = PAIR_WAITING;
    }
}
