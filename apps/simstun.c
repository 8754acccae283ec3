#include "apps/simstun.h"

#include "stun/attribute.h"
#include "stun/integrity.h"

static enum err input(void *self, struct packet *in, usec now)
{
    (void)now;
    struct simstun *s = self;
    struct stun_msg m;
    enum err err = stun_parse(&m, packet_bytes(in));
    if (err != OK) return err;
    if (m.type != (STUN_BINDING | STUN_REQUEST)) return E_UNSUPPORTED;
    if (s->count == SIMSTUN_WAITING) return E_FULL;
    struct simstun_answer *a = &s->waiting[s->count++];
    a->route = in->route;
    memcpy(a->id, m.id.at, sizeof a->id);
    return OK;
}

static void tick(void *self, usec now)
{
    (void)self, (void)now;
}

static bool output(void *self, struct packet *out, usec now)
{
    (void)now;
    struct simstun *s = self;
    if (s->count == 0) return false;
    struct simstun_answer a = s->waiting[0];
    memmove(&s->waiting[0], &s->waiting[1], --s->count * sizeof a);
    struct writer w = packet_writer(out);
    stun_begin(&w, STUN_BINDING | STUN_SUCCESS, (struct bytes){a.id, sizeof a.id});
    stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &a.route.remote);
    stun_put_fingerprint(&w);
    out->len = writer_done(&w).len;
    out->route = a.route;
    return true;
}

static bool event(void *self)
{
    (void)self;
    return false;
}

static usec deadline(const void *self)
{
    (void)self;
    return TIME_NEVER;
}

const struct machine simstun_machine = {"simstun", input, tick, output, event, deadline};
