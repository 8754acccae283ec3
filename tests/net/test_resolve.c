#include "net/resolve.h"

#include "tests/net/dnsanswer.h"

#include <string.h>

static struct addr server(uint8_t n)
{
    return addr_ipv4(192, 0, 2, n, 53);
}

static struct resolve *resolver(size_t servers)
{
    struct resolve_config cfg = {.server_count = servers,
                                 .hosts = bytes_of("192.0.2.99 printer\n192.0.2.98 x.local\n")};
    for (size_t i = 0; i < servers; i++) cfg.servers[i] = server((uint8_t)(1 + i));
    rng_init_number(&cfg.rng, 42);
    struct resolve *r = resolve_new(&cfg);
    ck_assert_ptr_nonnull(r);
    return r;
}

static void ask(struct resolve *r, uint64_t token, const char *name, usec now)
{
    ck_assert_int_eq(resolve_ask(r, token, bytes_of(name), now), OK);
}

/* Takes the two queries of a try. */
static void queries(struct resolve *r, struct packet q[2], usec now)
{
    ck_assert(resolve_output(r, &q[0], now));
    ck_assert(resolve_output(r, &q[1], now));
    struct packet none;
    ck_assert(!resolve_output(r, &none, now));
}

static void answer(struct resolve *r, const struct packet *query, struct dns_zone zone, usec now)
{
    struct packet p;
    dns_answer(query, &zone, &p);
    ck_assert_int_eq(resolve_input(r, &p, now), OK);
}

static struct name_event event(struct resolve *r)
{
    struct name_event ev;
    ck_assert(resolve_event(r, &ev));
    return ev;
}

static void ck_addr(const struct addr *a, const char *text)
{
    char got[ADDR_TEXT_MAX];
    ck_assert_str_eq(addr_ip_text(a, got), text);
}

START_TEST(both_families_in_one_answer)
{
    struct resolve *r = resolver(1);
    struct packet q[2];
    char name[NAME_MAX_LEN + 1];
    ask(r, 7, "Host.Example.org.", 0);
    queries(r, q, 0);
    ck_assert(addr_equal(&q[0].route.remote,
                         &(struct addr){.family = ADDR_IPV4, .port = 53, .ip = {192, 0, 2, 1}}));
    ck_assert_uint_eq(dns_asked(&q[0], name), DNS_AAAA);
    ck_assert_str_eq(name, "Host.Example.org");
    ck_assert_uint_eq(dns_asked(&q[1], name), DNS_A);
    ck_assert_int_ne(memcmp(q[0].at, q[1].at, 2), 0); /* ids of their own */
    struct dns_zone zone = {.v4 = "192.0.2.7", .v6 = "2001:db8::7"};
    answer(r, &q[1], zone, MS(10));
    ck_assert_uint_eq(resolve_pending(r), 1);
    answer(r, &q[0], zone, MS(20));
    struct name_event ev = event(r);
    ck_assert_uint_eq(ev.token, 7);
    ck_assert_str_eq(ev.name, "Host.Example.org");
    ck_assert_uint_eq(ev.count, 2);
    ck_addr(&ev.addrs[0], "2001:db8::7"); /* RFC 8305 §4, though it came second */
    ck_addr(&ev.addrs[1], "192.0.2.7");
    ck_assert_uint_eq(resolve_pending(r), 0);
    ck_assert_int_eq(resolve_deadline(r), TIME_NEVER);
    resolve_free(r);
}
END_TEST

START_TEST(one_family_waits_for_the_other_a_moment)
{
    struct resolve *r = resolver(1);
    struct packet q[2];
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    answer(r, &q[1], (struct dns_zone){.v4 = "192.0.2.7"}, MS(10));
    ck_assert_int_eq(resolve_deadline(r), MS(60)); /* RFC 8305 §3: 50 ms */
    resolve_tick(r, MS(59));
    ck_assert_uint_eq(resolve_pending(r), 1);
    resolve_tick(r, MS(60));
    struct name_event ev = event(r);
    ck_assert_uint_eq(ev.count, 1);

    ask(r, 2, "host.example.org", 0);
    queries(r, q, 0);
    answer(r, &q[0], (struct dns_zone){.code = DNS_NOERROR}, MS(10)); /* no AAAA */
    answer(r, &q[1], (struct dns_zone){.v4 = "192.0.2.7"}, MS(20));
    ev = event(r); /* nothing to wait for */
    ck_assert_uint_eq(ev.count, 1);
    resolve_free(r);
}
END_TEST

