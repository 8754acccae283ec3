/* An agent under a script of packets, commands and time. The first byte is the role; then each
 * step is an opcode and what it needs. Some packets are signed with the passwords that both sides
 * know, so that the script gets behind authentication. After every step: output ends, packets are
 * paced, events end, deadlines move on, bounds hold, and what may be sent to was proved. */
#include "fuzz/fuzz.h"
#include "ice/agent.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

#define PEER_UFRAG "peer"
#define PEER_PWD   "peerpeerpeerpeerpeerpe"
#define STEPS_MAX  200
#define KEPT       8 /* requests of the agent that a script may answer */

struct run {
    struct ice *ice;
    struct reader script;
    usec now;
    usec last_request;
    struct packet kept[KEPT];
    size_t sent; /* requests of the agent; the last KEPT of them are in `kept` */
    char name[ICE_NAME_MAX + 1];
};

static struct addr script_addr(struct run *run)
{
    uint8_t v = read_u8(&run->script);
    struct addr a = addr_ipv4(192, 0, 2, (uint8_t)(v & 7), (uint16_t)(1 + (v >> 3)));
    if (v & 0x80) {
        a = (struct addr){.family = ADDR_IPV6, .port = a.port};
        a.ip[0] = v & 0x40 ? 0xfe : 0x20, a.ip[1] = v & 0x40 ? 0x80 : 0x01, a.ip[15] = v & 7;
    }
    if (v == 0x7f) a.ip[0] = 0, a.ip[2] = 0, a.ip[3] = 0;
    return a;
}

static struct stun_key key_of(struct bytes password)
{
    struct stun_key key;
    stun_key_short_term(&key, password);
    return key;
}

static void put_username(struct run *run, struct writer *w)
{
    uint8_t text[64];
    struct writer u = writer_of(text, sizeof text);
    write_bytes(&u, ice_local_ufrag(run->ice));
    write_text(&u, ":" PEER_UFRAG);
    stun_put(w, STUN_USERNAME, writer_done(&u));
}

/* A check of the peer, signed as it should be; what it carries is the script's. */
static void step_request(struct run *run)
{
    struct packet p;
    uint8_t flags = read_u8(&run->script);
    uint8_t id[STUN_ID_LEN] = {read_u8(&run->script)};
    struct route route = {.local = script_addr(run), .remote = script_addr(run)};
    struct stun_key key = key_of(ice_local_pwd(run->ice));
    packet_reset(&p);
    struct writer w = packet_writer(&p);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){id, sizeof id});
    put_username(run, &w);
    if (flags & 1) stun_put_flag(&w, STUN_USE_CANDIDATE);
    if (flags & 2) stun_put_u64(&w, STUN_ICE_CONTROLLING, read_u64(&run->script));
    if (flags & 4) stun_put_u64(&w, STUN_ICE_CONTROLLED, read_u64(&run->script));
    if (!(flags & 8)) stun_put_u32(&w, STUN_PRIORITY, read_u32(&run->script));
    if (flags & 16) stun_put_flag(&w, read_u16(&run->script));
    if (flags & 32)
        stun_put_integrity_sha256(&w, &key);
    else
        stun_put_integrity(&w, &key);
    if (!(flags & 64)) stun_put_fingerprint(&w);
    p.len = writer_done(&w).len;
    p.route = route;
    ice_input(run->ice, &p, run->now);
}

/* An answer to one of the agent's own requests. */
static void step_answer(struct run *run)
{
    struct packet p;
    struct stun_msg m;
    uint8_t which = read_u8(&run->script), how = read_u8(&run->script);
    if (run->sent == 0) return;
    const struct packet *request = &run->kept[which % (run->sent < KEPT ? run->sent : KEPT)];
    FUZZ_CHECK(stun_parse(&m, packet_bytes(request)) == OK);
    struct stun_key key = key_of(bytes_of(how & 1 ? "another password, quite" : PEER_PWD));
    packet_reset(&p);
    struct writer w = packet_writer(&p);
    static const uint16_t codes[] = {487, 400, 403, 500};
    stun_begin(&w, (uint16_t)(STUN_BINDING | (how & 2 ? STUN_ERROR : STUN_SUCCESS)), m.id);
    struct addr mapped = how & 16 ? script_addr(run) : request->route.local;
    if (how & 2)
        stun_put_error(&w, codes[how >> 6]);
    else if (!(how & 4))
        stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &mapped);
    stun_put_integrity(&w, &key);
    stun_put_fingerprint(&w);
    p.len = writer_done(&w).len;
    p.route = request->route;
    if (how & 8) p.route.remote = script_addr(run);
    ice_input(run->ice, &p, run->now);
}

/* Whatever bytes, unsigned. */
static void step_raw(struct run *run)
{
    struct packet p;
    packet_reset(&p);
    p.route.local = script_addr(run), p.route.remote = script_addr(run);
    struct bytes b = read_bytes(&run->script, read_u8(&run->script));
    struct route route = p.route;
    if (!packet_set(&p, b)) return;
    p.route = route;
    ice_input(run->ice, &p, run->now);
}

