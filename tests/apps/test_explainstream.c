#include "apps/explainstream.h"

#include "tests/suite.h"
#include "trace/stream.h"

enum { FIN = 1, SYN = 2, ACK = 16 };
enum side { CLIENT, SERVER };

#define REQUEST                                                                                    \
    "GET /ws?room=a HTTP/1.1\r\nHost: 192.0.2.2\r\nUpgrade: websocket\r\n"                         \
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"                                         \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
#define SWITCHING                                                                                  \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"            \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

static struct explainstream *all;
static struct explainstream_news news;
static uint32_t next[2]; /* sequence numbers */

/* Whatever is said stays in memory, as a capture does. */
static uint8_t memory[1 << 20];
static size_t memory_len;

static struct bytes keep(struct bytes b)
{
    ck_assert(b.len <= sizeof memory - memory_len);
    memcpy(memory + memory_len, b.at, b.len);
    memory_len += b.len;
    return (struct bytes){memory + memory_len - b.len, b.len};
}

static void send_at(enum side side, uint8_t flags, uint32_t seq, struct bytes payload)
{
    struct datagram d = {.kind = DATAGRAM_TCP,
                         .from = addr_ipv4(192, 0, 2, 1, 40000),
                         .to = addr_ipv4(192, 0, 2, 2, 80),
                         .tcp_flags = flags,
                         .tcp_seq = seq,
                         .payload = keep(payload)};
    struct addr client = d.from;
    if (side == SERVER) {
        d.from = d.to;
        d.to = client;
    }
    explainstream_input(all, 0, &d, &news);
}

static void say(enum side side, struct bytes payload)
{
    send_at(side, ACK, next[side], payload);
    next[side] += (uint32_t)payload.len;
}

static void say_text(enum side side, const char *text)
{
    say(side, bytes_of(text));
}

static void begin(void)
{
    explainstream_free(all);
    all = explainstream_new();
    ck_assert_ptr_nonnull(all);
    memory_len = 0;
    next[CLIENT] = next[SERVER] = 1;
    send_at(CLIENT, SYN, 0, bytes_of(""));
    send_at(SERVER, SYN | ACK, 0, bytes_of(""));
}

static void begin_upgraded(void)
{
    begin();
    say_text(CLIENT, REQUEST);
    say_text(SERVER, SWITCHING);
}

static void found(size_t i, const char *type, const char *message)
{
    ck_assert_uint_gt(news.count, i);
    const struct explainstream_found *f = &news.found[i];
    ck_assert(type ? f->type && strcmp(f->type, type) == 0 : !f->type);
    if (message)
        ck_assert_msg(bytes_is(f->message, message), "%.*s", (int)f->message.len,
                      (const char *)f->message.at);
}

static void found_nothing(const char *remark)
{
    ck_assert_uint_eq(news.count, 0);
    ck_assert_str_eq(news.remark, remark);
}

/* A frame of either side, in static memory. */
static struct bytes frame(enum side side, enum ws_opcode opcode, const char *text)
{
    static uint8_t room[8192];
    struct writer w = writer_of(room, sizeof room);
    struct rng rng;
    rng_init_number(&rng, 1);
    ws_write(&w, side == CLIENT ? WS_CLIENT : WS_SERVER, opcode, bytes_of(text), &rng);
    return writer_done(&w);
}

START_TEST(an_upgrade_and_its_frames)
{
    begin();
    say_text(CLIENT, "GET /ws");
    found_nothing("");
    say_text(CLIENT, "?room=a HTTP");
    found_nothing("a part of an HTTP message");
    begin();
    say_text(CLIENT, REQUEST);
    found(0, "http", REQUEST);
    ck_assert_uint_eq(news.found[0].key.len, 0);
    say_text(SERVER, SWITCHING);
    found(0, "http", SWITCHING);
    ck_assert(bytes_is(news.found[0].key, "dGhlIHNhbXBsZSBub25jZQ=="));
    say(CLIENT, frame(CLIENT, WS_TEXT, "hello"));
    found(0, "ws", NULL);
    ck_assert_int_eq(news.found[0].role, WS_SERVER);
    ck_assert_uint_eq(news.found[0].message.len, 2 + 4 + 5);
    say(SERVER, frame(SERVER, WS_TEXT, "hello"));
    ck_assert_int_eq(news.found[0].role, WS_CLIENT);
    ck_assert_uint_eq(news.count, 1);
}
END_TEST

