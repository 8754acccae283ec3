/* ICE restarts by descriptions: they take place when an exchange says so, and not before (RFC 8829
 * §4.1.8, §5.7, §5.10; RFC 8445 §9). */
#include "tests/peer/duo.h"
#include "tests/peer/edit.h"

static struct duo d;

static const char *ufrag_of(int side)
{
    return edit_text(ice_local_ufrag(peer_ice(d.side[side])));
}

static bool says_ufrag(struct bytes description, const char *ufrag)
{
    char line[64];
    snprintf(line, sizeof line, "a=ice-ufrag:%s\r\n", ufrag);
    return strstr(edit_text(description), line) != NULL;
}

static void begin(uint64_t seed)
{
    duo_init(&d, seed);
    ck_assert(duo_call(&d, SEC(2)));
    duo_talk(&d, 1);
}

/* Both sides are where a restart leads. */
static void assert_whole(void)
{
    duo_talk(&d, 3);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(peer_state(d.side[i]), PEER_CONNECTED);
        ck_assert_int_eq(ice_state(peer_ice(d.side[i])), ICE_STATE_COMPLETED);
    }
    duo_free(&d);
}

START_TEST(a_restart_takes_place_when_its_answer_comes)
{
    struct bytes offer, answer;
    begin(1);
    const char *before = ufrag_of(0);
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert(!says_ufrag(offer, before));
    ck_assert_ptr_nonnull(strstr(edit_text(offer), "\r\na=candidate:")); /* they are the same */
    ck_assert_ptr_null(strstr(edit_text(offer), " ufrag "));
    ck_assert_str_eq(ufrag_of(0), before);
    const char *text = edit_text(offer);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    ck_assert_str_ne(ufrag_of(0), before);
    ck_assert(says_ufrag(bytes_of(text), ufrag_of(0)));
    ck_assert(says_ufrag(answer, ufrag_of(1)));
    uint64_t frames = d.seen[1].frames[0];
    duo_talk(&d, 1);
    ck_assert_uint_ge(d.seen[1].frames[0], frames + 45);
    /* The next offer restarts nothing. */
    const char *now = ufrag_of(0);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert_str_eq(ufrag_of(0), now);
    assert_whole();
}
END_TEST

/* Our address went away and another one came, while an offer was out that asked for no restart. */
static void drop_first_address(struct duo *of, int from, struct packet *p)
{
    struct addr first = duo_addr(0, false);
    (void)of;
    if (addr_equal(from == 0 ? &p->route.local : &p->route.remote, &first)) p->len = 0;
}

START_TEST(a_restart_that_is_wanted_while_an_offer_is_out_comes_with_the_next_one)
{
    struct bytes offer, answer;
    struct addr other = addr_ipv4(192, 0, 2, 77, 7000);
    begin(2);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *plain = edit_text(offer);
    ck_assert_int_eq(peer_add_socket(d.side[0], &other, d.now), OK);
    d.on_send = drop_first_address;
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(plain), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    const char *before = ufrag_of(0);
    uint64_t asked = d.seen[0].negotiate;
    duo_run(&d, d.now + MS(50));
    ck_assert_uint_eq(d.seen[0].negotiate, asked + 1);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert_str_ne(ufrag_of(0), before);
    assert_whole();
}
END_TEST

/* Their offer, which restarts nothing, comes before ours or in its place. */
static void their_plain_offer_first(bool glare)
{
    struct bytes offer, mine, answer;
    begin(3);
    const char *before = ufrag_of(1);
    peer_restart_ice(d.side[1]);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *plain = edit_text(offer);
    if (glare) {
        ck_assert_int_eq(peer_offer(d.side[1], &mine, d.now), OK);
        ck_assert(!says_ufrag(mine, before));
        ck_assert_int_eq(peer_rollback(d.side[1], d.now), OK);
    }
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(plain), &answer, d.now), OK);
    ck_assert(says_ufrag(answer, before));
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    ck_assert_str_eq(ufrag_of(1), before);
    uint64_t asked = d.seen[1].negotiate;
    duo_run(&d, d.now + MS(50));
    ck_assert_uint_eq(d.seen[1].negotiate, asked + 1); /* it is still wanted */
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert_str_ne(ufrag_of(1), before);
    assert_whole();
}

