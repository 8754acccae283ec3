/* What an offer and its answer mean together, seen from our side: RFC 3264 §6 to §8, RFC 8829 §5.9
 * to §5.11. */
#ifndef DUET_SDP_AGREE_H
#define DUET_SDP_AGREE_H

#include "sdp/check.h"

#define SDP_AGREED_CODECS     4   /* of one section; rtx is part of its codec */
#define SDP_AGREED_STREAMS    8   /* remote SSRCs with their rtx, of one section */
#define SDP_AGREED_CANDIDATES 100 /* of one description (ICE keeps no more) */

/* Who sends the ClientHello (RFC 5763 §5). */
enum sdp_dtls_role { SDP_DTLS_CLIENT, SDP_DTLS_SERVER };

struct sdp_agreed_codec {
    enum sdp_codec_id id; /* SDP_OPUS or SDP_VP8 */
    uint8_t send_pt;      /* what we put into packets: the number in their description */
    uint8_t recv_pt;      /* what they put: the number in ours */
    uint8_t rtx_send_pt;  /* SDP_PT_NONE: no retransmission stream */
    uint8_t rtx_recv_pt;
    uint8_t feedback; /* enum sdp_feedback that both wrote */
    uint8_t channels;
    uint32_t clock;    /* Hz */
    struct bytes fmtp; /* theirs: what they want to receive */
    bool in_band_fec;  /* opus: they can use it (RFC 7587 §6.1) */
};

/* One remote source (RFC 5576). */
struct sdp_stream {
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0: none; from ssrc-group FID (RFC 5576 §4.2, RFC 4588 §8) */
    struct bytes cname;
};

struct sdp_agreed_section {
    enum sdp_kind kind;
    bool rejected;   /* nothing else counts then but kind and mid */
    bool send, recv; /* we */
    struct bytes mid;
    struct sdp_agreed_codec codecs[SDP_AGREED_CODECS]; /* the first is the preferred one */
    size_t codec_count;
    /* Header extensions by enum sdp_ext; 0: not to be used. */
    uint8_t ext_send[SDP_EXT_COUNT], ext_recv[SDP_EXT_COUNT];
    bool rtcp_rsize;            /* both wrote it (RFC 5506 §5.1) */
    struct bytes stream, track; /* msid of what they send; empty: none */
    struct sdp_stream streams[SDP_AGREED_STREAMS];
    size_t stream_count;
};

struct sdp_agreed_candidate {
    struct bytes text; /* "candidate:...": for ice/ to parse */
    struct bytes mid;
    size_t section;
};

/* The one transport that everything is bundled on; meaningless while `used` is false. */
struct sdp_agreed_transport {
    bool used;               /* false: every section is rejected */
    struct bytes mid;        /* of the section that carries it; empty: the peer knows no mids */
    size_t section;          /* its index */
    struct bytes ufrag, pwd; /* theirs */
    bool ice_lite;           /* theirs: then we are controlling (RFC 8445 §6.1.1) */
    bool trickle;            /* their ice-options (RFC 8840 §4) */
    enum sdp_dtls_role role; /* ours, from both setup attributes alone */
    struct sdp_fingerprint fingerprints[SDP_FINGERPRINTS_MAX]; /* theirs; any may match */
    size_t fingerprint_count;
    const struct sdp_agreed_candidate *candidates; /* theirs, component 1 and others alike */
    size_t candidate_count;
    size_t candidates_dropped; /* beyond SDP_AGREED_CANDIDATES */
    bool end_of_candidates;
};

/* Stands alone: all views point into its arena. */
struct sdp_agreed {
    struct sdp_agreed_section *sections; /* in the order of the m= lines */
    size_t section_count;
    struct sdp_agreed_transport transport;
    struct fault fault;
    struct arena arena;
};

/* `we_offered` tells which of the two is ours. Errors, told in `out->fault` (its offset counts from
 * the start of the remote description): what sdp_check() says about the remote description;
 * E_MALFORMED: the answer does not fit its offer (number, order, kinds, mids, bundle, setup, no
 * payload type of the offer); E_UNSUPPORTED: an answer that splits the bundle; E_NOMEM. After an
 * error there is nothing to free, though sdp_agreed_free() does no harm. */
enum err sdp_agree(struct sdp_agreed *out, const struct sdp *offer, const struct sdp *answer,
                   bool we_offered);
void sdp_agreed_free(struct sdp_agreed *agreed);

/* Whether a new description of theirs restarts ICE: ufrag or pwd differ from those in force (RFC
 * 8839 §4.4.1.1.1). False where either has no transport. */
bool sdp_restarts_ice(const struct sdp_agreed_transport *in_force, const struct sdp *now);

#endif
