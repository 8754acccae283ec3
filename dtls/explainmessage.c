#include "dtls/explainmessage.h"

#include <stdio.h>

#include "base/explain.h"
#include "dtls/codepoints.h"
#include "dtls/identity.h"
#include "dtls/record.h"

/* RFC 8446 §4.1.3: a ServerHello with this random is a HelloRetryRequest. */
static const uint8_t retry_random[32] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C};

/* What the members want to know of a hello after its fields were said. */
struct hello {
    bool client, retry;
    uint16_t version;
    bool has_session_id, has_cookie;
    struct bytes session_id, cookie, extensions;
    struct dtls_u16s suites, groups, profiles, signatures, versions;
};

typedef const char *(*namer)(uint16_t number);

static const char *version_name(uint16_t number)
{
    const char *name = dtls_version_text(number);
    return bytes_is(bytes_of(name), "unknown") ? NULL : name;
}

static const char *extension_name(uint16_t number)
{
    return dtls_extension_name(number, NULL);
}

/* ---- Fields ---- */

/* The next `len` bytes as a field that is only shown. */
static struct bytes say_bytes(struct explain *x, struct reader *r, const char *name,
                              const char *spec, size_t len)
{
    struct bytes b = read_bytes(r, len);
    if (r->err == OK && b.len) explain_field(x, name, b, spec, "%zu bytes", b.len);
    return b;
}

/* Bytes behind a length of `width` bytes. */
static struct bytes say_vector(struct explain *x, struct reader *r, const char *name,
                               const char *spec, size_t width)
{
    struct bytes len = read_bytes(r, width);
    struct reader one = reader_of(len);
    struct bytes b = read_bytes(r, (size_t)read_number(&one, width));
    if (r->err != OK) return (struct bytes){NULL, 0};
    explain_field(x, name, (struct bytes){len.at, width + b.len}, spec, "%zu bytes", b.len);
    return b;
}

static void say_u16(struct explain *x, struct bytes wire, const char *name, const char *spec,
                    namer named)
{
    struct reader r = reader_of(wire);
    uint16_t number = read_u16(&r);
    const char *text = named(number);
    if (text)
        explain_field(x, name, wire, spec, "%s (0x%04x)", text, (unsigned)number);
    else
        explain_field(x, name, wire, spec, "0x%04x", (unsigned)number);
    if (!text && dtls_is_grease(number))
        explain_meaning(x, "GREASE: means nothing, keeps peers tolerant (RFC 8701)");
}

/* A list of 16-bit numbers, each a field below the last one. */
static void say_list(struct explain *x, struct dtls_u16s list, const char *name, const char *spec,
                     namer named)
{
    explain_down(x);
    for (size_t i = 0; i < dtls_u16s_count(list); i++)
        say_u16(x, bytes_slice(list.wire, 2 * i, 2), name, spec, named);
    explain_up(x);
}

/* The same behind its length; what is left of it is taken if the message is cut inside it. */
static struct dtls_u16s read_list(struct reader *r, size_t width, bool whole)
{
    size_t len = (size_t)read_number(r, width);
    if (!whole && len > reader_left(r)) len = reader_left(r) & ~(size_t)1;
    return (struct dtls_u16s){read_bytes(r, len)};
}

static void say_key_share(struct explain *x, struct bytes body, bool client)
{
    static const char spec[] = "RFC 8446 4.2.8";
    struct reader r = reader_of(body);
    if (client) read_skip(&r, 2);
    explain_down(x);
    /* A HelloRetryRequest's has the group alone. */
    while (reader_left(&r) >= 2) {
        say_u16(x, read_bytes(&r, 2), "group", spec, dtls_group_name);
        if (reader_left(&r)) say_vector(x, &r, "key", spec, 2);
    }
    explain_up(x);
}

static void say_use_srtp(struct explain *x, struct bytes body, struct hello *hello)
{
    struct reader r = reader_of(body);
    hello->profiles = read_list(&r, 2, false);
    say_list(x, hello->profiles, "SRTP profile", "RFC 5764 4.1.2", dtls_srtp_code_name);
    explain_down(x);
    struct bytes mki = say_vector(x, &r, "MKI", "RFC 5764 4.1.3", 1);
    if (mki.at) explain_meaning(x, mki.len ? "a key identifier" : "none, as WebRTC demands");
    explain_up(x);
}

static void say_names(struct explain *x, struct bytes body)
{
    struct reader r = reader_of(body);
    read_skip(&r, 2);
    explain_down(x);
    while (reader_left(&r)) {
        struct bytes name = read_bytes(&r, read_u8(&r));
        if (r.err == OK) explain_field_text(x, "protocol", name, "RFC 7301 3.1", name);
    }
    explain_up(x);
}

