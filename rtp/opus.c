#include "rtp/opus.h"

#include "rtp/internal.h"

#define OPUS_FRAME_MAX 1275 /* bytes, RFC 6716 §3.4 [R2] */

/* RFC 6716 §3.1, table 2, at 48 kHz: SILK 10 to 60 ms, hybrid 10 or 20 ms, CELT 2.5 to 20 ms. */
static uint16_t samples_of(uint8_t config)
{
    static const uint16_t silk[] = {480, 960, 1920, 2880};
    static const uint16_t hybrid[] = {480, 960};
    static const uint16_t celt[] = {120, 240, 480, 960};
    if (config < 12) return silk[config % 4];
    return config < 16 ? hybrid[config % 2] : celt[config % 4];
}

/* §3.2.1: one byte, or two from 252 on. */
static size_t read_length(struct reader *r)
{
    size_t first = read_u8(r);
    return first < 252 ? first : 4 * (size_t)read_u8(r) + first;
}

/* §3.2.5: bytes of 255 count 254 and go on. */
static size_t read_padding(struct reader *r)
{
    size_t padding = 0;
    uint8_t byte;
    do {
        byte = read_u8(r);
        padding += byte == 255 ? 254 : byte;
    } while (byte == 255 && r->err == OK);
    return padding;
}

static void fail(struct reader *r, const char *rule)
{
    reader_fail(r, E_MALFORMED, rule);
}

static void read_code_3(struct opus_info *info, struct reader *r)
{
    uint8_t byte = read_u8(r);
    bool variable = byte >> 7;
    info->frames = byte & 63;
    size_t padding = byte >> 6 & 1 ? read_padding(r) : 0;
    if (info->frames == 0 || info->frames * info->frame_samples > OPUS_PACKET_MAX)
        fail(r, "no frame, or more than 120 ms of them (RFC 6716 3.4 R5)");
    size_t known = 0; /* of all frames but the last, which takes what is left */
    for (int i = 0; variable && i + 1 < info->frames; i++) known += read_length(r);
    size_t left = reader_left(r);
    if (r->err != OK) return;
    if (padding > left || known > left - padding) {
        fail(r, "padding or frame lengths past the packet (RFC 6716 3.4 R6 R7)");
        return;
    }
    left -= padding;
    if (!variable && left % info->frames)
        fail(r, "frames of equal length don't divide the packet (RFC 6716 3.4 R6)");
    else if ((variable ? left - known : left / info->frames) > OPUS_FRAME_MAX)
        fail(r, "a frame is longer than 1275 bytes (RFC 6716 3.4 R2)");
}

static void read_frames(struct opus_info *info, struct reader *r, int code)
{
    switch (code) {
    case 0:
        info->frames = 1;
        if (reader_left(r) > OPUS_FRAME_MAX)
            fail(r, "the frame is longer than 1275 bytes (RFC 6716 3.4 R2)");
        break;
    case 1:
        info->frames = 2;
        if (reader_left(r) % 2) fail(r, "two equal frames of odd length (RFC 6716 3.4 R3)");
        if (reader_left(r) / 2 > OPUS_FRAME_MAX)
            fail(r, "a frame is longer than 1275 bytes (RFC 6716 3.4 R2)");
        break;
    case 2: {
        info->frames = 2;
        size_t first = read_length(r);
        if (r->err == OK && first > reader_left(r))
            fail(r, "the first frame ends past the packet (RFC 6716 3.4 R4)");
        else if (reader_left(r) - first > OPUS_FRAME_MAX)
            fail(r, "the second frame is longer than 1275 bytes (RFC 6716 3.4 R2)");
        break;
    }
    default: read_code_3(info, r); break;
    }
}

enum err opus_parse(struct opus_info *info, struct bytes payload)
{
    struct reader r = reader_of(payload);
    *info = (struct opus_info){0};
    uint8_t toc = read_u8(&r);
    info->config = toc >> 3;
    info->stereo = toc >> 2 & 1;
    info->frame_samples = samples_of(info->config);
    if (r.err == OK) read_frames(info, &r, toc & 3);
    info->samples = (uint16_t)(info->frames * info->frame_samples);
    if (r.err != OK) return rtp_refuse_reader(&info->fault, &r, "opus", 0);
    return OK;
}
