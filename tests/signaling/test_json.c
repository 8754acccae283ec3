#include "tests/suite.h"

#include "signaling/internal.h"

#include <string.h>

static enum sig_refusal read_text(struct bytes text, struct fault *fault)
{
    json_t *tree;
    enum sig_refusal refusal = sig_json_read(text, SIG_MESSAGE_MAX, &tree, fault);
    ck_assert((tree != NULL) == (refusal == SIG_REFUSED_NOT));
    ck_assert((fault->err == OK) == (refusal == SIG_REFUSED_NOT));
    ck_assert_uint_le(fault->offset, text.len);
    json_decref(tree);
    return refusal;
}

/* {"a":[[...]]} with `depth` levels in all. */
static struct bytes nested(char *text, size_t depth)
{
    size_t n = (size_t)sprintf(text, "{\"a\":");
    for (size_t i = 1; i < depth; i++) text[n++] = '[';
    text[n++] = '1';
    for (size_t i = 1; i < depth; i++) text[n++] = ']';
    text[n++] = '}';
    return (struct bytes){(uint8_t *)text, n};
}

START_TEST(inv_70_depth)
{
    char text[200];
    struct fault f;
    ck_assert_int_eq(read_text(nested(text, SIG_DEPTH_MAX), &f), SIG_REFUSED_NOT);
    ck_assert_int_eq(read_text(nested(text, SIG_DEPTH_MAX + 1), &f), SIG_BAD_JSON);
    ck_assert_int_eq(f.err, E_FULL);
    ck_assert_uint_eq(f.offset, 5 + 15);
    /* Brackets in strings are text, also behind an escaped quote. */
    ck_assert_int_eq(read_text(bytes_of("{\"a\":\"[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[\"}"), &f),
                     SIG_REFUSED_NOT);
    ck_assert_int_eq(read_text(bytes_of("{\"a\\\\\":[1]}"), &f), SIG_REFUSED_NOT);
}
END_TEST

START_TEST(inv_70_64_KiB_of_brackets)
{
    static const char kinds[] = "[{\"\\0-.]";
    char *text = malloc(SIG_MESSAGE_MAX);
    for (const char *k = kinds; *k; k++) {
        struct fault f;
        memset(text, *k, SIG_MESSAGE_MAX);
        ck_assert_int_eq(read_text((struct bytes){(uint8_t *)text, SIG_MESSAGE_MAX}, &f),
                         SIG_BAD_JSON);
    }
    for (size_t i = 0; i + 5 <= SIG_MESSAGE_MAX; i += 5) memcpy(text + i, "{\"a\":", 5);
    struct fault f;
    ck_assert_int_eq(read_text((struct bytes){(uint8_t *)text, SIG_MESSAGE_MAX}, &f), SIG_BAD_JSON);
    free(text);
}
END_TEST

/* After JSONTestSuite's names: n_ must be refused, y_ must be taken, and where RFC 8259 leaves the
 * choice this is ours. */
static const char *const refused[] = {
    "",
    " ",
    "{",
    "}",
    "null",
    "1",
    "\"a\"",
    "[]",
    "{}{}",
    "{} x",
    "{\"a\":1,}",
    "{,}",
    "{a:1}",
    "{'a':1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":01}",
    "{\"a\":+1}",
    "{\"a\":.5}",
    "{\"a\":1.}",
    "{\"a\":1e}",
    "{\"a\":0x1}",
    "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":tru}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\\x41\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"",
    "/**/{}",
    "{\"a\":1e999}",
    "{\"a\":-1e999}",
    "{\"a\":123456789012345678901234567890}",
    "{\"a\":1,\"a\":2}",       /* which one counts? neither */
    "{\"a\":1,\"\\u0061\":2}", /* the same name, written differently */
    "{\"a\":\"\\uD800\"}",     /* half a surrogate pair */
    "{\"a\":\"\\uDC00\"}",
    "{\"a\":\"\\uD800\\u0041\"}",
    "{\"a\":\"\\uD800\\uD800\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\\u0000b\":1}",
    "{\"a\":\"\xFF\"}",
    "{\"a\":\"\xC0\xAF\"}",
    "{\"a\":\"\xED\xA0\x80\"}",
    "\xEF\xBB\xBF{}", /* a byte order mark: RFC 8259 8.1 */
};
static const char *const taken[] = {
    "{}",
    " {\t\r\n} ",
    "{\"a\":\"\\uD83D\\uDE00\"}",
    "{\"\":0}",
    "{\"a\":-0}",
    "{\"a\":1e-999}",
    "{\"a\":9007199254740993}",
    "{\"a\":\"\x7F\"}",
    "{\"a\":\"\\/\"}",
    "{\"a\":{\"a\":1}}",
};

