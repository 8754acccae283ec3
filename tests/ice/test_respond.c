#include "ice/internal.h"
#include "tests/ice/forge.h"

#define HERE  "192.0.2.1:1000"
#define THERE "192.0.2.2:2000"

/* What the answer to this request is: 0 none, 1 success, else its error code. */
static unsigned answer_to(struct ice *ice, const struct forge *f, struct packet *answer)
{
    struct packet p;
    struct stun_msg m;
    unsigned code = 1;
    forge_request(&p, ice, THERE, HERE, f);
    ice_input(ice, &p, 0);
    if (!ice->responses.count) return 0;
    ck_assert(respond_output(ice, answer));
    ck_assert_int_eq(stun_parse(&m, packet_bytes(answer)), OK);
    if (stun_class(&m) == STUN_ERROR) ck_assert(stun_get_error(&m, &code, NULL));
    return code;
}

static void check_signed_with(const struct packet *answer, struct bytes pwd, bool sha256)
{
    struct stun_msg m;
    struct stun_key key;
    stun_key_short_term(&key, pwd);
    ck_assert_int_eq(stun_parse(&m, packet_bytes(answer)), OK);
    ck_assert_int_eq(stun_check_integrity_sha256(&m, &key), sha256 ? STUN_OK : STUN_ABSENT);
    ck_assert_int_eq(stun_check_integrity(&m, &key), sha256 ? STUN_ABSENT : STUN_OK);
    ck_assert_int_eq(stun_check_fingerprint(&m), STUN_OK);
    ck_assert(!stun_has(&m, STUN_USERNAME)); /* pitfall 4 */
}

START_TEST(pitfall_4_what_an_answer_carries)
{
    struct ice *ice = forge_agent(false);
    struct packet answer;
    struct stun_msg m;
    struct addr mapped, there = net_addr(THERE);
    forge_known(ice, 0);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.id = 9}, &answer), 1);
    check_signed_with(&answer, ice_local_pwd(ice), false);
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&answer)), OK);
    ck_assert(stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &mapped) && addr_equal(&mapped, &there));
    ck_assert(addr_equal(&answer.route.remote, &there));
    for (size_t i = 0; i < STUN_ID_LEN; i++) ck_assert_int_eq(m.id.at[i], 9);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.sha256 = true}, &answer), 1);
    check_signed_with(&answer, ice_local_pwd(ice), true); /* RFC 8489 §9.1.3 */
    ice_free(ice);
}
END_TEST

START_TEST(inv_19_errors_are_signed_with_the_same_key)
{
    struct ice *ice = forge_agent(true);
    struct packet answer;
    struct stun_msg m;
    struct bytes list;
    forge_known(ice, 0);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.tie_breaker = 0}, &answer), 487);
    check_signed_with(&answer, ice_local_pwd(ice), false);
    struct forge f = {.controlled = true, .no_priority = true};
    ck_assert_uint_eq(answer_to(ice, &f, &answer), 400);
    check_signed_with(&answer, ice_local_pwd(ice), false);
    f = (struct forge){.controlled = true, .unknown = 0x7001};
    ck_assert_uint_eq(answer_to(ice, &f, &answer), 420);
    check_signed_with(&answer, ice_local_pwd(ice), false);
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&answer)), OK);
    ck_assert(stun_find(&m, STUN_UNKNOWN_ATTRIBUTES, &list) && list.len == 2);
    ck_assert(list.at[0] == 0x70 && list.at[1] == 0x01);
    /* libwebrtc's GOOG_NETWORK_INFO is comprehension-optional. */
    f.unknown = 0xC057;
    ck_assert_uint_eq(answer_to(ice, &f, &answer), 1);
    ice_free(ice);
}
END_TEST

START_TEST(inv_7_pitfall_1_username_is_compared_whole)
{
    char ours[64], text[16][600];
    struct ice *ice = forge_agent(false);
    struct packet answer;
    forge_text(ice_local_ufrag(ice), ours, sizeof ours);
    size_t n = 0;
    snprintf(text[n++], 600, "peer:%s", ours);      /* the wrong order */
    snprintf(text[n++], 600, "%s", ours);           /* half */
    snprintf(text[n++], 600, "%s:", ours);          /* nothing behind the colon */
    snprintf(text[n++], 600, "%s:pee", ours);       /* a prefix */
    snprintf(text[n++], 600, "%s:peerx", ours);     /* longer */
    snprintf(text[n++], 600, "%s:peer:peer", ours); /* once more */
    snprintf(text[n++], 600, "%s:PEER", ours);      /* upper case */
    snprintf(text[n++], 600, "x%s:peer", ours);     /* something before it */
    snprintf(text[n++], 600, "%.7s:peer", ours);    /* ours cut */
    snprintf(text[n++], 600, ":peer");              /* ours missing */
    snprintf(text[n++], 600, "%s:%0500d", ours, 1); /* very long */
    snprintf(text[n++], 600, " ");
    for (int known = 0; known < 2; known++) {
        for (size_t i = 0; i < n; i++) {
            /* Before the credentials are known, any well-formed second half will do. */
            if (!known && (i == 4 || i == 6)) continue;
            struct forge f = {.username = text[i]};
            ck_assert_uint_eq(answer_to(ice, &f, &answer), 0);
        }
        forge_known(ice, 0);
    }
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.no_username = true}, &answer), 0);
    ck_assert_uint_eq(ice_counters(ice)->bad_username, 2 * n - 2 + 1);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){0}, &answer), 1);
    ice_free(ice);
}
END_TEST

