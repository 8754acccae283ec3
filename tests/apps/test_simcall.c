/* Whole calls in virtual time, by what `duet sim` runs them with. The grid's 2,000 worlds are
 * tests/programs/sim.test.js. */
#include "tests/suite.h"

#include "apps/simladder.h"
#include "tests/apps/simworld.h"

static struct simruns runs;

static void begin(void)
{
    ck_assert(simruns_begin(&runs));
}

static void end(void)
{
    simruns_end(&runs);
}

/* Runs "seed=1 loss=5%..."; nothing may be broken. */
static struct simcall_outcome run(const char *text)
{
    struct scenario_words words = {.count = 0};
    struct simcall_outcome outcome;
    char copy[512], why[256];
    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        ck_assert_int_eq(scenario_add(&words, word), OK);
    ck_assert_msg(simruns_one(&runs, &words, &outcome, why, sizeof why), "%s", why);
    ck_assert_msg(!outcome.broken, "%s: broken: %s", text, outcome.broken);
    return outcome;
}

/* A call to step through; media counts are looked at before it is freed. */
static struct simcall *finished(const char *text)
{
    struct simcall_step step;
    struct simcall *call = simworld_call(&runs, text);
    while (simcall_step(call, &step)) continue;
    return call;
}

START_TEST(a_quiet_world_connects_and_delivers_everything)
{
    begin();
    struct simcall *call = finished("delay=10ms media=2s");
    const struct simcall_outcome *o = simcall_outcome(call);
    ck_assert(o->connected && !o->layer && !o->broken);
    for (int i = 0; i < SIDES; i++) {
        const struct simmedia *sound = &simcall_side(call, i)->media[SOUND];
        const struct simmedia *picture = &simcall_side(call, i)->media[PICTURE];
        ck_assert_uint_ge(sound->sent, 100);
        ck_assert_uint_ge(sound->received + 2, sound->sent); /* the last ones met a goodbye */
        ck_assert_uint_ge(picture->sent, 60);
        ck_assert_uint_ge(picture->received + 2, picture->sent);
        ck_assert_int_le(sound->longest_gap, MS(21));
    }
    simcall_free(call);
    end();
}
END_TEST

START_TEST(inv_14_same_seed_same_bytes_whatever_ran_before)
{
    static const char *const worlds[] = {"seed=5 loss=10% nat-a=symmetric media=1s",
                                         "seed=5 family=6 trickle=off media=1s",
                                         "seed=5 attack=on-path media=1s"};
    begin();
    for (size_t i = 0; i < COUNT(worlds); i++) {
        struct simcall_outcome first = run(worlds[i]), again = run(worlds[i]);
        ck_assert_uint_eq(first.digest, again.digest);
        ck_assert_uint_eq(first.packets, again.packets);
        run("seed=6 media=10ms");
        ck_assert_uint_eq(run(worlds[i]).digest, first.digest);
    }
    ck_assert_uint_ne(run("seed=1 media=10ms").digest, run("seed=2 media=10ms").digest);
    end();
    /* Nor does it matter which process: everything made anew. */
    begin();
    uint64_t digest = run(worlds[0]).digest;
    end();
    begin();
    ck_assert_uint_eq(run(worlds[0]).digest, digest);
    end();
}
END_TEST

START_TEST(every_kind_of_world_connects)
{
    static const char *const worlds[] = {
        "family=6 media=100ms",
        "family=both media=100ms",
        "trickle=off media=100ms",
        "nat-a=full-cone nat-b=restricted media=100ms",
        "nat-a=port-restricted nat-b=port-restricted media=100ms",
        "nat-a=symmetric nat-b=restricted media=100ms",
        "nat-a=port-restricted+full-cone media=100ms",
        "family=6 nat-a=firewall nat-b=firewall media=100ms",
        "signal=2s media=100ms",
        "mtu=1280 media=100ms",
        "rate=1mbit codel media=1s",
        "dup=20% reorder=20% jitter=30ms corrupt=1% media=1s",
        "link-b=0s:delay=300ms link-a=0s:delay=1ms media=100ms",
    };
    begin();
    for (size_t i = 0; i < COUNT(worlds); i++) {
        struct simcall_outcome o = run(worlds[i]);
        ck_assert_msg(o.connected && !o.layer, "%s: %s: %s", worlds[i], o.layer ? o.layer : "?",
                      o.reason);
    }
    end();
}
END_TEST