START_TEST(an_answer_to_a_plain_offer_has_the_old_credentials)
{
    their_plain_offer_first(false);
    their_plain_offer_first(true);
}
END_TEST

/* What made us want it may be newer than the offer: the next one restarts again. */
START_TEST(a_restart_that_is_wanted_while_one_is_offered_comes_after_it)
{
    struct bytes offer, answer;
    begin(9);
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    const char *first = ufrag_of(0);
    uint64_t asked = d.seen[0].negotiate;
    duo_run(&d, d.now + MS(50));
    ck_assert_uint_eq(d.seen[0].negotiate, asked + 1);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert_str_ne(ufrag_of(0), first);
    first = ufrag_of(0);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    ck_assert_str_eq(ufrag_of(0), first);
    assert_whole();
}
END_TEST

START_TEST(their_restart_is_ours_too)
{
    begin(4);
    peer_restart_ice(d.side[0]);
    peer_restart_ice(d.side[1]);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    const char *now = ufrag_of(1);
    ck_assert_int_eq(duo_negotiate(&d, 1), OK);
    ck_assert_str_eq(ufrag_of(1), now);
    assert_whole();
}
END_TEST

START_TEST(an_answer_that_restarts_unasked_is_refused) /* RFC 8829 §5.10 */
{
    struct bytes offer, answer;
    begin(5);
    const char *before = ufrag_of(0);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1], offer, &answer, d.now), OK);
    const char *good = edit_text(answer);
    const char *bad = edit_all(good, ufrag_of(1), "QQQQQQQQ");
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of(bad), d.now), E_MALFORMED);
    const struct fault *why = peer_fault(d.side[0]);
    ck_assert_ptr_nonnull(strstr(why->rule, "RFC 8829 5.10"));
    ck_assert_int_eq(strncmp(bad + why->offset, "QQQQQQQQ", 8), 0);
    ck_assert_str_eq(ufrag_of(0), before);
    ck_assert_int_eq(peer_set_answer(d.side[0], bytes_of(good), d.now), OK); /* the right one */
    assert_whole();
}
END_TEST

/* The text is more than we may write back. */
START_TEST(a_restart_that_could_not_be_answered_changes_nothing)
{
    struct bytes offer, answer;
    static char lines[SDP_TEXT_MAX];
    begin(6);
    const char *before = ufrag_of(1);
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *text = edit_text(offer);
    struct writer w = writer_of(lines, sizeof lines - 1);
    write_text(&w, edit_all(text, "BUNDLE 0 1", "BUNDLE 0 1 8"));
    write_text(&w, "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:8\r\n"
                   "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n");
    write_text(&w, "m=other 0 X ");
    while (writer_len(&w) < SDP_TEXT_MAX - 24) write_u8(&w, 'a');
    write_text(&w, "\r\nc=IN IP4 0.0.0.0\r\n");
    lines[writer_len(&w)] = '\0';
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(lines), &answer, d.now), E_FULL);
    struct peer_track t;
    ck_assert_str_eq(ufrag_of(1), before);
    ck_assert(!peer_track(d.side[1], 2, &t)); /* the new section has made none */
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    ck_assert_int_eq(peer_set_answer(d.side[0], answer, d.now), OK);
    ck_assert_str_ne(ufrag_of(1), before);
    assert_whole();
}
END_TEST

/* The old path dies while the new one is being looked for: what is sent meanwhile is lost, and what
 * refers to it is not sent after. */
START_TEST(pictures_go_on_with_a_key_frame_when_there_was_no_path)
{
    begin(7);
    d.cut[0] = d.cut[1] = true;
    duo_run(&d, d.now + SEC(15));
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    uint64_t wanted = d.seen[0].key_wanted;
    duo_run(&d, d.now + SEC(20));
    ck_assert(!ice_may_send(peer_ice(d.side[0]), d.now));
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_VP8, false, 1000, 500), E_STATE);
    duo_run(&d, d.now + MS(10));
    ck_assert_uint_eq(d.seen[0].key_wanted, wanted + 1);
    d.cut[0] = d.cut[1] = false;
    duo_run(&d, d.now + SEC(3));
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_VP8, false, 1001, 500), E_STATE);
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_VP8, true, 1002, 500), OK);
    ck_assert_int_eq(duo_send_frame(&d, 0, RTP_VP8, false, 1003, 500), OK);
    duo_free(&d);
}
END_TEST

