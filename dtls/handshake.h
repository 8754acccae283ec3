/* One DTLS association over OpenSSL, as a machine: DTLS 1.2, either role, SRTP keys at its end.
 * RFC 6347 (DTLS 1.2), 5763 and 5764 (DTLS-SRTP), 8122 (fingerprints), 8842 (SDP and DTLS).
 *
 * It never gives out keys, and is never DTLS_CONNECTED, before the peer's certificate of this very
 * handshake equals a fingerprint that dtls_set_remote_fingerprints brought.
 *
 * The caller feeds it only datagrams from an address that ICE has validated: it has no cookie
 * exchange (RFC 6347 §4.2.1), because ICE has proved the address already. */
#ifndef DUET_DTLS_HANDSHAKE_H
#define DUET_DTLS_HANDSHAKE_H

#include "base/clock.h"
#include "base/packet.h"
#include "dtls/flights.h"
#include "dtls/identity.h"
#include "dtls/keys.h"

/* The client sends the first flight (a=setup:active). DTLS_EITHER: we offered actpass and no answer
 * has come; a ClientHello makes us the server (RFC 5763 §5), dtls_set_role decides otherwise. */
enum dtls_role { DTLS_EITHER = 0, DTLS_CLIENT, DTLS_SERVER };

enum dtls_state {
    DTLS_NEW,        /* not started: what comes is kept, within DTLS_EARLY_MAX */
    DTLS_CONNECTING, /* handshake, or waiting for fingerprints after it */
    DTLS_CONNECTED,  /* done, and the certificate is the signaled one */
    DTLS_FAILED,     /* for good; the reason is in the event */
    DTLS_CLOSED      /* close_notify sent or received */
};

/* Bytes that we keep for a peer who is ahead of us: a flight before dtls_start, or the encrypted
 * part of a flight whose beginning is late. One flight is less than 3 KiB. */
#define DTLS_EARLY_MAX      4096
/* The largest message that a handshake may announce, and all that may be open at once: what an
 * unauthenticated peer makes OpenSSL keep stays below 24 KiB, on top of the buffers that any
 * handshake has. The longest message seen is 1461 bytes; a chain of certificates may have 4 KiB. */
#define DTLS_MESSAGE_MAX    (8 * 1024)
#define DTLS_REASSEMBLY_MAX (16 * 1024)
/* Of the payload of UDP: fits IPv6's 1280 with a TURN ChannelData header. */
#define DTLS_MTU_DEFAULT    1200
/* First retransmission after twice the round trip, at least 50 ms. RFC 6347 §4.2.4.1 says 1 s where
 * nothing is known, RFC 9147 §5.8.2 allows less where the round trip is known from elsewhere: ICE
 * has measured it. The RFC doubles each time, up to 60 s: four lost packets in a row cost 15 times
 * the first wait, which is seconds of silence for a person who waits for a call. We wait each time
 * twice before we double: the flights are one packet or two, so that four of them more load no
 * path, and each is waited for longer than its round trip. After DTLS_TIMER_PAIRS of those the
 * waits are DTLS_TIMER_CAP, so that OpenSSL's limit of 12 retransmissions lasts for some 20 s or
 * more; the rest of DTLS_GIVE_UP we only listen. */
#define DTLS_TIMER_MIN      MS(50)
#define DTLS_TIMER_CAP      SEC(5)
#define DTLS_TIMER_PAIRS    4
#define DTLS_TIMER_COUNT    12
/* Of those, how many may go early because media came (dtls_peer_has_keys): the others keep their
 * time, whoever sends what. */
#define DTLS_TIMER_HINTED   (DTLS_TIMER_COUNT / 2)
/* An alert that comes in clear may be anyone's who can write our peer's address into a packet. It
 * is believed when the handshake then stands still for so long, and our flight was repeated so
 * often without an answer: an honest peer says nothing more after a fatal alert (RFC 5246 §7.2.2),
 * but over a bad path a true one may be silent for longer than that. */
#define DTLS_ALERT_WAIT     SEC(5)
#define DTLS_ALERT_REPEATS  6
/* A handshake that is not done by then has failed. */
#define DTLS_GIVE_UP        SEC(30)

struct dtls_config {
    const struct dtls_identity *identity; /* may be freed once dtls_new has returned */
    enum dtls_role role;
    usec rtt_us;                         /* round trip as ICE measured it; 0: unknown */
    enum dtls_srtp_profile srtp_profile; /* this one alone; 0: all of ours, by preference */
    size_t mtu; /* the largest datagram to send; 0: DTLS_MTU_DEFAULT; 256 .. PACKET_MAX */
};

/* Failures that a program tells apart; of the others the reason says all. */
enum dtls_cause {
    DTLS_CAUSE_OTHER = 0,   /* or none: it has not failed */
    DTLS_CAUSE_FINGERPRINT, /* the certificate is not the signaled one (RFC 8122 §6.2) */
    DTLS_CAUSE_PROFILE,     /* no SRTP profile in common (RFC 5764 §4.1.1) */
    DTLS_CAUSE_SILENCE      /* not one datagram came */
};

struct dtls_event {
    enum dtls_event_type { DTLS_STATE } type;
    union {
        struct dtls_status {
            enum dtls_state state;
            enum dtls_cause cause;
            const char *reason; /* one line for people; NULL while all is well */
            /* "close_notify"... if the peer sent one or we did; else NULL. While DTLS_CONNECTING it
             * came in clear and awaits belief: DTLS_ALERT_WAIT. */
            const char *alert;
            bool alert_received; /* the alert came from the peer */
        } state;
    } as;
};

