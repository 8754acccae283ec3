#include "rtp/feedback.h"

#include "rtp/internal.h"

#define LAYER "rtcp"

/* Offset of an FCI in its RTCP packet: header and two SSRCs, RFC 4585 §6.1. */
#define FCI_AT 12

static enum err refuse(struct fault *fault, enum err err, size_t offset, const char *rule)
{
    return rtp_refuse(fault, err, LAYER, FCI_AT + offset, rule);
}

enum err rtcp_parse_feedback(struct rtcp_feedback *out, const struct rtcp_packet *p,
                             struct fault *fault)
{
    struct reader r = reader_of(p->body);
    out->sender_ssrc = read_u32(&r);
    out->media_ssrc = read_u32(&r);
    out->fci = read_rest(&r);
    if (r.err == OK) return OK;
    return rtp_refuse_reader(fault, &r, LAYER, p->offset + RTCP_HEADER_LEN);
}

static size_t begin(struct writer *w, uint8_t format, uint8_t type, uint32_t sender_ssrc,
                    uint32_t media_ssrc)
{
    size_t at = rtcp_begin(w, format, type);
    write_u32(w, sender_ssrc);
    write_u32(w, media_ssrc);
    return at;
}

/* NACK, RFC 4585 §6.2.1 */

enum err rtcp_parse_nack(struct rtcp_nack_walk *w, struct bytes fci, struct fault *fault)
{
    *w = (struct rtcp_nack_walk){.r = reader_of(fci)};
    if (fci.len == 0 || fci.len % 4)
        return refuse(fault, E_MALFORMED, fci.len,
                      "a NACK is one or more whole words (RFC 4585 6.2.1)");
    return OK;
}

bool rtcp_nack_next(struct rtcp_nack_walk *w, uint16_t *sequence)
{
    if (w->mask == 0) {
        if (reader_left(&w->r) < 4) return false;
        w->id = read_u16(&w->r);
        w->mask = (uint32_t)read_u16(&w->r) << 1 | 1;
    }
    while (!(w->mask & 1)) {
        w->mask >>= 1;
        w->id++;
    }
    *sequence = w->id;
    w->mask >>= 1;
    w->id++;
    return true;
}

void rtcp_write_nack(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc,
                     const uint16_t *sequences, size_t count)
{
    size_t at = begin(w, RTPFB_NACK, RTCP_RTPFB, sender_ssrc, media_ssrc);
    for (size_t i = 0; i < count;) {
        uint16_t id = sequences[i++];
        uint16_t mask = 0;
        for (; i < count; i++) {
            uint16_t ahead = (uint16_t)(sequences[i] - id);
            if (ahead == 0 || ahead > 16) break;
            mask |= (uint16_t)(1u << (ahead - 1));
        }
        write_u16(w, id);
        write_u16(w, mask);
    }
    rtcp_end(w, at);
}

/* PLI, RFC 4585 §6.3.1; FIR, RFC 5104 §4.3.1 */

void rtcp_write_pli(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc)
{
    rtcp_end(w, begin(w, PSFB_PLI, RTCP_PSFB, sender_ssrc, media_ssrc));
}

enum err rtcp_parse_fir(struct reader *r, struct bytes fci, struct fault *fault)
{
    *r = reader_of(fci);
    if (fci.len == 0 || fci.len % 8)
        return refuse(fault, E_MALFORMED, fci.len,
                      "an FIR is one or more entries of eight bytes (RFC 5104 4.3.1.1)");
    return OK;
}

bool rtcp_fir_next(struct reader *r, struct rtcp_fir *fir)
{
    if (reader_left(r) < 8) return false;
    fir->ssrc = read_u32(r);
    fir->sequence = read_u8(r);
    read_skip(r, 3);
    return true;
}

