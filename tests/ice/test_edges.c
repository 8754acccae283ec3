/* Candidates that differ in one member alone; lines with characters at the edge of what is allowed.
 */
#include "ice/candidate.h"
#include "tests/suite.h"

#include <string.h>

#define LINE                                                                                       \
    "candidate:1 1 tcp 2130706431 192.0.2.1 9 typ srflx raddr 192.0.2.9 rport 7 tcptype active "   \
    "generation 0 ufrag abcd network-id 1"

static struct candidate parsed(const char *line)
{
    struct candidate c;
    struct fault fault;
    ck_assert_int_eq(candidate_parse(&c, bytes_of(line), &fault), OK);
    return c;
}

START_TEST(candidates_differ_in_each_member)
{
    struct candidate a = parsed(LINE), b = a;
    ck_assert(candidate_equal(&a, &b));
    b = a, b.related.port++;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.related = (struct addr){0};
    ck_assert(!candidate_equal(&a, &b) && !candidate_equal(&b, &a));
    b = a, b.type = CANDIDATE_RELAY;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.protocol = a.protocol == 0 ? 1 : 0;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.tcptype = a.tcptype + 1;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.component = 2;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.priority--;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.addr.port++;
    ck_assert(!candidate_equal(&a, &b));
    b = a, strcpy(b.name, "x.local");
    ck_assert(!candidate_equal(&a, &b));
    b = a, strcpy(b.foundation, "2");
    ck_assert(!candidate_equal(&a, &b));
    b = a, strcpy(b.ufrag, "abce");
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.generation = 1;
    ck_assert(!candidate_equal(&a, &b));
    b = a, b.network_id = 2;
    ck_assert(!candidate_equal(&a, &b));
}
END_TEST

START_TEST(characters_at_the_edges)
{
    struct candidate c;
    struct fault fault;
    char line[200];
    /* ice-char: ALPHA / DIGIT / "+" / "/" (RFC 8839 5.1) */
    static const char good[] = "azAZ09+/", bad[] = "`{@[:.,-";
    for (size_t i = 0; i < 8; i++) {
        snprintf(line, sizeof line, "candidate:1%c 1 udp 1 192.0.2.1 5000 typ host", good[i]);
        ck_assert_int_eq(candidate_parse(&c, bytes_of(line), &fault), OK);
        snprintf(line, sizeof line, "candidate:1%c 1 udp 1 192.0.2.1 5000 typ host", bad[i]);
        ck_assert_int_eq(candidate_parse(&c, bytes_of(line), &fault), E_MALFORMED);
    }
    ck_assert_int_eq(
        candidate_parse(&c, bytes_of("candidate:1 1 udp 1 192.0.2.1 5000 typ host\x7f"), &fault),
        E_MALFORMED);
    ck_assert_int_eq(
        candidate_parse(&c, bytes_of("candidate:1 1 udp 1 192.0.2.1 5000 typ host x\ty"), &fault),
        E_MALFORMED);
    /* raddr may be a name: it is read over, not kept. */
    ck_assert_int_eq(
        candidate_parse(&c,
                        bytes_of("candidate:1 1 udp 1 192.0.2.1 5000 typ srflx raddr a.local rport "
                                 "9"),
                        &fault),
        OK);
    ck_assert_str_eq(candidate_type_name((enum candidate_type)77), "unknown");
}
END_TEST

SUITE("ice edges", candidates_differ_in_each_member, characters_at_the_edges)
