#include "dtls/identity.h"
#include "tests/suite.h"

#include <ctype.h>
#include <string.h>

/* FIPS 180-2 B.1 and C.1: "abc", here as if it were a certificate. */
static const char sha256_abc[] =
    "BA:78:16:BF:8F:01:CF:EA:41:41:40:DE:5D:AE:22:23:B0:03:61:A3:96:17:"
    "7A:9C:B4:10:FF:61:F2:00:15:AD";

START_TEST(known_hash_and_back)
{
    struct dtls_fingerprint of = dtls_fingerprint_of(DTLS_SHA256, bytes_of("abc")), parsed;
    char text[DTLS_FINGERPRINT_TEXT_MAX];
    ck_assert_str_eq(dtls_fingerprint_text(&of, text), sha256_abc);
    ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-256"), bytes_of(sha256_abc), &parsed),
                     OK);
    ck_assert(dtls_fingerprint_equal(&of, &parsed));
}
END_TEST

START_TEST(every_hash_goes_round)
{
    for (enum dtls_hash hash = DTLS_SHA256; hash <= DTLS_SHA512; hash++) {
        struct dtls_fingerprint f = dtls_fingerprint_of(hash, bytes_of("certificate")), g;
        char text[DTLS_FINGERPRINT_TEXT_MAX];
        ck_assert_uint_eq(f.len, dtls_hash_len(hash));
        ck_assert_uint_eq(strlen(dtls_fingerprint_text(&f, text)), 3 * f.len - 1);
        ck_assert_int_eq(dtls_fingerprint_parse(bytes_of(dtls_hash_name(hash)), bytes_of(text), &g),
                         OK);
        ck_assert(dtls_fingerprint_equal(&f, &g));
        for (size_t bit = 0; bit < 8 * f.len; bit++) { /* every bit counts */
            g = f;
            g.value[bit / 8] ^= (uint8_t)(1u << bit % 8);
            ck_assert(!dtls_fingerprint_equal(&f, &g));
        }
    }
}
END_TEST

START_TEST(pitfall_9_case_of_hash_name_and_digits)
{
    struct dtls_fingerprint upper, lower;
    char text[sizeof sha256_abc];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)tolower(sha256_abc[i]);
    ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-256"), bytes_of(sha256_abc), &upper), OK);
    ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("SHA-256"), bytes_of(text), &lower), OK);
    ck_assert(dtls_fingerprint_equal(&upper, &lower));
}
END_TEST

START_TEST(inv_35_what_is_not_a_whole_fingerprint)
{
    struct dtls_fingerprint f;
    memset(&f, 0x55, sizeof f);
    char text[sizeof sha256_abc + 3];
    for (size_t n = 0; n < strlen(sha256_abc); n++)
        ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-256"),
                                                (struct bytes){(const uint8_t *)sha256_abc, n}, &f),
                         E_MALFORMED);
    snprintf(text, sizeof text, "%s:00", sha256_abc);
    ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-256"), bytes_of(text), &f), E_MALFORMED);
    /* Each character matters. */
    for (size_t i = 0; i < strlen(sha256_abc); i++) {
        static const char wrong[] = {'G', ' ', '-', '/', '@', '`', 'g', 0};
        for (size_t k = 0; k < sizeof wrong; k++) {
            strcpy(text, sha256_abc);
            text[i] = wrong[k];
            struct bytes in = {(const uint8_t *)text, strlen(sha256_abc)};
            ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-256"), in, &f), E_MALFORMED);
        }
    }
    /* A good value under another hash's name. */
    ck_assert_int_eq(dtls_fingerprint_parse(bytes_of("sha-384"), bytes_of(sha256_abc), &f),
                     E_MALFORMED);
    ck_assert_uint_eq(f.len, SIZE_MAX / 3); /* never touched */
}
END_TEST

START_TEST(hashes_that_we_do_not_compute)
{
    static const char *const names[] = {"sha-1", "md5", "md2", "sha-224", "sha-2566", "sha-25", ""};
    struct dtls_fingerprint f;
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(dtls_fingerprint_parse(bytes_of(names[i]), bytes_of(sha256_abc), &f),
                         E_UNSUPPORTED);
    ck_assert_uint_eq(dtls_hash_len(DTLS_HASH_NONE), 0);
    ck_assert_str_eq(dtls_hash_name(DTLS_HASH_NONE), "none");
}
END_TEST

START_TEST(inv_35_empty_fingerprints_equal_nothing)
{
    struct dtls_fingerprint a = {0}, b = {0};
    ck_assert(!dtls_fingerprint_equal(&a, &b));
    a.hash = b.hash = DTLS_SHA256; /* no bytes to compare is not equality */
    ck_assert(!dtls_fingerprint_equal(&a, &b));
    a.len = b.len = 16;
    ck_assert(!dtls_fingerprint_equal(&a, &b));
    a.len = b.len = 32;
    ck_assert(dtls_fingerprint_equal(&a, &b));
    b.hash = DTLS_SHA384;
    ck_assert(!dtls_fingerprint_equal(&a, &b));
}
END_TEST

SUITE("dtls fingerprint", known_hash_and_back, every_hash_goes_round,
      pitfall_9_case_of_hash_name_and_digits, inv_35_what_is_not_a_whole_fingerprint,
      hashes_that_we_do_not_compute, inv_35_empty_fingerprints_equal_nothing)
