/* The one transport that everything is bundled on: ICE finds the path, DTLS makes the keys, SRTP
 * protects. RFC 8835 §3.4, RFC 5763, RFC 5764, RFC 7983.
 *
 * DTLS, RTP and RTCP are read only from addresses of pairs that ICE has validated, and sent only
 * to the selected one while its consent lasts (RFC 7675). */
#ifndef DUET_PEER_TRANSPORT_H
#define DUET_PEER_TRANSPORT_H

#include "dtls/handshake.h"
#include "dtls/keylog.h"
#include "ice/agent.h"
#include "peer/connection.h"
#include "peer/demux.h"
#include "rtp/protect.h"

/* DTLS from an address that knows our ICE password but has not answered a check of ours waits for
 * that proof: without it a browser's first flight would be lost whenever it is faster than the
 * answer. One flight. */
#define TRANSPORT_EARLY_PACKETS 4
#define TRANSPORT_EARLY_LEN     1500

struct transport; /* opaque */

struct transport_config {
    const struct dtls_identity *identity;
    bool controlling;
    struct rng rng;
    enum dtls_srtp_profile srtp_profile; /* as in peer_config */
    struct addr stun_servers[ICE_STUN_SERVERS_MAX];
    size_t stun_server_count;
    bool keylog; /* transport_keylog will be asked */
};

struct transport *transport_new(const struct transport_config *cfg);
void transport_free(struct transport *t);

/* A datagram. `*plain` is DEMUX_RTP or DEMUX_RTCP when `in` now holds an authenticated plain packet
 * for the caller, else DEMUX_UNKNOWN. */
enum err transport_input(struct transport *t, struct packet *in, enum demux *plain, usec now);
/* Whether media on this route would be opened: ICE has proved it, and there are keys. */
bool transport_could_open(const struct transport *t, const struct route *route);
void transport_tick(struct transport *t, usec now);
bool transport_output(struct transport *t, struct packet *out, usec now);
usec transport_deadline(const struct transport *t);
const struct fault *transport_fault(const struct transport *t);

struct transport_event {
    enum {
        TRANSPORT_ICE,  /* as.ice */
        TRANSPORT_DTLS, /* as.dtls */
        TRANSPORT_READY /* there are keys: media may flow */
    } type;
    union {
        struct ice_event ice;
        struct dtls_event dtls;
    } as;
};
bool transport_event(struct transport *t, struct transport_event *ev);

/* What an agreement says: our DTLS role and the fingerprints that may match. The same again is
 * fine. E_AUTH: no fingerprint of a hash that we know, or others than the running association has;
 * E_UNSUPPORTED: it has another role: a new association would be needed (RFC 8842 §5.1). */
enum err transport_set_remote(struct transport *t, const struct sdp_agreed_transport *remote,
                              usec now);

/* True: keys are there, a pair is selected and its consent lasts. */
bool transport_can_send(const struct transport *t, usec now);
/* Protects a plain packet in place and gives it its route. E_STATE: transport_can_send is false. */
enum err transport_protect(struct transport *t, struct packet *p, bool is_rtcp, usec now);
/* close_notify goes out with the next output; then it is silent and takes nothing any more. */
void transport_close(struct transport *t, usec now);

const struct ice *transport_ice(const struct transport *t);
/* The same for a command, after which ICE may have something to send or to tell at once. */
struct ice *transport_command_ice(struct transport *t);
const struct dtls *transport_dtls(const struct transport *t);
const char *transport_srtp_profile(const struct transport *t); /* NULL: no keys yet */
/* As dtls_keylog_take. */
bool transport_keylog(struct transport *t, char line[DTLS_KEYLOG_MAX]);
/* The reason of an srtp failure, or NULL. */
const char *transport_srtp_why(const struct transport *t);
struct peer_counters *transport_counters(struct transport *t);
/* All zero before there was one. */
const struct peer_unopened *transport_first_unopened(const struct transport *t);

#endif
