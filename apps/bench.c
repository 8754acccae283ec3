/* `duet bench`: what the parts cost on this machine. */
#include "apps/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/benchcall.h"
#include "apps/command.h"
#include "apps/report.h"
#include "net/clock.h"

/* The best of many short runs in processor time: other programs only ever make a run slower. */
#define RUNS   25
#define RUN_US MS(20)
#define NONE   (-1.0)

static const char help_text[] = "usage: duet bench [NAME ...] [--json]\n"
                                "\n"
                                "Measures what the parts cost on this machine: the best of many "
                                "short runs; what has a\n"
                                "yardstick is measured in turn with it, run by run, and shown as "
                                "a ratio.\n"
                                "The beginning of names stands for all of them: unasked, linear.\n"
                                "\n";

/* One benchmark being measured. */
struct timing {
    const struct bench *bench;
    void *state;
    size_t count;
    double best; /* microseconds for one round; NONE: it failed */
};

/* Runs it once; the processor time of the whole run, below 0: it failed. */
static usec run_once(struct timing *t)
{
    usec start = clock_cpu();
    if (!t->bench->run(t->state, t->count)) return -1;
    usec took = clock_cpu() - start;
    double each = (double)took / (double)t->count;
    if (t->best < 0 || each < t->best) t->best = each;
    return took;
}

/* Finds how often one run must do it to be long enough for the clock. */
static bool begin(struct timing *t, const struct bench *bench)
{
    *t = (struct timing){.bench = bench, .state = bench->begin(bench), .count = 1, .best = NONE};
    usec took = t->state ? 0 : -1;
    while (took >= 0 && took < RUN_US / 2) {
        t->count *= 2;
        took = run_once(t);
    }
    t->best = NONE;
    return took >= 0;
}

/* Measures benchmarks in turn, run by run: what slows the machine down for a while slows all of
 * them, and their ratios stay. */
static bool measure(struct timing *timings, size_t count)
{
    bool ok = true;
    for (int run = 0; run < RUNS && ok; run++)
        for (size_t i = 0; i < count; i++) ok = ok && run_once(&timings[i]) >= 0;
    return ok;
}

static const struct bench_table *const tables[] = {&bench_parts, &bench_sim, &bench_unasked,
                                                   &bench_linear};

/* The i-th of all, or NULL past the last. */
static const struct bench *bench_at(size_t i)
{
    for (size_t t = 0; t < COUNT(tables); t++) {
        if (i < tables[t]->count) return &tables[t]->rows[i];
        i -= tables[t]->count;
    }
    return NULL;
}

static const struct bench *bench_named(const char *name)
{
    const struct bench *b;
    for (size_t i = 0; name && (b = bench_at(i)); i++)
        if (strcmp(b->name, name) == 0) return b;
    return NULL;
}

/* "linear" means all of linear-stun, linear-sdp... */
static bool is_meant(const struct bench *b, const char *name)
{
    size_t len = strlen(name);
    return strncmp(b->name, name, len) == 0 && (b->name[len] == '\0' || b->name[len] == '-');
}

/* One benchmark with its yardstick, if it has one: their times, and whether both worked. */
static bool compare(const struct bench *b, double *us, double *against)
{
    struct bench half = *b;
    half.size /= 2;
    const struct bench *both[2] = {b, b->size ? &half : bench_named(b->against)};
    struct timing timings[2] = {{.best = NONE}, {.best = NONE}};
    size_t count = both[1] ? 2 : 1;
    bool ok = true;
    for (size_t i = 0; i < count; i++) ok = begin(&timings[i], both[i]) && ok;
    ok = ok && measure(timings, count);
    for (size_t i = 0; i < count; i++)
        if (timings[i].state) both[i]->end(timings[i].state);
    *us = timings[0].best;
    *against = timings[1].best;
    return ok;
}

static bool wanted(const struct bench *b, const struct option_list *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (is_meant(b, names->items[i])) return true;
    return names->count == 0;
}

static bool named(const char *name, const struct option_list *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(name, names->items[i]) == 0) return true;
    return names->count == 0;
}

