/* Local candidates: host, server reflexive, and those that answers to checks reveal. RFC 8445
 * §5.1.1, §7.2.5.3.1; end-of-candidates: RFC 8838 §13. */
#include "ice/internal.h"

#include <stdio.h>
#include <string.h>

int gather_find_socket(const struct ice *ice, const struct addr *base)
{
    for (size_t i = 0; i < ice->socket_count; i++)
        if (addr_equal(&ice->sockets[i].base, base)) return (int)i;
    return NONE;
}

static int find_local(const struct ice *ice, size_t socket, const struct addr *addr)
{
    for (size_t i = 0; i < ice->local_count; i++)
        if (ice->locals[i].socket == socket && addr_equal(&ice->locals[i].addr, addr))
            return (int)i;
    return NONE;
}

static bool is_mapped(const struct ice *ice, size_t local)
{
    for (size_t i = 0; i < ice->pair_end; i++)
        if (ice->pairs[i].used && ice->pairs[i].mapped == (int)local) return true;
    return false;
}

/* A new place, or that of an address which a check once taught us and no pair has any more: NATs
 * give new ones as long as a call lives. */
static int free_local(struct ice *ice)
{
    if (ice->local_count < ICE_LOCALS_MAX) return (int)ice->local_count++;
    ice->counters.full++;
    for (size_t i = 0; i < ICE_LOCALS_MAX; i++)
        if (ice->locals[i].type == CANDIDATE_PRFLX && !is_mapped(ice, i)) return (int)i;
    return NONE;
}

static int add_local(struct ice *ice, const struct ice_local *value)
{
    int local = free_local(ice);
    if (local != NONE) ice->locals[local] = *value;
    return local;
}

void gather_announce(struct ice *ice, size_t local)
{
    ice->locals[local].announced = true;
    ice_note(ice, ICE_CANDIDATE, local);
}

/* RFC 8445 §5.1.2.1: unique for each candidate of a type. Order of arrival; behind all others the
 * link-local addresses, and behind those loopback, which reaches nobody but ourselves. Each
 * socket has one number for each STUN server. */
static uint16_t preference(const struct ice *ice, const struct addr *base)
{
    uint32_t top = addr_is_loopback(base) ? 255 : addr_is_link_local(base) ? 32767 : 65535;
    return (uint16_t)(top - ice->socket_count * ICE_STUN_SERVERS_MAX);
}

uint32_t gather_prflx_priority(const struct ice *ice, size_t socket)
{
    return candidate_priority(CANDIDATE_PRFLX, ice->sockets[socket].preference, 1);
}

/* A loopback or link-local socket can't reach a server outside its own scope. */
static bool may_ask(const struct addr *base, const struct addr *server)
{
    return base->family == server->family && addr_is_loopback(base) == addr_is_loopback(server) &&
           addr_is_link_local(base) == addr_is_link_local(server);
}

static void ask_servers(struct ice *ice, size_t socket)
{
    for (size_t s = 0; s < ice->server_count; s++) {
        if (!may_ask(&ice->sockets[socket].base, &ice->servers[s])) continue;
        if (ice->gather_count == ICE_GATHERS_MAX) {
            ice->counters.full++;
            return;
        }
        struct ice_gather *g = &ice->gathers[ice->gather_count++];
        *g = (struct ice_gather){.socket = (uint8_t)socket, .server = (uint8_t)s, .running = true};
        rng_fill(&ice->rng, g->id, sizeof g->id);
        /* §14.3: RTO = MAX(500 ms, Ta * candidates) */
        usec rto = usec_max(STUN_RTO, ice->ta * (usec)ice->gather_count);
        stun_txn_start_limited(&g->txn, rto, ICE_GATHER_RC, ice->now);
    }
}

bool gather_from_socket(struct ice *ice, size_t socket)
{
    struct ice_socket *s = &ice->sockets[socket];
    s->preference = preference(ice, &s->base);
    s->foundation = (uint8_t)socket;
    for (size_t i = 0; i < socket; i++)
        if (addr_equal_ip(&ice->sockets[i].base, &s->base)) {
            s->foundation = ice->sockets[i].foundation;
            break;
        }
    struct ice_local host = {.addr = s->base,
                             .type = CANDIDATE_HOST,
                             .socket = (uint8_t)socket,
                             .priority = candidate_priority(CANDIDATE_HOST, s->preference, 1)};
    int local = add_local(ice, &host);
    if (local == NONE) return false;
    gather_announce(ice, (size_t)local);
    ask_servers(ice, socket);
    return true;
}

/* What we can be reached at, if the remote side may be believed: one address of that family. */
static bool plausible(const struct addr *base, const struct addr *mapped)
{
    return mapped->family == base->family && mapped->port != 0 && !addr_is_any(mapped) &&
           !addr_is_multicast(mapped);
}

int gather_mapped(struct ice *ice, size_t socket, const struct addr *mapped)
{
    int known = find_local(ice, socket, mapped);
    if (known != NONE || !plausible(&ice->sockets[socket].base, mapped)) return known;
    struct ice_local prflx = {.addr = *mapped,
                              .type = CANDIDATE_PRFLX,
                              .socket = (uint8_t)socket,
                              .priority = gather_prflx_priority(ice, socket)};
    return add_local(ice, &prflx);
}