static void say_known_extension(struct explain *x, const struct dtls_extension *e,
                                struct hello *hello)
{
    struct reader r = reader_of(e->body);
    switch (e->type) {
    case DTLS_EXTENSION_SUPPORTED_GROUPS:
        hello->groups = read_list(&r, 2, false);
        say_list(x, hello->groups, "group", "RFC 8422 5.1.1", dtls_group_name);
        break;
    case DTLS_EXTENSION_SIGNATURE_ALGORITHMS:
        hello->signatures = read_list(&r, 2, false);
        say_list(x, hello->signatures, "signature", "RFC 8446 4.2.3", dtls_signature_name);
        break;
    case DTLS_EXTENSION_USE_SRTP: say_use_srtp(x, e->body, hello); break;
    case DTLS_EXTENSION_SUPPORTED_VERSIONS:
        hello->versions =
            hello->client ? read_list(&r, 1, false) : (struct dtls_u16s){read_bytes(&r, 2)};
        say_list(x, hello->versions, "version", "RFC 8446 4.2.1", version_name);
        break;
    case 16: say_names(x, e->body); break;
    case 23:
        explain_meaning(x, "the master secret depends on the whole handshake, which keys for SRTP "
                           "need");
        break;
    case 51: say_key_share(x, e->body, hello->client); break;
    case 54: explain_meaning(x, "records may carry an id in place of the address"); break;
    case 0xFF01: explain_meaning(x, "renegotiation, if any, is bound to this handshake"); break;
    default: break;
    }
}

static void say_extension(struct explain *x, const struct dtls_extension *e, struct bytes all,
                          struct hello *hello)
{
    const char *spec = "RFC 5246 7.4.1.4", *name = dtls_extension_name(e->type, &spec);
    if (name)
        explain_field(x, "extension", all, spec, "%s (%u), %zu bytes", name, (unsigned)e->type,
                      e->body.len);
    else
        explain_field(x, "extension", all, spec, "0x%04x, %zu bytes", (unsigned)e->type,
                      e->body.len);
    if (!name) explain_meaning(x, dtls_is_grease(e->type) ? "GREASE (RFC 8701)" : "unknown");
    say_known_extension(x, e, hello);
}

/* As far as they are there. */
static void say_extensions(struct explain *x, struct reader *r, bool whole, struct hello *hello)
{
    if (reader_left(r) < 2) return;
    struct bytes len = read_bytes(r, 2);
    size_t announced = (size_t)(len.at[0] << 8 | len.at[1]);
    size_t there = !whole && announced > reader_left(r) ? reader_left(r) : announced;
    hello->extensions = read_bytes(r, there);
    if (r->err != OK) return;
    explain_field(x, "extensions", (struct bytes){len.at, 2 + there}, "RFC 5246 7.4.1.4",
                  "%zu bytes", announced);
    explain_down(x);
    struct reader all = reader_of(hello->extensions);
    for (struct dtls_extension e;;) {
        const uint8_t *start = all.at;
        if (!dtls_extension_next(&all, &e)) break;
        say_extension(x, &e, (struct bytes){start, (size_t)(all.at - start)}, hello);
    }
    explain_up(x);
}

static void say_hello_start(struct explain *x, struct reader *r, struct hello *hello)
{
    struct bytes version = read_bytes(r, 2);
    if (version.len == 2) {
        hello->version = (uint16_t)(version.at[0] << 8 | version.at[1]);
        say_u16(x, version, "version", "RFC 6347 4.2.1", version_name);
    }
    struct bytes random = say_bytes(x, r, "random", "RFC 5246 7.4.1.2", 32);
    hello->retry = !hello->client && random.len == 32 &&
                   memcmp(random.at, retry_random, sizeof retry_random) == 0;
    if (hello->retry)
        explain_meaning(x, "the number that makes a ServerHello a HelloRetryRequest (RFC 8446 "
                           "4.1.3)");
    hello->session_id = say_vector(x, r, "session id", "RFC 5246 7.4.1.2", 1);
    hello->has_session_id = r->err == OK;
}

