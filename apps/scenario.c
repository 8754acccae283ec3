#include "apps/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char scenario_help[] =
    "  delay=20ms jitter= loss=5% burst= reorder= dup= corrupt= rate= queue= codel mtu=\n"
    "                         the path, both ways, as `duet call --impair` has it\n"
    "  link-a= link-b=        one way alone: what A, what B sends; a script of changes:\n"
    "                         \"link-a=0s:delay=20ms;5s:loss=100%\"\n"
    "  nat-a= nat-b=          none, full-cone, restricted, port-restricted, symmetric, firewall, "
    "blocked,\n"
    "                         with options (\"symmetric:hairpin:expiry=30s\"); two in a row with "
    "+\n"
    "  rebind-a= rebind-b=    when that side's NAT forgets everything\n"
    "  stun=on|off            a STUN server (default: on where there is a NAT)\n"
    "  family=4|6|both        addresses of both sides (default 4)\n"
    "  trickle=on|off         candidates by themselves, or with the descriptions (default on)\n"
    "  signal=20ms            how long a signaling message takes\n"
    "  media=3s               how long both talk: us, ms, s, min, h, d\n"
    "  linger=0s              how long a side that has failed is still there before it hangs up\n"
    "  video=on|off           pictures too, or sound alone (default on)\n"
    "  codecs=real            VP8 and Opus instead of frames with checksums\n"
    "  attack=none|off-path|on-path|peer   somebody who means harm; attack-rate=1000 packets a "
    "second\n"
    "  fault=none|fingerprint|password|no-candidates|no-answer|no-codec|setup|dtls-silent|profile\n"
    "                         what is broken from the start\n";

/* What holds where no word says otherwise. */
#define DEFAULT_DELAY       MS(20)
#define DEFAULT_SIGNAL      MS(20)
#define DEFAULT_MEDIA       SEC(3)
#define DEFAULT_ATTACK_RATE 1000
/* No time of a scenario is longer: a year. */
#define TIME_MAX            ((uint64_t)SEC(366 * 24 * 60 * 60))

enum err scenario_add(struct scenario_words *words, const char *word)
{
    if (words->count == SCENARIO_WORDS_MAX || strlen(word) >= SCENARIO_WORD_MAX) return E_FULL;
    snprintf(words->word[words->count++], SCENARIO_WORD_MAX, "%s", word);
    return OK;
}

enum err scenario_set(struct scenario_words *words, const char *word)
{
    size_t key = strcspn(word, "=");
    for (size_t i = 0; i < words->count; i++)
        if (strcspn(words->word[i], "=") == key && strncmp(words->word[i], word, key) == 0) {
            if (strlen(word) >= SCENARIO_WORD_MAX) return E_FULL;
            snprintf(words->word[i], SCENARIO_WORD_MAX, "%s", word);
            return OK;
        }
    return scenario_add(words, word);
}

/* ---- One word ---- */

/* A name out of a list, as its number. */
static bool one_of(struct bytes value, const char *const *names, size_t count, int *number)
{
    for (size_t i = 0; i < count; i++) {
        if (!bytes_is(value, names[i])) continue;
        *number = (int)i;
        return true;
    }
    return false;
}

static bool on_off(struct bytes value, bool *to)
{
    static const char *const names[] = {"off", "on"};
    int number;
    if (!one_of(value, names, COUNT(names), &number)) return false;
    *to = number == 1;
    return true;
}

/* "20ms", "3s", "30d": a whole number and a unit, at most TIME_MAX. */
static bool time_of(struct bytes value, usec *to)
{
    static const struct {
        const char *name;
        usec us;
    } units[] = {{"us", 1},        {"ms", MS(1)},       {"s", SEC(1)},
                 {"min", SEC(60)}, {"h", SEC(60 * 60)}, {"d", SEC(24 * 60 * 60)}};
    size_t digits = 0;
    uint64_t number;
    while (digits < value.len && value.at[digits] >= '0' && value.at[digits] <= '9') digits++;
    if (!bytes_to_u64(bytes_slice(value, 0, digits), TIME_MAX, &number)) return false;
    for (size_t i = 0; i < COUNT(units); i++) {
        if (!bytes_is(bytes_slice(value, digits, value.len), units[i].name)) continue;
        if (number > TIME_MAX / (uint64_t)units[i].us) return false;
        *to = (usec)number * units[i].us;
        return true;
    }
    return false;
}

