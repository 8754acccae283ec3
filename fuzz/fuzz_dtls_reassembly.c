/* Steps: a byte each for the message's number and who sends it, its length and where the fragment
 * lies. Whatever comes, a whole message has the announced length, and its bytes are those of the
 * fragments that made it. */
#include "dtls/reassembly.h"
#include "fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct dtls_reassembly *r = dtls_reassembly_new();
    struct reader in = reader_of((struct bytes){data, n});
    if (!r) return 0;
    while (reader_left(&in)) {
        struct addr ends[2] = {addr_ipv4(192, 0, 2, 1, 1), addr_ipv4(192, 0, 2, 2, 2)};
        uint8_t what = read_u8(&in);
        struct dtls_fragment f = {.type = what >> 5 & 3, .message_seq = what & 15};
        f.length = read_u24(&in);
        f.offset = read_u24(&in);
        f.body = read_bytes(&in, read_u8(&in));
        struct bytes whole;
        enum dtls_part part =
            dtls_reassembly_add(r, &ends[what >> 7], &ends[1 - (what >> 7)], &f, &whole);
        if (part != DTLS_PART_WHOLE) {
            FUZZ_CHECK(whole.len == 0);
            continue;
        }
        FUZZ_CHECK(whole.len == f.length);
        FUZZ_CHECK(f.body.len == f.length || f.length <= DTLS_REASSEMBLY_MESSAGE_MAX);
        size_t offset = f.body.len == f.length ? 0 : f.offset;
        FUZZ_CHECK(f.body.len == 0 || memcmp(whole.at + offset, f.body.at, f.body.len) == 0);
    }
    dtls_reassembly_free(r);
    return 0;
}
