#include "apps/ladderwords.h"

#include "apps/explaincapture.h"

/* Unless there is no room for it: the words before it stay. */
static void put(struct bytes *text, const struct writer *w)
{
    if (w->err == OK) *text = writer_done(w);
}

/* What was said from the i-th phrase on. */
static struct bytes from_phrase(const struct explain *x, size_t i)
{
    struct bytes all = explain_summary_text(x);
    size_t begin = (size_t)(explain_phrase_at(x, i).text.at - all.at);
    return bytes_slice(all, begin, all.len);
}

/* The few words of every ladder. */
static void check_words(struct ladderwords *w, struct ladder_event *e,
                        const struct datagram *datagram, bool shared)
{
    if (shared) ladderwire_way(&w->wire, e, "to", &datagram->to);
}

/* "client_hello to certificate" where there is no room for all that is between. */
static void dtls_words(struct ladderwords *w, struct ladder_event *e, const struct explain *x)
{
    struct writer words = writer_of(w->words, sizeof w->words);
    struct writer brief = writer_of(w->brief, sizeof w->brief);
    size_t count = explain_phrase_count(x);
    write_text(&words, "DTLS ");
    write_bytes(&words, explain_summary_text(x));
    put(&e->words, &words);
    if (count < 2) return;
    write_text(&brief, "DTLS ");
    write_bytes(&brief, explain_phrase_at(x, 0).text);
    write_text(&brief, " to ");
    write_bytes(&brief, explain_phrase_at(x, count - 1).text);
    put(&e->brief, &brief);
}

/* Of "RTP VP8 payload type 96, sequence 5; key frame begins" what is in the payload tells more than
 * the numbers of its header: "RTP VP8, key frame begins". */
static void media_words(struct ladderwords *w, struct ladder_event *e, const struct explain *x,
                        bool decrypted)
{
    struct writer words = writer_of(w->words, sizeof w->words);
    struct explain_phrase header = explain_phrase_at(x, 0);
    bool has_more = explain_phrase_count(x) > 1 && header.head.len < header.text.len;
    write_text(&words, decrypted ? "S" : "");
    write_bytes(&words, has_more ? header.head : explain_summary_text(x));
    if (has_more) {
        write_text(&words, ", ");
        write_bytes(&words, from_phrase(x, 1));
    }
    put(&e->words, &words);
}

static bool is_stream(const struct explain *x)
{
    return strcmp(explain_type(x), "ws") == 0 || strcmp(explain_type(x), "http") == 0;
}

/* "offer from 1f3a..", "GET /ws". Who speaks, the first phrase of a WebSocket's, is what the arrow
 * says. */
static void stream_words(struct ladderwords *w, struct ladder_event *e, const struct explain *x,
                         const char *before, bool frames)
{
    struct writer words = writer_of(w->words, sizeof w->words);
    write_text(&words, before);
    write_bytes(&words, frames && explain_phrase_count(x) > 1 ? from_phrase(x, 1)
                                                              : explain_summary_text(x));
    put(&e->words, &words);
}

/* Segments that complete no message, and what is not UDP at all. */
static void plain_words(struct ladderwords *w, struct ladder_event *e, const struct captured *p)
{
    char plain[256];
    struct writer words = writer_of(w->words, sizeof w->words);
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

/* Why it could not be explained. It is counted with no others. */
static void fault_words(struct ladderwords *w, struct ladder_event *e, const struct explain *x,
                        const char *before)
{
    char text[256];
    struct writer words = writer_of(w->words, sizeof w->words);
    write_text(&words, before);
    write_text(&words, fault_text(explain_fault(x), text, sizeof text));
    put(&e->words, &words);
    e->label = NULL;
    e->repeats = 0;
}

/* "WebSocket offer from 1f3a..", "HTTP GET /ws": what came over TCP is the signaling. */
static void signaling_event(struct ladderwords *w, struct ladder_event *e, const struct explain *x)
{
    bool frames = strcmp(explain_type(x), "ws") == 0;
    const char *before = frames ? "WebSocket " : "HTTP ";
    *e = (struct ladder_event){.ink = LADDER_SIGNALING, .bytes = e->bytes, .relayed = true};
    if (explain_fault(x)->err == OK)
        stream_words(w, e, x, before, frames);
    else
        fault_words(w, e, x, before);
}

void ladderwords_packet(struct ladderwords *w, struct ladder_event *e, const struct captured *p,
                        bool shared)
{
    const struct datagram *datagram = &p->datagram;
    bool tcp = datagram->kind == DATAGRAM_TCP, dtls = strcmp(p->protocol, "dtls") == 0;
    struct bytes carried = p->decrypted && !tcp ? datagram->payload : p->message;
    ladderwire_event(&w->wire, e, carried, &datagram->from, &datagram->to);
    e->bytes = datagram->payload.len;
    if (!p->x)
        plain_words(w, e, p);
    else if (is_stream(p->x))
        signaling_event(w, e, p->x);
    else if (strcmp(p->protocol, "stun") == 0)
        check_words(w, e, datagram, shared);
    else if (explain_fault(p->x)->err != OK)
        fault_words(w, e, p->x, dtls ? "DTLS " : p->decrypted ? "S" : "");
    else if (dtls)
        dtls_words(w, e, p->x);
    else
        media_words(w, e, p->x, p->decrypted);
}

bool ladderwords_more(struct ladderwords *w, struct ladder_event *e, const struct captured *p,
                      size_t i)
{
    const struct captured_more *more = &p->more[i];
    if (more->inside || !is_stream(more->x)) return false;
    signaling_event(w, e, more->x);
    e->bytes = 0; /* it is in the segment above */
    return true;
}
