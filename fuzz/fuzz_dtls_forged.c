/* An honest handshake over a link that loses nothing, and somebody who writes records into it in
 * either side's name: the script is what he writes and when. All but handshake messages in clear,
 * which nothing in DTLS 1.2 tells from true ones. None of it may end the handshake, change a state,
 * or make it later (inv 1).
 *
 * OpenSSL's randomness and clock are fixed, so that an input is one run. */
#include "fuzz/fixedrand.h"

#include "fuzz/forged.h"
#include "fuzz/fuzz.h"
#include "tests/dtls/pair.h"

#define DELAY MS(5)

static void forge(struct pair *pair, int to, struct bytes datagram)
{
    struct packet p;
    enum dtls_state before = dtls_status(pair->side[to]).state;
    packet_reset(&p);
    if (has_clear_handshake(datagram) || !packet_set(&p, datagram)) return;
    enum err err = dtls_input(pair->side[to], &p, pair->now);
    FUZZ_CHECK(dtls_fault(pair->side[to])->err == err);
    FUZZ_CHECK(dtls_status(pair->side[to]).state == before);
}

/* A record with a good header: what a fuzzer would have to find first. */
static void forge_record(struct pair *pair, int to, uint8_t what, struct reader *script)
{
    uint8_t room[600];
    struct writer w = writer_of(room, sizeof room);
    struct bytes body = read_bytes(script, read_u8(script) % (reader_left(script) + 1));
    uint8_t more = read_u8(script); /* zeros behind: a long record costs no long script */
    write_u8(&w, 20 + (what >> 2 & 7));
    write_u16(&w, DTLS_VERSION_1_2);
    write_u16(&w, what >> 5 & 3);
    write_u48(&w, read_u8(script));
    write_u16(&w, (uint16_t)(body.len + more));
    write_bytes(&w, body);
    write_zeros(&w, more);
    forge(pair, to, writer_done(&w));
}

static void wait(struct pair *pair, usec by)
{
    usec until = pair->now + by;
    pair_run(pair, until);
    pair_clock = pair->now = until;
}

static void step(struct pair *pair, struct reader *script)
{
    uint8_t what = read_u8(script);
    int to = what >> 7;
    switch (what & 3) {
    case 0: wait(pair, USEC(100) * (what >> 2)); break;
    case 1: forge(pair, to, read_bytes(script, read_u8(script) % (reader_left(script) + 1))); break;
    case 2: forge_record(pair, to, what, script); break;
    default: dtls_peer_has_keys(pair->side[to], pair->now); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct pair pair;
    if (n > 2048) return 0;
    fixedrand_start();
    struct reader script = reader_of((struct bytes){data, n});
    pair_init(&pair, DELAY, 2 * DELAY);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    while (reader_left(&script)) step(&pair, &script);
    wait(&pair, SEC(60));
    for (int i = 0; i < 2; i++) {
        FUZZ_CHECK(dtls_status(pair.side[i]).state == DTLS_CONNECTED);
        FUZZ_CHECK(dtls_counters(pair.side[i])->retransmissions == 0);
    }
    pair_free(&pair);
    return 0;
}
