/* Address literals: what parses is written and parsed again to the same address. */
#include "base/addr.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct addr a, b;
    char text[ADDR_TEXT_MAX];
    if (addr_parse((struct bytes){data, n}, &a)) {
        addr_text(&a, text);
        FUZZ_CHECK(addr_parse(bytes_of(text), &b) && addr_equal(&a, &b));
    }
    if (addr_parse_ip((struct bytes){data, n}, &a)) {
        addr_ip_text(&a, text);
        FUZZ_CHECK(addr_parse_ip(bytes_of(text), &b) && addr_equal_ip(&a, &b));
    }
    return 0;
}
