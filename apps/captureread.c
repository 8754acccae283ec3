#include "apps/captureread.h"

#include <stdlib.h>

#include "apps/explainice.h"
#include "apps/explainnames.h"
#include "apps/explainsession.h"
#include "peer/demux.h"

#define DNS_PORT   53                /* RFC 1035 §4.2.1 */
#define MDNS_PORT  5353              /* RFC 6762 §3 */
#define SAP_PORT   9875              /* RFC 2974 §3 */
#define SAP_TYPE   "application/sdp" /* and a NUL: §6 */
#define SEALED_MAX 4096 /* ports that DTLS was seen at; what more there are counts as clear */
/* What was decrypted of one packet; a TCP segment may end a message of 64 KiB and bring as much. */
#define OPENED_MAX ((size_t)2 << 16)

/* A port on one of the interfaces: a capture of ours has the same call on two of them, as it was on
 * the wire and decrypted. */
struct place {
    uint32_t interface;
    struct addr addr;
};

struct captureread {
    struct explain_options options; /* with the names that the capture has */
    struct explain_names *names;    /* of its first description; NULL: none, or --sdp */
    struct explainice *ice;         /* of all its descriptions */
    struct sessions *sessions;
    struct dtls_reassembly *parts; /* of handshake messages */
    struct capture capture;
    struct captured now; /* the packet that was given last */
    struct explainstream *streams;
    struct explainstream_news news; /* of the last TCP segment */
    size_t sealed_count;
    struct place sealed[SEALED_MAX]; /* that speak DTLS */
    size_t opened_len;
    uint8_t opened[OPENED_MAX]; /* what was decrypted of `now` */
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

/* ---- One packet ---- */

static void explain_dtls(struct captured *p, struct captureread *read)
{
    struct explain_options options = read->options;
    const struct addr *from = &p->datagram.from, *to = &p->datagram.to;
    options.dtls = (struct dtls_explain_options){.parts = read->parts, .from = *from, .to = *to};
    sessions_dtls(read->sessions, from, to, p->message, &options.dtls);
    p->protocol = explain_type_named("dtls");
    p->decrypted = options.dtls.secrets != NULL;
    p->x = explain_make(p->protocol, p->message, &options);
}

/* Opens the message of `p` in place of which it then stands. NULL: done; else why not. */
static const char *open_sealed(struct captured *p, struct captureread *read, bool rtcp)
{
    struct bytes plain;
    uint8_t *room = read->opened + read->opened_len;
    if (p->message.len > OPENED_MAX - read->opened_len) return "";
    const char *why = sessions_srtp(read->sessions, &p->datagram.from, &p->datagram.to, p->message,
                                    rtcp, room, &plain);
    if (why) return why;
    read->opened_len += plain.len;
    p->message = plain;
    p->decrypted = true;
    return NULL;
}

/* SRTP and SRTCP: what is inside, or what they leave readable. */
static void explain_sealed(struct captured *p, struct captureread *read, bool rtcp)
{
    struct rtp_explain_options rtp = read->options.rtp;
    const char *why = open_sealed(p, read, rtcp);
    p->protocol = rtcp ? "srtcp" : "srtp";
    if (!why) {
        p->x = explain_make(explain_type_named(rtcp ? "rtcp" : "rtp"), p->message, &read->options);
        return;
    }
    rtp.is_protected = true;
    p->x = explain_new(p->protocol, p->message);
    if (p->x && rtcp) srtcp_explain(p->x, p->message);
    if (p->x && !rtcp) rtp_explain(p->x, p->message, &rtp);
    if (p->x && *why) explain_meaning(p->x, "%s", why);
}

static void explain_message_of(struct captured *p, struct captureread *read)
{
    enum demux kind = demux_of(p->message);
    uint32_t in = p->item.interface;
    const struct addr *from = &p->datagram.from, *to = &p->datagram.to;
    bool sealed = is_sealed(read, in, from) || is_sealed(read, in, to) ||
                  sessions_has(read->sessions, from, to);
    if (kind == DEMUX_CHANNEL || kind == DEMUX_UNKNOWN) return;
    if (kind == DEMUX_DTLS) {
        explain_dtls(p, read);
    } else if (sealed && (kind == DEMUX_RTP || kind == DEMUX_RTCP)) {
        explain_sealed(p, read, kind == DEMUX_RTCP);
    } else {
        struct explain_options options = read->options;
        if (kind == DEMUX_STUN && !options.stun.password.at)
            options.stun.password = explainice_password(read->ice, p->message);
        p->protocol = explain_type_named(demux_name(kind));
        p->x = explain_make(p->protocol, p->message, &options);
    }
}

/* Questions for names surround each call, and their first bytes are any. RFC 7983's ranges hold on
 * the ports of ICE, which are never these. */
static bool is_dns(const struct datagram *d)
{
    return d->from.port == DNS_PORT || d->to.port == DNS_PORT || d->from.port == MDNS_PORT ||
           d->to.port == MDNS_PORT;
}

/* A session announcement (RFC 2974 §6) has a UDP port of its own: behind its header, the address of
 * who announces, authentication and the name of a type is a description. Empty: it is none. */
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

/* One of the messages that a TCP segment completes, as `p`. */
static void explain_found(struct captured *p, struct captureread *read,
                          const struct explainstream_found *found)
{
    struct explain_options options = read->options;
    p->message = found->message;
    options.ws.role = found->role;
    options.http.key = found->key;
    if (found->inside) options.sdp.as = found->is_answer ? SDP_AS_ANSWER : SDP_AS_OFFER;
    if (found->type) {
        p->protocol = explain_type_named(found->type);
        p->x = explain_make(p->protocol, p->message, &options);
    } else {
        explain_message_of(p, read);
    }
}

static void look_into_segment(struct captured *p, struct captureread *read)
{
    const struct explainstream_news *news = &read->news;
    explainstream_input(read->streams, p->item.interface, &p->datagram, &read->news);
    p->remark = news->remark;
    if (news->count) explain_found(p, read, &news->found[0]);
    for (size_t i = 1; i < news->count; i++) {
        struct captured also = {.item = p->item, .datagram = p->datagram};
        explain_found(&also, read, &news->found[i]);
        if (also.x)
            p->more[p->more_count++] = (struct captured_more){also.x, news->found[i].inside};
    }
}

static void look(struct captured *p, struct captureread *read, const struct capture_item *item)
{
    *p = (struct captured){.item = *item, .datagram = datagram_of(item->data, item->link)};
    p->protocol = datagram_kind_name(p->datagram.kind);
    p->message = p->datagram.payload;
    p->remark = "";
    if (p->datagram.kind == DATAGRAM_TCP) look_into_segment(p, read);
    /* Of what was cut short or goes on elsewhere nobody can say what it is. */
    if (p->datagram.kind != DATAGRAM_UDP || p->datagram.cut || p->datagram.fragmented) return;
    if (is_dns(&p->datagram)) return;
    struct bytes description = announced(&p->datagram);
    if (description.len > 0) {
        p->message = description;
        p->protocol = explain_type_named("sdp");
        p->x = explain_make(p->protocol, p->message, &read->options);
    } else {
        explain_message_of(p, read);
    }
}

/* ---- Once over the capture ---- */

/* Payload types and header extensions, where nobody else has named any. */
static void learn_names(struct captureread *read, struct bytes description)
{
    if (read->options.rtp.payload_count || read->names) return;
    read->names = malloc(sizeof *read->names);
    if (!read->names) return;
    if (explain_names_read(read->names, description) == OK) {
        read->options.rtp = read->names->options;
        return;
    }
    explain_names_free(read->names);
    free(read->names);
    read->names = NULL;
}

static void learn_description(struct captureread *read, struct bytes description)
{
    struct sdp sdp;
    if (sdp_parse(&sdp, description) == OK) explainice_learn(read->ice, &sdp);
    sdp_free(&sdp);
    learn_names(read, description);
}

static void learn_message(struct captureread *read, uint32_t interface, const struct datagram *d,
                          struct bytes message)
{
    enum demux kind = demux_of(message);
    struct reader records = reader_of(message);
    struct dtls_record first;
    if (kind == DEMUX_STUN) sessions_check(read->sessions, &d->from, &d->to, message);
    if (kind != DEMUX_DTLS || !dtls_record_next(&records, &first)) return;
    note_sealed(read, interface, &d->from);
    note_sealed(read, interface, &d->to);
    sessions_learn(read->sessions, &d->from, &d->to, message);
}

/* `streams` as on the second time: what a segment ends is known by those before it. */
static void learn_packet(struct captureread *read, struct explainstream *streams,
                         const struct capture_item *item)
{
    struct datagram d = datagram_of(item->data, item->link);
    if (d.kind == DATAGRAM_TCP) {
        explainstream_input(streams, item->interface, &d, &read->news);
        for (size_t i = 0; i < read->news.count; i++) {
            const struct explainstream_found *found = &read->news.found[i];
            if (!found->type) learn_message(read, item->interface, &d, found->message);
            if (found->type && strcmp(found->type, "sdp") == 0)
                learn_description(read, found->message);
        }
    } else if (d.kind == DATAGRAM_UDP && !d.cut && !d.fragmented && !is_dns(&d)) {
        struct bytes description = announced(&d);
        if (description.len) learn_description(read, description);
        learn_message(read, item->interface, &d, d.payload);
    }
}

/* Media may come before the handshake that it was encrypted after, and secrets anywhere. The log
 * that was named counts before those within the file. */
static void learn(struct captureread *read, struct explainstream *streams, struct bytes file)
{
    struct capture c;
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);)
        if (item.kind == CAPTURE_PACKET) learn_packet(read, streams, &item);
    if (read->options.keylog.at) sessions_keylog(read->sessions, read->options.keylog);
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);)
        if (item.kind == CAPTURE_SECRETS && item.secrets_type == CAPTURE_SECRETS_TLS)
            sessions_keylog(read->sessions, item.data);
}