START_TEST(aliases_are_followed)
{
    struct resolve *r = resolver(1);
    struct packet q[2];
    struct dns_zone zone = {.alias = "real.example.net", .v4 = "192.0.2.7"};
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    answer(r, &q[0], zone, 0);
    answer(r, &q[1], zone, 0);
    struct name_event ev = event(r);
    ck_assert_uint_eq(ev.count, 1);
    ck_addr(&ev.addrs[0], "192.0.2.7");
    resolve_free(r);
}
END_TEST

START_TEST(an_alias_of_itself_ends)
{
    struct resolve *r = resolver(1);
    struct packet q[2];
    struct dns_zone zone = {.alias = "host.example.org"};
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    answer(r, &q[0], zone, 0);
    answer(r, &q[1], zone, 0);
    struct name_event ev = event(r);
    ck_assert_uint_eq(ev.count, 0);
    ck_assert_str_eq(ev.fault.rule, "the host name has no address");
    resolve_free(r);
}
END_TEST

/* Addresses of other names in the answer are not believed. */
START_TEST(strangers_in_the_answer_are_left_out)
{
    struct resolve *r = resolver(1);
    struct packet q[2], p;
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    for (int i = 0; i < 2; i++) {
        struct reader id = reader_of(packet_bytes(&q[i]));
        struct addr a = addr_ipv4(203, 0, 113, 1, 0);
        packet_reset(&p);
        struct writer w = packet_writer(&p);
        struct dns_counts counts = {.questions = 1, .answers = 1, .additionals = 1};
        dns_write_header(&w, read_u16(&id), DNS_RESPONSE, counts);
        dns_write_question(&w, bytes_of("host.example.org"), i ? DNS_A : DNS_AAAA, DNS_IN);
        dns_write_addr(&w, bytes_of("other.example.org"), DNS_IN, 60, &a);
        dns_write_addr(&w, bytes_of("host.example.org"), DNS_IN, 60, &a); /* additional: glue */
        p.len = writer_len(&w);
        p.route.remote = server(1);
        ck_assert_int_eq(resolve_input(r, &p, 0), OK);
    }
    ck_assert_uint_eq(event(r).count, 0);
    resolve_free(r);
}
END_TEST

/* RFC 5452 §9.1: id, question, server's address and port must all be those of a query of ours. */
START_TEST(forged_answers_change_nothing)
{
    struct resolve *r = resolver(2);
    struct packet q[2], good, bad;
    struct dns_zone zone = {.v4 = "203.0.113.1", .v6 = "2001:db8::bad"};
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    dns_answer(&q[0], &zone, &good);
    packet_copy(&bad, &good);
    bad.at[1] ^= 1;
    ck_assert_int_eq(resolve_input(r, &bad, 0), E_AUTH);
    packet_copy(&bad, &good);
    bad.route.remote.port = 54;
    ck_assert_int_eq(resolve_input(r, &bad, 0), E_AUTH);
    packet_copy(&bad, &good);
    bad.route.remote = server(2); /* ours, but not asked yet */
    ck_assert_int_eq(resolve_input(r, &bad, 0), E_AUTH);
    packet_copy(&bad, &good);
    bad.at[13] ^= 1; /* another name in the question */
    ck_assert_int_eq(resolve_input(r, &bad, 0), E_AUTH);
    packet_copy(&bad, &q[0]); /* our own query come back */
    ck_assert_int_eq(resolve_input(r, &bad, 0), E_MALFORMED);
    ck_assert_ptr_nonnull(resolve_fault(r)->rule);
    ck_assert_uint_eq(resolve_counters(r).refused, 5);
    ck_assert_uint_eq(resolve_pending(r), 1);
    ck_assert_int_eq(resolve_input(r, &good, 0), OK);
    ck_assert_int_eq(resolve_input(r, &good, 0), E_AUTH); /* once only */
    resolve_free(r);
}
END_TEST

