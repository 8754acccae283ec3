#include "rtp/rtcp.h"

#include "rtp/feedback.h"
#include "rtp/internal.h"

#define LAYER "rtcp"

bool rtcp_is(struct bytes datagram)
{
    return datagram.len >= 2 && datagram.at[1] >= 192 && datagram.at[1] <= 223;
}

struct rtcp_walk rtcp_walk_of(struct bytes datagram)
{
    struct rtcp_walk w = {.r = reader_of(datagram)};
    if (datagram.len == 0) reader_fail(&w.r, E_TRUNCATED, "an empty datagram");
    if (w.r.err != OK) w.fault = reader_fault(&w.r, LAYER);
    return w;
}

/* RFC 3550 §6.4.1: only the last packet of a compound may be padded; the last byte counts it. The
 * section also wants a multiple of four, but Chromium fills up the last word of its transport-wide
 * feedback with one to three bytes of padding. */
static void cut_padding(struct rtcp_packet *p, struct reader *r)
{
    size_t padding = p->body.len ? p->body.at[p->body.len - 1] : 0;
    if (padding == 0 || padding > p->body.len || reader_left(r) > 0) {
        reader_fail(r, E_MALFORMED,
                    "padding is 0, past its packet, or not in the last one (RFC 3550 6.4.1)");
        return;
    }
    p->padding = (uint8_t)padding;
    p->body.len -= padding;
}

bool rtcp_next(struct rtcp_walk *w, struct rtcp_packet *p)
{
    struct reader *r = &w->r;
    if (reader_left(r) == 0) return false;
    *p = (struct rtcp_packet){.offset = reader_offset(r)};
    uint8_t first = read_u8(r);
    if (first >> 6 != 2) reader_fail(r, E_MALFORMED, "version is not 2 (RFC 3550 6.4.1)");
    p->count = first & 31;
    p->type = read_u8(r);
    size_t words = read_u16(r);
    p->body = read_bytes(r, words * 4);
    if (r->err == OK && first >> 5 & 1) cut_padding(p, r);
    if (r->err == OK) return true;
    w->fault = reader_fault(r, LAYER);
    return false;
}

static enum err refuse(const struct reader *r, const struct rtcp_packet *p, struct fault *fault)
{
    return rtp_refuse_reader(fault, r, LAYER, p->offset + RTCP_HEADER_LEN);
}

static void read_report(struct reader *r, struct rtcp_report *report)
{
    report->ssrc = read_u32(r);
    report->fraction_lost = read_u8(r);
    uint32_t lost = read_u24(r);
    report->lost = (int32_t)lost - (lost & 0x800000 ? 0x1000000 : 0);
    report->highest = read_u32(r);
    report->jitter = read_u32(r);
    report->last_sr = read_u32(r);
    report->delay = read_u32(r);
}

enum err rtcp_parse_reports(struct rtcp_reports *out, const struct rtcp_packet *p,
                            struct fault *fault)
{
    struct reader r = reader_of(p->body);
    out->is_sr = p->type == RTCP_SR;
    out->ssrc = read_u32(&r);
    out->info = (struct rtcp_sender_info){0};
    if (out->is_sr) {
        out->info.ntp = read_u64(&r);
        out->info.rtp_time = read_u32(&r);
        out->info.packets = read_u32(&r);
        out->info.octets = read_u32(&r);
    }
    out->count = p->count; /* at most 31: five bits */
    for (int i = 0; i < out->count; i++) read_report(&r, &out->reports[i]);
    out->extension = read_rest(&r);
    return r.err == OK ? OK : refuse(&r, p, fault);
}

size_t rtcp_begin(struct writer *w, uint8_t count, uint8_t type)
{
    size_t begin = writer_len(w);
    write_u8(w, (uint8_t)(2 << 6 | (count & 31)));
    write_u8(w, type);
    write_u16(w, 0);
    return begin;
}

void rtcp_end(struct writer *w, size_t begin)
{
    write_zeros(w, -(writer_len(w) - begin) & 3);
    size_t len = writer_len(w) - begin;
    if (w->err == OK) write_u16_at(w, begin + 2, (uint16_t)(len / 4 - 1));
}

void rtcp_write_reports(struct writer *w, const struct rtcp_reports *reports)
{
    size_t begin = rtcp_begin(w, reports->count, reports->is_sr ? RTCP_SR : RTCP_RR);
    write_u32(w, reports->ssrc);
    if (reports->is_sr) {
        write_u64(w, reports->info.ntp);
        write_u32(w, reports->info.rtp_time);
        write_u32(w, reports->info.packets);
        write_u32(w, reports->info.octets);
    }
    for (int i = 0; i < reports->count; i++) {
        const struct rtcp_report *report = &reports->reports[i];
        write_u32(w, report->ssrc);
        write_u8(w, report->fraction_lost);
        write_u24(w, (uint32_t)report->lost & 0xFFFFFF);
        write_u32(w, report->highest);
        write_u32(w, report->jitter);
        write_u32(w, report->last_sr);
        write_u32(w, report->delay);
    }
    write_bytes(w, reports->extension);
    rtcp_end(w, begin);
}

