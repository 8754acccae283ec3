#include "tests/sdp/session.h"

static struct sdp_wish wishes[] = {{0}, {0}, {0}};

static void set_up(void)
{
    wishes[0] = session_wish(SDP_AUDIO, 0);
    wishes[1] = session_wish(SDP_VIDEO, 1);
    wishes[2] = session_wish(SDP_VIDEO, 2);
    wishes[2].track = bytes_of("another");
}

static bool has(const struct sdp *sdp, const char *text)
{
    return strstr(session_string(sdp), text) != NULL;
}

START_TEST(an_offer_passes_its_own_check)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp offer = session_offer(&local, wishes, 2);
    struct fault fault;
    ck_assert_int_eq(sdp_check(&offer, SDP_OFFER, &fault), OK);
    ck_assert_uint_eq(offer.section_count, 2);
    const struct sdp_section *audio = &offer.sections[0], *video = &offer.sections[1];
    ck_assert_int_eq(audio->kind, SDP_AUDIO);
    ck_assert(bytes_is(audio->protocol, "UDP/TLS/RTP/SAVPF"));
    ck_assert(bytes_is(audio->mid, "0") && bytes_is(video->mid, "1"));
    ck_assert(bytes_is(audio->ice_options, "trickle"));
    ck_assert(audio->rtcp_mux && audio->rtcp_rsize && audio->has_connection);
    ck_assert_uint_eq(audio->codecs[0].id, SDP_OPUS);
    ck_assert(bytes_is(audio->codecs[0].fmtp, "minptime=10;useinbandfec=1"));
    ck_assert_uint_eq(video->codecs[0].id, SDP_VP8);
    ck_assert_uint_eq(video->codecs[0].feedback,
                      SDP_FB_NACK | SDP_FB_NACK_PLI | SDP_FB_CCM_FIR | SDP_FB_TRANSPORT_CC);
    ck_assert_uint_eq(video->codecs[1].apt, video->codecs[0].pt);
    ck_assert_uint_eq(audio->extmap_count, 4);
    ck_assert_uint_eq(video->extmap_count, 3); /* the audio level is for audio */
    ck_assert(bytes_is(video->msid.track, "videotrack"));
    ck_assert(has(&offer, "a=ssrc-group:FID 1002 1003\r\n"));
    ck_assert(has(&offer, "a=ssrc:1003 cname:cname/of+ours\r\n"));
    ck_assert(!has(&offer, "goog-remb") && !has(&offer, "extmap-allow-mixed"));
    sdp_free(&offer);
}
END_TEST

START_TEST(pitfall_10_offers_are_actpass)
{
    set_up();
    struct sdp_local local = session_local();
    local.setup = SDP_PASSIVE; /* a wish for answers: no matter here */
    struct sdp offer = session_offer(&local, wishes, 2);
    ck_assert_int_eq(offer.sections[0].setup, SDP_ACTPASS);
    ck_assert_int_eq(offer.sections[1].setup, SDP_ACTPASS);
    sdp_free(&offer);
}
END_TEST

START_TEST(what_follows_the_first_section_is_bundle_only)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp offer = session_offer(&local, wishes, 3);
    ck_assert_uint_eq(sdp_bundle(&offer)->count, 3);
    ck_assert(offer.sections[0].port == 9 && !offer.sections[0].bundle_only);
    for (size_t i = 1; i < 3; i++) {
        ck_assert(offer.sections[i].port == 0 && offer.sections[i].bundle_only);
        ck_assert(!sdp_is_rejected(&offer.sections[i]));
    }
    sdp_free(&offer);
}
END_TEST

START_TEST(candidates_stand_in_the_first_section)
{
    set_up();
    static struct bytes candidates[2];
    candidates[0] = bytes_of("candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host");
    candidates[1] = bytes_of("candidate:2 1 udp 2130706430 192.0.2.1 5001 typ host");
    struct sdp_local local = session_local();
    local.candidates = candidates;
    local.candidate_count = 2;
    local.end_of_candidates = true;
    struct sdp offer = session_offer(&local, wishes, 2);
    ck_assert_uint_eq(offer.sections[0].candidate_count, 2);
    ck_assert(offer.sections[0].end_of_candidates);
    ck_assert_uint_eq(offer.sections[1].candidate_count, 0);
    ck_assert(!offer.sections[1].end_of_candidates);
    sdp_free(&offer);
}
END_TEST

