/* `duet explain CAPTURE --ladder`: a capture as a message sequence chart. Those who talk most have
 * lifelines (apps/laddertalkers.h), others are named where they take part. What only repeats is
 * counted (trace/ladder.h). */
#ifndef DUET_APPS_EXPLAINLADDER_H
#define DUET_APPS_EXPLAINLADDER_H

#include "apps/explaincapture.h"

/* Draws the packets of `file` that `view` asks for, as apps/captureread.h reads them. Answers the
 * fault that ended the capture early, err OK if none did. */
struct fault explain_ladder(struct bytes file, const struct capture_view *view);

#endif
