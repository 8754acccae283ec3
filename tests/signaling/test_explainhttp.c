#include "signaling/explainhttp.h"

#include "tests/explained.h"

/* RFC 6455 §1.2 and §1.3 */
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define REQUEST                                                                                    \
    "GET /ws?room=lobby HTTP/1.1\r\n"                                                              \
    "Host: server.example.com\r\n"                                                                 \
    "Upgrade: websocket\r\n"                                                                       \
    "Connection: Upgrade\r\n"                                                                      \
    "Sec-WebSocket-Key: " KEY "\r\n"                                                               \
    "Origin: http://example.com\r\n"                                                               \
    "X-Other: \xff\r\n"
#define RESPONSE(accept)                                                                           \
    "HTTP/1.1 101 Switching Protocols\r\n"                                                         \
    "Upgrade: websocket\r\n"                                                                       \
    "Connection: Upgrade\r\n"                                                                      \
    "Sec-WebSocket-Accept: " accept "\r\n\r\n"

static struct explain *told(struct bytes message, const char *key)
{
    struct http_explain_options options = {key ? bytes_of(key) : (struct bytes){NULL, 0}};
    struct explain *x = explain_new("http", message);
    http_explain(x, message, &options);
    explained_is_sound(x);
    return x;
}

START_TEST(an_upgrade)
{
    struct explain *x = told(bytes_of(REQUEST "Sec-WebSocket-Version: 13\r\n\r\n"), NULL);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "method", "GET");
    explained_text(x, "target", "/ws?room=lobby");
    explained_text(x, "version", "1.1");
    explained_bool(x, "upgrade", true);
    ck_assert_uint_eq(explained_count(x, "headers"), 7);
    explained_text(x, "headers.3.name", "Sec-WebSocket-Key");
    explained_text(x, "headers.3.value", KEY);
    const struct explain_field *f = explained_field(x, "Host");
    ck_assert_uint_eq(f->offset, 29);
    ck_assert(bytes_is(f->raw, "Host: server.example.com"));
    ck_assert_str_eq(f->spec, "RFC 9110 7.2");
    ck_assert_str_eq(explained_field(x, "X-Other")->spec, "RFC 9110 5");
    ck_assert(bytes_is(explained_field(x, "upgrade")->meaning,
                       "with Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    ck_assert(explained_summary_has(x, "GET /ws?room=lobby, to become a WebSocket"));
    explain_free(x);
}
END_TEST

START_TEST(an_upgrade_that_will_be_refused)
{
    struct explain *x = told(bytes_of(REQUEST "Sec-WebSocket-Version: 8\r\n\r\n"), NULL);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "upgrade", false);
    ck_assert(explained_field(x, "upgrade")->broken);
    ck_assert(bytes_is(explained_field(x, "upgrade")->value, "to be refused with 426"));
    explain_free(x);
}
END_TEST

START_TEST(an_answer_by_the_key_that_it_answers)
{
    static const struct {
        const char *accept, *key, *is;
    } cases[] = {
        {RESPONSE("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), KEY, "ok"},
        {RESPONSE("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), NULL, "unchecked"},
        {RESPONSE("s3pPLMBiTxaQ9kYGzzhZRbK+xOp="), KEY, "bad"},
        {"HTTP/1.1 101 Yes\r\n\r\n", KEY, "bad"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct explain *x = told(bytes_of(cases[i].accept), cases[i].key);
        explained_number(x, "status", 101);
        explained_text(x, "accept", cases[i].is);
        ck_assert_int_eq(explained_field(x, "upgrade")->broken, strcmp(cases[i].is, "bad") == 0);
        explain_free(x);
    }
}
END_TEST

START_TEST(a_page_and_its_body)
{
    struct bytes message = bytes_of("HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello");
    struct explain *x = told(message, NULL);
    explained_number(x, "status", 404);
    explained_text(x, "reason", "Not Found");
    explained_bool(x, "upgrade", false);
    explained_absent(x, "accept");
    ck_assert(bytes_is(explained_field(x, "body")->raw, "hello"));
    ck_assert(bytes_is(explain_summary_text(x), "404 Not Found"));
    explain_free(x);
    x = told(bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), NULL);
    explained_bool(x, "upgrade", false);
    ck_assert(bytes_is(explain_summary_text(x), "GET /"));
    explain_free(x);
}
END_TEST

START_TEST(beginnings)
{
    static const char *const all[] = {REQUEST "Sec-WebSocket-Version: 13\r\n\r\n",
                                      RESPONSE("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")};
    for (size_t i = 0; i < COUNT(all); i++)
        for (size_t len = 0; len < strlen(all[i]); len++) {
            struct explain *x = told(bytes_slice(bytes_of(all[i]), 0, len), KEY);
            ck_assert_int_eq(explain_fault(x)->err, E_TRUNCATED);
            explain_free(x);
        }
    struct explain *x = told(bytes_of("GET / HTTP/1.1\r\n bad\r\n\r\n"), NULL);
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    explain_free(x);
}
END_TEST

SUITE("signaling explainhttp", an_upgrade, an_upgrade_that_will_be_refused,
      an_answer_by_the_key_that_it_answers, a_page_and_its_body, beginnings)