static void step_candidate(struct run *run)
{
    struct candidate c = {.component = 1, .generation = -1, .network_id = -1};
    uint8_t flags = read_u8(&run->script);
    c.addr = script_addr(run);
    c.priority = read_u32(&run->script);
    c.type = (enum candidate_type)(flags & 3);
    c.foundation[0] = (char)('a' + (flags >> 2 & 3));
    if (flags & 16) {
        c.addr.family = ADDR_NONE;
        bytes_to_text(bytes_of(flags & 32 ? "x.local" : "y.local"), c.name, sizeof c.name);
    }
    if (flags & 64) bytes_to_text(bytes_of(PEER_UFRAG), c.ufrag, sizeof c.ufrag);
    if (flags & 128) c.protocol = CANDIDATE_TCP;
    ice_add_remote(run->ice, &c, run->now);
}

static void step_remote(struct run *run)
{
    uint8_t flags = read_u8(&run->script);
    ice_set_remote(run->ice, bytes_of(flags & 1 ? "other" : PEER_UFRAG), bytes_of(PEER_PWD),
                   flags & 2, run->now);
}

static void step(struct run *run)
{
    struct addr a;
    switch (read_u8(&run->script) % 16) {
    case 0:
    case 1: step_request(run); break;
    case 2:
    case 3:
    case 4: step_answer(run); break;
    case 5: step_raw(run); break;
    case 6: step_candidate(run); break;
    case 7: step_remote(run); break;
    case 8: a = script_addr(run), ice_add_socket(run->ice, &a, run->now); break;
    case 9: run->now += MS(1) * read_u8(&run->script); break;
    case 10: run->now += MS(100) * read_u8(&run->script); break;
    case 11: a = script_addr(run), ice_resolved(run->ice, run->name, &a, run->now); break;
    case 12: ice_end_of_remote(run->ice, run->now), ice_sockets_done(run->ice, run->now); break;
    case 13: ice_restart(run->ice, run->now); break;
    case 14: ice_set_controlling(run->ice, read_u8(&run->script) & 1); break;
    case 15:
        if (read_u8(&run->script) == 0xff) ice_close(run->ice);
        break;
    }
}

static void check_output(struct run *run)
{
    struct packet p;
    struct stun_msg m;
    for (int n = 0; ice_output(run->ice, &p, run->now); n++) {
        FUZZ_CHECK(n < 16 && p.len >= STUN_HEADER_LEN);
        FUZZ_CHECK(stun_parse(&m, packet_bytes(&p)) == OK);
        FUZZ_CHECK(stun_check_fingerprint(&m) == STUN_OK);
        if (stun_class(&m) != STUN_REQUEST) continue;
        /* RFC 8445 §14: one request in Ta, whatever the script does. */
        FUZZ_CHECK(run->now - run->last_request >= ICE_TA);
        run->last_request = run->now;
        packet_copy(&run->kept[run->sent++ % KEPT], &p);
    }
}

static void check_all(struct run *run)
{
    struct ice_event ev;
    ice_tick(run->ice, run->now);
    check_output(run);
    for (int n = 0; ice_event(run->ice, &ev); n++) {
        FUZZ_CHECK(n < 256);
        if (ev.type == ICE_RESOLVE) bytes_to_text(bytes_of(ev.as.name), run->name, ICE_NAME_MAX);
    }
    FUZZ_CHECK(ice_deadline(run->ice) > run->now);
    struct ice_pair_info pairs[ICE_PAIRS_MAX + 1];
    FUZZ_CHECK(ice_pairs(run->ice, pairs, COUNT(pairs)) <= ICE_PAIRS_MAX);
    struct route route;
    if (ice_may_send(run->ice, run->now))
        FUZZ_CHECK(ice_selected(run->ice, &route) && ice_is_validated(run->ice, &route));
    enum ice_state state = ice_state(run->ice);
    if (state == ICE_STATE_FAILED || state == ICE_STATE_CLOSED)
        FUZZ_CHECK(!ice_may_send(run->ice, run->now));
    FUZZ_CHECK(ice_why(run->ice) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct run run = {.script = reader_of((struct bytes){data, n}), .last_request = -ICE_TA};
    struct ice_config cfg = {.controlling = read_u8(&run.script) & 1, .stun_server_count = 1};
    cfg.stun_servers[0] = addr_ipv4(192, 0, 2, 7, 9);
    rng_init_number(&cfg.rng, 1);
    run.ice = ice_new(&cfg);
    if (!run.ice) return 0;
    for (int steps = 0; steps < STEPS_MAX && reader_left(&run.script); steps++) {
        step(&run);
        check_all(&run);
    }
    ice_free(run.ice);
    return 0;
}
