/* `duet sim`: whole calls in virtual time. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "apps/command.h"
#include "apps/simladder.h"
#include "apps/simruns.h"

static const char help_head[] =
    "usage: duet sim [--seed N] [--runs N | --replay SEED | --shrink SEED] [--all] [SPEC ...]\n"
    "\n"
    "Two peers on a simulated network in virtual time; prints the ladder of what crossed the "
    "wire.\n"
    "The same seed and SPEC print the same bytes on every machine.\n"
    "\n"
    "  --seed N               which run; with --runs the first one (default 1)\n"
    "  --runs N               so many calls, one for each seed, and a table of how they ended. "
    "Without\n"
    "                         a SPEC each seed draws its own world from a grid of plagues\n"
    "  --against WORD         with --runs: each call once more with this word of SPEC instead, and "
    "how\n"
    "                         many of them the difference lost or made later\n"
    "  --replay SEED          one of those again, with its ladder\n"
    "  --shrink SEED          of a call that failed: the shortest SPEC that still ends so\n"
    "  --json                 the table of --runs for programs, an object a line\n"
    "  --all                  each packet of media has its line too\n"
    "\n"
    "SPEC:\n";

static const char help_tail[] = "\nexamples:\n"
                                "  duet sim --seed 7 loss=5% delay=50ms nat-a=symmetric\n"
                                "  duet sim fault=fingerprint\n"
                                "  duet sim --runs 10000\n"
                                "  duet sim --runs 1000 loss=30% delay=50ms\n"
                                "  duet sim --runs 1000 loss=2% attack=off-path --against "
                                "attack=none\n";

/* As one would type it: what a shell would take apart is quoted. */
static void print_words(const struct scenario_words *words)
{
    printf("duet sim");
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->word[i];
        const char *quote = strpbrk(word, ";*? ") ? "'" : "";
        if (strncmp(word, "seed=", 5) == 0)
            printf(" --seed %s", word + 5);
        else
            printf(" %s%s%s", quote, word, quote);
    }
    printf("\n\n");
}

/* One call with its ladder. */
static int show(const struct simruns *runs, const struct scenario_words *words, bool all)
{
    char why[256];
    struct simcall_step step;
    struct simladder ladder;
    struct simcall *call = simruns_call(runs, words, why, sizeof why);
    if (!call) return command_usage("sim", why);
    if (!simladder_begin(&ladder, all)) {
        simcall_free(call);
        fprintf(stderr, "duet sim: out of memory\n");
        return EXIT_COULD_NOT;
    }
    print_words(words);
    while (simcall_step(call, &step)) simladder_step(&ladder, call, &step);
    simladder_end(&ladder, call);
    bool held = simcall_outcome(call)->broken == NULL;
    simcall_free(call);
    return held ? EXIT_DONE : EXIT_COULD_NOT;
}

static int shrink(const struct simruns *runs, struct scenario_words *words, bool all)
{
    if (simruns_shrink(runs, words)) return show(runs, words, all);
    fprintf(stderr, "duet sim: this call ended well: there is nothing to look for\n");
    return EXIT_COULD_NOT;
}

/* False: `why` says which word is wrong. */
static bool can_run(const struct scenario_words *words, char *why, size_t room)
{
    struct scenario scenario;
    return scenario_read(&scenario, words, why, room) == OK;
}

static bool sets_seed(const char *word)
{
    return word && strncmp(word, "seed=", 5) == 0;
}

/* --runs counts in this word from call to call, --replay and --shrink set it: one that is given
 * besides would make each call the same one, under another name. */
static bool seed_is_given(const struct option_list *given, const char *against)
{
    for (size_t i = 0; i < given->count; i++)
        if (sets_seed(given->items[i])) return true;
    return sets_seed(against);
}

int command_sim(int argc, char **argv)
{
    long seed = 1, count = 0, replay = -1, shrunk = -1;
    const char *against = NULL;
    bool json = false, all = false, help = false;
    struct option_list given;
    struct simruns runs;
    struct scenario_words words;
    char error[256] = "too many words";
    const struct option options[] = {{"--seed", OPTION_NUMBER, &seed, 0, LONG_MAX, NULL},
                                     {"--runs", OPTION_NUMBER, &count, 1, 100000000, NULL},
                                     {"--against", OPTION_TEXT, &against, 0, 0, NULL},
                                     {"--replay", OPTION_NUMBER, &replay, 0, LONG_MAX, NULL},
                                     {"--shrink", OPTION_NUMBER, &shrunk, 0, LONG_MAX, NULL},
                                     {"--all", OPTION_FLAG, &all, 0, 0, NULL},
                                     {"--json", OPTION_FLAG, &json, 0, 0, NULL},
                                     {"--help", OPTION_FLAG, &help, 0, 0, NULL}};
    if (!options_parse(options, COUNT(options), argc, argv, &given, OPTION_LIST_MAX, error,
                       sizeof error))
        return command_usage("sim", error);
    if (help) {
        printf("%s%s%s", help_head, scenario_help, help_tail);
        return EXIT_DONE;
    }
    if ((count > 0) + (replay >= 0) + (shrunk >= 0) > 1)
        return command_usage("sim", "only one of --runs, --replay and --shrink at a time");
    if (against && count == 0) return command_usage("sim", "--against goes with --runs");
    /* A plain `duet sim` is a quiet world; only --runs, --replay and --shrink draw from the grid.
     */
    bool draws = count > 0 || replay >= 0 || shrunk >= 0;
    if (draws && seed_is_given(&given, against))
        return command_usage("sim", "--runs, --replay and --shrink set the seed themselves: no "
                                    "seed= beside them (--seed is the first of --runs)");
    if (!draws && given.count == 0) given.items[given.count++] = "delay=20ms";
    uint64_t which = (uint64_t)(replay >= 0 ? replay : shrunk >= 0 ? shrunk : seed);
    simruns_words(&words, &given, which);
    if (!can_run(&words, error, sizeof error)) return command_usage("sim", error);
    struct scenario_words other = words;
    if (against && (scenario_set(&other, against) != OK || !can_run(&other, error, sizeof error)))
        return command_usage("sim", error);
    if (!simruns_begin(&runs)) {
        fprintf(stderr, "duet sim: out of memory\n");
        return EXIT_COULD_NOT;
    }
    int status;
    if (count > 0)
        status = simruns_many(&runs, &given, against, which, (uint64_t)count, json)
                     ? EXIT_DONE
                     : EXIT_COULD_NOT;
    else if (shrunk >= 0)
        status = shrink(&runs, &words, all);
    else
        status = show(&runs, &words, all);
    simruns_end(&runs);
    return status;
}
