/* One WebRTC connection: descriptions (RFC 8829) over one bundled transport (ICE, DTLS, SRTP) with
 * the media streams that they agree on. It moves encoded frames; codecs and sockets are the
 * application's. RFC 8825 says how the parts make a whole.
 *
 * A machine: see docs/architecture.md. After any call drain peer_output and peer_event until both
 * are dry, then ask peer_deadline. */
#ifndef DUET_PEER_CONNECTION_H
#define DUET_PEER_CONNECTION_H

#include "base/clock.h"
#include "base/packet.h"
#include "base/rng.h"
#include "dtls/handshake.h"
#include "dtls/keylog.h"
#include "ice/agent.h"
#include "peer/jsep.h"
#include "rtp/session.h"

/* Tracks of one connection, stopped ones too: they keep their numbers. Sections beyond those that
 * have a track are rejected. */
#define PEER_TRACKS_MAX 16
/* An offer that nobody answers has failed by then. */
#define PEER_ANSWER_US  SEC(60)
/* The longest description that we write. */
#define PEER_SDP_MAX    SDP_TEXT_MAX

/* What we want of one kind of media. */
struct peer_media {
    bool send, recv;
};

struct peer_config {
    const struct dtls_identity *identity; /* borrowed for the connection's life */
    struct rng rng;                       /* rng_fork of the process's */
    int64_t unix_us;                      /* microseconds since 1970 at time 0 of the clock */
    /* Of the first section of a kind; further ones, which only the peer adds, are received if the
     * first may be. */
    struct peer_media audio, video;
    struct addr stun_servers[ICE_STUN_SERVERS_MAX];
    size_t stun_server_count;
    enum dtls_srtp_profile srtp_profile; /* this one alone; 0: all of ours, by preference */
    bool keylog;                         /* peer_keylog will be asked */
    bool plain;                          /* peer_plain will be asked */
};

enum peer_state {
    PEER_NEW,          /* no descriptions yet */
    PEER_CONNECTING,   /* ICE checks, then DTLS */
    PEER_CONNECTED,    /* media may flow */
    PEER_DISCONNECTED, /* ICE hears nothing; it may come back */
    PEER_FAILED,       /* for good; `why` says which layer and why */
    PEER_CLOSED
};

/* What ended a connection, as the layer says that it failed in. */
enum peer_cause {
    PEER_CAUSE_NONE = 0,    /* nothing failed */
    PEER_CAUSE_GIVEN_UP,    /* the application could not go on: peer_give_up */
    PEER_CAUSE_NO_ANSWER,   /* to our offer */
    PEER_CAUSE_DESCRIPTION, /* one was refused */
    PEER_CAUSE_SETUP,       /* one was refused for its a=setup */
    PEER_CAUSE_CODECS,      /* the two sides have none in common */
    PEER_CAUSE_STREAM,      /* one that was agreed on could not be made */
    PEER_CAUSE_NO_PATH,     /* ICE found none */
    PEER_CAUSE_PATH_LOST,   /* ICE had one: consent expired or was revoked (RFC 7675 §5) */
    PEER_CAUSE_FINGERPRINT, /* the certificate is not the signaled one (RFC 8122 §6.2) */
    PEER_CAUSE_PROFILE,     /* no SRTP profile in common (RFC 5764 §4.1.1) */
    PEER_CAUSE_SILENCE,     /* a path, but no DTLS on it */
    PEER_CAUSE_HANDSHAKE,   /* all else that ends one */
    PEER_CAUSE_KEYS         /* SRTP does not take them */
};

/* Why a connection failed: for programs, and in words for people, which are literals or live as
 * long as the connection. */
struct peer_why {
    enum peer_cause cause;
    const char *layer;  /* "signaling", "sdp", "ice", "dtls", "srtp"; NULL: nothing failed */
    const char *reason; /* one line */
};

/* What a connection that has not failed is waiting for: the lowest layer that is not done. */
enum peer_lack {
    PEER_LACKS_OFFER,  /* neither side has made one */
    PEER_LACKS_ANSWER, /* to our offer */
    PEER_LACKS_PATH,   /* ICE has no pair yet; ice_why says more */
    PEER_LACKS_DTLS,   /* there is a path, but nothing of a handshake came */
    PEER_LACKS_KEYS,   /* the handshake is not done */
    PEER_LACKS_NOTHING /* keys are there: media may come */
};

