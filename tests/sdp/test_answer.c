#include "tests/sdp/session.h"

static bool has(const struct sdp *sdp, const char *text)
{
    return strstr(session_string(sdp), text) != NULL;
}

/* The answer to SESSION_GOOD with `from` replaced by `to`. */
static struct sdp answer_to(const char *from, const char *to)
{
    struct sdp offer = session_text(session_replace(SESSION_GOOD, from, to));
    struct sdp answer = session_answer(&offer);
    sdp_free(&offer);
    return answer;
}

/* Every offer of both browsers gets an answer that is sound, keeps places, kinds and mids, and says
 * nothing that was not on offer. */
START_TEST(answers_to_all_offers_of_browsers)
{
    static struct sdp offers[64];
    size_t count = session_files("-offer", offers, COUNT(offers));
    ck_assert_uint_ge(count, 20);
    for (size_t i = 0; i < count; i++) {
        const struct sdp *offer = &offers[i];
        struct sdp answer = session_answer(offer);
        struct fault fault;
        ck_assert_int_eq(sdp_check(&answer, SDP_ANSWER, &fault), OK);
        ck_assert_uint_eq(answer.section_count, offer->section_count);
        for (size_t k = 0; k < answer.section_count; k++) {
            const struct sdp_section *a = &answer.sections[k], *o = &offer->sections[k];
            ck_assert(a->kind == o->kind && bytes_equal(a->mid, o->mid));
            ck_assert((a->port != 0) == (o->kind == SDP_AUDIO || o->kind == SDP_VIDEO));
            if (a->port == 0) continue;
            for (size_t m = 0; m < a->codec_count; m++) {
                const struct sdp_codec *same = sdp_find_codec(o, a->codecs[m].pt);
                ck_assert(same && same->id == a->codecs[m].id && same->apt == a->codecs[m].apt);
                ck_assert_uint_eq(a->codecs[m].feedback & ~(unsigned)same->feedback, 0);
            }
            ck_assert_uint_gt(a->extmap_count, 0);
        }
        sdp_free(&answer);
        sdp_free(&offers[i]);
    }
}
END_TEST

