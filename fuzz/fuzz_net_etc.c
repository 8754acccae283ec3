/* The system's two files, which anybody may have edited. */
#include "fuzz/fuzz.h"

#include "net/etc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes text = {data, n};
    struct addr found[4];
    size_t count = etc_nameservers(text, found, 3);
    FUZZ_CHECK(count <= 3);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(found[i].family != ADDR_NONE && found[i].port == 53);
    count = etc_hosts_find(text, bytes_of("localhost"), found, 4);
    FUZZ_CHECK(count <= 4);
    for (size_t i = 0; i < count; i++) FUZZ_CHECK(found[i].family != ADDR_NONE);
    return 0;
}
