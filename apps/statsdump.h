/* Statistics over time in the shape of the dump that Chrome's page chrome://webrtc-internals
 * makes ("webrtc-internals dump", as Chromium 156 has it), so that the tools which people have for
 * those read ours:
 *
 *     {"timestamp":MS,"getUserMedia":[],"PeerConnections":{"1-1":{"pid":1,"url":"duet call",
 *     "rtcConfiguration":"{}","updateLog":[{"time":ISO,"timestamp":MS,"type":
 *     "onconnectionstatechange","value":"\"connected\""}],"stats":{"IT1-packetsReceived":
 *     {"statsType":"inbound-rtp","startTime":ISO,"endTime":ISO,"values":"[0,25,50]"}}}},
 *     "UserAgent":"duet","UserAgentData":{}}
 *
 * Each member of each RTCStats dictionary is a row of values, one a sample. */
#ifndef DUET_APPS_STATSDUMP_H
#define DUET_APPS_STATSDUMP_H

#include <jansson.h>
#include <stdint.h>

/* Chrome keeps as many of each row; then the oldest goes. */
#define STATSDUMP_VALUES_MAX  1000
/* Rows of one call, and lines of its log: what comes beyond is left out. */
#define STATSDUMP_ROWS_MAX    4096
#define STATSDUMP_UPDATES_MAX 4096

struct statsdump; /* opaque */

struct statsdump *statsdump_new(void); /* NULL: no memory */
void statsdump_free(struct statsdump *dump);
/* A sample of call number `call`: RTCStats dictionaries by id. */
void statsdump_sample(struct statsdump *dump, unsigned call, const json_t *stats, int64_t unix_us);
/* A line of the call's log; `value` (NULL: none) is written as JSON within text, as Chrome does. */
void statsdump_update(struct statsdump *dump, unsigned call, const char *type, const json_t *value,
                      int64_t unix_us);
/* The dump as text, to be freed. NULL: no memory. */
char *statsdump_text(const struct statsdump *dump, int64_t unix_us);

#endif
