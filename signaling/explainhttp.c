#include "signaling/explainhttp.h"

#include "base/explain.h"
#include "signaling/upgrade.h"

/* What the fields of an upgrade say, and some that every browser sends. */
static const struct {
    const char *name, *spec, *meaning;
} fields[] = {
    {"Host", "RFC 9110 7.2", "which of the sites at this address is meant"},
    {"Connection", "RFC 9110 7.6.1", "what concerns this connection alone; an upgrade must say so"},
    {"Upgrade", "RFC 9110 7.8", "the protocol that this connection is to go on with"},
    {"Origin", "RFC 6455 10.2",
     "the page that opens the socket, which a page can't lie about: by it a server decides whom it "
     "lets in"},
    {"Sec-WebSocket-Version", "RFC 6455 11.3.5", "13 is the only one in use"},
    {"Sec-WebSocket-Key", "RFC 6455 11.3.1",
     "16 random bytes in base64; no secret: who can answer them has read the request"},
    {"Sec-WebSocket-Accept", "RFC 6455 11.3.3",
     "SHA-1 of the key and a fixed UUID: the server speaks WebSocket and means this request"},
    {"Sec-WebSocket-Extensions", "RFC 6455 11.3.2",
     "what may be used besides; only what the answer names is"},
    {"Sec-WebSocket-Protocol", "RFC 6455 11.3.4", "what the messages may be; the server chooses"},
    {"Content-Length", "RFC 9110 8.6", "bytes of the body"},
    {"Content-Type", "RFC 9110 8.3", "what the body is"},
    {"Cache-Control", "RFC 9111 5.2", ""},
    {"Pragma", "RFC 9111 5.4", ""},
    {"User-Agent", "RFC 9110 10.1.5", ""},
    {"Accept-Encoding", "RFC 9110 12.5.3", ""},
    {"Accept-Language", "RFC 9110 12.5.4", ""},
    {"Content-Security-Policy", "W3C CSP3 3.1", "where the page may load from and connect to"},
};

static void tell_field(struct explain *x, struct bytes message, const struct http_field *field)
{
    char name[64];
    size_t i = 0;
    while (i < COUNT(fields) && !bytes_is_nocase(field->name, fields[i].name)) i++;
    size_t from = (size_t)(field->name.at - message.at);
    size_t end = (size_t)(field->value.at - message.at) + field->value.len;
    explain_field_text(x, bytes_to_text(field->name, name, sizeof name),
                       bytes_slice(message, from, end - from),
                       i < COUNT(fields) ? fields[i].spec : "RFC 9110 5", field->value);
    if (i < COUNT(fields) && fields[i].meaning[0]) explain_meaning(x, "%s", fields[i].meaning);
    explain_object(x, NULL);
    explain_text(x, "name", field->name);
    explain_text(x, "value", field->value);
    explain_close(x);
}

static void tell_fields(struct explain *x, struct bytes message, const struct http_field *f,
                        size_t count)
{
    explain_list(x, "headers"); /* `fields` are those of the bytes, as in every object */
    for (size_t i = 0; i < count; i++) tell_field(x, message, &f[i]);
    explain_close(x);
}

/* The first line, without its CRLF. */
static struct bytes first_line(struct bytes message)
{
    size_t len = 0;
    while (len < message.len && message.at[len] != '\r') len++;
    return bytes_slice(message, 0, len);
}

static void tell_request(struct explain *x, struct bytes message)
{
    const struct bytes none = {NULL, 0};
    struct http_request q;
    struct fault fault;
    struct bytes key;
    if (http_request_parse(&q, message) != OK) {
        explain_fail(x, &q.fault);
        return;
    }
    explain_field_text(x, "request", first_line(message), "RFC 9112 3", first_line(message));
    explain_text(x, "method", q.method);
    explain_text(x, "target", q.target);
    explain_format(x, "version", "1.%d", q.minor);
    explain_summary(x, "%.*s %.*s", (int)q.method.len, (const char *)q.method.at, (int)q.target.len,
                    (const char *)q.target.at);
    tell_fields(x, message, q.fields, q.field_count);
    bool wanted = http_field_has(q.fields, q.field_count, "Upgrade", "websocket");
    int status = wanted ? upgrade_check_request(&q, &key, &fault) : 0;
    explain_bool(x, "upgrade", status == 101);
    if (status == 101) {
        char accept[UPGRADE_ACCEPT_LEN];
        upgrade_accept(key, accept);
        explain_field(x, "upgrade", none, "RFC 6455 4.2.2", "to be answered by 101");
        explain_meaning(x, "with Sec-WebSocket-Accept: %.*s", (int)sizeof accept, accept);
        explain_summary(x, ", to become a WebSocket");
    } else if (wanted) {
        explain_field(x, "upgrade", none, "RFC 6455 4.2.1", "to be refused with %d", status);
        explain_broken(x, "%s", fault.rule);
        explain_summary(x, ", no upgrade: %s", fault.rule);
    }
}

/* Whether the server has read the request whose key is `key`. */
static void tell_accept(struct explain *x, const struct http_response *p, struct bytes key)
{
    const struct bytes none = {NULL, 0};
    struct fault fault;
    bool known = key.len == UPGRADE_KEY_LEN;
    char copy[UPGRADE_KEY_LEN] = {0};
    if (known) memcpy(copy, key.at, sizeof copy);
    enum err err = known ? upgrade_check_response(p, copy, &fault) : OK;
    explain_bool(x, "upgrade", err == OK);
    explain_text(x, "accept",
                 bytes_of(!known          ? "unchecked"
                          : err == E_AUTH ? "bad"
                          : err == OK     ? "ok"
                                          : "bad"));
    explain_field(x, "upgrade", none, "RFC 6455 4.1", "%s",
                  !known      ? "unchecked"
                  : err == OK ? "done"
                              : "to be given up");
    if (err != OK)
        explain_broken(x, "%s", fault.rule);
    else
        explain_meaning(x, "%s",
                        known ? "Sec-WebSocket-Accept fits the request's key; what follows are "
                                "WebSocket frames, both ways"
                              : "the request's key is not at hand");
    explain_summary(x, ", a WebSocket from here on%s", err == OK ? "" : ", but wrongly accepted");
}

static void tell_response(struct explain *x, struct bytes message, struct bytes key)
{
    struct http_response p;
    if (http_response_parse(&p, message) != OK) {
        explain_fail(x, &p.fault);
        return;
    }
    explain_field_text(x, "response", first_line(message), "RFC 9112 4", first_line(message));
    explain_text(x, "version", bytes_slice(message, 5, 3));
    explain_number(x, "status", (uint64_t)p.status);
    explain_text(x, "reason", p.reason);
    explain_summary(x, "%d %.*s", p.status, (int)p.reason.len, (const char *)p.reason.at);
    tell_fields(x, message, p.fields, p.field_count);
    if (p.status == 101)
        tell_accept(x, &p, key);
    else
        explain_bool(x, "upgrade", false);
}

void http_explain(struct explain *x, struct bytes message,
                  const struct http_explain_options *options)
{
    const struct bytes none = {NULL, 0};
    if (bytes_starts(message, "HTTP/"))
        tell_response(x, message, options ? options->key : none);
    else
        tell_request(x, message);
    if (explain_fault(x)->err != OK) return;
    struct bytes body = bytes_slice(message, http_head_len(message, 0), message.len);
    if (body.len == 0) return;
    explain_field(x, "body", body, "RFC 9112 6", "%zu bytes", body.len);
}
