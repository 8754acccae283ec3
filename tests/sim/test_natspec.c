#include "sim/natspec.h"
#include "tests/suite.h"

static struct sim_nat_config parsed(const char *text)
{
    struct sim_nat_config cfg = {0};
    struct fault fault;
    ck_assert_msg(sim_nat_spec_parse(&cfg, bytes_of(text), &fault) == OK, "%s", text);
    ck_assert_int_eq(fault.err, OK);
    return cfg;
}

static const char *written(const struct sim_nat_config *cfg, char text[SIM_NAT_SPEC_MAX])
{
    struct writer w = writer_of(text, SIM_NAT_SPEC_MAX - 1);
    sim_nat_spec_write(&w, cfg);
    ck_assert_int_eq(w.err, OK);
    text[writer_len(&w)] = 0;
    return text;
}

START_TEST(presets)
{
    static const struct {
        const char *name;
        enum sim_nat_behaviour mapping, filtering;
        enum sim_nat_ports ports;
        bool blocked;
    } rows[] = {
        {"none", SIM_NAT_NONE, SIM_NAT_NONE, SIM_NAT_PORTS_PRESERVED, false},
        {"full-cone", SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ENDPOINT_INDEPENDENT,
         SIM_NAT_PORTS_PRESERVED, false},
        {"restricted", SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_DEPENDENT,
         SIM_NAT_PORTS_PRESERVED, false},
        {"port-restricted", SIM_NAT_ENDPOINT_INDEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
         SIM_NAT_PORTS_PRESERVED, false},
        {"symmetric", SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
         SIM_NAT_PORTS_RANDOM, false},
        {"firewall", SIM_NAT_NONE, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT, SIM_NAT_PORTS_PRESERVED,
         false},
        {"blocked", SIM_NAT_NONE, SIM_NAT_NONE, SIM_NAT_PORTS_PRESERVED, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sim_nat_config cfg = parsed(rows[i].name);
        ck_assert_int_eq(cfg.mapping, rows[i].mapping);
        ck_assert_int_eq(cfg.filtering, rows[i].filtering);
        ck_assert_int_eq(cfg.ports, rows[i].ports);
        ck_assert_int_eq(cfg.blocked, rows[i].blocked);
        ck_assert(!cfg.hairpin);
        char text[SIM_NAT_SPEC_MAX];
        ck_assert_str_eq(written(&cfg, text), rows[i].name);
    }
}
END_TEST

START_TEST(options_change_the_preset)
{
    struct sim_nat_config cfg = parsed("symmetric:hairpin:expiry=30s");
    ck_assert_int_eq(cfg.mapping, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    ck_assert(cfg.hairpin);
    ck_assert_int_eq(cfg.expiry, SEC(30));
    cfg = parsed("full-cone:mapping=address:filtering=port:ports=sequential:refresh=both:blocked:"
                 "expiry=1min:port-count=16:mapping-count=256");
    ck_assert_int_eq(cfg.mapping, SIM_NAT_ADDRESS_DEPENDENT);
    ck_assert_int_eq(cfg.filtering, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    ck_assert_int_eq(cfg.ports, SIM_NAT_PORTS_SEQUENTIAL);
    ck_assert_int_eq(cfg.refresh, SIM_NAT_REFRESH_BOTH);
    ck_assert(cfg.blocked);
    ck_assert_int_eq(cfg.expiry, SEC(60));
    ck_assert_uint_eq(cfg.port_count, 16);
    ck_assert_uint_eq(cfg.mapping_count, 256);
    cfg = parsed("none:mapping=port:mapping=endpoint:refresh=never:refresh=inbound");
    ck_assert_int_eq(cfg.mapping, SIM_NAT_ENDPOINT_INDEPENDENT); /* the last word */
    ck_assert_int_eq(cfg.refresh, SIM_NAT_REFRESH_INBOUND);
    ck_assert_int_eq(parsed("none:expiry=250ms").expiry, MS(250));
    ck_assert_int_eq(parsed("none:expiry=1us").expiry, 1);
    ck_assert_int_eq(parsed("none:expiry=1440min").expiry, SEC(86400));
}
END_TEST

START_TEST(addresses_and_luck_are_not_in_the_text)
{
    struct sim_nat_config cfg = {.hairpin = true, .outside_count = 2};
    cfg.outside[1] = addr_ipv4(192, 0, 2, 1, 0);
    rng_init_number(&cfg.rng, 5);
    struct rng before = cfg.rng;
    struct fault fault;
    ck_assert_int_eq(sim_nat_spec_parse(&cfg, bytes_of("full-cone"), &fault), OK);
    ck_assert(!cfg.hairpin); /* all of the behaviour is new */
    ck_assert_uint_eq(cfg.outside_count, 2);
    ck_assert_uint_eq(cfg.outside[1].ip[0], 192);
    ck_assert_mem_eq(&cfg.rng, &before, sizeof before);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
    static const struct {
        const char *text;
        size_t offset;
        const char *rule; /* its beginning */
    } rows[] = {
        {"", 0, "a NAT is none"},
        {"cone", 0, "a NAT is none"},
        {"None", 0, "a NAT is none"},
        {"symmetric ", 0, "a NAT is none"},
        {":hairpin", 0, "a NAT is none"},
        {"symmetric:", 10, "an option is"},
        {"symmetric::hairpin", 10, "an option is"},
        {"symmetric:hairpin=1", 10, "an option is"},
        {"symmetric:expiry", 10, "expiry is"},
        {"symmetric:expiry=", 10, "expiry is"},
        {"symmetric:expiry=s", 10, "expiry is"},
        {"symmetric:expiry=30", 10, "expiry is"},
        {"symmetric:expiry=0s", 10, "expiry is"},
        {"symmetric:expiry=-1s", 10, "expiry is"},
        {"symmetric:expiry=1.5s", 10, "expiry is"},
        {"symmetric:expiry=1441min", 10, "expiry is"},
        {"symmetric:expiry=99999999999999999999us", 10, "expiry is"},
        {"none:hairpin:mapping=all", 13, "mapping is"},
        {"none:filtering=", 5, "filtering is"},
        {"none:ports=odd", 5, "ports are"},
        {"none:refresh=often", 5, "refresh is"},
        {"none:port-count=0", 5, "port-count is"},
        {"none:port-count=64513", 5, "port-count is"},
        {"none:mapping-count=257", 5, "mapping-count is"},
        {"none:none", 5, "an option is"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sim_nat_config cfg = {.hairpin = true, .expiry = 77};
        struct fault fault;
        ck_assert_msg(sim_nat_spec_parse(&cfg, bytes_of(rows[i].text), &fault) == E_MALFORMED, "%s",
                      rows[i].text);
        ck_assert_int_eq(fault.err, E_MALFORMED);
        ck_assert_str_eq(fault.layer, "nat");
        ck_assert_uint_eq(fault.offset, rows[i].offset);
        ck_assert_msg(bytes_starts(bytes_of(fault.rule), rows[i].rule), "%s", fault.rule);
        ck_assert(cfg.hairpin && cfg.expiry == 77); /* as it was */
    }
    struct sim_nat_config cfg = {0};
    struct fault fault;
    struct bytes nul = {(const uint8_t *)"none\0", 5}; /* NUL ends nothing */
    ck_assert_int_eq(sim_nat_spec_parse(&cfg, nul, &fault), E_MALFORMED);
}
END_TEST

START_TEST(what_is_written_says_the_same)
{
    static const usec expiries[] = {0, 1, MS(1), MS(1500), SEC(30), SEC(120), SEC(86400)};
    char text[SIM_NAT_SPEC_MAX];
    for (int i = 0; i < 4 * 4 * 2 * 2 * 3 * 4; i++) {
        struct sim_nat_config cfg = {.mapping = (enum sim_nat_behaviour)(i % 4),
                                     .filtering = (enum sim_nat_behaviour)(i / 4 % 4),
                                     .blocked = i / 16 % 2,
                                     .hairpin = i / 32 % 2,
                                     .ports = (enum sim_nat_ports)(i / 64 % 3),
                                     .refresh = (enum sim_nat_refresh)(i / 192 % 4),
                                     .expiry = expiries[(size_t)i % COUNT(expiries)],
                                     .port_count = i % 5 ? (unsigned)i : 0,
                                     .mapping_count = i % 3 ? (unsigned)(i % 256 + 1) : 0};
        struct sim_nat_config again = parsed(written(&cfg, text));
        ck_assert_int_eq(again.mapping, cfg.mapping);
        ck_assert_int_eq(again.filtering, cfg.filtering);
        ck_assert_int_eq(again.blocked, cfg.blocked);
        ck_assert_int_eq(again.hairpin, cfg.hairpin);
        ck_assert_int_eq(again.ports, cfg.ports);
        ck_assert_int_eq(again.refresh, cfg.refresh);
        ck_assert_int_eq(again.expiry, cfg.expiry);
        ck_assert_uint_eq(again.port_count, cfg.port_count);
        ck_assert_uint_eq(again.mapping_count, cfg.mapping_count);
    }
    struct sim_nat_config cfg = parsed("symmetric:expiry=90000ms:hairpin");
    ck_assert_str_eq(written(&cfg, text), "symmetric:hairpin:expiry=90s");
}
END_TEST

SUITE("sim natspec", presets, options_change_the_preset, addresses_and_luck_are_not_in_the_text,
      what_is_wrong_is_said, what_is_written_says_the_same)
