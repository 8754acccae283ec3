#include "tests/suite.h"

#include "signaling/upgrade.h"

#include <string.h>

#define KEY "dGhlIHNhbXBsZSBub25jZQ==" /* RFC 6455 §1.3 */

static int check(const char *method, const char *fields, struct bytes *key)
{
    static char text[1024];
    static struct http_request q;
    struct fault fault;
    snprintf(text, sizeof text, "%s /ws HTTP/1.1\r\nHost: a\r\n%s\r\n", method, fields);
    ck_assert_int_eq(http_request_parse(&q, bytes_of(text)), OK);
    int status = upgrade_check_request(&q, key, &fault);
    ck_assert((status == 101) == (fault.err == OK));
    return status;
}

START_TEST(the_accept_of_the_rfc)
{
    char accept[UPGRADE_ACCEPT_LEN];
    upgrade_accept(bytes_of(KEY), accept);
    ck_assert_mem_eq(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", sizeof accept);
}
END_TEST

START_TEST(what_a_request_needs)
{
    struct bytes key;
    ck_assert_int_eq(check("GET",
                           "Upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n",
                           &key),
                     101);
    ck_assert(bytes_is(key, KEY));
    ck_assert_int_eq(check("POST", "", &key), 405);
    ck_assert_int_eq(check("GET", "", &key), 426);
    ck_assert_int_eq(check("GET", "Upgrade: h2c\r\nConnection: upgrade\r\n", &key), 426);
    ck_assert_int_eq(check("GET", "Upgrade: websocket\r\nConnection: close\r\n", &key), 426);
    ck_assert_int_eq(check("GET",
                           "Upgrade: websocket\r\nConnection: upgrade\r\n"
                           "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: " KEY "\r\n",
                           &key),
                     426);
    static const char *const bad_keys[] = {"",
                                           "x",
                                           "dGhlIHNhbXBsZSBub25jZQ=",
                                           "dGhlIHNhbXBsZSBub25jZR==",
                                           "dGhlIHNhbXBsZSBub25jZQQ=",
                                           "dGhlIHNhbXBsZSBub25j Q==",
                                           "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="};
    for (size_t i = 0; i < COUNT(bad_keys); i++) {
        char fields[300];
        snprintf(fields, sizeof fields,
                 "Upgrade: websocket\r\nConnection: upgrade\r\n"
                 "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n",
                 bad_keys[i]);
        ck_assert_int_eq(check("GET", fields, &key), 400);
    }
}
END_TEST

/* strchr finds the NUL at its text's end: it is no character of base64 (RFC 4648 §4). No field that
 * http_request_parse lets through holds one. */
START_TEST(a_key_holds_no_nul)
{
    static const char nul[] = "dGhlIHNhbXBsZSBub25j\0Q==", last[] = "dGhlIHNhbXBsZSBub25jZ\0==";
    static const char good[] = KEY;
    const char *const keys[] = {good, nul, last};
    struct http_request q = {.method = bytes_of("GET"), .minor = 1, .field_count = 4};
    q.fields[0] = (struct http_field){bytes_of("Upgrade"), bytes_of("websocket")};
    q.fields[1] = (struct http_field){bytes_of("Connection"), bytes_of("Upgrade")};
    q.fields[2] = (struct http_field){bytes_of("Sec-WebSocket-Version"), bytes_of("13")};
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct bytes key = {(const uint8_t *)keys[i], UPGRADE_KEY_LEN}, got;
        struct fault fault;
        q.fields[3] = (struct http_field){bytes_of("Sec-WebSocket-Key"), key};
        ck_assert_int_eq(upgrade_check_request(&q, &got, &fault), i == 0 ? 101 : 400);
        ck_assert_int_eq(fault.err, i == 0 ? OK : E_MALFORMED);
    }
}
END_TEST

