/* One ICE session: a full agent, one component, bundled. RFC 8445, 8838, 8839, 8840, 7675.
 *
 * The driver opens one UDP socket for each address it wants to be reached at and tells the agent;
 * every packet names the socket's own address as route.local. The agent gathers candidates,
 * answers and sends checks, nominates or accepts a nomination, and keeps consent fresh. What it
 * needs of time and luck comes in as `now` and the config's rng. */
#ifndef DUET_ICE_AGENT_H
#define DUET_ICE_AGENT_H

#include "base/clock.h"
#include "base/packet.h"
#include "base/rng.h"
#include "ice/candidate.h"

/* The bounds. What exceeds one is refused with E_FULL and counted. */
#define ICE_STUN_SERVERS_MAX 4
#define ICE_SOCKETS_MAX      16  /* sockets handed in */
#define ICE_LOCALS_MAX       32  /* local candidates: host, server reflexive, peer reflexive */
#define ICE_REMOTES_MAX      100 /* remote candidates from signaling, a generation */
#define ICE_PRFLX_MAX        16  /* remote candidates learned from checks; the idlest gives way */
#define ICE_PAIRS_MAX        100 /* the lowest priority gives way (RFC 8445 §6.1.2.5) */
#define ICE_NAMES_MAX        10  /* `.local` names asked in the life of an agent */
#define ICE_EARLY_MAX        8   /* checks kept that came before the remote credentials */

#define ICE_TA            MS(50)  /* RFC 8445 §14.2: one request in this time, in total */
#define ICE_PATIENCE      SEC(30) /* no failure before, counted from the remote credentials */
#define ICE_NOMINATE_WAIT MS(200) /* how long a first valid pair waits for a better one */
#define ICE_CONSENT_LIFE  SEC(30) /* RFC 7675 §5.1: sending ends this long after an answer */
#define ICE_DISCONNECTED  SEC(12) /* no answer for this long (two checks or more): disconnected */

struct ice; /* opaque */

struct ice_config {
    bool controlling; /* the offerer is (RFC 8445 §6.1.1); role conflicts may turn it */
    struct rng rng;   /* copied: give it a fork of its own */
    struct addr stun_servers[ICE_STUN_SERVERS_MAX];
    size_t stun_server_count;
    usec ta; /* pace of all requests; 0: ICE_TA */
};

/* Copies the config and draws ufrag and password; NULL: no memory. */
struct ice *ice_new(const struct ice_config *cfg);
/* Wipes the secrets; NULL is fine. */
void ice_free(struct ice *ice);

/* ---- The five verbs ---- */

/* A STUN message came (first byte 0 to 3, RFC 7983); in->route says on which socket, from whom.
 * An error means dropped without harm; ice_fault says why, ice_counters counts it:
 * E_MALFORMED, E_TRUNCATED, E_AUTH (integrity or USERNAME), E_STATE (no such transaction or
 * socket, closed), E_UNSUPPORTED (method), E_FULL. */
enum err ice_input(struct ice *ice, const struct packet *in, usec now);
/* Time went on: early or late is harmless. */
void ice_tick(struct ice *ice, usec now);
/* The next datagram to send, with its route; false: nothing to send now. */
bool ice_output(struct ice *ice, struct packet *out, usec now);

/* RTCIceTransportState's words. `connected`: some pair is valid, DTLS and media may flow.
 * `completed`: a pair is nominated. `disconnected`: consent checks go unanswered, sending goes on.
 * `failed`: nothing may be sent; ice_why says why; ice_restart may help. */
enum ice_state {
    ICE_STATE_NEW,
    ICE_STATE_CHECKING,
    ICE_STATE_CONNECTED,
    ICE_STATE_COMPLETED,
    ICE_STATE_DISCONNECTED,
    ICE_STATE_FAILED,
    ICE_STATE_CLOSED
};

struct ice_event {
    enum {
        ICE_STATE,             /* as.state */
        ICE_CANDIDATE,         /* as.candidate: ours, to be signaled */
        ICE_END_OF_CANDIDATES, /* ours are complete (RFC 8838 §13) */
        ICE_SELECTED,          /* as.route: send DTLS and media here from now on */
        ICE_RESOLVE            /* as.name: ask by multicast, answer with ice_resolved */
    } type;
    union {
        enum ice_state state;
        struct candidate candidate;
        struct route route;
        char name[ICE_NAME_MAX + 1];
    } as;
};