START_TEST(who_does_not_send_names_no_track)
{
    set_up();
    struct sdp_local local = session_local();
    wishes[0].direction = SDP_RECVONLY;
    wishes[1].direction = SDP_SENDONLY;
    wishes[1].stream = bytes_of("");
    struct sdp offer = session_offer(&local, wishes, 2);
    ck_assert_int_eq(offer.sections[0].direction, SDP_RECVONLY);
    ck_assert_uint_eq(offer.sections[0].msid.stream.len, 0);
    ck_assert_ptr_null(sdp_next(offer.sections[0].lines, SDP_ATTR_SSRC, NULL));
    ck_assert_int_eq(offer.sections[1].direction, SDP_SENDONLY);
    ck_assert(bytes_is(offer.sections[1].msid.stream, "-"));
    sdp_free(&offer);
}
END_TEST

START_TEST(pitfall_15_only_what_we_can_do_is_offered)
{
    set_up();
    struct sdp_local local = session_local();
    local.caps = (struct sdp_caps){
        .opus = true, .vp8 = true, .video_feedback = SDP_FB_NACK_PLI | SDP_FB_TRANSPORT_CC};
    struct sdp offer = session_offer(&local, wishes, 2);
    ck_assert_uint_eq(offer.sections[1].codec_count, 1);
    /* No extension for it, no transport-cc. */
    ck_assert_uint_eq(offer.sections[1].codecs[0].feedback, SDP_FB_NACK_PLI);
    ck_assert_uint_eq(offer.sections[0].codecs[0].feedback, 0);
    ck_assert_uint_eq(offer.sections[0].extmap_count, 0);
    ck_assert(!offer.sections[0].rtcp_rsize);
    ck_assert(!has(&offer, "FID"));
    sdp_free(&offer);
    local.caps = SDP_CAPS_ALL;
    local.caps.two_byte_extmap = true;
    offer = session_offer(&local, wishes, 2);
    ck_assert(offer.sections[0].extmap_allow_mixed);
    sdp_free(&offer);
}
END_TEST

START_TEST(pitfall_16_sections_keep_their_places)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp first = session_offer(&local, wishes, 2);
    struct sdp answer = session_answer(&first);
    local.current_local = &first;
    local.current_remote = &answer;
    local.version = 2;
    wishes[0].stopped = true;
    struct sdp second = session_offer(&local, wishes, 3);
    ck_assert_uint_eq(second.section_count, 3);
    ck_assert(sdp_is_rejected(&second.sections[0]));
    ck_assert_int_eq(second.sections[0].kind, SDP_AUDIO);
    /* Now the video carries the transport; it is in the bundle already, the new one is not. */
    ck_assert_ptr_eq(sdp_transport_section(&second), &second.sections[1]);
    ck_assert_uint_eq(sdp_bundle(&second)->count, 2);
    ck_assert_uint_eq(second.sections[1].port, 9);
    ck_assert(second.sections[2].bundle_only);
    ck_assert(bytes_is(second.origin.version, "2"));
    ck_assert(bytes_equal(second.origin.session_id, first.origin.session_id));
    sdp_free(&first);
    sdp_free(&answer);
    sdp_free(&second);
}
END_TEST

START_TEST(a_stopped_place_is_taken_over_under_a_new_mid)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp first = session_offer(&local, wishes, 2);
    struct sdp answer = session_answer(&first);
    local.current_local = &first;
    local.current_remote = &answer;
    wishes[1].mid = bytes_of("new");
    struct sdp second = session_offer(&local, wishes, 2);
    ck_assert(bytes_is(second.sections[1].mid, "new"));
    ck_assert(second.sections[1].bundle_only); /* not yet in the bundle */
    wishes[1].mid = bytes_of("1");
    struct sdp third = session_offer(&local, wishes, 2);
    ck_assert(!third.sections[1].bundle_only && third.sections[1].port == 9);
    sdp_free(&first);
    sdp_free(&answer);
    sdp_free(&second);
    sdp_free(&third);
}
END_TEST

