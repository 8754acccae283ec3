#include "net/mdns.h"

#include "net/dnsmsg.h"
#include "tests/suite.h"

#include <malloc.h>
#include <string.h>

#define NAME "3e9dd9b7-5d1b-4ac5-8b3d-cd9c1d2a3f4b.local"

static struct mdns *asking(const char *name)
{
    struct mdns *m = mdns_new();
    ck_assert_ptr_nonnull(m);
    if (name) ck_assert_int_eq(mdns_ask(m, 7, bytes_of(name), 0), OK);
    return m;
}

/* A responder's packet: `name` has the given addresses (NULL: none). */
static void response(struct packet *p, const char *name, const char *v4, const char *v6)
{
    struct addr a;
    packet_reset(p);
    struct writer w = packet_writer(p);
    struct dns_counts counts = {.answers = (uint16_t)((v4 != NULL) + (v6 != NULL))};
    dns_write_header(&w, 0, DNS_RESPONSE | DNS_AUTHORITATIVE, counts);
    if (v4 && addr_parse_ip(bytes_of(v4), &a))
        dns_write_addr(&w, bytes_of(name), 0x8000 | DNS_IN, 120, &a);
    if (v6 && addr_parse_ip(bytes_of(v6), &a))
        dns_write_addr(&w, bytes_of(name), 0x8000 | DNS_IN, 120, &a);
    p->len = writer_len(&w);
    p->route.remote = addr_ipv4(192, 0, 2, 9, MDNS_PORT);
}

static size_t drain(struct mdns *m, usec now)
{
    struct packet p;
    size_t n = 0;
    while (mdns_output(m, &p, now)) n++;
    return n;
}

static void ck_addr(const struct addr *a, const char *text)
{
    char got[ADDR_TEXT_MAX];
    ck_assert_str_eq(addr_ip_text(a, got), text);
}

START_TEST(one_packet_asks_both_families_of_both_groups)
{
    struct mdns *m = asking(NAME ".");
    struct packet p;
    for (int v6 = 0; v6 < 2; v6++) {
        struct dns_msg msg;
        struct dns_question q;
        ck_assert(mdns_output(m, &p, 0));
        struct addr group = mdns_group(v6 ? ADDR_IPV6 : ADDR_IPV4);
        ck_assert(addr_equal(&p.route.remote, &group));
        ck_assert_int_eq(dns_parse(&msg, packet_bytes(&p)), OK);
        ck_assert_uint_eq(msg.id, 0);    /* RFC 6762 §18.1 */
        ck_assert_uint_eq(msg.flags, 0); /* §18.2 to 18.11 */
        ck_assert_uint_eq(msg.questions, 2);
        struct dns_walk walk = dns_walk_of(&msg);
        for (int i = 0; i < 2; i++) {
            ck_assert(dns_next_question(&walk, &q));
            ck_assert_uint_eq(q.type, i ? DNS_AAAA : DNS_A);
            ck_assert_uint_eq(q.class, DNS_IN); /* no unicast answer wanted: §5.4 */
            ck_assert(dns_name_equal(&msg, q.name, bytes_of(NAME)));
        }
    }
    ck_assert(!mdns_output(m, &p, 0));
    mdns_free(m);
    mdns_free(NULL);
}
END_TEST

START_TEST(answers_end_the_question)
{
    struct mdns *m = asking(NAME);
    struct name_event ev;
    struct packet p;
    response(&p, "3E9DD9B7-5d1b-4ac5-8b3d-cd9c1d2a3f4b.LOCAL", "192.0.2.7", "2001:db8::7");
    drain(m, 0);
    ck_assert_int_eq(mdns_input(m, &p, MS(6)), OK);
    ck_assert(mdns_event(m, &ev));
    ck_assert_uint_eq(ev.token, 7);
    ck_assert_str_eq(ev.name, NAME);
    ck_assert_uint_eq(ev.count, 2);
    ck_addr(&ev.addrs[0], "2001:db8::7");
    ck_addr(&ev.addrs[1], "192.0.2.7");
    ck_assert(!mdns_event(m, &ev));
    ck_assert_uint_eq(mdns_pending(m), 0);
    ck_assert_int_eq(mdns_deadline(m), TIME_NEVER);
    ck_assert_int_eq(mdns_input(m, &p, MS(7)), OK); /* late and double: harmless */
    ck_assert(!mdns_event(m, &ev));
    mdns_free(m);
}
END_TEST

