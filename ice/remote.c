/* Remote candidates: signaled, asked by multicast, or learned from checks. RFC 8445 §5.3,
 * §7.3.1.3; RFC 8838 §11. */
#include "ice/internal.h"

#include <string.h>

int remote_find(const struct ice *ice, const struct addr *addr)
{
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        const struct ice_remote *r = &ice->remotes[i];
        if (r->used && !r->old && addr_equal(&r->addr, addr)) return (int)i;
    }
    return NONE;
}

bool remote_unresolved(const struct ice *ice)
{
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        const struct ice_remote *r = &ice->remotes[i];
        if (r->used && !r->old && r->name != NONE && !ice->names[r->name].done) return true;
    }
    return false;
}

void remote_forget(struct ice *ice, size_t remote)
{
    for (size_t i = 0; i < ice->pair_end; i++)
        if (ice->pairs[i].used && ice->pairs[i].remote == remote) pair_remove(ice, i);
    ice->remotes[remote] = (struct ice_remote){0};
}

static struct ice_foundation foundation_of(const struct candidate *c)
{
    struct ice_foundation f;
    uint8_t digest[SHA1_LEN];
    digest_sha1(bytes_of(c->foundation), digest);
    memcpy(f.digest, digest, sizeof f.digest);
    return f;
}

/* RFC 8445 §5.1.1.3: candidates with the same foundation freeze and unfreeze together. */
static void set_foundation(struct ice *ice, size_t remote, struct ice_foundation foundation)
{
    static const struct ice_foundation its_own = {{0}};
    struct ice_remote *r = &ice->remotes[remote];
    r->group = (uint8_t)remote;
    r->foundation = foundation;
    if (memcmp(&foundation, &its_own, sizeof foundation) == 0) return;
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        const struct ice_remote *other = &ice->remotes[i];
        if (i == remote || !other->used || other->old) continue;
        if (memcmp(&other->foundation, &foundation, sizeof foundation) == 0) {
            r->group = other->group;
            return;
        }
    }
}

static int free_slot(struct ice *ice)
{
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++)
        if (!ice->remotes[i].used) return (int)i;
    return NONE;
}

static int take_slot(struct ice *ice, const struct ice_remote *value)
{
    int slot = free_slot(ice);
    if (slot == NONE) return NONE;
    ice->remotes[slot] = *value;
    ice->remotes[slot].used = true;
    set_foundation(ice, (size_t)slot, value->foundation);
    return slot;
}

static bool in_use(const struct ice *ice, size_t remote)
{
    for (size_t i = 0; i < ice->pair_end; i++) {
        const struct ice_pair *p = &ice->pairs[i];
        if (!p->used || p->remote != remote) continue;
        if ((int)i == ice->selected || consent_alive(p, ice->now)) return true;
    }
    return false;
}

/* Room for one more peer-reflexive candidate: the one that was silent longest gives way. */
static bool make_room(struct ice *ice)
{
    size_t count = 0;
    int idlest = NONE;
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        const struct ice_remote *r = &ice->remotes[i];
        if (!r->used || r->old || r->type != CANDIDATE_PRFLX) continue;
        count++;
        if (in_use(ice, i)) continue;
        if (idlest == NONE || r->seen < ice->remotes[idlest].seen) idlest = (int)i;
    }
    if (count < ICE_PRFLX_MAX) return true;
    ice->counters.full++;
    if (idlest == NONE) return false;
    remote_forget(ice, (size_t)idlest);
    return true;
}

int remote_learn(struct ice *ice, const struct addr *addr, uint32_t priority)
{
    int known = remote_find(ice, addr);
    if (known == NONE) {
        if (!make_room(ice)) return NONE;
        /* §7.3.1.3: the priority is the check's, the foundation differs from all others. */
        struct ice_remote r = {
            .addr = *addr, .priority = priority, .type = CANDIDATE_PRFLX, .name = NONE};
        known = take_slot(ice, &r);
    }
    if (known != NONE) ice->remotes[known].seen = ice->now;
    return known;
}

/* A candidate that was learned from a check: signaling now tells its true type, priority and
 * foundation (§7.3.1.3). */
static void update(struct ice *ice, size_t known, const struct ice_remote *told)
{
    struct ice_remote *r = &ice->remotes[known];
    r->type = told->type;
    r->priority = told->priority;
    set_foundation(ice, known, told->foundation);
    pairs_reprioritize(ice);
    pairs_of_remote(ice, known);
}

/* A signaled candidate; if its address is known, it is no other. */
static enum err add_value(struct ice *ice, const struct ice_remote *r)
{
    int known = r->addr.family == ADDR_NONE ? NONE : remote_find(ice, &r->addr);
    if (known != NONE && ice->remotes[known].type != CANDIDATE_PRFLX) return OK;
    if (ice->signaled_count >= ICE_REMOTES_MAX)
        return ice_refuse(ice, E_FULL, &ice->counters.full, "100 remote candidates are kept");
    if (known != NONE) {
        update(ice, (size_t)known, r);
    } else {
        int slot = take_slot(ice, r);
        if (slot == NONE)
            return ice_refuse(ice, E_FULL, &ice->counters.full, "100 remote candidates are kept");
        if (r->addr.family != ADDR_NONE) pairs_of_remote(ice, (size_t)slot);
    }
    ice->signaled_count++;
    return OK;
}

