/* A STUN server in a simulated world: answers Binding requests with the address that they came
 * from. RFC 8489 §12 (basic server behaviour). */
#ifndef DUET_APPS_SIMSTUN_H
#define DUET_APPS_SIMSTUN_H

#include "base/machine.h"

#define SIMSTUN_WAITING 16 /* answers not yet taken out; further requests are dropped */

struct simstun {
    struct simstun_answer {
        struct route route;
        uint8_t id[12];
    } waiting[SIMSTUN_WAITING];
    size_t count;
};

/* Its verbs; `self` is a struct simstun, all zero at first. */
extern const struct machine simstun_machine;

#endif
