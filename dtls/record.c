#include "dtls/record.h"

bool dtls_is_datagram(struct bytes datagram)
{
    return datagram.len > 0 && datagram.at[0] >= 20 && datagram.at[0] <= 63;
}

/* RFC 9147 §4: 001CSLEE. What is encrypted stays as it is; a record without a length fills the
 * datagram. We don't speak DTLS 1.3 and take no connection ids: one that has an id is not ours. */
static void read_unified(struct reader *r, struct dtls_record *record)
{
    uint8_t first = read_u8(r);
    if (first & 0x10)
        reader_fail(r, E_UNSUPPORTED, "a connection id that we gave none (RFC 9147 4)");
    record->unified = true;
    record->version = DTLS_VERSION_1_3;
    record->epoch = first & 0x03;
    record->seq = first & 0x08 ? read_u16(r) : read_u8(r);
    record->body = first & 0x04 ? read_bytes(r, read_u16(r)) : read_rest(r);
}

static void read_plain(struct reader *r, struct dtls_record *record)
{
    record->type = read_u8(r);
    record->version = read_u16(r);
    record->epoch = read_u16(r);
    record->seq = read_u48(r);
    size_t len = read_u16(r);
    if (record->version >> 8 != 0xFE)
        reader_fail(r, E_MALFORMED, "record version is not DTLS's (RFC 6347 4.1)");
    if (record->type < DTLS_CONTENT_CHANGE_CIPHER_SPEC || record->type > DTLS_CONTENT_ACK)
        reader_fail(r, E_MALFORMED, "no such content type (RFC 5246 6.2.1)");
    if (len > DTLS_RECORD_MAX) reader_fail(r, E_MALFORMED, "record too long (RFC 5246 6.2.3)");
    record->body = read_bytes(r, len);
}

bool dtls_record_next(struct reader *datagram, struct dtls_record *record)
{
    *record = (struct dtls_record){.offset = reader_offset(datagram)};
    if (reader_left(datagram) == 0) return false;
    const uint8_t *start = datagram->at;
    if (reader_peek(datagram) >> 5 == 1)
        read_unified(datagram, record);
    else
        read_plain(datagram, record);
    if (datagram->err != OK) return false;
    record->all = (struct bytes){start, (size_t)(datagram->at - start)};
    return true;
}

bool dtls_fragment_next(struct reader *body, struct dtls_fragment *fragment)
{
    *fragment = (struct dtls_fragment){0};
    if (reader_left(body) == 0) return false;
    fragment->type = read_u8(body);
    fragment->length = read_u24(body);
    fragment->message_seq = read_u16(body);
    fragment->offset = read_u24(body);
    uint32_t len = read_u24(body);
    /* Both are 24 bits wide: their sum does not wrap. */
    if (fragment->offset + len > fragment->length)
        reader_fail(body, E_MALFORMED, "fragment runs past its message (RFC 6347 4.2.3)");
    /* It would carry nothing, for ever: CVE-2022-29190 was such a loop. */
    if (len == 0 && fragment->length != 0)
        reader_fail(body, E_MALFORMED, "empty fragment of a message that is not (RFC 6347 4.2.3)");
    fragment->body = read_bytes(body, len);
    return body->err == OK;
}

bool dtls_has_client_hello(struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    for (struct dtls_record record; dtls_record_next(&r, &record);) {
        struct reader body = reader_of(record.body);
        struct dtls_fragment f;
        if (!record.unified && record.epoch == 0 && record.type == DTLS_CONTENT_HANDSHAKE &&
            dtls_fragment_next(&body, &f) && f.type == DTLS_CLIENT_HELLO)
            return true;
    }
    return false;
}

bool dtls_alert_read(struct bytes body, struct dtls_alert *alert)
{
    struct reader r = reader_of(body);
    alert->level = read_u8(&r);
    alert->description = read_u8(&r);
    return r.err == OK && reader_left(&r) == 0;
}

size_t dtls_u16s_count(struct dtls_u16s list)
{
    return list.wire.len / 2;
}

uint16_t dtls_u16s_at(struct dtls_u16s list, size_t i)
{
    struct reader r = reader_of(list.wire);
    if (i >= dtls_u16s_count(list)) return 0;
    read_skip(&r, 2 * i);
    return read_u16(&r);
}

bool dtls_u16s_has(struct dtls_u16s list, uint16_t number)
{
    for (size_t i = 0; i < dtls_u16s_count(list); i++)
        if (dtls_u16s_at(list, i) == number) return true;
    return false;
}

/* A list of 16-bit numbers behind its own 8- or 16-bit length. */
static struct dtls_u16s read_u16s(struct reader *r, bool short_len)
{
    size_t len = short_len ? read_u8(r) : read_u16(r);
    if (len % 2) reader_fail(r, E_MALFORMED, "list of 16-bit numbers of odd length (RFC 5246 4.3)");
    return (struct dtls_u16s){read_bytes(r, len)};
}

