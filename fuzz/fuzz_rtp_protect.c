/* Packets protected, damaged as the input says, and unprotected: only what was sent comes out, once
 * each, and as it was. */
#include "base/packet.h"
#include "fuzz/fuzz.h"
#include "rtp/protect.h"

#define SENT_MAX 64

struct run {
    struct protect *from, *to;
    struct reader script;
    struct sent {
        bool rtcp, received;
        size_t plain_len, len;
        uint8_t plain[64], bytes[128];
    } sent[SENT_MAX];
    size_t count;
};

static struct protect *new_end(uint8_t which, bool other)
{
    static const uint16_t profiles[] = {PROTECT_AEAD_AES_128_GCM, PROTECT_AEAD_AES_256_GCM,
                                        PROTECT_AES128_CM_SHA1_80};
    static const uint8_t secret[2][46] = {{1, 2, 3}, {4, 5, 6}};
    uint16_t profile = profiles[which % 3];
    size_t key_len = profile == PROTECT_AEAD_AES_256_GCM ? 32 : 16;
    size_t salt_len = profile == PROTECT_AES128_CM_SHA1_80 ? 14 : 12;
    struct bytes key[2] = {{secret[0], key_len}, {secret[1], key_len}};
    struct bytes salt[2] = {{secret[0] + 32, salt_len}, {secret[1] + 32, salt_len}};
    struct protect *p = protect_new(
        &(struct protect_config){profile, key[other], salt[other], key[!other], salt[!other]});
    FUZZ_CHECK(p != NULL);
    return p;
}

/* A packet of the script's bytes behind a header that makes sense, unless the script spoils it. */
static void send_one(struct run *run, bool rtcp)
{
    if (run->count == SENT_MAX) return;
    struct sent *s = &run->sent[run->count];
    struct packet p;
    struct writer w = packet_writer(&p);
    *s = (struct sent){.rtcp = rtcp};
    write_u8(&w, 0x80 | (read_u8(&run->script) & 0x3F));
    write_u8(&w, rtcp ? 201 : 96);
    write_u16(&w, read_u16(&run->script));
    if (!rtcp) write_u32(&w, 0);
    write_u32(&w, read_u8(&run->script) & 0x3F);
    write_bytes(&w, read_bytes(&run->script, read_u8(&run->script) & 0x1F));
    p.len = writer_len(&w);
    s->plain_len = p.len;
    memcpy(s->plain, p.at, p.len);
    size_t room = PACKET_MAX + PACKET_TAILROOM;
    enum err err = rtcp ? protect_rtcp(run->from, p.at, &p.len, room)
                        : protect_rtp(run->from, p.at, &p.len, room);
    FUZZ_CHECK(protect_fault(run->from)->err == err);
    if (err != OK) {
        FUZZ_CHECK(memcmp(s->plain, p.at, s->plain_len) == 0);
        return;
    }
    FUZZ_CHECK(p.len > s->plain_len && p.len <= s->plain_len + PROTECT_RTCP_OVERHEAD);
    s->len = p.len;
    memcpy(s->bytes, p.at, p.len);
    run->count++;
}

static void receive(struct run *run, struct packet *p, bool rtcp, struct sent *s)
{
    uint64_t before = protect_counters(run->to)->rtp_in + protect_counters(run->to)->rtcp_in;
    bool whole = s && p->len == s->len && memcmp(p->at, s->bytes, s->len) == 0 && s->rtcp == rtcp;
    enum err err =
        rtcp ? unprotect_rtcp(run->to, p->at, &p->len) : unprotect_rtp(run->to, p->at, &p->len);
    FUZZ_CHECK(protect_fault(run->to)->err == err);
    uint64_t now = protect_counters(run->to)->rtp_in + protect_counters(run->to)->rtcp_in;
    FUZZ_CHECK(now - before == (err == OK));
    if (err != OK) return;
    FUZZ_CHECK(whole && !s->received);
    FUZZ_CHECK(p->len == s->plain_len && memcmp(p->at, s->plain, p->len) == 0);
    s->received = true;
}

static void deliver(struct run *run, uint8_t what)
{
    if (run->count == 0) return;
    struct sent *s = &run->sent[read_u8(&run->script) % run->count];
    struct packet p;
    packet_reset(&p);
    packet_set(&p, (struct bytes){s->bytes, s->len});
    if (what & 8 && p.len) p.at[read_u8(&run->script) % p.len] ^= read_u8(&run->script);
    if (what & 16) p.len = read_u8(&run->script) % (p.len + 1);
    receive(run, &p, s->rtcp != ((what & 32) != 0), s);
}

static void inject(struct run *run, uint8_t what)
{
    struct packet p;
    packet_reset(&p);
    packet_set(&p, read_bytes(&run->script, what >> 2));
    receive(run, &p, what & 4, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct run run;
    run = (struct run){.script = reader_of((struct bytes){data, n})};
    uint8_t profile = read_u8(&run.script);
    run.from = new_end(profile, false);
    run.to = new_end(profile, true);
    while (reader_left(&run.script)) {
        uint8_t what = read_u8(&run.script);
        switch (what & 3) {
        case 0: send_one(&run, false); break;
        case 1: send_one(&run, true); break;
        case 2: deliver(&run, what); break;
        default: inject(&run, what); break;
        }
    }
    protect_free(run.from);
    protect_free(run.to);
    return 0;
}
