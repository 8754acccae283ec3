#include "tests/suite.h"

#include "signaling/http.h"

#include <string.h>

static enum err parse(struct http_request *q, const char *text)
{
    return http_request_parse(q, bytes_of(text));
}

START_TEST(a_browsers_request)
{
    struct http_request q;
    const char *text = "GET /ws?room=a&x=1 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
                       "Connection: keep-alive, Upgrade\r\nPragma:no-cache \r\n\r\nrest";
    ck_assert_int_eq(parse(&q, text), OK);
    ck_assert(bytes_is(q.method, "GET"));
    ck_assert(bytes_is(q.target, "/ws?room=a&x=1"));
    ck_assert(bytes_is(q.path, "/ws"));
    ck_assert(bytes_is(q.query, "room=a&x=1"));
    ck_assert_uint_eq(q.field_count, 3);
    ck_assert(bytes_is(http_field(q.fields, q.field_count, "hOST"), "127.0.0.1:8080"));
    ck_assert(bytes_is(http_field(q.fields, q.field_count, "pragma"), "no-cache"));
    ck_assert(http_field_has(q.fields, q.field_count, "connection", "upgrade"));
    ck_assert(!http_field_has(q.fields, q.field_count, "connection", "up"));
    ck_assert_uint_eq(q.len, strlen(text) - 4);
    ck_assert_int_eq(q.fault.err, OK);
}
END_TEST

START_TEST(every_prefix_is_truncated)
{
    const char *text = "GET / HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n";
    struct http_request q;
    for (size_t n = 0; n < strlen(text); n++) {
        uint8_t *copy = malloc(n ? n : 1);
        memcpy(copy, text, n);
        ck_assert_int_eq(http_request_parse(&q, (struct bytes){copy, n}), E_TRUNCATED);
        free(copy);
    }
    ck_assert_int_eq(parse(&q, text), OK);
}
END_TEST

START_TEST(the_head_is_found_however_it_was_searched)
{
    struct bytes in = bytes_of("a\r\n\r\r\n\r\nb");
    ck_assert_uint_eq(http_head_len(in, 0), 8);
    for (size_t cut = 0; cut < 8; cut++) {
        ck_assert_uint_eq(http_head_len(bytes_slice(in, 0, cut), 0), 0);
        ck_assert_uint_eq(http_head_len(in, cut), 8);
    }
}
END_TEST

START_TEST(malformed_requests)
{
    static const char *const bad[] = {
        "GET / HTTP/1.1\nHost: a\r\n\r\n\r\n",          /* LF alone */
        "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",      /* CR alone */
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",           /* two blanks */
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",           /* a blank behind */
        "GET / http/1.1\r\nHost: a\r\n\r\n",            /* RFC 9112 2.3: case counts */
        "GET /\r\nHost: a\r\n\r\n",                     /* HTTP/0.9 */
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",           /* a blank before */
        "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",            /* no token */
        "GET a/ HTTP/1.1\r\nHost: a\r\n\r\n",           /* neither path nor URL */
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",     /* the authority form, a proxy's */
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",        /* the asterisk form */
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",         /* a fragment */
        "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n",        /* not ASCII */
        "GET / HTTP/1.1\r\n\r\n",                       /* no Host */
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", /* two */
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", /* RFC 9112 5.2 */
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",           /* RFC 9112 5.1 */
        "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",     /* no name */
        "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", /* no colon */
        "GET / HTTP/1.1\r\nHost: a\x01\r\n\r\n",        /* a control character */
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",    /* empty lines first */
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct http_request q;
        ck_assert_msg(parse(&q, bad[i]) == E_MALFORMED, "request %zu: %s", i, bad[i]);
        ck_assert_ptr_nonnull(q.fault.rule);
        ck_assert_uint_le(q.fault.offset, strlen(bad[i]));
    }
    struct http_request q;
    ck_assert_int_eq(parse(&q, "GET / HTTP/2.0\r\nHost: a\r\n\r\n"), E_UNSUPPORTED);
}
END_TEST

