#include "tests/suite.h"

#include "tests/dtls/pair.h"

static struct pair pair;

START_TEST(states_have_names)
{
    static const char *const names[] = {"new", "connecting", "connected", "failed", "closed"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_str_eq(dtls_state_name((enum dtls_state)i), names[i]);
    ck_assert_str_eq(dtls_state_name((enum dtls_state)COUNT(names)), "unknown");
}
END_TEST

START_TEST(before_the_handshake_nothing_is_known_but_the_role)
{
    struct dtls_fingerprint f;
    pair_init(&pair, MS(10), 0);
    for (int i = 0; i < 2; i++) {
        const struct dtls *dtls = pair.side[i];
        ck_assert_int_eq(dtls_status(dtls).state, DTLS_NEW);
        ck_assert_int_eq(dtls_status(dtls).cause, DTLS_CAUSE_OTHER);
        ck_assert_ptr_null(dtls_status(dtls).reason);
        ck_assert_int_eq(dtls_role(dtls), i == PAIR_CLIENT ? DTLS_CLIENT : DTLS_SERVER);
        ck_assert_ptr_null(dtls_version_name(dtls));
        ck_assert_ptr_null(dtls_cipher_name(dtls));
        ck_assert_ptr_null(dtls_cipher_iana_name(dtls));
        ck_assert(!dtls_peer_fingerprint(dtls, DTLS_SHA256, &f));
        ck_assert_uint_eq(dtls_remote_fingerprints(dtls, &f, 1), 0);
        ck_assert_uint_eq(dtls_flights(dtls)->count, 0);
        ck_assert_uint_eq(dtls_counters(dtls)->datagrams_in, 0);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(after_it_both_sides_say_the_same)
{
    pair_init(&pair, MS(10), 0);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(1));
    for (int i = 0; i < 2; i++) {
        const struct dtls *dtls = pair.side[i], *other = pair.side[1 - i];
        ck_assert_int_eq(dtls_status(dtls).state, DTLS_CONNECTED);
        ck_assert_str_eq(dtls_version_name(dtls), "DTLSv1.2");
        ck_assert_str_eq(dtls_cipher_name(dtls), dtls_cipher_name(other));
        ck_assert_str_eq(dtls_cipher_iana_name(dtls), dtls_cipher_iana_name(other));
        ck_assert_int_eq(strncmp(dtls_cipher_iana_name(dtls), "TLS_ECDHE_ECDSA_WITH_", 21), 0);
        ck_assert_uint_ge(dtls_flights(dtls)->count, 3);
        ck_assert_uint_eq(dtls_counters(dtls)->datagrams_in, dtls_counters(other)->datagrams_out);
    }
    pair_free(&pair);
}
END_TEST

START_TEST(fingerprints_are_the_signaled_ones_and_the_certificates)
{
    struct dtls_fingerprint wanted[2], seen;
    pair_init(&pair, MS(10), 0);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(1));
    for (int i = 0; i < 2; i++) {
        struct dtls_fingerprint theirs =
            dtls_identity_fingerprint(pair.identity[1 - i], DTLS_SHA256);
        struct dtls_fingerprint longer =
            dtls_identity_fingerprint(pair.identity[1 - i], DTLS_SHA512);
        ck_assert_uint_eq(dtls_remote_fingerprints(pair.side[i], wanted, COUNT(wanted)), 1);
        ck_assert_uint_eq(dtls_remote_fingerprints(pair.side[i], wanted, 0), 0);
        ck_assert(dtls_fingerprint_equal(&wanted[0], &theirs));
        ck_assert(dtls_peer_fingerprint(pair.side[i], DTLS_SHA256, &seen));
        ck_assert(dtls_fingerprint_equal(&seen, &theirs));
        /* By another hash than the signaled one too; by none there is nothing to say. */
        ck_assert(dtls_peer_fingerprint(pair.side[i], DTLS_SHA512, &seen));
        ck_assert(dtls_fingerprint_equal(&seen, &longer));
        ck_assert(!dtls_peer_fingerprint(pair.side[i], DTLS_HASH_NONE, &seen));
    }
    pair_free(&pair);
}
END_TEST

SUITE("dtls query", states_have_names, before_the_handshake_nothing_is_known_but_the_role,
      after_it_both_sides_say_the_same, fingerprints_are_the_signaled_ones_and_the_certificates)