/* RFC 9143 §7.5: in the bundle is what both sides took, whichever of them it was that did not. */
START_TEST(what_one_side_rejected_is_not_in_the_bundle)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp offer = session_offer(&local, wishes, 2);
    struct sdp taken = session_answer(&offer);
    struct sdp_wish half[] = {wishes[0], wishes[1]};
    half[1].stopped = true;
    struct sdp rejected = session_answer_with(&offer, &local, half, 2);
    ck_assert(!sdp_is_rejected(&taken.sections[1]) && sdp_is_rejected(&rejected.sections[1]));
    struct sdp shorter = session_text("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n");
    struct sdp renamed =
        session_text(session_replace(session_string(&taken), "a=mid:1", "a=mid:7"));
    const struct {
        const struct sdp *ours, *theirs;
        bool bundled;
    } cases[] = {
        {&offer, NULL, false},      {&offer, &shorter, false},  {&offer, &renamed, false},
        {&renamed, &offer, false},  {&offer, &taken, true},     {&taken, &offer, true},
        {&offer, &rejected, false}, {&rejected, &offer, false}, {&rejected, &rejected, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        local.current_local = cases[i].ours;
        local.current_remote = cases[i].theirs;
        struct sdp next = session_offer(&local, wishes, 2);
        ck_assert(bytes_is(next.sections[1].mid, "1"));
        ck_assert_int_eq(next.sections[1].bundle_only, !cases[i].bundled);
        ck_assert_uint_eq(next.sections[1].port, cases[i].bundled ? 9 : 0);
        sdp_free(&next);
    }
    sdp_free(&offer);
    sdp_free(&taken);
    sdp_free(&rejected);
    sdp_free(&shorter);
    sdp_free(&renamed);
}
END_TEST

/* RFC 3264 §8.3.2: what a browser numbered first keeps its number in our offers. */
START_TEST(pitfall_16_numbers_keep_their_meaning)
{
    struct sdp theirs = session_file("firefox-153-offer-av");
    struct sdp ours = session_answer(&theirs);
    set_up();
    struct sdp_local local = session_local();
    local.current_local = &ours;
    local.current_remote = &theirs;
    struct sdp offer = session_offer(&local, wishes, 3);
    ck_assert_uint_eq(offer.sections[0].codecs[0].pt, 109);
    for (size_t i = 1; i < 3; i++) {
        ck_assert_uint_eq(offer.sections[i].codecs[0].pt, 120);
        ck_assert_uint_eq(offer.sections[i].codecs[1].pt, 124);
    }
    for (size_t i = 0; i < offer.sections[1].extmap_count; i++) {
        const struct sdp_extmap *map = &offer.sections[1].extmaps[i];
        if (map->ext == SDP_EXT_MID) ck_assert_uint_eq(map->id, 3);
        if (map->ext == SDP_EXT_TRANSPORT_CC) ck_assert_uint_eq(map->id, 7);
        if (map->ext == SDP_EXT_ABS_SEND_TIME) ck_assert_uint_eq(map->id, 4);
    }
    sdp_free(&theirs);
    sdp_free(&ours);
    sdp_free(&offer);
}
END_TEST

/* A number that the other side uses for something else is left alone. */
START_TEST(new_codecs_take_free_numbers)
{
    struct sdp theirs = session_text(
        session_replace(SESSION_GOOD, "VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96",
                        "H264/90000\r\na=rtpmap:97 AV1/90000\r\na=extmap:2 urn:x"));
    struct sdp ours = session_answer(&theirs);
    ck_assert_uint_eq(ours.sections[1].port, 0);
    set_up();
    struct sdp_local local = session_local();
    local.current_local = &ours;
    local.current_remote = &theirs;
    struct sdp offer = session_offer(&local, wishes, 3);
    ck_assert_uint_eq(offer.sections[2].codecs[0].pt, 98);
    ck_assert_uint_eq(offer.sections[2].codecs[1].pt, 99);
    ck_assert_uint_eq(offer.sections[2].codecs[1].apt, 98);
    for (size_t i = 0; i < offer.sections[2].extmap_count; i++)
        ck_assert_uint_ne(offer.sections[2].extmaps[i].id, 2);
    sdp_free(&theirs);
    sdp_free(&ours);
    sdp_free(&offer);
}
END_TEST

/* RFC 5761 §4: VP8 and its rtx under numbers that look like RTCP get others in our offers, and so
 * does an rtx that repeats such a number. */
