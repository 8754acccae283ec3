#include "rtp/sender.h"

#include "rtp/internal.h"
#include "rtp/opus.h"
#include "rtp/packet.h"
#include "rtp/report.h"
#include "rtp/vp8.h"

#include <string.h>

#define RTX_OSN_LEN       2 /* RFC 4588 §4: the original sequence number before the payload */
#define ABS_SEND_TIME_LEN 3
#define TRANSPORT_LEN     2
#define PICTURE_ID_MASK   0x7FFF

/* RFC 5761 §4: payload types 64 to 95 look like RTCP. */
static bool pt_ok(uint8_t pt)
{
    return pt < 64 || (pt >= 96 && pt < 128);
}

static size_t or_default(size_t value, size_t otherwise)
{
    return value ? value : otherwise;
}

static enum err check(const struct rtp_sender_config *c)
{
    if (!pt_ok(c->pt) || (c->rtx_ssrc && !pt_ok(c->rtx_pt))) return E_MALFORMED;
    if (c->kind != RTP_VP8 && c->kind != RTP_OPUS) return E_MALFORMED;
    if (c->mid.len > RTP_MID_MAX) return E_FULL;
    return OK;
}

static void take_mid(struct rtp_sender *s, struct bytes mid)
{
    if (mid.len) memmove(s->mid, mid.at, mid.len);
    s->config.mid = (struct bytes){s->mid, mid.len};
}

enum err rtp_sender_init(struct rtp_sender *s, const struct rtp_sender_config *cfg, struct rng *rng)
{
    bool video = cfg->kind == RTP_VP8;
    *s = (struct rtp_sender){.config = *cfg, .credit = RTP_RESEND_CREDIT};
    struct rtp_sender_config *c = &s->config;
    c->clock = c->clock ? c->clock : video ? 90000 : OPUS_CLOCK;
    c->max_packet = or_default(c->max_packet, RTP_PACKET_LEN);
    c->history = or_default(c->history, video ? 512 : 32);
    bool power = (c->history & (c->history - 1)) == 0;
    enum err err = check(cfg);
    if (err != OK) return err;
    if (!power || c->history > 8192 || c->max_packet < 128 || c->max_packet > PACKET_MAX - 8)
        return E_MALFORMED;
    take_mid(s, cfg->mid);
    s->timestamp_offset = rng_u32(rng);
    s->picture_id = rng_u32(rng) & PICTURE_ID_MASK;
    /* Below 2^15: a receiver that misses the first packets must not guess a rollover of the SRTP
     * index (RFC 3711 §3.3.1). */
    s->rtx_sequence = rng_u32(rng) & 0x7FFF;
    return rtp_history_init(&s->history, c->history, c->max_packet,
                            0x10000 + (rng_u32(rng) & 0x7FFF));
}

enum err rtp_sender_update(struct rtp_sender *s, const struct rtp_sender_config *cfg)
{
    enum err err = check(cfg);
    if (err != OK) return err;
    struct rtp_sender_config *c = &s->config;
    take_mid(s, cfg->mid);
    c->pt = cfg->pt;
    c->rtx_ssrc = cfg->rtx_ssrc;
    c->rtx_pt = cfg->rtx_pt;
    c->extensions = cfg->extensions;
    c->feedback = cfg->feedback;
    s->paused = false;
    if (s->key_needed) rtp_sender_ask_key(s);
    return OK;
}

void rtp_sender_free(struct rtp_sender *s)
{
    rtp_history_free(&s->history);
}

/* What all packets of one frame share: the first bytes of each, with holes for what is stamped when
 * the packet leaves. */
struct layout {
    uint8_t head[RTP_HEADER_LEN + 4 + 4 * (RTP_MID_MAX + 2) + VP8_DESCRIPTOR_MAX];
    size_t head_len;
    size_t payload_at; /* where header and extensions end and the payload descriptor begins */
    size_t space;      /* bytes of the codec's data in a packet */
    uint32_t timestamp;
    struct vp8_descriptor descriptor;
    uint8_t abs_send_time_at, transport_at;
};

