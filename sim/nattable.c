#include "sim/nattable.h"

#define NOWHERE UINT16_MAX

_Static_assert((SIM_NAT_MAPPINGS_MAX & (SIM_NAT_MAPPINGS_MAX - 1)) == 0 &&
                   (SIM_NAT_SESSIONS_MAX & (SIM_NAT_SESSIONS_MAX - 1)) == 0,
               "as many chains as entries, and a mask to find them");
_Static_assert(SIM_NAT_MAPPINGS_MAX < NOWHERE && SIM_NAT_SESSIONS_MAX < NOWHERE,
               "entries are numbered in 16 bits");

/* ---- the shelf: free entries, and those in use from the oldest to the newest ---- */

static void shelf_clear(struct sim_nat_shelf *s)
{
    s->oldest = s->newest = s->free = NOWHERE;
    s->fresh = s->count = 0;
}

static void shelf_append(struct sim_nat_shelf *s, uint16_t id, usec now)
{
    s->ages[id] = (struct sim_nat_age){now, s->newest, NOWHERE};
    if (s->newest == NOWHERE)
        s->oldest = id;
    else
        s->ages[s->newest].newer = id;
    s->newest = id;
}

static void shelf_unlink(struct sim_nat_shelf *s, uint16_t id)
{
    struct sim_nat_age age = s->ages[id];
    if (age.older == NOWHERE)
        s->oldest = age.newer;
    else
        s->ages[age.older].newer = age.newer;
    if (age.newer == NOWHERE)
        s->newest = age.older;
    else
        s->ages[age.newer].older = age.older;
}

static uint16_t shelf_take(struct sim_nat_shelf *s, usec now)
{
    uint16_t id = s->free;
    if (s->count == s->room) return NOWHERE;
    if (id == NOWHERE)
        id = s->fresh++;
    else
        s->free = s->ages[id].newer;
    s->count++;
    shelf_append(s, id, now);
    return id;
}

static void shelf_give_back(struct sim_nat_shelf *s, uint16_t id)
{
    shelf_unlink(s, id);
    s->ages[id].newer = s->free;
    s->free = id;
    s->count--;
}

static void shelf_renew(struct sim_nat_shelf *s, uint16_t id, usec now)
{
    shelf_unlink(s, id);
    shelf_append(s, id, now);
}

/* The oldest, if it was renewed `expiry` ago or earlier. */
static uint16_t shelf_expired(const struct sim_nat_shelf *s, usec expiry, usec now)
{
    if (s->oldest == NOWHERE || now - s->ages[s->oldest].renewed < expiry) return NOWHERE;
    return s->oldest;
}

/* ---- the chains ---- */

/* Which chain a key is in decides nothing but speed. The scope is left out, as in addr_equal. */
static uint32_t mix(uint32_t hash, const struct addr *a)
{
    uint64_t ip[2];
    memcpy(ip, a->ip, sizeof ip);
    uint64_t x = (ip[0] ^ hash) * 0x9E3779B97F4A7C15u;
    x = (x ^ ip[1] ^ x >> 32 ^ a->port) * 0xC2B2AE3D27D4EB4Fu;
    return (uint32_t)(x >> 32);
}

static void chains_clear(struct sim_nat_chains *c)
{
    memset(c->heads, 0xFF, (c->mask + 1) * sizeof *c->heads); /* each is NOWHERE */
}

static void chain_add(struct sim_nat_chains *c, uint32_t hash, uint16_t id)
{
    uint16_t *head = &c->heads[hash & c->mask];
    c->next[id] = *head;
    *head = id;
}

static void chain_remove(struct sim_nat_chains *c, uint32_t hash, uint16_t id)
{
    uint16_t *at = &c->heads[hash & c->mask];
    while (*at != id) at = &c->next[*at];
    *at = c->next[id];
}

static uint32_t hash_inside(const struct addr *inside, const struct addr *remote)
{
    return mix(mix(1, inside), remote);
}

static uint32_t hash_session(uint64_t serial, const struct addr *remote)
{
    return mix((uint32_t)serial, remote);
}

/* ---- the table ---- */

void sim_nat_table_init(struct sim_nat_table *t, size_t mappings)
{
    t->serial = 0;
    t->mapping_shelf = (struct sim_nat_shelf){.ages = t->mapping_ages, .room = (uint16_t)mappings};
    t->session_shelf =
        (struct sim_nat_shelf){.ages = t->session_ages, .room = SIM_NAT_SESSIONS_MAX};
    t->by_inside =
        (struct sim_nat_chains){t->inside_heads, t->inside_next, SIM_NAT_MAPPINGS_MAX - 1};
    t->by_outside =
        (struct sim_nat_chains){t->outside_heads, t->outside_next, SIM_NAT_MAPPINGS_MAX - 1};
    t->by_session =
        (struct sim_nat_chains){t->session_heads, t->session_next, SIM_NAT_SESSIONS_MAX - 1};
    sim_nat_table_clear(t);
}

