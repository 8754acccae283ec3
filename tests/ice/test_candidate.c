#include "ice/candidate.h"

#include "tests/suite.h"

#include <string.h>

static enum err parse(struct candidate *c, const char *text)
{
    return candidate_parse(c, bytes_of(text), NULL);
}

START_TEST(what_browsers_write)
{
    struct candidate c;
    ck_assert_int_eq(parse(&c, "candidate:995210364 1 udp 2122194687 192.0.2.2 45412 typ host "
                               "generation 0 ufrag Cawo network-id 1 network-cost 10"),
                     OK);
    struct addr want = addr_ipv4(192, 0, 2, 2, 45412);
    ck_assert(addr_equal(&c.addr, &want) && c.name[0] == '\0');
    ck_assert(c.type == CANDIDATE_HOST && c.protocol == CANDIDATE_UDP && c.component == 1);
    ck_assert_uint_eq(c.priority, 2122194687);
    ck_assert_str_eq(c.foundation, "995210364");
    ck_assert_str_eq(c.ufrag, "Cawo");
    ck_assert(c.generation == 0 && c.network_id == 1);

    ck_assert_int_eq(parse(&c, "candidate:3 2 TCP 2105524478 fd00::2 9 typ host tcptype active"),
                     OK); /* Firefox */
    ck_assert(c.protocol == CANDIDATE_TCP && c.component == 2 && c.tcptype == TCPTYPE_ACTIVE);
    ck_assert(c.addr.family == ADDR_IPV6 && c.generation == -1 && c.network_id == -1);

    ck_assert_int_eq(parse(&c, "a=candidate:1 1 UDP 2122252543 "
                               "850d5f18-64af-482e-8519-90c243b5b123.local 50411 typ host"),
                     OK);
    ck_assert_str_eq(c.name, "850d5f18-64af-482e-8519-90c243b5b123.local");
    ck_assert(c.addr.family == ADDR_NONE && c.addr.port == 50411);
    ck_assert(candidate_is_local_name(c.name));
}
END_TEST

START_TEST(the_example_of_rfc8839) /* §5.1 */
{
    struct candidate c;
    ck_assert_int_eq(parse(&c, "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr "
                               "203.0.113.141 rport 8998"),
                     OK);
    struct addr related = addr_ipv4(203, 0, 113, 141, 8998);
    ck_assert(c.type == CANDIDATE_SRFLX && addr_equal(&c.related, &related));
}
END_TEST

START_TEST(written_and_read_again)
{
    static const char *const rows[] = {
        "candidate:1 1 udp 2130706431 192.0.2.1 1000 typ host",
        "candidate:a+/9 256 udp 1 2001:db8::1 65535 typ relay raddr :: rport 9",
        "candidate:1 1 tcp 7 192.0.2.1 9 typ prflx raddr :: rport 9 tcptype so ufrag x+/y",
        "candidate:1 1 udp 7 192.0.2.1 9 typ host generation 3 network-id 2",
        "candidate:1 1 udp 7 x.local 9 typ host tcptype passive"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct candidate c;
        char text[ICE_CANDIDATE_TEXT_MAX];
        struct writer w = writer_of(text, sizeof text);
        ck_assert_msg(parse(&c, rows[i]) == OK, "%s", rows[i]);
        candidate_write(&w, &c);
        ck_assert(bytes_is(writer_done(&w), rows[i]));
    }
}
END_TEST

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

