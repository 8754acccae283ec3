#include "apps/wireline.h"

#include <stdarg.h>
#include <stdio.h>

#include "dtls/record.h"
#include "rtp/explain.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

/* What `alike` counts: kinds of datagrams, told apart by what else matters of each. */
enum {
    ALIKE_CHECK = 1,
    ALIKE_REQUEST,
    ALIKE_ANSWER,
    ALIKE_ERROR,
    ALIKE_INDICATION,
    ALIKE_DATA,
    ALIKE_MEDIA,
    ALIKE_FEEDBACK,
    ALIKE_CHANNEL,
    ALIKE_UNKNOWN
};

static uint32_t alike(uint32_t kind, uint32_t more)
{
    return kind << 16 | (more & 0xFFFF);
}

__attribute__((format(printf, 2, 3))) static void add(struct wireline *w, const char *format, ...)
{
    size_t used = strlen(w->words);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(w->words + used, sizeof w->words - used, format, arguments);
    va_end(arguments);
}

/* ---- STUN ---- */

/* A request with one of ICE's roles is a connectivity check (RFC 8445 §7.1), or, once media flows,
 * asks for consent (RFC 7675 §5.1). */
static void stun_request(struct wireline *w, const struct stun_msg *m, const char *method)
{
    bool controlling = stun_has(m, STUN_ICE_CONTROLLING), nominates;
    if (!controlling && !stun_has(m, STUN_ICE_CONTROLLED)) {
        add(w, "%s request", method);
        w->label = "request";
        w->alike = alike(ALIKE_REQUEST, stun_method(m));
        return;
    }
    nominates = stun_has(m, STUN_USE_CANDIDATE);
    /* Only the controlling side may nominate: RFC 8445 §8.1.1. */
    add(w, "check, %s", nominates ? "nominates" : controlling ? "controlling" : "controlled");
    w->label = "check";
    w->alike = alike(ALIKE_CHECK, nominates);
}

static void stun_error(struct wireline *w, const struct stun_msg *m)
{
    unsigned code = 0;
    stun_get_error(m, &code, NULL);
    const char *reason = stun_error_reason(code);
    add(w, "error %u%s%s", code, reason ? " " : "", reason ? reason : "");
    w->label = "error";
    w->alike = alike(ALIKE_ERROR, code);
}

static void stun(struct wireline *w, struct bytes datagram)
{
    struct stun_msg m;
    struct addr a;
    char text[ADDR_TEXT_MAX];
    add(w, "STUN ");
    if (stun_parse(&m, datagram) != OK) {
        add(w, "that breaks a rule: %s", m.fault.rule);
        return;
    }
    const char *method = stun_method_name(stun_method(&m));
    if (!method) method = "unknown method";
    switch (stun_class(&m)) {
    case STUN_REQUEST: stun_request(w, &m, method); break;
    case STUN_ERROR: stun_error(w, &m); break;
    case STUN_SUCCESS:
        add(w, "answer");
        if (stun_method(&m) != STUN_BINDING) add(w, " to %s", method);
        if (stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &a))
            add(w, ", seen as %s", addr_text(&a, text));
        w->label = "answer";
        w->alike = alike(ALIKE_ANSWER, stun_method(&m));
        break;
    case STUN_INDICATION:
        add(w, "%s indication", method);
        w->label = "indication";
        w->alike = alike(ALIKE_INDICATION, stun_method(&m));
        break;
    }
}

/* ---- DTLS ---- */

/* The names in a datagram, the first and the last of them. */
struct names {
    const char *first, *last;
    size_t count;
    bool sealed; /* the last one */
};

static void name(struct wireline *w, struct names *names, const char *each)
{
    add(w, "%s%s", names->count ? ", " : "", each);
    if (!names->first) names->first = each;
    names->last = each;
    names->count++;
}

