#include "net/resolve.h"

#include "base/ring.h"
#include "net/dnsmsg.h"
#include "net/etc.h"

#include <stdlib.h>
#include <string.h>

/* RFC 1035 §7.2 leaves the times to us, RFC 1123 §6.1.3.3 asks for back-off and an end. Waits after
 * each try; servers take turns. A user waits ten seconds at most. */
static const usec waits[] = {SEC(1), SEC(1), SEC(2), SEC(2), SEC(4)};
#define TRIES            COUNT(waits)
/* How long one family's answer waits for the other's: RFC 8305 §3, Resolution Delay. */
#define RESOLUTION_DELAY MS(50)
#define HOSTS_MAX        65536 /* bytes of /etc/hosts that are read */
#define CHAIN_MAX        8     /* CNAMEs followed in one answer */
#define FAMILIES         2

enum half_state { HALF_ASKED, HALF_DONE, HALF_NONE }; /* NONE: the name has no such address */

/* The question for one family. */
struct half {
    enum half_state state;
    uint16_t id;
    bool send; /* a query is due */
};

struct lookup {
    bool used;
    uint64_t token;
    struct name_event answer;     /* grows as the halves come in */
    struct half halves[FAMILIES]; /* AAAA, A */
    size_t tries;                 /* made; the server is tries - 1, in turn */
    usec next_try;                /* the next one, or the end */
    usec settle;                  /* when one half stops waiting for the other */
    bool no_such_name;
    bool plain; /* a server did not understand EDNS(0) */
};

struct resolve {
    struct rng rng;
    struct addr servers[RESOLVE_SERVERS_MAX];
    size_t server_count;
    struct bytes hosts;
    struct lookup lookups[RESOLVE_NAMES_MAX];
    struct name_event event_items[RESOLVE_NAMES_MAX];
    struct ring events;
    size_t reserved; /* lookups and events together: an event always has room */
    struct fault fault;
    struct resolve_counters counters;
    uint8_t hosts_text[];
};

static const uint16_t types[] = {DNS_AAAA, DNS_A};

struct resolve *resolve_new(const struct resolve_config *cfg)
{
    struct bytes hosts = bytes_slice(cfg->hosts, 0, HOSTS_MAX);
    struct resolve *r = calloc(1, sizeof *r + hosts.len);
    if (!r) return NULL;
    r->rng = cfg->rng;
    r->server_count =
        cfg->server_count < RESOLVE_SERVERS_MAX ? cfg->server_count : RESOLVE_SERVERS_MAX;
    memcpy(r->servers, cfg->servers, sizeof r->servers);
    if (hosts.len) memcpy(r->hosts_text, hosts.at, hosts.len);
    r->hosts = (struct bytes){r->hosts_text, hosts.len};
    RING_OVER(&r->events, r->event_items);
    return r;
}

void resolve_free(struct resolve *r)
{
    free(r);
}

static struct fault says(enum err err, const char *rule)
{
    return (struct fault){.err = err, .layer = "dns", .rule = rule};
}

/* What needs no server: literals, localhost (RFC 6761 §6.3), /etc/hosts. */
static bool answer_at_once(const struct resolve *r, struct bytes name, struct name_event *ev)
{
    if (addr_parse_ip(name, &ev->addrs[0])) {
        ev->count = 1;
    } else if (name_is_localhost(name)) {
        ev->addrs[0] = (struct addr){.family = ADDR_IPV6, .ip = {[15] = 1}};
        ev->addrs[1] = addr_ipv4(127, 0, 0, 1, 0);
        ev->count = 2;
    } else if (!name_is_local(name)) {
        ev->count = etc_hosts_find(r->hosts, name, ev->addrs, NAME_ADDRS_MAX);
    }
    return ev->count > 0;
}

/* The lookup's next queries, to the next server. */
static void start_try(struct lookup *l, usec now)
{
    l->next_try = now + waits[l->tries++];
    for (size_t i = 0; i < COUNT(l->halves); i++)
        l->halves[i].send = l->halves[i].state == HALF_ASKED;
}

enum err resolve_ask(struct resolve *r, uint64_t token, struct bytes name, usec now)
{
    struct name_event ev = {.token = token};
    struct addr literal;
    if (!addr_parse_ip(name, &literal) && !name_valid(name)) return E_MALFORMED;
    if (name_is_local(name)) return E_UNSUPPORTED; /* RFC 6762 §3 */
    if (r->reserved == RESOLVE_NAMES_MAX) return E_FULL;
    r->reserved++;
    if (name.at[name.len - 1] == '.') name.len--;
    bytes_to_text(name, ev.name, sizeof ev.name);
    bool done = answer_at_once(r, name, &ev);
    if (!done && r->server_count == 0)
        ev.fault = says(E_STATE, "no name server is configured (/etc/resolv.conf)");
    if (done || ev.fault.err != OK) {
        ring_push(&r->events, &ev);
        return OK;
    }
    struct lookup *l = r->lookups;
    while (l->used) l++; /* `reserved` says that there is one */
    *l = (struct lookup){.used = true, .token = token, .answer = ev, .settle = TIME_NEVER};
    for (size_t i = 0; i < COUNT(l->halves); i++) l->halves[i].id = (uint16_t)rng_u32(&r->rng);
    start_try(l, now);
    return OK;
}

