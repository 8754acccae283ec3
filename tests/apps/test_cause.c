/* Broken situations in the simulator: each names its true cause, and the section that rules. */
#include "tests/suite.h"

#include "apps/cause.h"
#include "tests/apps/simworld.h"

static struct simruns runs;

/* What whoever failed first knew of it. */
static struct cause cause_in(const char *world)
{
    struct simcall *call = simworld_call(&runs, world);
    struct simcall_step step;
    struct cause cause = {.text = ""};
    while (simcall_step(call, &step))
        if (step.type == SIMCALL_STATE && step.as.state == PEER_FAILED && !cause.text[0])
            cause_of(simcall_side(call, step.side)->peer, &cause);
    simcall_free(call);
    ck_assert_msg(cause.text[0] != '\0', "%s: nobody failed", world);
    return cause;
}

START_TEST(each_broken_situation_names_its_cause)
{
    static const struct {
        const char *world, *cause, *spec;
    } situations[] = {
        {"fault=fingerprint", "wrong fingerprint: ", "RFC 8122 6.2"},
        {"fault=password", "one way only: ", "RFC 8445 7.2.5.2"},
        {"fault=no-candidates", "no candidates: ", "RFC 8838 13"},
        {"nat-a=blocked", "nothing comes from the other side: ", "RFC 8445 7.2.5.2"},
        {"fault=no-codec", "no common codec: ", "RFC 3264 6.1"},
        {"fault=dtls-silent", "DTLS-silent: ", "RFC 5763 5"},
        {"fault=setup", "wrong setup role: ", "RFC 8842 5.3, RFC 5763 5"},
        {"link-b=0s:loss=100%", "one way only: ", "RFC 8445 7.2.5.2"},
        {"media=60s video=off link-a=0s:delay=20ms;2s:loss=100%",
         "the path was lost in mid-call: ", "RFC 7675 5.1"},
        {"fault=profile", "no SRTP profile in common: ", "RFC 5764 4.1.2"},
        {"fault=no-answer", "no answer came to our offer", ""},
    };
    ck_assert(simruns_begin(&runs));
    for (size_t i = 0; i < COUNT(situations); i++) {
        struct cause cause = cause_in(situations[i].world);
        ck_assert_msg(strncmp(cause.text, situations[i].cause, strlen(situations[i].cause)) == 0,
                      "%s: %s", situations[i].world, cause.text);
        ck_assert_str_eq(cause.spec, situations[i].spec);
    }
    simruns_end(&runs);
}
END_TEST

/* The lines, in this order, are all that A says it waits for until it is connected or has failed.
 */
static void must_wait_for(const char *world, const char *const lines[], size_t count)
{
    struct simcall *call = simworld_call(&runs, world);
    const struct peer *a = simcall_side(call, SIDE_A)->peer;
    struct simcall_step step;
    char now[128], last[128] = "";
    size_t said = 0;
    do {
        if (peer_why(a).cause != PEER_CAUSE_NONE || peer_connected_at(a)) break;
        cause_waiting(a, now, sizeof now);
        if (strcmp(now, last) == 0) continue;
        ck_assert_msg(said < count && strcmp(now, lines[said]) == 0, "%s: %s", world, now);
        memcpy(last, now, sizeof last);
        said++;
    } while (simcall_step(call, &step));
    ck_assert_msg(said == count, "%s: %s is missing", world, lines[said]);
    simcall_free(call);
}

#define WAITS(world, ...)                                                                          \
    must_wait_for(world, (const char *const[]){__VA_ARGS__},                                       \
                  COUNT(((const char *const[]){__VA_ARGS__})))

START_TEST(a_call_that_is_not_connected_says_what_it_waits_for)
{
    static const char no_offer[] = "signaling: no offer and no answer came";
    static const char no_answer[] = "signaling: no answer came to our offer";
    static const char no_path[] = "ice: no answer to a check yet";
    ck_assert(simruns_begin(&runs));
    WAITS("video=off", no_offer, no_answer, no_path, "dtls: the handshake did not end");
    WAITS("fault=dtls-silent", no_offer, no_answer, no_path,
          "dtls: no DTLS packet came from the peer");
    WAITS("nat-a=blocked", no_offer, no_answer, no_path);
    WAITS("fault=no-candidates", no_offer, no_answer,
          "ice: the other side has no candidates: waiting for its checks");
    WAITS("fault=no-answer", no_offer, no_answer);
    simruns_end(&runs);
}
END_TEST

START_TEST(a_call_that_nobody_calls_failed_has_a_cause_too)
{
    struct simcall_step step;
    struct cause cause;
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "video=off");
    struct peer *a = simcall_side(call, SIDE_A)->peer;
    cause_of(a, &cause);
    ck_assert_str_eq(cause.text, "no offer and no answer came");
    ck_assert_str_eq(cause.spec, "RFC 3264 5");
    while (peer_lacks(a) != PEER_LACKS_ANSWER) ck_assert(simcall_step(call, &step));
    cause_of(a, &cause);
    ck_assert_str_eq(cause.text, "our offer was never answered");
    while (peer_lacks(a) != PEER_LACKS_PATH) ck_assert(simcall_step(call, &step));
    cause_of(a, &cause);
    ck_assert_int_eq(strncmp(cause.text, "one way only: ", 14), 0);
    ck_assert_str_eq(cause.spec, "RFC 8445 7.2.5.2");
    while (peer_lacks(a) != PEER_LACKS_NOTHING) ck_assert(simcall_step(call, &step));
    cause_of(a, &cause);
    ck_assert_str_eq(cause.text, "connected, but no media that could be decoded came");
    /* One packet of no stream, from where the other side is. */
    static struct packet p;
    const uint8_t rtp[60] = {0x80, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9};
    packet_reset(&p);
    packet_set(&p, (struct bytes){rtp, sizeof rtp});
    ck_assert(ice_selected(peer_ice(a), &p.route));
    ck_assert_int_eq(peer_input(a, &p, simcall_now(call)), E_UNSUPPORTED);
    cause_of(a, &cause);
    ck_assert_ptr_nonnull(strstr(cause.text, "of no stream (1 packets)"));
    ck_assert_str_eq(cause.spec, "RFC 9143 9.2");
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

SUITE("apps cause", each_broken_situation_names_its_cause,
      a_call_that_is_not_connected_says_what_it_waits_for,
      a_call_that_nobody_calls_failed_has_a_cause_too)
