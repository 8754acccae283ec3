/* Two ICE agents in one process find a way to each other. RFC 8445 §2. Notice that an agent acts
 * only when one of its five verbs is called (input, tick, output, event, deadline): here main() is
 * the network, in memory, and the clock, a number. So each run is over at once, and the same. */
#include <stdio.h>

#include "ice/agent.h"
#include "stun/attribute.h"

#define DELAY MS(20) /* of every datagram */
#define ROOM  64     /* datagrams under way */

struct net {
    usec now;
    struct ice *ice[2];
    struct flight {
        usec at; /* when it arrives */
        int to;
        struct packet packet;
    } flights[ROOM];
    size_t first, count;
};

/* One line for a check or its answer (RFC 8445 §7.2, §7.3). */
static void tell(const struct net *net, int from, const struct packet *p, bool lost)
{
    struct stun_msg m;
    char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
    if (stun_parse(&m, packet_bytes(p)) != OK) return;
    printf("%3d ms  %c  %-17s > %-17s  %s%s%s\n", (int)(net->now / MS(1)), 'A' + from,
           addr_text(&p->route.local, local), addr_text(&p->route.remote, remote),
           stun_class(&m) == STUN_REQUEST ? "check" : "answer",
           stun_has(&m, STUN_USE_CANDIDATE) ? ", nominates" : "", lost ? ", lost" : "");
}

/* What one sends from `local` to `remote` the other gets at `remote` from `local`. A's private
 * address leads nowhere, as that of most hosts behind a NAT. */
static void carry(struct net *net, int from, const struct packet *p)
{
    bool lost = net->count == ROOM || p->route.local.ip[0] == 10 || p->route.remote.ip[0] == 10;
    tell(net, from, p, lost);
    if (lost) return;
    struct flight *f = &net->flights[(net->first + net->count++) % ROOM];
    f->at = net->now + DELAY;
    f->to = 1 - from;
    packet_copy(&f->packet, p);
    f->packet.route = (struct route){.local = p->route.remote, .remote = p->route.local};
}

/* After every call: take out what is to be sent and what has happened, until both are dry. */
static void drain(struct net *net, int side)
{
    struct packet out;
    struct ice_event ev;
    while (ice_output(net->ice[side], &out, net->now)) carry(net, side, &out);
    while (ice_event(net->ice[side], &ev))
        if (ev.type == ICE_CANDIDATE) /* signaling would carry it (RFC 8838) */
            ice_add_remote(net->ice[1 - side], &ev.as.candidate, net->now);
}

int main(void)
{
    struct net net = {0};
    const struct addr sockets[] = {addr_ipv4(10, 0, 0, 1, 1000), addr_ipv4(192, 0, 2, 1, 1001),
                                   addr_ipv4(198, 51, 100, 2, 2000)};
    for (int i = 0; i < 2; i++) {
        struct ice_config cfg = {.controlling = i == 0}; /* A offers (§6.1.1) */
        rng_init_number(&cfg.rng, (uint64_t)i);          /* no secret! Programs: net/seed.h */
        net.ice[i] = ice_new(&cfg);
        if (!net.ice[i]) return 1; /* no memory */
    }
    for (int i = 0; i < 2; i++) /* and these (RFC 8839 §5.4) */
        ice_set_remote(net.ice[i], ice_local_ufrag(net.ice[1 - i]), ice_local_pwd(net.ice[1 - i]),
                       false, net.now);
    for (size_t i = 0; i < COUNT(sockets); i++)
        ice_add_socket(net.ice[i / 2], &sockets[i], net.now);
    while (net.now < SEC(60) && (ice_state(net.ice[0]) != ICE_STATE_COMPLETED ||
                                 ice_state(net.ice[1]) != ICE_STATE_COMPLETED)) {
        for (int i = 0; i < 2; i++) drain(&net, i);
        usec due = usec_min(ice_deadline(net.ice[0]), ice_deadline(net.ice[1]));
        struct flight *f = &net.flights[net.first];
        net.now = net.count ? usec_min(due, f->at) : due;
        if (net.count && f->at == net.now) {
            ice_input(net.ice[f->to], &f->packet, net.now);
            net.first = (net.first + 1) % ROOM, net.count--;
        }
        for (int i = 0; i < 2; i++) ice_tick(net.ice[i], net.now);
    }
    for (int i = 0; i < 2; i++) {
        struct route route;
        if (ice_selected(net.ice[i], &route)) {
            char local[ADDR_TEXT_MAX], remote[ADDR_TEXT_MAX];
            printf("%c has selected %s > %s\n", 'A' + i, addr_text(&route.local, local),
                   addr_text(&route.remote, remote));
        }
        ice_free(net.ice[i]);
    }
    return 0;
}
