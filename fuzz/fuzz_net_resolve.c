/* The resolver under any sequence of questions, time and answers: output ends, the deadline moves
 * on, every question gets exactly one event, and no query is for `.local`. */
#include "fuzz/fuzz.h"

#include "net/dnsmsg.h"
#include "net/resolve.h"

struct run {
    struct resolve *r;
    struct reader in;
    usec now;
    struct packet last; /* the latest query sent */
    size_t asked, answered;
};

static void drain(struct run *run)
{
    struct packet p;
    struct name_event ev;
    for (int i = 0; resolve_output(run->r, &p, run->now); i++) {
        FUZZ_CHECK(i < 2 * RESOLVE_NAMES_MAX);
        struct dns_msg m;
        char name[NAME_MAX_LEN + 1];
        FUZZ_CHECK(dns_parse(&m, packet_bytes(&p)) == OK && m.questions == 1);
        FUZZ_CHECK(!name_is_local(bytes_of(dns_name_text(&m, 12, name))));
        packet_copy(&run->last, &p);
    }
    for (; resolve_event(run->r, &ev); run->answered++) {
        FUZZ_CHECK(ev.count <= NAME_ADDRS_MAX);
        FUZZ_CHECK((ev.count == 0) == (ev.fault.err != OK));
    }
    usec deadline = resolve_deadline(run->r);
    FUZZ_CHECK((deadline == TIME_NEVER) == (resolve_pending(run->r) == 0));
}

/* The latest query with its flags turned into an answer's, and records of the fuzzer's behind. */
static void answer(struct run *run)
{
    struct packet p;
    packet_copy(&p, &run->last);
    if (p.len < 12 || p.len > 1000) return;
    struct writer w = writer_of(p.at, PACKET_MAX);
    w.at += p.len;
    uint8_t code = read_u8(&run->in) & 15, records = read_u8(&run->in) & 3;
    write_u16_at(&w, 2, (uint16_t)(DNS_RESPONSE | code));
    struct reader additionals = reader_of(packet_bytes(&p));
    read_skip(&additionals, 10);
    if (read_u16(&additionals)) w.at -= 11; /* the OPT record goes */
    write_u16_at(&w, 10, 0);
    write_u16_at(&w, 6, records);
    write_bytes(&w, read_bytes(&run->in, read_u8(&run->in)));
    p.len = writer_len(&w);
    resolve_input(run->r, &p, run->now);
}

static void step(struct run *run)
{
    struct packet p;
    switch (read_u8(&run->in) & 7) {
    case 0:
    case 1: {
        uint64_t token = read_u8(&run->in);
        struct bytes name = read_bytes(&run->in, read_u8(&run->in));
        run->asked += resolve_ask(run->r, token, name, run->now) == OK;
        break;
    }
    case 2:
        packet_reset(&p);
        packet_set(&p, read_bytes(&run->in, read_u8(&run->in)));
        p.route.remote = run->last.route.remote;
        resolve_input(run->r, &p, run->now);
        break;
    case 3: run->now += MS(read_u16(&run->in)); break;
    case 4: run->now = usec_min(resolve_deadline(run->r), run->now + SEC(20)); break;
    default: answer(run);
    }
    usec before = resolve_deadline(run->r);
    resolve_tick(run->r, run->now);
    FUZZ_CHECK(before > run->now || resolve_deadline(run->r) > run->now);
    drain(run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct resolve_config cfg = {
        .server_count = 2, .servers = {addr_ipv4(192, 0, 2, 1, 53), addr_ipv4(192, 0, 2, 2, 53)}};
    struct run run = {.in = reader_of((struct bytes){data, n})};
    cfg.hosts = bytes_of("192.0.2.9 printer\n");
    rng_init_number(&cfg.rng, 1);
    packet_reset(&run.last);
    run.r = resolve_new(&cfg);
    FUZZ_CHECK(run.r != NULL);
    while (reader_left(&run.in)) step(&run);
    for (int i = 0; resolve_pending(run.r) > 0; i++) { /* left alone, everything comes to an end */
        FUZZ_CHECK(i < 1000);
        run.now = resolve_deadline(run.r);
        resolve_tick(run.r, run.now);
        drain(&run);
    }
    FUZZ_CHECK(run.asked == run.answered);
    resolve_free(run.r);
    return 0;
}
