#include "apps/captureread.h"

#include <stdlib.h>

#include "peer/demux.h"

#define SAP_PORT   9875              /* RFC 2974 §3 */
#define SAP_TYPE   "application/sdp" /* and a NUL: §6 */
#define SEALED_MAX 4096 /* ports that DTLS was seen at; what more there are counts as clear */

/* A port on one of the interfaces: a capture of ours has the same call on two of them, as it was on
 * the wire and decrypted. */
struct place {
    uint32_t interface;
    struct addr addr;
};

struct captureread {
    const struct explain_options *options;
    struct capture capture;
    struct captured now; /* the packet that was given last */
    size_t sealed_count;
    struct place sealed[SEALED_MAX]; /* that speak DTLS */
};

/* ---- What is encrypted ---- */

static bool is_sealed(const struct captureread *read, uint32_t interface, const struct addr *a)
{
    for (size_t i = 0; i < read->sealed_count; i++)
        if (read->sealed[i].interface == interface && addr_equal(&read->sealed[i].addr, a))
            return true;
    return false;
}

static void note_sealed(struct captureread *read, uint32_t interface, const struct addr *a)
{
    if (!is_sealed(read, interface, a) && read->sealed_count < SEALED_MAX)
        read->sealed[read->sealed_count++] = (struct place){interface, *a};
}

/* Once over the capture: media may come before the handshake that it was encrypted after. */
static void find_sealed(struct captureread *read, struct bytes file)
{
    struct capture c;
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        struct datagram d = datagram_of(item.data, item.link);
        if (d.kind != DATAGRAM_UDP || demux_of(d.payload) != DEMUX_DTLS) continue;
        note_sealed(read, item.interface, &d.from);
        note_sealed(read, item.interface, &d.to);
    }
}

/* ---- One packet ---- */

/* SRTP and SRTCP: what they leave readable. */
static void explain_sealed(struct captured *p, bool rtcp, const struct explain_options *options)
{
    struct rtp_explain_options rtp = options->rtp;
    rtp.is_protected = true;
    p->protocol = rtcp ? "srtcp" : "srtp";
    p->x = explain_new(p->protocol, p->message);
    if (p->x && rtcp) srtcp_explain(p->x, p->message);
    if (p->x && !rtcp) rtp_explain(p->x, p->message, &rtp);
}

static void explain_message_of(struct captured *p, const struct captureread *read)
{
    enum demux kind = demux_of(p->message);
    uint32_t in = p->item.interface;
    bool sealed = is_sealed(read, in, &p->datagram.from) || is_sealed(read, in, &p->datagram.to);
    if (kind == DEMUX_CHANNEL || kind == DEMUX_UNKNOWN) return;
    if (sealed && (kind == DEMUX_RTP || kind == DEMUX_RTCP)) {
        explain_sealed(p, kind == DEMUX_RTCP, read->options);
    } else {
        p->protocol = explain_type_named(demux_name(kind));
        p->x = explain_make(p->protocol, p->message, read->options);
    }
}

/* A session announcement (RFC 2974 §6) has a port of its own: behind its header, the address of who
 * announces, authentication and the name of a type is a description. Empty: it is none. */
static struct bytes announced(const struct datagram *d)
{
    struct reader r = reader_of(d->payload);
    if (d->kind != DATAGRAM_UDP || d->to.port != SAP_PORT) return bytes_of("");
    uint8_t flags = read_u8(&r);
    size_t authentication = 4u * read_u8(&r);
    read_u16(&r);
    read_skip(&r, (flags & 0x10 ? 16 : 4) + authentication);
    struct bytes rest = read_rest(&r), type = bytes_of(SAP_TYPE);
    if (bytes_starts(rest, SAP_TYPE)) rest = bytes_slice(rest, type.len + 1, rest.len);
    return bytes_starts(rest, "v=0") ? rest : bytes_of("");
}

/* RFC 4571 §2, which ICE-TCP uses: a length, and that many bytes. Only where the segment is just
 * that: streams are not put together here. */
static bool is_framed(struct bytes payload)
{
    struct reader r = reader_of(payload);
    size_t len = read_u16(&r);
    struct bytes message = read_rest(&r);
    return len >= 8 && len == message.len && demux_of(message) != DEMUX_UNKNOWN;
}

static struct captured look(const struct captureread *read, const struct capture_item *item)
{
    struct captured p = {.item = *item, .datagram = datagram_of(item->data, item->link)};
    p.protocol = datagram_kind_name(p.datagram.kind);
    p.message = p.datagram.payload;
    /* Of what was cut short or goes on elsewhere nobody can say what it is. */
    if (p.datagram.cut || p.datagram.fragmented) return p;
    if (p.datagram.kind == DATAGRAM_TCP && is_framed(p.message))
        p.message = bytes_slice(p.message, 2, p.message.len);
    else if (p.datagram.kind != DATAGRAM_UDP)
        return p;
    struct bytes description = announced(&p.datagram);
    if (description.len > 0) {
        p.message = description;
        p.protocol = explain_type_named("sdp");
        p.x = explain_make(p.protocol, p.message, read->options);
    } else {
        explain_message_of(&p, read);
    }
    return p;
}

/* ---- One after the other ---- */

struct captureread *captureread_new(struct bytes file, const struct explain_options *options)
{
    struct captureread *read = calloc(1, sizeof *read);
    if (!read) return NULL;
    read->options = options;
    if (capture_open(&read->capture, file) == OK) find_sealed(read, file);
    return read;
}

void captureread_free(struct captureread *read)
{
    if (!read) return;
    explain_free(read->now.x);
    free(read);
}

const struct captured *captureread_next(struct captureread *read)
{
    explain_free(read->now.x);
    read->now = (struct captured){0};
    if (read->capture.fault.err != OK) return NULL;
    for (struct capture_item item; capture_next(&read->capture, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        read->now = look(read, &item);
        return &read->now;
    }
    return NULL;
}

const struct fault *captureread_fault(const struct captureread *read)
{
    return &read->capture.fault;
}
