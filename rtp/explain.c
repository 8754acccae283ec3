#include "rtp/explain.h"

#include "base/explain.h"
#include "rtp/internal.h"

#define TEXT(text) (int)(text).len, (const char *)(text).at /* for "%.*s" */

void rtp_explain_fault(struct explain *x, struct bytes part, const struct fault *fault)
{
    struct fault placed = *fault;
    placed.offset += explain_offset(x, part);
    explain_fail(x, &placed);
}

static const struct rtp_explain_payload *find_payload(const struct rtp_explain_options *o,
                                                      uint8_t type)
{
    for (size_t i = 0; o && i < o->payload_count; i++)
        if (o->payloads[i].type == type) return &o->payloads[i];
    return NULL;
}

static struct bytes find_uri(const struct rtp_explain_options *o, uint8_t id)
{
    for (size_t i = 0; o && i < o->ext_count; i++)
        if (o->exts[i].id == id) return o->exts[i].uri;
    return (struct bytes){NULL, 0};
}

/* The twelve bytes that every packet has, RFC 3550 §5.1, and the CSRCs behind them. */
static void tell_header(struct explain *x, struct bytes in, const struct rtp_packet *p,
                        const struct rtp_explain_payload *payload)
{
    uint8_t first = in.at[0];
    explain_field(x, "version", bytes_slice(in, 0, 1), "RFC 3550 5.1", "%u", first >> 6);
    explain_meaning(x, "%s, %s, %u CSRC", first >> 5 & 1 ? "padding" : "no padding",
                    p->has_extension ? "header extension" : "no header extension", p->csrc_count);
    explain_field(x, "payload type", bytes_slice(in, 1, 1), "RFC 3550 5.1", "%u%s", p->payload_type,
                  p->marker ? ", marker" : "");
    if (payload && payload->name.len) explain_meaning(x, "%.*s", TEXT(payload->name));
    if (p->marker)
        explain_meaning(x, "the marker: the last packet of a video frame, the first of talk after "
                           "silence (RFC 3551 4.1, RFC 7741 4.1)");
    explain_field(x, "sequence number", bytes_slice(in, 2, 2), "RFC 3550 5.1", "%u", p->sequence);
    explain_meaning(x, "one more for each packet of this source: gaps are losses");
    explain_field(x, "timestamp", bytes_slice(in, 4, 4), "RFC 3550 5.1", "%u",
                  (unsigned)p->timestamp);
    if (payload && payload->clock)
        explain_meaning(x, "%.3f s of a clock of %u Hz that began anywhere",
                        (double)p->timestamp / payload->clock, (unsigned)payload->clock);
    else
        explain_meaning(x, "when its first sample was taken, by the clock of its codec");
    explain_field(x, "SSRC", bytes_slice(in, 8, 4), "RFC 3550 5.1", "%u", (unsigned)p->ssrc);
    explain_meaning(x, "the source that the packet is from");
    for (size_t i = 0; i < p->csrc_count; i++) {
        explain_field(x, "CSRC", bytes_slice(in, RTP_HEADER_LEN + 4 * i, 4), "RFC 3550 5.1", "%u",
                      (unsigned)p->csrc[i]);
        explain_meaning(x, "a source that a mixer put into this packet");
    }
}

static void tell_extension(struct explain *x, struct bytes in, const struct rtp_packet *p,
                           const struct rtp_explain_options *o)
{
    if (!p->has_extension) return;
    bool one_byte = p->profile == RTP_PROFILE_ONE_BYTE;
    struct reader r = rtp_extensions(p);
    bool known = r.end != r.start || p->extension.len == 0;
    size_t at = p->header_len - p->extension.len - 4;
    explain_field(x, "header extension", bytes_slice(in, at, p->extension.len + 4),
                  "RFC 3550 5.3.1", "profile 0x%04x, %zu bytes", p->profile, p->extension.len);
    explain_meaning(x, "%s",
                    !known     ? "a profile that RFC 8285 does not have: not looked into"
                    : one_byte ? "elements with headers of one byte (RFC 8285 4.2)"
                               : "elements with headers of two bytes (RFC 8285 4.3)");
    explain_down(x);
    struct rtp_extension e;
    size_t head = one_byte ? 1 : 2;
    while (rtp_extension_next(p, &r, &e)) {
        struct bytes whole = {e.data.at - head, e.data.len + head};
        rtp_explain_element(x, e.id, find_uri(o, e.id), whole, e.data);
    }
    explain_up(x);
}

/* RFC 3711 §3.1: what we can't read. */
static void tell_protected(struct explain *x, const struct rtp_packet *p)
{
    explain_field(x, "encrypted payload", p->payload, "RFC 3711 3.1", "%zu bytes", p->payload.len);
    explain_meaning(x, "with its padding, if there is any, and the tag that proves it");
}

