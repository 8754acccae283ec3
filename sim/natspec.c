#include "sim/natspec.h"

#define EXPIRY_MAX SEC(24 * 60 * 60)

/* In the order of their enums. */
static const char *const behaviours[] = {"none", "endpoint", "address", "port"};
static const char *const port_assignments[] = {"preserved", "sequential", "random"};
static const char *const refreshments[] = {"outbound", "inbound", "both", "never"};

static const struct unit {
    const char *name;
    usec us;
} units[] = {{"min", SEC(60)}, {"s", SEC(1)}, {"ms", MS(1)}, {"us", USEC(1)}};

/* RFC 3489 §5's four kinds in RFC 4787's words, and what else is met in the world. A symmetric NAT
 * that preserved ports would be one on its first mapping only. */
static const struct preset {
    const char *name;
    struct sim_nat_config cfg;
} presets[] = {
    {"none", {.mapping = SIM_NAT_NONE}},
    {"full-cone",
     {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT, .filtering = SIM_NAT_ENDPOINT_INDEPENDENT}},
    {"restricted",
     {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT, .filtering = SIM_NAT_ADDRESS_DEPENDENT}},
    {"port-restricted",
     {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT, .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT}},
    {"symmetric",
     {.mapping = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
      .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
      .ports = SIM_NAT_PORTS_RANDOM}},
    {"firewall", {.filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT}},
    {"blocked", {.blocked = true}},
};

enum option_name { MAPPING, FILTERING, PORTS, REFRESH, EXPIRY, PORT_COUNT, MAPPING_COUNT };

/* ---- reading ---- */

#define FIND(names, value, index) find((names), COUNT(names), (value), (index))

static bool find(const char *const *names, size_t count, struct bytes name, int *index)
{
    for (size_t i = 0; i < count; i++) {
        if (!bytes_is(name, names[i])) continue;
        *index = (int)i;
        return true;
    }
    return false;
}

static bool read_count(struct bytes value, unsigned max, unsigned *to)
{
    uint64_t n;
    if (!bytes_to_u64(value, max, &n) || n == 0) return false;
    *to = (unsigned)n;
    return true;
}

static bool read_expiry(struct bytes value, usec *to)
{
    size_t digits = 0;
    while (digits < value.len && value.at[digits] >= '0' && value.at[digits] <= '9') digits++;
    struct bytes unit = bytes_slice(value, digits, value.len);
    for (size_t i = 0; i < COUNT(units); i++) {
        uint64_t n, max = (uint64_t)(EXPIRY_MAX / units[i].us);
        if (!bytes_is(unit, units[i].name)) continue;
        if (!bytes_to_u64(bytes_slice(value, 0, digits), max, &n) || n == 0) return false;
        *to = (usec)n * units[i].us;
        return true;
    }
    return false;
}

static const struct option {
    const char *name;
    const char *wanted;
} options[] = {
    [MAPPING] = {"mapping", "mapping is none, endpoint, address or port"},
    [FILTERING] = {"filtering", "filtering is none, endpoint, address or port"},
    [PORTS] = {"ports", "ports are preserved, sequential or random"},
    [REFRESH] = {"refresh", "refresh is outbound, inbound, both or never"},
    [EXPIRY] = {"expiry", "expiry is a time above 0, at most a day: 30s, 500ms, 5min"},
    [PORT_COUNT] = {"port-count", "port-count is a number from 1 to 64512"},
    [MAPPING_COUNT] = {"mapping-count", "mapping-count is a number from 1 to 256"},
};

static bool read_value(struct sim_nat_config *cfg, enum option_name option, struct bytes value)
{
    int i = 0;
    bool ok = false;
    switch (option) {
    case MAPPING:
        ok = FIND(behaviours, value, &i);
        if (ok) cfg->mapping = (enum sim_nat_behaviour)i;
        break;
    case FILTERING:
        ok = FIND(behaviours, value, &i);
        if (ok) cfg->filtering = (enum sim_nat_behaviour)i;
        break;
    case PORTS:
        ok = FIND(port_assignments, value, &i);
        if (ok) cfg->ports = (enum sim_nat_ports)i;
        break;
    case REFRESH:
        ok = FIND(refreshments, value, &i);
        if (ok) cfg->refresh = (enum sim_nat_refresh)i;
        break;
    case EXPIRY: ok = read_expiry(value, &cfg->expiry); break;
    case PORT_COUNT: ok = read_count(value, SIM_NAT_PORT_COUNT, &cfg->port_count); break;
    case MAPPING_COUNT: ok = read_count(value, SIM_NAT_MAPPINGS_MAX, &cfg->mapping_count); break;
    }
    return ok;
}

