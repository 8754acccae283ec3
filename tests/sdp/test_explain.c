#include "sdp/explain.h"

#include "sdp/check.h"
#include "sdp/scan.h"
#include "tests/explained.h"
#include "tests/sdp/session.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

static struct explain *explained(struct bytes text, enum sdp_as as)
{
    const struct sdp_explain_options options = {as};
    struct explain *x = explain_new("sdp", text);
    sdp_explain(x, text, as ? &options : NULL);
    explained_is_sound(x);
    return x;
}

static struct bytes corpus(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, CORPUS "/%.200s.sdp", name);
    return suite_file(path);
}

static void done(struct explain *x, struct bytes file)
{
    explain_free(x);
    free((void *)(uintptr_t)file.at);
}

static bool has(struct bytes text, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.at + i, part, len) == 0) return true;
    return false;
}

/* The first field whose value begins so. */
static const struct explain_field *field_of(const struct explain *x, const char *name,
                                            const char *value)
{
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        if (bytes_is(f->name, name) && bytes_starts(f->value, value)) return f;
    }
    ck_abort_msg("no %s that begins with %s", name, value);
    return NULL;
}

static void means(const struct explain *x, const char *name, const char *value, bool broken,
                  const char *part)
{
    const struct explain_field *f = field_of(x, name, value);
    ck_assert_msg(has(f->meaning, part), "%s: %.*s", name, (int)f->meaning.len,
                  (const char *)f->meaning.at);
    ck_assert_int_eq(f->broken, broken);
}

START_TEST(members_of_a_browser_s_offer)
{
    struct bytes file = corpus("chromium-156-offer-av-data");
    struct explain *x = explained(file, SDP_AS_OFFER);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_number(x, "version", 0);
    explained_text(x, "origin", "- 2260076137201046737 2 IN IP4 127.0.0.1");
    explained_text(x, "name", "-");
    explained_text(x, "groups.0", "BUNDLE 0 1 2");
    explained_bool(x, "iceLite", false);
    ck_assert_uint_eq(explained_count(x, "media"), 3);
    explained_text(x, "media.1.kind", "video");
    explained_number(x, "media.1.port", 34829);
    explained_text(x, "media.1.protocol", "UDP/TLS/RTP/SAVPF");
    ck_assert_uint_eq(explained_count(x, "media.1.formats"), 23);
    explained_text(x, "media.1.formats.0", "96");
    explained_bool(x, "media.1.rejected", false);
    explained_text(x, "media.1.mid", "1");
    explained_text(x, "media.1.direction", "sendrecv");
    explained_text(x, "media.1.iceUfrag", "wkm1");
    explained_text(x, "media.1.setup", "actpass");
    explained_text(x, "media.1.fingerprint.hash", "sha-256");
    explained_bool(x, "media.1.rtcpMux", true);
    explained_number(x, "media.1.candidateCount", 4);
    ck_assert_uint_eq(explained_count(x, "media.1.candidates"), 4);
    explained_text(x, "media.1.codecs.96.name", "VP8");
    explained_number(x, "media.1.codecs.96.rate", 90000);
    explained_number(x, "media.0.codecs.111.channels", 2);
    explained_text(x, "media.1.fmtp.97.apt", "96");
    explained_text(x, "media.0.fmtp.111.useinbandfec", "1");
    explained_text(x, "media.1.rtcpFb.96.0", "goog-remb");
    ck_assert_uint_eq(explained_count(x, "media.1.extmap"), 11);
    explained_text(x, "media.1.extmap.0.direction", "sendrecv");
    ck_assert_uint_eq(explained_count(x, "media.1.ssrcs"), 2);
    ck_assert_uint_eq(explained_count(x, "media.1.ssrcGroups"), 1);
    explained_number(x, "media.2.sctpPort", 5000);
    explained_number(x, "media.2.maxMessageSize", 262144);
    explained_absent(x, "media.2.codecs");
    explained_absent(x, "media.0.rids");
    explained_absent(x, "media.0.simulcast");
    explained_absent(x, "media.1.sctpPort");
    ck_assert(explained_summary_has(x, "offer, 3 sections; audio (mid 0) sendrecv opus/48000"));
    done(x, file);
}
END_TEST

