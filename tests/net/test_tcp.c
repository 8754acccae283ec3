#include "net/tcp.h"

#include "tests/net/listener.h"

#include <sys/resource.h>

START_TEST(nobody_listening_is_connection_refused)
{
    struct tcp_listener l;
    struct stream s;
    listen_at(&l, ADDR_IPV4);
    struct addr at = l.at;
    tcp_listener_close(&l);
    tcp_listener_close(&l);
    struct loop *loop = loop_new();
    if (tcp_connect(&s, &at) == OK)
        while (stream_step(&s) == STREAM_CONNECTING) {
            ck_assert_int_eq(stream_watch(&s, loop, 1, true, false), OK);
            wait_any(loop);
        }
    ck_assert_int_eq(s.state, STREAM_FAILED);
    ck_assert_str_eq(s.fault.rule, "connection refused");
    stream_close(&s);
    loop_free(loop);
}
END_TEST

START_TEST(listening_says_why_not)
{
    struct tcp_listener a, b;
    listen_at(&a, ADDR_IPV4);
    ck_assert_int_eq(tcp_listen(&b, &a.at), E_STATE);
    ck_assert_str_eq(b.fault.rule, "address already in use");
    ck_assert_int_eq(b.fd, -1);
    tcp_listener_close(&b);
    tcp_listener_close(&a);
}
END_TEST

/* With no descriptor left a client must not stay in the queue, or the loop would report it for
 * ever (pitfall 23); and the process must go on serving once there is room. */
START_TEST(pitfall_23_no_descriptors_left_does_not_spin)
{
    struct tcp_listener l;
    struct stream clients[3], s;
    struct loop_ready ready;
    struct loop *loop = loop_new();
    listen_at(&l, ADDR_IPV4);
    ck_assert_int_eq(loop_add(loop, l.fd, 1, LOOP_READ), OK);
    for (int i = 0; i < 2; i++) ck_assert_int_eq(tcp_connect(&clients[i], &l.at), OK);
    ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);

    struct rlimit all, few;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
    few = all;
    few.rlim_cur = (rlim_t)clients[1].fd + 1; /* the next descriptor would be above */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
    ck_assert(!tcp_accept(&l, &s));
    ck_assert_uint_eq(l.refused, 2);
    ck_assert_int_eq(loop_wait(loop, clock_now(), &ready, 1), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);

    ck_assert_int_eq(tcp_connect(&clients[2], &l.at), OK);
    ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);
    ck_assert(tcp_accept(&l, &s));
    for (int i = 0; i < 3; i++) stream_close(&clients[i]);
    stream_close(&s);
    tcp_listener_close(&l);
    loop_free(loop);
}
END_TEST

SUITE("net tcp", nobody_listening_is_connection_refused, listening_says_why_not,
      pitfall_23_no_descriptors_left_does_not_spin)
