#include "tests/suite.h"

#include "signaling/client.h"
#include "signaling/upgrade.h"
#include "signaling/websocket.h"

#include <string.h>

static struct sig_client *c;
static struct sig_client_event ev;

static void start(bool once)
{
    struct sig_client_config cfg = {.once = once};
    ck_assert_int_eq(sig_url_parse(&cfg.url, bytes_of("ws://here:8080/ws?room=a")), OK);
    rng_init_number(&cfg.rng, 1);
    c = sig_client_new(&cfg);
    ck_assert_ptr_nonnull(c);
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(ev.type, SIG_CLIENT_CONNECT);
    ck_assert(!sig_client_event(c, &ev));
    ck_assert_int_eq(sig_client_connected(c, 0), OK);
}

static void drain(usec now)
{
    sig_client_wrote(c, sig_client_output(c).len, now);
}

/* What a server answers to the request that waits in the output. */
static void answer_upgrade(usec now)
{
    struct http_request q;
    char answer[512];
    ck_assert_int_eq(http_request_parse(&q, sig_client_output(c)), OK);
    struct writer w = writer_of(answer, sizeof answer);
    upgrade_write_response(&w, http_field(q.fields, q.field_count, "Sec-WebSocket-Key"));
    drain(now);
    ck_assert_int_eq(sig_client_input(c, writer_done(&w), now), OK);
}

static enum err say(const char *json, usec now)
{
    uint8_t frame[1024];
    struct writer w = writer_of(frame, sizeof frame);
    ws_write(&w, WS_SERVER, WS_TEXT, bytes_of(json), NULL);
    return sig_client_input(c, writer_done(&w), now);
}

static void open_up(usec now)
{
    answer_upgrade(now);
    ck_assert_int_eq(say("{\"type\":\"welcome\",\"id\":\"me\",\"peers\":[\"you\"]}", now), OK);
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(ev.type, SIG_CLIENT_MESSAGE);
    ck_assert_int_eq(ev.message.type, SIG_WELCOME);
    ck_assert_str_eq(ev.message.peers[0].text, "you");
    ck_assert_str_eq(sig_client_id(c)->text, "me");
}

static void expect_closed(enum sig_client_end end, int status, bool for_good)
{
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(ev.type, SIG_CLIENT_CLOSED);
    ck_assert_int_eq(ev.end, end);
    ck_assert_int_eq(ev.status, status);
    ck_assert_int_eq(ev.reconnect_at == TIME_NEVER, for_good);
    ck_assert_int_eq(sig_client_state(c), for_good ? SIG_CLIENT_ENDED : SIG_CLIENT_WAITING);
}

START_TEST(the_request)
{
    start(false);
    char text[512];
    bytes_to_text(sig_client_output(c), text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "GET /ws?room=a HTTP/1.1\r\nHost: here:8080\r\n"));
    ck_assert_ptr_null(strstr(text, "Origin:"));
    struct sig_message m = {.type = SIG_BYE, .to = {"you"}};
    ck_assert_int_eq(sig_client_send(c, &m, 0), E_STATE);
    sig_client_free(c);
}
END_TEST