START_TEST(what_cannot_connect_says_why)
{
    static const struct {
        const char *world, *layer, *reason;
    } worlds[] = {
        {"fault=fingerprint", "dtls", "fingerprint"},
        {"fault=password", "ice", "no answer"},
        {"fault=no-candidates", "ice", "candidate"},
        {"fault=no-answer", "signaling", "no answer"},
        {"fault=no-codec", "sdp", "no codec in common"},
        {"fault=setup", "sdp", "setup"},
        {"fault=dtls-silent", "dtls", "no DTLS"},
        {"nat-a=blocked", "ice", "no answer"},
        {"nat-a=symmetric nat-b=symmetric", "ice", "no answer"},
        {"loss=100%", "ice", "no answer"},
        {"link-b=0s:loss=100%", "ice", "no answer"},
        {"media=60s video=off link-a=0s:delay=20ms;2s:loss=100%", "ice", "consent"},
    };
    begin();
    for (size_t i = 0; i < COUNT(worlds); i++) {
        struct simcall_outcome o = run(worlds[i].world);
        ck_assert_msg(o.layer && strcmp(o.layer, worlds[i].layer) == 0, "%s: %s: %s",
                      worlds[i].world, o.layer ? o.layer : "?", o.reason);
        ck_assert_msg(strstr(o.reason, worlds[i].reason) != NULL, "%s: %s", worlds[i].world,
                      o.reason);
    }
    end();
}
END_TEST

START_TEST(a_nat_that_forgets_costs_a_moment_not_the_call)
{
    begin();
    struct simcall *call =
        finished("nat-a=full-cone nat-b=full-cone rebind-a=2s media=20s video=off");
    const struct simcall_outcome *o = simcall_outcome(call);
    ck_assert(o->connected && !o->broken);
    ck_assert_msg(!o->layer, "%s: %s", o->layer ? o->layer : "", o->reason);
    for (int i = 0; i < SIDES; i++)
        ck_assert_int_lt(simcall_side(call, i)->media[SOUND].longest_gap, SEC(10));
    simcall_free(call);
    end();
}
END_TEST

START_TEST(real_codecs_deliver_the_test_source)
{
    begin();
    struct simcall *call = finished("codecs=real media=2s delay=10ms");
    ck_assert(simcall_outcome(call)->connected && !simcall_outcome(call)->broken);
    for (int i = 0; i < SIDES; i++) {
        const struct sink *sink = simcall_side(call, i)->codecs.sink;
        ck_assert_uint_ge(sink_video(sink).frames, 55);
        ck_assert_uint_eq(sink_video(sink).good, sink_video(sink).frames);
        ck_assert_double_ge(sink_sound(sink).hz, 430);
        ck_assert_double_le(sink_sound(sink).hz, 450);
    }
    simcall_free(call);
    end();
}
END_TEST

/* Invariants 1, 4, 6, 14: a thousand packets a second from somebody off the path. */
START_TEST(inv_1_a_stranger_costs_no_call_and_no_time)
{
    begin();
    for (int seed = 1; seed <= 20; seed++) {
        char quiet[128], noisy[256];
        snprintf(quiet, sizeof quiet, "seed=%d loss=2%% media=300ms signal=%dms", seed,
                 seed % 2 ? 20 : 500);
        snprintf(noisy, sizeof noisy, "%s attack=off-path", quiet);
        struct simcall_outcome without = run(quiet), with = run(noisy);
        ck_assert(without.connected && with.connected);
        ck_assert_msg(!with.layer, "%s: %s", noisy, with.reason);
        ck_assert_int_le(with.connect_us, without.connect_us + MS(100));
    }
    end();
}
END_TEST

