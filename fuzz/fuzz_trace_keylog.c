/* A key log: whatever it is, each secret read from it is written and found again. */
#include "fuzz/fuzz.h"
#include "trace/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader log = reader_of((struct bytes){data, n});
    struct keylog_secret secret, again;
    while (keylog_next(&log, &secret)) {
        uint8_t line[KEYLOG_LINE];
        struct writer w = writer_of(line, sizeof line);
        keylog_write(&w, &secret);
        if (!keylog_find(writer_done(&w), secret.random, &again) ||
            memcmp(&secret, &again, sizeof secret) != 0)
            abort();
    }
    return 0;
}
