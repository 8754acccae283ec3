#include "signaling/http.h"

#include "base/addr.h"

#include <string.h>

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_alnum(uint8_t c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* RFC 9110 §5.6.2: the characters of methods and field names. */
static bool is_token_char(uint8_t c)
{
    return is_alnum(c) || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (!is_token_char(b.at[i])) return false;
    return b.len > 0;
}

/* RFC 9110 §5.5: visible characters, blanks, tabs and opaque bytes; no other control character. */
static bool is_field_value(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if ((b.at[i] < 0x20 && b.at[i] != '\t') || b.at[i] == 0x7F) return false;
    return true;
}

static struct bytes trim(struct bytes b)
{
    while (b.len > 0 && (b.at[0] == ' ' || b.at[0] == '\t')) b.at++, b.len--;
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t')) b.len--;
    return b;
}

/* The view up to the first `c`, which is taken too; all of it if there is none. */
static struct bytes cut_at(struct bytes *rest, uint8_t c)
{
    const uint8_t *found = rest->len ? memchr(rest->at, c, rest->len) : NULL;
    struct bytes part = *rest;
    if (!found) {
        *rest = (struct bytes){NULL, 0};
        return part;
    }
    part.len = (size_t)(found - rest->at);
    *rest = bytes_slice(*rest, part.len + 1, rest->len);
    return part;
}

size_t http_head_len(struct bytes in, size_t from)
{
    /* The last three bytes searched before may be the start of the empty line. */
    size_t i = from < 3 ? 0 : from - 3;
    for (; i + 4 <= in.len; i++)
        if (memcmp(in.at + i, "\r\n\r\n", 4) == 0) return i + 4;
    return 0;
}

/* A line without its CRLF. Bare CR or LF: RFC 9112 §2.2 lets a server refuse them. */
static struct bytes read_line(struct reader *r)
{
    const uint8_t *start = r->at;
    size_t left = reader_left(r);
    for (size_t i = 0; i + 1 < left; i++) {
        if (start[i] == '\r' && start[i + 1] == '\n') {
            struct bytes line = read_bytes(r, i);
            read_skip(r, 2);
            return line;
        }
        if (start[i] == '\r' || start[i] == '\n') {
            read_skip(r, i);
            reader_fail(r, E_MALFORMED, "a line must end in CR LF (RFC 9112 2.2)");
            break;
        }
    }
    return (struct bytes){NULL, 0};
}

/* RFC 9112 §5: `name: value`, no blank before the colon (§5.1), no folded line (§5.2). */
static void read_field(struct reader *r, struct http_field *field)
{
    struct bytes line = read_line(r);
    if (r->err != OK) return;
    const uint8_t *colon = line.len ? memchr(line.at, ':', line.len) : NULL;
    if (!colon) {
        reader_fail(r, E_MALFORMED, "a field needs a colon (RFC 9112 5)");
        return;
    }
    struct bytes rest = line;
    field->name = cut_at(&rest, ':');
    field->value = trim(rest);
    if (!is_token(field->name))
        reader_fail(r, E_MALFORMED, "a field's name must be a token, with no blank (RFC 9112 5.1)");
    else if (!is_field_value(field->value))
        reader_fail(r, E_MALFORMED, "a control character in a field's value (RFC 9110 5.5)");
}

static size_t read_fields(struct reader *r, struct http_field *fields)
{
    size_t count = 0;
    while (reader_left(r) > 2) {
        if (count == HTTP_FIELDS_MAX) {
            reader_fail(r, E_FULL, "more than 64 fields (RFC 6585 5)");
            return count;
        }
        read_field(r, &fields[count++]);
    }
    read_line(r);
    return count;
}

/* The head alone as a reader; what follows it is another's. */
static struct reader head_reader(struct bytes in, size_t *len)
{
    *len = http_head_len(in, 0);
    struct reader r = reader_of(bytes_slice(in, 0, *len));
    if (*len == 0 || *len > HTTP_HEAD_MAX) {
        bool full = in.len >= HTTP_HEAD_MAX;
        reader_fail(&r, full ? E_FULL : E_TRUNCATED,
                    full ? "the head is longer than 8 KiB (RFC 6585 5)"
                         : "no empty line yet (RFC 9112 2.1)");
    }
    return r;
}

/* RFC 9112 §2.3: "HTTP/" DIGIT "." DIGIT; we speak any HTTP/1. */
static void check_version(struct reader *r, struct bytes version)
{
    if (version.len != 8 || !bytes_starts(version, "HTTP/") || version.at[6] != '.' ||
        version.at[5] < '0' || version.at[5] > '9' || version.at[7] < '0' || version.at[7] > '9')
        reader_fail(r, E_MALFORMED, "the version must read HTTP/1.1 (RFC 9112 2.3)");
    else if (version.at[5] != '1')
        reader_fail(r, E_UNSUPPORTED, "only HTTP/1 is spoken here (RFC 9112 2.3)");
}

/* RFC 3986 §3.2.2: a registered name, which may be empty, or an IPv4 address, which looks like one.
 */
static bool is_name(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++) {
        uint8_t c = b.at[i];
        bool escaped = c == '%' && i + 2 < b.len && is_hex(b.at[i + 1]) && is_hex(b.at[i + 2]);
        if (!escaped && !is_alnum(c) && (c == 0 || !strchr("-._~!$&'()*+,;=", c))) return false;
    }
    return true;
}

