/* What all calls of a process share: the loop, the identity, the name service, the studio; and the
 * calls themselves, driven together. `duet call` and `duet serve` are loops around this. */
#ifndef DUET_APPS_HOST_H
#define DUET_APPS_HOST_H

#include "apps/iceservers.h"
#include "apps/report.h"
#include "apps/session.h"
#include "apps/studio.h"
#include "net/loop.h"
#include "net/names.h"

#define HOST_SESSIONS_MAX 256
#define HOST_WHY_MAX      512

/* The upper eight bits of a loop token say whose it is; these are the host's. */
#define HOST_TOKEN(kind, number) ((uint64_t)(kind) << 56 | (uint64_t)(number) << 8)
#define HOST_TOKEN_SESSION       1
#define HOST_TOKEN_NAMES         2
#define HOST_TOKEN_FREE          16 /* and up: the program's own */

struct host_config {
    struct studio_config studio;
    struct peer_media audio, video;
    enum session_mode mode;
    bool view;
    const char *record; /* a file, for one call; or with `record_each` a folder, a file a call */
    bool record_each;
    struct ice_servers ice_servers;       /* --ice-servers */
    const struct sim_link_script *impair; /* of every call's network, or NULL; borrowed */
    const char *recordings[RECORDINGS];   /* files of --pcap..., or NULL */
    struct callladder *ladder;            /* --ladder: borrowed, or NULL */
};

struct host {
    struct host_config cfg;
    struct report *report;
    struct loop *loop;
    struct names *names;
    struct studio *studio;     /* NULL: nothing is sent but an echo */
    struct recorder *recorder; /* NULL: nothing is recorded */
    struct dtls_identity *identity;
    struct protect *prepared; /* keeps libsrtp ready: rtp/protect.h */
    struct rng rng;
    struct sig_id key; /* names us to others for as long as we run: docs/signaling.md */
    int64_t unix_us;   /* microseconds since 1970 at time 0 of clock_now */
    struct session *sessions[HOST_SESSIONS_MAX];
    uint64_t calls; /* so far */
    /* STUN servers by name, and their addresses as far as they are known. */
    struct {
        char host[256];
        uint16_t port;
    } stun[ICE_STUN_SERVERS_MAX];
    size_t stun_count, stun_asked;
    struct addr stun_addrs[ICE_STUN_SERVERS_MAX];
    size_t stun_addr_count;
};

/* False: `why` says what to do about it. */
bool host_open(struct host *host, const struct host_config *cfg, struct report *report, usec now,
               char why[HOST_WHY_MAX]);
/* Ends what is left without a goodbye, and gives everything back. */
void host_close(struct host *host);
/* Writes what is left of the recordings, and says what is missing. */
void host_end_recordings(struct host *host, usec now);
/* The names of the STUN servers are resolved, or nobody knows them: calls may begin. */
bool host_is_ready(const struct host *host);

/* A new call with `remote`; NULL: `why` says why not. */
struct session *host_call(struct host *host, const struct sig_id *own, const struct sig_id *remote,
                          usec now, char why[HOST_WHY_MAX]);
/* The call between these two, or NULL. */
struct session *host_find(struct host *host, const struct sig_id *own, const struct sig_id *remote);
/* The call with the participant of this key that goes on while its ids are of no use, or NULL. */
struct session *host_find_going_on(struct host *host, const struct sig_id *key, usec now);
/* A new call is connected: an older one with the same participant that still goes on ends. */
void host_end_replaced(struct host *host, usec now);
/* Frees it. */
void host_forget(struct host *host, struct session *session);
/* Reports its summary, says on stderr which layer failed if one did, and frees it. */
void host_drop(struct host *host, struct session *session, usec now);

/* Takes what the loop reported if it is the host's; false: it is the program's. */
bool host_ready(struct host *host, const struct loop_ready *ready, usec now);
/* Everything that is due. */
void host_step(struct host *host, usec now);
usec host_deadline(const struct host *host);

#endif