START_TEST(silent_servers_take_turns_and_the_end_comes)
{
    static const int at[] = {0, 1, 2, 4, 6}; /* seconds */
    struct resolve *r = resolver(2);
    struct packet q[2];
    ask(r, 1, "host.example.org", 0);
    for (size_t i = 0; i < COUNT(at); i++) {
        resolve_tick(r, SEC(at[i]) - 1);
        resolve_tick(r, SEC(at[i]));
        queries(r, q, SEC(at[i]));
        struct addr want = server((uint8_t)(1 + i % 2));
        ck_assert(addr_equal(&q[0].route.remote, &want));
    }
    ck_assert_int_eq(resolve_deadline(r), SEC(10));
    resolve_tick(r, SEC(10));
    ck_assert_str_eq(event(r).fault.rule, "no name server answered");
    ck_assert_uint_eq(resolve_counters(r).sent, 10);
    resolve_free(r);
}
END_TEST

START_TEST(a_slow_server_may_answer_an_earlier_try)
{
    struct resolve *r = resolver(2);
    struct packet first[2], second[2];
    ask(r, 1, "host.example.org", 0);
    queries(r, first, 0);
    resolve_tick(r, SEC(1));
    queries(r, second, SEC(1));
    answer(r, &first[0], (struct dns_zone){.v6 = "2001:db8::7"}, MS(1500));
    answer(r, &second[1], (struct dns_zone){.v4 = "192.0.2.7"}, MS(1501));
    ck_assert_uint_eq(event(r).count, 2);
    resolve_free(r);
}
END_TEST

START_TEST(failing_servers_are_passed_over)
{
    struct resolve *r = resolver(2);
    struct packet q[2];
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    answer(r, &q[0], (struct dns_zone){.code = DNS_SERVFAIL}, MS(5));
    ck_assert_int_eq(resolve_deadline(r), MS(5));
    resolve_tick(r, MS(5));
    queries(r, q, MS(5));
    struct addr want = server(2);
    ck_assert(addr_equal(&q[0].route.remote, &want));
    answer(r, &q[0], (struct dns_zone){.code = DNS_NXDOMAIN}, MS(6));
    ck_assert_str_eq(event(r).fault.rule, "no such host name");
    resolve_free(r);
}
END_TEST

/* The halves of a refusal are two datagrams: the second one does not end the next server's turn. */
START_TEST(a_refusal_in_two_halves_is_one)
{
    struct resolve *r = resolver(2);
    struct packet broken[2], good[2];
    ask(r, 1, "stun.example.org", 0);
    queries(r, broken, 0);
    answer(r, &broken[0], (struct dns_zone){.code = DNS_SERVFAIL}, MS(5));
    resolve_tick(r, MS(5));
    queries(r, good, MS(5));
    answer(r, &broken[1], (struct dns_zone){.code = DNS_SERVFAIL}, MS(6));
    resolve_tick(r, MS(6));
    struct packet none;
    ck_assert(!resolve_output(r, &none, MS(6)));
    answer(r, &good[0], (struct dns_zone){.v4 = "192.0.2.7"}, MS(100));
    answer(r, &good[1], (struct dns_zone){.v4 = "192.0.2.7"}, MS(100));
    resolve_tick(r, MS(100));
    struct name_event ev = event(r);
    ck_assert_uint_eq(ev.count, 1);
    ck_addr(&ev.addrs[0], "192.0.2.7");
    resolve_free(r);
}
END_TEST

START_TEST(servers_without_edns_are_asked_again_without)
{
    struct resolve *r = resolver(1);
    struct packet q[2];
    struct dns_msg m;
    ask(r, 1, "host.example.org", 0);
    queries(r, q, 0);
    ck_assert_int_eq(dns_parse(&m, packet_bytes(&q[0])), OK);
    ck_assert_uint_eq(m.additionals, 1);
    answer(r, &q[0], (struct dns_zone){.code = DNS_FORMERR}, MS(5));
    resolve_tick(r, MS(5));
    queries(r, q, MS(5));
    ck_assert_int_eq(dns_parse(&m, packet_bytes(&q[0])), OK);
    ck_assert_uint_eq(m.additionals, 0);
    resolve_free(r);
}
END_TEST

