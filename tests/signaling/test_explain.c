#include "signaling/explain.h"

#include "tests/explained.h"

static uint8_t room[4096];
static struct writer w;
static struct rng rng;

/* A stream is written by a client unless a test says otherwise. */
static void begin(void)
{
    w = writer_of(room, sizeof room);
    rng_init_number(&rng, 7);
}

static void add(enum ws_opcode opcode, const char *text)
{
    ws_write(&w, WS_CLIENT, opcode, bytes_of(text), &rng);
}

static struct explain *explained(struct bytes stream, const struct ws_explain_options *options)
{
    struct explain *x = explain_new("ws", stream);
    ws_explain(x, stream, options);
    explained_is_sound(x);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    return x;
}

START_TEST(messages_pings_and_a_close)
{
    begin();
    add(WS_TEXT, "{\"type\":\"join\"}");
    add(WS_PING, "hello");
    add(WS_BINARY, "0123456789012345678901234567890123456789");
    add(WS_PING, "");
    add(WS_PONG, "x");
    ws_write_close(&w, WS_CLIENT, WS_GOING_AWAY, "bye", &rng);
    write_text(&w, "more");
    struct explain *x = explained(writer_done(&w), NULL);
    ck_assert_uint_eq(explained_count(x, "messages"), 2);
    explained_number(x, "messages.0.opcode", 1);
    explained_text(x, "messages.0.text", "{\"type\":\"join\"}");
    explained_absent(x, "messages.0.length");
    explained_number(x, "messages.1.opcode", 2);
    explained_number(x, "messages.1.length", 40);
    explained_text(x, "messages.1.hexStart",
                   "3031323334353637383930313233343536373839303132333435363738393031");
    ck_assert_uint_eq(explained_count(x, "pongs"), 2);
    explained_text(x, "pongs.0", "68656c6c6f");
    explained_text(x, "pongs.1", "");
    explained_number(x, "close.code", 1001);
    explained_text(x, "close.reason", "bye");
    explained_bool(x, "incomplete", false);
    explained_absent(x, "fail");
    const struct explain_field *f = explained_field(x, "text");
    ck_assert(f->offset == 0 && f->raw.len == 6 + 15);
    ck_assert(bytes_is(f->value, "FIN, 15 bytes, masked"));
    ck_assert(bytes_is(explained_field(x, "status code")->meaning, "going away"));
    ck_assert_uint_eq(explained_field(x, "ignored")->raw.len, 4);
    ck_assert(explained_summary_has(
        x,
        "from a client: text, 15 bytes; binary, 40 bytes; 2 pings; closed with 1001 (going away)"));
    explain_free(x);
}
END_TEST

/* RFC 6455 §5.7: "Hello" in two fragments, with a ping in between, as a client reads it. */
START_TEST(fragments_are_shown_as_they_came)
{
    static const uint8_t stream[] = {0x01, 3, 'H', 'e', 'l', 0x89, 0, 0x80, 2, 'l', 'o'};
    const struct ws_explain_options client = {WS_CLIENT, 0};
    struct explain *x = explained((struct bytes){stream, sizeof stream}, &client);
    explained_text(x, "messages.0.text", "Hello");
    ck_assert_uint_eq(explained_count(x, "pongs"), 1);
    ck_assert(bytes_is(explained_field(x, "text")->value, "more follows, 3 bytes"));
    const struct explain_field *f = explained_field(x, "continuation");
    ck_assert(f->offset == 7 && f->raw.len == 4);
    explained_absent(x, "close");
    explain_free(x);
}
END_TEST

START_TEST(a_stream_that_ends_too_early)
{
    static const uint8_t stream[] = {0x01, 3, 'H', 'e', 'l', 0x80, 2, 'l', 'o'};
    const struct ws_explain_options client = {WS_CLIENT, 0};
    for (size_t len = 0; len < sizeof stream; len++) {
        struct explain *x = explained((struct bytes){stream, len}, &client);
        explained_bool(x, "incomplete", len > 0);
        ck_assert_uint_eq(explained_count(x, "messages"), 0);
        if (len == 5) /* between two fragments */
            ck_assert(bytes_is(explained_field(x, "incomplete")->meaning,
                               "the stream ends before the last fragment"));
        if (len == 7) ck_assert_uint_eq(explained_field(x, "incomplete")->offset, 5);
        explain_free(x);
    }
}
END_TEST

