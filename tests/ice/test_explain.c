#include "ice/explain.h"

#include "tests/explained.h"

static struct explain *explained(const char *line)
{
    struct bytes message = bytes_of(line);
    struct explain *x = explain_new("candidate", message);
    candidate_explain(x, message);
    explained_is_sound(x);
    return x;
}

START_TEST(a_server_reflexive_one)
{
    struct explain *x =
        explained("a=candidate:842163049 1 udp 1677729535 203.0.113.5 46154 typ srflx "
                  "raddr 10.0.0.5 rport 46154 generation 0 ufrag 9Vhk network-id 2 "
                  "network-cost 999\r\n");
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_text(x, "foundation", "842163049");
    explained_number(x, "component", 1);
    explained_text(x, "protocol", "udp");
    explained_number(x, "priority", 1677729535);
    explained_text(x, "address", "203.0.113.5");
    explained_number(x, "port", 46154);
    explained_text(x, "candidateType", "srflx");
    explained_text(x, "relatedAddress", "10.0.0.5");
    explained_number(x, "relatedPort", 46154);
    explained_text(x, "usernameFragment", "9Vhk");
    explained_number(x, "generation", 0);
    explained_number(x, "networkId", 2);
    explained_absent(x, "tcpType");
    const struct explain_field *f = explained_field(x, "foundation");
    ck_assert(f->offset == 12 && f->raw.len == 9);
    f = explained_field(x, "extension");
    ck_assert(bytes_is(f->value, "raddr 10.0.0.5"));
    ck_assert_uint_eq(explain_field_count(x), 8 + 6);
    ck_assert(explained_summary_has(x, "srflx candidate, UDP 203.0.113.5 port 46154"));
    explain_free(x);
}
END_TEST

START_TEST(names_tcp_and_the_bare_value)
{
    struct explain *x = explained("1 1 tcp 1518280447 0a1b2c3d-0000-4000-8000-00000000abcd.local 9 "
                                  "typ host tcptype active");
    explained_text(x, "address", "0a1b2c3d-0000-4000-8000-00000000abcd.local");
    explained_text(x, "protocol", "tcp");
    explained_text(x, "tcpType", "active");
    explained_absent(x, "relatedAddress");
    ck_assert(explained_field(x, "address")->meaning.len > 0);
    explain_free(x);
}
END_TEST

/* RFC 8839 §5.1: any name may stand for an address; only those of multicast DNS end in .local. */
START_TEST(rtcp_and_a_name_of_dns)
{
    struct explain *x = explained("candidate:1 2 udp 5 turn.example.org 9 typ relay");
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "component", 2);
    explained_text(x, "address", "turn.example.org");
    ck_assert(bytes_is(explained_field(x, "component")->meaning, "RTCP"));
    ck_assert_uint_eq(explained_field(x, "address")->meaning.len, 0);
    explain_free(x);
}
END_TEST

START_TEST(what_is_refused_says_where)
{
    struct explain *x = explained("candidate:1 1 udp 99999999999 192.0.2.1 9 typ host");
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_fault(x)->offset, 18);
    ck_assert_uint_eq(explain_field_count(x), 3); /* what came before it */
    ck_assert_uint_eq(explain_member_count(x), 0);
    explain_free(x);
    x = explained("candidate:1 1 sctp 1 192.0.2.1 9 typ host");
    ck_assert_int_eq(explain_fault(x)->err, E_UNSUPPORTED);
    explain_free(x);
    static const char good[] = "candidate:1 1 udp 5 192.0.2.1 9 typ host raddr 10.0.0.1 rport 9";
    for (size_t len = 0; len < sizeof good; len++) {
        char part[sizeof good];
        bytes_to_text(bytes_slice(bytes_of(good), 0, len), part, sizeof part);
        explain_free(explained(part));
    }
}
END_TEST

SUITE("ice explain", a_server_reflexive_one, names_tcp_and_the_bare_value, rtcp_and_a_name_of_dns,
      what_is_refused_says_where)
