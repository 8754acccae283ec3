#include "net/internal.h"
#include "tests/suite.h"

#include <netinet/in.h>

static struct addr round_trip(const char *text, uint32_t scope)
{
    struct addr a;
    struct sockaddr_storage s;
    ck_assert(addr_parse(bytes_of(text), &a));
    a.scope = scope;
    ck_assert_uint_gt(sockaddr_of(&a, &s), 0);
    struct addr back = addr_of_sockaddr(&s);
    ck_assert(addr_equal(&a, &back));
    return back;
}

START_TEST(addresses_survive_the_kernel_form)
{
    round_trip("192.0.2.1:5", 0);
    round_trip("0.0.0.0:65535", 0);
    round_trip("[2001:db8::1]:443", 0);
    ck_assert_uint_eq(round_trip("[fe80::1]:443", 3).scope, 3);
}
END_TEST

/* RFC 4007 §6: the kernel tells a zone for other addresses too, but they have none. */
START_TEST(only_link_local_addresses_have_a_zone)
{
    ck_assert_uint_eq(round_trip("[2001:db8::1]:443", 3).scope, 0);
}
END_TEST

START_TEST(what_is_no_address_has_no_length)
{
    struct sockaddr_storage s;
    ck_assert_uint_eq(sockaddr_of(&(struct addr){0}, &s), 0);
    ck_assert_int_eq(s.ss_family, AF_UNSPEC);
    s.ss_family = AF_UNIX;
    ck_assert_int_eq(addr_of_sockaddr(&s).family, ADDR_NONE);
    ck_assert_int_eq(socket_local(-1).family, ADDR_NONE);
    ck_assert_int_eq(socket_remote(-1).family, ADDR_NONE);
}
END_TEST

SUITE("net sockaddr", addresses_survive_the_kernel_form, only_link_local_addresses_have_a_zone,
      what_is_no_address_has_no_length)
