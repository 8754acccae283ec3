/* The files of --pcap, --keylog, --trace and --stats: what a program's calls say into them. They
 * are written while the calls go on and never hold them up; one that can't be written any more ends
 * with a word, and the calls go on. docs/trace.md says what is in them. */
#ifndef DUET_APPS_RECORDER_H
#define DUET_APPS_RECORDER_H

#include <jansson.h>

#include "apps/report.h"
#include "base/bytes.h"
#include "base/clock.h"

#define RECORDER_WHY_MAX     256
/* What may wait to be written; a capture at 20 Mbit/s fills its share in three seconds. */
#define RECORDER_PCAP_ROOM   ((size_t)8 << 20)
#define RECORDER_TRACE_ROOM  ((size_t)4 << 20)
#define RECORDER_KEYLOG_ROOM ((size_t)16 << 10)
#define RECORDER_STATS_ROOM  ((size_t)1 << 20)
/* --stats looks at the calls so often, as Chrome's webrtc-internals does. */
#define RECORDER_STATS_EVERY SEC(1)

enum recording { RECORDING_PCAP, RECORDING_KEYLOG, RECORDING_TRACE, RECORDING_STATS, RECORDINGS };

struct callladder; /* apps/callladder.h */

struct recorder_config {
    const char *paths[RECORDINGS]; /* NULL: not asked for */
    struct callladder *ladder;     /* --ladder: is shown the calls too; borrowed, or NULL */
    struct report *report;         /* is told when a file ends early */
    int64_t unix_us;               /* microseconds since 1970 at time 0 of the clock */
};

struct recorder; /* opaque */

/* Nothing is asked for. */
bool recorder_idle(const struct recorder_config *cfg);
/* NULL: `why` says which file can't be made, and why. */
struct recorder *recorder_new(const struct recorder_config *cfg, usec now,
                              char why[RECORDER_WHY_MAX]);
/* Writes what is left, says what is missing, and closes the files: before the last line of the
 * report. Nothing is recorded after it. */
void recorder_close(struct recorder *r, usec now);
void recorder_free(struct recorder *r); /* NULL is fine */

/* Writes some of what waits. */
void recorder_step(struct recorder *r, usec now);
usec recorder_deadline(const struct recorder *r);

/* The ladder that calls are shown to, or NULL. */
struct callladder *recorder_ladder(const struct recorder *r);
/* It was asked for, and can still be written. */
bool recorder_has(const struct recorder *r, enum recording which);
/* Whole or, if there is no room, not at all. */
bool recorder_put(struct recorder *r, enum recording which, struct bytes b, usec now);
/* A line of the trace: {"t":SECONDS,"call":CALL,"type":TYPE,...members}. Takes over `members`. A
 * call 0 is none. */
void recorder_trace(struct recorder *r, unsigned call, const char *type, json_t *members, usec now);
int64_t recorder_unix_us(const struct recorder *r, usec now);
/* A number for the next call, from 1 on. */
unsigned recorder_next_call(struct recorder *r);

/* ---- --stats ---- */

/* True each RECORDER_STATS_EVERY, once: the calls are to be looked at. */
bool recorder_stats_due(struct recorder *r, usec now);
/* RTCStats dictionaries by id, as they are now. */
void recorder_stats(struct recorder *r, unsigned call, const json_t *stats, usec now);
/* A line of the call's update log: statsdump_update. */
void recorder_update(struct recorder *r, unsigned call, const char *type, const json_t *value,
                     usec now);

#endif
