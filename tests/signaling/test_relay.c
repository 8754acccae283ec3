#include "tests/suite.h"

#include "signaling/relay.h"

#include <string.h>

static char out[SIG_RELAYED_MAX];
static const struct sig_id sender = {"0123456789abcdef0123456789abcdef"};
#define FROM "\"from\":\"0123456789abcdef0123456789abcdef\""

static const char *relay(const char *text)
{
    struct sig_relay r;
    struct writer w = writer_of(out, sizeof out - 1);
    ck_assert_int_eq(sig_relay_parse(&r, bytes_of(text)), OK);
    ck_assert_int_eq(sig_relay_write(&r, &sender, &w), OK);
    out[writer_len(&w)] = 0;
    sig_relay_free(&r);
    return out;
}

START_TEST(what_the_server_reads)
{
    struct sig_relay r;
    ck_assert_int_eq(sig_relay_parse(&r, bytes_of("{\"type\":\"candidate\",\"to\":\"b\"}")), OK);
    ck_assert_int_eq(r.type, SIG_CANDIDATE);
    ck_assert(bytes_is(r.to, "b"));
    sig_relay_free(&r);
}
END_TEST

START_TEST(inv_69_from_is_the_servers)
{
    ck_assert_str_eq(relay("{\"type\":\"bye\",\"to\":\"b\"}"),
                     "{\"type\":\"bye\",\"to\":\"b\"," FROM "}");
    ck_assert_str_eq(relay("{\"type\":\"bye\",\"from\":\"forged\",\"to\":\"b\"}"),
                     "{\"type\":\"bye\"," FROM ",\"to\":\"b\"}");
    ck_assert_str_eq(relay("{\"type\":\"bye\",\"fr\\u006fm\":{\"x\":[]},\"to\":\"b\"}"),
                     "{\"type\":\"bye\"," FROM ",\"to\":\"b\"}");
    /* A `from` further in is the client's own business. */
    ck_assert_str_eq(relay("{\"type\":\"bye\",\"x\":{\"from\":\"a\"},\"to\":\"b\"}"),
                     "{\"type\":\"bye\",\"x\":{\"from\":\"a\"},\"to\":\"b\"," FROM "}");
}
END_TEST

START_TEST(inv_71_the_rest_is_passed_on_unread)
{
    static const char *const texts[] = {
        "{\"type\":\"offer\",\"to\":\"b\",\"sdp\":5,\"candidate\":[true,false,null]",
        "{\"type\":\"offer\",\"to\":\"b\",\"z\":1,\"a\":{\"y\":2,\"b\":3}",
        "{\"type\":\"bye\",\"to\":\"b\",\"s\":\"\\u0001\\\"\\\\\\r\\n\xC3\xA9\xF0\x9F\x98\x80\"",
        "{\"type\":\"offer\",\"to\":\"b\",\"n\":[9223372036854775807,-9223372036854775808,-1,0]",
        "{\"type\":\"offer\",\"to\":\"b\",\"n\":0.10000000000000001",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        char in[300], want[400];
        snprintf(in, sizeof in, "%s}", texts[i]);
        snprintf(want, sizeof want, "%s," FROM "}", texts[i]);
        ck_assert_str_eq(relay(in), want);
    }
    ck_assert_str_eq(relay(" { \"type\" : \"offer\", \"to\" : \"b\", \"s\" : \"\\u00e9\\/\" } "),
                     "{\"type\":\"offer\",\"to\":\"b\",\"s\":\"\xC3\xA9/\"," FROM "}");
}
END_TEST

START_TEST(what_is_refused)
{
    static const struct {
        const char *text;
        enum sig_refusal refusal;
    } cases[] = {
        {"[]", SIG_BAD_JSON},
        {"{\"to\":\"b\"}", SIG_BAD_MESSAGE},
        {"{\"type\":null,\"to\":\"b\"}", SIG_BAD_MESSAGE},
        {"{\"type\":\"offer\"}", SIG_BAD_MESSAGE},
        {"{\"type\":\"offer\",\"to\":[\"b\"]}", SIG_BAD_MESSAGE},
        {"{\"type\":\"dance\",\"to\":\"b\"}", SIG_UNKNOWN_TYPE},
        /* what only a server says */
        {"{\"type\":\"welcome\",\"to\":\"b\",\"id\":\"x\",\"peers\":[]}", SIG_UNKNOWN_TYPE},
        {"{\"type\":\"join\",\"to\":\"b\",\"id\":\"x\"}", SIG_UNKNOWN_TYPE},
        {"{\"type\":\"leave\",\"to\":\"b\",\"id\":\"x\"}", SIG_UNKNOWN_TYPE},
        {"{\"type\":\"error\",\"to\":\"b\",\"code\":\"x\"}", SIG_UNKNOWN_TYPE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sig_relay r;
        ck_assert_msg(sig_relay_parse(&r, bytes_of(cases[i].text)) != OK, "%s", cases[i].text);
        ck_assert_int_eq(r.refusal, cases[i].refusal);
        ck_assert_ptr_null(r.tree);
    }
}
END_TEST

/* The longest message a client may send still fits when `from` is added; but numbers that grow when
 * they are written again can't be used to make the server say more than a reader takes. */
START_TEST(what_is_relayed_has_a_bound)
{
    char *text = malloc(SIG_MESSAGE_MAX + 1);
    size_t n = (size_t)sprintf(text, "{\"type\":\"offer\",\"to\":\"b\",\"sdp\":\"");
    memset(text + n, 'x', SIG_MESSAGE_MAX - n - 2);
    memcpy(text + SIG_MESSAGE_MAX - 2, "\"}", 3);
    ck_assert_uint_eq(strlen(relay(text)), SIG_MESSAGE_MAX + strlen("," FROM));
    n = (size_t)sprintf(text, "{\"type\":\"offer\",\"to\":\"b\",\"n\":[.1");
    text[n - 2] = '0', text[n - 1] = '.', text[n++] = '1';
    while (n + 4 < SIG_MESSAGE_MAX - 2) memcpy(text + n, ",0.1", 4), n += 4;
    memcpy(text + n, "]}", 3);
    struct sig_relay r;
    struct writer w = writer_of(out, sizeof out);
    ck_assert_int_eq(sig_relay_parse(&r, bytes_of(text)), OK);
    ck_assert_int_eq(sig_relay_write(&r, &sender, &w), E_FULL);
    sig_relay_free(&r);
    free(text);
}
END_TEST

SUITE("signaling relay", what_the_server_reads, inv_69_from_is_the_servers,
      inv_71_the_rest_is_passed_on_unread, what_is_refused, what_is_relayed_has_a_bound)
