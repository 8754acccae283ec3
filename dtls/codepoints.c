#include "dtls/codepoints.h"

struct name {
    uint16_t number;
    const char *text;
};

static const char *look_up(const struct name *names, size_t count, uint16_t number)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].number == number) return names[i].text;
    return NULL;
}

/* RFC 5246 A.5, 5288, 5289, 6655, 7251, 7905, 8422, 8446 B.4. */
const char *dtls_cipher_suite_name(uint16_t number)
{
    static const struct name names[] = {
        {0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
        {0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA"},
        {0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
        {0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
        {0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
        {0x003C, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
        {0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
        {0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
        {0x006B, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
        {0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
        {0x009D, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
        {0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
        {0x009F, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
        {0x00FF, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
        {0x1301, "TLS_AES_128_GCM_SHA256"},
        {0x1302, "TLS_AES_256_GCM_SHA384"},
        {0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
        {0x1304, "TLS_AES_128_CCM_SHA256"},
        {0x1305, "TLS_AES_128_CCM_8_SHA256"},
        {0x5600, "TLS_FALLBACK_SCSV"},
        {0xC008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
        {0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
        {0xC00A, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
        {0xC012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
        {0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
        {0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
        {0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
        {0xC024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
        {0xC027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
        {0xC028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
        {0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
        {0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
        {0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        {0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
        {0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
        {0xC0AD, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
        {0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
        {0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
        {0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
        {0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
        {0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    };
    return look_up(names, COUNT(names), number);
}

const char *dtls_group_name(uint16_t number)
{
    static const struct name names[] = {
        {23, "secp256r1"},
        {24, "secp384r1"},
        {25, "secp521r1"},
        {29, "x25519"},
        {30, "x448"},
        {256, "ffdhe2048"},
        {257, "ffdhe3072"},
        {258, "ffdhe4096"},
        {259, "ffdhe6144"},
        {260, "ffdhe8192"},
        {0x11EB, "SecP256r1MLKEM768"},
        {0x11EC, "X25519MLKEM768"},
        {0x11ED, "SecP384r1MLKEM1024"},
        {0x6399, "X25519Kyber768Draft00"},
    };
    return look_up(names, COUNT(names), number);
}

const char *dtls_srtp_code_name(uint16_t number)
{
    static const struct name names[] = {
        {0x0001, "SRTP_AES128_CM_HMAC_SHA1_80"}, {0x0002, "SRTP_AES128_CM_HMAC_SHA1_32"},
        {0x0005, "SRTP_NULL_HMAC_SHA1_80"},      {0x0006, "SRTP_NULL_HMAC_SHA1_32"},
        {0x0007, "SRTP_AEAD_AES_128_GCM"},       {0x0008, "SRTP_AEAD_AES_256_GCM"},
    };
    return look_up(names, COUNT(names), number);
}

const char *dtls_signature_name(uint16_t number)
{
    static const struct name names[] = {
        {0x0201, "rsa_pkcs1_sha1"},
        {0x0202, "dsa_sha1"},
        {0x0203, "ecdsa_sha1"},
        {0x0301, "rsa_pkcs1_sha224"},
        {0x0302, "dsa_sha224"},
        {0x0303, "ecdsa_sha224"},
        {0x0401, "rsa_pkcs1_sha256"},
        {0x0402, "dsa_sha256"},
        {0x0403, "ecdsa_secp256r1_sha256"},
        {0x0501, "rsa_pkcs1_sha384"},
        {0x0502, "dsa_sha384"},
        {0x0503, "ecdsa_secp384r1_sha384"},
        {0x0601, "rsa_pkcs1_sha512"},
        {0x0602, "dsa_sha512"},
        {0x0603, "ecdsa_secp521r1_sha512"},
        {0x0804, "rsa_pss_rsae_sha256"},
        {0x0805, "rsa_pss_rsae_sha384"},
        {0x0806, "rsa_pss_rsae_sha512"},
        {0x0807, "ed25519"},
        {0x0808, "ed448"},
        {0x0809, "rsa_pss_pss_sha256"},
        {0x080A, "rsa_pss_pss_sha384"},
        {0x080B, "rsa_pss_pss_sha512"},
    };
    return look_up(names, COUNT(names), number);
}

const char *dtls_extension_name(uint16_t number, const char **spec)
{
    static const struct {
        uint16_t number;
        const char *text, *spec;
    } names[] = {
        {0, "server_name", "RFC 6066 3"},
        {1, "max_fragment_length", "RFC 6066 4"},
        {5, "status_request", "RFC 6066 8"},
        {10, "supported_groups", "RFC 8422 5.1.1"},
        {11, "ec_point_formats", "RFC 8422 5.1.2"},
        {13, "signature_algorithms", "RFC 8446 4.2.3"},
        {14, "use_srtp", "RFC 5764 4.1.1"},
        {15, "heartbeat", "RFC 6520 2"},
        {16, "application_layer_protocol_negotiation", "RFC 7301 3.1"},
        {18, "signed_certificate_timestamp", "RFC 6962 3.3.1"},
        {21, "padding", "RFC 7685 3"},
        {22, "encrypt_then_mac", "RFC 7366 2"},
        {23, "extended_master_secret", "RFC 7627 5.1"},
        {27, "compress_certificate", "RFC 8879 3"},
        {28, "record_size_limit", "RFC 8449 4"},
        {34, "delegated_credential", "RFC 9345 4.1.1"},
        {35, "session_ticket", "RFC 5077 3.2"},
        {41, "pre_shared_key", "RFC 8446 4.2.11"},
        {42, "early_data", "RFC 8446 4.2.10"},
        {43, "supported_versions", "RFC 8446 4.2.1"},
        {44, "cookie", "RFC 8446 4.2.2"},
        {45, "psk_key_exchange_modes", "RFC 8446 4.2.9"},
        {47, "certificate_authorities", "RFC 8446 4.2.4"},
        {49, "post_handshake_auth", "RFC 8446 4.2.6"},
        {50, "signature_algorithms_cert", "RFC 8446 4.2.3"},
        {51, "key_share", "RFC 8446 4.2.8"},
        {54, "connection_id", "RFC 9146 3"},
        {0xFE0D, "encrypted_client_hello", ""},
        {0xFF01, "renegotiation_info", "RFC 5746 3.2"},
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].number != number) continue;
        if (spec) *spec = names[i].spec;
        return names[i].text;
    }
    return NULL;
}

bool dtls_is_grease(uint16_t number)
{
    return (number & 0x0F0F) == 0x0A0A && number >> 8 == (number & 0xFF);
}