START_TEST(inv_70_what_is_no_json)
{
    struct fault f;
    for (size_t i = 0; i < COUNT(refused); i++)
        ck_assert_msg(read_text(bytes_of(refused[i]), &f) == SIG_BAD_JSON, "%s", refused[i]);
    for (size_t i = 0; i < COUNT(taken); i++)
        ck_assert_msg(read_text(bytes_of(taken[i]), &f) == SIG_REFUSED_NOT, "%s", taken[i]);
    ck_assert_int_eq(read_text((struct bytes){(const uint8_t *)"{}\0", 3}, &f), SIG_BAD_JSON);
    ck_assert_int_eq(read_text((struct bytes){(const uint8_t *)"{\"a\":\"\0\"}", 9}, &f),
                     SIG_BAD_JSON);
}
END_TEST

START_TEST(the_size_is_checked_first)
{
    char *text = malloc(SIG_MESSAGE_MAX + 1);
    struct fault f;
    memset(text, ' ', SIG_MESSAGE_MAX + 1);
    memcpy(text, "{}", 2);
    ck_assert_int_eq(read_text((struct bytes){(uint8_t *)text, SIG_MESSAGE_MAX}, &f),
                     SIG_REFUSED_NOT);
    ck_assert_int_eq(read_text((struct bytes){(uint8_t *)text, SIG_MESSAGE_MAX + 1}, &f),
                     SIG_TOO_LARGE);
    ck_assert_int_eq(f.err, E_FULL);
    free(text);
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    const char *text =
        "{\"type\":\"offer\",\"to\":\"x\",\"sdp\":\"v=0\\r\\n\",\"n\":[1,{\"b\":true}]}";
    struct fault f;
    for (size_t n = 0; n < strlen(text); n++)
        ck_assert_int_eq(read_text(bytes_slice(bytes_of(text), 0, n), &f), SIG_BAD_JSON);
    ck_assert_int_eq(read_text(bytes_of(text), &f), SIG_REFUSED_NOT);
}
END_TEST

START_TEST(writing_needs_room)
{
    json_t *tree;
    struct fault f;
    char room[8];
    ck_assert_int_eq(sig_json_read(bytes_of("{\"a\" : 1}"), 100, &tree, &f), SIG_REFUSED_NOT);
    struct writer w = writer_of(room, 6);
    ck_assert_int_eq(sig_json_write(tree, 100, &w), E_FULL);
    ck_assert_ptr_null(writer_done(&w).at);
    w = writer_of(room, 8);
    ck_assert_int_eq(sig_json_write(tree, 6, &w), E_FULL);
    w = writer_of(room, 8);
    ck_assert_int_eq(sig_json_write(tree, 100, &w), OK);
    ck_assert(bytes_is(writer_done(&w), "{\"a\":1}"));
    json_decref(tree);
}
END_TEST

/* jansson's memory, of which one piece is not to be had. */
static size_t asked, fail_at;

static void *take(size_t size)
{
    return asked++ == fail_at ? NULL : malloc(size);
}

START_TEST(without_memory_it_is_memory_that_is_missing)
{
    size_t told = 0;
    json_set_alloc_funcs(take, free);
    for (fail_at = 0;; fail_at++) {
        struct fault f;
        asked = 0;
        enum sig_refusal refusal =
            read_text(bytes_of("{\"type\":\"offer\",\"n\":[1,2.5,true]}"), &f);
        if (asked <= fail_at) {
            ck_assert_int_eq(refusal, SIG_REFUSED_NOT);
            break;
        }
        ck_assert_int_eq(refusal, SIG_BAD_JSON);
        /* Within a token jansson calls it a syntax error. */
        if (f.err != E_NOMEM) continue;
        ck_assert_str_eq(f.rule, "no memory for the message");
        told++;
    }
    ck_assert_uint_ge(told, 3);
    ck_assert_uint_gt(fail_at, 5);
}
END_TEST

SUITE("signaling json", inv_70_depth, inv_70_64_KiB_of_brackets, inv_70_what_is_no_json,
      the_size_is_checked_first, every_prefix_is_refused, writing_needs_room,
      without_memory_it_is_memory_that_is_missing)
