/* Who is where in simulated calls, by the scenario's words. */
#include "tests/suite.h"

#include "tests/apps/simworld.h"

static struct simruns runs;

static void must_be(const struct addr *a, const char *text)
{
    char is[ADDR_TEXT_MAX];
    ck_assert_str_eq(addr_text(a, is), text);
}

/* Whom `ip` leads to, by name; "?": to nobody. */
static const char *whose(const struct simnet *n, const char *ip)
{
    struct addr a;
    ck_assert(addr_parse_ip(bytes_of(ip), &a));
    a.port = 4321;
    size_t host = simnet_whose(n, &a);
    return host == SIM_HOSTS_MAX ? "?" : simnet_host_name(n, host);
}

START_TEST(a_side_without_a_nat_is_where_all_see_it)
{
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "nat-b=firewall");
    const struct simnet *n = simcall_net(call);
    struct addr a = simnet_address(n->scenario, SIDE_A, false);
    struct addr b = simnet_address(n->scenario, SIDE_B, false); /* a firewall translates nothing */
    must_be(&a, "192.0.2.1:5000");
    must_be(&b, "198.51.100.2:5001");
    ck_assert_str_eq(whose(n, "192.0.2.1"), "A");
    ck_assert_str_eq(whose(n, "198.51.100.2"), "B");
    ck_assert_str_eq(whose(n, "203.0.113.77"), "?");
    ck_assert(simnet_has_family(n->scenario, false) && !simnet_has_family(n->scenario, true));
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

START_TEST(a_nat_stands_for_the_side_behind_it)
{
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "nat-a=symmetric+full-cone");
    const struct simnet *n = simcall_net(call);
    struct addr a = simnet_address(n->scenario, SIDE_A, false);
    must_be(&a, "10.0.0.2:5000");
    ck_assert_str_eq(whose(n, "10.0.0.2"), "A");
    ck_assert_str_eq(whose(n, "203.0.113.1"), "A"); /* the outer NAT, which the world sees */
    ck_assert_str_eq(whose(n, "100.64.0.2"), "A");  /* the inner one, as the outer one sees it */
    ck_assert_str_eq(whose(n, "198.51.100.2"), "B");
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

START_TEST(servers_and_strangers_are_there_if_the_scenario_has_them)
{
    struct addr stun = simnet_stun_address(false), stranger = simstranger_address();
    ck_assert(simruns_begin(&runs));
    struct simcall *call = simworld_call(&runs, "stun=off");
    const struct simnet *n = simcall_net(call);
    ck_assert_uint_eq(simnet_whose(n, &stun), SIM_HOSTS_MAX);
    ck_assert_uint_eq(simnet_whose(n, &stranger), SIM_HOSTS_MAX);
    ck_assert_ptr_null(simnet_stranger(n));
    ck_assert(!simnet_is_stranger(n, SIM_HOSTS_MAX)); /* nobody is no stranger */
    simcall_free(call);

    call = simworld_call(&runs, "stun=on attack=off-path family=both");
    n = simcall_net(call);
    ck_assert_str_eq(simnet_host_name(n, simnet_whose(n, &stun)), "STUN server");
    ck_assert_str_eq(simnet_host_name(n, simnet_whose(n, &stranger)), "stranger");
    ck_assert(simnet_is_stranger(n, simnet_whose(n, &stranger)));
    ck_assert_ptr_eq(simnet_stranger(n), &n->stranger);
    ck_assert_int_eq(simnet_side_of(n, n->stun_host), SIDES);
    for (int i = 0; i < SIDES; i++) ck_assert_int_eq(simnet_side_of(n, n->host[i]), i);
    ck_assert_str_eq(whose(n, "2001:db8:b::2"), "B");
    simcall_free(call);
    simruns_end(&runs);
}
END_TEST

SUITE("apps simnet", a_side_without_a_nat_is_where_all_see_it, a_nat_stands_for_the_side_behind_it,
      servers_and_strangers_are_there_if_the_scenario_has_them)
