#include "apps/statsdump.h"

#include "tests/suite.h"

#define AT INT64_C(1795347099123456) /* 2026-11-22T11:31:39.123Z */

static json_t *dumped(const struct statsdump *dump)
{
    char *text = statsdump_text(dump, AT);
    ck_assert_ptr_nonnull(text);
    json_t *all = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(all);
    free(text);
    return all;
}

static json_t *row_of(const json_t *all, const char *call, const char *row)
{
    json_t *o = json_object_get(json_object_get(all, "PeerConnections"), call);
    return json_object_get(json_object_get(o, "stats"), row);
}

static const char *text_of(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));
    return text ? text : "";
}

START_TEST(each_member_is_a_row_of_values)
{
    struct statsdump *dump = statsdump_new();
    for (int i = 0; i < 3; i++) {
        json_t *stats = json_pack("{s:{s:s,s:s,s:i,s:b}}", "IT1", "id", "IT1", "type",
                                  "inbound-rtp", "packetsReceived", i * 25, "good", i == 1);
        statsdump_sample(dump, 1, stats, AT + i * 1000000);
        json_decref(stats);
    }
    json_t *all = dumped(dump), *row = row_of(all, "1-1", "IT1-packetsReceived");
    ck_assert_str_eq(text_of(row, "values"), "[0,25,50]");
    ck_assert_str_eq(text_of(row, "statsType"), "inbound-rtp");
    ck_assert_str_eq(text_of(row, "startTime"), "2026-11-22T11:31:39.123Z");
    ck_assert_str_eq(text_of(row, "endTime"), "2026-11-22T11:31:41.123Z");
    ck_assert_str_eq(text_of(row_of(all, "1-1", "IT1-good"), "values"), "[false,true,false]");
    ck_assert_ptr_null(row_of(all, "1-1", "IT1-id"));
    json_decref(all);
    statsdump_free(dump);
}
END_TEST

START_TEST(the_oldest_values_go_and_rows_have_a_bound)
{
    char id[32];
    struct statsdump *dump = statsdump_new();
    for (int i = 0; i < STATSDUMP_VALUES_MAX + 5; i++) {
        json_t *stats = json_pack("{s:{s:s,s:i}}", "A", "type", "t", "n", i);
        statsdump_sample(dump, 1, stats, AT);
        json_decref(stats);
    }
    for (int i = 0; i < STATSDUMP_ROWS_MAX; i++) {
        snprintf(id, sizeof id, "B%d", i);
        json_t *stats = json_pack("{s:{s:i}}", id, "n", i);
        statsdump_sample(dump, 1, stats, AT);
        json_decref(stats);
    }
    json_t *all = dumped(dump);
    json_t *values = json_loads(text_of(row_of(all, "1-1", "A-n"), "values"), 0, NULL);
    ck_assert_uint_eq(json_array_size(values), STATSDUMP_VALUES_MAX);
    ck_assert_int_eq(json_integer_value(json_array_get(values, 0)), 5);
    json_t *call = json_object_get(json_object_get(all, "PeerConnections"), "1-1");
    ck_assert_uint_eq(json_object_size(json_object_get(call, "stats")), STATSDUMP_ROWS_MAX);
    json_decref(values);
    json_decref(all);
    statsdump_free(dump);
}
END_TEST

START_TEST(the_log_holds_json_within_text)
{
    struct statsdump *dump = statsdump_new();
    json_t *value = json_string("connected");
    statsdump_update(dump, 2, "onconnectionstatechange", value, AT);
    statsdump_update(dump, 2, "setLocalDescription", NULL, AT);
    json_decref(value);
    json_t *all = dumped(dump);
    json_t *log = json_object_get(json_object_get(json_object_get(all, "PeerConnections"), "1-2"),
                                  "updateLog");
    ck_assert_uint_eq(json_array_size(log), 2);
    ck_assert_str_eq(text_of(json_array_get(log, 0), "value"), "\"connected\"");
    ck_assert_str_eq(text_of(json_array_get(log, 0), "type"), "onconnectionstatechange");
    ck_assert_str_eq(text_of(json_array_get(log, 1), "value"), "");
    json_decref(all);
    statsdump_free(dump);
}
END_TEST

/* The first and the last day of February, of leap years and not, against known dates. */
START_TEST(times_are_dates)
{
    static const struct {
        int64_t unix_sec;
        const char *text;
    } known[] = {
        {0, "1970-01-01T00:00:00.000Z"},          {951782400, "2000-02-29T00:00:00.000Z"},
        {951868799, "2000-02-29T23:59:59.000Z"},  {951868800, "2000-03-01T00:00:00.000Z"},
        {1709164800, "2024-02-29T00:00:00.000Z"}, {1735689599, "2024-12-31T23:59:59.000Z"},
        {1740787200, "2025-03-01T00:00:00.000Z"}, {4107542400, "2100-03-01T00:00:00.000Z"}};
    for (size_t i = 0; i < COUNT(known); i++) {
        struct statsdump *dump = statsdump_new();
        json_t *stats = json_pack("{s:{s:i}}", "A", "n", 1);
        statsdump_sample(dump, 1, stats, known[i].unix_sec * 1000000);
        json_t *all = dumped(dump);
        ck_assert_str_eq(text_of(row_of(all, "1-1", "A-n"), "startTime"), known[i].text);
        json_decref(all);
        json_decref(stats);
        statsdump_free(dump);
    }
}
END_TEST

SUITE("apps statsdump", each_member_is_a_row_of_values, the_oldest_values_go_and_rows_have_a_bound,
      the_log_holds_json_within_text, times_are_dates)
