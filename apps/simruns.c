#include "apps/simruns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/simtable.h"
#include "rtp/protect.h"
#include "sim/hostclock.h"

bool simruns_begin(struct simruns *runs)
{
    runs->prepared = protect_prepare();
    hostclock_start(0, SIMCALL_UNIX_US);
    for (int i = 0; i < SIDES; i++) runs->identity[i] = dtls_identity_new(SIMCALL_UNIX_US / SEC(1));
    if (runs->identity[SIDE_A] && runs->identity[SIDE_B]) return true;
    simruns_end(runs);
    return false;
}

void simruns_end(struct simruns *runs)
{
    for (int i = 0; i < SIDES; i++) dtls_identity_free(runs->identity[i]);
    protect_free(runs->prepared);
    hostclock_stop();
}

void simruns_words(struct scenario_words *words, const struct option_list *given, uint64_t seed)
{
    char word[SCENARIO_WORD_MAX];
    if (given->count == 0) {
        scenario_draw(words, seed);
        return;
    }
    words->count = 0;
    snprintf(word, sizeof word, "seed=%" PRIu64, seed);
    scenario_add(words, word);
    for (size_t i = 0; i < given->count; i++) scenario_add(words, given->items[i]);
}

struct simcall *simruns_call(const struct simruns *runs, const struct scenario_words *words,
                             char *why, size_t room)
{
    struct scenario scenario;
    if (scenario_read(&scenario, words, why, room) != OK) return NULL;
    hostclock_start(scenario.seed, SIMCALL_UNIX_US);
    struct simcall *call = simcall_new(&scenario, runs->identity);
    if (!call) snprintf(why, room, "out of memory");
    return call;
}

bool simruns_one(const struct simruns *runs, const struct scenario_words *words,
                 struct simcall_outcome *outcome, char *why, size_t room)
{
    struct simcall *call = simruns_call(runs, words, why, room);
    struct simcall_step step;
    if (!call) return false;
    while (simcall_step(call, &step)) continue;
    *outcome = *simcall_outcome(call);
    simcall_free(call);
    return true;
}

static void show_progress(uint64_t done, uint64_t of, uint64_t broken)
{
    if (!isatty(STDERR_FILENO) || (done % 64 != 0 && done != of)) return;
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " calls, %" PRIu64 " broke a rule%s", done, of,
            broken, done == of ? "\n" : "");
}

/* As it happens: a table comes only at the end, and names few. */
static void tell_broken(const struct simcall_outcome *outcome, uint64_t seed, const char *against)
{
    if (outcome->broken)
        fprintf(stderr, "duet sim: run %" PRIu64 "%s%s broke a rule: %s\n", seed,
                against[0] ? " with " : "", against, outcome->broken);
}

/* One call, and if `against` is not NULL the same one with that word instead. False: `why`. */
static bool run_into(const struct simruns *runs, struct simtable *table,
                     struct scenario_words *words, const char *against, uint64_t seed, char *why,
                     size_t room)
{
    struct simcall_outcome outcome, other;
    if (!simruns_one(runs, words, &outcome, why, room)) return false;
    simtable_enter(table, &outcome, seed);
    tell_broken(&outcome, seed, "");
    if (!against) return true;
    if (scenario_set(words, against) != OK) {
        snprintf(why, room, "too many words");
        return false;
    }
    if (!simruns_one(runs, words, &other, why, room)) return false;
    tell_broken(&other, seed, against);
    simtable_compare(table, &outcome, &other, seed);
    return true;
}

bool simruns_many(const struct simruns *runs, const struct option_list *given, const char *against,
                  uint64_t first, uint64_t count, bool json)
{
    struct scenario_words words;
    char why[256] = "out of memory";
    struct simtable *table = simtable_new(count);
    bool ok = table != NULL;
    for (uint64_t i = 0; ok && i < count; i++) {
        simruns_words(&words, given, first + i);
        ok = run_into(runs, table, &words, against, first + i, why, sizeof why);
        if (i == count / 10) simtable_heap(table, false);
        if (ok) show_progress(i + 1, count, simtable_broken(table));
    }
    if (ok) {
        simtable_heap(table, true);
        simtable_print(table, against, json);
        ok = simtable_broken(table) == 0;
    } else {
        fprintf(stderr, "duet sim: %s\n", why);
    }
    simtable_free(table);
    return ok;
}

/* ---- Shrinking ---- */

/* Does this scenario end as `key` says? */
static bool ends_so(const struct simruns *runs, const struct scenario_words *words, const char *key)
{
    struct simcall_outcome outcome;
    char why[256], this_key[SIMTABLE_KEY_MAX];
    if (!simruns_one(runs, words, &outcome, why, sizeof why)) return false;
    simtable_key(&outcome, this_key);
    return strcmp(this_key, key) == 0;
}

static struct scenario_words without(const struct scenario_words *words, size_t i)
{
    struct scenario_words less = *words;
    memmove(&less.word[i], &less.word[i + 1], (--less.count - i) * sizeof less.word[0]);
    return less;
}

/* "loss=30%" with half of its first number, if that is another one. */
static bool halved(struct scenario_words *words, size_t i)
{
    char *word = words->word[i], changed[SCENARIO_WORD_MAX];
    size_t at = strcspn(word, "=");
    while (word[at] && (word[at] < '0' || word[at] > '9')) at++;
    char *end;
    unsigned long number = word[at] ? strtoul(word + at, &end, 10) : 0;
    if (number < 2 || strncmp(word, "seed=", 5) == 0 || strncmp(word, "family=", 7) == 0)
        return false;
    int len = snprintf(changed, sizeof changed, "%.*s%lu%s", (int)at, word, number / 2, end);
    if (len < 0 || (size_t)len >= sizeof changed) return false;
    memcpy(word, changed, (size_t)len + 1);
    return true;
}

bool simruns_shrink(const struct simruns *runs, struct scenario_words *words)
{
    struct simcall_outcome first;
    char why[256], key[SIMTABLE_KEY_MAX];
    if (!simruns_one(runs, words, &first, why, sizeof why)) return false;
    if (!first.broken && !first.layer) return false;
    simtable_key(&first, key);
    for (bool shorter = true; shorter;) {
        shorter = false;
        for (size_t i = words->count; i-- > 0;) {
            struct scenario_words less = without(words, i);
            if (strncmp(words->word[i], "seed=", 5) != 0 && ends_so(runs, &less, key)) {
                *words = less;
                shorter = true;
                continue;
            }
            less = *words;
            while (halved(&less, i) && ends_so(runs, &less, key)) {
                *words = less;
                shorter = true;
            }
        }
    }
    return true;
}
