/* The test's own stdout is a pipe here, with nobody or somebody at its other end. */
#define _XOPEN_SOURCE 700

#include "apps/report.h"
#include "tests/suite.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct report report;
static int stdout_before, reader;

static void begin(void)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    reader = ends[0];
    fcntl(reader, F_SETFL, O_NONBLOCK);
    stdout_before = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    report_init(&report, true, false, 0);
    ck_assert(report_detach(&report));
}

static bool end(void)
{
    bool whole = report_end(&report);
    dup2(stdout_before, STDOUT_FILENO);
    close(stdout_before);
    close(reader);
    return whole;
}

/* Event number `i`, of about a kilobyte. */
static void say(int i, usec now)
{
    static char text[1000];
    memset(text, 'x', sizeof text - 1);
    report_event(&report, "said", json_pack("{s:i,s:s}", "number", i, "text", text), now);
}

/* The next whole line that came through the pipe, to be freed; NULL: none yet. */
static json_t *next_line(void)
{
    static char line[4096];
    static size_t len;
    while (len < sizeof line && read(reader, line + len, 1) == 1) {
        if (line[len++] != '\n') continue;
        json_t *parsed = json_loadb(line, len, 0, NULL);
        len = 0;
        return parsed;
    }
    return NULL;
}

static int number(const json_t *line, const char *name)
{
    return (int)json_integer_value(json_object_get(line, name));
}

/* Takes events from number `from` on, in their order, while the report goes on; returns the number
 * that the next one would have. `dropped` is how many the reader is told it has not got. */
static int take_all(int from, int *dropped, usec *now)
{
    json_t *line;
    *dropped = 0;
    for (;;) {
        while ((line = next_line()) != NULL) {
            const char *event = json_string_value(json_object_get(line, "event"));
            if (strcmp(event, "events-dropped") == 0) {
                *dropped = number(line, "count");
                from += *dropped;
            } else {
                ck_assert_int_eq(number(line, "number"), from);
                from++;
            }
            json_decref(line);
        }
        if (report_deadline(&report) == TIME_NEVER) return from;
        *now = usec_max(*now, report_deadline(&report));
        report_step(&report, *now);
    }
}

START_TEST(an_event_is_at_its_reader_at_once)
{
    begin();
    say(7, MS(250));
    json_t *line = next_line();
    ck_assert_int_eq(number(line, "number"), 7);
    ck_assert_double_eq_tol(json_real_value(json_object_get(line, "t")), 0.25, 1e-9);
    json_decref(line);
    ck_assert_int_eq(report_deadline(&report), TIME_NEVER);
    ck_assert(end());
}
END_TEST

START_TEST(nobody_reading_holds_nothing_up_and_what_is_missing_is_counted_in_its_place)
{
    usec now = SEC(1);
    int said = 0, dropped;
    begin();
    while (report.missing < 10) say(said++, now); /* a report that waited would stand here */
    ck_assert_uint_ge(said, REPORT_WAITING_MAX / 1100);
    ck_assert(report.complained);
    ck_assert_int_eq(take_all(0, &dropped, &now), said - 10);
    ck_assert_int_eq(dropped, 0);
    say(said, now);
    ck_assert_int_eq(take_all(said - 10, &dropped, &now), said + 1);
    ck_assert_int_eq(dropped, 10);
    ck_assert(end());
}
END_TEST

START_TEST(a_reader_that_has_gone_is_no_fault)
{
    begin();
    close(reader);
    for (int i = 0; i < 3; i++) say(i, SEC(1));
    ck_assert_int_eq(report_deadline(&report), TIME_NEVER);
    ck_assert(!report.complained);
    ck_assert(end());
}
END_TEST

START_TEST(a_full_disk_is_told_and_is_a_fault)
{
    begin();
    int full = open("/dev/full", O_WRONLY);
    if (full >= 0) { /* not every system has it */
        dup2(full, STDOUT_FILENO);
        close(full);
        say(0, SEC(1));
        ck_assert(report.complained);
    }
    ck_assert_int_eq(end(), full < 0);
}
END_TEST

SUITE("apps report", an_event_is_at_its_reader_at_once,
      nobody_reading_holds_nothing_up_and_what_is_missing_is_counted_in_its_place,
      a_reader_that_has_gone_is_no_fault, a_full_disk_is_told_and_is_a_fault)