struct rtcp_sdes_walk rtcp_sdes_walk_of(const struct rtcp_packet *p)
{
    return (struct rtcp_sdes_walk){.r = reader_of(p->body), .chunks = p->count};
}

/* RFC 3550 §6.5: the list ends with a zero byte, and the chunk with its word. */
static void end_chunk(struct rtcp_sdes_walk *w)
{
    read_skip(&w->r, -reader_offset(&w->r) & 3);
    w->in_chunk = false;
}

bool rtcp_sdes_next(struct rtcp_sdes_walk *w, struct rtcp_sdes_item *item)
{
    struct reader *r = &w->r;
    for (;;) { /* takes at least a byte each time round, or a chunk */
        bool fresh = !w->in_chunk;
        if (fresh) {
            if (w->chunks == 0 || r->err != OK) return false;
            w->chunks--;
            w->ssrc = read_u32(r);
            w->in_chunk = true;
        }
        *item = (struct rtcp_sdes_item){.ssrc = w->ssrc, .type = read_u8(r)};
        if (r->err != OK) return false;
        if (item->type) {
            item->text = read_bytes(r, read_u8(r));
            return r->err == OK;
        }
        end_chunk(w);
        if (fresh) return r->err == OK;
    }
}

void rtcp_write_sdes_cname(struct writer *w, uint32_t ssrc, struct bytes cname)
{
    size_t begin = rtcp_begin(w, 1, RTCP_SDES);
    write_u32(w, ssrc);
    write_u8(w, RTCP_CNAME);
    write_u8(w, (uint8_t)(cname.len < 255 ? cname.len : 255));
    write_bytes(w, bytes_slice(cname, 0, 255));
    write_u8(w, 0); /* at least one zero byte ends the list */
    rtcp_end(w, begin);
}

enum err rtcp_parse_bye(struct rtcp_bye *out, const struct rtcp_packet *p, struct fault *fault)
{
    struct reader r = reader_of(p->body);
    *out = (struct rtcp_bye){.count = p->count};
    for (int i = 0; i < out->count; i++) out->ssrc[i] = read_u32(&r);
    if (reader_left(&r)) out->reason = read_bytes(&r, read_u8(&r));
    return r.err == OK ? OK : refuse(&r, p, fault);
}

void rtcp_write_bye(struct writer *w, const struct rtcp_bye *bye)
{
    size_t begin = rtcp_begin(w, bye->count, RTCP_BYE);
    for (int i = 0; i < bye->count; i++) write_u32(w, bye->ssrc[i]);
    if (bye->reason.len) {
        write_u8(w, (uint8_t)(bye->reason.len < 255 ? bye->reason.len : 255));
        write_bytes(w, bytes_slice(bye->reason, 0, 255));
    }
    rtcp_end(w, begin);
}

enum err rtcp_parse_app(struct rtcp_app *out, const struct rtcp_packet *p, struct fault *fault)
{
    struct reader r = reader_of(p->body);
    *out = (struct rtcp_app){.subtype = p->count};
    out->ssrc = read_u32(&r);
    out->name = read_bytes(&r, 4);
    out->data = read_rest(&r);
    return r.err == OK ? OK : refuse(&r, p, fault);
}

void rtcp_write_app(struct writer *w, const struct rtcp_app *app)
{
    size_t begin = rtcp_begin(w, app->subtype, RTCP_APP);
    write_u32(w, app->ssrc);
    write_bytes(w, app->name);
    write_bytes(w, app->data);
    rtcp_end(w, begin);
}

static enum err check_sdes(const struct rtcp_packet *p, struct fault *fault)
{
    struct rtcp_sdes_walk w = rtcp_sdes_walk_of(p);
    struct rtcp_sdes_item item;
    while (rtcp_sdes_next(&w, &item)) continue;
    return w.r.err == OK ? OK : refuse(&w.r, p, fault);
}

static enum err check_packet(const struct rtcp_packet *p, struct fault *fault)
{
    union {
        struct rtcp_reports reports;
        struct rtcp_bye bye;
        struct rtcp_app app;
    } u;
    switch (p->type) {
    case RTCP_SR:
    case RTCP_RR: return rtcp_parse_reports(&u.reports, p, fault);
    case RTCP_SDES: return check_sdes(p, fault);
    case RTCP_BYE: return rtcp_parse_bye(&u.bye, p, fault);
    case RTCP_APP: return rtcp_parse_app(&u.app, p, fault);
    case RTCP_RTPFB:
    case RTCP_PSFB:
    case RTCP_XR: return rtcp_check_feedback(p, fault);
    default: return OK; /* RFC 3550 §6.1: unknown types are skipped by their length */
    }
}

enum err rtcp_check(struct bytes datagram, struct fault *fault)
{
    struct rtcp_walk w = rtcp_walk_of(datagram);
    struct rtcp_packet p;
    while (rtcp_next(&w, &p)) {
        enum err err = check_packet(&p, fault);
        if (err != OK) return err;
    }
    if (w.fault.err != OK && fault) *fault = w.fault;
    return w.fault.err;
}
