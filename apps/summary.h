/* The summary of one call, with the names of docs/cli.md and of W3C webrtc-stats. */
#ifndef DUET_APPS_SUMMARY_H
#define DUET_APPS_SUMMARY_H

#include <jansson.h>

#include "apps/sink.h"
#include "peer/connection.h"

/* cli.md: video is received when at least this many frames were decoded. */
#define SUMMARY_FRAMES_ASKED 60
#define SUMMARY_REASON_MAX   256

struct summary {
    const struct peer *peer;
    const struct sink *sink;
    int64_t unix_us; /* microseconds since 1970 at time 0 of the clock */
    bool offered;
    bool ask_audio, ask_video; /* what had to come */
    bool decoded;              /* false: an echo, which decodes nothing */
    /* The states before a hang-up closed everything; NULL: as they are. */
    const char *ice, *dtls, *reason;
    json_t *stats; /* borrowed */
};

/* One line: which layer failed, or what did not come; "" when all that was asked for came. */
const char *summary_reason(const struct summary *summary, char *to, size_t room);
/* {"event":"summary",...}. Times in seconds, milliseconds where the name says so. */
json_t *summary_json(const struct summary *summary, usec now);
/* RTCStats dictionaries by id (W3C webrtc-stats §7 and §8). */
json_t *summary_stats(const struct summary *summary, usec now);

#endif
