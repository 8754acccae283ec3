#include "apps/explainladder.h"

#include <stdio.h>
#include <stdlib.h>

#include "apps/captureread.h"
#include "apps/ladderpage.h"
#include "apps/ladderwire.h"
#include "apps/wiretap.h"
#include "stun/attribute.h"

#define TALKERS_MAX   1024 /* addresses that are counted; what more there are have no lifeline */
#define TALKERS_PART  20   /* who sends and gets less than this part of what the first one does */
#define LANE_COLUMNS  30   /* wide enough for an address above it, and some words on an arrow */
#define WORDS_MAX     512
#define LANE_NAME_MAX (ADDR_TEXT_MAX + 32)
#define UFRAG_MAX     64 /* bytes of one that count */

struct talker {
    struct addr addr;
    size_t packets;        /* sent and got; of the first of a party, by all of it */
    struct talker *first;  /* of its party: the addresses of one ICE agent share a lifeline */
    size_t addresses;      /* of the party, if it is the first */
    size_t hosts;          /* of those: 1 if all are of the same IP address */
    char ufrag[UFRAG_MAX]; /* that its checks name it by; "": it checks nothing */
    size_t lane;           /* of the party, if it is the first */
};

struct drawing {
    const struct capture_view *view;
    struct ladder *ladder;
    struct ladderwire wire;
    usec begin; /* of the first packet */
    struct talker *talkers;
    size_t talker_count;
    char words[WORDS_MAX], brief[WORDS_MAX];
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX], names[LADDER_LANES_MAX][LANE_NAME_MAX];
};

static bool is_wanted(const struct capture_view *view, size_t number)
{
    return number >= view->first && (!view->last || number <= view->last);
}

/* Our own captures have the same media twice: as it was on the wire, and decrypted on an interface
 * of its own. What is decrypted here needs no second one. */
static bool is_copy(const struct capture_item *item, const struct datagram *d)
{
    return item->interface > 0 && wiretap_is_plain(&d->from);
}

/* ---- Who has a lifeline ---- */

static struct talker *talker_of(const struct drawing *d, const struct addr *a)
{
    for (size_t i = 0; i < d->talker_count; i++)
        if (addr_equal(&d->talkers[i].addr, a)) return &d->talkers[i];
    return NULL;
}

static struct talker *count_talker(struct drawing *d, const struct addr *a)
{
    struct talker *talker = talker_of(d, a);
    if (a->family == ADDR_NONE) return NULL;
    if (!talker && d->talker_count < TALKERS_MAX) {
        talker = &d->talkers[d->talker_count++];
        *talker = (struct talker){.addr = *a, .lane = LADDER_ELSEWHERE};
    }
    if (talker) talker->packets++;
    return talker;
}

static void note_ufrag(struct talker *t, struct bytes ufrag)
{
    if (t && !t->ufrag[0]) bytes_to_text(ufrag, t->ufrag, sizeof t->ufrag);
}

/* RFC 8445 §7.2.2: a check's USERNAME is the ufrag of whom it is for, a colon, and the sender's. */
static void note_ufrags(const struct datagram *datagram, struct talker *from, struct talker *to)
{
    struct stun_msg m;
    struct bytes name;
    if (demux_of(datagram->payload) != DEMUX_STUN || stun_parse(&m, datagram->payload) != OK)
        return;
    if (stun_class(&m) != STUN_REQUEST || !stun_find(&m, STUN_USERNAME, &name)) return;
    const uint8_t *colon = name.len ? memchr(name.at, ':', name.len) : NULL;
    if (!colon) return;
    size_t len = (size_t)(colon - name.at);
    note_ufrag(to, bytes_slice(name, 0, len));
    note_ufrag(from, bytes_slice(name, len + 1, name.len));
}

static void count_talkers(struct drawing *d, struct bytes file)
{
    struct capture c;
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        if (item.number == 1) d->begin = item.time;
        struct datagram datagram = datagram_of(item.data, item.link);
        if (!is_wanted(d->view, item.number) || is_copy(&item, &datagram)) continue;
        struct talker *from = count_talker(d, &datagram.from);
        struct talker *to = count_talker(d, &datagram.to);
        if (datagram.kind == DATAGRAM_UDP) note_ufrags(&datagram, from, to);
    }
}

