#include "ice/agent.h"

#include "tests/ice/net.h"

static struct net net;

START_TEST(two_agents_connect)
{
    net_pair(&net, 1, true, false);
    net_run(&net, SEC(1));
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        ck_assert(net.side[i].end_of_candidates);
        ck_assert_str_eq(ice_why(net.side[i].ice), "");
        struct route r;
        ck_assert(ice_selected(net.side[i].ice, &r) && ice_is_validated(net.side[i].ice, &r));
        ck_assert(ice_may_send(net.side[i].ice, net.now));
        ck_assert_int_eq(ice_rtt_us(net.side[i].ice), MS(10));
    }
    /* One round trip to connect; one more, paced, to nominate. */
    ck_assert_int_le(net.side[0].connected_at, MS(10));
    ck_assert_int_le(net.side[1].connected_at, MS(15));
    ck_assert_int_le(net.side[0].completed_at, MS(60));
    net_free(&net);
}
END_TEST

SUITE("ice agent", two_agents_connect)
