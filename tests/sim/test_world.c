/* Hosts that send numbered packets to each other through links and NATs. */
#include "tests/suite.h"

#include "sim/world.h"

/* A machine that sends `left` packets to one address, one every `every`, and counts what comes. */
struct talker {
    struct addr from, to;
    usec every, next;
    int left;
    int got;
    struct route last; /* of what came last */
    uint8_t last_byte;
};

static enum err talker_input(void *self, struct packet *in, usec now)
{
    struct talker *t = self;
    (void)now;
    t->got++;
    t->last = in->route;
    t->last_byte = in->at[0];
    return OK;
}

static void talker_tick(void *self, usec now)
{
    (void)self, (void)now;
}

static bool talker_output(void *self, struct packet *out, usec now)
{
    struct talker *t = self;
    if (t->left == 0 || now < t->next) return false;
    uint8_t byte = (uint8_t)t->left--;
    t->next += t->every;
    packet_set(out, (struct bytes){&byte, 1});
    out->route = (struct route){t->from, t->to};
    return true;
}

static bool talker_event(void *self)
{
    (void)self;
    return false;
}

static usec talker_deadline(const void *self)
{
    const struct talker *t = self;
    return t->left > 0 ? t->next : TIME_NEVER;
}

static const struct machine talker_machine = {"talker",      talker_input, talker_tick,
                                              talker_output, talker_event, talker_deadline};

static size_t join(struct sim_world *w, struct talker *t, int network,
                   const struct sim_link_config *link)
{
    struct sim_host_config cfg = {.name = "talker",
                                  .addresses = {{t->from, network}},
                                  .address_count = 1,
                                  .link = link,
                                  .machine = &talker_machine,
                                  .self = t};
    size_t host;
    ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), OK);
    return host;
}

static struct talker talker(struct addr from, struct addr to, int packets)
{
    return (struct talker){.from = from, .to = to, .every = MS(10), .left = packets};
}

static const struct addr a = {.family = ADDR_IPV4, .port = 1000, .ip = {192, 0, 2, 1}};
static const struct addr b = {.family = ADDR_IPV4, .port = 2000, .ip = {192, 0, 2, 2}};
static const struct addr inside = {.family = ADDR_IPV4, .port = 3000, .ip = {10, 0, 0, 1}};
static const struct addr inside_too = {.family = ADDR_IPV4, .port = 3001, .ip = {10, 0, 0, 2}};
static const struct addr outside = {.family = ADDR_IPV4, .port = 0, .ip = {203, 0, 113, 1}};

/* Steps until `until`; how many steps were of `type`. */
static int run(struct sim_world *w, usec until, int type)
{
    struct sim_step step;
    int count = 0;
    while (sim_world_step(w, until, &step)) count += (int)step.type == type;
    ck_assert_int_eq(sim_world_now(w), until);
    return count;
}

START_TEST(packets_arrive_after_the_delay_of_their_link)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_link_config link = {.spec = {.delay = MS(50)}};
    struct talker x = talker(a, b, 1), y = talker(b, a, 0);
    size_t from = join(w, &x, SIM_PUBLIC, &link), to = join(w, &y, SIM_PUBLIC, NULL);
    struct sim_step step;
    ck_assert(sim_world_step(w, SEC(1), &step));
    ck_assert_int_eq(step.type, SIM_SENT);
    ck_assert_uint_eq(step.host, from);
    ck_assert(sim_world_step(w, SEC(1), &step));
    ck_assert_int_eq(step.type, SIM_ARRIVED);
    ck_assert_uint_eq(step.host, to);
    ck_assert_uint_eq(step.from, from);
    ck_assert_int_eq(sim_world_now(w), MS(50));
    ck_assert(addr_equal(&y.last.remote, &a));
    ck_assert(addr_equal(&y.last.local, &b));
    ck_assert(!sim_world_step(w, SEC(1), &step));
    sim_world_free(w);
}
END_TEST

START_TEST(a_sent_packet_may_be_changed_or_taken_away)
{
    struct sim_world *w = sim_world_new(1);
    struct talker x = talker(a, b, 2), y = talker(b, a, 0);
    join(w, &x, SIM_PUBLIC, NULL), join(w, &y, SIM_PUBLIC, NULL);
    struct sim_step step;
    ck_assert(sim_world_step(w, SEC(1), &step));
    step.packet->at[0] = 77;
    ck_assert(sim_world_step(w, SEC(1), &step)); /* arrives */
    ck_assert_uint_eq(y.last_byte, 77);
    while (step.type != SIM_SENT) ck_assert(sim_world_step(w, SEC(1), &step));
    step.packet->len = 0;
    run(w, SEC(1), SIM_ARRIVED);
    ck_assert_int_eq(y.got, 1);
    sim_world_free(w);
}
END_TEST

