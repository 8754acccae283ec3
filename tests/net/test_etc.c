#include "net/etc.h"

#include "tests/suite.h"

START_TEST(name_servers_in_order)
{
    struct addr s[3];
    char text[ADDR_TEXT_MAX];
    struct bytes conf = bytes_of("# made by hand\n"
                                 "search example.org\n"
                                 "nameserver 192.0.2.53\r\n"
                                 "\tnameserver\t2001:db8::53 # second\n"
                                 "nameserver not-an-address\n"
                                 "nameserver\n"
                                 "nameserver fe80::1%7\n"
                                 "nameserver 192.0.2.54");
    ck_assert_uint_eq(etc_nameservers(conf, s, 3), 3);
    ck_assert_str_eq(addr_text(&s[0], text), "192.0.2.53:53");
    ck_assert_str_eq(addr_text(&s[1], text), "[2001:db8::53]:53");
    ck_assert_str_eq(addr_text(&s[2], text), "[fe80::1]:53");
    ck_assert_uint_eq(s[2].scope, 7);
    ck_assert_uint_eq(etc_nameservers(conf, s, 1), 1);
    ck_assert_uint_eq(etc_nameservers((struct bytes){NULL, 0}, s, 3), 0);
    ck_assert_uint_eq(etc_nameservers(bytes_of("nameserver 192.0.2.1%eth0"), s, 3), 0);
}
END_TEST

START_TEST(hosts_by_name_and_alias)
{
    struct addr a[4];
    char text[ADDR_TEXT_MAX];
    struct bytes hosts = bytes_of("127.0.0.1 localhost\n"
                                  "192.0.2.1\tserver.example.org server # here\n"
                                  "not-an-address server\n"
                                  "# 192.0.2.9 server\n"
                                  "2001:db8::1 SERVER");
    ck_assert_uint_eq(etc_hosts_find(hosts, bytes_of("server"), a, 4), 2);
    ck_assert_str_eq(addr_ip_text(&a[0], text), "192.0.2.1");
    ck_assert_str_eq(addr_ip_text(&a[1], text), "2001:db8::1");
    ck_assert_uint_eq(a[0].port, 0);
    ck_assert_uint_eq(etc_hosts_find(hosts, bytes_of("server.example.org."), a, 4), 1);
    ck_assert_uint_eq(etc_hosts_find(hosts, bytes_of("server"), a, 1), 1);
    ck_assert_uint_eq(etc_hosts_find(hosts, bytes_of("here"), a, 4), 0);
    ck_assert_uint_eq(etc_hosts_find(hosts, bytes_of(""), a, 4), 0);
    ck_assert_uint_eq(etc_hosts_find((struct bytes){NULL, 0}, bytes_of("server"), a, 4), 0);
}
END_TEST

SUITE("net etc", name_servers_in_order, hosts_by_name_and_alias)