/* RFC 8866 §5.13: what the session says counts for a section without its own. */
START_TEST(session_values_count_for_sections)
{
    struct bytes text = bytes_of(
        HEAD
        "a=ice-ufrag:sess\r\na=ice-pwd:0123456789012345678901\r\na=setup:passive\r\n"
        "a=fingerprint:SHA-1 aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd\r\n"
        "a=recvonly\r\na=ice-lite\r\n"
        "m=audio 0 UDP/TLS/RTP/SAVPF 0 96\r\na=ice-ufrag:own1\r\na=rtcp-fb:* nack\r\n"
        "a=rtcp-fb:96 ccm fir\r\na=rtcp-fb:98 nack pli\r\na=rtpmap:96 x/8000\r\n"
        "a=fmtp:96 0-15; a = 1 ;a=2;b\r\na=rid:hi send\r\na=rid:lo send pt=96\r\n"
        "a=simulcast:send hi;lo\r\na=ssrc:7 cname:x\r\na=ssrc:7 label:y\r\na=ssrc:8 cname:x\r\n"
        "a=msid:s t\r\na=sendonly\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
    struct explain *x = explained(text, SDP_AS_TEXT);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "iceLite", true);
    explained_text(x, "media.0.iceUfrag", "own1");
    explained_text(x, "media.1.iceUfrag", "sess");
    explained_text(x, "media.0.icePwd", "0123456789012345678901");
    explained_text(x, "media.1.setup", "passive");
    explained_text(x, "media.1.direction", "recvonly");
    explained_text(x, "media.0.direction", "sendonly");
    explained_bool(x, "media.0.rejected", true);
    explained_text(x, "media.0.fingerprint.hash", "sha-1");
    explained_text(x, "media.0.fingerprint.value",
                   "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD");
    explained_bool(x, "media.0.rtcpMux", false);
    ck_assert_uint_eq(explained_count(x, "media.0.codecs"), 1);
    explained_text(x, "media.0.rtcpFb.*.0", "nack");
    explained_text(x, "media.0.rtcpFb.96.0", "ccm fir");
    explained_absent(x, "media.0.rtcpFb.98");
    explained_text(x, "media.0.fmtp.96.0-15", "");
    explained_text(x, "media.0.fmtp.96.a", "2");
    explained_text(x, "media.0.fmtp.96.b", "");
    explained_text(x, "media.0.rids.1", "lo");
    explained_text(x, "media.0.simulcast", "send hi;lo");
    explained_text(x, "media.0.msid", "s t");
    ck_assert_uint_eq(explained_count(x, "media.0.ssrcs"), 2);
    explained_number(x, "media.0.ssrcs.1", 8);
    explained_absent(x, "media.1.mid");
    done(x, (struct bytes){NULL, 0});
}
END_TEST

/* Every line has a field, with its bytes, and sections hold theirs. */
START_TEST(every_line_is_told)
{
    struct bytes file = corpus("firefox-153-offer-av-data");
    struct explain *x = explained(file, SDP_AS_TEXT);
    struct reader r = reader_of(file);
    size_t i = 0;
    bool in_section = false;
    for (struct bytes line; sdp_scan_line(&r, &line); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        ck_assert_ptr_eq(f->raw.at, line.at);
        ck_assert_uint_eq(f->raw.len, line.len);
        ck_assert(f->meaning.len > 0 && bytes_starts(bytes_of(f->spec), "RFC"));
        if (line.at[0] == 'm') in_section = true;
        ck_assert_uint_eq(f->depth, in_section && line.at[0] != 'm');
    }
    ck_assert(bytes_is(explained_field(x, "as an offer")->value, "sound"));
    ck_assert(explained_field(x, "as an answer")->broken);
    ck_assert(!explained_field(x, "version")->broken);
    done(x, file);
}
END_TEST