START_TEST(what_a_link_loses_is_told_with_the_reason)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_link_config link = {.spec = {.loss_ppm = SIM_PPM}};
    struct talker x = talker(a, b, 5), y = talker(b, a, 0);
    join(w, &x, SIM_PUBLIC, &link), join(w, &y, SIM_PUBLIC, NULL);
    struct sim_step step;
    int dropped = 0;
    while (sim_world_step(w, SEC(1), &step)) {
        if (step.type != SIM_DROPPED) continue;
        ck_assert_str_eq(step.why, "lost");
        dropped++;
    }
    ck_assert_int_eq(dropped, 5);
    ck_assert_int_eq(y.got, 0);
    sim_world_free(w);
}
END_TEST

START_TEST(a_nat_shows_its_own_address_and_lets_answers_in)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_nat_config cfg = {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                                 .filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT,
                                 .outside = {outside},
                                 .outside_count = 1};
    int nat;
    ck_assert_int_eq(sim_world_add_nat(w, &cfg, SIM_PUBLIC, &nat), OK);
    struct talker x = talker(inside, b, 1), y = talker(b, outside, 0);
    join(w, &x, nat, NULL);
    size_t other = join(w, &y, SIM_PUBLIC, NULL);
    run(w, MS(1), SIM_ARRIVED);
    ck_assert_int_eq(y.got, 1);
    ck_assert(addr_equal_ip(&y.last.remote, &outside));
    y.to = y.last.remote, y.left = 1; /* the answer */
    sim_world_woken(w, other);
    run(w, MS(2), SIM_ARRIVED);
    ck_assert_int_eq(x.got, 1);
    ck_assert(addr_equal(&x.last.local, &inside));
    y.from.port++, y.left = 1, y.next = 0; /* from another port: filtered */
    sim_world_woken(w, other);
    ck_assert_int_eq(run(w, MS(3), SIM_LOST), 1);
    ck_assert_int_eq(x.got, 1);
    sim_world_free(w);
}
END_TEST

START_TEST(two_behind_one_nat_meet_inside_or_by_hairpin)
{
    for (int hairpin = 0; hairpin < 2; hairpin++) {
        struct sim_world *w = sim_world_new(1);
        struct sim_nat_config cfg = {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                                     .filtering = SIM_NAT_ENDPOINT_INDEPENDENT,
                                     .hairpin = hairpin,
                                     .outside = {outside},
                                     .outside_count = 1};
        int nat;
        ck_assert_int_eq(sim_world_add_nat(w, &cfg, SIM_PUBLIC, &nat), OK);
        struct talker x = talker(inside, inside_too, 1), y = talker(inside_too, b, 1);
        struct talker z = talker(b, a, 0);
        size_t first = join(w, &x, nat, NULL);
        join(w, &y, nat, NULL), join(w, &z, SIM_PUBLIC, NULL);
        run(w, MS(1), SIM_ARRIVED);
        ck_assert_int_eq(y.got, 1); /* inside, no NAT between */
        ck_assert(addr_equal(&y.last.remote, &inside));
        ck_assert_int_eq(z.got, 1); /* so y has a mapping now */
        x.to = z.last.remote, x.left = 1, x.next = 0;
        sim_world_woken(w, first);
        ck_assert_int_eq(run(w, MS(2), SIM_LOST), 1 - hairpin);
        ck_assert_int_eq(y.got, 1 + hairpin);
        if (hairpin) ck_assert(addr_equal_ip(&y.last.remote, &outside));
        sim_world_free(w);
    }
}
END_TEST

START_TEST(two_nats_in_a_row)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_nat_config cfg = {.mapping = SIM_NAT_ENDPOINT_INDEPENDENT,
                                 .filtering = SIM_NAT_ADDRESS_DEPENDENT,
                                 .outside = {outside},
                                 .outside_count = 1};
    int outer, inner;
    ck_assert_int_eq(sim_world_add_nat(w, &cfg, SIM_PUBLIC, &outer), OK);
    cfg.outside[0] = addr_ipv4(100, 64, 0, 1, 0);
    ck_assert_int_eq(sim_world_add_nat(w, &cfg, outer, &inner), OK);
    struct talker x = talker(inside, b, 1), y = talker(b, a, 0);
    join(w, &x, inner, NULL);
    size_t other = join(w, &y, SIM_PUBLIC, NULL);
    run(w, MS(1), SIM_ARRIVED);
    ck_assert(addr_equal_ip(&y.last.remote, &outside));
    y.to = y.last.remote, y.left = 1;
    sim_world_woken(w, other);
    run(w, MS(2), SIM_ARRIVED);
    ck_assert_int_eq(x.got, 1);
    sim_world_free(w);
}
END_TEST

