/* What every fuzz target shares. */
#ifndef DUET_FUZZ_FUZZ_H
#define DUET_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* libFuzzer's entry; fuzz/replay.c calls it for each seed in builds without libFuzzer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* An invariant that no input may break: unlike assert it stays in release builds. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) abort();                                                                 \
    } while (0)

#endif
