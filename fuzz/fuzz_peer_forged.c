/* Two honest connections that call each other over a link that loses nothing, and a stranger off
 * the path, who knows addresses but no password and sees no packet: the script is what he sends and
 * when, in his own name or in that of either side. Nothing of it may change a state, a pair or a
 * frame, make the call later, or have more sent to him than he sent (inv 1, 2, 3, 4, 6, 14).
 *
 * Left out are handshake messages in clear in the other side's name, which nothing in DTLS 1.2
 * tells from true ones, and what ends with the tag that fuzz builds let pass (base/unproved.h). */
#include "fuzz/fixedrand.h"

#include "fuzz/forged.h"
#include "fuzz/fuzz.h"

#define DUO_IN_FLIGHT 64 /* less memory to make for each run */
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/peer/duo.h"

#define CALL_FOR SEC(1)

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16:malloc_context_size=8";
}

/* What a stranger may not change. */
struct state {
    enum peer_state peer;
    enum ice_state ice;
    enum dtls_state dtls;
    size_t pairs;
    bool has_selected;
    struct route selected;
};

struct stranger {
    struct duo duo;
    struct reader script;
    uint64_t bytes_out, bytes_in; /* in his own name, and what came back */
    uint32_t number;              /* of the next frame */
    uint8_t answer[8192];         /* on its way until `answer_len` is 0 */
    size_t answer_len;
};

static struct addr own_address(void)
{
    return addr_ipv4(203, 0, 113, 66, 6666);
}

static void on_send(struct duo *d, int from, struct packet *p)
{
    (void)from;
    struct addr own = own_address();
    if (addr_equal(&p->route.remote, &own)) ((struct stranger *)d->context)->bytes_in += p->len;
}

static struct state state_of(const struct peer *peer)
{
    struct state s = {.peer = peer_state(peer),
                      .ice = ice_state(peer_ice(peer)),
                      .dtls = dtls_status(peer_dtls(peer)).state,
                      .pairs = ice_pair_count(peer_ice(peer))};
    s.has_selected = ice_selected(peer_ice(peer), &s.selected);
    return s;
}

static bool same_state(const struct state *a, const struct state *b)
{
    return a->peer == b->peer && a->ice == b->ice && a->dtls == b->dtls && a->pairs == b->pairs &&
           a->has_selected == b->has_selected &&
           (!a->has_selected || (addr_equal(&a->selected.local, &b->selected.local) &&
                                 addr_equal(&a->selected.remote, &b->selected.remote)));
}

/* Ten bytes of it are the shortest tag. */
static bool has_fuzz_tag(struct bytes datagram)
{
    static const char tag[] = "duet-fuzz:";
    for (size_t i = 0; i + strlen(tag) <= datagram.len; i++)
        if (memcmp(datagram.at + i, tag, strlen(tag)) == 0) return true;
    return false;
}

static void forge(struct stranger *s, uint8_t how, struct bytes datagram)
{
    static struct packet p;
    struct duo *d = &s->duo;
    int to = how & 1;
    bool own = how & 2;
    packet_reset(&p);
    if (has_fuzz_tag(datagram) || (!own && has_clear_handshake(datagram))) return;
    if (!packet_set(&p, datagram)) return;
    p.route.local = duo_addr(to, false);
    p.route.remote = own ? own_address() : duo_addr(1 - to, false);
    if (own) s->bytes_out += p.len;
    struct state before = state_of(d->side[to]);
    enum err err = peer_input(d->side[to], &p, d->now);
    struct state after = state_of(d->side[to]);
    if (err != OK) FUZZ_CHECK(peer_fault(d->side[to])->err == err);
    FUZZ_CHECK(same_state(&before, &after));
    duo_drain(d);
    FUZZ_CHECK(s->bytes_in <= s->bytes_out);
}

static struct bytes some(struct stranger *s)
{
    return read_bytes(&s->script, read_u8(&s->script) % (reader_left(&s->script) + 1));
}

/* Any record but the header's length, with keys or without. */
static void forge_record(struct stranger *s, uint8_t how)
{
    uint8_t room[600], what = read_u8(&s->script);
    struct writer w = writer_of(room, sizeof room);
    struct bytes body = some(s);
    uint8_t more = read_u8(&s->script); /* zeros behind: a long record costs no long script */
    write_u8(&w, 20 + (what & 7));
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, what >> 3 & 3);
    write_u48(&w, what >> 5);
    write_u16(&w, (uint16_t)(body.len + more));
    write_bytes(&w, body);
    write_zeros(&w, more);
    forge(s, how, writer_done(&w));
}

static void forge_media(struct stranger *s, uint8_t how)
{
    uint8_t room[600], type = read_u8(&s->script);
    struct writer w = writer_of(room, sizeof room);
    write_u8(&w, 0x80 | (how >> 3));
    write_u8(&w, type);
    write_bytes(&w, some(s));
    write_zeros(&w, read_u8(&s->script));
    forge(s, how, writer_done(&w));
}