void rtcp_write_fir(struct writer *w, uint32_t sender_ssrc, const struct rtcp_fir *entries,
                    size_t count)
{
    /* RFC 5104 §4.3.1.2: the media SSRC is not used and is 0; the entries name the streams. */
    size_t at = begin(w, PSFB_FIR, RTCP_PSFB, sender_ssrc, 0);
    for (size_t i = 0; i < count; i++) {
        write_u32(w, entries[i].ssrc);
        write_u8(w, entries[i].sequence);
        write_zeros(w, 3);
    }
    rtcp_end(w, at);
}

/* REMB, draft-alvestrand-rmcat-remb-03 §2.2 */

enum err rtcp_parse_remb(struct rtcp_remb *out, struct bytes fci, struct fault *fault)
{
    struct reader r = reader_of(fci);
    *out = (struct rtcp_remb){0};
    if (!bytes_is(read_bytes(&r, 4), "REMB"))
        return refuse(fault, E_UNSUPPORTED, 0, "application layer feedback that is no REMB");
    out->ssrc_count = read_u8(&r);
    uint32_t rate = read_u24(&r);
    unsigned exponent = rate >> 18;
    uint64_t mantissa = rate & 0x3FFFF;
    /* Six bits of exponent reach past 64 bits: saturate. */
    out->bitrate = mantissa > UINT64_MAX >> exponent ? UINT64_MAX : mantissa << exponent;
    out->ssrcs = read_bytes(&r, 4 * (size_t)out->ssrc_count);
    if (r.err != OK)
        return refuse(fault, E_MALFORMED, r.err_offset,
                      "REMB names more SSRCs than it carries (draft-alvestrand-rmcat-remb 2.2)");
    return OK;
}

void rtcp_write_remb(struct writer *w, uint32_t sender_ssrc, uint64_t bitrate,
                     const uint32_t *ssrcs, size_t count)
{
    size_t at = begin(w, PSFB_AFB, RTCP_PSFB, sender_ssrc, 0);
    uint32_t exponent = 0;
    for (; bitrate > 0x3FFFF; exponent++) bitrate >>= 1; /* at most 46 times */
    if (count > REMB_SSRCS_MAX) count = REMB_SSRCS_MAX;
    write_text(w, "REMB");
    write_u8(w, (uint8_t)count);
    write_u24(w, exponent << 18 | (uint32_t)bitrate);
    for (size_t i = 0; i < count; i++) write_u32(w, ssrcs[i]);
    rtcp_end(w, at);
}

/* XR, RFC 3611 §2 and §3 */

enum err rtcp_parse_xr(struct reader *r, uint32_t *ssrc, const struct rtcp_packet *p,
                       struct fault *fault)
{
    *r = reader_of(p->body);
    *ssrc = read_u32(r);
    struct reader all = *r;
    struct rtcp_xr_block block;
    while (rtcp_xr_next(&all, &block)) continue;
    if (all.err == OK) return OK;
    return rtp_refuse_reader(fault, &all, LAYER, p->offset + RTCP_HEADER_LEN);
}

bool rtcp_xr_next(struct reader *r, struct rtcp_xr_block *block)
{
    if (reader_left(r) == 0) return false;
    block->type = read_u8(r);
    block->specific = read_u8(r);
    size_t words = read_u16(r);
    block->data = read_bytes(r, 4 * words);
    return r->err == OK;
}

/* Transport-wide feedback, draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1 */

#define VECTOR_CHUNK     0x8000 /* §3.1.4: status vector; otherwise run length, §3.1.3 */
#define VECTOR_TWO_BITS  0x4000
#define RUN_MAX          0x1FFF
#define VECTOR_ONE_COUNT 14
#define VECTOR_TWO_COUNT 7

static uint16_t symbols_in(uint16_t chunk)
{
    if (!(chunk & VECTOR_CHUNK)) return chunk & RUN_MAX;
    return chunk & VECTOR_TWO_BITS ? VECTOR_TWO_COUNT : VECTOR_ONE_COUNT;
}