static void add_element(struct rtp_extension *elements, size_t *count, uint8_t id,
                        struct bytes value)
{
    if (id && value.len) elements[(*count)++] = (struct rtp_extension){id, value};
}

/* Where the value of element `id` will be in each packet of the frame. */
static uint8_t offset_of(struct bytes header, uint8_t id)
{
    struct rtp_packet p;
    if (id == 0 || rtp_parse(&p, header) != OK) return 0;
    struct bytes data = rtp_extension_find(&p, id);
    return data.at ? (uint8_t)(data.at - header.at) : 0;
}

static void plan_header(const struct rtp_sender *s, const struct rtp_frame *f, struct layout *l,
                        struct writer *w)
{
    static const uint8_t later[ABS_SEND_TIME_LEN]; /* stamped when the packet leaves */
    const struct rtp_sender_config *c = &s->config;
    const struct rtp_packet header = {
        .payload_type = c->pt, .timestamp = l->timestamp, .ssrc = c->ssrc};
    struct rtp_extension elements[4];
    size_t count = 0;
    uint8_t level = (uint8_t)(f->voice << 7 | (f->audio_level > 127 ? 127 : f->audio_level));
    add_element(elements, &count, c->extensions.mid, c->mid);
    add_element(elements, &count, c->extensions.abs_send_time,
                (struct bytes){later, ABS_SEND_TIME_LEN});
    add_element(elements, &count, c->extensions.transport_cc, (struct bytes){later, TRANSPORT_LEN});
    if (c->kind == RTP_OPUS && f->audio_level != RTP_LEVEL_UNKNOWN) /* RFC 6464 §3 */
        add_element(elements, &count, c->extensions.audio_level, (struct bytes){&level, 1});
    rtp_write_header(w, &header, false, elements, count);
    l->abs_send_time_at = offset_of(writer_done(w), c->extensions.abs_send_time);
    l->transport_at = offset_of(writer_done(w), c->extensions.transport_cc);
    l->payload_at = writer_len(w);
}

/* The payload descriptor of the frame's first packet, or of the others: RFC 7741 §4.2. */
static void set_start(struct layout *l, bool start)
{
    struct writer w = writer_of(l->head + l->payload_at, VP8_DESCRIPTOR_MAX);
    l->descriptor.start = start;
    vp8_write_descriptor(&w, &l->descriptor);
    l->head_len = l->payload_at + writer_len(&w);
}

/* False: the header leaves no room for data. */
static bool plan(const struct rtp_sender *s, const struct rtp_frame *f, struct layout *l)
{
    const struct rtp_sender_config *c = &s->config;
    struct writer w = writer_of(l->head, sizeof l->head - VP8_DESCRIPTOR_MAX);
    l->timestamp = s->timestamp_offset + (uint32_t)f->timestamp;
    plan_header(s, f, l, &w);
    l->head_len = l->payload_at;
    if (c->kind == RTP_VP8) {
        l->descriptor = (struct vp8_descriptor){.non_reference = f->discardable,
                                                .has_picture_id = true,
                                                .long_picture_id = true,
                                                .picture_id = s->picture_id};
        set_start(l, true);
    }
    size_t taken = l->head_len + (c->rtx_ssrc ? RTX_OSN_LEN : 0);
    if (w.err != OK || taken >= c->max_packet) return false;
    l->space = c->max_packet - taken;
    return true;
}

/* `data` is at most l->space bytes: the packet fits its place in the history. */
static void write_packet(struct rtp_sender *s, const struct layout *l, struct bytes data)
{
    struct rtp_sent *sent = rtp_history_push(&s->history);
    uint8_t *at = rtp_history_at(&s->history, sent);
    memcpy(at, l->head, l->head_len);
    memcpy(at + l->head_len, data.at, data.len);
    rtp_set_sequence(at, l->head_len, (uint16_t)sent->index);
    sent->len = (uint16_t)(l->head_len + data.len);
    sent->payload_at = (uint16_t)l->payload_at;
    sent->abs_send_time_at = l->abs_send_time_at;
    sent->transport_at = l->transport_at;
}

