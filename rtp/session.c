#include "rtp/internal.h"

#include <stdlib.h>
#include <string.h>

#define LAYER "rtp"

_Static_assert(sizeof(struct rtp_session) <= RTP_SESSION_BYTES, "session.h promises this size");

void rtp_cname_draw(struct rng *rng, char to[RTP_CNAME_LEN + 1])
{
    rng_text(rng, to, RTP_CNAME_LEN); /* 64 characters: six bits each, 96 in all */
    to[RTP_CNAME_LEN] = '\0';
}

struct rtp_session *rtp_session_new(const struct rtp_session_config *cfg)
{
    struct rtp_session *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->rng = cfg->rng;
    if (cfg->cname)
        bytes_to_text(bytes_of(cfg->cname), s->cname, sizeof s->cname);
    else
        rtp_cname_draw(&s->rng, s->cname);
    s->unix_us = cfg->unix_us;
    s->reduced_size = cfg->reduced_size;
    s->plain_resends = cfg->plain_resends;
    s->own_ssrc = rng_u32(&s->rng) | 1;
    s->report_at = TIME_NEVER;
    RING_OVER(&s->events, s->event_items);
    return s;
}

void rtp_session_free(struct rtp_session *s)
{
    if (!s) return;
    for (size_t i = 0; i < RTP_SENDERS_MAX; i++) {
        if (s->senders[i]) rtp_sender_free(s->senders[i]);
        free(s->senders[i]);
    }
    for (size_t i = 0; i < RTP_RECEIVERS_MAX; i++) {
        if (s->receivers[i]) rtp_receiver_free(s->receivers[i]);
        free(s->receivers[i]);
    }
    free(s->arrivals);
    free(s->departures);
    free(s);
}

void rtp_session_set_reduced_size(struct rtp_session *s, bool reduced_size)
{
    s->reduced_size = reduced_size;
}

const char *rtp_session_cname(const struct rtp_session *s)
{
    return s->cname;
}

const struct fault *rtp_session_fault(const struct rtp_session *s)
{
    return &s->fault;
}

void rtp_session_push(struct rtp_session *s, int type, size_t stream, uint32_t ssrc)
{
    ring_push(&s->events, &(struct rtp_note){(uint8_t)type, (uint8_t)stream, ssrc});
}

static struct rtp_sender *sender_of(const struct rtp_session *s, size_t i)
{
    return i < RTP_SENDERS_MAX ? s->senders[i] : NULL;
}

static struct rtp_receiver *receiver_of(const struct rtp_session *s, size_t i)
{
    return i < RTP_RECEIVERS_MAX ? s->receivers[i] : NULL;
}

/* Streams */

/* What all streams of a direction share comes with the first of them: a connection that only moves
 * data never pays for it. */
static bool has_departures(struct rtp_session *s)
{
    if (s->departures) return true;
    s->departures = malloc(sizeof *s->departures);
    if (s->departures) twcc_history_init(s->departures);
    return s->departures != NULL;
}

static bool has_arrivals(struct rtp_session *s)
{
    if (s->arrivals) return true;
    s->arrivals = malloc(sizeof *s->arrivals);
    if (s->arrivals) twcc_recorder_init(s->arrivals);
    return s->arrivals != NULL;
}

static bool ssrc_taken(const struct rtp_session *s, uint32_t ssrc)
{
    for (size_t i = 0; i < RTP_SENDERS_MAX; i++) {
        const struct rtp_sender *sender = s->senders[i];
        if (sender && ssrc && (sender->config.ssrc == ssrc || sender->config.rtx_ssrc == ssrc))
            return true;
    }
    return false;
}

enum err rtp_session_add_sender(struct rtp_session *s, const struct rtp_sender_config *cfg,
                                size_t *sender)
{
    size_t i = 0;
    while (i < RTP_SENDERS_MAX && s->senders[i]) i++;
    if (i == RTP_SENDERS_MAX) return E_FULL;
    if (ssrc_taken(s, cfg->ssrc) || ssrc_taken(s, cfg->rtx_ssrc)) return E_STATE;
    struct rtp_sender *fresh = has_departures(s) ? malloc(sizeof *fresh) : NULL;
    if (!fresh) return E_NOMEM;
    enum err err = rtp_sender_init(fresh, cfg, &s->rng);
    if (err != OK) {
        free(fresh);
        return err;
    }
    s->senders[i] = fresh;
    if (i >= s->sender_end) s->sender_end = i + 1;
    *sender = i;
    return OK;
}