/* The symbol with `left` symbols of the chunk still to come, itself among them. */
static uint8_t symbol_of(uint16_t chunk, uint16_t left)
{
    if (!(chunk & VECTOR_CHUNK)) return chunk >> 13 & 3;
    if (chunk & VECTOR_TWO_BITS) return chunk >> (2 * (left - 1)) & 3;
    return chunk >> (left - 1) & 1;
}

bool rtcp_twcc_next(struct rtcp_twcc_walk *w, struct rtcp_twcc_status *status)
{
    if (w->left == 0) return false;
    while (w->symbols == 0) { /* a run of length 0 says nothing, but took two bytes */
        if (reader_left(&w->chunks) < 2) return false;
        w->chunk = read_u16(&w->chunks);
        w->symbols = symbols_in(w->chunk);
    }
    *status = (struct rtcp_twcc_status){.sequence = w->sequence++,
                                        .symbol = symbol_of(w->chunk, w->symbols)};
    w->symbols--;
    w->left--;
    int32_t delta = 0;
    if (status->symbol == TWCC_SMALL_DELTA)
        delta = read_u8(&w->deltas);
    else if (status->symbol == TWCC_LARGE_DELTA)
        delta = (int16_t)read_u16(&w->deltas);
    else
        return true;
    if (w->deltas.err != OK) return false;
    status->received = true;
    status->delta_us = delta * TWCC_DELTA_US;
    w->arrival_us += status->delta_us;
    status->arrival_us = w->arrival_us;
    return true;
}

struct rtcp_twcc_walk rtcp_twcc_walk_of(const struct rtcp_twcc *twcc)
{
    return (struct rtcp_twcc_walk){.chunks = reader_of(twcc->chunks),
                                   .deltas = reader_of(twcc->deltas),
                                   .sequence = twcc->base,
                                   .left = twcc->count,
                                   .arrival_us = (int64_t)twcc->reference_time * TWCC_REFERENCE_US};
}

/* Where the chunks end follows only from what they say. */
static void read_chunks(struct rtcp_twcc *out, struct reader *r)
{
    const struct reader begin_of_chunks = *r;
    uint32_t told = 0;
    while (told < out->count && r->err == OK) told += symbols_in(read_u16(r));
    if (r->err != OK) return;
    size_t len = reader_offset(r) - reader_offset(&begin_of_chunks);
    out->chunks = (struct bytes){begin_of_chunks.at, len};
    out->deltas = read_rest(r);
}

enum err rtcp_parse_twcc(struct rtcp_twcc *out, struct bytes fci, struct fault *fault)
{
    struct reader r = reader_of(fci);
    *out = (struct rtcp_twcc){.base = read_u16(&r)};
    out->count = read_u16(&r);
    uint32_t reference = read_u24(&r);
    out->reference_time = (int32_t)reference - (reference & 0x800000 ? 0x1000000 : 0);
    out->feedback_count = read_u8(&r);
    read_chunks(out, &r);
    if (r.err != OK)
        return refuse(fault, E_MALFORMED, r.err_offset,
                      "fewer status chunks than the count (transport-wide-cc-01 3.1)");
    struct rtcp_twcc_walk w = rtcp_twcc_walk_of(out);
    struct rtcp_twcc_status status;
    while (rtcp_twcc_next(&w, &status)) continue;
    if (w.left > 0 || w.deltas.err != OK)
        return refuse(fault, E_MALFORMED, fci.len - out->deltas.len,
                      "fewer deltas than received packets (transport-wide-cc-01 3.1.5)");
    return OK;
}

static uint8_t symbol_for(int16_t delta)
{
    if (delta == TWCC_LOST) return TWCC_NOT_RECEIVED;
    return delta >= 0 && delta <= 255 ? TWCC_SMALL_DELTA : TWCC_LARGE_DELTA;
}

static size_t run_of(const int16_t *deltas, size_t count)
{
    size_t run = 1;
    uint8_t symbol = symbol_for(deltas[0]);
    while (run < count && run < RUN_MAX && symbol_for(deltas[run]) == symbol) run++;
    return run;
}

