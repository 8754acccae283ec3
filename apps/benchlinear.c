/* Is time linear? Each parser over the worst input that we could think of, and over half of it: a
 * parser that looks at everything again for each thing takes four times as long, not twice. */
#include <stdlib.h>
#include <string.h>

#include "apps/bench.h"
#include "base/arena.h"
#include "dtls/record.h"
#include "ice/candidate.h"
#include "net/dnsmsg.h"
#include "rtp/feedback.h"
#include "rtp/opus.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtp/vp8.h"
#include "sdp/parse.h"
#include "signaling/http.h"
#include "signaling/message.h"
#include "signaling/websocket.h"
#include "stun/attribute.h"

#define TARGET_RATIO 2.5
#define STREAM_BYTES 60000 /* as long as a signaling message, or nearly what 16 bits can say */

/* `fill` writes as much as fits in the writer, and no more; `parse` is false when it was refused.
 */
struct parser {
    void (*fill)(struct writer *w);
    bool (*parse)(struct bytes in);
};

/* ---- Datagrams ---- */

/* Empty attributes that may be ignored, and a search for one that isn't there. */
static void stun_fill(struct writer *w)
{
    stun_begin(w, STUN_BINDING | STUN_REQUEST, bytes_of("transactions"));
    while (writer_left(w) >= 4) stun_put(w, 0xC001, bytes_of(""));
}

static bool stun_read(struct bytes in)
{
    struct stun_msg m;
    uint16_t unknown;
    return stun_parse(&m, in) == OK && !stun_has(&m, STUN_USERNAME) &&
           stun_unknown(&m, &unknown, 1) == 0;
}

/* Extension elements of no bytes, and a search for one that isn't there. */
static void rtp_fill(struct writer *w)
{
    size_t words = (writer_left(w) - RTP_HEADER_LEN - 4) / 4;
    write_u16(w, 0x9060);
    write_zeros(w, RTP_HEADER_LEN - 2);
    write_u16(w, RTP_PROFILE_TWO_BYTES);
    write_u16(w, (uint16_t)words);
    for (size_t i = 0; i < 2 * words; i++) write_u16(w, 0x0100);
}

static bool rtp_read(struct bytes in)
{
    struct rtp_packet p;
    return rtp_parse(&p, in) == OK && !rtp_extension_find(&p, 2).at;
}

/* BYEs of nobody. */
static void rtcp_fill(struct writer *w)
{
    while (writer_left(w) >= 4) write_u32(w, 0x80CB0000);
}

static bool rtcp_read(struct bytes in)
{
    struct fault fault;
    return rtcp_check(in, &fault) == OK;
}

/* One feedback packet whose chunks say two symbols in two bits each: seven to two bytes. */
static void twcc_fill(struct writer *w)
{
    size_t chunks = (writer_left(w) - 20) / 4 * 2;
    write_u16(w, 0x8FCD);
    write_u16(w, (uint16_t)(4 + chunks / 2));
    write_zeros(w, 10);
    write_u16(w, (uint16_t)(7 * chunks));
    write_u32(w, 0);
    for (size_t i = 0; i < chunks; i++) write_u16(w, 0xC000);
}

/* Walks every status, as a congestion controller does. */
static bool twcc_read(struct bytes in)
{
    struct fault fault;
    struct rtcp_packet p;
    struct rtcp_feedback feedback;
    struct rtcp_twcc twcc;
    struct rtcp_twcc_status status;
    struct rtcp_walk w = rtcp_walk_of(in);
    size_t count = 0;
    if (!rtcp_next(&w, &p) || rtcp_parse_feedback(&feedback, &p, &fault) != OK ||
        rtcp_parse_twcc(&twcc, feedback.fci, &fault) != OK)
        return false;
    struct rtcp_twcc_walk walk = rtcp_twcc_walk_of(&twcc);
    while (rtcp_twcc_next(&walk, &status)) count++;
    return count == twcc.count;
}

static void vp8_fill(struct writer *w)
{
    write_u48(w, 0x90E080010203);             /* every optional field: RFC 7741 §4.2 */
    while (writer_left(w)) write_u8(w, 0x11); /* no key frame */
}

static bool vp8_read(struct bytes in)
{
    struct vp8_descriptor d;
    struct vp8_header h;
    return vp8_parse(&d, in) == OK && vp8_read_header(&h, d.data);
}

/* Frames of no bytes, each with its length (RFC 6716 §3.2.5): 2.5 ms each, at most 48. */
static void opus_fill(struct writer *w)
{
    size_t frames = writer_left(w) - 1;
    write_u8(w, 0x83);
    write_u8(w, (uint8_t)(0x80 | frames));
    write_zeros(w, frames - 1);
}

static bool opus_read(struct bytes in)
{
    struct opus_info info;
    return opus_parse(&info, in) == OK;
}