/* Takes the oldest event; false: none. */
bool ice_event(struct ice *ice, struct ice_event *ev);
/* When it wants its next tick (then drain output); TIME_NEVER: nothing due. */
usec ice_deadline(const struct ice *ice);
/* Why the last call that returned an error did so. */
const struct fault *ice_fault(const struct ice *ice);

/* ---- Commands ---- */

/* The driver has a UDP socket bound to this address (not a wildcard): announces a host candidate
 * and asks each STUN server of the same family over it. E_MALFORMED: wildcard, multicast or no
 * port; E_FULL; E_STATE: known already or closed. */
enum err ice_add_socket(struct ice *ice, const struct addr *base, usec now);
/* No more sockets come: end-of-candidates is announced once the STUN servers have answered or
 * have been given up. */
void ice_sockets_done(struct ice *ice, usec now);

/* The remote description's credentials (RFC 8839 §5.4) and whether it said ice-lite. Checks that
 * came before it are now honoured. Other credentials than the present ones are a restart by the
 * remote side (RFC 8839 §4.4.1.1): this calls ice_restart first, unless the application did.
 * E_MALFORMED: not 4 to 256 and 22 to 256 ice-chars. */
enum err ice_set_remote(struct ice *ice, struct bytes ufrag, struct bytes pwd, bool lite, usec now);
/* A remote candidate of the present generation. A `.local` name raises ICE_RESOLVE, once a
 * generation until it is answered.
 * E_UNSUPPORTED: TCP, another component, a name that is not `.local`: ignored, counted.
 * E_STATE: before ice_set_remote, or its ufrag names another generation. E_FULL: a bound.
 * E_MALFORMED: an address that nobody can be reached at. OK for one known already. */
enum err ice_add_remote(struct ice *ice, const struct candidate *c, usec now);
/* The remote candidates are complete (RFC 8838 §14). */
void ice_end_of_remote(struct ice *ice, usec now);
/* The answer to ICE_RESOLVE; `a` NULL: nobody answered. May come twice for one name (A and AAAA);
 * the port of `a` does not count. E_STATE: a name that was not asked. */
enum err ice_resolved(struct ice *ice, const char *name, const struct addr *a, usec now);
/* Before the checks begin, for a role that only signaling can tell. */
void ice_set_controlling(struct ice *ice, bool controlling);
/* New ufrag, password and candidates, announced again (RFC 8445 §9). Media stays on the old pair
 * until the new generation has one; nothing else of the old generation is kept. */
void ice_restart(struct ice *ice, usec now);
/* Draws the credentials of the next ice_restart, so that a description can carry them: whether that
 * restart takes place only the exchange tells. ice_restart draws its own if none are prepared. */
void ice_prepare_restart(struct ice *ice);
void ice_forget_restart(struct ice *ice); /* those that were prepared; none is fine */
/* Ends the session: nothing is sent or answered any more. */
void ice_close(struct ice *ice);

/* ---- Queries ---- */

/* Ours, of the present generation; valid until the next ice_restart or ice_free. */
struct bytes ice_local_ufrag(const struct ice *ice);
struct bytes ice_local_pwd(const struct ice *ice);
/* Those of a restart that is prepared; empty if none is. */
struct bytes ice_next_ufrag(const struct ice *ice);
struct bytes ice_next_pwd(const struct ice *ice);
/* The remote side's, of the present generation; empty before ice_set_remote. */
struct bytes ice_remote_ufrag(const struct ice *ice);
struct bytes ice_remote_pwd(const struct ice *ice);
enum ice_state ice_state(const struct ice *ice);
/* "new", "checking"... */
const char *ice_state_name(enum ice_state state);
bool ice_is_controlling(const struct ice *ice);

/* The remote side at this route has answered, with integrity, a check of ours: only from such a
 * route DTLS and media are read. */
