#include "dtls/codepoints.h"
#include "tests/suite.h"

/* As IANA's registries have them; what this version can't name has no name. */
START_TEST(numbers_have_the_names_of_their_registries)
{
    ck_assert_str_eq(dtls_cipher_suite_name(0xC02B), "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    ck_assert_str_eq(dtls_group_name(29), "x25519");
    ck_assert_str_eq(dtls_group_name(0x11EC), "X25519MLKEM768");
    ck_assert_str_eq(dtls_srtp_code_name(0x0007), "SRTP_AEAD_AES_128_GCM");
    ck_assert_str_eq(dtls_signature_name(0x0403), "ecdsa_secp256r1_sha256");
    ck_assert_ptr_null(dtls_cipher_suite_name(0xFFFF));
    ck_assert_ptr_null(dtls_group_name(0xFFFF));
    ck_assert_ptr_null(dtls_srtp_code_name(0xFFFF));
    ck_assert_ptr_null(dtls_signature_name(0xFFFF));
}
END_TEST

START_TEST(an_extension_has_its_section)
{
    const char *spec = NULL;
    ck_assert_str_eq(dtls_extension_name(14, &spec), "use_srtp");
    ck_assert_ptr_nonnull(strstr(spec, "5764"));
    ck_assert_str_eq(dtls_extension_name(10, NULL), "supported_groups");
    ck_assert_ptr_null(dtls_extension_name(0xFFFF, &spec));
}
END_TEST

/* RFC 8701 section 2: 0x0A0A, 0x1A1A, ... 0xFAFA, and no others. */
START_TEST(grease_is_sixteen_numbers)
{
    unsigned count = 0;
    for (unsigned n = 0; n <= 0xFFFF; n++) count += dtls_is_grease((uint16_t)n);
    ck_assert_uint_eq(count, 16);
    for (unsigned i = 0; i < 16; i++)
        ck_assert(dtls_is_grease((uint16_t)((i << 4 | 0xA) * 0x0101u)));
}
END_TEST

SUITE("dtls codepoints", numbers_have_the_names_of_their_registries, an_extension_has_its_section,
      grease_is_sixteen_numbers)