START_TEST(pitfall_16_numbers_are_those_of_the_offer)
{
    struct sdp offer = session_file("firefox-153-offer-av-data");
    struct sdp answer = session_answer(&offer);
    ck_assert(has(&answer, "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n"));
    ck_assert(has(&answer, "m=video 9 UDP/TLS/RTP/SAVPF 120 124\r\n"));
    ck_assert(has(&answer, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    ck_assert(has(&answer, "a=group:BUNDLE 0 1\r\n"));
    ck_assert(has(&answer, "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"));
    for (size_t i = 0; i < 3; i++) ck_assert(answer.sections[i].has_connection);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(pitfall_15_nothing_is_echoed)
{
    struct sdp offer = session_file("chromium-156-offer-sped-snap-ccfb");
    struct sdp answer = session_answer(&offer);
    static const char *const not_ours[] = {"red",       "ulpfec",   "goog-remb",  "ccfb",
                                           "sctp-init", "rtcp-xr",  "H264",       "toffset",
                                           "sped",      "msid-sem", "allow-mixed"};
    for (size_t i = 0; i < COUNT(not_ours); i++)
        ck_assert_msg(!has(&answer, not_ours[i]), "%s", not_ours[i]);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(a_simulcast_offer_is_answered_plainly)
{
    static const char *const names[] = {"chromium-156-offer-simulcast",
                                        "firefox-153-offer-simulcast"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct sdp offer = session_file(names[i]);
        struct sdp answer = session_answer(&offer);
        ck_assert_int_eq(answer.sections[0].direction, SDP_RECVONLY);
        ck_assert_ptr_null(answer.sections[0].simulcast);
        ck_assert_uint_eq(answer.sections[0].rid_count, 0);
        ck_assert(!has(&answer, "stream-id"));
        sdp_free(&offer);
        sdp_free(&answer);
    }
}
END_TEST

START_TEST(directions_meet)
{
    static const char *const lines[] = {"a=inactive\r\n", "a=sendonly\r\n", "a=recvonly\r\n",
                                        "a=sendrecv\r\n"};
    struct sdp_local local = session_local();
    for (int offered = 0; offered < 4; offered++) {
        char with[64];
        snprintf(with, sizeof with, "a=mid:0\r\n%s", lines[offered]);
        struct sdp offer = session_text(session_replace(SESSION_GOOD, "a=mid:0\r\n", with));
        for (int wanted = 0; wanted < 4; wanted++) {
            struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
            wishes[0].direction = (enum sdp_direction)wanted;
            struct sdp answer = session_answer_with(&offer, &local, wishes, 2);
            const struct sdp_section *s = &answer.sections[0];
            bool send = offered & SDP_RECV && wanted & SDP_SEND;
            bool recv = offered & SDP_SEND && wanted & SDP_RECV;
            ck_assert_int_eq(s->direction, (send ? SDP_SEND : 0) | (recv ? SDP_RECV : 0));
            ck_assert((s->msid.stream.len > 0) == send);
            sdp_free(&answer);
        }
        sdp_free(&offer);
    }
}
END_TEST

START_TEST(pitfall_10_setup_follows_the_offer)
{
    static const struct {
        enum sdp_setup offered, wanted, answered;
    } cases[] = {{SDP_ACTPASS, SDP_SETUP_NONE, SDP_ACTIVE},
                 {SDP_ACTPASS, SDP_PASSIVE, SDP_PASSIVE},
                 {SDP_ACTPASS, SDP_ACTIVE, SDP_ACTIVE},
                 {SDP_ACTIVE, SDP_ACTIVE, SDP_PASSIVE},
                 {SDP_PASSIVE, SDP_PASSIVE, SDP_ACTIVE}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[64];
        const char *text = SESSION_GOOD;
        snprintf(line, sizeof line, "setup:%s", sdp_setup_name(cases[i].offered));
        for (int k = 0; k < 2; k++) text = session_replace(text, "setup:actpass", line);
        struct sdp offer = session_text(text);
        struct sdp_local local = session_local();
        local.setup = cases[i].wanted;
        struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
        struct sdp answer = session_answer_with(&offer, &local, wishes, 2);
        ck_assert_int_eq(answer.sections[0].setup, cases[i].answered);
        ck_assert_int_eq(answer.sections[1].setup, cases[i].answered);
        sdp_free(&offer);
        sdp_free(&answer);
    }
}
END_TEST

START_TEST(bundle_only_is_no_rejection)
{
    struct sdp offer =
        session_text(session_replace(session_replace(SESSION_GOOD, "m=video 9", "m=video 0"),
                                     "a=mid:1", "a=mid:1\r\na=bundle-only"));
    struct sdp answer = session_answer(&offer);
    ck_assert_uint_eq(answer.sections[1].port, 9);
    ck_assert(!answer.sections[1].bundle_only); /* RFC 9143 §7.3.2: never in answers */
    ck_assert(has(&answer, "a=group:BUNDLE 0 1\r\n"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(what_can_not_join_the_bundle_is_rejected)
{
    struct sdp answer = answer_to("BUNDLE 0 1", "BUNDLE 1");
    ck_assert_uint_eq(answer.sections[0].port, 0);
    ck_assert_uint_eq(answer.sections[1].port, 9);
    ck_assert(has(&answer, "a=group:BUNDLE 1\r\n"));
    sdp_free(&answer);
    answer = answer_to("a=group:BUNDLE 0 1\r\n", "");
    ck_assert_uint_eq(answer.sections[0].port, 9);
    ck_assert_uint_eq(answer.sections[1].port, 0);
    ck_assert(!has(&answer, "a=group"));
    sdp_free(&answer);
    answer = answer_to("opus/48000/2", "PCMU/8000");
    ck_assert_uint_eq(answer.sections[0].port, 0);
    ck_assert(has(&answer, "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\n"));
    ck_assert(has(&answer, "a=group:BUNDLE 1\r\n"));
    sdp_free(&answer);
}
END_TEST

/* The data section carries the bundle, we reject it: the next with what a transport needs. */
START_TEST(the_bundle_moves_on_when_its_first_is_rejected)
{
    const char *text = session_replace(SESSION_GOOD, "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                                       "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
    text = session_replace(text, "m=video 9", "m=video 0");
    text = session_replace(text, "a=mid:1", "a=mid:1\r\na=bundle-only");
    struct sdp offer = session_text(text);
    struct sdp answer = session_answer(&offer);
    ck_assert_uint_eq(answer.sections[0].port, 0);
    ck_assert_uint_eq(answer.sections[1].port, 9);
    ck_assert(has(&answer, "a=group:BUNDLE 1\r\n"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* Nothing of the bundle is taken: what stands outside of it is, and there is no group. */
START_TEST(a_bundle_that_is_rejected_whole_leaves_what_is_outside)
{
    const char *text = session_replace(SESSION_GOOD, "m=audio 9 UDP/TLS/RTP/SAVPF 111",
                                       "m=application 9 UDP/DTLS/SCTP webrtc-datachannel");
    struct sdp offer = session_text(session_replace(text, "BUNDLE 0 1", "BUNDLE 0"));
    struct sdp answer = session_answer(&offer);
    ck_assert_uint_eq(answer.sections[0].port, 0);
    ck_assert_uint_eq(answer.sections[1].port, 9);
    ck_assert(!has(&answer, "a=group"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

/* Of two that have no port of their own the first carries both. */
START_TEST(the_first_of_two_bundle_only_sections_carries_the_bundle)
{
    const char *text = session_replace(SESSION_GOOD, "m=audio 9", "m=audio 0");
    text = session_replace(text, "m=video 9", "m=video 0");
    text = session_replace(text, "a=mid:0", "a=mid:0\r\na=bundle-only");
    struct sdp offer = session_text(session_replace(text, "a=mid:1", "a=mid:1\r\na=bundle-only"));
    struct sdp answer = session_answer(&offer);
    ck_assert(has(&answer, "a=group:BUNDLE 0 1\r\n"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(a_section_without_mid_is_answered_without)
{
    const char *text = session_replace(SESSION_GOOD, "a=group:BUNDLE 0 1\r\n", "");
    struct sdp offer = session_text(session_replace(text, "a=mid:0\r\n", ""));
    struct sdp answer = session_answer(&offer);
    ck_assert_uint_eq(answer.sections[0].port, 9);
    ck_assert_uint_eq(answer.sections[0].mid.len, 0);
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

START_TEST(wishes_decide)
{
    struct sdp offer = session_text(SESSION_GOOD);
    struct sdp_local local = session_local();
    struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
    struct sdp answer = session_answer_with(&offer, &local, wishes, 1);
    ck_assert(answer.sections[0].port == 9 && answer.sections[1].port == 0);
    sdp_free(&answer);
    wishes[0].stopped = true;
    answer = session_answer_with(&offer, &local, wishes, 2);
    ck_assert(answer.sections[0].port == 0 && answer.sections[1].port == 9);
    sdp_free(&answer);
    wishes[1].kind = SDP_AUDIO;
    answer = session_answer_with(&offer, &local, wishes, 2);
    ck_assert(answer.sections[0].port == 0 && answer.sections[1].port == 0);
    sdp_free(&answer);
    sdp_free(&offer);
}
END_TEST

START_TEST(extensions_are_answered_the_other_way_round)
{
    struct sdp answer = answer_to("extmap:1 ", "extmap:1/recvonly ");
    ck_assert(has(&answer, "a=extmap:1/sendonly urn:ietf:params:rtp-hdrext:sdes:mid\r\n"));
    sdp_free(&answer);
}
END_TEST

START_TEST(a_bad_offer_gets_a_fault_and_no_answer)
{
    static uint8_t room[8192];
    struct sdp_local local = session_local();
    struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
    struct fault fault;
    struct sdp offer = session_text(session_replace(SESSION_GOOD, "ufrag:abcd", "ufrag:abc"));
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sdp_answer(&w, &offer, &local, wishes, 2, &fault), E_MALFORMED);
    ck_assert_ptr_nonnull(strstr(fault.rule, "ice-ufrag"));
    ck_assert_uint_eq(writer_len(&w), 0);
    sdp_free(&offer);
    offer = session_text(SESSION_GOOD);
    w = writer_of(room, 200);
    ck_assert_int_eq(sdp_answer(&w, &offer, &local, wishes, 2, &fault), E_FULL);
    ck_assert_int_eq(fault.err, E_FULL);
    sdp_free(&offer);
}
END_TEST

/* Renegotiation from their side: the third file stops nothing and restarts ICE. */
START_TEST(a_second_offer_is_answered_in_the_role_that_lives)
{
    struct sdp offer = session_file("chromium-156-restart-3-offer");
    struct sdp_local local = session_local();
    struct sdp_wish wishes[] = {session_wish(SDP_AUDIO, 0), session_wish(SDP_VIDEO, 1)};
    local.version = 2;
    local.setup = SDP_PASSIVE;
    struct sdp answer = session_answer_with(&offer, &local, wishes, 2);
    ck_assert_int_eq(answer.sections[0].setup, SDP_PASSIVE);
    ck_assert(bytes_is(answer.origin.version, "2"));
    sdp_free(&offer);
    sdp_free(&answer);
}
END_TEST

SUITE("sdp answer", answers_to_all_offers_of_browsers, pitfall_16_numbers_are_those_of_the_offer,
      pitfall_15_nothing_is_echoed, a_simulcast_offer_is_answered_plainly, directions_meet,
      pitfall_10_setup_follows_the_offer, bundle_only_is_no_rejection,
      what_can_not_join_the_bundle_is_rejected, the_bundle_moves_on_when_its_first_is_rejected,
      a_bundle_that_is_rejected_whole_leaves_what_is_outside,
      the_first_of_two_bundle_only_sections_carries_the_bundle,
      a_section_without_mid_is_answered_without, wishes_decide,
      extensions_are_answered_the_other_way_round, a_bad_offer_gets_a_fault_and_no_answer,
      a_second_offer_is_answered_in_the_role_that_lives)