START_TEST(inv_7_nul_does_not_end_a_username)
{
    struct ice *ice = forge_agent(false);
    struct packet p;
    struct stun_key key;
    uint8_t username[32];
    struct writer u = writer_of(username, sizeof username), w = packet_writer(&p);
    forge_known(ice, 0);
    write_bytes(&u, ice_local_ufrag(ice));
    write_bytes(&u, (struct bytes){(const uint8_t *)":peer\0more", 10});
    stun_key_short_term(&key, ice_local_pwd(ice));
    stun_begin(&w, STUN_BINDING, bytes_of("abcdefghijkl"));
    stun_put(&w, STUN_USERNAME, writer_done(&u));
    stun_put_u32(&w, STUN_PRIORITY, 1);
    stun_put_integrity(&w, &key);
    p.len = writer_done(&w).len;
    p.route = (struct route){net_addr(HERE), net_addr(THERE)};
    ck_assert_int_eq(ice_input(ice, &p, 0), E_AUTH);
    ice_free(ice);
}
END_TEST

START_TEST(inv_6_pitfall_1_only_verified_requests_are_answered)
{
    struct ice *ice = forge_agent(false);
    struct packet answer;
    forge_known(ice, 0);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.no_integrity = true}, &answer), 0);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.pwd = PEER_PWD}, &answer), 0);
    ck_assert_uint_eq(ice_counters(ice)->bad_integrity, 2);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.no_fingerprint = true}, &answer), 1);
    ice_free(ice);
}
END_TEST

START_TEST(inv_14_no_more_bytes_out_than_in_from_strangers)
{
    struct ice *ice = forge_agent(false);
    struct rng rng;
    rng_init_number(&rng, 1);
    forge_known(ice, 0);
    struct packet good, p, out;
    forge_request(&good, ice, THERE, HERE, &(struct forge){0});
    uint64_t sent = 0;
    for (unsigned i = 0; i < 20000; i++) {
        packet_copy(&p, &good);
        p.route.remote.port = (uint16_t)(1 + rng_below(&rng, 65535));
        /* Not in FINGERPRINT: turned into another attribute it is ignored, as it must be. */
        p.at[rng_below(&rng, (uint32_t)p.len - 8)] ^= (uint8_t)(1u << rng_below(&rng, 8));
        ck_assert_int_ne(ice_input(ice, &p, i), OK);
        while (ice_output(ice, &out, i)) sent += out.len;
    }
    ck_assert_uint_eq(sent, 0);
    struct ice_pair_info info;
    ck_assert_uint_eq(ice_pairs(ice, &info, 1), 0);
    /* And a verified one is answered with fewer bytes than it had. */
    ck_assert_int_eq(ice_input(ice, &good, SEC(1)), OK);
    ck_assert(ice_output(ice, &out, SEC(1)) && out.len <= good.len);
    ice_free(ice);
}
END_TEST

START_TEST(inv_12_nothing_but_stun_to_a_silent_address)
{
    /* The peer's own credentials, a victim's address, the highest priority, nominated. */
    struct ice *ice = forge_agent(false);
    struct packet p, out;
    struct route route;
    forge_known(ice, 0);
    unsigned sent = 0, received = 0;
    for (usec now = 0; now < SEC(60); now += MS(20)) {
        struct forge f = {.use_candidate = true, .priority = UINT32_MAX, .id = (uint8_t)received};
        if (now < SEC(5)) {
            forge_request(&p, ice, "203.0.113.9:99", HERE, &f);
            ck_assert_int_eq(ice_input(ice, &p, now), OK);
            received++;
        }
        while (ice_output(ice, &out, now)) sent++;
        forge_events(ice);
        ck_assert(!ice_selected(ice, &route) && !ice_may_send(ice, now));
        ck_assert(!ice_is_validated(ice, &p.route));
    }
    ck_assert_uint_le(sent, received + SEC(5) / ICE_TA + ICE_EFFORT_CHECKS);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ice_free(ice);
}
END_TEST

