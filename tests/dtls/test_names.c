#include "dtls/record.h"
#include "tests/suite.h"

START_TEST(known_numbers_have_the_rfcs_names)
{
    ck_assert_str_eq(dtls_content_name(DTLS_CONTENT_CHANGE_CIPHER_SPEC), "change_cipher_spec");
    ck_assert_str_eq(dtls_content_name(DTLS_CONTENT_ACK), "ack");
    ck_assert_str_eq(dtls_handshake_name(DTLS_CLIENT_HELLO), "client_hello");
    ck_assert_str_eq(dtls_handshake_name(DTLS_FINISHED), "finished");
    ck_assert_str_eq(dtls_alert_name(0), "close_notify");
    ck_assert_str_eq(dtls_alert_name(42), "bad_certificate");
    ck_assert_str_eq(dtls_alert_name(120), "no_application_protocol");
    ck_assert_str_eq(dtls_version_text(DTLS_VERSION_1_0), "DTLS 1.0");
    ck_assert_str_eq(dtls_version_text(DTLS_VERSION_1_2), "DTLS 1.2");
    ck_assert_str_eq(dtls_version_text(DTLS_VERSION_1_3), "DTLS 1.3");
}
END_TEST

START_TEST(every_number_has_some_name)
{
    for (unsigned i = 0; i < 256; i++) {
        ck_assert_ptr_nonnull(dtls_content_name((uint8_t)i));
        ck_assert_ptr_nonnull(dtls_handshake_name((uint8_t)i));
        ck_assert_ptr_nonnull(dtls_alert_name((uint8_t)i));
        ck_assert_ptr_nonnull(dtls_version_text((uint16_t)(i << 8)));
    }
    ck_assert_str_eq(dtls_content_name(19), "unknown");
    ck_assert_str_eq(dtls_alert_name(255), "unknown");
    ck_assert_str_eq(dtls_handshake_name(255), "unknown");
    ck_assert_str_eq(dtls_version_text(0x0303), "unknown");
}
END_TEST

SUITE("dtls names", known_numbers_have_the_rfcs_names, every_number_has_some_name)
