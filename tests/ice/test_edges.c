/* Candidates that differ in one member alone; lines with characters at the edge of what is allowed.
 */
#include "ice/candidate.h"
#include "tests/ice/forge.h"
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

START_TEST(candidates_are_told)
{
    struct ice *ice = forge_agent(true);
    struct ice_candidate_info info[8];
    struct candidate c = forge_candidate("192.0.2.2:2000", 100), named = c;
    strcpy(named.name, "9e36eb7a-5a1b-4c1c-9c1e-000000000000.local");
    named.addr = (struct addr){.port = 2001};
    strcpy(named.foundation, "2");
    forge_known(ice, 0);
    ck_assert_uint_eq(ice_candidates(ice, true, info, COUNT(info)), 0);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_int_eq(ice_add_remote(ice, &named, 0), OK);
    ck_assert_uint_eq(ice_candidates(ice, true, info, COUNT(info)), 2);
    ck_assert(addr_equal(&info[0].addr, &c.addr) && info[0].name[0] == '\0');
    ck_assert_str_eq(info[1].name, named.name);
    ck_assert_uint_eq(ice_candidates(ice, true, info, 1), 1);
    size_t ours = ice_candidates(ice, false, info, COUNT(info));
    ck_assert_uint_ge(ours, 1);
    ck_assert_uint_eq(ice_candidates(ice, false, info, ours - 1), ours - 1);
    ice_free(ice);
}
END_TEST

SUITE("ice edges", candidates_are_told, candidates_differ_in_each_member, characters_at_the_edges)
