#include "apps/simnet.h"

#include "sim/hostclock.h"

#define STUN_PORT 3478

/* ---- The peer as a machine ---- */

static enum err peer_machine_input(void *self, struct packet *in, usec now)
{
    hostclock_set(now);
    return peer_input(self, in, now);
}

static void peer_machine_tick(void *self, usec now)
{
    hostclock_set(now);
    peer_tick(self, now);
}

static bool peer_machine_output(void *self, struct packet *out, usec now)
{
    hostclock_set(now);
    return peer_output(self, out, now);
}

static bool peer_machine_event(void *self)
{
    struct peer_event ev;
    return peer_event(self, &ev);
}

static usec peer_machine_deadline(const void *self)
{
    return peer_deadline(self);
}

static const struct machine peer_machine = {"peer",
                                            peer_machine_input,
                                            peer_machine_tick,
                                            peer_machine_output,
                                            peer_machine_event,
                                            peer_machine_deadline};

/* ---- Addresses ---- */

/* Does the public network see another IPv4 address than the side's own? Of two NATs in a row one
 * that translates is enough. */
static bool is_translated(const struct scenario *s, int side)
{
    for (size_t i = 0; i < s->nat_count[side]; i++)
        if (s->nat[side][i].mapping != SIM_NAT_NONE) return true;
    return false;
}

struct addr simnet_address(const struct scenario *s, int side, bool ipv6)
{
    struct addr a;
    if (ipv6) {
        addr_parse_ip(bytes_of(side == SIDE_A ? "2001:db8:a::2" : "2001:db8:b::2"), &a);
        a.port = (uint16_t)(6000 + side);
        return a;
    }
    if (is_translated(s, side)) return addr_ipv4(10, 0, (uint8_t)side, 2, (uint16_t)(5000 + side));
    return addr_ipv4(side == SIDE_A ? 192 : 198, side == SIDE_A ? 0 : 51, side == SIDE_A ? 2 : 100,
                     (uint8_t)(1 + side), (uint16_t)(5000 + side));
}

struct addr simnet_stun_address(bool ipv6)
{
    struct addr a = addr_ipv4(192, 0, 2, 200, STUN_PORT);
    if (ipv6) addr_parse_ip(bytes_of("2001:db8:5::1"), &a), a.port = STUN_PORT;
    return a;
}

bool simnet_has_family(const struct scenario *s, bool ipv6)
{
    return s->family == FAMILY_BOTH || (s->family == FAMILY_IPV6) == ipv6;
}

/* ---- Building the world ---- */

/* The NATs of a side, from the outermost, which the public network sees, inwards (RFC 6598's
 * addresses are between two in a row). */
static bool add_nats(struct simnet *n, int side)
{
    int outer = SIM_PUBLIC;
    for (size_t i = n->scenario->nat_count[side]; i-- > 0;) {
        struct sim_nat_config cfg = n->scenario->nat[side][i];
        cfg.outside[0] = outer == SIM_PUBLIC ? addr_ipv4(203, 0, 113, (uint8_t)(1 + side), 0)
                                             : addr_ipv4(100, 64, (uint8_t)side, 2, 0);
        cfg.outside[1] = addr_ipv4(203, 0, 113, (uint8_t)(101 + side), 0);
        cfg.outside_count = outer == SIM_PUBLIC ? 2 : 1;
        if (sim_world_add_nat(n->world, &cfg, outer, &n->nat[side][i]) != OK) return false;
        outer = n->nat[side][i];
    }
    return true;
}

static bool add_side(struct simnet *n, int side, struct peer *peer)
{
    static const char *const names[] = {"A", "B"};
    struct sim_link_config link = {.script = &n->scenario->link[side]};
    struct sim_host_config host = {
        .name = names[side], .link = &link, .machine = &peer_machine, .self = peer};
    int network = n->scenario->nat_count[side] > 0 ? n->nat[side][0] : SIM_PUBLIC;
    for (int ipv6 = 0; ipv6 < 2; ipv6++)
        if (simnet_has_family(n->scenario, ipv6))
            host.addresses[host.address_count++] =
                (struct sim_host_address){simnet_address(n->scenario, side, ipv6), network};
    return sim_world_add_host(n->world, &host, &n->host[side]) == OK;
}

