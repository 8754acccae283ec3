/* One call's share of --pcap and --keylog: datagrams as they crossed the sockets, what was inside
 * SRTP, and the secrets that open the rest. */
#ifndef DUET_APPS_WIRETAP_H
#define DUET_APPS_WIRETAP_H

#include "apps/recorder.h"
#include "peer/connection.h"

/* The plain interface calls us 198.51.100.1 and the peer 198.51.100.2: RFC 5737's addresses, which
 * nobody has, so that readers don't take its packets for those of the wire. Its ports are RTP's
 * (RFC 3551 §8), and the next even ones for the calls after the first. */
#define WIRETAP_PORT    5004
#define WIRETAP_FORMATS 32

struct wiretap {
    struct recorder *recorder;
    unsigned call;
    struct addr us, peer; /* on the plain interface */
    /* Payload types of the answer, as its "a=rtpmap:" lines have them. */
    char formats[WIRETAP_FORMATS][64];
    size_t format_count;
    /* Blocks that wait for the secrets, since packets that need them cross the socket before the
     * connection gets them (--impair); NULL: nothing waits. */
    uint8_t *waiting;
    size_t waiting_len;
    usec waiting_since;
};

/* What may wait: the checks and the handshake are some 10 KiB. More, and it goes on without. */
#define WIRETAP_WAITING ((size_t)64 << 10)

/* `recorder` is borrowed. `early`: packets are shown before the connection has them. */
void wiretap_init(struct wiretap *t, struct recorder *recorder, unsigned call, bool early);
/* Is it an address of the plain interface? For who reads such a file again. */
bool wiretap_is_plain(const struct addr *a);
/* Writes what still waits. */
void wiretap_end(struct wiretap *t);
/* A datagram crossed a socket. */
void wiretap_wire(struct wiretap *t, const struct packet *p, bool sent, usec now);
void wiretap_plain(struct wiretap *t, const struct peer_plain *p, usec now);
/* An answer went or came: the payload types are known. */
void wiretap_answer(struct wiretap *t, struct bytes sdp, usec now);
/* Takes the connection's key log line, if there is one now: before the packets that need it. */
void wiretap_keylog(struct wiretap *t, struct peer *peer, usec now);

#endif
