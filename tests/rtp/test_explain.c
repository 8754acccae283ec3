#include "rtp/explain.h"

#include "rtp/opus.h"
#include "rtp/packet.h"
#include "rtp/vp8.h"
#include "tests/explained.h"

#define SAMPLES "fuzz/corpus/rtp_packet/"

static const struct rtp_explain_payload payloads[] = {
    {111, {(const uint8_t *)"OPUS", 4}, 48000},
    {96, {(const uint8_t *)"VP8", 3}, 90000},
    {118, {(const uint8_t *)"red", 3}, 90000},
    {119, {(const uint8_t *)"rtx", 3}, 90000},
};

#define EXT(id, uri)                                                                               \
    {                                                                                              \
        id,                                                                                        \
        {                                                                                          \
            (const uint8_t *)uri, sizeof uri - 1                                                   \
        }                                                                                          \
    }

static const struct rtp_explain_ext exts[] = {
    EXT(1, "urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    EXT(2, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    EXT(3, "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
    EXT(4, "urn:ietf:params:rtp-hdrext:sdes:mid"),
    EXT(5, "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"),
    EXT(6, "urn:3gpp:video-orientation"),
    EXT(7, "urn:ietf:params:rtp-hdrext:toffset"),
    EXT(8, "http://www.webrtc.org/experiments/rtp-hdrext/color-space"),
};

static const struct rtp_explain_options known = {exts, COUNT(exts), payloads, COUNT(payloads),
                                                 false};

static struct explain *explained(struct bytes packet, const struct rtp_explain_options *options)
{
    struct explain *x = explain_new("rtp", packet);
    rtp_explain(x, packet, options);
    explained_is_sound(x);
    return x;
}

static bool has(struct bytes text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.at + i, part, len) == 0) return true;
    return false;
}

static void means(const struct explain *x, const char *name, const char *part)
{
    const struct explain_field *f = explained_field(x, name);
    ck_assert_msg(has(f->meaning, part), "%s: %.*s", name, (int)f->meaning.len,
                  (const char *)f->meaning.at);
}

static void done(struct explain *x, struct bytes file)
{
    explain_free(x);
    free((void *)(uintptr_t)file.at);
}

START_TEST(a_browser_s_sound)
{
    struct bytes file = suite_file(SAMPLES "chromium-plain-vp8-00.bin");
    struct explain *x = explained(file, &known);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "version", 2);
    explained_bool(x, "padding", false);
    explained_bool(x, "extension", true);
    explained_bool(x, "marker", true);
    explained_number(x, "payloadType", 111);
    explained_number(x, "sequenceNumber", 1930);
    explained_number(x, "timestamp", 1033891727);
    explained_number(x, "ssrc", 1660665527);
    ck_assert_uint_eq(explained_count(x, "csrc"), 0);
    explained_number(x, "extensionProfile", RTP_PROFILE_ONE_BYTE);
    ck_assert_uint_eq(explained_count(x, "extensions"), 4);
    explained_number(x, "extensions.1.id", 3);
    explained_text(x, "extensions.1.data", "0001");
    explained_number(x, "payloadLength", 99);
    explained_number(x, "paddingLength", 0);
    means(x, "payload type", "OPUS");
    means(x, "transport sequence number", "packet 1 of the transport");
    means(x, "mid", "\"0\"");
    means(x, "audio level", "dBov");
    means(x, "abs-send-time", "wraps every 64 s");
    means(x, "TOC", "frames of 20.0 ms");
    ck_assert_uint_eq(explained_field(x, "TOC")->offset, file.len - 99);
    ck_assert(explained_summary_has(x, "RTP OPUS payload type 111, sequence 1930"));
    ck_assert(explained_summary_has(x, "marker; hybrid FB, mono, 1 frame, 20.0 ms"));
    done(x, file);
}
END_TEST

/* Chromium wraps its VP8 in RED (RFC 2198) where both sides have it. */
START_TEST(a_browser_s_picture)
{
    struct bytes file = suite_file(SAMPLES "chromium-plain-vp8-03.bin");
    struct explain *x = explained(file, &known);
    ck_assert(bytes_is(explained_field(x, "RED header")->value, "payload type 96"));
    means(x, "X N S PID", "a frame begins here");
    means(x, "picture id", "15 bits");
    ck_assert(bytes_starts(explained_field(x, "frame header")->value, "key frame"));
    ck_assert_uint_eq(explained_field(x, "X N S PID")->depth, 1);
    ck_assert(explained_summary_has(x, "key frame 640x480 begins"));
    done(x, file);
    file = suite_file(SAMPLES "chromium-plain-vp8-04.bin"); /* the same once more, as RTX */
    x = explained(file, &known);
    ck_assert(bytes_is(explained_field(x, "OSN")->value, "3522"));
    done(x, file);
}
END_TEST

