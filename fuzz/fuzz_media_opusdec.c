/* Any bytes as steps of an Opus decoder: a byte that says decode, recover or conceal, a length, and
 * a packet. Whatever comes, a block is within its bounds and an error gives none. */
#include "fuzz/fuzz.h"
#include "media/opusdec.h"

static void check(const struct opusdec *dec, enum err err, const struct audio *out)
{
    FUZZ_CHECK(err == opusdec_fault(dec)->err);
    FUZZ_CHECK((err == OK) == (out->frames > 0));
    FUZZ_CHECK(out->frames <= AUDIO_FRAMES_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct opusdec *dec = opusdec_new();
    if (!dec) return 0;
    struct reader r = reader_of((struct bytes){data, n});
    for (int step = 0; step < 64 && reader_left(&r); step++) {
        uint8_t what = read_u8(&r);
        size_t len = read_u8(&r);
        struct bytes packet = read_bytes(&r, len < reader_left(&r) ? len : reader_left(&r));
        struct audio out;
        size_t frames = opusdec_packet_frames(packet);
        if (what % 4 == 3) {
            check(dec, opusdec_conceal(dec, &out), &out);
        } else if (what % 4 == 2) {
            check(dec, opusdec_recover(dec, packet, &out), &out);
        } else {
            enum err err = opusdec_decode(dec, packet, &out);
            check(dec, err, &out);
            if (err == OK) FUZZ_CHECK(out.frames == frames);
        }
    }
    opusdec_free(dec);
    return 0;
}
