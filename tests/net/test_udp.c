#include "net/udp.h"

#include "net/internal.h"
#include "tests/net/wait.h"

#include <string.h>

static struct udp opened(const struct addr *at)
{
    struct udp udp;
    ck_assert_msg(udp_open(&udp, at) == OK, "%s", udp.fault.rule);
    return udp;
}

/* The next datagram, waiting for it. */
static void receive(struct udp *udp, struct packet *p)
{
    struct loop *loop = loop_new();
    struct loop_ready ready;
    ck_assert_ptr_nonnull(loop);
    ck_assert_int_eq(loop_add(loop, udp->fd, 1, LOOP_READ), OK);
    while (!udp_receive(udp, p))
        ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);
    loop_free(loop);
}

static void packet_to(struct packet *p, const struct addr *remote, const char *text)
{
    packet_reset(p);
    p->route.remote = *remote;
    ck_assert(packet_set(p, bytes_of(text)));
}

static void send_text(struct udp *from, const struct addr *to, const char *text)
{
    struct packet p;
    packet_to(&p, to, text);
    ck_assert_int_eq(udp_send(from, &p), OK);
}

static void exchange(enum addr_family family)
{
    struct addr any = loopback(family);
    struct udp a = opened(&any), b = opened(&any);
    struct packet p;
    ck_assert_uint_ne(a.base.port, 0);
    send_text(&a, &b.base, "hello");
    receive(&b, &p);
    ck_assert(bytes_is(packet_bytes(&p), "hello"));
    ck_assert(addr_equal(&p.route.local, &b.base));
    ck_assert(addr_equal(&p.route.remote, &a.base));
    ck_assert_ptr_eq(p.at, p.room + PACKET_HEADROOM);
    ck_assert(!udp_receive(&b, &p));
    ck_assert_uint_eq(a.sent, 1);
    ck_assert_uint_eq(b.received, 1);
    udp_close(&a);
    udp_close(&b);
    udp_close(&b);
    ck_assert_int_eq(b.fd, -1);
}

START_TEST(datagrams_carry_their_route)
{
    exchange(ADDR_IPV4);
    exchange(ADDR_IPV6);
}
END_TEST

START_TEST(empty_datagrams_are_datagrams)
{
    struct addr any = loopback(ADDR_IPV4);
    struct udp a = opened(&any), b = opened(&any);
    struct packet p;
    send_text(&a, &b.base, "");
    receive(&b, &p);
    ck_assert_uint_eq(p.len, 0);
    udp_close(&a);
    udp_close(&b);
}
END_TEST

START_TEST(longest_passes_longer_is_dropped_and_counted)
{
    struct addr any = loopback(ADDR_IPV4);
    struct udp a = opened(&any), b = opened(&any);
    static uint8_t big[PACKET_MAX + 1];
    struct packet p;
    memset(big, 'x', sizeof big);
    packet_reset(&p);
    packet_set(&p, (struct bytes){big, PACKET_MAX});
    p.route.remote = b.base;
    ck_assert_int_eq(udp_send(&a, &p), OK);
    p.at[PACKET_MAX] = 'x';
    p.len = PACKET_MAX + 1; /* the room's tail makes this possible for a test */
    ck_assert_int_eq(udp_send(&a, &p), OK);
    send_text(&a, &b.base, "after");

    receive(&b, &p);
    ck_assert_uint_eq(p.len, PACKET_MAX);
    receive(&b, &p);
    ck_assert(bytes_is(packet_bytes(&p), "after"));
    ck_assert_uint_eq(b.too_long, 1);
    ck_assert_uint_eq(b.received, 2);
    udp_close(&a);
    udp_close(&b);
}
END_TEST

/* A closed port answers with ICMP; the socket goes on as if nothing had been. */
START_TEST(nobody_there_is_no_fault)
{
    struct addr any = loopback(ADDR_IPV4);
    struct udp a = opened(&any), gone = opened(&any), b = opened(&any);
    struct addr nobody = gone.base;
    struct packet p;
    packet_to(&p, &nobody, "anyone?");
    udp_close(&gone);
    for (int i = 0; i < 5; i++) ck_assert_int_eq(udp_send(&a, &p), OK);
    ck_assert(!udp_receive(&a, &p));
    send_text(&a, &b.base, "still here");
    receive(&b, &p);
    ck_assert(bytes_is(packet_bytes(&p), "still here"));
    udp_close(&a);
    udp_close(&b);
}
END_TEST

/* Connected sockets do get the ICMP error, once: it must not cost a later datagram. */
START_TEST(icmp_errors_are_counted_and_passed_over)
{
    struct addr any = loopback(ADDR_IPV4);
    struct udp a = opened(&any), gone = opened(&any);
    struct addr nobody = gone.base;
    udp_close(&gone);
    struct packet in, p;
    packet_to(&p, &nobody, "anyone?");
    struct sockaddr_storage to;
    socklen_t len = sockaddr_of(&nobody, &to);
    ck_assert_int_eq(connect(a.fd, sockaddr_view(&to), len), 0);
    ck_assert_int_eq(udp_send(&a, &p), OK);
    ck_assert(!udp_receive(&a, &in)); /* takes the error */
    ck_assert_int_eq(udp_send(&a, &p), OK);
    ck_assert_int_eq(udp_send(&a, &p), OK);
    ck_assert_uint_eq(a.refused, 2);
    udp_close(&a);
}
END_TEST

START_TEST(what_cannot_be_sent_is_counted)
{
    struct addr any = loopback(ADDR_IPV4);
    struct udp a = opened(&any);
    struct addr v6 = loopback(ADDR_IPV6);
    v6.port = 9;
    struct packet p;
    packet_to(&p, &v6, "x");
    ck_assert_int_eq(udp_send(&a, &p), E_STATE);
    ck_assert_uint_eq(a.failed, 1);
    ck_assert_ptr_nonnull(a.fault.rule);
    p.route.remote = (struct addr){0};
    ck_assert_int_eq(udp_send(&a, &p), E_STATE);
    udp_close(&a);
}
END_TEST

START_TEST(opening_says_why_not)
{
    struct udp a, b;
    struct addr not_ours = addr_ipv4(203, 0, 113, 77, 0);
    ck_assert_int_eq(udp_open(&a, &not_ours), E_STATE);
    ck_assert_str_eq(a.fault.rule, "no interface of this machine has that address");
    ck_assert_int_eq(a.fd, -1);
    struct addr any = loopback(ADDR_IPV4);
    a = opened(&any);
    ck_assert_int_eq(udp_open(&b, &a.base), E_STATE);
    ck_assert_str_eq(b.fault.rule, "address already in use");
    udp_close(&a);
    udp_close(&b);
    ck_assert_int_ne(udp_open(&b, &(struct addr){0}), OK);
}
END_TEST

SUITE("net udp", datagrams_carry_their_route, empty_datagrams_are_datagrams,
      longest_passes_longer_is_dropped_and_counted, nobody_there_is_no_fault,
      icmp_errors_are_counted_and_passed_over, what_cannot_be_sent_is_counted, opening_says_why_not)
