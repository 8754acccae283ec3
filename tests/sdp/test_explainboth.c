#include "sdp/explainboth.h"

#include "tests/explained.h"
#include "tests/sdp/session.h"

static uint8_t room[2 * SDP_TEXT_MAX];

/* Both texts in one message, as the command has them. */
static struct explain *explained(struct bytes offer, struct bytes answer)
{
    memcpy(room, offer.at, offer.len);
    memcpy(room + offer.len, answer.at, answer.len);
    struct bytes both = {room, offer.len + answer.len};
    struct explain *x = explain_new("sdp", both);
    sdp_explain_both(x, bytes_slice(both, 0, offer.len), bytes_slice(both, offer.len, answer.len));
    explained_is_sound(x);
    return x;
}

static struct explain *explained_files(const char *offer, const char *answer)
{
    struct sdp a = session_file(offer), b = session_file(answer);
    struct explain *x = explained(a.text, b.text);
    sdp_free(&a);
    sdp_free(&b);
    return x;
}

START_TEST(a_browser_s_offer_and_answer)
{
    struct explain *x =
        explained_files("chromium-156-offer-av-data", "firefox-153-answer-to-chromium-156-av-data");
    ck_assert_int_eq(explain_fault(x)->err, OK);
    explained_bool(x, "agreed", true);
    explained_absent(x, "why");
    ck_assert_uint_eq(explained_count(x, "sections"), 3);
    explained_text(x, "sections.0.mid", "0");
    explained_text(x, "sections.0.kind", "audio");
    explained_bool(x, "sections.0.agreed", true);
    explained_text(x, "sections.0.codec", "opus/48000");
    explained_text(x, "sections.0.direction", "sendrecv");
    explained_text(x, "sections.1.codec", "VP8/90000");
    explained_text(x, "sections.2.kind", "application");
    explained_text(x, "sections.2.codec", "webrtc-datachannel");
    explained_text(x, "transport.role", "answerer");
    explained_text(x, "transport.mid", "0");
    ck_assert(explained_summary_has(x, "offer and answer agree"));
    ck_assert(explained_summary_has(x, "audio agreed opus/48000"));
    /* The section's raw bytes are the offer's; below it each side has its own. */
    const struct explain_field *f = explained_field(x, "answer");
    ck_assert(bytes_starts(f->raw, "m=audio"));
    ck_assert_uint_gt(f->offset, explained_field(x, "offer")->offset);
    ck_assert_uint_gt(explained_field(x, "codecs refused")->value.len, 0);
    explain_free(x);
}
END_TEST

/* All pairs of the corpus that were made for each other. */
START_TEST(every_answer_fits_its_offer)
{
    static const char *const kinds[] = {"av", "av-data", "data", "video-recvonly"};
    static const char *const browsers[] = {"chromium-156", "firefox-153"};
    for (size_t i = 0; i < COUNT(kinds) * 4; i++) {
        char offer[100], answer[100];
        const char *offerer = browsers[i % 2], *answerer = browsers[i / 2 % 2];
        const char *kind = kinds[i / 4];
        snprintf(offer, sizeof offer, "%s-offer-%s", offerer, kind);
        snprintf(answer, sizeof answer, "%s-answer-to-%s-%s", answerer, offerer, kind);
        struct explain *x = explained_files(offer, answer);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        explained_bool(x, "agreed", true);
        explain_free(x);
    }
}
END_TEST

#define HEAD      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define TRANSPORT TRANSPORT_ALONE "a=rtcp-mux\r\n"
#define TRANSPORT_ALONE                                                                            \
    "c=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"                 \
    "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:"  \
    "77:88:99:aa:bb:cc:dd:ee:ff\r\n"
#define AUDIO "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n"
#define OFFER                                                                                      \
    HEAD "a=group:BUNDLE 0 1\r\n" AUDIO TRANSPORT "a=setup:actpass\r\n" VIDEO TRANSPORT            \
         "a=setup:actpass\r\n"

static struct explain *explained_texts(const char *offer, const char *answer)
{
    return explained(bytes_of(offer), bytes_of(answer));
}

START_TEST(a_refused_section_says_why)
{
    struct explain *x = explained_texts(
        OFFER, HEAD "a=group:BUNDLE 0\r\n" AUDIO TRANSPORT "a=setup:active\r\na=recvonly\r\n"
                    "m=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n");
    explained_bool(x, "agreed", true);
    explained_text(x, "sections.0.direction", "sendonly");
    explained_text(x, "sections.1.mid", "1");
    explained_bool(x, "sections.1.agreed", false);
    explained_absent(x, "sections.1.codec");
    const struct explain_member *why = explained_member(x, "sections.1.why");
    ck_assert(bytes_starts(why->text, "the answer rejects it with port 0"));
    ck_assert(explained_summary_has(x, "video not agreed"));
    explain_free(x);
}
END_TEST

