/* The NAT, one behaviour after the other: what passes, what does not, and seen as what. */
#include "sim/nat.h"
#include "tests/suite.h"

#define HOST   "10.0.0.2:5000"
#define OTHER  "10.0.0.3:5000"
#define OURS   "192.0.2.1"
#define SECOND "192.0.2.2"

enum { A1, A2, B1, B2, REMOTES };
static const char *const remotes[REMOTES] = {"198.51.100.1:3478", "198.51.100.1:3479",
                                             "203.0.113.9:3478", "203.0.113.9:3479"};

static struct addr address(const char *text)
{
    struct addr a;
    ck_assert_msg(addr_parse(bytes_of(text), &a), "%s", text);
    return a;
}

static struct addr ip(const char *text)
{
    struct addr a;
    ck_assert_msg(addr_parse_ip(bytes_of(text), &a), "%s", text);
    return a;
}

static struct sim_nat_config config(enum sim_nat_behaviour mapping,
                                    enum sim_nat_behaviour filtering)
{
    struct sim_nat_config cfg = {.mapping = mapping, .filtering = filtering};
    cfg.outside[0] = ip(OURS);
    cfg.outside_count = 1;
    rng_init_number(&cfg.rng, 7);
    return cfg;
}

static struct sim_nat *nat_of(const struct sim_nat_config *cfg)
{
    struct sim_nat *nat = sim_nat_new(cfg);
    ck_assert_ptr_nonnull(nat);
    return nat;
}

static void make(struct packet *p, const char *from, const char *to)
{
    packet_reset(p);
    p->route = (struct route){address(from), address(to)};
    packet_set(p, bytes_of("payload"));
}

/* What a packet that was given to a NAT became. */
struct passed {
    enum err err;
    bool turned;
    struct route route;
};

/* A packet that is dropped is as it was. */
static struct passed result(const struct sim_nat *nat, const struct packet *p,
                            const struct route *before, enum err err, bool turned)
{
    ck_assert(bytes_is(packet_bytes(p), "payload"));
    ck_assert_int_eq(sim_nat_fault(nat)->err, err);
    if (err != OK) {
        ck_assert(addr_equal(&p->route.local, &before->local));
        ck_assert(addr_equal(&p->route.remote, &before->remote));
        ck_assert(!turned);
        ck_assert_str_eq(sim_nat_fault(nat)->layer, "nat");
        ck_assert_ptr_nonnull(sim_nat_fault(nat)->rule);
    }
    return (struct passed){err, turned, p->route};
}

static struct passed leave(struct sim_nat *nat, const char *from, const char *to, usec now)
{
    struct packet p;
    make(&p, from, to);
    struct route before = p.route;
    bool turned = true;
    enum err err = sim_nat_outbound(nat, &p, &turned, now);
    return result(nat, &p, &before, err, turned);
}

static struct passed enter_at(struct sim_nat *nat, const char *from, const struct addr *to,
                              usec now)
{
    char text[ADDR_TEXT_MAX];
    struct packet p;
    make(&p, from, addr_text(to, text));
    struct route before = p.route;
    enum err err = sim_nat_inbound(nat, &p, now);
    return result(nat, &p, &before, err, false);
}

/* Sends, which must pass; how it was seen. */
static struct addr seen(struct sim_nat *nat, const char *from, const char *to, usec now)
{
    struct passed p = leave(nat, from, to, now);
    ck_assert_int_eq(p.err, OK);
    ck_assert(!p.turned);
    struct addr destination = address(to);
    ck_assert(addr_equal(&p.route.remote, &destination));
    return p.route.local;
}

static bool is(const struct addr *a, const char *text)
{
    struct addr b = address(text);
    return addr_equal(a, &b);
}

/* ---- RFC 4787 §4.1 and §5: all nine ---- */

