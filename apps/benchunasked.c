/* What one packet that nobody asked for costs a connected connection: all that anybody on the net
 * can make it do. None of them may allocate: tests/peer/test_memory.c. */
#include <stdlib.h>
#include <string.h>

#include "apps/bench.h"
#include "apps/benchcall.h"
#include "base/rng.h"
#include "peer/connection.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

#define TARGET_US   1
#define MEDIA_BYTES 1200 /* a full packet */
#define RTCP_BYTES  120
#define DTLS_BYTES  200
#define ALERT_BYTES 39 /* a sealed alert's record */

struct unasked {
    const struct kind *kind;
    struct bench_call *call;
    struct peer *peer;
    usec now;
    struct packet packet, copy;
};

/* One kind of packet. `make` writes it; the route is the proved one until it says otherwise. */
struct kind {
    void (*make)(struct unasked *u);
    enum err refused_as;
};

static void from_elsewhere(struct unasked *u)
{
    u->packet.route.remote.port++;
}

/* A request or an answer as the other side would make it, but for what it cannot know. */
static void make_stun(struct unasked *u, uint16_t type, const char *username)
{
    struct stun_key key;
    struct writer w = packet_writer(&u->packet);
    stun_key_short_term(&key, bytes_of("not the right password.."));
    stun_begin(&w, type, bytes_of("unknown id.."));
    if (username) stun_put_text(&w, STUN_USERNAME, username);
    if (username) stun_put_u64(&w, STUN_ICE_CONTROLLING, 1);
    if (username) stun_put_u32(&w, STUN_PRIORITY, 1);
    if (!username) stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &u->packet.route.local);
    stun_put_integrity(&w, &key);
    stun_put_fingerprint(&w);
    u->packet.len = writer_done(&w).len;
}

static void stun_username(struct unasked *u)
{
    make_stun(u, STUN_BINDING | STUN_REQUEST, "somebody:else1234");
}

static void stun_password(struct unasked *u)
{
    char username[2 * ICE_UFRAG_MAX + 2];
    struct route route;
    usec now;
    struct writer w = writer_of(username, sizeof username);
    write_bytes(&w, ice_local_ufrag(peer_ice(u->peer)));
    write_text(&w, ":");
    write_bytes(&w, ice_local_ufrag(peer_ice(bench_call_side(u->call, 1, &route, &now))));
    write_u8(&w, 0);
    make_stun(u, STUN_BINDING | STUN_REQUEST, username);
}

static void stun_response(struct unasked *u)
{
    make_stun(u, STUN_BINDING | STUN_SUCCESS, NULL);
}

/* Random bytes behind `head`. */
static void make_bytes(struct unasked *u, const uint8_t *head, size_t head_len, size_t len)
{
    struct rng rng;
    rng_init_number(&rng, len);
    rng_fill(&rng, u->packet.at, len);
    memcpy(u->packet.at, head, head_len);
    u->packet.len = len;
}

static void dtls_unproved(struct unasked *u)
{
    static const uint8_t head[] = {23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, DTLS_BYTES - 13};
    make_bytes(u, head, sizeof head, DTLS_BYTES);
    from_elsewhere(u);
}

static void rtp_forged(struct unasked *u)
{
    static const uint8_t head[] = {0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    make_bytes(u, head, sizeof head, MEDIA_BYTES);
}

/* As if with the keys of the handshake that is done: an alert would end the connection. */
static void dtls_forged(struct unasked *u)
{
    static const uint8_t head[] = {21, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, ALERT_BYTES - 13};
    make_bytes(u, head, sizeof head, ALERT_BYTES);
}

/* In the name of a stream that is heard: whoever can see the call's packets. */
static void rtp_heard(struct unasked *u)
{
    uint8_t head[] = {0x80, 111, 0x7f, 0xff, 0, 0, 0, 1, 0, 0, 0, 0};
    struct writer w = writer_of(head + 8, 4);
    write_u32(&w, bench_call_hear(u->call));
    make_bytes(u, head, sizeof head, MEDIA_BYTES);
}

static void rtp_unexpected(struct unasked *u)
{
    static const uint8_t head[] = {0x80, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1};
    make_bytes(u, head, sizeof head, MEDIA_BYTES);
}

static void rtp_unproved(struct unasked *u)
{
    rtp_forged(u);
    from_elsewhere(u);
}

static void rtcp_forged(struct unasked *u)
{
    static const uint8_t head[] = {0x80, 200, 0, 6, 0, 0, 0, 1};
    make_bytes(u, head, sizeof head, RTCP_BYTES);
}

static void random_bytes(struct unasked *u)
{
    static const uint8_t head[] = {0xff};
    make_bytes(u, head, sizeof head, MEDIA_BYTES);
}

static void unasked_end(void *state)
{
    struct unasked *u = state;
    bench_call_free(u->call);
    free(u);
}

static void *unasked_begin(const struct bench *self)
{
    const struct kind *kind = self->of;
    struct route route;
    struct unasked *u = calloc(1, sizeof *u);
    if (u) u->call = bench_call_new();
    if (!u || !u->call) {
        free(u);
        return NULL;
    }
    u->kind = kind;
    u->peer = bench_call_side(u->call, 0, &route, &u->now);
    packet_reset(&u->packet);
    u->packet.route = route;
    kind->make(u);
    return u;
}

static bool unasked_run(void *state, size_t count)
{
    struct unasked *u = state;
    for (size_t i = 0; i < count; i++) {
        packet_copy(&u->copy, &u->packet); /* SRTP is decrypted in place */
        if (peer_input(u->peer, &u->copy, u->now) != u->kind->refused_as) return false;
    }
    return true;
}

#define UNASKED(id, text, make_it, err)                                                            \
    {                                                                                              \
        .name = "unasked-" id, .what = text, .unit = "packet", .target_us = TARGET_US,             \
        .begin = unasked_begin, .run = unasked_run, .end = unasked_end, .of = &(const struct kind) \
        {                                                                                          \
            make_it, err                                                                           \
        }                                                                                          \
    }

static const struct bench benches[] = {
    UNASKED("stun-username", "a check with a USERNAME that is not ours", stun_username, E_AUTH),
    UNASKED("stun-password", "a check signed with the wrong password", stun_password, E_AUTH),
    UNASKED("stun-response", "an answer to no request of ours", stun_response, E_STATE),
    UNASKED("dtls-unproved", "a DTLS record from an unproved address", dtls_unproved, E_AUTH),
    UNASKED("dtls-forged", "a sealed DTLS alert from the proved address, bad tag", dtls_forged, OK),
    UNASKED("rtp-unproved", "1200 bytes of RTP from an unproved address", rtp_unproved, E_AUTH),
    UNASKED("rtp-unexpected", "1200 bytes of RTP from the proved address, of no stream",
            rtp_unexpected, E_UNSUPPORTED),
    UNASKED("rtp-forged", "1200 bytes of RTP from the proved address, our type, bad tag",
            rtp_forged, E_AUTH),
    UNASKED("rtp-heard", "1200 bytes of RTP from the proved address, of a stream heard, bad tag",
            rtp_heard, E_AUTH),
    UNASKED("rtcp-forged", "120 bytes of RTCP from the proved address, bad tag", rtcp_forged,
            E_AUTH),
    UNASKED("random", "1200 random bytes of no protocol", random_bytes, E_UNSUPPORTED),
};

const struct bench_table bench_unasked = {benches, COUNT(benches)};