START_TEST(two_calls_may_ask_the_same_name)
{
    struct mdns *m = asking(NAME);
    struct name_event ev;
    ck_assert_int_eq(mdns_ask(m, 8, bytes_of(NAME), 0), OK);
    struct packet p;
    response(&p, NAME, "192.0.2.7", NULL);
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    ck_assert(mdns_event(m, &ev) && ev.token == 7 && ev.count == 1);
    ck_assert(mdns_event(m, &ev) && ev.token == 8 && ev.count == 1);
    mdns_free(m);
}
END_TEST

START_TEST(link_local_addresses_keep_the_interface)
{
    struct mdns *m = asking(NAME);
    struct name_event ev;
    struct packet p;
    response(&p, NAME, NULL, "fe80::7");
    p.route.remote = (struct addr){
        .family = ADDR_IPV6, .port = MDNS_PORT, .scope = 4, .ip = {0xfe, 0x80, [15] = 9}};
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    ck_assert(mdns_event(m, &ev));
    ck_assert_uint_eq(ev.addrs[0].scope, 4);
    mdns_free(m);
}
END_TEST

START_TEST(questions_are_repeated_and_given_up)
{
    static const int at[] = {0, 1, 3}; /* seconds: RFC 6762 §5.2 */
    struct mdns *m = asking(NAME);
    struct name_event ev;
    for (size_t i = 0; i < COUNT(at); i++) {
        mdns_tick(m, SEC(at[i]) - 1);
        ck_assert_uint_eq(drain(m, SEC(at[i]) - 1), i == 0 ? 2 : 0);
        mdns_tick(m, SEC(at[i]));
        ck_assert_uint_eq(drain(m, SEC(at[i])), i == 0 ? 0 : 2);
    }
    ck_assert_int_eq(mdns_deadline(m), MDNS_GIVE_UP_US);
    mdns_tick(m, MDNS_GIVE_UP_US);
    ck_assert(mdns_event(m, &ev));
    ck_assert_uint_eq(ev.count, 0);
    ck_assert_str_eq(ev.fault.rule, "nobody on this network has that name");
    ck_assert_uint_eq(mdns_counters(m).sent, 6);
    mdns_free(m);
}
END_TEST

/* RFC 6762 §6: not from port 5353; §18.3, §18.11: opcodes and codes; §10.1: goodbyes. */
START_TEST(what_is_no_answer_is_ignored)
{
    struct mdns *m = asking(NAME);
    struct name_event ev;
    struct packet good, p;
    response(&good, NAME, "192.0.2.7", NULL);
    packet_copy(&p, &good);
    p.route.remote.port = 5354;
    ck_assert_int_eq(mdns_input(m, &p, 0), E_AUTH);
    packet_copy(&p, &good);
    p.at[2] &= 0x7f; /* a query */
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    packet_copy(&p, &good);
    p.at[3] |= 3;
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    packet_copy(&p, &good);
    memset(p.at + p.len - 10, 0, 4); /* the TTL before length and address */
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    struct packet other;
    response(&other, "other.local", "192.0.2.7", NULL);
    ck_assert_int_eq(mdns_input(m, &other, 0), OK);
    for (size_t len = 0; len < good.len; len++) {
        packet_set(&p, (struct bytes){good.at, len});
        p.route = good.route;
        ck_assert_int_ne(mdns_input(m, &p, 0), OK);
        ck_assert_ptr_nonnull(mdns_fault(m)->rule);
    }
    ck_assert(!mdns_event(m, &ev));
    ck_assert_uint_eq(mdns_counters(m).ignored, 4);
    ck_assert_uint_eq(mdns_counters(m).refused, 1 + good.len);
    ck_assert_uint_eq(mdns_pending(m), 1);
    mdns_free(m);
}
END_TEST