#define REJECTED(m, mid) "m=" m "\r\na=mid:" mid "\r\n"

/* What only the offer can have been the reason of is said; else the answer need not say why. */
START_TEST(the_offer_may_be_the_reason)
{
    static const struct {
        const char *offer, *answer, *why;
    } cases[] = {
        {REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1"),
         REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1"), "the offer switches it off with port 0"},
        {REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1") "a=bundle-only\r\n" TRANSPORT
                                                       "a=setup:actpass\r\n",
         REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1"),
         "it is bundle-only, and the answer does not bundle"},
        {REJECTED("text 9 RTP/AVP 98", "1") TRANSPORT "a=setup:actpass\r\n",
         REJECTED("text 0 RTP/AVP 98", "1"), "a kind of media that WebRTC does not have"},
        {REJECTED("video 9 UDP/TLS/RTP/SAVPF 96", "1") TRANSPORT_ALONE "a=setup:actpass\r\n",
         REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1"), "the offer lacks rtcp-mux there"},
        {REJECTED("application 9 UDP/DTLS/SCTP webrtc-datachannel", "1") TRANSPORT
         "a=setup:actpass\r\n",
         REJECTED("application 0 UDP/DTLS/SCTP webrtc-datachannel", "1"), "need not say why"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char offer[2048], answer[2048], why[300];
        snprintf(offer, sizeof offer, HEAD AUDIO TRANSPORT "a=setup:actpass\r\n%s", cases[i].offer);
        snprintf(answer, sizeof answer, HEAD AUDIO TRANSPORT "a=setup:active\r\n%s",
                 cases[i].answer);
        struct explain *x = explained_texts(offer, answer);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        explained_bool(x, "sections.1.agreed", false);
        bytes_to_text(explained_member(x, "sections.1.why")->text, why, sizeof why);
        ck_assert_msg(strstr(why, cases[i].why) != NULL, "%s", why);
        explain_free(x);
    }
}
END_TEST

/* RFC 8445 §6.1.1: of two the full agent controls; RFC 5763 §5: passive answers make the offerer
 * the client of DTLS. Sections need no mid, and what no rtpmap names is not told. */
START_TEST(the_other_way_round)
{
    static const struct {
        const char *offer_lite, *answer_lite, *controlling;
    } cases[] = {{"", "", "the offerer is controlling"},
                 {"a=ice-lite\r\n", "", "the answerer is controlling"},
                 {"", "a=ice-lite\r\n", "the offerer is controlling"},
                 {"a=ice-lite\r\n", "a=ice-lite\r\n", "the offerer is controlling"}};
    static const char nameless[] =
        "m=audio 9 UDP/TLS/RTP/SAVPF 111 0 8\r\na=rtpmap:111 opus/48000/2\r\n"
        "a=rtpmap:8 PCMA/8000\r\n" TRANSPORT;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char offer[2048], answer[2048], said[512];
        snprintf(offer, sizeof offer, HEAD "%s%sa=setup:actpass\r\n", cases[i].offer_lite,
                 nameless);
        snprintf(answer, sizeof answer,
                 HEAD "%sm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
                      "a=rtpmap:111 opus/48000/2\r\n" TRANSPORT "a=setup:passive\r\n",
                 cases[i].answer_lite);
        struct explain *x = explained_texts(offer, answer);
        explained_bool(x, "agreed", true);
        explained_absent(x, "sections.0.mid");
        explained_text(x, "transport.role", "offerer");
        bytes_to_text(explained_field(x, "ICE")->meaning, said, sizeof said);
        ck_assert_msg(strstr(said, cases[i].controlling) != NULL, "%s", said);
        ck_assert(bytes_is(explained_field(x, "DTLS")->value, "the offerer sends the ClientHello"));
        ck_assert(bytes_is(explained_field(x, "codecs refused")->value, "PCMA/8000"));
        explain_free(x);
    }
}
END_TEST

/* An answer that bundles could have taken it there. */
START_TEST(bundle_only_beside_a_bundle)
{
    struct explain *x =
        explained_texts(HEAD "a=group:BUNDLE 0 1\r\n" AUDIO TRANSPORT
                             "a=setup:actpass\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n"
                             "a=bundle-only\r\n" TRANSPORT "a=setup:actpass\r\n",
                        HEAD "a=group:BUNDLE 0\r\n" AUDIO TRANSPORT
                             "a=setup:active\r\n" REJECTED("video 0 UDP/TLS/RTP/SAVPF 96", "1"));
    explained_bool(x, "sections.1.agreed", false);
    struct bytes why = explained_member(x, "sections.1.why")->text;
    ck_assert(bytes_starts(why, "the answer rejects it with port 0 and need not say why"));
    explain_free(x);
}
END_TEST

/* Two that agree on nothing have no transport. */
START_TEST(all_is_rejected)
{
    struct explain *x = explained_texts(HEAD AUDIO TRANSPORT "a=setup:actpass\r\n",
                                        HEAD REJECTED("audio 0 UDP/TLS/RTP/SAVPF 111", "0"));
    explained_bool(x, "agreed", true);
    explained_bool(x, "sections.0.agreed", false);
    explained_absent(x, "transport");
    explain_free(x);
}
END_TEST

/* Each mistake of an answer, and the section that it is found in. */
START_TEST(what_does_not_fit_is_named)
{
    static const struct {
        const char *answer, *path, *rule;
    } cases[] = {
        {HEAD AUDIO TRANSPORT "a=setup:actpass\r\n" VIDEO TRANSPORT "a=setup:active\r\n",
         "sections.0.why", "RFC 8842 5.3"},
        {HEAD "a=group:BUNDLE 0\r\n" AUDIO TRANSPORT "a=setup:active\r\n", "why",
         "as many sections as the offer"},
        {HEAD "a=group:BUNDLE 0 1\r\n" AUDIO TRANSPORT "a=setup:active\r\n"
              "m=video 9 UDP/TLS/RTP/SAVPF 97\r\na=mid:1\r\na=rtpmap:97 H264/90000\r\n" TRANSPORT
              "a=setup:active\r\n",
         "sections.1.why", "shares a codec with its offer (RFC 3264 6.1)"},
        {HEAD "a=group:BUNDLE 0 1\r\n" AUDIO TRANSPORT "a=setup:active\r\n"
              "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:7\r\n" TRANSPORT "a=setup:active\r\n",
         "why", "RFC 9143 7."},
        {HEAD "a=group:BUNDLE 0 1\r\n" AUDIO "c=IN IP4 0.0.0.0\r\n" VIDEO, "sections.0.why",
         "ice-ufrag"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct explain *x = explained_texts(OFFER, cases[i].answer);
        char why[300];
        ck_assert_int_eq(explain_fault(x)->err, OK);
        explained_bool(x, "agreed", false);
        const struct explain_member *m = explained_member(x, cases[i].path);
        ck_assert_ptr_nonnull(m);
        ck_assert_msg(strstr(bytes_to_text(m->text, why, sizeof why), cases[i].rule), "%s", why);
        ck_assert(explained_field(x, "together")->broken);
        explained_bool(x, "sections.0.agreed", false);
        explained_absent(x, "transport");
        explain_free(x);
    }
}
END_TEST

START_TEST(an_offer_that_is_none)
{
    struct explain *x = explained_texts(HEAD AUDIO, HEAD AUDIO TRANSPORT "a=setup:active\r\n");
    explained_bool(x, "agreed", false);
    const struct explain_field *f = explained_field(x, "together");
    ck_assert(f->broken && bytes_starts(f->raw, "m=audio"));
    ck_assert_uint_eq(f->offset, strlen(HEAD)); /* in the offer */
    explain_free(x);
}
END_TEST

/* Offsets tell which of the two could not be read. */
START_TEST(a_text_that_is_no_description)
{
    struct explain *x = explained_texts("v=1\r\n", OFFER);
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_fault(x)->offset, 0);
    explain_free(x);
    x = explained_texts(OFFER, "v=1\r\n");
    ck_assert_int_eq(explain_fault(x)->err, E_MALFORMED);
    ck_assert_uint_eq(explain_fault(x)->offset, strlen(OFFER));
    explain_free(x);
}
END_TEST

/* Any two of the corpus: an agreement or a reason for each section, never a failure. */
START_TEST(inv_32_any_two_of_the_corpus)
{
    static struct sdp all[64];
    size_t count = session_files("", all, COUNT(all));
    for (size_t i = 0; i < count * count; i++) {
        if (i % 3) continue; /* a third of them: all take long under sanitizers */
        struct explain *x = explained(all[i % count].text, all[i / count].text);
        ck_assert_int_eq(explain_fault(x)->err, OK);
        size_t sections = explained_count(x, "sections");
        for (size_t k = 0; k < sections; k++) {
            char path[40];
            snprintf(path, sizeof path, "sections.%zu.why", k);
            ck_assert_uint_gt(explained_member(x, path)->text.len, 0);
        }
        explain_free(x);
    }
    for (size_t i = 0; i < count; i++) sdp_free(&all[i]);
}
END_TEST

SUITE("sdp explainboth", a_browser_s_offer_and_answer, every_answer_fits_its_offer,
      a_refused_section_says_why, the_offer_may_be_the_reason, the_other_way_round,
      bundle_only_beside_a_bundle, all_is_rejected, what_does_not_fit_is_named,
      an_offer_that_is_none, a_text_that_is_no_description, inv_32_any_two_of_the_corpus)
