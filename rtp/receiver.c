#include "rtp/receiver.h"

#include "rtp/internal.h"
#include "rtp/opus.h"
#include "rtp/vp8.h"

#include <string.h>

#define LAYER "rtp"

static bool is_video(const struct rtp_receiver *r)
{
    return r->config.kind == RTP_VP8;
}

/* Numbers from the description: range-checked here, where they are taken over. */
static enum err check(const struct rtp_receiver_config *c)
{
    if (c->type_count > RTP_PAYLOAD_TYPES_MAX || c->mid.len > RTP_MID_MAX) return E_FULL;
    if (c->kind != RTP_VP8 && c->kind != RTP_OPUS) return E_MALFORMED;
    for (size_t i = 0; i < c->type_count; i++)
        if (c->types[i].pt > 127 || c->types[i].apt > 127) return E_MALFORMED;
    return OK;
}

static void take_mid(struct rtp_receiver *r, struct bytes mid)
{
    if (mid.len) memmove(r->mid, mid.at, mid.len);
    r->config.mid = (struct bytes){r->mid, mid.len};
}

enum err rtp_receiver_init(struct rtp_receiver *r, const struct rtp_receiver_config *cfg)
{
    bool video = cfg->kind == RTP_VP8;
    enum err err = check(cfg);
    if (err != OK) return err;
    size_t packets = cfg->packets ? cfg->packets : video ? RTP_JITTER_MAX : 64;
    if (packets > RTP_JITTER_MAX || packets & (packets - 1)) return E_MALFORMED;
    *r = (struct rtp_receiver){.config = *cfg};
    r->config.packets = packets;
    if (r->config.clock == 0) r->config.clock = video ? 90000 : OPUS_CLOCK;
    take_mid(r, cfg->mid);
    err = rtp_jitter_init(&r->jitter, packets, !video);
    if (err != OK) return err;
    r->rtx_ssrc = cfg->rtx_ssrc;
    rtp_receiver_restart(r, cfg->ssrc);
    return OK;
}

/* What the description says anew. What it said before may have been followed by another source
 * since, which the packets' MID named: saying it again changes nothing. */
static void take_ssrcs(struct rtp_receiver *r, uint32_t ssrc, uint32_t rtx_ssrc)
{
    struct rtp_receiver_config *c = &r->config;
    bool another = ssrc && ssrc != c->ssrc && ssrc != r->ssrc;
    if (another) rtp_receiver_restart(r, ssrc);
    if (rtx_ssrc && (another || rtx_ssrc != c->rtx_ssrc)) r->rtx_ssrc = rtx_ssrc;
    if (ssrc) c->ssrc = ssrc;
    if (rtx_ssrc) c->rtx_ssrc = rtx_ssrc;
}

enum err rtp_receiver_update(struct rtp_receiver *r, const struct rtp_receiver_config *cfg)
{
    enum err err = check(cfg);
    if (err != OK) return err;
    struct rtp_receiver_config *c = &r->config;
    take_mid(r, cfg->mid);
    memcpy(c->types, cfg->types, sizeof c->types);
    c->type_count = cfg->type_count;
    c->extensions = cfg->extensions;
    c->feedback = cfg->feedback;
    take_ssrcs(r, cfg->ssrc, cfg->rtx_ssrc);
    return OK;
}

void rtp_receiver_free(struct rtp_receiver *r)
{
    rtp_jitter_free(&r->jitter);
}

void rtp_receiver_restart(struct rtp_receiver *r, uint32_t ssrc)
{
    if (r->sequence.started && r->rtx_ssrc) {
        r->old_rtx_ssrc = r->rtx_ssrc;
        r->rtx_ssrc = 0;
        r->rtx_heard = false;
    }
    r->ssrc = ssrc;
    r->announced = r->gone = false;
    r->sequence.started = r->timestamp.started = false;
    r->restart_armed = false;
    r->map.known = false;
    r->broken = is_video(r);
    r->last_picture_id = RTP_NO_PICTURE_ID;
    r->lost = 0;
    r->ready = r->awaits_start = r->key_wanted = false;
    rtp_nack_clear(&r->nack);
    rtp_reception_init(&r->reception, r->config.clock);
}