START_TEST(a_url_as_the_target_brings_its_own_host) /* RFC 9112 §3.2.2 */
{
    static const struct {
        const char *target, *host, *path, *query;
    } cases[] = {{"http://x/", "x", "/", NULL},
                 {"http://x", "x", "/", NULL},
                 {"HTTP://x:8080/a/b?c=/d?", "x:8080", "/a/b", "c=/d?"},
                 {"https://[::1]:1?room=a", "[::1]:1", "/", "room=a"},
                 {"/http://y/", "field:1", "/http://y/", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_request q;
        char text[200];
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: field:1\r\n\r\n", cases[i].target);
        ck_assert_msg(parse(&q, text) == OK, "%s: %s", cases[i].target, q.fault.rule);
        ck_assert(bytes_is(q.host, cases[i].host));
        ck_assert(bytes_is(q.path, cases[i].path));
        ck_assert_int_eq(q.query.at != NULL, cases[i].query != NULL);
        if (cases[i].query) ck_assert(bytes_is(q.query, cases[i].query));
    }
}
END_TEST

START_TEST(a_host_is_a_name_or_an_address_with_a_port_or_without) /* RFC 9110 §7.2 */
{
    static const char *const good[] = {
        "",      "a",  "A_b-c.d~",    "a:", "a:80",  "%7e",   "a!$&'",
        "()*+,", ";=", "192.0.2.1:1", ":1", "[::1]", "[::]:", "[2001:db8::1]:443"};
    static const char *const bad[] = {"a b",    "a/",    "a:b",       "a:1:2",       "a@b",
                                      "u:p@b",  "%7",    "%zz",       "%7z",         "%-1",
                                      "%G0",    "[::1",  "::1",       "[192.0.2.1]", "[]",
                                      "[::1]1", "\"a\"", "http://a/", "a, b",        "\xc3\xa4"};
    struct http_request q;
    char text[200];
    for (size_t i = 0; i < COUNT(good); i++) {
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", good[i]);
        ck_assert_msg(parse(&q, text) == OK, "%s", good[i]);
        ck_assert(bytes_is(q.host, good[i]));
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", bad[i]);
        ck_assert_msg(parse(&q, text) == E_MALFORMED, "%s", bad[i]);
        snprintf(text, sizeof text, "GET http://%s/ HTTP/1.1\r\nHost: a\r\n\r\n", bad[i]);
        bool ends = strchr(bad[i], '/') != NULL; /* what follows is the path's here */
        ck_assert_msg(parse(&q, text) == (ends ? OK : E_MALFORMED), "%s", bad[i]);
    }
    ck_assert_int_eq(parse(&q, "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(parse(&q, "GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
}
END_TEST

START_TEST(only_http_1_1_must_name_its_host) /* RFC 9112 §3.2 */
{
    struct http_request q;
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.0\r\n\r\n"), OK);
    ck_assert_ptr_null(q.host.at);
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.0\r\nHost: a\r\n\r\n"), OK);
    ck_assert(bytes_is(q.host, "a"));
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.0\r\nHost: a b\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.1\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(parse(&q, "GET http://a/ HTTP/1.1\r\n\r\n"), E_MALFORMED);
}
END_TEST

START_TEST(a_nul_does_not_end_a_field)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
    struct http_request q;
    ck_assert_int_eq(http_request_parse(&q, (struct bytes){(const uint8_t *)text, sizeof text - 1}),
                     E_MALFORMED);
}
END_TEST

/* Row 72: what a proxy before us could read in another way is refused, not guessed. */
START_TEST(inv_72_requests_with_a_body_are_refused)
{
    static const char *const fields[] = {
        "Content-Length: 5",      "Content-Length: 0\r\nContent-Length: 5",
        "Content-Length: 0x0",    "Content-Length: 0, 0",
        "Content-Length: -0",     "Content-Length: +0",
        "Content-Length:",        "Transfer-Encoding: chunked",
        "transfer-encoding: xxx", "Content-Length: 0\r\nTransfer-Encoding: identity",
    };
    struct http_request q;
    for (size_t i = 0; i < COUNT(fields); i++) {
        char text[200];
        snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\nhello", fields[i]);
        ck_assert_msg(parse(&q, text) == E_MALFORMED, "%s", fields[i]);
    }
    ck_assert_int_eq(parse(&q, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), OK);
}
END_TEST

START_TEST(inv_68_a_head_has_bounds)
{
    struct http_request q;
    char *text = malloc(HTTP_HEAD_MAX + 100);
    /* Exactly as long as allowed, then one byte more. */
    for (size_t len = HTTP_HEAD_MAX; len <= HTTP_HEAD_MAX + 1; len++) {
        int n = snprintf(text, 100, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
        memset(text + n, 'x', len - (size_t)n - 4);
        memcpy(text + len - 4, "\r\n\r\n", 5);
        ck_assert_int_eq(parse(&q, text), len == HTTP_HEAD_MAX ? OK : E_FULL);
    }
    memset(text, 'x', HTTP_HEAD_MAX);
    ck_assert_int_eq(http_request_parse(&q, (struct bytes){(uint8_t *)text, HTTP_HEAD_MAX}),
                     E_FULL);
    for (int fields = HTTP_FIELDS_MAX; fields <= HTTP_FIELDS_MAX + 1; fields++) {
        size_t n = (size_t)snprintf(text, 100, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 1; i < fields; i++) n += (size_t)snprintf(text + n, 10, "X: y\r\n");
        memcpy(text + n, "\r\n", 3);
        ck_assert_int_eq(parse(&q, text), fields == HTTP_FIELDS_MAX ? OK : E_FULL);
    }
    free(text);
}
END_TEST

START_TEST(queries)
{
    struct bytes q = bytes_of("a=1&room=x.y-z&room=second&flag&empty=");
    ck_assert(bytes_is(http_query(q, "room"), "x.y-z"));
    ck_assert(bytes_is(http_query(q, "a"), "1"));
    ck_assert_ptr_nonnull(http_query(q, "flag").at);
    ck_assert_uint_eq(http_query(q, "flag").len, 0);
    ck_assert_ptr_nonnull(http_query(q, "empty").at);
    ck_assert_ptr_null(http_query(q, "roo").at);
    ck_assert_ptr_null(http_query(q, "rooms").at);
    ck_assert_ptr_null(http_query((struct bytes){NULL, 0}, "room").at);
}
END_TEST

START_TEST(responses)
{
    struct http_response p;
    ck_assert_int_eq(http_response_parse(&p, bytes_of("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\nxx")),
                     OK);
    ck_assert_int_eq(p.status, 404);
    ck_assert(bytes_is(p.reason, "Not Found"));
    ck_assert_uint_eq(p.len, 32);
    ck_assert_int_eq(http_response_parse(&p, bytes_of("HTTP/1.1 200\r\n\r\n")), OK);
    static const char *const bad[] = {"HTTP/1.1 99 x\r\n\r\n",   "HTTP/1.1 600 x\r\n\r\n",
                                      "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 +20 x\r\n\r\n",
                                      "HTTP 200 OK\r\n\r\n",     "\r\n\r\n"};
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(http_response_parse(&p, bytes_of(bad[i])) == E_MALFORMED, "%zu", i);
}
END_TEST

START_TEST(answers_carry_the_security_fields)
{
    char text[1024];
    struct writer w = writer_of(text, sizeof text);
    struct http_answer a = {405, "text/plain", 7, "Allow: GET\r\n", NULL};
    http_write_answer(&w, &a);
    struct http_response p;
    ck_assert_int_eq(http_response_parse(&p, writer_done(&w)), OK);
    ck_assert_int_eq(p.status, 405);
    ck_assert(bytes_is(p.reason, "Method Not Allowed"));
    struct bytes csp = http_field(p.fields, p.field_count, "Content-Security-Policy");
    ck_assert(bytes_starts(csp, "default-src 'self'; connect-src 'self' ws: wss:"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "X-Content-Type-Options"), "nosniff"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Cache-Control"), "no-cache"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Content-Length"), "7"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Allow"), "GET"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Connection"), "close"));
}
END_TEST

START_TEST(an_answer_that_asks_for_an_upgrade_says_so_in_connection) /* RFC 9110 §7.8 */
{
    char text[1024];
    struct writer w = writer_of(text, sizeof text);
    struct http_answer a = {.status = 426, .type = "text/plain", .upgrade = "websocket"};
    http_write_answer(&w, &a);
    struct http_response p;
    ck_assert_int_eq(http_response_parse(&p, writer_done(&w)), OK);
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Upgrade"), "websocket"));
    ck_assert(http_field_has(p.fields, p.field_count, "Connection", "Upgrade"));
    ck_assert(http_field_has(p.fields, p.field_count, "Connection", "close"));
}
END_TEST

SUITE("signaling http", a_browsers_request, every_prefix_is_truncated,
      the_head_is_found_however_it_was_searched, malformed_requests,
      a_url_as_the_target_brings_its_own_host,
      a_host_is_a_name_or_an_address_with_a_port_or_without, only_http_1_1_must_name_its_host,
      a_nul_does_not_end_a_field, an_answer_that_asks_for_an_upgrade_says_so_in_connection,
      inv_72_requests_with_a_body_are_refused, inv_68_a_head_has_bounds, queries, responses,
      answers_carry_the_security_fields)
