#include "net/interfaces.h"

#include "net/internal.h"
#include "net/udp.h"
#include "tests/suite.h"

#include <string.h>

static struct interface at(uint32_t index, const char *ip)
{
    struct interface i = {.index = index};
    ck_assert(addr_parse_ip(bytes_of(ip), &i.addr));
    i.loopback = addr_is_loopback(&i.addr);
    return i;
}

/* The chosen addresses as one line, in order. */
static const char *chosen(const struct interface *all, size_t count, char to[512])
{
    struct interface out[INTERFACES_MAX];
    size_t n = interfaces_choose(all, count, out, INTERFACES_MAX);
    struct writer w = writer_of(to, 511);
    for (size_t i = 0; i < n; i++) {
        char ip[ADDR_TEXT_MAX];
        write_format(&w, "%s%s", i ? " " : "", addr_ip_text(&out[i].addr, ip));
    }
    to[writer_len(&w)] = '\0';
    return to;
}

/* RFC 8445 §5.1.1.1, but loopback is kept and comes last. */
START_TEST(which_addresses_and_in_which_order)
{
    char line[512];
    const struct interface all[] = {
        at(1, "127.0.0.1"),        at(1, "::1"),         at(2, "192.0.2.2"),   at(2, "2001:db8::2"),
        at(2, "fe80::2"),          at(3, "169.254.1.1"), at(3, "fec0::1"),     at(3, "::192.0.2.9"),
        at(3, "::ffff:192.0.2.9"), at(4, "fe80::4"),     at(5, "224.0.0.251"), at(5, "0.0.0.0"),
        at(5, "fd00::5"),
    };
    ck_assert_str_eq(chosen(all, COUNT(all), line),
                     "192.0.2.2 2001:db8::2 169.254.1.1 fe80::4 fd00::5 127.0.0.1 ::1");
    ck_assert_str_eq(chosen(all, 0, line), "");
    struct interface out[2];
    ck_assert_uint_eq(interfaces_choose(all, COUNT(all), out, 2), 2);
}
END_TEST

START_TEST(temporary_addresses_displace_stable_ones)
{
    char line[512];
    struct interface all[] = {
        at(2, "2001:db8:1::1"), at(2, "2001:db8:1::aaaa"), at(2, "2001:db8:2::1"),
        at(3, "2001:db8:1::3"), at(4, "fe80::4"),          at(2, "192.0.2.2"),
    };
    all[1].temporary = true;
    ck_assert_str_eq(chosen(all, COUNT(all), line),
                     "2001:db8:1::aaaa 2001:db8:2::1 2001:db8:1::3 192.0.2.2");
}
END_TEST

/* Whatever this machine has: each address can be bound, which is what a host candidate needs. */
START_TEST(every_address_listed_can_be_bound)
{
    struct interface list[INTERFACES_MAX];
    size_t n = interfaces_list(list, INTERFACES_MAX);
    bool loopback_seen = false;
    ck_assert_uint_gt(n, 0);
    for (size_t i = 0; i < n; i++) {
        struct udp udp;
        ck_assert_msg(udp_open(&udp, &list[i].addr) == OK, "%s", udp.fault.rule);
        ck_assert(addr_equal_ip(&udp.base, &list[i].addr));
        udp_close(&udp);
        ck_assert_uint_gt(strlen(list[i].name), 0);
        ck_assert_uint_ne(list[i].index, 0);
        ck_assert(!loopback_seen || list[i].loopback);
        loopback_seen = list[i].loopback;
    }
    ck_assert(loopback_seen);
    ck_assert_uint_eq(interfaces_list(list, 1), 1);
}
END_TEST

SUITE("net interfaces", which_addresses_and_in_which_order,
      temporary_addresses_displace_stable_ones, every_address_listed_can_be_bound)
