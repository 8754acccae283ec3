#include "apps/explainladder.h"

#include "apps/captureread.h"
#include "apps/ladderpage.h"
#include "apps/laddertalkers.h"
#include "apps/ladderwords.h"
#include "apps/wiretap.h"

struct drawing {
    const struct capture_view *view;
    struct ladder *ladder;
    struct ladderwords words;
    usec begin; /* of the first packet */
    struct talkers *talkers;
    char from[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
};

/* Our own captures have the same media twice: as it was on the wire, and decrypted on an interface
 * of its own. What is decrypted here needs no second one. */
static bool is_copy(const struct capture_item *item, const struct datagram *d)
{
    return item->interface > 0 && wiretap_is_plain(&d->from);
}

static bool is_wanted(const struct capture_view *view, const struct capture_item *item,
                      const struct datagram *d)
{
    bool chosen = item->number >= view->first && (!view->last || item->number <= view->last);
    return chosen && !is_copy(item, d);
}

static void hear_talkers(struct drawing *d, struct bytes file)
{
    struct capture c;
    if (capture_open(&c, file) != OK) return;
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind != CAPTURE_PACKET) continue;
        if (item.number == 1) d->begin = item.time;
        struct datagram datagram = datagram_of(item.data, item.link);
        if (is_wanted(d->view, &item, &datagram)) talkers_hear(d->talkers, &datagram);
    }
}

static void draw(struct drawing *d, const struct captured *p, struct ladder_event *e)
{
    const struct addr *from = &p->datagram.from, *to = &p->datagram.to;
    /* Times are the file's: nobody knows that they lie close to each other. */
    e->at = (usec)((uint64_t)p->item.time - (uint64_t)d->begin);
    e->from = talkers_lane(d->talkers, from);
    e->to = talkers_lane(d->talkers, to);
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
    struct ladder_event e;
    if (says_nothing(&p->datagram)) return;
    ladderwords_packet(&d->words, &e, p, talkers_share(d->talkers, &p->datagram.to));
    draw(d, p, &e);
    for (size_t i = 0; i < p->more_count; i++)
        if (ladderwords_more(&d->words, &e, p, i)) draw(d, p, &e);
}

struct fault explain_ladder(struct bytes file, const struct capture_view *view)
{
    struct drawing d = {.view = view, .talkers = talkers_new()};
    struct fault fault = {E_NOMEM, "capture", 0, "no memory left for the capture"};
    struct captureread *read = captureread_new(file, view->options);
    struct ladder_config page = ladderpage();
    if (!d.talkers || !read) goto out;
    hear_talkers(&d, file);
    talkers_choose(d.talkers, &page);
    page.fine = true;
    d.ladder = ladder_new(&page);
    if (!d.ladder) goto out;
    for (const struct captured *p; (p = captureread_next(read));)
        if (is_wanted(view, &p->item, &p->datagram)) draw_packet(&d, p);
    ladder_flush(d.ladder);
    ladderpage_print(d.ladder);
    fault = *captureread_fault(read);
    explain_capture_remarks(read);
out:
    ladder_free(d.ladder);
    captureread_free(read);
    talkers_free(d.talkers);
    return fault;
}
