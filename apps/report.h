/* What the program says while it runs: JSON lines for programs, short lines for people.
 * docs/cli.md has the names. */
#ifndef DUET_APPS_REPORT_H
#define DUET_APPS_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"
#include "net/file.h"

#define REPORT_WAITING_MAX (1 << 20) /* bytes of lines that wait for a slow reader */

struct report {
    bool json;  /* one object a line on stdout, and nothing else */
    bool quiet; /* people are shown something else: only errors, on stderr */
    usec start; /* "t" counts from here */
    /* Of a report that never waits; see report_detach. */
    struct file *out; /* NULL: lines go through stdio, and wait for their reader */
    uint64_t missing; /* lines that found no room since the last one that did */
    bool complained;  /* it was said on stderr that lines are missing, or why they end */
};

/* JSON if it was asked for or stdout is no terminal. */
void report_init(struct report *report, bool json, bool quiet, usec now);
/* From now on JSON lines wait in a buffer for whoever reads stdout, and never hold up the caller,
 * who calls report_step when report_deadline has come, and report_end at the end. Lines that find
 * no room are dropped: said once on stderr, and counted by an event "events-dropped" in their
 * place. A reader that has gone is no fault, and nothing is written any more. False: no memory. */
bool report_detach(struct report *report);
void report_step(struct report *report, usec now);
usec report_deadline(const struct report *report); /* TIME_NEVER: nothing waits */
/* Waits until what there is has been written, as long as somebody reads (net/file.h). */
void report_flush(struct report *report);
/* The same, and gives back the buffer. False: stdout did not take all; said on stderr. Without
 * report_detach it is true: stdio knows. */
bool report_end(struct report *report);
/* An event line: {"t":0.123,"event":NAME,...}. Takes over `members` (an object, or NULL). On a
 * terminal the members that are no objects are shown in plain words. */
void report_event(struct report *report, const char *name, json_t *members, usec now);
/* A line of the caller's own making, as it is; takes over `object`. Not shown to people. */
void report_line(struct report *report, json_t *object, usec now);
/* For people on a terminal only. */
void report_say(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What went wrong and what to do about it: one line on stderr, in every mode. */
void report_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
