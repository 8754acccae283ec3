/* A link under a script of packets, times and changes. The first byte says how much it may hold.
 * After every step: output ends, the deadline has moved on, the counters add up, nothing comes out
 * that did not go in, and without reordering nothing out of order. */
#include "fuzz/fuzz.h"
#include "sim/link.h"

#define STEPS_MAX 400

struct run {
    struct sim_link *link;
    struct reader script;
    usec now;
    uint32_t sent, seen;
    bool straight;  /* nothing was ever asked to be held back */
    bool untouched; /* nothing was ever asked to be corrupted */
};

/* A number over many magnitudes. */
static uint64_t magnitude(struct run *run)
{
    uint8_t v = read_u8(&run->script);
    return (uint64_t)(v & 15) << (v >> 4) * 2;
}

static void change(struct run *run)
{
    struct sim_link_spec spec = {.delay = (usec)magnitude(run)};
    uint16_t flags = read_u16(&run->script);
    if (flags & 1) spec.jitter = (usec)magnitude(run);
    if (flags & 2) spec.loss_ppm = (uint32_t)magnitude(run);
    if (flags & 4) {
        spec.bursts.good_to_bad_ppm = (uint32_t)magnitude(run);
        spec.bursts.bad_to_good_ppm = (uint32_t)magnitude(run);
        spec.bursts.loss_bad_ppm = (uint32_t)magnitude(run);
        spec.bursts.loss_good_ppm = (uint32_t)magnitude(run);
    }
    if (flags & 8) {
        spec.reorder_ppm = (uint32_t)magnitude(run);
        spec.reorder_by = (usec)magnitude(run);
        run->straight = false;
    }
    if (flags & 16) spec.duplicate_ppm = (uint32_t)magnitude(run);
    if (flags & 32) spec.corrupt_ppm = (uint32_t)magnitude(run), run->untouched = false;
    if (flags & 64) spec.rate_bps = magnitude(run) << (flags & 512 ? 20 : 0);
    if (flags & 128) spec.queue_bytes = (size_t)magnitude(run);
    if (flags & 256) spec.queue_time = (usec)magnitude(run);
    if (flags & 1024) spec.queue = SIM_CODEL;
    if (flags & 2048) spec.mtu = (size_t)magnitude(run);
    sim_link_set(run->link, &spec, run->now);
}

/* Its number first, if there is room for it; the rest follows from the number. */
static void make(struct packet *p, uint32_t number, size_t len)
{
    packet_reset(p);
    p->len = len;
    memset(p->at, (int)(number & 255), len);
    for (size_t i = 0; i < 4 && i < len; i++) p->at[i] = (uint8_t)(number >> (24 - 8 * i));
}

static void give(struct run *run)
{
    static struct packet p;
    size_t len = (size_t)read_u8(&run->script) * 9;
    make(&p, run->sent, len < PACKET_MAX ? len : PACKET_MAX);
    p.route.remote.family = run->sent % 3 ? ADDR_IPV4 : ADDR_IPV6;
    enum err err = sim_link_input(run->link, &p, run->now);
    FUZZ_CHECK(err == OK || err == E_FULL);
    FUZZ_CHECK((err == E_FULL) <= (sim_link_fault(run->link)->err == E_FULL));
    run->sent++;
}

static void take(struct run *run)
{
    static struct packet out, good;
    for (uint32_t n = 0; sim_link_output(run->link, &out, run->now); n++) {
        FUZZ_CHECK(n < 2 * run->sent && out.len <= PACKET_MAX);
        if (out.len < 4 || !run->untouched) continue;
        struct reader r = reader_of(packet_bytes(&out));
        uint32_t number = read_u32(&r);
        FUZZ_CHECK(number < run->sent);
        make(&good, number, out.len);
        FUZZ_CHECK(bytes_equal(packet_bytes(&good), packet_bytes(&out)));
        if (run->straight) FUZZ_CHECK(number >= run->seen);
        run->seen = number;
    }
}

static void check(struct run *run)
{
    const struct sim_link_counters *c = sim_link_counters(run->link);
    sim_link_tick(run->link, run->now);
    take(run);
    FUZZ_CHECK(sim_link_deadline(run->link) > run->now);
    FUZZ_CHECK(c->in == run->sent);
    FUZZ_CHECK(c->in + c->duplicated == c->out + c->lost + c->lost_burst + c->dropped_mtu +
                                            c->dropped_queue + c->dropped_codel + c->refused +
                                            sim_link_inside(run->link));
    FUZZ_CHECK((sim_link_inside(run->link) == 0) == (sim_link_deadline(run->link) == TIME_NEVER));
}

static void step(struct run *run)
{
    switch (read_u8(&run->script) % 8) {
    case 0: change(run); break;
    case 1: run->now += read_u8(&run->script); break;
    case 2: run->now += (usec)magnitude(run); break;
    case 3: sim_link_tick(run->link, run->now - (usec)magnitude(run)); break;
    case 4:
        if (sim_link_deadline(run->link) != TIME_NEVER) run->now = sim_link_deadline(run->link);
        break;
    default: give(run); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct run run = {
        .script = reader_of((struct bytes){data, n}), .straight = true, .untouched = true};
    uint8_t size = read_u8(&run.script);
    struct sim_link_config cfg = {.packets = size % 16 * 8u, .bytes = size / 16 * 2048u};
    rng_init_number(&cfg.rng, 1);
    run.link = sim_link_new(&cfg);
    if (!run.link) return 0;
    for (int steps = 0; steps < STEPS_MAX && reader_left(&run.script); steps++) {
        step(&run);
        check(&run);
    }
    /* Whatever it holds comes out in the end. */
    for (uint32_t i = 0; sim_link_deadline(run.link) != TIME_NEVER; i++) {
        FUZZ_CHECK(i <= 3 * run.sent);
        run.now = sim_link_deadline(run.link);
        check(&run);
    }
    sim_link_free(run.link);
    return 0;
}
