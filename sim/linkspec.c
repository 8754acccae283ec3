#include "sim/linkspec.h"

#include <inttypes.h>
#include <stdio.h>

struct unit {
    const char *name;
    uint64_t in; /* of the unit that the spec counts in */
};

static const struct unit times[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"min", 60000000}};
static const struct unit percent[] = {{"%", 10000}};
static const struct unit rates[] = {
    {"bit", 1}, {"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}};
static const struct unit sizes[] = {{"B", 1}, {"", 1}, {"kB", 1000}, {"MB", 1000000}};

#define TIMES   times, COUNT(times)
#define PERCENT percent, COUNT(percent)
#define RATES   rates, COUNT(rates)
#define SIZES   sizes, COUNT(sizes)

/* ---- Values ---- */

/* Digits that are kept exactly: enough for any bound, few enough to be multiplied by any unit. */
#define DIGITS_MAX 13

/* "12.5ms": a decimal number and a unit, as a whole number of what the spec counts in. False: not
 * that, above `max`, or finer than the spec can tell. */
static bool scaled(struct bytes text, const struct unit *units, size_t count, uint64_t max,
                   uint64_t *value)
{
    uint64_t digits = 0, part = 1;
    size_t at = 0, seen = 0;
    bool fraction = false;
    for (; at < text.len; at++) {
        uint8_t c = text.at[at];
        if (c == '.' && !fraction && seen > 0) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        if (++seen > DIGITS_MAX) return false;
        digits = digits * 10 + (uint64_t)(c - '0');
        if (fraction) part *= 10;
    }
    if (seen == 0 || text.at[at - 1] == '.') return false;
    struct bytes name = bytes_slice(text, at, SIZE_MAX);
    for (size_t i = 0; i < count; i++) {
        if (!bytes_is_nocase(name, units[i].name)) continue;
        if (digits > UINT64_MAX / units[i].in) return false;
        *value = digits * units[i].in / part;
        return digits * units[i].in % part == 0 && *value <= max;
    }
    return false;
}

static bool read_time(struct bytes text, usec *to)
{
    uint64_t value;
    if (!scaled(text, TIMES, SIM_LINK_TIME_MAX, &value)) return false;
    *to = (usec)value;
    return true;
}

static bool read_ppm(struct bytes text, uint32_t *to)
{
    uint64_t value;
    if (!scaled(text, PERCENT, SIM_PPM, &value)) return false;
    *to = (uint32_t)value;
    return true;
}

static bool read_size(struct bytes text, size_t *to)
{
    uint64_t value;
    if (!scaled(text, SIZES, SIM_LINK_SIZE_MAX, &value) || value == 0) return false;
    *to = (size_t)value;
    return true;
}

/* What stands before the next `mark`, taken off `rest`. */
static struct bytes cut(struct bytes *rest, char mark)
{
    size_t len = 0;
    while (len < rest->len && rest->at[len] != (uint8_t)mark) len++;
    struct bytes part = bytes_slice(*rest, 0, len);
    *rest = bytes_slice(*rest, len + 1, SIZE_MAX);
    return part;
}

static bool read_reorder(struct bytes text, struct sim_link_spec *spec)
{
    bool timed = memchr(text.at, '/', text.len) != NULL;
    return read_ppm(cut(&text, '/'), &spec->reorder_ppm) &&
           (!timed || (read_time(text, &spec->reorder_by) && spec->reorder_by > 0));
}

static bool read_bursts(struct bytes text, struct sim_link_spec *spec)
{
    uint32_t parts[4] = {0, 0, SIM_PPM, 0};
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) count += text.at[i] == '/';
    if (count < 2 || count > COUNT(parts)) return false;
    for (size_t i = 0; i < count; i++)
        if (!read_ppm(cut(&text, '/'), &parts[i])) return false;
    spec->bursts.good_to_bad_ppm = parts[0];
    spec->bursts.bad_to_good_ppm = parts[1];
    spec->bursts.loss_bad_ppm = parts[2];
    spec->bursts.loss_good_ppm = parts[3];
    return true;
}

static bool read_queue(struct bytes text, struct sim_link_spec *spec)
{
    if (bytes_is(text, "max")) return true;
    for (bool more = true; more;) {
        size_t left = text.len;
        struct bytes part = cut(&text, '/');
        more = part.len < left;
        if (spec->queue_time == 0 && read_time(part, &spec->queue_time)) {
            if (spec->queue_time == 0) return false;
        } else if (spec->queue_bytes || !read_size(part, &spec->queue_bytes)) {
            return false;
        }
    }
    return true;
}

static bool read_rate(struct bytes text, struct sim_link_spec *spec)
{
    return scaled(text, RATES, SIM_LINK_RATE_MAX, &spec->rate_bps) && spec->rate_bps > 0;
}

static bool read_seed(struct bytes text, struct sim_link_spec *spec)
{
    return bytes_to_u64(text, UINT64_MAX, &spec->seed);
}

/* ---- Items ---- */

enum name { DELAY, JITTER, LOSS, DUP, CORRUPT, REORDER, BURST, RATE, QUEUE, CODEL, MTU, SEED };

static const struct {
    const char *name, *wanted;
} names[] = {
    [DELAY] = {"delay", "delay= takes a time up to an hour, such as 50ms"},
    [JITTER] = {"jitter", "jitter= takes a time up to an hour, such as 10ms"},
    [LOSS] = {"loss", "loss= takes a percentage from 0% to 100%, such as 5%"},
    [DUP] = {"dup", "dup= takes a percentage from 0% to 100%, such as 1%"},
    [CORRUPT] = {"corrupt", "corrupt= takes a percentage from 0% to 100%, such as 0.1%"},
    [REORDER] = {"reorder", "reorder= takes a percentage, and how long: 1% or 1%/40ms"},
    [BURST] = {"burst", "burst= takes two to four percentages: 1%/30% or 1%/30%/100%/0%"},
    [RATE] = {"rate", "rate= takes a rate above 0, such as 1mbit"},
    [QUEUE] = {"queue", "queue= takes a time or a size above 0, or both: 200ms, 64kB, 200ms/64kB"},
    [CODEL] = {"codel", "codel takes no value"},
    [MTU] = {"mtu", "mtu= takes a number of bytes above 0, such as 1280"},
    [SEED] = {"seed", "seed= takes a whole number"},
};

static bool read_item(enum name name, bool valued, struct bytes value, struct sim_link_spec *spec)
{
    if (name != CODEL && !valued) return false;
    switch (name) {
    case DELAY: return read_time(value, &spec->delay);
    case JITTER: return read_time(value, &spec->jitter);
    case LOSS: return read_ppm(value, &spec->loss_ppm);
    case DUP: return read_ppm(value, &spec->duplicate_ppm);
    case CORRUPT: return read_ppm(value, &spec->corrupt_ppm);
    case REORDER: return read_reorder(value, spec);
    case BURST: return read_bursts(value, spec);
    case RATE: return read_rate(value, spec);
    case QUEUE: return read_queue(value, spec);
    case CODEL: spec->queue = SIM_CODEL; return !valued;
    case MTU: return read_size(value, &spec->mtu);
    case SEED: return read_seed(value, spec);
    }
    return false;
}

static enum err fail(struct fault *fault, enum err err, size_t offset, const char *rule)
{
    *fault = (struct fault){err, "link", offset, rule};
    return err;
}

/* `whole` is where offsets count from. */
static enum err parse(struct sim_link_spec *spec, struct bytes text, const uint8_t *whole,
                      struct fault *fault)
{
    unsigned given = 0;
    *spec = (struct sim_link_spec){0};
    *fault = (struct fault){OK, NULL, 0, NULL};
    for (bool more = text.len > 0; more;) {
        size_t offset = (size_t)(text.at - whole), left = text.len;
        struct bytes value = cut(&text, ','), name;
        more = value.len < left;
        bool valued = memchr(value.at, '=', value.len) != NULL;
        name = cut(&value, '=');
        size_t i = 0;
        while (i < COUNT(names) && !bytes_is(name, names[i].name)) i++;
        if (i == COUNT(names))
            return fail(fault, E_MALFORMED, offset,
                        "there is delay, jitter, loss, burst, dup, corrupt, reorder, rate, queue, "
                        "codel, mtu, seed");
        if (given & 1u << i) return fail(fault, E_MALFORMED, offset, "it is given twice");
        given |= 1u << i;
        if (!read_item((enum name)i, valued, value, spec))
            return fail(fault, E_MALFORMED, offset, names[i].wanted);
    }
    if (given & 1u << RATE && !(given & 1u << QUEUE)) spec->queue_time = SIM_LINK_QUEUE_TIME;
    return OK;
}

enum err sim_link_parse(struct sim_link_spec *spec, struct bytes text, struct fault *fault)
{
    struct bytes some = text.at ? text : bytes_of("");
    return parse(spec, some, some.at, fault);
}

enum err sim_script_parse(struct sim_link_script *script, struct bytes text, struct fault *fault)
{
    struct bytes rest = text.at ? text : bytes_of("");
    const uint8_t *whole = rest.at;
    *script = (struct sim_link_script){.count = 0};
    bool timed = memchr(rest.at, ':', rest.len) || memchr(rest.at, ';', rest.len);
    for (bool more = true; more;) {
        size_t offset = (size_t)(rest.at - whole), left = rest.len;
        struct bytes spec = cut(&rest, ';');
        more = spec.len < left;
        usec at = 0;
        if (script->count == SIM_SCRIPT_MAX)
            return fail(fault, E_FULL, offset, "a script has 16 steps at most");
        if (timed && !(memchr(spec.at, ':', spec.len) && read_time(cut(&spec, ':'), &at)))
            return fail(fault, E_MALFORMED, offset, "a step begins with its time, such as 10s:");
        struct sim_script_step *step = &script->steps[script->count];
        if (script->count > 0 && at < step[-1].at)
            return fail(fault, E_MALFORMED, offset, "a step comes before the one before it");
        step->at = at;
        enum err err = parse(&step->spec, spec, whole, fault);
        if (err != OK) return err;
        script->count++;
    }
    return OK;
}

/* ---- Writing ---- */

/* The largest unit that leaves a whole number. */
static void write_scaled(struct writer *w, uint64_t value, const struct unit *units, size_t count)
{
    size_t i = count - 1;
    while (value % units[i].in) i--;
    write_format(w, "%" PRIu64 "%s", value / units[i].in, units[i].name);
}

static void write_percent(struct writer *w, uint32_t ppm)
{
    char fraction[8];
    snprintf(fraction, sizeof fraction, ".%04u", (unsigned)(ppm % 10000));
    size_t len = strlen(fraction);
    while (len > 0 && (fraction[len - 1] == '0' || fraction[len - 1] == '.')) len--;
    write_format(w, "%u%.*s%%", (unsigned)(ppm / 10000), (int)len, fraction);
}

/* The name, behind a comma if something was written before. */
static void write_name(struct writer *w, size_t start, enum name name)
{
    write_format(w, "%s%s%s", writer_len(w) > start ? "," : "", names[name].name,
                 name == CODEL ? "" : "=");
}

static void write_time(struct writer *w, size_t start, enum name name, usec t)
{
    if (t == 0) return;
    write_name(w, start, name);
    write_scaled(w, (uint64_t)t, TIMES);
}

static void write_ppm(struct writer *w, size_t start, enum name name, uint32_t ppm)
{
    if (ppm == 0) return;
    write_name(w, start, name);
    write_percent(w, ppm);
}

static void write_bursts(struct writer *w, size_t start, const struct sim_link_spec *s)
{
    const uint32_t parts[] = {s->bursts.good_to_bad_ppm, s->bursts.bad_to_good_ppm,
                              s->bursts.loss_bad_ppm, s->bursts.loss_good_ppm};
    if (!parts[0] && !parts[1] && !parts[2] && !parts[3]) return;
    write_name(w, start, BURST);
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (i > 0) write_u8(w, '/');
        write_percent(w, parts[i]);
    }
}

