/* What is printed of an explanation, and that JSON without memory is none. */
#define _POSIX_C_SOURCE 200809L /* setenv */
#include "apps/explainprint.h"

#include "base/columns.h"
#include "tests/jsonnomem.h"
#include "tests/nomem.h"
#include "tests/suite.h"

static const uint8_t wire[64] = {0xde, 0xad, 0xbe, 0xef};
static const struct bytes message = {wire, sizeof wire};

/* Fields of every kind, one within the other, and members of every kind. */
static struct explain *made(void)
{
    static char longer[400];
    memset(longer, 'v', sizeof longer - 1);
    struct explain *x = explain_new("test", message);
    explain_summary(x, "a line that sums it up, %.*s", 150, longer);
    explain_field(x, "outer", bytes_slice(message, 0, 20), "RFC 1 1", "%d parts", 2);
    explain_down(x);
    explain_field(x, "inner", bytes_slice(message, 0, 3), "RFC 1 2", "%s", "");
    explain_meaning(x, "what it means");
    explain_field(x, "long", bytes_slice(message, 3, 61), "", "%s", longer);
    explain_up(x);
    explain_field(x, "derived", (struct bytes){NULL, 0}, "RFC 1 3", "7");
    explain_broken(x, "seven is too many");
    explain_text(x, "text", bytes_of("a\x01 \xff"));
    explain_list(x, "list");
    explain_number(x, NULL, 5);
    explain_bool(x, NULL, true);
    explain_object(x, NULL);
    explain_hex(x, "hex", message);
    explain_close(x);
    explain_close(x);
    explain_bool(x, "last", false);
    return x;
}

START_TEST(an_object_for_programs)
{
    struct explain *x = made();
    json_t *all = explain_json(x);
    ck_assert_str_eq(json_string_value(json_object_get(all, "type")), "test");
    ck_assert_int_eq(json_integer_value(json_object_get(all, "length")), 64);
    const json_t *fields = json_object_get(all, "fields");
    ck_assert_uint_eq(json_array_size(fields), 4);
    const json_t *f = json_array_get(fields, 1);
    ck_assert_str_eq(json_string_value(json_object_get(f, "raw")), "deadbe");
    ck_assert_str_eq(json_string_value(json_object_get(f, "meaning")), "what it means");
    ck_assert_int_eq(json_integer_value(json_object_get(f, "depth")), 1);
    ck_assert_ptr_null(json_object_get(f, "broken"));
    f = json_array_get(fields, 3);
    ck_assert(json_is_true(json_object_get(f, "broken")));
    ck_assert_ptr_null(json_object_get(f, "depth"));
    const json_t *list = json_object_get(all, "list");
    ck_assert_uint_eq(json_array_size(list), 3);
    ck_assert(json_is_true(json_array_get(list, 1)));
    const char *hex = json_string_value(json_object_get(json_array_get(list, 2), "hex"));
    ck_assert(hex && strlen(hex) == 128 && memcmp(hex, "deadbeef00", 10) == 0);
    ck_assert(json_is_false(json_object_get(all, "last")));
    json_decref(all);
    explain_free(x);
}
END_TEST

/* What could not be decoded is an error and nothing else. */
START_TEST(an_object_of_a_failure)
{
    struct explain *x = made();
    explain_refuse(x, E_MALFORMED, 7, "it is no good");
    json_t *all = explain_json(x), *error = json_object_get(all, "error");
    ck_assert_uint_eq(json_object_size(all), 1);
    ck_assert_str_eq(json_string_value(json_object_get(error, "code")), "malformed");
    ck_assert_int_eq(json_integer_value(json_object_get(error, "offset")), 7);
    ck_assert_str_eq(json_string_value(json_object_get(error, "message")), "it is no good");
    json_decref(all);
    explain_free(x);
}
END_TEST

