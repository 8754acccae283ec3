#include "apps/simrogue.h"

#include <stdio.h>

#include "apps/simcall.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

#define EVERY MS(30)

void simrogue_init(struct simrogue *r, uint64_t seed)
{
    *r = (struct simrogue){.next = 0};
    rng_init_number(&r->rng, seed ^ 0x4076e);
}

usec simrogue_deadline(const struct simrogue *r)
{
    return r->next;
}

/* Candidates by the dozen, most of them of third parties who never asked for checks. */
static void flood(struct simrogue *r, struct peer *a, usec now)
{
    for (int i = 0; i < 10; i++) {
        char text[128];
        int len =
            snprintf(text, sizeof text, "candidate:%u 1 udp %u 198.51.100.%u %u typ host",
                     (unsigned)rng_below(&r->rng, 1000), (unsigned)rng_u32(&r->rng) >> 1,
                     (unsigned)rng_below(&r->rng, 256), 1 + (unsigned)rng_below(&r->rng, 65535));
        if (len > 0) peer_add_candidate(a, bytes_of(text), bytes_of(""), now);
    }
}

/* B is the rogue: the packet goes out as one of its. */
static void inject(const struct simnet *net, const struct packet *p)
{
    sim_world_inject(net->world, net->host[SIDE_B], p);
}

/* A check with the right password: another role, nominating, from a port where nobody is. */
static void check(struct simrogue *r, struct simcall *call)
{
    const struct simcall_side *a = simcall_side(call, SIDE_A), *b = simcall_side(call, SIDE_B);
    struct bytes to = ice_local_ufrag(peer_ice(a->peer)), from = ice_local_ufrag(peer_ice(b->peer));
    struct packet p;
    struct route route;
    struct stun_key key;
    uint8_t id[12];
    char username[2 * ICE_UFRAG_MAX + 2];
    if (!ice_selected(peer_ice(b->peer), &route)) return;
    packet_reset(&p);
    p.route = route;
    if (rng_below(&r->rng, 2)) p.route.local.port = (uint16_t)(1024 + rng_below(&r->rng, 60000));
    rng_fill(&r->rng, id, sizeof id);
    snprintf(username, sizeof username, "%.*s:%.*s", (int)to.len, (const char *)to.at,
             (int)from.len, (const char *)from.at);
    struct writer w = packet_writer(&p);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){id, sizeof id});
    stun_put_text(&w, STUN_USERNAME, username);
    stun_put_u32(&w, STUN_PRIORITY, rng_u32(&r->rng));
    if (rng_below(&r->rng, 2)) stun_put_flag(&w, STUN_USE_CANDIDATE);
    stun_put_u64(&w, rng_below(&r->rng, 2) ? STUN_ICE_CONTROLLING : STUN_ICE_CONTROLLED,
                 rng_u64(&r->rng));
    stun_key_short_term(&key, ice_local_pwd(peer_ice(a->peer)));
    stun_put_integrity(&w, &key);
    stun_put_fingerprint(&w);
    p.len = writer_done(&w).len;
    inject(simcall_net(call), &p);
}

/* DTLS or SRTP that does not authenticate, from the address that A trusts. */
static void rubbish(struct simrogue *r, struct simcall *call)
{
    const struct simcall_side *b = simcall_side(call, SIDE_B);
    struct packet p;
    struct route route;
    uint8_t body[80];
    if (!ice_selected(peer_ice(b->peer), &route)) return;
    packet_reset(&p);
    p.route = route;
    rng_fill(&r->rng, body, sizeof body);
    body[0] = rng_below(&r->rng, 2) ? (uint8_t)(20 + rng_below(&r->rng, 6)) : 0x80;
    packet_set(&p, (struct bytes){body, 1 + rng_below(&r->rng, sizeof body)});
    inject(simcall_net(call), &p);
}

/* A new offer that is not one, and an answer that nobody asked for. */
static void describe(struct simrogue *r, struct peer *a, usec now)
{
    static const char *const texts[] = {
        "", "v=0\r\n", "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"};
    struct bytes text = bytes_of(texts[rng_below(&r->rng, COUNT(texts))]), answer;
    if (rng_below(&r->rng, 2))
        peer_answer(a, text, &answer, now);
    else
        peer_set_answer(a, text, now);
}

void simrogue_act(struct simrogue *r, struct simcall *call, usec now)
{
    const struct simcall_side *a = simcall_side(call, SIDE_A);
    const struct simnet *net = simcall_net(call);
    r->next = now + EVERY;
    switch (rng_below(&r->rng, 8)) {
    case 0: flood(r, a->peer, now); break;
    case 1: describe(r, a->peer, now); break;
    case 2:
    case 3: rubbish(r, call); break;
    default: check(r, call); break;
    }
    sim_world_woken(net->world, net->host[SIDE_A]);
}
