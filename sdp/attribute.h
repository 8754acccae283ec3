/* The attributes that WebRTC descriptions carry, typed: one table of names, parsers and
 * sections of RFCs. RFC 8866 §6, and for each attribute the RFC that sdp_attr_spec() names.
 *
 * All views point into the text (or the arena) of the description that was parsed. */
#ifndef DUET_SDP_ATTRIBUTE_H
#define DUET_SDP_ATTRIBUTE_H

#include "base/arena.h"

/* In the order of their names. */
enum sdp_attr {
    SDP_ATTR_UNKNOWN = 0, /* kept as text, never answered */
    SDP_ATTR_BUNDLE_ONLY,
    SDP_ATTR_CANDIDATE,
    SDP_ATTR_END_OF_CANDIDATES,
    SDP_ATTR_EXTMAP,
    SDP_ATTR_EXTMAP_ALLOW_MIXED,
    SDP_ATTR_FINGERPRINT,
    SDP_ATTR_FMTP,
    SDP_ATTR_GROUP,
    SDP_ATTR_ICE_LITE,
    SDP_ATTR_ICE_OPTIONS,
    SDP_ATTR_ICE_PWD,
    SDP_ATTR_ICE_UFRAG,
    SDP_ATTR_INACTIVE,
    SDP_ATTR_MAX_MESSAGE_SIZE,
    SDP_ATTR_MAXPTIME,
    SDP_ATTR_MID,
    SDP_ATTR_MSID,
    SDP_ATTR_MSID_SEMANTIC,
    SDP_ATTR_PTIME,
    SDP_ATTR_RECVONLY,
    SDP_ATTR_RID,
    SDP_ATTR_RTCP,
    SDP_ATTR_RTCP_FB,
    SDP_ATTR_RTCP_MUX,
    SDP_ATTR_RTCP_MUX_ONLY,
    SDP_ATTR_RTCP_RSIZE,
    SDP_ATTR_RTPMAP,
    SDP_ATTR_SCTP_PORT,
    SDP_ATTR_SENDONLY,
    SDP_ATTR_SENDRECV,
    SDP_ATTR_SETUP,
    SDP_ATTR_SIMULCAST,
    SDP_ATTR_SSRC,
    SDP_ATTR_SSRC_GROUP,
    SDP_ATTR_TLS_ID,
    SDP_ATTR_COUNT
};

/* Direction, from the side of whoever wrote the description (RFC 8866 §6.7). Bits, so that
 * "what both want" is an `&`. */
enum sdp_direction {
    SDP_INACTIVE = 0,
    SDP_SENDONLY = 1,
    SDP_RECVONLY = 2,
    SDP_SENDRECV = 3,
    SDP_SEND = SDP_SENDONLY,
    SDP_RECV = SDP_RECVONLY
};

/* RFC 4145 §4, RFC 5763 §5. */
enum sdp_setup { SDP_SETUP_NONE = 0, SDP_ACTPASS, SDP_ACTIVE, SDP_PASSIVE, SDP_HOLDCONN };

/* RFC 8122 §5. Others are kept with SDP_HASH_OTHER and never compared. */
enum sdp_hash { SDP_HASH_OTHER = 0, SDP_SHA1, SDP_SHA256, SDP_SHA384, SDP_SHA512 };

/* Header extensions that we know by URI (RFC 8285 §5). */
enum sdp_ext {
    SDP_EXT_OTHER = 0,
    SDP_EXT_MID,           /* RFC 9143 §15.1 */
    SDP_EXT_RID,           /* RFC 8852 §4.1: rtp-stream-id */
    SDP_EXT_REPAIRED_RID,  /* RFC 8852 §4.2: repaired-rtp-stream-id */
    SDP_EXT_AUDIO_LEVEL,   /* RFC 6464 */
    SDP_EXT_ABS_SEND_TIME, /* libwebrtc's abs-send-time */
    SDP_EXT_TRANSPORT_CC,  /* draft-holmer-rmcat-transport-wide-cc-extensions-01 */
    SDP_EXT_COUNT
};

/* RTCP feedback, as bits (RFC 4585 §4.2, RFC 5104 §7.1). */
enum sdp_feedback {
    SDP_FB_NACK = 1,
    SDP_FB_NACK_PLI = 2,
    SDP_FB_CCM_FIR = 4,
    SDP_FB_TRANSPORT_CC = 8,
    SDP_FB_GOOG_REMB = 16,
    SDP_FB_ALL = 31
};

#define SDP_PT_MAX  127 /* RFC 3550 §5.1: seven bits */
#define SDP_PT_NONE 255 /* no payload type: "*" in rtcp-fb, a format that is no number */

struct sdp_rtpmap {    /* RFC 8866 §6.6 */
    struct bytes name; /* compared without case */
    uint32_t clock;    /* Hz, never 0 */
    uint8_t pt;
    uint8_t channels; /* 1 where the line says nothing */
};

