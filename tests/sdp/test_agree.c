#include "sdp/check.h"
#include "tests/sdp/session.h"

/* SESSION_GOOD as an answer: active, and its carrier's port. */
static const char *good_answer(void)
{
    const char *text = SESSION_GOOD;
    for (int i = 0; i < 2; i++) text = session_replace(text, "setup:actpass", "setup:active");
    return text;
}

/* What the two say is refused for the rule that names `rule`. */
static void refused(const char *offer_text, const char *answer_text, enum err err, const char *rule)
{
    struct sdp offer = session_text(offer_text), answer = session_text(answer_text);
    struct sdp_agreed agreed;
    for (int we_offered = 0; we_offered < 2; we_offered++) {
        ck_assert_int_eq(sdp_agree(&agreed, &offer, &answer, we_offered), err);
        ck_assert_int_eq(agreed.fault.err, err);
        ck_assert_msg(strstr(agreed.fault.rule, rule) != NULL, "%s", agreed.fault.rule);
        ck_assert_int_eq(sdp_subject_of(&agreed.fault) == SDP_SUBJECT_CODECS,
                         strstr(rule, "codec") != NULL);
        ck_assert_ptr_null(agreed.arena.blocks);
    }
    sdp_free(&offer);
    sdp_free(&answer);
}

START_TEST(chromium_s_offer_and_our_answer)
{
    struct sdp offer = session_file("chromium-156-offer-av-data");
    struct sdp answer = session_answer(&offer);
    struct sdp_agreed agreed = session_agree(&offer, &answer, false);
    sdp_free(&offer); /* an agreement stands alone */
    sdp_free(&answer);
    ck_assert_uint_eq(agreed.section_count, 3);
    const struct sdp_agreed_section *audio = &agreed.sections[0], *video = &agreed.sections[1];
    ck_assert(audio->send && audio->recv && video->send && video->recv);
    ck_assert(bytes_is(video->mid, "1"));
    ck_assert_uint_eq(audio->codec_count, 1);
    ck_assert_int_eq(audio->codecs[0].id, SDP_OPUS);
    ck_assert_uint_eq(audio->codecs[0].send_pt, 111);
    ck_assert_uint_eq(audio->codecs[0].clock, 48000);
    ck_assert(audio->codecs[0].in_band_fec && audio->codecs[0].channels == 2);
    ck_assert_uint_eq(audio->codecs[0].feedback, SDP_FB_TRANSPORT_CC);
    ck_assert_uint_eq(video->codecs[0].recv_pt, 96);
    ck_assert_uint_eq(video->codecs[0].rtx_recv_pt, 97);
    ck_assert_uint_eq(video->codecs[0].feedback,
                      SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_CCM_FIR | SDP_FB_TRANSPORT_CC);
    ck_assert_uint_eq(video->ext_send[SDP_EXT_MID], 4);
    ck_assert_uint_eq(video->ext_recv[SDP_EXT_TRANSPORT_CC], 3);
    ck_assert_uint_eq(audio->ext_recv[SDP_EXT_AUDIO_LEVEL], 1);
    ck_assert_uint_eq(video->ext_recv[SDP_EXT_RID], 0);
    ck_assert_uint_eq(video->stream_count, 1);
    ck_assert_uint_eq(video->streams[0].ssrc, 409218989);
    ck_assert_uint_eq(video->streams[0].rtx_ssrc, 3392255643u);
    ck_assert(bytes_is(video->streams[0].cname, "Yi9UpXKYGtz6BqMe"));
    ck_assert(bytes_is(video->stream, "34bd9f42-d4d7-44aa-a025-ab5e77556462"));
    ck_assert(bytes_is(video->track, "266e3c91-ba0e-4b41-b903-470a7f44ca00"));
    ck_assert(agreed.sections[2].rejected);
    const struct sdp_agreed_transport *t = &agreed.transport;
    ck_assert(t->used && t->trickle && !t->ice_lite && !t->end_of_candidates);
    ck_assert(bytes_is(t->mid, "0") && bytes_is(t->ufrag, "wkm1"));
    ck_assert(bytes_is(t->pwd, "iqfDhb4q93xsLy+uArNfEkyP"));
    ck_assert_int_eq(t->role, SDP_DTLS_CLIENT);
    ck_assert_uint_eq(t->fingerprint_count, 1);
    ck_assert_uint_eq(t->fingerprints[0].digest.at[0], 0x1D);
    ck_assert_uint_eq(t->candidate_count, 4);
    ck_assert(bytes_starts(t->candidates[0].text, "candidate:513517976 1 udp "));
    ck_assert(bytes_is(t->candidates[0].mid, "0") && t->candidates[0].section == 0);
    sdp_agreed_free(&agreed);
}
END_TEST

