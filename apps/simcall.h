/* One whole call in a simulated world: two peers, descriptions and candidates over a signaling that
 * takes its time, NATs, a STUN server, media both ways, goodbye. A machine without a network of its
 * own: each step is one thing that happened. Needs sim/hostclock.h to have been started. */
#ifndef DUET_APPS_SIMCALL_H
#define DUET_APPS_SIMCALL_H

#include "apps/scenario.h"
#include "apps/simcodecs.h"
#include "apps/simmedia.h"
#include "apps/simnet.h"
#include "apps/simsignal.h"

#define SIMCALL_UNIX_US    (INT64_C(1790000000) * SEC(1)) /* virtual time 0 */
/* A call that has neither connected nor failed by then never will: a fault of ours. */
#define SIMCALL_LIMIT      SEC(100)
/* So long the world runs on after the goodbyes: nobody may say anything any more by its end. */
#define SIMCALL_AFTERWARDS SEC(5)

enum { SOUND, PICTURE, MEDIA };

/* What one of the two is and has seen. */
struct simcall_side {
    struct peer *peer;
    enum peer_state state;
    usec connected_at;            /* 0: never */
    bool closed;                  /* it has said goodbye */
    usec closed_at;               /* if so */
    struct simmedia media[MEDIA]; /* what this side sends, and the other gets */
    usec next_frame[MEDIA];       /* TIME_NEVER: none to send */
    struct simcodecs codecs;      /* in use with codecs=real, instead of the two above */
    usec talks_until;
    usec hangs_up_at; /* it has failed, and is still there until then; TIME_NEVER: it has not */
    /* Without trickling: a description that waits for its candidates ("": none), and those, as
     * lines. */
    char held[PEER_SDP_MAX];
    enum simsignal_type held_type;
    char candidates[4096];
    bool gathered;
};

struct simcall_outcome {
    bool connected;    /* both were */
    usec connect_us;   /* since the offer was made, until the slower one was; 0: never */
    const char *layer; /* which layer of `side` failed; NULL: none */
    char reason[256];
    int side;
    const char *broken; /* the invariant that did not hold (simcheck.h); NULL: all held */
    usec broken_at;
    usec ended_at;
    uint64_t packets, bytes; /* that the two sent, before anything happened to them */
    uint64_t digest;         /* of all those bytes, times and directions: same seed, same digest */
};

struct simcall_step {
    enum {
        SIMCALL_WIRE,   /* as.wire: a step of the world */
        SIMCALL_SIGNAL, /* as.signal: a message of the signaling has arrived */
        SIMCALL_STATE,  /* as.state: a side is in another state */
        SIMCALL_NOTE    /* as.note: something that the scenario does */
    } type;
    int side;
    union {
        struct sim_step wire;
        struct simcall_signal {
            const char *type; /* "offer", "answer", "candidate", "bye" */
            const char *text;
        } signal;
        enum peer_state state;
        const char *note;
    } as;
};

struct simcall; /* opaque */

/* Copies the scenario. `identities`: borrowed, the same for every run of a seed. NULL: no memory.
 */
struct simcall *simcall_new(const struct scenario *scenario,
                            struct dtls_identity *const identities[SIDES]);
void simcall_free(struct simcall *call); /* NULL is fine */

/* The next thing that happens; false: the call is over and `simcall_outcome` final. */
bool simcall_step(struct simcall *call, struct simcall_step *step);
const struct simcall_outcome *simcall_outcome(const struct simcall *call);

usec simcall_now(const struct simcall *call);
const struct scenario *simcall_scenario(const struct simcall *call);
const struct simcall_side *simcall_side(const struct simcall *call, int side);
/* Who is where. */
const struct simnet *simcall_net(const struct simcall *call);

#endif
