/* How many simulated calls ended: their kinds with the first seeds of each, and how soon they were
 * connected. What `duet sim --runs` prints. */
#ifndef DUET_APPS_SIMTABLE_H
#define DUET_APPS_SIMTABLE_H

#include "apps/simcall.h"

#define SIMTABLE_KEY_MAX 320

struct simtable; /* opaque */

/* For up to `room` calls. NULL: no memory. */
struct simtable *simtable_new(uint64_t room);
void simtable_free(struct simtable *table); /* NULL is fine */

/* The call of `seed` ended so. */
void simtable_enter(struct simtable *table, const struct simcall_outcome *outcome, uint64_t seed);
/* The same call ended so in the world that the table's is held against. */
void simtable_compare(struct simtable *table, const struct simcall_outcome *outcome,
                      const struct simcall_outcome *against, uint64_t seed);
/* Heap bytes in use now: what the libraries keep is there after a tenth of the calls, and must not
 * have grown at their end. */
void simtable_heap(struct simtable *table, bool at_end);
uint64_t simtable_broken(const struct simtable *table); /* calls that broke a rule, in either */
/* To stdout; `against` is what was compared with, or NULL. Once: it sorts. */
void simtable_print(struct simtable *table, const char *against, bool json);

/* How a call ended: what two calls can have in common, without their numbers. */
void simtable_key(const struct simcall_outcome *outcome, char key[SIMTABLE_KEY_MAX]);

#endif
