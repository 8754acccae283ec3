#include "tests/signaling/wire.h"

static struct sig_server *server;

static void setup(const char *const *origins, size_t count)
{
    struct sig_server_config cfg = wire_config();
    cfg.origins = origins;
    cfg.origin_count = count;
    server = sig_server_new(&cfg);
    ck_assert_ptr_nonnull(server);
}

/* Sends a request and parses the answer; its body into `body`. */
static int ask(const char *text, struct http_response *p, char body[1024])
{
    static struct wire w;
    static uint8_t kept[8192];
    wire_open(&w, server, 0);
    wire_text(&w, text, 0);
    struct bytes got = buffer_bytes(&w.got);
    ck_assert_uint_lt(got.len, sizeof kept);
    if (got.len) memcpy(kept, got.at, got.len);
    got.at = kept;
    ck_assert_msg(http_response_parse(p, got) == OK, "%s: %s", text, p->fault.rule);
    bytes_to_text(bytes_slice(got, p->len, got.len), body, 1024);
    sig_server_closed(server, w.conn, 0);
    wire_free(&w);
    return p->status;
}

static int status_of(const char *method, const char *target, const char *fields)
{
    struct http_response p;
    char text[2048], body[1024];
    snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: here:8080\r\n%s\r\n", method, target,
             fields);
    int status = ask(text, &p, body);
    if (status >= 400 && strcmp(method, "HEAD") != 0) { /* it says what is wrong, in plain text */
        ck_assert_uint_gt(strlen(body), 20);
        ck_assert(bytes_starts(http_field(p.fields, p.field_count, "Content-Type"), "text/plain"));
    }
    return status;
}