/* The party of an address that checks nothing, as the port of a WebSocket: that of its host, if
 * only one of the host's parties is there; NULL: none. */
static struct talker *party_of_host(const struct drawing *d, const struct talker *t)
{
    struct talker *party = NULL;
    for (size_t i = 0; i < d->talker_count; i++) {
        struct talker *other = &d->talkers[i];
        if (!other->ufrag[0] || !addr_equal_ip(&other->addr, &t->addr)) continue;
        if (party && party != other->first) return NULL;
        party = other->first;
    }
    return party;
}

/* Addresses with the same ufrag are one party. */
static void join_parties(struct drawing *d)
{
    for (size_t i = 0; i < d->talker_count; i++) {
        struct talker *t = &d->talkers[i];
        t->first = t;
        for (size_t k = 0; k < i && t->ufrag[0] && t->first == t; k++)
            if (strcmp(d->talkers[k].ufrag, t->ufrag) == 0) t->first = d->talkers[k].first;
    }
    for (size_t i = 0; i < d->talker_count; i++) {
        struct talker *t = &d->talkers[i], *host = t->ufrag[0] ? NULL : party_of_host(d, t);
        if (host) t->first = host;
    }
    for (size_t i = 0; i < d->talker_count; i++) {
        struct talker *t = &d->talkers[i];
        t->first->addresses++;
        t->first->hosts += t->first == t || !addr_equal_ip(&t->addr, &t->first->addr);
        if (t->first != t) t->first->packets += t->packets;
    }
}

/* The one with the most packets that has no lane yet; NULL: none. */
static struct talker *loudest(const struct drawing *d)
{
    struct talker *most = NULL;
    for (size_t i = 0; i < d->talker_count; i++)
        if (d->talkers[i].lane == LADDER_ELSEWHERE && d->talkers[i].first == &d->talkers[i] &&
            (!most || d->talkers[i].packets > most->packets))
            most = &d->talkers[i];
    return most;
}

/* "192.0.2.1:5000", "192.0.2.1" of several ports of it, "192.0.2.1:5000 and 2 more" */
static const char *name_of(const struct talker *t, char name[LANE_NAME_MAX])
{
    char text[ADDR_TEXT_MAX];
    bool host = t->addr.port == 0 || (t->addresses > 1 && t->hosts == 1);
    if (host)
        addr_ip_text(&t->addr, text);
    else
        addr_text(&t->addr, text);
    if (!host && t->addresses > 1)
        snprintf(name, LANE_NAME_MAX, "%s and %zu more", text, t->addresses - 1);
    else
        snprintf(name, LANE_NAME_MAX, "%s", text);
    return name;
}

/* Lanes for those that talk most, in the order in which they came. */
static void choose_lanes(struct drawing *d, struct ladder_config *page)
{
    size_t most = page->width / LANE_COLUMNS, first = 0, count = 0;
    if (most < 2) most = 2;
    if (most > LADDER_LANES_MAX) most = LADDER_LANES_MAX;
    for (size_t i = 0; i < most; i++) {
        struct talker *t = loudest(d);
        if (!t || (i >= 2 && t->packets < first / TALKERS_PART)) break;
        if (i == 0) first = t->packets;
        t->lane = 0; /* its number comes below */
    }
    for (size_t i = 0; i < d->talker_count; i++) {
        struct talker *t = &d->talkers[i];
        if (t->lane == LADDER_ELSEWHERE) continue;
        t->lane = count;
        page->lanes[count].name = name_of(t, d->names[count]);
        count++;
    }
}

/* ---- What a packet says ---- */

/* Unless there is no room for it: the words before it stay. */
static void put(struct bytes *text, const struct writer *w)
{
    if (w->err == OK) *text = writer_done(w);
}

