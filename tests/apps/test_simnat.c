/* Which NATs let two peers meet, by RFC 4787's words, and that ours do meet there, quickly.
 *
 * Both sides have a STUN server and signaling. What a side sends from behind mappings that depend
 * on the destination comes from a port that nobody was told. The other side can take that only if
 * its filter looks at addresses alone, or at nothing; and it learns the port from that check. So
 * a pair fails just where such a mapping meets a filter that looks at ports (RFC 5128 §3.3.5). */
#include "tests/suite.h"

#include "apps/simruns.h"

#define QUICK MS(500) /* with 20 ms for each way through the network and the signaling */

static const struct kind {
    const char *name;
    bool mapping_varies;   /* address- and port-dependent mapping, RFC 4787 §4.1 */
    bool filter_has_ports; /* address- and port-dependent filtering, RFC 4787 §5 */
} kinds[] = {{"full-cone", false, false},
             {"restricted", false, false},
             {"port-restricted", false, true},
             {"symmetric", true, true},
             {"firewall", false, true}};

static bool can_meet(const struct kind *a, const struct kind *b)
{
    return !(a->mapping_varies && b->filter_has_ports) &&
           !(b->mapping_varies && a->filter_has_ports);
}

static struct simcall_outcome run(const struct simruns *runs, const struct kind *a,
                                  const struct kind *b, uint64_t seed, const char *more)
{
    struct scenario_words words = {.count = 0};
    struct simcall_outcome outcome;
    char word[SCENARIO_WORD_MAX], why[256];
    static const char *const common[] = {"delay=20ms", "media=20ms"};
    snprintf(word, sizeof word, "seed=%llu", (unsigned long long)seed);
    scenario_add(&words, word);
    snprintf(word, sizeof word, "nat-a=%s", a->name);
    scenario_add(&words, word);
    snprintf(word, sizeof word, "nat-b=%s", b->name);
    scenario_add(&words, word);
    for (size_t i = 0; i < COUNT(common); i++) scenario_add(&words, common[i]);
    if (more) scenario_add(&words, more);
    ck_assert_msg(simruns_one(runs, &words, &outcome, why, sizeof why), "%s", why);
    ck_assert_msg(!outcome.broken, "%s and %s: broken: %s", a->name, b->name, outcome.broken);
    return outcome;
}

static void table(const char *more, usec within, uint64_t seeds)
{
    struct simruns runs;
    ck_assert(simruns_begin(&runs));
    for (size_t a = 0; a < COUNT(kinds); a++)
        for (size_t b = 0; b < COUNT(kinds); b++)
            for (uint64_t seed = 1; seed <= seeds; seed++) {
                bool should = can_meet(&kinds[a], &kinds[b]);
                struct simcall_outcome o = run(&runs, &kinds[a], &kinds[b], seed, more);
                ck_assert_msg(o.connected == should, "%s and %s, seed %d: %s", kinds[a].name,
                              kinds[b].name, (int)seed, o.connected ? "connected" : o.reason);
                if (should)
                    ck_assert_msg(o.connect_us <= within, "%s and %s, seed %d: %d ms",
                                  kinds[a].name, kinds[b].name, (int)seed,
                                  (int)(o.connect_us / 1000));
                else
                    ck_assert_msg(o.layer && strcmp(o.layer, "ice") == 0, "%s and %s: %s",
                                  kinds[a].name, kinds[b].name, o.reason);
            }
    simruns_end(&runs);
}

START_TEST(who_can_meet_meets_quickly)
{
    table(NULL, QUICK, 2);
}
END_TEST

START_TEST(who_can_meet_meets_over_a_lossy_path)
{
    table("loss=10%", SEC(4), 2);
}
END_TEST

SUITE("apps simnat", who_can_meet_meets_quickly, who_can_meet_meets_over_a_lossy_path)
