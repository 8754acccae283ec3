#include "sim/nat.h"

#include <stdlib.h>

#include "sim/nattable.h"

struct sim_nat {
    struct sim_nat_config cfg; /* its zeros replaced by what they stand for */
    usec now;                  /* the latest that was told */
    size_t outside;            /* which of the outside addresses is in use */
    uint32_t shift;            /* SIM_NAT_PORTS_PRESERVED: how far from the inside port */
    uint32_t next;             /* SIM_NAT_PORTS_SEQUENTIAL: the next port's place */
    struct sim_nat_counters counters;
    struct fault fault;
    struct sim_nat_table table;
};

struct sim_nat *sim_nat_new(const struct sim_nat_config *cfg)
{
    struct sim_nat *nat = malloc(sizeof *nat);
    if (!nat) return NULL;
    nat->cfg = *cfg;
    struct sim_nat_config *c = &nat->cfg;
    if (c->expiry <= 0) c->expiry = SIM_NAT_EXPIRY;
    if (c->port_count == 0 || c->port_count > SIM_NAT_PORT_COUNT)
        c->port_count = SIM_NAT_PORT_COUNT;
    if (c->mapping_count == 0 || c->mapping_count > SIM_NAT_MAPPINGS_MAX)
        c->mapping_count = SIM_NAT_MAPPINGS_MAX;
    if (c->outside_count > SIM_NAT_OUTSIDE_MAX) c->outside_count = SIM_NAT_OUTSIDE_MAX;
    nat->now = 0;
    nat->outside = 0;
    nat->shift = nat->next = 0;
    nat->counters = (struct sim_nat_counters){0};
    nat->fault = (struct fault){0};
    sim_nat_table_init(&nat->table, c->mapping_count);
    return nat;
}

void sim_nat_free(struct sim_nat *nat)
{
    free(nat);
}

/* Time goes on; what is too old is gone before anything looks for it. */
static void advance(struct sim_nat *nat, usec now)
{
    nat->now = usec_max(nat->now, now);
    nat->fault = (struct fault){0};
    nat->counters.expired += sim_nat_table_expire(&nat->table, nat->cfg.expiry, nat->now);
}

static enum err drop(struct sim_nat *nat, enum err err, uint64_t *counter, const char *rule)
{
    ++*counter;
    nat->fault = (struct fault){.err = err, .layer = "nat", .rule = rule};
    return err;
}

/* What no mapping and no filter decides. */
static enum err check(struct sim_nat *nat, const struct route *route)
{
    if (nat->cfg.blocked) return drop(nat, E_UNSUPPORTED, &nat->counters.blocked, "UDP is blocked");
    if (route->local.family == ADDR_NONE || route->local.family != route->remote.family)
        return drop(nat, E_MALFORMED, &nat->counters.malformed,
                    "source and destination are not of one family");
    return OK;
}

/* Neither translates nor filters: nothing to remember. */
static bool transparent(const struct sim_nat *nat, uint8_t family)
{
    return !sim_nat_translates(nat, family) && nat->cfg.filtering == SIM_NAT_NONE;
}

/* As much of a remote address as a behaviour depends on. */
static struct addr seen_by(enum sim_nat_behaviour behaviour, const struct addr *remote)
{
    struct addr seen = {0};
    if (behaviour < SIM_NAT_ADDRESS_DEPENDENT) return seen;
    seen = *remote;
    if (behaviour == SIM_NAT_ADDRESS_DEPENDENT) seen.port = 0;
    return seen;
}

/* ---- mappings ---- */

/* Where among the ports the search begins: RFC 4787 §4.2.1. */
static uint32_t first_place(struct sim_nat *nat, uint16_t inside_port)
{
    uint32_t count = nat->cfg.port_count;
    switch (nat->cfg.ports) {
    case SIM_NAT_PORTS_SEQUENTIAL: return nat->next;
    case SIM_NAT_PORTS_RANDOM: return rng_below(&nat->cfg.rng, count);
    case SIM_NAT_PORTS_PRESERVED: break;
    }
    /* One that is not among those given out is moved among them. */
    uint32_t place = inside_port + 65536u - SIM_NAT_PORT_MIN;
    return (place % 65536u + nat->shift) % count;
}

