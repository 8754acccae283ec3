#include "apps/wireline.h"

#include <stdarg.h>
#include <stdio.h>

#include "dtls/record.h"
#include "peer/demux.h"
#include "rtp/packet.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

/* A line that is being put together. */
struct line {
    char *to;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct line *l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(l->to + l->used, WIRELINE_MAX - l->used, format, arguments);
    va_end(arguments);
    if (n > 0) l->used += (size_t)n;
    if (l->used >= WIRELINE_MAX) l->used = WIRELINE_MAX - 1;
}

static void stun(struct line *l, struct bytes datagram)
{
    struct stun_msg m;
    struct addr a;
    unsigned code;
    char text[ADDR_TEXT_MAX];
    if (stun_parse(&m, datagram) != OK) {
        add(l, "STUN  that breaks a rule: %s", m.fault.rule);
        return;
    }
    const char *method = stun_method_name(stun_method(&m));
    add(l, "STUN  %s ", method ? method : "unknown method");
    switch (stun_class(&m)) {
    case STUN_REQUEST:
        add(l, "request");
        if (stun_has(&m, STUN_ICE_CONTROLLING)) add(l, ", controlling");
        if (stun_has(&m, STUN_ICE_CONTROLLED)) add(l, ", controlled");
        if (stun_has(&m, STUN_USE_CANDIDATE)) add(l, ", nominates this pair");
        break;
    case STUN_SUCCESS:
        add(l, "success");
        if (stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &a))
            add(l, ", seen as %s", addr_text(&a, text));
        break;
    case STUN_ERROR:
        add(l, "error");
        if (stun_get_error(&m, &code, NULL)) {
            const char *reason = stun_error_reason(code);
            add(l, " %u%s%s", code, reason ? " " : "", reason ? reason : "");
        }
        break;
    case STUN_INDICATION: add(l, "indication"); break;
    }
}

/* The messages in a plain handshake record, by name; of a part it is said which. */
static void handshake(struct line *l, struct bytes body, const char **last)
{
    struct reader r = reader_of(body);
    struct dtls_fragment f;
    while (dtls_fragment_next(&r, &f)) {
        const char *name = dtls_handshake_name(f.type);
        bool part = f.body.len < f.length;
        if (*last) add(l, ", ");
        add(l, "%s", name);
        if (part)
            add(l, " (bytes %u to %u of %u)", (unsigned)f.offset, (unsigned)(f.offset + f.body.len),
                (unsigned)f.length);
        *last = name;
    }
    if (r.err != OK) add(l, "%sa broken handshake message", *last ? ", " : "");
}

static void dtls(struct line *l, struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    struct dtls_record record;
    const char *last = NULL;
    add(l, "DTLS  ");
    while (dtls_record_next(&r, &record)) {
        struct dtls_alert alert;
        if (record.epoch == 0 && record.type == DTLS_CONTENT_HANDSHAKE) {
            handshake(l, record.body, &last);
            continue;
        }
        const char *name = dtls_content_name(record.type);
        add(l, "%s%s", last ? ", " : "", name);
        if (record.epoch == 0 && record.type == DTLS_CONTENT_ALERT &&
            dtls_alert_read(record.body, &alert))
            add(l, " %s", dtls_alert_name(alert.description));
        else if (record.epoch > 0)
            add(l, " (encrypted)");
        last = name;
    }
    if (r.err != OK) add(l, "%sa broken record", last ? ", " : "");
}

static void rtp(struct line *l, struct bytes datagram)
{
    struct rtp_packet p;
    if (rtp_parse(&p, datagram) != OK)
        add(l, "SRTP  that breaks a rule: %s", p.fault.rule);
    else
        add(l, "SRTP  payload type %u, number %u, time %u, ssrc %08x%s", p.payload_type, p.sequence,
            (unsigned)p.timestamp, (unsigned)p.ssrc, p.marker ? ", marker" : "");
}

/* RFC 3711 §3.4: the first eight bytes are in clear. */
static void rtcp(struct line *l, struct bytes datagram)
{
    static const char *const names[] = {"SR",  "RR",    "SDES", "BYE",
                                        "APP", "RTPFB", "PSFB", "XR"}; /* 200 to 207 */
    struct reader r = reader_of(datagram);
    read_u8(&r);
    unsigned type = read_u8(&r);
    read_u16(&r);
    uint32_t ssrc = read_u32(&r);
    add(l, "SRTCP %s first, from ssrc %08x",
        type >= 200 && type - 200 < COUNT(names) ? names[type - 200] : "?", (unsigned)ssrc);
}

const char *wireline(struct bytes datagram, char to[WIRELINE_MAX])
{
    struct line l = {to, 0};
    to[0] = '\0';
    switch (demux_of(datagram)) {
    case DEMUX_STUN: stun(&l, datagram); break;
    case DEMUX_DTLS: dtls(&l, datagram); break;
    case DEMUX_RTP: rtp(&l, datagram); break;
    case DEMUX_RTCP: rtcp(&l, datagram); break;
    case DEMUX_CHANNEL: add(&l, "TURN channel data"); break;
    case DEMUX_UNKNOWN: add(&l, "nothing that we know"); break;
    }
    add(&l, ", %zu bytes", datagram.len);
    return to;
}