START_TEST(what_lines_mean_to_the_other_side)
{
    struct bytes file = corpus("chromium-156-offer-av-data");
    struct explain *x = explained(file, SDP_AS_TEXT);
    means(x, "setup", "actpass", false, "either may begin");
    means(x, "ice-ufrag", "wkm1", false, "USERNAME wkm1:theirs");
    means(x, "group", "BUNDLE", false, "sections on one transport (3 here)");
    means(x, "rtpmap", "97 rtx", false, "carries packets of payload type 96 again");
    means(x, "rtpmap", "111 opus", false, "always written 48000/2");
    means(x, "fmtp", "111 ", false, "useinbandfec=1");
    means(x, "rtcp-fb", "96 ccm fir", false, "a key frame is asked for by FIR (RFC 5104 4.3.1)");
    means(x, "ssrc-group", "FID", false, "again (RFC 4588 8)");
    means(x, "max-message-size", "262144", false, "at most 262144 bytes");
    means(x, "sendrecv", "", false, "the answer may have any direction");
    ck_assert_str_eq(explained_field(x, "fingerprint")->spec, "RFC 8122 5");
    done(x, file);
}
END_TEST

START_TEST(broken_rules_are_named_where_they_are)
{
    struct bytes text = bytes_of(
        HEAD "a=group:BUNDLE a b\n"
             "m=audio 9 UDP/TLS/RTP/SAVPF 70 96 96 97\r\na=mid:a\r\na=rtpmap:98 x/8000\r\n"
             "a=rtpmap:97 rtx/8000\r\na=fmtp:97 apt=5\r\na=ice-ufrag:abc\r\na=setup:holdconn\r\n"
             "a=extmap:1 urn:x\r\na=extmap:1 urn:y\r\na=extmap:15 urn:z\r\n"
             "a=fingerprint:sha-1 aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd\r\n"
             "a=ssrc-group:FID 1\r\na=never-heard:of\r\n");
    struct explain *x = explained(text, SDP_AS_TEXT);
    ck_assert_int_eq(explain_fault(x)->err, OK);
    means(x, "group", "BUNDLE", true, "no section has the mid b (RFC 9143 7.1)");
    means(x, "line ends", "1 of 18 in LF alone", true, "CRLF");
    means(x, "media", "audio", true, "payload type 70: looks like RTCP on one port (RFC 5761 4)");
    means(x, "media", "audio", true, "payload type 96: listed twice");
    means(x, "media", "audio", true, "no c= line");
    means(x, "rtpmap", "98", true, "does not list payload type 98");
    means(x, "rtpmap", "97", true, "repeats payload type 5, which is not listed (RFC 4588 8.6)");
    means(x, "ice-ufrag", "abc", true, "4 to 256 ice-chars");
    means(x, "setup", "holdconn", true, "RFC 8842 5.2");
    means(x, "extmap", "1 urn:y", true, "stands for another one already (RFC 8285 5)");
    means(x, "extmap", "1 urn:x", false, "element 1");
    means(x, "extmap", "15", true, "15 is reserved");
    means(x, "fingerprint", "sha-1", true, "not compared");
    means(x, "ssrc-group", "FID", true, "RFC 5576 4.2");
    means(x, "attribute", "never-heard:of", false, "never answered");
    means(x, "as an offer", "refused: malformed", true, "RFC 9143 7.1");
    done(x, (struct bytes){NULL, 0});
}
END_TEST

/* Every description of the browsers is sound as what it is, and not as the other. */
START_TEST(as_what_it_is)
{
    static struct sdp all[64];
    size_t offers = session_files("-offer", all, COUNT(all));
    for (size_t i = 0; i < offers; i++) {
        struct explain *x = explained(all[i].text, SDP_AS_OFFER);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        explain_free(x);
        x = explained(all[i].text, SDP_AS_ANSWER);
        ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED); /* actpass */
        ck_assert_ptr_nonnull(strstr(explain_fault(x)->rule, "RFC 8842 5.3"));
        ck_assert_uint_gt(explain_fault(x)->offset, 0);
        explain_free(x);
        sdp_free(&all[i]);
    }
    size_t answers = session_files("-answer", all, COUNT(all));
    for (size_t i = 0; i < answers; i++) {
        struct explain *x = explained(all[i].text, SDP_AS_ANSWER);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        explain_free(x);
        sdp_free(&all[i]);
    }
    ck_assert_uint_ge(offers + answers, 50);
}
END_TEST

