/* Header extension elements that WebRTC uses, told aloud: one table by URI (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/internal.h"

static void tell_text(struct explain *x, struct bytes data)
{
    explain_meaning(x, "\"%.*s\"", (int)data.len, (const char *)data.at);
}

/* RFC 6464 §3: V and 7 bits of -dBov. */
static void tell_audio_level(struct explain *x, struct bytes data)
{
    explain_meaning(x, "-%u dBov, %s", data.at[0] & 127, data.at[0] >> 7 ? "voice" : "no voice");
}

static uint32_t number_of(struct bytes data)
{
    struct reader r = reader_of(data);
    return (uint32_t)read_number(&r, data.len);
}

/* libwebrtc's abs-send-time: 6 bits of seconds and 18 of their fraction. */
static void tell_send_time(struct explain *x, struct bytes data)
{
    explain_meaning(x, "left at %.6f s of a clock that wraps every 64 s",
                    (double)number_of(data) / (1 << 18));
}

static void tell_transport_sequence(struct explain *x, struct bytes data)
{
    explain_meaning(x, "packet %u of the transport, all streams counted",
                    (unsigned)number_of(bytes_slice(data, 0, 2)));
}

/* RFC 5450: 24 bits signed, in units of the timestamp. */
static void tell_offset(struct explain *x, struct bytes data)
{
    uint32_t offset = number_of(data);
    explain_meaning(x, "sent %d units of the timestamp after it",
                    (int)offset - (offset & 0x800000 ? 0x1000000 : 0));
}

/* 3GPP TS 26.114 §7.4.5: C (camera), F (flip), R1 R0 (quarter turns). */
static void tell_orientation(struct explain *x, struct bytes data)
{
    explain_meaning(x, "turned by %u degrees%s", 90 * (data.at[0] & 3u),
                    data.at[0] & 4 ? ", mirrored" : "");
}

/* libwebrtc's playout-delay: least and most, 12 bits each, in 10 ms. */
static void tell_playout(struct explain *x, struct bytes data)
{
    uint32_t both = number_of(data);
    explain_meaning(x, "to be shown %u to %u ms after it was taken", 10 * (both >> 12),
                    10 * (both & 0xFFF));
}

/* `len`: what the element must have at least to be read. */
static const struct element {
    const char *uri, *name, *spec;
    size_t len;
    void (*tell)(struct explain *x, struct bytes data);
} elements[] = {
    {"urn:ietf:params:rtp-hdrext:sdes:mid", "mid", "RFC 9143 15.2", 1, tell_text},
    {"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id", "rtp-stream-id", "RFC 8852 4.1", 1,
     tell_text},
    {"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id", "repaired-rtp-stream-id",
     "RFC 8852 4.2", 1, tell_text},
    {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", "audio level", "RFC 6464 3", 1,
     tell_audio_level},
    {"urn:ietf:params:rtp-hdrext:toffset", "transmission offset", "RFC 5450 2", 3, tell_offset},
    {"urn:3gpp:video-orientation", "video orientation", "3GPP TS 26.114 7.4.5", 1,
     tell_orientation},
    {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", "abs-send-time",
     "webrtc.org abs-send-time", 3, tell_send_time},
    {"http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
     "transport sequence number", "transport-wide-cc-01 2", 2, tell_transport_sequence},
    {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", "playout delay",
     "webrtc.org playout-delay", 3, tell_playout},
};

void rtp_explain_element(struct explain *x, uint8_t id, struct bytes uri, struct bytes element,
                         struct bytes data)
{
    char name[64];
    for (size_t i = 0; i < COUNT(elements); i++) {
        const struct element *e = &elements[i];
        if (!bytes_is(uri, e->uri)) continue;
        explain_field(x, e->name, element, e->spec, "element %u, %zu bytes", id, data.len);
        if (data.len < e->len)
            explain_broken(x, "shorter than its %zu bytes (%s)", e->len, e->spec);
        else
            e->tell(x, bytes_slice(data, 0, e->tell == tell_text ? data.len : e->len));
        return;
    }
    /* An unknown one by the end of its URI, "color-space". */
    const uint8_t *cut = uri.at;
    for (size_t i = 0; i < uri.len; i++)
        if (uri.at[i] == '/' || uri.at[i] == ':') cut = uri.at + i + 1;
    struct bytes last = {cut, uri.len ? (size_t)(uri.at + uri.len - cut) : 0};
    explain_field(x, last.len ? bytes_to_text(last, name, sizeof name) : "element", element,
                  "RFC 8285 4", "element %u, %zu bytes", id, data.len);
    if (uri.len == 0) explain_meaning(x, "which one it is, the description says (extmap)");
}
