#include "rtp/unseal.h"

#include <stdlib.h>

#include "rtp/sealed.h"

struct ssrc {
    uint32_t number;
    bool known;
    uint64_t highest; /* index: rollover counter and sequence number, RFC 3711 §3.3.1 */
    uint64_t used;    /* by which packet, counted from 1 */
};

struct unseal {
    struct sealed_keys keys;
    uint64_t packets;
    struct ssrc ssrcs[UNSEAL_SSRC_MAX];
};

struct unseal *unseal_new(uint16_t profile, struct bytes key, struct bytes salt)
{
    struct unseal *u = calloc(1, sizeof *u);
    if (u && sealed_keys_init(&u->keys, profile, key, salt)) return u;
    free(u);
    return NULL;
}

void unseal_free(struct unseal *u)
{
    if (!u) return;
    sealed_keys_wipe(&u->keys);
    free(u);
}

static struct ssrc *find_ssrc(struct unseal *u, uint32_t number)
{
    struct ssrc *oldest = &u->ssrcs[0];
    for (size_t i = 0; i < UNSEAL_SSRC_MAX; i++) {
        if (u->ssrcs[i].known && u->ssrcs[i].number == number) return &u->ssrcs[i];
        if (u->ssrcs[i].used < oldest->used) oldest = &u->ssrcs[i];
    }
    return oldest;
}

/* RFC 3711 §3.3.1: the index next to the highest so far with these low 16 bits. */
static uint64_t estimate(const struct ssrc *s, uint32_t number, uint16_t seq)
{
    if (!s->known || s->number != number) return seq;
    uint64_t roc = s->highest >> 16, last = s->highest & 0xFFFF;
    if (last < 0x8000 && seq > last + 0x8000 && roc > 0) roc--;
    if (last >= 0x8000 && seq < last - 0x8000) roc++;
    return roc << 16 | seq;
}

static void learn(struct unseal *u, struct ssrc *s, const struct sealed *sealed)
{
    bool same = s->known && s->number == sealed->ssrc;
    if (!same || sealed->index > s->highest) s->highest = sealed->index;
    s->known = true;
    s->number = sealed->ssrc;
    s->used = ++u->packets;
}

enum err unseal_rtp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain)
{
    struct sealed s;
    *plain = (struct bytes){room, 0};
    enum err err = sealed_split_rtp(&s, u->keys.profile, packet);
    if (err != OK) return err;
    struct ssrc *ssrc = find_ssrc(u, s.ssrc);
    uint64_t best = estimate(ssrc, s.ssrc, (uint16_t)s.index);
    /* A capture has gaps, and may begin after a wrap: the neighbours too. */
    const uint64_t tries[] = {best, best + 0x10000, best - 0x10000};
    for (size_t i = 0; i < COUNT(tries); i++) {
        s.index = tries[i];
        if (s.index >> 48 || !sealed_open_rtp(&u->keys, &s, room)) continue;
        learn(u, ssrc, &s);
        plain->len = s.header.len + s.body.len;
        return OK;
    }
    return E_AUTH;
}

enum err unseal_rtcp(struct unseal *u, struct bytes packet, uint8_t *room, struct bytes *plain)
{
    struct sealed s;
    *plain = (struct bytes){room, 0};
    enum err err = sealed_split_rtcp(&s, u->keys.profile, packet);
    if (err != OK) return err;
    if (!sealed_open_rtcp(&u->keys, &s, room)) return E_AUTH;
    plain->len = s.header.len + s.body.len;
    return OK;
}