/* Every track was stopped, so no description in force has ICE's credentials any more, but ICE runs.
 * A new track comes with a restart, which was wanted before there was anything to carry it. */
static void restart_of_nothing(bool offered_before, int side)
{
    static const struct peer_media both = {true, true}, none = {false, false};
    struct bytes offer, answer;
    size_t track;
    begin(8);
    for (size_t i = 0; i < 2; i++) ck_assert_int_eq(peer_set_track(d.side[0], i, none), OK);
    ck_assert_int_eq(duo_negotiate(&d, 0), OK);
    const char *before[2] = {ufrag_of(0), ufrag_of(1)};
    peer_restart_ice(d.side[side]);
    if (offered_before) ck_assert_int_eq(duo_negotiate(&d, side), OK);
    for (int i = 0; i < 2; i++) ck_assert_str_eq(ufrag_of(i), before[i]);
    ck_assert_int_eq(peer_add_track(d.side[side], RTP_OPUS, both, &track), OK);
    ck_assert_int_eq(peer_add_track(d.side[side], RTP_VP8, both, &track), OK);
    ck_assert_int_eq(peer_offer(d.side[side], &offer, d.now), OK);
    ck_assert_int_eq(peer_answer(d.side[1 - side], offer, &answer, d.now), OK);
    ck_assert(says_ufrag(answer, ufrag_of(1 - side)));
    ck_assert_int_eq(peer_set_answer(d.side[side], answer, d.now), OK);
    for (int i = 0; i < 2; i++) ck_assert_str_ne(ufrag_of(i), before[i]);
    duo_talk(&d, 1);
    ck_assert_uint_gt(d.seen[1 - side].frames[2], 45);
    assert_whole();
}

START_TEST(a_restart_while_nothing_is_agreed_on_waits_for_a_section_that_lives)
{
    for (int side = 0; side < 2; side++) {
        restart_of_nothing(false, side);
        restart_of_nothing(true, side);
    }
}
END_TEST

/* It was on its way when ICE restarted; the new candidates are still to come (RFC 8838 §11). */
START_TEST(the_end_of_the_candidates_before_is_not_that_of_the_new_ones)
{
    static const char missing[] = "no remote candidates yet";
    struct bytes offer, answer, end = bytes_of("");
    begin(9);
    const char *before = ufrag_of(0);
    d.trickle = false;
    d.cut[0] = d.cut[1] = true;
    peer_restart_ice(d.side[0]);
    ck_assert_int_eq(peer_offer(d.side[0], &offer, d.now), OK);
    const char *text = edit_all(edit_text(offer), "a=candidate:", "a=x-nothing:");
    ck_assert_int_eq(peer_answer(d.side[1], bytes_of(text), &answer, d.now), OK);
    /* The path of before is over, patience is not. */
    duo_run(&d, d.now + SEC(29) + MS(900));
    ck_assert_str_eq(ice_why(peer_ice(d.side[1])), missing);
    ck_assert_int_eq(peer_add_candidate(d.side[1], end, bytes_of(before), d.now), E_STATE);
    ck_assert_str_eq(ice_why(peer_ice(d.side[1])), missing);
    const char *now = edit_line(text, "a=ice-ufrag:") + strlen("a=ice-ufrag:");
    ck_assert_int_eq(peer_add_candidate(d.side[1], end, bytes_of(now), d.now), OK);
    ck_assert_str_ne(ice_why(peer_ice(d.side[1])), missing);
    duo_free(&d);
}
END_TEST

SUITE("peer restart", a_restart_takes_place_when_its_answer_comes,
      a_restart_that_is_wanted_while_an_offer_is_out_comes_with_the_next_one,
      an_answer_to_a_plain_offer_has_the_old_credentials,
      a_restart_that_is_wanted_while_one_is_offered_comes_after_it, their_restart_is_ours_too,
      an_answer_that_restarts_unasked_is_refused,
      a_restart_that_could_not_be_answered_changes_nothing,
      pictures_go_on_with_a_key_frame_when_there_was_no_path,
      a_restart_while_nothing_is_agreed_on_waits_for_a_section_that_lives,
      the_end_of_the_candidates_before_is_not_that_of_the_new_ones)
