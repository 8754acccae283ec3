/* RTCP: the walk over a compound packet, and the packets of RFC 3550 §6: SR, RR, SDES, BYE, APP.
 * Reduced size (RFC 5506) is a compound packet that begins with something else: the walk takes
 * both. Feedback is in rtp/feedback.h. */
#ifndef DUET_RTP_RTCP_H
#define DUET_RTP_RTCP_H

#include "base/bytes.h"

enum rtcp_type {
    RTCP_SR = 200,
    RTCP_RR = 201,
    RTCP_SDES = 202,
    RTCP_BYE = 203,
    RTCP_APP = 204,
    RTCP_RTPFB = 205, /* RFC 4585 §6.1: transport layer feedback */
    RTCP_PSFB = 206,  /* RFC 4585 §6.1: payload-specific feedback */
    RTCP_XR = 207     /* RFC 3611 */
};

#define RTCP_HEADER_LEN  4
#define RTCP_REPORTS_MAX 31 /* RC and SC have five bits */
#define RTCP_CNAME       1  /* SDES item types, RFC 3550 §6.5 */
#define RTCP_MID         15 /* RFC 9143 §15.1 */

/* One packet of a compound packet. */
struct rtcp_packet {
    uint8_t type;      /* enum rtcp_type, or one we don't know */
    uint8_t count;     /* the five bits: RC, SC, FMT or subtype */
    size_t offset;     /* of its header, from the start of the datagram */
    struct bytes body; /* behind the four-byte header, without padding */
    uint8_t padding;
};

struct rtcp_walk {
    struct reader r;
    struct fault fault; /* why the walk ended early; err OK at a proper end */
};

/* True if the datagram is RTCP and not RTP, once RFC 7983 said it is one of the two: payload type
 * 192 to 223 in the second byte (RFC 5761 §4). */
bool rtcp_is(struct bytes datagram);

struct rtcp_walk rtcp_walk_of(struct bytes datagram);
/* The next packet. False: the end, or `w->fault` says what is wrong. Checked: version, length
 * within the datagram, padding only in the last one and within its packet. */
bool rtcp_next(struct rtcp_walk *w, struct rtcp_packet *p);
/* Walks all and parses each packet that we know: OK, or what rtcp_next or a parser found. A
 * datagram is acted upon as a whole or not at all. */
enum err rtcp_check(struct bytes datagram, struct fault *fault);

/* RFC 3550 §6.4.1: one report block. */
struct rtcp_report {
    uint32_t ssrc;         /* whose packets */
    uint8_t fraction_lost; /* of 256, since the last report */
    int32_t lost;          /* cumulative, 24 bits signed */
    uint32_t highest;      /* extended highest sequence number */
    uint32_t jitter;       /* in units of the stream's clock */
    uint32_t last_sr;      /* middle 32 bits of the NTP time of the last SR; 0: none */
    uint32_t delay;        /* since that SR came, in 1/65536 s */
};

/* SR (RFC 3550 §6.4.1) and RR (§6.4.2): an RR has no sender info. */
struct rtcp_sender_info {
    uint64_t ntp;
    uint32_t rtp_time;
    uint32_t packets;
    uint32_t octets;
};

struct rtcp_reports {
    bool is_sr;
    uint32_t ssrc;
    struct rtcp_sender_info info; /* of an SR */
    uint8_t count;
    struct rtcp_report reports[RTCP_REPORTS_MAX];
    struct bytes extension; /* profile-specific, unread */
};

enum err rtcp_parse_reports(struct rtcp_reports *out, const struct rtcp_packet *p,
                            struct fault *fault);
void rtcp_write_reports(struct writer *w, const struct rtcp_reports *reports);

/* SDES, RFC 3550 §6.5: chunks of items. Start with `struct reader r = reader_of(p->body)` and
 * `left = p->count`. */
struct rtcp_sdes_item {
    uint32_t ssrc;
    uint8_t type;
    struct bytes text;
};

struct rtcp_sdes_walk {
    struct reader r;
    uint8_t chunks; /* still to come */
    bool in_chunk;
    uint32_t ssrc; /* of the present chunk */
};

struct rtcp_sdes_walk rtcp_sdes_walk_of(const struct rtcp_packet *p);
/* The next item; a chunk without items gives one item of type 0. False: the end, or w->r.err. */
bool rtcp_sdes_next(struct rtcp_sdes_walk *w, struct rtcp_sdes_item *item);
/* One chunk with one CNAME item, as each compound packet needs (§6.1). At most 255 bytes. */
void rtcp_write_sdes_cname(struct writer *w, uint32_t ssrc, struct bytes cname);

/* BYE, RFC 3550 §6.6. */
struct rtcp_bye {
    uint8_t count;
    uint32_t ssrc[RTCP_REPORTS_MAX];
    struct bytes reason; /* empty: none given */
};

enum err rtcp_parse_bye(struct rtcp_bye *out, const struct rtcp_packet *p, struct fault *fault);
void rtcp_write_bye(struct writer *w, const struct rtcp_bye *bye);

/* APP, RFC 3550 §6.7. */
struct rtcp_app {
    uint8_t subtype;
    uint32_t ssrc;
    struct bytes name; /* four ASCII characters */
    struct bytes data; /* whole words */
};

enum err rtcp_parse_app(struct rtcp_app *out, const struct rtcp_packet *p, struct fault *fault);
void rtcp_write_app(struct writer *w, const struct rtcp_app *app);

/* Shared with rtp/feedback: a header whose length rtcp_end fills in. Returns its offset. */
size_t rtcp_begin(struct writer *w, uint8_t count, uint8_t type);
void rtcp_end(struct writer *w, size_t begin);

#endif