/* Packets of nearly equal size: a full one and a rest of a few bytes would lose as much as two. */
static void cut_video(struct rtp_sender *s, struct layout *l, struct bytes frame, size_t packets)
{
    size_t each = frame.len / packets;
    size_t longer_from = packets - frame.len % packets; /* one byte more, from this one on */
    for (size_t i = 0; i < packets; i++) {
        size_t len = each + (i >= longer_from);
        if (i == 1) set_start(l, false);
        if (i + 1 == packets) rtp_set_marker(l->head, l->head_len, true); /* RFC 7741 §4.1 */
        write_packet(s, l, (struct bytes){frame.at, len});
        frame = (struct bytes){frame.at + len, frame.len - len};
    }
}

/* RFC 3551 §4.1, RFC 7587 §4.1: M on the first packet after silence, where the last packet's
 * duration does not lead up to this one's timestamp. */
static bool begins_talkspurt(struct rtp_sender *s, const struct rtp_frame *f, uint32_t timestamp)
{
    struct opus_info info;
    bool begins = !s->begun || timestamp - s->last_timestamp != s->frame_ticks;
    s->frame_ticks = opus_parse(&info, f->payload) == OK ? info.samples : 0;
    return begins;
}

/* A picture that is not sent is missed by those that refer to it, and the receiver can't know:
 * sequence numbers and picture ids go on. */
void rtp_sender_miss(struct rtp_sender *s, const struct rtp_frame *f)
{
    if (s->paused) return; /* what is resumed begins with a key frame anyway */
    s->stats.frames_refused++;
    if (s->config.kind == RTP_VP8 && !f->discardable) s->key_needed = true;
    if (s->key_needed) rtp_sender_ask_key(s);
}

static enum err refuse_frame(struct rtp_sender *s, const struct rtp_frame *f, enum err err)
{
    rtp_sender_miss(s, f);
    return err;
}

enum err rtp_sender_frame(struct rtp_sender *s, const struct rtp_frame *f)
{
    struct layout l;
    bool video = s->config.kind == RTP_VP8;
    if (s->paused) return E_STATE;
    if (f->payload.len == 0 || !plan(s, f, &l)) return E_MALFORMED;
    size_t packets = (f->payload.len - 1) / l.space + 1;
    if (!video && packets > 1) return E_MALFORMED; /* RFC 7587 §4.2: one packet, not cut */
    if (s->key_needed && !f->key) return refuse_frame(s, f, E_STATE);
    if (packets > rtp_history_room(&s->history)) return refuse_frame(s, f, E_FULL);
    s->key_needed = false;
    if (f->key) s->key_asked = false; /* here it is */
    if (video) {
        cut_video(s, &l, f->payload, packets);
    } else {
        rtp_set_marker(l.head, l.head_len, begins_talkspurt(s, f, l.timestamp));
        write_packet(s, &l, f->payload);
    }
    s->picture_id = (s->picture_id + 1) & PICTURE_ID_MASK;
    s->begun = true;
    s->last_timestamp = l.timestamp;
    s->last_captured = f->captured;
    s->stats.frames++;
    s->stats.key_frames += video && f->key;
    return OK;
}

/* Seconds in 6.18 fixed point, 24 bits: the abs-send-time page of webrtc.org. */
static void stamp_abs_send_time(uint8_t *at, usec now)
{
    uint64_t us = (uint64_t)now % (UINT64_C(64) * 1000000);
    struct writer w = writer_of(at, ABS_SEND_TIME_LEN);
    write_u24(&w, (uint32_t)((us << 18) / 1000000) & 0xFFFFFF);
}

static void stamp(const struct rtp_sent *sent, uint8_t *packet, uint16_t *transport, usec now)
{
    if (sent->abs_send_time_at) stamp_abs_send_time(packet + sent->abs_send_time_at, now);
    if (sent->transport_at == 0) return;
    struct writer w = writer_of(packet + sent->transport_at, TRANSPORT_LEN);
    write_u16(&w, (*transport)++);
}

/* RFC 4588 §4: the packet with the RTX stream's SSRC, payload type and sequence number, and the
 * original sequence number before the payload. */