static void say_client_hello(struct explain *x, struct reader *r, bool whole, struct hello *hello)
{
    hello->cookie = say_vector(x, r, "cookie", "RFC 6347 4.2.1", 1);
    hello->has_cookie = r->err == OK;
    const uint8_t *start = r->at;
    hello->suites = read_list(r, 2, whole);
    if (r->err == OK) {
        explain_field(x, "cipher suites", (struct bytes){start, (size_t)(r->at - start)},
                      "RFC 5246 7.4.1.2", "%zu", dtls_u16s_count(hello->suites));
        explain_meaning(x, "the client's favourite first");
        say_list(x, hello->suites, "cipher suite", "RFC 5246 A.5", dtls_cipher_suite_name);
    }
    say_vector(x, r, "compression methods", "RFC 5246 7.4.1.2", 1);
}

static void say_server_hello(struct explain *x, struct reader *r, struct hello *hello)
{
    hello->suites = (struct dtls_u16s){read_bytes(r, 2)};
    if (r->err == OK)
        say_u16(x, hello->suites.wire, "cipher suite", "RFC 5246 7.4.1.3", dtls_cipher_suite_name);
    struct bytes compression = read_bytes(r, 1);
    if (r->err == OK)
        explain_field(x, "compression method", compression, "RFC 5246 7.4.1.3", "%s (%u)",
                      compression.at[0] ? "unknown" : "null", (unsigned)compression.at[0]);
}

/* ---- Members ---- */

static void member_u16(struct explain *x, const char *name, uint16_t number, namer named)
{
    const char *text = named(number);
    if (text)
        explain_format(x, name, "%s", text);
    else
        explain_format(x, name, "0x%04x", (unsigned)number);
}

static void member_list(struct explain *x, const char *name, struct dtls_u16s list, namer named)
{
    if (!list.wire.len) return;
    explain_list(x, name);
    for (size_t i = 0; i < dtls_u16s_count(list); i++)
        member_u16(x, NULL, dtls_u16s_at(list, i), named);
    explain_close(x);
}

static void hello_members(struct explain *x, const struct hello *hello)
{
    member_u16(x, "version", hello->version, version_name);
    if (hello->retry) explain_bool(x, "helloRetryRequest", true);
    if (hello->has_session_id) explain_hex(x, "sessionId", hello->session_id);
    if (hello->has_cookie) explain_hex(x, "cookie", hello->cookie);
    member_list(x, "cipherSuites", hello->suites, dtls_cipher_suite_name);
    member_list(x, "groups", hello->groups, dtls_group_name);
    member_list(x, "srtpProfiles", hello->profiles, dtls_srtp_code_name);
    member_list(x, "signatureAlgorithms", hello->signatures, dtls_signature_name);
    member_list(x, "versions", hello->versions, version_name);
    explain_list(x, "extensions");
    struct reader all = reader_of(hello->extensions);
    for (struct dtls_extension e; dtls_extension_next(&all, &e);)
        member_u16(x, NULL, e.type, extension_name);
    explain_close(x);
}

/* ---- Messages ---- */

static struct fault hello(struct explain *x, bool client, struct bytes body, bool whole)
{
    struct hello told = {.client = client};
    struct reader r = reader_of(body);
    say_hello_start(x, &r, &told);
    if (client)
        say_client_hello(x, &r, whole, &told);
    else
        say_server_hello(x, &r, &told);
    say_extensions(x, &r, whole, &told);
    hello_members(x, &told);
    struct dtls_hello parsed;
    if (!whole) return (struct fault){0};
    if (client)
        dtls_client_hello_parse(&parsed, body);
    else
        dtls_server_hello_parse(&parsed, body);
    /* A HelloRetryRequest's extensions have other shapes: only its frame is ours to judge. */
    return told.retry ? reader_fault(&r, "dtls") : parsed.fault;
}

/* RFC 6347 §4.2.1. */
static void verify_request(struct explain *x, struct reader *r)
{
    struct bytes version = read_bytes(r, 2);
    if (version.len == 2) say_u16(x, version, "version", "RFC 6347 4.2.1", version_name);
    struct bytes cookie = say_vector(x, r, "cookie", "RFC 6347 4.2.1", 1);
    if (r->err == OK) explain_hex(x, "cookie", cookie);
}

