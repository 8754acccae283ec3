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
};

/* One RTP packet in the clear. Header extensions are named by `options` (NULL: nothing is known)
 * and those that WebRTC uses are read; VP8 and Opus payloads are explained in fields below
 * "payload".
 *
 * Members: version padding extension marker payloadType sequenceNumber timestamp ssrc csrc[]
 * extensionProfile extensions[{id,data}] (with uri where it is known) payload payloadLength
 * paddingLength; bytes as lower-case hex. */
void rtp_explain(struct explain *x, struct bytes message,
                 const struct rtp_explain_options *options);

/* One RTCP datagram in the clear, compound or of reduced size.
 *
 * Members: packets[], each with type (number), name, length (bytes, its header counted) and by
 * name: SR RR: ssrc, (SR: ntp rtpTime packetCount octetCount,) reports[{ssrc fractionLost
 * packetsLost highestSequence jitter lastSr delaySinceLastSr}]; SDES: chunks[{ssrc,
 * items[{type,name,text}]}]; BYE: ssrcs[] reason; APP: subtype ssrc appName data; feedback:
 * senderSsrc mediaSsrc and NACK lost[]; TWCC baseSeq statusCount referenceTime fbPktCount
 * statuses[] (numbers: 0 not received, 1 small, 2 large delta, 3 reserved, one of each packet)
 * deltasUs[] (of the received ones); FIR entries[{ssrc,seqNr}]; REMB bitrate ssrcs[]; CCFB
 * reports[{ssrc beginSeq metrics[{received ecn ato}]}] reportTimestamp; XR: ssrc
 * blocks[{type,name,typeSpecific,length, ...}]. `ntp` is text, 64 bits in hex: no number of JSON
 * holds it. */
void rtcp_explain(struct explain *x, struct bytes message);

/* The payload of an RTP packet with VP8: descriptor and, where a frame begins, its header.
 *
 * Members: X N S PID I L T K (booleans, PID a number), pictureId tl0picidx tid y keyidx (where they
 * are there), descriptorLength payloadLength and, at the start of a frame, keyFrame, width and
 * height of a key frame. */
void vp8_explain(struct explain *x, struct bytes message);

/* The payload of an RTP packet with Opus.
 *
 * Members: config mode bandwidth frameSizeMs stereo code frames frameLengths[] durationMs
 * paddingLength. */
void opus_explain(struct explain *x, struct bytes message);

#endif