/* "client_hello; certificate": from the first to the last. */
static void dtls_words(struct drawing *d, struct ladder_event *e, struct bytes said)
{
    struct writer words = writer_of(d->words, sizeof d->words);
    struct writer brief = writer_of(d->brief, sizeof d->brief);
    size_t first = said.len, last = 0;
    for (size_t i = 0; i + 1 < said.len; i++) {
        if (said.at[i] != ';') continue;
        if (first == said.len) first = i;
        last = i + 2;
    }
    write_text(&words, "DTLS ");
    write_bytes(&words, said);
    put(&e->words, &words);
    if (!last) return;
    write_text(&brief, "DTLS ");
    write_bytes(&brief, bytes_slice(said, 0, first));
    write_text(&brief, " to ");
    write_bytes(&brief, bytes_slice(said, last, said.len));
    put(&e->brief, &brief);
}

/* Of "RTP VP8 payload type 96, sequence 5; key frame begins" what is in the payload tells more than
 * the numbers of its header. */
static void media_words(struct drawing *d, struct ladder_event *e, struct bytes said,
                        bool decrypted)
{
    static const char header[] = " payload type";
    struct writer words = writer_of(d->words, sizeof d->words);
    size_t name = 0, payload = 0;
    while (name < said.len && !bytes_starts(bytes_slice(said, name, said.len), header)) name++;
    while (payload < said.len && said.at[payload] != ';') payload++;
    write_text(&words, decrypted ? "S" : "");
    if (name < payload && payload + 1 < said.len) {
        write_bytes(&words, bytes_slice(said, 0, name));
        write_text(&words, ",");
        write_bytes(&words, bytes_slice(said, payload + 1, said.len));
    } else {
        write_bytes(&words, said);
    }
    put(&e->words, &words);
}

/* "WebSocket offer from 1f3a..", "HTTP GET /ws": what came over TCP is the signaling. */
static void stream_words(struct drawing *d, struct ladder_event *e, const struct explain *x,
                         struct bytes said)
{
    static const char *const readers[] = {"from a server: ", "from a client: "}; /* arrows say so */
    struct writer words = writer_of(d->words, sizeof d->words);
    bool frames = strcmp(explain_type(x), "ws") == 0;
    for (size_t i = 0; frames && i < COUNT(readers); i++)
        if (bytes_starts(said, readers[i])) said = bytes_slice(said, strlen(readers[i]), said.len);
    write_text(&words, frames ? "WebSocket " : "HTTP ");
    write_bytes(&words, said);
    *e = (struct ladder_event){.ink = LADDER_SIGNALING, .bytes = e->bytes, .relayed = true};
    put(&e->words, &words);
}

/* Segments that complete no message, and what is not UDP at all. */
static void plain_words(struct drawing *d, struct ladder_event *e, const struct captured *p)
{
    char plain[256];
    struct writer words = writer_of(d->words, sizeof d->words);
    bool tcp = p->datagram.kind == DATAGRAM_TCP;
    explain_capture_plain(p, plain, sizeof plain);
    if (tcp && p->datagram.payload.len == 0) plain[strcspn(plain, ",")] = 0; /* ", 0 bytes" */
    write_format(&words, "%s %s", tcp ? "TCP" : p->protocol, plain);
    *e = (struct ladder_event){
        .bytes = e->bytes,
        .label = tcp ? "segment" : p->protocol,
        .repeats = ladderwire_number((uint64_t)p->datagram.kind << 32 | p->datagram.tcp_flags,
                                     &p->datagram.from, &p->datagram.to)};
    put(&e->words, &words);
}

static struct bytes said_of(const struct explain *x, char *room, size_t size)
{
    const struct fault *fault = explain_fault(x);
    if (fault->err == OK) return explain_summary_text(x);
    return bytes_of(fault_text(fault, room, size));
}

static bool is_stream(const struct explain *x)
{
    return strcmp(explain_type(x), "ws") == 0 || strcmp(explain_type(x), "http") == 0;
}