START_TEST(red_with_something_older)
{
    /* 3 bytes of type 111 from 960 units earlier, then two of VP8. */
    uint8_t packet[] = {0x80, 118,  0,    1,    0,    0,  0, 2, 0, 0,    0,
                        3,    0xEF, 0x0F, 0x00, 0x03, 96, 7, 7, 7, 0x10, 0x31};
    struct bytes in = {packet, sizeof packet};
    struct explain *x = explained(in, &known);
    ck_assert(bytes_is(explained_field(x, "RED header")->value,
                       "payload type 111, 3 bytes, 960 units earlier"));
    ck_assert_uint_eq(explained_field(x, "X N S PID")->offset, sizeof packet - 2);
    explain_free(x);
    packet[15] = 6; /* more than there is */
    x = explained(in, &known);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    ck_assert(explained_field(x, "RED")->broken);
    explain_free(x);
}
END_TEST

/* RFC 2198 §3: after each header of four bytes there is another, and the last has one. */
START_TEST(red_that_ends_inside_its_headers)
{
    uint8_t packet[] = {0x80, 118, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0xEF, 0x0F, 0x00, 0x00};
    for (size_t len = 1; len <= 4; len++) {
        struct bytes in = {packet, RTP_HEADER_LEN + len};
        struct explain *x = explained(in, &known);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        ck_assert(explained_field(x, "RED")->broken);
        ck_assert_uint_eq(explained_field(x, "RED")->raw.len, len);
        size_t headers = 0;
        for (size_t i = 0; i < explain_field_count(x); i++)
            headers += bytes_is(explain_field_at(x, i)->name, "RED header");
        ck_assert_uint_eq(headers, len == 4); /* whole ones only */
        explain_free(x);
    }
}
END_TEST

/* Without a clock rate the timestamp is no time. */
START_TEST(a_payload_whose_clock_nobody_told)
{
    static const struct rtp_explain_payload nameless = {50, {(const uint8_t *)"x", 1}, 0};
    const struct rtp_explain_options o = {.payloads = &nameless, .payload_count = 1};
    static const uint8_t packet[] = {0x80, 50, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9};
    struct explain *x = explained((struct bytes){packet, sizeof packet}, &o);
    means(x, "timestamp", "by the clock of its codec");
    means(x, "payload type", "x");
    explain_free(x);
    static const struct rtp_explain_payload bare = {50, {NULL, 0}, 1000}; /* no rtpmap said more */
    const struct rtp_explain_options unnamed = {.payloads = &bare, .payload_count = 1};
    x = explained((struct bytes){packet, sizeof packet}, &unnamed);
    means(x, "timestamp", "0.002 s of a clock of 1000 Hz");
    ck_assert_uint_eq(explained_field(x, "payload type")->meaning.len, 0);
    ck_assert(explained_summary_has(x, "RTP payload type 50"));
    explain_free(x);
}
END_TEST

START_TEST(no_bytes_at_all)
{
    struct explain *x = explained((struct bytes){NULL, 0}, &known);
    ck_assert_int_eq(explain_fault(x)->err, E_TRUNCATED);
    ck_assert_uint_eq(explain_fault(x)->offset, 0);
    ck_assert_uint_eq(explain_field_count(x), 0);
    explain_free(x);
}
END_TEST

/* A probe: RTX without payload, all padding. */
START_TEST(a_probe_is_padding)
{
    struct bytes file = suite_file(SAMPLES "chromium-plain-vp8-02.bin");
    struct explain *x = explained(file, NULL);
    explained_bool(x, "padding", true);
    explained_number(x, "payloadLength", 0);
    explained_text(x, "payload", "");
    explained_number(x, "paddingLength", 255);
    means(x, "payload", "a probe");
    ck_assert_uint_eq(explained_field(x, "padding")->offset, file.len - 255);
    done(x, file);
}
END_TEST