static void write_rtx(struct rtp_sender *s, const struct rtp_sent *sent, struct packet *out)
{
    struct bytes plain = {rtp_history_at(&s->history, sent), sent->len};
    struct writer w = packet_writer(out);
    write_u8(&w, plain.at[0]);
    write_u8(&w, (plain.at[1] & 0x80) | s->config.rtx_pt);
    write_u16(&w, s->rtx_sequence++);
    write_bytes(&w, bytes_slice(plain, 4, 4)); /* the original timestamp */
    write_u32(&w, s->config.rtx_ssrc);
    write_bytes(&w, bytes_slice(plain, RTP_HEADER_LEN, sent->payload_at - RTP_HEADER_LEN));
    write_u16(&w, (uint16_t)sent->index);
    write_bytes(&w, bytes_slice(plain, sent->payload_at, sent->len));
    out->len = writer_len(&w);
}

/* The first in the queue that is still kept; NULL: none. */
static struct rtp_sent *take_resend(struct rtp_sender *s)
{
    while (s->resend_count > 0) {
        uint64_t index = s->resends[s->resend_first];
        s->resend_first = (s->resend_first + 1) % RTP_RESENDS_MAX;
        s->resend_count--;
        struct rtp_sent *sent = rtp_history_find(&s->history, index);
        if (!sent) continue;
        sent->queued = false;
        return sent;
    }
    return NULL;
}

/* Some packets of a picture have left, and others wait: the last one has the marker (RFC 7741
 * §4.1). */
static bool is_amid_picture(const struct rtp_sender *s)
{
    const struct rtp_history *h = &s->history;
    if (s->config.kind != RTP_VP8 || h->unsent == h->next) return false;
    const struct rtp_sent *last = rtp_history_find(h, h->unsent - 1);
    return last && !(rtp_history_at(h, last)[1] & 0x80);
}

void rtp_sender_pause(struct rtp_sender *s)
{
    s->paused = true;
    s->key_needed = s->config.kind == RTP_VP8;
    while (take_resend(s)) {}
    /* What never left gives its numbers back: a gap would be asked for when the stream goes on. Of
     * a picture that is cut off one stays missing, else the half of it would pass for all. */
    if (is_amid_picture(s)) s->history.unsent++;
    s->history.next = s->history.unsent;
}

/* One that was cut before RTX was agreed on may have no room for it. */
static bool fits_rtx(const struct rtp_sender *s, const struct rtp_sent *sent)
{
    return s->config.rtx_ssrc && (size_t)sent->len + RTX_OSN_LEN <= s->config.max_packet;
}

static bool output_resend(struct rtp_sender *s, struct packet *out, uint16_t *transport,
                          bool plain_resends, usec now)
{
    struct rtp_sent *sent;
    while ((sent = take_resend(s)) != NULL) {
        if (fits_rtx(s, sent)) {
            write_rtx(s, sent, out);
            stamp(sent, out->at, transport, now);
        } else if (plain_resends) {
            /* The same bytes, stamps and all: see rtp_session_config.plain_resends. */
            packet_set(out, (struct bytes){rtp_history_at(&s->history, sent), sent->len});
        } else {
            continue;
        }
        s->stats.resent_packets++;
        s->stats.resent_bytes += out->len;
        return true;
    }
    return false;
}

static bool output_first(struct rtp_sender *s, struct packet *out, uint16_t *transport, usec now)
{
    struct rtp_sent *sent = rtp_history_find(&s->history, s->history.unsent);
    if (!sent) return false;
    uint8_t *plain = rtp_history_at(&s->history, sent);
    stamp(sent, plain, transport, now);
    packet_set(out, (struct bytes){plain, sent->len});
    s->history.unsent++;
    sent->sent_at = s->last_sent = now;
    s->stats.packets++;
    s->stats.bytes += (uint64_t)(sent->len - sent->payload_at);
    s->credit += sent->len / RTP_RESEND_SHARE;
    if (s->credit > RTP_RESEND_SAVED) s->credit = RTP_RESEND_SAVED;
    return true;
}

static bool waits(const struct rtp_sender *s)
{
    return s->resend_count > 0 || s->history.unsent < s->history.next;
}

bool rtp_sender_ready(const struct rtp_sender *s, usec now)
{
    return waits(s) && (s->config.kind != RTP_VP8 || s->burst_left > 0 || now >= s->burst_at);
}