void sim_nat_table_clear(struct sim_nat_table *t)
{
    shelf_clear(&t->mapping_shelf);
    shelf_clear(&t->session_shelf);
    chains_clear(&t->by_inside);
    chains_clear(&t->by_outside);
    chains_clear(&t->by_session);
}

size_t sim_nat_table_expire(struct sim_nat_table *t, usec expiry, usec now)
{
    uint16_t id;
    while ((id = shelf_expired(&t->session_shelf, expiry, now)) != NOWHERE) {
        const struct sim_nat_session *s = &t->sessions[id];
        chain_remove(&t->by_session, hash_session(s->serial, &s->remote), id);
        shelf_give_back(&t->session_shelf, id);
    }
    size_t gone = 0;
    while ((id = shelf_expired(&t->mapping_shelf, expiry, now)) != NOWHERE) {
        const struct sim_nat_mapping *m = &t->mappings[id];
        chain_remove(&t->by_inside, hash_inside(&m->inside, &m->remote), id);
        chain_remove(&t->by_outside, mix(1, &m->outside), id);
        shelf_give_back(&t->mapping_shelf, id);
        gone++;
    }
    return gone;
}

struct sim_nat_mapping *sim_nat_by_inside(struct sim_nat_table *t, const struct addr *inside,
                                          const struct addr *remote)
{
    const struct sim_nat_chains *c = &t->by_inside;
    uint16_t id = c->heads[hash_inside(inside, remote) & c->mask];
    for (; id != NOWHERE; id = c->next[id]) {
        struct sim_nat_mapping *m = &t->mappings[id];
        if (addr_equal(&m->inside, inside) && addr_equal(&m->remote, remote)) return m;
    }
    return NULL;
}

struct sim_nat_mapping *sim_nat_by_outside(struct sim_nat_table *t, const struct addr *outside)
{
    const struct sim_nat_chains *c = &t->by_outside;
    uint16_t id = c->heads[mix(1, outside) & c->mask];
    for (; id != NOWHERE; id = c->next[id])
        if (addr_equal(&t->mappings[id].outside, outside)) return &t->mappings[id];
    return NULL;
}

struct sim_nat_session *sim_nat_session_find(struct sim_nat_table *t,
                                             const struct sim_nat_mapping *m,
                                             const struct addr *remote)
{
    const struct sim_nat_chains *c = &t->by_session;
    uint16_t id = c->heads[hash_session(m->serial, remote) & c->mask];
    for (; id != NOWHERE; id = c->next[id]) {
        struct sim_nat_session *s = &t->sessions[id];
        if (s->serial == m->serial && addr_equal(&s->remote, remote)) return s;
    }
    return NULL;
}

struct sim_nat_mapping *sim_nat_mapping_add(struct sim_nat_table *t, const struct addr *inside,
                                            const struct addr *remote, const struct addr *outside,
                                            usec now)
{
    uint16_t id = shelf_take(&t->mapping_shelf, now);
    if (id == NOWHERE) return NULL;
    t->mappings[id] = (struct sim_nat_mapping){*inside, *remote, *outside, t->serial++};
    chain_add(&t->by_inside, hash_inside(inside, remote), id);
    chain_add(&t->by_outside, mix(1, outside), id);
    return &t->mappings[id];
}

struct sim_nat_session *sim_nat_session_add(struct sim_nat_table *t,
                                            const struct sim_nat_mapping *m,
                                            const struct addr *remote, usec now)
{
    uint16_t id = shelf_take(&t->session_shelf, now);
    if (id == NOWHERE) return NULL;
    t->sessions[id] = (struct sim_nat_session){m->serial, *remote};
    chain_add(&t->by_session, hash_session(m->serial, remote), id);
    return &t->sessions[id];
}

void sim_nat_mapping_renew(struct sim_nat_table *t, const struct sim_nat_mapping *m, usec now)
{
    shelf_renew(&t->mapping_shelf, (uint16_t)(m - t->mappings), now);
}

void sim_nat_session_renew(struct sim_nat_table *t, const struct sim_nat_session *s, usec now)
{
    shelf_renew(&t->session_shelf, (uint16_t)(s - t->sessions), now);
}
