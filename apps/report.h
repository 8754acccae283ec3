/* What the program says while it runs: JSON lines for programs, short lines for people.
 * docs/cli.md has the names. */
#ifndef DUET_APPS_REPORT_H
#define DUET_APPS_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"

struct report {
    bool json;  /* one object a line on stdout, and nothing else */
    bool quiet; /* people are shown something else: only errors, on stderr */
    usec start; /* "t" counts from here */
};

/* JSON if it was asked for or stdout is no terminal. */
void report_init(struct report *report, bool json, bool quiet, usec now);
/* An event line: {"t":0.123,"event":NAME,...}. Takes over `members` (an object, or NULL). On a
 * terminal the members that are no objects are shown in plain words. */
void report_event(struct report *report, const char *name, json_t *members, usec now);
/* A line of the caller's own making, as it is; takes over `object`. Not shown to people. */
void report_line(struct report *report, json_t *object);
/* For people on a terminal only. */
void report_say(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What went wrong and what to do about it: one line on stderr, in every mode. */
void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
