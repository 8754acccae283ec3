/* ws:// and wss:// URIs (RFC 6455 §3, RFC 3986) that name a room: ws://HOST:PORT/ws?room=ROOM. */
#ifndef DUET_SIGNALING_URL_H
#define DUET_SIGNALING_URL_H

#include "signaling/message.h"

#define SIG_HOST_MAX   253 /* a name in DNS: RFC 1035 §2.3.4 as text */
#define SIG_TARGET_MAX 1024

struct sig_url {
    bool secure; /* wss: TLS, and the certificate must be for `host` */
    uint16_t port;
    char host[SIG_HOST_MAX + 1];       /* a name or an address literal, IPv6 without brackets */
    char authority[SIG_HOST_MAX + 16]; /* what the Host field says: brackets, port if not default */
    char target[SIG_TARGET_MAX + 1];   /* path and query, at least "/" */
    char room[SIG_ROOM_NAME_MAX + 1];
    struct fault fault;
};

/* E_UNSUPPORTED: another scheme; E_MALFORMED: the offset says where, the rule what to write
 * instead; E_FULL: a bound above. A missing or invalid room is E_MALFORMED. */
enum err sig_url_parse(struct sig_url *url, struct bytes text);

#endif
