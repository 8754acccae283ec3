#include "apps/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void report_init(struct report *report, bool json, bool quiet, usec now)
{
    *report = (struct report){.json = json || !isatty(STDOUT_FILENO), .quiet = quiet, .start = now};
}

/* Full precision of double would show 0.1 as 0.10000000000000001. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

void report_line(struct report *report, json_t *object)
{
    if (report->json) {
        json_dumpf(object, stdout, DUMP_FLAGS);
        fputc('\n', stdout);
        fflush(stdout);
    }
    json_decref(object);
}

static void say_members(const json_t *members)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)members, key, value)
    {
        if (json_is_string(value)) {
            if (json_string_length(value)) printf("  %s %s", key, json_string_value(value));
        } else if (json_is_number(value)) {
            printf("  %s %g", key, json_number_value(value));
        } else if (json_is_boolean(value)) {
            printf("  %s %s", key, json_is_true(value) ? "yes" : "no");
        }
    }
}

void report_event(struct report *report, const char *name, json_t *members, usec now)
{
    usec ms = (now - report->start) / 1000;
    double t = (double)ms / 1000;
    if (report->json) {
        json_t *line = json_pack("{s:f,s:s}", "t", t, "event", name);
        if (members) json_object_update(line, members);
        report_line(report, line);
    } else if (!report->quiet) {
        printf("%8.3f  %-16s", t, name);
        if (members) say_members(members);
        putchar('\n');
        fflush(stdout);
    }
    json_decref(members);
}

void report_say(struct report *report, const char *format, ...)
{
    va_list args;
    if (report->json || report->quiet) return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

void report_error(const char *format, ...)
{
    va_list args;
    fputs("duet: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}
