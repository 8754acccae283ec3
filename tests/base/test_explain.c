#include "base/explain.h"
#include "tests/suite.h"

static const uint8_t wire[] = {0xde, 0xad, 0xbe, 0xef};
static const struct bytes message = {wire, sizeof wire};

START_TEST(fields_know_their_place_and_their_depth)
{
    struct explain *x = explain_new("test", message);
    explain_field(x, "first", bytes_slice(message, 1, 2), "RFC 1 2", "%u and %s", 7u, "more");
    explain_meaning(x, "one thing");
    explain_meaning(x, "%s", "another");
    explain_down(x);
    explain_field_text(x, "part", bytes_slice(message, 2, 1), "", bytes_of("of it"));
    explain_up(x);
    explain_field(x, "derived", (struct bytes){NULL, 0}, "RFC 3", "5");
    explain_broken(x, "five is too many (RFC 3)");
    explain_field(x, "elsewhere", bytes_of("other bytes"), "", "6");
    ck_assert_uint_eq(explain_field_count(x), 4);
    const struct explain_field *f = explain_field_at(x, 0);
    ck_assert(bytes_is(f->name, "first") && bytes_is(f->value, "7 and more"));
    ck_assert(bytes_is(f->meaning, "one thing; another") && !f->broken);
    ck_assert_str_eq(f->spec, "RFC 1 2");
    ck_assert(f->offset == 1 && f->raw.len == 2 && f->raw.at == wire + 1 && f->depth == 0);
    f = explain_field_at(x, 1);
    ck_assert(f->offset == 2 && f->depth == 1 && bytes_is(f->value, "of it"));
    f = explain_field_at(x, 2);
    ck_assert(f->offset == 2 && f->raw.len == 0 && f->depth == 0 && f->broken);
    f = explain_field_at(x, 3);
    ck_assert(f->offset == 2 && f->raw.len == 0);
    explain_free(x);
}
END_TEST

/* Bytes that only begin in the message, and those of an explanation of none, have no place in it.
 */
START_TEST(bytes_that_are_not_all_the_message_s)
{
    struct explain *x = explain_new("test", bytes_slice(message, 0, 3));
    ck_assert_uint_eq(explain_offset(x, bytes_slice(message, 2, 1)), 2);
    ck_assert_uint_eq(explain_offset(x, (struct bytes){NULL, 0}), 0);
    explain_field(x, "inside", bytes_slice(message, 2, 1), "", "v");
    explain_field(x, "past its end", bytes_slice(message, 1, 3), "", "v");
    explain_field(x, "behind it", bytes_slice(message, 3, 1), "", "v");
    for (size_t i = 1; i < 3; i++) {
        ck_assert_uint_eq(explain_field_at(x, i)->raw.len, 0);
        ck_assert_uint_eq(explain_field_at(x, i)->offset, 2); /* the last one's */
    }
    explain_free(x);
    x = explain_new("test", (struct bytes){NULL, 0});
    explain_field(x, "of no message", message, "", "v");
    ck_assert(explain_field_at(x, 0)->offset == 0 && explain_field_at(x, 0)->raw.len == 0);
    explain_free(x);
}
END_TEST

START_TEST(meanings_that_say_nothing)
{
    struct explain *x = explain_new("test", message);
    explain_broken(x, "of no field"); /* there is none yet */
    ck_assert_uint_eq(explain_field_count(x), 0);
    explain_field(x, "field", message, "", "v");
    explain_meaning(x, "%s", "");
    ck_assert_uint_eq(explain_field_at(x, 0)->meaning.len, 0);
    explain_meaning(x, "one");
    explain_meaning(x, "%s", "");
    explain_meaning(x, "two");
    ck_assert(bytes_is(explain_field_at(x, 0)->meaning, "one; two"));
    ck_assert(!explain_field_at(x, 0)->broken);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_free(x);
}
END_TEST