/* Every element that is known, in two-byte headers, and one that is not. */
START_TEST(header_extensions)
{
    static const uint8_t room[300] = {0xff};
    const struct rtp_extension elements[] = {
        {5, {(const uint8_t *)"\x00\x10\x02", 3}},
        {6, {(const uint8_t *)"\x05", 1}},
        {7, {(const uint8_t *)"\xff\xff\xfe", 3}},
        {8, {room, 4}},
        {9, {room, 20}},
        {2, {room, 1}},
    };
    uint8_t packet[400];
    struct writer w = writer_of(packet, sizeof packet);
    rtp_write(&w, &(struct rtp_packet){.csrc_count = 1, .csrc = {77}, .payload = {room, 3}},
              elements, COUNT(elements));
    struct explain *x = explained(writer_done(&w), &known);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "extensionProfile", RTP_PROFILE_TWO_BYTES);
    explained_number(x, "csrc.0", 77);
    explained_text(x, "extensions.3.uri",
                   "http://www.webrtc.org/experiments/rtp-hdrext/color-space");
    explained_absent(x, "extensions.4.uri");
    means(x, "header extension", "RFC 8285 4.3");
    means(x, "playout delay", "10 to 20 ms");
    means(x, "video orientation", "turned by 90 degrees, mirrored");
    means(x, "transmission offset", "sent -2 units");
    ck_assert(bytes_is(explained_field(x, "color-space")->value, "element 8, 4 bytes"));
    ck_assert(explained_field(x, "abs-send-time")->broken);
    means(x, "element", "the description says");
    explain_free(x);
}
END_TEST

START_TEST(another_profile_is_not_looked_into)
{
    static const uint8_t packet[] = {0x90, 0,    0,    1, 0, 0, 0, 2, 0, 0, 0,
                                     3,    0xCA, 0xFE, 0, 1, 1, 2, 3, 4, 5};
    struct explain *x = explained((struct bytes){packet, sizeof packet}, &known);
    explained_number(x, "extensionProfile", 0xCAFE);
    ck_assert_uint_eq(explained_count(x, "extensions"), 0);
    means(x, "header extension", "not looked into");
    explain_free(x);
}
END_TEST

/* What is encrypted is not looked into: neither padding nor payload. */
START_TEST(srtp_shows_its_header_alone)
{
    const struct rtp_explain_options sealed = {exts, COUNT(exts), payloads, COUNT(payloads), true};
    uint8_t packet[] = {0xA0, 111, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 0};
    struct bytes in = {packet, sizeof packet};
    struct explain *x = explained(in, &sealed);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "padding", true);
    explained_number(x, "payloadLength", 3);
    ck_assert(bytes_is(explained_field(x, "encrypted payload")->value, "3 bytes"));
    ck_assert(explained_summary_has(x, "SRTP"));
    explain_free(x);
    x = explained(in, &known); /* in the clear the padding count is 0 */
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert(bytes_is(explained_field(x, "SSRC")->value, "3")); /* told all the same */
    explain_free(x);
}
END_TEST

static struct explain *explained_vp8(struct bytes payload)
{
    struct explain *x = explain_new("vp8", payload);
    vp8_explain(x, payload);
    explained_is_sound(x);
    return x;
}

START_TEST(vp8_descriptor_and_frame) /* RFC 7741 §4.2, RFC 6386 §9.1 */
{
    static const uint8_t key[] = {0x90, 0xF0, 0x81, 0x02, 0x07, 0x61, 0x50, 0x42,
                                  0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x41};
    struct explain *x = explained_vp8((struct bytes){key, sizeof key});
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "X", true);
    explained_bool(x, "N", false);
    explained_bool(x, "S", true);
    explained_number(x, "PID", 0);
    explained_bool(x, "I", true);
    explained_bool(x, "L", true);
    explained_bool(x, "T", true);
    explained_bool(x, "K", true);
    explained_number(x, "pictureId", 258);
    explained_number(x, "tl0picidx", 7);
    explained_number(x, "tid", 1);
    explained_bool(x, "y", true);
    explained_number(x, "keyidx", 1);
    explained_number(x, "descriptorLength", 6);
    explained_number(x, "payloadLength", 10);
    explained_bool(x, "keyFrame", true);
    explained_number(x, "width", 640);
    explained_number(x, "height", 480);
    ck_assert(explained_summary_has(x, "VP8 picture 258, key frame 640x480 begins"));
    explain_free(x);
}
END_TEST