enum err rtp_session_update_sender(struct rtp_session *s, size_t sender,
                                   const struct rtp_sender_config *cfg)
{
    struct rtp_sender *it = sender_of(s, sender);
    if (!it) return E_STATE;
    if (cfg->rtx_ssrc != it->config.rtx_ssrc && ssrc_taken(s, cfg->rtx_ssrc)) return E_STATE;
    return rtp_sender_update(it, cfg);
}

void rtp_session_pause_sender(struct rtp_session *s, size_t sender)
{
    struct rtp_sender *it = sender_of(s, sender);
    if (it) rtp_sender_pause(it);
}

void rtp_session_remove_sender(struct rtp_session *s, size_t sender)
{
    struct rtp_sender *it = sender_of(s, sender);
    if (!it) return;
    /* RFC 3550 §6.3.7: who has sent nothing says no BYE. */
    if (it->stats.packets > 0 && s->leaving_count + 2 <= COUNT(s->leaving)) {
        s->leaving[s->leaving_count++] = it->config.ssrc;
        if (it->config.rtx_ssrc) s->leaving[s->leaving_count++] = it->config.rtx_ssrc;
    }
    s->reports_due &= ~(UINT32_C(1) << sender);
    rtp_sender_free(it);
    free(it);
    s->senders[sender] = NULL;
}

enum err rtp_session_add_receiver(struct rtp_session *s, const struct rtp_receiver_config *cfg,
                                  size_t *receiver)
{
    size_t i = 0;
    while (i < RTP_RECEIVERS_MAX && s->receivers[i]) i++;
    if (i == RTP_RECEIVERS_MAX) return E_FULL;
    struct rtp_receiver *fresh = has_arrivals(s) ? malloc(sizeof *fresh) : NULL;
    if (!fresh) return E_NOMEM;
    enum err err = rtp_receiver_init(fresh, cfg);
    if (err != OK) {
        free(fresh);
        return err;
    }
    s->receivers[i] = fresh;
    if (i >= s->receiver_end) s->receiver_end = i + 1;
    *receiver = i;
    return OK;
}

enum err rtp_session_update_receiver(struct rtp_session *s, size_t receiver,
                                     const struct rtp_receiver_config *cfg)
{
    struct rtp_receiver *it = receiver_of(s, receiver);
    enum err err = it ? rtp_receiver_update(it, cfg) : E_STATE;
    if (err == OK) rtp_receiver_tick(it, s->now); /* without NACK gaps are waited for less */
    return err;
}

void rtp_session_remove_receiver(struct rtp_session *s, size_t receiver)
{
    struct rtp_receiver *it = receiver_of(s, receiver);
    if (!it) return;
    rtp_receiver_free(it);
    free(it);
    s->receivers[receiver] = NULL;
}

/* Sending */

enum err rtp_session_send(struct rtp_session *s, size_t sender, const struct rtp_frame *frame,
                          usec now)
{
    struct rtp_sender *it = sender_of(s, sender);
    s->now = now;
    if (!it) return E_STATE;
    return rtp_sender_frame(it, frame);
}

void rtp_session_miss(struct rtp_session *s, size_t sender, const struct rtp_frame *frame, usec now)
{
    struct rtp_sender *it = sender_of(s, sender);
    s->now = now;
    if (it) rtp_sender_miss(it, frame);
}

void rtp_session_want_key(struct rtp_session *s, size_t receiver)
{
    struct rtp_receiver *it = receiver_of(s, receiver);
    if (!it) return;
    rtp_receiver_want_key(it);
    rtp_receiver_tick(it, s->now);
}

void rtp_session_set_rtt(struct rtp_session *s, usec rtt)
{
    s->known_rtt = rtt;
}

usec rtp_session_rtt(const struct rtp_session *s)
{
    return s->rtt > 0 ? s->rtt : s->known_rtt;
}

/* The i-th index below `end`, counted from `first` <= `end` on and around. */
static size_t in_turn(size_t first, size_t i, size_t end)
{
    return first + i < end ? first + i : first + i - end;
}

/* Whose turn it is, as an index below sender_end, or RTP_SENDERS_MAX. Audio first: it is small, and
 * late sound is worse than a late picture. */
static size_t next_to_send(const struct rtp_session *s, usec now)
{
    size_t video = RTP_SENDERS_MAX;
    for (size_t i = 0; i < s->sender_end; i++) {
        size_t at = in_turn(s->next_sender, i, s->sender_end);
        const struct rtp_sender *it = s->senders[at];
        if (!it || !rtp_sender_ready(it, now)) continue;
        if (it->config.kind == RTP_OPUS) return at;
        if (video == RTP_SENDERS_MAX) video = at;
    }
    return video;
}

