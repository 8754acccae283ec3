#include "tests/signaling/wire.h"

static struct sig_server *server;

static void setup(bool local)
{
    struct sig_server_config cfg = wire_config();
    cfg.local_in_every_room = local;
    server = sig_server_new(&cfg);
    ck_assert_ptr_nonnull(server);
}

static const char *format(const char *json, const char *id)
{
    static char text[600];
    snprintf(text, sizeof text, json, id);
    return text;
}

START_TEST(who_is_told_what)
{
    struct wire a, b, c;
    char ia[SIG_ID_MAX + 1], ib[SIG_ID_MAX + 1], want[200];
    setup(false);
    wire_join(&a, server, "r", ia, 0);
    wire_join(&b, server, "r", ib, 0);
    wire_join(&c, server, "q", NULL, 0);
    wire_drain(&a, 0);
    snprintf(want, sizeof want, "text {\"type\":\"join\",\"id\":\"%s\"}", ib);
    ck_assert_str_eq(wire_next(&a), want);
    ck_assert_str_eq(wire_next(&b), "");
    sig_server_closed(server, b.conn, 0);
    wire_drain(&a, 0), wire_drain(&c, 0);
    snprintf(want, sizeof want, "text {\"type\":\"leave\",\"id\":\"%s\"}", ib);
    ck_assert_str_eq(wire_next(&a), want);
    ck_assert_str_eq(wire_next(&c), "");
    wire_free(&a), wire_free(&b), wire_free(&c);
    sig_server_free(server);
}
END_TEST

START_TEST(a_socket_that_ends_without_a_close_frame_leaves_at_once)
{
    struct wire a, b;
    char ib[SIG_ID_MAX + 1];
    setup(false);
    wire_join(&a, server, "r", NULL, 0);
    wire_join(&b, server, "r", ib, 0);
    wire_frame(&a, WS_TEXT, bytes_of(format("{\"type\":\"bye\",\"to\":\"%s\"}", ib)), 0);
    sig_server_ended(server, b.conn, 0); /* what waited for it does not keep it */
    ck_assert(sig_server_wants_close(server, b.conn));
    wire_drain(&a, 0);
    wire_expect(&a, format("text {\"type\":\"leave\",\"id\":\"%s\"}", ib));
    wire_drain(&b, 0);
    ck_assert(b.closed);
    wire_free(&a), wire_free(&b);
    sig_server_free(server);
}
END_TEST

START_TEST(a_welcome_names_all_in_order)
{
    struct wire w[4];
    char id[4][SIG_ID_MAX + 1], want[400];
    setup(false);
    for (int i = 0; i < 3; i++) wire_join(&w[i], server, "r", id[i], 0);
    wire_open(&w[3], server, 0);
    wire_text(&w[3],
              "GET /ws?room=r HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " WIRE_KEY "\r\n\r\n",
              0);
    buffer_drop(&w[3].got, http_head_len(buffer_bytes(&w[3].got), 0));
    const char *got = wire_next(&w[3]);
    snprintf(want, sizeof want, "\"peers\":[\"%s\",\"%s\",\"%s\"]}", id[0], id[1], id[2]);
    ck_assert_ptr_nonnull(strstr(got, want));
    for (int i = 0; i < 4; i++) wire_free(&w[i]);
    sig_server_free(server);
}
END_TEST

/* Row 69: two rooms, every type of message, with a forged `from`. */
START_TEST(inv_69_rooms_do_not_mix)
{
    static const char *const types[] = {"offer", "answer", "candidate", "bye",
                                        "watch", "trace",  "explain",   "explained"};
    struct wire a, b, c;
    char ia[SIG_ID_MAX + 1], ib[SIG_ID_MAX + 1], ic[SIG_ID_MAX + 1], json[400], want[400];
    setup(false);
    wire_join(&a, server, "r", ia, 0);
    wire_join(&b, server, "r", ib, 0);
    wire_join(&c, server, "q", ic, 0);
    wire_drain(&a, 0);
    wire_next(&a);
    for (size_t i = 0; i < COUNT(types); i++) {
        snprintf(json, sizeof json, "{\"type\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}", types[i], ic,
                 ia);
        snprintf(want, sizeof want, "text {\"type\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}",
                 types[i], ib, ia);
        ck_assert_int_eq(wire_json(&b, json, 0), OK);
        wire_drain(&a, 0);
        ck_assert_str_eq(wire_next(&a), want);
        ck_assert_int_eq(wire_json(&c, json, 0), E_STATE);
        wire_drain(&a, 0), wire_drain(&b, 0);
        ck_assert_str_eq(wire_next(&a), "");
        ck_assert_str_eq(wire_next(&b), "");
        ck_assert_ptr_nonnull(strstr(wire_next(&c), "\"code\":\"no-such-peer\""));
    }
    wire_free(&a), wire_free(&b), wire_free(&c);
    sig_server_free(server);
}
END_TEST