/* `uri-host [ ":" port ]` of RFC 9110 §7.2, so no user before it (§4.2.4); RFC 3986 §3.2.3: a port
 * is digits, or none. Of IP literals in brackets there are only those of IPv6 as yet. */
static bool is_host(struct bytes b)
{
    struct bytes rest = b;
    if (bytes_starts(b, "[")) {
        struct addr addr;
        struct bytes literal = cut_at(&rest, ']');
        if (literal.len == b.len || !addr_parse_ip(bytes_slice(literal, 1, literal.len), &addr) ||
            addr.family != ADDR_IPV6 || (rest.len > 0 && rest.at[0] != ':'))
            return false;
        rest = bytes_slice(rest, 1, rest.len);
    } else if (!is_name(cut_at(&rest, ':'))) {
        return false;
    }
    for (size_t i = 0; i < rest.len; i++)
        if (!is_digit(rest.at[i])) return false;
    return true;
}

/* The scheme and the host off the front of an absolute target. RFC 9112 §3.2.2: a server must take
 * this form, though only proxies are sent it. */
static struct bytes cut_host(struct reader *r, struct bytes *rest)
{
    size_t from = bytes_is_nocase(bytes_slice(*rest, 0, 7), "http://")    ? 7
                  : bytes_is_nocase(bytes_slice(*rest, 0, 8), "https://") ? 8
                                                                          : 0;
    if (from == 0) return (struct bytes){NULL, 0};
    size_t end = from;
    while (end < rest->len && rest->at[end] != '/' && rest->at[end] != '?') end++;
    struct bytes host = bytes_slice(*rest, from, end - from);
    *rest = bytes_slice(*rest, end, rest->len);
    if (host.len == 0 || host.at[0] == ':' || !is_host(host))
        reader_fail(r, E_MALFORMED, "the target needs a host, with no user (RFC 9110 4.2.1)");
    return host;
}

/* RFC 9112 §3.2.1: the origin form, a path with an optional query; or that behind a host. */
static void split_target(struct reader *r, struct http_request *request)
{
    struct bytes rest = request->target;
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.at[i] <= 0x20 || rest.at[i] >= 0x7F || rest.at[i] == '#') {
            reader_fail(r, E_MALFORMED, "a character that a URI can't hold (RFC 3986 2)");
            return;
        }
    }
    request->host = cut_host(r, &rest);
    if (r->err != OK) return;
    if (!request->host.at && !bytes_starts(rest, "/")) {
        reader_fail(r, E_MALFORMED, "the target must be a path or a URL (RFC 9112 3.2)");
        return;
    }
    request->path = cut_at(&rest, '?');
    request->query = rest;
    if (request->path.len == 0) request->path = bytes_of("/"); /* RFC 9110 §4.2.3 */
}

/* RFC 9112 §3.2: exactly one Host, which HTTP/1.0 did not know yet, and a right one; §6.1, §6.3: a
 * body is never wanted, and one whose length could be read in two ways is how requests are
 * smuggled. */
static void check_request_fields(struct reader *r, const struct http_request *q)
{
    struct bytes length = http_field(q->fields, q->field_count, "Content-Length");
    size_t hosts = http_field_count(q->fields, q->field_count, "Host");
    uint64_t n = 0;
    if (hosts > 1 || (hosts == 0 && q->minor > 0))
        reader_fail(r, E_MALFORMED, "there must be exactly one Host field (RFC 9112 3.2)");
    else if (!is_host(http_field(q->fields, q->field_count, "Host")))
        reader_fail(r, E_MALFORMED, "Host must be a host, and a port if need be (RFC 9112 3.2)");
    else if (http_field_count(q->fields, q->field_count, "Transfer-Encoding") > 0)
        reader_fail(r, E_MALFORMED, "a request here has no body (RFC 9112 6.1)");
    else if (http_field_count(q->fields, q->field_count, "Content-Length") > 0 &&
             (!bytes_to_u64(length, UINT32_MAX, &n) || n != 0))
        reader_fail(r, E_MALFORMED, "a request here has no body (RFC 9112 6.3)");
}

