/* Any bytes can be explained: fields lie in the message, a failure is stun_parse's own. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "stun/explain.h"
#include "stun/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes message = {data, n};
    struct stun_explain_options with = {bytes_of("u"), {NULL, 0}, bytes_of("p")};
    if (n % 2) with.username.at = NULL;
    struct explain *x = explain_new("stun", message);
    if (!x) return 0;
    stun_explain(x, message, n % 3 ? &with : NULL);
    struct stun_msg m;
    FUZZ_CHECK(explain_fault(x)->err == stun_parse(&m, message));
    FUZZ_CHECK(explain_fault(x)->offset <= n);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= n && f->raw.len <= n - f->offset);
    }
    FUZZ_CHECK(explain_fault(x)->err != OK || explain_summary_text(x).len > 0);
    explain_free(x);
    return 0;
}
