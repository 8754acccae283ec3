/* The members of a call's events, of a call in the simulator. */
#include "tests/suite.h"

#include "apps/callevents.h"
#include "tests/apps/simworld.h"

static struct simruns runs;

static const struct peer *run_until(struct simcall *call, enum peer_state state)
{
    struct simcall_step step;
    while (simcall_step(call, &step))
        if (step.type == SIMCALL_STATE && step.as.state == state)
            return simcall_side(call, step.side)->peer;
    ck_abort_msg("nobody is %s", peer_state_name(state));
}

/* `members` is just this, in this order. */
static void must_be(json_t *members, const char *text)
{
    char *is = json_dumps(members, JSON_COMPACT);
    ck_assert_str_eq(is, text);
    free(is);
    json_decref(members);
}

START_TEST(states_of_a_call_that_connects)
{
    struct ice_pair_info pair;
    struct peer_track track;
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "");
    const struct peer *peer = simcall_side(call, SIDE_A)->peer;
    must_be(callevents_connection(peer, PEER_NEW), "{\"state\":\"new\"}");
    must_be(callevents_ice(peer), "{\"state\":\"new\"}");
    must_be(callevents_dtls(peer), "{\"state\":\"new\"}");
    run_until(call, PEER_CONNECTED);
    must_be(callevents_dtls(peer), "{\"state\":\"connected\"}");
    ck_assert(ice_selected_info(peer_ice(peer), &pair));
    must_be(callevents_selected(&pair),
            "{\"local\":\"192.0.2.1:5000\",\"localType\":\"host\","
            "\"remote\":\"198.51.100.2:5001\",\"remoteType\":\"host\"}");
    ck_assert(peer_track(peer, 1, &track));
    must_be(callevents_track(1, &track),
            "{\"track\":1,\"kind\":\"video\",\"mid\":\"1\",\"send\":true,\"recv\":true}");
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

START_TEST(a_failure_has_its_layer_and_reason)
{
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "fault=fingerprint");
    const struct peer *peer = run_until(call, PEER_FAILED);
    must_be(callevents_connection(peer, PEER_FAILED),
            "{\"state\":\"failed\",\"layer\":\"dtls\",\"reason\":\"fingerprint differs: the "
            "certificate is not the signaled one (RFC 8122 6.2)\"}");
    must_be(callevents_dtls(peer),
            "{\"state\":\"failed\",\"reason\":\"fingerprint differs: the certificate is not the "
            "signaled one (RFC 8122 6.2)\",\"alert\":\"bad_certificate\"}");
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

START_TEST(faults_of_descriptions_have_lines)
{
    static const struct {
        struct fault fault;
        const char *description, *text;
    } faults[] = {{{E_MALFORMED, "sdp", 0, "a rule"},
                   "v=0\r\ns=-\r\n",
                   "malformed at line 1 (offset 0): a rule"},
                  {{E_MALFORMED, "sdp", 5, "a rule"},
                   "v=0\r\ns=-\r\n",
                   "malformed at line 2 (offset 5): a rule"},
                  /* Behind the last line end there is no further line. */
                  {{E_TRUNCATED, "sdp", 10, "a rule"},
                   "v=0\r\ns=-\r\n",
                   "truncated at line 2 (offset 10): a rule"},
                  {{E_MALFORMED, "sdp", 5, "a rule"}, NULL, "malformed: a rule"},
                  {{E_STATE, "jsep", 0, "a rule"}, "v=0\r\n", "state: a rule"}};
    char text[128];
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct bytes description = {NULL, 0};
        if (faults[i].description) description = bytes_of(faults[i].description);
        ck_assert_str_eq(callevents_fault(&faults[i].fault, description, text, sizeof text),
                         faults[i].text);
    }
}
END_TEST

SUITE("apps callevents", states_of_a_call_that_connects, a_failure_has_its_layer_and_reason,
      faults_of_descriptions_have_lines)
