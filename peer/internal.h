/* What peer/'s files share: the connection itself. */
#ifndef DUET_PEER_INTERNAL_H
#define DUET_PEER_INTERNAL_H

#include "base/ring.h"
#include "peer/connection.h"
#include "peer/track.h"
#include "peer/transport.h"

/* Candidates that our descriptions carry; more, and longer ones, are only trickled. */
#define LOCAL_CANDIDATES    12
#define LOCAL_CANDIDATE_LEN 160
#define WHY_LEN             200
#define NOTES               64

/* An event of our own that waits; the parts' events are taken from them when asked. */
struct note {
    uint8_t type;  /* of struct peer_event */
    uint8_t state; /* enum peer_state */
    uint16_t track;
};

struct peer {
    struct peer_config cfg;
    struct rng rng;
    struct jsep jsep;
    struct tracks tracks;
    struct transport *transport;
    struct rtp_session *rtp;

    enum peer_state state;
    struct peer_why why;
    char reason[WHY_LEN]; /* what why.reason points to */
    bool ready, closing, closed;
    bool left;            /* the peer said goodbye: nothing fails any more */
    bool negotiate;       /* PEER_NEGOTIATE is owed once the signaling state is stable */
    bool restart_owed;    /* our next offer restarts ICE */
    bool restart_pending; /* the offer that is out does */
    usec started_at, connected_at, offered_at;

    char candidates[LOCAL_CANDIDATES][LOCAL_CANDIDATE_LEN];
    size_t candidate_count;
    bool candidates_done;

    struct packet *plain; /* NULL: nobody wants it */
    bool plain_there, plain_is_rtcp, plain_sent;

    struct ring notes;
    struct note note_items[NOTES];
    struct fault fault;
};

/* connection.c */

/* Queues an event of our own; `type` is one of struct peer_event. */
void peer_note(struct peer *p, int type, size_t track);
/* Counts and keeps why an input or a command was refused; returns its error. */
enum err peer_refuse(struct peer *p, struct fault fault);
/* The same for a call in the wrong state; `rule` is a literal. */
enum err peer_not_now(struct peer *p, const char *rule);
/* The first failure is the one that counts. `reason` is copied. */
void peer_fail(struct peer *p, enum peer_cause cause, const char *layer, const char *reason);
/* It has failed, or one of the two has said goodbye: for good. */
bool peer_has_ended(const struct peer *p);
/* After every step: what the parts have reached is what we have. */
void peer_settle(struct peer *p, usec now);

/* events.c */

/* Keeps a candidate for descriptions; true: one is out already, so `ev` is to be told too. */
bool peer_take_candidate(struct peer *p, const struct ice_event *from, struct peer_event *ev);
/* An offer of ours is out, or descriptions are in force. */
bool peer_described(const struct peer *p);

#endif
