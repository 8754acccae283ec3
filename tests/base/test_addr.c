#include "base/packet.h"
#include "tests/suite.h"

START_TEST(text_forms_go_both_ways)
{
    static const char *const rows[] = {"192.0.2.1:5", "[2001:db8::1]:5", "0.0.0.0:0", "[::]:65535"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct addr a;
        char text[ADDR_TEXT_MAX];
        ck_assert_msg(addr_parse(bytes_of(rows[i]), &a), "%s", rows[i]);
        ck_assert_str_eq(addr_text(&a, text), rows[i]);
    }
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const rows[] = {"",
                                       "192.0.2.1",
                                       "192.0.2.1:",
                                       "192.0.2.1:65536",
                                       "192.0.2.1:-1",
                                       "192.0.2:5",
                                       "[192.0.2.1]:5",
                                       "2001:db8::1",
                                       "[2001:db8::1]",
                                       "example.org:5",
                                       "[::1:5",
                                       ":5",
                                       "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:5"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct addr a;
        ck_assert_msg(!addr_parse(bytes_of(rows[i]), &a), "%s", rows[i]);
    }
    struct addr a;
    ck_assert(!addr_parse_ip((struct bytes){(const uint8_t *)"::1\0", 4}, &a));
    ck_assert(!addr_parse_ip(bytes_of("localhost"), &a));
}
END_TEST

START_TEST(kinds_of_addresses)
{
    struct addr a;
    ck_assert(addr_parse_ip(bytes_of("127.8.8.8"), &a) && addr_is_loopback(&a));
    ck_assert(addr_parse_ip(bytes_of("::1"), &a) && addr_is_loopback(&a) && !addr_is_any(&a));
    ck_assert(addr_parse_ip(bytes_of("169.254.1.1"), &a) && addr_is_link_local(&a));
    ck_assert(addr_parse_ip(bytes_of("fe80::1"), &a) && addr_is_link_local(&a));
    ck_assert(addr_parse_ip(bytes_of("224.0.0.251"), &a) && addr_is_multicast(&a));
    ck_assert(addr_parse_ip(bytes_of("ff02::fb"), &a) && addr_is_multicast(&a));
    ck_assert(addr_parse_ip(bytes_of("::"), &a) && addr_is_any(&a));
    ck_assert(addr_parse_ip(bytes_of("192.0.2.7"), &a) && !addr_is_loopback(&a) &&
              !addr_is_link_local(&a) && !addr_is_multicast(&a) && !addr_is_any(&a));
    struct addr none = {0};
    char text[ADDR_TEXT_MAX];
    ck_assert_str_eq(addr_text(&none, text), "none");
    ck_assert(addr_is_any(&none));
}
END_TEST

START_TEST(equality_looks_at_family_port_and_zone)
{
    struct addr a = addr_ipv4(192, 0, 2, 1, 5), b = a;
    ck_assert(addr_equal(&a, &b));
    b.port = 6;
    ck_assert(!addr_equal(&a, &b) && addr_equal_ip(&a, &b));
    struct addr c, d;
    ck_assert(addr_parse_ip(bytes_of("fe80::1"), &c));
    d = c, c.scope = 1, d.scope = 2;
    ck_assert(!addr_equal(&c, &d));
    d.scope = 0; /* unknown: as a signaled address is */
    ck_assert(addr_equal(&c, &d));
}
END_TEST

START_TEST(packet_copies_stand_alone)
{
    static struct packet a, b;
    packet_reset(&a);
    ck_assert(packet_set(&a, bytes_of("datagram")));
    packet_copy(&b, &a);
    a.at[0] = 'X';
    ck_assert(bytes_is(packet_bytes(&b), "datagram"));
    ck_assert_ptr_eq(b.at, b.room + PACKET_HEADROOM);
    static const uint8_t big[PACKET_MAX + 1];
    ck_assert(!packet_set(&a, (struct bytes){big, sizeof big}));
    ck_assert_uint_eq(a.len, 8);
    struct writer w = packet_writer(&a);
    write_zeros(&w, PACKET_MAX);
    ck_assert_int_eq(w.err, OK);
    write_u8(&w, 0);
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

SUITE("base addr", text_forms_go_both_ways, what_is_no_address_is_refused, kinds_of_addresses,
      equality_looks_at_family_port_and_zone, packet_copies_stand_alone)
