/* Any bytes can be explained as a description, an offer or an answer, and cut in two as an offer
 * with its answer: fields lie in the message, a failure is the parser's own, members close. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "sdp/explain.h"
#include "sdp/explainboth.h"
#include "sdp/parse.h"

static void check(const struct explain *x, size_t n)
{
    size_t open = 0;
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= n && f->raw.len <= n - f->offset && f->spec);
    }
    for (size_t i = 0; i < explain_member_count(x); i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) open++;
        if (kind == EXPLAIN_CLOSE) FUZZ_CHECK(open-- > 0);
    }
    FUZZ_CHECK(open == 0 || explain_fault(x)->err == E_FULL);
    FUZZ_CHECK(explain_fault(x)->offset <= n);
    FUZZ_CHECK(explain_fault(x)->err != OK || explain_summary_text(x).len > 0);
}

/* Both in one buffer, parted by the first NUL: no description holds one. */
static void explain_both(struct bytes message)
{
    const uint8_t *nul = message.len ? memchr(message.at, 0, message.len) : NULL;
    size_t first = nul ? (size_t)(nul - message.at) : message.len / 2;
    struct explain *x = explain_new("sdp", message);
    if (!x) return;
    sdp_explain_both(x, bytes_slice(message, 0, first),
                     bytes_slice(message, nul ? first + 1 : first, message.len));
    check(x, message.len);
    explain_free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes message = {data, n};
    for (int as = SDP_AS_TEXT; as <= SDP_AS_ANSWER; as++) {
        const struct sdp_explain_options options = {(enum sdp_as)as};
        struct explain *x = explain_new("sdp", message);
        if (!x) return 0;
        sdp_explain(x, message, &options);
        check(x, n);
        if (as == SDP_AS_TEXT) {
            struct sdp sdp;
            FUZZ_CHECK(explain_fault(x)->err == sdp_parse(&sdp, message) ||
                       explain_fault(x)->err == E_FULL);
            sdp_free(&sdp);
        }
        explain_free(x);
    }
    explain_both(message);
    return 0;
}