START_TEST(mapping_behaviours)
{
    for (int b = SIM_NAT_ENDPOINT_INDEPENDENT; b <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; b++) {
        struct sim_nat_config cfg = config((enum sim_nat_behaviour)b, SIM_NAT_ENDPOINT_INDEPENDENT);
        struct sim_nat *nat = nat_of(&cfg);
        struct addr at[REMOTES], again, other = seen(nat, "10.0.0.2:5001", remotes[A1], 0);
        for (int r = 0; r < REMOTES; r++) at[r] = seen(nat, HOST, remotes[r], r);
        for (int r = 0; r < REMOTES; r++) {
            struct addr ours = ip(OURS);
            ck_assert(addr_equal_ip(&at[r], &ours));
            ck_assert(!addr_equal(&at[r], &other));
            again = seen(nat, HOST, remotes[r], 10);
            ck_assert(addr_equal(&at[r], &again));
        }
        bool same_address = b <= SIM_NAT_ADDRESS_DEPENDENT;
        bool always = b == SIM_NAT_ENDPOINT_INDEPENDENT;
        ck_assert_int_eq(addr_equal(&at[A1], &at[A2]), same_address);
        ck_assert_int_eq(addr_equal(&at[B1], &at[B2]), same_address);
        ck_assert_int_eq(addr_equal(&at[A1], &at[B1]), always);
        ck_assert_int_eq(addr_equal(&at[A2], &at[B2]), always);
        ck_assert_uint_eq(sim_nat_counters(nat)->mappings, always ? 2 : same_address ? 3 : 5);
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(filtering_behaviours_with_each_mapping)
{
    static const bool may_enter[4][REMOTES] = {
        [SIM_NAT_NONE] = {true, true, true, true},
        [SIM_NAT_ENDPOINT_INDEPENDENT] = {true, true, true, true},
        [SIM_NAT_ADDRESS_DEPENDENT] = {true, true, false, false},
        [SIM_NAT_ADDRESS_AND_PORT_DEPENDENT] = {true, false, false, false},
    };
    for (int m = SIM_NAT_ENDPOINT_INDEPENDENT; m <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; m++)
        for (int f = SIM_NAT_NONE; f <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; f++) {
            struct sim_nat_config cfg =
                config((enum sim_nat_behaviour)m, (enum sim_nat_behaviour)f);
            struct sim_nat *nat = nat_of(&cfg);
            struct addr at = seen(nat, HOST, remotes[A1], 0);
            for (int r = 0; r < REMOTES; r++) {
                struct passed p = enter_at(nat, remotes[r], &at, 1);
                ck_assert_int_eq(p.err, may_enter[f][r] ? OK : E_STATE);
                if (p.err != OK) continue;
                ck_assert(is(&p.route.local, remotes[r]));
                ck_assert(is(&p.route.remote, HOST));
            }
            at.port++; /* nothing is mapped there */
            ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 1).err, E_STATE);
            ck_assert_uint_eq(sim_nat_counters(nat)->unmapped, 1);
            ck_assert_uint_eq(sim_nat_counters(nat)->in + sim_nat_counters(nat)->filtered, REMOTES);
            sim_nat_free(nat);
        }
}
END_TEST

/* Sending to another endpoint opens the filter of the mapping that it was sent from, not of the
 * others. */
START_TEST(each_mapping_has_a_filter_of_its_own)
{
    for (int m = SIM_NAT_ENDPOINT_INDEPENDENT; m <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; m++) {
        struct sim_nat_config cfg =
            config((enum sim_nat_behaviour)m, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
        struct sim_nat *nat = nat_of(&cfg);
        struct addr at[REMOTES];
        for (int r = 0; r < REMOTES; r++) at[r] = seen(nat, HOST, remotes[r], 0);
        for (int to = 0; to < REMOTES; to++)
            for (int from = 0; from < REMOTES; from++) {
                bool shared = addr_equal(&at[to], &at[from]);
                ck_assert_int_eq(enter_at(nat, remotes[from], &at[to], 1).err,
                                 shared ? OK : E_STATE);
            }
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(nothing_comes_in_before_something_went_out)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ENDPOINT_INDEPENDENT);
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = address(OURS ":5000");
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 0).err, E_STATE);
    ck_assert_uint_eq(sim_nat_mappings(nat, 0), 0); /* and it left nothing behind */
    at = address("198.51.100.77:5000");
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 0).err, E_STATE);
    ck_assert_uint_eq(sim_nat_counters(nat)->unmapped, 2);
    sim_nat_free(nat);
}
END_TEST

/* ---- RFC 4787 §4.2.1: ports ---- */

