/* A link under test with packets that say which they are: they are sent at even distances, and
 * taken out at the very times that the link asks for. */
#ifndef DUET_TESTS_SIM_WAY_H
#define DUET_TESTS_SIM_WAY_H

#include "sim/link.h"
#include "tests/suite.h"

#define ARRIVALS_MAX 20000

struct arrival {
    usec at;
    uint32_t number;
    bool intact;
};

/* What came out, of one link at a time. */
static struct arrival arrivals[ARRIVALS_MAX];
static size_t arrival_count;

struct way {
    struct sim_link *link;
    uint32_t sent;
    usec now;
};

static inline struct way way_of(struct sim_link_config cfg, uint64_t seed)
{
    struct way way = {.now = 0};
    rng_init_number(&cfg.rng, seed);
    way.link = sim_link_new(&cfg);
    ck_assert_ptr_nonnull(way.link);
    arrival_count = 0;
    return way;
}

/* A link of a spec in text. */
static inline struct way way_new(const char *text, uint64_t seed)
{
    struct sim_link_config cfg = {.start = 0};
    struct fault fault;
    ck_assert_msg(sim_link_parse(&cfg.spec, bytes_of(text), &fault) == OK, "%s: %s", text,
                  fault.rule);
    return way_of(cfg, seed);
}

/* Packet `number`: it and the bytes behind it follow from the number. */
static inline void way_packet(struct packet *p, uint32_t number, size_t len)
{
    packet_reset(p);
    p->route.local = addr_ipv4(192, 0, 2, 1, 5000);
    p->route.remote = addr_ipv4(192, 0, 2, 2, 6000);
    p->len = len;
    for (size_t i = 0; i < len; i++)
        p->at[i] = (uint8_t)(i < 4 ? number >> (24 - 8 * i) : number + i);
}

static inline void way_take(struct way *way)
{
    static struct packet out, good;
    while (sim_link_output(way->link, &out, way->now)) {
        ck_assert_uint_lt(arrival_count, ARRIVALS_MAX);
        struct arrival *a = &arrivals[arrival_count++];
        a->at = way->now;
        a->number = (uint32_t)out.at[0] << 24 | (uint32_t)out.at[1] << 16 |
                    (uint32_t)out.at[2] << 8 | out.at[3];
        way_packet(&good, a->number, out.len);
        a->intact = bytes_equal(packet_bytes(&out), packet_bytes(&good)) &&
                    addr_equal(&out.route.remote, &good.route.remote) &&
                    addr_equal(&out.route.local, &good.route.local);
    }
}

/* Time goes on to `until`, by the link's deadlines. */
static inline void way_go(struct way *way, usec until)
{
    for (usec at; (at = sim_link_deadline(way->link)) <= until;) {
        ck_assert_int_ge(at, way->now);
        way->now = at;
        sim_link_tick(way->link, at);
        way_take(way);
        ck_assert_int_gt(sim_link_deadline(way->link), at);
    }
    way->now = until;
}

/* `count` packets of `len` bytes, the first now. */
static inline void way_send(struct way *way, size_t count, usec gap, size_t len)
{
    static struct packet p;
    for (size_t i = 0; i < count; i++) {
        way_packet(&p, way->sent++, len);
        ck_assert_int_eq(sim_link_input(way->link, &p, way->now), OK);
        way_take(way);
        way_go(way, way->now + gap);
    }
}

/* The sum that holds at any time (sim_link_inside). */
static inline void way_check(const struct way *way)
{
    const struct sim_link_counters *c = sim_link_counters(way->link);
    ck_assert_uint_eq(c->in + c->duplicated, c->out + c->lost + c->lost_burst + c->dropped_mtu +
                                                 c->dropped_queue + c->dropped_codel + c->refused +
                                                 sim_link_inside(way->link));
}

/* Everything comes out, and the link is gone; its counters stay. */
static inline struct sim_link_counters way_end(struct way *way)
{
    while (sim_link_deadline(way->link) != TIME_NEVER) way_go(way, sim_link_deadline(way->link));
    ck_assert_uint_eq(sim_link_inside(way->link), 0);
    way_check(way);
    struct sim_link_counters c = *sim_link_counters(way->link);
    sim_link_free(way->link);
    return c;
}

#endif