START_TEST(members_come_back_as_they_were_said)
{
    struct explain *x = explain_new("test", message);
    explain_text(x, "text", bytes_of("a"));
    explain_list(x, "list");
    explain_number(x, NULL, (uint64_t)1 << 53);
    explain_number(x, NULL, UINT64_MAX);
    explain_signed(x, NULL, -3);
    explain_close(x);
    explain_object(x, "object");
    explain_bool(x, "yes", true);
    explain_hex(x, "hex", message);
    explain_format(x, "made", "%02x", 10);
    explain_close(x);
    static const struct {
        enum explain_kind kind;
        const char *name, *text;
        int64_t number;
    } want[] = {
        {EXPLAIN_TEXT, "text", "a", 0},       {EXPLAIN_LIST, "list", "", 0},
        {EXPLAIN_NUMBER, "", "", 1LL << 53},  {EXPLAIN_TEXT, "", "18446744073709551615", 0},
        {EXPLAIN_NUMBER, "", "", -3},         {EXPLAIN_CLOSE, "", "", 0},
        {EXPLAIN_OBJECT, "object", "", 0},    {EXPLAIN_BOOL, "yes", "", 1},
        {EXPLAIN_TEXT, "hex", "deadbeef", 0}, {EXPLAIN_TEXT, "made", "0a", 0},
        {EXPLAIN_CLOSE, "", "", 0},
    };
    ck_assert_uint_eq(explain_member_count(x), COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        const struct explain_member *m = explain_member_at(x, i);
        ck_assert_int_eq(m->kind, want[i].kind);
        ck_assert(bytes_is(m->name, want[i].name) && bytes_is(m->text, want[i].text));
        ck_assert_int_eq(m->number, want[i].number);
    }
    ck_assert_str_eq(explain_type(x), "test");
    ck_assert_ptr_eq(explain_message(x).at, wire);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_free(x);
}
END_TEST

