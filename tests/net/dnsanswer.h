/* A name server for tests: turns a query into an answer. */
#ifndef DUET_TESTS_NET_DNSANSWER_H
#define DUET_TESTS_NET_DNSANSWER_H

#include "base/packet.h"
#include "net/dnsmsg.h"
#include "tests/suite.h"

struct dns_zone {
    unsigned code;        /* the RCODE of every answer */
    const char *alias;    /* the name is an alias of this one; NULL: it is itself */
    const char *v4, *v6;  /* its addresses; NULL: none */
    uint16_t extra_flags; /* DNS_TRUNCATED */
};

/* The type that the query asks for, and its name. */
static inline uint16_t dns_asked(const struct packet *query, char name[NAME_MAX_LEN + 1])
{
    struct dns_msg m;
    struct dns_question q;
    ck_assert_int_eq(dns_parse(&m, packet_bytes(query)), OK);
    ck_assert_uint_eq(m.flags & DNS_RESPONSE, 0);
    struct dns_walk walk = dns_walk_of(&m);
    ck_assert(dns_next_question(&walk, &q));
    dns_name_text(&m, q.name, name);
    return q.type;
}

/* Writes the zone's answer to `query` into `answer`, and turns the route around. */
static inline void dns_answer(const struct packet *query, const struct dns_zone *zone,
                              struct packet *answer)
{
    char name[NAME_MAX_LEN + 1];
    uint16_t type = dns_asked(query, name);
    struct reader id = reader_of(packet_bytes(query));
    const char *literal = type == DNS_A ? zone->v4 : zone->v6;
    struct bytes owner = bytes_of(zone->alias ? zone->alias : name);
    struct addr a;
    struct dns_counts counts = {.questions = 1};
    counts.answers = (uint16_t)((zone->alias != NULL) + (literal != NULL));
    packet_reset(answer);
    struct writer w = packet_writer(answer);
    uint16_t flags = (uint16_t)(DNS_RESPONSE | DNS_RECURSE | zone->extra_flags | zone->code);
    dns_write_header(&w, read_u16(&id), flags, counts);
    dns_write_question(&w, bytes_of(name), type, DNS_IN);
    if (literal) {
        ck_assert(addr_parse_ip(bytes_of(literal), &a));
        dns_write_addr(&w, owner, DNS_IN, 60, &a); /* before the alias: any order is fine */
    }
    if (zone->alias) dns_write_cname(&w, bytes_of(name), 60, owner);
    ck_assert_int_eq(w.err, OK);
    answer->len = writer_len(&w);
    answer->route.local = query->route.local;
    answer->route.remote = query->route.remote;
}

#endif
