/* The browser's RTCIceServer array (W3C webrtc §4.2.2) as --ice-servers takes it. RFC 7064, 7065.
 */
#ifndef DUET_APPS_ICESERVERS_H
#define DUET_APPS_ICESERVERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ICE_SERVERS_MAX 4

struct ice_servers {
    struct {
        char host[256];
        uint16_t port;
    } stun[ICE_SERVERS_MAX];
    size_t stun_count;
    size_t turn_count; /* turn: and turns: URLs, counted only */
};

/* `text`: the JSON itself, "@FILE" to read it from, or NULL for none. E_MALFORMED: `why` says what
 * is wrong with it; E_STATE, E_NOMEM: why it can't be read. */
enum err ice_servers_parse(const char *text, struct ice_servers *out, char *why, size_t room);

#endif
