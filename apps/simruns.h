/* Many simulated calls, one for each seed, and a table of how they ended; and making one that
 * failed as short as it can be. */
#ifndef DUET_APPS_SIMRUNS_H
#define DUET_APPS_SIMRUNS_H

#include "apps/options.h"
#include "apps/simcall.h"

/* Both sides' certificates, made once: the same in every run. */
struct simruns {
    struct dtls_identity *identity[SIDES];
    struct protect *prepared; /* rtp/protect.h */
};

/* Tames OpenSSL's clock and luck (sim/hostclock.h). False: no memory. */
bool simruns_begin(struct simruns *runs);
void simruns_end(struct simruns *runs);

/* The words of the run of `seed`: those given, or, if none are, a world drawn from the grid. */
void simruns_words(struct scenario_words *words, const struct option_list *given, uint64_t seed);
/* A call that is ready to be stepped through, or NULL: `why` says which word is wrong. */
struct simcall *simruns_call(const struct simruns *runs, const struct scenario_words *words,
                             char *why, size_t room);
/* A whole call; false: `why` says which word is wrong. */
bool simruns_one(const struct simruns *runs, const struct scenario_words *words,
                 struct simcall_outcome *outcome, char *why, size_t room);

/* `count` calls from seed `first` on, and the table, to stdout. With `against`, a word such as
 * "attack=none", each call is run once more with it, and the table says what the difference cost.
 * False: one of them broke a rule. */
bool simruns_many(const struct simruns *runs, const struct option_list *given, const char *against,
                  uint64_t first, uint64_t count, bool json);
/* Takes away from the words, and halves, what the call can do without and still end as it did.
 * False: it ended well. */
bool simruns_shrink(const struct simruns *runs, struct scenario_words *words);

#endif
