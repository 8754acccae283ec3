/* What a NAT remembers: mappings, and the sessions that its filter goes by. Both are found by hash
 * and forgotten in the order in which they were last renewed, so that no packet looks at more than
 * it needs and nothing has to be searched for what is too old. */
#ifndef DUET_SIM_NATTABLE_H
#define DUET_SIM_NATTABLE_H

#include "sim/nat.h"

struct sim_nat_mapping {
    struct addr inside;
    struct addr remote; /* what of the destination it was made for; family 0: it does not matter */
    struct addr outside;
    uint64_t serial; /* no two mappings ever have the same */
};

/* A packet went from the mapping to `remote`, as far as the filter wants to know. */
struct sim_nat_session {
    uint64_t serial; /* the mapping's: a session of a mapping that is gone is never found */
    struct addr remote;
};

/* The order of renewal among the entries of one array, and which of them are free. */
struct sim_nat_shelf {
    struct sim_nat_age {
        usec renewed;
        uint16_t older, newer;
    } * ages;
    uint16_t oldest, newest;
    uint16_t free;  /* given back; their list goes by `newer` */
    uint16_t fresh; /* from here on none was ever taken */
    uint16_t count, room;
};

/* Entries of one array by a key's hash. */
struct sim_nat_chains {
    uint16_t *heads, *next;
    uint32_t mask;
};

struct sim_nat_table {
    uint64_t serial;
    struct sim_nat_shelf mapping_shelf, session_shelf;
    struct sim_nat_chains by_inside, by_outside, by_session;

    struct sim_nat_mapping mappings[SIM_NAT_MAPPINGS_MAX];
    struct sim_nat_age mapping_ages[SIM_NAT_MAPPINGS_MAX];
    uint16_t inside_heads[SIM_NAT_MAPPINGS_MAX], inside_next[SIM_NAT_MAPPINGS_MAX];
    uint16_t outside_heads[SIM_NAT_MAPPINGS_MAX], outside_next[SIM_NAT_MAPPINGS_MAX];

    struct sim_nat_session sessions[SIM_NAT_SESSIONS_MAX];
    struct sim_nat_age session_ages[SIM_NAT_SESSIONS_MAX];
    uint16_t session_heads[SIM_NAT_SESSIONS_MAX], session_next[SIM_NAT_SESSIONS_MAX];
};

/* Empty, for at most `mappings` (1 to SIM_NAT_MAPPINGS_MAX). It points into itself: not to be
 * copied. Leaves most of it as it was, which need not be zero. */
void sim_nat_table_init(struct sim_nat_table *t, size_t mappings);
/* Forgets everything; serials go on. */
void sim_nat_table_clear(struct sim_nat_table *t);
/* Forgets what was renewed `expiry` ago or earlier; returns how many mappings that were. */
size_t sim_nat_table_expire(struct sim_nat_table *t, usec expiry, usec now);

/* NULL: there is none. */
struct sim_nat_mapping *sim_nat_by_inside(struct sim_nat_table *t, const struct addr *inside,
                                          const struct addr *remote);
struct sim_nat_mapping *sim_nat_by_outside(struct sim_nat_table *t, const struct addr *outside);
struct sim_nat_session *sim_nat_session_find(struct sim_nat_table *t,
                                             const struct sim_nat_mapping *m,
                                             const struct addr *remote);

/* Renewed now; there must be none yet. `now` never goes back. NULL: full. */
struct sim_nat_mapping *sim_nat_mapping_add(struct sim_nat_table *t, const struct addr *inside,
                                            const struct addr *remote, const struct addr *outside,
                                            usec now);
struct sim_nat_session *sim_nat_session_add(struct sim_nat_table *t,
                                            const struct sim_nat_mapping *m,
                                            const struct addr *remote, usec now);

void sim_nat_mapping_renew(struct sim_nat_table *t, const struct sim_nat_mapping *m, usec now);
void sim_nat_session_renew(struct sim_nat_table *t, const struct sim_nat_session *s, usec now);

#endif
