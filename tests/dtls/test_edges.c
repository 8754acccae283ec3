/* Hashes and fingerprints at their edges. */
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

SUITE("dtls edges", no_hash_is_none, fingerprints_differ_in_each_member)
