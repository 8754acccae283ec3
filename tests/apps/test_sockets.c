/* Over this machine's own addresses. */
#include "tests/suite.h"

#include "apps/sockets.h"

#define UNIX_SEC 1790000000
#define TOKEN    0x700

START_TEST(each_socket_is_a_candidate_and_carries_packets_both_ways)
{
    static struct packet out, in;
    struct ice_candidate_info candidates[ICE_LOCALS_MAX];
    struct sockets s = {.count = 0};
    struct dtls_identity *identity = dtls_identity_new(UNIX_SEC);
    struct peer_config cfg = {.identity = identity, .unix_us = SEC(UNIX_SEC)};
    rng_init_number(&cfg.rng, 1);
    struct peer *peer = peer_new(&cfg);
    struct loop *loop = loop_new();
    ck_assert(peer && loop);
    sockets_close(&s); /* never opened */
    ck_assert(sockets_open(&s, loop, TOKEN, peer, 0));
    ck_assert_uint_ge(s.count, 1);
    ck_assert_uint_eq(ice_candidates(peer_ice(peer), false, candidates, COUNT(candidates)),
                      s.count);
    for (unsigned i = 0; i < s.count; i++) {
        packet_reset(&out);
        packet_set(&out, bytes_of("one"));
        out.route = (struct route){.local = s.list[i].base, .remote = s.list[i].base};
        sockets_send(&s, &out);
        packet_reset(&in);
        ck_assert(sockets_receive(&s, i, &in));
        ck_assert(bytes_is(packet_bytes(&in), "one"));
        ck_assert(addr_equal(&in.route.remote, &s.list[i].base));
        ck_assert(!sockets_receive(&s, i, &in));
    }
    out.route.local.port ^= 1; /* nobody's: dropped */
    sockets_send(&s, &out);
    for (unsigned i = 0; i < s.count; i++) ck_assert(!sockets_receive(&s, i, &in));
    ck_assert(!sockets_receive(&s, (unsigned)s.count, &in));
    sockets_close(&s);
    ck_assert(!sockets_receive(&s, 0, &in));
    loop_free(loop);
    peer_free(peer);
    dtls_identity_free(identity);
}
END_TEST

SUITE("apps sockets", each_socket_is_a_candidate_and_carries_packets_both_ways)
