/* The server's limits, each with a test. */
#include "tests/signaling/wire.h"

static struct sig_server *start(const struct sig_server_config *changed)
{
    struct sig_server_config cfg = changed ? *changed : wire_config();
    struct sig_server *s = sig_server_new(&cfg);
    ck_assert_ptr_nonnull(s);
    return s;
}

START_TEST(limit_1000_sockets)
{
    struct sig_server *s = start(NULL);
    uint32_t conn[SIG_SOCKETS_MAX], more;
    for (int i = 0; i < SIG_SOCKETS_MAX; i++) ck_assert_int_eq(sig_server_open(s, &conn[i], 0), OK);
    ck_assert_int_eq(sig_server_open(s, &more, 0), E_FULL);
    ck_assert_uint_eq(more, 0);
    ck_assert_uint_eq(sig_server_counters(s)->turned_away, 1);
    struct http_response p;
    ck_assert_int_eq(http_response_parse(&p, sig_server_busy()), OK);
    ck_assert_int_eq(p.status, 503);
    uint64_t len;
    ck_assert(bytes_to_u64(http_field(p.fields, p.field_count, "Content-Length"), 1000, &len));
    ck_assert_uint_eq(p.len + len, sig_server_busy().len);
    sig_server_closed(s, conn[500], 0);
    ck_assert_int_eq(sig_server_open(s, &more, 0), OK);
    ck_assert_uint_ne(more, conn[500]); /* the old number stays dead */
    ck_assert_int_eq(sig_server_input(s, conn[500], bytes_of("GET"), 0), E_STATE);
    ck_assert_uint_eq(sig_server_sockets(s), SIG_SOCKETS_MAX);
    sig_server_free(s);
}
END_TEST

START_TEST(inv_68_a_head_has_5_seconds)
{
    struct sig_server *s = start(NULL);
    struct wire w;
    wire_open(&w, s, SEC(100));
    for (int i = 0; i < 5; i++) { /* slowloris: a byte now and then */
        sig_server_tick(s, SEC(100 + i));
        ck_assert_int_eq(wire_text(&w, "G", SEC(100 + i)), OK);
    }
    ck_assert_uint_eq(w.got.len, 0);
    ck_assert_int_eq(sig_server_deadline(s), SEC(105));
    sig_server_tick(s, SEC(105));
    wire_drain(&w, SEC(105));
    ck_assert_ptr_nonnull(strstr(wire_got(&w), "HTTP/1.1 408 Request Timeout\r\n"));
    ck_assert_uint_eq(sig_server_counters(s)->late_heads, 1);
    ck_assert(!w.closed); /* reads on for a moment: what comes now would be reset */
    ck_assert_int_eq(wire_text(&w, "ET / HTTP/1.1\r\n\r\n", SEC(105)), OK);
    sig_server_tick(s, SEC(106));
    wire_drain(&w, SEC(106));
    ck_assert(w.closed);
    wire_free(&w);
    sig_server_free(s);
}
END_TEST

START_TEST(limit_8_KiB_of_head)
{
    struct sig_server *s = start(NULL);
    struct wire w;
    wire_open(&w, s, 0);
    ck_assert_int_eq(wire_text(&w, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 0), OK);
    size_t sent = 28;
    while (sent < HTTP_HEAD_MAX - 1) {
        ck_assert_int_eq(wire_text(&w, "x", 0), OK);
        sent++;
    }
    ck_assert_uint_eq(w.got.len, 0);
    ck_assert_int_eq(wire_text(&w, "x", 0), E_FULL);
    ck_assert_ptr_nonnull(strstr(wire_got(&w), "HTTP/1.1 431 "));
    wire_free(&w);
    sig_server_free(s);
}
END_TEST