START_TEST(firefox_s_offer_and_our_answer)
{
    struct sdp offer = session_file("firefox-153-offer-av");
    struct sdp answer = session_answer(&offer);
    struct sdp_agreed agreed = session_agree(&offer, &answer, false);
    ck_assert(agreed.transport.end_of_candidates);
    ck_assert_uint_eq(agreed.transport.candidate_count, 8); /* of both components */
    ck_assert_uint_eq(agreed.sections[1].streams[0].rtx_ssrc != 0, 1);
    ck_assert_uint_eq(agreed.sections[1].codecs[0].send_pt, 120);
    ck_assert(bytes_is(agreed.sections[1].codecs[0].fmtp, "max-fs=12288;max-fr=60"));
    sdp_free(&offer);
    sdp_free(&answer);
    sdp_agreed_free(&agreed);
}
END_TEST

/* All offers of browsers with our answers, from both sides: what one sends the other receives. */
START_TEST(both_sides_agree_on_the_same)
{
    static struct sdp offers[64];
    size_t count = session_files("-offer", offers, COUNT(offers));
    for (size_t i = 0; i < count; i++) {
        struct sdp answer = session_answer(&offers[i]);
        struct sdp_agreed ours = session_agree(&offers[i], &answer, false);
        struct sdp_agreed theirs = session_agree(&offers[i], &answer, true);
        ck_assert_uint_eq(ours.section_count, theirs.section_count);
        for (size_t k = 0; k < ours.section_count; k++) {
            const struct sdp_agreed_section *a = &ours.sections[k], *b = &theirs.sections[k];
            ck_assert(a->rejected == b->rejected && a->send == b->recv && a->recv == b->send);
            ck_assert_uint_eq(a->codec_count, b->codec_count);
            for (size_t c = 0; c < a->codec_count; c++) {
                ck_assert_uint_eq(a->codecs[c].send_pt, b->codecs[c].recv_pt);
                ck_assert_uint_eq(a->codecs[c].rtx_recv_pt, b->codecs[c].rtx_send_pt);
                ck_assert_uint_eq(a->codecs[c].feedback, b->codecs[c].feedback);
            }
            for (size_t e = 0; e < SDP_EXT_COUNT; e++)
                ck_assert(a->ext_send[e] == b->ext_recv[e] && a->ext_recv[e] == b->ext_send[e]);
        }
        ck_assert_int_eq(ours.transport.used, theirs.transport.used);
        if (ours.transport.used) ck_assert_int_ne(ours.transport.role, theirs.transport.role);
        sdp_agreed_free(&ours);
        sdp_agreed_free(&theirs);
        sdp_free(&answer);
        sdp_free(&offers[i]);
    }
}
END_TEST

/* Browsers among themselves, as they really answered each other. */
START_TEST(real_pairs_of_browsers_fit)
{
    static const char *const names[] = {"chromium-156", "firefox-153"};
    static const char *const kinds[] = {"av", "av-data", "data", "simulcast", "video-recvonly"};
    for (size_t o = 0; o < 2; o++) {
        for (size_t a = 0; a < 2; a++) {
            for (size_t k = 0; k < COUNT(kinds); k++) {
                char name[100];
                snprintf(name, sizeof name, "%s-offer-%s", names[o], kinds[k]);
                struct sdp offer = session_file(name);
                snprintf(name, sizeof name, "%s-answer-to-%s-%s", names[a], names[o], kinds[k]);
                struct sdp answer = session_file(name);
                struct sdp_agreed agreed = session_agree(&offer, &answer, true);
                ck_assert(agreed.transport.used);
                ck_assert_int_eq(agreed.transport.role, SDP_DTLS_SERVER);
                sdp_agreed_free(&agreed);
                sdp_free(&offer);
                sdp_free(&answer);
            }
        }
    }
}
END_TEST