static bool output_rtp(struct rtp_session *s, struct packet *out, usec now)
{
    for (;;) { /* who is ready and yet has nothing to send is not ready any more */
        size_t at = next_to_send(s, now);
        if (at == RTP_SENDERS_MAX) return false;
        const uint16_t sequence = twcc_history_next(s->departures);
        uint16_t next = sequence;
        if (!rtp_sender_output(s->senders[at], out, &next, s->plain_resends, now)) continue;
        if (next != sequence) twcc_history_sent(s->departures, out->len, now);
        s->next_sender = at + 1;
        s->stats.rtp_packets_out++;
        rtp_session_wake_reports(s, now);
        return true;
    }
}

bool rtp_session_output(struct rtp_session *s, struct packet *out, bool *is_rtcp, usec now)
{
    s->now = now;
    rtp_session_tick_reports(s, now);
    *is_rtcp = rtp_session_output_rtcp(s, out, now);
    return *is_rtcp || output_rtp(s, out, now);
}

/* Receiving */

/* Which receiver a packet belongs to. */
struct destination {
    struct rtp_receiver *receiver;
    size_t index;
    bool is_rtx;
};

struct rtp_receiver *rtp_session_by_ssrc(struct rtp_session *s, uint32_t ssrc, size_t *index)
{
    for (size_t i = 0; ssrc && i < s->receiver_end; i++) {
        if (!s->receivers[i] || s->receivers[i]->ssrc != ssrc) continue;
        *index = i;
        return s->receivers[i];
    }
    return NULL;
}

static bool find_by_ssrc(struct rtp_session *s, uint32_t ssrc, struct destination *to)
{
    for (size_t i = 0; ssrc && i < s->receiver_end; i++) {
        struct rtp_receiver *r = s->receivers[i];
        if (!r || (r->ssrc != ssrc && r->rtx_ssrc != ssrc)) continue;
        *to = (struct destination){.receiver = r, .index = i, .is_rtx = r->ssrc != ssrc};
        return true;
    }
    return false;
}

/* RFC 9143 §9.2: the MID that the packet carries. `*named`: it carries one; then only this. */
static bool find_by_mid(struct rtp_session *s, const struct rtp_packet *p, bool *named,
                        struct destination *to)
{
    for (size_t i = 0; i < s->receiver_end; i++) {
        struct rtp_receiver *r = s->receivers[i];
        if (!r || r->config.mid.len == 0) continue;
        struct bytes mid = rtp_extension_find(p, r->config.extensions.mid);
        *named = *named || mid.len > 0;
        if (mid.len == 0 || !bytes_equal(mid, r->config.mid)) continue;
        *to = (struct destination){.receiver = r, .index = i};
        return true;
    }
    return false;
}

/* RFC 9143 §9.2: a payload type that only one section uses. */
static bool find_by_type(struct rtp_session *s, uint8_t pt, struct destination *to)
{
    size_t found = 0;
    for (size_t i = 0; i < s->receiver_end; i++) {
        struct rtp_receiver *r = s->receivers[i];
        if (!r || !rtp_receiver_type(r, pt)) continue;
        *to = (struct destination){.receiver = r, .index = i};
        found++;
    }
    return found == 1;
}

/* Whether the packet's SSRC may become the receiver's own. Each receiver has one SSRC and one for
 * RTX, so a flood of SSRCs makes no state: another comes in only when the present one is idle. */
static bool may_bind(struct destination *to, const struct rtp_packet *p, usec now)
{
    const struct rtp_receiver *r = to->receiver;
    const struct rtp_payload_type *type = rtp_receiver_type(r, p->payload_type);
    if (!type) return false;
    to->is_rtx = type->is_rtx;
    if (to->is_rtx && rtp_receiver_is_old_rtx(r, p->ssrc, now)) return false;
    uint32_t present = to->is_rtx ? r->rtx_ssrc : r->ssrc;
    usec last = to->is_rtx ? r->last_rtx : r->last_packet;
    bool heard = to->is_rtx ? r->rtx_heard : r->announced;
    return !present || !heard || now - last >= RTP_IDLE;
}

static void bind(const struct destination *to, uint32_t ssrc)
{
    if (to->is_rtx)
        to->receiver->rtx_ssrc = ssrc;
    else
        rtp_receiver_restart(to->receiver, ssrc);
}