START_TEST(limit_64_participants_a_room)
{
    struct sig_server_config cfg = wire_config();
    cfg.local_in_every_room = true; /* our own takes nobody's place */
    struct sig_server *s = start(&cfg);
    struct wire *w = calloc(SIG_ROOM_MAX + 2, sizeof *w);
    for (int i = 0; i < SIG_ROOM_MAX; i++) wire_join(&w[i], s, "full", NULL, 0);
    struct wire *late = &w[SIG_ROOM_MAX];
    wire_open(late, s, 0);
    wire_text(late,
              "GET /ws?room=full HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: " WIRE_KEY "\r\n\r\n",
              0);
    ck_assert(bytes_starts(buffer_bytes(&late->got), "HTTP/1.1 101 "));
    buffer_drop(&late->got, http_head_len(buffer_bytes(&late->got), 0));
    ck_assert_ptr_nonnull(strstr(wire_next(late), "{\"type\":\"error\",\"code\":\"room-full\""));
    ck_assert_ptr_nonnull(strstr(wire_next(late), "close 1013 "));
    ck_assert_str_eq(wire_next(late), "");
    ck_assert_uint_eq(sig_server_counters(s)->rooms_full, 1);
    /* Other rooms are open, and so is this one when someone left. */
    wire_join(&w[SIG_ROOM_MAX + 1], s, "free", NULL, 0);
    sig_server_closed(s, w[7].conn, 0);
    wire_free(late);
    wire_join(late, s, "full", NULL, 0);
    for (int i = 0; i < SIG_ROOM_MAX + 2; i++) wire_free(&w[i]);
    free(w);
    sig_server_free(s);
}
END_TEST

START_TEST(limit_50_messages_a_second)
{
    struct sig_server *s = start(NULL);
    struct wire a, b;
    char id[SIG_ID_MAX + 1], json[200];
    wire_join(&a, s, "r", id, 0);
    wire_join(&b, s, "r", NULL, 0);
    snprintf(json, sizeof json, "{\"type\":\"bye\",\"to\":\"%s\"}", id);
    for (int i = 0; i < 50; i++) ck_assert_int_eq(wire_json(&b, json, 0), OK);
    for (int i = 0; i < 10; i++) ck_assert_int_eq(wire_json(&b, json, 0), E_FULL);
    ck_assert_uint_eq(sig_server_counters(s)->relayed, 50);
    ck_assert_uint_eq(sig_server_counters(s)->rate_limited, 10);
    ck_assert_ptr_nonnull(strstr(wire_next(&b), "\"code\":\"rate-limited\""));
    ck_assert_str_eq(wire_next(&b), ""); /* said once */
    ck_assert(!b.closed);
    /* A second later there are 50 again, half a second later 25; none are saved up. */
    for (int i = 0; i < 50; i++) ck_assert_int_eq(wire_json(&b, json, SEC(1)), OK);
    ck_assert_int_eq(wire_json(&b, json, SEC(1)), E_FULL);
    for (int i = 0; i < 25; i++) ck_assert_int_eq(wire_json(&b, json, MS(1500)), OK);
    ck_assert_int_eq(wire_json(&b, json, MS(1500)), E_FULL);
    for (int i = 0; i < 50; i++) ck_assert_int_eq(wire_json(&b, json, SEC(19)), OK);
    ck_assert_int_eq(wire_json(&b, json, SEC(19)), E_FULL);
    /* It is each client's own limit. */
    ck_assert_int_eq(wire_json(&a, "{\"type\":\"bye\",\"to\":\"x\"}", 0), E_STATE);
    wire_free(&a), wire_free(&b);
    sig_server_free(s);
}
END_TEST

