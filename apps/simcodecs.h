/* The second kind of media of a simulated call: the test source through VP8 and Opus, decoded and
 * measured at the other end, as `duet call` does it. Costs real processor time. */
#ifndef DUET_APPS_SIMCODECS_H
#define DUET_APPS_SIMCODECS_H

#include "apps/sink.h"
#include "apps/studio.h"
#include "peer/connection.h"

/* One side's. All zero: not in use. */
struct simcodecs {
    struct studio *studio;
    struct sink *sink;
    bool started;
};

/* False: no memory. */
bool simcodecs_init(struct simcodecs *c, bool video);
void simcodecs_free(struct simcodecs *c);

void simcodecs_start(struct simcodecs *c, usec now);
/* When the next frame is due; TIME_NEVER before the start. */
usec simcodecs_deadline(const struct simcodecs *c);
/* Encodes and sends what is due. */
void simcodecs_send(struct simcodecs *c, struct peer *peer, usec now);
/* Decodes and measures a frame that came. */
void simcodecs_received(struct simcodecs *c, struct peer *peer, size_t track,
                        const struct rtp_frame *frame, usec now);

#endif
