/* A whole connection from behind its crypto: two connect as ever, then bytes are a script of plain
 * RTP, RTCP and STUN that one of them takes for the other's, because they end with the tag that
 * fuzz builds let pass (base/unproved.h). Other builds must refuse every one of them.
 *
 * So that few bytes go far: a header's SSRC, sequence number and timestamp count from the newest
 * packet that really came that way, and in RTCP a word FF FF FF Fn stands for an SSRC seen. */
#include "fuzz/fuzz.h"

#include "base/unproved.h"
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/peer/duo.h"

#define STEPS_MAX 100
#define TAG_LEN   16 /* both sides choose AEAD_AES_128_GCM */

struct heard { /* of one side's streams, by what went over the wire in the clear */
    uint32_t ssrc[4], timestamp[4];
    uint16_t sequence[4];
    uint8_t pt[4];
    size_t count;
    uint8_t request[256]; /* its last STUN request */
    size_t request_len;
};

struct script {
    struct duo duo;
    struct reader in;
    struct heard heard[2];
};

static const char tag[] = "duet-fuzz: an unproved tag passes";

static void listen_rtp(struct heard *h, struct bytes packet)
{
    struct reader r = reader_of(packet);
    read_u8(&r);
    uint8_t pt = read_u8(&r) & 127;
    uint16_t sequence = read_u16(&r);
    uint32_t timestamp = read_u32(&r), ssrc = read_u32(&r);
    size_t i = 0;
    while (i < h->count && h->ssrc[i] != ssrc) i++;
    if (i == COUNT(h->ssrc)) return;
    if (i == h->count) h->count++;
    h->ssrc[i] = ssrc, h->timestamp[i] = timestamp, h->sequence[i] = sequence, h->pt[i] = pt;
}

static void on_send(struct duo *d, int from, struct packet *p)
{
    struct heard *h = &((struct script *)d->context)->heard[from];
    struct bytes packet = packet_bytes(p);
    enum demux kind = demux_of(packet);
    if (kind == DEMUX_RTP) listen_rtp(h, packet);
    if (kind != DEMUX_STUN || packet.len > sizeof h->request || packet.at[0] & 1) return;
    memcpy(h->request, packet.at, packet.len);
    h->request_len = packet.len;
}

static void give(struct script *s, int to, struct bytes bytes)
{
    static struct packet p;
    struct duo *d = &s->duo;
    packet_reset(&p);
    if (!packet_set(&p, bytes)) return;
    p.route.local = duo_addr(to, false);
    p.route.remote = duo_addr(1 - to, false);
    enum err err = peer_input(d->side[to], &p, d->now);
    if (err != OK) FUZZ_CHECK(peer_fault(d->side[to])->err == err);
#ifndef DUET_FUZZ_UNPROTECTED
    FUZZ_CHECK(err != OK);
#endif
    duo_drain(d);
}

static void forge_rtp(struct script *s, int to)
{
    uint8_t room[512];
    const struct heard *h = &s->heard[1 - to];
    struct writer w = writer_of(room, sizeof room);
    uint8_t which = read_u8(&s->in), pt = read_u8(&s->in);
    size_t i = h->count ? which % h->count : 0;
    write_u8(&w, 0x80 | (which >> 2 & 0x3F));
    write_u8(&w, pt & 0x40 ? pt : (uint8_t)(h->pt[i] | (pt & 0x80)));
    write_u16(&w, (uint16_t)(h->sequence[i] + read_u8(&s->in)));
    write_u32(&w, h->timestamp[i] + 960u * read_u8(&s->in));
    write_u32(&w, pt & 1 ? read_u32(&s->in) : h->ssrc[i]);
    write_bytes(&w, read_bytes(&s->in, read_u8(&s->in) % (reader_left(&s->in) + 1)));
    write_bytes(&w, (struct bytes){(const uint8_t *)tag, TAG_LEN});
    give(s, to, writer_done(&w));
}

static uint32_t known_ssrc(const struct script *s, uint32_t word)
{
    const struct heard *h = &s->heard[word >> 2 & 1];
    return word < 0xFFFFFFF0 || (word & 3) >= h->count ? word : h->ssrc[word & 3];
}