START_TEST(ports_are_preserved_unless_taken)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = seen(nat, HOST, remotes[A1], 0);
    ck_assert(is(&at, OURS ":5000"));
    at = seen(nat, OTHER, remotes[A1], 0);
    ck_assert(is(&at, OURS ":5001"));
    at = seen(nat, "10.0.0.4:5000", remotes[A1], 0);
    ck_assert(is(&at, OURS ":5002"));
    at = seen(nat, "10.0.0.4:65535", remotes[A1], 0);
    ck_assert(is(&at, OURS ":65535"));
    at = seen(nat, "10.0.0.5:65535", remotes[A1], 0);
    ck_assert(is(&at, OURS ":1024"));
    at = seen(nat, "10.0.0.5:53", remotes[A1], 0); /* never a well-known port */
    ck_assert_uint_ge(at.port, SIM_NAT_PORT_MIN);
    sim_nat_free(nat);
}
END_TEST

START_TEST(ports_in_sequence)
{
    struct sim_nat_config cfg = config(SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_NONE);
    cfg.ports = SIM_NAT_PORTS_SEQUENTIAL;
    struct sim_nat *nat = nat_of(&cfg);
    for (int r = 0; r < REMOTES; r++)
        ck_assert_uint_eq(seen(nat, HOST, remotes[r], 0).port, SIM_NAT_PORT_MIN + r);
    ck_assert_uint_eq(seen(nat, HOST, remotes[A1], 0).port, SIM_NAT_PORT_MIN);
    sim_nat_rebind(nat, SIM_NAT_FORGETS);
    ck_assert_uint_eq(seen(nat, HOST, remotes[A1], 0).port, SIM_NAT_PORT_MIN + REMOTES);
    sim_nat_free(nat);
}
END_TEST

static void random_ports(uint64_t seed, uint16_t ports[REMOTES])
{
    struct sim_nat_config cfg = config(SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_NONE);
    cfg.ports = SIM_NAT_PORTS_RANDOM;
    rng_init_number(&cfg.rng, seed);
    struct sim_nat *nat = nat_of(&cfg);
    for (int r = 0; r < REMOTES; r++) ports[r] = seen(nat, HOST, remotes[r], 0).port;
    sim_nat_free(nat);
}

START_TEST(random_ports_follow_from_the_seed)
{
    uint16_t a[REMOTES], b[REMOTES], c[REMOTES];
    random_ports(1, a);
    random_ports(1, b);
    random_ports(2, c);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_mem_ne(a, c, sizeof a);
    for (int r = 1; r < REMOTES; r++) ck_assert_uint_ne(a[r], a[r - 1] + 1);
}
END_TEST

START_TEST(ports_run_out)
{
    static const enum sim_nat_ports all[] = {SIM_NAT_PORTS_PRESERVED, SIM_NAT_PORTS_SEQUENTIAL,
                                             SIM_NAT_PORTS_RANDOM};
    for (size_t i = 0; i < COUNT(all); i++) {
        struct sim_nat_config cfg = config(SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_NONE);
        cfg.ports = all[i];
        cfg.port_count = 3;
        cfg.expiry = SEC(30);
        struct sim_nat *nat = nat_of(&cfg);
        bool taken[3] = {false};
        for (int r = 0; r < 3; r++) {
            unsigned place = seen(nat, HOST, remotes[r], SEC(r)).port - SIM_NAT_PORT_MIN;
            ck_assert_uint_lt(place, 3);
            ck_assert(!taken[place]); /* no overloading */
            taken[place] = true;
        }
        ck_assert_int_eq(leave(nat, HOST, remotes[B2], SEC(3)).err, E_FULL);
        ck_assert_uint_eq(sim_nat_counters(nat)->no_port, 1);
        seen(nat, HOST, remotes[A1], SEC(4)); /* what is mapped goes on */
        /* The second expires first, then its port is free again. */
        ck_assert_int_eq(leave(nat, HOST, remotes[B2], SEC(31) - 1).err, E_FULL);
        ck_assert_int_eq(leave(nat, HOST, remotes[B2], SEC(31)).err, OK);
        sim_nat_free(nat);
    }
}
END_TEST

/* ---- bounds ---- */

