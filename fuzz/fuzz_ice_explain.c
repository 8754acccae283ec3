/* Any line can be explained, and is refused exactly where candidate_parse refuses it. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "ice/candidate.h"
#include "ice/explain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes line = {data, n};
    struct explain *x = explain_new("candidate", line);
    if (!x) return 0;
    candidate_explain(x, line);
    while (line.len && (data[line.len - 1] == '\n' || data[line.len - 1] == '\r')) line.len--;
    struct candidate c;
    struct fault fault;
    FUZZ_CHECK(candidate_parse(&c, line, &fault) == explain_fault(x)->err);
    FUZZ_CHECK(fault.offset == explain_fault(x)->offset);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= n && f->raw.len <= n - f->offset);
    }
    explain_free(x);
    return 0;
}