/* RFC 9143 §9.2, for an SSRC that is nobody's yet. */
static bool find_by_name(struct rtp_session *s, const struct rtp_packet *p, usec now,
                         struct destination *to)
{
    bool named = false;
    bool found = p->ssrc && find_by_mid(s, p, &named, to);
    if (!found && !named) found = p->ssrc && find_by_type(s, p->payload_type, to);
    return found && may_bind(to, p, now);
}

/* Whether the packet names another section than that whose stream it was so far: a newer packet
 * than any before may (RFC 9143 §9.2, RFC 7941 §4.2.6). */
static bool names_another(const struct destination *at, const struct rtp_packet *p)
{
    const struct rtp_receiver *r = at->receiver;
    if (at->is_rtx || !p->has_extension || r->config.mid.len == 0) return false;
    struct bytes mid = rtp_extension_find(p, r->config.extensions.mid);
    if (mid.len == 0 || bytes_equal(mid, r->config.mid)) return false;
    uint64_t highest = r->sequence.highest;
    return !r->sequence.started || rtp_extend(highest, p->sequence, 16) > highest;
}

/* Its RTX goes with it. Whoever was there gives way: unlike an unknown SSRC this one is no flood.
 */
static void follow_mid(struct rtp_session *s, const struct rtp_packet *p, struct destination *at)
{
    struct destination to = {0};
    bool named = false;
    if (!names_another(at, p) || !find_by_mid(s, p, &named, &to)) return;
    const struct rtp_payload_type *type = rtp_receiver_type(to.receiver, p->payload_type);
    if (!type || type->is_rtx) return;
    uint32_t rtx_ssrc = at->receiver->rtx_ssrc;
    at->receiver->rtx_ssrc = 0;
    rtp_receiver_restart(at->receiver, 0);
    rtp_receiver_restart(to.receiver, p->ssrc);
    if (rtx_ssrc) to.receiver->rtx_ssrc = rtx_ssrc;
    *at = to;
}

static bool route_packet(struct rtp_session *s, const struct rtp_packet *p, usec now,
                         struct destination *to)
{
    if (find_by_ssrc(s, p->ssrc, to)) {
        follow_mid(s, p, to);
        return true;
    }
    if (!find_by_name(s, p, now, to)) return false;
    bind(to, p->ssrc);
    return true;
}

bool rtp_session_expects(struct rtp_session *s, struct bytes sealed, usec now)
{
    struct rtp_packet p;
    struct destination to;
    struct reader r = reader_of(sealed);
    read_skip(&r, 8);
    if (find_by_ssrc(s, read_u32(&r), &to)) return true; /* as nearly all: nothing else is read */
    return rtp_parse_protected(&p, sealed) != OK || find_by_name(s, &p, now, &to);
}

static void announce(struct rtp_session *s, const struct destination *to)
{
    struct rtp_receiver *r = to->receiver;
    if (r->announced) return;
    r->announced = true;
    r->stats.ssrc = r->ssrc;
    rtp_session_push(s, RTP_STREAM_NEW, to->index, r->ssrc);
}

static enum err input_rtx(struct rtp_session *s, struct rtp_receiver *r, const struct rtp_packet *p,
                          usec now)
{
    struct rtp_packet original;
    r->last_rtx = now;
    r->rtx_heard = true;
    /* Probes, some even before the stream that they would repair: nothing to do, nothing wrong. */
    if (p->payload.len == 0 || !r->sequence.started) {
        s->stats.probes++;
        return OK;
    }
    enum err err = rtp_receiver_unwrap(r, p, &original, &s->fault);
    if (err != OK) {
        s->stats.malformed++;
        return err;
    }
    if (original.payload.len == 0) s->stats.probes++; /* padding alone, and yet it fills a gap */
    return rtp_receiver_input(r, &original, true, now, &s->fault);
}

static void note_arrival(struct rtp_session *s, const struct rtp_receiver *r,
                         const struct rtp_packet *p, usec now)
{
    if (!r->config.feedback.transport_cc) return;
    struct bytes number = rtp_extension_find(p, r->config.extensions.transport_cc);
    if (number.len < 2) return;
    struct reader in = reader_of(number);
    twcc_recorder_packet(s->arrivals, read_u16(&in), p->ssrc, now);
}

