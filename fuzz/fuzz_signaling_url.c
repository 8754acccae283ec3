/* Any bytes as a ws: or wss: URI: what is taken is within its bounds, ends where it should, and is
 * the same when it is written down again. */
#include "fuzz/fuzz.h"

#include "signaling/url.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct sig_url a, b;
    char text[sizeof a.authority + sizeof a.target + 16];
    enum err err = sig_url_parse(&a, (struct bytes){data, n});
    FUZZ_CHECK(err == a.fault.err && (err == OK || (a.fault.rule && a.fault.offset <= n)));
    if (err != OK) return 0;
    FUZZ_CHECK(a.host[0] && a.port && a.target[0] == '/' && a.room[0]);
    snprintf(text, sizeof text, "%s://%s%s", a.secure ? "wss" : "ws", a.authority, a.target);
    FUZZ_CHECK(sig_url_parse(&b, bytes_of(text)) == OK);
    FUZZ_CHECK(strcmp(a.host, b.host) == 0 && a.port == b.port && a.secure == b.secure);
    FUZZ_CHECK(strcmp(a.target, b.target) == 0 && strcmp(a.room, b.room) == 0);
    return 0;
}
