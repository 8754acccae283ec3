#include "net/mdns.h"

#include "base/ring.h"
#include "net/dnsmsg.h"

#include <stdlib.h>

/* RFC 6762 §5.2: the second query a second after the first, then twice as long each time. */
static const usec waits[] = {SEC(1), SEC(2), MDNS_GIVE_UP_US - SEC(3)};
#define TRIES COUNT(waits)

struct question {
    bool used;
    uint8_t send;  /* bit 0: to the IPv4 group, bit 1: to the IPv6 group */
    uint32_t hash; /* of the name */
    uint64_t token;
    char name[NAME_MAX_LEN + 1];
    size_t tries;
    usec next_try;
};

struct mdns {
    struct question questions[MDNS_NAMES_MAX];
    struct name_event event_items[MDNS_NAMES_MAX];
    struct ring events;
    size_t asked; /* questions in use */
    struct fault fault;
    struct mdns_counters counters;
};

struct addr mdns_group(enum addr_family family)
{
    if (family == ADDR_IPV4) return addr_ipv4(224, 0, 0, 251, MDNS_PORT);
    return (struct addr){.family = ADDR_IPV6, .port = MDNS_PORT, .ip = {0xff, 0x02, [15] = 0xfb}};
}

struct mdns *mdns_new(void)
{
    struct mdns *mdns = calloc(1, sizeof *mdns);
    if (mdns) RING_OVER(&mdns->events, mdns->event_items);
    return mdns;
}

void mdns_free(struct mdns *mdns)
{
    free(mdns);
}

static struct fault says(enum err err, const char *rule)
{
    return (struct fault){.err = err, .layer = "mdns", .rule = rule};
}

static size_t asked_by(const struct mdns *mdns, uint64_t token)
{
    size_t n = 0;
    for (size_t i = 0; i < MDNS_NAMES_MAX; i++)
        n += mdns->questions[i].used && mdns->questions[i].token == token;
    return n;
}

static void start_try(struct question *q, usec now)
{
    q->send = 3;
    q->next_try = now + waits[q->tries++];
}

enum err mdns_ask(struct mdns *mdns, uint64_t token, struct bytes name, usec now)
{
    if (!name_valid(name)) return E_MALFORMED;
    if (!name_is_local(name)) return E_UNSUPPORTED; /* RFC 6762 §3 */
    /* An event of each question must have room beside those not yet taken. */
    if (mdns->asked + mdns->events.count == MDNS_NAMES_MAX) return E_FULL;
    if (asked_by(mdns, token) == MDNS_NAMES_PER_TOKEN) return E_FULL;
    struct question *q = mdns->questions;
    while (q->used) q++;
    *q = (struct question){.used = true, .token = token};
    if (name.at[name.len - 1] == '.') name.len--;
    bytes_to_text(name, q->name, sizeof q->name);
    q->hash = name_hash(bytes_of(q->name));
    start_try(q, now);
    mdns->asked++;
    return OK;
}

void mdns_forget(struct mdns *mdns, uint64_t token)
{
    for (size_t i = 0; i < MDNS_NAMES_MAX; i++) {
        if (!mdns->questions[i].used || mdns->questions[i].token != token) continue;
        mdns->questions[i].used = false;
        mdns->asked--;
    }
    for (size_t n = mdns->events.count; n > 0; n--) {
        struct name_event ev;
        ring_pop(&mdns->events, &ev);
        if (ev.token != token) ring_push(&mdns->events, &ev);
    }
}

static void finish(struct mdns *mdns, struct question *q, struct name_event *ev)
{
    ev->token = q->token;
    bytes_to_text(bytes_of(q->name), ev->name, sizeof ev->name);
    q->used = false;
    mdns->asked--;
    ring_push(&mdns->events, ev);
}

/* The addresses of `name` in the message, IPv6 first. Answers, and additionals as well: RFC 6762
 * §6.2 puts the other family there. */
static void take_addresses(const struct dns_msg *m, const char *name, struct name_event *ev)
{
    static const uint16_t types[] = {DNS_AAAA, DNS_A};
    for (size_t i = 0; i < COUNT(types); i++) {
        struct dns_walk walk = dns_walk_of(m);
        struct dns_record rr;
        while (ev->count < NAME_ADDRS_MAX && dns_next_record(&walk, &rr)) {
            /* A TTL of 0 takes the record back: RFC 6762 §10.1. */
            if (rr.type != types[i] || rr.ttl == 0) continue;
            if (!dns_name_equal(m, rr.name, bytes_of(name))) continue;
            ev->count += dns_record_addr(&rr, &ev->addrs[ev->count]);
        }
    }
}

static enum err refuse(struct mdns *mdns, struct fault why)
{
    mdns->counters.refused++;
    mdns->fault = why;
    return why.err;
}

/* Link-local answers are reachable only through the interface that they came by. */
static void add_scope(struct name_event *ev, const struct addr *from)
{
    for (size_t i = 0; i < ev->count; i++)
        if (ev->addrs[i].family == ADDR_IPV6 && addr_is_link_local(&ev->addrs[i]))
            ev->addrs[i].scope = from->scope;
}