enum err rtp_session_input_rtp(struct rtp_session *s, const struct packet *plain, usec now)
{
    struct rtp_packet p;
    struct destination to;
    s->now = now;
    s->stats.rtp_packets_in++;
    enum err err = rtp_parse(&p, packet_bytes(plain));
    if (err != OK) {
        s->stats.malformed++;
        s->fault = p.fault;
        return err;
    }
    if (!route_packet(s, &p, now, &to)) {
        s->stats.unknown_stream++;
        return rtp_refuse(&s->fault, E_UNSUPPORTED, LAYER, 8,
                          "no section has this SSRC, MID or payload type (RFC 9143 9.2)");
    }
    rtp_session_wake_reports(s, now);
    note_arrival(s, to.receiver, &p, now);
    const struct rtp_payload_type *type = rtp_receiver_type(to.receiver, p.payload_type);
    if (!type || type->is_rtx != to.is_rtx) {
        s->stats.unknown_type++;
        return rtp_refuse(&s->fault, E_UNSUPPORTED, LAYER, 1,
                          "the section did not agree on this payload type (RFC 3264 5.1)");
    }
    if (to.is_rtx) return input_rtx(s, to.receiver, &p, now);
    if (p.payload.len == 0) s->stats.probes++;
    err = rtp_receiver_input(to.receiver, &p, false, now, &s->fault);
    if (!to.receiver->gone) announce(s, &to);
    if (err != OK) s->stats.malformed++;
    return err;
}

/* Time and events */

void rtp_session_tick(struct rtp_session *s, usec now)
{
    s->now = now;
    rtp_session_tick_reports(s, now);
    for (size_t i = 0; i < s->receiver_end; i++)
        if (s->receivers[i]) rtp_receiver_tick(s->receivers[i], now);
}

static bool next_frame(struct rtp_session *s, struct rtp_event *ev)
{
    for (size_t i = 0; i < s->receiver_end; i++) {
        size_t at = in_turn(s->next_receiver, i, s->receiver_end);
        struct rtp_receiver *r = s->receivers[at];
        if (!r || !rtp_receiver_frame(r, &ev->as.frame, s->now)) continue;
        ev->type = RTP_FRAME;
        ev->stream = at;
        s->next_receiver = at + 1;
        return true;
    }
    return false;
}

static bool next_key_wish(struct rtp_session *s, struct rtp_event *ev)
{
    for (size_t i = 0; i < s->sender_end; i++) {
        if (!s->senders[i] || !rtp_sender_key_due(s->senders[i], s->now)) continue;
        *ev = (struct rtp_event){.type = RTP_KEY_WANTED, .stream = i};
        return true;
    }
    return false;
}

bool rtp_session_event(struct rtp_session *s, struct rtp_event *ev)
{
    struct rtp_note note;
    if (s->events.count && ring_pop(&s->events, &note)) {
        *ev = (struct rtp_event){.type = note.type, .stream = note.stream, .as.ssrc = note.ssrc};
        return true;
    }
    if (s->bitrate_told) {
        s->bitrate_told = false;
        *ev = (struct rtp_event){.type = RTP_BITRATE, .as.bitrate = s->bitrate};
        return true;
    }
    return next_key_wish(s, ev) || next_frame(s, ev);
}

usec rtp_session_deadline(const struct rtp_session *s)
{
    usec due = rtp_session_deadline_rtcp(s);
    for (size_t i = 0; i < s->sender_end; i++)
        if (s->senders[i]) due = usec_min(due, rtp_sender_deadline(s->senders[i]));
    for (size_t i = 0; i < s->receiver_end; i++)
        if (s->receivers[i]) due = usec_min(due, rtp_receiver_deadline(s->receivers[i]));
    return due;
}

/* Statistics */

bool rtp_session_sender_stats(const struct rtp_session *s, size_t sender,
                              struct rtp_sender_stats *out)
{
    const struct rtp_sender *it = sender_of(s, sender);
    if (it) *out = it->stats;
    return it != NULL;
}

bool rtp_session_receiver_stats(const struct rtp_session *s, size_t receiver,
                                struct rtp_receiver_stats *out)
{
    const struct rtp_receiver *it = receiver_of(s, receiver);
    if (!it) return false;
    *out = it->stats;
    out->lost = rtp_reception_lost(&it->reception);
    out->jitter = rtp_reception_jitter(&it->reception);
    return true;
}

struct rtp_session_stats rtp_session_stats(const struct rtp_session *s)
{
    struct rtp_session_stats stats = s->stats;
    if (s->departures) {
        stats.twcc_acked = s->departures->acked;
        stats.twcc_lost = s->departures->lost;
        stats.feedback_unknown += s->departures->unknown;
    }
    stats.rtt = rtp_session_rtt(s);
    return stats;
}