START_TEST(a_rogue_peer_stays_within_bounds)
{
    begin();
    for (int seed = 1; seed <= 10; seed++) {
        char world[128];
        snprintf(world, sizeof world, "seed=%d attack=peer media=3s nat-a=restricted", seed);
        ck_assert(run(world).connected); /* nothing broken: run() saw to that */
    }
    end();
}
END_TEST

START_TEST(drawn_worlds_keep_all_rules)
{
    begin();
    const struct option_list none = {.count = 0};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct scenario_words words;
        struct simcall_outcome o;
        char why[256];
        simruns_words(&words, &none, seed);
        ck_assert(simruns_one(&runs, &words, &o, why, sizeof why));
        ck_assert_msg(!o.broken, "seed %d: %s", (int)seed, o.broken);
    }
    end();
}
END_TEST

/* Worlds in which a rule was broken once. */
START_TEST(what_broke_a_rule_once_does_not_again)
{
    static const char *const worlds[] = {
        /* a stranger's close_notify in clear ended the handshake without a word */
        ("seed=1137 loss=10% nat-a=port-restricted+full-cone trickle=off signal=200ms "
         "attack=off-path fault=password"),
        /* and a fatal alert at once */
        "seed=8 attack=off-path",
        /* records of an epoch with keys, too short for a tag: OpenSSL 3.0.19 */
        "seed=1 loss=2% attack=off-path media=100ms",
        /* records that looked like a Finished used up what the true one needed; and a stranger's
         * ChangeCipherSpec let a Finished be read that had overtaken the true one */
        ("seed=452174 loss=20% burst=3%/40% delay=300ms jitter=30ms reorder=10% corrupt=0.1% "
         "nat-a=symmetric nat-b=symmetric family=6 attack=off-path rebind-a=3s media=2s"),
        /* a state that was over when somebody sent was told only when something came */
        ("seed=496485 loss=50% delay=300ms reorder=10% nat-a=full-cone nat-b=symmetric "
         "trickle=off signal=1s attack=off-path video=off media=2s"),
        /* a side whose path was gone kept a report due for as long as it was there */
        ("seed=2618 loss=50% delay=300ms reorder=1% dup=1% corrupt=0.1% nat-a=full-cone "
         "nat-b=full-cone signal=1s media=1s linger=5s"),
    };
    begin();
    for (size_t i = 0; i < COUNT(worlds); i++) run(worlds[i]);
    end();
}
END_TEST

START_TEST(a_failing_call_shrinks_to_what_matters)
{
    struct scenario_words words = {.count = 0};
    static const char *const all[] = {"seed=4",     "loss=3%", "dup=4%", "fault=fingerprint",
                                      "delay=40ms", "media=1s"};
    begin();
    for (size_t i = 0; i < COUNT(all); i++) scenario_add(&words, all[i]);
    ck_assert(simruns_shrink(&runs, &words));
    ck_assert_uint_eq(words.count, 2);
    ck_assert_str_eq(words.word[0], "seed=4");
    ck_assert_str_eq(words.word[1], "fault=fingerprint");
    struct scenario_words fine = {.count = 0};
    scenario_add(&fine, "seed=4");
    ck_assert(!simruns_shrink(&runs, &fine));
    end();
}
END_TEST

SUITE("apps simcall", a_quiet_world_connects_and_delivers_everything,
      inv_14_same_seed_same_bytes_whatever_ran_before, every_kind_of_world_connects,
      what_cannot_connect_says_why, a_nat_that_forgets_costs_a_moment_not_the_call,
      real_codecs_deliver_the_test_source, inv_1_a_stranger_costs_no_call_and_no_time,
      a_rogue_peer_stays_within_bounds, drawn_worlds_keep_all_rules,
      what_broke_a_rule_once_does_not_again, a_failing_call_shrinks_to_what_matters)