static bool add_stun(struct simnet *n)
{
    struct sim_link_config link = {.spec = {.delay = MS(10)}};
    struct sim_host_config host = {.name = "STUN server",
                                   .addresses = {{simnet_stun_address(false), SIM_PUBLIC},
                                                 {simnet_stun_address(true), SIM_PUBLIC}},
                                   .address_count = 2,
                                   .link = &link,
                                   .machine = &simstun_machine,
                                   .self = &n->stun};
    return sim_world_add_host(n->world, &host, &n->stun_host) == OK;
}

/* What a stranger off the path may know: how the two are seen from the public network. */
static bool add_stranger(struct simnet *n)
{
    struct sim_host_config host = {.name = "stranger",
                                   .addresses = {{simstranger_address(), SIM_PUBLIC}},
                                   .address_count = 1,
                                   .spoofs = true,
                                   .machine = &simstranger_machine,
                                   .self = &n->stranger};
    struct addr seen[SIDES];
    for (int i = 0; i < SIDES; i++) {
        seen[i] = simnet_address(n->scenario, i, n->scenario->family == FAMILY_IPV6);
        if (!is_translated(n->scenario, i) || seen[i].family == ADDR_IPV6) continue;
        uint16_t port = seen[i].port;
        seen[i] = addr_ipv4(203, 0, 113, (uint8_t)(1 + i), port);
    }
    simstranger_init(&n->stranger, n->scenario->seed, n->scenario->attack_rate, seen);
    return sim_world_add_host(n->world, &host, &n->stranger_host) == OK;
}

bool simnet_init(struct simnet *n, const struct scenario *scenario, struct peer *const peers[SIDES])
{
    *n = (struct simnet){.scenario = scenario,
                         .world = sim_world_new(scenario->seed),
                         .stun_host = SIM_HOSTS_MAX,
                         .stranger_host = SIM_HOSTS_MAX};
    return n->world && add_nats(n, SIDE_A) && add_nats(n, SIDE_B) &&
           add_side(n, SIDE_A, peers[SIDE_A]) && add_side(n, SIDE_B, peers[SIDE_B]) &&
           (!scenario->stun || add_stun(n)) &&
           (scenario->attack != ATTACK_OFF_PATH || add_stranger(n));
}

void simnet_free(struct simnet *n)
{
    sim_world_free(n->world);
}

void simnet_rebind(struct simnet *n, int side)
{
    size_t outermost = n->scenario->nat_count[side] - 1;
    sim_nat_rebind(sim_world_nat(n->world, n->nat[side][outermost]), SIM_NAT_NEW_PORTS);
}

/* ---- Who is where ---- */

const char *simnet_host_name(const struct simnet *n, size_t host)
{
    for (int i = 0; i < SIDES; i++)
        if (n->host[i] == host) return i == SIDE_A ? "A" : "B";
    if (host == n->stun_host) return "STUN server";
    if (host == n->stranger_host) return "stranger";
    return "?";
}

int simnet_side_of(const struct simnet *n, size_t host)
{
    for (int i = 0; i < SIDES; i++)
        if (n->host[i] == host) return i;
    return SIDES;
}

const struct simstranger *simnet_stranger(const struct simnet *n)
{
    return n->stranger_host != SIM_HOSTS_MAX ? &n->stranger : NULL;
}

bool simnet_is_stranger(const struct simnet *n, size_t host)
{
    return host < SIM_HOSTS_MAX && host == n->stranger_host;
}

size_t simnet_whose(const struct simnet *n, const struct addr *addr)
{
    for (int ipv6 = 0; ipv6 < 2; ipv6++) {
        struct addr a = simnet_stun_address(ipv6);
        if (n->stun_host != SIM_HOSTS_MAX && addr_equal(&a, addr)) return n->stun_host;
        for (int i = 0; i < SIDES; i++) {
            a = simnet_address(n->scenario, i, ipv6);
            a.port = addr->port;
            if (addr_equal(&a, addr)) return n->host[i];
        }
    }
    for (int i = 0; i < SIDES; i++)
        for (size_t k = 0; k < n->scenario->nat_count[i]; k++)
            if (sim_nat_owns(sim_world_nat(n->world, n->nat[i][k]), addr)) return n->host[i];
    struct addr stranger = simstranger_address();
    stranger.port = addr->port;
    return addr_equal(&stranger, addr) ? n->stranger_host : SIM_HOSTS_MAX;
}