START_TEST(ipv6_passes_a_firewall_unchanged)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_nat_config cfg = {.filtering = SIM_NAT_ADDRESS_AND_PORT_DEPENDENT};
    struct addr home, away;
    addr_parse(bytes_of("[2001:db8::1]:1"), &home);
    addr_parse(bytes_of("[2001:db8::2]:2"), &away);
    int wall;
    ck_assert_int_eq(sim_world_add_nat(w, &cfg, SIM_PUBLIC, &wall), OK);
    struct talker x = talker(home, away, 0), y = talker(away, home, 1);
    size_t first = join(w, &x, wall, NULL), second = join(w, &y, SIM_PUBLIC, NULL);
    ck_assert_int_eq(run(w, MS(1), SIM_LOST), 1); /* nobody asked for it */
    x.left = 1;
    sim_world_woken(w, first);
    run(w, MS(2), SIM_ARRIVED);
    ck_assert(addr_equal(&y.last.remote, &home));
    y.left = 1, y.next = 0;
    sim_world_woken(w, second);
    run(w, MS(3), SIM_ARRIVED);
    ck_assert_int_eq(x.got, 1);
    sim_world_free(w);
}
END_TEST

START_TEST(only_who_may_spoof_sends_from_foreign_addresses)
{
    struct sim_world *w = sim_world_new(1);
    struct talker x = talker(b, a, 1), y = talker(a, b, 0), z = talker(b, a, 1);
    struct sim_host_config cfg = {.name = "honest",
                                  .addresses = {{outside, SIM_PUBLIC}},
                                  .address_count = 1,
                                  .machine = &talker_machine,
                                  .self = &x};
    size_t host;
    join(w, &y, SIM_PUBLIC, NULL);
    ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), OK);
    ck_assert_int_eq(run(w, MS(1), SIM_LOST), 1);
    cfg.self = &z, cfg.spoofs = true;
    ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), OK);
    ck_assert_int_eq(run(w, MS(2), SIM_ARRIVED), 1);
    ck_assert(addr_equal(&y.last.remote, &b));
    sim_world_free(w);
}
END_TEST

START_TEST(inv_14_one_seed_is_one_run)
{
    uint64_t order[2] = {0, 0};
    for (int k = 0; k < 2; k++) {
        struct sim_world *w = sim_world_new(7);
        struct sim_link_config link = {.spec = {.delay = MS(5),
                                                .jitter = MS(30),
                                                .loss_ppm = SIM_PPM / 4,
                                                .reorder_ppm = SIM_PPM / 10,
                                                .duplicate_ppm = SIM_PPM / 10}};
        struct talker x = talker(a, b, 200), y = talker(b, a, 200);
        join(w, &x, SIM_PUBLIC, &link), join(w, &y, SIM_PUBLIC, &link);
        struct sim_step step;
        while (sim_world_step(w, SEC(10), &step))
            order[k] = order[k] * 31 + (uint64_t)sim_world_now(w) + step.host * 3 + step.type;
        ck_assert_int_gt(x.got, 100);
        ck_assert_int_lt(x.got, 200);
        sim_world_free(w);
    }
    ck_assert_uint_eq(order[0], order[1]);
}
END_TEST

START_TEST(bounds_are_kept)
{
    struct sim_world *w = sim_world_new(1);
    struct sim_nat_config nat = {.filtering = SIM_NAT_NONE};
    struct talker x = talker(a, b, 0);
    struct sim_host_config cfg = {
        .addresses = {{a, 3}}, .address_count = 1, .machine = &talker_machine, .self = &x};
    size_t host;
    int number;
    ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), E_STATE); /* no such network */
    ck_assert_int_eq(sim_world_add_nat(w, &nat, 5, &number), E_STATE);
    for (int i = 0; i < SIM_NATS_MAX; i++)
        ck_assert_int_eq(sim_world_add_nat(w, &nat, SIM_PUBLIC, &number), OK);
    ck_assert_int_eq(sim_world_add_nat(w, &nat, SIM_PUBLIC, &number), E_FULL);
    for (int i = 0; i < SIM_HOSTS_MAX; i++)
        ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), OK);
    ck_assert_int_eq(sim_world_add_host(w, &cfg, &host), E_FULL);
    sim_world_free(w);
    sim_world_free(NULL);
}
END_TEST

SUITE("sim world", packets_arrive_after_the_delay_of_their_link,
      a_sent_packet_may_be_changed_or_taken_away, what_a_link_loses_is_told_with_the_reason,
      a_nat_shows_its_own_address_and_lets_answers_in, two_behind_one_nat_meet_inside_or_by_hairpin,
      two_nats_in_a_row, ipv6_passes_a_firewall_unchanged,
      only_who_may_spoof_sends_from_foreign_addresses, inv_14_one_seed_is_one_run, bounds_are_kept)