/* NATs joined with '+', the inner one first. */
static bool nats_of(struct bytes value, struct sim_nat_config *nats, size_t *count, char *why,
                    size_t room)
{
    struct fault fault;
    *count = 0;
    for (size_t from = 0; from <= value.len;) {
        const uint8_t *plus = memchr(value.at + from, '+', value.len - from);
        size_t end = plus ? (size_t)(plus - value.at) : value.len;
        if (*count == SCENARIO_NATS_MAX) {
            snprintf(why, room, "at most %d NATs in a row", SCENARIO_NATS_MAX);
            return false;
        }
        memset(&nats[*count], 0, sizeof nats[*count]);
        struct bytes one = bytes_slice(value, from, end - from);
        if (sim_nat_spec_parse(&nats[(*count)++], one, &fault) != OK) {
            snprintf(why, room, "%s", fault.rule);
            return false;
        }
        from = end + 1;
    }
    return true;
}

static bool script_of(struct bytes value, struct sim_link_script *script, char *why, size_t room)
{
    struct fault fault;
    if (sim_script_parse(script, value, &fault) == OK) return true;
    snprintf(why, room, "%s", fault.rule);
    return false;
}

static bool number_of(struct bytes value, uint64_t max, uint64_t *to)
{
    return bytes_to_u64(value, max, to);
}

static const char *const families[] = {"4", "6", "both"};
static const char *const attacks[] = {"none", "off-path", "on-path", "peer"};
static const char *const faults[] = {"none",          "fingerprint", "password",
                                     "no-candidates", "no-answer",   "no-codec",
                                     "setup",         "dtls-silent", "profile"};

/* A word that is not the path's. False: wrong, and `why` says how if that is not all. */
static bool setting(struct scenario *s, struct bytes key, struct bytes value, bool *known,
                    char *why, size_t room)
{
    int number = 0;
    uint64_t u = 0;
    bool ok = true;
    *known = true;
    if (bytes_is(key, "seed")) {
        ok = number_of(value, UINT64_MAX, &s->seed);
    } else if (bytes_is(key, "link-a")) {
        ok = script_of(value, &s->link[0], why, room);
    } else if (bytes_is(key, "link-b")) {
        ok = script_of(value, &s->link[1], why, room);
    } else if (bytes_is(key, "nat-a")) {
        ok = nats_of(value, s->nat[0], &s->nat_count[0], why, room);
    } else if (bytes_is(key, "nat-b")) {
        ok = nats_of(value, s->nat[1], &s->nat_count[1], why, room);
    } else if (bytes_is(key, "rebind-a")) {
        ok = time_of(value, &s->rebind_at[0]);
    } else if (bytes_is(key, "rebind-b")) {
        ok = time_of(value, &s->rebind_at[1]);
    } else if (bytes_is(key, "stun")) {
        ok = on_off(value, &s->stun);
    } else if (bytes_is(key, "trickle")) {
        ok = on_off(value, &s->trickle);
    } else if (bytes_is(key, "video")) {
        ok = on_off(value, &s->video);
    } else if (bytes_is(key, "codecs")) {
        ok = s->codecs = bytes_is(value, "real");
    } else if (bytes_is(key, "family")) {
        ok = one_of(value, families, COUNT(families), &number);
        s->family = (enum scenario_family)number;
    } else if (bytes_is(key, "signal")) {
        ok = time_of(value, &s->signal);
    } else if (bytes_is(key, "media")) {
        ok = time_of(value, &s->media);
    } else if (bytes_is(key, "linger")) {
        ok = time_of(value, &s->linger);
    } else if (bytes_is(key, "attack")) {
        ok = one_of(value, attacks, COUNT(attacks), &number);
        s->attack = (enum scenario_attack)number;
    } else if (bytes_is(key, "attack-rate")) {
        ok = number_of(value, 100000, &u) && u > 0;
        s->attack_rate = (unsigned)u;
    } else if (bytes_is(key, "fault")) {
        ok = one_of(value, faults, COUNT(faults), &number);
        s->fault = (enum scenario_fault)number;
    } else {
        *known = false;
    }
    return ok;
}

/* ---- All words ---- */

/* The words of the path, joined for the link's reader, which knows them. */
static bool path_of(struct scenario *s, const char *path, char *why, size_t room)
{
    struct sim_link_spec spec = {.delay = DEFAULT_DELAY};
    struct fault fault;
    if (path[0] && sim_link_parse(&spec, bytes_of(path), &fault) != OK) {
        snprintf(why, room, "\"%s\": %s; `duet sim --help` lists the words", path + fault.offset,
                 fault.rule);
        return false;
    }
    if (!strstr(path, "delay=")) spec.delay = DEFAULT_DELAY;
    for (int i = 0; i < 2; i++) {
        if (s->link[i].count > 0) continue;
        s->link[i].steps[0] = (struct sim_script_step){.at = 0, .spec = spec};
        s->link[i].count = 1;
    }
    return true;
}

