/* A network for a for loop: agents, the packets under way between their sockets, loss, NATs and
 * a clock that jumps to whatever is due next. */
#ifndef DUET_TESTS_ICE_NET_H
#define DUET_TESTS_ICE_NET_H

#include "ice/agent.h"
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/suite.h"

#define NET_PACKETS 4096
#define NET_SIDES   2

struct net_packet {
    usec at; /* arrival; TIME_NEVER: free */
    int from, to;
    uint64_t order;
    struct packet packet;
};

struct net_side {
    struct ice *ice;
    enum ice_state state;
    bool connected_once, end_of_candidates;
    usec connected_at, completed_at;
    struct route selected;
    unsigned selections, candidates, resolves;
    struct candidate candidate[64];
    char asked[ICE_NAME_MAX + 1];
    uint64_t packets_sent;
    struct addr nat; /* family: all that leaves has this source, and comes back through it */
    struct addr inside;
};

struct net;
/* What happens to a packet: true: it is lost. May change it. */
typedef bool (*net_filter)(struct net *net, int from, struct packet *packet);

struct net {
    usec now, delay;
    struct net_side side[NET_SIDES];
    struct net_packet *packets;
    uint64_t order;
    unsigned loss; /* percent */
    struct rng rng;
    net_filter filter;
    bool trickle; /* candidates go to the other side, `delay` later in effect at once */
    void *user;
};

static inline void net_init(struct net *net, uint64_t seed)
{
    *net = (struct net){.delay = MS(5), .trickle = true};
    rng_init_number(&net->rng, seed);
    net->packets = calloc(NET_PACKETS, sizeof *net->packets);
    ck_assert_ptr_nonnull(net->packets);
    for (size_t i = 0; i < NET_PACKETS; i++) net->packets[i].at = TIME_NEVER;
}

static inline void net_agent(struct net *net, int side, bool controlling)
{
    struct ice_config cfg = {.controlling = controlling, .rng = rng_fork(&net->rng)};
    net->side[side].ice = ice_new(&cfg);
    net->side[side].connected_at = net->side[side].completed_at = TIME_NEVER;
    ck_assert_ptr_nonnull(net->side[side].ice);
}

static inline void net_free(struct net *net)
{
    for (int i = 0; i < NET_SIDES; i++) ice_free(net->side[i].ice);
    free(net->packets);
}

static inline struct addr net_addr(const char *text)
{
    struct addr a;
    ck_assert_msg(addr_parse(bytes_of(text), &a), "%s", text);
    return a;
}

/* Puts a packet on its way to `to`. */
static inline void net_post(struct net *net, int from, int to, const struct packet *p)
{
    for (size_t i = 0; i < NET_PACKETS; i++) {
        struct net_packet *free_one = &net->packets[i];
        if (free_one->at != TIME_NEVER) continue;
        free_one->at = net->now + net->delay;
        free_one->from = from, free_one->to = to;
        free_one->order = net->order++;
        packet_copy(&free_one->packet, p);
        return;
    }
    ck_abort_msg("the network is full: somebody sends without end");
}

static inline void net_send(struct net *net, int from, struct packet *p)
{
    struct net_side *s = &net->side[from];
    s->packets_sent++;
    if (net->filter && net->filter(net, from, p)) return;
    if (net->loss && rng_below(&net->rng, 100) < net->loss) return;
    /* What one side sends from `local` to `remote`, the other gets at `remote` from `local`. */
    struct packet mirrored;
    packet_copy(&mirrored, p);
    mirrored.route.local = p->route.remote;
    mirrored.route.remote = p->route.local;
    if (s->nat.family) s->inside = p->route.local, mirrored.route.remote = s->nat;
    struct net_side *other = &net->side[1 - from];
    if (other->nat.family) {
        if (!addr_equal(&p->route.remote, &other->nat)) return; /* nothing else reaches it */
        mirrored.route.local = other->inside;
    }
    net_post(net, from, 1 - from, &mirrored);
}

static inline void net_signal(struct net *net, int from, const struct candidate *c)
{
    struct net_side *other = &net->side[1 - from];
    char text[ICE_CANDIDATE_TEXT_MAX];
    struct writer w = writer_of(text, sizeof text);
    struct candidate parsed;
    candidate_write(&w, c);
    ck_assert_int_eq(candidate_parse(&parsed, writer_done(&w), NULL), OK);
    ice_add_remote(other->ice, &parsed, net->now);
}