/* Gives `outside` the first free port. No more than SIM_NAT_MAPPINGS_MAX can be taken, so that the
 * search is short. */
static bool assign_port(struct sim_nat *nat, uint16_t inside_port, struct addr *outside)
{
    uint32_t count = nat->cfg.port_count, place = first_place(nat, inside_port);
    for (uint32_t i = 0; i < count && i <= SIM_NAT_MAPPINGS_MAX; i++) {
        outside->port = (uint16_t)(SIM_NAT_PORT_MIN + place);
        place = (place + 1) % count;
        if (sim_nat_by_outside(&nat->table, outside)) continue;
        if (nat->cfg.ports == SIM_NAT_PORTS_SEQUENTIAL) nat->next = place;
        return true;
    }
    return false;
}

/* How `inside` is seen outside from now on. */
static enum err outside_for(struct sim_nat *nat, const struct addr *inside, struct addr *outside)
{
    *outside = *inside;
    if (!sim_nat_translates(nat, inside->family)) return OK;
    if (nat->cfg.outside_count == 0 || nat->cfg.outside[nat->outside].family != ADDR_IPV4)
        return drop(nat, E_UNSUPPORTED, &nat->counters.no_address,
                    "there is no outside address to be seen with");
    *outside = nat->cfg.outside[nat->outside];
    if (!assign_port(nat, inside->port, outside))
        return drop(nat, E_FULL, &nat->counters.no_port,
                    "no outside port is free (RFC 4787 4.2.1)");
    return OK;
}

/* The mapping of a packet from inside: the one that is there, or a new one. RFC 4787 §4.1. */
static enum err map(struct sim_nat *nat, const struct route *route, struct sim_nat_mapping **m)
{
    struct sim_nat_table *t = &nat->table;
    const struct addr *inside = &route->local;
    struct addr remote = {0}, outside;
    if (sim_nat_translates(nat, inside->family)) remote = seen_by(nat->cfg.mapping, &route->remote);
    *m = sim_nat_by_inside(t, inside, &remote);
    if (*m) return OK;
    enum err err = outside_for(nat, inside, &outside);
    if (err != OK) return err;
    *m = sim_nat_mapping_add(t, inside, &remote, &outside, nat->now);
    if (!*m) return drop(nat, E_FULL, &nat->counters.full, "every mapping is taken");
    nat->counters.mappings++;
    return OK;
}

/* ---- the filter ---- */

/* NONE and ENDPOINT_INDEPENDENT ask for no more than the mapping. */
static bool filters(const struct sim_nat *nat)
{
    return nat->cfg.filtering >= SIM_NAT_ADDRESS_DEPENDENT;
}

/* A packet went out to `remote`: it opens the filter, and may renew. RFC 4787 §4.3, §5. */
static enum err went_out(struct sim_nat *nat, const struct sim_nat_mapping *m,
                         const struct addr *remote)
{
    struct sim_nat_table *t = &nat->table;
    bool renews =
        nat->cfg.refresh == SIM_NAT_REFRESH_OUTBOUND || nat->cfg.refresh == SIM_NAT_REFRESH_BOTH;
    if (renews) sim_nat_mapping_renew(t, m, nat->now);
    if (!filters(nat)) return OK;
    struct addr seen = seen_by(nat->cfg.filtering, remote);
    const struct sim_nat_session *s = sim_nat_session_find(t, m, &seen);
    if (s && renews) sim_nat_session_renew(t, s, nat->now);
    if (!s && !sim_nat_session_add(t, m, &seen, nat->now))
        return drop(nat, E_FULL, &nat->counters.full, "every session is taken");
    return OK;
}

