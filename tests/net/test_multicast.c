#include "net/multicast.h"

#include "net/mdns.h"
#include "tests/net/wait.h"

/* Two sockets of one group and port, as two programs on one machine: what one sends both hear,
 * once for each interface. Skipped where no interface can multicast in that family. */
static void exchange(enum addr_family family)
{
    struct multicast a, b;
    struct addr group = mdns_group(family);
    struct loop_ready ready;
    struct packet p;
    if (multicast_open(&a, &group) != OK) {
        printf("multicast, IPv%d: skipped: %s\n", (int)family, a.udp.fault.rule);
        ck_assert_int_eq(a.udp.fd, -1);
        return;
    }
    ck_assert_int_eq(multicast_open(&b, &group), OK);
    ck_assert_uint_gt(b.link_count, 0);
    struct loop *loop = loop_new();
    ck_assert_int_eq(loop_add(loop, b.udp.fd, 1, LOOP_READ), OK);
    packet_reset(&p);
    packet_set(&p, bytes_of("a test's own datagram"));
    p.route.remote = group;
    ck_assert_int_eq(multicast_send(&a, &p), OK);
    do { /* others may be talking here too */
        while (!multicast_receive(&b, &p))
            ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);
    } while (!bytes_is(packet_bytes(&p), "a test's own datagram"));
    ck_assert_uint_eq(p.route.remote.port, group.port);
    multicast_close(&a);
    multicast_close(&b);
    multicast_close(&b);
    loop_free(loop);
}

START_TEST(two_programs_hear_each_other)
{
    exchange(ADDR_IPV4);
    exchange(ADDR_IPV6);
}
END_TEST

static void send_text(struct udp *from, const char *text, const struct addr *to)
{
    struct packet p;
    packet_reset(&p);
    packet_set(&p, bytes_of(text));
    p.route.remote = *to;
    ck_assert_int_eq(udp_send(from, &p), OK);
}

/* A port of its own, so that no other program's socket gets what is sent to this machine. */
static void send_to_one_of_our_addresses(enum addr_family family)
{
    struct multicast m;
    struct udp other;
    struct packet p;
    struct loop_ready ready;
    struct addr at = loopback(family), group = mdns_group(family);
    ck_assert_int_eq(udp_open(&other, &at), OK);
    group.port = at.port = other.base.port;
    udp_close(&other);
    if (multicast_open(&m, &group) != OK) return;
    at.port = 0;
    ck_assert_int_eq(udp_open(&other, &at), OK);
    at.port = group.port;
    struct loop *loop = loop_new();
    ck_assert_int_eq(loop_add(loop, m.udp.fd, 1, LOOP_READ), OK);
    send_text(&other, "to one of our addresses", &at);
    packet_reset(&p);
    packet_set(&p, bytes_of("to the group"));
    p.route.remote = group;
    ck_assert_int_eq(multicast_send(&m, &p), OK);
    while (!multicast_receive(&m, &p))
        ck_assert_int_eq(loop_wait(loop, clock_now() + PATIENCE, &ready, 1), 1);
    ck_assert(bytes_is(packet_bytes(&p), "to the group"));
    ck_assert_uint_eq(m.not_to_group, 1);
    multicast_close(&m);
    udp_close(&other);
    loop_free(loop);
}

START_TEST(only_what_is_sent_to_the_group_is_heard) /* RFC 6762 §11 */
{
    send_to_one_of_our_addresses(ADDR_IPV4);
    send_to_one_of_our_addresses(ADDR_IPV6);
}
END_TEST

START_TEST(what_is_no_group_is_refused)
{
    struct multicast m;
    struct addr host = addr_ipv4(192, 0, 2, 1, 5353);
    ck_assert_int_ne(multicast_open(&m, &host), OK);
    ck_assert_ptr_nonnull(m.udp.fault.rule);
    ck_assert_int_ne(multicast_open(&m, &(struct addr){0}), OK);
    ck_assert_int_eq(m.udp.fd, -1);
}
END_TEST

SUITE("net multicast", two_programs_hear_each_other, only_what_is_sent_to_the_group_is_heard,
      what_is_no_group_is_refused)
