/* What a handshake has said so far, flight by flight (RFC 6347 §4.2.4: the messages that one side
 * sends before it waits for the other): for whoever asks why it did not succeed. */
#ifndef DUET_DTLS_FLIGHTS_H
#define DUET_DTLS_FLIGHTS_H

#include "base/bytes.h"
#include "base/clock.h"

#define DTLS_FLIGHTS_MAX 12 /* the first ones; a handshake has four, retransmissions add theirs */
/* Datagrams of one side that are so close are one flight; it is sent again no sooner. */
#define DTLS_FLIGHT_GAP  MS(20)
#define DTLS_FLIGHT_NONE 255 /* no handshake message in clear: alerts, or all is encrypted */

struct dtls_flight {
    bool sent; /* by us */
    usec at;   /* of its first datagram */
    unsigned datagrams;
    uint8_t first, last; /* enum dtls_handshake_type, or DTLS_FLIGHT_NONE */
};

struct dtls_flights {
    struct dtls_flight items[DTLS_FLIGHTS_MAX];
    size_t count;
    usec latest; /* when the last datagram of the last one went or came */
};

/* A datagram went or came. What breaks a rule in it ends the look. */
void dtls_flights_note(struct dtls_flights *flights, struct bytes datagram, bool sent, usec now);

#endif