/* Has a word before the i-th the same key? */
static bool is_repeated(const struct scenario_words *words, size_t i, struct bytes key)
{
    for (size_t k = 0; k < i; k++)
        if (strcspn(words->word[k], "=") == key.len && memcmp(words->word[k], key.at, key.len) == 0)
            return true;
    return false;
}

enum err scenario_read(struct scenario *s, const struct scenario_words *words, char *why,
                       size_t room)
{
    char path[SIM_LINK_TEXT_MAX] = "";
    bool stun_said = false;
    *s = (struct scenario){.seed = 1,
                           .trickle = true,
                           .video = true,
                           .signal = DEFAULT_SIGNAL,
                           .media = DEFAULT_MEDIA,
                           .attack_rate = DEFAULT_ATTACK_RATE};
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->word[i], *equals = strchr(word, '=');
        struct bytes all = bytes_of(word);
        struct bytes key = equals ? bytes_slice(all, 0, (size_t)(equals - word)) : all;
        struct bytes value = equals ? bytes_slice(all, key.len + 1, all.len) : bytes_of("");
        bool known;
        char detail[192] = "";
        if (is_repeated(words, i, key)) {
            snprintf(why, room, "\"%s\": it is given twice", word);
            return E_MALFORMED;
        }
        if (!setting(s, key, value, &known, detail, sizeof detail)) {
            snprintf(why, room, "\"%s\": %s", word,
                     detail[0] ? detail : "not a value for it; `duet sim --help` lists them");
            return E_MALFORMED;
        }
        stun_said |= bytes_is(key, "stun");
        if (known) continue;
        size_t used = strlen(path);
        int len = snprintf(path + used, sizeof path - used, "%s%s", used ? "," : "", word);
        if (len < 0 || (size_t)len >= sizeof path - used) {
            snprintf(why, room, "too many words");
            return E_MALFORMED;
        }
    }
    if (!path_of(s, path, why, room)) return E_MALFORMED;
    if (!stun_said) s->stun = s->nat_count[0] > 0 || s->nat_count[1] > 0;
    return OK;
}

/* ---- The grid ---- */

static const char *pick(struct rng *rng, const char *const *from, size_t count)
{
    return from[rng_below(rng, (uint32_t)count)];
}

static void draw(struct scenario_words *words, struct rng *rng, const char *key,
                 const char *const *from, size_t count)
{
    char word[SCENARIO_WORD_MAX];
    const char *value = pick(rng, from, count);
    if (!value[0]) return;
    snprintf(word, sizeof word, "%s=%s", key, value);
    scenario_add(words, word);
}

#define DRAW(key, ...)                                                                             \
    do {                                                                                           \
        static const char *const values[] = {__VA_ARGS__};                                         \
        draw(words, &rng, key, values, COUNT(values));                                             \
    } while (0)

void scenario_draw(struct scenario_words *words, uint64_t seed)
{
    struct rng rng;
    char word[SCENARIO_WORD_MAX];
    rng_init_number(&rng, seed);
    words->count = 0;
    snprintf(word, sizeof word, "seed=%llu", (unsigned long long)seed);
    scenario_add(words, word);
    /* "" leaves the word away, so that most worlds have only some of the plagues. */
    DRAW("loss", "", "", "1%", "5%", "10%", "20%", "30%", "50%");
    DRAW("burst", "", "", "", "1%/25%", "3%/40%");
    DRAW("delay", "1ms", "10ms", "20ms", "50ms", "100ms", "300ms");
    DRAW("jitter", "", "", "5ms", "30ms");
    DRAW("reorder", "", "", "1%", "10%");
    DRAW("dup", "", "", "1%", "10%");
    DRAW("corrupt", "", "", "0.1%", "2%");
    DRAW("rate", "", "", "", "", "2mbit");
    DRAW("nat-a", "", "", "full-cone", "restricted", "port-restricted", "symmetric", "firewall",
         "blocked", "port-restricted+full-cone", "restricted:hairpin");
    DRAW("nat-b", "", "", "full-cone", "restricted", "port-restricted", "symmetric", "firewall",
         "symmetric+port-restricted");
    DRAW("family", "", "", "", "6", "both");
    DRAW("trickle", "", "", "off");
    DRAW("signal", "", "5ms", "200ms", "1s");
    DRAW("attack", "", "", "", "", "off-path", "on-path", "peer");
    DRAW("video", "", "", "off");
    DRAW("fault", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "fingerprint",
         "password", "no-candidates", "no-answer", "no-codec", "setup", "dtls-silent", "profile");
    DRAW("rebind-a", "", "", "", "", "", "1s", "3s");
    DRAW("media", "1s", "2s");
    DRAW("linger", "", "5s");
}