static void show(struct report *report, const struct bench *b, double us, double against)
{
    double ratio = against > 0 ? us / against : 0;
    const char *yardstick = b->size ? "half of it" : b->against;
    json_t *line =
        json_pack("{s:s,s:s,s:f,s:s}", "event", "bench", "name", b->name, "us", us, "per", b->unit);
    if (b->target_us > 0) json_object_set_new(line, "targetUs", json_real(b->target_us));
    if (ratio > 0) {
        json_object_set_new(line, "ratio", json_real(ratio));
        json_object_set_new(line, "against", json_string(yardstick));
        json_object_set_new(line, "targetRatio", json_real(b->target_ratio));
    }
    report_line(report, line, clock_now());
    if (ratio > 0)
        report_say(report, "%-24s %9.3f us a %-8s %.2f times %s (target %.2f)   %s", b->name, us,
                   b->unit, ratio, yardstick, b->target_ratio, b->what);
    else if (b->target_us > 0)
        report_say(report, "%-24s %9.3f us a %-8s (target %g us)   %s", b->name, us, b->unit,
                   b->target_us, b->what);
    else
        report_say(report, "%-24s %9.3f us a %-8s %s", b->name, us, b->unit, b->what);
}

/* cli.md names it like a benchmark, but bytes don't vary: one look is enough. */
#define MEMORY                  "memory"
#define CONNECTION_BYTES_TARGET (128 * 1024)

static void show_memory(struct report *report)
{
    size_t bare = bench_connection_bytes(true), full = bench_connection_bytes(false);
    report_line(report,
                json_pack("{s:s,s:s,s:I,s:I,s:I}", "event", "bench", "name", MEMORY, "bytes",
                          (json_int_t)bare, "targetBytes", (json_int_t)CONNECTION_BYTES_TARGET,
                          "withTracksBytes", (json_int_t)full),
                clock_now());
    report_say(report,
               "%-24s %9zu bytes a connection (target %d), %zu with audio and video buffers",
               MEMORY, bare, CONNECTION_BYTES_TARGET, full);
}

static bool is_known(const char *name)
{
    const struct bench *b;
    for (size_t i = 0; (b = bench_at(i)); i++)
        if (is_meant(b, name)) return true;
    return strcmp(name, MEMORY) == 0;
}

static void list(void)
{
    const struct bench *b;
    fputs(help_text, stdout);
    for (size_t i = 0; (b = bench_at(i)); i++) printf("  %-24s %s\n", b->name, b->what);
    printf("  %-24s %s\n", MEMORY, "heap bytes of one connected connection, libraries included");
    fputs("\nexamples:\n  duet bench\n  duet bench sdp-parse stun-verify --json\n", stdout);
}

int command_bench(int argc, char **argv)
{
    bool json = false, help = false, ok = true;
    struct option_list names;
    char error[256];
    struct report report;
    const struct option options[] = {{.name = "--json", OPTION_FLAG, &json, 0, 0, NULL},
                                     {.name = "--help", OPTION_FLAG, &help, 0, 0, NULL}};
    if (!options_parse(options, COUNT(options), argc, argv, &names, OPTION_LIST_MAX, error,
                       sizeof error))
        return command_usage("bench", error);
    if (help) {
        list();
        return EXIT_DONE;
    }
    for (size_t i = 0; i < names.count; i++) {
        if (is_known(names.items[i])) continue;
        snprintf(error, sizeof error, "there is no benchmark \"%s\"", names.items[i]);
        return command_usage("bench", error);
    }
    report_init(&report, json, false, clock_now());
    const struct bench *b;
    for (size_t i = 0; (b = bench_at(i)); i++) {
        double us, against;
        if (!wanted(b, &names)) continue;
        if (compare(b, &us, &against)) {
            show(&report, b, us, against);
        } else {
            report_error("%s failed: it did not do what it should", b->name);
            ok = false;
        }
    }
    if (named(MEMORY, &names)) show_memory(&report);
    return ok ? EXIT_DONE : EXIT_COULD_NOT;
}