static void forge_rtcp(struct script *s, int to)
{
    uint8_t room[512];
    struct writer w = writer_of(room, sizeof room);
    struct reader r = reader_of(read_bytes(&s->in, read_u8(&s->in) % (reader_left(&s->in) + 1)));
    write_u8(&w, 0x80 | (read_u8(&r) & 0x3F));
    write_u8(&w, 200 + read_u8(&r) % 8);
    write_u16(&w, read_u16(&r));
    while (reader_left(&r) >= 4) write_u32(&w, known_ssrc(s, read_u32(&r)));
    write_u32(&w, 0x80000001); /* SRTCP's index (RFC 3711 3.4) */
    write_bytes(&w, (struct bytes){(const uint8_t *)tag, TAG_LEN});
    give(s, to, writer_done(&w));
}

/* The other side's last request, or a message of another type with its id, with attributes from the
 * script. */
static void forge_stun(struct script *s, int to, uint8_t how)
{
    uint8_t room[512];
    struct stun_msg m;
    const struct heard *h = &s->heard[how & 1 ? to : 1 - to];
    struct writer w = writer_of(room, sizeof room);
    if (stun_parse(&m, (struct bytes){h->request, h->request_len}) != OK || !m.integrity) return;
    if (how & 1) { /* an answer to our own request */
        stun_begin(&w, how & 4 ? 0x0111 : 0x0101, m.id);
        if (how & 2) stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &s->duo.seen[to].selected.local);
    } else {
        write_bytes(&w, bytes_slice(m.whole, 0, m.integrity));
        if (how & 2) room[8 + read_u8(&s->in) % 12] ^= 1; /* a new transaction */
    }
    for (int i = 0; i < (how >> 3 & 3); i++) {
        uint16_t type = read_u16(&s->in);
        stun_put(&w, type, read_bytes(&s->in, read_u8(&s->in) % 32));
    }
    if (!(how & 32)) stun_put(&w, STUN_MESSAGE_INTEGRITY, bytes_slice(bytes_of(tag), 0, 20));
    stun_put_fingerprint(&w);
    struct bytes out = writer_done(&w);
    if (out.at) give(s, to, out);
}

static void step(struct script *s)
{
    struct duo *d = &s->duo;
    uint8_t what = read_u8(&s->in);
    int to = what >> 7;
    switch (what & 7) {
    case 0:
    case 1: forge_rtp(s, to); break;
    case 2:
    case 3: forge_rtcp(s, to); break;
    case 4: forge_stun(s, to, read_u8(&s->in)); break;
    case 5: duo_send_frame(d, to, what & 8 ? RTP_OPUS : RTP_VP8, what & 16, what, 300); break;
    case 6: duo_run(d, d->now + MS(read_u8(&s->in))); break;
    default: duo_run(d, d->now + MS(read_u8(&s->in)) * 20); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct script s;
    if (n > 2048) return 0;
    memset(s.heard, 0, sizeof s.heard);
    s.in = reader_of((struct bytes){data, n});
    duo_init(&s.duo, 1);
    s.duo.delay = MS(1);
    s.duo.on_send = on_send;
    s.duo.context = &s;
    size_t track;
    for (int i = 0; i < 2; i++)
        for (int kind = 0; kind < 2; kind++)
            peer_add_track(s.duo.side[i], kind ? RTP_VP8 : RTP_OPUS,
                           (struct peer_media){true, true}, &track);
    FUZZ_CHECK(duo_call(&s.duo, SEC(2)));
    for (int i = 0; i < 2; i++) {
        duo_send_frame(&s.duo, i, RTP_OPUS, true, 1, 50);
        duo_send_frame(&s.duo, i, RTP_VP8, true, 1, 300);
    }
    duo_run(&s.duo, s.duo.now + MS(20));
    for (int steps = 0; steps < STEPS_MAX && reader_left(&s.in); steps++) step(&s);
    duo_run(&s.duo, s.duo.now + MS(100));
    duo_free(&s.duo);
    return 0;
}