bool rtp_receiver_is_old_rtx(const struct rtp_receiver *r, uint32_t ssrc, usec now)
{
    if (ssrc != r->old_rtx_ssrc) return false;
    return !r->sequence.started || now - r->begun_at < RTP_IDLE;
}

const struct rtp_payload_type *rtp_receiver_type(const struct rtp_receiver *r, uint8_t pt)
{
    for (size_t i = 0; i < r->config.type_count; i++)
        if (r->config.types[i].pt == pt) return &r->config.types[i];
    return NULL;
}

enum err rtp_receiver_unwrap(const struct rtp_receiver *r, const struct rtp_packet *rtx,
                             struct rtp_packet *original, struct fault *fault)
{
    /* Chromium probes for bandwidth with RTX packets of padding alone. */
    if (rtx->payload.len == 0)
        return rtp_refuse(fault, E_UNSUPPORTED, LAYER, rtx->header_len, "RTX without payload");
    const struct rtp_payload_type *type = rtp_receiver_type(r, rtx->payload_type);
    struct reader in = reader_of(rtx->payload);
    *original = *rtx;
    original->ssrc = r->ssrc;
    original->payload_type = type ? type->apt : rtx->payload_type;
    original->sequence = read_u16(&in);
    original->payload = read_rest(&in);
    original->header_len += 2;
    if (in.err == OK) return OK;
    return rtp_refuse(fault, E_TRUNCATED, LAYER, rtx->header_len,
                      "RTX without its original sequence number (RFC 4588 4)");
}

void rtp_receiver_want_key(struct rtp_receiver *r)
{
    r->broken = r->key_wanted = is_video(r);
    r->last_picture_id = RTP_NO_PICTURE_ID;
}

/* Everything that waits is given up; the next packet is a new beginning. */
static void resync(struct rtp_receiver *r, uint64_t index)
{
    r->stats.resyncs++;
    rtp_receiver_want_key(r);
    rtp_nack_clear(&r->nack);
    rtp_jitter_restart(&r->jitter, index);
    r->jitter.given = true; /* what is older belongs to what was given up */
}

/* Fills in what the payload says. */
static enum err describe(const struct rtp_receiver *r, const struct rtp_packet *p,
                         struct rtp_slot *slot, struct bytes *data, struct fault *fault)
{
    *data = p->payload;
    slot->picture_id = RTP_NO_PICTURE_ID;
    if (p->payload.len == 0) return OK; /* padding only */
    if (!is_video(r)) {
        struct bytes level = rtp_extension_find(p, r->config.extensions.audio_level);
        slot->start = slot->key = true;
        slot->audio_level = level.len ? level.at[0] & 127 : RTP_LEVEL_UNKNOWN;
        slot->voice = level.len && level.at[0] >> 7;
    } else {
        struct vp8_descriptor d;
        if (vp8_parse(&d, p->payload) != OK) {
            *fault = d.fault;
            fault->offset += p->header_len;
            return d.fault.err;
        }
        *data = d.data;
        slot->start = vp8_is_frame_start(&d);
        slot->key = vp8_is_key_start(&d);
        slot->discardable = d.non_reference;
        if (d.has_picture_id) slot->picture_id = d.picture_id;
        slot->long_picture_id = d.long_picture_id;
    }
    if (data->len <= RTP_SLOT_LEN) return OK;
    return rtp_refuse(fault, E_FULL, LAYER, p->header_len, "payload longer than RTP_SLOT_LEN");
}

/* RFC 3550 A.1: one packet from far away may be a stray; two in sequence are a new beginning. */
static bool confirms_restart(struct rtp_receiver *r, uint16_t sequence)
{
    bool confirmed = r->restart_armed && sequence == r->restart_sequence;
    r->restart_armed = !confirmed;
    r->restart_sequence = (uint16_t)(sequence + 1);
    return confirmed;
}

