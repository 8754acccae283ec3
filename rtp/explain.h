/* RTP, RTCP and the payload formats told aloud, for `duet explain`: by the parsers of rtp/packet,
 * rtp/rtcp, rtp/feedback, rtp/vp8 and rtp/opus. RFC 3550, 8285, 4585, 5104, 3611, 8888, 7741, 6386,
 * 6716.
 *
 * Each takes the message that `x` was made with, or a view of it (offsets count from the start of
 * x's message), and fails `x` with the parser's fault; what was read before it stays. */
#ifndef DUET_RTP_EXPLAIN_H
#define DUET_RTP_EXPLAIN_H

#include "base/bytes.h"

struct explain; /* base/explain.h */

/* What a description says about the packets; all of it may be absent. */
struct rtp_explain_ext {
    uint16_t id; /* of an extmap line; one above 255 matches nothing */
    struct bytes uri;
};

struct rtp_explain_payload {
    uint8_t type;      /* payload type */
    struct bytes name; /* "VP8", "opus", "rtx": compared without case */
    uint32_t clock;    /* Hz; 0: not known */
};

struct rtp_explain_options {
    const struct rtp_explain_ext *exts; /* borrowed for the call */
    size_t ext_count;
    const struct rtp_explain_payload *payloads;
    size_t payload_count;
    bool is_protected; /* SRTP that is not decrypted: nothing behind the header is looked into */
};

/* One RTP packet. Header extensions are named by `options` (NULL: nothing is known) and those that
 * WebRTC uses are read; VP8 and Opus payloads, in RED too, are explained in fields below
 * "payload", where `options` names their type.
 *
 * Members: version padding extension marker payloadType sequenceNumber timestamp ssrc csrc[]
 * extensionProfile extensions[{id,data}] (with uri where it is known) payload payloadLength
 * paddingLength; bytes as lower-case hex. */
void rtp_explain(struct explain *x, struct bytes message,
                 const struct rtp_explain_options *options);

/* "SR", "NACK", "TWCC"...: what an RTCP packet is called; "unknown" for others, never NULL. */
struct rtcp_packet; /* rtp/rtcp.h */
const char *rtcp_name(const struct rtcp_packet *p);

/* One RTCP datagram in the clear, compound or of reduced size.
 *
 * Members: packets[], each with type (number), name, length (bytes, header and padding counted) and
 * by name
 *   SR RR   ssrc (SR: ntp rtpTime packetCount octetCount) reports[{ssrc fractionLost packetsLost
 *           highestSequence jitter lastSr delaySinceLastSr}]
 *   SDES    chunks[{ssrc items[{type name text}]}]
 *   BYE     ssrcs[] reason
 *   APP     subtype ssrc appName data
 *   all feedback: senderSsrc mediaSsrc, and
 *   NACK    lost[]
 *   TWCC    baseSeq statusCount referenceTime (in 64 ms) fbPktCount statuses[] (one number a
 * packet: 0 not received, 1 small delta, 2 large delta, 3 reserved) deltasUs[] (of the received)
 *   FIR     entries[{ssrc seqNr}]
 *   REMB    bitrate ssrcs[]
 *   CCFB    (senderSsrc alone) reports[{ssrc beginSeq numReports metrics[{received ecn ato}]}]
 *           reportTimestamp
 *   XR      ssrc blocks[{type name typeSpecific length} and ntp (type 4), reports[{ssrc lastRr
 *           delaySinceLastRr}] (type 5) or data]
 * and of other formats fci. `ntp` is text in decimal: 64 bits are more than a number of JSON holds.
 */
void rtcp_explain(struct explain *x, struct bytes message);

/* One SRTCP datagram that is not decrypted (RFC 3711 §3.4): only the header and the sender's SSRC
 * of its first packet are in the clear. Members: packets[] with one object, type name ssrc, and
 * protected (true). */
void srtcp_explain(struct explain *x, struct bytes message);

/* The payload of an RTP packet with VP8: descriptor and, where a frame begins, its header.
 *
 * Members: X N S PID I L T K (booleans, PID a number), pictureId tl0picidx tid y keyidx (where they
 * are there), descriptorLength payloadLength and, at the start of a frame, keyFrame, width and
 * height of a key frame. */
void vp8_explain(struct explain *x, struct bytes message);

/* The payload of an RTP packet with Opus.
 *
 * Members: config mode ("SILK", "hybrid", "CELT") bandwidth ("NB" to "FB") frameUs (length of one
 * frame) stereo code (0 to 3: how frames are told apart) frames samples (of all, at 48 kHz)
 * durationUs. */
void opus_explain(struct explain *x, struct bytes message);

#endif