struct ice_gather *gather_find(struct ice *ice, struct bytes id)
{
    for (size_t i = 0; i < ice->gather_count; i++) {
        struct ice_gather *g = &ice->gathers[i];
        if (g->running && bytes_equal(id, (struct bytes){g->id, sizeof g->id})) return g;
    }
    return NULL;
}

static void learn_srflx(struct ice *ice, const struct ice_gather *g, const struct addr *mapped)
{
    const struct ice_socket *s = &ice->sockets[g->socket];
    int known = find_local(ice, g->socket, mapped);
    if (known != NONE || !plausible(&s->base, mapped)) {
        /* §5.1.3: redundant with one of the same base, except that a check taught it to us. */
        if (known == NONE || ice->locals[known].type != CANDIDATE_PRFLX) return;
    }
    uint16_t local_preference = (uint16_t)(s->preference - g->server);
    struct ice_local srflx = {.addr = *mapped,
                              .type = CANDIDATE_SRFLX,
                              .socket = g->socket,
                              .server = g->server,
                              .priority = candidate_priority(CANDIDATE_SRFLX, local_preference, 1)};
    if (known == NONE)
        known = add_local(ice, &srflx);
    else
        ice->locals[known] = srflx;
    if (known != NONE) gather_announce(ice, (size_t)known);
}

enum err gather_response(struct ice *ice, struct ice_gather *g, const struct stun_msg *m,
                         const struct route *route)
{
    struct addr mapped;
    if (!addr_equal(&route->remote, &ice->servers[g->server]) ||
        !addr_equal(&route->local, &ice->sockets[g->socket].base))
        return ice_refuse(ice, E_STATE, &ice->counters.bad_route,
                          "an answer from elsewhere than it was asked (RFC 8445 7.2.5.2.1)");
    /* RFC 8445 §7.3 has no ALTERNATE-SERVER: an error ends the question, whatever it says. */
    bool success = stun_class(m) == STUN_SUCCESS;
    if (success && !stun_get_addr(m, STUN_XOR_MAPPED_ADDRESS, &mapped))
        return ice_refuse(ice, E_MALFORMED, &ice->counters.bad_message,
                          "no XOR-MAPPED-ADDRESS (RFC 8489 6.3.3)");
    g->running = false;
    ice->counters.responses_received++;
    if (success) learn_srflx(ice, g, &mapped);
    return OK;
}

bool gather_running(const struct ice *ice)
{
    for (size_t i = 0; i < ice->gather_count; i++)
        if (ice->gathers[i].running) return true;
    return false;
}

void gather_tick(struct ice *ice)
{
    for (size_t i = 0; i < ice->gather_count; i++) {
        struct ice_gather *g = &ice->gathers[i];
        if (g->running && stun_txn_expired(&g->txn, ice->now)) g->running = false;
    }
    if (ice->sockets_done && !ice->end_announced && !gather_running(ice)) {
        ice->end_announced = true;
        ice_note(ice, ICE_END_OF_CANDIDATES, 0);
    }
}

usec gather_due(const struct ice *ice)
{
    usec due = TIME_NEVER;
    for (size_t i = 0; i < ice->gather_count; i++)
        if (ice->gathers[i].running) due = usec_min(due, stun_txn_deadline(&ice->gathers[i].txn));
    return due;
}

bool gather_output(struct ice *ice, struct packet *out)
{
    for (size_t i = 0; i < ice->gather_count; i++) {
        struct ice_gather *g = &ice->gathers[i];
        if (!g->running || !stun_txn_due(&g->txn, ice->now)) continue;
        packet_reset(out);
        struct writer w = packet_writer(out);
        stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){g->id, sizeof g->id});
        stun_put_fingerprint(&w);
        out->len = writer_done(&w).len;
        out->route.local = ice->sockets[g->socket].base;
        out->route.remote = ice->servers[g->server];
        ice->counters.server_requests_sent++;
        return true;
    }
    return false;
}

void gather_candidate(const struct ice *ice, size_t local, struct candidate *c)
{
    const struct ice_local *l = &ice->locals[local];
    const struct ice_socket *s = &ice->sockets[l->socket];
    *c = (struct candidate){.type = (enum candidate_type)l->type,
                            .component = 1,
                            .priority = l->priority,
                            .addr = l->addr,
                            .generation = -1,
                            .network_id = -1};
    if (l->type != CANDIDATE_HOST) c->related = s->base;
    /* §5.1.1.3: the same for the same type, base address and server. */
    unsigned foundation = 1u + s->foundation;
    if (l->type == CANDIDATE_SRFLX) foundation += ICE_SOCKETS_MAX * (1u + l->server);
    snprintf(c->foundation, sizeof c->foundation, "%u", foundation);
    bytes_to_text(bytes_of(ice->creds.ufrag), c->ufrag, sizeof c->ufrag);
}