/* Invariant 16: only `.local` names are asked here. */
START_TEST(inv_16_other_names_are_not_asked)
{
    struct mdns *m = asking(NULL);
    ck_assert_int_eq(mdns_ask(m, 1, bytes_of("example.org"), 0), E_UNSUPPORTED);
    ck_assert_int_eq(mdns_ask(m, 1, bytes_of("x.local.example.org"), 0), E_UNSUPPORTED);
    ck_assert_int_eq(mdns_ask(m, 1, bytes_of("192.0.2.1"), 0), E_UNSUPPORTED);
    ck_assert_int_eq(mdns_ask(m, 1, bytes_of(""), 0), E_MALFORMED);
    ck_assert_uint_eq(drain(m, 0), 0);
    mdns_free(m);
}
END_TEST

/* Invariant 17: a call's questions are capped, and so are all together. */
START_TEST(inv_17_questions_are_capped)
{
    struct mdns *m = asking(NULL);
    struct name_event ev;
    char name[64];
    for (int i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "name-%d.local", i);
        enum err want = i < MDNS_NAMES_PER_TOKEN ? OK : E_FULL;
        ck_assert_int_eq(mdns_ask(m, 1, bytes_of(name), 0), want);
    }
    ck_assert_uint_eq(drain(m, 0), 2 * MDNS_NAMES_PER_TOKEN);
    for (uint64_t i = MDNS_NAMES_PER_TOKEN; i < MDNS_NAMES_MAX; i++)
        ck_assert_int_eq(mdns_ask(m, 100 + i, bytes_of(NAME), 0), OK);
    ck_assert_int_eq(mdns_ask(m, 99, bytes_of(NAME), 0), E_FULL);
    for (int s = 1; s <= 5; s++) mdns_tick(m, SEC(s));
    ck_assert_uint_eq(mdns_pending(m), 0);
    ck_assert_int_eq(mdns_ask(m, 99, bytes_of(NAME), 0), E_FULL); /* the events wait */
    mdns_forget(m, 1);
    for (uint64_t i = MDNS_NAMES_PER_TOKEN; i < MDNS_NAMES_MAX; i++) {
        ck_assert(mdns_event(m, &ev));
        ck_assert_uint_eq(ev.token, 100 + i);
    }
    ck_assert(!mdns_event(m, &ev));
    mdns_free(m);
}
END_TEST

/* Invariant 17: a chatty network allocates nothing (seen in builds without
 * the sanitizer's own allocator), and leaves the question as it is. Its answers
 * and questions are somebody else's. */
START_TEST(inv_17_a_chatty_network_costs_no_memory)
{
    struct mdns *m = asking(NAME);
    struct packet answers;
    response(&answers, "printer.local", "192.0.2.7", "2001:db8::7");
    struct packet asks;
    response(&asks, "printer.local", NULL, NULL);
    asks.at[2] = 0;
    drain(m, 0);
    struct mallinfo2 before = mallinfo2();
    for (int i = 0; i < 10000; i++) {
        mdns_input(m, i % 2 ? &answers : &asks, MS(i) / 10);
        ck_assert_uint_eq(drain(m, 0), 0);
    }
    struct mallinfo2 after = mallinfo2();
    ck_assert_uint_eq(after.uordblks, before.uordblks);
    ck_assert_uint_eq(mdns_counters(m).ignored, 10000);
    ck_assert_uint_eq(mdns_pending(m), 1);
    mdns_free(m);
}
END_TEST

START_TEST(a_call_that_ends_is_forgotten)
{
    struct mdns *m = asking(NAME);
    struct name_event ev;
    struct packet p;
    response(&p, NAME, "192.0.2.7", NULL);
    ck_assert_int_eq(mdns_ask(m, 8, bytes_of(NAME), 0), OK);
    mdns_forget(m, 7);
    ck_assert_uint_eq(mdns_pending(m), 1);
    ck_assert_int_eq(mdns_input(m, &p, 0), OK);
    ck_assert(mdns_event(m, &ev) && ev.token == 8);
    ck_assert(!mdns_event(m, &ev));
    mdns_free(m);
}
END_TEST

SUITE("net mdns", one_packet_asks_both_families_of_both_groups, answers_end_the_question,
      two_calls_may_ask_the_same_name, link_local_addresses_keep_the_interface,
      questions_are_repeated_and_given_up, what_is_no_answer_is_ignored,
      inv_16_other_names_are_not_asked, inv_17_questions_are_capped,
      inv_17_a_chatty_network_costs_no_memory, a_call_that_ends_is_forgotten)
