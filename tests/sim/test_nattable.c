/* The NAT's memory against a plain array that is searched from end to end. */
#include "sim/nattable.h"
#include "tests/suite.h"

static struct sim_nat_table table;

static struct addr endpoint(uint32_t n)
{
    return addr_ipv4(10, 0, 0, (uint8_t)(n % 7), (uint16_t)(n / 7));
}

/* The outside address of a mapping that belongs to `n`. */
static struct addr outside_of(uint32_t n)
{
    return addr_ipv4(192, 0, 2, 1, (uint16_t)n);
}

#define KEYS 600 /* more than fit */

struct model {
    bool there;
    usec renewed;
};

static const struct addr nobody;

/* One assertion for all: check notes each that it passes. */
static void compare(const struct model *model)
{
    bool same = true;
    for (uint32_t n = 0; n < KEYS; n++) {
        struct addr inside = endpoint(n), outside = outside_of(n);
        const struct sim_nat_mapping *m = sim_nat_by_inside(&table, &inside, &nobody);
        same &= (m != NULL) == model[n].there && sim_nat_by_outside(&table, &outside) == m;
        if (m) same &= addr_equal(&m->inside, &inside) && addr_equal(&m->outside, &outside);
    }
    ck_assert(same);
}

START_TEST(it_is_what_an_array_would_be)
{
    static struct model model[KEYS];
    struct rng rng;
    rng_init_number(&rng, 3);
    memset(&table, 0xAA, sizeof table); /* init does not count on zeros */
    sim_nat_table_init(&table, SIM_NAT_MAPPINGS_MAX);
    usec now = 0;
    size_t there = 0, refused = 0, expired = 0;
    for (int step = 0; step < 20000; step++) {
        uint32_t n = rng_below(&rng, KEYS);
        struct addr inside = endpoint(n), outside = outside_of(n);
        const struct sim_nat_mapping *m = sim_nat_by_inside(&table, &inside, &nobody);
        now += rng_below(&rng, 3);
        if (m) {
            sim_nat_mapping_renew(&table, m, now);
            model[n].renewed = now;
        } else if (sim_nat_mapping_add(&table, &inside, &nobody, &outside, now)) {
            model[n] = (struct model){true, now};
            there++;
        } else {
            ck_assert_uint_eq(there, SIM_NAT_MAPPINGS_MAX);
            refused++;
        }
        if (step % 50 == 0) { /* seldom enough that it gets full */
            size_t gone = 0;
            for (n = 0; n < KEYS; n++) {
                if (!model[n].there || now - model[n].renewed < 500) continue;
                model[n].there = false;
                gone++;
            }
            ck_assert_uint_eq(sim_nat_table_expire(&table, 500, now), gone);
            there -= gone;
            expired += gone;
            compare(model);
        }
    }
    ck_assert_uint_gt(refused, 100);
    ck_assert_uint_gt(expired, 100);
    sim_nat_table_clear(&table);
    memset(model, 0, sizeof model);
    compare(model);
}
END_TEST

START_TEST(sessions_belong_to_one_mapping)
{
    sim_nat_table_init(&table, 2);
    struct addr in[3] = {endpoint(1), endpoint(2), endpoint(3)};
    struct addr out[3] = {outside_of(1), outside_of(2), outside_of(3)};
    const struct sim_nat_mapping *a = sim_nat_mapping_add(&table, &in[0], &nobody, &out[0], 0);
    const struct sim_nat_mapping *b = sim_nat_mapping_add(&table, &in[1], &nobody, &out[1], 5);
    ck_assert_ptr_null(sim_nat_mapping_add(&table, &in[2], &nobody, &out[2], 5));
    ck_assert_ptr_nonnull(sim_nat_session_add(&table, a, &in[2], 7));
    ck_assert_ptr_nonnull(sim_nat_session_find(&table, a, &in[2]));
    ck_assert_ptr_null(sim_nat_session_find(&table, b, &in[2]));
    ck_assert_ptr_null(sim_nat_session_find(&table, a, &in[1]));

    /* The first mapping goes before its session; who takes its place does not inherit it. */
    ck_assert_uint_eq(sim_nat_table_expire(&table, 10, 10), 1);
    a = sim_nat_mapping_add(&table, &in[0], &nobody, &out[0], 10);
    ck_assert_ptr_null(sim_nat_session_find(&table, a, &in[2]));
    ck_assert_uint_eq(table.session_shelf.count, 1);
    ck_assert_uint_eq(sim_nat_table_expire(&table, 10, 17), 1); /* the second */
    ck_assert_uint_eq(table.session_shelf.count, 0);
}
END_TEST

START_TEST(the_remote_endpoint_is_a_part_of_the_key)
{
    sim_nat_table_init(&table, SIM_NAT_MAPPINGS_MAX);
    struct addr inside = endpoint(1), remote = endpoint(9),
                outside[2] = {outside_of(1), outside_of(2)};
    struct addr only_ip = remote;
    only_ip.port = 0;
    const struct sim_nat_mapping *a = sim_nat_mapping_add(&table, &inside, &remote, &outside[0], 0);
    ck_assert_ptr_null(sim_nat_by_inside(&table, &inside, &nobody));
    ck_assert_ptr_null(sim_nat_by_inside(&table, &inside, &only_ip));
    const struct sim_nat_mapping *b =
        sim_nat_mapping_add(&table, &inside, &only_ip, &outside[1], 0);
    ck_assert_ptr_eq(sim_nat_by_inside(&table, &inside, &remote), a);
    ck_assert_ptr_eq(sim_nat_by_inside(&table, &inside, &only_ip), b);
    ck_assert(a->serial != b->serial);
}
END_TEST

SUITE("sim nattable", it_is_what_an_array_would_be, sessions_belong_to_one_mapping,
      the_remote_endpoint_is_a_part_of_the_key)
