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
                                "short runs, and for what has a\n"
                                "yardstick the ratio to it within the same run.\n"
                                "\n";

/* Microseconds for one round; NONE: it failed. */
static double measure(const struct bench *b)
{
    size_t count = 64;
    double best = NONE;
    for (int run = 0; run < RUNS; run++) {
        usec start = clock_cpu();
        if (!b->run(count)) return NONE;
        usec took = clock_cpu() - start;
        double each = (double)took / (double)count;
        if (best < 0 || each < best) best = each;
        if (took < RUN_US / 2) {
            count *= 2;
            run = -1;
            best = NONE;
        }
    }
    return best;
}

static bool named(const char *name, const struct option_list *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(name, names->items[i]) == 0) return true;
    return names->count == 0;
}

static bool wanted(const struct bench *b, const struct option_list *names)
{
    for (size_t k = 0; k < bench_count; k++) /* the yardstick of one that is wanted, too */
        if (benches[k].against && strcmp(benches[k].against, b->name) == 0 &&
            named(benches[k].name, names))
            return true;
    return named(b->name, names);
}

static double result_of(const double *results, const char *name)
{
    for (size_t i = 0; name && i < bench_count; i++)
        if (strcmp(benches[i].name, name) == 0) return results[i];
    return NONE;
}

static void show(struct report *report, const struct bench *b, double us, double against)
{
    double ratio = against > 0 ? us / against : 0;
    json_t *line =
        json_pack("{s:s,s:s,s:f,s:s}", "event", "bench", "name", b->name, "us", us, "per", b->unit);
    if (b->target_us > 0) json_object_set_new(line, "targetUs", json_real(b->target_us));
    if (ratio > 0) {
        json_object_set_new(line, "ratio", json_real(ratio));
        json_object_set_new(line, "against", json_string(b->against));
        json_object_set_new(line, "targetRatio", json_real(b->target_ratio));
    }
    report_line(report, line);
    if (ratio > 0)
        report_say(report, "%-12s %9.3f us a %-8s %.2f times %s (target %.2f)   %s", b->name, us,
                   b->unit, ratio, b->against, b->target_ratio, b->what);
    else if (b->target_us > 0)
        report_say(report, "%-12s %9.3f us a %-8s (target %g us)   %s", b->name, us, b->unit,
                   b->target_us, b->what);
    else
        report_say(report, "%-12s %9.3f us a %-8s %s", b->name, us, b->unit, b->what);
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
                          "withTracksBytes", (json_int_t)full));
    report_say(report,
               "%-12s %9zu bytes a connection (target %d), %zu with audio and video buffers",
               MEMORY, bare, CONNECTION_BYTES_TARGET, full);
}

static void list(void)
{
    fputs(help_text, stdout);
    for (size_t i = 0; i < bench_count; i++)
        printf("  %-12s %s\n", benches[i].name, benches[i].what);
}

int command_bench(int argc, char **argv)
{
    bool json = false, help = false, ok = true;
    struct option_list names;
    char error[256];
    double results[64];
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
        size_t k = 0;
        while (k < bench_count && strcmp(benches[k].name, names.items[i]) != 0) k++;
        if (k < bench_count || strcmp(names.items[i], MEMORY) == 0) continue;
        snprintf(error, sizeof error, "there is no benchmark \"%s\"", names.items[i]);
        return command_usage("bench", error);
    }
    report_init(&report, json, false, clock_now());
    for (size_t i = 0; i < bench_count; i++) {
        results[i] = NONE;
        if (!wanted(&benches[i], &names)) continue;
        results[i] = measure(&benches[i]);
        if (results[i] < 0) {
            report_error("%s failed: it did not do what it should", benches[i].name);
            ok = false;
        } else {
            show(&report, &benches[i], results[i], result_of(results, benches[i].against));
        }
    }
    if (named(MEMORY, &names)) show_memory(&report);
    return ok ? EXIT_DONE : EXIT_COULD_NOT;
}
