/* Opus payloads: what passes has a duration that the table of RFC 6716 §3.1 can give. */
#include "fuzz/fuzz.h"
#include "rtp/opus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct opus_info info;
    enum err err = opus_parse(&info, (struct bytes){data, n});
    FUZZ_CHECK(err == info.fault.err);
    if (err != OK) {
        FUZZ_CHECK(info.fault.offset <= n && info.fault.rule);
        return 0;
    }
    FUZZ_CHECK(info.frames >= 1 && info.frames <= 48 && info.config < 32);
    FUZZ_CHECK(info.samples == info.frames * info.frame_samples);
    FUZZ_CHECK(info.samples >= 120 && info.samples <= OPUS_PACKET_MAX);
    return 0;
}