void resolve_forget(struct resolve *r, uint64_t token)
{
    for (size_t i = 0; i < RESOLVE_NAMES_MAX; i++) {
        if (!r->lookups[i].used || r->lookups[i].token != token) continue;
        r->lookups[i].used = false;
        r->reserved--;
    }
    for (size_t n = r->events.count; n > 0; n--) {
        struct name_event ev;
        ring_pop(&r->events, &ev);
        if (ev.token == token)
            r->reserved--;
        else
            ring_push(&r->events, &ev);
    }
}

static bool is_asked(const struct lookup *l)
{
    return l->halves[0].state == HALF_ASKED || l->halves[1].state == HALF_ASKED;
}

static void finish(struct resolve *r, struct lookup *l)
{
    struct name_event *ev = &l->answer;
    if (ev->count == 0 && l->no_such_name)
        ev->fault = says(E_STATE, "no such host name");
    else if (ev->count == 0 && is_asked(l))
        ev->fault = says(E_STATE, "no name server answered");
    else if (ev->count == 0)
        ev->fault = says(E_STATE, "the host name has no address");
    l->used = false;
    ring_push(&r->events, ev);
}

static void add_address(struct name_event *ev, const struct addr *a)
{
    for (size_t i = 0; i < ev->count; i++)
        if (addr_equal_ip(&ev->addrs[i], a)) return;
    if (ev->count == NAME_ADDRS_MAX) return;
    /* IPv6 goes before the IPv4 that came first (RFC 8305 §4). */
    size_t at = ev->count++;
    while (a->family == ADDR_IPV6 && at > 0 && ev->addrs[at - 1].family == ADDR_IPV4) {
        ev->addrs[at] = ev->addrs[at - 1];
        at--;
    }
    ev->addrs[at] = *a;
}

/* The name that `name` (an offset) is an alias of in this answer: RFC 1034 §3.6.2. The chain may be
 * in any order and may bite its own tail: CHAIN_MAX ends it. */
static size_t follow_aliases(const struct dns_msg *m, size_t name)
{
    for (int i = 0; i < CHAIN_MAX; i++) {
        struct dns_walk walk = dns_walk_of(m);
        struct dns_record rr;
        size_t target = 0;
        for (unsigned n = 0; n < m->answers && target == 0 && dns_next_record(&walk, &rr); n++)
            if (rr.type == DNS_CNAME && rr.class == DNS_IN && dns_name_same(m, rr.name, name))
                target = rr.data_offset;
        if (target == 0) break;
        name = target;
    }
    return name;
}

/* Takes the addresses of `type` that answer the question; true: there were some. */
static bool take_answers(struct name_event *ev, const struct dns_msg *m, size_t name, uint16_t type)
{
    struct dns_walk walk = dns_walk_of(m);
    struct dns_record rr;
    bool any = false;
    name = follow_aliases(m, name);
    for (unsigned n = 0; n < m->answers && dns_next_record(&walk, &rr); n++) {
        struct addr a;
        if (rr.type != type || !dns_record_addr(&rr, &a) || !dns_name_same(m, rr.name, name))
            continue;
        add_address(ev, &a);
        any = true;
    }
    return any;
}

/* Whom the last try went to. */
static const struct addr *server_of(const struct resolve *r, const struct lookup *l)
{
    return &r->servers[(l->tries - 1) % r->server_count];
}

/* Did one of this lookup's tries go to `from`? A slow server may answer an earlier one. */
static bool was_asked(const struct resolve *r, const struct lookup *l, const struct addr *from)
{
    for (size_t i = 0; i < r->server_count && i < l->tries; i++)
        if (addr_equal(from, &r->servers[i])) return true;
    return false;
}

/* The half that asked exactly this: RFC 5452 §9.1 wants id, question and server's address equal. */
static struct half *half_asked(struct resolve *r, const struct dns_msg *m,
                               const struct dns_question *q, const struct addr *from,
                               struct lookup **owner)
{
    for (size_t i = 0; i < RESOLVE_NAMES_MAX; i++) {
        struct lookup *l = &r->lookups[i];
        if (!l->used || !was_asked(r, l, from)) continue;
        for (size_t k = 0; k < COUNT(l->halves); k++) {
            struct half *h = &l->halves[k];
            if (h->state != HALF_ASKED || h->id != m->id || q->type != types[k]) continue;
            if (!dns_name_equal(m, q->name, bytes_of(l->answer.name))) continue;
            *owner = l;
            return h;
        }
    }
    return NULL;
}

