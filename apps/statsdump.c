#include "apps/statsdump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As it is built: the rows' values are still arrays; the dump has them as text. */
struct statsdump {
    json_t *calls; /* {"1-1":{...}} */
};

struct statsdump *statsdump_new(void)
{
    struct statsdump *d = calloc(1, sizeof *d);
    if (!d) return NULL;
    d->calls = json_object();
    if (d->calls) return d;
    free(d);
    return NULL;
}

void statsdump_free(struct statsdump *d)
{
    if (!d) return;
    json_decref(d->calls);
    free(d);
}

/* Days since 1970 as a date (Howard Hinnant's civil_from_days): gmtime_r is POSIX's, not C's. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * of_year + 2) / 153; /* months from March on */
    *day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

/* "2026-11-22T11:31:39.123Z", as JavaScript's toISOString writes it. */
static json_t *iso_time(int64_t unix_us)
{
    int64_t ms = unix_us / 1000, year;
    int month, day;
    date_of(ms / 86400000, &year, &month, &day);
    int64_t of_day = ms % 86400000;
    return json_sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)year, month, day,
                        (int)(of_day / 3600000), (int)(of_day / 60000 % 60),
                        (int)(of_day / 1000 % 60), (int)(of_day % 1000));
}

static json_t *call_of(struct statsdump *d, unsigned call)
{
    char key[32];
    snprintf(key, sizeof key, "1-%u", call);
    json_t *o = json_object_get(d->calls, key);
    if (o) return o;
    o = json_pack("{s:i,s:s,s:s,s:[],s:{}}", "pid", 1, "url", "duet call", "rtcConfiguration", "{}",
                  "updateLog", "stats");
    json_object_set_new(d->calls, key, o);
    return o;
}

static void add_value(json_t *rows, const char *id, const char *name, const char *type,
                      json_t *value, int64_t unix_us)
{
    char key[128];
    snprintf(key, sizeof key, "%s-%s", id, name);
    json_t *row = json_object_get(rows, key);
    if (!row) {
        if (json_object_size(rows) >= STATSDUMP_ROWS_MAX) return;
        row = json_pack("{s:s,s:o,s:o,s:[]}", "statsType", type, "startTime", iso_time(unix_us),
                        "endTime", iso_time(unix_us), "values");
        json_object_set_new(rows, key, row);
    }
    json_t *values = json_object_get(row, "values");
    if (json_array_size(values) == STATSDUMP_VALUES_MAX) json_array_remove(values, 0);
    json_array_append(values, value);
    json_object_set_new(row, "endTime", iso_time(unix_us));
}

void statsdump_sample(struct statsdump *d, unsigned call, const json_t *stats, int64_t unix_us)
{
    const char *id, *name;
    json_t *dictionary, *value;
    json_t *rows = json_object_get(call_of(d, call), "stats");
    json_object_foreach((json_t *)(uintptr_t)stats, id, dictionary)
    {
        const char *type = json_string_value(json_object_get(dictionary, "type"));
        json_object_foreach(dictionary, name, value)
        {
            if (strcmp(name, "id") != 0) /* it is in the row's name */
                add_value(rows, id, name, type ? type : "", value, unix_us);
        }
    }
}

void statsdump_update(struct statsdump *d, unsigned call, const char *type, const json_t *value,
                      int64_t unix_us)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    json_t *log = json_object_get(call_of(d, call), "updateLog");
    /* "time" is what older dumps have instead of "timestamp", and older importers look for. */
    if (json_array_size(log) < STATSDUMP_UPDATES_MAX)
        json_array_append_new(log, json_pack("{s:o,s:f,s:s,s:s}", "time", iso_time(unix_us),
                                             "timestamp", (double)unix_us / 1000, "type", type,
                                             "value", text ? text : ""));
    free(text);
}

/* Chrome writes the values of a row as text that is JSON itself. */
static void values_as_text(json_t *call)
{
    const char *key;
    json_t *row;
    json_object_foreach(json_object_get(call, "stats"), key, row)
    {
        char *text = json_dumps(json_object_get(row, "values"),
                                JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        json_object_set_new(row, "values", json_string(text ? text : "[]"));
        free(text);
    }
}

char *statsdump_text(const struct statsdump *d, int64_t unix_us)
{
    const char *key;
    json_t *call, *calls = json_deep_copy(d->calls);
    json_object_foreach(calls, key, call)
    {
        values_as_text(call);
    }
    json_t *all =
        json_pack("{s:I,s:[],s:o,s:s,s:{}}", "timestamp", (json_int_t)(unix_us / 1000),
                  "getUserMedia", "PeerConnections", calls, "UserAgent", "duet", "UserAgentData");
    char *text = all ? json_dumps(all, JSON_INDENT(1)) : NULL;
    json_decref(all);
    return text;
}
