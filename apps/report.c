#include "apps/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void report_init(struct report *report, bool json, bool quiet, usec now)
{
    *report = (struct report){.json = json || !isatty(STDOUT_FILENO), .quiet = quiet, .start = now};
}

/* ---- Lines that never wait ---- */

#define UNWRITTEN   "stdout could not be written"
#define MISSING_MAX 128 /* bytes of the line that says how many are missing */

bool report_detach(struct report *report)
{
    if (!report->json) return true; /* a terminal: it is shown what happens through stdio */
    report->out = file_over(STDOUT_FILENO, REPORT_WAITING_MAX);
    return report->out != NULL;
}

/* Once. Where stderr goes the same way as stdout it would be held up as stdout is. */
static void complain(struct report *report, const char *what, const char *why)
{
    if (!report->complained && file_has_room(STDERR_FILENO)) report_error("%s: %s", what, why);
    report->complained = true;
}

void report_step(struct report *report, usec now)
{
    if (!report->out) return;
    while (file_deadline(report->out) <= now) file_step(report->out, now);
    if (file_fault(report->out)->err != OK && !file_left(report->out))
        complain(report, UNWRITTEN, file_fault(report->out)->rule);
}

usec report_deadline(const struct report *report)
{
    return report->out ? file_deadline(report->out) : TIME_NEVER;
}

void report_flush(struct report *report)
{
    if (report->out) file_flush(report->out);
}

bool report_end(struct report *report)
{
    if (!report->out) return true;
    bool whole = file_flush(report->out) || file_left(report->out);
    if (!whole) complain(report, UNWRITTEN, file_fault(report->out)->rule);
    file_free(report->out, NULL);
    report->out = NULL;
    return whole;
}

/* Full precision of double would show 0.1 as 0.10000000000000001. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(9))

static json_t *event_of(const struct report *report, const char *name, usec now)
{
    usec ms = (now - report->start) / 1000;
    return json_pack("{s:f,s:s}", "t", (double)ms / 1000, "event", name);
}

static void put_missing(struct report *report, usec now)
{
    char text[MISSING_MAX];
    if (report->missing == 0) return;
    json_t *line = event_of(report, "events-dropped", now);
    json_object_set_new(line, "count", json_integer((json_int_t)report->missing));
    size_t len = json_dumpb(line, text, sizeof text - 1, DUMP_FLAGS);
    json_decref(line);
    if (len == 0 || len > sizeof text - 1) return; /* no memory: the next line tells */
    text[len] = '\n';
    file_put(report->out, (struct bytes){(const uint8_t *)text, len + 1}, now);
    report->missing = 0;
}

static void put(struct report *report, json_t *object, usec now)
{
    char *text = json_dumps(object, DUMP_FLAGS);
    size_t len = text ? strlen(text) : 0;
    /* All of it, and before it how many are missing there: or nothing. */
    if (text && file_room(report->out) >= len + 1 + MISSING_MAX) {
        text[len] = '\n'; /* in place of the NUL */
        put_missing(report, now);
        file_put(report->out, (struct bytes){(const uint8_t *)text, len + 1}, now);
    } else {
        report->missing++;
        if (text && file_fault(report->out)->err == OK)
            complain(report, "events are dropped", "nobody reads stdout");
    }
    free(text);
}

/* ---- Lines and events ---- */

void report_line(struct report *report, json_t *object, usec now)
{
    if (report->out) {
        put(report, object, now);
        report_step(report, now);
    } else if (report->json) {
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
    if (report->json) {
        json_t *line = event_of(report, name, now);
        if (members) json_object_update(line, members);
        report_line(report, line, now);
    } else if (!report->quiet) {
        usec ms = (now - report->start) / 1000;
        printf("%8.3f  %-16s", (double)ms / 1000, name);
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
