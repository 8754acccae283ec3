/* Any bytes are an HTTP head that can be explained, with or without the key that it answers: the
 * fields lie in it, what opens closes, and it fails just where the parser does. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "signaling/explainhttp.h"
#include "signaling/http.h"

static void check(const struct explain *x, struct bytes message)
{
    size_t open = 0;
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= message.len && f->raw.len <= message.len - f->offset && f->spec);
    }
    for (size_t i = 0; i < explain_member_count(x); i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) open++;
        if (kind == EXPLAIN_CLOSE) FUZZ_CHECK(open-- > 0);
    }
    FUZZ_CHECK(open == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct http_explain_options options = {
        {(const uint8_t *)"dGhlIHNhbXBsZSBub25jZQ==", 24}}; /* RFC 6455 §1.3 */
    struct bytes message = {data, n};
    struct http_request q;
    struct http_response p;
    struct explain *x = explain_new("http", message);
    if (!x) return 0;
    http_explain(x, message, n % 2 ? &options : NULL);
    check(x, message);
    enum err err = bytes_starts(message, "HTTP/") ? http_response_parse(&p, message)
                                                  : http_request_parse(&q, message);
    FUZZ_CHECK(explain_fault(x)->err == err);
    explain_free(x);
    return 0;
}