/* The fault is sdp_check()'s own, and all that was read is told all the same. */
START_TEST(what_a_remote_description_must_hold)
{
    static const struct {
        const char *from, *to, *rule;
    } cases[] = {
        {"a=mid:1", "a=mid:0", "RFC 5888 4"},
        {"a=ice-ufrag:", "a=ice-nfrag:", "RFC 8839 5.4"},
        {"a=fingerprint:", "a=fingerprinx:", "RFC 8842 5.1"},
        {"a=setup:actpass", "a=setup:holdcon", "RFC 4145 4"},
        {"BUNDLE 0 1 2", "BUNDLE 0 1 3", "RFC 9143 7.1"},
        {"extmap:2", "extmap:1", "RFC 8285 5"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct bytes file = corpus("chromium-156-offer-av-data");
        uint8_t *text = malloc(file.len);
        memcpy(text, file.at, file.len);
        size_t len = strlen(cases[i].from), hits = 0;
        for (size_t at = 0; at + len <= file.len; at++) {
            if (memcmp(text + at, cases[i].from, len) != 0) continue;
            memcpy(text + at, cases[i].to, len);
            hits++;
        }
        ck_assert_uint_gt(hits, 0);
        struct explain *x = explained((struct bytes){text, file.len}, SDP_AS_OFFER);
        ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
        ck_assert_msg(strstr(explain_fault(x)->rule, cases[i].rule), "%s", explain_fault(x)->rule);
        ck_assert_uint_gt(explain_field_count(x), 0);
        done(x, file);
        free(text);
    }
}
END_TEST

START_TEST(a_refused_line_is_shown)
{
    struct bytes text = bytes_of(HEAD "m=audio 9 RTP/AVP 0\r\na=rtpmap:0 PCMU\r\na=mid:0\r\n");
    struct explain *x = explained(text, SDP_AS_TEXT);
    const struct explain_field *f = explained_field(x, "refused line");
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert(bytes_is(f->raw, "a=rtpmap:0 PCMU"));
    ck_assert(bytes_is(f->value, "line 6, byte 15 of it"));
    ck_assert(f->broken && has(f->meaning, "RFC 8866 6.6"));
    ck_assert_uint_eq(explain_fault(x)->offset, f->offset + 15);
    ck_assert_uint_eq(explain_member_count(x), 0);
    done(x, (struct bytes){NULL, 0});
}
END_TEST

/* Explained or refused, always with a place; with the parser's own word. */
static void try(struct bytes text)
{
    struct sdp sdp;
    enum err err = sdp_parse(&sdp, text);
    struct explain *x = explained(text, SDP_AS_TEXT);
    ck_assert_int_eq(explain_fault(x)->err, err);
    if (err != OK) ck_assert_uint_eq(explain_fault(x)->offset, sdp.fault.offset);
    explain_free(x);
    sdp_free(&sdp);
    explain_free(explained(text, SDP_AS_ANSWER));
}

START_TEST(every_prefix)
{
    struct bytes file = corpus("chromium-156-answer-to-firefox-153-av-data");
    for (size_t len = 0; len <= file.len; len += len < 1000 ? 1 : 7) {
        uint8_t *exact = malloc(len ? len : 1);
        memcpy(exact, file.at, len);
        try((struct bytes){exact, len});
        free(exact);
    }
    free((void *)(uintptr_t)file.at);
}
END_TEST

START_TEST(flipped_bits)
{
    struct bytes file = corpus("firefox-153-offer-data");
    uint8_t *text = malloc(file.len);
    memcpy(text, file.at, file.len);
    for (size_t bit = 0; bit < 8 * file.len; bit += 3) {
        text[bit / 8] ^= (uint8_t)(1u << bit % 8);
        try((struct bytes){text, file.len});
        text[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(text);
    free((void *)(uintptr_t)file.at);
}
END_TEST

SUITE("sdp explain", members_of_a_browser_s_offer, session_values_count_for_sections,
      every_line_is_told, what_lines_mean_to_the_other_side, broken_rules_are_named_where_they_are,
      as_what_it_is, what_a_remote_description_must_hold, a_refused_line_is_shown, every_prefix,
      flipped_bits)
