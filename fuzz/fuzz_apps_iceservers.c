/* Any text as the argument of --ice-servers: it is taken within the bounds, or said to be wrong. */
#include "fuzz/fuzz.h"

#include "apps/iceservers.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct ice_servers servers;
    char text[4096], why[160] = "";
    if (n >= sizeof text || (n && data[0] == '@')) return 0; /* a file's name */
    memcpy(text, data, n);
    text[n] = '\0';
    if (ice_servers_parse(text, &servers, why, sizeof why) != OK) {
        FUZZ_CHECK(why[0] && strlen(why) < sizeof why);
        return 0;
    }
    FUZZ_CHECK(servers.stun_count <= ICE_SERVERS_MAX);
    for (size_t i = 0; i < servers.stun_count; i++)
        FUZZ_CHECK(servers.stun[i].host[0] && servers.stun[i].port);
    return 0;
}
