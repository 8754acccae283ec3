#include "dtls/identity.h"
#include "tests/suite.h"

#include <openssl/x509.h>

#define NOW 1790000000

static X509 *certificate_of(const struct dtls_identity *identity)
{
    struct bytes der = dtls_identity_certificate(identity);
    const uint8_t *at = der.at;
    X509 *x = d2i_X509(NULL, &at, (long)der.len);
    ck_assert_ptr_nonnull(x);
    return x;
}

START_TEST(certificate_is_p256_and_signed_by_its_own_key)
{
    struct dtls_identity *identity = dtls_identity_new(NOW);
    ck_assert_ptr_nonnull(identity);
    X509 *x = certificate_of(identity);
    EVP_PKEY *key = X509_get0_pubkey(x);
    ck_assert_int_eq(EVP_PKEY_get_base_id(key), EVP_PKEY_EC);
    ck_assert_int_eq(EVP_PKEY_get_bits(key), 256);
    ck_assert_int_eq(X509_verify(x, key), 1);
    /* pitfall 22c: not SHA-1. */
    ck_assert_int_eq(X509_get_signature_nid(x), NID_ecdsa_with_SHA256);
    ck_assert_int_eq(X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)), 0);
    X509_free(x);
    dtls_identity_free(identity);
}
END_TEST

START_TEST(dates_follow_the_time_that_was_passed_in)
{
    static const int64_t times[] = {0, NOW, 4102444800}; /* 1970, 2026, 2100 */
    for (size_t i = 0; i < COUNT(times); i++) {
        struct dtls_identity *identity = dtls_identity_new(times[i]);
        X509 *x = certificate_of(identity);
        time_t day_before = (time_t)(times[i] - 86400), later = (time_t)(times[i] + 30 * 86400);
        ck_assert_int_eq(ASN1_TIME_cmp_time_t(X509_get0_notBefore(x), day_before), 0);
        ck_assert_int_eq(ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), later), 0);
        X509_free(x);
        dtls_identity_free(identity);
    }
}
END_TEST

START_TEST(two_identities_have_nothing_in_common)
{
    struct dtls_identity *a = dtls_identity_new(NOW), *b = dtls_identity_new(NOW);
    struct dtls_fingerprint fa = dtls_identity_fingerprint(a, DTLS_SHA256);
    struct dtls_fingerprint fb = dtls_identity_fingerprint(b, DTLS_SHA256);
    ck_assert(!dtls_fingerprint_equal(&fa, &fb));
    X509 *xa = certificate_of(a), *xb = certificate_of(b);
    ck_assert_int_ne(ASN1_INTEGER_cmp(X509_get0_serialNumber(xa), X509_get0_serialNumber(xb)), 0);
    X509_free(xa);
    X509_free(xb);
    dtls_identity_free(a);
    dtls_identity_free(b);
    dtls_identity_free(NULL);
}
END_TEST

START_TEST(fingerprint_is_that_of_the_certificate)
{
    struct dtls_identity *identity = dtls_identity_new(NOW);
    for (enum dtls_hash hash = DTLS_SHA256; hash <= DTLS_SHA512; hash++) {
        struct dtls_fingerprint a = dtls_identity_fingerprint(identity, hash);
        struct dtls_fingerprint b = dtls_fingerprint_of(hash, dtls_identity_certificate(identity));
        ck_assert(dtls_fingerprint_equal(&a, &b));
    }
    dtls_identity_free(identity);
}
END_TEST

SUITE("dtls identity", certificate_is_p256_and_signed_by_its_own_key,
      dates_follow_the_time_that_was_passed_in, two_identities_have_nothing_in_common,
      fingerprint_is_that_of_the_certificate)
