/* The rarer branches of HTTP, JSON messages and URLs. */
#include "signaling/http.h"
#include "signaling/message.h"
#include "signaling/url.h"
#include "tests/suite.h"

START_TEST(every_number_has_its_name)
{
    static const int statuses[] = {101, 200, 400, 403, 404, 405, 408, 426, 431, 503};
    for (size_t i = 0; i < COUNT(statuses); i++)
        ck_assert_str_ne(http_reason(statuses[i]), "Unknown");
    ck_assert_str_eq(http_reason(599), "Unknown");
    ck_assert_str_eq(sig_type_name((enum sig_type)99), "unknown");
    ck_assert_str_eq(sig_refusal_name(SIG_REFUSED_NOT), "ok");
    ck_assert_str_eq(sig_refusal_name((enum sig_refusal)99), "unknown");
}
END_TEST

static enum err request(const char *text)
{
    struct http_request q;
    enum err err = http_request_parse(&q, bytes_of(text));
    ck_assert_int_eq(err, q.fault.err);
    return err;
}

START_TEST(versions_and_targets_at_the_edges)
{
    ck_assert_int_eq(request("GET / HTTP/1.9\r\nHost: a\r\n\r\n"), OK);
    ck_assert_int_eq(request("GET / HTTP/1.:\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/1./\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/:.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP//.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/1,1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTX/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/11\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/9.1\r\nHost: a\r\n\r\n"), E_UNSUPPORTED);
    ck_assert_int_eq(request("GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"), E_MALFORMED);
}
END_TEST

START_TEST(fields_at_the_edges)
{
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost: \t a \t \r\nX9z~: \t\r\n\r\n"), OK);
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\x80\r\n\r\n"), OK);
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n"), E_MALFORMED);
    ck_assert_int_eq(request("GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n"), E_MALFORMED);
    static const char bad[] = "/:@[{\x7f\"(,";
    char text[80];
    for (size_t i = 0; i < sizeof bad - 1; i++) {
        snprintf(text, sizeof text, "G%cT / HTTP/1.1\r\nHost: a\r\n\r\n", bad[i]);
        ck_assert_int_eq(request(text), E_MALFORMED);
    }
    static const char nul[] = "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n";
    struct http_request q;
    ck_assert_int_eq(http_request_parse(&q, (struct bytes){(const uint8_t *)nul, sizeof nul - 1}),
                     E_MALFORMED);
}
END_TEST

START_TEST(statuses_at_the_edges)
{
    static const struct {
        const char *status;
        enum err err;
    } cases[] = {{"100", OK},          {"599", OK},         {"099", E_MALFORMED},
                 {"600", E_MALFORMED}, {"20", E_MALFORMED}, {"2x0", E_MALFORMED}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_response p;
        char text[64];
        snprintf(text, sizeof text, "HTTP/1.1 %s x\r\n\r\n", cases[i].status);
        ck_assert_int_eq(http_response_parse(&p, bytes_of(text)), cases[i].err);
    }
}
END_TEST

START_TEST(messages_that_cannot_be_written)
{
    static char room[600];
    struct sig_message m = {.type = SIG_ERROR, .code = bytes_of("\xff"), .message = bytes_of("x")};
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), E_MALFORMED); /* no UTF-8 */
    m.code = (struct bytes){(const uint8_t *)"a\0b", 3};
    w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), E_MALFORMED); /* a NUL */
    m.code = bytes_of("bad-json");
    w = writer_of(room, 0);
    ck_assert_int_eq(sig_message_write(&m, &w), E_FULL);
    w = writer_of(room, 10);
    ck_assert_int_eq(sig_message_write(&m, &w), E_FULL);
    m = (struct sig_message){.type = SIG_OFFER}; /* no text at all is an empty one */
    w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), OK);
    ck_assert(bytes_is(writer_done(&w), "{\"type\":\"offer\",\"sdp\":\"\"}"));
    m = (struct sig_message){.type = SIG_CANDIDATE, .end_of_candidates = true};
    m.candidate.mid = bytes_of("0");
    w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), OK);
    m.candidate.mid = (struct bytes){NULL, 0}, m.candidate.ufrag = bytes_of("u");
    w = writer_of(room, sizeof room);
    ck_assert_int_eq(sig_message_write(&m, &w), OK);
}
END_TEST

START_TEST(ids_at_the_edges)
{
    struct sig_id id;
    ck_assert(sig_id_set(&id, bytes_of("!~")));
    ck_assert(!sig_id_set(&id, bytes_of("a b")));
    ck_assert(!sig_id_set(&id, bytes_of("a\x7f")));
    ck_assert(!sig_id_set(&id, bytes_of("")));
}
END_TEST

START_TEST(urls_at_the_edges)
{
    static const struct {
        const char *text;
        enum err err;
    } cases[] = {{"ws://a-b_c.9z/ws?room=a", OK},     {"ws://A:80/ws?room=a", OK},
                 {"wss://[::1]:444/ws?room=a", OK},   {"ws://[192.0.2.1]/ws?room=a", E_MALFORMED},
                 {"ws://[x]/ws?room=a", E_MALFORMED}, {"ws://[::1/ws?room=a", E_MALFORMED},
                 {"ws://a,b/ws?room=a", E_MALFORMED}, {"ws://a{/ws?room=a", E_MALFORMED},
                 {"ws://a@b/ws?room=a", E_MALFORMED}, {"ws://a/ws\x7f?room=a", E_MALFORMED},
                 {"ws://a/w s?room=a", E_MALFORMED}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sig_url url;
        ck_assert_msg(sig_url_parse(&url, bytes_of(cases[i].text)) == cases[i].err, "%s",
                      cases[i].text);
    }
}
END_TEST

SUITE("signaling edges", every_number_has_its_name, versions_and_targets_at_the_edges,
      fields_at_the_edges, statuses_at_the_edges, messages_that_cannot_be_written, ids_at_the_edges,
      urls_at_the_edges)
