/* Any bytes as a capture, with the secrets that lie in it: what is explained lies in what it was
 * explained from, and what was opened is no longer than what it was in. */
#include "apps/captureread.h"
#include "fuzz/fuzz.h"

#include <string.h>

static void check_explain(const struct explain *x)
{
    size_t len = explain_message(x).len;
    FUZZ_CHECK(explain_fault(x)->offset <= len);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= len && f->raw.len <= len - f->offset);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct explain_options none;
    char text[256];
    size_t packets = 0;
    struct captureread *read = captureread_new((struct bytes){data, n}, &none);
    if (!read) return 0;
    for (const struct captured *p; (p = captureread_next(read));) {
        FUZZ_CHECK(p->protocol && p->item.number == ++packets);
        if (p->decrypted) FUZZ_CHECK(p->message.len <= n);
        if (p->x) check_explain(p->x);
    }
    FUZZ_CHECK(captureread_fault(read)->offset <= n);
    for (size_t i = 0; captureread_remark(read, i, text, sizeof text); i++)
        FUZZ_CHECK(text[0] && strlen(text) < sizeof text);
    captureread_free(read);
    return 0;
}
