#include "apps/impair.h"

#include <stdio.h>
#include <stdlib.h>

struct impair {
    struct sim_link *out, *in;
};

/* The item that a fault is about: from its offset to the next comma or semicolon. */
static struct bytes item_at(struct bytes text, size_t offset)
{
    struct bytes item = bytes_slice(text, offset, SIZE_MAX);
    size_t len = 0;
    while (len < item.len && item.at[len] != ',' && item.at[len] != ';') len++;
    return bytes_slice(item, 0, len);
}

bool impair_option(const char *text, struct sim_link_script *script, char *error, size_t room)
{
    struct fault fault;
    if (sim_script_parse(script, bytes_of(text), &fault) == OK) return true;
    struct bytes item = item_at(bytes_of(text), fault.offset);
    snprintf(error, room, "--impair \"%.*s\": %s", (int)(item.len < 64 ? item.len : 64),
             (const char *)item.at, fault.rule);
    return false;
}

static uint64_t seed_of(const struct sim_link_script *script)
{
    for (size_t i = 0; i < script->count; i++)
        if (script->steps[i].spec.seed) return script->steps[i].spec.seed;
    return 1;
}

struct impair *impair_new(const struct sim_link_script *script, usec now)
{
    struct impair *impair = calloc(1, sizeof *impair);
    struct rng rng;
    if (!impair) return NULL;
    rng_init_number(&rng, seed_of(script));
    struct sim_link_config cfg = {.script = script, .start = now, .rng = rng_fork(&rng)};
    impair->out = sim_link_new(&cfg);
    cfg.rng = rng_fork(&rng);
    impair->in = sim_link_new(&cfg);
    if (impair->out && impair->in) return impair;
    impair_free(impair);
    return NULL;
}

void impair_free(struct impair *impair)
{
    if (!impair) return;
    sim_link_free(impair->out);
    sim_link_free(impair->in);
    free(impair);
}

void impair_send(struct impair *impair, const struct packet *packet, usec now)
{
    sim_link_input(impair->out, packet, now);
}

void impair_receive(struct impair *impair, const struct packet *packet, usec now)
{
    sim_link_input(impair->in, packet, now);
}

bool impair_sent(struct impair *impair, struct packet *packet, usec now)
{
    return sim_link_output(impair->out, packet, now);
}

bool impair_received(struct impair *impair, struct packet *packet, usec now)
{
    return sim_link_output(impair->in, packet, now);
}

usec impair_deadline(const struct impair *impair)
{
    return usec_min(sim_link_deadline(impair->out), sim_link_deadline(impair->in));
}
