/* The wire form of DTLS: records, handshake fragments, hello messages. It decrypts nothing and
 * keeps nothing: for the handshake's gate, `duet explain`, logs and tests. RFC 6347 §4.1 (record),
 * §4.2.2 (handshake), 5246 §7.4.1 (hellos), 9147 §4 (DTLS 1.3's header).
 *
 * All of it reads through a base/bytes.h reader: `false` means the end or a failure, told apart by
 * the reader's `err`; reader_fault(r, "dtls") says where and by which rule. */
#ifndef DUET_DTLS_RECORD_H
#define DUET_DTLS_RECORD_H

#include "base/bytes.h"

/* RFC 5246 §6.2.1, 6520, 9146, 9147 §4. */
enum dtls_content {
    DTLS_CONTENT_CHANGE_CIPHER_SPEC = 20,
    DTLS_CONTENT_ALERT = 21,
    DTLS_CONTENT_HANDSHAKE = 22,
    DTLS_CONTENT_APPLICATION_DATA = 23,
    DTLS_CONTENT_HEARTBEAT = 24,
    DTLS_CONTENT_TLS12_CID = 25,
    DTLS_CONTENT_ACK = 26
};

/* RFC 5246 §7.4, 6347 §4.3.2, 8446 §4. */
enum dtls_handshake_type {
    DTLS_HELLO_REQUEST = 0,
    DTLS_CLIENT_HELLO = 1,
    DTLS_SERVER_HELLO = 2,
    DTLS_HELLO_VERIFY_REQUEST = 3,
    DTLS_NEW_SESSION_TICKET = 4,
    DTLS_CERTIFICATE = 11,
    DTLS_SERVER_KEY_EXCHANGE = 12,
    DTLS_CERTIFICATE_REQUEST = 13,
    DTLS_SERVER_HELLO_DONE = 14,
    DTLS_CERTIFICATE_VERIFY = 15,
    DTLS_CLIENT_KEY_EXCHANGE = 16,
    DTLS_FINISHED = 20
};

#define DTLS_VERSION_1_0 0xFEFF
#define DTLS_VERSION_1_2 0xFEFD
#define DTLS_VERSION_1_3 0xFEFC

#define DTLS_RECORD_HEADER   13 /* RFC 6347 §4.1 */
#define DTLS_FRAGMENT_HEADER 12 /* RFC 6347 §4.2.2 */
/* RFC 5246 §6.2.3: 2^14 and what a cipher may add. */
#define DTLS_RECORD_MAX      (16384 + 2048)

struct dtls_record {
    bool unified; /* RFC 9147 §4: encrypted, DTLS 1.3; only `epoch`'s two low bits, `seq`'s 8 or 16
                     (themselves encrypted) and `body` are known */
    uint8_t type; /* enum dtls_content; 0 if unified */
    uint16_t version;
    uint16_t epoch;
    uint64_t seq;      /* 48 bits */
    size_t offset;     /* of its first byte in the datagram */
    struct bytes all;  /* header and body */
    struct bytes body; /* plain while epoch is 0, else ciphertext */
};

/* May a datagram be DTLS: 20 <= first byte <= 63 (RFC 7983 §7, 9443). */
bool dtls_is_datagram(struct bytes datagram);
/* The next record of a datagram. */
bool dtls_record_next(struct reader *datagram, struct dtls_record *record);

/* A message or a part of one. */
struct dtls_fragment {
    uint8_t type;    /* enum dtls_handshake_type */
    uint32_t length; /* of the whole message, 24 bits */
    uint16_t message_seq;
    uint32_t offset;   /* of this part in the message */
    struct bytes body; /* this part */
};

/* The next fragment in the body of a plain handshake record. */
bool dtls_fragment_next(struct reader *body, struct dtls_fragment *fragment);

/* Does a plain record of this datagram begin with a ClientHello or a part of one? That is how a
 * handshake starts (RFC 6347 §4.2), and so the only thing to come before it has. */
bool dtls_has_client_hello(struct bytes datagram);

struct dtls_alert {
    uint8_t level; /* 1 warning, 2 fatal */
    uint8_t description;
};

/* The body of a plain alert record (RFC 5246 §7.2). */
bool dtls_alert_read(struct bytes body, struct dtls_alert *alert);

/* RFC 5246 §7.4.1.4; the numbers are in the IANA registry. */
struct dtls_extension {
    uint16_t type;
    struct bytes body;
};

enum dtls_extension_type {
    DTLS_EXTENSION_SUPPORTED_GROUPS = 10,     /* RFC 8422 §5.1.1 */
    DTLS_EXTENSION_SIGNATURE_ALGORITHMS = 13, /* RFC 5246 §7.4.1.4.1 */
    DTLS_EXTENSION_USE_SRTP = 14,             /* RFC 5764 §4.1.1 */
    DTLS_EXTENSION_SUPPORTED_VERSIONS = 43    /* RFC 8446 §4.2.1 */
};

/* A list of 16-bit numbers on the wire, of even length. */
struct dtls_u16s {
    struct bytes wire;
};
size_t dtls_u16s_count(struct dtls_u16s list);
/* The i-th; 0 past the end. */
uint16_t dtls_u16s_at(struct dtls_u16s list, size_t i);
bool dtls_u16s_has(struct dtls_u16s list, uint16_t number);

/* Client's and server's hello in one struct. All views point into the message. */
struct dtls_hello {
    uint16_t version;
    struct bytes random;            /* 32 bytes */
    struct bytes session_id;        /* at most 32 */
    struct bytes cookie;            /* client only */
    struct dtls_u16s cipher_suites; /* server: the one chosen */
    struct bytes extensions;        /* walk with dtls_extension_next */
    struct dtls_u16s groups;
    struct dtls_u16s signature_algorithms;
    struct dtls_u16s srtp_profiles; /* server: the one chosen */
    struct bytes srtp_mki;
    struct dtls_u16s versions; /* of supported_versions; server: the one chosen */
    bool has_srtp;
    struct fault fault;
};

/* A whole ClientHello or ServerHello body (reassembled, without the fragment header). On failure
 * `hello->fault` says why and where. */
enum err dtls_client_hello_parse(struct dtls_hello *hello, struct bytes message);
enum err dtls_server_hello_parse(struct dtls_hello *hello, struct bytes message);
/* The next extension of a hello's `extensions`. */
bool dtls_extension_next(struct reader *extensions, struct dtls_extension *extension);

/* The RFC's or the registry's names; "unknown" for others, never NULL. */
const char *dtls_content_name(uint8_t type);
const char *dtls_handshake_name(uint8_t type);
const char *dtls_alert_name(uint8_t description);
/* Has it a name? */
bool dtls_alert_is_known(uint8_t description);
const char *dtls_version_text(uint16_t version);

#endif
