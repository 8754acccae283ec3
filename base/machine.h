/* The five verbs that every machine has, as a table: what a driver or a test needs to drive a
 * machine without knowing which one it is. The verbs are described in docs/architecture.md. */
#ifndef DUET_BASE_MACHINE_H
#define DUET_BASE_MACHINE_H

#include "base/clock.h"
#include "base/packet.h"

struct machine {
    const char *name;
    /* A datagram came. An error means: dropped, here is why, no harm done. */
    enum err (*input)(void *self, struct packet *in, usec now);
    /* Time went on. Early or late is harmless. */
    void (*tick)(void *self, usec now);
    /* Writes the next datagram to send into `out`; false: nothing to send now. */
    bool (*output)(void *self, struct packet *out, usec now);
    /* Takes the next event and throws it away; false: none. */
    bool (*event)(void *self);
    /* When it wants its next tick; TIME_NEVER: nothing due. */
    usec (*deadline)(const void *self);
};

#endif
