/* A byte for the profile and for RTP or RTCP, then packets behind their lengths. What opens is
 * shorter than what it was in and begins alike; of what does not open nothing is given. */
#include "fuzz/fuzz.h"
#include "rtp/unseal.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t secret[46] = "the key of a fuzzer, which is not secret, and";
    static const struct {
        uint16_t profile;
        size_t key, salt;
    } kinds[] = {{1, 16, 14}, {2, 16, 14}, {7, 16, 12}, {8, 32, 12}};
    struct reader in = reader_of((struct bytes){data, n});
    uint8_t what = read_u8(&in), room[2048];
    struct unseal *u =
        unseal_new(kinds[what & 3].profile, (struct bytes){secret, kinds[what & 3].key},
                   (struct bytes){secret + 32, kinds[what & 3].salt});
    if (!u) return 0;
    while (reader_left(&in)) {
        struct bytes plain = {NULL, 0}, packet = read_bytes(&in, read_u16(&in) % sizeof room);
        enum err err = (what & 4 ? unseal_rtcp : unseal_rtp)(u, packet, room, &plain);
        FUZZ_CHECK(err == OK ? plain.len < packet.len : plain.len == 0);
        if (err == OK) FUZZ_CHECK(memcmp(plain.at, packet.at, 8) == 0);
    }
    unseal_free(u);
    return 0;
}
