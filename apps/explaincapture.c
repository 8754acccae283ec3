#include "apps/explaincapture.h"

#include <stdlib.h>

#include "apps/columns.h"
#include "apps/explainprint.h"
#include "peer/demux.h"
#include "trace/capture.h"
#include "trace/datagram.h"

#define SAP_PORT   9875              /* RFC 2974 §3 */
#define SAP_TYPE   "application/sdp" /* and a NUL: §6 */
#define SEALED_MAX 4096 /* ports that DTLS was seen at; what more there are counts as clear */

/* A port on one of the interfaces: a capture of ours has the same call on two of them, as it was on
 * the wire and decrypted. */
struct place {
    uint32_t interface;
    struct addr addr;
};

struct reading {
    const struct capture_view *view;
    struct explain_page page;
    usec begin;           /* of the first packet */
    int address_width;    /* of the longest so far */
    struct place *sealed; /* that speak DTLS */
    size_t sealed_count;
};

/* One packet, and what it turned out to be. */
struct packet {
    const struct capture_item *item;
    struct datagram datagram;
    struct bytes message; /* what was explained */
    const char *protocol; /* "stun"; for what is not explained, "udp", "tcp"... */
    struct explain *x;    /* NULL: nothing that we explain */
};

/* ---- What is encrypted ---- */

static bool is_sealed(const struct reading *reading, uint32_t interface, const struct addr *a)
{
    for (size_t i = 0; i < reading->sealed_count; i++)
        if (reading->sealed[i].interface == interface && addr_equal(&reading->sealed[i].addr, a))
            return true;
    return false;
}

static void note_sealed(struct reading *reading, uint32_t interface, const struct addr *a)
{
    if (!is_sealed(reading, interface, a) && reading->sealed_count < SEALED_MAX)
        reading->sealed[reading->sealed_count++] = (struct place){interface, *a};
}

/* Once over the capture: media may come before the handshake that it was encrypted after. */
static void find_sealed(struct reading *reading, struct bytes file)
{
    struct capture c;
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        struct datagram d = datagram_of(item.data, item.link);
        if (d.kind != DATAGRAM_UDP || demux_of(d.payload) != DEMUX_DTLS) continue;
        note_sealed(reading, item.interface, &d.from);
        note_sealed(reading, item.interface, &d.to);
    }
}

/* ---- One packet ---- */

/* SRTP and SRTCP: what they leave readable. */
static void explain_sealed(struct packet *p, bool rtcp, const struct explain_options *options)
{
    struct rtp_explain_options rtp = options->rtp;
    rtp.is_protected = true;
    p->protocol = rtcp ? "srtcp" : "srtp";
    p->x = explain_new(p->protocol, p->message);
    if (p->x && rtcp) srtcp_explain(p->x, p->message);
    if (p->x && !rtcp) rtp_explain(p->x, p->message, &rtp);
}

