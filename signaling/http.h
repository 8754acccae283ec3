/* HTTP/1.1 heads, as far as a built-in page and a WebSocket upgrade need them: RFC 9112, RFC 9110.
 *
 * Strict where leniency has let requests be smuggled: CRLF line ends only, no folded lines, no
 * space before a colon, no body. Nothing is decoded: a path is compared byte by byte with those
 * that are built in, so there is no `..` or `%2f` to get wrong. */
#ifndef DUET_SIGNALING_HTTP_H
#define DUET_SIGNALING_HTTP_H

#include "base/bytes.h"

#define HTTP_HEAD_MAX   8192 /* start line, fields and the empty line: ours, answered with 431 */
#define HTTP_FIELDS_MAX 64   /* fields in one head: ours, answered with 431 */

struct http_field {
    struct bytes name;  /* as it was written; compared without case */
    struct bytes value; /* without the blanks around it */
};

/* Both heads hold views into the bytes that were parsed. */
struct http_request {
    struct bytes method, target;
    int minor;         /* of HTTP/1.minor */
    struct bytes host; /* and port, of the target if it has one, else of the Host field: RFC 9112
                        * §3.2.2; at == NULL: of neither, as HTTP/1.0 may */
    struct bytes path, query; /* the target's parts, "/" for an absolute one that ends with its
                               * host; query without its `?`, at == NULL if none */
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    size_t len; /* bytes of the head; what follows belongs to the next protocol */
    struct fault fault;
};

struct http_response {
    int status; /* 100 to 599 */
    struct bytes reason;
    struct http_field fields[HTTP_FIELDS_MAX];
    size_t field_count;
    size_t len;
    struct fault fault;
};

/* Where the head ends (behind its empty line), or 0: not there yet. `from`: how much was searched
 * before, so that a head fed byte by byte is searched once. */
size_t http_head_len(struct bytes in, size_t from);

/* E_TRUNCATED: no empty line yet; E_MALFORMED: answer 400; E_UNSUPPORTED: HTTP of another major
 * version, answer 400; E_FULL: a bound above, answer 431. The offset is within `in`. */
enum err http_request_parse(struct http_request *r, struct bytes in);
enum err http_response_parse(struct http_response *r, struct bytes in);

/* The value of the only field of this name; at == NULL: there is none, or more than one. */
struct bytes http_field(const struct http_field *fields, size_t count, const char *name);
/* How many fields have this name. */
size_t http_field_count(const struct http_field *fields, size_t count, const char *name);
/* One of the fields of this name is a comma-separated list with this token in it, compared without
 * case: RFC 9110 §5.6.1. */
bool http_field_has(const struct http_field *fields, size_t count, const char *name,
                    const char *token);
/* The value of `name` in a query (`a=1&room=x`), undecoded; at == NULL: not there. The first one
 * counts. */
struct bytes http_query(struct bytes query, const char *name);

/* "Not Found" for 404; "Unknown" for what we never send. */
const char *http_reason(int status);

/* What we answer. Every answer but 101 closes the connection. */
struct http_answer {
    int status;
    const char *type;    /* Content-Type */
    size_t body_len;     /* Content-Length; the body itself is written by the caller */
    const char *fields;  /* further whole lines with their CRLF, or NULL */
    const char *upgrade; /* the protocol that the request should have asked for, or NULL */
};

/* Status line, fields and empty line, with the security fields that each of our answers carries:
 * Content-Security-Policy, X-Content-Type-Options, Cache-Control. */
void http_write_answer(struct writer *w, const struct http_answer *a);

#endif
