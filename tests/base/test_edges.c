/* Writers and texts at their bounds, and addresses of each kind. */
#include "base/addr.h"
#include "base/bytes.h"
#include "tests/suite.h"

START_TEST(texts_without_room)
{
    char none[1] = {'x'}, to[4];
    ck_assert_ptr_eq(bytes_to_text(bytes_of("abc"), none, 0), none);
    ck_assert_int_eq(none[0], 'x');
    ck_assert_str_eq(bytes_to_text(bytes_of("abcdef"), to, sizeof to), "abc");
    ck_assert_str_eq(bytes_to_text((struct bytes){NULL, 0}, to, sizeof to), "");
}
END_TEST

START_TEST(what_is_too_long_to_be_formatted)
{
    static char space[2048];
    struct writer w = writer_of(space, sizeof space);
    write_format(&w, "%1500d", 1);
    ck_assert_int_eq(w.err, E_FULL);
    w = writer_of(space, sizeof space);
    write_u32(&w, 0);
    write_u16_at(&w, 3, 1);
    ck_assert_int_eq(w.err, E_FULL);
    w = writer_of(space, sizeof space);
    write_u32(&w, 0);
    write_u16_at(&w, 5, 1);
    ck_assert_int_eq(w.err, E_FULL);
    write_u16_at(&w, 0, 1);
    ck_assert_int_eq(w.err, E_FULL);
}
END_TEST

START_TEST(addresses_of_each_kind)
{
    char text[ADDR_TEXT_MAX];
    struct addr none = {0}, v4 = addr_ipv4(169, 254, 1, 1, 1), v6, mapped, link, multi;
    ck_assert(addr_parse_ip(bytes_of("::1"), &v6));
    ck_assert(addr_parse_ip(bytes_of("fe80::1"), &link));
    ck_assert(addr_parse_ip(bytes_of("ff02::fb"), &multi));
    ck_assert(addr_parse_ip(bytes_of("2001:db8::1"), &mapped));
    ck_assert_str_eq(addr_ip_text(&none, text), "none");
    ck_assert(addr_is_loopback(&v6) && !addr_is_loopback(&none) && !addr_is_loopback(&mapped));
    ck_assert(addr_is_link_local(&v4) && addr_is_link_local(&link) && !addr_is_link_local(&none) &&
              !addr_is_link_local(&multi));
    v4.ip[1] = 253;
    ck_assert(!addr_is_link_local(&v4));
    ck_assert(addr_is_multicast(&multi) && !addr_is_multicast(&none) && !addr_is_multicast(&link));
}
END_TEST

SUITE("base edges", texts_without_room, what_is_too_long_to_be_formatted, addresses_of_each_kind)