START_TEST(files)
{
    struct http_response p;
    char body[1024];
    setup(NULL, 0);
    ck_assert_int_eq(ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 200);
    ck_assert_str_eq(body, wire_page);
    ck_assert_int_eq(ask("GET /app.js?v=3 HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 200);
    ck_assert_str_eq(body, "let a");
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Content-Type"),
                       "text/javascript; charset=utf-8"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Content-Length"), "5"));
    ck_assert_uint_eq(http_field_count(p.fields, p.field_count, "Set-Cookie"), 0);
    ck_assert_int_eq(ask("HEAD /app.js HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 200);
    ck_assert_str_eq(body, "");
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Content-Length"), "5"));
    ck_assert_int_eq(ask("HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 404);
    ck_assert_str_eq(body, "");
    ck_assert_uint_eq(sig_server_counters(server)->served, 3);
    sig_server_free(server);
}
END_TEST

START_TEST(inv_72_only_what_is_built_in)
{
    static const char *const paths[] = {
        "/../index.html",   "/./index.html",         "//index.html",
        "/index.html/",     "/INDEX.HTML",           "/%69ndex.html",
        "/..%2findex.html", "/%2e%2e/etc/passwd",    "/../../etc/passwd",
        "/app.js%00.html",  "/app.js/../index.html", "/.git/config",
        "/\\index.html",    "/favicon.ico",          "/ws/",
        "/WS?room=a",       "/%77s?room=a",
    };
    setup(NULL, 0);
    for (size_t i = 0; i < COUNT(paths); i++)
        ck_assert_msg(status_of("GET", paths[i], "") == 404, "%s", paths[i]);
    sig_server_free(server);
}
END_TEST

START_TEST(inv_72_get_only_and_one_request_a_connection)
{
    static const char *const methods[] = {"POST",    "PUT",   "DELETE", "OPTIONS", "TRACE",
                                          "CONNECT", "PATCH", "get",    "PRI"};
    setup(NULL, 0);
    for (size_t i = 0; i < COUNT(methods); i++)
        ck_assert_msg(status_of(methods[i], "/", "") == 405, "%s", methods[i]);
    struct http_response p;
    char body[1024];
    ck_assert_int_eq(ask("PUT / HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 405);
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Allow"), "GET, HEAD"));
    /* The second request of a pipeline is not read. */
    ck_assert_int_eq(ask("GET /app.js HTTP/1.1\r\nHost: a\r\n\r\n"
                         "GET /app.js HTTP/1.1\r\nHost: a\r\n\r\n",
                         &p, body),
                     200);
    ck_assert_str_eq(body, "let a");
    ck_assert_uint_eq(sig_server_counters(server)->served, 1);
    sig_server_free(server);
}
END_TEST

START_TEST(a_target_may_name_the_server) /* RFC 9112 §3.2.2 */
{
    struct http_response p;
    char body[1024];
    setup(NULL, 0);
    ck_assert_int_eq(ask("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 200);
    ck_assert_str_eq(body, wire_page);
    ck_assert_int_eq(ask("GET http://a/app.js HTTP/1.1\r\nHost: b\r\n\r\n", &p, body), 200);
    ck_assert_str_eq(body, "let a");
    ck_assert_int_eq(ask("GET http://a/nothing HTTP/1.1\r\nHost: a\r\n\r\n", &p, body), 404);
    ck_assert_int_eq(ask("GET / HTTP/1.0\r\n\r\n", &p, body), 200);
    sig_server_free(server);
}
END_TEST

START_TEST(requests_that_are_wrong)
{
    struct http_response p;
    char body[1024];
    setup(NULL, 0);
    ck_assert_int_eq(ask("GET / HTTP/1.1\r\n\r\n", &p, body), 400);
    ck_assert_ptr_nonnull(strstr(body, "Host"));
    ck_assert_int_eq(ask("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", &p, body), 400);
    ck_assert_int_eq(ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n", &p, body), 400);
    ck_assert_int_eq(ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", &p, body),
                     400);
    ck_assert_uint_eq(sig_server_counters(server)->http_refused, 4);
    sig_server_free(server);
}
END_TEST

#define UPGRADE                                                                                    \
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                   \
    "Sec-WebSocket-Key: " WIRE_KEY "\r\n"

START_TEST(a_room_is_checked_before_the_upgrade)
{
    static const char *const bad[] = {
        "/ws",
        "/ws?",
        "/ws?room",
        "/ws?room=",
        "/ws?rooms=a",
        "/ws?room=a%20b",
        "/ws?room=a/b",
        "/ws?room=a+b",
        "/ws?room=%C3%A9",
        "/ws?room=0123456789012345678901234567890123456789012345678901234567890123x"};
    setup(NULL, 0);
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(status_of("GET", bad[i], UPGRADE) == 400, "%s", bad[i]);
    ck_assert_uint_eq(sig_server_rooms(server), 0);
    ck_assert_int_eq(status_of("GET", "/ws?room=a", UPGRADE), 101);
    ck_assert_int_eq(
        status_of("GET",
                  "/ws?room=0123456789012345678901234567890123456789012345678901234567890123",
                  UPGRADE),
        101);
    ck_assert_int_eq(status_of("GET", "/ws?room=A-Z_0.9&x=y", UPGRADE), 101);
    sig_server_free(server);
}
END_TEST

START_TEST(upgrades_that_are_none)
{
    struct http_response p;
    char body[1024];
    setup(NULL, 0);
    ck_assert_int_eq(status_of("GET", "/ws?room=a", ""), 426);
    static const char *const methods[] = {"POST", "HEAD"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        char text[400];
        snprintf(text, sizeof text, "%s /ws?room=a HTTP/1.1\r\nHost: a\r\n" UPGRADE "\r\n",
                 methods[i]);
        ck_assert_int_eq(ask(text, &p, body), 405);
        ck_assert(bytes_is(http_field(p.fields, p.field_count, "Allow"), "GET"));
    }
    ck_assert_int_eq(ask("GET /ws?room=a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Version: 12\r\n\r\n",
                         &p, body),
                     426);
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Sec-WebSocket-Version"), "13"));
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Upgrade"), "websocket"));
    ck_assert(http_field_has(p.fields, p.field_count, "Connection", "Upgrade"));
    ck_assert_int_eq(ask("GET /ws?room=a HTTP/1.1\r\nHost: a\r\n" UPGRADE "\r\n", &p, body), 101);
    ck_assert(bytes_is(http_field(p.fields, p.field_count, "Sec-WebSocket-Accept"),
                       "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    ck_assert_int_eq(ask("GET /ws?room=a HTTP/1.0\r\nHost: a\r\n" UPGRADE "\r\n", &p, body), 400);
    ck_assert_int_eq(ask("GET / HTTP/1.0\r\nHost: a\r\n\r\n", &p, body), 200);
    /* No extension, whatever was offered. */
    ck_assert_int_eq(ask("GET /ws?room=a HTTP/1.1\r\nHost: a\r\n"
                         "Sec-WebSocket-Extensions: permessage-deflate\r\n" UPGRADE "\r\n",
                         &p, body),
                     101);
    ck_assert_uint_eq(http_field_count(p.fields, p.field_count, "Sec-WebSocket-Extensions"), 0);
    sig_server_free(server);
}
END_TEST

START_TEST(inv_67_foreign_pages_open_no_socket)
{
    static const char *const origins[] = {"https://call.example.org"};
    setup(origins, 1);
#define WITH(origin) status_of("GET", "/ws?room=a", "Origin: " origin "\r\n" UPGRADE)
    ck_assert_int_eq(WITH("http://here:8080"), 101);
    ck_assert_int_eq(WITH("https://call.example.org"), 101);
    ck_assert_int_eq(WITH("http://evil.example"), 403);
    ck_assert_int_eq(WITH("http://here:8081"), 403);
    ck_assert_int_eq(WITH("null"), 403);
    ck_assert_int_eq(WITH(""), 403);
    ck_assert_int_eq(WITH("http://here:8080\r\nOrigin: http://here:8080"), 403);
    /* The target's own host is the one that counts: RFC 9112 §3.2.2. */
    ck_assert_int_eq(
        status_of("GET", "http://evil.example/ws?room=a", "Origin: http://here:8080\r\n" UPGRADE),
        403);
    ck_assert_int_eq(status_of("GET", "http://there/ws?room=a", "Origin: http://there\r\n" UPGRADE),
                     101);
    ck_assert_int_eq(status_of("GET", "/ws?room=a", UPGRADE), 101); /* no browser */
    ck_assert_uint_eq(sig_server_counters(server)->origin_refused, 6);
    sig_server_free(server);
}
END_TEST

START_TEST(frames_right_behind_the_head)
{
    struct wire w;
    uint8_t text[1024];
    setup(NULL, 0);
    wire_open(&w, server, 0);
    struct writer out = writer_of(text, sizeof text);
    write_text(&out, "GET /ws?room=a HTTP/1.1\r\nHost: a\r\n" UPGRADE "\r\n");
    ws_write(&out, WS_CLIENT, WS_PING, bytes_of("soon"), &w.rng);
    ck_assert_int_eq(wire_say(&w, writer_done(&out), 0), OK);
    buffer_drop(&w.got, http_head_len(buffer_bytes(&w.got), 0));
    wire_expect(&w, "text {\"type\":\"welcome\"");
    ck_assert_str_eq(wire_next(&w), "pong soon");
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

/* RFC 9293 §3.6: who has closed its direction may receive on. nc and some proxies do so as soon as
 * they have asked. */
START_TEST(who_has_finished_writing_gets_the_whole_answer)
{
    static const char *const asked[] = {"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                                        "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"};
    setup(NULL, 0);
    for (size_t i = 0; i < COUNT(asked); i++) {
        struct wire w;
        wire_open(&w, server, 0);
        sig_server_input(server, w.conn, bytes_of(asked[i]), 0);
        sig_server_ended(server, w.conn, 0);
        sig_server_ended(server, w.conn, 0);
        ck_assert(!sig_server_wants_close(server, w.conn));
        wire_drain(&w, 0);
        ck_assert(w.closed); /* also after a refusal: nothing comes that had to be read */
        struct http_response p;
        ck_assert_int_eq(http_response_parse(&p, buffer_bytes(&w.got)), OK);
        uint64_t len;
        ck_assert(bytes_to_u64(http_field(p.fields, p.field_count, "Content-Length"), 1000, &len));
        ck_assert_uint_eq(w.got.len, p.len + len);
        wire_free(&w);
    }
    ck_assert_uint_eq(sig_server_sockets(server), 0);
    sig_server_free(server);
}
END_TEST

START_TEST(who_finishes_before_its_request_is_whole_is_closed)
{
    struct wire w;
    setup(NULL, 0);
    wire_open(&w, server, 0);
    ck_assert_int_eq(wire_text(&w, "GET / HTTP/1.1\r\n", 0), OK);
    sig_server_ended(server, w.conn, 0);
    wire_drain(&w, 0);
    ck_assert(w.closed);
    ck_assert_uint_eq(w.got.len, 0);
    sig_server_ended(server, w.conn, 0); /* nobody any more */
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

SUITE("signaling server http", files, inv_72_only_what_is_built_in,
      inv_72_get_only_and_one_request_a_connection, a_target_may_name_the_server,
      requests_that_are_wrong, a_room_is_checked_before_the_upgrade, upgrades_that_are_none,
      inv_67_foreign_pages_open_no_socket, frames_right_behind_the_head,
      who_has_finished_writing_gets_the_whole_answer,
      who_finishes_before_its_request_is_whole_is_closed)
