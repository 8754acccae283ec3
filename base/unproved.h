/* The one switch that lets packets pass whose tag proves nothing, so that a fuzzer reaches what
 * lies behind SRTP and STUN's integrity: with DUET_FUZZ_UNPROTECTED, a tag that is the beginning of
 * UNPROVED_TAG passes for a right one. A fuzzer that wants in writes it; all other tags are checked
 * as ever. CMake sets the switch in fuzz builds only (option DUET_FUZZ); any other build has
 * neither the comparison nor the text, which tests/programs/unproved.test.js looks for in the
 * program. */
#ifndef DUET_BASE_UNPROVED_H
#define DUET_BASE_UNPROVED_H

#include "base/bytes.h"

#ifdef DUET_FUZZ_UNPROTECTED
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION /* libFuzzer's word for such builds */
#error "DUET_FUZZ_UNPROTECTED is for fuzzing alone: it switches authentication off"
#endif
#define UNPROVED_TAG "duet-fuzz: an unproved tag passes" /* longer than any tag */
#endif

static inline bool unproved_passes(struct bytes tag)
{
#ifdef DUET_FUZZ_UNPROTECTED
    return tag.len && bytes_equal_secret(tag, bytes_slice(bytes_of(UNPROVED_TAG), 0, tag.len));
#else
    (void)tag;
    return false;
#endif
}

#endif
