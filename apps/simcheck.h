/* What must hold in every simulated call, looked at after every step from outside: on the wire, and
 * through what the peers say of themselves. */
#ifndef DUET_APPS_SIMCHECK_H
#define DUET_APPS_SIMCHECK_H

#include "apps/simcall.h"

#define SIMCHECK_REQUESTS                                                                          \
    128 /* of our checks, the latest: an answer to an older one is too late                        \
         */
#define SIMCHECK_ADDRESSES 64

/* What nobody without the keys may change. */
struct simcheck_state {
    enum peer_state peer;
    enum ice_state ice;
    enum dtls_state dtls;
    bool has_selected;
    struct route selected;
    size_t pairs;
};

struct simcheck_side {
    struct simcheck_request {
        uint8_t id[12];
        struct addr to;
    } requests[SIMCHECK_REQUESTS];
    uint64_t request_count;
    usec last_request;
    struct simcheck_address {
        struct addr addr;
        bool proved;                         /* it has answered a check of ours */
        usec answered_at;                    /* the last time: RFC 7675's consent */
        uint64_t requests_in, responses_out; /* bytes of STUN */
    } addresses[SIMCHECK_ADDRESSES];
    size_t address_count;
    usec ticked_at;
    unsigned ticks; /* at that time */
    uint64_t media_packets;
    struct simcheck_state before;
};

struct simcheck {
    const char *broken; /* NULL: all held so far */
    usec broken_at;
    struct simcheck_side side[SIDES];
};

void simcheck_init(struct simcheck *check);
/* Right before the world's next step. */
void simcheck_before(struct simcheck *check, const struct simcall *call);
void simcheck_wire(struct simcheck *check, const struct simcall *call, const struct sim_step *step);
/* The call is over. */
void simcheck_end(struct simcheck *check, struct simcall *call);

#endif