START_TEST(refusals_end_it_or_not)
{
    static const struct {
        int status;
        bool for_good;
    } cases[] = {{400, true},  {403, true},  {404, true},  {200, true}, {301, true},
                 {408, false}, {429, false}, {500, false}, {503, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[100];
        start(false);
        snprintf(text, sizeof text, "HTTP/1.1 %d x\r\n\r\nbody", cases[i].status);
        ck_assert_int_eq(sig_client_input(c, bytes_of(text), 0), E_UNSUPPORTED);
        expect_closed(SIG_END_REFUSED, cases[i].status, cases[i].for_good);
        drain(0);
        ck_assert(sig_client_wants_close(c));
        sig_client_free(c);
    }
}
END_TEST

START_TEST(answers_that_are_wrong)
{
    static const char *const bad[] = {
        ("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"),
        "HTTP/1.1 101 x\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        start(false);
        ck_assert_int_ne(sig_client_input(c, bytes_of(bad[i]), 0), OK);
        ck_assert(sig_client_event(c, &ev));
        ck_assert_int_eq(ev.end, SIG_END_WRONG);
        ck_assert_ptr_nonnull(sig_client_fault(c)->rule);
        sig_client_free(c);
    }
    start(false);
    char *endless = malloc(HTTP_HEAD_MAX);
    memset(endless, 'x', HTTP_HEAD_MAX);
    ck_assert_int_eq(sig_client_input(c, (struct bytes){(uint8_t *)endless, HTTP_HEAD_MAX}, 0),
                     E_FULL);
    expect_closed(SIG_END_WRONG, 0, false);
    free(endless);
    sig_client_free(c);
}
END_TEST

START_TEST(timeouts)
{
    start(false);
    ck_assert_int_eq(sig_client_deadline(c), SEC(10)); /* the upgrade */
    sig_client_tick(c, SEC(10));
    expect_closed(SIG_END_TIMEOUT, 0, false);
    sig_client_free(c);
    start(false);
    answer_upgrade(SEC(4));
    ck_assert_int_eq(sig_client_deadline(c), SEC(10)); /* the welcome */
    sig_client_tick(c, SEC(10));
    expect_closed(SIG_END_TIMEOUT, 0, false);
    sig_client_free(c);
    start(false);
    open_up(SEC(1));
    ck_assert_int_eq(sig_client_deadline(c), SEC(21)); /* a ping */
    sig_client_tick(c, SEC(21));
    ck_assert_uint_eq(sig_client_output(c).len, 6 + 4);
    ck_assert_int_eq(sig_client_deadline(c), SEC(41));
    sig_client_tick(c, SEC(41));
    expect_closed(SIG_END_TIMEOUT, 0, false);
    ck_assert(sig_client_wants_close(c));
    sig_client_free(c);
}
END_TEST

/* 0.5 s, doubling to 15 s, each shortened by up to a half; back to the start after a good while. */
START_TEST(back_off)
{
    static const usec full[] = {MS(500), SEC(1), SEC(2), SEC(4), SEC(8), SEC(15), SEC(15)};
    usec now = 0;
    start(false);
    for (size_t i = 0; i < COUNT(full); i++) {
        sig_client_closed(c, now);
        expect_closed(SIG_END_LOST, 0, false);
        usec wait = ev.reconnect_at - now;
        ck_assert_int_ge(wait, full[i] / 2);
        ck_assert_int_le(wait, full[i]);
        ck_assert_int_eq(sig_client_deadline(c), ev.reconnect_at);
        now = ev.reconnect_at;
        sig_client_tick(c, now - 1);
        ck_assert(!sig_client_event(c, &ev));
        sig_client_tick(c, now);
        ck_assert(sig_client_event(c, &ev));
        ck_assert_int_eq(ev.type, SIG_CLIENT_CONNECT);
        ck_assert_int_eq(sig_client_deadline(c), TIME_NEVER);
        ck_assert_int_eq(sig_client_connected(c, now), OK);
    }
    open_up(now);
    sig_client_closed(c, now + SEC(1)); /* a server that throws us out at once */
    expect_closed(SIG_END_LOST, 0, false);
    ck_assert_int_ge(ev.reconnect_at - now, SEC(7));
    sig_client_tick(c, ev.reconnect_at);
    now = ev.reconnect_at;
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(sig_client_connected(c, now), OK);
    open_up(now);
    now += SEC(60);
    sig_client_closed(c, now);
    expect_closed(SIG_END_LOST, 0, false);
    ck_assert_int_le(ev.reconnect_at - now, MS(500));
    ck_assert_uint_eq(sig_client_counters(c)->reconnects, 8);
    sig_client_free(c);
}
END_TEST

START_TEST(once_is_once)
{
    start(true);
    sig_client_closed(c, 0);
    expect_closed(SIG_END_LOST, 0, true);
    ck_assert_int_eq(sig_client_connected(c, 0), E_STATE);
    ck_assert_int_eq(sig_client_deadline(c), TIME_NEVER);
    sig_client_free(c);
}
END_TEST

START_TEST(the_old_stream_is_closed_before_a_new_one)
{
    start(false);
    open_up(0);
    ck_assert_int_ne(sig_client_input(c, bytes_of("\xC1"), 0), OK); /* RSV1 */
    expect_closed(SIG_END_WRONG, 0, false);
    ck_assert_uint_gt(sig_client_output(c).len, 0); /* a Close frame with 1002 */
    ck_assert(!sig_client_wants_close(c));
    ck_assert_int_eq(sig_client_deadline(c), TIME_NEVER);
    sig_client_tick(c, SEC(30));
    ck_assert(!sig_client_event(c, &ev));
    drain(SEC(30));
    ck_assert(sig_client_wants_close(c));
    sig_client_closed(c, SEC(30));
    ck_assert(!sig_client_event(c, &ev)); /* it was said before */
    ck_assert_int_le(sig_client_deadline(c), SEC(30));
    sig_client_tick(c, SEC(30));
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(ev.type, SIG_CLIENT_CONNECT);
    sig_client_free(c);
}
END_TEST

START_TEST(bad_messages_are_dropped_and_the_socket_stays)
{
    static const char *const bad[] = {
        "{",
        "{}",
        "{\"type\":\"new\"}",
        "{\"type\":\"offer\",\"from\":\"you\"}",
        "{\"type\":\"offer\",\"sdp\":\"v=0\"}", /* no from */
        "{\"type\":\"welcome\",\"id\":\"me2\",\"peers\":[]}",
    };
    start(false);
    open_up(0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        ck_assert_int_ne(say(bad[i], 0), OK);
        ck_assert(!sig_client_event(c, &ev));
    }
    ck_assert_uint_eq(sig_client_counters(c)->refused, COUNT(bad));
    ck_assert_str_eq(sig_client_id(c)->text, "me");
    ck_assert_int_eq(say("{\"type\":\"offer\",\"from\":\"you\",\"sdp\":\"v=0\"}", 0), OK);
    ck_assert(sig_client_event(c, &ev));
    ck_assert(bytes_is(ev.message.sdp, "v=0"));
    ck_assert_int_eq(say("{\"type\":\"error\",\"code\":\"new-code\",\"message\":\"x\"}", 0), OK);
    ck_assert(sig_client_event(c, &ev));
    ck_assert(bytes_is(ev.message.code, "new-code"));
    sig_client_free(c);
}
END_TEST

START_TEST(welcome_comes_first)
{
    start(false);
    answer_upgrade(0);
    ck_assert_int_eq(say("{\"type\":\"join\",\"id\":\"x\"}", 0), E_STATE);
    ck_assert_int_eq(say("{\"type\":\"error\",\"code\":\"room-full\",\"message\":\"\"}", 0), OK);
    ck_assert(sig_client_event(c, &ev));
    ck_assert_int_eq(ev.message.type, SIG_ERROR);
    ck_assert_int_eq(sig_client_input(c, (struct bytes){(const uint8_t *)"\x88\x02\x03\xF5", 4}, 0),
                     OK);
    expect_closed(SIG_END_BY_SERVER, 0, false);
    ck_assert_int_eq(ev.code, WS_TRY_LATER);
    sig_client_free(c);
}
END_TEST

START_TEST(the_queue_has_a_bound)
{
    start(false);
    open_up(0);
    struct sig_message m = {.type = SIG_OFFER, .to = {"you"}};
    uint8_t *sdp = malloc(60000);
    memset(sdp, 'x', 60000);
    m.sdp = (struct bytes){sdp, 60000};
    int taken = 0;
    while (sig_client_send(c, &m, 0) == OK) taken++;
    ck_assert_int_eq(taken, SIG_CLIENT_QUEUE_MAX / 60100);
    ck_assert_int_eq(sig_client_fault(c)->err, E_FULL);
    m.sdp = bytes_of("x");
    m.to = (struct sig_id){""};
    ck_assert_int_eq(sig_client_send(c, &m, 0), E_MALFORMED);
    m.to = (struct sig_id){"you"};
    m.type = SIG_JOIN;
    ck_assert_int_eq(sig_client_send(c, &m, 0), E_MALFORMED);
    free(sdp);
    sig_client_free(c);
}
END_TEST

START_TEST(closing_sends_what_waits_then_says_goodbye)
{
    start(false);
    open_up(0);
    struct sig_message m = {.type = SIG_BYE, .to = {"you"}, .from = {"ignored"}};
    ck_assert_int_eq(sig_client_send(c, &m, 0), OK);
    sig_client_close(c, 0);
    ck_assert_int_eq(sig_client_state(c), SIG_CLIENT_CLOSING);
    ck_assert_int_eq(sig_client_send(c, &m, 0), E_STATE);
    struct ws_reader r;
    struct ws_item item;
    ws_reader_init(&r, WS_SERVER, 1000);
    struct bytes out = sig_client_output(c);
    ck_assert_int_eq(ws_read(&r, &out, &item), OK);
    ck_assert_int_eq(item.opcode, WS_TEXT);
    ck_assert(bytes_is(item.data, "{\"type\":\"bye\",\"to\":\"you\"}"));
    ck_assert_int_eq(ws_read(&r, &out, &item), OK);
    ck_assert_int_eq(item.opcode, WS_CLOSE);
    ck_assert_int_eq(item.code, WS_NORMAL);
    ws_reader_free(&r);
    drain(0);
    sig_client_tick(c, SEC(2)); /* the server does not answer */
    expect_closed(SIG_END_BY_US, 0, true);
    ck_assert(sig_client_wants_close(c));
    sig_client_closed(c, SEC(2));
    ck_assert(!sig_client_wants_close(c));
    ck_assert(!sig_client_event(c, &ev));
    sig_client_free(c);
}
END_TEST

START_TEST(pings_from_the_server)
{
    start(false);
    open_up(0);
    ck_assert_int_eq(sig_client_input(c,
                                      bytes_of("\x89\x04"
                                               "duet"),
                                      0),
                     OK);
    struct ws_reader r;
    struct ws_item item;
    ws_reader_init(&r, WS_SERVER, 1000);
    struct bytes out = sig_client_output(c);
    ck_assert_int_eq(ws_read(&r, &out, &item), OK);
    ck_assert_int_eq(item.opcode, WS_PONG);
    ck_assert(bytes_is(item.data, "duet"));
    ws_reader_free(&r);
    sig_client_free(c);
}
END_TEST

START_TEST(an_origin_is_sent_if_given)
{
    struct sig_client_config cfg = {.origin = "https://call.example.org"};
    ck_assert_int_eq(sig_url_parse(&cfg.url, bytes_of("wss://here/ws?room=a")), OK);
    c = sig_client_new(&cfg);
    ck_assert_int_eq(sig_client_connected(c, 0), OK);
    char text[512];
    bytes_to_text(sig_client_output(c), text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "Host: here\r\n"));
    ck_assert_ptr_nonnull(strstr(text, "Origin: https://call.example.org\r\n"));
    sig_client_free(c);
}
END_TEST