enum err http_request_parse(struct http_request *q, struct bytes in)
{
    *q = (struct http_request){0};
    struct reader r = head_reader(in, &q->len);
    struct bytes line = read_line(&r);
    q->method = cut_at(&line, ' ');
    q->target = cut_at(&line, ' ');
    if (r.err == OK && !is_token(q->method))
        reader_fail(&r, E_MALFORMED, "the method must be a token (RFC 9112 3.1)");
    if (r.err == OK) check_version(&r, line);
    if (r.err == OK) q->minor = line.at[7] - '0';
    if (r.err == OK) split_target(&r, q);
    q->field_count = read_fields(&r, q->fields);
    if (r.err == OK) check_request_fields(&r, q);
    /* RFC 9112 §3.2.2: the target's host counts, whatever the field says. */
    if (!q->host.at) q->host = http_field(q->fields, q->field_count, "Host");
    q->fault = reader_fault(&r, "http");
    return r.err;
}

enum err http_response_parse(struct http_response *p, struct bytes in)
{
    *p = (struct http_response){0};
    struct reader r = head_reader(in, &p->len);
    struct bytes line = read_line(&r);
    struct bytes version = cut_at(&line, ' ');
    struct bytes status = cut_at(&line, ' ');
    p->reason = line;
    uint64_t number = 0;
    if (r.err == OK) check_version(&r, version);
    if (r.err == OK && (status.len != 3 || !bytes_to_u64(status, 599, &number) || number < 100))
        reader_fail(&r, E_MALFORMED, "the status must be 100 to 599 (RFC 9112 4)");
    p->status = (int)number;
    p->field_count = read_fields(&r, p->fields);
    p->fault = reader_fault(&r, "http");
    return r.err;
}

size_t http_field_count(const struct http_field *fields, size_t count, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) found += bytes_is_nocase(fields[i].name, name);
    return found;
}

struct bytes http_field(const struct http_field *fields, size_t count, const char *name)
{
    if (http_field_count(fields, count, name) != 1) return (struct bytes){NULL, 0};
    size_t i = 0;
    while (!bytes_is_nocase(fields[i].name, name)) i++;
    return fields[i].value;
}

bool http_field_has(const struct http_field *fields, size_t count, const char *name,
                    const char *token)
{
    for (size_t i = 0; i < count; i++) {
        if (!bytes_is_nocase(fields[i].name, name)) continue;
        struct bytes rest = fields[i].value;
        while (rest.len > 0)
            if (bytes_is_nocase(trim(cut_at(&rest, ',')), token)) return true;
    }
    return false;
}

struct bytes http_query(struct bytes query, const char *name)
{
    while (query.len > 0) {
        struct bytes value = cut_at(&query, '&');
        struct bytes key = cut_at(&value, '=');
        /* `?room=` is an empty room, `?room` is one too: both are there. */
        if (bytes_is(key, name)) return value.at ? value : bytes_of("");
    }
    return (struct bytes){NULL, 0};
}

const char *http_reason(int status)
{
    switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    }
    return "Unknown";
}

void http_write_answer(struct writer *w, const struct http_answer *a)
{
    write_format(w, "HTTP/1.1 %d %s\r\n", a->status, http_reason(a->status));
    write_format(w, "Content-Type: %s\r\nContent-Length: %zu\r\n", a->type, a->body_len);
    /* Nothing is loaded from elsewhere; the page may open sockets, and show what it draws. */
    write_text(w, "Content-Security-Policy: default-src 'self'; connect-src 'self' ws: wss:; "
                  "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'\r\n"
                  "X-Content-Type-Options: nosniff\r\n"
                  "Referrer-Policy: no-referrer\r\n"
                  "Cache-Control: no-cache\r\n");
    if (a->fields) write_text(w, a->fields);
    /* RFC 9110 §7.8: who names a protocol in Upgrade says so in Connection too. */
    if (a->upgrade) write_format(w, "Upgrade: %s\r\n", a->upgrade);
    write_text(w, a->upgrade ? "Connection: Upgrade, close\r\n\r\n" : "Connection: close\r\n\r\n");
}
