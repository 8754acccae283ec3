/* Hashes and fingerprints at their edges. */
#include "dtls/bio.h"
#include "dtls/handshake.h"
#include "dtls/identity.h"
#include "tests/suite.h"

START_TEST(no_hash_is_none)
{
    const enum dtls_hash wrong = (enum dtls_hash)99;
    ck_assert_str_eq(dtls_hash_name(DTLS_HASH_NONE), "none");
    ck_assert_str_eq(dtls_hash_name(wrong), "none");
    ck_assert_uint_eq(dtls_hash_len(wrong), 0);
    struct dtls_fingerprint none = dtls_fingerprint_of(DTLS_HASH_NONE, bytes_of("certificate"));
    ck_assert_uint_eq(none.len, 0);
    none = dtls_fingerprint_of(wrong, bytes_of("certificate"));
    ck_assert_uint_eq(none.len, 0);
    ck_assert(!dtls_fingerprint_equal(&none, &none)); /* nothing proves nothing */
}
END_TEST

START_TEST(fingerprints_differ_in_each_member)
{
    struct dtls_fingerprint a = dtls_fingerprint_of(DTLS_SHA256, bytes_of("certificate")), b = a;
    ck_assert(dtls_fingerprint_equal(&a, &b));
    b.len--;
    ck_assert(!dtls_fingerprint_equal(&a, &b) && !dtls_fingerprint_equal(&b, &a));
    b = a, b.value[31] ^= 1;
    ck_assert(!dtls_fingerprint_equal(&a, &b));
    b = a, b.hash = DTLS_SHA384;
    ck_assert(!dtls_fingerprint_equal(&a, &b));
}
END_TEST

/* What OpenSSL may ask of a BIO, and what it never does. */
START_TEST(the_pipe_at_its_edges)
{
    static const uint8_t datagram[] = {22, 254, 253};
    struct dtls_pipe pipe;
    struct packet out;
    uint8_t byte[8];
    dtls_pipe_init(&pipe, 1200);
    BIO_METHOD *method = dtls_bio_method_new();
    BIO *bio = dtls_bio_new(method, &pipe);
    ck_assert_ptr_nonnull(bio);
    ck_assert_int_eq(BIO_ctrl(bio, BIO_CTRL_DGRAM_QUERY_MTU, 0, NULL), 1200);
    ck_assert_int_eq(BIO_ctrl(bio, BIO_CTRL_DGRAM_GET_FALLBACK_MTU, 0, NULL), 1200);
    ck_assert_int_le(BIO_read(bio, byte, sizeof byte), 0); /* nothing there */
    pipe.in = (struct bytes){datagram, sizeof datagram};
    ck_assert_int_le(BIO_read(bio, byte, 0), 0);
    ck_assert_int_le(BIO_write(bio, byte, 0), 0);
    ck_assert_int_eq(BIO_read(bio, byte, sizeof byte), 3);
    /* What is too short to have a content type and a version is not joined with anything. */
    ck_assert_int_eq(BIO_write(bio, "ab", 2), 2);
    ck_assert_int_eq(BIO_write(bio, datagram, 3), 3);
    ck_assert_int_eq(BIO_write(bio, "a", 1), 1);
    ck_assert_uint_eq(pipe.count, 3);
    packet_reset(&out);
    while (dtls_pipe_pop(&pipe, &out)) continue;
    BIO_free(bio);
    BIO_meth_free(method);
    dtls_pipe_close(&pipe);
}
END_TEST

static struct dtls *machine(struct dtls_identity *identity, size_t mtu)
{
    struct dtls *dtls =
        dtls_new(&(struct dtls_config){.identity = identity, .role = DTLS_CLIENT, .mtu = mtu});
    ck_assert_ptr_nonnull(dtls);
    return dtls;
}

