/* What offers, answers and agreements share: our side of a session as plain structs, and the
 * choice of what we take of an offered section. RFC 3264, RFC 8829 §5.
 *
 * How it is used (all functions are pure: structs and text in, text or structs out):
 *
 *   we offer:     sdp_offer()  -> text to the peer; the peer's answer -> sdp_parse();
 *                 sdp_agree(&agreed, &our_offer, &answer, true)
 *   they offer:   sdp_parse() their offer; sdp_answer() -> text to the peer, and sdp_parse() it;
 *                 sdp_agree(&agreed, &offer, &our_answer, false)
 */
#ifndef DUET_SDP_NEGOTIATE_H
#define DUET_SDP_NEGOTIATE_H

#include "sdp/numbers.h"

/* What we implement. Whatever is not in here is neither offered nor answered. */
struct sdp_caps {
    bool opus, vp8;
    bool rtx;               /* RFC 4588, for video */
    uint8_t audio_feedback; /* bits of enum sdp_feedback */
    uint8_t video_feedback;
    uint32_t extensions;  /* bits 1 << enum sdp_ext; audio level is for audio alone */
    bool rtcp_rsize;      /* RFC 5506 */
    bool two_byte_extmap; /* RFC 8285 §4.3: ids above 14, extmap-allow-mixed */
};

/* All that this stack does when every module is whole. */
#define SDP_CAPS_ALL                                                                               \
    ((struct sdp_caps){.opus = true,                                                               \
                       .vp8 = true,                                                                \
                       .rtx = true,                                                                \
                       .audio_feedback = SDP_FB_TRANSPORT_CC,                                      \
                       .video_feedback =                                                           \
                           SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_CCM_FIR | SDP_FB_TRANSPORT_CC,   \
                       .extensions = 1u << SDP_EXT_MID | 1u << SDP_EXT_ABS_SEND_TIME |             \
                                     1u << SDP_EXT_TRANSPORT_CC | 1u << SDP_EXT_AUDIO_LEVEL,       \
                       .rtcp_rsize = true})

/* Our side of the session, for one offer or answer. Everything is borrowed for the call. */
struct sdp_local {
    uint64_t session_id; /* o=: the same for a whole session, below 2^63 (RFC 8829 §5.2.1) */
    uint64_t version;    /* o=: one more for each description that differs */
    struct bytes ufrag, pwd;
    const struct sdp_fingerprint *fingerprints; /* `hash` and `digest` are used */
    size_t fingerprint_count;
    /* Answers to actpass: SDP_ACTIVE or SDP_PASSIVE; SDP_SETUP_NONE means active (RFC 5763 §5).
     * While a DTLS association lives, the role that it has (RFC 8842 §5.3). Offers are actpass. */
    enum sdp_setup setup;
    struct bytes cname; /* RFC 7022; random for each session */
    /* "candidate:..." as ice/ writes them, all of the one bundled transport; may be none. */
    const struct bytes *candidates;
    size_t candidate_count;
    bool end_of_candidates;
    struct sdp_caps caps;
    /* For offers: the descriptions in force, NULL before the first. Payload types and extension
     * numbers keep their meaning from them (RFC 3264 §8.3.2), and from `numbers`, which knows those
     * of the descriptions before; NULL: there were none. */
    const struct sdp *current_local, *current_remote;
    const struct sdp_numbers *numbers;
};

/* What we want of one media section; the i-th is for the i-th m= line, for the whole session
 * (RFC 8829 §5.2.2): sections are never removed, a stopped one keeps its place until another mid
 * takes it over. */
struct sdp_wish {
    enum sdp_kind kind;
    bool stopped; /* port 0 */
    enum sdp_direction direction;
    struct bytes mid;           /* offers; answers repeat the mid of the offer */
    struct bytes stream, track; /* msid when we send; empty stream: "-". Two sections must
                                   not share a pair (RFC 8830 §2; Chromium refuses it) */
    uint32_t ssrc;              /* ours, when we send; 0: none is written */
    uint32_t rtx_ssrc;          /* video; 0: none */
    struct bytes m_text;        /* SDP_OTHER, stopped: the m= line's value as it was offered */
};

/* What we take of a section: the intersection of their offer and our caps, in offered numbers. */
struct sdp_choice {
    bool taken;                           /* false: the section is rejected */
    const struct sdp_codec *codec;        /* the first that both do */
    const struct sdp_codec *rtx;          /* its rtx, or NULL */
    uint8_t feedback;                     /* enum sdp_feedback for `codec` */
    uint16_t ext_id[SDP_EXT_COUNT];       /* 0: not taken */
    uint8_t ext_direction[SDP_EXT_COUNT]; /* enum sdp_direction, theirs */
};

/* `offered` is a section of `offer`. */
struct sdp_choice sdp_choose(const struct sdp *offer, const struct sdp_section *offered,
                             const struct sdp_caps *caps);

#endif