START_TEST(inv_1_inv_4_off_path_packets_move_nothing)
{
    struct net net;
    net_pair(&net, 3, true, false);
    net_run(&net, SEC(1));
    struct ice *ice = net.side[0].ice;
    struct route before, after, foreign = {net_addr(HERE), net_addr("203.0.113.9:99")};
    struct packet p, out;
    ck_assert(ice_selected(ice, &before));
    static const struct forge rows[] = {
        {.pwd = PEER_PWD}, {.no_integrity = true}, {.username = "a:b"}, {.no_username = true}};
    for (size_t i = 0; i < 1000; i++) {
        forge_request(&p, ice, "203.0.113.9:99", HERE, &rows[i % COUNT(rows)]);
        ck_assert_int_eq(ice_input(ice, &p, net.now), E_AUTH);
        ck_assert(!ice_output(ice, &out, net.now));
    }
    ck_assert(!ice_is_validated(ice, &foreign));
    ck_assert(ice_selected(ice, &after) && addr_equal(&before.remote, &after.remote));
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED);
    net_free(&net);
}
END_TEST

START_TEST(early_checks_are_answered_and_honoured_later)
{
    struct ice *ice = forge_agent(false);
    struct packet answer, check;
    struct forge f = {.use_candidate = true};
    ck_assert_uint_eq(answer_to(ice, &f, &answer), 1); /* before anything is known of the peer */
    check_signed_with(&answer, ice_local_pwd(ice), false);
    ck_assert(!ice_output(ice, &check, 0));
    forge_known(ice, MS(30));
    ck_assert(ice_output(ice, &check, MS(30))); /* no candidate was signaled */
    ck_assert(addr_equal(&check.route.remote, &answer.route.remote));
    forge_answer(&answer, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, MS(40)), OK);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_COMPLETED); /* its nomination was kept too */
    struct ice_pair_info info;
    ck_assert(ice_selected_info(ice, &info));
    ck_assert_int_eq(info.remote_type, CANDIDATE_PRFLX);
    ice_free(ice);
}
END_TEST

START_TEST(early_checks_of_others_are_forgotten)
{
    struct ice *ice = forge_agent(false);
    struct packet p, answer;
    char username[64], ours[32];
    forge_text(ice_local_ufrag(ice), ours, sizeof ours);
    snprintf(username, sizeof username, "%s:other", ours);
    ck_assert_uint_eq(answer_to(ice, &(struct forge){.username = username}, &answer), 1);
    for (unsigned i = 0; i < 20; i++) { /* and a flood of them stays within its bound */
        forge_request(&p, ice, "203.0.113.9:99", HERE, &(struct forge){.username = username});
        p.route.remote.port = (uint16_t)(1000 + i);
        ck_assert_int_eq(ice_input(ice, &p, 0), OK);
        while (ice_output(ice, &answer, 0)) continue;
    }
    ck_assert_uint_eq(ice->early_count, ICE_EARLY_MAX);
    ck_assert_uint_eq(ice_counters(ice)->early_dropped, 20 + 1 - ICE_EARLY_MAX);
    forge_known(ice, 0);
    ck_assert(!ice_output(ice, &answer, MS(100)));
    ck_assert_uint_eq(ice->early_count, 0);
    ice_free(ice);
}
END_TEST

START_TEST(answers_that_nobody_takes_out_are_bounded)
{
    struct ice *ice = forge_agent(false);
    struct packet p;
    forge_known(ice, 0);
    for (unsigned i = 0; i < 100; i++) {
        forge_request(&p, ice, THERE, HERE, &(struct forge){0});
        ck_assert_int_eq(ice_input(ice, &p, 0), i < ICE_RESPONSES_MAX ? OK : E_FULL);
    }
    ck_assert_uint_eq(ice_counters(ice)->response_full, 100 - ICE_RESPONSES_MAX);
    ice_free(ice);
}
END_TEST

START_TEST(real_checks_of_browsers_parse)
{
    static const char *const files[] = {"chromium-request", "chromium-nominating",
                                        "firefox-request"};
    struct ice *ice = forge_agent(false);
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[128];
        struct packet p;
        snprintf(path, sizeof path, "fuzz/corpus/stun_message/%s", files[i]);
        struct bytes file = suite_file(path);
        packet_reset(&p);
        ck_assert(packet_set(&p, file));
        p.route = (struct route){net_addr(HERE), net_addr(THERE)};
        ck_assert_int_eq(ice_input(ice, &p, 0), E_AUTH); /* not our ufrag, but all else is right */
        ck_assert_str_eq(ice_fault(ice)->rule, "USERNAME is not ours:theirs (RFC 8445 7.3)");
        free((void *)(uintptr_t)file.at);
    }
    ice_free(ice);
}
END_TEST

SUITE("ice respond", pitfall_4_what_an_answer_carries, inv_19_errors_are_signed_with_the_same_key,
      inv_7_pitfall_1_username_is_compared_whole, inv_7_nul_does_not_end_a_username,
      inv_6_pitfall_1_only_verified_requests_are_answered,
      inv_14_no_more_bytes_out_than_in_from_strangers, inv_12_nothing_but_stun_to_a_silent_address,
      inv_1_inv_4_off_path_packets_move_nothing, early_checks_are_answered_and_honoured_later,
      early_checks_of_others_are_forgotten, answers_that_nobody_takes_out_are_bounded,
      real_checks_of_browsers_parse)
