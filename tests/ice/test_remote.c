#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct candidate named(const char *name, uint16_t port)
{
    struct candidate c = forge_candidate("192.0.2.2:1", 1000);
    c.addr = (struct addr){.port = port};
    bytes_to_text(bytes_of(name), c.name, sizeof c.name);
    return c;
}

static unsigned count_resolves(struct ice *ice, char last[ICE_NAME_MAX + 1])
{
    struct ice_event ev;
    unsigned count = 0;
    while (ice_event(ice, &ev)) {
        if (ev.type != ICE_RESOLVE) continue;
        count++;
        memcpy(last, ev.as.name, ICE_NAME_MAX + 1);
    }
    return count;
}

static size_t pair_count(const struct ice *ice)
{
    struct ice_pair_info info[ICE_PAIRS_MAX];
    return ice_pairs(ice, info, COUNT(info));
}

START_TEST(what_is_ignored_is_counted)
{
    struct ice *ice = forge_agent(true);
    struct candidate c = forge_candidate("192.0.2.2:1", 1000);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_STATE); /* no credentials yet */
    forge_known(ice, 0);
    c.protocol = CANDIDATE_TCP;
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_UNSUPPORTED);
    c = forge_candidate("192.0.2.2:1", 1000);
    c.component = 2; /* Firefox lists it */
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_UNSUPPORTED);
    static const char *const nowhere[] = {"0.0.0.0:5", "[::]:5", "224.0.0.1:5", "192.0.2.2:0"};
    for (size_t i = 0; i < COUNT(nowhere); i++) {
        c = forge_candidate(nowhere[i], 1000);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_MALFORMED);
    }
    c = forge_candidate("192.0.2.2:1", 1000);
    snprintf(c.ufrag, sizeof c.ufrag, "other");
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_STATE);
    const struct ice_counters *n = ice_counters(ice);
    ck_assert(n->ignored_tcp == 1 && n->ignored_component == 1 && n->ignored_address == 4 &&
              n->ignored_generation == 2);
    ck_assert_uint_eq(pair_count(ice), 0);
    snprintf(c.ufrag, sizeof c.ufrag, PEER_UFRAG);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK); /* twice is once */
    ck_assert_uint_eq(pair_count(ice), 1);
    ice_free(ice);
}
END_TEST

START_TEST(inv_16_only_local_names_are_asked)
{
    static const char *const names[] = {"example.org", "local", "a.local.example.org",
                                        "internal-host", "x.localhost"};
    struct ice *ice = forge_agent(true);
    char last[ICE_NAME_MAX + 1];
    forge_known(ice, 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct candidate c = named(names[i], 5);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), E_UNSUPPORTED);
    }
    ck_assert_uint_eq(count_resolves(ice, last), 0);
    ck_assert_uint_eq(ice_counters(ice)->ignored_name, COUNT(names));
    struct candidate c = named("c0ffee.local", 5);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_uint_eq(count_resolves(ice, last), 1);
    ck_assert_str_eq(last, "c0ffee.local");
    ice_free(ice);
}
END_TEST

START_TEST(inv_17_ten_names_a_call)
{
    struct ice *ice = forge_agent(true);
    char name[32], last[ICE_NAME_MAX + 1];
    forge_known(ice, 0);
    unsigned asked = 0;
    for (unsigned i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "n%u.local", i);
        struct candidate c = named(name, 5);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), i < ICE_NAMES_MAX ? OK : E_FULL);
        asked += count_resolves(ice, last);
    }
    ck_assert_uint_eq(asked, ICE_NAMES_MAX);
    /* A restart doesn't start the count anew, and known names aren't asked twice. */
    ice_restart(ice, 0);
    forge_known(ice, 0);
    struct candidate again = named("n3.local", 6), fresh = named("fresh.local", 6);
    ck_assert_int_eq(ice_add_remote(ice, &again, 0), OK);
    ck_assert_int_eq(ice_add_remote(ice, &fresh, 0), E_FULL);
    ck_assert_uint_eq(count_resolves(ice, last), 0);
    ice_free(ice);
}
END_TEST

