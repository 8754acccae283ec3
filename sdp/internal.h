/* What the files of sdp/ share and nobody else needs. */
#ifndef DUET_SDP_INTERNAL_H
#define DUET_SDP_INTERNAL_H

#include "sdp/negotiate.h"

/* The bound of all that one description may take: the lines of the longest text, typed, and the
 * lists in them. */
#define SDP_ARENA_MAX (4u << 20)

/* Fills `section` from its lines, which are typed already as the members of the m= line are.
 * `defaults` is what the session's lines said; NULL: these are the session's own lines. Errors:
 * E_NOMEM, or a format that is no payload type; `fault->offset` counts from the formats. */
enum err sdp_section_gather(struct sdp_section *section, const struct sdp_section *defaults,
                            struct arena *arena, struct fault *fault);
/* Looks for what sdp_transport_section() answers: once for each description, since it compares mids
 * of a list with those of all sections. */
const struct sdp_section *sdp_find_transport(const struct sdp *sdp);
/* RTP/AVP and its relatives (RFC 8829 §5.1.2). */
bool sdp_is_rtp(struct bytes protocol);
/* The section of one description that describes the transport which `section` carries: itself, or
 * the tagged one that it left ICE and DTLS to (RFC 9143 §7.1.3). */
const struct sdp_section *sdp_transport_source(const struct sdp *sdp,
                                               const struct sdp_section *section);
/* Has ICE credentials, fingerprint and setup, its own or the session's. */
bool sdp_has_transport(const struct sdp_section *section);

/* RFC 5761 §4: with rtcp-mux payload types 64 to 95 look like RTCP packet types 192 to 223. */
bool sdp_clashes_with_rtcp(uint8_t pt);
/* The retransmission format of a codec (RFC 4588 §8.6), or NULL. */
const struct sdp_codec *sdp_find_rtx(const struct sdp_section *section,
                                     const struct sdp_codec *codec);

/* One media section of ours before it is text. */
struct sdp_draft {
    enum sdp_kind kind;
    uint16_t port; /* 0: rejected, or bundle-only */
    bool bundle_only;
    bool carries_transport; /* the candidates stand here */
    struct bytes protocol, mid;
    enum sdp_setup setup;
    enum sdp_direction direction;
    enum sdp_codec_id codec;
    uint8_t pt, rtx_pt; /* rtx_pt: SDP_PT_NONE for none */
    uint8_t feedback;
    bool rtcp_rsize, extmap_allow_mixed;
    uint16_t ext_id[SDP_EXT_COUNT]; /* 0: none */
    uint8_t ext_direction[SDP_EXT_COUNT];
};

/* v=, o=, s=, t= (RFC 8829 §5.2.1). */
void sdp_write_head(struct writer *w, const struct sdp_local *local);
/* A section that is taken or offered. */
void sdp_write_section(struct writer *w, const struct sdp_local *local, const struct sdp_wish *wish,
                       const struct sdp_draft *draft);
/* A section with port 0; `media` and `formats` as they were offered. */
void sdp_write_rejected(struct writer *w, struct bytes media, struct bytes protocol,
                        struct bytes formats, struct bytes mid);

/* The rules that sdp_subject_of knows by what they are about (subject.c). */
extern const char sdp_rule_setup_word[], sdp_rule_setup_answer[], sdp_rule_setup_offer[];
extern const char sdp_rule_codecs[];

/* What the files of sdp/explain share (sdp/explain.h). */
struct explain;

/* For "%.*s": text may have no bytes, and then no address. */
static inline const char *sdp_text_at(struct bytes text)
{
    return text.len ? (const char *)text.at : "";
}
#define SDP_TEXT(text) (int)(text).len, sdp_text_at(text)

/* The same bytes in the message that `sdp` was parsed from: the tree points into a copy. */
struct bytes sdp_in_message(struct bytes message, const struct sdp *sdp, struct bytes part);
/* A fault of `part` (a view of x's message) fails `x`: its offset becomes one of the message. */
void sdp_explain_fault(struct explain *x, struct bytes part, const struct fault *fault);
/* Fields: every line of `sdp`, which was parsed from `message`. */
void sdp_explain_lines(struct explain *x, struct bytes message, const struct sdp *sdp);
/* Meanings of the field that was said last: of this attribute line, in `section` (NULL: of the
 * session). */
void sdp_explain_attribute(struct explain *x, const struct sdp *sdp,
                           const struct sdp_section *section, const struct sdp_line *line);
/* Members: the description as a tree. */
void sdp_explain_members(struct explain *x, const struct sdp *sdp);

#endif