static void explain_message_of(struct packet *p, const struct reading *reading)
{
    enum demux kind = demux_of(p->message);
    uint32_t in = p->item->interface;
    bool sealed =
        is_sealed(reading, in, &p->datagram.from) || is_sealed(reading, in, &p->datagram.to);
    if (kind == DEMUX_CHANNEL || kind == DEMUX_UNKNOWN) return;
    if (sealed && (kind == DEMUX_RTP || kind == DEMUX_RTCP)) {
        explain_sealed(p, kind == DEMUX_RTCP, reading->view->options);
    } else {
        p->protocol = explain_type_named(demux_name(kind));
        p->x = explain_make(p->protocol, p->message, reading->view->options);
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

static struct packet look(const struct reading *reading, const struct capture_item *item)
{
    struct packet p = {.item = item, .datagram = datagram_of(item->data, item->link)};
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
        p.x = explain_make(p.protocol, p.message, reading->view->options);
    } else {
        explain_message_of(&p, reading);
    }
    return p;
}

/* In a word or two, where there is nothing explained. */
static void print_plain(const struct packet *p, char *to, size_t room)
{
    static const char *const flags[] = {" FIN", " SYN", " RST", " PSH", " ACK"};
    const struct datagram *d = &p->datagram;
    struct writer w = writer_of(to, room - 1);
    if (d->kind == DATAGRAM_BROKEN) write_format(&w, "%s", d->fault.rule);
    if (d->kind == DATAGRAM_NOT_IP) write_format(&w, "type 0x%04x, ", (unsigned)d->ether_type);
    if (d->kind == DATAGRAM_OTHER_IP) write_format(&w, "protocol %u, ", (unsigned)d->protocol);
    if (d->kind == DATAGRAM_TCP) {
        for (size_t i = 0; i < COUNT(flags); i++)
            if (d->tcp_flags >> i & 1) write_format(&w, "%s", flags[i] + (writer_len(&w) == 0));
        write_text(&w, writer_len(&w) ? ", " : "");
    }
    if (d->kind != DATAGRAM_BROKEN) write_format(&w, "%zu bytes", d->payload.len);
    if (d->kind == DATAGRAM_UDP && demux_of(d->payload) == DEMUX_CHANNEL)
        write_text(&w, ", TURN ChannelData");
    if (d->fragmented) write_text(&w, ", a fragment of an IP packet");
    if (d->cut) write_text(&w, ", cut short by the capture");
    to[writer_len(&w)] = 0;
}

/* ---- For people ---- */

static void print_line(struct reading *reading, const struct packet *p)
{
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], head[256], plain[256];
    usec since = p->item->time - reading->begin;
    bool bare = p->datagram.from.port == 0 && p->datagram.to.port == 0;
    const char *(*text)(const struct addr *, char *) = bare ? addr_ip_text : addr_text;
    text(&p->datagram.from, from);
    text(&p->datagram.to, to);
    for (const char *each = from; each; each = each == from ? to : NULL)
        if ((int)strlen(each) > reading->address_width) reading->address_width = (int)strlen(each);
    int len = snprintf(head, sizeof head, "%5zu %10.6f  %*s > %-*s  %-5s ", p->item->number,
                       (double)since / 1e6, reading->address_width, from, reading->address_width,
                       to, p->protocol);
    struct bytes said;
    if (!p->x) {
        print_plain(p, plain, sizeof plain);
        said = bytes_of(plain);
    } else if (explain_fault(p->x)->err != OK) {
        said = bytes_of(fault_text(explain_fault(p->x), plain, sizeof plain));
    } else {
        said = explain_summary_text(p->x);
    }
    fputs(head, stdout);
    size_t used = len > 0 ? (size_t)len : 0;
    /* A pipe takes the whole of it. */
    if (reading->page.terminal && !reading->view->verbose) {
        size_t room = reading->page.width > used ? reading->page.width - used : 1;
        said = columns_fit(said, room, false);
    }
    columns_print(stdout, said);
    putchar('\n');
}

static void print_packet(struct reading *reading, const struct packet *p)
{
    print_line(reading, p);
    if (!reading->view->verbose) return;
    if (p->x) explain_print(p->x, &reading->page);
    putchar('\n');
}

/* ---- For programs ---- */

static void put_address(json_t *object, const char *name, const struct addr *a)
{
    char text[ADDR_TEXT_MAX];
    if (a->family == ADDR_NONE) return;
    json_object_set_new(object, name,
                        json_string(a->port ? addr_text(a, text) : addr_ip_text(a, text)));
}

static bool print_object(const struct packet *p)
{
    char plain[256];
    const struct datagram *d = &p->datagram;
    json_t *object = json_object(), *error = NULL;
    if (!object) return false;
    json_object_set_new(object, "number", json_integer((json_int_t)p->item->number));
    json_object_set_new(object, "time", json_real((double)p->item->time / 1e6));
    put_address(object, "from", &d->from);
    put_address(object, "to", &d->to);
    json_object_set_new(object, "transport", json_string(datagram_kind_name(d->kind)));
    json_object_set_new(object, "protocol", json_string(p->protocol));
    json_object_set_new(object, "length", json_integer((json_int_t)d->payload.len));
    if (d->fragmented) json_object_set_new(object, "fragment", json_true());
    if (d->cut) json_object_set_new(object, "cut", json_true());
    if (d->kind == DATAGRAM_BROKEN)
        error = explain_json_error(err_name(d->fault.err), d->fault.offset, d->fault.rule);
    else if (p->x && explain_fault(p->x)->err != OK)
        error = explain_json(p->x);
    if (error) {
        json_object_update(object, error);
        json_decref(error);
    } else if (p->x) {
        json_object_set_new(object, "message", explain_json(p->x));
    } else {
        print_plain(p, plain, sizeof plain);
        json_object_set_new(object, "summary", json_string(plain));
    }
    return explain_print_json(object);
}

struct fault explain_capture(struct bytes file, const struct capture_view *view)
{
    struct reading reading = {.view = view, .page = explain_page()};
    struct fault no_memory = {E_NOMEM, "capture", 0, "no memory left for the capture"};
    struct capture c;
    if (capture_open(&c, file) != OK) return c.fault;
    reading.sealed = calloc(SEALED_MAX, sizeof *reading.sealed);
    if (!reading.sealed) return no_memory;
    find_sealed(&reading, file);
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        if (item.number == 1) reading.begin = item.time;
        struct packet p = look(&reading, &item);
        bool done = true;
        if (view->json)
            done = print_object(&p);
        else
            print_packet(&reading, &p);
        explain_free(p.x);
        if (done) continue;
        free(reading.sealed);
        return no_memory;
    }
    free(reading.sealed);
    return c.fault;
}