START_TEST(a_response_and_a_first_frame_in_one_segment)
{
    uint8_t both[512];
    struct writer w = writer_of(both, sizeof both);
    begin();
    say_text(CLIENT, REQUEST);
    write_text(&w, SWITCHING);
    write_bytes(&w, frame(SERVER, WS_TEXT, "{\"type\":\"welcome\"}"));
    say(SERVER, writer_done(&w));
    ck_assert_uint_eq(news.count, 2);
    found(0, "http", SWITCHING);
    found(1, "ws", NULL);
}
END_TEST

START_TEST(a_message_in_pieces)
{
    begin_upgraded();
    struct bytes whole = frame(CLIENT, WS_TEXT, "a message of some length");
    for (size_t i = 0; i + 1 < whole.len; i++) {
        say(CLIENT, bytes_slice(whole, i, 1));
        found_nothing("a part of a WebSocket message");
    }
    say(CLIENT, bytes_slice(whole, whole.len - 1, 1));
    found(0, "ws", NULL);
    ck_assert_uint_eq(news.found[0].message.len, whole.len);
}
END_TEST

START_TEST(fragments_of_a_message_are_told_together)
{
    /* RFC 6455 §5.7: "Hel" and "lo"; a ping may come between. */
    static const uint8_t first[] = {0x01, 3, 'H', 'e', 'l'}, ping[] = {0x89, 0};
    static const uint8_t last[] = {0x80, 2, 'l', 'o'};
    begin_upgraded();
    say(SERVER, (struct bytes){first, sizeof first});
    found_nothing("a part of a WebSocket message");
    say(SERVER, (struct bytes){ping, sizeof ping});
    found_nothing("a part of a WebSocket message");
    say(SERVER, (struct bytes){last, sizeof last});
    found(0, "ws", NULL);
    ck_assert_uint_eq(news.found[0].message.len, sizeof first + sizeof ping + sizeof last);
}
END_TEST

