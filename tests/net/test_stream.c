#include "net/stream.h"

#include "net/tcp.h"
#include "tests/net/listener.h"

/* A listener, one client and the server's end of it. */
struct pair {
    struct loop *loop;
    struct tcp_listener listener;
    struct stream client, server;
};

static void connect_pair(struct pair *p, enum addr_family family)
{
    p->loop = loop_new();
    listen_at(&p->listener, family);
    ck_assert_int_eq(loop_add(p->loop, p->listener.fd, 1, LOOP_READ), OK);
    ck_assert_int_eq(tcp_connect(&p->client, &p->listener.at), OK);
    while (!tcp_accept(&p->listener, &p->server)) wait_any(p->loop);
    loop_remove(p->loop, p->listener.fd);
    while (stream_step(&p->client) == STREAM_CONNECTING) {
        ck_assert_int_eq(stream_watch(&p->client, p->loop, 2, true, false), OK);
        wait_any(p->loop);
    }
    ck_assert_int_eq(p->client.state, STREAM_OPEN);
    ck_assert_int_eq(p->server.state, STREAM_OPEN);
}

static void drop_pair(struct pair *p)
{
    stream_close(&p->client);
    stream_close(&p->server);
    tcp_listener_close(&p->listener);
    loop_free(p->loop);
}

static size_t read_waiting(struct pair *p, struct stream *s, void *to, size_t room)
{
    size_t n;
    while ((n = stream_read(s, to, room)) == 0 && s->state == STREAM_OPEN) {
        ck_assert_int_eq(stream_watch(s, p->loop, 3, true, false), OK);
        wait_any(p->loop);
    }
    return n;
}

START_TEST(bytes_go_both_ways)
{
    for (int v6 = 0; v6 < 2; v6++) {
        struct pair p;
        char got[16] = "";
        connect_pair(&p, v6 ? ADDR_IPV6 : ADDR_IPV4);
        ck_assert(addr_equal(&p.client.remote, &p.listener.at));
        ck_assert(addr_equal(&p.client.local, &p.server.remote));
        ck_assert_uint_eq(stream_write(&p.client, bytes_of("question")), 8);
        ck_assert_uint_eq(read_waiting(&p, &p.server, got, sizeof got), 8);
        ck_assert_str_eq(got, "question");
        ck_assert_uint_eq(stream_write(&p.server, bytes_of("answer")), 6);
        ck_assert_uint_eq(read_waiting(&p, &p.client, got, sizeof got), 6);
        ck_assert_uint_eq(p.client.bytes_out, 8);
        ck_assert_uint_eq(p.client.bytes_in, 6);
        drop_pair(&p);
    }
}
END_TEST

/* The reader sleeps until nothing more goes in; then every byte still arrives, in order. */
START_TEST(a_slow_reader_gets_everything)
{
    static uint8_t out[1 << 16], in[4096];
    struct pair p;
    size_t sent = 0, got = 0, took;
    connect_pair(&p, ADDR_IPV4);
    for (size_t i = 0; i < sizeof out; i++) out[i] = (uint8_t)(i * 7 + i / 251);
    bool partial = false;
    do {
        size_t at = sent % sizeof out;
        took = stream_write(&p.client, (struct bytes){out + at, sizeof out - at});
        partial = partial || (took > 0 && took < sizeof out - at);
        sent += took;
    } while (took > 0);
    ck_assert(partial);
    ck_assert_uint_eq(stream_want(&p.client, true, true), LOOP_READ | LOOP_WRITE);
    while (got < sent) {
        size_t n = read_waiting(&p, &p.server, in, sizeof in);
        ck_assert_uint_gt(n, 0);
        ck_assert(repeats((struct bytes){out, sizeof out}, got, (struct bytes){in, n}));
        got += n;
    }
    ck_assert_uint_gt(stream_write(&p.client, bytes_of("room again")), 0);
    drop_pair(&p);
}
END_TEST

START_TEST(the_end_leaves_the_other_direction_open)
{
    struct pair p;
    char got[8];
    connect_pair(&p, ADDR_IPV4);
    stream_finish(&p.client);
    ck_assert_uint_eq(read_waiting(&p, &p.server, got, sizeof got), 0);
    ck_assert_int_eq(p.server.state, STREAM_ENDED);
    ck_assert_uint_eq(stream_want(&p.server, true, false), 0); /* no busy loop at the end */
    ck_assert_uint_eq(stream_write(&p.server, bytes_of("bye")), 3);
    ck_assert_uint_eq(read_waiting(&p, &p.client, got, sizeof got), 3);
    drop_pair(&p);
}
END_TEST

/* Writing to a peer that is gone must fail the stream, not kill the process by SIGPIPE. */
START_TEST(writing_to_a_closed_peer_fails_the_stream)
{
    struct pair p;
    connect_pair(&p, ADDR_IPV4);
    ck_assert_uint_eq(stream_write(&p.client, bytes_of("unread")), 6);
    stream_close(&p.server); /* with unread bytes: a reset */
    usec end = clock_now() + PATIENCE;
    while (p.client.state == STREAM_OPEN && clock_now() < end)
        stream_write(&p.client, bytes_of("more"));
    ck_assert_int_eq(p.client.state, STREAM_FAILED);
    ck_assert_str_eq(p.client.fault.layer, "tcp");
    ck_assert_uint_eq(stream_write(&p.client, bytes_of("more")), 0);
    ck_assert_uint_eq(stream_want(&p.client, true, true), 0);
    drop_pair(&p);
    stream_close(&p.client);
    ck_assert_int_eq(p.client.fd, -1);
}
END_TEST

/* A peer that is gone is reported by the loop for ever: a stream that wants nothing leaves it. */
START_TEST(pitfall_23_a_hang_up_does_not_spin)
{
    struct pair p;
    struct loop_ready ready;
    char got[8];
    connect_pair(&p, ADDR_IPV4);
    stream_close(&p.server);
    ck_assert_uint_eq(read_waiting(&p, &p.client, got, sizeof got), 0);
    ck_assert_int_eq(p.client.state, STREAM_ENDED);
    stream_finish(&p.client);
    ck_assert_int_eq(stream_watch(&p.client, p.loop, 3, true, false), OK);
    ck_assert_ptr_null(p.client.loop);
    ck_assert_int_eq(loop_wait(p.loop, clock_now(), &ready, 1), 0);
    drop_pair(&p);
}
END_TEST

SUITE("net stream", bytes_go_both_ways, a_slow_reader_gets_everything,
      the_end_leaves_the_other_direction_open, writing_to_a_closed_peer_fails_the_stream,
      pitfall_23_a_hang_up_does_not_spin)