struct sdp_fmtp {        /* RFC 8866 §6.15 */
    struct bytes params; /* all after the format: "apt=96" */
    uint8_t pt;
};

struct sdp_rtcp_fb {    /* RFC 4585 §4.2 */
    struct bytes value; /* "nack pli" */
    uint8_t pt;         /* SDP_PT_NONE: "*", every one of the section */
    uint8_t feedback;   /* enum sdp_feedback, 0: not known to us */
};

struct sdp_extmap { /* RFC 8285 §5 */
    struct bytes uri;
    uint16_t id;       /* 1-255, or 4096-4351: offered without a number */
    uint8_t direction; /* enum sdp_direction */
    uint8_t ext;       /* enum sdp_ext */
};

struct sdp_fingerprint { /* RFC 8122 §5 */
    struct bytes digest; /* raw bytes, in the arena */
    struct bytes name;   /* as written: "sha-256" */
    enum sdp_hash hash;
};

struct sdp_group { /* RFC 5888 §5 */
    struct bytes semantics;
    const struct bytes *mids; /* `count` of them, in the arena */
    size_t count;
};

struct sdp_msid {        /* RFC 8830 §2 */
    struct bytes stream; /* "-": in no stream */
    struct bytes track;  /* empty: not given */
};

struct sdp_rid { /* RFC 8851 §4, §10 */
    struct bytes id;
    struct bytes params;          /* "pt=96;max-width=640", perhaps empty */
    enum sdp_direction direction; /* SDP_SENDONLY or SDP_RECVONLY */
};

struct sdp_simulcast { /* RFC 8853 §5.1; each list as text: "q;h;~f,g" */
    struct bytes send, recv;
};

struct sdp_ssrc {             /* RFC 5576 §4.1 */
    struct bytes name, value; /* "cname" and what follows the colon */
    uint32_t id;
};

struct sdp_ssrc_group { /* RFC 5576 §4.2 */
    struct bytes semantics;
    const uint32_t *ssrcs; /* `count` of them, in the arena */
    size_t count;
};

/* The value of a known attribute; which member counts follows from the enum sdp_attr. */
union sdp_value {
    struct sdp_rtpmap rtpmap;
    struct sdp_fmtp fmtp;
    struct sdp_rtcp_fb rtcp_fb;
    struct sdp_extmap extmap;
    struct sdp_fingerprint fingerprint;
    struct sdp_group group;
    struct sdp_msid msid;
    struct sdp_rid rid;
    struct sdp_simulcast simulcast;
    struct sdp_ssrc ssrc;
    struct sdp_ssrc_group ssrc_group;
    enum sdp_setup setup;
    uint64_t number; /* ptime, maxptime, rtcp, sctp-port, max-message-size */
};

/* Which attribute a name is; SDP_ATTR_UNKNOWN: none that we know. Names differ by case (RFC 8866
 * §5.13). */
enum sdp_attr sdp_attr_find(struct bytes name);
/* The name as written, "" for SDP_ATTR_UNKNOWN. */
const char *sdp_attr_name(enum sdp_attr attr);
/* Where it is defined, "RFC 8866 6.6"; "RFC 8866 5.13" for the unknown. */
const char *sdp_attr_spec(enum sdp_attr attr);

/* Parses the value of one attribute line. `value` is what follows the colon; {NULL, 0}: there was
 * no colon. Lists go into the arena. Errors: E_MALFORMED, or E_NOMEM, with `fault->rule` set and
 * `fault->offset` counted from `value`. For those without a typed value only the presence or
 * absence of one is checked. */
enum err sdp_attr_parse(enum sdp_attr attr, struct bytes value, struct arena *arena,
                        union sdp_value *out, struct fault *fault);

/* The value of one parameter of a format ("useinbandfec" in "minptime=10;useinbandfec=1"), names
 * without case as RFC 4855 §1 has it for media types. False: not there. */
bool sdp_fmtp_get(struct bytes params, const char *name, struct bytes *value);

const char *sdp_direction_name(enum sdp_direction direction);
const char *sdp_setup_name(enum sdp_setup setup);
/* "sha-256" and so on; "" for SDP_HASH_OTHER. */
const char *sdp_hash_name(enum sdp_hash hash);
/* Bytes of a digest; 0 for SDP_HASH_OTHER. */
size_t sdp_hash_len(enum sdp_hash hash);
const char *sdp_ext_uri(enum sdp_ext ext);
/* "nack pli"; `feedback` is one bit of enum sdp_feedback. */
const char *sdp_feedback_name(enum sdp_feedback feedback);
/* The same track seen from the other side: sendonly becomes recvonly (RFC 3264 §6.1). */
enum sdp_direction sdp_direction_reverse(enum sdp_direction direction);

#endif
