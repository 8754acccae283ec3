#include "ice/internal.h"
#include "tests/ice/forge.h"

static struct net net;

static void completed(void)
{
    net_pair(&net, 1, true, false);
    net_run(&net, SEC(5));
    for (int i = 0; i < NET_SIDES; i++) ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
}

START_TEST(pitfall_17_media_stays_on_the_old_pair_until_there_is_a_new_one)
{
    completed();
    struct route old, now;
    char ufrag[64], pwd[64], text[64];
    ck_assert(ice_selected(net.side[0].ice, &old));
    forge_text(ice_local_ufrag(net.side[0].ice), ufrag, sizeof ufrag);
    forge_text(ice_local_pwd(net.side[0].ice), pwd, sizeof pwd);
    unsigned candidates = net.side[0].candidates, selections = net.side[0].selections;
    net.trickle = false;
    ice_restart(net.side[0].ice, net.now);
    forge_text(ice_local_ufrag(net.side[0].ice), text, sizeof text);
    ck_assert_str_ne(text, ufrag);
    forge_text(ice_local_pwd(net.side[0].ice), text, sizeof text);
    ck_assert_str_ne(text, pwd);
    /* The answer takes 20 s; the call goes on, consent on the old pair included. */
    net_run(&net, SEC(25));
    ck_assert_uint_gt(net.side[0].candidates, candidates); /* announced again */
    forge_text(ice_local_ufrag(net.side[0].ice), text, sizeof text);
    ck_assert_str_eq(net.side[0].candidate[candidates].ufrag, text);
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert(ice_may_send(net.side[i].ice, net.now));
        ck_assert(ice_selected(net.side[i].ice, &now));
    }
    ck_assert(ice_selected(net.side[0].ice, &now) && addr_equal(&now.remote, &old.remote));
    ck_assert(ice_is_validated(net.side[0].ice, &old));
    net.trickle = true;
    net_describe(&net, 0); /* new credentials: a restart for the other side too */
    net_describe(&net, 1);
    net_run(&net, SEC(27));
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
        ck_assert(!net.side[i].ice->pairs[net.side[i].ice->selected].old);
        ck_assert(!net.side[i].ice->old_creds.known); /* wiped */
        ck_assert_uint_eq(ice_counters(net.side[i].ice)->restarts, 1);
    }
    ck_assert_uint_gt(net.side[0].selections, selections);
    net_free(&net);
}
END_TEST

START_TEST(pitfall_17_generations_are_not_mixed)
{
    struct ice *ice = forge_agent(true);
    struct packet check, answer, p;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){.controlled = true});
    ice_restart(ice, MS(1));
    /* An answer to the old generation's check, a request with its credentials, its candidates. */
    forge_answer(&answer, &check, PEER_PWD, 0);
    ck_assert_int_eq(ice_input(ice, &answer, MS(2)), E_STATE);
    ck_assert_int_eq(ice_input(ice, &p, MS(2)), E_AUTH);
    ck_assert_int_eq(ice_add_remote(ice, &c, MS(2)), E_STATE);
    ck_assert_int_eq(ice_set_remote(ice, bytes_of("peer2"), bytes_of(PEER_PWD), false, MS(3)), OK);
    snprintf(c.ufrag, sizeof c.ufrag, PEER_UFRAG);
    ck_assert_int_eq(ice_add_remote(ice, &c, MS(3)), E_STATE);
    struct ice_pair_info info;
    ck_assert_uint_eq(ice_pairs(ice, &info, 1), 0);
    ice_free(ice);
}
END_TEST

START_TEST(pitfall_17_other_remote_credentials_are_a_restart)
{
    completed();
    struct ice *ice = net.side[0].ice;
    char before[64], after[64];
    forge_text(ice_local_ufrag(ice), before, sizeof before);
    net_describe(&net, 1); /* the same again: nothing */
    ck_assert_uint_eq(ice_counters(ice)->restarts, 0);
    ck_assert_int_eq(ice_set_remote(ice, bytes_of("other"), bytes_of(PEER_PWD), false, net.now),
                     OK);
    forge_text(ice_local_ufrag(ice), after, sizeof after);
    ck_assert_str_ne(before, after);
    ck_assert_uint_eq(ice_counters(ice)->restarts, 1);
    ck_assert(ice_may_send(ice, net.now));
    net_free(&net);
}
END_TEST

START_TEST(pitfall_17_early_checks_of_the_old_generation_are_forgotten)
{
    struct ice *ice = forge_agent(false);
    struct packet p;
    forge_request(&p, ice, "192.0.2.2:2000", "192.0.2.1:1000", &(struct forge){0});
    ck_assert_int_eq(ice_input(ice, &p, 0), OK);
    ice_restart(ice, MS(1));
    forge_known(ice, MS(2));
    struct ice_pair_info info;
    ck_assert_uint_eq(ice_pairs(ice, &info, 1), 0);
    ice_free(ice);
}
END_TEST

START_TEST(a_restart_heals_a_failed_agent)
{
    net_init(&net, 3);
    net_agent(&net, 0, true);
    net_agent(&net, 1, false);
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_run(&net, SEC(60));
    for (int i = 0; i < NET_SIDES; i++) {
        ck_assert_int_eq(net.side[i].state, ICE_STATE_FAILED);
        ice_restart(net.side[i].ice, net.now);
    }
    net_describe(&net, 0);
    net_describe(&net, 1);
    net_socket(&net, 0, "192.0.2.1:1000");
    net_socket(&net, 1, "192.0.2.2:2000");
    net_run(&net, SEC(62));
    for (int i = 0; i < NET_SIDES; i++) ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
    net_free(&net);
}
END_TEST

START_TEST(twice_in_a_row_keeps_the_pair_in_use)
{
    completed();
    for (int i = 0; i < 5; i++) ice_restart(net.side[0].ice, net.now);
    net.trickle = false;
    net_run(&net, SEC(15));
    ck_assert(ice_may_send(net.side[0].ice, net.now) && ice_may_send(net.side[1].ice, net.now));
    net.trickle = true;
    ice_restart(net.side[1].ice, net.now);
    net_describe(&net, 0);
    net_describe(&net, 1);
    /* The candidates of before were not signaled: checks alone must do. */
    net_drain(&net, 0);
    net_run(&net, SEC(17));
    for (int i = 0; i < NET_SIDES; i++) ck_assert_int_eq(net.side[i].state, ICE_STATE_COMPLETED);
    net_free(&net);
}
END_TEST

START_TEST(the_old_pair_loses_consent_while_restarting)
{
    completed();
    struct route r;
    net.trickle = false;
    ice_restart(net.side[0].ice, net.now);
    net.loss = 100;
    net_run(&net, SEC(60));
    ck_assert(!ice_may_send(net.side[0].ice, net.now) && !ice_selected(net.side[0].ice, &r));
    ck_assert_int_eq(net.side[0].state, ICE_STATE_NEW); /* waits for the answer */
    ck_assert(!net.side[0].ice->old_creds.known);
    net_free(&net);
}
END_TEST

SUITE("ice restart", pitfall_17_media_stays_on_the_old_pair_until_there_is_a_new_one,
      pitfall_17_generations_are_not_mixed, pitfall_17_other_remote_credentials_are_a_restart,
      pitfall_17_early_checks_of_the_old_generation_are_forgotten, a_restart_heals_a_failed_agent,
      twice_in_a_row_keeps_the_pair_in_use, the_old_pair_loses_consent_while_restarting)
