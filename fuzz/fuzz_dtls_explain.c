/* Any bytes can be explained: fields lie in the message, what opens is closed, a datagram that
 * dtls_record_next refuses is refused. */
#include "base/explain.h"
#include "dtls/explain.h"
#include "dtls/record.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes message = {data, n};
    struct explain *x = explain_new("dtls", message);
    if (!x) return 0;
    dtls_explain(x, message, NULL);
    const struct fault *fault = explain_fault(x);
    struct reader r = reader_of(message);
    for (struct dtls_record record; dtls_record_next(&r, &record);) continue;
    FUZZ_CHECK(r.err == OK || fault->err != OK);
    FUZZ_CHECK(fault->offset <= n);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= n && f->raw.len <= n - f->offset);
    }
    size_t open = 0;
    for (size_t i = 0; i < explain_member_count(x); i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) open++;
        if (kind == EXPLAIN_CLOSE) FUZZ_CHECK(open-- > 0);
    }
    FUZZ_CHECK(open == 0 || fault->err != OK);
    explain_free(x);
    return 0;
}