START_TEST(mappings_run_out)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
    cfg.mapping_count = 2;
    struct sim_nat *nat = nat_of(&cfg);
    seen(nat, HOST, remotes[A1], 0);
    seen(nat, OTHER, remotes[A1], 0);
    ck_assert_int_eq(leave(nat, "10.0.0.4:1", remotes[A1], 0).err, E_FULL);
    seen(nat, OTHER, remotes[B1], 0);
    ck_assert_uint_eq(sim_nat_counters(nat)->full, 1);
    ck_assert_uint_eq(sim_nat_mappings(nat, 0), 2);
    sim_nat_free(nat);
}
END_TEST

START_TEST(every_mapping_and_session_can_be_taken_again_and_again)
{
    struct sim_nat_config cfg =
        config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    cfg.expiry = SEC(1);
    struct sim_nat *nat = nat_of(&cfg);
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
    for (int round = 0; round < 3; round++) {
        usec now = SEC(round);
        for (int i = 0; i < SIM_NAT_SESSIONS_MAX; i++) {
            snprintf(from, sizeof from, "10.0.0.2:%d", 2000 + i % SIM_NAT_MAPPINGS_MAX);
            snprintf(to, sizeof to, "198.51.100.1:%d", 1 + i);
            seen(nat, from, to, now);
        }
        ck_assert_uint_eq(sim_nat_mappings(nat, now), SIM_NAT_MAPPINGS_MAX);
        ck_assert_int_eq(leave(nat, "10.0.0.2:1999", to, now).err, E_FULL);
        ck_assert_int_eq(leave(nat, from, "198.51.100.1:9999", now).err, E_FULL);
        ck_assert_int_eq(leave(nat, from, to, now).err, OK);
        struct addr at = address(OURS ":2005");
        ck_assert_int_eq(enter_at(nat, "198.51.100.1:6", &at, now).err, OK);
        ck_assert_int_eq(enter_at(nat, "198.51.100.1:7", &at, now).err, E_STATE);
    }
    ck_assert_uint_eq(sim_nat_counters(nat)->expired, 2 * SIM_NAT_MAPPINGS_MAX);
    ck_assert_uint_eq(sim_nat_mappings(nat, SEC(9)), 0);
    sim_nat_free(nat);
}
END_TEST

/* ---- RFC 4787 §6: hairpinning ---- */

START_TEST(hairpinning_shows_the_outside_address)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ENDPOINT_INDEPENDENT);
    cfg.hairpin = true;
    struct sim_nat *nat = nat_of(&cfg);
    seen(nat, HOST, remotes[A1], 0);
    struct passed p = leave(nat, OTHER, OURS ":5000", 1);
    ck_assert_int_eq(p.err, OK);
    ck_assert(p.turned);
    ck_assert(is(&p.route.remote, HOST));
    ck_assert(is(&p.route.local, OURS ":5001")); /* REQ-9 a */
    p = leave(nat, HOST, OURS ":5001", 2);       /* and the answer */
    ck_assert_int_eq(p.err, OK);
    ck_assert(p.turned && is(&p.route.remote, OTHER) && is(&p.route.local, OURS ":5000"));
    p = leave(nat, HOST, OURS ":5000", 2); /* to oneself */
    ck_assert(p.turned && is(&p.route.remote, HOST) && is(&p.route.local, OURS ":5000"));
    ck_assert_int_eq(leave(nat, HOST, OURS ":6000", 2).err, E_STATE);
    ck_assert_uint_eq(sim_nat_counters(nat)->turned, 3);
    ck_assert_uint_eq(sim_nat_counters(nat)->unmapped, 1);
    ck_assert_uint_eq(sim_nat_counters(nat)->out, 1);
    ck_assert_uint_eq(sim_nat_counters(nat)->in, 0);
    sim_nat_free(nat);
}
END_TEST

