#include "apps/simruns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/heap.h"
#include "apps/simladder.h"
#include "rtp/protect.h"
#include "sim/hostclock.h"

#define ROWS_MAX    64
#define SEEDS_SHOWN 5
#define KEY_MAX     320

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

/* ---- The table ---- */

struct row {
    char key[KEY_MAX];
    uint64_t count;
    uint64_t seeds[SEEDS_SHOWN];
};

struct table {
    struct row rows[ROWS_MAX]; /* the last one takes what finds no place */
    size_t count;
    uint32_t *connect_ms; /* of those that were connected */
    size_t connected, room;
    uint64_t broken;
    size_t heap_early,
        heap_end; /* bytes in use after the first tenth of the calls, and at the end */
};

/* Each number becomes a '#': two calls that ended alike rarely counted alike. A section of an RFC
 * stays what it is. */
static void blur(char *key)
{
    char *to = key;
    bool in_spec = false;
    for (const char *c = key; *c; c++) {
        in_spec = *c == '(' ? strncmp(c, "(RFC", 4) == 0 : *c == ')' ? false : in_spec;
        bool digit = *c >= '0' && *c <= '9' && !in_spec;
        if (!digit)
            *to++ = *c;
        else if (to == key || to[-1] != '#')
            *to++ = '#';
    }
    *to = '\0';
}

/* How a call ended: what two calls can have in common. */
static void key_of(const struct simcall_outcome *o, char key[KEY_MAX])
{
    if (o->broken)
        snprintf(key, KEY_MAX, "BROKEN: %s", o->broken);
    else if (o->layer)
        snprintf(key, KEY_MAX, "%s: %s: %s", o->connected ? "connected, then lost" : "failed",
                 o->layer, o->reason);
    else
        snprintf(key, KEY_MAX, "connected");
    blur(key);
}

static void enter(struct table *t, const struct simcall_outcome *o, uint64_t seed)
{
    char key[KEY_MAX];
    size_t i = 0;
    key_of(o, key);
    while (i < t->count && strcmp(t->rows[i].key, key) != 0) i++;
    if (i == ROWS_MAX) i--;
    struct row *row = &t->rows[i];
    if (i == t->count) {
        t->count++;
        snprintf(row->key, sizeof row->key, "%s", i == ROWS_MAX - 1 ? "(others)" : key);
    }
    if (row->count < SEEDS_SHOWN) row->seeds[row->count] = seed;
    row->count++;
    if (o->broken) t->broken++;
    if (o->connected && t->connected < t->room)
        t->connect_ms[t->connected++] = (uint32_t)(o->connect_us / 1000);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int by_count(const void *a, const void *b)
{
    uint64_t x = ((const struct row *)a)->count, y = ((const struct row *)b)->count;
    return x > y ? -1 : x < y;
}

/* The smallest time within which this share of all calls was connected; 0: so many never were. */
static uint32_t within(const struct table *t, uint64_t of, uint64_t permille)
{
    uint64_t need = (of * permille + 999) / 1000;
    return need > 0 && need <= t->connected ? t->connect_ms[need - 1] : 0;
}

static uint64_t connected_by(const struct table *t, uint32_t ms)
{
    uint64_t count = 0;
    while (count < t->connected && t->connect_ms[count] <= ms) count++;
    return count;
}

static void print_row(const struct row *row, uint64_t of, bool json)
{
    if (json) {
        printf("{\"event\":\"outcome\",\"count\":%" PRIu64 ",\"outcome\":\"", row->count);
        for (const char *c = row->key; *c; c++) printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        printf("\",\"seeds\":[");
    } else {
        printf("%9" PRIu64 "  %6.2f %%  %s\n", row->count, 100.0 * (double)row->count / (double)of,
               row->key);
        if (strcmp(row->key, "connected") == 0) return;
        printf("%20s seeds ", "");
    }
    for (uint64_t i = 0; i < row->count && i < SEEDS_SHOWN; i++)
        printf("%s%" PRIu64, i ? json ? "," : ", " : "", row->seeds[i]);
    printf("%s\n", json ? "]}" : row->count > SEEDS_SHOWN ? ", ..." : "");
}

static void print_table(struct table *t, uint64_t of, bool json)
{
    static const uint64_t shares[] = {500, 900, 990, 999};
    static const uint32_t limits[] = {1000, 3000, 8000, 30000};
    qsort(t->rows, t->count, sizeof t->rows[0], by_count);
    if (t->connected > 0) qsort(t->connect_ms, t->connected, sizeof t->connect_ms[0], by_number);
    for (size_t i = 0; i < t->count; i++) print_row(&t->rows[i], of, json);
    if (json) {
        printf("{\"event\":\"summary\",\"runs\":%" PRIu64 ",\"connected\":%zu,\"broken\":%" PRIu64
               ",\"heapEarly\":%zu,\"heapEnd\":%zu,\"within\":{",
               of, t->connected, t->broken, t->heap_early, t->heap_end);
        for (size_t i = 0; i < COUNT(limits); i++)
            printf("%s\"%" PRIu32 "\":%" PRIu64, i ? "," : "", limits[i],
                   connected_by(t, limits[i]));
        printf("}}\n");
        return;
    }
    printf("\n%" PRIu64 " calls, %zu connected", of, t->connected);
    for (size_t i = 0; i < COUNT(shares); i++)
        if (within(t, of, shares[i]) > 0)
            printf(", %g %% within %" PRIu32 " ms", (double)shares[i] / 10,
                   within(t, of, shares[i]));
    printf("; %" PRIu64 " broke a rule\n", t->broken);
    printf("heap in use: %zu bytes after a tenth of them, %zu at the end\n", t->heap_early,
           t->heap_end);
}

static void show_progress(uint64_t done, uint64_t of, uint64_t broken)
{
    if (!isatty(STDERR_FILENO) || (done % 64 != 0 && done != of)) return;
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " calls, %" PRIu64 " broke a rule%s", done, of,
            broken, done == of ? "\n" : "");
}

bool simruns_many(const struct simruns *runs, const struct option_list *given, uint64_t first,
                  uint64_t count, bool json)
{
    struct table *table = calloc(1, sizeof *table);
    struct scenario_words words;
    struct simcall_outcome outcome;
    char why[256];
    uint32_t *connect_ms = malloc(count * sizeof *connect_ms);
    bool ok = table && connect_ms;
    if (!ok) goto out;
    table->connect_ms = connect_ms;
    table->room = count;
    for (uint64_t i = 0; i < count; i++) {
        simruns_words(&words, given, first + i);
        if (!simruns_one(runs, &words, &outcome, why, sizeof why)) {
            fprintf(stderr, "duet sim: %s\n", why);
            ok = false;
            goto out;
        }
        enter(table, &outcome, first + i);
        if (i == count / 10) table->heap_early = heap_in_use();
        show_progress(i + 1, count, table->broken);
    }
    table->heap_end = heap_in_use();
    print_table(table, count, json);
    ok = table->broken == 0;
out:
    free(connect_ms);
    free(table);
    return ok;
}

/* ---- Shrinking ---- */

/* Does this scenario end as `key` says? */
static bool ends_so(const struct simruns *runs, const struct scenario_words *words, const char *key)
{
    struct simcall_outcome outcome;
    char why[256], this_key[KEY_MAX];
    if (!simruns_one(runs, words, &outcome, why, sizeof why)) return false;
    key_of(&outcome, this_key);
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
    char why[256], key[KEY_MAX];
    if (!simruns_one(runs, words, &first, why, sizeof why)) return false;
    if (!first.broken && !first.layer) return false;
    key_of(&first, key);
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
