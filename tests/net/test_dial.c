#include "net/dial.h"

#include "net/tcp.h"
#include "tests/net/wait.h"

static enum dial_state finish(struct dial *d)
{
    struct loop *loop = loop_new();
    struct loop_ready ready;
    ck_assert_ptr_nonnull(loop);
    while (dial_step(d, clock_now()) == DIAL_TRYING) {
        ck_assert_int_eq(stream_watch(&d->stream, loop, 1, true, true), OK);
        loop_wait(loop, dial_deadline(d), &ready, 1);
    }
    if (d->stream.loop) {
        loop_remove(loop, d->stream.fd);
        d->stream.loop = NULL;
    }
    loop_free(loop);
    return d->state;
}

static struct addr closed_port(void)
{
    struct tcp_listener l;
    struct addr at = loopback(ADDR_IPV4);
    ck_assert_int_eq(tcp_listen(&l, &at), OK);
    at = l.at;
    tcp_listener_close(&l);
    return at;
}

START_TEST(the_next_address_is_tried_when_one_refuses)
{
    struct tcp_listener l;
    struct addr at = loopback(ADDR_IPV4);
    ck_assert_int_eq(tcp_listen(&l, &at), OK);
    struct addr addrs[] = {closed_port(), {0}, l.at};
    struct dial d;
    dial_start(&d, addrs, 3, clock_now());
    ck_assert_int_eq(finish(&d), DIAL_DONE);
    ck_assert(addr_equal(&d.stream.remote, &l.at));
    ck_assert_int_eq(d.stream.state, STREAM_OPEN);
    ck_assert_int_eq(dial_deadline(&d), TIME_NEVER);
    dial_stop(&d);
    tcp_listener_close(&l);
}
END_TEST

START_TEST(the_last_failure_is_told)
{
    struct addr addrs[] = {closed_port()};
    struct dial d;
    dial_start(&d, addrs, 1, clock_now());
    ck_assert_int_eq(finish(&d), DIAL_FAILED);
    ck_assert_str_eq(d.fault.rule, "connection refused");
    ck_assert(addr_equal(&d.failed, &addrs[0]));
    dial_stop(&d);
    ck_assert_int_eq(dial_start(&d, NULL, 0, 0), DIAL_FAILED);
    ck_assert_str_eq(d.fault.rule, "the host has no address");
}
END_TEST

/* 192.0.2.0/24 is for documentation (RFC 5737): nobody answers from there. A network that refuses
 * it at once ends the try even sooner. Time is the caller's, so nobody waits three seconds. */
START_TEST(pitfall_23_one_silent_address_costs_its_share_only)
{
    struct tcp_listener l;
    struct addr at = loopback(ADDR_IPV4);
    ck_assert_int_eq(tcp_listen(&l, &at), OK);
    struct addr addrs[] = {addr_ipv4(192, 0, 2, 77, 9), l.at};
    struct dial d;
    usec now = SEC(1000);
    if (dial_start(&d, addrs, 2, now) == DIAL_TRYING && d.next == 1) {
        ck_assert_int_eq(dial_deadline(&d), now + DIAL_TRY_US);
        dial_step(&d, now + DIAL_TRY_US);
        ck_assert_uint_eq(d.next, 2);
        ck_assert_str_eq(d.fault.rule, "no answer within three seconds");
        ck_assert(addr_equal(&d.failed, &addrs[0]));
    }
    struct loop *loop = loop_new();
    struct loop_ready ready;
    while (dial_step(&d, now + DIAL_TRY_US) == DIAL_TRYING) {
        ck_assert_int_eq(stream_watch(&d.stream, loop, 1, true, true), OK);
        ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);
    }
    ck_assert_int_eq(d.state, DIAL_DONE);
    dial_stop(&d);
    loop_free(loop);
    tcp_listener_close(&l);
}
END_TEST

SUITE("net dial", the_next_address_is_tried_when_one_refuses, the_last_failure_is_told,
      pitfall_23_one_silent_address_costs_its_share_only)
