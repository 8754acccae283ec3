/* A session description as a tree of plain structs: every line in its order, and beside them what
 * the lines say. RFC 8866 §5, RFC 8829 §5. Filled by sdp/parse.h, read by everyone. */
#ifndef DUET_SDP_MODEL_H
#define DUET_SDP_MODEL_H

#include "sdp/attribute.h"

/* What bounds a description. A longer one is refused with E_FULL. */
#define SDP_TEXT_MAX     65536 /* bytes: a signaling message holds no more */
#define SDP_LINES_MAX    256 /* per media section, its m= line counted; the same before the first */
#define SDP_SECTIONS_MAX 64

#define SDP_FINGERPRINTS_MAX 8 /* of one section; later ones are lines only */

enum sdp_kind { SDP_OTHER = 0, SDP_AUDIO, SDP_VIDEO, SDP_APPLICATION };

/* The codecs that we tell apart; all others are SDP_CODEC_OTHER with their name. */
enum sdp_codec_id {
    SDP_CODEC_OTHER = 0,
    SDP_OPUS, /* RFC 7587: opus/48000/2 */
    SDP_VP8,  /* RFC 7741: VP8/90000 */
    SDP_RTX,  /* RFC 4588 */
    SDP_CODEC_COUNT
};

struct sdp_line {
    char type;          /* 'v', 'o', 'm', 'a'... */
    uint8_t attr;       /* enum sdp_attr; SDP_ATTR_UNKNOWN unless type is 'a' */
    struct bytes text;  /* the whole line, without its end: "a=mid:0" */
    struct bytes value; /* after "=", or after an attribute's ":" ({NULL, 0}: it has none) */
    union sdp_value as; /* of a known attribute */
};

/* A run of lines. */
struct sdp_lines {
    const struct sdp_line *at;
    size_t count;
};

/* One payload type of an m= line, with all that other lines say about it. Lines about payload
 * types that the m= line does not list are ignored: Firefox writes such rtcp-fb lines. */
struct sdp_codec {
    struct bytes name; /* empty: no rtpmap line */
    struct bytes fmtp; /* empty: none */
    uint32_t clock;
    uint8_t pt;
    uint8_t channels;
    uint8_t id;       /* enum sdp_codec_id */
    uint8_t apt;      /* SDP_RTX: the payload type that it repeats, else SDP_PT_NONE */
    uint8_t feedback; /* enum sdp_feedback */
};

/* One m= line and what follows it. Where a section has no value of its own, the one of the session
 * counts (RFC 8866 §5.13): ufrag, pwd, ice-options, fingerprints, setup, direction. */
struct sdp_section {
    struct sdp_lines lines; /* the m= line first */

    enum sdp_kind kind;
    struct bytes media;    /* "audio" */
    uint16_t port;         /* 0: rejected, or bundle-only */
    struct bytes protocol; /* "UDP/TLS/RTP/SAVPF" */
    struct bytes formats;  /* "111 63 9" */

    struct bytes mid; /* empty: none */
    enum sdp_direction direction;
    struct bytes ice_ufrag, ice_pwd, ice_options;
    bool ice_lite; /* of the session */
    enum sdp_setup setup;
    struct bytes tls_id;
    const struct sdp_fingerprint *fingerprints;
    size_t fingerprint_count;
    size_t candidate_count;
    bool end_of_candidates;
    bool bundle_only;    /* and port 0: not a rejection (RFC 9143 §6) */
    bool has_connection; /* a c= line here or at session level */
    bool rtcp_mux, rtcp_mux_only, rtcp_rsize;
    bool extmap_allow_mixed; /* here or at session level (RFC 8285 §6) */

    const struct sdp_codec *codecs; /* in the order of the m= line; none if it is not RTP */
    size_t codec_count;
    /* Its own, or those of the session: RFC 8285 §5 has either, never both. */
    const struct sdp_extmap *extmaps;
    size_t extmap_count;
    struct sdp_msid msid; /* the first; empty stream: none */
    size_t rid_count;
    const struct sdp_simulcast *simulcast; /* NULL: none */
    uint16_t sctp_port;
    uint64_t max_message_size; /* as written; RFC 8841 §6: 65536 where there is none */
};

/* o= (RFC 8866 §5.2). */
struct sdp_origin {
    struct bytes user, session_id, version, net_type, addr_type, address;
};

struct sdp {
    struct bytes text;        /* our copy of the whole description */
    struct sdp_lines lines;   /* every line */
    struct sdp_lines session; /* those before the first m= */
    struct sdp_origin origin;
    struct bytes name; /* s= */
    bool ice_lite;
    const struct sdp_group *groups;
    size_t group_count;
    const struct sdp_section *sections;
    size_t section_count;
    const struct sdp_section *transport; /* what sdp_transport_section() answers */

    struct fault fault; /* why it was refused */
    struct arena arena; /* owns all of the above */
};

/* The next line of this attribute after `after` (NULL: from the start), or NULL. */
const struct sdp_line *sdp_next(struct sdp_lines lines, enum sdp_attr attr,
                                const struct sdp_line *after);
/* Rejected or switched off: port 0 without bundle-only (RFC 3264 §6, RFC 9143 §6). In an answer
 * port 0 always rejects: look at `port` there. */
bool sdp_is_rejected(const struct sdp_section *section);
/* The section with this identification-tag, or NULL. */
const struct sdp_section *sdp_find_mid(const struct sdp *sdp, struct bytes mid);
/* The first BUNDLE group, or NULL (RFC 9143 §4). */
const struct sdp_group *sdp_bundle(const struct sdp *sdp);
bool sdp_group_has(const struct sdp_group *group, struct bytes mid);
/* The section whose ICE and DTLS attributes count for everything bundled: the first of the BUNDLE
 * group that is not rejected, else the first that is not. NULL: all are rejected. */
const struct sdp_section *sdp_transport_section(const struct sdp *sdp);
/* rtcp-mux stands in the section, or in the one that carries the bundle it is in (RFC 9143 §7.1.3:
 * there alone in what follows RFC 9143 to the letter). */
bool sdp_has_rtcp_mux(const struct sdp *sdp, const struct sdp_section *section);
const struct sdp_codec *sdp_find_codec(const struct sdp_section *section, uint8_t pt);
size_t sdp_section_index(const struct sdp *sdp, const struct sdp_section *section);

const char *sdp_kind_name(enum sdp_kind kind);
const char *sdp_codec_name(enum sdp_codec_id id);

#endif