bool ice_is_validated(const struct ice *ice, const struct route *route);
/* Where DTLS and media go now: the nominated pair, before that the best valid one. False: none. */
bool ice_selected(const struct ice *ice, struct route *route);
/* There is a selected pair and its consent has not expired (RFC 7675 §5.1). Ask before every
 * packet that is not STUN. */
bool ice_may_send(const struct ice *ice, usec now);
/* Smoothed round trip of the selected pair; 0: not measured yet. */
usec ice_rtt_us(const struct ice *ice);
/* One line: what is missing or went wrong; "" while nothing is. Valid until the next call. */
const char *ice_why(const struct ice *ice);
/* Why a pair that was in use no longer is. Of a failed agent this is why; an ice_restart forgets
 * it. */
enum ice_loss {
    ICE_LOSS_NONE,    /* none was lost */
    ICE_LOSS_SILENCE, /* its consent expired (RFC 7675 §5.1) */
    ICE_LOSS_REVOKED, /* the other side took its consent back with a 403 (§5.2) */
    ICE_LOSS_REFUSED  /* its nomination was answered with an error (RFC 8445 §7.2.5.2.4) */
};
enum ice_loss ice_lost_pair(const struct ice *ice);

/* RFC 8445 §6.1.2.6 */
enum pair_state { PAIR_FROZEN, PAIR_WAITING, PAIR_IN_PROGRESS, PAIR_SUCCEEDED, PAIR_FAILED };

const char *pair_state_name(enum pair_state state);

/* One candidate pair as statistics see it. */
struct ice_pair_info {
    struct route route; /* base and remote address */
    enum candidate_type local_type, remote_type;
    struct addr local_mapped; /* our address as the remote side sees it; none before an answer */
    enum pair_state state;
    bool valid, nominated, selected;
    uint64_t priority;
    usec rtt_us;                /* 0: not measured */
    usec asked_at, answered_at; /* the last request of ours and the last good answer; 0: none */
    uint32_t requests_sent, requests_received, responses_sent, responses_received;
};

/* The present generation's pairs in the order in which they were made, at most `room` of them;
 * returns how many it wrote. */
size_t ice_pairs(const struct ice *ice, struct ice_pair_info *out, size_t room);
/* How many there are. */
size_t ice_pair_count(const struct ice *ice);

/* One candidate as accounts of a call see it. */
struct ice_candidate_info {
    enum candidate_type type;
    struct addr addr; /* family ADDR_NONE: its name is not resolved */
    uint32_t priority;
    char name[ICE_NAME_MAX + 1]; /* a `.local` one, or "" */
};

/* The present generation's candidates, ours or the remote side's, at most `room` of them; returns
 * how many it wrote. Of the remote side's, peer-reflexive ones are there too. */
size_t ice_candidates(const struct ice *ice, bool remote, struct ice_candidate_info *out,
                      size_t room);
/* The pair in use; false: none. */
bool ice_selected_info(const struct ice *ice, struct ice_pair_info *out);

/* One counter for each kind of packet and of drop. */
struct ice_counters {
    uint64_t requests_sent, requests_received, responses_sent, responses_received; /* checks */
    uint64_t server_requests_sent; /* to STUN servers */
    uint64_t consent_requests_sent, role_conflicts, restarts;
    /* Dropped from ice_input */
    uint64_t bad_message;   /* did not parse */
    uint64_t bad_integrity; /* absent or wrong, or a wrong FINGERPRINT */
    uint64_t bad_username;  /* not `ours:theirs` */
    uint64_t bad_route;     /* unknown socket, or an answer that is not symmetric */
    uint64_t unknown_txn;   /* an answer to nothing */
    uint64_t unsupported;   /* another method, an indication, an unknown required attribute */
    uint64_t early_dropped; /* early checks past ICE_EARLY_MAX */
    uint64_t response_full; /* requests while answers waited to be taken out */
    /* Ignored from ice_add_remote */
    uint64_t ignored_tcp, ignored_component, ignored_name, ignored_generation, ignored_address;
    uint64_t full; /* candidates, pairs or names past their bound */
};

const struct ice_counters *ice_counters(const struct ice *ice);

#endif