START_TEST(hairpinning_passes_the_filter)
{
    for (int f = SIM_NAT_ENDPOINT_INDEPENDENT; f <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; f++) {
        struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, (enum sim_nat_behaviour)f);
        cfg.hairpin = true;
        struct sim_nat *nat = nat_of(&cfg);
        seen(nat, HOST, remotes[A1], 0);
        bool open = f == SIM_NAT_ENDPOINT_INDEPENDENT;
        ck_assert_int_eq(leave(nat, OTHER, OURS ":5000", 0).err, open ? OK : E_STATE);
        ck_assert_uint_eq(sim_nat_counters(nat)->filtered, open ? 0 : 1);
        /* The other has sent there: so its filter is open, and then both are. */
        ck_assert_int_eq(leave(nat, HOST, OURS ":5001", 0).err, OK);
        ck_assert_int_eq(leave(nat, OTHER, OURS ":5000", 0).err, OK);
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(without_hairpinning_our_own_address_is_nowhere)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ENDPOINT_INDEPENDENT);
    cfg.outside[1] = ip(SECOND);
    cfg.outside_count = 2;
    struct sim_nat *nat = nat_of(&cfg);
    seen(nat, HOST, remotes[A1], 0);
    ck_assert_int_eq(leave(nat, OTHER, OURS ":5000", 0).err, E_UNSUPPORTED);
    ck_assert_int_eq(leave(nat, OTHER, SECOND ":5000", 0).err, E_UNSUPPORTED);
    ck_assert_uint_eq(sim_nat_counters(nat)->no_hairpin, 2);
    ck_assert_uint_eq(sim_nat_mappings(nat, 0), 1);
    struct addr a = address(OURS ":1"), b = address(SECOND ":2"), c = address("192.0.2.3:1");
    ck_assert(sim_nat_owns(nat, &a) && sim_nat_owns(nat, &b) && !sim_nat_owns(nat, &c));
    sim_nat_free(nat);
}
END_TEST

/* ---- RFC 4787 §4.3: expiry ---- */

START_TEST(only_what_is_told_to_renews)
{
    static const struct {
        enum sim_nat_refresh refresh;
        bool by_outbound, by_inbound;
    } rows[] = {{SIM_NAT_REFRESH_OUTBOUND, true, false},
                {SIM_NAT_REFRESH_INBOUND, false, true},
                {SIM_NAT_REFRESH_BOTH, true, true},
                {SIM_NAT_REFRESH_NEVER, false, false}};
    for (size_t i = 0; i < COUNT(rows) * 4; i++) {
        enum sim_nat_behaviour filter = (enum sim_nat_behaviour)(i % 4);
        struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, filter);
        cfg.refresh = rows[i / 4].refresh;
        cfg.expiry = SEC(30);
        struct sim_nat *nat = nat_of(&cfg);
        seen(nat, HOST, remotes[A1], 0);
        seen(nat, HOST, remotes[A1], SEC(20));
        ck_assert_uint_eq(sim_nat_mappings(nat, SEC(30) - 1), 1);
        ck_assert_uint_eq(sim_nat_mappings(nat, SEC(30)), rows[i / 4].by_outbound);
        ck_assert_uint_eq(sim_nat_mappings(nat, SEC(50)), 0);

        struct addr at = seen(nat, HOST, remotes[A1], SEC(60));
        ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(80)).err, OK);
        ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(90) - 1).err, OK);
        ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(90)).err,
                         rows[i / 4].by_inbound ? OK : E_STATE);
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(a_mapping_lives_five_minutes_unless_told)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_DEPENDENT);
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = seen(nat, HOST, remotes[A1], SEC(5));
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(305) - 1).err, OK);
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(305)).err, E_STATE);
    ck_assert_uint_eq(sim_nat_counters(nat)->expired, 1);
    /* Whoever sends again is mapped again, and nothing of before is known. */
    at = seen(nat, HOST, remotes[B1], SEC(306));
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(306)).err, E_STATE);
    ck_assert_int_eq(enter_at(nat, remotes[B1], &at, SEC(306)).err, OK);
    sim_nat_free(nat);
}
END_TEST

START_TEST(the_filter_forgets_whom_nothing_is_sent_to)
{
    struct sim_nat_config cfg =
        config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    cfg.expiry = SEC(30);
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = seen(nat, HOST, remotes[A1], 0);
    for (int s = 0; s < 60; s += 10) seen(nat, HOST, remotes[B1], SEC(s)); /* keepalives */
    ck_assert_int_eq(enter_at(nat, remotes[B1], &at, SEC(60)).err, OK);
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(60)).err, E_STATE);
    ck_assert_uint_eq(sim_nat_counters(nat)->filtered, 1);
    sim_nat_free(nat);
}
END_TEST

