/* OpenSSL's memory runs out while an identity or a connection is made, each allocation once: there
 * is none, or one that shakes hands as ever. */
#include "tests/cryptomem.h"
#include "tests/dtls/pair.h"
#include "tests/suite.h"

#define STEP 5 /* of some hundreds of allocations every fifth: keys take their time */

START_TEST(an_identity_is_whole_or_none)
{
    if (!cryptomem_take()) return;
    dtls_identity_free(dtls_identity_new(1700000000)); /* what OpenSSL keeps, it has now */
    size_t none = 0;
    for (size_t i = 0;; i += STEP) {
        cryptomem_fail_at(i);
        struct dtls_identity *identity = dtls_identity_new(1700000000);
        bool reached = cryptomem.count > i;
        cryptomem_fail_at(SIZE_MAX);
        none += !identity;
        if (identity) {
            struct dtls_fingerprint f = dtls_identity_fingerprint(identity, DTLS_SHA256);
            ck_assert_uint_eq(f.len, 32);
            ck_assert_uint_gt(dtls_identity_certificate(identity).len, 100);
        }
        dtls_identity_free(identity);
        if (!reached) break;
    }
    ck_assert_uint_gt(none, 10);
}
END_TEST

START_TEST(a_connection_is_whole_or_none)
{
    if (!cryptomem_take()) return;
    struct dtls_identity *identity = dtls_identity_new(1700000000);
    ck_assert_ptr_nonnull(identity);
    size_t none = 0;
    for (int role = DTLS_CLIENT; role <= DTLS_SERVER; role++) {
        const struct dtls_config cfg = {.identity = identity, .role = (enum dtls_role)role};
        dtls_free(dtls_new(&cfg));
        for (size_t i = 0;; i++) {
            cryptomem_fail_at(i);
            struct dtls *dtls = dtls_new(&cfg);
            bool reached = cryptomem.count > i;
            cryptomem_fail_at(SIZE_MAX);
            none += !dtls;
            dtls_free(dtls);
            if (!reached) break;
        }
    }
    ck_assert_uint_gt(none, 10);
    dtls_identity_free(identity);
}
END_TEST

SUITE("dtls without OpenSSL's memory", an_identity_is_whole_or_none, a_connection_is_whole_or_none)
