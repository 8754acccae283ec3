#include "signaling/url.h"

#include "base/addr.h"
#include "signaling/http.h"

#include <stdio.h>
#include <string.h>

static enum err fail(struct sig_url *url, enum err err, size_t offset, const char *rule)
{
    url->fault = (struct fault){err, "url", offset, rule};
    return err;
}

/* RFC 3986 §3.2.2, as far as names in DNS go: letters, digits, dots, hyphens, underscores. */
static bool is_name(struct bytes host)
{
    for (size_t i = 0; i < host.len; i++) {
        uint8_t c = host.at[i];
        bool ok = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
                  c == '-' || c == '_';
        if (!ok) return false;
    }
    return host.len > 0;
}

/* "[v6]", "name" or "192.0.2.1" off the front of `text`; the offset of what is wrong in `offset`.
 */
static enum err parse_host(struct sig_url *url, struct bytes text, size_t *used, size_t offset)
{
    struct bytes host = text;
    if (bytes_starts(text, "[")) {
        struct addr addr;
        const uint8_t *end = memchr(text.at, ']', text.len);
        if (!end)
            return fail(url, E_MALFORMED, offset, "a bracket without its end (RFC 3986 3.2.2)");
        host = bytes_slice(text, 1, (size_t)(end - text.at) - 1);
        if (!addr_parse_ip(host, &addr) || addr.family != ADDR_IPV6)
            return fail(url, E_MALFORMED, offset + 1, "no IPv6 address (RFC 3986 3.2.2)");
        *used = host.len + 2;
    } else {
        const uint8_t *end = memchr(text.at, ':', text.len);
        if (end) host.len = (size_t)(end - text.at);
        if (!is_name(host))
            return fail(url, E_MALFORMED, offset, "a host name is needed (RFC 3986 3.2.2)");
        *used = host.len;
    }
    if (host.len > SIG_HOST_MAX)
        return fail(url, E_FULL, offset, "a host name above 253 characters (RFC 1035 2.3.4)");
    bytes_to_text(host, url->host, sizeof url->host);
    return OK;
}

/* `authority`: host and optional port, which starts `offset` bytes into the URL. */
static enum err parse_authority(struct sig_url *url, struct bytes authority, size_t offset)
{
    size_t used = 0;
    uint64_t port = url->secure ? 443 : 80; /* RFC 6455 §3 */
    bool standard = true;
    if (authority.len && memchr(authority.at, '@', authority.len))
        return fail(url, E_MALFORMED, offset, "no user name may stand here (RFC 6455 3)");
    enum err err = authority.len ? parse_host(url, authority, &used, offset)
                                 : fail(url, E_MALFORMED, offset, "a host is needed (RFC 6455 3)");
    if (err != OK) return err;
    struct bytes rest = bytes_slice(authority, used, authority.len);
    if (rest.len > 0) {
        uint64_t usual = port;
        if (rest.at[0] != ':' || !bytes_to_u64(bytes_slice(rest, 1, rest.len), 65535, &port) ||
            port == 0)
            return fail(url, E_MALFORMED, offset + used, "a port is 1 to 65535 (RFC 3986 3.2.3)");
        standard = port == usual;
    }
    url->port = (uint16_t)port;
    bool v6 = authority.at[0] == '[';
    int n = snprintf(url->authority, sizeof url->authority, "%s%s%s", v6 ? "[" : "", url->host,
                     v6 ? "]" : "");
    if (!standard && n > 0)
        snprintf(url->authority + n, sizeof url->authority - (size_t)n, ":%u", (unsigned)url->port);
    return OK;
}

static enum err parse_target(struct sig_url *url, struct bytes target, size_t offset)
{
    for (size_t i = 0; i < target.len; i++) {
        if (target.at[i] == '#')
            return fail(url, E_MALFORMED, offset + i, "no fragment may stand here (RFC 6455 3)");
        if (target.at[i] <= 0x20 || target.at[i] >= 0x7F)
            return fail(url, E_MALFORMED, offset + i, "a character no URI holds (RFC 3986 2)");
    }
    struct writer w = writer_of(url->target, SIG_TARGET_MAX);
    if (!bytes_starts(target, "/")) write_u8(&w, '/'); /* RFC 6455 §3: an empty path is "/" */
    write_bytes(&w, target);
    if (w.err != OK) return fail(url, E_FULL, offset, "path and query above 1024 characters");
    url->target[writer_len(&w)] = 0;
    const uint8_t *mark = target.len ? memchr(target.at, '?', target.len) : NULL;
    size_t at = mark ? (size_t)(mark - target.at) + 1 : target.len;
    struct bytes room = http_query(bytes_slice(target, at, target.len), "room");
    if (!room.at)
        return fail(url, E_MALFORMED, offset + at, "the URL must end in ?room=NAME (signaling.md)");
    if (!sig_room_valid(room))
        return fail(url, E_MALFORMED, offset + (size_t)(room.len ? room.at - target.at : 0),
                    "a room is 1 to 64 of A-Z a-z 0-9 . _ - (signaling.md)");
    bytes_to_text(room, url->room, sizeof url->room);
    return OK;
}

enum err sig_url_parse(struct sig_url *url, struct bytes text)
{
    static const char plain[] = "ws://", secure[] = "wss://";
    *url = (struct sig_url){0};
    struct bytes start = bytes_slice(text, 0, sizeof secure - 1);
    size_t at = sizeof plain - 1;
    url->secure = bytes_is_nocase(start, secure);
    if (url->secure)
        at = sizeof secure - 1;
    else if (!bytes_is_nocase(bytes_slice(start, 0, at), plain))
        return fail(url, E_UNSUPPORTED, 0, "the URL must begin with ws:// or wss:// (RFC 6455 3)");
    size_t end = at;
    while (end < text.len && text.at[end] != '/' && text.at[end] != '?' && text.at[end] != '#')
        end++;
    enum err err = parse_authority(url, bytes_slice(text, at, end - at), at);
    if (err != OK) return err;
    return parse_target(url, bytes_slice(text, end, text.len), end);
}
