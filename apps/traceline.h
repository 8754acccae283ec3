/* A line of a trace, as docs/trace.md has it: what --trace writes and what those who look at a call
 * on the page are sent. */
#ifndef DUET_APPS_TRACELINE_H
#define DUET_APPS_TRACELINE_H

#include <jansson.h>

#include "base/clock.h"

/* {"t":SECONDS since `start`,"call":CALL,"type":TYPE}; a call 0 is none. NULL: no memory. */
json_t *traceline(usec start, unsigned call, const char *type, usec at);
/* {"t":...,"type":"lost","lines":N}: so many are missing before this one. */
json_t *traceline_lost(usec start, uint64_t lines, usec at);

#endif