START_TEST(a_resolved_name_is_checked)
{
    struct ice *ice = forge_agent(true);
    struct packet p;
    struct addr a = net_addr("192.0.2.2:1"), v6 = net_addr("[2001:db8::2]:1"), want;
    struct candidate c = named("a.local", 5000);
    forge_known(ice, 0);
    ck_assert_int_eq(ice_resolved(ice, "a.local", &a, 0), E_STATE); /* nobody asked */
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(!ice_output(ice, &p, 0));
    ck_assert_int_eq(ice_resolved(ice, "A.local", &a, MS(6)), OK);
    ck_assert(ice_output(ice, &p, MS(6)));
    want = net_addr("192.0.2.2:5000"); /* the candidate's port, not the answer's */
    ck_assert(addr_equal(&p.route.remote, &want));
    ck_assert_int_eq(ice_resolved(ice, "a.local", &v6, MS(7)), OK); /* AAAA too */
    want = net_addr("203.0.113.66:1");
    ck_assert_int_eq(ice_resolved(ice, "a.local", &want, MS(8)), OK); /* a second A: ignored */
    ck_assert_uint_eq(pair_count(ice), 1);                            /* we have no IPv6 socket */
    want = net_addr("224.0.0.1:1");
    ck_assert_int_eq(ice_resolved(ice, "a.local", &want, MS(8)), E_MALFORMED);
    /* Another candidate behind the same name needs no question. */
    c.addr.port = 5001;
    ck_assert_int_eq(ice_add_remote(ice, &c, MS(9)), OK);
    ck_assert_uint_eq(pair_count(ice), 2);
    ice_free(ice);
}
END_TEST

START_TEST(a_name_that_nobody_answers)
{
    struct ice *ice = forge_agent(true);
    struct candidate c = named("a.local", 5000);
    forge_known(ice, 0);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(remote_unresolved(ice));
    ck_assert_int_eq(ice_resolved(ice, "a.local", NULL, SEC(3)), OK);
    ck_assert(!remote_unresolved(ice));
    ice_tick(ice, ICE_PATIENCE);
    ck_assert_int_eq(ice_state(ice), ICE_STATE_FAILED);
    ice_free(ice);
}
END_TEST

START_TEST(signaling_tells_what_a_learned_candidate_was) /* RFC 8445 §7.3.1.3 */
{
    struct ice *ice = forge_agent(false);
    struct packet p;
    struct ice_pair_info before, after;
    forge_known(ice, 0);
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){.priority = 77});
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    ck_assert_uint_eq(ice_pairs(ice, &before, 1), 1);
    ck_assert_int_eq(before.remote_type, CANDIDATE_PRFLX);
    struct candidate c = forge_candidate("192.0.2.2:2000", 2130706431);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_uint_eq(pair_count(ice), 1);
    ice_pairs(ice, &after, 1);
    ck_assert_int_eq(after.remote_type, CANDIDATE_HOST);
    ck_assert_uint_gt(after.priority, before.priority);
    ice_free(ice);
}
END_TEST

START_TEST(inv_15_learned_candidates_are_bounded)
{
    struct ice *ice = forge_agent(false);
    struct packet p;
    forge_known(ice, 0);
    for (unsigned i = 0; i < 500; i++) {
        forge_request(&p, ice, "192.0.2.2:1", "192.0.2.1:1000", &(struct forge){.id = (uint8_t)i});
        p.route.remote.port = (uint16_t)(1 + i);
        ck_assert_int_eq(ice_input(ice, &p, MS(i)), OK);
        while (ice_output(ice, &p, MS(i))) continue;
    }
    ck_assert_uint_eq(pair_count(ice), ICE_PRFLX_MAX);
    /* The last ones are there, the first gave way. */
    struct addr last = net_addr("192.0.2.2:500"), first = net_addr("192.0.2.2:1");
    ck_assert(remote_find(ice, &last) != NONE && remote_find(ice, &first) == NONE);
    /* And signaled ones still have all their room. */
    for (unsigned i = 0; i < ICE_REMOTES_MAX; i++) {
        struct candidate c = forge_candidate("198.51.100.1:1", 1000000);
        c.addr.port = (uint16_t)(1 + i);
        ck_assert_int_eq(ice_add_remote(ice, &c, SEC(1)), OK);
    }
    ck_assert_uint_eq(pair_count(ice), ICE_PAIRS_MAX);
    ice_free(ice);
}
END_TEST