START_TEST(inv_68_a_slow_reader_is_cut_at_1_MiB)
{
    struct sig_server *s = start(NULL);
    struct wire slow, fast, third;
    char id[SIG_ID_MAX + 1];
    wire_join(&slow, s, "r", id, 0);
    wire_join(&fast, s, "r", NULL, 0);
    wire_join(&third, s, "r", NULL, 0);
    wire_drain(&slow, 0);
    char *json = malloc(60000);
    int n = snprintf(json, 200, "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"", id);
    memset(json + n, 'x', 50000);
    memcpy(json + n + 50000, "\"}", 3);
    usec now = 0;
    int sent = 0;
    while (sig_server_counters(s)->slow_readers == 0 && sent < 100) {
        now += MS(100);
        wire_json(&fast, json, now);
        sent++;
        ck_assert_uint_le(sig_server_output(s, slow.conn).len, SIG_QUEUE_MAX);
    }
    ck_assert_int_eq(sent, (int)(SIG_QUEUE_MAX / 50100) + 1);
    ck_assert_uint_eq(sig_server_output(s, slow.conn).len, 0); /* its memory is free at once */
    ck_assert(sig_server_wants_close(s, slow.conn));
    wire_drain(&third, now);
    wire_expect(&third, "text {\"type\":\"leave\"");
    wire_expect(&fast, "text {\"type\":\"leave\"");
    ck_assert_int_eq(sig_server_fault(s)->err, E_FULL);
    free(json);
    wire_free(&slow), wire_free(&fast), wire_free(&third);
    sig_server_free(s);
}
END_TEST

/* Everyone in the room is slow: each is cut once, and telling of one leaving may cut the next. */
START_TEST(pitfall_24_cutting_one_while_telling_all)
{
    struct sig_server_config cfg = wire_config();
    cfg.max_queue = 1200;
    struct sig_server *s = start(&cfg);
    struct wire w[10];
    for (int i = 0; i < 10; i++) wire_join(&w[i], s, "r", NULL, 0);
    uint32_t extra[60];
    for (int i = 0; i < 60; i++) { /* nobody reads while these come and go */
        ck_assert_int_eq(sig_server_open(s, &extra[i], 0), OK);
        sig_server_input(s, extra[i],
                         bytes_of("GET /ws?room=r HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                  "Sec-WebSocket-Key: " WIRE_KEY "\r\n\r\n"),
                         0);
    }
    ck_assert_uint_gt(sig_server_counters(s)->slow_readers, 10);
    for (int i = 0; i < 60; i++) sig_server_closed(s, extra[i], 0);
    for (int i = 0; i < 10; i++) {
        sig_server_closed(s, w[i].conn, 0);
        wire_free(&w[i]);
    }
    ck_assert_uint_eq(sig_server_rooms(s), 0);
    ck_assert_uint_eq(sig_server_sockets(s), 0);
    sig_server_free(s);
}
END_TEST

START_TEST(inv_68_ping_every_20_seconds)
{
    struct sig_server *s = start(NULL);
    struct wire good, silent;
    wire_join(&good, s, "r", NULL, 0);
    wire_join(&silent, s, "r", NULL, 0);
    wire_drain(&good, 0);
    wire_next(&good);                                 /* join */
    ck_assert_int_eq(sig_server_deadline(s), SEC(5)); /* the head's: it was not moved back */
    sig_server_tick(s, SEC(5));
    ck_assert_int_eq(sig_server_deadline(s), SEC(20));
    sig_server_tick(s, SEC(20) - 1);
    wire_drain(&good, 0);
    ck_assert_str_eq(wire_next(&good), "");
    sig_server_tick(s, SEC(20));
    wire_drain(&good, SEC(20)), wire_drain(&silent, SEC(20));
    ck_assert_str_eq(wire_next(&good), "ping duet");
    ck_assert_str_eq(wire_next(&silent), "ping duet");
    ck_assert_int_eq(wire_frame(&good, WS_PONG, bytes_of("duet"), SEC(21)), OK);
    ck_assert_int_eq(wire_json(&silent, "{\"type\":\"bye\",\"to\":\"x\"}", SEC(21)), E_STATE);
    sig_server_tick(s, SEC(40));
    ck_assert_uint_eq(sig_server_counters(s)->silent, 1);
    ck_assert(sig_server_wants_close(s, silent.conn));
    wire_drain(&good, SEC(40)), wire_drain(&silent, SEC(40));
    ck_assert(silent.closed);
    ck_assert(!good.closed);
    wire_expect(&good, "ping");
    wire_expect(&good, "text {\"type\":\"leave\"");
    wire_free(&good), wire_free(&silent);
    sig_server_free(s);
}
END_TEST

START_TEST(limit_64_KiB_a_message)
{
    struct sig_server *s = start(NULL);
    struct wire a, b;
    char id[SIG_ID_MAX + 1];
    wire_join(&a, s, "r", id, 0);
    wire_join(&b, s, "r", NULL, 0);
    char *json = malloc(SIG_MESSAGE_MAX + 2);
    int n = snprintf(json, 200, "{\"type\":\"offer\",\"to\":\"%s\",\"sdp\":\"", id);
    memset(json + n, 'x', (size_t)(SIG_MESSAGE_MAX - n - 2));
    memcpy(json + SIG_MESSAGE_MAX - 2, "\"}", 3);
    ck_assert_int_eq(wire_json(&b, json, 0), OK);
    wire_drain(&a, 0);
    ck_assert_uint_gt(strlen(wire_expect(&a, "text {\"type\":\"offer\"")), SIG_MESSAGE_MAX);
    memcpy(json + SIG_MESSAGE_MAX - 2, "x\"}", 4);
    ck_assert_int_eq(wire_json(&b, json, 0), E_FULL);
    ck_assert_ptr_nonnull(strstr(wire_next(&b), "\"code\":\"too-large\""));
    ck_assert_ptr_nonnull(strstr(wire_next(&b), "close 1009 "));
    ck_assert(!b.closed); /* what is still on its way must not make a reset of it */
    ck_assert_int_eq(wire_text(&b, "whatever comes now", 0), OK);
    sig_server_tick(s, SEC(1));
    wire_drain(&b, SEC(1));
    ck_assert(b.closed);
    ck_assert_uint_eq(sig_server_counters(s)->too_large, 1);
    free(json);
    wire_free(&a), wire_free(&b);
    sig_server_free(s);
}
END_TEST

START_TEST(a_message_that_breaks_a_frame_rule)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *close;
    } cases[] = {
        {"\x81\x02hi", 4, "close 1002 "},               /* not masked */
        {"\xC1\x80\0\0\0\0", 6, "close 1002 "},         /* RSV1 */
        {"\x81\x81\0\0\0\0\xFF", 7, "close 1007 "},     /* not UTF-8 */
        {"\x82\x81\0\0\0\0x", 7, "close 1003 "},        /* binary */
        {"\x88\x82\0\0\0\0\x03\xE8", 8, "close 1000 "}, /* goodbye, echoed */
        {"\x88\x80\0\0\0\0", 6, "close 1005 "},         /* without a code, echoed so */
    };
    struct sig_server *s = start(NULL);
    struct wire other;
    wire_join(&other, s, "r", NULL, 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct wire w;
        wire_join(&w, s, "r", NULL, 0);
        wire_say(&w, (struct bytes){(const uint8_t *)cases[i].bytes, cases[i].len}, 0);
        ck_assert_msg(strstr(wire_next(&w), cases[i].close), "%zu", i);
        ck_assert_str_eq(wire_next(&w), "");
        wire_drain(&other, 0);
        wire_expect(&other, "text {\"type\":\"leave\"");
        if (!w.closed) sig_server_closed(s, w.conn, 0);
        wire_free(&w);
    }
    ck_assert_uint_eq(sig_server_sockets(s), 1);
    wire_free(&other);
    sig_server_free(s);
}
END_TEST