/* What was dropped and how often. None of these ends the connection. */
struct dtls_counters {
    uint64_t datagrams_in, datagrams_out;
    uint64_t malformed;       /* records or fragments that don't parse */
    uint64_t unexpected;      /* well-formed records with no place in the present state */
    uint64_t unproved_alerts; /* alerts in clear: see DTLS_ALERT_WAIT */
    uint64_t early_full;      /* what found DTLS_EARLY_MAX used up */
    uint64_t reassembly_full; /* fragments refused by DTLS_MESSAGE_MAX or DTLS_REASSEMBLY_MAX */
    uint64_t output_full;     /* our own records that the output queue had no room for */
    uint64_t retransmissions; /* flights sent again */
};

struct dtls; /* opaque */

/* Copies `cfg`. NULL: no memory. */
struct dtls *dtls_new(const struct dtls_config *cfg);
/* Wipes the keys. NULL is fine. */
void dtls_free(struct dtls *dtls);

/* One datagram from the peer. E_MALFORMED, E_UNSUPPORTED, E_FULL, E_STATE: (part of) it was
 * dropped, dtls_fault says why; nothing else changed. E_AUTH: the handshake failed with this
 * datagram, an event says how. */
enum err dtls_input(struct dtls *dtls, const struct packet *in, usec now);
/* Retransmits when it is time. Early or late is harmless. */
void dtls_tick(struct dtls *dtls, usec now);
/* The next datagram to send: bytes only, the route is left as it was. False: nothing. */
bool dtls_output(struct dtls *dtls, struct packet *out, usec now);
bool dtls_event(struct dtls *dtls, struct dtls_event *event);
/* TIME_NEVER: nothing due. */
usec dtls_deadline(const struct dtls *dtls);
/* Why the last dtls_input was refused; err == OK: it wasn't. */
const struct fault *dtls_fault(const struct dtls *dtls);

/* The path is there: the client sends its ClientHello, everyone reads what was kept. DTLS_EITHER
 * waits for a ClientHello or dtls_set_role, without limit. E_STATE: it was started before. */
enum err dtls_start(struct dtls *dtls, usec now);
/* Decides DTLS_EITHER. E_STATE: the role is another one already. */
enum err dtls_set_role(struct dtls *dtls, enum dtls_role role, usec now);
#define DTLS_FINGERPRINTS_MAX 16
/* The fingerprints of the remote description. Of those that use the strongest hash among them the
 * certificate must equal one (RFC 8122 §5.1); else the connection fails with bad_certificate
 * (RFC 8122 §6.2), or with close_notify when the handshake was already done: OpenSSL sends no other
 * alert then. May come before, during or after the handshake, which waits for them without limit;
 * a newer list replaces an older one until the certificate has been checked. E_MALFORMED: none,
 * more than DTLS_FINGERPRINTS_MAX, or one whose length is not its hash's: nothing changed. E_STATE:
 * the connection is over, or verified with another set already (RFC 8842 §4; their order does not
 * matter). */
enum err dtls_set_remote_fingerprints(struct dtls *dtls, const struct dtls_fingerprint *list,
                                      size_t count, usec now);
/* The list in force, at most `room` of it; returns how many it wrote. */
size_t dtls_remote_fingerprints(const struct dtls *dtls, struct dtls_fingerprint *out, size_t room);
/* A newer round trip: rules the next flight's timer. */
void dtls_set_rtt(struct dtls *dtls, usec rtt_us);
/* SRTP has come from the peer, who therefore has keys, while we have none: a client that has sent
 * its Finished sends it again early, since the server's was lost (RFC 6347 §4.2.4 allows the same
 * for application data). At any other time no true peer can have keys, and nothing happens. Whoever
 * forges such packets only has half of that one flight's repeats go out up to twice as fast. */
void dtls_peer_has_keys(struct dtls *dtls, usec now);
/* Sends close_notify (RFC 5246 §7.2.1) if a handshake was made, and is DTLS_CLOSED. */
void dtls_close(struct dtls *dtls, usec now);

/* The SRTP keys. E_STATE: not DTLS_CONNECTED; `out` is all zero then. Wipe them after use. */
enum err dtls_srtp(const struct dtls *dtls, struct dtls_srtp_keys *out);

/* The present state with reason and alert, as the last event said it. */
struct dtls_status dtls_status(const struct dtls *dtls);
/* "new", "connecting"... */
const char *dtls_state_name(enum dtls_state state);
enum dtls_role dtls_role(const struct dtls *dtls);
/* "DTLSv1.2"; NULL before a handshake is done. */
const char *dtls_version_name(const struct dtls *dtls);
/* "ECDHE-ECDSA-AES128-GCM-SHA256"; NULL before a handshake is done. */
const char *dtls_cipher_name(const struct dtls *dtls);
/* The same as the IANA registry has it, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", or NULL. */
const char *dtls_cipher_iana_name(const struct dtls *dtls);
/* The peer's certificate by `hash`, as soon as it has come (for logs). False: not yet. */
bool dtls_peer_fingerprint(const struct dtls *dtls, enum dtls_hash hash,
                           struct dtls_fingerprint *out);
const struct dtls_counters *dtls_counters(const struct dtls *dtls);
/* What the handshake has said so far, or had said when it was done. */
const struct dtls_flights *dtls_flights(const struct dtls *dtls);

#endif
