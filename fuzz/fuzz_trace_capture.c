/* Any file can be read as a capture: what it yields lies in the file, packets are counted, and the
 * walk ends. Every packet is taken apart as well. */
#include "fuzz/fuzz.h"
#include "trace/capture.h"
#include "trace/datagram.h"

static void inside(struct bytes part, struct bytes whole)
{
    if (part.len == 0) return;
    FUZZ_CHECK(part.at >= whole.at && part.len <= whole.len);
    FUZZ_CHECK((size_t)(part.at - whole.at) <= whole.len - part.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes file = {data, n};
    struct capture c;
    size_t packets = 0, before = 0;
    FUZZ_CHECK(capture_open(&c, file) == OK || c.fault.offset <= n);
    if (c.fault.err != OK) return 0;
    FUZZ_CHECK(capture_is(file));
    for (struct capture_item item; capture_next(&c, &item);) {
        inside(item.data, file);
        FUZZ_CHECK(item.offset >= before && item.offset < n);
        before = item.offset + 1;
        if (item.kind != CAPTURE_PACKET) continue;
        FUZZ_CHECK(item.number == ++packets);
        struct datagram d = datagram_of(item.data, item.link);
        inside(d.payload, item.data);
        FUZZ_CHECK((d.kind == DATAGRAM_BROKEN) == (d.fault.err != OK));
        FUZZ_CHECK(d.fault.offset <= item.data.len);
    }
    FUZZ_CHECK(c.fault.offset <= n);
    return 0;
}