START_TEST(the_summary_and_long_texts_grow)
{
    struct explain *x = explain_new("test", message);
    ck_assert_uint_eq(explain_summary_text(x).len, 0);
    explain_summary(x, "one");
    explain_summary(x, ",\n%d", 2);
    ck_assert(bytes_is(explain_summary_text(x), "one, 2"));
    explain_summary(x, "\x7f\x1f~");
    ck_assert(bytes_is(explain_summary_text(x), "one, 2  ~"));
    char text[2000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = 0;
    for (int i = 0; i < 100; i++) {
        explain_field(x, text, message, "", "%s", text);
        explain_format(x, text, "%s", text);
        explain_summary(x, "%s", text);
    }
    for (size_t i = 0; i < 100; i++) {
        ck_assert(bytes_is(explain_field_at(x, i)->value, text));
        ck_assert(bytes_is(explain_member_at(x, i)->text, text));
    }
    ck_assert_uint_eq(explain_summary_text(x).len, 9 + 100 * (sizeof text - 1));
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_free(x);
}
END_TEST

START_TEST(a_summary_is_made_of_phrases_with_heads_and_details)
{
    struct explain *x = explain_new("test", message);
    ck_assert_uint_eq(explain_phrase_count(x), 0);
    explain_summary(x, "RTP");
    explain_summary(x, " VP8");
    explain_details(x);
    explain_summary(x, " payload type %d", 96);
    explain_phrase(x, "; ");
    explain_summary(x, "key frame");
    explain_phrase(x, ", ");
    ck_assert(bytes_is(explain_summary_text(x), "RTP VP8 payload type 96; key frame, "));
    ck_assert_uint_eq(explain_phrase_count(x), 3);
    struct explain_phrase first = explain_phrase_at(x, 0), second = explain_phrase_at(x, 1);
    ck_assert(bytes_is(first.text, "RTP VP8 payload type 96"));
    ck_assert(bytes_is(first.head, "RTP VP8"));
    ck_assert(bytes_is(second.text, "key frame"));
    ck_assert(bytes_is(second.head, "key frame")); /* the first one's details end with it */
    ck_assert_uint_eq(explain_phrase_at(x, 2).text.len, 0);
    explain_free(x);
    /* Nothing stands before the first one. */
    x = explain_new("test", message);
    explain_phrase(x, "; ");
    explain_summary(x, "client_hello");
    ck_assert(bytes_is(explain_summary_text(x), "client_hello"));
    ck_assert_uint_eq(explain_phrase_count(x), 1);
    explain_free(x);
}
END_TEST

START_TEST(the_first_failure_counts_and_lies_within_the_message)
{
    struct explain *x = explain_new("test", message);
    struct fault none = {0}, late = {E_TRUNCATED, "test", 9, "late"};
    explain_fail(x, &none);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_refuse(x, E_MALFORMED, 5, "needs %d, %d are left", 14, 9);
    explain_fail(x, &late);
    explain_refuse(x, E_AUTH, 1, "no");
    const struct fault *fault = explain_fault(x);
    ck_assert_int_eq(fault->err, E_MALFORMED);
    ck_assert_uint_eq(fault->offset, sizeof wire);
    ck_assert_str_eq(fault->rule, "needs 14, 9 are left");
    ck_assert_str_eq(fault->layer, "test");
    explain_free(x);
}
END_TEST

/* A parser that names no layer is the explained one; a rule may have no words. */
START_TEST(failures_without_words)
{
    struct explain *x = explain_new("test", message);
    const struct fault bare = {E_MALFORMED, NULL, 1, "rule"};
    explain_fail(x, &bare);
    ck_assert_str_eq(explain_fault(x)->layer, "test");
    explain_free(x);
    x = explain_new("test", message);
    explain_refuse(x, E_AUTH, 1, "%s", "");
    ck_assert_int_eq(explain_fault(x)->err, E_AUTH);
    ck_assert_str_eq(explain_fault(x)->rule, "");
    explain_free(x);
}
END_TEST

START_TEST(bounds_end_the_explanation)
{
    struct explain *x = explain_new("test", message);
    for (size_t i = 0; i < EXPLAIN_MEMBERS_MAX; i++) explain_number(x, NULL, i);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_number(x, NULL, 0);
    ck_assert_int_eq(explain_fault(x)->err, E_FULL);
    explain_field(x, "after", message, "", "it");
    explain_meaning(x, "nothing");
    explain_summary(x, "is taken");
    explain_hex(x, "hex", message);
    ck_assert_uint_eq(explain_field_count(x), 0);
    ck_assert_uint_eq(explain_summary_text(x).len, 0);
    ck_assert_uint_eq(explain_member_count(x), EXPLAIN_MEMBERS_MAX);
    explain_free(x);

    x = explain_new("test", message);
    for (size_t i = 0; i <= EXPLAIN_FIELDS_MAX; i++) explain_field(x, "f", message, "", "v");
    ck_assert_uint_eq(explain_field_count(x), EXPLAIN_FIELDS_MAX);
    ck_assert_int_eq(explain_fault(x)->err, E_FULL);
    explain_free(x);

    size_t len = EXPLAIN_TEXT_MAX / 2 + 1;
    uint8_t *large = calloc(1, len);
    x = explain_new("test", message);
    explain_text(x, "large", (struct bytes){large, len});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explain_hex(x, "hex", (struct bytes){large, len});
    ck_assert_int_eq(explain_fault(x)->err, E_FULL);
    explain_free(x);
    x = explain_new("test", message);
    explain_text(x, "large", (struct bytes){large, len});
    explain_text(x, "as large", (struct bytes){large, len});
    ck_assert_int_eq(explain_fault(x)->err, E_FULL);
    explain_free(x);
    free(large);
    explain_free(NULL);
}
END_TEST

SUITE("explain", fields_know_their_place_and_their_depth, bytes_that_are_not_all_the_message_s,
      meanings_that_say_nothing, members_come_back_as_they_were_said,
      the_summary_and_long_texts_grow, a_summary_is_made_of_phrases_with_heads_and_details,
      the_first_failure_counts_and_lies_within_the_message, failures_without_words,
      bounds_end_the_explanation)
