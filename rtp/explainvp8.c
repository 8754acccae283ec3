/* The VP8 payload told aloud: RFC 7741 §4.2, RFC 6386 §9.1 (rtp/explain.h). */
#include "base/explain.h"
#include "rtp/explain.h"
#include "rtp/internal.h"
#include "rtp/vp8.h"

/* The optional bytes, one after the other in the order of §4.2. */
static void tell_extended(struct explain *x, struct bytes in, const struct vp8_descriptor *d)
{
    size_t at = 1;
    explain_field(x, "I L T K", bytes_slice(in, at++, 1), "RFC 7741 4.2", "%d %d %d %d",
                  d->has_picture_id, d->has_tl0picidx, d->has_tid, d->has_keyidx);
    explain_meaning(x, "which of the next bytes are there");
    if (d->has_picture_id) {
        size_t len = d->long_picture_id ? 2 : 1;
        explain_field(x, "picture id", bytes_slice(in, at, len), "RFC 7741 4.2", "%u",
                      d->picture_id);
        explain_meaning(x, "one more for each frame, in %d bits", d->long_picture_id ? 15 : 7);
        at += len;
    }
    if (d->has_tl0picidx) {
        explain_field(x, "TL0PICIDX", bytes_slice(in, at++, 1), "RFC 7741 4.2", "%u", d->tl0picidx);
        explain_meaning(x, "the frame of the lowest temporal layer that this one builds on");
        if (!d->has_tid) explain_broken(x, "without TID it has no meaning (RFC 7741 4.2)");
    }
    if (!d->has_tid && !d->has_keyidx) return;
    explain_field(x, "TID Y KEYIDX", bytes_slice(in, at, 1), "RFC 7741 4.2", "%u %d %u", d->tid,
                  d->layer_sync, d->keyidx);
    if (d->has_tid)
        explain_meaning(x, "temporal layer %u%s", d->tid,
                        d->layer_sync ? ", a point where a receiver may move up to it" : "");
}

static void tell_frame(struct explain *x, struct bytes data)
{
    struct vp8_header h;
    bool whole = vp8_read_header(&h, data);
    explain_field(x, "frame header", bytes_slice(data, 0, whole && h.key ? 10 : 3), "RFC 6386 9.1",
                  "%s", h.key ? "key frame" : "interframe");
    if (!whole) {
        explain_broken(x, "shorter than a frame's header, or a key frame without its start code "
                          "(RFC 6386 9.1)");
        return;
    }
    if (h.key)
        explain_meaning(x, "%ux%u: it needs no frame before it", h.width, h.height);
    else
        explain_meaning(x, "built on frames before it");
    if (!h.show) explain_meaning(x, "not shown");
    explain_meaning(x, "profile %u, first partition %u bytes", h.version,
                    (unsigned)h.first_partition);
}

static void tell(struct explain *x, struct bytes in, const struct vp8_descriptor *d)
{
    explain_field(x, "X N S PID", bytes_slice(in, 0, 1), "RFC 7741 4.2", "%d %d %d %u", d->extended,
                  d->non_reference, d->start, d->partition);
    if (d->non_reference) explain_meaning(x, "no later frame builds on this one");
    explain_meaning(x, "%s",
                    vp8_is_frame_start(d) ? "a frame begins here"
                    : d->start            ? "a partition begins here"
                                          : "goes on where the packet before ended");
    if (d->extended) tell_extended(x, in, d);
    explain_field(x, "VP8 data", d->data, "RFC 7741 4.3", "%zu bytes", d->data.len);
    if (!vp8_is_frame_start(d)) return;
    explain_down(x);
    tell_frame(x, d->data);
    explain_up(x);
}

static void summarize(struct explain *x, const struct vp8_descriptor *d)
{
    struct vp8_header h;
    if (d->has_picture_id) explain_summary(x, "picture %u, ", d->picture_id);
    if (!vp8_is_frame_start(d))
        explain_summary(x, "the middle or the end of a frame");
    else if (!vp8_read_header(&h, d->data))
        explain_summary(x, "a frame whose header can't be read");
    else if (h.key)
        explain_summary(x, "key frame %ux%u begins", h.width, h.height);
    else
        explain_summary(x, "interframe begins");
}

void vp8_explain_payload(struct explain *x, struct bytes payload)
{
    struct vp8_descriptor d;
    if (vp8_parse(&d, payload) == OK) {
        tell(x, payload, &d);
        explain_phrase(x, "; ");
        summarize(x, &d);
        return;
    }
    explain_field(x, "VP8 descriptor", payload, "RFC 7741 4.2", "%s", err_name(d.fault.err));
    explain_broken(x, "%s", d.fault.rule);
}

static void add_members(struct explain *x, const struct vp8_descriptor *d)
{
    struct vp8_header h;
    explain_bool(x, "X", d->extended);
    explain_bool(x, "N", d->non_reference);
    explain_bool(x, "S", d->start);
    explain_number(x, "PID", d->partition);
    explain_bool(x, "I", d->has_picture_id);
    explain_bool(x, "L", d->has_tl0picidx);
    explain_bool(x, "T", d->has_tid);
    explain_bool(x, "K", d->has_keyidx);
    if (d->has_picture_id) explain_number(x, "pictureId", d->picture_id);
    if (d->has_tl0picidx) explain_number(x, "tl0picidx", d->tl0picidx);
    if (d->has_tid) explain_number(x, "tid", d->tid);
    if (d->has_tid) explain_bool(x, "y", d->layer_sync);
    if (d->has_keyidx) explain_number(x, "keyidx", d->keyidx);
    explain_number(x, "descriptorLength", d->len);
    explain_number(x, "payloadLength", d->data.len);
    if (!vp8_is_frame_start(d) || !vp8_read_header(&h, d->data)) return;
    explain_bool(x, "keyFrame", h.key);
    if (!h.key) return;
    explain_number(x, "width", h.width);
    explain_number(x, "height", h.height);
}

void vp8_explain(struct explain *x, struct bytes message)
{
    struct vp8_descriptor d;
    if (vp8_parse(&d, message) != OK) {
        rtp_explain_fault(x, message, &d.fault);
        return;
    }
    tell(x, message, &d);
    add_members(x, &d);
    explain_summary(x, "VP8 ");
    summarize(x, &d);
    explain_summary(x, ", %zu bytes", d.data.len);
}