START_TEST(some_names_need_no_server)
{
    struct resolve *r = resolver(0);
    struct packet none;
    static const char *const names[][2] = {{"192.0.2.5", "192.0.2.5"},
                                           {"2001:db8::5", "2001:db8::5"},
                                           {"localhost", "::1"},
                                           {"a.LOCALHOST.", "::1"},
                                           {"PRINTER", "192.0.2.99"}};
    for (size_t i = 0; i < COUNT(names); i++) {
        ask(r, i, names[i][0], 0);
        struct name_event ev = event(r);
        ck_assert_uint_eq(ev.token, i);
        ck_assert_uint_gt(ev.count, 0);
        ck_addr(&ev.addrs[0], names[i][1]);
    }
    ask(r, 9, "host.example.org", 0);
    ck_assert_str_eq(event(r).fault.rule, "no name server is configured (/etc/resolv.conf)");
    ck_assert(!resolve_output(r, &none, 0));
    resolve_free(r);
}
END_TEST

/* Invariant 16: a `.local` name never becomes a DNS query, in whatever spelling, not even when
 * /etc/hosts has it. */
START_TEST(inv_16_local_names_never_reach_a_server)
{
    static const char *const names[] = {"3e9dd9b7-5d1b-4ac5-8b3d-cd9c1d2a3f4b.local", "x.LOCAL",
                                        "x.local.", "local", "a.b.c.Local."};
    struct resolve *r = resolver(1);
    struct packet none;
    struct name_event ev;
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(resolve_ask(r, 1, bytes_of(names[i]), 0), E_UNSUPPORTED);
    ck_assert(!resolve_output(r, &none, 0));
    ck_assert(!resolve_event(r, &ev));
    ck_assert_uint_eq(resolve_counters(r).sent, 0);
    resolve_free(r);
}
END_TEST

START_TEST(bad_names_and_too_many_are_refused)
{
    struct resolve *r = resolver(1);
    struct packet p;
    ck_assert_int_eq(resolve_ask(r, 1, bytes_of(""), 0), E_MALFORMED);
    ck_assert_int_eq(resolve_ask(r, 1, bytes_of("a b"), 0), E_MALFORMED);
    for (int i = 0; i < RESOLVE_NAMES_MAX; i++) /* half are events at once */
        ask(r, (uint64_t)(i % 4), i % 2 ? "127.0.0.1" : "host.example.org", 0);
    ck_assert_int_eq(resolve_ask(r, 1, bytes_of("127.0.0.1"), 0), E_FULL);
    resolve_forget(r, 0);
    resolve_forget(r, 1);
    for (int i = 0; i < RESOLVE_NAMES_MAX / 2; i++) ask(r, 5, "127.0.0.1", 0);
    ck_assert_int_eq(resolve_ask(r, 1, bytes_of("127.0.0.1"), 0), E_FULL);
    int sent = 0, events = 0;
    while (resolve_output(r, &p, 0)) sent++;
    for (struct name_event ev; resolve_event(r, &ev); events++) ck_assert_uint_ge(ev.token, 2);
    ck_assert_int_eq(sent, 2 * RESOLVE_NAMES_MAX / 4);
    ck_assert_int_eq(events, 3 * RESOLVE_NAMES_MAX / 4);
    resolve_free(r);
    resolve_free(NULL);
}
END_TEST

SUITE("net resolve", both_families_in_one_answer, one_family_waits_for_the_other_a_moment,
      aliases_are_followed, an_alias_of_itself_ends, strangers_in_the_answer_are_left_out,
      forged_answers_change_nothing, silent_servers_take_turns_and_the_end_comes,
      a_slow_server_may_answer_an_earlier_try, failing_servers_are_passed_over,
      a_refusal_in_two_halves_is_one, servers_without_edns_are_asked_again_without,
      some_names_need_no_server, inv_16_local_names_never_reach_a_server,
      bad_names_and_too_many_are_refused)