/* Every description against every other, in both roles: an agreement or an error with its rule. */
START_TEST(inv_32_all_pairs_agree_or_are_refused)
{
    static struct sdp all[64];
    size_t count = session_files("", all, COUNT(all)), good = 0, bad = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            for (int we_offered = 0; we_offered < 2; we_offered++) {
                struct sdp_agreed agreed;
                if (sdp_agree(&agreed, &all[i], &all[k], we_offered) == OK) {
                    ck_assert_uint_eq(all[i].section_count, all[k].section_count);
                    good++;
                } else {
                    ck_assert_ptr_nonnull(agreed.fault.rule);
                    bad++;
                }
                sdp_agreed_free(&agreed);
            }
        }
    }
    ck_assert_uint_gt(good, 50);
    ck_assert_uint_gt(bad, good);
    for (size_t i = 0; i < count; i++) sdp_free(&all[i]);
}
END_TEST

START_TEST(inv_32_number_order_kinds_and_mids)
{
    const char *answer = good_answer();
    refused(SESSION_GOOD,
            session_replace(answer, "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
                            "m=audio 9 UDP/TLS/RTP/SAVPF 96 97"),
            E_MALFORMED, "order and kind");
    refused(
        SESSION_GOOD,
        session_replace(session_replace(answer, "a=mid:1", "a=mid:2"), "BUNDLE 0 1", "BUNDLE 0 2"),
        E_MALFORMED, "repeats each mid");
    refused(SESSION_GOOD, session_replace(answer, "a=rtpmap:97", "m=audio 0 RTP/AVP 0\r\na=x:97"),
            E_MALFORMED, "as many sections");
    refused(session_replace(SESSION_GOOD, "m=video 9", "m=video 0"), answer, E_MALFORMED,
            "switches off");
    refused(SESSION_GOOD,
            session_replace(answer, "video 9 UDP/TLS/RTP/SAVPF", "video 9 TCP/TLS/RTP/SAVPF"),
            E_MALFORMED, "protocol");
    refused(SESSION_GOOD, session_replace(answer, "VP8/90000", "H264/90000"), E_MALFORMED,
            "shares a codec");
}
END_TEST

