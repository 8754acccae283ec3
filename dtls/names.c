/* What the numbers on the wire are called: the RFCs' names and IANA's. */
#include "dtls/record.h"

#include <string.h>

struct name {
    uint8_t number;
    const char *text;
};

static const char *look_up(const struct name *names, size_t count, uint8_t number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number) return names[i].text;
    return "unknown";
}

const char *dtls_content_name(uint8_t type)
{
    static const struct name names[] = {
        {20, "change_cipher_spec"}, {21, "alert"},     {22, "handshake"}, {23, "application_data"},
        {24, "heartbeat"},          {25, "tls12_cid"}, {26, "ack"},
    };
    return look_up(names, COUNT(names), type);
}

const char *dtls_handshake_name(uint8_t type)
{
    static const struct name names[] = {
        {0, "hello_request"},        {1, "client_hello"},         {2, "server_hello"},
        {3, "hello_verify_request"}, {4, "new_session_ticket"},   {11, "certificate"},
        {12, "server_key_exchange"}, {13, "certificate_request"}, {14, "server_hello_done"},
        {15, "certificate_verify"},  {16, "client_key_exchange"}, {20, "finished"},
    };
    return look_up(names, COUNT(names), type);
}

/* RFC 5246 §7.2, 6066 §9, 4279 §6, 7301 §3.2, 8446 §6. */
const char *dtls_alert_name(uint8_t description)
{
    static const struct name names[] = {
        {0, "close_notify"},
        {10, "unexpected_message"},
        {20, "bad_record_mac"},
        {21, "decryption_failed"},
        {22, "record_overflow"},
        {30, "decompression_failure"},
        {40, "handshake_failure"},
        {41, "no_certificate"},
        {42, "bad_certificate"},
        {43, "unsupported_certificate"},
        {44, "certificate_revoked"},
        {45, "certificate_expired"},
        {46, "certificate_unknown"},
        {47, "illegal_parameter"},
        {48, "unknown_ca"},
        {49, "access_denied"},
        {50, "decode_error"},
        {51, "decrypt_error"},
        {60, "export_restriction"},
        {70, "protocol_version"},
        {71, "insufficient_security"},
        {80, "internal_error"},
        {86, "inappropriate_fallback"},
        {90, "user_canceled"},
        {100, "no_renegotiation"},
        {109, "missing_extension"},
        {110, "unsupported_extension"},
        {112, "unrecognized_name"},
        {113, "bad_certificate_status_response"},
        {115, "unknown_psk_identity"},
        {116, "certificate_required"},
        {120, "no_application_protocol"},
    };
    return look_up(names, COUNT(names), description);
}

bool dtls_alert_is_known(uint8_t description)
{
    return strcmp(dtls_alert_name(description), "unknown") != 0;
}

const char *dtls_version_text(uint16_t version)
{
    switch (version) {
    case DTLS_VERSION_1_0: return "DTLS 1.0";
    case DTLS_VERSION_1_2: return "DTLS 1.2";
    case DTLS_VERSION_1_3: return "DTLS 1.3";
    default: return "unknown";
    }
}