START_TEST(pings_are_answered_once_for_all)
{
    struct sig_server *s = start(NULL);
    struct wire w;
    uint8_t pings[300];
    wire_join(&w, s, "r", NULL, 0);
    ck_assert_int_eq(wire_frame(&w, WS_PING, bytes_of("first"), 0), OK);
    ck_assert_str_eq(wire_next(&w), "pong first");
    struct writer out = writer_of(pings, sizeof pings);
    for (int i = 0; i < 20; i++) {
        char text[8];
        snprintf(text, sizeof text, "n%d", i);
        ws_write(&out, WS_CLIENT, WS_PING, bytes_of(text), &w.rng);
    }
    ck_assert_int_eq(wire_say(&w, writer_done(&out), 0), OK);
    ck_assert_str_eq(wire_next(&w), "pong n19");
    ck_assert_str_eq(wire_next(&w), "");
    wire_free(&w);
    sig_server_free(s);
}
END_TEST

START_TEST(memory_of_a_thousand_idle_sockets)
{
    struct sig_server *s = start(NULL);
    struct wire w;
    for (int i = 0; i < SIG_SOCKETS_MAX; i++) {
        char room[16];
        snprintf(room, sizeof room, "r%d", i / 10);
        wire_join(&w, s, room, NULL, 0);
        wire_json(&w, "{\"type\":\"bye\",\"to\":\"x\"}", 0);
        wire_free(&w);
    }
    /* What is written is held until it is taken, and not a byte longer: see buffer.h. */
    uint32_t conn;
    size_t left = 0;
    while (sig_server_next_dirty(s, &conn)) {
        sig_server_wrote(s, conn, sig_server_output(s, conn).len);
        left += sig_server_output(s, conn).at != NULL;
    }
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_eq(sig_server_sockets(s), SIG_SOCKETS_MAX);
    ck_assert_uint_eq(sig_server_rooms(s), SIG_SOCKETS_MAX / 10);
    sig_server_free(s);
}
END_TEST