START_TEST(pitfall_14_numbers_that_look_like_rtcp_are_not_taken_over)
{
    const char *only = session_replace(SESSION_GOOD, "SAVPF 96 97", "SAVPF 72 97");
    only = session_replace(session_replace(only, "rtpmap:96", "rtpmap:72"), "apt=96", "apt=72");
    const char *rtx = session_replace(SESSION_GOOD, "SAVPF 96 97", "SAVPF 96 73");
    rtx = session_replace(session_replace(rtx, "rtpmap:97", "rtpmap:73"), "fmtp:97", "fmtp:73");
    const struct {
        const char *text;
        unsigned rtx;
    } cases[] = {{only, 98}, {rtx, 97}};
    set_up();
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct sdp theirs = session_text(cases[i].text), ours = session_answer(&theirs);
        struct sdp_local local = session_local();
        local.current_local = &ours;
        local.current_remote = &theirs;
        struct sdp offer = session_offer(&local, wishes, 3);
        ck_assert_uint_eq(offer.sections[2].codecs[0].pt, 96);
        ck_assert_uint_eq(offer.sections[2].codecs[1].pt, cases[i].rtx);
        sdp_free(&theirs);
        sdp_free(&ours);
        sdp_free(&offer);
    }
}
END_TEST

START_TEST(stopped_sections_of_every_kind)
{
    set_up();
    struct sdp_local local = session_local();
    struct sdp_wish all[] = {wishes[0], session_wish(SDP_APPLICATION, 1),
                             session_wish(SDP_OTHER, 2), session_wish(SDP_VIDEO, 3)};
    for (size_t i = 1; i < COUNT(all); i++) all[i].stopped = true;
    all[2].m_text = bytes_of("text 5000 RTP/AVP 98 99");
    struct sdp offer = session_offer(&local, all, COUNT(all));
    ck_assert(has(&offer, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
    ck_assert(has(&offer, "m=text 0 RTP/AVP 98 99\r\n"));
    ck_assert(has(&offer, "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"));
    ck_assert(has(&offer, "a=group:BUNDLE 0\r\n"));
    sdp_free(&offer);
    all[0].stopped = true;
    offer = session_offer(&local, all, COUNT(all));
    ck_assert(!has(&offer, "a=group"));
    ck_assert_ptr_null(sdp_transport_section(&offer));
    sdp_free(&offer);
}
END_TEST

START_TEST(wishes_that_make_no_offer)
{
    static uint8_t room[SDP_TEXT_MAX];
    static struct sdp_wish many[SDP_SECTIONS_MAX + 1];
    set_up();
    struct sdp_local local = session_local();
    struct writer w = writer_of(room, sizeof room);
    ck_assert_int_eq(sdp_offer(&w, &local, many, COUNT(many)), E_FULL);
    struct sdp_wish data = session_wish(SDP_APPLICATION, 0);
    ck_assert_int_eq(sdp_offer(&w, &local, &data, 1), E_STATE);
    struct sdp_wish nameless = session_wish(SDP_AUDIO, 0);
    nameless.mid = bytes_of("");
    ck_assert_int_eq(sdp_offer(&w, &local, &nameless, 1), E_STATE);
    struct sdp first = session_offer(&local, wishes, 2);
    local.current_local = &first;
    ck_assert_int_eq(sdp_offer(&w, &local, wishes, 1), E_STATE); /* a section is missing */
    local.current_local = NULL;
    w = writer_of(room, 100);
    ck_assert_int_eq(sdp_offer(&w, &local, wishes, 2), E_FULL);
    ck_assert_int_eq(sdp_offer(&(struct writer){0}, &local, wishes, 0), E_FULL);
    sdp_free(&first);
}
END_TEST

SUITE("sdp offer", an_offer_passes_its_own_check, pitfall_10_offers_are_actpass,
      what_follows_the_first_section_is_bundle_only, candidates_stand_in_the_first_section,
      who_does_not_send_names_no_track, pitfall_15_only_what_we_can_do_is_offered,
      pitfall_16_sections_keep_their_places, a_stopped_place_is_taken_over_under_a_new_mid,
      what_one_side_rejected_is_not_in_the_bundle, pitfall_16_numbers_keep_their_meaning,
      new_codecs_take_free_numbers, pitfall_14_numbers_that_look_like_rtcp_are_not_taken_over,
      stopped_sections_of_every_kind, wishes_that_make_no_offer)