struct peer_event {
    enum {
        PEER_STATE,        /* as.state */
        PEER_CANDIDATE,    /* as.candidate: to be trickled to the peer */
        PEER_NEGOTIATE,    /* tracks changed: make an offer when the signaling state is stable */
        PEER_TRACK,        /* `track` was agreed on, or changed: look at peer_track */
        PEER_FRAME,        /* `track`: as.frame, a view that lives until the next call */
        PEER_KEY_WANTED,   /* `track`: the peer asks for a key frame */
        PEER_BITRATE,      /* as.bitrate, bit/s: what the peer says it can take (REMB) */
        PEER_RESOLVE,      /* as.name: a `.local` name for mDNS; answer with peer_resolved */
        PEER_ICE_CHANGED,  /* look at peer_ice */
        PEER_DTLS_CHANGED, /* look at peer_dtls */
        PEER_SELECTED      /* as.route: the pair that media takes from now on */
    } type;
    size_t track;
    union {
        enum peer_state state;
        struct peer_candidate {
            char text[ICE_CANDIDATE_TEXT_MAX]; /* "candidate:..."; "" is end-of-candidates */
            char mid[RTP_MID_MAX + 1];
            char ufrag[ICE_UFRAG_MAX + 1];
        } candidate;
        struct rtp_frame frame;
        uint64_t bitrate;
        char name[ICE_NAME_MAX + 1];
        struct route route;
    } as;
};

struct peer; /* opaque */

/* Copies `cfg`. NULL: no memory. */
struct peer *peer_new(const struct peer_config *cfg);
void peer_free(struct peer *peer); /* NULL is fine; wipes the keys */

/* One datagram; SRTP is decrypted in place. An error: dropped, peer_fault says why, no harm done.
 */
enum err peer_input(struct peer *peer, struct packet *in, usec now);
void peer_tick(struct peer *peer, usec now);
/* The next datagram, with its route. */
bool peer_output(struct peer *peer, struct packet *out, usec now);
bool peer_event(struct peer *peer, struct peer_event *ev);
usec peer_deadline(const struct peer *peer);
/* Why the last input or command was refused. */
const struct fault *peer_fault(const struct peer *peer);

/* ---- For captures: only if the config asks for it ---- */

/* A packet without its SRTP. */
struct peer_plain {
    bool rtcp, sent;
    struct route route;
    struct bytes packet;
};
/* The RTP or RTCP packet that the last peer_input brought or the last peer_output made, as it is
 * inside; the view lives until the next call. False: that was no such packet. */
bool peer_plain(const struct peer *peer, struct peer_plain *out);
/* The secret of the DTLS association as a line of an NSS key log, once: see dtls_keylog_take. Asked
 * after each peer_input and before what peer_output made is written, it is there for a capture
 * before the first packet that needs it. */
bool peer_keylog(struct peer *peer, char line[DTLS_KEYLOG_MAX]);

/* A UDP socket is open at `base`: it becomes a host candidate. E_FULL: too many. */
enum err peer_add_socket(struct peer *peer, const struct addr *base, usec now);
/* No more sockets will come: end-of-candidates follows when the STUN servers have answered. */
void peer_sockets_done(struct peer *peer, usec now);
/* The answer to PEER_RESOLVE; NULL: nobody knows the name. */
void peer_resolved(struct peer *peer, struct bytes name, const struct addr *addr, usec now);

/* Makes an offer and sets it as the local description. `*text` lives until the next call.
 * E_STATE: an offer is pending, or the connection has ended (PEER_FAILED, PEER_CLOSED), as for the
 * next two. The first offer has the sections that the config asks for. */
enum err peer_offer(struct peer *peer, struct bytes *text, usec now);
/* Sets the peer's offer, answers it, and sets the answer. Errors of jsep: nothing has changed. */
enum err peer_answer(struct peer *peer, struct bytes offer, struct bytes *text, usec now);
/* Sets the peer's answer to our offer. */
enum err peer_set_answer(struct peer *peer, struct bytes answer, usec now);
/* Forgets our pending offer: the peer's came at the same time and we are polite. */
enum err peer_rollback(struct peer *peer, usec now);
/* A trickled candidate, "candidate:..." (an "a=" before it is taken too); empty is the end of
 * candidates. `ufrag`: empty if not told; one of another generation is dropped (RFC 8838 §11).
 * E_STATE: before the remote description (RFC 8829 §4.1.19); else as ice_add_remote. */
enum err peer_add_candidate(struct peer *peer, struct bytes text, struct bytes ufrag, usec now);
/* Our next offer restarts ICE (RFC 8445 §9), which then happens when its answer comes, or with a
 * restart that the peer offers before; PEER_NEGOTIATE follows. */