/* Finds the packet's index; deals with beginnings and jumps. False: dropped, a stray. */
static bool locate(struct rtp_receiver *r, const struct rtp_packet *p, bool recovered, usec now,
                   uint64_t *index)
{
    struct rtp_jitter *j = &r->jitter;
    if (!r->sequence.started) {
        *index = rtp_counter_see(&r->sequence, p->sequence, 16);
        rtp_jitter_restart(j, *index);
        r->begun_at = now;
        return true;
    }
    *index = rtp_extend(r->sequence.highest, p->sequence, 16);
    bool ahead = *index > r->sequence.highest + RTP_JUMP_MAX;
    bool behind = *index + RTP_JUMP_MAX < r->sequence.highest;
    if (ahead || behind) {
        /* RTX never begins anything: it repeats. */
        if (recovered || !confirms_restart(r, p->sequence)) return false;
        r->sequence.started = false;
        *index = rtp_counter_see(&r->sequence, p->sequence, 16);
        r->gone = false;
        resync(r, *index);
        rtp_reception_restart(&r->reception);
        return true;
    }
    r->restart_armed = false;
    return true;
}

/* Notes what is missing between the last packet and this one. A gap too wide to be asked for, or
 * for the buffer, is a new beginning. */
static void note_gap(struct rtp_receiver *r, uint64_t index, usec now)
{
    struct rtp_jitter *j = &r->jitter;
    bool fits = true;
    if (index < j->begun && !j->given && j->end - index <= j->capacity)
        fits = rtp_nack_missing(&r->nack, index + 1, j->begun, now); /* overtaken at the start */
    else if (index > j->end)
        fits = rtp_nack_missing(&r->nack, j->end, index, now);
    bool pushes = index >= j->next && index - j->next >= j->capacity;
    if (!fits || pushes) resync(r, index);
}

static void count_put(struct rtp_receiver *r, enum rtp_jitter_put put, bool recovered)
{
    switch (put) {
    case RTP_PUT_NEW: r->stats.recovered += recovered; break;
    case RTP_PUT_DUPLICATE: r->stats.duplicates++; break;
    case RTP_PUT_LATE:
    case RTP_PUT_FAR: r->stats.late++; break;
    }
}

enum err rtp_receiver_input(struct rtp_receiver *r, const struct rtp_packet *p, bool recovered,
                            usec now, struct fault *fault)
{
    struct rtp_slot slot = {.arrived = now, .marker = p->marker};
    struct bytes data;
    if (!recovered) {
        r->stats.packets++;
        r->stats.bytes += p->payload.len + p->padding;
        r->last_packet = now;
    }
    enum err err = describe(r, p, &slot, &data, fault);
    if (err != OK) return err;
    if (!locate(r, p, recovered, now, &slot.index)) {
        r->stats.late++;
        return OK;
    }
    slot.timestamp = rtp_counter_see(&r->timestamp, p->timestamp, 32);
    note_gap(r, slot.index, now);
    if (slot.index > r->sequence.highest) {
        r->sequence.highest = slot.index;
        r->gone = false;
    }
    if (!recovered) rtp_reception_packet(&r->reception, slot.index, p->timestamp, now);
    rtp_nack_arrived(&r->nack, slot.index);
    count_put(r, rtp_jitter_put(&r->jitter, &slot, data), recovered);
    if (!rtp_jitter_grows(&r->jitter)) rtp_receiver_tick(r, now);
    return OK;
}

void rtp_receiver_bye(struct rtp_receiver *r, usec now)
{
    r->announced = false; /* another SSRC may follow at once */
    r->gone = true;
    rtp_receiver_tick(r, now); /* what was asked for is waited for no longer */
}