/* The event but for its time and lanes. */
static void describe(struct drawing *d, struct ladder_event *e, const struct captured *p)
{
    char fault[256];
    const struct datagram *datagram = &p->datagram;
    bool tcp = datagram->kind == DATAGRAM_TCP;
    struct bytes carried = p->decrypted && !tcp ? datagram->payload : p->message;
    ladderwire_event(&d->wire, e, carried, &datagram->from, &datagram->to);
    e->bytes = datagram->payload.len;
    if (!p->x) {
        plain_words(d, e, p);
        return;
    }
    struct bytes said = said_of(p->x, fault, sizeof fault);
    if (strcmp(p->protocol, "stun") == 0) { /* the few words of every ladder */
        const struct talker *to = talker_of(d, &datagram->to);
        if (to && to->first->addresses > 1) ladderwire_way(&d->wire, e, "to", &datagram->to);
        return;
    }
    if (strcmp(p->protocol, "dtls") == 0)
        dtls_words(d, e, said);
    else if (is_stream(p->x))
        stream_words(d, e, p->x, said);
    else
        media_words(d, e, said, p->decrypted);
    if (explain_fault(p->x)->err != OK) e->label = NULL, e->repeats = 0;
}

static size_t lane_of(const struct drawing *d, const struct addr *a)
{
    const struct talker *t = talker_of(d, a);
    return t ? t->first->lane : LADDER_ELSEWHERE;
}

static void draw(struct drawing *d, const struct captured *p, struct ladder_event *e)
{
    const struct addr *from = &p->datagram.from, *to = &p->datagram.to;
    /* Times are the file's: nobody knows that they lie close to each other. */
    e->at = (usec)((uint64_t)p->item.time - (uint64_t)d->begin);
    e->from = lane_of(d, from);
    e->to = lane_of(d, to);
    e->from_name = from->port ? addr_text(from, d->from) : addr_ip_text(from, d->from);
    e->to_name = to->port ? addr_text(to, d->to) : addr_ip_text(to, d->to);
    ladder_input(d->ladder, e);
    ladderpage_print(d->ladder);
}

/* TCP's bare acknowledgements: nobody says anything with them. */
static bool says_nothing(const struct datagram *datagram)
{
    static const uint8_t syn_fin_rst = 1 | 2 | 4;
    return datagram->kind == DATAGRAM_TCP && datagram->payload.len == 0 && !datagram->fragmented &&
           !(datagram->tcp_flags & syn_fin_rst);
}

static void draw_packet(struct drawing *d, const struct captured *p)
{
    char fault[256];
    struct ladder_event e;
    if (says_nothing(&p->datagram)) return;
    describe(d, &e, p);
    draw(d, p, &e);
    for (size_t i = 0; i < p->more_count; i++) {
        const struct captured_more *more = &p->more[i];
        if (more->inside || !is_stream(more->x)) continue;
        stream_words(d, &e, more->x, said_of(more->x, fault, sizeof fault));
        e.bytes = 0; /* it is in the segment above */
        draw(d, p, &e);
    }
}

struct fault explain_ladder(struct bytes file, const struct capture_view *view)
{
    struct drawing d = {.view = view, .talkers = calloc(TALKERS_MAX, sizeof *d.talkers)};
    struct fault fault = {E_NOMEM, "capture", 0, "no memory left for the capture"};
    struct captureread *read = captureread_new(file, view->options);
    struct ladder_config page = ladderpage();
    if (!d.talkers || !read) goto out;
    count_talkers(&d, file);
    join_parties(&d);
    choose_lanes(&d, &page);
    page.fine = true;
    d.ladder = ladder_new(&page);
    if (!d.ladder) goto out;
    for (const struct captured *p; (p = captureread_next(read));)
        if (is_wanted(view, p->item.number) && !is_copy(&p->item, &p->datagram)) draw_packet(&d, p);
    ladder_flush(d.ladder);
    ladderpage_print(d.ladder);
    fault = *captureread_fault(read);
    explain_capture_remarks(read);
out:
    ladder_free(d.ladder);
    captureread_free(read);
    free(d.talkers);
    return fault;
}
