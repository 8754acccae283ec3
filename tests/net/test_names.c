#include "net/names.h"

#include "net/internal.h"
#include "net/mdns.h"
#include "net/multicast.h"
#include "net/udp.h"
#include "tests/net/dnsanswer.h"
#include "tests/net/wait.h"

#include <string.h>

#define LOCAL "3e9dd9b7-5d1b-4ac5-8b3d-cd9c1d2a3f4b.local"

enum { NAMES = 1, SERVER = 2 }; /* tokens in the loop */

/* A name server on loopback, and the name service that asks it. */
struct bed {
    struct loop *loop;
    struct udp server;
    struct names *names;
};

static void make_bed(struct bed *b, enum addr_family family)
{
    struct addr at = loopback(family);
    struct resolve_config cfg = {.server_count = 1, .hosts = bytes_of("192.0.2.99 printer\n")};
    b->loop = loop_new();
    ck_assert_int_eq(udp_open(&b->server, &at), OK);
    ck_assert_int_eq(loop_add(b->loop, b->server.fd, SERVER, LOOP_READ), OK);
    rng_init_number(&cfg.rng, 1);
    cfg.servers[0] = b->server.base;
    b->names = names_new_from(b->loop, NAMES, &cfg);
    ck_assert_ptr_nonnull(b->names);
}

static void drop_bed(struct bed *b)
{
    names_free(b->names);
    udp_close(&b->server);
    loop_free(b->loop);
}

/* Answers what reached the server, remembering the port that asked. */
static void serve(struct bed *b, const struct dns_zone *zone, uint16_t *port)
{
    struct packet query, answer;
    while (udp_receive(&b->server, &query)) {
        *port = query.route.remote.port;
        dns_answer(&query, zone, &answer);
        ck_assert_int_eq(udp_send(&b->server, &answer), OK);
    }
}

static struct name_event finish(struct bed *b, const struct dns_zone *zone, uint16_t *port)
{
    struct name_event ev;
    struct loop_ready ready[4];
    usec end = clock_now() + PATIENCE;
    while (!names_event(b->names, &ev)) {
        ck_assert_int_lt(clock_now(), end);
        loop_wait(b->loop, usec_min(end, names_deadline(b->names)), ready, 4);
        serve(b, zone, port);
        names_step(b->names, clock_now());
    }
    return ev;
}

START_TEST(names_become_addresses)
{
    const struct dns_zone zone = {.v4 = "192.0.2.7", .v6 = "2001:db8::7"};
    for (int v6 = 0; v6 < 2; v6++) {
        struct bed b;
        uint16_t port = 0;
        make_bed(&b, v6 ? ADDR_IPV6 : ADDR_IPV4);
        for (uint64_t i = 0; i < 3; i++) {
            struct bytes name = bytes_of("host.example.org");
            ck_assert_int_eq(names_ask(b.names, i, name, clock_now()), OK);
            struct name_event ev = finish(&b, &zone, &port);
            ck_assert_uint_eq(ev.token, i);
            ck_assert_uint_eq(ev.count, 2);
            ck_assert_uint_ne(port, 0);
        }
        drop_bed(&b);
    }
    names_free(NULL);
}
END_TEST

/* RFC 5452 §9.2: the socket is there while something is asked, and a new one next time. */
START_TEST(sockets_live_as_long_as_questions)
{
    const struct dns_zone zone = {.code = DNS_NXDOMAIN};
    struct bed b;
    struct loop_ready ready[4];
    uint16_t port = 0;
    make_bed(&b, ADDR_IPV4);
    ck_assert_int_eq(names_ask(b.names, 1, bytes_of("host.example.org"), clock_now()), OK);
    struct name_event ev = finish(&b, &zone, &port);
    ck_assert_str_eq(ev.fault.rule, "no such host name");
    struct packet stray;
    packet_reset(&stray);
    stray.route.remote = addr_ipv4(127, 0, 0, 1, port);
    ck_assert_int_eq(udp_send(&b.server, &stray), OK); /* nobody is there any more */
    ck_assert_int_eq(loop_wait(b.loop, clock_now(), ready, 4), 0);
    ck_assert_int_eq(names_deadline(b.names), TIME_NEVER);
    names_step(b.names, clock_now());

    ck_assert_int_eq(names_ask(b.names, 2, bytes_of("host.example.org"), clock_now()), OK);
    names_forget(b.names, 2);
    ck_assert_int_eq(names_deadline(b.names), TIME_NEVER);
    drop_bed(&b);
}
END_TEST

