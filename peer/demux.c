#include "peer/demux.h"

enum demux demux_of(struct bytes datagram)
{
    if (datagram.len == 0) return DEMUX_UNKNOWN;
    uint8_t first = datagram.at[0];
    if (first <= 3) return DEMUX_STUN;
    if (first >= 20 && first <= 63) return DEMUX_DTLS;
    if (first >= 64 && first <= 79) return DEMUX_CHANNEL;
    if (first < 128 || first > 191 || datagram.len < 2) return DEMUX_UNKNOWN;
    /* RFC 5761 §4: RTCP packet types 192 to 223 would be RTP payload types 64 to 95 with the
     * marker bit, which is why those are not used. */
    return datagram.at[1] >= 192 && datagram.at[1] <= 223 ? DEMUX_RTCP : DEMUX_RTP;
}

const char *demux_name(enum demux kind)
{
    switch (kind) {
    case DEMUX_STUN: return "stun";
    case DEMUX_DTLS: return "dtls";
    case DEMUX_CHANNEL: return "turn-channel";
    case DEMUX_RTP: return "rtp";
    case DEMUX_RTCP: return "rtcp";
    case DEMUX_UNKNOWN: break;
    }
    return "unknown";
}