/* One candidate behind a name, with one of its addresses: RFC 8839 has no address in it. */
static void instantiate(struct ice *ice, const struct ice_remote *waiting, const struct addr *a)
{
    struct ice_remote r = *waiting;
    r.addr = *a;
    r.addr.port = waiting->addr.port;
    r.name = NONE;
    add_value(ice, &r);
}

static int find_name(const struct ice *ice, const char *text)
{
    for (size_t i = 0; i < ice->name_count; i++)
        if (bytes_is_nocase(bytes_of(ice->names[i].text), text)) return (int)i;
    return NONE;
}

/* A name is asked once a generation, unless it has answered. */
static void ask_name(struct ice *ice, size_t name)
{
    struct ice_name *n = &ice->names[name];
    if (n->asked) return;
    n->asked = true;
    n->done = false;
    ice_note(ice, ICE_RESOLVE, name);
}

void remote_restart_names(struct ice *ice)
{
    for (size_t i = 0; i < ice->name_count; i++) {
        struct ice_name *n = &ice->names[i];
        n->asked = !n->done; /* the answer is still to come */
        for (size_t k = 0; k < ICE_FAMILY_COUNT; k++)
            if (n->answer[k].family != ADDR_NONE) n->asked = true;
    }
}

/* Is the candidate with this name and port known? */
static bool waits(const struct ice *ice, int name, uint16_t port)
{
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        const struct ice_remote *r = &ice->remotes[i];
        if (r->used && !r->old && r->name == name && r->addr.port == port) return true;
    }
    return false;
}

static enum err add_named(struct ice *ice, const struct candidate *c)
{
    struct ice_counters *count = &ice->counters;
    /* RFC 8839 §5.1: names MUST be ignored; the mDNS candidates draft takes `.local` out of that,
     * and nothing else: asking DNS would tell a stranger where we are. */
    if (!candidate_is_local_name(c->name))
        return ice_refuse(ice, E_UNSUPPORTED, &count->ignored_name,
                          "a host name that is not .local is never resolved");
    int name = find_name(ice, c->name);
    if (name == NONE && ice->name_count == ICE_NAMES_MAX)
        return ice_refuse(ice, E_FULL, &count->full, "10 names are asked in a call");
    if (name == NONE) {
        name = (int)ice->name_count++;
        bytes_to_text(bytes_of(c->name), ice->names[name].text, sizeof ice->names[name].text);
    }
    ask_name(ice, (size_t)name);
    if (waits(ice, name, c->addr.port)) return OK;
    struct ice_remote r = {.priority = c->priority,
                           .type = (uint8_t)c->type,
                           .name = (int8_t)name,
                           .foundation = foundation_of(c),
                           .addr = {.port = c->addr.port}};
    enum err err = add_value(ice, &r);
    if (err != OK) return err;
    for (size_t i = 0; i < ICE_FAMILY_COUNT; i++)
        if (ice->names[name].answer[i].family != ADDR_NONE)
            instantiate(ice, &r, &ice->names[name].answer[i]);
    return OK;
}

enum err remote_add(struct ice *ice, const struct candidate *c)
{
    struct ice_counters *count = &ice->counters;
    if (!ice->creds.known)
        return ice_refuse(ice, E_STATE, &count->ignored_generation,
                          "a candidate before the remote credentials");
    if (c->ufrag[0] && strcmp(c->ufrag, ice->creds.remote_ufrag) != 0)
        return ice_refuse(ice, E_STATE, &count->ignored_generation,
                          "a candidate of another generation (RFC 8840 4.1)");
    if (c->protocol != CANDIDATE_UDP)
        return ice_refuse(ice, E_UNSUPPORTED, &count->ignored_tcp, "TCP candidates are not used");
    if (c->component != 1)
        return ice_refuse(ice, E_UNSUPPORTED, &count->ignored_component,
                          "with rtcp-mux there is only component 1 (RFC 8445 5.1.1.1)");
    if (c->addr.port == 0)
        return ice_refuse(ice, E_MALFORMED, &count->ignored_address, "port 0 can't be reached");
    if (c->addr.family == ADDR_NONE) return add_named(ice, c);
    if (addr_is_any(&c->addr) || addr_is_multicast(&c->addr))
        return ice_refuse(ice, E_MALFORMED, &count->ignored_address,
                          "not the address of one host (RFC 8445 5.1.1.1)");
    struct ice_remote r = {.addr = c->addr,
                           .priority = c->priority,
                           .type = (uint8_t)c->type,
                           .name = NONE,
                           .foundation = foundation_of(c)};
    return add_value(ice, &r);
}

enum err remote_resolved(struct ice *ice, const char *text, const struct addr *a)
{
    int name = find_name(ice, text);
    if (name == NONE)
        return ice_refuse(ice, E_STATE, NULL, "an answer for a name that was not asked");
    struct ice_name *n = &ice->names[name];
    n->done = true;
    if (!a) return OK;
    if (addr_is_any(a) || addr_is_multicast(a))
        return ice_refuse(ice, E_MALFORMED, &ice->counters.ignored_address,
                          "not the address of one host (RFC 8445 5.1.1.1)");
    size_t family = a->family == ADDR_IPV6;
    if (n->answer[family].family != ADDR_NONE) return OK; /* the first answer holds */
    n->answer[family] = *a;
    for (size_t i = 0; i < ICE_REMOTE_SLOTS; i++) {
        struct ice_remote waiting = ice->remotes[i];
        if (waiting.used && !waiting.old && waiting.name == name) instantiate(ice, &waiting, a);
    }
    return OK;
}