START_TEST(descriptions_and_candidates_are_inside)
{
    begin_upgraded();
    say(SERVER,
        frame(SERVER, WS_TEXT, "{\"type\":\"answer\",\"from\":\"b\",\"sdp\":\"v=0\\r\\n\"}"));
    ck_assert_uint_eq(news.count, 2);
    found(1, "sdp", "v=0\r\n");
    ck_assert(news.found[1].inside && news.found[1].is_answer && !news.found[0].inside);
    say(CLIENT, frame(CLIENT, WS_TEXT,
                      "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":{\"candidate\":"
                      "\"candidate:1 1 udp 1 192.0.2.1 9 typ host\"}}"));
    found(1, "candidate", "candidate:1 1 udp 1 192.0.2.1 9 typ host");
    say(CLIENT, frame(CLIENT, WS_TEXT, "{\"type\":\"candidate\",\"to\":\"b\",\"candidate\":null}"));
    ck_assert_uint_eq(news.count, 1);
}
END_TEST

START_TEST(what_came_before_and_what_comes_too_early)
{
    begin_upgraded();
    struct bytes hello = frame(SERVER, WS_TEXT, "hello");
    send_at(SERVER, ACK, next[SERVER] + 3, bytes_slice(hello, 3, 99));
    found_nothing("3 bytes before it are missing");
    say(SERVER, bytes_slice(hello, 0, 3));
    found(0, "ws", NULL);
    send_at(SERVER, ACK, next[SERVER] - 3, bytes_slice(hello, 0, 3));
    found_nothing("sent again");
}
END_TEST

START_TEST(after_a_close_nothing_is_looked_at)
{
    begin_upgraded();
    say(CLIENT, frame(CLIENT, WS_CLOSE, "\x03\xe8"));
    found(0, "ws", NULL);
    say(CLIENT, frame(CLIENT, WS_TEXT, "hello"));
    found_nothing("");
}
END_TEST

START_TEST(a_frame_that_breaks_a_rule)
{
    begin_upgraded();
    say(CLIENT, frame(SERVER, WS_TEXT, "unmasked"));
    found(0, "ws", NULL);
    say(CLIENT, frame(CLIENT, WS_TEXT, "hello"));
    found_nothing("");
}
END_TEST

START_TEST(pages_with_their_bodies)
{
    begin();
    say_text(CLIENT, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    found(0, "http", NULL);
    say_text(SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nab");
    found(0, "http", "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    ck_assert_uint_eq(news.count, 1);
    say_text(SERVER, "cde");
    found_nothing("the body of an HTTP message");
    say_text(CLIENT, "HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n");
    found(0, "http", NULL);
    say_text(SERVER, "fgHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 404 No\r\n\r\n");
    ck_assert_uint_eq(news.count, 2);
    found(1, "http", "HTTP/1.1 404 No\r\n\r\n");
    say_text(SERVER, "to the end");
    found_nothing("the body of an HTTP message");
}
END_TEST

START_TEST(an_upgrade_that_was_refused)
{
    begin();
    say_text(CLIENT, REQUEST);
    say_text(SERVER, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    found(0, "http", NULL);
    say_text(CLIENT, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    found(0, "http", NULL);
}
END_TEST

/* A Binding request without attributes, and Opus, as RFC 4571 frames them. */
static const uint8_t check[] = {0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1,
                                2, 3,  4, 5, 6, 7, 8,    9,    10,   11,   12};
static const uint8_t media[] = {0, 13, 0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xFC};

START_TEST(ice_tcp)
{
    begin();
    say(CLIENT, (struct bytes){check, 12});
    found_nothing("a part of a message in the framing of RFC 4571");
    say(CLIENT, (struct bytes){check + 12, sizeof check - 12});
    found(0, NULL, NULL);
    ck_assert_uint_eq(news.found[0].message.len, 20);
    uint8_t three[64];
    struct writer w = writer_of(three, sizeof three);
    for (int i = 0; i < 3; i++) write_bytes(&w, (struct bytes){media, sizeof media});
    say(CLIENT, bytes_slice(writer_done(&w), 0, 3 * sizeof media - 1));
    ck_assert_uint_eq(news.count, 2);
    say(CLIENT, bytes_slice(writer_done(&w), 3 * sizeof media - 1, 1));
    ck_assert_uint_eq(news.count, 1);
}
END_TEST

START_TEST(many_datagrams_in_a_segment)
{
    static uint8_t much[(EXPLAINSTREAM_FOUND_MAX + 8) * sizeof media];
    begin();
    say(CLIENT, (struct bytes){check, sizeof check});
    for (size_t i = 0; i < sizeof much; i += sizeof media) memcpy(much + i, media, sizeof media);
    say(CLIENT, (struct bytes){much, sizeof much});
    ck_assert_uint_eq(news.count, EXPLAINSTREAM_FOUND_MAX);
    say(CLIENT, (struct bytes){media, sizeof media});
    ck_assert_uint_eq(news.count, 8 + 1);
}
END_TEST

/* Without its beginning a stream is known by single segments alone. */
START_TEST(a_stream_that_began_before_the_capture)
{
    explainstream_free(all);
    all = explainstream_new();
    memory_len = 0;
    send_at(CLIENT, ACK, 500, bytes_of("middle of something"));
    found_nothing("");
    send_at(CLIENT, ACK, 519, (struct bytes){media, sizeof media});
    found(0, NULL, NULL);
    send_at(CLIENT, ACK, 519 + sizeof media, bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    found(0, "http", NULL);
}
END_TEST

START_TEST(other_protocols)
{
    begin();
    say_text(CLIENT, "\x16\x03\x01\x02\x05\x01\x02\x03\x04\x05\x06"); /* TLS */
    found_nothing("");
    say_text(CLIENT, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    found_nothing("");
    begin();
    say_text(CLIENT, "GET / HTTP/1.1\r\n\r\n"); /* no Host */
    found(0, "http", NULL);
    say_text(CLIENT, "more");
    found_nothing("");
}
END_TEST

/* A client may use its port again: another connection, of which nothing is known yet. */
START_TEST(a_port_that_is_used_again)
{
    begin();
    say_text(CLIENT, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    found(0, "http", NULL);
    send_at(CLIENT, SYN, 90000, bytes_of(""));
    next[CLIENT] = 90001;
    say(CLIENT, (struct bytes){check, sizeof check});
    found(0, NULL, NULL);
}
END_TEST

START_TEST(a_response_that_breaks_a_rule)
{
    begin();
    say_text(SERVER, "HTTP/1.1 abc\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    ck_assert_uint_eq(news.count, 1);
    found(0, "http", "HTTP/1.1 abc\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    say_text(SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    found_nothing("");
}
END_TEST

/* RFC 9112 §6.3: whatever their length says, and whatever was asked for. */
START_TEST(responses_without_a_body)
{
    static const char *const bare[] = {"100 Continue", "204 No Content", "304 Not Modified"};
    for (size_t i = 0; i < COUNT(bare); i++) {
        char text[128];
        begin();
        snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Length: 100\r\n\r\n", bare[i]);
        say_text(SERVER, text);
        found(0, "http", text);
        say_text(SERVER, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
        found(0, "http", NULL);
    }
}
END_TEST

/* RFC 9110 §15.2: 1xx is no answer yet, so the upgrade still may come. */
START_TEST(an_upgrade_that_is_answered_in_two_steps)
{
    begin();
    say_text(CLIENT, REQUEST);
    say_text(SERVER, "HTTP/1.1 103 Early Hints\r\n\r\n");
    found(0, "http", NULL);
    say_text(SERVER, SWITCHING);
    found(0, "http", SWITCHING);
    ck_assert(bytes_is(news.found[0].key, "dGhlIHNhbXBsZSBub25jZQ=="));
    say(SERVER, frame(SERVER, WS_TEXT, "hello"));
    found(0, "ws", NULL);
}
END_TEST

/* A capture of one direction: what the answer was to nobody knows. */
START_TEST(a_server_alone)
{
    explainstream_free(all);
    all = explainstream_new();
    memory_len = 0;
    next[SERVER] = 1;
    send_at(SERVER, SYN | ACK, 0, bytes_of(""));
    say_text(SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab");
    found(0, "http", NULL);
    ck_assert_uint_eq(news.found[0].key.len, 0);
    say_text(SERVER, SWITCHING);
    found(0, "http", SWITCHING);
    say(SERVER, frame(SERVER, WS_TEXT, "hello"));
    found_nothing("");
}
END_TEST

/* All that a segment holds up to the bound; behind a close nothing. */
START_TEST(many_messages_in_a_segment)
{
    static uint8_t much[(EXPLAINSTREAM_FOUND_MAX + 9) * 80];
    struct writer w = writer_of(much, sizeof much);
    begin_upgraded();
    for (size_t i = 0; i < EXPLAINSTREAM_FOUND_MAX + 9; i++)
        write_bytes(&w,
                    frame(SERVER, WS_TEXT, "{\"type\":\"offer\",\"to\":\"b\",\"sdp\":\"v=0\"}"));
    ck_assert_int_eq(w.err, OK);
    say(SERVER, writer_done(&w));
    ck_assert_uint_eq(news.count, EXPLAINSTREAM_FOUND_MAX);
    ck_assert_uint_eq(news.found[0].message.len, writer_len(&w)); /* all frames are shown */
    found(EXPLAINSTREAM_FOUND_MAX - 1, "sdp", "v=0");
    w = writer_of(much, sizeof much);
    write_bytes(&w, frame(SERVER, WS_CLOSE, "\x03\xe8"));
    size_t close = writer_len(&w);
    write_bytes(&w, frame(SERVER, WS_TEXT, "{\"type\":\"bye\",\"to\":\"b\"}"));
    say(SERVER, writer_done(&w));
    ck_assert_uint_eq(news.count, 1);
    ck_assert_uint_eq(news.found[0].message.len, close);
}
END_TEST

/* RFC 4571 §2: a frame may be empty; RFC 7983 §7 says which first bytes there are. */
START_TEST(odd_frames_of_ice_tcp)
{
    static const uint8_t empty_and_media[] = {0, 0, 0, 13, 0x80, 111, 0, 1,   0,
                                              0, 0, 1, 0,  0,    0,   2, 0xFC};
    static const uint8_t nobody[] = {0, 2, 0xFF, 0xFF};
    begin();
    say(CLIENT, (struct bytes){check, sizeof check});
    say(CLIENT, (struct bytes){empty_and_media, sizeof empty_and_media});
    ck_assert_uint_eq(news.count, 1);
    found(0, NULL, NULL);
    ck_assert_uint_eq(news.found[0].message.len, 13);
    say(CLIENT, (struct bytes){nobody, sizeof nobody});
    found_nothing("");
    say(CLIENT, (struct bytes){media, sizeof media});
    found_nothing(""); /* not looked at any more */
}
END_TEST

/* What has a cookie where a check has it, and yet is none. */
START_TEST(no_checks)
{
    static const uint8_t small[] = {0, 19, 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2};
    static const uint8_t no_type[] = {0, 20, 4, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2};
    static const struct bytes all_of_them[] = {{small, sizeof small}, {no_type, sizeof no_type}};
    for (size_t i = 0; i < COUNT(all_of_them); i++) {
        begin();
        say(CLIENT, all_of_them[i]);
        found_nothing("");
    }
}
END_TEST

/* Only a segment that is one frame as a whole, of a kind that there is, counts without the start.
 */
START_TEST(segments_from_the_middle)
{
    static const uint8_t longer[] = {0, 12, 0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xFC};
    static const uint8_t tiny[] = {0, 1, 0x80};
    static const uint8_t nobody[] = {0, 13, 0xFF, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0xFC};
    static const struct bytes segments[] = {
        {longer, sizeof longer}, {tiny, sizeof tiny}, {nobody, sizeof nobody}};
    uint32_t seq = 500;
    explainstream_free(all);
    all = explainstream_new();
    memory_len = 0;
    for (size_t i = 0; i < COUNT(segments); i++) {
        send_at(CLIENT, ACK, seq, segments[i]);
        found_nothing("");
        seq += (uint32_t)segments[i].len;
    }
    send_at(CLIENT, ACK, seq, (struct bytes){media, sizeof media});
    found(0, NULL, NULL);
}
END_TEST

START_TEST(a_stream_that_is_lost_says_why)
{
    begin();
    struct datagram d = {.kind = DATAGRAM_TCP,
                         .from = addr_ipv4(192, 0, 2, 1, 40000),
                         .to = addr_ipv4(192, 0, 2, 2, 80),
                         .tcp_flags = ACK,
                         .tcp_seq = 1,
                         .cut = true,
                         .payload = keep(bytes_of("GET "))};
    explainstream_input(all, 0, &d, &news);
    found_nothing("the stream is not read on: the capture holds a segment only in part");
}
END_TEST

/* Of more connections than are followed nothing is said. */
START_TEST(more_streams_than_are_followed)
{
    explainstream_free(all);
    all = explainstream_new();
    memory_len = 0;
    for (unsigned i = 0; i <= STREAMS_MAX; i++) {
        struct datagram d = {.kind = DATAGRAM_TCP,
                             .from = addr_ipv4(192, 0, 2, 1, (uint16_t)(1000 + i)),
                             .to = addr_ipv4(192, 0, 2, 2, 80),
                             .tcp_flags = SYN,
                             .payload = bytes_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n")};
        explainstream_input(all, 0, &d, &news);
        if (i < STREAMS_MAX)
            found(0, "http", NULL);
        else
            found_nothing("");
    }
}
END_TEST

SUITE("apps explainstream", an_upgrade_and_its_frames, a_response_and_a_first_frame_in_one_segment,
      a_message_in_pieces, fragments_of_a_message_are_told_together,
      descriptions_and_candidates_are_inside, what_came_before_and_what_comes_too_early,
      after_a_close_nothing_is_looked_at, a_frame_that_breaks_a_rule, pages_with_their_bodies,
      an_upgrade_that_was_refused, ice_tcp, many_datagrams_in_a_segment,
      a_stream_that_began_before_the_capture, other_protocols, a_port_that_is_used_again,
      a_response_that_breaks_a_rule, responses_without_a_body,
      an_upgrade_that_is_answered_in_two_steps, a_server_alone, many_messages_in_a_segment,
      odd_frames_of_ice_tcp, no_checks, segments_from_the_middle, a_stream_that_is_lost_says_why,
      more_streams_than_are_followed)