START_TEST(vp8_without_options)
{
    static const uint8_t middle[] = {0x00, 1, 2}, inter[] = {0x30, 0x31, 0, 0},
                         cut[] = {0x10, 0x30}, orphan[] = {0x80, 0x40, 5, 1};
    struct explain *x = explained_vp8((struct bytes){middle, sizeof middle});
    explained_absent(x, "pictureId");
    explained_absent(x, "tid");
    explained_absent(x, "keyFrame");
    ck_assert(explained_summary_has(x, "the middle or the end of a frame"));
    explain_free(x);
    x = explained_vp8((struct bytes){inter, sizeof inter});
    explained_bool(x, "N", true);
    explained_bool(x, "keyFrame", false);
    explained_absent(x, "width");
    explain_free(x);
    x = explained_vp8((struct bytes){cut, sizeof cut});
    ck_assert_int_eq(explain_fault(x)->err, OK); /* a short packet is a good one */
    ck_assert(explained_field(x, "frame header")->broken);
    explained_absent(x, "keyFrame");
    explain_free(x);
    x = explained_vp8((struct bytes){orphan, sizeof orphan});
    explained_number(x, "tl0picidx", 5);
    ck_assert(explained_field(x, "TL0PICIDX")->broken);
    explain_free(x);
    x = explained_vp8((struct bytes){orphan, 2});
    ck_assert_int_eq(explain_fault(x)->err, E_TRUNCATED);
    ck_assert_uint_eq(explain_fault(x)->offset, 2);
    explain_free(x);
}
END_TEST

/* RFC 6716 §3.1, table 2: mode, bandwidth and frame length of each configuration. */
START_TEST(opus_configurations)
{
    static const struct {
        uint8_t config;
        const char *mode, *bandwidth;
        unsigned us;
    } table[] = {
        {0, "SILK", "NB", 10000},     {5, "SILK", "MB", 20000},    {11, "SILK", "WB", 60000},
        {12, "hybrid", "SWB", 10000}, {15, "hybrid", "FB", 20000}, {16, "CELT", "NB", 2500},
        {21, "CELT", "WB", 5000},     {26, "CELT", "SWB", 10000},  {31, "CELT", "FB", 20000},
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        uint8_t packet[] = {(uint8_t)(table[i].config << 3 | 4 | 1), 1, 2};
        struct bytes in = {packet, sizeof packet};
        struct explain *x = explain_new("opus", in);
        opus_explain(x, in);
        explained_is_sound(x);
        explained_number(x, "config", table[i].config);
        explained_text(x, "mode", table[i].mode);
        explained_text(x, "bandwidth", table[i].bandwidth);
        explained_number(x, "frameUs", table[i].us);
        explained_bool(x, "stereo", true);
        explained_number(x, "code", 1);
        explained_number(x, "frames", 2);
        explained_number(x, "durationUs", 2 * table[i].us);
        explain_free(x);
    }
    static const uint8_t odd[] = {0x01, 1};
    struct explain *x = explain_new("opus", (struct bytes){odd, sizeof odd});
    opus_explain(x, (struct bytes){odd, sizeof odd});
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    explain_free(x);
}
END_TEST

/* Whatever the bytes: the parsers' own verdict, and a place. */
static void try(struct bytes in)
{
    struct rtp_packet p;
    struct explain *x = explained(in, &known);
    ck_assert_int_eq(explain_fault(x)->err, rtp_parse(&p, in));
    if (explain_fault(x)->err != OK) ck_assert_uint_eq(explain_fault(x)->offset, p.fault.offset);
    explain_free(x);
    struct vp8_descriptor d;
    x = explained_vp8(in);
    ck_assert_int_eq(explain_fault(x)->err, vp8_parse(&d, in));
    explain_free(x);
    struct opus_info info;
    x = explain_new("opus", in);
    opus_explain(x, in);
    explained_is_sound(x);
    ck_assert_int_eq(explain_fault(x)->err, opus_parse(&info, in));
    explain_free(x);
}

START_TEST(every_prefix_and_every_bit)
{
    static const char *const names[] = {"chromium-plain-vp8-00.bin", "chromium-plain-vp8-02.bin",
                                        "chromium-plain-vp8-03.bin"};
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[100];
        snprintf(path, sizeof path, SAMPLES "%s", names[i]);
        struct bytes file = suite_file(path);
        uint8_t *packet = malloc(file.len);
        for (size_t len = 0; len <= file.len && len < 200; len++) {
            uint8_t *exact = malloc(len ? len : 1);
            memcpy(exact, file.at, len);
            try((struct bytes){exact, len});
            free(exact);
        }
        memcpy(packet, file.at, file.len);
        for (size_t bit = 0; bit < 8 * 60; bit++) {
            packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
            try((struct bytes){packet, file.len});
            packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        free(packet);
        free((void *)(uintptr_t)file.at);
    }
}
END_TEST

SUITE("rtp explain", a_browser_s_sound, a_browser_s_picture, red_with_something_older,
      red_that_ends_inside_its_headers, a_payload_whose_clock_nobody_told, no_bytes_at_all,
      a_probe_is_padding, header_extensions, another_profile_is_not_looked_into,
      srtp_shows_its_header_alone, vp8_descriptor_and_frame, vp8_without_options,
      opus_configurations, every_prefix_and_every_bit)