START_TEST(our_request_meets_our_check)
{
    struct rng rng;
    rng_init_number(&rng, 1);
    char key[UPGRADE_KEY_LEN], text[512];
    upgrade_key(&rng, key);
    struct writer w = writer_of(text, sizeof text);
    upgrade_write_request(&w, "[::1]:8080", "/ws?room=a", "http://[::1]:8080", key);
    struct http_request q;
    struct fault fault;
    struct bytes got;
    ck_assert_int_eq(http_request_parse(&q, writer_done(&w)), OK);
    ck_assert_int_eq(upgrade_check_request(&q, &got, &fault), 101);
    ck_assert_mem_eq(got.at, key, sizeof key);
    ck_assert(bytes_is(http_field(q.fields, q.field_count, "Origin"), "http://[::1]:8080"));
    ck_assert(upgrade_origin_allowed(http_field(q.fields, q.field_count, "Origin"),
                                     http_field(q.fields, q.field_count, "Host"), NULL, 0));

    char answer[512];
    w = writer_of(answer, sizeof answer);
    upgrade_write_response(&w, got);
    struct http_response p;
    ck_assert_int_eq(http_response_parse(&p, writer_done(&w)), OK);
    ck_assert_int_eq(upgrade_check_response(&p, key, &fault), OK);
    key[3] ^= 1;
    ck_assert_int_eq(upgrade_check_response(&p, key, &fault), E_AUTH);
}
END_TEST

START_TEST(answers_that_do_not_upgrade)
{
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    static const struct {
        const char *text;
        enum err err;
    } cases[] = {
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" ACCEPT "\r\n", OK},
        {"HTTP/1.1 200 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" ACCEPT "\r\n",
         E_UNSUPPORTED},
        {"HTTP/1.1 101 x\r\nConnection: Upgrade\r\n" ACCEPT "\r\n", E_MALFORMED},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\n" ACCEPT "\r\n", E_MALFORMED},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", E_AUTH},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" ACCEPT
         "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
         E_MALFORMED},
        {"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" ACCEPT
         "Sec-WebSocket-Protocol: chat\r\n\r\n",
         E_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_response p;
        struct fault fault;
        ck_assert_int_eq(http_response_parse(&p, bytes_of(cases[i].text)), OK);
        ck_assert_msg(upgrade_check_response(&p, KEY, &fault) == cases[i].err, "%zu", i);
        ck_assert_int_eq(fault.err, cases[i].err);
    }
}
END_TEST

START_TEST(inv_67_origins)
{
    static const char *const listed[] = {"https://call.example.org", "null"};
    static const struct {
        const char *origin, *host;
        bool allowed, allowed_if_listed;
    } cases[] = {
        {NULL, "here:8080", true, true},
        {"http://here:8080", "here:8080", true, true},
        {"https://here:8080", "here:8080", true, true},
        {"HTTP://here", "here", false, false}, /* browsers write it in lower case: RFC 6454 §6.2 */
        {"http://HERE:8080", "here:8080", true, true},
        {"http://here", "here:80", true, true},
        {"https://here:443", "here", true, true},
        {"http://here:443", "here", false, false},
        {"http://here", "here:8080", false, false},
        {"http://there:8080", "here:8080", false, false},
        {"http://here:8080.evil.example", "here:8080", false, false},
        {"http://evil.example/here:8080", "here:8080", false, false},
        {"http://", "", false, false},
        {"", "here", false, false},
        {"null", "here", false, true},
        {"file://", "here", false, false},
        {"https://call.example.org", "here", false, true},
        {"https://call.example.org.evil", "here", false, false},
        {"http://call.example.org", "here", false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes origin = {NULL, 0};
        if (cases[i].origin) origin = bytes_of(cases[i].origin);
        struct bytes host = bytes_of(cases[i].host);
        ck_assert_msg(upgrade_origin_allowed(origin, host, NULL, 0) == cases[i].allowed, "%zu", i);
        ck_assert_msg(upgrade_origin_allowed(origin, host, listed, 2) == cases[i].allowed_if_listed,
                      "%zu", i);
    }
}
END_TEST

SUITE("signaling upgrade", the_accept_of_the_rfc, what_a_request_needs, a_key_holds_no_nul,
      our_request_meets_our_check, answers_that_do_not_upgrade, inv_67_origins)
