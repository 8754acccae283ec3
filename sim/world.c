#include "sim/world.h"

#include <stdlib.h>
#include <string.h>

/* A machine that never stops sending, or whose deadline does not move on, is a fault of ours that
 * no step would end: so many steps may happen at one time. */
#define STEPS_AT_ONCE 100000

struct host {
    struct sim_host_config cfg;
    struct sim_link *link; /* NULL: perfect */
    usec deadline;         /* of the machine, as it was when last asked */
    bool may_send;         /* it has not said yet that there is nothing to send */
};

struct nat {
    struct sim_nat *nat;
    int outer;
};

struct sim_world {
    usec now;
    struct rng rng;
    struct host hosts[SIM_HOSTS_MAX];
    size_t host_count;
    struct nat nats[SIM_NATS_MAX];
    size_t nat_count;
    size_t steps_now; /* since time last went on */
    bool sending;     /* `packet` was shown as SIM_SENT by `sender`, and goes on its way next */
    size_t sender;
    struct packet packet;
};

struct sim_world *sim_world_new(uint64_t seed)
{
    struct sim_world *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    rng_init_number(&w->rng, seed);
    packet_reset(&w->packet);
    return w;
}

void sim_world_free(struct sim_world *w)
{
    if (!w) return;
    for (size_t i = 0; i < w->host_count; i++) sim_link_free(w->hosts[i].link);
    for (size_t i = 0; i < w->nat_count; i++) sim_nat_free(w->nats[i].nat);
    free(w);
}

static bool is_network(const struct sim_world *w, int network)
{
    return network == SIM_PUBLIC || (network >= 0 && (size_t)network < w->nat_count);
}

enum err sim_world_add_nat(struct sim_world *w, const struct sim_nat_config *cfg, int outer,
                           int *number)
{
    if (w->nat_count == SIM_NATS_MAX) return E_FULL;
    if (!is_network(w, outer)) return E_STATE;
    struct sim_nat_config mine = *cfg;
    mine.rng = rng_fork(&w->rng);
    struct sim_nat *nat = sim_nat_new(&mine);
    if (!nat) return E_NOMEM;
    *number = (int)w->nat_count;
    w->nats[w->nat_count++] = (struct nat){nat, outer};
    return OK;
}

enum err sim_world_add_host(struct sim_world *w, const struct sim_host_config *cfg, size_t *number)
{
    if (w->host_count == SIM_HOSTS_MAX || cfg->address_count > SIM_ADDRESSES_MAX) return E_FULL;
    for (size_t i = 0; i < cfg->address_count; i++)
        if (!is_network(w, cfg->addresses[i].network)) return E_STATE;
    struct host *host = &w->hosts[w->host_count];
    *host = (struct host){.cfg = *cfg, .deadline = TIME_NEVER};
    if (cfg->link) {
        struct sim_link_config link = *cfg->link;
        link.rng = rng_fork(&w->rng);
        host->link = sim_link_new(&link);
        if (!host->link) return E_NOMEM;
    }
    *number = w->host_count++;
    sim_world_woken(w, *number);
    return OK;
}

usec sim_world_now(const struct sim_world *w)
{
    return w->now;
}

struct sim_nat *sim_world_nat(struct sim_world *w, int nat)
{
    return w->nats[nat].nat;
}

struct sim_link *sim_world_link(struct sim_world *w, size_t host)
{
    return w->hosts[host].link;
}

void sim_world_woken(struct sim_world *w, size_t number)
{
    struct host *host = &w->hosts[number];
    if (!host->cfg.machine) return;
    host->may_send = true;
    host->deadline = host->cfg.machine->deadline(host->cfg.self);
}

/* ---- Where a packet goes ---- */

/* The host that has this address in this network; SIM_HOSTS_MAX: none. */
static size_t host_at(const struct sim_world *w, int network, const struct addr *ip)
{
    for (size_t i = 0; i < w->host_count; i++) {
        const struct sim_host_config *cfg = &w->hosts[i].cfg;
        for (size_t k = 0; k < cfg->address_count; k++)
            if (cfg->addresses[k].network == network && addr_equal_ip(&cfg->addresses[k].ip, ip))
                return i;
    }
    return SIM_HOSTS_MAX;
}

/* Is `network` this NAT's, or that of a NAT somewhere behind it? */
static bool is_behind(const struct sim_world *w, int network, int nat)
{
    while (network != SIM_PUBLIC && network != nat) network = w->nats[network].outer;
    return network == nat;
}

/* Has a host behind this NAT the address itself? */
static bool reaches_untranslated(const struct sim_world *w, int nat, const struct addr *ip)
{
    for (int n = 0; (size_t)n < w->nat_count; n++)
        if (is_behind(w, n, nat) && host_at(w, n, ip) != SIM_HOSTS_MAX) return true;
    return false;
}

/* The NAT with its outside in `network` that a packet for `ip` must go through; SIM_PUBLIC: none.
 */
static int nat_towards(const struct sim_world *w, int network, const struct addr *ip)
{
    for (int n = 0; (size_t)n < w->nat_count; n++) {
        if (w->nats[n].outer != network) continue;
        if (sim_nat_owns(w->nats[n].nat, ip)) return n;
        if (!sim_nat_translates(w->nats[n].nat, ip->family) && reaches_untranslated(w, n, ip))
            return n;
    }
    return SIM_PUBLIC;
}

/* Carries a packet through NATs from `network` to the host that it is for; SIM_HOSTS_MAX: it can't
 * get there, `*why` says what stopped it. */
