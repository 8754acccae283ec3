#include "tests/dtls/pair.h"
#include "tests/suite.h"

static void assert_keys_match(const struct pair *pair)
{
    struct dtls_srtp_keys a, b;
    ck_assert_int_eq(dtls_srtp(pair->side[PAIR_CLIENT], &a), OK);
    ck_assert_int_eq(dtls_srtp(pair->side[PAIR_SERVER], &b), OK);
    ck_assert_int_eq(a.profile, b.profile);
    ck_assert_mem_eq(&a.local, &b.remote, sizeof a.local);
    ck_assert_mem_eq(&a.remote, &b.local, sizeof a.local);
    ck_assert_mem_ne(&a.local, &a.remote, sizeof a.local);
    dtls_srtp_keys_wipe(&a);
    dtls_srtp_keys_wipe(&b);
}

START_TEST(both_roles_connect_in_three_trips)
{
    struct pair pair;
    pair_init(&pair, MS(10), 0);
    pair_introduce(&pair, DTLS_SHA256);
    pair_start(&pair);
    pair_run(&pair, SEC(60));
    ck_assert_int_eq(pair_state(&pair, PAIR_CLIENT), DTLS_CONNECTED);
    ck_assert_int_eq(pair_state(&pair, PAIR_SERVER), DTLS_CONNECTED);
    ck_assert_int_eq(pair.now, MS(40));
    ck_assert_uint_eq(pair.sent[PAIR_CLIENT] + pair.sent[PAIR_SERVER], 4);
    assert_keys_match(&pair);
    ck_assert_str_eq(dtls_version_name(pair.side[0]), "DTLSv1.2");
    ck_assert_str_eq(dtls_cipher_name(pair.side[0]), "ECDHE-ECDSA-AES128-GCM-SHA256");
    ck_assert_int_eq(dtls_deadline(pair.side[0]), TIME_NEVER);
    ck_assert_int_eq(dtls_deadline(pair.side[1]), TIME_NEVER);
    pair_free(&pair);
}
END_TEST

SUITE("dtls handshake", both_roles_connect_in_three_trips)
