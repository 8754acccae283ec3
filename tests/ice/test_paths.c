/* Long calls between agents with several paths that come and go: whichever still works is found. */
#include "ice/internal.h"
#include "tests/ice/forge.h"

#define ROUNDS 20 /* seeds of a scenario */

static struct net net;

/* Two addresses a side, so four paths. */
static const char *const addresses[NET_SIDES][2] = {{"192.0.2.1:1000", "198.51.100.1:1000"},
                                                    {"192.0.2.2:2000", "198.51.100.2:2000"}};
static bool is_down[2][2]; /* of side 0's address, of side 1's */

static int which(int side, const struct addr *a)
{
    struct addr second = net_addr(addresses[side][1]);
    return addr_equal(a, &second);
}

static bool goes_over_what_is_down(struct net *n, int from, struct packet *p)
{
    (void)n;
    int ours = which(from, &p->route.local), theirs = which(1 - from, &p->route.remote);
    return from == 0 ? is_down[ours][theirs] : is_down[theirs][ours];
}

/* `late`: when side 0's second socket comes. */
static void begin(uint64_t seed, bool controlling, usec late)
{
    memset(is_down, 0, sizeof is_down);
    net_init(&net, seed);
    net.filter = goes_over_what_is_down;
    net_agent(&net, 0, controlling);
    net_agent(&net, 1, !controlling);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, addresses[0][0]);
    net_socket(&net, 1, addresses[1][0]);
    if (late) net_run(&net, late);
    net_socket(&net, 0, addresses[0][1]);
    net_socket(&net, 1, addresses[1][1]);
    for (int i = 0; i < NET_SIDES; i++) ice_sockets_done(net.side[i].ice, net.now);
}

static void cut(int side, int address)
{
    for (int other = 0; other < 2; other++)
        is_down[side == 0 ? address : other][side == 0 ? other : address] = true;
}

static bool both_may_send(void)
{
    return ice_may_send(net.side[0].ice, net.now) && ice_may_send(net.side[1].ice, net.now);
}

/* The address of `side` that is in use goes away at `at`, for good. */
static unsigned lost_when_it_goes(int side, bool controlling, usec late, usec at)
{
    unsigned lost = 0;
    for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
        begin(seed, controlling, late);
        net_run(&net, at);
        cut(side, which(side, &net.side[side].selected.local));
        net_run(&net, at + SEC(60));
        lost += !both_may_send();
        net_free(&net);
    }
    return lost;
}

START_TEST(an_address_goes_and_the_other_one_is_used)
{
    static const usec times[] = {SEC(8), SEC(22), SEC(27), SEC(100)};
    for (size_t i = 0; i < COUNT(times); i++)
        for (int side = 0; side < NET_SIDES; side++)
            for (int controlling = 0; controlling < 2; controlling++)
                ck_assert_uint_eq(lost_when_it_goes(side, controlling, 0, times[i]), 0);
}
END_TEST

/* The first pair was nominated before the other address came, so that one was never checked
 * (RFC 8445 §8.1.2 ends the checks). */
START_TEST(an_address_goes_and_the_one_that_came_late_is_used)
{
    ck_assert_uint_eq(lost_when_it_goes(0, true, SEC(1), SEC(20)), 0);
    ck_assert_uint_eq(lost_when_it_goes(0, false, SEC(1), SEC(20)), 0);
}
END_TEST

/* One of the four paths always works; the others come and go, each `longest` after the last change
 * at most. Both sides always find one that works. */
static void paths_flap(bool controlling, unsigned longest, unsigned loss, int ours, int theirs)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        begin(seed, controlling, 0);
        net.loss = loss;
        net_run(&net, SEC(10));
        while (net.now < SEC(600)) {
            int a = (int)rng_below(&net.rng, 2), b = (int)rng_below(&net.rng, 2);
            if (a != ours || b != theirs) is_down[a][b] = !is_down[a][b];
            net_run(&net, net.now + SEC(1 + rng_below(&net.rng, longest)));
            ck_assert_msg(both_may_send(), "seed %d at %d s", (int)seed, (int)(net.now / SEC(1)));
        }
        net_free(&net);
    }
}

START_TEST(paths_come_and_go_and_one_is_left)
{
    paths_flap(true, 10, 0, 0, 0);
    paths_flap(true, 60, 0, 1, 1);
    paths_flap(false, 30, 10, 1, 0);
    paths_flap(true, 40, 20, 0, 1);
}
END_TEST

/* A NAT gives a new address every 40 s: the idlest of those learned gives way, for ever. */
static void nat_rebinds(bool controlling)
{
    net_pair(&net, 5, controlling, !controlling);
    for (unsigned i = 0; i < 2 * ICE_PRFLX_MAX + 8; i++) {
        net.side[0].nat = net_addr("203.0.113.1:5000");
        net.side[0].nat.port = (uint16_t)(5000 + i);
        net_run(&net, SEC(40) * (i + 1));
        ck_assert_msg(both_may_send(), "after %u", i);
    }
    net_free(&net);
}

START_TEST(a_nat_rebinds_again_and_again)
{
    nat_rebinds(true);
    nat_rebinds(false);
}
END_TEST

SUITE("ice paths", an_address_goes_and_the_other_one_is_used,
      an_address_goes_and_the_one_that_came_late_is_used, paths_come_and_go_and_one_is_left,
      a_nat_rebinds_again_and_again)
