#include "dtls/flights.h"

#include "dtls/record.h"

/* The messages in clear, first and last. */
static void look(struct dtls_flight *flight, struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    struct dtls_record record;
    while (dtls_record_next(&r, &record)) {
        struct dtls_fragment fragment;
        struct reader body = reader_of(record.body);
        if (record.epoch != 0 || record.type != DTLS_CONTENT_HANDSHAKE) continue;
        while (dtls_fragment_next(&body, &fragment)) {
            if (flight->first == DTLS_FLIGHT_NONE) flight->first = fragment.type;
            flight->last = fragment.type;
        }
    }
}

void dtls_flights_note(struct dtls_flights *flights, struct bytes datagram, bool sent, usec now)
{
    struct dtls_flight *last = flights->count > 0 ? &flights->items[flights->count - 1] : NULL;
    bool goes_on = last && last->sent == sent && now - flights->latest < DTLS_FLIGHT_GAP;
    if (!goes_on && flights->count == DTLS_FLIGHTS_MAX) return;
    if (!goes_on) {
        last = &flights->items[flights->count++];
        *last = (struct dtls_flight){
            .sent = sent, .at = now, .first = DTLS_FLIGHT_NONE, .last = DTLS_FLIGHT_NONE};
    }
    flights->latest = now;
    last->datagrams++;
    look(last, datagram);
}