/* A session of a mapping that is gone does not open the next one's filter. */
START_TEST(a_new_mapping_starts_with_a_closed_filter)
{
    struct sim_nat_config cfg =
        config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    cfg.expiry = SEC(30);
    cfg.refresh = SIM_NAT_REFRESH_NEVER;
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = seen(nat, HOST, remotes[A1], 0);
    seen(nat, HOST, remotes[A2], SEC(29)); /* of the first mapping, but younger */
    struct addr again = seen(nat, HOST, remotes[A1], SEC(30));
    ck_assert(addr_equal(&at, &again));
    ck_assert_int_eq(enter_at(nat, remotes[A2], &at, SEC(31)).err, E_STATE);
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, SEC(31)).err, OK);
    sim_nat_free(nat);
}
END_TEST

START_TEST(a_clock_that_goes_back_is_harmless)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
    cfg.expiry = SEC(30);
    struct sim_nat *nat = nat_of(&cfg);
    seen(nat, HOST, remotes[A1], SEC(100));
    seen(nat, OTHER, remotes[A1], SEC(10));
    seen(nat, OTHER, remotes[B1], INT64_MIN);
    ck_assert_uint_eq(sim_nat_mappings(nat, SEC(129)), 2);
    ck_assert_uint_eq(sim_nat_mappings(nat, SEC(130)), 0);
    ck_assert_uint_eq(sim_nat_mappings(nat, TIME_NEVER), 0);
    sim_nat_free(nat);
}
END_TEST

/* ---- rebinding ---- */