/* RFC 5246 §7.4.2: the peer's own first, then whoever signed it. */
static void certificates(struct explain *x, struct reader *r, bool whole)
{
    size_t announced = read_u24(r), there = reader_left(r);
    explain_list(x, "certificates");
    while (reader_left(r)) {
        struct bytes len = read_bytes(r, 3);
        struct reader one = reader_of(len);
        struct bytes der = read_bytes(r, read_u24(&one));
        if (r->err != OK) break;
        char text[DTLS_FINGERPRINT_TEXT_MAX];
        struct dtls_fingerprint print = dtls_fingerprint_of(DTLS_SHA256, der);
        dtls_fingerprint_text(&print, text);
        explain_field(x, "certificate", (struct bytes){len.at, 3 + der.len}, "RFC 5246 7.4.2",
                      "%zu bytes of DER", der.len);
        explain_meaning(x, "a=fingerprint:sha-256 %s is what its description must say (RFC 8122 5)",
                        text);
        explain_object(x, NULL);
        explain_number(x, "length", der.len);
        explain_object(x, "fingerprint");
        explain_format(x, "hash", "sha-256");
        explain_format(x, "value", "%s", text);
        explain_close(x);
        explain_close(x);
    }
    explain_close(x);
    if (whole && announced != there)
        reader_fail(r, announced > there ? E_TRUNCATED : E_MALFORMED,
                    "the list of certificates is not as long as it says (RFC 5246 7.4.2)");
}

static void signature(struct explain *x, struct reader *r)
{
    struct bytes algorithm = read_bytes(r, 2);
    if (r->err == OK)
        say_u16(x, algorithm, "signature algorithm", "RFC 5246 7.4.1.4.1", dtls_signature_name);
    say_vector(x, r, "signature", "RFC 5246 4.7", 2);
}

/* RFC 8422 §5.4: curve type 3 is a named curve; anything else isn't spoken in WebRTC. */
static void server_key_exchange(struct explain *x, struct reader *r)
{
    if (reader_left(r) == 0)
        reader_fail(r, E_TRUNCATED, "a ServerKeyExchange without parameters (RFC 5246 7.4.3)");
    if (reader_peek(r) != 3) {
        say_bytes(x, r, "parameters", "RFC 5246 7.4.3", reader_left(r));
        return;
    }
    explain_field(x, "curve type", read_bytes(r, 1), "RFC 8422 5.4", "named_curve (3)");
    struct bytes group = read_bytes(r, 2);
    if (r->err == OK) {
        say_u16(x, group, "group", "RFC 8422 5.4", dtls_group_name);
        member_u16(x, "group", (uint16_t)(group.at[0] << 8 | group.at[1]), dtls_group_name);
    }
    say_vector(x, r, "public key", "RFC 8422 5.4", 1);
    signature(x, r);
}

static void certificate_request(struct explain *x, struct reader *r)
{
    say_vector(x, r, "certificate types", "RFC 5246 7.4.4", 1);
    struct bytes wire = say_vector(x, r, "signature algorithms", "RFC 5246 7.4.4", 2);
    struct dtls_u16s list = {wire};
    if (r->err == OK) say_list(x, list, "signature", "RFC 8446 4.2.3", dtls_signature_name);
    member_list(x, "signatureAlgorithms", list, dtls_signature_name);
    say_vector(x, r, "authorities", "RFC 5246 7.4.4", 2);
}

/* RFC 5246 §7.4.9. Its bytes are in the value: what was decrypted has no place beside the field. */
static void finished(struct explain *x, struct reader *r)
{
    char hex[2 * 32 + 1] = "";
    struct bytes data = read_rest(r);
    for (size_t i = 0; i < data.len && 2 * i + 2 < sizeof hex; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)data.at[i]);
    explain_field(x, "verify data", data, "RFC 5246 7.4.9", "%s", hex);
    explain_meaning(x, "proves that both sides saw the same handshake and have its secret");
    explain_hex(x, "verifyData", data);
}

struct fault dtls_explain_message(struct explain *x, uint8_t type, struct bytes body, bool whole)
{
    struct reader r = reader_of(body);
    switch (type) {
    case DTLS_CLIENT_HELLO: return hello(x, true, body, whole);
    case DTLS_SERVER_HELLO: return hello(x, false, body, whole);
    case DTLS_HELLO_VERIFY_REQUEST: verify_request(x, &r); break;
    case DTLS_CERTIFICATE: certificates(x, &r, whole); break;
    case DTLS_SERVER_KEY_EXCHANGE: server_key_exchange(x, &r); break;
    case DTLS_CERTIFICATE_REQUEST: certificate_request(x, &r); break;
    case DTLS_CERTIFICATE_VERIFY: signature(x, &r); break;
    case DTLS_CLIENT_KEY_EXCHANGE: say_vector(x, &r, "public key", "RFC 8422 5.7", 1); break;
    case DTLS_FINISHED: finished(x, &r); break;
    default: say_bytes(x, &r, "body", "RFC 5246 7.4", reader_left(&r)); break;
    }
    if (!whole) return (struct fault){0};
    if (reader_left(&r))
        reader_fail(&r, E_MALFORMED, "bytes behind a handshake message (RFC 5246 7.4)");
    return reader_fault(&r, "dtls");
}