/* The messages in a plain handshake record, by name; of a part it is said which. */
static void handshake(struct wireline *w, struct bytes body, struct names *names)
{
    struct reader r = reader_of(body);
    struct dtls_fragment f;
    while (dtls_fragment_next(&r, &f)) {
        name(w, names, dtls_handshake_name(f.type));
        if (f.body.len < f.length)
            add(w, " (bytes %u to %u of %u)", (unsigned)f.offset, (unsigned)(f.offset + f.body.len),
                (unsigned)f.length);
    }
    if (r.err != OK) name(w, names, "a broken handshake message");
}

/* RFC 9147 §4: behind DTLS 1.3's unified header nobody sees what kind of record it is. */
static bool is_data(const struct dtls_record *record)
{
    return record->unified || (record->epoch > 0 && record->type == DTLS_CONTENT_APPLICATION_DATA);
}

static void dtls(struct wireline *w, struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    struct dtls_record record;
    struct names names = {NULL, NULL, 0, false};
    bool only_data = true;
    add(w, "DTLS ");
    while (dtls_record_next(&r, &record)) {
        struct dtls_alert alert;
        only_data &= is_data(&record);
        if (record.epoch == 0 && !record.unified && record.type == DTLS_CONTENT_HANDSHAKE) {
            handshake(w, record.body, &names);
            continue;
        }
        name(w, &names, record.unified ? "ciphertext" : dtls_content_name(record.type));
        if (record.epoch == 0 && !record.unified && record.type == DTLS_CONTENT_ALERT &&
            dtls_alert_read(record.body, &alert))
            add(w, " %s", dtls_alert_name(alert.description));
        names.sealed = record.epoch > 0 && !record.unified;
        if (names.sealed) add(w, " (encrypted)");
    }
    if (r.err != OK) name(w, &names, "a broken record");
    if (names.count > 2)
        snprintf(w->brief, sizeof w->brief, "DTLS %s to %s%s", names.first, names.last,
                 names.sealed ? " (encrypted)" : "");
    if (!only_data || r.err != OK) return;
    w->label = "data";
    w->alike = alike(ALIKE_DATA, 0);
}

/* ---- RTP and RTCP ---- */

static void rtp(struct wireline *w, struct bytes datagram)
{
    struct rtp_packet p;
    if (rtp_parse(&p, datagram) != OK) {
        add(w, "SRTP that breaks a rule: %s", p.fault.rule);
        return;
    }
    add(w, "SRTP payload type %u, ssrc %08x, number %u, time %u%s", p.payload_type,
        (unsigned)p.ssrc, p.sequence, (unsigned)p.timestamp, p.marker ? ", marker" : "");
    w->label = "media";
    w->alike = alike(ALIKE_MEDIA, p.payload_type);
}

/* RFC 3711 §3.4: the first eight bytes are in clear. */
static void rtcp(struct wireline *w, struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    struct rtcp_packet first = {.count = read_u8(&r) & 31};
    first.type = read_u8(&r);
    read_u16(&r);
    add(w, "SRTCP that begins with %s, ssrc %08x", rtcp_name(&first), (unsigned)read_u32(&r));
    w->label = "feedback";
    w->alike = alike(ALIKE_FEEDBACK, 0);
}

void wireline_of(struct wireline *w, struct bytes datagram)
{
    *w = (struct wireline){.protocol = demux_of(datagram)};
    switch (w->protocol) {
    case DEMUX_STUN: stun(w, datagram); break;
    case DEMUX_DTLS: dtls(w, datagram); break;
    case DEMUX_RTP: rtp(w, datagram); break;
    case DEMUX_RTCP: rtcp(w, datagram); break;
    case DEMUX_CHANNEL:
        add(w, "TURN channel data");
        w->label = "relayed";
        w->alike = alike(ALIKE_CHANNEL, 0);
        break;
    case DEMUX_UNKNOWN:
        add(w, "nothing that we know");
        w->label = "unknown";
        w->alike = alike(ALIKE_UNKNOWN, 0);
        break;
    }
}

const char *wireline(struct bytes datagram, char to[WIRELINE_MAX])
{
    struct wireline w;
    wireline_of(&w, datagram);
    snprintf(to, WIRELINE_MAX, "%.*s, %zu bytes", WIRELINE_MAX - 32, w.words, datagram.len);
    return to;
}
