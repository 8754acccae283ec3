/* What the files of this module share: the agent's inside. */
#ifndef DUET_ICE_INTERNAL_H
#define DUET_ICE_INTERNAL_H

#include "base/ring.h"
#include "ice/agent.h"
#include "stun/attribute.h"
#include "stun/integrity.h"
#include "stun/transaction.h"

#define ICE_UFRAG_LEN     8  /* ours: 48 bits of the 24 that RFC 8445 §5.3 asks for */
#define ICE_PWD_LEN       24 /* ours: 144 bits of 128 */
#define ICE_USERNAME_MAX  (ICE_UFRAG_MAX + 1 + ICE_UFRAG_MAX)
#define ICE_GATHERS_MAX   32  /* questions to STUN servers */
#define ICE_RESPONSES_MAX 8   /* answers that wait for the driver to take them out */
#define ICE_EVENTS_MAX    128 /* one for each local candidate and name, and some */
#define ICE_UNKNOWN_MAX   8   /* attribute types listed in a 420 */
#define ICE_GATHER_RC     4   /* requests of one question to a STUN server: 11.5 s */

/* How long and how often a pair is asked (check.c says why so): */
#define ICE_EFFORT        SEC(25) /* then it has failed; within ICE_PATIENCE */
#define ICE_AGAIN         MS(100) /* after each of the first ICE_AGAIN_SAME requests another one, */
#define ICE_AGAIN_SAME    4       /* then after twice as long as often, and so on */
#define ICE_AGAIN_DOUBLES 3       /* up to 800 ms */
#define ICE_EFFORT_CHECKS 41      /* so many in ICE_EFFORT at most */
#define ICE_CHECKS_KEPT   128     /* requests that may still be answered: 6.4 s at one in Ta */
#define ICE_PROBE_WAIT    SEC(1)  /* how long a valid pair may be silent before we move */
#define ICE_PROBE_EVERY   SEC(4)  /* at most one round of probes in this time */
#define ICE_NOMINATE_LIFE SEC(6)  /* so long unanswered: another valid pair is taken, if any */
#define ICE_RENOMINATE    SEC(3)  /* the old nomination is this old: a new one is a move */
#define ICE_FAMILY_COUNT  2
#define NONE              (-1)

/* One of the driver's sockets: a host candidate and the base of others. */
struct ice_socket {
    struct addr base;
    uint16_t preference; /* local preference of its host candidate, RFC 8445 §5.1.2.1 */
    uint8_t foundation;  /* the first socket with the same address: same foundation */
};

struct ice_local {
    struct addr addr;
    uint32_t priority;
    uint8_t type; /* enum candidate_type */
    uint8_t socket;
    uint8_t server; /* srflx: whom it was learned from */
    bool announced; /* told to the application */
};

/* What is kept of a foundation's 32 characters: the first bytes of their SHA-1; all zero of a
 * prflx, whose foundation is its own. Two that were the same by chance would only unfreeze
 * together. */
struct ice_foundation {
    uint8_t digest[8];
};

struct ice_remote {
    struct addr addr; /* family ADDR_NONE while its name is being asked */
    usec seen;        /* prflx: the last check from it */
    uint32_t priority;
    int8_t name; /* index of its name, or NONE */
    uint8_t type;
    bool used : 1, old : 1; /* old: of the generation before, kept for the pair in use */
    uint8_t group;          /* the first remote candidate with the same foundation */
    struct ice_foundation foundation;
};

#define ICE_REMOTE_SLOTS (ICE_REMOTES_MAX + ICE_PRFLX_MAX + 1) /* and one of the old generation */
#define ICE_PAIR_SLOTS   (ICE_PAIRS_MAX + 1)

/* One request that may still be answered: a transaction of its own, sent once. */
struct ice_check {
    uint8_t id[STUN_ID_LEN];
    bool open, use_candidate, controlling;
    uint8_t pair; /* index of its pair */
    usec sent_at;
};

/* The requests that go out on a pair until one of them is answered. */
struct ice_effort {
    usec sent_at; /* the last one */
    usec next;    /* when another one is due */
    usec until;   /* when it is given up */
    uint8_t sent; /* so many; stays at 255 */
    bool running;
    bool unhurried; /* of a pair that answers as a rule: consent.c */
};

/* A pair of a base and a remote address. The valid pair that its answer makes (§7.2.5.3.2) may
 * have a reflexive local candidate, but the same base and remote address, and these are what
 * packets are sent by: so both are one struct, with `mapped` for the difference. */
