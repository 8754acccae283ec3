/* Offers and answers in many rounds between two connections, without a network: who offers when,
 * what with, what is taken back, what is bent on the way. Whatever came before, two whole rounds,
 * one from each side, work at the end when nothing bent was ever accepted. */
#include "fuzz/fuzz.h"

#define DUO_IN_FLIGHT 8
#include "tests/peer/duo.h"

#define STEPS_MAX 60
#define TEXT_MAX  32768

struct script {
    struct duo duo;
    struct reader in;
    uint8_t text[2][TEXT_MAX]; /* the last offer, the last answer */
    size_t len[2];
    int from[2];
    bool bent[2]; /* on the way */
    bool bent_taken;
};

static void keep(struct script *s, int which, int from, struct bytes text)
{
    FUZZ_CHECK(text.len <= TEXT_MAX);
    memcpy(s->text[which], text.at, text.len);
    s->len[which] = text.len;
    s->from[which] = from;
    s->bent[which] = false;
}

static void bend(struct script *s, int which)
{
    uint16_t at = read_u16(&s->in);
    struct bytes by = read_bytes(&s->in, read_u8(&s->in) % 16);
    for (size_t i = 0; i < by.len && at + i < s->len[which]; i++) s->text[which][at + i] = by.at[i];
    s->bent[which] = true;
}

/* Takes lines out: from the nth on, some. */
static void cut(struct script *s, int which)
{
    uint8_t nth = read_u8(&s->in), some = read_u8(&s->in) % 8;
    uint8_t *from = s->text[which], *end = from + s->len[which];
    while (nth-- && from < end) from = (uint8_t *)memchr(from, '\n', (size_t)(end - from)) + 1;
    uint8_t *to = from;
    while (some-- && to < end) to = (uint8_t *)memchr(to, '\n', (size_t)(end - to)) + 1;
    memmove(from, to, (size_t)(end - to));
    s->len[which] -= (size_t)(to - from);
    s->bent[which] = true;
}

static void answer(struct script *s, int side)
{
    struct bytes out, offer = {s->text[0], s->len[0]};
    struct peer *p = s->duo.side[side];
    enum err err = peer_answer(p, offer, &out, s->duo.now);
    if (err != OK) {
        FUZZ_CHECK(peer_fault(p)->err == err && peer_fault(p)->rule);
        return;
    }
    s->bent_taken |= s->bent[0] || s->from[0] == side;
    keep(s, 1, side, out);
}

static void set_answer(struct script *s, int side)
{
    struct peer *p = s->duo.side[side];
    enum err err = peer_set_answer(p, (struct bytes){s->text[1], s->len[1]}, s->duo.now);
    if (err != OK)
        FUZZ_CHECK(peer_fault(p)->err == err && peer_fault(p)->rule);
    else
        s->bent_taken |= s->bent[1] || s->from[1] == side;
}

static void step(struct script *s)
{
    struct duo *d = &s->duo;
    uint8_t what = read_u8(&s->in);
    int i = what >> 7;
    struct peer_media media = {what & 16, what & 32};
    struct bytes out;
    size_t track;
    switch (what & 15) {
    case 0:
        if (peer_offer(d->side[i], &out, d->now) == OK) keep(s, 0, i, out);
        break;
    case 1: answer(s, i); break;
    case 2: set_answer(s, i); break;
    case 3: bend(s, what >> 6 & 1); break;
    case 4:
        if (s->len[what >> 6 & 1]) cut(s, what >> 6 & 1);
        break;
    case 5: peer_rollback(d->side[i], d->now); break;
    case 6: peer_add_track(d->side[i], what & 64 ? RTP_OPUS : RTP_VP8, media, &track); break;
    case 7: peer_set_track(d->side[i], read_u8(&s->in), media); break;
    case 8: peer_restart_ice(d->side[i]); break;
    case 9: duo_negotiate(d, i); break;
    case 10: duo_run(d, d->now + MS(read_u8(&s->in))); break;
    case 11: /* an old answer or offer, once more */
        s->from[what >> 6 & 1] = i, s->bent[what >> 6 & 1] = true;
        break;
    default: /* a round by hand, so that the next steps may come between */
        if (peer_offer(d->side[i], &out, d->now) != OK) break;
        keep(s, 0, i, out);
        answer(s, 1 - i);
        if (what & 64) set_answer(s, i);
        break;
    }
    duo_drain(d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct script s;
    s.in = reader_of((struct bytes){data, n});
    s.len[0] = s.len[1] = 0;
    s.bent[0] = s.bent[1] = s.bent_taken = false;
    duo_init(&s.duo, 1);
    if (read_u8(&s.in) & 1) duo_open(&s.duo, false);
    for (int steps = 0; steps < STEPS_MAX && reader_left(&s.in); steps++) step(&s);
    for (int i = 0; i < 2 && !s.bent_taken; i++) {
        peer_rollback(s.duo.side[0], s.duo.now);
        peer_rollback(s.duo.side[1], s.duo.now);
        enum err err = duo_negotiate(&s.duo, i);
        /* E_STATE: an answer that never arrived leaves the answerer a step ahead. */
        FUZZ_CHECK(err == OK || err == E_STATE || err == E_MALFORMED || err == E_FULL);
    }
    duo_drain(&s.duo);
    duo_free(&s.duo);
    return 0;
}