START_TEST(rebinding_forgets_and_changes_what_is_told)
{
    static const struct {
        enum sim_nat_rebinding how;
        bool same_port, same_address;
    } rows[] = {{SIM_NAT_FORGETS, true, true},
                {SIM_NAT_NEW_PORTS, false, true},
                {SIM_NAT_NEW_ADDRESS, true, false}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sim_nat_config cfg =
            config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
        cfg.outside[1] = ip(SECOND);
        cfg.outside_count = 2;
        struct sim_nat *nat = nat_of(&cfg);
        struct addr before = seen(nat, HOST, remotes[A1], 0);
        sim_nat_rebind(nat, rows[i].how);
        ck_assert_int_eq(enter_at(nat, remotes[A1], &before, 1).err, E_STATE);
        struct addr after = seen(nat, HOST, remotes[A1], 2);
        ck_assert_int_eq(before.port == after.port, rows[i].same_port);
        ck_assert_int_eq(addr_equal_ip(&before, &after), rows[i].same_address);
        ck_assert_int_eq(enter_at(nat, remotes[A1], &after, 3).err, OK);
        ck_assert_int_eq(enter_at(nat, remotes[A2], &after, 3).err, E_STATE);
        ck_assert_int_eq(enter_at(nat, remotes[A1], &before, 3).err,
                         addr_equal(&before, &after) ? OK : E_STATE);
        ck_assert_uint_eq(sim_nat_counters(nat)->rebindings, 1);
        ck_assert_uint_eq(sim_nat_counters(nat)->expired, 0);
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(rebinding_many_times_finds_new_ports)
{
    static const unsigned counts[] = {0, 2, 3, 4, 7, 64};
    for (size_t i = 0; i < COUNT(counts); i++) {
        struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
        cfg.port_count = counts[i];
        struct sim_nat *nat = nat_of(&cfg);
        uint16_t last = seen(nat, HOST, remotes[A1], 0).port;
        for (int n = 0; n < 100; n++) {
            sim_nat_rebind(nat, SIM_NAT_NEW_PORTS);
            uint16_t port = seen(nat, HOST, remotes[A1], n).port;
            ck_assert_uint_ne(port, last);
            ck_assert_uint_ge(port, SIM_NAT_PORT_MIN);
            last = port;
        }
        sim_nat_free(nat);
    }
}
END_TEST

/* ---- two in a row ---- */

START_TEST(two_in_a_row)
{
    struct sim_nat_config cfg[2] = {
        config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT),
        config(SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_ENDPOINT_INDEPENDENT)};
    cfg[0].outside[0] = ip("100.64.0.5"); /* RFC 6598: between the two */
    cfg[1].hairpin = true;
    struct sim_nat *inner = nat_of(&cfg[0]), *outer = nat_of(&cfg[1]);
    struct packet p;
    make(&p, HOST, remotes[A1]);
    bool turned;
    ck_assert_int_eq(sim_nat_outbound(inner, &p, &turned, 0), OK);
    ck_assert(is(&p.route.local, "100.64.0.5:5000"));
    ck_assert_int_eq(sim_nat_outbound(outer, &p, &turned, 0), OK);
    ck_assert(is(&p.route.local, OURS ":5000") && is(&p.route.remote, remotes[A1]));

    /* Back: the outer one lets anyone in, the inner one only whom it was sent to. */
    p.route = (struct route){address(remotes[A1]), address(OURS ":5000")};
    ck_assert_int_eq(sim_nat_inbound(outer, &p, 1), OK);
    ck_assert(is(&p.route.remote, "100.64.0.5:5000"));
    ck_assert_int_eq(sim_nat_inbound(inner, &p, 1), OK);
    ck_assert(is(&p.route.remote, HOST) && is(&p.route.local, remotes[A1]));
    p.route = (struct route){address(remotes[B1]), address(OURS ":5000")};
    ck_assert_int_eq(sim_nat_inbound(outer, &p, 2), OK);
    ck_assert_int_eq(sim_nat_inbound(inner, &p, 2), E_STATE);

    /* A neighbour behind the outer one, by way of its hairpin: turned round there, and then it
     * still has to pass the inner one. */
    p.route = (struct route){address("100.64.0.6:7"), address(OURS ":5000")};
    ck_assert_int_eq(sim_nat_outbound(outer, &p, &turned, 3), OK);
    ck_assert(turned && is(&p.route.remote, "100.64.0.5:5000"));
    ck_assert_int_eq(sim_nat_inbound(inner, &p, 3), E_STATE);
    sim_nat_free(inner);
    sim_nat_free(outer);
}
END_TEST

/* ---- what translates nothing ---- */

START_TEST(ipv6_is_filtered_and_not_translated)
{
    const char *host = "[2001:db8::2]:5000", *remote = "[2001:db8:1::9]:3478";
    for (int f = SIM_NAT_NONE; f <= SIM_NAT_ADDRESS_AND_PORT_DEPENDENT; f++) {
        struct sim_nat_config cfg =
            config(SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, (enum sim_nat_behaviour)f);
        cfg.expiry = SEC(30);
        struct sim_nat *nat = nat_of(&cfg);
        struct addr inside = address(host);
        ck_assert(sim_nat_translates(nat, ADDR_IPV4) && !sim_nat_translates(nat, ADDR_IPV6));
        ck_assert_int_eq(enter_at(nat, remote, &inside, 0).err, f == SIM_NAT_NONE ? OK : E_STATE);
        struct addr at = seen(nat, host, remote, 1);
        ck_assert(is(&at, host));
        struct passed p = enter_at(nat, remote, &at, 2);
        ck_assert_int_eq(p.err, OK);
        ck_assert(is(&p.route.remote, host) && is(&p.route.local, remote));
        ck_assert_int_eq(enter_at(nat, "[2001:db8:1::9]:9", &at, 3).err,
                         f <= SIM_NAT_ADDRESS_DEPENDENT ? OK : E_STATE);
        ck_assert_int_eq(enter_at(nat, "[2001:db8:2::9]:3478", &at, 3).err,
                         f <= SIM_NAT_ENDPOINT_INDEPENDENT ? OK : E_STATE);
        ck_assert_int_eq(enter_at(nat, remote, &at, SEC(31) + 1).err,
                         f == SIM_NAT_NONE ? OK : E_STATE);
        at = seen(nat, HOST, remotes[A1], SEC(32)); /* beside it IPv4 is translated */
        ck_assert(is(&at, OURS ":5000"));
        sim_nat_free(nat);
    }
}
END_TEST

START_TEST(a_firewall_for_ipv4)
{
    struct sim_nat_config cfg = {.filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT};
    struct sim_nat *nat = nat_of(&cfg);
    ck_assert(!sim_nat_translates(nat, ADDR_IPV4));
    struct addr at = seen(nat, "192.0.2.50:5000", remotes[A1], 0);
    ck_assert(is(&at, "192.0.2.50:5000"));
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 0).err, OK);
    ck_assert_int_eq(enter_at(nat, remotes[A2], &at, 0).err, E_STATE);
    at = address("192.0.2.51:5000");
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 0).err, E_STATE);
    sim_nat_rebind(nat, SIM_NAT_NEW_ADDRESS); /* of which there is none */
    at = seen(nat, "192.0.2.50:5000", remotes[A1], 0);
    ck_assert(is(&at, "192.0.2.50:5000"));
    sim_nat_free(nat);
}
END_TEST

