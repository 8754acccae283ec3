#include "sdp/attribute.h"
#include "sdp/internal.h"
#include "sdp/scan.h"

#include <string.h>

/* What one parser works on: what follows the colon, and where it leaves what that says. Each has a
 * reader of its own, whose address goes nowhere, so that it lives in registers. */
struct job {
    struct bytes value;
    struct arena *arena;
    union sdp_value *out;
    struct fault *fault; /* left alone if all is well */
};

/* Four bytes "a=x" and more make a line, so no list is longer than the text; this is only what one
 * list may ask of the arena at once. */
#define LIST_MAX 1024

static uint8_t payload_type(struct reader *r)
{
    return (uint8_t)sdp_scan_number(r, SDP_PT_MAX,
                                    "a payload type is a number up to 127 (RFC 3550 5.1)");
}

/* "111 opus/48000/2": RFC 8866 §6.6. */
static enum err parse_rtpmap(const struct job *j)
{
    static const char rule[] = "rtpmap is <pt> <name>/<clock>[/<channels>] (RFC 8866 6.6)";
    struct reader r = reader_of(j->value);
    struct sdp_rtpmap *m = &j->out->rtpmap;
    m->pt = payload_type(&r);
    sdp_expect_blank(&r, rule);
    m->name = sdp_scan_token(&r, rule);
    sdp_expect_char(&r, '/', rule);
    m->clock = (uint32_t)sdp_scan_number(&r, UINT32_MAX, rule);
    m->channels = 1;
    if (sdp_scan_char(&r, '/')) m->channels = (uint8_t)sdp_scan_number(&r, UINT8_MAX, rule);
    if (m->clock == 0 || m->channels == 0) reader_fail(&r, E_MALFORMED, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

/* "96 max-fs=12288;max-fr=60". Formats that are no numbers belong to other protocols than RTP. */
static enum err parse_fmtp(const struct job *j)
{
    static const char rule[] = "fmtp is <format> <parameters> (RFC 8866 6.15)";
    struct reader r = reader_of(j->value);
    struct sdp_fmtp *f = &j->out->fmtp;
    uint8_t first = reader_peek(&r);
    f->pt = SDP_PT_NONE;
    if (first >= '0' && first <= '9')
        f->pt = payload_type(&r);
    else
        sdp_scan_token(&r, rule);
    if (reader_left(&r)) sdp_expect_blank(&r, rule);
    f->params = read_rest(&r);
    return sdp_scan_fault(&r, j->fault);
}

/* Branches, here and where attributes are told apart, and no switch: a browser's offer has a
 * hundred such lines in regular turns, which processors foresee far better than they do jumps by a
 * table. */
static uint8_t feedback_of(struct bytes value)
{
    if (bytes_is(value, "nack")) return SDP_FB_NACK;
    if (bytes_is(value, "nack pli")) return SDP_FB_NACK_PLI;
    if (bytes_is(value, "ccm fir")) return SDP_FB_CCM_FIR;
    if (bytes_is(value, "transport-cc")) return SDP_FB_TRANSPORT_CC;
    if (bytes_is(value, "goog-remb")) return SDP_FB_GOOG_REMB;
    return 0;
}

/* "96 nack pli", "* transport-cc": RFC 4585 §4.2. */
static enum err parse_rtcp_fb(const struct job *j)
{
    static const char rule[] = "rtcp-fb is <pt or *> <feedback> (RFC 4585 4.2)";
    struct reader r = reader_of(j->value);
    struct sdp_rtcp_fb *f = &j->out->rtcp_fb;
    f->pt = sdp_scan_char(&r, '*') ? SDP_PT_NONE : payload_type(&r);
    sdp_expect_blank(&r, rule);
    f->value = read_rest(&r);
    if (f->value.len == 0) reader_fail(&r, E_MALFORMED, rule);
    f->feedback = feedback_of(f->value);
    return sdp_scan_fault(&r, j->fault);
}

static bool direction_of(struct bytes name, enum sdp_direction *direction)
{
    for (int d = SDP_INACTIVE; d <= SDP_SENDRECV; d++) {
        if (!bytes_is(name, sdp_direction_name((enum sdp_direction)d))) continue;
        *direction = (enum sdp_direction)d;
        return true;
    }
    return false;
}

static const struct bytes ext_uris[SDP_EXT_COUNT] = {
#define URI(text)                                                                                  \
    {                                                                                              \
        (const uint8_t *)text, sizeof text - 1                                                     \
    }
    [SDP_EXT_OTHER] = URI(""),
    [SDP_EXT_MID] = URI("urn:ietf:params:rtp-hdrext:sdes:mid"),
    [SDP_EXT_RID] = URI("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
    [SDP_EXT_REPAIRED_RID] = URI("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
    [SDP_EXT_AUDIO_LEVEL] = URI("urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
    [SDP_EXT_ABS_SEND_TIME] = URI("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
    [SDP_EXT_TRANSPORT_CC] =
        URI("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
#undef URI
};

static uint8_t ext_of(struct bytes uri)
{
    for (int ext = SDP_EXT_OTHER + 1; ext < SDP_EXT_COUNT; ext++)
        if (bytes_equal(uri, ext_uris[ext])) return (uint8_t)ext;
    return SDP_EXT_OTHER;
}

/* "2/recvonly urn:ietf:params:rtp-hdrext:csrc-audio-level": RFC 8285 §5. */
static enum err parse_extmap(const struct job *j)
{
    static const char rule[] = "extmap is <id>[/<direction>] <URI> [<attributes>] (RFC 8285 8)";
    struct reader r = reader_of(j->value);
    struct sdp_extmap *e = &j->out->extmap;
    enum sdp_direction direction = SDP_SENDRECV;
    e->id = (uint16_t)sdp_scan_number(&r, 4351, rule);
    /* §5: 1 to 14 and up to 255; §7: 4096 to 4351 stand for "no number yet". */
    if (e->id == 0 || (e->id > 255 && e->id < 4096))
        reader_fail(&r, E_MALFORMED, "an extmap id is 1-255 or 4096-4351 (RFC 8285 5, 7)");
    if (sdp_scan_char(&r, '/') && !direction_of(sdp_scan_token(&r, rule), &direction))
        reader_fail(&r, E_MALFORMED, rule);
    sdp_expect_blank(&r, rule);
    e->uri = sdp_scan_word(&r, rule);
    e->ext = ext_of(e->uri);
    e->direction = (uint8_t)direction;
    return sdp_scan_fault(&r, j->fault);
}

/* Of a hexadecimal digit. Letters have bit 6 and count from 1 in the lower four. */
static unsigned hex_value(uint8_t c)
{
    return (c & 15u) + (c >> 6) * 9u;
}

static enum sdp_hash hash_of(struct bytes name)
{
    if (bytes_is(name, "sha-256")) return SDP_SHA256; /* as nearly everyone has it */
    for (int hash = SDP_SHA1; hash <= SDP_SHA512; hash++)
        if (bytes_is_nocase(name, sdp_hash_name((enum sdp_hash)hash))) return (enum sdp_hash)hash;
    return SDP_HASH_OTHER;
}

/* "sha-256 1D:05:...": RFC 8122 §5. Neither the name's case nor the digits' counts: upper case is
 * a rule for writers that some break. */
static enum err parse_fingerprint(const struct job *j)
{
    static const char rule[] = "fingerprint is <hash> <HEX:HEX...> (RFC 8122 5)";
    struct reader r = reader_of(j->value);
    struct sdp_fingerprint *f = &j->out->fingerprint;
    f->name = sdp_scan_token(&r, rule);
    f->hash = hash_of(f->name);
    sdp_expect_blank(&r, rule);
    struct bytes text = read_rest(&r);
    size_t len = (text.len + 1) / 3;
    if (text.len % 3 != 2 || (f->hash != SDP_HASH_OTHER && len != sdp_hash_len(f->hash))) {
        reader_fail(&r, E_MALFORMED, "a fingerprint is as long as its hash (RFC 8122 5)");
        return sdp_scan_fault(&r, j->fault);
    }
    uint8_t *digest = arena_take(j->arena, len);
    if (!digest) {
        reader_fail(&r, E_NOMEM, "no room for a fingerprint");
        return sdp_scan_fault(&r, j->fault);
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t high = text.at[3 * i], low = text.at[3 * i + 1];
        bool hex = sdp_chars[high] & sdp_chars[low] & SDP_HEX_CHAR;
        if (!hex || (i + 1 < len && text.at[3 * i + 2] != ':')) reader_fail(&r, E_MALFORMED, rule);
        digest[i] = (uint8_t)(hex_value(high) << 4 | hex_value(low));
    }
    f->digest = (struct bytes){digest, len};
    return sdp_scan_fault(&r, j->fault);
}

/* How many words are left, so that a list is taken from the arena in one piece. */
static size_t count_words(const struct reader *r)
{
    struct reader probe = *r;
    size_t count = 0;
    while (reader_left(&probe)) {
        sdp_expect_blank(&probe, "");
        if (sdp_scan_word(&probe, "").len) count++;
    }
    return count;
}

static void *take_list(const struct job *j, struct reader *r, size_t count, size_t size)
{
    if (count > LIST_MAX) {
        reader_fail(r, E_FULL, "at most 1024 items in one list (a bound of ours)");
        return NULL;
    }
    void *list = arena_take(j->arena, count * size);
    if (!list) reader_fail(r, E_NOMEM, "no room for a list");
    return list;
}

/* "BUNDLE 0 1 2", "BUNDLE": RFC 5888 §5. */
static enum err parse_group(const struct job *j)
{
    static const char rule[] = "group is <semantics> [<mid>...] (RFC 5888 5)";
    struct reader r = reader_of(j->value);
    struct sdp_group *g = &j->out->group;
    g->semantics = sdp_scan_token(&r, rule);
    size_t count = count_words(&r);
    struct bytes *mids = take_list(j, &r, count, sizeof *mids);
    for (size_t i = 0; mids && i < count; i++) {
        sdp_expect_blank(&r, rule);
        mids[i] = sdp_scan_token(&r, rule);
    }
    g->mids = mids;
    g->count = count;
    while (sdp_scan_char(&r, ' ')) continue;
    return sdp_scan_done(&r, rule, j->fault);
}

/* "FID 409218989 3392255643": RFC 5576 §4.2. */
static enum err parse_ssrc_group(const struct job *j)
{
    static const char rule[] = "ssrc-group is <semantics> [<ssrc>...] (RFC 5576 4.2)";
    struct reader r = reader_of(j->value);
    struct sdp_ssrc_group *g = &j->out->ssrc_group;
    g->semantics = sdp_scan_token(&r, rule);
    size_t count = count_words(&r);
    uint32_t *ssrcs = take_list(j, &r, count, sizeof *ssrcs);
    for (size_t i = 0; ssrcs && i < count; i++) {
        sdp_expect_blank(&r, rule);
        ssrcs[i] = (uint32_t)sdp_scan_number(&r, UINT32_MAX, rule);
    }
    g->ssrcs = ssrcs;
    g->count = count;
    while (sdp_scan_char(&r, ' ')) continue;
    return sdp_scan_done(&r, rule, j->fault);
}

/* "1026168254 cname:x": RFC 5576 §4.1. */
static enum err parse_ssrc(const struct job *j)
{
    static const char rule[] = "ssrc is <number> <attribute>[:<value>] (RFC 5576 4.1)";
    struct reader r = reader_of(j->value);
    struct sdp_ssrc *s = &j->out->ssrc;
    s->id = (uint32_t)sdp_scan_number(&r, UINT32_MAX, rule);
    sdp_expect_blank(&r, rule);
    s->name = sdp_scan_token(&r, rule);
    if (sdp_scan_char(&r, ':')) s->value = read_rest(&r);
    return sdp_scan_done(&r, rule, j->fault);
}

/* "stream track", "- track", "stream": RFC 8830 §2. */
static enum err parse_msid(const struct job *j)
{
    static const char rule[] = "msid is <stream> [<track>] (RFC 8830 2)";
    struct reader r = reader_of(j->value);
    struct sdp_msid *m = &j->out->msid;
    m->stream = sdp_scan_token(&r, rule);
    if (sdp_scan_char(&r, ' ') && reader_left(&r)) m->track = sdp_scan_token(&r, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

static bool is_rid_char(uint8_t c)
{
    uint8_t small = c | 0x20;
    return (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* RFC 8851 §10: letters, digits, "-" and "_". */
static struct bytes scan_rid_id(struct reader *r, const char *rule)
{
    size_t left = reader_left(r), len = 0;
    while (len < left && is_rid_char(r->at[len])) len++;
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    return read_bytes(r, len);
}

/* "q send pt=96;max-width=640": RFC 8851 §10. */
static enum err parse_rid(const struct job *j)
{
    static const char rule[] = "rid is <id> send|recv [<restrictions>] (RFC 8851 10)";
    struct reader r = reader_of(j->value);
    struct sdp_rid *rid = &j->out->rid;
    rid->id = scan_rid_id(&r, rule);
    sdp_expect_blank(&r, rule);
    struct bytes direction = sdp_scan_token(&r, rule);
    if (!bytes_is(direction, "send") && !bytes_is(direction, "recv"))
        reader_fail(&r, E_MALFORMED, rule);
    rid->direction = bytes_is(direction, "send") ? SDP_SENDONLY : SDP_RECVONLY;
    if (reader_left(&r)) sdp_expect_blank(&r, rule);
    rid->params = read_rest(&r);
    return sdp_scan_fault(&r, j->fault);
}

/* "q;h;~f,g": RFC 8853 §5.1, sc-str-list. */
static struct bytes scan_streams(struct reader *r, const char *rule)
{
    struct reader whole = *r;
    do {
        sdp_scan_char(r, '~');
        scan_rid_id(r, rule);
    } while (sdp_scan_char(r, ';') || sdp_scan_char(r, ','));
    return read_bytes(&whole, reader_offset(r) - reader_offset(&whole));
}

/* "send q;h;f recv a": RFC 8853 §5.1. */
static enum err parse_simulcast(const struct job *j)
{
    static const char rule[] = "simulcast is send <rids> and/or recv <rids> (RFC 8853 5.1)";
    struct reader r = reader_of(j->value);
    struct sdp_simulcast *s = &j->out->simulcast;
    do {
        struct bytes direction = sdp_scan_token(&r, rule);
        bool send = bytes_is(direction, "send");
        struct bytes *list = send ? &s->send : &s->recv;
        if ((!send && !bytes_is(direction, "recv")) || list->len)
            reader_fail(&r, E_MALFORMED, rule);
        sdp_expect_blank(&r, rule);
        *list = scan_streams(&r, rule);
    } while (sdp_scan_char(&r, ' '));
    return sdp_scan_done(&r, rule, j->fault);
}

/* RFC 4145 §4. */
static enum err parse_setup(const struct job *j)
{
    struct reader r = reader_of(j->value);
    struct bytes name = read_rest(&r);
    if (bytes_is(name, "actpass"))
        j->out->setup = SDP_ACTPASS;
    else if (bytes_is(name, "active"))
        j->out->setup = SDP_ACTIVE;
    else if (bytes_is(name, "passive"))
        j->out->setup = SDP_PASSIVE;
    else if (bytes_is(name, "holdconn"))
        j->out->setup = SDP_HOLDCONN;
    else
        reader_fail(&r, E_MALFORMED, sdp_rule_setup_word);
    return sdp_scan_fault(&r, j->fault);
}

/* mid and the like: one token. RFC 5888 §4. */
static enum err parse_token(const struct job *j)
{
    static const char rule[] = "the value is one token (RFC 8866 9)";
    struct reader r = reader_of(j->value);
    sdp_scan_token(&r, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

static enum err parse_text(const struct job *j)
{
    struct reader r = reader_of(j->value);
    if (reader_left(&r) == 0) reader_fail(&r, E_MALFORMED, "the value is empty (RFC 8866 9)");
    read_rest(&r);
    return sdp_scan_fault(&r, j->fault);
}

/* sctp-port (RFC 8841 §5.2). */
static enum err parse_port(const struct job *j)
{
    static const char rule[] = "a port is a number up to 65535 (RFC 8841 5.2)";
    struct reader r = reader_of(j->value);
    j->out->number = sdp_scan_number(&r, 65535, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

/* "9", "9 IN IP4 0.0.0.0": RFC 3605 §2.1. */
static enum err parse_rtcp(const struct job *j)
{
    static const char rule[] = "rtcp is <port> [<nettype> <addrtype> <address>] (RFC 3605 2.1)";
    struct reader r = reader_of(j->value);
    j->out->number = sdp_scan_number(&r, 65535, rule);
    for (int i = 0; i < 3 && reader_left(&r); i++) {
        sdp_expect_blank(&r, rule);
        sdp_scan_word(&r, rule);
    }
    return sdp_scan_done(&r, rule, j->fault);
}

/* max-message-size (RFC 8841 §6). Firefox writes 1073741823. */
static enum err parse_size(const struct job *j)
{
    static const char rule[] = "max-message-size is a number (RFC 8841 6)";
    struct reader r = reader_of(j->value);
    j->out->number = sdp_scan_number(&r, UINT64_MAX, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

/* ptime and maxptime in ms (RFC 8866 §6.4, §6.5), which may have a fraction: it is cut. A bound of
 * one minute keeps every product of it small. */
static enum err parse_ms(const struct job *j)
{
    static const char rule[] = "a packet time is a number of ms, at most 60000 (RFC 8866 6.4)";
    struct reader r = reader_of(j->value);
    j->out->number = sdp_scan_number(&r, 60000, rule);
    if (sdp_scan_char(&r, '.')) sdp_scan_number(&r, UINT64_MAX, rule);
    return sdp_scan_done(&r, rule, j->fault);
}

/* NULL: a property attribute, which has no value. */
static const struct entry {
    const char *name;
    size_t len;
    const char *spec;
    enum err (*parse)(const struct job *j);
} table[SDP_ATTR_COUNT] = {
#define ENTRY(name, spec, parse)                                                                   \
    {                                                                                              \
        name, sizeof name - 1, spec, parse                                                         \
    }
    [SDP_ATTR_UNKNOWN] = ENTRY("", "RFC 8866 5.13", NULL),
    [SDP_ATTR_BUNDLE_ONLY] = ENTRY("bundle-only", "RFC 9143 6", NULL),
    [SDP_ATTR_CANDIDATE] = ENTRY("candidate", "RFC 8839 5.1", parse_text),
    [SDP_ATTR_END_OF_CANDIDATES] = ENTRY("end-of-candidates", "RFC 8840 8.2", NULL),
    [SDP_ATTR_EXTMAP] = ENTRY("extmap", "RFC 8285 5", parse_extmap),
    [SDP_ATTR_EXTMAP_ALLOW_MIXED] = ENTRY("extmap-allow-mixed", "RFC 8285 6", NULL),
    [SDP_ATTR_FINGERPRINT] = ENTRY("fingerprint", "RFC 8122 5", parse_fingerprint),
    [SDP_ATTR_FMTP] = ENTRY("fmtp", "RFC 8866 6.15", parse_fmtp),
    [SDP_ATTR_GROUP] = ENTRY("group", "RFC 5888 5", parse_group),
    [SDP_ATTR_ICE_LITE] = ENTRY("ice-lite", "RFC 8839 5.3", NULL),
    [SDP_ATTR_ICE_OPTIONS] = ENTRY("ice-options", "RFC 8839 5.6", parse_text),
    [SDP_ATTR_ICE_PWD] = ENTRY("ice-pwd", "RFC 8839 5.4", parse_text),
    [SDP_ATTR_ICE_UFRAG] = ENTRY("ice-ufrag", "RFC 8839 5.4", parse_text),
    [SDP_ATTR_INACTIVE] = ENTRY("inactive", "RFC 8866 6.7.4", NULL),
    [SDP_ATTR_MAX_MESSAGE_SIZE] = ENTRY("max-message-size", "RFC 8841 6", parse_size),
    [SDP_ATTR_MAXPTIME] = ENTRY("maxptime", "RFC 8866 6.5", parse_ms),
    [SDP_ATTR_MID] = ENTRY("mid", "RFC 5888 4", parse_token),
    [SDP_ATTR_MSID] = ENTRY("msid", "RFC 8830 2", parse_msid),
    [SDP_ATTR_MSID_SEMANTIC] = ENTRY("msid-semantic", "RFC 8830 A", parse_text),
    [SDP_ATTR_PTIME] = ENTRY("ptime", "RFC 8866 6.4", parse_ms),
    [SDP_ATTR_RECVONLY] = ENTRY("recvonly", "RFC 8866 6.7.1", NULL),
    [SDP_ATTR_RID] = ENTRY("rid", "RFC 8851 4", parse_rid),
    [SDP_ATTR_RTCP] = ENTRY("rtcp", "RFC 3605 2.1", parse_rtcp),
    [SDP_ATTR_RTCP_FB] = ENTRY("rtcp-fb", "RFC 4585 4.2", parse_rtcp_fb),
    [SDP_ATTR_RTCP_MUX] = ENTRY("rtcp-mux", "RFC 5761 5.1.1", NULL),
    [SDP_ATTR_RTCP_MUX_ONLY] = ENTRY("rtcp-mux-only", "RFC 8858 3", NULL),
    [SDP_ATTR_RTCP_RSIZE] = ENTRY("rtcp-rsize", "RFC 5506 5.1", NULL),
    [SDP_ATTR_RTPMAP] = ENTRY("rtpmap", "RFC 8866 6.6", parse_rtpmap),
    [SDP_ATTR_SCTP_PORT] = ENTRY("sctp-port", "RFC 8841 5", parse_port),
    [SDP_ATTR_SENDONLY] = ENTRY("sendonly", "RFC 8866 6.7.3", NULL),
    [SDP_ATTR_SENDRECV] = ENTRY("sendrecv", "RFC 8866 6.7.2", NULL),
    [SDP_ATTR_SETUP] = ENTRY("setup", "RFC 4145 4", parse_setup),
    [SDP_ATTR_SIMULCAST] = ENTRY("simulcast", "RFC 8853 5.1", parse_simulcast),
    [SDP_ATTR_SSRC] = ENTRY("ssrc", "RFC 5576 4.1", parse_ssrc),
    [SDP_ATTR_SSRC_GROUP] = ENTRY("ssrc-group", "RFC 5576 4.2", parse_ssrc_group),
    [SDP_ATTR_TLS_ID] = ENTRY("tls-id", "RFC 8842 4", parse_text),
#undef ENTRY
};

/* Where a name can only be: its first letter, its middle one and its length tell all of ours apart.
 * The factors were found by trying; two names in one slot do not compile (-Wextra warns of an
 * element that is initialised twice). */
#define SLOT(first, middle, len) (((first) + (middle)*4u + (len)*28u) & 127u)

static const uint8_t slots[128] = {
    [SLOT('b', 'e', 11)] = SDP_ATTR_BUNDLE_ONLY,
    [SLOT('c', 'i', 9)] = SDP_ATTR_CANDIDATE,
    [SLOT('e', 'a', 17)] = SDP_ATTR_END_OF_CANDIDATES,
    [SLOT('e', 'm', 6)] = SDP_ATTR_EXTMAP,
    [SLOT('e', 'l', 18)] = SDP_ATTR_EXTMAP_ALLOW_MIXED,
    [SLOT('f', 'r', 11)] = SDP_ATTR_FINGERPRINT,
    [SLOT('f', 't', 4)] = SDP_ATTR_FMTP,
    [SLOT('g', 'o', 5)] = SDP_ATTR_GROUP,
    [SLOT('i', 'l', 8)] = SDP_ATTR_ICE_LITE,
    [SLOT('i', 'p', 11)] = SDP_ATTR_ICE_OPTIONS,
    [SLOT('i', '-', 7)] = SDP_ATTR_ICE_PWD,
    [SLOT('i', 'u', 9)] = SDP_ATTR_ICE_UFRAG,
    [SLOT('i', 't', 8)] = SDP_ATTR_INACTIVE,
    [SLOT('m', 'a', 16)] = SDP_ATTR_MAX_MESSAGE_SIZE,
    [SLOT('m', 't', 8)] = SDP_ATTR_MAXPTIME,
    [SLOT('m', 'i', 3)] = SDP_ATTR_MID,
    [SLOT('m', 'i', 4)] = SDP_ATTR_MSID,
    [SLOT('m', 'e', 13)] = SDP_ATTR_MSID_SEMANTIC,
    [SLOT('p', 'i', 5)] = SDP_ATTR_PTIME,
    [SLOT('r', 'o', 8)] = SDP_ATTR_RECVONLY,
    [SLOT('r', 'i', 3)] = SDP_ATTR_RID,
    [SLOT('r', 'c', 4)] = SDP_ATTR_RTCP,
    [SLOT('r', 'p', 7)] = SDP_ATTR_RTCP_FB,
    [SLOT('r', '-', 8)] = SDP_ATTR_RTCP_MUX,
    [SLOT('r', 'u', 13)] = SDP_ATTR_RTCP_MUX_ONLY,
    [SLOT('r', 'r', 10)] = SDP_ATTR_RTCP_RSIZE,
    [SLOT('r', 'm', 6)] = SDP_ATTR_RTPMAP,
    [SLOT('s', '-', 9)] = SDP_ATTR_SCTP_PORT,
    [SLOT('s', 'o', 8)] = SDP_ATTR_SENDONLY,
    [SLOT('s', 'r', 8)] = SDP_ATTR_SENDRECV,
    [SLOT('s', 't', 5)] = SDP_ATTR_SETUP,
    [SLOT('s', 'l', 9)] = SDP_ATTR_SIMULCAST,
    [SLOT('s', 'r', 4)] = SDP_ATTR_SSRC,
    [SLOT('s', 'g', 10)] = SDP_ATTR_SSRC_GROUP,
    [SLOT('t', '-', 6)] = SDP_ATTR_TLS_ID,
};

enum sdp_attr sdp_attr_find(struct bytes name)
{
    if (name.len == 0) return SDP_ATTR_UNKNOWN;
    uint8_t found = slots[SLOT(name.at[0], name.at[name.len / 2], name.len)];
    const struct entry *entry = &table[found];
    size_t same = 0; /* a call would take longer than these few bytes */
    if (name.len != entry->len) return SDP_ATTR_UNKNOWN;
    while (same < name.len && name.at[same] == (uint8_t)entry->name[same]) same++;
    return same == name.len ? (enum sdp_attr)found : SDP_ATTR_UNKNOWN;
}

const char *sdp_attr_name(enum sdp_attr attr)
{
    return table[attr].name;
}

const char *sdp_attr_spec(enum sdp_attr attr)
{
    return table[attr].spec;
}

/* A value where there is none, or none where there is one. */
BYTES_RARELY static enum err refuse_form(bool has_value, struct fault *fault)
{
    *fault = (struct fault){.err = E_MALFORMED,
                            .layer = "sdp",
                            .rule = has_value ? "this attribute has no value (RFC 8866 5.13)"
                                              : "this attribute needs a value (RFC 8866 5.13)"};
    return fault->err;
}

enum err sdp_attr_parse(enum sdp_attr attr, struct bytes value, struct arena *arena,
                        union sdp_value *out, struct fault *fault)
{
    struct job job = {value, arena, out, fault};
    memset(out, 0, sizeof *out);
    /* Two thirds of a browser's lines first. */
    if (value.at && attr == SDP_ATTR_RTCP_FB) return parse_rtcp_fb(&job);
    if (value.at && attr == SDP_ATTR_RTPMAP) return parse_rtpmap(&job);
    if (value.at && attr == SDP_ATTR_FMTP) return parse_fmtp(&job);
    if (attr == SDP_ATTR_UNKNOWN) return OK;
    if (!value.at != !table[attr].parse) return refuse_form(value.at != NULL, fault);
    return value.at ? table[attr].parse(&job) : OK;
}

/* Cuts "name=value" off a list with semicolons; blanks around them don't count. */
static struct bytes next_param(struct reader *r)
{
    struct bytes param = sdp_scan_until(r, ';');
    sdp_scan_char(r, ';');
    while (param.len && param.at[0] == ' ') param = bytes_slice(param, 1, param.len);
    while (param.len && param.at[param.len - 1] == ' ') param.len--;
    return param;
}

bool sdp_fmtp_get(struct bytes params, const char *name, struct bytes *value)
{
    struct reader r = reader_of(params);
    while (reader_left(&r)) {
        struct reader param = reader_of(next_param(&r));
        struct bytes key = sdp_scan_until(&param, '=');
        if (!bytes_is_nocase(key, name)) continue;
        sdp_scan_char(&param, '=');
        *value = read_rest(&param);
        return true;
    }
    return false;
}

const char *sdp_direction_name(enum sdp_direction direction)
{
    static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};
    return names[direction & SDP_SENDRECV];
}

const char *sdp_setup_name(enum sdp_setup setup)
{
    static const char *const names[] = {"", "actpass", "active", "passive", "holdconn"};
    return (size_t)setup < COUNT(names) ? names[setup] : "";
}

const char *sdp_hash_name(enum sdp_hash hash)
{
    static const char *const names[] = {"", "sha-1", "sha-256", "sha-384", "sha-512"};
    return (size_t)hash < COUNT(names) ? names[hash] : "";
}

size_t sdp_hash_len(enum sdp_hash hash)
{
    static const uint8_t lengths[] = {0, 20, 32, 48, 64};
    return (size_t)hash < COUNT(lengths) ? lengths[hash] : 0;
}

const char *sdp_ext_uri(enum sdp_ext ext)
{
    return (size_t)ext < COUNT(ext_uris) ? (const char *)ext_uris[ext].at : "";
}

const char *sdp_feedback_name(enum sdp_feedback feedback)
{
    switch (feedback) {
    case SDP_FB_NACK: return "nack";
    case SDP_FB_NACK_PLI: return "nack pli";
    case SDP_FB_CCM_FIR: return "ccm fir";
    case SDP_FB_TRANSPORT_CC: return "transport-cc";
    case SDP_FB_GOOG_REMB: return "goog-remb";
    case SDP_FB_ALL: break;
    }
    return "";
}

enum sdp_direction sdp_direction_reverse(enum sdp_direction direction)
{
    unsigned d = (unsigned)direction;
    return (enum sdp_direction)((d & SDP_SEND ? SDP_RECV : 0u) | (d & SDP_RECV ? SDP_SEND : 0u));
}