/* Browsers' checks come before the answer to the question for their name. */
START_TEST(a_resolved_name_tells_what_a_learned_candidate_was)
{
    struct ice *ice = forge_agent(false);
    struct addr second = net_addr("192.0.2.9:1000"), found = net_addr("192.0.2.2:1");
    struct candidate c = named("0123.local", 5000);
    struct ice_pair_info info[4];
    ck_assert_int_eq(ice_add_socket(ice, &second, 0), OK);
    forge_known(ice, 0);
    forge_ask(ice, "192.0.2.2:5000", 0, false, 1);
    ck_assert_uint_eq(pair_count(ice), 1);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_int_eq(ice_resolved(ice, "0123.local", &found, 0), OK);
    ck_assert_uint_eq(ice_pairs(ice, info, COUNT(info)), 2); /* with both of our sockets */
    ck_assert_int_eq(info[0].remote_type, CANDIDATE_HOST);
    ice_free(ice);
}
END_TEST

/* Each new description of a browser repeats its candidates. */
START_TEST(a_named_candidate_again_is_the_same)
{
    struct ice *ice = forge_agent(true);
    struct candidate c = named("0123.local", 5000), other = forge_candidate("192.0.2.9:9", 2000);
    struct addr found = net_addr("192.0.2.2:1");
    forge_known(ice, 0);
    for (unsigned i = 0; i < 2 * ICE_REMOTES_MAX; i++) {
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
        if (i == ICE_REMOTES_MAX) ck_assert_int_eq(ice_resolved(ice, c.name, &found, 0), OK);
    }
    ck_assert_int_eq(ice_add_remote(ice, &other, 0), OK);
    c.addr.port = 5001; /* of the same name another candidate */
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert_uint_eq(pair_count(ice), 3);
    ice_free(ice);
}
END_TEST

START_TEST(a_name_is_asked_again_after_a_restart_unless_it_has_answered)
{
    struct ice *ice = forge_agent(true);
    struct candidate silent = named("silent.local", 5000), good = named("good.local", 5000);
    struct addr found = net_addr("192.0.2.2:1");
    char asked[ICE_NAME_MAX + 1];
    forge_known(ice, 0);
    for (usec now = 0; now < SEC(60); now += SEC(20)) {
        ck_assert_int_eq(ice_add_remote(ice, &silent, now), OK);
        ck_assert_int_eq(ice_add_remote(ice, &good, now), OK);
        ck_assert_uint_eq(count_resolves(ice, asked), now == 0 ? 2 : 1);
        ck_assert_int_eq(ice_resolved(ice, "silent.local", NULL, now), OK);
        if (now > 0) ck_assert_str_eq(asked, "silent.local");
        if (now == 0) ck_assert_int_eq(ice_resolved(ice, "good.local", &found, now), OK);
        ck_assert_uint_eq(pair_count(ice), 1);
        ice_restart(ice, now);
        forge_known(ice, now);
        forge_events(ice);
    }
    ice_free(ice);
}
END_TEST

SUITE("ice remote", what_is_ignored_is_counted, inv_16_only_local_names_are_asked,
      inv_17_ten_names_a_call, a_resolved_name_is_checked, a_name_that_nobody_answers,
      signaling_tells_what_a_learned_candidate_was, inv_15_learned_candidates_are_bounded,
      a_resolved_name_tells_what_a_learned_candidate_was, a_named_candidate_again_is_the_same,
      a_name_is_asked_again_after_a_restart_unless_it_has_answered)