START_TEST(a_rejected_section_may_lack_its_mid)
{
    const char *text = session_replace(good_answer(), "m=video 9", "m=video 0");
    text = session_replace(session_replace(text, "a=mid:1\r\n", ""), "BUNDLE 0 1", "BUNDLE 0");
    struct sdp offer = session_text(SESSION_GOOD), answer = session_text(text);
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert(agreed.sections[1].rejected && !agreed.sections[0].rejected);
    ck_assert(bytes_is(agreed.sections[1].mid, "1"));
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* RFC 8829 §5.10: the peer does not know mids. That serves where one section is taken. */
START_TEST(an_answer_without_bundle_may_lack_its_mids)
{
    const char *text = session_replace(good_answer(), "a=group:BUNDLE 0 1\r\n", "");
    text = session_replace(session_replace(text, "a=mid:0\r\n", ""), "a=mid:1\r\n", "");
    refused(SESSION_GOOD, text, E_UNSUPPORTED, "share one transport");
    refused(SESSION_GOOD,
            session_replace(session_replace(good_answer(), "a=mid:0\r\n", ""), "BUNDLE 0 1",
                            "BUNDLE 1"),
            E_MALFORMED, "repeats each mid");
    struct sdp offer = session_text(SESSION_GOOD);
    struct sdp answer = session_text(session_replace(text, "m=video 9", "m=video 0"));
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert(!agreed.sections[0].rejected && agreed.sections[1].rejected);
    ck_assert(bytes_is(agreed.sections[0].mid, "0") && bytes_is(agreed.transport.mid, "0"));
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(bundles_fit)
{
    const char *unbundled = session_replace(SESSION_GOOD, "a=group:BUNDLE 0 1\r\n", "");
    refused(unbundled, good_answer(), E_MALFORMED, "only what was offered is bundled");
    refused(SESSION_GOOD, session_replace(good_answer(), "BUNDLE 0 1", "BUNDLE 0"), E_UNSUPPORTED,
            "share one transport");
    const char *bundle_only = session_replace(SESSION_GOOD, "m=video 9", "m=video 0");
    bundle_only = session_replace(bundle_only, "a=mid:1", "a=mid:1\r\na=bundle-only");
    refused(bundle_only, session_replace(good_answer(), "BUNDLE 0 1", "BUNDLE 0"), E_MALFORMED,
            "bundle-only");
    struct sdp offer = session_text(bundle_only), answer = session_text(good_answer());
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert(!agreed.sections[1].rejected);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* Pitfall 10: the role is read from both setup lines, never from who offered. */
START_TEST(pitfall_10_roles_come_from_setup)
{
    static const struct {
        const char *offer, *answer;
        int answerer; /* its role, or -1: refused */
    } cases[] = {{"actpass", "active", SDP_DTLS_CLIENT},
                 {"actpass", "passive", SDP_DTLS_SERVER},
                 {"active", "passive", SDP_DTLS_SERVER},
                 {"passive", "active", SDP_DTLS_CLIENT},
                 {"active", "active", -1},
                 {"passive", "passive", -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char setup[32];
        const char *offer_text = SESSION_GOOD, *answer_text = SESSION_GOOD;
        snprintf(setup, sizeof setup, "setup:%s", cases[i].offer);
        for (int k = 0; k < 2; k++)
            offer_text = session_replace(offer_text, "setup:actpass", setup);
        snprintf(setup, sizeof setup, "setup:%s", cases[i].answer);
        for (int k = 0; k < 2; k++)
            answer_text = session_replace(answer_text, "setup:actpass", setup);
        if (cases[i].answerer < 0) {
            refused(offer_text, answer_text, E_MALFORMED, "active and the other passive");
            continue;
        }
        struct sdp offer = session_text(offer_text), answer = session_text(answer_text);
        struct sdp_agreed agreed = session_agree(&offer, &answer, false);
        ck_assert_int_eq(agreed.transport.role, cases[i].answerer);
        sdp_agreed_free(&agreed);
        agreed = session_agree(&offer, &answer, true);
        ck_assert_int_ne(agreed.transport.role, cases[i].answerer);
        sdp_agreed_free(&agreed);
        sdp_free(&offer);
        sdp_free(&answer);
    }
}
END_TEST

#define HEX "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

START_TEST(pitfall_9_all_fingerprints_are_there)
{
    const char *text = session_replace(good_answer(), "a=ice-ufrag",
                                       "a=fingerprint:SHA-384 " HEX ":" HEX ":" HEX "\r\n"
                                       "a=fingerprint:md5 " HEX "\r\na=ice-ufrag");
    struct sdp offer = session_text(SESSION_GOOD), answer = session_text(text);
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert_uint_eq(agreed.transport.fingerprint_count, 3);
    ck_assert_int_eq(agreed.transport.fingerprints[0].hash, SDP_SHA384);
    ck_assert_uint_eq(agreed.transport.fingerprints[0].digest.len, 48);
    ck_assert_int_eq(agreed.transport.fingerprints[1].hash, SDP_HASH_OTHER);
    ck_assert_int_eq(agreed.transport.fingerprints[2].hash, SDP_SHA256);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
    offer = session_text(SESSION_GOOD);
    answer = session_text(session_replace(good_answer(), "a=fingerprint:", "a=finger:"));
    ck_assert_int_eq(sdp_agree(&agreed, &offer, &answer, true), E_MALFORMED);
    ck_assert_ptr_nonnull(strstr(agreed.fault.rule, "fingerprint"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* An answer may number a codec its own way (RFC 3264 §6.1 only asks it not to). */
START_TEST(each_side_sends_what_the_other_numbered)
{
    const char *text = session_replace(good_answer(), "SAVPF 111", "SAVPF 100");
    struct sdp offer = session_text(SESSION_GOOD);
    struct sdp answer = session_text(session_replace(text, "rtpmap:111", "rtpmap:100"));
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert_uint_eq(agreed.sections[0].codecs[0].send_pt, 100);
    ck_assert_uint_eq(agreed.sections[0].codecs[0].recv_pt, 111);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* The same with VP8 under 72 as well, which stands before 96 and which rtcp-mux forbids. */
static struct sdp with_72(const char *text)
{
    text = session_replace(text, "SAVPF 96 97", "SAVPF 72 96 97");
    return session_text(
        session_replace(text, "a=rtpmap:96", "a=rtpmap:72 VP8/90000\r\na=rtpmap:96"));
}

/* RFC 5761 §4: whoever lists it, and wherever, the next number of the codec counts. */
START_TEST(pitfall_14_payload_types_that_look_like_rtcp_are_not_agreed_on)
{
    struct sdp offer = with_72(SESSION_GOOD), plain = session_text(SESSION_GOOD);
    struct sdp ours = session_answer(&offer), theirs = with_72(good_answer());
    struct sdp_agreed agreed[] = {session_agree(&offer, &ours, false),
                                  session_agree(&plain, &theirs, true)};
    for (size_t i = 0; i < COUNT(agreed); i++) {
        ck_assert_uint_eq(agreed[i].sections[1].codec_count, 1);
        const struct sdp_agreed_codec *codec = &agreed[i].sections[1].codecs[0];
        ck_assert(codec->send_pt == 96 && codec->recv_pt == 96 && codec->rtx_send_pt == 97);
        sdp_agreed_free(&agreed[i]);
    }
    struct sdp *all[] = {&offer, &plain, &ours, &theirs};
    for (size_t i = 0; i < COUNT(all); i++) sdp_free(all[i]);
}
END_TEST

START_TEST(sources_groups_and_old_msid)
{
    const char *text =
        session_replace(good_answer(), "a=rtpmap:96",
                        "a=ssrc:5 cname:x\r\na=ssrc:6 cname:x\r\na=ssrc:7 cname:y\r\n"
                        "a=ssrc-group:FID 5 6\r\na=ssrc-group:SIM 5 7\r\na=ssrc-group:FID 9\r\n"
                        "a=ssrc:5 msid:st tr\r\na=rtpmap:96");
    struct sdp offer = session_text(SESSION_GOOD), answer = session_text(text);
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    const struct sdp_agreed_section *video = &agreed.sections[1];
    ck_assert_uint_eq(video->stream_count, 2);
    ck_assert(video->streams[0].ssrc == 5 && video->streams[0].rtx_ssrc == 6);
    ck_assert(video->streams[1].ssrc == 7 && video->streams[1].rtx_ssrc == 0);
    ck_assert(bytes_is(video->streams[1].cname, "y"));
    ck_assert(bytes_is(video->stream, "st") && bytes_is(video->track, "tr"));
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(bounds_hold)
{
    static char text[SDP_TEXT_MAX];
    struct writer w = writer_of(text, sizeof text - 1);
    write_text(&w, good_answer());
    for (size_t i = 0; i < 120; i++)
        write_format(&w, "a=candidate:%zu 1 udp 1 192.0.2.1 9 typ host\r\n", i);
    for (size_t i = 0; i < 20; i++) write_format(&w, "a=ssrc:%zu cname:x\r\n", 100 + i);
    const char *moved = session_replace(text, "BUNDLE 0 1", "BUNDLE 1 0");
    struct sdp offer = session_text(SESSION_GOOD), answer = session_text(moved);
    struct sdp_agreed agreed = session_agree(&offer, &answer, true);
    ck_assert_uint_eq(agreed.transport.candidate_count, SDP_AGREED_CANDIDATES);
    ck_assert_uint_eq(agreed.transport.candidates_dropped, 20);
    ck_assert_uint_eq(agreed.transport.candidates[99].section, 1);
    ck_assert_uint_eq(agreed.sections[1].stream_count, SDP_AGREED_STREAMS);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* Words in any order, and only whole ones (RFC 8839 §5.6). */
START_TEST(ice_options_name_trickle)
{
    static const struct {
        const char *options;
        bool trickle;
    } cases[] = {{"trickle", true},
                 {"trickle sped googspedv1", true},
                 {"ice2 trickle", true},
                 {"ice2  trickle x", true},
                 {"trickles", false},
                 {"ice2", false},
                 {" ", false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[100];
        snprintf(line, sizeof line, "a=ice-options:%s\r\na=ice-ufrag", cases[i].options);
        struct sdp offer = session_text(SESSION_GOOD);
        struct sdp answer = session_text(session_replace(good_answer(), "a=ice-ufrag", line));
        struct sdp_agreed agreed = session_agree(&offer, &answer, true);
        ck_assert(agreed.transport.trickle == cases[i].trickle);
        sdp_agreed_free(&agreed);
        sdp_free(&offer);
        sdp_free(&answer);
    }
}
END_TEST

START_TEST(nothing_taken_means_no_transport)
{
    struct sdp offer = session_file("chromium-156-offer-data");
    struct sdp answer = session_answer(&offer);
    struct sdp_agreed agreed = session_agree(&offer, &answer, false);
    ck_assert(!agreed.transport.used && agreed.sections[0].rejected);
    sdp_agreed_free(&agreed);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* Whether `now` of theirs restarts what `offer` of theirs and our `answer` have begun. */
static bool restarts(const struct sdp *offer, const struct sdp *answer, const struct sdp *now)
{
    struct sdp_agreed agreed = session_agree(offer, answer, false);
    bool is_restart = sdp_restarts_ice(&agreed.transport, now);
    sdp_agreed_free(&agreed);
    return is_restart;
}

/* Pitfall 17: a changed ufrag or pwd is a restart; the files are one session each. */
START_TEST(pitfall_17_restarts_are_seen)
{
    static const char *const browsers[] = {"chromium-156", "firefox-153"};
    static const char *const steps[] = {"1-offer", "2-answer", "3-offer", "4-answer"};
    for (size_t b = 0; b < COUNT(browsers); b++) {
        struct sdp all[4];
        for (size_t i = 0; i < 4; i++) {
            char name[100];
            snprintf(name, sizeof name, "%s-restart-%s", browsers[b], steps[i]);
            all[i] = session_file(name);
        }
        for (int we_offered = 0; we_offered < 2; we_offered++) {
            struct sdp_agreed first = session_agree(&all[0], &all[1], we_offered);
            ck_assert(!sdp_restarts_ice(&first.transport, &all[we_offered]));
            ck_assert(sdp_restarts_ice(&first.transport, &all[2 + we_offered]));
            sdp_agreed_free(&first);
        }
        for (size_t i = 0; i < 4; i++) sdp_free(&all[i]);
    }
    struct sdp good = session_text(SESSION_GOOD);
    struct sdp answer = session_answer(&good);
    struct sdp pwd = session_text(session_replace(SESSION_GOOD, "678901", "678902"));
    struct sdp none = session_text("v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    ck_assert(restarts(&good, &answer, &pwd));
    ck_assert(!restarts(&good, &answer, &none) && !restarts(&none, &none, &good));
    sdp_free(&good);
    sdp_free(&answer);
    sdp_free(&pwd);
    sdp_free(&none);
}
END_TEST

/* Their first section has credentials of its own; we rejected it, so nobody ever used them. */
START_TEST(restarts_are_seen_where_the_transport_is)
{
    static const char own[] =
        "a=mid:0\r\na=ice-ufrag:rejected\r\na=ice-pwd:rejectedrejectedrejected";
    const char *text = session_replace(SESSION_GOOD, "a=mid:0", own);
    struct sdp_local local = session_local();
    struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
    wishes[0].stopped = true;
    struct sdp offer = session_text(text);
    struct sdp answer = session_answer_with(&offer, &local, wishes, 2);
    struct sdp stopped = session_text(session_replace(text, "m=audio 9", "m=audio 0"));
    struct sdp common = session_text(SESSION_GOOD);
    struct sdp other = session_text(session_replace(text, "ufrag:rejected", "ufrag:another"));
    struct sdp changed = session_text(session_replace(text, "ufrag:abcd", "ufrag:efgh"));
    struct sdp gone = session_text(session_replace(text, "m=video 9", "m=video 0"));
    ck_assert(!restarts(&offer, &answer, &offer) && !restarts(&offer, &answer, &stopped));
    ck_assert(!restarts(&offer, &answer, &common) && !restarts(&offer, &answer, &other));
    ck_assert(restarts(&offer, &answer, &changed));
    ck_assert(restarts(&offer, &answer, &gone)); /* what carries it now has others */
    struct sdp *all[] = {&offer, &answer, &stopped, &common, &other, &changed, &gone};
    for (size_t i = 0; i < COUNT(all); i++) sdp_free(all[i]);
}
END_TEST

/* Our offer, then theirs that adds a video and turns the first around, then ours that stops it. */
START_TEST(tracks_come_turn_around_and_go)
{
    struct sdp_local local = session_local();
    struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
    struct sdp first = session_offer(&local, wishes, 1);
    struct sdp first_answer = session_answer(&first);
    local.current_local = &first;
    local.current_remote = &first_answer;
    wishes[0].direction = SDP_RECVONLY;
    struct sdp second = session_offer(&local, wishes, 2);
    struct sdp second_answer = session_answer(&second);
    struct sdp_agreed agreed = session_agree(&second, &second_answer, true);
    ck_assert(!agreed.sections[0].send && agreed.sections[0].recv);
    ck_assert(agreed.sections[1].send && agreed.sections[1].recv);
    ck_assert(!restarts(&first, &first_answer, &second));
    sdp_agreed_free(&agreed);
    local.current_local = &second;
    local.current_remote = &second_answer;
    wishes[0].stopped = true;
    struct sdp third = session_offer(&local, wishes, 2);
    struct sdp third_answer = session_answer(&third);
    agreed = session_agree(&third, &third_answer, true);
    ck_assert(agreed.sections[0].rejected && !agreed.sections[1].rejected);
    ck_assert(bytes_is(agreed.transport.mid, "1"));
    sdp_agreed_free(&agreed);
    struct sdp *all[] = {&first, &first_answer, &second, &second_answer, &third, &third_answer};
    for (size_t i = 0; i < COUNT(all); i++) sdp_free(all[i]);
}
END_TEST

/* Two sections of a peer that knows neither mids nor bundles, each with a password of its own: the
 * first is rejected, so the second one's counts, whose place tells. */
START_TEST(pitfall_17_restarts_without_mids_are_seen_by_the_sections_place)
{
    const char *text = session_replace(SESSION_GOOD, "a=group:BUNDLE 0 1\r\n", "");
    text = session_replace(session_replace(text, "a=mid:0\r\n", ""), "a=mid:1\r\n", "");
    text = session_replace(text, "opus/48000/2", "PCMU/8000");
    text =
        session_replace(text, "a=rtpmap:111", "a=ice-pwd:another0another0another0\r\na=rtpmap:111");
    struct sdp offer = session_text(text), answer = session_answer(&offer);
    struct sdp other = session_text(session_replace(text, "another0another", "changed0another"));
    struct sdp now = session_text(session_replace(text, "678901", "678902"));
    ck_assert_uint_eq(answer.sections[0].port, 0);
    ck_assert(!restarts(&offer, &answer, &offer));
    ck_assert(!restarts(&offer, &answer, &other));
    ck_assert(restarts(&offer, &answer, &now));
    sdp_free(&offer);
    sdp_free(&answer);
    sdp_free(&other);
    sdp_free(&now);
}
END_TEST

SUITE("sdp agree", chromium_s_offer_and_our_answer, firefox_s_offer_and_our_answer,
      both_sides_agree_on_the_same, real_pairs_of_browsers_fit,
      inv_32_all_pairs_agree_or_are_refused, inv_32_number_order_kinds_and_mids,
      a_rejected_section_may_lack_its_mid, an_answer_without_bundle_may_lack_its_mids, bundles_fit,
      pitfall_10_roles_come_from_setup, pitfall_9_all_fingerprints_are_there,
      each_side_sends_what_the_other_numbered,
      pitfall_14_payload_types_that_look_like_rtcp_are_not_agreed_on, sources_groups_and_old_msid,
      bounds_hold, ice_options_name_trickle, nothing_taken_means_no_transport,
      pitfall_17_restarts_are_seen, pitfall_17_restarts_without_mids_are_seen_by_the_sections_place,
      restarts_are_seen_where_the_transport_is, tracks_come_turn_around_and_go)