struct ice_pair {
    uint64_t priority;
    struct ice_effort effort;
    usec answered_at;  /* the last good answer: consent counts from here */
    usec nominated_at; /* the last USE-CANDIDATE from the controlling side */
    uint32_t requests_sent, requests_received, responses_sent, responses_received;
    uint32_t rtt_us;
    uint32_t order;   /* of creation: ties break by it */
    uint32_t trigger; /* place in the triggered-check queue; 0: not in it */
    int8_t mapped;    /* local candidate that the last answer named, or NONE */
    uint8_t socket, remote;
    uint8_t state; /* enum pair_state */
    bool used, old;
    bool valid;
    bool nominating;     /* controlling: its next checks carry USE-CANDIDATE */
    bool peer_nominated; /* controlled: the other side's check carried it */
    bool nominated;
    bool dead; /* consent was lost: RFC 7675 §5.1 forbids to use it again */
};

/* What both sides of one generation know of each other. */
struct ice_credentials {
    char ufrag[ICE_UFRAG_LEN + 1], pwd[ICE_PWD_LEN + 1]; /* ours */
    char remote_ufrag[ICE_UFRAG_MAX + 1], remote_pwd[ICE_PWD_MAX + 1];
    struct stun_key key, remote_key; /* requests to us and our answers; the other way */
    bool known;                      /* the remote half is there */
};

/* A check that came before the remote credentials: all that is needed to honour it later. */
struct ice_early {
    struct addr remote;
    uint32_t priority;
    uint8_t socket;
    bool use_candidate;
    uint8_t ufrag_digest[SHA1_LEN]; /* of the sender's ufrag: they have up to 256 characters */
};

/* An answer to be written by the next output. */
struct ice_response {
    struct route route;
    uint8_t id[STUN_ID_LEN];
    uint16_t code; /* 0: success */
    uint16_t unknown[ICE_UNKNOWN_MAX];
    uint8_t unknown_count;
    bool sha256, old;
};

struct ice_gather {
    struct stun_txn txn;
    uint8_t id[STUN_ID_LEN];
    uint8_t socket, server;
    bool running;
};

struct ice_name {
    char text[ICE_NAME_MAX + 1];
    struct addr answer[ICE_FAMILY_COUNT]; /* A and AAAA */
    bool asked;                           /* in this generation, or answered in one before */
    bool done;                            /* answered at least once, or nobody did */
};

/* An event in the queue: the value is looked up when it is taken out. */
struct ice_note {
    uint8_t type;
    uint8_t index; /* state, local candidate or name */
};

struct ice {
    usec now; /* the latest time that was handed in */
    usec ta, next_slot;
    struct rng rng;
    uint64_t tie_breaker;
    bool controlling, closed, failed;
    enum ice_state state;

    struct ice_credentials creds, old_creds;
    char next_ufrag[ICE_UFRAG_LEN + 1], next_pwd[ICE_PWD_LEN + 1]; /* ours, of the next restart */

    struct ice_socket sockets[ICE_SOCKETS_MAX];
    size_t socket_count;
    bool sockets_done, end_announced;
    struct ice_local locals[ICE_LOCALS_MAX];
    size_t local_count;
    struct addr servers[ICE_STUN_SERVERS_MAX];
    size_t server_count;
    struct ice_gather gathers[ICE_GATHERS_MAX];
    size_t gather_count;
    bool gather_turn; /* checks and gathering take turns */

    struct ice_remote remotes[ICE_REMOTE_SLOTS];
    size_t signaled_count; /* of this generation */
    bool remote_done;      /* end-of-candidates came */
    struct ice_name names[ICE_NAMES_MAX];
    size_t name_count;
    struct ice_early early[ICE_EARLY_MAX];
    size_t early_count;

    struct ice_pair pairs[ICE_PAIR_SLOTS];
    size_t pair_end; /* behind the last slot in use: each packet looks at them all, no further */
    uint32_t next_order, next_trigger;
    struct ice_check checks[ICE_CHECKS_KEPT]; /* the newest overwrites the oldest */
    size_t next_check;
    int selected, nominated, nominating; /* pair indices or NONE */
    int last_nomination;                 /* the pair that the controlling side named last */
    uint8_t last_nomination_id[STUN_ID_LEN];
    usec patience_until, first_valid_at;
    usec nominate_until; /* when the nomination under way gives way to another pair */
    usec consent_next;   /* the next consent check on the selected pair */
    usec probe_at, judge_at;
    enum ice_loss lost; /* why a pair that was in use is no longer */

    struct ice_response response_items[ICE_RESPONSES_MAX];
    struct ring responses;
    struct ice_note event_items[ICE_EVENTS_MAX];
    struct ring events;

    struct fault fault;
    struct ice_counters counters;
    char why[192];
};

/* agent.c */
enum err ice_refuse(struct ice *ice, enum err err, uint64_t *counter, const char *rule);
void ice_note(struct ice *ice, int type, size_t index);
/* All that time and events make necessary: selection, nomination, state. Ends every command. */
void ice_settle(struct ice *ice);
/* Ours, new: those that are prepared, else drawn now; theirs are forgotten. */
void ice_renew_credentials(struct ice *ice);