/* ---- One after the other ---- */

struct captureread *captureread_new(struct bytes file, const struct explain_options *options)
{
    struct captureread *read = calloc(1, sizeof *read);
    if (!read) return NULL;
    read->options = *options;
    read->sessions = sessions_new();
    read->parts = dtls_reassembly_new();
    read->ice = explainice_new();
    read->streams = explainstream_new();
    struct explainstream *first = explainstream_new();
    bool done = read->sessions && read->parts && read->ice && read->streams && first;
    if (done && capture_open(&read->capture, file) == OK) learn(read, first, file);
    explainstream_free(first);
    if (done) return read;
    captureread_free(read);
    return NULL;
}

static void forget(struct captured *p)
{
    explain_free(p->x);
    for (size_t i = 0; i < p->more_count; i++) explain_free(p->more[i].x);
    p->x = NULL;
    p->more_count = 0;
}

void captureread_free(struct captureread *read)
{
    if (!read) return;
    forget(&read->now);
    explainstream_free(read->streams);
    explainice_free(read->ice);
    dtls_reassembly_free(read->parts);
    sessions_free(read->sessions);
    if (read->names) explain_names_free(read->names);
    free(read->names);
    free(read);
}

const struct captured *captureread_next(struct captureread *read)
{
    forget(&read->now);
    read->opened_len = 0;
    if (read->capture.fault.err != OK) return NULL;
    for (struct capture_item item; capture_next(&read->capture, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        look(&read->now, read, &item);
        return &read->now;
    }
    return NULL;
}

const struct fault *captureread_fault(const struct captureread *read)
{
    return &read->capture.fault;
}

bool captureread_remark(const struct captureread *read, size_t i, char *text, size_t room)
{
    return sessions_remark(read->sessions, i, text, room);
}