static void write_queue(struct writer *w, size_t start, const struct sim_link_spec *s)
{
    if (!s->rate_bps && !s->queue_time && !s->queue_bytes) return;
    write_name(w, start, QUEUE);
    if (s->queue_time) write_scaled(w, (uint64_t)s->queue_time, TIMES);
    if (s->queue_time && s->queue_bytes) write_u8(w, '/');
    if (s->queue_bytes) write_scaled(w, s->queue_bytes, SIZES);
    if (!s->queue_time && !s->queue_bytes) write_text(w, "max");
}

void sim_link_write(struct writer *w, const struct sim_link_spec *s)
{
    size_t start = writer_len(w);
    write_ppm(w, start, LOSS, s->loss_ppm);
    write_bursts(w, start, s);
    write_time(w, start, DELAY, s->delay);
    write_time(w, start, JITTER, s->jitter);
    if (s->reorder_ppm || s->reorder_by) {
        write_name(w, start, REORDER);
        write_percent(w, s->reorder_ppm);
        if (s->reorder_by) write_u8(w, '/'), write_scaled(w, (uint64_t)s->reorder_by, TIMES);
    }
    write_ppm(w, start, DUP, s->duplicate_ppm);
    write_ppm(w, start, CORRUPT, s->corrupt_ppm);
    if (s->rate_bps) write_name(w, start, RATE), write_scaled(w, s->rate_bps, RATES);
    write_queue(w, start, s);
    if (s->queue == SIM_CODEL) write_name(w, start, CODEL);
    if (s->mtu) write_name(w, start, MTU), write_format(w, "%zu", s->mtu);
    if (s->seed) write_name(w, start, SEED), write_format(w, "%" PRIu64, s->seed);
}