/* gather.c: local candidates, §5.1.1 */
/* False: no room for its host candidate. */
bool gather_from_socket(struct ice *ice, size_t socket);
void gather_announce(struct ice *ice, size_t local);
struct ice_gather *gather_find(struct ice *ice, struct bytes id);
enum err gather_response(struct ice *ice, struct ice_gather *g, const struct stun_msg *m,
                         const struct route *route);
void gather_tick(struct ice *ice);
usec gather_due(const struct ice *ice);
bool gather_output(struct ice *ice, struct packet *out);
bool gather_running(const struct ice *ice);
/* The local candidate with this address seen from this socket: known, or learned now as peer
 * reflexive (§7.2.5.3.1). NONE: no room. */
int gather_mapped(struct ice *ice, size_t socket, const struct addr *mapped);
void gather_candidate(const struct ice *ice, size_t local, struct candidate *c);
uint32_t gather_prflx_priority(const struct ice *ice, size_t socket);
int gather_find_socket(const struct ice *ice, const struct addr *base);

/* remote.c: remote candidates, §5.3, §7.3.1.3 */
enum err remote_add(struct ice *ice, const struct candidate *c);
/* A restart: names that nobody answered may be asked again. */
void remote_restart_names(struct ice *ice);
enum err remote_resolved(struct ice *ice, const char *name, const struct addr *a);
/* The candidate with this address, learned now as peer reflexive if it is not known. NONE: full */
int remote_learn(struct ice *ice, const struct addr *addr, uint32_t priority);
int remote_find(const struct ice *ice, const struct addr *addr);
bool remote_unresolved(const struct ice *ice);
void remote_forget(struct ice *ice, size_t remote);

/* checklist.c: pairs, states, order, §6.1.2 */
int pair_find(const struct ice *ice, size_t socket, size_t remote);
/* The pair of a route, of either generation: the one that is valid. */
int pair_of_route(const struct ice *ice, const struct route *route);
/* NONE: no room. `heard`: a check came over it, so it is inserted whatever its priority. */
int pair_add(struct ice *ice, size_t socket, size_t remote, bool heard);
void pairs_of_remote(struct ice *ice, size_t remote);
void pairs_of_socket(struct ice *ice, size_t socket);
void pair_remove(struct ice *ice, size_t pair);
void pairs_reprioritize(struct ice *ice);
void pair_trigger(struct ice *ice, struct ice_pair *p);
void pairs_unfreeze_like(struct ice *ice, const struct ice_pair *p);
struct ice_pair *pairs_next_triggered(struct ice *ice);
struct ice_pair *pairs_next_waiting(struct ice *ice);
/* More than `a`: higher priority, or older at the same. */
bool pair_before(const struct ice_pair *a, const struct ice_pair *b);
bool pair_undecided(const struct ice_pair *p);
struct route pair_route(const struct ice *ice, const struct ice_pair *p);
const struct ice_credentials *pair_creds(const struct ice *ice, const struct ice_pair *p);

/* check.c: connectivity checks as a client, §7.2 */
bool check_output(struct ice *ice, struct packet *out);
usec check_due(const struct ice *ice);
void check_tick(struct ice *ice);
enum err check_response(struct ice *ice, const struct stun_msg *m, const struct route *route,
                        size_t socket);
void check_switch_role(struct ice *ice, bool controlling);
/* Begins to ask on a pair, for `life` at most; the first request is due now. */
void check_start(struct ice *ice, struct ice_pair *p, usec life);
/* Writes the effort's next request into `out`: a new transaction. */
void check_send(struct ice *ice, struct ice_pair *p, struct packet *out);
/* Asks no more; an answer to what was asked still counts. */
void check_stop(struct ice_pair *p);
/* Nor does that. */
void check_forget(struct ice *ice, struct ice_pair *p);
/* A request of the other side came on a pair that has not answered yet: is it too early for
 * another one of ours? */
bool check_is_fresh(const struct ice *ice, const struct ice_pair *p);

/* respond.c: answers to checks, §7.3 */
enum err respond_request(struct ice *ice, const struct stun_msg *m, const struct route *route,
                         size_t socket);
bool respond_output(struct ice *ice, struct packet *out);
void respond_early(struct ice *ice);

/* nominate.c: which pair, §8 */
void nominate_tick(struct ice *ice);
usec nominate_deadline(const struct ice *ice);
void nominate_by_peer(struct ice *ice, struct ice_pair *p, struct bytes id);
void nominate_valid(struct ice *ice, struct ice_pair *p, bool use_candidate);
void nominate_failed(struct ice *ice, struct ice_pair *p);

/* consent.c: RFC 7675 */
void consent_start(struct ice *ice);
void consent_tick(struct ice *ice);
void consent_revoked(struct ice *ice, struct ice_pair *p);
usec consent_due(const struct ice *ice);
usec consent_deadline(const struct ice *ice);
bool consent_output(struct ice *ice, struct packet *out);
bool consent_alive(const struct ice_pair *p, usec now);

#endif