START_TEST(a_machine_that_was_never_started)
{
    static const size_t mtus[] = {1, 256, 1200, 100000};
    struct dtls_identity *identity = dtls_identity_new(1790000000);
    struct dtls_fingerprint f;
    struct dtls_srtp_keys keys;
    for (size_t i = 0; i < COUNT(mtus); i++) {
        struct dtls *dtls = machine(identity, mtus[i]);
        ck_assert_int_eq(dtls_srtp(dtls, &keys), E_STATE);
        ck_assert(!dtls_peer_fingerprint(dtls, DTLS_SHA256, &f));
        ck_assert(!dtls_peer_fingerprint(dtls, DTLS_HASH_NONE, &f));
        ck_assert_int_eq(dtls_set_role(dtls, DTLS_SERVER, 0), E_STATE);
        ck_assert_int_eq(dtls_start(dtls, 0), OK);
        ck_assert_int_eq(dtls_start(dtls, 0), E_STATE);
        ck_assert_int_eq(dtls_srtp(dtls, &keys), E_STATE);
        dtls_close(dtls, 0);
        dtls_close(dtls, 0);
        ck_assert_int_eq(dtls_set_role(dtls, DTLS_CLIENT, 0), E_STATE);
        ck_assert_int_eq(dtls_start(dtls, 0), E_STATE);
        dtls_tick(dtls, SEC(100));
        dtls_free(dtls);
    }
    ck_assert_ptr_nonnull(dtls_state_name((enum dtls_state)99));
    dtls_identity_free(identity);
}
END_TEST

/* One that takes either role waits for a ClientHello: nothing else makes it the server. */
START_TEST(what_is_no_client_hello)
{
    static const uint8_t datagrams[][32] = {
        {23, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},       /* data in epoch 0 */
        {22, 254, 253, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},       /* a handshake in epoch 1 */
        {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},       /* half a fragment */
        {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12, 2},   /* a ServerHello */
        {0x2f, 0, 1, 0, 1, 0},                              /* DTLS 1.3's short header */
        {22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, /* longer than it is */
    };
    struct dtls_identity *identity = dtls_identity_new(1790000000);
    struct dtls *dtls =
        dtls_new(&(struct dtls_config){.identity = identity, .role = DTLS_EITHER, .mtu = 1200});
    ck_assert_ptr_nonnull(dtls);
    for (int started = 0; started < 2; started++) {
        for (size_t i = 0; i < COUNT(datagrams); i++) {
            struct packet p;
            packet_reset(&p);
            packet_set(&p, (struct bytes){datagrams[i], sizeof datagrams[i]});
            p.len = i == 0 || i == 1 || i == 2 ? 14 : i == 3 ? 25 : i == 4 ? 22 : 13;
            dtls_input(dtls, &p, 0);
            ck_assert_int_eq(dtls_role(dtls), DTLS_EITHER);
        }
        dtls_start(dtls, 0);
        ck_assert_int_eq(dtls_set_role(dtls, DTLS_EITHER, 0), OK);
    }
    dtls_free(dtls);
    dtls_identity_free(identity);
}
END_TEST

START_TEST(fingerprints_said_twice)
{
    struct dtls_identity *identity = dtls_identity_new(1790000000);
    struct dtls *dtls = machine(identity, 1200);
    struct dtls_fingerprint f[2] = {dtls_fingerprint_of(DTLS_SHA256, bytes_of("a")),
                                    dtls_fingerprint_of(DTLS_SHA256, bytes_of("b"))};
    ck_assert_int_eq(dtls_set_remote_fingerprints(dtls, f, 2, 0), OK);
    ck_assert_int_eq(dtls_set_remote_fingerprints(dtls, f, 1, 0), OK);
    ck_assert_int_eq(dtls_set_remote_fingerprints(dtls, f + 1, 1, 0), OK);
    dtls_peer_has_keys(dtls, 0);
    dtls_tick(dtls, SEC(1000)); /* before it was started */
    dtls_free(dtls);
    dtls_identity_free(identity);
}
END_TEST

SUITE("dtls edges", the_pipe_at_its_edges, a_machine_that_was_never_started,
      fingerprints_said_twice, what_is_no_client_hello, no_hash_is_none,
      fingerprints_differ_in_each_member)