void peer_restart_ice(struct peer *peer);

/* Adds a track of `kind`; PEER_NEGOTIATE follows. E_FULL: PEER_TRACKS_MAX. */
enum err peer_add_track(struct peer *peer, enum rtp_kind kind, struct peer_media want,
                        size_t *track);
/* Turns a track around, or stops it ({false, false}); PEER_NEGOTIATE follows, unless it stopped
 * before any offer had it. E_STATE: no track. */
enum err peer_set_track(struct peer *peer, size_t track, struct peer_media want);

struct peer_track {
    enum rtp_kind kind;
    struct peer_media want;   /* as we wish */
    struct peer_media agreed; /* as both descriptions have it, where there is a stream for it: if
                                 one could not be made peer_fault says why */
    bool stopped;             /* rejected by either side, or stopped before it was offered */
    uint32_t ssrc;            /* of what we send */
    uint8_t payload_type; /* of what we send, else of what we receive; SDP_PT_NONE: of nothing */
    char mid[RTP_MID_MAX + 1];
};
/* False: there is no such track. */
bool peer_track(const struct peer *peer, size_t track, struct peer_track *out);

/* Sends an encoded frame. E_STATE: not connected, no path at present, or the track does not send;
 * else as rtp_session_send. After a picture that was refused PEER_KEY_WANTED asks for a key frame,
 * and what refers to it is refused, too. */
enum err peer_send(struct peer *peer, size_t track, const struct rtp_frame *frame, usec now);
/* The decoder of this track could not go on. */
void peer_want_key(struct peer *peer, size_t track);

/* The application can't go on: PEER_FAILED, with this layer (a literal) and reason (copied). The
 * first failure is the one that counts. */
void peer_give_up(struct peer *peer, const char *layer, const char *reason, usec now);
/* The same for a description that was just refused, and without which there is no call: layer and
 * cause are those of peer_fault. */
void peer_give_up_refused(struct peer *peer, const char *reason, usec now);
/* Says goodbye (RTCP BYE, close_notify): drain output once more. */
void peer_close(struct peer *peer, usec now);

enum peer_state peer_state(const struct peer *peer);
struct peer_why peer_why(const struct peer *peer);
enum peer_lack peer_lacks(const struct peer *peer);
const char *peer_state_name(enum peer_state state);
enum jsep_state peer_signaling(const struct peer *peer);
/* The parts, for statistics. */
const struct ice *peer_ice(const struct peer *peer);
const struct dtls *peer_dtls(const struct peer *peer);
const struct rtp_session *peer_rtp(const struct peer *peer);
/* The index in peer_rtp of what a track sends and receives; false: it doesn't. */
bool peer_track_sender(const struct peer *peer, size_t track, size_t *sender);
bool peer_track_receiver(const struct peer *peer, size_t track, size_t *receiver);
/* "AEAD_AES_128_GCM"...; NULL before there are keys. */
const char *peer_srtp_profile(const struct peer *peer);
/* When both descriptions were known (offer sent or received), and when ICE and DTLS were done;
 * 0: not yet. */
usec peer_started_at(const struct peer *peer);
usec peer_connected_at(const struct peer *peer);

/* What was dropped before a protocol took it. */
struct peer_counters {
    uint64_t unknown;      /* no protocol of RFC 7983 */
    uint64_t unproved;     /* DTLS, RTP or RTCP from an address that ICE has not proved */
    uint64_t early_kept;   /* DTLS that waited for ICE's proof */
    uint64_t early_media;  /* RTP or RTCP before there were keys */
    uint64_t unauthentic;  /* SRTP that did not authenticate, or was replayed */
    uint64_t unexpected;   /* RTP of no stream that was agreed on: not even opened */
    uint64_t refused;      /* descriptions and candidates with a fault */
    uint64_t consent_lost; /* packets not sent because the peer's consent had expired */
};
const struct peer_counters *peer_counters(const struct peer *peer);

/* A packet that the keys did not open, by what is in clear of it (RFC 3711 §3.1, §3.4). */
struct peer_unopened {
    bool is_rtcp;
    uint8_t type;      /* RTP: the payload type; RTCP: the first packet's */
    uint16_t sequence; /* of RTP */
    uint32_t ssrc;
    usec at;
    const char *rule; /* why not: a literal */
};
/* The first of those that peer_counters counts as unauthentic; false: there was none. */
bool peer_first_unopened(const struct peer *peer, struct peer_unopened *first);

#endif
