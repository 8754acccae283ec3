/* A script for a NAT: its behaviour as text up to the first line end, then steps. What it takes in
 * must be what it let out: every packet that comes in goes to an inside endpoint that once sent,
 * two inside endpoints are never seen as one, and nothing grows beyond its bound. What the text
 * says must survive being written and read again. */
#include "fuzz/fuzz.h"
#include "sim/natspec.h"

struct script {
    struct reader r;
    struct sim_nat *nat;
    struct sim_nat_config cfg;
    usec now;
    uint64_t packets;
    bool sent[16]; /* inside endpoints, by number */
};

static bool same(const struct sim_nat_config *a, const struct sim_nat_config *b)
{
    return a->mapping == b->mapping && a->filtering == b->filtering && a->blocked == b->blocked &&
           a->hairpin == b->hairpin && a->ports == b->ports && a->refresh == b->refresh &&
           a->expiry == b->expiry && a->port_count == b->port_count &&
           a->mapping_count == b->mapping_count;
}

static void check_text(const struct sim_nat_config *cfg)
{
    uint8_t text[SIM_NAT_SPEC_MAX];
    struct writer w = writer_of(text, sizeof text);
    sim_nat_spec_write(&w, cfg);
    FUZZ_CHECK(w.err == OK);
    struct sim_nat_config again = {0};
    struct fault fault;
    FUZZ_CHECK(sim_nat_spec_parse(&again, writer_done(&w), &fault) == OK && same(cfg, &again));
}

/* 16 endpoints inside and as many outside, of both families. */
static struct addr endpoint(uint8_t n, bool inside)
{
    struct addr a = addr_ipv4(inside ? 10 : 198, 0, 0, n & 3, (uint16_t)(5000 + (n >> 2 & 1)));
    if (n & 8) {
        a.family = ADDR_IPV6;
        a.ip[15] = 1;
    }
    return a;
}

/* Inside endpoints differ in their first byte from all that is outside. */
static void check_inside(const struct script *s, const struct addr *a)
{
    uint8_t n = (uint8_t)((a->ip[3] & 3) | (a->port - 5000) << 2 | (a->family == ADDR_IPV6) << 3);
    struct addr known = endpoint(n, true);
    FUZZ_CHECK(addr_equal(a, &known) && s->sent[n]);
}

static void outbound(struct script *s)
{
    uint8_t from = read_u8(&s->r) % 16, to = read_u8(&s->r) % 32;
    struct packet p;
    packet_reset(&p);
    p.route = (struct route){endpoint(from, true), endpoint(to % 16, false)};
    if (to >= 16) { /* our own address: hairpinning */
        p.route.remote = s->cfg.outside[to & 1];
        p.route.remote.port = read_u16(&s->r);
    }
    struct route before = p.route;
    bool turned;
    s->packets++;
    s->sent[from] = true;
    if (sim_nat_outbound(s->nat, &p, &turned, s->now) != OK) {
        FUZZ_CHECK(addr_equal(&before.local, &p.route.local) && !turned);
        FUZZ_CHECK(addr_equal(&before.remote, &p.route.remote));
        FUZZ_CHECK(sim_nat_fault(s->nat)->err != OK);
        return;
    }
    if (turned) {
        FUZZ_CHECK(s->cfg.hairpin && sim_nat_owns(s->nat, &p.route.local));
        check_inside(s, &p.route.remote);
        return;
    }
    FUZZ_CHECK(addr_equal(&before.remote, &p.route.remote));
    /* Whoever it went to may answer at once, and the answer finds the way back. */
    p.route = (struct route){p.route.remote, p.route.local};
    s->packets++;
    FUZZ_CHECK(sim_nat_inbound(s->nat, &p, s->now) == OK);
    FUZZ_CHECK(addr_equal(&p.route.remote, &before.local));
}

static void inbound(struct script *s)
{
    uint8_t from = read_u8(&s->r) % 16, to = read_u8(&s->r) % 16;
    struct packet p;
    packet_reset(&p);
    p.route = (struct route){endpoint(from, false), s->cfg.outside[to & 1]};
    p.route.remote.port = read_u16(&s->r);
    if (to & 8) p.route.remote = endpoint(to, true); /* untranslated, if the NAT lets it */
    bool filters = s->cfg.filtering != SIM_NAT_NONE;
    s->packets++;
    if (sim_nat_inbound(s->nat, &p, s->now) == OK && filters) check_inside(s, &p.route.remote);
}

static void step(struct script *s)
{
    switch (read_u8(&s->r) % 8) {
    case 0:
    case 1:
    case 2: outbound(s); break;
    case 3:
    case 4: inbound(s); break;
    case 5: s->now += read_u16(&s->r) * MS(1); break;
    case 6: s->now += (int32_t)read_u32(&s->r); break; /* back too */
    case 7: sim_nat_rebind(s->nat, (enum sim_nat_rebinding)(read_u8(&s->r) % 3)); break;
    }
    FUZZ_CHECK(sim_nat_mappings(s->nat, s->now) <= SIM_NAT_MAPPINGS_MAX);
    const struct sim_nat_counters *c = sim_nat_counters(s->nat);
    FUZZ_CHECK(c->out + c->in + c->turned + c->blocked + c->malformed + c->unmapped + c->filtered +
                   c->no_hairpin + c->no_address + c->full + c->no_port ==
               s->packets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const uint8_t *end = n ? memchr(data, '\n', n) : NULL;
    size_t text = end ? (size_t)(end - data) : n;
    struct script s = {.cfg = {.outside_count = 2}};
    struct fault fault;
    if (sim_nat_spec_parse(&s.cfg, (struct bytes){data, text}, &fault) != OK) {
        FUZZ_CHECK(fault.err == E_MALFORMED && fault.offset <= text);
        return 0;
    }
    check_text(&s.cfg);
    s.cfg.outside[0] = addr_ipv4(192, 0, 2, 1, 0);
    s.cfg.outside[1] = addr_ipv4(192, 0, 2, 2, 0);
    rng_init_number(&s.cfg.rng, n);
    s.nat = sim_nat_new(&s.cfg);
    FUZZ_CHECK(s.nat != NULL);
    s.r = reader_of((struct bytes){data + text, n - text});
    read_skip(&s.r, 1);
    while (reader_left(&s.r)) step(&s);
    sim_nat_free(s.nat);
    return 0;
}