void rtp_receiver_sr(struct rtp_receiver *r, const struct rtcp_sender_info *info, usec now)
{
    rtp_reception_sr(&r->reception, info->ntp, now);
    if (!r->timestamp.started || info->ntp == 0) return;
    r->map = (struct rtp_clock_map){
        .known = true,
        .timestamp = rtp_extend(r->timestamp.highest, info->rtp_time, 32),
        .unix_us = rtp_unix_us_of_ntp(info->ntp),
    };
}

static bool asks_for_packets(const struct rtp_receiver *r)
{
    return r->config.feedback.nack && !r->gone;
}

static bool asks_for_keys(const struct rtp_receiver *r)
{
    bool can = r->config.feedback.pli || r->config.feedback.fir;
    return r->key_wanted && r->ssrc && !r->gone && can;
}

/* How long a missing packet holds up what is behind it. */
static usec patience(const struct rtp_receiver *r)
{
    if (!is_video(r)) return RTP_GAP_AUDIO;
    if (!asks_for_packets(r)) return RTP_GAP_UNASKED;
    return rtp_jitter_whole_key(&r->jitter) ? RTP_GAP_KEY : RTP_GAP_WAIT;
}

/* Since when the front waits: the first missing packet was found so. */
static usec gap_since(const struct rtp_receiver *r, usec otherwise)
{
    return r->nack.count ? r->nack.entries[0].found : otherwise;
}

/* Gives up the front as far as the next frame, or the key frame that waits. */
static void give_up(struct rtp_receiver *r)
{
    uint64_t key = rtp_jitter_whole_key(&r->jitter);
    r->lost += rtp_jitter_skip(&r->jitter, key ? key : UINT64_MAX);
    rtp_nack_forget_below(&r->nack, r->jitter.next);
    r->broken = is_video(r);
}

/* RFC 7741 §4.2: the picture id goes up by one a frame, and wraps at 7 or 15 bits; a sender may
 * change from 7 to 15 bits at the wrap. */
static bool follows(const struct rtp_receiver *r, const struct rtp_slot *slot)
{
    if (r->last_picture_id == RTP_NO_PICTURE_ID || slot->picture_id == RTP_NO_PICTURE_ID)
        return false;
    uint16_t mask = slot->long_picture_id ? 0x7FFF : 0x7F;
    return r->lost < mask && ((r->last_picture_id + 1) & mask) == slot->picture_id;
}

/* May the decoder have this frame? After a loss only a key frame, or the direct successor of what
 * it had: then nothing but padding was lost. */
static bool decodable(const struct rtp_receiver *r, const struct rtp_slot *first)
{
    return !is_video(r) || !r->broken || first->key || follows(r, first);
}

static void fill_frame(struct rtp_receiver *r, const struct rtp_slot *first, struct bytes payload,
                       struct rtp_frame *f)
{
    struct vp8_header header = {0};
    if (is_video(r) && first->key) vp8_read_header(&header, payload);
    *f = (struct rtp_frame){.payload = payload,
                            .timestamp = first->timestamp,
                            .key = first->key,
                            .discardable = first->discardable,
                            .audio_level = is_video(r) ? RTP_LEVEL_UNKNOWN : first->audio_level,
                            .voice = first->voice,
                            .width = header.width,
                            .height = header.height,
                            .arrived = first->arrived,
                            .lost_before = r->lost};
    r->lost = 0;
    if (r->map.known) {
        int64_t ticks = (int64_t)(first->timestamp - r->map.timestamp);
        f->has_captured_unix = true;
        f->captured_unix_us = r->map.unix_us + rtp_ticks_to_us(ticks, r->config.clock);
    }
    r->stats.frames++;
    if (!is_video(r) || !first->key) return;
    r->stats.key_frames++;
    r->stats.width = header.width;
    r->stats.height = header.height;
}

/* A stream that begins in the middle of a frame: what came first may have overtaken the frame's
 * first packet. */
static bool start_may_come(struct rtp_receiver *r, usec now)
{
    r->awaits_start = !r->jitter.given && now - r->begun_at < RTP_GAP_KEY;
    return r->awaits_start;
}

