/* Which protocol a datagram belongs to when STUN, DTLS, TURN channels, SRTP and SRTCP share one
 * port: RFC 7983 §7 by the first byte, RFC 5761 §4 by the second. */
#ifndef DUET_PEER_DEMUX_H
#define DUET_PEER_DEMUX_H

#include "base/bytes.h"

enum demux {
    DEMUX_STUN,
    DEMUX_DTLS,
    DEMUX_CHANNEL, /* TURN ChannelData */
    DEMUX_RTP,
    DEMUX_RTCP,
    DEMUX_UNKNOWN
};

/* Looks at two bytes at most and trusts nothing behind them; an empty datagram is unknown. */
enum demux demux_of(struct bytes datagram);
/* "stun", "dtls"... Never NULL. */
const char *demux_name(enum demux kind);

#endif