static size_t carry(struct sim_world *w, struct packet *p, int network, const char **why)
{
    for (int hops = 0; hops <= 2 * SIM_NATS_MAX; hops++) {
        size_t to = host_at(w, network, &p->route.remote);
        if (to != SIM_HOSTS_MAX) return to;
        int inward = nat_towards(w, network, &p->route.remote);
        int through = inward != SIM_PUBLIC ? inward : network;
        if (through == SIM_PUBLIC) {
            *why = "nobody has that address";
            return SIM_HOSTS_MAX;
        }
        struct nat *nat = &w->nats[through];
        bool turned = false;
        enum err err = inward != SIM_PUBLIC ? sim_nat_inbound(nat->nat, p, w->now)
                                            : sim_nat_outbound(nat->nat, p, &turned, w->now);
        if (err != OK) {
            *why = sim_nat_fault(nat->nat)->rule;
            return SIM_HOSTS_MAX;
        }
        if (inward != SIM_PUBLIC)
            network = inward;
        else if (!turned)
            network = nat->outer;
    }
    *why = "it went round in circles";
    return SIM_HOSTS_MAX;
}

/* The network that a host sends this packet into. */
static int network_of(const struct host *host, const struct packet *p)
{
    for (size_t i = 0; i < host->cfg.address_count; i++)
        if (addr_equal_ip(&host->cfg.addresses[i].ip, &p->route.local))
            return host->cfg.addresses[i].network;
    return SIM_PUBLIC;
}

static bool may_send_from(const struct host *host, const struct packet *p)
{
    if (host->cfg.spoofs) return true;
    for (size_t i = 0; i < host->cfg.address_count; i++)
        if (addr_equal_ip(&host->cfg.addresses[i].ip, &p->route.local)) return true;
    return false;
}

/* The packet has left the link of `from`. */
static void arrive(struct sim_world *w, size_t from, struct sim_step *step)
{
    const char *why = NULL;
    struct packet *p = &w->packet;
    size_t to = SIM_HOSTS_MAX;
    if (may_send_from(&w->hosts[from], p))
        to = carry(w, p, network_of(&w->hosts[from], p), &why);
    else
        why = "its source is no address of the sender";
    if (to == SIM_HOSTS_MAX) {
        *step = (struct sim_step){SIM_LOST, from, from, p, OK, why};
        return;
    }
    p->route = (struct route){.local = p->route.remote, .remote = p->route.local};
    *step = (struct sim_step){SIM_ARRIVED, to, from, p, OK, NULL};
    const struct host *host = &w->hosts[to];
    if (!host->cfg.machine) return;
    step->err = host->cfg.machine->input(host->cfg.self, p, w->now);
    sim_world_woken(w, to);
}

/* ---- What happens next ---- */

/* Puts the packet that was shown as sent into its host's link. True: something is to be seen. */
static bool send_on(struct sim_world *w, struct sim_step *step)
{
    w->sending = false;
    if (w->packet.len == 0) return false;
    struct sim_link *link = w->hosts[w->sender].link;
    if (!link) {
        arrive(w, w->sender, step);
        return true;
    }
    enum err err = sim_link_input(link, &w->packet, w->now);
    const char *why = sim_link_dropped(link);
    if (!why) return false;
    *step = (struct sim_step){SIM_DROPPED, w->sender, w->sender, &w->packet, err, why};
    return true;
}

/* A packet that a machine has to send. */
static bool take_output(struct sim_world *w, struct sim_step *step)
{
    for (size_t i = 0; i < w->host_count; i++) {
        struct host *host = &w->hosts[i];
        if (!host->may_send) continue;
        packet_reset(&w->packet);
        if (host->cfg.machine->output(host->cfg.self, &w->packet, w->now)) {
            w->sending = true;
            w->sender = i;
            *step = (struct sim_step){SIM_SENT, i, i, &w->packet, OK, NULL};
            return true;
        }
        host->may_send = false;
        host->deadline = host->cfg.machine->deadline(host->cfg.self);
    }
    return false;
}

/* When anything happens next, and where: the links come first, in order of hosts. */
static usec next_at(const struct sim_world *w, size_t *host, bool *is_link)
{
    usec at = TIME_NEVER;
    for (size_t i = 0; i < w->host_count; i++) {
        usec link = w->hosts[i].link ? sim_link_deadline(w->hosts[i].link) : TIME_NEVER;
        if (link < at) at = link, *host = i, *is_link = true;
    }
    for (size_t i = 0; i < w->host_count; i++)
        if (w->hosts[i].deadline < at) at = w->hosts[i].deadline, *host = i, *is_link = false;
    return at;
}

static void advance(struct sim_world *w, usec to)
{
    if (to <= w->now) return;
    w->now = to;
    w->steps_now = 0;
}

bool sim_world_step(struct sim_world *w, usec until, struct sim_step *step)
{
    if (++w->steps_now > STEPS_AT_ONCE) abort();
    if (w->sending && send_on(w, step)) return true;
    for (;;) {
        if (take_output(w, step)) return true;
        size_t i = 0;
        bool is_link = false;
        usec at = next_at(w, &i, &is_link);
        if (at > until) break;
        if (++w->steps_now > STEPS_AT_ONCE) abort();
        advance(w, at);
        struct host *host = &w->hosts[i];
        if (is_link) {
            packet_reset(&w->packet);
            sim_link_tick(host->link, w->now);
            if (!sim_link_output(host->link, &w->packet, w->now)) continue;
            arrive(w, i, step);
            return true;
        }
        host->cfg.machine->tick(host->cfg.self, w->now);
        sim_world_woken(w, i);
        *step = (struct sim_step){SIM_TICKED, i, i, NULL, OK, NULL};
        return true;
    }
    advance(w, until);
    return false;
}

void sim_world_inject(struct sim_world *w, size_t host, const struct packet *packet)
{
    struct sim_link *link = w->hosts[host].link;
    if (link) sim_link_input(link, packet, w->now);
}
