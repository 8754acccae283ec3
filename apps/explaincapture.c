#include "apps/explaincapture.h"

#include "apps/captureread.h"
#include "apps/explainprint.h"
#include "base/columns.h"
#include "peer/demux.h"

struct reading {
    const struct capture_view *view;
    struct explain_page page;
    usec begin;        /* of the first packet */
    int address_width; /* of the longest so far */
};

void explain_capture_plain(const struct captured *p, char *to, size_t room)
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
    if (p->remark[0]) write_format(&w, ": %s", p->remark);
    if (d->fragmented) write_text(&w, ", a fragment of an IP packet");
    if (d->cut) write_text(&w, ", cut short by the capture");
    to[writer_len(&w)] = 0;
}

/* ---- For people ---- */

/* A part of the line, as far as there is `room`. */
static void print_part(struct bytes said, size_t *room)
{
    struct bytes fits = columns_fit(said, *room, false);
    columns_print(stdout, fits);
    *room -= columns_width(fits);
}

static void print_summary(const struct explain *x, size_t *room)
{
    char text[256];
    const struct fault *fault = explain_fault(x);
    struct bytes said = explain_summary_text(x);
    if (fault->err != OK) said = bytes_of(fault_text(fault, text, sizeof text));
    print_part(said, room);
}

/* What a segment completes besides; what is inside is named by what it is in. */
static void print_more(const struct captured *p, size_t *room)
{
    for (size_t i = 0; i < p->more_count; i++) {
        if (p->more[i].inside) continue;
        print_part(bytes_of("; "), room);
        print_part(bytes_of(explain_type(p->more[i].x)), room);
        print_part(bytes_of(" "), room);
        print_summary(p->more[i].x, room);
    }
}

static void print_line(struct reading *reading, const struct captured *p)
{
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], head[256], plain[256];
    usec since = p->item.time - reading->begin;
    bool bare = p->datagram.from.port == 0 && p->datagram.to.port == 0;
    const char *(*text)(const struct addr *, char *) = bare ? addr_ip_text : addr_text;
    text(&p->datagram.from, from);
    text(&p->datagram.to, to);
    for (const char *each = from; each; each = each == from ? to : NULL)
        if ((int)strlen(each) > reading->address_width) reading->address_width = (int)strlen(each);
    int len = snprintf(head, sizeof head, "%5zu %10.6f  %*s > %-*s  %-5s ", p->item.number,
                       (double)since / 1e6, reading->address_width, from, reading->address_width,
                       to, p->protocol);
    fputs(head, stdout);
    size_t used = len > 0 ? (size_t)len : 0, room = SIZE_MAX;
    /* A pipe takes the whole of it. */
    if (reading->page.terminal && !reading->view->verbose)
        room = reading->page.width > used ? reading->page.width - used : 1;
    if (p->x) {
        print_summary(p->x, &room);
        print_more(p, &room);
    } else {
        explain_capture_plain(p, plain, sizeof plain);
        print_part(bytes_of(plain), &room);
    }
    putchar('\n');
}

static void print_packet(struct reading *reading, const struct captured *p)
{
    print_line(reading, p);
    if (!reading->view->verbose) return;
    if (p->x) explain_print(p->x, &reading->page);
    for (size_t i = 0; i < p->more_count; i++) {
        putchar('\n');
        explain_print(p->more[i].x, &reading->page);
    }
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

static void put_more(json_t *object, const struct captured *p)
{
    json_t *more = p->more_count ? json_array() : NULL;
    for (size_t i = 0; more && i < p->more_count; i++)
        json_array_append_new(more, explain_json(p->more[i].x));
    if (more) json_object_set_new(object, "more", more);
}

static bool print_object(const struct captured *p)
{
    char plain[256];
    const struct datagram *d = &p->datagram;
    json_t *object = json_object(), *error = NULL;
    if (!object) return false;
    json_object_set_new(object, "number", json_integer((json_int_t)p->item.number));
    json_object_set_new(object, "time", json_real((double)p->item.time / 1e6));
    put_address(object, "from", &d->from);
    put_address(object, "to", &d->to);
    json_object_set_new(object, "transport", json_string(datagram_kind_name(d->kind)));
    json_object_set_new(object, "protocol", json_string(p->protocol));
    json_object_set_new(object, "length", json_integer((json_int_t)d->payload.len));
    if (d->fragmented) json_object_set_new(object, "fragment", json_true());
    if (d->cut) json_object_set_new(object, "cut", json_true());
    if (p->decrypted) json_object_set_new(object, "decrypted", json_true());
    if (d->kind == DATAGRAM_BROKEN)
        error = explain_json_error(err_name(d->fault.err), d->fault.offset, d->fault.rule);
    else if (p->x && explain_fault(p->x)->err != OK)
        error = explain_json(p->x);
    if (error) {
        json_object_update(object, error);
        json_decref(error);
    } else if (p->x) {
        json_object_set_new(object, "message", explain_json(p->x));
        put_more(object, p);
    } else {
        explain_capture_plain(p, plain, sizeof plain);
        json_object_set_new(object, "summary", json_string(plain));
    }
    return explain_print_json(object);
}

void explain_capture_remarks(const struct captureread *read)
{
    char text[512];
    fflush(stdout);
    for (size_t i = 0; captureread_remark(read, i, text, sizeof text); i++)
        fprintf(stderr, "duet: %s\n", text);
}

struct fault explain_capture(struct bytes file, const struct capture_view *view)
{
    struct reading reading = {.view = view, .page = explain_page()};
    struct fault fault = {E_NOMEM, "capture", 0, "no memory left for the capture"};
    struct captureread *read = captureread_new(file, view->options);
    if (!read) return fault;
    bool done = true;
    for (const struct captured *p; done && (p = captureread_next(read));) {
        if (p->item.number == 1) reading.begin = p->item.time;
        if (p->item.number < view->first) continue;
        if (view->last && p->item.number > view->last) continue;
        if (view->json)
            done = print_object(p);
        else
            print_packet(&reading, p);
    }
    if (done) fault = *captureread_fault(read);
    explain_capture_remarks(read);
    captureread_free(read);
    return fault;
}
