/* Candidate lines: what parses is written and parsed again to an equal candidate. */
#include "fuzz/fuzz.h"
#include "ice/candidate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct candidate a, b;
    struct fault fault;
    char text[ICE_CANDIDATE_TEXT_MAX];
    enum err err = candidate_parse(&a, (struct bytes){data, n}, &fault);
    FUZZ_CHECK(err == fault.err && (err == OK || fault.offset <= n));
    if (err != OK) return 0;
    FUZZ_CHECK(a.component >= 1 && a.component <= 256 && a.foundation[0]);
    FUZZ_CHECK((a.addr.family == ADDR_NONE) == (a.name[0] != '\0'));
    struct writer w = writer_of(text, sizeof text);
    candidate_write(&w, &a);
    FUZZ_CHECK(w.err == OK);
    FUZZ_CHECK(candidate_parse(&b, writer_done(&w), &fault) == OK && candidate_equal(&a, &b));
    candidate_is_local_name(a.name);
    return 0;
}