START_TEST(all_zero_passes_everything)
{
    struct sim_nat_config cfg = {0};
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = seen(nat, HOST, remotes[A1], 0);
    ck_assert(is(&at, HOST));
    at = address(OTHER);
    ck_assert_int_eq(enter_at(nat, remotes[B2], &at, 0).err, OK);
    ck_assert_uint_eq(sim_nat_mappings(nat, 0), 0);
    ck_assert_uint_eq(sim_nat_counters(nat)->out + sim_nat_counters(nat)->in, 2);
    sim_nat_free(nat);
}
END_TEST

START_TEST(blocked_passes_nothing)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
    cfg.blocked = true;
    struct sim_nat *nat = nat_of(&cfg);
    struct addr at = address(OURS ":5000");
    ck_assert_int_eq(leave(nat, HOST, remotes[A1], 0).err, E_UNSUPPORTED);
    ck_assert_int_eq(leave(nat, "[2001:db8::2]:1", "[2001:db8:1::9]:1", 0).err, E_UNSUPPORTED);
    ck_assert_int_eq(enter_at(nat, remotes[A1], &at, 0).err, E_UNSUPPORTED);
    ck_assert_uint_eq(sim_nat_counters(nat)->blocked, 3);
    ck_assert_uint_eq(sim_nat_mappings(nat, 0), 0);
    sim_nat_free(nat);
}
END_TEST

START_TEST(what_has_no_way_is_dropped_and_counted)
{
    struct sim_nat_config cfg = config(SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_NONE);
    cfg.outside_count = 0;
    struct sim_nat *nat = nat_of(&cfg);
    ck_assert_int_eq(leave(nat, HOST, remotes[A1], 0).err, E_UNSUPPORTED);
    ck_assert_uint_eq(sim_nat_counters(nat)->no_address, 1);
    ck_assert_int_eq(leave(nat, HOST, "[2001:db8::1]:1", 0).err, E_MALFORMED);
    struct packet p;
    packet_reset(&p);
    bool turned;
    ck_assert_int_eq(sim_nat_outbound(nat, &p, &turned, 0), E_MALFORMED);
    ck_assert_int_eq(sim_nat_inbound(nat, &p, 0), E_MALFORMED);
    ck_assert_uint_eq(sim_nat_counters(nat)->malformed, 3);
    sim_nat_free(nat);
    sim_nat_free(NULL);
}
END_TEST

SUITE("sim nat", mapping_behaviours, filtering_behaviours_with_each_mapping,
      each_mapping_has_a_filter_of_its_own, nothing_comes_in_before_something_went_out,
      ports_are_preserved_unless_taken, ports_in_sequence, random_ports_follow_from_the_seed,
      ports_run_out, mappings_run_out, every_mapping_and_session_can_be_taken_again_and_again,
      hairpinning_shows_the_outside_address, hairpinning_passes_the_filter,
      without_hairpinning_our_own_address_is_nowhere, only_what_is_told_to_renews,
      a_mapping_lives_five_minutes_unless_told, the_filter_forgets_whom_nothing_is_sent_to,
      a_new_mapping_starts_with_a_closed_filter, a_clock_that_goes_back_is_harmless,
      rebinding_forgets_and_changes_what_is_told, rebinding_many_times_finds_new_ports,
      two_in_a_row, ipv6_is_filtered_and_not_translated, a_firewall_for_ipv4,
      all_zero_passes_everything, blocked_passes_nothing, what_has_no_way_is_dropped_and_counted)
