/* What the tests of sdp/ share: the browsers' descriptions, and a side of our own. */
#ifndef DUET_TESTS_SDP_SESSION_H
#define DUET_TESTS_SDP_SESSION_H

#include "sdp/agree.h"
#include "sdp/answer.h"
#include "sdp/offer.h"
#include "sdp/parse.h"
#include "sdp/write.h"
#include "tests/suite.h"

#include <dirent.h>
#include <string.h>

#define CORPUS "tests/corpus/sdp"

/* Parses a text that must be good. */
static inline struct sdp session_parse(struct bytes text)
{
    struct sdp sdp;
    char why[200];
    enum err err = sdp_parse(&sdp, text);
    ck_assert_msg(err == OK, "%s", fault_text(&sdp.fault, why, sizeof why));
    return sdp;
}

static inline struct sdp session_text(const char *text)
{
    return session_parse(bytes_of(text));
}

/* tests/corpus/sdp/NAME.sdp */
static inline struct sdp session_file(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, CORPUS "/%.200s.sdp", name); /* no name is longer */
    struct bytes text = suite_file(path);
    struct sdp sdp = session_parse(text);
    free((void *)(uintptr_t)text.at);
    return sdp;
}

/* All of the corpus whose name holds `part`; returns how many. */
static inline size_t session_files(const char *part, struct sdp *to, size_t room)
{
    char names[64][128];
    size_t count = 0;
    DIR *dir = opendir(DUET_SOURCE_DIR "/" CORPUS);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char *end = strstr(entry->d_name, ".sdp");
        if (!end || !strstr(entry->d_name, part)) continue;
        ck_assert_uint_lt(count, COUNT(names));
        snprintf(names[count++], sizeof names[0], "%.*s", (int)(end - entry->d_name),
                 entry->d_name);
    }
    closedir(dir);
    ck_assert_uint_le(count, room);
    for (size_t i = 0; i < count; i++) to[i] = session_file(names[i]);
    return count;
}

static const uint8_t session_digest[32] = {0xAB, 0x01, 0xFF};

/* Our side, with all that we can do. */
static inline struct sdp_local session_local(void)
{
    static struct sdp_fingerprint fingerprint;
    fingerprint = (struct sdp_fingerprint){.digest = {session_digest, sizeof session_digest},
                                           .hash = SDP_SHA256};
    return (struct sdp_local){
        .session_id = 4611686018427387904u,
        .version = 1,
        .ufrag = bytes_of("duet"),
        .pwd = bytes_of("0123456789abcdefghijkl"),
        .fingerprints = &fingerprint,
        .fingerprint_count = 1,
        .cname = bytes_of("cname/of+ours"),
        .caps = SDP_CAPS_ALL,
    };
}

/* A wish of ours; the mid is its index. */
static inline struct sdp_wish session_wish(enum sdp_kind kind, size_t i)
{
    static const char *const mids[] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    return (struct sdp_wish){
        .kind = kind,
        .direction = SDP_SENDRECV,
        .mid = bytes_of(mids[i % COUNT(mids)]),
        .stream = bytes_of("stream"),
        .track = bytes_of(kind == SDP_AUDIO ? "audiotrack" : "videotrack"),
        .ssrc = 1000 + (uint32_t)i * 2,
        .rtx_ssrc = kind == SDP_VIDEO ? 1001 + (uint32_t)i * 2 : 0,
    };
}

/* Our offer for these wishes, parsed. */
static inline struct sdp session_offer(const struct sdp_local *local, const struct sdp_wish *wishes,
                                       size_t count)
{
    static uint8_t room[SDP_TEXT_MAX];
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sdp_offer(&w, local, wishes, count), OK);
    return session_parse(writer_done(&w));
}

/* Our answer, taking both kinds in all directions, parsed. */
static inline struct sdp session_answer_with(const struct sdp *offer, const struct sdp_local *local,
                                             const struct sdp_wish *wishes, size_t count)
{
    static uint8_t room[SDP_TEXT_MAX];
    struct writer w = writer_of(room, sizeof room);
    struct fault fault;
    char why[200];
    enum err err = sdp_answer(&w, offer, local, wishes, count, &fault);
    ck_assert_msg(err == OK, "%s", fault_text(&fault, why, sizeof why));
    return session_parse(writer_done(&w));
}

static inline struct sdp session_answer(const struct sdp *offer)
{
    struct sdp_wish wishes[SDP_SECTIONS_MAX];
    struct sdp_local local = session_local();
    for (size_t i = 0; i < offer->section_count; i++)
        wishes[i] = session_wish(offer->sections[i].kind, i);
    return session_answer_with(offer, &local, wishes, offer->section_count);
}

/* What both mean to us; must be good. */
static inline struct sdp_agreed session_agree(const struct sdp *offer, const struct sdp *answer,
                                              bool we_offered)
{
    struct sdp_agreed agreed;
    char why[200];
    enum err err = sdp_agree(&agreed, offer, answer, we_offered);
    ck_assert_msg(err == OK, "%s", fault_text(&agreed.fault, why, sizeof why));
    return agreed;
}

/* A good offer of one audio and one video section, for tests that break one rule of it. */
#define SESSION_GOOD                                                                               \
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"                    \
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"                                     \
    "a=fingerprint:sha-256 "                                                                       \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"                                             \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"                                          \
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=setup:actpass\r\n"        \
    "a=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\na=extmap:1 "                                       \
    "urn:ietf:params:rtp-hdrext:sdes:mid\r\n"                                                      \
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=setup:actpass\r\n"      \
    "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"

/* `text` with the first `from` replaced by `to`; good until 64 more were made. */
static inline const char *session_replace(const char *text, const char *from, const char *to)
{
    static char rooms[64][16384];
    static size_t next;
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "no \"%s\" to replace", from);
    struct writer w = writer_of(rooms[next++ % COUNT(rooms)], sizeof rooms[0]);
    write_bytes(&w, bytes_slice(bytes_of(text), 0, (size_t)(at - text)));
    write_text(&w, to);
    write_text(&w, at + strlen(from));
    write_u8(&w, '\0');
    ck_assert_int_eq(w.err, OK);
    return (const char *)writer_done(&w).at;
}

/* The whole description as a C string, for strstr; good until the next call. */
static inline const char *session_string(const struct sdp *sdp)
{
    static char text[SDP_TEXT_MAX + 1];
    return bytes_to_text(sdp->text, text, sizeof text);
}

#endif
