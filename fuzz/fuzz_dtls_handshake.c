/* Two machines whose link the input rules: each byte is a step. Nothing crashes, output ends, time
 * goes on, and nobody gets keys but from a handshake that both ends agree about.
 *
 * OpenSSL's randomness and clock are fixed, so that an input is one run. */
#include "fuzz/fixedrand.h"

#include "fuzz/fuzz.h"
#include "tests/dtls/pair.h"

static struct reader script;

/* Drops, repeats, damages or delays the datagram as the script says. */
static void send_scripted(struct pair *pair, int from, const struct packet *packet)
{
    struct packet p;
    packet_copy(&p, packet);
    pair->sent[from]++;
    uint8_t what = read_u8(&script);
    switch (what & 7) {
    case 0: return;
    case 1: pair_fly(pair, 1 - from, &p); break;
    case 2: p.at[read_u16(&script) % p.len] ^= (uint8_t)(1u << (what >> 5)); break;
    case 3: p.len = 1 + read_u16(&script) % p.len; break;
    case 4: p.at[read_u8(&script) % (p.len < 25 ? p.len : 25)] = read_u8(&script); break;
    default: break;
    }
    pair_fly(pair, 1 - from, &p);
    if (what & 8) pair->flying[pair->count - 1].at += MS(what >> 4);
}

static void inject(struct pair *pair, int to)
{
    struct packet p;
    packet_reset(&p);
    packet_set(&p, read_bytes(&script, read_u8(&script) % (reader_left(&script) + 1)));
    enum err err = dtls_input(pair->side[to], &p, pair->now);
    FUZZ_CHECK(dtls_fault(pair->side[to])->err == err);
}

static void check(struct pair *pair)
{
    struct dtls_srtp_keys keys[2];
    struct dtls_event event;
    for (int i = 0; i < 2; i++) {
        enum dtls_state state = dtls_status(pair->side[i]).state;
        FUZZ_CHECK((dtls_srtp(pair->side[i], &keys[i]) == OK) == (state == DTLS_CONNECTED));
        if (state == DTLS_FAILED) FUZZ_CHECK(dtls_status(pair->side[i]).reason != NULL);
        for (int n = 0; dtls_event(pair->side[i], &event); n++) FUZZ_CHECK(n < 4);
    }
    if (keys[0].profile && keys[1].profile)
        FUZZ_CHECK(memcmp(&keys[0].local, &keys[1].remote, sizeof keys[0].local) == 0 &&
                   memcmp(&keys[0].remote, &keys[1].local, sizeof keys[0].local) == 0);
}

static void advance(struct pair *pair, usec by)
{
    pair_clock = pair->now += by;
    pair_deliver(pair);
    for (int i = 0; i < 2; i++) {
        dtls_tick(pair->side[i], pair->now);
        /* What was due is done: the next thing lies ahead. */
        FUZZ_CHECK(dtls_deadline(pair->side[i]) > pair->now);
    }
}

static void step(struct pair *pair, uint8_t what)
{
    int side = what >> 7;
    switch (what & 15) {
    case 0: dtls_start(pair->side[side], pair->now); break;
    case 1: inject(pair, side); break;
    case 2: dtls_set_rtt(pair->side[side], MS(what >> 4)); break;
    case 3:
        if (what == 0x73) dtls_close(pair->side[0], pair->now);
        break;
    case 4: pair_introduce(pair, DTLS_SHA256); break;
    case 5: dtls_set_role(pair->side[side], DTLS_SERVER, pair->now); break;
    case 6: advance(pair, SEC(what >> 4)); break;
    default: advance(pair, MS(what >> 4)); break;
    }
    size_t before = pair->sent[0] + pair->sent[1];
    pair_drain(pair);
    FUZZ_CHECK(pair->sent[0] + pair->sent[1] - before <= 64);
    check(pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct pair pair;
    fixedrand_start();
    script = reader_of((struct bytes){data, n});
    pair_init(&pair, MS(1), 0);
    pair.send = send_scripted;
    uint8_t first = read_u8(&script);
    if (first & 1) pair_introduce(&pair, DTLS_SHA256);
    if (first & 2) pair_start(&pair);
    pair_drain(&pair);
    while (reader_left(&script)) step(&pair, read_u8(&script));
    pair_free(&pair);
    return 0;
}
