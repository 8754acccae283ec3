/* Any bytes as a file to play: it ends or errs, never crashes, and what it yields is in bounds. */
#include "fuzz/fuzz.h"
#include "media/opusdec.h"
#include "media/vp8dec.h"
#include "media/webm.h"

#include <string.h>

#define PACKETS_MAX 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char why[WEBM_WHY_MAX] = "";
    struct webm_player *player = webm_play_bytes((struct bytes){data, n}, "fuzz", n & 1, why);
    if (!player) {
        FUZZ_CHECK(strncmp(why, "fuzz: ", 6) == 0);
        return 0;
    }
    FUZZ_CHECK(webm_play_has(player, WEBM_VIDEO) || webm_play_has(player, WEBM_AUDIO));
    struct webm_packet p;
    bool had_key = false;
    for (int i = 0; i < PACKETS_MAX && webm_play_next(player, &p); i++) {
        FUZZ_CHECK(p.data.len > 0 && p.data.len <= WEBM_PACKET_MAX && p.time >= 0);
        FUZZ_CHECK(webm_play_fault(player)->err == OK);
        had_key = had_key || p.key;
        if (p.track == WEBM_VIDEO) FUZZ_CHECK(had_key);
        if (p.track == WEBM_AUDIO) FUZZ_CHECK(opusdec_packet_frames(p.data) > 0);
        if (i == 20) webm_play_restart(player);
    }
    webm_play_end(player);
    return 0;
}
