#include "tests/suite.h"

#include "apps/scenario.h"

static struct scenario read_words(const char *const *words, size_t count)
{
    struct scenario_words list = {.count = 0};
    struct scenario s;
    char why[256] = "";
    for (size_t i = 0; i < count; i++) ck_assert_int_eq(scenario_add(&list, words[i]), OK);
    ck_assert_msg(scenario_read(&s, &list, why, sizeof why) == OK, "%s", why);
    return s;
}

#define READ(...)                                                                                  \
    read_words((const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

START_TEST(nothing_said_is_a_quiet_world)
{
    struct scenario_words none = {.count = 0};
    struct scenario s;
    char why[256];
    ck_assert_int_eq(scenario_read(&s, &none, why, sizeof why), OK);
    ck_assert_int_eq(s.link[0].count, 1);
    ck_assert_int_eq(s.link[0].steps[0].spec.delay, MS(20));
    ck_assert_uint_eq(s.link[1].steps[0].spec.loss_ppm, 0);
    ck_assert(!s.stun);
    ck_assert(s.trickle && s.video && !s.codecs);
    ck_assert_int_eq(s.fault, FAULT_NONE);
}
END_TEST

START_TEST(the_path_is_the_links_own_language)
{
    struct scenario s = READ("loss=5%", "delay=50ms", "reorder=1%", "codel", "rate=1mbit");
    for (int i = 0; i < 2; i++) {
        ck_assert_uint_eq(s.link[i].steps[0].spec.loss_ppm, 50000);
        ck_assert_int_eq(s.link[i].steps[0].spec.delay, MS(50));
        ck_assert_int_eq(s.link[i].steps[0].spec.queue, SIM_CODEL);
    }
    ck_assert_int_eq(READ("loss=5%").link[0].steps[0].spec.delay, MS(20)); /* the usual one */
}
END_TEST

START_TEST(one_way_may_be_another)
{
    struct scenario s = READ("link-b=0s:delay=1ms;5s:loss=100%", "loss=10%");
    ck_assert_uint_eq(s.link[0].steps[0].spec.loss_ppm, 100000);
    ck_assert_uint_eq(s.link[1].count, 2);
    ck_assert_int_eq(s.link[1].steps[1].at, SEC(5));
    ck_assert_uint_eq(s.link[1].steps[1].spec.loss_ppm, SIM_PPM);
}
END_TEST

START_TEST(nats_one_or_two_in_a_row)
{
    struct scenario s = READ("nat-a=symmetric:hairpin+full-cone", "nat-b=blocked", "rebind-a=2s");
    ck_assert_uint_eq(s.nat_count[0], 2);
    ck_assert_int_eq(s.nat[0][0].mapping, SIM_NAT_ADDRESS_AND_PORT_DEPENDENT);
    ck_assert(s.nat[0][0].hairpin);
    ck_assert_int_eq(s.nat[0][1].mapping, SIM_NAT_ENDPOINT_INDEPENDENT);
    ck_assert(s.nat[1][0].blocked);
    ck_assert(s.stun);
    ck_assert_int_eq(s.rebind_at[0], SEC(2));
    ck_assert_int_eq(s.rebind_at[1], 0);
    s = READ("rebind-b=3min");
    ck_assert_int_eq(s.rebind_at[0], 0);
    ck_assert_int_eq(s.rebind_at[1], SEC(180));
    ck_assert(!READ("nat-a=symmetric", "stun=off").stun);
}
END_TEST

START_TEST(the_rest_of_the_words)
{
    struct scenario s =
        READ("seed=9", "family=both", "trickle=off", "signal=1s", "media=10s", "video=off",
             "codecs=real", "attack=peer", "attack-rate=50", "fault=dtls-silent", "linger=2s");
    ck_assert_uint_eq(s.seed, 9);
    ck_assert_int_eq(s.family, FAMILY_BOTH);
    ck_assert(!s.trickle && !s.video && s.codecs);
    ck_assert_int_eq(s.signal, SEC(1));
    ck_assert_int_eq(s.media, SEC(10));
    ck_assert_int_eq(s.linger, SEC(2));
    ck_assert_int_eq(s.attack, ATTACK_PEER);
    ck_assert_uint_eq(s.attack_rate, 50);
    ck_assert_int_eq(s.fault, FAULT_DTLS_SILENT);
}
END_TEST

START_TEST(wrong_words_are_named)
{
    static const struct {
        const char *word, *named;
    } wrong[] = {
        {"loss=lots", "loss=lots"},
        {"nonsense", "nonsense"},
        {"nat-a=cubic", "nat-a=cubic"},
        {"nat-a=none+none+none", "at most 2"},
        {"family=5", "family=5"},
        {"stun=maybe", "stun=maybe"},
        {"fault=bad", "fault=bad"},
        {"attack=me", "attack=me"},
        {"seed=x", "seed=x"},
        {"media=", "media="},
        {"link-a=0s:loss", "link-a"},
        {"attack-rate=0", "attack-rate=0"},
        {"attack-rate=100001", "attack-rate"},
        {"attack-rate=many", "attack-rate"},
        {"media=1000000d", "media="},
        {"rebind-b=soon", "rebind-b"},
        {"codecs=fake", "codecs=fake"},
        {"=", "="},
        {"signal=1 parsec", "signal=1"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct scenario_words list = {.count = 0};
        struct scenario s;
        char why[256] = "";
        ck_assert_int_eq(scenario_add(&list, "delay=1ms"), OK);
        ck_assert_int_eq(scenario_add(&list, wrong[i].word), OK);
        ck_assert_msg(scenario_read(&s, &list, why, sizeof why) == E_MALFORMED, "%s",
                      wrong[i].word);
        ck_assert_msg(strstr(why, wrong[i].named) != NULL, "%s: %s", wrong[i].word, why);
    }
}
END_TEST

START_TEST(a_word_given_twice_is_refused)
{
    static const char *const twice[][2] = {
        {"nat-a=none", "nat-a=full-cone"}, {"seed=1", "seed=1"}, {"loss=1%", "loss=2%"}};
    for (size_t i = 0; i < COUNT(twice); i++) {
        struct scenario_words list = {.count = 0};
        struct scenario s;
        char why[256] = "";
        for (int k = 0; k < 2; k++) ck_assert_int_eq(scenario_add(&list, twice[i][k]), OK);
        ck_assert_int_eq(scenario_read(&s, &list, why, sizeof why), E_MALFORMED);
        ck_assert_ptr_nonnull(strstr(why, "twice"));
        ck_assert_ptr_nonnull(strstr(why, twice[i][1]));
    }
}
END_TEST

START_TEST(words_have_bounds)
{
    struct scenario_words list = {.count = 0};
    char longest[SCENARIO_WORD_MAX + 8];
    memset(longest, 'a', sizeof longest);
    longest[SCENARIO_WORD_MAX] = '\0';
    ck_assert_int_eq(scenario_add(&list, longest), E_FULL);
    for (int i = 0; i < SCENARIO_WORDS_MAX; i++) ck_assert_int_eq(scenario_add(&list, "a"), OK);
    ck_assert_int_eq(scenario_add(&list, "a"), E_FULL);
    /* Together they are longer than a link's text may be. */
    struct scenario s;
    char why[256] = "";
    list.count = 0;
    memset(longest, 'b', sizeof longest);
    longest[SCENARIO_WORD_MAX - 1] = '\0';
    for (int i = 0; i < SCENARIO_WORDS_MAX; i++) {
        longest[0] = (char)('A' + i);
        ck_assert_int_eq(scenario_add(&list, longest), OK);
    }
    ck_assert_int_eq(scenario_read(&s, &list, why, sizeof why), E_MALFORMED);
    ck_assert_str_eq(why, "too many words");
}
END_TEST

START_TEST(every_drawn_world_can_be_read)
{
    unsigned lossy = 0, natted = 0;
    for (uint64_t seed = 0; seed < 5000; seed++) {
        struct scenario_words words, again;
        struct scenario s;
        char why[256] = "";
        scenario_draw(&words, seed);
        ck_assert_msg(scenario_read(&s, &words, why, sizeof why) == OK, "%s", why);
        ck_assert_uint_eq(s.seed, seed);
        lossy += s.link[0].steps[0].spec.loss_ppm > 0;
        natted += s.nat_count[0] > 0 && s.nat_count[1] > 0;
        scenario_draw(&again, seed);
        ck_assert_uint_eq(again.count, words.count);
        for (size_t i = 0; i < words.count; i++) ck_assert_str_eq(again.word[i], words.word[i]);
    }
    ck_assert_uint_gt(lossy, 2000);
    ck_assert_uint_gt(natted, 2000);
}
END_TEST

START_TEST(a_word_takes_the_place_of_one_with_its_key)
{
    struct scenario_words words = {.count = 0};
    char longest[SCENARIO_WORD_MAX + 1];
    memset(longest, 'x', SCENARIO_WORD_MAX);
    longest[SCENARIO_WORD_MAX] = '\0';
    ck_assert_int_eq(scenario_set(&words, "loss=5%"), OK);
    ck_assert_int_eq(scenario_set(&words, "codel"), OK);
    ck_assert_int_eq(scenario_set(&words, "loss=7%"), OK);
    ck_assert_int_eq(scenario_set(&words, "los=1%"), OK); /* another key */
    ck_assert_int_eq(scenario_set(&words, "codel=on"), OK);
    ck_assert_uint_eq(words.count, 3);
    ck_assert_str_eq(words.word[0], "loss=7%");
    ck_assert_str_eq(words.word[1], "codel=on");
    ck_assert_str_eq(words.word[2], "los=1%");
    memcpy(longest, "loss=", 5);
    ck_assert_int_eq(scenario_set(&words, longest), E_FULL);
    ck_assert_str_eq(words.word[0], "loss=7%");
    while (words.count < SCENARIO_WORDS_MAX) scenario_add(&words, "more=1");
    ck_assert_int_eq(scenario_set(&words, "another=1"), E_FULL);
    ck_assert_int_eq(scenario_set(&words, "loss=8%"), OK);
}
END_TEST

SUITE("apps scenario", a_word_takes_the_place_of_one_with_its_key, nothing_said_is_a_quiet_world,
      the_path_is_the_links_own_language, one_way_may_be_another, nats_one_or_two_in_a_row,
      the_rest_of_the_words, wrong_words_are_named, a_word_given_twice_is_refused,
      words_have_bounds, every_drawn_world_can_be_read)
