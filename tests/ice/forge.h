/* Hand-made checks and answers: what a peer, a broken peer or an attacker sends. */
#ifndef DUET_TESTS_ICE_FORGE_H
#define DUET_TESTS_ICE_FORGE_H

#include "tests/ice/net.h"

#define PEER_UFRAG "peer"
#define PEER_PWD   "peerpeerpeerpeerpeerpe"

/* What a forged request may have or lack; zeros make a good one of a controlling peer. */
struct forge {
    const char *username; /* NULL: "ours:peer" */
    const char *pwd;      /* NULL: ours */
    uint64_t tie_breaker;
    uint8_t id; /* all bytes of the transaction id */
    bool controlled, use_candidate, no_priority, no_username, no_integrity, no_fingerprint, sha256;
    uint16_t unknown; /* an attribute of this type, empty */
    uint32_t priority;
};

static inline void forge_text(struct bytes b, char *to, size_t room)
{
    bytes_to_text(b, to, room);
}

static inline void forge_request(struct packet *p, const struct ice *to, const char *from,
                                 const char *at, const struct forge *f)
{
    char ufrag[64], pwd[64], username[128];
    uint8_t id[STUN_ID_LEN];
    struct stun_key key;
    forge_text(ice_local_ufrag(to), ufrag, sizeof ufrag);
    forge_text(ice_local_pwd(to), pwd, sizeof pwd);
    snprintf(username, sizeof username, "%s:" PEER_UFRAG, ufrag);
    memset(id, f->id, sizeof id);
    stun_key_short_term(&key, bytes_of(f->pwd ? f->pwd : pwd));
    packet_reset(p);
    struct writer w = packet_writer(p);
    stun_begin(&w, STUN_BINDING | STUN_REQUEST, (struct bytes){id, sizeof id});
    if (!f->no_username) stun_put_text(&w, STUN_USERNAME, f->username ? f->username : username);
    if (f->unknown) stun_put_flag(&w, f->unknown);
    stun_put_u64(&w, f->controlled ? STUN_ICE_CONTROLLED : STUN_ICE_CONTROLLING, f->tie_breaker);
    if (f->use_candidate) stun_put_flag(&w, STUN_USE_CANDIDATE);
    if (!f->no_priority) stun_put_u32(&w, STUN_PRIORITY, f->priority ? f->priority : 0x6e7f1eff);
    if (!f->no_integrity && !f->sha256) stun_put_integrity(&w, &key);
    if (!f->no_integrity && f->sha256) stun_put_integrity_sha256(&w, &key);
    if (!f->no_fingerprint) stun_put_fingerprint(&w);
    p->len = writer_done(&w).len;
    p->route.remote = net_addr(from);
    p->route.local = net_addr(at);
}

/* An answer to `request` (one that an agent sent): success, or an error for `code`. */
static inline void forge_answer(struct packet *p, const struct packet *request, const char *pwd,
                                unsigned code)
{
    struct stun_msg m;
    struct stun_key key;
    ck_assert_int_eq(stun_parse(&m, packet_bytes(request)), OK);
    packet_reset(p);
    struct writer w = packet_writer(p);
    stun_begin(&w, (uint16_t)(STUN_BINDING | (code ? STUN_ERROR : STUN_SUCCESS)), m.id);
    if (code)
        stun_put_error(&w, code);
    else
        stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &request->route.local);
    if (pwd) {
        stun_key_short_term(&key, bytes_of(pwd));
        stun_put_integrity(&w, &key);
    }
    stun_put_fingerprint(&w);
    p->len = writer_done(&w).len;
    p->route = request->route;
}

/* One agent that believes its peer to be the forger: credentials set, one socket. */
static inline struct ice *forge_agent(bool controlling)
{
    struct ice_config cfg = {.controlling = controlling};
    rng_init_number(&cfg.rng, 7);
    struct ice *ice = ice_new(&cfg);
    struct addr base = net_addr("192.0.2.1:1000");
    ck_assert_ptr_nonnull(ice);
    ck_assert_int_eq(ice_add_socket(ice, &base, 0), OK);
    return ice;
}

static inline void forge_known(struct ice *ice, usec now)
{
    ck_assert_int_eq(ice_set_remote(ice, bytes_of(PEER_UFRAG), bytes_of(PEER_PWD), false, now), OK);
}

static inline struct candidate forge_candidate(const char *addr, uint32_t priority)
{
    struct candidate c = {.component = 1,
                          .priority = priority,
                          .addr = net_addr(addr),
                          .foundation = "1",
                          .generation = -1,
                          .network_id = -1};
    return c;
}

/* Empties output, and returns the last packet of `class` in `p`: false if there was none. */
static inline bool forge_take(struct ice *ice, struct packet *p, usec now, enum stun_class class)
{
    struct packet out;
    struct stun_msg m;
    bool found = false;
    for (int n = 0; ice_output(ice, &out, now); n++) {
        ck_assert_int_lt(n, 64);
        ck_assert_int_eq(stun_parse(&m, packet_bytes(&out)), OK);
        if (stun_class(&m) != class) continue;
        packet_copy(p, &out);
        found = true;
    }
    return found;
}

static inline void forge_events(struct ice *ice)
{
    struct ice_event ev;
    while (ice_event(ice, &ev)) continue;
}

/* Takes out all that the agent sends at `now`, and answers its checks to the `count` addresses of
 * `live`. */
static inline void forge_answer_all(struct ice *ice, usec now, const char *const *live,
                                    size_t count)
{
    struct packet check, answer;
    for (int n = 0; ice_output(ice, &check, now); n++) {
        ck_assert_int_lt(n, 64);
        struct stun_msg m;
        ck_assert_int_eq(stun_parse(&m, packet_bytes(&check)), OK);
        if (stun_class(&m) != STUN_REQUEST) continue;
        for (size_t i = 0; i < count; i++) {
            struct addr a = net_addr(live[i]);
            if (!addr_equal(&a, &check.route.remote)) continue;
            forge_answer(&answer, &check, PEER_PWD, 0);
            ck_assert_int_eq(ice_input(ice, &answer, now), OK);
        }
    }
    forge_events(ice);
}

/* A check of the peer's from this address, to forge_agent's socket. */
static inline void forge_ask(struct ice *ice, const char *from, usec now, bool use_candidate,
                             uint8_t id)
{
    struct packet p;
    struct forge f = {.use_candidate = use_candidate, .id = id};
    forge_request(&p, ice, from, "192.0.2.1:1000", &f);
    ck_assert_int_eq(ice_input(ice, &p, now), OK);
}

#endif
