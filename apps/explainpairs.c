#include "apps/explainpairs.h"

#include <stdlib.h>

#include "stun/attribute.h"
#include "stun/message.h"

/* Places of the table: twice as many as pairs, so that a search soon finds a free one. */
#define PLACES ((size_t)2 * EXPLAINPAIRS_MAX)

struct pair {
    bool used;
    struct addr ends[2];
    uint64_t who[2]; /* at either end */
};

struct explainpairs {
    size_t count;
    struct pair pairs[PLACES];
};

struct explainpairs *explainpairs_new(void)
{
    return calloc(1, sizeof(struct explainpairs));
}

void explainpairs_free(struct explainpairs *p)
{
    free(p);
}

/* FNV-1a, 64 bits. Whoever makes two collide has a packet tried in vain, no more. */
static uint64_t hash(struct bytes b)
{
    uint64_t h = 0xCBF29CE484222325;
    for (size_t i = 0; i < b.len; i++) h = (h ^ b.at[i]) * 0x100000001B3;
    return h;
}

static size_t hash_addr(const struct addr *a)
{
    return (size_t)(hash((struct bytes){a->ip, sizeof a->ip}) + a->port * 0x9E3779B1u);
}

/* Is it the pair, seen from this end or from the other? */
static bool is_pair(const struct pair *p, const struct addr *from, const struct addr *to,
                    size_t *first)
{
    for (*first = 0; *first < 2; (*first)++)
        if (addr_equal(&p->ends[*first], from) && addr_equal(&p->ends[1 - *first], to)) return true;
    return false;
}

/* Where a pair is, or the free place where it would be. */
static size_t place_of(const struct explainpairs *p, const struct addr *from, const struct addr *to,
                       size_t *first)
{
    size_t i = (hash_addr(from) + hash_addr(to)) % PLACES; /* the same from both ends */
    while (p->pairs[i].used && !is_pair(&p->pairs[i], from, to, first)) i = (i + 1) % PLACES;
    return i;
}

/* "theirs:ours", as the sender sees it. False: no such USERNAME. */
static bool split(struct bytes username, struct explainpair *who)
{
    for (size_t i = 0; i < username.len; i++) {
        if (username.at[i] != ':') continue;
        who->to = hash(bytes_slice(username, 0, i));
        who->from = hash(bytes_slice(username, i + 1, username.len));
        return true;
    }
    return false;
}

void explainpairs_learn(struct explainpairs *p, const struct addr *from, const struct addr *to,
                        struct bytes message)
{
    struct stun_msg m;
    struct bytes username;
    struct explainpair who;
    size_t first = 0;
    if (stun_parse(&m, message) != OK || stun_class(&m) != STUN_REQUEST ||
        !stun_find(&m, STUN_USERNAME, &username) || !split(username, &who))
        return;
    struct pair *pair = &p->pairs[place_of(p, from, to, &first)];
    if (!pair->used) {
        if (p->count == EXPLAINPAIRS_MAX) return;
        p->count++;
        *pair = (struct pair){.used = true, .ends = {*from, *to}};
        first = 0;
    }
    pair->who[first] = who.from;
    pair->who[1 - first] = who.to;
}

struct explainpair explainpairs_find(const struct explainpairs *p, const struct addr *from,
                                     const struct addr *to)
{
    size_t first = 0;
    const struct pair *pair = &p->pairs[place_of(p, from, to, &first)];
    if (!pair->used) return (struct explainpair){0, 0};
    return (struct explainpair){pair->who[first], pair->who[1 - first]};
}
