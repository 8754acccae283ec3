#include "apps/laddertalkers.h"

#include <stdio.h>
#include <stdlib.h>

#include "peer/demux.h"
#include "stun/attribute.h"

#define TALKERS_MAX   1024 /* addresses that are counted; what more there are have no lifeline */
#define TALKERS_PART  20   /* who sends and gets less than this part of what the first one does */
#define LANE_COLUMNS  30   /* wide enough for an address above it, and some words on an arrow */
#define LANE_NAME_MAX (ADDR_TEXT_MAX + 32)
#define UFRAG_MAX     64 /* bytes of one that count */

struct talker {
    struct addr addr;
    size_t packets;        /* sent and got; of the first of a party, by all of it */
    struct talker *first;  /* of its party: the addresses of one ICE agent share a lifeline */
    size_t addresses;      /* of the party, if it is the first */
    size_t hosts;          /* of those: 1 if all are of the same IP address */
    char ufrag[UFRAG_MAX]; /* that its checks name it by; "": it checks nothing */
    size_t lane;           /* of the party, if it is the first */
};

struct talkers {
    size_t count;
    struct talker at[TALKERS_MAX];
    char names[LADDER_LANES_MAX][LANE_NAME_MAX]; /* of the lanes */
};

struct talkers *talkers_new(void)
{
    return calloc(1, sizeof(struct talkers));
}

void talkers_free(struct talkers *t)
{
    free(t);
}

/* NULL: it is not counted. */
static const struct talker *talker_of(const struct talkers *all, const struct addr *a)
{
    for (size_t i = 0; i < all->count; i++)
        if (addr_equal(&all->at[i].addr, a)) return &all->at[i];
    return NULL;
}

static struct talker *count_talker(struct talkers *all, const struct addr *a)
{
    if (a->family == ADDR_NONE) return NULL;
    const struct talker *known = talker_of(all, a);
    if (!known && all->count == TALKERS_MAX) return NULL;
    struct talker *talker = &all->at[known ? (size_t)(known - all->at) : all->count++];
    if (!known) *talker = (struct talker){.addr = *a, .lane = LADDER_ELSEWHERE};
    talker->packets++;
    return talker;
}

static void note_ufrag(struct talker *t, struct bytes ufrag)
{
    if (t && !t->ufrag[0]) bytes_to_text(ufrag, t->ufrag, sizeof t->ufrag);
}

/* RFC 8445 §7.2.2: a check's USERNAME is the ufrag of whom it is for, a colon, and the sender's. */
static void note_ufrags(const struct datagram *datagram, struct talker *from, struct talker *to)
{
    struct stun_msg m;
    struct bytes name;
    if (demux_of(datagram->payload) != DEMUX_STUN || stun_parse(&m, datagram->payload) != OK)
        return;
    if (stun_class(&m) != STUN_REQUEST || !stun_find(&m, STUN_USERNAME, &name)) return;
    const uint8_t *colon = name.len ? memchr(name.at, ':', name.len) : NULL;
    if (!colon) return;
    size_t len = (size_t)(colon - name.at);
    note_ufrag(to, bytes_slice(name, 0, len));
    note_ufrag(from, bytes_slice(name, len + 1, name.len));
}

void talkers_hear(struct talkers *t, const struct datagram *datagram)
{
    struct talker *from = count_talker(t, &datagram->from);
    struct talker *to = count_talker(t, &datagram->to);
    if (datagram->kind == DATAGRAM_UDP) note_ufrags(datagram, from, to);
}

/* The party of an address that checks nothing, as the port of a WebSocket: that of its host, if
 * only one of the host's parties is there; NULL: none. */
static struct talker *party_of_host(struct talkers *all, const struct talker *t)
{
    struct talker *party = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct talker *other = &all->at[i];
        if (!other->ufrag[0] || !addr_equal_ip(&other->addr, &t->addr)) continue;
        if (party && party != other->first) return NULL;
        party = other->first;
    }
    return party;
}

/* Addresses with the same ufrag are one party. */
static void join_parties(struct talkers *all)
{
    for (size_t i = 0; i < all->count; i++) {
        struct talker *t = &all->at[i];
        t->first = t;
        for (size_t k = 0; k < i && t->ufrag[0] && t->first == t; k++)
            if (strcmp(all->at[k].ufrag, t->ufrag) == 0) t->first = all->at[k].first;
    }
    for (size_t i = 0; i < all->count; i++) {
        struct talker *t = &all->at[i], *host = t->ufrag[0] ? NULL : party_of_host(all, t);
        if (host) t->first = host;
    }
    for (size_t i = 0; i < all->count; i++) {
        struct talker *t = &all->at[i];
        t->first->addresses++;
        t->first->hosts += t->first == t || !addr_equal_ip(&t->addr, &t->first->addr);
        if (t->first != t) t->first->packets += t->packets;
    }
}

/* The one with the most packets that has no lane yet; NULL: none. */
static struct talker *loudest(struct talkers *all)
{
    struct talker *most = NULL;
    for (size_t i = 0; i < all->count; i++)
        if (all->at[i].lane == LADDER_ELSEWHERE && all->at[i].first == &all->at[i] &&
            (!most || all->at[i].packets > most->packets))
            most = &all->at[i];
    return most;
}

/* "192.0.2.1:5000", "192.0.2.1" of several ports of it, "192.0.2.1:5000 and 2 more" */
static const char *name_of(const struct talker *t, char name[LANE_NAME_MAX])
{
    char text[ADDR_TEXT_MAX];
    bool host = t->addr.port == 0 || (t->addresses > 1 && t->hosts == 1);
    if (host)
        addr_ip_text(&t->addr, text);
    else
        addr_text(&t->addr, text);
    if (!host && t->addresses > 1)
        snprintf(name, LANE_NAME_MAX, "%s and %zu more", text, t->addresses - 1);
    else
        snprintf(name, LANE_NAME_MAX, "%s", text);
    return name;
}

void talkers_choose(struct talkers *all, struct ladder_config *page)
{
    join_parties(all);
    size_t most = page->width / LANE_COLUMNS, first = 0, count = 0;
    if (most < 2) most = 2;
    if (most > LADDER_LANES_MAX) most = LADDER_LANES_MAX;
    for (size_t i = 0; i < most; i++) {
        struct talker *t = loudest(all);
        if (!t || (i >= 2 && t->packets < first / TALKERS_PART)) break;
        if (i == 0) first = t->packets;
        t->lane = 0; /* its number comes below */
    }
    for (size_t i = 0; i < all->count; i++) {
        struct talker *t = &all->at[i];
        if (t->lane == LADDER_ELSEWHERE) continue;
        t->lane = count;
        page->lanes[count].name = name_of(t, all->names[count]);
        count++;
    }
}

size_t talkers_lane(const struct talkers *t, const struct addr *addr)
{
    const struct talker *talker = talker_of(t, addr);
    return talker ? talker->first->lane : LADDER_ELSEWHERE;
}

bool talkers_share(const struct talkers *t, const struct addr *addr)
{
    const struct talker *talker = talker_of(t, addr);
    return talker && talker->first->addresses > 1;
}
