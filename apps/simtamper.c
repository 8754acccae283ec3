#include "apps/simtamper.h"

/* Of a hundred packets. */
#define FLIP   2
#define DROP   2
#define REPEAT 2
#define DELAY  2

void simtamper_init(struct simtamper *t, uint64_t seed)
{
    rng_init_number(&t->rng, seed ^ 0x7a3be4);
    for (size_t i = 0; i < SIMTAMPER_KEPT; i++) t->kept[i].host = SIM_HOSTS_MAX;
}

void simtamper_bend(struct simtamper *t, struct sim_world *world, struct sim_step *sent)
{
    struct packet *p = sent->packet;
    struct simtamper_packet *slot = &t->kept[rng_below(&t->rng, SIMTAMPER_KEPT)];
    unsigned what = rng_below(&t->rng, 100);
    if (slot->host != SIM_HOSTS_MAX && what < REPEAT + DELAY) {
        sim_world_inject(world, slot->host, &slot->packet);
        if (what < DELAY) slot->host = SIM_HOSTS_MAX;
    }
    if (slot->host == SIM_HOSTS_MAX || rng_below(&t->rng, 16) == 0) {
        slot->host = sent->host;
        packet_copy(&slot->packet, p);
        if (what >= 50 && what < 50 + DELAY) p->len = 0; /* it comes when it is repeated */
    }
    if (what >= 60 && what < 60 + DROP) p->len = 0;
    if (what >= 70 && what < 70 + FLIP && p->len > 0)
        p->at[rng_below(&t->rng, (uint32_t)p->len)] ^= (uint8_t)(1u << rng_below(&t->rng, 8));
}