START_TEST(hosts_and_literals_need_nobody)
{
    struct bed b;
    struct name_event ev;
    make_bed(&b, ADDR_IPV4);
    ck_assert_int_eq(names_ask(b.names, 1, bytes_of("printer"), clock_now()), OK);
    ck_assert(names_event(b.names, &ev));
    ck_assert_uint_eq(ev.count, 1);
    drop_bed(&b);

    struct rng rng;
    rng_init_number(&rng, 1);
    struct loop *loop = loop_new();
    struct names *system = names_new(loop, 1, &rng); /* this machine's own files */
    ck_assert_int_eq(names_ask(system, 1, bytes_of("localhost"), clock_now()), OK);
    ck_assert(names_event(system, &ev));
    ck_assert_uint_eq(ev.count, 2);
    names_free(system);
    loop_free(loop);
}
END_TEST

/* Invariant 16: whichever way it is asked, a candidate's name reaches no server, and a name that
 * is not `.local` can't be asked for a candidate at all. */
START_TEST(inv_16_candidate_names_never_reach_a_server)
{
    struct bed b;
    struct packet p;
    make_bed(&b, ADDR_IPV4);
    usec now = clock_now();
    ck_assert_int_eq(names_ask_local(b.names, 1, bytes_of("host.example.org"), now), E_UNSUPPORTED);
    ck_assert_int_eq(names_ask_local(b.names, 1, bytes_of(LOCAL), now), OK);
    ck_assert_int_eq(names_ask(b.names, 1, bytes_of("x.LOCAL."), now), OK);
    for (int i = 0; i < 12; i++) names_step(b.names, now + SEC(i));
    ck_assert(!udp_receive(&b.server, &p));
    ck_assert_uint_eq(b.server.received, 0);
    drop_bed(&b);
}
END_TEST

/* A responder as a browser has one: it hears the question by multicast and answers by multicast.
 * Skipped where the machine has no interface that can multicast. */
START_TEST(mdns_over_real_multicast)
{
    struct bed b;
    struct multicast responder;
    struct addr group = mdns_group(ADDR_IPV4);
    if (multicast_open(&responder, &group) != OK) {
        printf("mdns_over_real_multicast: skipped: %s\n", responder.udp.fault.rule);
        return;
    }
    make_bed(&b, ADDR_IPV4);
    ck_assert_int_eq(loop_add(b.loop, responder.udp.fd, SERVER + 1, LOOP_READ), OK);
    ck_assert_int_eq(names_ask_local(b.names, 5, bytes_of(LOCAL), clock_now()), OK);
    struct name_event ev;
    struct loop_ready ready[4];
    struct packet p;
    usec end = clock_now() + MDNS_GIVE_UP_US + SEC(1);
    while (!names_event(b.names, &ev)) {
        ck_assert_int_lt(clock_now(), end);
        loop_wait(b.loop, usec_min(end, names_deadline(b.names)), ready, 4);
        while (multicast_receive(&responder, &p)) {
            struct dns_msg m;
            struct addr a = addr_ipv4(192, 0, 2, 77, 0);
            if (dns_parse(&m, packet_bytes(&p)) != OK || m.flags & DNS_RESPONSE) continue;
            if (!dns_name_equal(&m, 12, bytes_of(LOCAL))) continue;
            packet_reset(&p);
            struct writer w = packet_writer(&p);
            dns_write_header(&w, 0, DNS_RESPONSE, (struct dns_counts){.answers = 1});
            dns_write_addr(&w, bytes_of(LOCAL), 0x8000 | DNS_IN, 120, &a);
            p.len = writer_len(&w);
            p.route.remote = group;
            ck_assert_int_eq(multicast_send(&responder, &p), OK);
        }
        names_step(b.names, clock_now());
    }
    char text[ADDR_TEXT_MAX];
    ck_assert_uint_eq(ev.token, 5);
    ck_assert_msg(ev.count == 1, "%s", ev.fault.rule);
    ck_assert_str_eq(addr_ip_text(&ev.addrs[0], text), "192.0.2.77");
    multicast_close(&responder);
    drop_bed(&b);
}
END_TEST

SUITE("net names", names_become_addresses, sockets_live_as_long_as_questions,
      hosts_and_literals_need_nobody, inv_16_candidate_names_never_reach_a_server,
      mdns_over_real_multicast)