static void tell_format(struct explain *x, struct bytes payload, struct bytes name)
{
    if (payload.len && bytes_is_nocase(name, "VP8")) vp8_explain_payload(x, payload);
    if (payload.len && bytes_is_nocase(name, "opus")) opus_explain_payload(x, payload);
    if (payload.len < 2 || !bytes_is_nocase(name, "rtx")) return;
    explain_field(x, "OSN", bytes_slice(payload, 0, 2), "RFC 4588 4", "%u",
                  payload.at[0] << 8 | payload.at[1]);
    explain_meaning(x, "the sequence number that the packet had when it was sent first; its "
                       "payload follows");
    explain_phrase(x, "; ");
    explain_summary(x, "sequence %u once more", payload.at[0] << 8 | payload.at[1]);
}

static void tell_payload(struct explain *x, struct bytes in, const struct rtp_packet *p,
                         const struct rtp_explain_options *o)
{
    const struct rtp_explain_payload *payload = find_payload(o, p->payload_type);
    struct bytes data = p->payload;
    explain_field(x, "payload", data, "RFC 3550 5.1", "%zu bytes", data.len);
    if (data.len == 0) explain_meaning(x, "a probe of the path: it carries padding alone");
    explain_down(x);
    if (data.len && payload && bytes_is_nocase(payload->name, "red")) {
        uint8_t type;
        data = rtp_explain_red(x, data, &type);
        payload = find_payload(o, type);
    }
    if (payload) tell_format(x, data, payload->name);
    explain_up(x);
    if (p->padding == 0) return;
    explain_field(x, "padding", bytes_slice(in, in.len - p->padding, p->padding), "RFC 3550 5.1",
                  "%u bytes", p->padding);
    explain_meaning(x, "the last byte counts them, itself included");
}

static void add_members(struct explain *x, struct bytes in, const struct rtp_packet *p,
                        const struct rtp_explain_options *o)
{
    explain_number(x, "version", 2); /* rtp_parse() takes no other */
    explain_bool(x, "padding", in.at[0] >> 5 & 1);
    explain_bool(x, "extension", p->has_extension);
    explain_bool(x, "marker", p->marker);
    explain_number(x, "payloadType", p->payload_type);
    explain_number(x, "sequenceNumber", p->sequence);
    explain_number(x, "timestamp", p->timestamp);
    explain_number(x, "ssrc", p->ssrc);
    explain_list(x, "csrc");
    for (int i = 0; i < p->csrc_count; i++) explain_number(x, NULL, p->csrc[i]);
    explain_close(x);
    if (p->has_extension) {
        struct reader r = rtp_extensions(p);
        struct rtp_extension e;
        explain_number(x, "extensionProfile", p->profile);
        explain_list(x, "extensions");
        while (rtp_extension_next(p, &r, &e)) {
            struct bytes uri = find_uri(o, e.id);
            explain_object(x, NULL);
            explain_number(x, "id", e.id);
            if (uri.len) explain_text(x, "uri", uri);
            explain_hex(x, "data", e.data);
            explain_close(x);
        }
        explain_close(x);
    }
    explain_hex(x, "payload", p->payload);
    explain_number(x, "payloadLength", p->payload.len);
    explain_number(x, "paddingLength", p->padding);
}

static void summarize(struct explain *x, const struct rtp_packet *p, bool is_protected,
                      const struct rtp_explain_payload *payload)
{
    explain_summary(x, is_protected ? "SRTP" : "RTP");
    if (payload && payload->name.len) explain_summary(x, " %.*s", TEXT(payload->name));
    explain_details(x);
    explain_summary(x, " payload type %u, sequence %u, timestamp %u, SSRC %u, %zu bytes",
                    p->payload_type, p->sequence, (unsigned)p->timestamp, (unsigned)p->ssrc,
                    p->payload.len);
    if (p->marker) explain_summary(x, ", marker");
    if (p->padding) explain_summary(x, ", %u bytes of padding", p->padding);
}

void rtp_explain(struct explain *x, struct bytes message, const struct rtp_explain_options *options)
{
    struct rtp_packet p;
    bool is_protected = options && options->is_protected;
    enum err err = is_protected ? rtp_parse_protected(&p, message) : rtp_parse(&p, message);
    const struct rtp_explain_payload *payload = find_payload(options, p.payload_type);
    /* A header that could be read is told even when what follows can't be. */
    if (err == OK || (message.len >= RTP_HEADER_LEN + 4u * p.csrc_count && message.at[0] >> 6 == 2))
        tell_header(x, message, &p, payload);
    if (err != OK) {
        rtp_explain_fault(x, message, &p.fault);
        return;
    }
    summarize(x, &p, is_protected, payload);
    tell_extension(x, message, &p, options);
    if (is_protected)
        tell_protected(x, &p);
    else
        tell_payload(x, message, &p, options); /* which may sum up more */
    add_members(x, message, &p, options);
}