/* Takes out all events and packets of one side, as a driver must after every call. */
static inline void net_drain(struct net *net, int side)
{
    struct net_side *s = &net->side[side];
    struct ice_event ev;
    struct packet p;
    for (bool more = true; more;) {
        more = false;
        while (ice_event(s->ice, &ev)) {
            more = true;
            switch (ev.type) {
            case ICE_STATE:
                s->state = ev.as.state;
                if (ev.as.state == ICE_STATE_CONNECTED || ev.as.state == ICE_STATE_COMPLETED)
                    s->connected_once = true, s->connected_at = usec_min(s->connected_at, net->now);
                if (ev.as.state == ICE_STATE_COMPLETED)
                    s->completed_at = usec_min(s->completed_at, net->now);
                break;
            case ICE_CANDIDATE:
                ck_assert_uint_lt(s->candidates, COUNT(s->candidate));
                s->candidate[s->candidates++] = ev.as.candidate;
                if (net->trickle) net_signal(net, side, &ev.as.candidate);
                break;
            case ICE_END_OF_CANDIDATES: s->end_of_candidates = true; break;
            case ICE_SELECTED:
                s->selected = ev.as.route;
                s->selections++;
                break;
            case ICE_RESOLVE:
                memcpy(s->asked, ev.as.name, sizeof s->asked);
                s->resolves++;
                break;
            }
        }
        for (unsigned n = 0; ice_output(s->ice, &p, net->now); n++) {
            ck_assert_msg(n < 64, "output does not end");
            net_send(net, side, &p);
            more = true;
        }
    }
}

static inline struct net_packet *net_next(struct net *net)
{
    struct net_packet *next = NULL;
    for (size_t i = 0; i < NET_PACKETS; i++) {
        struct net_packet *p = &net->packets[i];
        if (p->at == TIME_NEVER) continue;
        if (!next || p->at < next->at || (p->at == next->at && p->order < next->order)) next = p;
    }
    return next;
}

/* Runs until nothing is due before `until`. */
static inline void net_run(struct net *net, usec until)
{
    for (int i = 0; i < NET_SIDES; i++) net_drain(net, i);
    for (;;) {
        struct net_packet *next = net_next(net);
        usec at = next ? next->at : TIME_NEVER;
        for (int i = 0; i < NET_SIDES; i++) at = usec_min(at, ice_deadline(net->side[i].ice));
        if (at > until) break;
        ck_assert_int_ge(at, net->now);
        net->now = at;
        if (next && next->at == at) {
            ice_input(net->side[next->to].ice, &next->packet, net->now);
            next->at = TIME_NEVER;
        }
        for (int i = 0; i < NET_SIDES; i++) {
            ice_tick(net->side[i].ice, net->now);
            net_drain(net, i);
            ck_assert_msg(ice_deadline(net->side[i].ice) > net->now, "the deadline stands still");
        }
    }
    net->now = until;
}

/* Hands one side's credentials to the other. */
static inline void net_describe(struct net *net, int from)
{
    const struct ice *ice = net->side[from].ice;
    ck_assert_int_eq(ice_set_remote(net->side[1 - from].ice, ice_local_ufrag(ice),
                                    ice_local_pwd(ice), false, net->now),
                     OK);
}

static inline void net_socket(struct net *net, int side, const char *base)
{
    struct addr a = net_addr(base);
    ck_assert_int_eq(ice_add_socket(net->side[side].ice, &a, net->now), OK);
}

/* Two agents with one address each, 0 controlling, descriptions exchanged. */
static inline void net_pair(struct net *net, uint64_t seed, bool controlling0, bool controlling1)
{
    net_init(net, seed);
    net_agent(net, 0, controlling0);
    net_agent(net, 1, controlling1);
    net_describe(net, 0);
    net_describe(net, 1);
    net_socket(net, 0, "192.0.2.1:1000");
    net_socket(net, 1, "192.0.2.2:2000");
    for (int i = 0; i < NET_SIDES; i++) ice_sockets_done(net->side[i].ice, net->now);
}

#endif