/* The message has an address of a name with this hash: ends the questions that ask for it. */
static bool answer_questions(struct mdns *mdns, const struct dns_msg *m, uint32_t hash,
                             const struct addr *from)
{
    bool ours = false;
    for (size_t i = 0, left = mdns->asked; left > 0; i++) {
        struct question *q = &mdns->questions[i];
        left -= q->used;
        if (!q->used || q->hash != hash) continue;
        struct name_event ev = {.count = 0};
        take_addresses(m, q->name, &ev);
        if (ev.count == 0) continue;
        add_scope(&ev, from);
        finish(mdns, q, &ev);
        ours = true;
    }
    return ours;
}

static enum err take_response(struct mdns *mdns, const struct packet *in)
{
    struct dns_msg m;
    if (dns_parse(&m, packet_bytes(in)) != OK) return refuse(mdns, m.fault);
    struct dns_walk walk = dns_walk_of(&m);
    struct dns_record rr;
    bool ours = false;
    while (dns_next_record(&walk, &rr)) {
        if (rr.type != DNS_A && rr.type != DNS_AAAA) continue;
        uint32_t hash = dns_name_hash(&m, rr.name);
        ours = answer_questions(mdns, &m, hash, &in->route.remote) || ours;
    }
    if (ours)
        mdns->counters.answers++;
    else
        mdns->counters.ignored++;
    return OK;
}

enum err mdns_input(struct mdns *mdns, const struct packet *in, usec now)
{
    (void)now;
    /* A network may chatter ten thousand packets a second: the cheapest question first. */
    if (mdns->asked == 0) {
        mdns->counters.ignored++;
        return OK;
    }
    struct reader r = reader_of(packet_bytes(in));
    read_skip(&r, 2);
    unsigned flags = read_u16(&r);
    if (r.err != OK) return refuse(mdns, reader_fault(&r, "mdns"));
    /* RFC 6762 §18.3, §18.11: other opcodes and codes are to be ignored silently; so are others'
     * questions, since we own no name. */
    if (!(flags & DNS_RESPONSE) || flags & (DNS_OPCODE | DNS_RCODE)) {
        mdns->counters.ignored++;
        return OK;
    }
    if (in->route.remote.port != MDNS_PORT)
        return refuse(mdns, says(E_AUTH, "a response not from port 5353 (RFC 6762 6)"));
    return take_response(mdns, in);
}

void mdns_tick(struct mdns *mdns, usec now)
{
    for (size_t i = 0; i < MDNS_NAMES_MAX && mdns->asked > 0; i++) {
        struct question *q = &mdns->questions[i];
        if (!q->used || now < q->next_try) continue;
        if (q->tries < TRIES) {
            start_try(q, now);
            continue;
        }
        struct name_event ev = {.fault = says(E_STATE, "nobody on this network has that name")};
        finish(mdns, q, &ev);
    }
}

/* RFC 6762 §18.1: id 0; §5.4: the top bit of the class stays 0, which asks for multicast answers;
 * §5.3: several questions may share a message. */
static void write_query(const struct question *q, struct writer *w)
{
    dns_write_header(w, 0, 0, (struct dns_counts){.questions = 2});
    dns_write_question(w, bytes_of(q->name), DNS_A, DNS_IN);
    dns_write_question(w, bytes_of(q->name), DNS_AAAA, DNS_IN);
}

bool mdns_output(struct mdns *mdns, struct packet *out, usec now)
{
    (void)now; /* what is due was decided by tick and ask */
    for (size_t i = 0; i < MDNS_NAMES_MAX && mdns->asked > 0; i++) {
        struct question *q = &mdns->questions[i];
        if (!q->used || !q->send) continue;
        bool v4 = q->send & 1;
        q->send = v4 ? q->send & 2 : 0;
        packet_reset(out);
        struct writer w = packet_writer(out);
        write_query(q, &w);
        out->len = writer_len(&w); /* twice a name of 253 characters always fits */
        out->route.remote = mdns_group(v4 ? ADDR_IPV4 : ADDR_IPV6);
        mdns->counters.sent++;
        return true;
    }
    return false;
}

bool mdns_event(struct mdns *mdns, struct name_event *ev)
{
    return ring_pop(&mdns->events, ev);
}

usec mdns_deadline(const struct mdns *mdns)
{
    usec earliest = TIME_NEVER;
    for (size_t i = 0; i < MDNS_NAMES_MAX && mdns->asked > 0; i++)
        if (mdns->questions[i].used) earliest = usec_min(earliest, mdns->questions[i].next_try);
    return earliest;
}

const struct fault *mdns_fault(const struct mdns *mdns)
{
    return &mdns->fault;
}

struct mdns_counters mdns_counters(const struct mdns *mdns)
{
    return mdns->counters;
}

size_t mdns_pending(const struct mdns *mdns)
{
    return mdns->asked;
}