/* An incomplete frame is passed over. If nothing refers to it, its successor still continues what
 * the decoder has. */
static void pass_frame(struct rtp_receiver *r)
{
    const struct rtp_slot *first = rtp_jitter_first(&r->jitter);
    r->stats.frames_dropped++;
    if (first && first->start && first->discardable && !r->broken && follows(r, first))
        r->last_picture_id = first->picture_id;
}

/* The front is no frame: true if it was given up, so that another look is worth it. */
static bool advance(struct rtp_receiver *r, enum rtp_jitter_front front, usec now)
{
    switch (front) {
    case RTP_FRONT_ORPHAN: /* its beginning will not come: never shown to a decoder */
        if (start_may_come(r, now)) return false;
        r->stats.frames_dropped++;
        r->key_wanted = true;
        give_up(r);
        return true;
    case RTP_FRONT_GAP:
        if (now - gap_since(r, now) < patience(r)) return false;
        if (is_video(r)) pass_frame(r);
        give_up(r);
        return true;
    default: return false;
    }
}

static void drop_frame(struct rtp_receiver *r, uint64_t last)
{
    rtp_jitter_drop(&r->jitter, last);
    rtp_nack_forget_below(&r->nack, r->jitter.next);
    r->stats.frames_dropped++;
    if (!rtp_jitter_whole_key(&r->jitter)) r->key_wanted = true;
}

void rtp_receiver_tick(struct rtp_receiver *r, usec now)
{
    r->ready = r->awaits_start = false;
    if (!r->sequence.started) return;
    for (;;) { /* each round takes packets out of the buffer, or ends */
        enum rtp_jitter_front front = rtp_jitter_look(&r->jitter, &r->ready_last);
        if (front != RTP_FRONT_FRAME) {
            if (!advance(r, front, now)) return;
        } else if (decodable(r, rtp_jitter_first(&r->jitter))) {
            r->ready = true;
            return;
        } else {
            drop_frame(r, r->ready_last);
        }
    }
}

bool rtp_receiver_frame(struct rtp_receiver *r, struct rtp_frame *f, usec now)
{
    struct rtp_slot first;
    if (!r->ready) return false;
    struct bytes payload = rtp_jitter_take(&r->jitter, r->ready_last, &first);
    rtp_nack_forget_below(&r->nack, r->jitter.next);
    r->broken = r->key_wanted = false;
    r->last_picture_id = first.picture_id;
    fill_frame(r, &first, payload, f);
    rtp_receiver_tick(r, now); /* what is behind it may be of no use: output should know */
    return true;
}

bool rtp_receiver_has_wish(const struct rtp_receiver *r)
{
    return r->nack.count > 0 || r->key_wanted;
}

size_t rtp_receiver_nacks(struct rtp_receiver *r, uint16_t *out, size_t max, usec rtt, usec now)
{
    if (!asks_for_packets(r) || r->nack.count == 0) return 0;
    size_t count = rtp_nack_take(&r->nack, out, max, rtt, now);
    r->stats.nacks += count;
    return count;
}

bool rtp_receiver_key_due(struct rtp_receiver *r, usec now)
{
    if (!asks_for_keys(r)) return false;
    if (r->key_asked && now - r->key_asked_at < RTP_KEY_WAIT) return false;
    r->key_asked = true;
    r->key_asked_at = now;
    return true;
}

usec rtp_receiver_deadline(const struct rtp_receiver *r)
{
    usec due = TIME_NEVER;
    if (r->nack.count) {
        due = gap_since(r, 0) + patience(r);
        if (asks_for_packets(r)) due = usec_min(due, rtp_nack_deadline(&r->nack));
    }
    if (r->awaits_start) due = usec_min(due, r->begun_at + RTP_GAP_KEY);
    if (asks_for_keys(r)) due = usec_min(due, r->key_asked ? r->key_asked_at + RTP_KEY_WAIT : 0);
    return due;
}
