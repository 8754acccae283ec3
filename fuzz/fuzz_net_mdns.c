/* mDNS under any packets, questions and time: every question gets exactly one event, the number of
 * packets sent is bounded by the number of questions, and only `.local` is asked. */
#include "fuzz/fuzz.h"

#include "net/dnsmsg.h"
#include "net/mdns.h"

#define TRIES_MAX 3 /* each to two groups */

struct run {
    struct mdns *m;
    struct reader in;
    usec now;
    size_t asked, answered, sent;
};

static void drain(struct run *run)
{
    struct packet p;
    struct name_event ev;
    for (; mdns_output(run->m, &p, run->now); run->sent++) {
        struct dns_msg m;
        char name[NAME_MAX_LEN + 1];
        FUZZ_CHECK(run->sent < 2 * TRIES_MAX * run->asked);
        FUZZ_CHECK(dns_parse(&m, packet_bytes(&p)) == OK && m.questions == 2);
        FUZZ_CHECK(name_is_local(bytes_of(dns_name_text(&m, 12, name))));
    }
    for (; mdns_event(run->m, &ev); run->answered++) {
        FUZZ_CHECK(ev.count <= NAME_ADDRS_MAX);
        FUZZ_CHECK((ev.count == 0) == (ev.fault.err != OK));
    }
    FUZZ_CHECK((mdns_deadline(run->m) == TIME_NEVER) == (mdns_pending(run->m) == 0));
}

/* The rest of a response whose header is good. */
static void respond(struct run *run)
{
    struct packet p;
    packet_reset(&p);
    struct writer w = packet_writer(&p);
    uint8_t records = read_u8(&run->in);
    struct dns_counts counts = {.answers = records & 3, .additionals = records >> 2 & 3};
    dns_write_header(&w, 0, DNS_RESPONSE, counts);
    write_bytes(&w, read_bytes(&run->in, read_u8(&run->in)));
    p.len = writer_len(&w);
    p.route.remote = addr_ipv4(192, 0, 2, 9, MDNS_PORT);
    mdns_input(run->m, &p, run->now);
}

static void step(struct run *run)
{
    struct packet p;
    switch (read_u8(&run->in) & 7) {
    case 0: {
        uint64_t token = read_u8(&run->in) & 3;
        struct bytes name = read_bytes(&run->in, read_u8(&run->in));
        run->asked += mdns_ask(run->m, token, name, run->now) == OK;
        break;
    }
    case 1: run->asked += mdns_ask(run->m, 1, bytes_of("a.local"), run->now) == OK; break;
    case 2:
        packet_reset(&p);
        packet_set(&p, read_bytes(&run->in, read_u8(&run->in)));
        p.route.remote = addr_ipv4(192, 0, 2, 9, read_u8(&run->in) & 1 ? MDNS_PORT : 9);
        mdns_input(run->m, &p, run->now);
        break;
    case 3: run->now += MS(read_u16(&run->in)); break;
    case 4: run->now = usec_min(mdns_deadline(run->m), run->now + SEC(20)); break;
    default: respond(run);
    }
    usec before = mdns_deadline(run->m);
    mdns_tick(run->m, run->now);
    FUZZ_CHECK(before > run->now || mdns_deadline(run->m) > run->now);
    drain(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct run run = {.m = mdns_new(), .in = reader_of((struct bytes){data, n})};
    FUZZ_CHECK(run.m != NULL);
    while (reader_left(&run.in)) step(&run);
    for (int i = 0; mdns_pending(run.m) > 0; i++) { /* left alone, everything comes to an end */
        FUZZ_CHECK(i < 1000);
        run.now = mdns_deadline(run.m);
        mdns_tick(run.m, run.now);
        drain(&run);
    }
    FUZZ_CHECK(run.asked == run.answered);
    mdns_free(run.m);
    return 0;
}
