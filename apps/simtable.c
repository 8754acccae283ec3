#include "apps/simtable.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/heap.h"

#define ROWS_MAX    256
#define SEEDS_SHOWN 5

struct row {
    char key[SIMTABLE_KEY_MAX];
    uint64_t count;
    uint64_t seeds[SEEDS_SHOWN];
};

/* What the calls were held against: the same ones in another world. */
struct comparison {
    uint64_t both; /* connected in both */
    uint64_t lost; /* connected only there */
    uint64_t lost_seeds[SEEDS_SHOWN];
    uint64_t later; /* of both, those that were later here */
    usec latest;    /* by so much at most */
    uint64_t latest_seed;
};

struct simtable {
    struct row rows[ROWS_MAX]; /* the last one takes what finds no place */
    size_t count;
    uint64_t entered;
    uint32_t *connect_ms; /* of those that were connected */
    size_t connected, room;
    uint64_t broken;
    struct comparison comparison;
    size_t heap_early, heap_end;
};

struct simtable *simtable_new(uint64_t room)
{
    struct simtable *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->room = room;
    t->connect_ms = malloc(room * sizeof *t->connect_ms);
    if (t->connect_ms) return t;
    free(t);
    return NULL;
}

void simtable_free(struct simtable *t)
{
    if (!t) return;
    free(t->connect_ms);
    free(t);
}

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

void simtable_key(const struct simcall_outcome *o, char key[SIMTABLE_KEY_MAX])
{
    if (o->broken)
        snprintf(key, SIMTABLE_KEY_MAX, "BROKEN: %s", o->broken);
    else if (o->layer)
        snprintf(key, SIMTABLE_KEY_MAX, "%s: %s: %s",
                 o->connected ? "connected, then lost" : "failed", o->layer, o->reason);
    else
        snprintf(key, SIMTABLE_KEY_MAX, "connected");
    blur(key);
}

void simtable_enter(struct simtable *t, const struct simcall_outcome *o, uint64_t seed)
{
    char key[SIMTABLE_KEY_MAX];
    size_t i = 0;
    simtable_key(o, key);
    t->entered++;
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

void simtable_compare(struct simtable *t, const struct simcall_outcome *outcome,
                      const struct simcall_outcome *against, uint64_t seed)
{
    struct comparison *c = &t->comparison;
    if (against->broken) t->broken++;
    if (!against->connected) return;
    if (!outcome->connected || (outcome->layer && !against->layer)) {
        if (c->lost < SEEDS_SHOWN) c->lost_seeds[c->lost] = seed;
        c->lost++;
        return;
    }
    usec later = outcome->connect_us - against->connect_us;
    c->both++;
    if (later <= 0) return;
    c->later++;
    if (later <= c->latest) return;
    c->latest = later;
    c->latest_seed = seed;
}

void simtable_heap(struct simtable *t, bool at_end)
{
    *(at_end ? &t->heap_end : &t->heap_early) = heap_in_use();
}

uint64_t simtable_broken(const struct simtable *t)
{
    return t->broken;
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
static uint32_t within(const struct simtable *t, uint64_t of, uint64_t permille)
{
    uint64_t need = (of * permille + 999) / 1000;
    return need > 0 && need <= t->connected ? t->connect_ms[need - 1] : 0;
}

static uint64_t connected_by(const struct simtable *t, uint32_t ms)
{
    uint64_t count = 0;
    while (count < t->connected && t->connect_ms[count] <= ms) count++;
    return count;
}

static void print_seeds(const uint64_t *seeds, uint64_t count, bool json)
{
    for (uint64_t i = 0; i < count && i < SEEDS_SHOWN; i++)
        printf("%s%" PRIu64, i ? json ? "," : ", " : "", seeds[i]);
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const char *c = text; *c; c++) printf(*c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    putchar('"');
}

static void print_row(const struct row *row, uint64_t of, bool json)
{
    if (json) {
        printf("{\"event\":\"outcome\",\"count\":%" PRIu64 ",\"outcome\":", row->count);
        print_json_text(row->key);
        printf(",\"seeds\":[");
    } else {
        printf("%9" PRIu64 "  %6.2f %%  %s\n", row->count, 100.0 * (double)row->count / (double)of,
               row->key);
        if (strcmp(row->key, "connected") == 0) return;
        printf("%20s seeds ", "");
    }
    print_seeds(row->seeds, row->count, json);
    printf("%s\n", json ? "]}" : row->count > SEEDS_SHOWN ? ", ..." : "");
}

static void print_comparison(const struct comparison *c, const char *against)
{
    printf("against %s: %" PRIu64 " connected in both, %" PRIu64 " of them later", against, c->both,
           c->later);
    if (c->later > 0)
        printf(", by %" PRId64 " ms at most (seed %" PRIu64 ")", c->latest / 1000, c->latest_seed);
    printf("; %" PRIu64 " lost", c->lost);
    if (c->lost > 0) printf(", seeds ");
    print_seeds(c->lost_seeds, c->lost, false);
    printf("\n");
}

static void print_json_comparison(const struct comparison *c, const char *against)
{
    printf(",\"against\":{\"word\":");
    print_json_text(against);
    printf(",\"both\":%" PRIu64 ",\"lost\":%" PRIu64 ",\"lostSeeds\":[", c->both, c->lost);
    print_seeds(c->lost_seeds, c->lost, true);
    printf("],\"later\":%" PRIu64 ",\"latestMs\":%" PRId64 ",\"latestSeed\":%" PRIu64 "}", c->later,
           c->latest / 1000, c->latest_seed);
}

static void print_json_summary(const struct simtable *t, const char *against)
{
    static const uint32_t limits[] = {1000, 3000, 8000, 30000};
    printf("{\"event\":\"summary\",\"runs\":%" PRIu64 ",\"connected\":%zu,\"broken\":%" PRIu64
           ",\"heapEarly\":%zu,\"heapEnd\":%zu,\"within\":{",
           t->entered, t->connected, t->broken, t->heap_early, t->heap_end);
    for (size_t i = 0; i < COUNT(limits); i++)
        printf("%s\"%" PRIu32 "\":%" PRIu64, i ? "," : "", limits[i], connected_by(t, limits[i]));
    printf("}");
    if (against) print_json_comparison(&t->comparison, against);
    printf("}\n");
}

static void print_summary(const struct simtable *t, const char *against)
{
    static const uint64_t shares[] = {500, 900, 990, 999};
    printf("\n%" PRIu64 " calls, %zu connected", t->entered, t->connected);
    for (size_t i = 0; i < COUNT(shares); i++)
        if (within(t, t->entered, shares[i]) > 0)
            printf(", %g %% within %" PRIu32 " ms", (double)shares[i] / 10,
                   within(t, t->entered, shares[i]));
    printf("; %" PRIu64 " broke a rule\n", t->broken);
    if (against) print_comparison(&t->comparison, against);
    printf("heap in use: %zu bytes after a tenth of them, %zu at the end\n", t->heap_early,
           t->heap_end);
}

void simtable_print(struct simtable *t, const char *against, bool json)
{
    qsort(t->rows, t->count, sizeof t->rows[0], by_count);
    if (t->connected > 0) qsort(t->connect_ms, t->connected, sizeof t->connect_ms[0], by_number);
    for (size_t i = 0; i < t->count; i++) print_row(&t->rows[i], t->entered, json);
    (json ? print_json_summary : print_summary)(t, against);
}