/* Writes one chunk for the first of `count` statuses; returns how many it covers. A run where it
 * says more than a vector would, else the wider vector that can say it. */
static size_t write_chunk(struct writer *w, const int16_t *deltas, size_t count)
{
    size_t run = run_of(deltas, count);
    if (run == count || run > VECTOR_ONE_COUNT) {
        write_u16(w, (uint16_t)(symbol_for(deltas[0]) << 13 | run));
        return run;
    }
    size_t small = 0; /* leading statuses that one bit can say */
    while (small < count && small < VECTOR_ONE_COUNT &&
           symbol_for(deltas[small]) != TWCC_LARGE_DELTA)
        small++;
    bool one_bit = small == VECTOR_ONE_COUNT || small == count;
    size_t room = one_bit ? VECTOR_ONE_COUNT : VECTOR_TWO_COUNT;
    size_t covered = count < room ? count : room;
    unsigned bits = one_bit ? 1 : 2;
    unsigned chunk = VECTOR_CHUNK | (one_bit ? 0 : VECTOR_TWO_BITS);
    for (size_t i = 0; i < covered; i++)
        chunk |= (unsigned)symbol_for(deltas[i]) << (bits * (room - 1 - i));
    write_u16(w, (uint16_t)chunk);
    return covered;
}

void rtcp_write_twcc(struct writer *w, uint32_t sender_ssrc, uint32_t media_ssrc, uint16_t base,
                     int32_t reference_time, uint8_t feedback_count, const int16_t *deltas,
                     size_t count)
{
    size_t at = begin(w, RTPFB_TWCC, RTCP_RTPFB, sender_ssrc, media_ssrc);
    write_u16(w, base);
    write_u16(w, (uint16_t)count);
    write_u24(w, (uint32_t)reference_time & 0xFFFFFF);
    write_u8(w, feedback_count);
    for (size_t i = 0; i < count;) i += write_chunk(w, deltas + i, count - i);
    for (size_t i = 0; i < count; i++) {
        uint8_t symbol = symbol_for(deltas[i]);
        if (symbol == TWCC_SMALL_DELTA) write_u8(w, (uint8_t)deltas[i]);
        if (symbol == TWCC_LARGE_DELTA) write_u16(w, (uint16_t)deltas[i]);
    }
    rtcp_end(w, at);
}

/* All of it at once, for rtcp_check. */

static enum err check_transport(const struct rtcp_packet *p, struct bytes fci, struct fault *fault)
{
    struct rtcp_nack_walk nack;
    struct rtcp_twcc twcc;
    if (p->count == RTPFB_NACK) return rtcp_parse_nack(&nack, fci, fault);
    if (p->count == RTPFB_TWCC) return rtcp_parse_twcc(&twcc, fci, fault);
    return OK;
}

static enum err check_payload_specific(const struct rtcp_packet *p, struct bytes fci,
                                       struct fault *fault)
{
    struct reader r;
    struct rtcp_remb remb;
    if (p->count == PSFB_FIR) return rtcp_parse_fir(&r, fci, fault);
    if (p->count != PSFB_AFB) return OK;
    enum err err = rtcp_parse_remb(&remb, fci, fault);
    return err == E_UNSUPPORTED ? OK : err; /* somebody else's application */
}

enum err rtcp_check_feedback(const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_feedback feedback;
    struct reader r;
    uint32_t ssrc;
    if (p->type == RTCP_XR) return rtcp_parse_xr(&r, &ssrc, p, fault);
    enum err err = rtcp_parse_feedback(&feedback, p, fault);
    if (err != OK) return err;
    err = p->type == RTCP_RTPFB ? check_transport(p, feedback.fci, fault)
                                : check_payload_specific(p, feedback.fci, fault);
    if (err != OK && fault) fault->offset += p->offset;
    return err;
}