START_TEST(without_memory_there_is_no_object)
{
    json_set_alloc_funcs(json_take, json_give);
    for (int failed = 0; failed < 2; failed++) {
        struct explain *x = made();
        size_t none = 0;
        if (failed) explain_refuse(x, E_MALFORMED, 7, "it is no good");
        for (json_fail_at = 0;; json_fail_at++) {
            json_taken = 0;
            json_t *all = explain_json(x);
            bool reached = json_taken > json_fail_at;
            ck_assert_int_eq(all == NULL, reached); /* whole, or not at all */
            none += !all;
            json_decref(all);
            ck_assert_uint_eq(json_held, 0);
            if (!reached) break;
        }
        ck_assert_uint_gt(none, 5);
        explain_free(x);
    }
    ck_assert(!explain_print_json(NULL));
}
END_TEST

/* The same of our own: texts and hex of more bytes than the stack has room for. */
START_TEST(without_our_memory_there_is_no_object)
{
    char longer[300];
    memset(longer, 'v', sizeof longer);
    struct bytes all_of_it = {(uint8_t *)longer, sizeof longer};
    struct explain *x = explain_new("test", all_of_it);
    explain_hex(x, "hex", all_of_it);
    explain_field(x, "field", all_of_it, "", "%.*s", 300, longer);
    nomem_arm(NOMEM_NEVER, NOMEM_ONCE);
    json_decref(explain_json(x));
    nomem_disarm();
    size_t count = nomem.count;
    for (size_t i = 0; i < count; i++) {
        nomem_arm(i, NOMEM_ONCE);
        json_t *all = explain_json(x);
        nomem_disarm();
        ck_assert_ptr_null(all);
        ck_assert_uint_eq(nomem.leaked, 0);
    }
    ck_assert_uint_ge(count, 3); /* the value, its bytes in hex, the member */
    explain_free(x);
}
END_TEST

START_TEST(a_full_disc_is_noticed)
{
    if (!freopen("/dev/full", "w", stdout)) return; /* Linux's */
    setvbuf(stdout, NULL, _IONBF, 0);
    ck_assert(!explain_print_json(explain_json_error("code", 1, "message")));
}
END_TEST

/* ---- For people ---- */

#define PRINTED DUET_BINARY_DIR "/explainprint-test.txt"

/* What explain_print writes; to be freed. */
static char *printed(const struct explain *x, const struct explain_page *page)
{
    ck_assert_ptr_nonnull(freopen(PRINTED, "w", stdout));
    explain_print(x, page);
    fflush(stdout);
    FILE *f = fopen(PRINTED, "r");
    ck_assert_ptr_nonnull(f);
    char *text = calloc(1, 65536);
    ck_assert_uint_gt(fread(text, 1, 65535, f), 0);
    fclose(f);
    remove(PRINTED);
    return text;
}

START_TEST(lines_keep_to_the_page)
{
    struct explain *x = made();
    explain_refuse(x, E_TRUNCATED, 9, "there is no more");
    for (size_t width = 72; width <= 160; width += 8) {
        const struct explain_page page = {.width = width};
        char *text = printed(x, &page);
        ck_assert_ptr_nonnull(strstr(text, "test, 64 bytes\n"));
        ck_assert_ptr_nonnull(strstr(text, "0000  de ad be ef 00 00 00 .. "));
        ck_assert_ptr_nonnull(strstr(text, "outer: 2 parts"));
        ck_assert_ptr_nonnull(strstr(text, "RFC 1 2\n"));
        ck_assert_ptr_nonnull(strstr(text, "seven is too many"));
        ck_assert_ptr_nonnull(strstr(text, "0009  truncated: there is no more\n"));
        ck_assert_ptr_null(strchr(text, '\x1b'));
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            ck_assert_msg(columns_width(bytes_of(line)) <= width, "%zu: %s", width, line);
        free(text);
    }
    explain_free(x);
}
END_TEST

/* COLUMNS says how wide a page is, within what is readable; what is no terminal has no colours. */
START_TEST(the_width_of_a_page)
{
    static const struct {
        const char *columns;
        size_t width;
    } rows[] = {{"80", 80}, {"10", 72}, {"5000", 1000}, {"wide", 100}, {"-5", 100}};
    ck_assert_ptr_nonnull(freopen(PRINTED, "w", stdout));
    for (size_t i = 0; i < COUNT(rows); i++) {
        setenv("COLUMNS", rows[i].columns, 1);
        struct explain_page page = explain_page();
        ck_assert_uint_eq(page.width, rows[i].width);
        ck_assert(!page.colour && !page.terminal);
    }
    remove(PRINTED);
}
END_TEST