bool rtp_sender_output(struct rtp_sender *s, struct packet *out, uint16_t *transport,
                       bool plain_resends, usec now)
{
    if (!rtp_sender_ready(s, now)) return false;
    if (now >= s->burst_at) {
        s->burst_left = RTP_PACE_BURST;
        s->burst_at = now + RTP_PACE_INTERVAL;
    }
    packet_reset(out);
    bool sent = output_resend(s, out, transport, plain_resends, now) ||
                output_first(s, out, transport, now);
    if (sent && s->burst_left > 0) s->burst_left--;
    return sent;
}

usec rtp_sender_deadline(const struct rtp_sender *s)
{
    usec key = s->key_asked ? s->key_next : TIME_NEVER;
    return waits(s) ? usec_min(key, s->burst_at) : key;
}

bool rtp_sender_nack(struct rtp_sender *s, uint16_t sequence, usec rtt, usec now)
{
    s->stats.nacks++;
    /* Index of the last packet that left, or nearly: what is missed lies just below. */
    uint64_t newest = s->history.unsent;
    uint64_t index = newest - (uint16_t)(newest - sequence);
    struct rtp_sent *sent = rtp_history_find(&s->history, index);
    if (!sent || sent->sent_at == TIME_NEVER) return false;
    bool useless = s->paused || now - sent->sent_at > RTP_RESEND_AGE || sent->queued ||
                   (sent->resent && now - sent->resent_at < rtt);
    if (useless || s->resend_count == RTP_RESENDS_MAX || s->credit < sent->len) return true;
    s->credit -= sent->len;
    sent->queued = sent->resent = true;
    sent->resent_at = now;
    s->resends[(s->resend_first + s->resend_count++) % RTP_RESENDS_MAX] = index;
    return true;
}

void rtp_sender_ask_key(struct rtp_sender *s)
{
    s->key_asked = true;
}

void rtp_sender_fir(struct rtp_sender *s, uint32_t from, uint8_t sequence)
{
    size_t i = 0;
    while (i < RTP_REQUESTERS_MAX && !(s->fir[i].used && s->fir[i].ssrc == from)) i++;
    if (i < RTP_REQUESTERS_MAX && s->fir[i].sequence == sequence) return;
    if (i == RTP_REQUESTERS_MAX) {
        i = s->fir_next;
        s->fir_next = (s->fir_next + 1) % RTP_REQUESTERS_MAX;
    }
    s->fir[i].used = true;
    s->fir[i].ssrc = from;
    s->fir[i].sequence = sequence;
    rtp_sender_ask_key(s);
}

bool rtp_sender_key_due(struct rtp_sender *s, usec now)
{
    if (!s->key_asked || now < s->key_next) return false;
    s->key_asked = false;
    s->key_next = now + RTP_KEY_INTERVAL;
    return true;
}

bool rtp_sender_is_active(const struct rtp_sender *s, usec now)
{
    return s->stats.packets > 0 && now - s->last_sent < SEC(5);
}

struct rtcp_sender_info rtp_sender_info(const struct rtp_sender *s, uint64_t ntp_now, usec now)
{
    /* RFC 3550 §6.4.1: the RTP timestamp corresponds to the same time as the NTP timestamp, which
     * is seldom that of a packet. */
    int64_t since = rtp_us_to_ticks(now - s->last_captured, s->config.clock);
    return (struct rtcp_sender_info){.ntp = ntp_now,
                                     .rtp_time = s->last_timestamp + (uint32_t)since,
                                     .packets = (uint32_t)s->stats.packets,
                                     .octets = (uint32_t)s->stats.bytes};
}

void rtp_sender_report(struct rtp_sender *s, const struct rtcp_report *report, uint64_t ntp_now)
{
    struct rtp_sender_stats *stats = &s->stats;
    stats->has_report = true;
    stats->remote_lost = report->lost;
    stats->remote_fraction_lost = report->fraction_lost;
    stats->remote_jitter = rtp_ticks_to_us(report->jitter, s->config.clock);
    usec rtt = rtp_round_trip(report, ntp_now);
    if (rtt > 0) stats->rtt = rtt;
}
