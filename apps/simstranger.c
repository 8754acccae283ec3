#include "apps/simstranger.h"

#include "sim/nat.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

struct addr simstranger_address(void)
{
    return addr_ipv4(192, 0, 2, 66, 4444);
}

void simstranger_init(struct simstranger *s, uint64_t seed, unsigned rate,
                      const struct addr victims[2])
{
    *s = (struct simstranger){.every = SEC(1) / rate, .victims = {victims[0], victims[1]}};
    rng_init_number(&s->rng, seed ^ 0x57a4e6);
}

/* A connectivity check, or its answer, with everything right but what it can't know. */
static void forge_stun(struct simstranger *s, struct writer *w)
{
    static const uint16_t types[] = {STUN_BINDING | STUN_REQUEST, STUN_BINDING | STUN_SUCCESS,
                                     STUN_BINDING | STUN_ERROR, STUN_BINDING | STUN_INDICATION};
    uint8_t id[12], password[24];
    char username[18];
    struct stun_key key;
    rng_fill(&s->rng, id, sizeof id);
    rng_fill(&s->rng, password, sizeof password);
    rng_text(&s->rng, username, sizeof username - 1);
    username[8] = ':', username[17] = '\0';
    uint16_t type = types[rng_below(&s->rng, COUNT(types))];
    stun_begin(w, type, (struct bytes){id, sizeof id});
    if ((type & STUN_ERROR) == STUN_ERROR) stun_put_error(w, 487);
    if ((type & STUN_ERROR) == STUN_SUCCESS)
        stun_put_addr(w, STUN_XOR_MAPPED_ADDRESS, &s->victims[0]);
    if ((type & STUN_ERROR) == STUN_REQUEST) {
        stun_put_text(w, STUN_USERNAME, username);
        stun_put_u32(w, STUN_PRIORITY, 0x6e7f1eff);
        stun_put_u64(w, STUN_ICE_CONTROLLING, rng_u64(&s->rng));
        stun_put_flag(w, STUN_USE_CANDIDATE);
    }
    stun_key_short_term(&key, (struct bytes){password, sizeof password});
    stun_put_integrity(w, &key);
    stun_put_fingerprint(w);
}

/* RFC 6347 §4.1 and §4.2.2: a record, and in it the whole or a piece of a ClientHello. */
static void forge_client_hello(struct simstranger *s, struct writer *w)
{
    size_t len = 60, part = rng_below(&s->rng, 2) ? len : 20;
    write_u8(w, 22), write_u16(w, 0xfefd), write_u16(w, 0), write_u16(w, 0);
    write_u32(w, rng_below(&s->rng, 4));
    write_u16(w, (uint16_t)(12 + part));
    write_u8(w, 1), write_u8(w, 0), write_u16(w, (uint16_t)len), write_u16(w, 0);
    write_u8(w, 0), write_u16(w, 0), write_u8(w, 0), write_u16(w, (uint16_t)part);
    uint8_t body[60] = {0xfe, 0xfd};
    rng_fill(&s->rng, body + 2, 32);
    static const uint8_t rest[] = {0, 0, 0, 2, 0xc0, 0x2b, 1, 0,  0, 17, 0, 14, 0,
                                   5, 0, 2, 0, 7,    0,    0, 10, 0, 4,  0, 2};
    memcpy(body + 34, rest, sizeof rest);
    write_bytes(w, (struct bytes){body, part});
}

/* One or two records of any content, in clear or as if with keys, of any length: alerts that end a
 * connection among them, a ChangeCipherSpec, what DTLS 1.2 has no place for. Handshake messages in
 * clear are forge_client_hello's. */
static void forge_record(struct simstranger *s, struct writer *w)
{
    static const uint8_t types[] = {20, 21, 21, 22, 23, 23, 24, 25, 26, 0x2f};
    uint8_t body[60];
    for (uint32_t more = rng_below(&s->rng, 4) ? 1 : 2; more > 0; more--) {
        uint8_t type = types[rng_below(&s->rng, COUNT(types))];
        uint16_t epoch = type == 22 ? 1 : (uint16_t)rng_below(&s->rng, 3);
        size_t len = rng_below(&s->rng, sizeof body);
        rng_fill(&s->rng, body, sizeof body);
        if (epoch == 0 && (type == 20 || type == 21)) len = type - 19u; /* as they should be */
        if (type == 20) body[0] = 1;
        if (type == 21) body[0] = 2; /* fatal */
        write_u8(w, type), write_u16(w, 0xfefd), write_u16(w, epoch), write_u16(w, 0);
        write_u32(w, rng_below(&s->rng, 64));
        write_u16(w, (uint16_t)len);
        write_bytes(w, (struct bytes){body, len});
    }
}

static void forge_media(struct simstranger *s, struct writer *w)
{
    uint8_t body[120];
    bool rtcp = rng_below(&s->rng, 4) == 0;
    rng_fill(&s->rng, body, sizeof body);
    body[0] = 0x80;
    body[1] = rtcp ? (uint8_t)(200 + rng_below(&s->rng, 7)) : (uint8_t)(96 + rng_below(&s->rng, 8));
    write_bytes(w, (struct bytes){body, 20 + rng_below(&s->rng, 100)});
}

static void forge_rubbish(struct simstranger *s, struct writer *w)
{
    uint8_t body[64];
    rng_fill(&s->rng, body, sizeof body);
    write_bytes(w, (struct bytes){body, 1 + rng_below(&s->rng, sizeof body)});
}

static enum err input(void *self, struct packet *in, usec now)
{
    (void)now;
    struct simstranger *s = self;
    s->bytes_in += in->len;
    return OK;
}

static void tick(void *self, usec now)
{
    (void)self, (void)now;
}

static bool output(void *self, struct packet *out, usec now)
{
    static void (*const forge[])(struct simstranger *, struct writer *) = {
        forge_stun, forge_stun, forge_client_hello, forge_record, forge_media, forge_rubbish};
    struct simstranger *s = self;
    if (now < s->next) return false;
    s->next = now + s->every;
    struct writer w = packet_writer(out);
    uint32_t kind = rng_below(&s->rng, COUNT(forge));
    forge[kind](s, &w);
    out->len = writer_done(&w).len;
    int victim = (int)rng_below(&s->rng, 2);
    out->route.remote = s->victims[victim];
    /* In its own name, or in that of the other one. DTLS 1.2 protects no handshake from somebody
     * who can put a ClientHello before the true one under the very same addresses and ports: of
     * those the stranger guesses the port, and wrong, since no host or NAT here gives out one below
     * SIM_NAT_PORT_MIN. */
    bool own = rng_below(&s->rng, 2) && out->route.remote.family == ADDR_IPV4;
    out->route.local = own ? simstranger_address() : s->victims[1 - victim];
    if (!own && forge[kind] == forge_client_hello)
        out->route.local.port = (uint16_t)(1 + rng_below(&s->rng, SIM_NAT_PORT_MIN - 1));
    if (own) s->bytes_out += out->len;
    s->packets++;
    return true;
}

static bool event(void *self)
{
    (void)self;
    return false;
}

static usec deadline(const void *self)
{
    const struct simstranger *s = self;
    return s->next;
}

const struct machine simstranger_machine = {"stranger", input, tick, output, event, deadline};