/* A field without memory for its words is left out, and the others stay. */
START_TEST(a_page_without_memory)
{
    struct explain *x = made();
    const struct explain_page page = {.width = 100};
    static const char *const names[] = {"outer:", "inner", "long:", "derived:"};
    for (size_t i = 0; i < COUNT(names); i++) {
        ck_assert_ptr_nonnull(freopen(PRINTED, "w", stdout));
        nomem_arm(i, NOMEM_ONCE);
        explain_print(x, &page);
        nomem_disarm();
        ck_assert_uint_eq(nomem.failed, 1);
        fflush(stdout);
        FILE *f = fopen(PRINTED, "r");
        static char text[16384];
        memset(text, 0, sizeof text);
        ck_assert_uint_gt(fread(text, 1, sizeof text - 1, f), 0);
        fclose(f);
        for (size_t k = 0; k < COUNT(names); k++)
            ck_assert_int_eq(strstr(text, names[k]) != NULL, k != i);
    }
    remove(PRINTED);
    explain_free(x);
}
END_TEST

/* Of many bytes four lines are shown, of those with parts one. */
START_TEST(bytes_beside_the_text)
{
    struct explain *x = explain_new("test", message);
    const struct explain_page page = {.width = 100};
    explain_field(x, "all", message, "RFC 1 1", "v");
    explain_down(x);
    explain_field(x, "some", bytes_slice(message, 0, 40), "", "v");
    explain_field(x, "few", bytes_slice(message, 40, 16), "", "v");
    explain_up(x);
    char *text = printed(x, &page);
    ck_assert_ptr_nonnull(strstr(text, "0000  de ad be ef 00 00 00 ..  all: v"));
    ck_assert_ptr_nonnull(strstr(text, "0018  00 00 00 00 00 00 00 .. \n"));
    ck_assert_ptr_null(strstr(text, "0020  "));
    ck_assert_ptr_nonnull(strstr(text, "0028  00 00 00 00 00 00 00 00 "));
    ck_assert_ptr_nonnull(strstr(text, "0030  00 00 00 00 00 00 00 00 \n"));
    free(text);
    explain_free(x);
}
END_TEST

/* On a terminal there are colours, and the failure goes to stderr, by whoever asked. */
START_TEST(a_terminal_has_colours)
{
    struct explain *x = made();
    const struct explain_page page = {.width = 100, .colour = true, .terminal = true};
    explain_refuse(x, E_TRUNCATED, 9, "there is no more");
    char *text = printed(x, &page);
    ck_assert_ptr_nonnull(strstr(text, "\x1b[1mouter: 2 parts\x1b[0m"));
    ck_assert_ptr_nonnull(strstr(text, "\x1b[31mderived: 7"));
    ck_assert_ptr_nonnull(strstr(text, "\x1b[36m"));
    ck_assert_ptr_null(strstr(text, "there is no more"));
    free(text);
    explain_free(x);
}
END_TEST

/* Deep parts keep room for their words, and a section's name that is too long is left out. */
START_TEST(deep_parts_and_long_sections)
{
    struct explain *x = explain_new("test", message);
    static const char section[] = "RFC 1 and a name that is longer than half of what a page of "
                                  "seventy-two columns has for text";
    const struct explain_page page = {.width = 72};
    for (int i = 0; i < EXPLAIN_NESTED_MAX; i++) {
        explain_field(x, "part", message, section, "of the one before");
        explain_down(x);
    }
    explain_field(x, "part", message, "", "of the one before");
    char *text = printed(x, &page);
    ck_assert_ptr_null(strstr(text, "RFC 1"));
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        ck_assert_msg(columns_width(bytes_of(line)) <= 72, "%s", line);
    free(text);
    explain_free(x);
}
END_TEST

SUITE("apps explainprint", an_object_for_programs, an_object_of_a_failure,
      without_memory_there_is_no_object, without_our_memory_there_is_no_object,
      a_full_disc_is_noticed, the_width_of_a_page, a_page_without_memory, lines_keep_to_the_page,
      bytes_beside_the_text, a_terminal_has_colours, deep_parts_and_long_sections)