bool dtls_extension_next(struct reader *extensions, struct dtls_extension *extension)
{
    *extension = (struct dtls_extension){0};
    if (reader_left(extensions) == 0) return false;
    extension->type = read_u16(extensions);
    extension->body = read_bytes(extensions, read_u16(extensions));
    return extensions->err == OK;
}

/* RFC 5764 §4.1.1: the client's list, or the one that the server chose. */
static void read_use_srtp(struct reader *r, struct dtls_hello *hello)
{
    hello->has_srtp = true;
    hello->srtp_profiles = read_u16s(r, false);
    hello->srtp_mki = read_bytes(r, read_u8(r));
    if (dtls_u16s_count(hello->srtp_profiles) == 0)
        reader_fail(r, E_MALFORMED, "use_srtp without a profile (RFC 5764 4.1.1)");
}

static void read_known_extension(const struct dtls_extension *extension, bool client,
                                 struct reader *r, struct dtls_hello *hello)
{
    switch (extension->type) {
    case DTLS_EXTENSION_USE_SRTP: read_use_srtp(r, hello); break;
    case DTLS_EXTENSION_SUPPORTED_GROUPS: hello->groups = read_u16s(r, false); break;
    case DTLS_EXTENSION_SIGNATURE_ALGORITHMS:
        hello->signature_algorithms = read_u16s(r, false);
        break;
    case DTLS_EXTENSION_SUPPORTED_VERSIONS:
        if (client)
            hello->versions = read_u16s(r, true);
        else
            hello->versions = (struct dtls_u16s){read_bytes(r, 2)};
        break;
    default: read_rest(r); break;
    }
    if (reader_left(r)) reader_fail(r, E_MALFORMED, "bytes behind an extension (RFC 5246 7.4.1.4)");
}

/* All extensions; those that we know are taken apart. `message` is only for offsets. */
static void read_extensions(struct reader *message, bool client, struct dtls_hello *hello)
{
    if (reader_left(message) == 0) return; /* RFC 5246 §7.4.1.2: they may be left out */
    hello->extensions = read_bytes(message, read_u16(message));
    if (reader_left(message))
        reader_fail(message, E_MALFORMED, "bytes behind the extensions (RFC 5246 7.4.1.2)");
    struct reader all = reader_of(hello->extensions);
    for (struct dtls_extension e; dtls_extension_next(&all, &e);) {
        struct reader one = reader_of(e.body);
        read_known_extension(&e, client, &one, hello);
        if (one.err != OK) reader_fail(&all, one.err, one.rule ? one.rule : "extension cut short");
    }
    if (all.err != OK) reader_fail(message, all.err, all.rule);
}

static enum err hello_done(struct reader *r, struct dtls_hello *hello)
{
    if (r->err == OK) return OK;
    struct fault fault = reader_fault(r, "dtls");
    *hello = (struct dtls_hello){.fault = fault};
    return fault.err;
}

static void read_hello_start(struct reader *r, struct dtls_hello *hello)
{
    *hello = (struct dtls_hello){0};
    hello->version = read_u16(r);
    hello->random = read_bytes(r, 32);
    hello->session_id = read_bytes(r, read_u8(r));
    if (hello->session_id.len > 32)
        reader_fail(r, E_MALFORMED, "session id above 32 bytes (RFC 5246 7.4.1.2)");
}

enum err dtls_client_hello_parse(struct dtls_hello *hello, struct bytes message)
{
    struct reader r = reader_of(message);
    read_hello_start(&r, hello);
    hello->cookie = read_bytes(&r, read_u8(&r)); /* RFC 6347 §4.2.1 */
    hello->cipher_suites = read_u16s(&r, false);
    if (dtls_u16s_count(hello->cipher_suites) == 0)
        reader_fail(&r, E_MALFORMED, "ClientHello without cipher suites (RFC 5246 7.4.1.2)");
    struct bytes compression = read_bytes(&r, read_u8(&r));
    if (compression.len == 0)
        reader_fail(&r, E_MALFORMED, "ClientHello without compression methods (RFC 5246 7.4.1.2)");
    read_extensions(&r, true, hello);
    return hello_done(&r, hello);
}

enum err dtls_server_hello_parse(struct dtls_hello *hello, struct bytes message)
{
    struct reader r = reader_of(message);
    read_hello_start(&r, hello);
    hello->cipher_suites = (struct dtls_u16s){read_bytes(&r, 2)};
    read_u8(&r); /* compression method */
    read_extensions(&r, false, hello);
    if (hello->has_srtp && dtls_u16s_count(hello->srtp_profiles) != 1)
        reader_fail(&r, E_MALFORMED, "server chose more than one SRTP profile (RFC 5764 4.1.1)");
    return hello_done(&r, hello);
}