START_TEST(closing_before_it_is_open)
{
    start(false); /* upgrading */
    sig_client_close(c, 0);
    expect_closed(SIG_END_BY_US, 0, true);
    sig_client_close(c, 0); /* twice is harmless */
    ck_assert(!sig_client_event(c, &ev));
    drain(0);
    ck_assert(sig_client_wants_close(c));
    sig_client_free(c);
    start(false); /* waiting for the next try */
    sig_client_closed(c, 0);
    expect_closed(SIG_END_LOST, 0, false);
    sig_client_close(c, 0);
    expect_closed(SIG_END_BY_US, 0, true);
    ck_assert(!sig_client_wants_close(c));
    sig_client_tick(c, SEC(60));
    ck_assert(!sig_client_event(c, &ev));
    sig_client_free(c);
}
END_TEST

START_TEST(binary_frames_are_no_messages)
{
    start(false);
    open_up(0);
    ck_assert_int_eq(sig_client_input(c, bytes_of("\x82\x01x"), 0), E_UNSUPPORTED);
    expect_closed(SIG_END_WRONG, 0, false);
    ck_assert_str_eq(sig_client_end_name(ev.end), "wrong");
    sig_client_free(c);
}
END_TEST

START_TEST(events_that_nobody_takes_have_a_bound)
{
    start(false);
    open_up(0);
    uint8_t *frame = malloc(70000), *json = malloc(60000);
    int n = snprintf((char *)json, 100, "{\"type\":\"offer\",\"from\":\"you\",\"sdp\":\"");
    memset(json + n, 'x', 50000);
    memcpy(json + n + 50000, "\"}", 2);
    struct writer w = writer_of(frame, 70000);
    ws_write(&w, WS_SERVER, WS_TEXT, (struct bytes){json, (size_t)n + 50002}, NULL);
    int taken = 0;
    while (taken < 200 && sig_client_input(c, writer_done(&w), 0) == OK) taken++;
    ck_assert_int_eq(taken, (4 << 20) / 50100);
    ck_assert_int_eq(sig_client_fault(c)->err, E_FULL);
    for (int i = 0; i < taken; i++) ck_assert(sig_client_event(c, &ev));
    ck_assert(!sig_client_event(c, &ev));
    ck_assert_int_eq(sig_client_input(c, writer_done(&w), 0), OK); /* and it goes on */
    free(frame), free(json);
    sig_client_free(c);
}
END_TEST

SUITE("signaling client", an_origin_is_sent_if_given, closing_before_it_is_open,
      binary_frames_are_no_messages, events_that_nobody_takes_have_a_bound, the_request,
      refusals_end_it_or_not, answers_that_are_wrong, timeouts, back_off, once_is_once,
      the_old_stream_is_closed_before_a_new_one, bad_messages_are_dropped_and_the_socket_stays,
      welcome_comes_first, the_queue_has_a_bound, closing_sends_what_waits_then_says_goodbye,
      pings_from_the_server)