/* Each broken rule with the code that its Close frame carries; what came before stays. */
START_TEST(inv_66_broken_rules_are_named)
{
    static const struct {
        uint8_t frame[8];
        size_t len;
        int code;
        const char *rule;
    } cases[] = {
        {{0xC1, 0x80, 1, 2, 3, 4}, 6, 1002, "RFC 6455 5.2"},      /* a reserved bit */
        {{0x83, 0x80, 1, 2, 3, 4}, 6, 1002, "opcode"},            /* opcode 3 */
        {{0x81, 0x00}, 2, 1002, "a client must mask"},            /* bare */
        {{0x80, 0x80, 1, 2, 3, 4}, 6, 1002, "continuation"},      /* of nothing */
        {{0x89, 0xFE, 0, 126}, 4, 1002, "125"},                   /* a long ping */
        {{0x81, 0x81, 0, 0, 0, 0, 0xFF}, 7, 1007, "UTF-8"},       /* no text */
        {{0x82, 0xFE, 0x04, 0x01, 0, 0, 0, 0}, 8, 1009, "limit"}, /* 1025 bytes */
    };
    const struct ws_explain_options small = {WS_SERVER, 1024};
    for (size_t i = 0; i < COUNT(cases); i++) {
        begin();
        add(WS_TEXT, "before");
        size_t before = writer_len(&w);
        write_bytes(&w, (struct bytes){cases[i].frame, cases[i].len});
        struct explain *x = explained(writer_done(&w), &small);
        char rule[200];
        explained_text(x, "messages.0.text", "before");
        explained_number(x, "fail.code", cases[i].code);
        explained_bool(x, "incomplete", false);
        const struct explain_member *m = explained_member(x, "fail.rule");
        ck_assert_msg(strstr(bytes_to_text(m->text, rule, sizeof rule), cases[i].rule), "%s", rule);
        ck_assert_int_ge(explained_member(x, "fail.offset")->number, (int64_t)before);
        const struct explain_field *f = explained_field(x, "broken frame");
        ck_assert(f->broken && f->offset == before);
        explain_free(x);
    }
}
END_TEST

START_TEST(a_close_without_a_code)
{
    begin();
    ws_write_close(&w, WS_CLIENT, WS_NO_STATUS, "", &rng);
    struct explain *x = explained(writer_done(&w), NULL);
    explained_number(x, "close.code", 1005);
    explained_text(x, "close.reason", "");
    explain_free(x);
}
END_TEST

/* All are members; the summary names four. */
START_TEST(more_messages_than_a_line_holds)
{
    for (size_t count = 4; count <= 7; count++) {
        begin();
        for (size_t i = 0; i < count; i++)
            add(i % 2 ? WS_BINARY : WS_TEXT, i == 4 ? "{\"type\":\"join\",\"id\":\"z\"}" : "m");
        struct explain *x = explained(writer_done(&w), NULL);
        char more[32];
        snprintf(more, sizeof more, "; and %zu more", count - 4);
        ck_assert_uint_eq(explained_count(x, "messages"), count);
        ck_assert(explained_summary_has(
            x, ": text, 1 bytes; binary, 1 bytes; text, 1 bytes; binary, 1 bytes"));
        ck_assert_int_eq(explained_summary_has(x, more), count > 4);
        ck_assert_int_eq(explained_summary_has(x, " more"), count > 4);
        ck_assert(!explained_summary_has(x, "join"));
        explain_free(x);
    }
}
END_TEST

/* RFC 6455 §7.4.2: 3000 to 3999 are registered by libraries, 4000 to 4999 are nobody's. */
START_TEST(close_codes_of_others)
{
    static const struct {
        enum ws_code code;
        const char *name;
    } rows[] = {{(enum ws_code)3000, "of a library"},
                {(enum ws_code)3999, "of a library"},
                {(enum ws_code)4000, "of an application"},
                {(enum ws_code)1012, "service restarts"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        begin();
        ws_write_close(&w, WS_CLIENT, rows[i].code, "", &rng);
        struct explain *x = explained(writer_done(&w), NULL);
        explained_number(x, "close.code", (int)rows[i].code);
        ck_assert(bytes_is(explained_field(x, "status code")->meaning, rows[i].name));
        explain_free(x);
    }
}
END_TEST

START_TEST(every_prefix_and_every_bit)
{
    begin();
    add(WS_TEXT, "{\"type\":\"offer\",\"text\":\"v=0 \xc3\xa4\"}");
    add(WS_PING, "p");
    add(WS_BINARY, "01");
    ws_write_close(&w, WS_CLIENT, WS_NORMAL, "done", &rng);
    struct bytes stream = writer_done(&w);
    for (size_t len = 0; len <= stream.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, stream.at, len);
        explain_free(explained((struct bytes){exact, len}, NULL));
        free(exact);
    }
    for (size_t bit = 0; bit < 8 * stream.len; bit++) {
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        explain_free(explained(stream, NULL));
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}
END_TEST

SUITE("signaling explain", messages_pings_and_a_close, fragments_are_shown_as_they_came,
      a_stream_that_ends_too_early, inv_66_broken_rules_are_named, a_close_without_a_code,
      more_messages_than_a_line_holds, close_codes_of_others, every_prefix_and_every_bit)