START_TEST(dirty_names_each_connection_once)
{
    struct sig_server *s = start(NULL);
    uint32_t a, b, got;
    ck_assert(!sig_server_next_dirty(s, &got));
    sig_server_open(s, &a, 0);
    sig_server_open(s, &b, 0);
    ck_assert(!sig_server_next_dirty(s, &got));
    sig_server_input(s, b, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    ck_assert(sig_server_next_dirty(s, &got));
    ck_assert_uint_eq(got, b);
    ck_assert(!sig_server_next_dirty(s, &got));
    sig_server_input(s, a, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    sig_server_closed(s, a, 0); /* gone before it was named */
    ck_assert(!sig_server_next_dirty(s, &got));
    uint32_t again; /* the same slot */
    sig_server_input(s, b, bytes_of("x"), 0);
    ck_assert_int_eq(sig_server_open(s, &again, 0), OK);
    sig_server_free(s);
}
END_TEST

START_TEST(a_slot_used_again_while_in_the_list)
{
    struct sig_server_config cfg = wire_config();
    cfg.max_sockets = 2;
    struct sig_server *s = start(&cfg);
    uint32_t other, a, b, got;
    sig_server_open(s, &other, 0); /* leaves one slot for all that follow */
    for (int i = 0; i < 5; i++) {
        sig_server_open(s, &a, 0);
        sig_server_input(s, a, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
        sig_server_closed(s, a, 0);
        sig_server_open(s, &b, 0);
        sig_server_input(s, b, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
        ck_assert(sig_server_next_dirty(s, &got));
        ck_assert_uint_eq(got, b);
        ck_assert(!sig_server_next_dirty(s, &got));
        sig_server_closed(s, b, 0);
    }
    sig_server_free(s);
}
END_TEST

START_TEST(a_reader_that_never_drains_its_answer)
{
    struct sig_server *s = start(NULL);
    uint32_t conn;
    sig_server_open(s, &conn, 0);
    sig_server_input(s, conn, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    ck_assert(!sig_server_wants_close(s, conn));
    sig_server_tick(s, SEC(5)); /* the head's deadline does not count any more */
    ck_assert_int_eq(sig_server_deadline(s), SIG_DRAIN_TIMEOUT);
    sig_server_tick(s, SIG_DRAIN_TIMEOUT);
    ck_assert(sig_server_wants_close(s, conn));
    ck_assert_int_eq(sig_server_deadline(s), TIME_NEVER);
    sig_server_free(s);
}
END_TEST

START_TEST(shutdown_says_goodbye)
{
    struct sig_server *s = start(NULL);
    struct wire w, half;
    wire_join(&w, s, "r", NULL, 0);
    wire_open(&half, s, 0);
    sig_server_shutdown(s, 0);
    wire_drain(&w, 0), wire_drain(&half, 0);
    wire_expect(&w, "close 1001 ");
    ck_assert(half.closed);
    ck_assert(!w.closed);
    ck_assert_int_eq(wire_frame(&w, WS_CLOSE, (struct bytes){(const uint8_t *)"\x03\xE9", 2}, 0),
                     OK);
    ck_assert(w.closed); /* its answer ends the lingering */
    ck_assert_uint_eq(sig_server_rooms(s), 0);
    wire_free(&w), wire_free(&half);
    sig_server_free(s);
}
END_TEST

SUITE("signaling server", limit_1000_sockets, inv_68_a_head_has_5_seconds, limit_8_KiB_of_head,
      limit_64_participants_a_room, limit_50_messages_a_second,
      inv_68_a_slow_reader_is_cut_at_1_MiB, pitfall_24_cutting_one_while_telling_all,
      inv_68_ping_every_20_seconds, limit_64_KiB_a_message, a_message_that_breaks_a_frame_rule,
      pings_are_answered_once_for_all, memory_of_a_thousand_idle_sockets,
      dirty_names_each_connection_once, a_slot_used_again_while_in_the_list,
      a_reader_that_never_drains_its_answer, shutdown_says_goodbye)