START_TEST(bad_messages_are_answered_and_the_socket_stays)
{
    static const struct {
        const char *json, *code;
    } cases[] = {
        {"", "bad-json"},
        {"hello", "bad-json"},
        {"[]", "bad-json"},
        {"{\"type\":\"bye\",\"to\":\"a\",\"to\":\"b\"}", "bad-json"},
        {"{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", "bad-json"},
        {"{}", "bad-message"},
        {"{\"type\":\"offer\"}", "bad-message"},
        {"{\"type\":\"hello\"}", "unknown-type"},
        {"{\"type\":\"welcome\",\"id\":\"x\",\"peers\":[]}", "unknown-type"},
        {"{\"type\":\"bye\",\"to\":\"nobody\"}", "no-such-peer"},
        {"{\"type\":\"bye\",\"to\":\"\"}", "no-such-peer"},
    };
    struct wire w;
    char id[SIG_ID_MAX + 1], code[64];
    setup(false);
    wire_join(&w, server, "r", id, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_ne(wire_json(&w, cases[i].json, SEC(1) * (usec)i), OK);
        snprintf(code, sizeof code, "{\"type\":\"error\",\"code\":\"%s\",\"message\":\"",
                 cases[i].code);
        ck_assert_msg(strstr(wire_next(&w), code), "%s", cases[i].json);
        ck_assert_ptr_nonnull(sig_server_fault(server)->rule);
    }
    ck_assert_int_ne(wire_json(&w, format("{\"type\":\"bye\",\"to\":\"%s\"}", id), SEC(30)), OK);
    ck_assert_ptr_nonnull(strstr(wire_next(&w), "no-such-peer")); /* to oneself */
    ck_assert(!w.closed);
    ck_assert_uint_eq(sig_server_counters(server)->bad_messages, COUNT(cases) + 1);
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

/* A local participant reads the whole message: what it can't read is refused to its sender. */
START_TEST(a_bad_message_to_our_own_peer)
{
    struct wire w;
    struct sig_server_event ev;
    setup(true);
    wire_join(&w, server, "r", NULL, 0);
    ck_assert(sig_server_event(server, &ev));
    ck_assert_int_eq(ev.type, SIG_ROOM_OPENED);
    char ours[SIG_ID_MAX + 1];
    snprintf(ours, sizeof ours, "%s", ev.id.text);
    ck_assert(sig_server_event(server, &ev));
    ck_assert_int_ne(wire_json(&w, format("{\"type\":\"offer\",\"to\":\"%s\"}", ours), 0), OK);
    ck_assert_ptr_nonnull(strstr(wire_next(&w), "\"code\":\"bad-message\""));
    ck_assert(!sig_server_event(server, &ev));
    ck_assert_int_eq(
        wire_json(&w, format("{\"type\":\"candidate\",\"to\":\"%s\",\"candidate\":null}", ours), 0),
        OK);
    ck_assert(sig_server_event(server, &ev));
    ck_assert(ev.message.end_of_candidates);
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

/* Who does not read is known before it is sent more. */
START_TEST(what_waits_for_a_member_is_known)
{
    struct wire w;
    struct sig_server_event ev;
    char id[SIG_ID_MAX + 1];
    setup(true);
    wire_join(&w, server, "r", id, 0);
    ck_assert(sig_server_event(server, &ev));
    struct sig_message m = {.type = SIG_TRACE};
    sig_id_set(&m.to, bytes_of(id));
    ck_assert_uint_eq(sig_server_waiting(server, ev.participant, &m.to), 0);
    ck_assert_int_eq(sig_server_send_local(server, ev.participant, &m, 0), OK);
    ck_assert_uint_gt(sig_server_waiting(server, ev.participant, &m.to), 50);
    wire_drain(&w, 0);
    ck_assert_uint_eq(sig_server_waiting(server, ev.participant, &m.to), 0);
    ck_assert_uint_eq(sig_server_waiting(server, ev.participant, &ev.id), SIZE_MAX); /* itself */
    ck_assert_uint_eq(sig_server_waiting(server, 0, &m.to), SIZE_MAX);
    sig_id_set(&m.to, bytes_of("nobody"));
    ck_assert_uint_eq(sig_server_waiting(server, ev.participant, &m.to), SIZE_MAX);
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

START_TEST(a_local_participant_comes_and_goes)
{
    struct wire w;
    struct sig_server_event ev;
    uint32_t p, more[SIG_LOCAL_MAX];
    char id[SIG_ID_MAX + 1];
    setup(false);
    ck_assert_int_eq(sig_server_join_local(server, "r", &p, 0), E_STATE); /* no such room */
    wire_join(&w, server, "r", id, 0);
    ck_assert(sig_server_event(server, &ev));
    ck_assert_int_eq(ev.type, SIG_ROOM_OPENED);
    ck_assert_uint_eq(ev.participant, 0);
    ck_assert_int_eq(sig_server_join_local(server, "r", &p, 0), OK);
    ck_assert(sig_server_event(server, &ev));
    ck_assert_int_eq(ev.type, SIG_LOCAL_MESSAGE);
    ck_assert_int_eq(ev.message.type, SIG_WELCOME);
    ck_assert_uint_eq(ev.participant, p);
    ck_assert_uint_eq(ev.message.peer_count, 1);
    ck_assert_str_eq(ev.message.peers[0].text, id);
    wire_drain(&w, 0);
    wire_expect(&w, "text {\"type\":\"join\"");
    struct sig_message bye = {.type = SIG_BYE};
    ck_assert_int_eq(sig_server_send_local(server, p, &bye, 0), E_STATE); /* to nobody */
    snprintf(bye.to.text, sizeof bye.to.text, "%s", id);
    snprintf(bye.from.text, sizeof bye.from.text, "forged");
    ck_assert_int_eq(sig_server_send_local(server, p, &bye, 0), OK);
    wire_drain(&w, 0);
    ck_assert_ptr_null(strstr(wire_expect(&w, "text {\"type\":\"bye\""), "forged"));
    bye.type = SIG_WELCOME;
    ck_assert_int_eq(sig_server_send_local(server, p, &bye, 0), E_UNSUPPORTED);
    sig_server_leave_local(server, p, 0);
    sig_server_leave_local(server, p, 0);
    wire_drain(&w, 0);
    wire_expect(&w, "text {\"type\":\"leave\"");
    for (int i = 0; i < SIG_LOCAL_MAX; i++)
        ck_assert_int_eq(sig_server_join_local(server, "r", &more[i], 0), OK);
    ck_assert_int_eq(sig_server_join_local(server, "r", &p, 0), E_FULL);
    sig_server_closed(server, w.conn, 0);
    ck_assert_uint_eq(sig_server_rooms(server), 0);
    ck_assert_int_eq(sig_server_send_local(server, more[0], &bye, 0), E_STATE);
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

START_TEST(events_have_a_bound)
{
    struct wire w;
    setup(true);
    wire_join(&w, server, "r", NULL, 0);
    struct sig_server_event ev;
    ck_assert(sig_server_event(server, &ev));
    char *json = malloc(60000);
    int n = snprintf(json, 200, "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"", ev.id.text);
    memset(json + n, 'x', 50000);
    memcpy(json + n + 50000, "\"}", 3);
    for (int i = 0; i < 100; i++) wire_json(&w, json, MS(100) * i);
    ck_assert_uint_eq(sig_server_counters(server)->events_lost, 100 - SIG_QUEUE_MAX / 50100);
    /* What the server itself has to say finds room all the same. */
    sig_server_closed(server, w.conn, SEC(20));
    ck_assert_uint_eq(sig_server_counters(server)->events_lost, 100 - SIG_QUEUE_MAX / 50100);
    enum sig_type last = SIG_ERROR;
    while (sig_server_event(server, &ev) && ev.type == SIG_LOCAL_MESSAGE) last = ev.message.type;
    ck_assert_int_eq(last, SIG_LEAVE);
    ck_assert_int_eq(ev.type, SIG_ROOM_CLOSED);
    free(json);
    wire_free(&w);
    sig_server_free(server);
}
END_TEST

/* Numbers may grow when they are written again: 0.1 has 17 digits then. */
START_TEST(a_message_that_grows_is_refused)
{
    struct wire a, b;
    char id[SIG_ID_MAX + 1];
    setup(false);
    wire_join(&a, server, "r", id, 0);
    wire_join(&b, server, "r", NULL, 0);
    char *json = malloc(SIG_MESSAGE_MAX);
    size_t n = (size_t)snprintf(json, 200, "{\"type\":\"offer\",\"to\":\"%s\",\"n\":[0.1", id);
    for (; n < 50000; n += 4) memcpy(json + n, ",0.1", 4);
    memcpy(json + n, "]}", 3);
    ck_assert_int_eq(wire_json(&b, json, 0), E_FULL);
    ck_assert_ptr_nonnull(strstr(wire_next(&b), "\"code\":\"too-large\""));
    ck_assert(!b.closed);
    ck_assert_int_eq(wire_json(&b, format("{\"type\":\"bye\",\"to\":\"%s\"}", id), 0), OK);
    free(json);
    wire_free(&a), wire_free(&b);
    sig_server_free(server);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_ids)
{
    char id[2][SIG_ID_MAX + 1];
    for (int i = 0; i < 2; i++) {
        struct wire w;
        setup(true);
        wire_join(&w, server, "r", id[i], 0);
        wire_free(&w);
        sig_server_free(server);
    }
    ck_assert_str_eq(id[0], id[1]);
}
END_TEST

SUITE("signaling server rooms", who_is_told_what,
      a_socket_that_ends_without_a_close_frame_leaves_at_once, a_welcome_names_all_in_order,
      inv_69_rooms_do_not_mix, bad_messages_are_answered_and_the_socket_stays,
      a_bad_message_to_our_own_peer, what_waits_for_a_member_is_known,
      a_local_participant_comes_and_goes, events_have_a_bound, a_message_that_grows_is_refused,
      the_same_seed_gives_the_same_ids)