/* A packet from `source` wants in at `outside`: may it, and where to? RFC 4787 §5. */
static enum err enter(struct sim_nat *nat, const struct addr *source, const struct addr *outside,
                      struct addr *inside)
{
    struct sim_nat_table *t = &nat->table;
    const struct sim_nat_mapping *m = sim_nat_by_outside(t, outside);
    if (!m)
        return drop(nat, E_STATE, &nat->counters.unmapped,
                    "nothing is mapped to the destination (RFC 4787 4.1)");
    struct addr seen = seen_by(nat->cfg.filtering, source);
    const struct sim_nat_session *s = filters(nat) ? sim_nat_session_find(t, m, &seen) : NULL;
    if (filters(nat) && !s)
        return drop(nat, E_STATE, &nat->counters.filtered,
                    "nothing was sent to the source from there (RFC 4787 5)");
    if (nat->cfg.refresh == SIM_NAT_REFRESH_INBOUND || nat->cfg.refresh == SIM_NAT_REFRESH_BOTH) {
        sim_nat_mapping_renew(t, m, nat->now);
        if (s) sim_nat_session_renew(t, s, nat->now);
    }
    *inside = m->inside;
    return OK;
}

/* ---- packets ---- */

enum err sim_nat_outbound(struct sim_nat *nat, struct packet *p, bool *turned, usec now)
{
    *turned = false;
    advance(nat, now);
    enum err err = check(nat, &p->route);
    if (err != OK) return err;
    uint8_t family = p->route.local.family;
    bool ours = sim_nat_translates(nat, family) && sim_nat_owns(nat, &p->route.remote);
    if (ours && !nat->cfg.hairpin)
        return drop(nat, E_UNSUPPORTED, &nat->counters.no_hairpin,
                    "the destination is our own address (RFC 4787 6: hairpinning)");
    struct route route = p->route;
    if (!transparent(nat, family)) {
        struct sim_nat_mapping *m;
        err = map(nat, &p->route, &m);
        if (err == OK) err = went_out(nat, m, &p->route.remote);
        if (err != OK) return err;
        route.local = m->outside;
    }
    /* RFC 4787 §6, REQ-9: a packet turned round has its outside source address. */
    if (ours) err = enter(nat, &route.local, &p->route.remote, &route.remote);
    if (err != OK) return err;
    *turned = ours;
    ++*(ours ? &nat->counters.turned : &nat->counters.out);
    p->route = route;
    return OK;
}

enum err sim_nat_inbound(struct sim_nat *nat, struct packet *p, usec now)
{
    advance(nat, now);
    enum err err = check(nat, &p->route);
    if (err == OK && !transparent(nat, p->route.local.family)) {
        struct addr outside = p->route.remote;
        err = enter(nat, &p->route.local, &outside, &p->route.remote);
    }
    if (err == OK) nat->counters.in++;
    return err;
}

/* ---- the rest ---- */

bool sim_nat_owns(const struct sim_nat *nat, const struct addr *address)
{
    for (size_t i = 0; i < nat->cfg.outside_count; i++)
        if (addr_equal_ip(&nat->cfg.outside[i], address)) return true;
    return false;
}

bool sim_nat_translates(const struct sim_nat *nat, enum addr_family family)
{
    return family == ADDR_IPV4 && nat->cfg.mapping != SIM_NAT_NONE;
}

void sim_nat_rebind(struct sim_nat *nat, enum sim_nat_rebinding how)
{
    sim_nat_table_clear(&nat->table);
    nat->counters.rebindings++;
    uint32_t count = nat->cfg.port_count;
    /* Far from the ports of before, so that what was one's own does not become another's. */
    if (how == SIM_NAT_NEW_PORTS) nat->shift = (nat->shift + count / 3 + 1) % count;
    if (how == SIM_NAT_NEW_ADDRESS && nat->cfg.outside_count)
        nat->outside = (nat->outside + 1) % nat->cfg.outside_count;
}

const struct sim_nat_counters *sim_nat_counters(const struct sim_nat *nat)
{
    return &nat->counters;
}

const struct fault *sim_nat_fault(const struct sim_nat *nat)
{
    return &nat->fault;
}

size_t sim_nat_mappings(struct sim_nat *nat, usec now)
{
    advance(nat, now);
    return nat->table.mapping_shelf.count;
}