START_TEST(what_breaks_the_grammar)
{
    static const struct {
        const char *text;
        enum err err;
        size_t offset;
    } rows[] = {
        {"", E_MALFORMED, 0},
        {"candidate:", E_MALFORMED, 10},
        {"candidate:1", E_MALFORMED, 11},
        {"candidate: 1 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 10},
        {"candidate:a:b 1 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 10},
        {"candidate:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 udp 1 192.0.2.1 9 typ host", E_MALFORMED,
         10},
        {"candidate:1 0 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 12},
        {"candidate:1 257 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 12},
        {"candidate:1 -1 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 12},
        {"candidate:1 0001 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 12},
        {"candidate:1 1 sctp 1 192.0.2.1 9 typ host", E_UNSUPPORTED, 14},
        {"candidate:1 1 udp 4294967296 192.0.2.1 9 typ host", E_MALFORMED, 18},
        {"candidate:1 1 udp 99999999999 192.0.2.1 9 typ host", E_MALFORMED, 18},
        {"candidate:1 1 udp 1x 192.0.2.1 9 typ host", E_MALFORMED, 18},
        {"candidate:1 1 udp 1 192.0.2.256 9 typ host", E_MALFORMED, 20},
        {"candidate:1 1 udp 1 [::1] 9 typ host", E_MALFORMED, 20},
        {"candidate:1 1 udp 1 ho_st 9 typ host", E_MALFORMED, 20},
        {"candidate:1 1 udp 1 " A64 A64 " 9 typ host", E_UNSUPPORTED, 20},
        {"candidate:1 1 udp 1 192.0.2.1 65536 typ host", E_MALFORMED, 30},
        {"candidate:1 1 udp 1 192.0.2.1 9", E_MALFORMED, 31},
        {"candidate:1 1 udp 1 192.0.2.1 9 type host", E_MALFORMED, 32},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ", E_MALFORMED, 35},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ hosts", E_UNSUPPORTED, 36},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ host raddr", E_MALFORMED, 46},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ host rport 70000", E_MALFORMED, 47},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag abc", E_MALFORMED, 47},
        {"candidate:1 1 udp 1 192.0.2.1 9 typ host\r", E_MALFORMED, 36},
        {"candidate:1  1 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 12},
        {"candidate:1\t1 udp 1 192.0.2.1 9 typ host", E_MALFORMED, 10},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct candidate c;
        struct fault fault;
        enum err err = candidate_parse(&c, bytes_of(rows[i].text), &fault);
        ck_assert_msg(err == rows[i].err && fault.err == err, "%s: %s", rows[i].text,
                      err_name(err));
        ck_assert_msg(fault.offset == rows[i].offset, "%s: offset %zu", rows[i].text, fault.offset);
        ck_assert_str_eq(fault.layer, "candidate");
    }
    struct candidate c;
    ck_assert_int_eq(
        candidate_parse(&c, (struct bytes){(const uint8_t *)"1 1 udp 1 192.0.2.1\0 9 typ host", 32},
                        NULL),
        E_MALFORMED);
}
END_TEST

START_TEST(unknown_extensions_are_ignored) /* RFC 8839 §5.1 */
{
    struct candidate c;
    ck_assert_int_eq(parse(&c, "1 1 udp 1 192.0.2.1 9 typ host foo bar tcptype weird generation x "
                               "network-id 99999999999 empty"),
                     OK);
    ck_assert(c.tcptype == TCPTYPE_NONE && c.generation == -1 && c.network_id == -1);
    ck_assert_int_eq(parse(&c, "1 1 udp 1 192.0.2.1 9 typ host "), OK); /* a blank at the end */
}
END_TEST

START_TEST(prefixes_never_read_further)
{
    static const char text[] = "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr "
                               "203.0.113.141 rport 8998 tcptype so generation 1 ufrag abcdef";
    for (size_t len = 0; len < sizeof text; len++) {
        uint8_t *copy = malloc(len ? len : 1);
        struct candidate c;
        struct fault fault;
        memcpy(copy, text, len);
        candidate_parse(&c, (struct bytes){copy, len}, &fault);
        ck_assert_uint_le(fault.offset, len);
        free(copy);
    }
}
END_TEST

START_TEST(priorities) /* RFC 8445 §5.1.2 */
{
    ck_assert_uint_eq(candidate_priority(CANDIDATE_HOST, 65535, 1), 2130706431);
    ck_assert_uint_eq(candidate_priority(CANDIDATE_SRFLX, 65535, 1), 1694498815); /* §15's */
    ck_assert_uint_gt(candidate_priority(CANDIDATE_PRFLX, 0, 1),
                      candidate_priority(CANDIDATE_SRFLX, 65535, 1));
    ck_assert_uint_eq(candidate_priority(CANDIDATE_RELAY, 0, 256), 0);
}
END_TEST

START_TEST(local_names)
{
    ck_assert(candidate_is_local_name("a.local") && candidate_is_local_name("A.LOCAL."));
    ck_assert(!candidate_is_local_name(".local") && !candidate_is_local_name("local"));
    ck_assert(!candidate_is_local_name("a.local.example.org") && !candidate_is_local_name(""));
    ck_assert(!candidate_is_local_name("alocal") && !candidate_is_local_name("example.org"));
    ck_assert_str_eq(candidate_type_name(CANDIDATE_PRFLX), "prflx");
}
END_TEST

SUITE("ice candidate", what_browsers_write, the_example_of_rfc8839, written_and_read_again,
      what_breaks_the_grammar, unknown_extensions_are_ignored, prefixes_never_read_further,
      priorities, local_names)