/* Records of no bytes. */
static void dtls_fill(struct writer *w)
{
    while (writer_left(w) >= DTLS_RECORD_HEADER) {
        write_u24(w, 0x17FEFD);
        write_zeros(w, DTLS_RECORD_HEADER - 3);
    }
}

static bool dtls_read(struct bytes in)
{
    struct reader r = reader_of(in);
    struct dtls_record record;
    while (dtls_record_next(&r, &record)) continue;
    return r.err == OK;
}

/* A ClientHello with extensions that nobody knows. */
static void hello_fill(struct writer *w)
{
    write_u16(w, DTLS_VERSION_1_2);
    write_zeros(w, 32 + 2);       /* random, no session id, no cookie */
    write_u48(w, 0x0002C02B0100); /* one suite, no compression */
    size_t extensions = (writer_left(w) - 2) / 4;
    write_u16(w, (uint16_t)(4 * extensions));
    for (size_t i = 0; i < extensions; i++) write_u32(w, (uint32_t)(1000 + i) << 16);
}

static bool hello_read(struct bytes in)
{
    struct dtls_hello hello;
    return dtls_client_hello_parse(&hello, in) == OK;
}

/* Every record but the first has a name of two bytes, which point to 120 labels. Long
 * chains of pointers to pointers would be worse: dns_parse refuses them. */
static void dns_fill(struct writer *w)
{
    uint16_t records = 0;
    dns_write_header(w, 1, DNS_RESPONSE, (struct dns_counts){0});
    size_t name = writer_len(w);
    for (; writer_left(w) >= 300; records++) {
        if (records)
            write_u16(w, (uint16_t)(0xC000 | name));
        else
            for (size_t i = 0; i < 120; i++) write_u16(w, 0x0161);
        if (!records) write_u8(w, 0);
        write_u16(w, 16); /* TXT: no data need be in it */
        write_u16(w, DNS_IN);
        write_u32(w, 0);
        write_u16(w, 0);
    }
    write_u16_at(w, 6, records);
}

static bool dns_read(struct bytes in)
{
    struct dns_msg msg;
    struct dns_record rr;
    bool found = false;
    if (dns_parse(&msg, in) != OK) return false;
    struct dns_walk walk = dns_walk_of(&msg);
    while (dns_next_record(&walk, &rr)) {
        char text[NAME_MAX_LEN + 1];
        found = found || bytes_is(bytes_of(dns_name_text(&msg, rr.name, text)), "b.local");
    }
    return !found;
}

/* ---- Text ---- */

