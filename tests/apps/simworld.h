/* A call of the simulator for tests of what looks at one. */
#ifndef DUET_TESTS_APPS_SIMWORLD_H
#define DUET_TESTS_APPS_SIMWORLD_H

#include "apps/simruns.h"
#include "tests/suite.h"

/* The call in this world: words as `duet sim` takes them, with blanks between. The caller's to
 * free; `runs` has begun. */
static inline struct simcall *simworld_call(struct simruns *runs, const char *world)
{
    struct scenario_words words = {.count = 0};
    char copy[512], why[256];
    snprintf(copy, sizeof copy, "%s", world);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        ck_assert_int_eq(scenario_add(&words, word), OK);
    struct simcall *call = simruns_call(runs, &words, why, sizeof why);
    ck_assert_msg(call != NULL, "%s", why);
    return call;
}

#endif
