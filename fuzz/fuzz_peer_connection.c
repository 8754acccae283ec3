/* Two connections under a script: each step is one byte of command, one of argument, then what the
 * command needs. Descriptions and candidates pass bent or whole, datagrams are injected from the
 * right and from foreign addresses, tracks come and go, time moves on.
 *
 * What must hold: nothing crashes, deadlines move on (duo_run aborts else), no frame arrives other
 * than it was sent, and no media leaves before a handshake was done. */
#include "fuzz/fuzz.h"

#define DUO_IN_FLIGHT 64 /* less memory to make for each run */
#include "tests/peer/duo.h"

#define TEXT_MAX 16384

/* A run gives all its memory back, megabytes: with the default of 256 MB each would come from fresh
 * pages. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=16:malloc_context_size=8";
}

struct script {
    struct duo duo;
    struct reader in;
    uint8_t text[TEXT_MAX]; /* the description on its way */
    size_t text_len;
};

static void keep(struct script *s, struct bytes text)
{
    s->text_len = text.len < TEXT_MAX ? text.len : TEXT_MAX;
    memcpy(s->text, text.at, s->text_len);
}

/* Overwrites a few bytes of the description that is on its way. */
static void bend(struct script *s)
{
    size_t at = read_u16(&s->in);
    struct bytes by = read_bytes(&s->in, read_u8(&s->in) % 16);
    for (size_t i = 0; i < by.len && at + i < s->text_len; i++) s->text[at + i] = by.at[i];
}

static void inject(struct script *s, int to, bool foreign)
{
    static struct packet p;
    packet_reset(&p);
    packet_set(&p, read_bytes(&s->in, read_u8(&s->in)));
    p.route.local = duo_addr(to, false);
    p.route.remote = foreign ? addr_ipv4(203, 0, 113, 9, 999) : duo_addr(1 - to, false);
    peer_input(s->duo.side[to], &p, s->duo.now);
    duo_drain(&s->duo);
}

/* Flips a bit of the newest datagram in flight, or repeats it. */
static void meddle(struct script *s, uint8_t how)
{
    struct duo *d = &s->duo;
    if (d->count == 0) return;
    struct duo_packet *newest = &d->flying[d->count - 1];
    if (how & 1) {
        struct packet again;
        packet_reset(&again);
        packet_copy(&again, &newest->packet);
        again.route = (struct route){.local = newest->packet.route.remote,
                                     .remote = newest->packet.route.local};
        duo_fly(d, newest->to, &again);
    } else if (newest->packet.len) {
        newest->packet.at[read_u16(&s->in) % newest->packet.len] ^= (uint8_t)(1u << (how >> 1) % 8);
    }
}

static void step(struct script *s)
{
    struct duo *d = &s->duo;
    uint8_t command = read_u8(&s->in), argument = read_u8(&s->in);
    int i = argument & 1;
    struct peer *p = d->side[i];
    struct bytes text = {s->text, s->text_len}, out;
    struct peer_media media = {argument & 2, argument & 4};
    size_t track;
    switch (command % 16) {
    case 0:
        if (peer_offer(p, &out, d->now) == OK) keep(s, out);
        break;
    case 1:
        if (peer_answer(p, text, &out, d->now) == OK) keep(s, out);
        break;
    case 2: peer_set_answer(p, text, d->now); break;
    case 3: bend(s); break;
    case 4: peer_rollback(p, d->now); break;
    case 5: peer_add_candidate(p, read_bytes(&s->in, read_u8(&s->in)), bytes_of(""), d->now); break;
    case 6: inject(s, i, argument & 2); break;
    case 7: meddle(s, argument); break;
    case 8: peer_add_track(p, argument & 8 ? RTP_OPUS : RTP_VP8, media, &track); break;
    case 9: peer_set_track(p, argument >> 4, media); break;
    case 10: peer_restart_ice(p); break;
    case 11:
        duo_send_frame(d, i, argument & 2 ? RTP_OPUS : RTP_VP8, argument & 4, argument,
                       100 + 12u * argument);
        break;
    case 12: d->cut[i] = argument & 2; break;
    case 13: d->loss = argument; break;
    case 14: duo_negotiate(d, i); break;
    default: duo_run(d, d->now + MS(argument)); break;
    }
    for (int k = 0; k < 2; k++)
        FUZZ_CHECK(peer_connected_at(d->side[k]) ||
                   d->sent[k][DEMUX_RTP] + d->sent[k][DEMUX_RTCP] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct script s;
    s.in = reader_of((struct bytes){data, n});
    s.text_len = 0;
    duo_init(&s.duo, read_u8(&s.in));
    duo_open(&s.duo, false);
    for (int steps = 0; steps < 200 && reader_left(&s.in); steps++) {
        step(&s);
        duo_drain(&s.duo);
    }
    duo_run(&s.duo, s.duo.now + SEC(1));
    FUZZ_CHECK(s.duo.seen[0].damaged + s.duo.seen[1].damaged == 0);
    duo_free(&s.duo);
    return 0;
}
