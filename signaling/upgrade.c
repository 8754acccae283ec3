#include "signaling/upgrade.h"

#include "base/digest.h"

#include <string.h>

static const char base64_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 §4; `to` has room for 4 characters for each 3 bytes begun, no NUL is written. */
static void base64(const uint8_t *in, size_t len, char *to)
{
    for (size_t i = 0; i < len; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16;
        if (i + 1 < len) v |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < len) v |= in[i + 2];
        *to++ = base64_chars[v >> 18];
        *to++ = base64_chars[v >> 12 & 63];
        *to++ = i + 1 < len ? base64_chars[v >> 6 & 63] : '=';
        *to++ = i + 2 < len ? base64_chars[v & 63] : '=';
    }
}

/* 16 bytes in base64: 22 characters, the last with its low four bits zero, and "==". */
static bool is_key(struct bytes key)
{
    if (key.len != UPGRADE_KEY_LEN || key.at[22] != '=' || key.at[23] != '=') return false;
    for (size_t i = 0; i < 22; i++)
        if (key.at[i] == 0 || !strchr(base64_chars, key.at[i])) return false;
    return strchr("AQgw", key.at[21]) != NULL;
}

void upgrade_accept(struct bytes key, char accept[UPGRADE_ACCEPT_LEN])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 §1.3 */
    uint8_t joined[UPGRADE_KEY_LEN + sizeof guid], hash[SHA1_LEN];
    struct writer w = writer_of(joined, sizeof joined);
    write_bytes(&w, bytes_slice(key, 0, UPGRADE_KEY_LEN));
    write_text(&w, guid);
    digest_sha1(writer_done(&w), hash);
    base64(hash, sizeof hash, accept);
}

void upgrade_key(struct rng *rng, char key[UPGRADE_KEY_LEN])
{
    uint8_t nonce[16];
    rng_fill(rng, nonce, sizeof nonce);
    base64(nonce, sizeof nonce, key);
}

static int refuse(struct fault *fault, int status, const char *rule)
{
    *fault = (struct fault){status == 426 ? E_UNSUPPORTED : E_MALFORMED, "websocket", 0, rule};
    return status;
}

int upgrade_check_request(const struct http_request *q, struct bytes *key, struct fault *fault)
{
    const struct http_field *f = q->fields;
    size_t n = q->field_count;
    *fault = (struct fault){0};
    *key = http_field(f, n, "Sec-WebSocket-Key");
    if (!bytes_is(q->method, "GET"))
        return refuse(fault, 405, "an upgrade must be a GET (RFC 6455 4.2.1)");
    if (q->minor == 0)
        return refuse(fault, 400, "an upgrade needs HTTP/1.1 or higher (RFC 6455 4.2.1)");
    if (!http_field_has(f, n, "Upgrade", "websocket") ||
        !http_field_has(f, n, "Connection", "Upgrade"))
        return refuse(fault, 426, "only WebSockets are served here (RFC 6455 4.2.1)");
    if (!bytes_is(http_field(f, n, "Sec-WebSocket-Version"), "13"))
        return refuse(fault, 426, "Sec-WebSocket-Version must be 13 (RFC 6455 4.2.1)");
    if (!is_key(*key))
        return refuse(fault, 400, "Sec-WebSocket-Key must be 16 bytes in base64 (RFC 6455 4.2.1)");
    return 101;
}

enum err upgrade_check_response(const struct http_response *p, const char key[UPGRADE_KEY_LEN],
                                struct fault *fault)
{
    const struct http_field *f = p->fields;
    size_t n = p->field_count;
    char accept[UPGRADE_ACCEPT_LEN];
    upgrade_accept((struct bytes){(const uint8_t *)key, UPGRADE_KEY_LEN}, accept);
    *fault = (struct fault){E_MALFORMED, "websocket", 0, NULL};
    if (p->status != 101) {
        fault->err = E_UNSUPPORTED;
        fault->rule = "the server did not switch protocols (RFC 6455 4.1)";
    } else if (!bytes_is_nocase(http_field(f, n, "Upgrade"), "websocket"))
        fault->rule = "the answer lacks Upgrade: websocket (RFC 6455 4.1)";
    else if (!http_field_has(f, n, "Connection", "Upgrade"))
        fault->rule = "the answer lacks Connection: Upgrade (RFC 6455 4.1)";
    else if (http_field_count(f, n, "Sec-WebSocket-Extensions") ||
             http_field_count(f, n, "Sec-WebSocket-Protocol"))
        fault->rule = "an extension or protocol that was not asked for (RFC 6455 4.1)";
    else if (!bytes_equal(http_field(f, n, "Sec-WebSocket-Accept"),
                          (struct bytes){(const uint8_t *)accept, sizeof accept})) {
        fault->err = E_AUTH;
        fault->rule = "Sec-WebSocket-Accept does not fit our key (RFC 6455 4.1)";
    } else
        *fault = (struct fault){0};
    return fault->err;
}

void upgrade_write_request(struct writer *w, const char *host, const char *target,
                           const char *origin, const char key[UPGRADE_KEY_LEN])
{
    write_text(w, "GET ");
    write_text(w, target);
    write_text(w, " HTTP/1.1\r\nHost: ");
    write_text(w, host);
    write_text(w, "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
    if (origin) write_format(w, "Origin: %s\r\n", origin);
    write_text(w, "Sec-WebSocket-Key: ");
    write_bytes(w, (struct bytes){(const uint8_t *)key, UPGRADE_KEY_LEN});
    write_text(w, "\r\n\r\n");
}

void upgrade_write_response(struct writer *w, struct bytes key)
{
    char accept[UPGRADE_ACCEPT_LEN];
    upgrade_accept(key, accept);
    write_text(w, "HTTP/1.1 101 Switching Protocols\r\n"
                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    write_bytes(w, (struct bytes){(const uint8_t *)accept, sizeof accept});
    write_text(w, "\r\n\r\n");
}

static bool equal_nocase(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++) {
        uint8_t x = a.at[i], y = b.at[i];
        if (x >= 'A' && x <= 'Z') x |= 0x20;
        if (y >= 'A' && y <= 'Z') y |= 0x20;
        if (x != y) return false;
    }
    return true;
}

/* "host:80" without what the scheme implies: RFC 6454 §5. */
static struct bytes without_port(struct bytes host, const char *port)
{
    size_t n = strlen(port);
    if (host.len > n && bytes_is(bytes_slice(host, host.len - n, n), port)) host.len -= n;
    return host;
}

bool upgrade_origin_allowed(struct bytes origin, struct bytes host, const char *const *allowed,
                            size_t count)
{
    if (!origin.at) return true;
    for (size_t i = 0; i < count; i++)
        if (equal_nocase(origin, bytes_of(allowed[i]))) return true;
    const char *port;
    if (bytes_starts(origin, "http://"))
        port = ":80", origin = bytes_slice(origin, 7, origin.len);
    else if (bytes_starts(origin, "https://"))
        port = ":443", origin = bytes_slice(origin, 8, origin.len);
    else
        return false;
    return origin.len > 0 && equal_nocase(without_port(origin, port), without_port(host, port));
}