/* NULL: taken. Otherwise what would have been right; the same for the next two. */
static const char *read_option(struct sim_nat_config *cfg, struct bytes name, struct bytes value)
{
    for (size_t i = 0; i < COUNT(options); i++)
        if (bytes_is(name, options[i].name))
            return read_value(cfg, (enum option_name)i, value) ? NULL : options[i].wanted;
    return "an option is hairpin, blocked, mapping=, filtering=, ports=, refresh=, expiry=, "
           "port-count= or mapping-count=";
}

static const char *read_preset(struct sim_nat_config *cfg, struct bytes name)
{
    for (size_t i = 0; i < COUNT(presets); i++) {
        if (!bytes_is(name, presets[i].name)) continue;
        *cfg = presets[i].cfg;
        return NULL;
    }
    return "a NAT is none, full-cone, restricted, port-restricted, symmetric, firewall or blocked";
}

static const char *read_item(struct sim_nat_config *cfg, struct bytes item, bool first)
{
    if (first) return read_preset(cfg, item);
    if (bytes_is(item, "hairpin")) return cfg->hairpin = true, NULL;
    if (bytes_is(item, "blocked")) return cfg->blocked = true, NULL;
    const uint8_t *equals = item.len ? memchr(item.at, '=', item.len) : NULL;
    size_t name = equals ? (size_t)(equals - item.at) : item.len;
    return read_option(cfg, bytes_slice(item, 0, name), bytes_slice(item, name + 1, item.len));
}

enum err sim_nat_spec_parse(struct sim_nat_config *cfg, struct bytes text, struct fault *fault)
{
    struct sim_nat_config read = {0};
    *fault = (struct fault){0};
    for (size_t at = 0, len; at <= text.len; at += len + 1) {
        for (len = 0; at + len < text.len && text.at[at + len] != ':';) len++;
        const char *wanted = read_item(&read, bytes_slice(text, at, len), at == 0);
        if (!wanted) continue;
        *fault = (struct fault){E_MALFORMED, "nat", at, wanted};
        return E_MALFORMED;
    }
    memcpy(read.outside, cfg->outside, sizeof read.outside);
    read.outside_count = cfg->outside_count;
    read.rng = cfg->rng;
    *cfg = read;
    return OK;
}

/* ---- writing ---- */

static unsigned differences(const struct sim_nat_config *a, const struct sim_nat_config *b)
{
    return (unsigned)(a->mapping != b->mapping) + (a->filtering != b->filtering) +
           (a->blocked != b->blocked) + (a->ports != b->ports);
}

/* No preset that is blocked will do for one that is not: no option lets UDP pass again. */
static const struct preset *nearest(const struct sim_nat_config *cfg)
{
    const struct preset *best = &presets[0];
    for (size_t i = 1; i < COUNT(presets); i++) {
        const struct preset *p = &presets[i];
        if (p->cfg.blocked && !cfg->blocked) continue;
        if (differences(&p->cfg, cfg) < differences(&best->cfg, cfg)) best = p;
    }
    return best;
}

static void write_expiry(struct writer *w, usec expiry)
{
    const struct unit *unit = units;
    expiry = usec_min(expiry, EXPIRY_MAX);
    while (expiry % unit->us != 0) unit++;
    write_format(w, ":expiry=%lld%s", (long long)(expiry / unit->us), unit->name);
}

void sim_nat_spec_write(struct writer *w, const struct sim_nat_config *cfg)
{
    const struct preset *preset = nearest(cfg);
    write_text(w, preset->name);
    if (cfg->mapping != preset->cfg.mapping)
        write_format(w, ":mapping=%s", behaviours[cfg->mapping]);
    if (cfg->filtering != preset->cfg.filtering)
        write_format(w, ":filtering=%s", behaviours[cfg->filtering]);
    if (cfg->blocked != preset->cfg.blocked) write_text(w, ":blocked");
    if (cfg->hairpin) write_text(w, ":hairpin");
    if (cfg->ports != preset->cfg.ports) write_format(w, ":ports=%s", port_assignments[cfg->ports]);
    if (cfg->refresh != preset->cfg.refresh)
        write_format(w, ":refresh=%s", refreshments[cfg->refresh]);
    if (cfg->expiry > 0) write_expiry(w, cfg->expiry);
    if (cfg->port_count) write_format(w, ":port-count=%u", cfg->port_count);
    if (cfg->mapping_count) write_format(w, ":mapping-count=%u", cfg->mapping_count);
}