/* One half is answered: is the lookup? */
static void settle(struct resolve *r, struct lookup *l, usec now)
{
    bool asked = false;
    for (size_t i = 0; i < COUNT(l->halves); i++) asked = asked || l->halves[i].state == HALF_ASKED;
    if (!asked || l->no_such_name)
        finish(r, l);
    else if (l->answer.count > 0)
        l->settle = usec_min(l->settle, now + RESOLUTION_DELAY);
}

static enum err refuse(struct resolve *r, struct fault why)
{
    r->counters.refused++;
    r->fault = why;
    return why.err;
}

enum err resolve_input(struct resolve *r, const struct packet *in, usec now)
{
    struct dns_msg m;
    struct dns_question q;
    struct lookup *l;
    if (dns_parse(&m, packet_bytes(in)) != OK) return refuse(r, m.fault);
    struct dns_walk walk = dns_walk_of(&m);
    if (!(m.flags & DNS_RESPONSE) || m.flags & DNS_OPCODE || m.questions != 1 ||
        !dns_next_question(&walk, &q) || q.class != DNS_IN)
        return refuse(r, says(E_MALFORMED, "not the answer to one question (RFC 1035 4.1.1)"));
    struct half *h = half_asked(r, &m, &q, &in->route.remote, &l);
    if (!h) return refuse(r, says(E_AUTH, "nobody asked this server that (RFC 5452 9.1)"));
    r->counters.answers++;
    unsigned code = m.flags & DNS_RCODE;
    if (code == DNS_NXDOMAIN) {
        l->no_such_name = true;
    } else if (code != DNS_NOERROR) {
        /* This server can't: the next one, or the end, at the next tick; but the second half of
         * its refusal may come when the next one is being asked already. RFC 6891 §7: perhaps it
         * was only the OPT record. */
        l->plain = l->plain || code == DNS_FORMERR;
        if (addr_equal(&in->route.remote, server_of(r, l))) l->next_try = now;
        return OK;
    }
    h->state = take_answers(&l->answer, &m, q.name, q.type) ? HALF_DONE : HALF_NONE;
    settle(r, l, now);
    return OK;
}

void resolve_tick(struct resolve *r, usec now)
{
    for (size_t i = 0; i < RESOLVE_NAMES_MAX; i++) {
        struct lookup *l = &r->lookups[i];
        if (!l->used) continue;
        if (now >= l->settle || (now >= l->next_try && l->tries == TRIES))
            finish(r, l);
        else if (now >= l->next_try)
            start_try(l, now);
    }
}

static void write_query(const struct lookup *l, size_t half, struct writer *w)
{
    struct dns_counts counts = {.questions = 1, .additionals = l->plain ? 0 : 1};
    dns_write_header(w, l->halves[half].id, DNS_RECURSE, counts);
    dns_write_question(w, bytes_of(l->answer.name), types[half], DNS_IN);
    if (!l->plain) dns_write_opt(w);
}

bool resolve_output(struct resolve *r, struct packet *out, usec now)
{
    (void)now; /* what is due was decided by tick and ask */
    for (size_t i = 0; i < RESOLVE_NAMES_MAX; i++) {
        struct lookup *l = &r->lookups[i];
        for (size_t k = 0; l->used && k < COUNT(l->halves); k++) {
            if (!l->halves[k].send) continue;
            l->halves[k].send = false;
            packet_reset(out);
            struct writer w = packet_writer(out);
            write_query(l, k, &w);
            out->len = writer_len(&w); /* a name of 253 characters always fits */
            out->route.remote = *server_of(r, l);
            r->counters.sent++;
            return true;
        }
    }
    return false;
}

bool resolve_event(struct resolve *r, struct name_event *ev)
{
    if (!ring_pop(&r->events, ev)) return false;
    r->reserved--;
    return true;
}

usec resolve_deadline(const struct resolve *r)
{
    usec earliest = TIME_NEVER;
    for (size_t i = 0; i < RESOLVE_NAMES_MAX; i++) {
        const struct lookup *l = &r->lookups[i];
        if (l->used) earliest = usec_min(earliest, usec_min(l->next_try, l->settle));
    }
    return earliest;
}

const struct fault *resolve_fault(const struct resolve *r)
{
    return &r->fault;
}

struct resolve_counters resolve_counters(const struct resolve *r)
{
    return r->counters;
}

size_t resolve_pending(const struct resolve *r)
{
    return r->reserved - r->events.count;
}