/* Attributes of the script, an integrity of a password that is not the right one, a good
 * fingerprint. */
static void forge_stun(struct stranger *s, uint8_t how)
{
    static const uint16_t types[] = {0x0001, 0x0101, 0x0111, 0x0011,
                                     0x0003, 0x0103, 0x0016, 0x0017};
    uint8_t room[600];
    struct stun_key key;
    struct writer w = writer_of(room, sizeof room);
    stun_begin(&w, types[how >> 3 & 7], bytes_of("guessed id.."));
    for (int i = 0; i < (how >> 6) + 1; i++) {
        uint16_t type = read_u16(&s->script);
        stun_put(&w, type, read_bytes(&s->script, read_u8(&s->script) % 40));
    }
    stun_key_short_term(&key, bytes_of("not the right password"));
    if (read_u8(&s->script) & 1) stun_put_integrity(&w, &key);
    stun_put_fingerprint(&w);
    forge(s, how, writer_done(&w));
}

static void step(struct stranger *s, usec until)
{
    struct duo *d = &s->duo;
    uint8_t what = read_u8(&s->script);
    switch (what & 7) {
    case 0: duo_run(d, usec_min(until, d->now + USEC(100) * read_u8(&s->script))); break;
    case 1: duo_run(d, usec_min(until, d->now + MS(5))); break;
    case 2: forge(s, what >> 3, some(s)); break;
    case 3: forge_record(s, what >> 3); break;
    case 4: forge_media(s, read_u8(&s->script)); break;
    default: forge_stun(s, read_u8(&s->script)); break;
    }
}

static void talk(struct stranger *s)
{
    for (int i = 0; i < 2; i++) duo_send_frame(&s->duo, i, RTP_OPUS, true, s->number, 60);
    s->number++;
    duo_run(&s->duo, s->duo.now + MS(20));
}

/* The answer takes its time, in which checks and a ClientHello may come before it. */
static void take_answer(struct stranger *s)
{
    FUZZ_CHECK(peer_set_answer(s->duo.side[0], (struct bytes){s->answer, s->answer_len},
                               s->duo.now) == OK);
    s->answer_len = 0;
    duo_drain(&s->duo);
}

static void negotiate(struct stranger *s)
{
    struct duo *d = &s->duo;
    struct bytes offer, answer;
    FUZZ_CHECK(peer_offer(d->side[0], &offer, 0) == OK);
    FUZZ_CHECK(peer_answer(d->side[1], offer, &answer, 0) == OK && answer.len <= sizeof s->answer);
    memcpy(s->answer, answer.at, answer.len);
    s->answer_len = answer.len;
    duo_drain(d);
}

/* Returns when both are connected, from a start at 0. */
static usec run(struct stranger *s, struct bytes script, usec answer_at)
{
    struct duo *d = &s->duo;
    fixedrand_start();
    memset(s, 0, sizeof *s);
    s->script = reader_of(script);
    duo_init(d, 1);
    d->delay = MS(5);
    d->on_send = on_send;
    d->context = s;
    duo_open(d, false);
    negotiate(s);
    while (s->answer_len || reader_left(&s->script)) {
        if (s->answer_len && !reader_left(&s->script)) duo_run(d, answer_at);
        if (s->answer_len && d->now >= answer_at) take_answer(s);
        if (reader_left(&s->script)) step(s, s->answer_len ? answer_at : TIME_NEVER);
        if (peer_connected_at(d->side[0]) && peer_connected_at(d->side[1]) && s->number < 4)
            talk(s);
    }
    duo_run(d, d->now + CALL_FOR);
    FUZZ_CHECK(peer_state(d->side[0]) == PEER_CONNECTED &&
               peer_state(d->side[1]) == PEER_CONNECTED);
    talk(s);
    duo_run(d, d->now + MS(200));
    for (int i = 0; i < 2; i++) {
        uint64_t heard = 0;
        for (size_t k = 0; k < PEER_TRACKS_MAX; k++) heard += d->seen[i].frames[k];
        FUZZ_CHECK(heard == s->number && d->seen[i].damaged == 0);
    }
    usec connected = usec_max(peer_connected_at(d->side[0]), peer_connected_at(d->side[1]));
    duo_free(d);
    return connected;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct stranger s;
    static usec alone[16]; /* by when the answer comes */
    if (n > 2048) return 0;
    struct reader r = reader_of((struct bytes){data, n});
    size_t when = read_u8(&r) % COUNT(alone);
    usec answer_at = MS(4) * (usec)when;
    if (!alone[when]) alone[when] = run(&s, (struct bytes){data, 0}, answer_at);
    FUZZ_CHECK(run(&s, read_bytes(&r, reader_left(&r)), answer_at) <= alone[when]);
    return 0;
}