/* One section with as many formats as there are payload types, each with four lines. */
static void sdp_formats_fill(struct writer *w)
{
    size_t formats = writer_left(w) / 1024;
    write_text(w, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF");
    for (size_t i = 0; i < formats; i++) write_format(w, " %zu", 127 - i);
    write_text(w, "\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n");
    for (size_t i = 0; i < formats; i++)
        write_format(w,
                     "a=rtpmap:%zu VP8/90000\r\na=rtcp-fb:%zu nack\r\na=rtcp-fb:%zu nack pli\r\n"
                     "a=fmtp:%zu apt=%zu\r\n",
                     68 + i, 68 + i, 68 + i, 68 + i, 127 - i);
}

static void sdp_sections_fill(struct writer *w)
{
    write_text(w, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    for (size_t i = 0; writer_left(w) >= 1100; i++) {
        write_format(w, "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:%zu\r\n", i);
        for (size_t k = 0; k < 120; k++) write_format(w, "a=x:%zu\r\n", k);
    }
}

static bool sdp_read(struct bytes in)
{
    struct sdp sdp;
    bool ok = sdp_parse(&sdp, in) == OK;
    sdp_free(&sdp);
    return ok;
}

static void candidate_fill(struct writer *w)
{
    write_text(w, "candidate:1 1 udp 2122260223 192.0.2.1 5000 typ host");
    while (writer_left(w) >= 4) write_text(w, " a b");
}

static bool candidate_read(struct bytes in)
{
    struct candidate c;
    return candidate_parse(&c, in, NULL) == OK;
}

static void http_fill(struct writer *w)
{
    write_text(w, "GET /ws HTTP/1.1\r\nHost: a\r\n");
    while (writer_left(w) >= 2 + 128) {
        write_text(w, "a:");
        for (int i = 0; i < 124; i++) write_u8(w, ' ');
        write_text(w, "\r\n");
    }
    write_text(w, "\r\n");
}

/* A byte more each time, as it may come. */
static bool http_read(struct bytes in)
{
    struct http_request r;
    size_t len = 0, searched = 0;
    for (size_t have = 1; have <= in.len && !len; searched = have++)
        len = http_head_len(bytes_slice(in, 0, have), searched);
    return len == in.len && http_request_parse(&r, in) == OK &&
           !http_field(r.fields, r.field_count, "upgrade").at;
}

/* A message in fragments of one character. */
static void ws_fill(struct writer *w)
{
    for (bool first = true; writer_left(w) >= 14; first = false) {
        write_u16(w, first ? 0x0181 : 0x0081); /* text, then continuations; masked, one byte */
        write_u32(w, 0);
        write_u8(w, 'a');
    }
    write_u16(w, 0x8081); /* the last */
    write_u32(w, 0);
    write_u8(w, 'z');
}

static bool ws_fragments_read(struct bytes in)
{
    struct ws_reader r;
    struct ws_item item;
    ws_reader_init(&r, WS_SERVER, STREAM_BYTES);
    enum err err = ws_read(&r, &in, &item);
    ws_reader_free(&r);
    return err == OK && in.len == 0;
}

/* Members with names of their own: a duplicate must be found. */
static void json_members_fill(struct writer *w)
{
    write_text(w, "{\"type\":\"bye\",\"to\":\"a\"");
    for (size_t i = 0; writer_left(w) >= 20; i++) write_format(w, ",\"n%zu\":0", i);
    write_text(w, "}");
}

/* As deep as is let pass, again and again. */
static void json_depth_fill(struct writer *w)
{
    static const char deep[] = ",[[[[[[[[[[[[[]]]]]]]]]]]]]";
    write_text(w, "{\"type\":\"bye\",\"to\":\"a\",\"x\":[0");
    while (writer_left(w) >= sizeof deep + 2) write_text(w, deep);
    write_text(w, "]}");
}

static bool json_read(struct bytes in)
{
    struct sig_message m;
    struct arena arena;
    arena_init(&arena, 2 * SIG_RELAYED_MAX);
    bool ok = sig_message_parse(&m, in, &arena) == OK;
    arena_free(&arena);
    return ok;
}

/* ---- The benchmarks ---- */

struct linear {
    const struct parser *parser;
    struct bytes in;
    uint8_t room[];
};

static void *linear_begin(const struct bench *self)
{
    const struct parser *parser = self->of;
    struct linear *l = calloc(1, sizeof *l + self->size);
    if (!l) return NULL;
    struct writer w = writer_of(l->room, self->size);
    parser->fill(&w);
    l->parser = parser;
    l->in = writer_done(&w);
    if (l->in.at) return l;
    free(l);
    return NULL;
}

static bool linear_run(void *state, size_t count)
{
    const struct linear *l = state;
    for (size_t i = 0; i < count; i++)
        if (!l->parser->parse(l->in)) return false;
    return true;
}

#define LINEAR(id, text, bytes, fill, parse)                                                       \
    {                                                                                              \
        .name = "linear-" id, .what = text, .unit = "parse", .target_ratio = TARGET_RATIO,         \
        .begin = linear_begin, .run = linear_run, .end = free, .size = bytes,                      \
        .of = &(const struct parser)                                                               \
        {                                                                                          \
            fill, parse                                                                            \
        }                                                                                          \
    }

static const struct bench benches[] = {
    LINEAR("stun", "empty attributes, a search for one", STREAM_BYTES, stun_fill, stun_read),
    LINEAR("rtp", "empty extension elements, a search", STREAM_BYTES, rtp_fill, rtp_read),
    LINEAR("rtcp", "empty BYEs", STREAM_BYTES, rtcp_fill, rtcp_read),
    LINEAR("twcc", "feedback with as many statuses as can be", 18000, twcc_fill, twcc_read),
    LINEAR("vp8", "the longest descriptor", 1200, vp8_fill, vp8_read),
    LINEAR("opus", "48 frames of no bytes", 49, opus_fill, opus_read),
    LINEAR("dtls", "records of no bytes", STREAM_BYTES, dtls_fill, dtls_read),
    LINEAR("hello", "a ClientHello of unknown extensions", STREAM_BYTES, hello_fill, hello_read),
    LINEAR("dns", "names that point to one of 120 labels", 15000, dns_fill, dns_read),
    LINEAR("sdp-formats", "60 formats in one section", 61440, sdp_formats_fill, sdp_read),
    LINEAR("sdp-sections", "sections of 120 attributes", 61440, sdp_sections_fill, sdp_read),
    LINEAR("candidate", "extensions that nobody knows", STREAM_BYTES, candidate_fill,
           candidate_read),
    LINEAR("http", "60 fields, fed byte by byte", 7900, http_fill, http_read),
    LINEAR("ws", "a message in fragments of one byte", STREAM_BYTES, ws_fill, ws_fragments_read),
    LINEAR("json-members", "names in one object", STREAM_BYTES, json_members_fill, json_read),
    LINEAR("json-depth", "arrays inside arrays", STREAM_BYTES, json_depth_fill, json_read),
};

const struct bench_table bench_linear = {benches, COUNT(benches)};
