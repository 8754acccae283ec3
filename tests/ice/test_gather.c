#include "ice/internal.h"
#include "tests/ice/forge.h"

#define SERVER  "198.51.100.1:3478"
#define SERVER2 "198.51.100.2:3478"

static struct ice *agent_with(const char *const *servers, size_t count)
{
    struct ice_config cfg = {.controlling = true, .stun_server_count = count};
    rng_init_number(&cfg.rng, 7);
    for (size_t i = 0; i < count; i++) cfg.stun_servers[i] = net_addr(servers[i]);
    struct ice *ice = ice_new(&cfg);
    ck_assert_ptr_nonnull(ice);
    return ice;
}

static void socket_at(struct ice *ice, const char *base, usec now)
{
    struct addr a = net_addr(base);
    ck_assert_int_eq(ice_add_socket(ice, &a, now), OK);
}

/* A STUN server's answer: no credentials. */
static enum err answer(struct ice *ice, const struct packet *request, const char *mapped,
                       const char *from, usec now)
{
    struct packet p;
    struct stun_msg m;
    struct addr a = net_addr(mapped);
    ck_assert_int_eq(stun_parse(&m, packet_bytes(request)), OK);
    ck_assert(!stun_has(&m, STUN_USERNAME) && m.integrity == 0);
    struct writer w = packet_writer(&p);
    stun_begin(&w, STUN_BINDING | STUN_SUCCESS, m.id);
    stun_put_addr(&w, STUN_XOR_MAPPED_ADDRESS, &a);
    p.len = writer_done(&w).len;
    p.route = request->route;
    p.route.remote = net_addr(from);
    return ice_input(ice, &p, now);
}

/* The events until now: candidates into `c`; whether the end was announced. */
static size_t announced(struct ice *ice, struct candidate *c, size_t room, bool *end)
{
    struct ice_event ev;
    size_t count = 0;
    *end = false;
    while (ice_event(ice, &ev)) {
        if (ev.type == ICE_END_OF_CANDIDATES) *end = true;
        if (ev.type == ICE_CANDIDATE && count < room) c[count++] = ev.as.candidate;
    }
    return count;
}

START_TEST(host_candidates_in_order_of_arrival_loopback_last)
{
    static const char *const bases[] = {"127.0.0.1:1",     "[fe80::1]:2", "192.0.2.1:3",
                                        "[2001:db8::1]:4", "[::1]:5",     "192.0.2.1:6"};
    struct candidate c[8];
    bool end;
    struct ice *ice = agent_with(NULL, 0);
    for (size_t i = 0; i < COUNT(bases); i++) socket_at(ice, bases[i], 0);
    ck_assert_uint_eq(announced(ice, c, COUNT(c), &end), COUNT(bases));
    for (size_t i = 0; i < COUNT(bases); i++) {
        struct addr want = net_addr(bases[i]);
        ck_assert(c[i].type == CANDIDATE_HOST && addr_equal(&c[i].addr, &want));
        ck_assert(c[i].component == 1 && c[i].related.family == ADDR_NONE);
        ck_assert(bytes_is(ice_local_ufrag(ice), c[i].ufrag)); /* RFC 8840 §4.1 */
    }
    /* 3 before 4 (it came first), both before link-local, that before loopback. */
    ck_assert(c[2].priority > c[3].priority && c[3].priority > c[1].priority);
    ck_assert(c[1].priority > c[0].priority && c[0].priority > c[4].priority);
    /* RFC 8445 §5.1.1.3: the same address, the same foundation. */
    ck_assert_str_eq(c[2].foundation, c[5].foundation);
    ck_assert_str_ne(c[2].foundation, c[3].foundation);
    ck_assert(!end);
    ice_sockets_done(ice, 0);
    announced(ice, c, COUNT(c), &end);
    ck_assert(end); /* no servers: at once */
    ice_free(ice);
}
END_TEST

START_TEST(server_reflexive_candidates)
{
    static const char *const servers[] = {SERVER, "[2001:db8::53]:3478"};
    struct candidate c[4];
    struct packet p;
    bool end;
    struct ice *ice = agent_with(servers, 2);
    socket_at(ice, "192.0.2.1:1000", 0);
    ice_sockets_done(ice, 0);
    ck_assert_uint_eq(announced(ice, c, COUNT(c), &end), 1);
    ck_assert(!end);
    ck_assert(ice_output(ice, &p, 0));
    struct addr server = net_addr(SERVER), mapped = net_addr("203.0.113.1:5000");
    ck_assert(addr_equal(&p.route.remote, &server)); /* the IPv6 one can't be reached from here */
    ck_assert(!ice_output(ice, &p, MS(499)));
    ck_assert_int_eq(answer(ice, &p, "203.0.113.1:5000", SERVER2, MS(20)), E_STATE);
    ck_assert_int_eq(answer(ice, &p, "203.0.113.1:5000", SERVER, MS(20)), OK);
    ck_assert_uint_eq(announced(ice, c, COUNT(c), &end), 1);
    ck_assert(end && c[0].type == CANDIDATE_SRFLX && addr_equal(&c[0].addr, &mapped));
    struct addr base = net_addr("192.0.2.1:1000");
    ck_assert(addr_equal(&c[0].related, &base));
    ck_assert_uint_eq(c[0].priority >> 24, 100);
    ck_assert_int_eq(answer(ice, &p, "203.0.113.1:5000", SERVER, MS(21)), E_STATE); /* once */
    ice_free(ice);
}
END_TEST

START_TEST(redundant_or_absurd_reflexive_addresses_are_left_out)
{
    static const char *const mapped[] = {"192.0.2.1:1000", "[2001:db8::1]:5", "0.0.0.0:5",
                                         "224.0.0.1:5", "203.0.113.1:0"};
    static const char *const servers[] = {SERVER};
    for (size_t i = 0; i < COUNT(mapped); i++) {
        struct candidate c[4];
        struct packet p;
        bool end;
        struct ice *ice = agent_with(servers, 1);
        socket_at(ice, "192.0.2.1:1000", 0);
        ice_sockets_done(ice, 0);
        announced(ice, c, COUNT(c), &end);
        ck_assert(ice_output(ice, &p, 0));
        ck_assert_int_eq(answer(ice, &p, mapped[i], SERVER, MS(20)), OK);
        ck_assert_uint_eq(announced(ice, c, COUNT(c), &end), 0);
        ck_assert(end);
        ice_free(ice);
    }
}
END_TEST

START_TEST(a_silent_server_is_given_up)
{
    static const char *const servers[] = {SERVER};
    struct candidate c[4];
    struct packet p;
    bool end = false;
    unsigned sent = 0;
    struct ice *ice = agent_with(servers, 1);
    socket_at(ice, "192.0.2.1:1000", 0);
    ice_sockets_done(ice, 0);
    usec now = 0;
    while (!end && now < SEC(60)) {
        while (ice_output(ice, &p, now)) sent++;
        announced(ice, c, COUNT(c), &end);
        if (end) break;
        now = ice_deadline(ice);
        ice_tick(ice, now);
    }
    ck_assert_uint_eq(sent, ICE_GATHER_RC);
    ck_assert_int_eq(now, MS(11500));
    ice_free(ice);
}
END_TEST

START_TEST(questions_are_paced_and_take_turns_with_checks)
{
    static const char *const servers[] = {SERVER, SERVER2};
    struct packet p;
    struct ice *ice = agent_with(servers, 2);
    for (uint16_t i = 1; i <= 4; i++) {
        struct addr a = addr_ipv4(192, 0, 2, 1, i);
        ck_assert_int_eq(ice_add_socket(ice, &a, 0), OK);
    }
    forge_known(ice, 0);
    for (uint16_t i = 0; i < 4; i++) {
        struct candidate c = forge_candidate("192.0.2.2:2000", 100);
        c.addr.port = (uint16_t)(c.addr.port + i);
        snprintf(c.foundation, sizeof c.foundation, "%u", (unsigned)i);
        ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    }
    unsigned checks = 0, questions = 0;
    for (usec now = 0; now < 8 * ICE_TA; now += ICE_TA) {
        ck_assert(ice_output(ice, &p, now));
        struct stun_msg m;
        ck_assert_int_eq(stun_parse(&m, packet_bytes(&p)), OK);
        *(stun_has(&m, STUN_USERNAME) ? &checks : &questions) += 1;
        ck_assert(!ice_output(ice, &p, now + ICE_TA - 1));
    }
    ck_assert(checks == 4 && questions == 4);
    ice_free(ice);
}
END_TEST

START_TEST(answers_reveal_peer_reflexive_addresses) /* RFC 8445 §7.2.5.3.1 */
{
    struct ice *ice = forge_agent(true);
    struct packet check, p;
    struct ice_pair_info info;
    forge_known(ice, 0);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    ck_assert(forge_take(ice, &check, 0, STUN_REQUEST));
    struct route sent = check.route;
    struct addr mapped = net_addr("203.0.113.1:5000");
    check.route.local = mapped; /* what the answer names */
    forge_answer(&p, &check, PEER_PWD, 0);
    p.route = sent;
    ck_assert_int_eq(ice_input(ice, &p, MS(1)), OK);
    ck_assert(ice_selected_info(ice, &info));
    ck_assert_int_eq(info.local_type, CANDIDATE_PRFLX);
    ck_assert(addr_equal(&info.local_mapped, &mapped));
    ck_assert(addr_equal(&info.route.local, &sent.local)); /* packets go by the base */
    ice_free(ice);
}
END_TEST

START_TEST(local_candidates_are_bounded)
{
    struct ice *ice = forge_agent(true);
    for (uint16_t i = 1; i < 200; i++) {
        struct addr a = addr_ipv4(203, 0, 113, 1, i);
        gather_mapped(ice, 0, &a);
    }
    ck_assert_uint_eq(ice->local_count, ICE_LOCALS_MAX);
    ck_assert_uint_eq(ice_counters(ice)->full, 200 - ICE_LOCALS_MAX);
    ice_free(ice);
}
END_TEST

/* A NAT that forgets: each answer names another port. */
START_TEST(the_address_of_the_last_answer_is_known_however_many_there_were)
{
    struct ice *ice = forge_agent(true);
    struct candidate c = forge_candidate("192.0.2.2:2000", 100);
    struct packet check, p;
    struct ice_pair_info info;
    struct addr mapped = net_addr("203.0.113.1:5000"), second = net_addr("198.51.100.1:1000");
    bool end;
    forge_known(ice, 0);
    ck_assert_int_eq(ice_add_remote(ice, &c, 0), OK);
    for (usec now = 0; now < SEC(400); now += MS(50)) {
        while (ice_output(ice, &check, now)) {
            struct route sent = check.route;
            mapped.port++;
            check.route.local = mapped;
            forge_answer(&p, &check, PEER_PWD, 0);
            p.route = sent;
            ck_assert_int_eq(ice_input(ice, &p, now), OK);
        }
        forge_events(ice);
    }
    ck_assert_uint_gt(mapped.port, 5000 + ICE_LOCALS_MAX);
    ck_assert(ice_selected_info(ice, &info));
    ck_assert(addr_equal(&info.local_mapped, &mapped));
    ck_assert_int_eq(ice_add_socket(ice, &second, SEC(400)), OK);
    ck_assert_uint_eq(announced(ice, &c, 1, &end), 1);
    ck_assert(addr_equal(&c.addr, &second));
    ice_free(ice);
}
END_TEST

/* Eight sockets that three servers see at four addresses each: no room for a ninth. */
START_TEST(a_socket_that_can_not_be_announced_is_refused)
{
    static const char *const servers[] = {"203.0.113.1:1", "203.0.113.2:1", "203.0.113.3:1"};
    struct ice *ice = agent_with(servers, COUNT(servers));
    struct packet p;
    char text[ADDR_TEXT_MAX], mapped[ADDR_TEXT_MAX];
    for (uint16_t i = 0; i < ICE_LOCALS_MAX / 4; i++) {
        struct addr base = addr_ipv4(192, 0, 2, 1, (uint16_t)(1000 + i));
        ck_assert_int_eq(ice_add_socket(ice, &base, 0), OK);
    }
    for (usec now = 0; now < SEC(3); now += MS(50))
        while (ice_output(ice, &p, now)) {
            struct addr seen = p.route.remote; /* every server sees it elsewhere */
            seen.port = p.route.local.port;
            answer(ice, &p, addr_text(&seen, mapped), addr_text(&p.route.remote, text), now);
        }
    ck_assert_uint_eq(ice->local_count, ICE_LOCALS_MAX);
    struct addr ninth = net_addr("198.51.100.1:1");
    ck_assert_int_eq(ice_add_socket(ice, &ninth, SEC(3)), E_FULL);
    ck_assert_int_eq(gather_find_socket(ice, &ninth), NONE);
    ice_free(ice);
}
END_TEST

SUITE("ice gather", host_candidates_in_order_of_arrival_loopback_last, server_reflexive_candidates,
      redundant_or_absurd_reflexive_addresses_are_left_out, a_silent_server_is_given_up,
      questions_are_paced_and_take_turns_with_checks, answers_reveal_peer_reflexive_addresses,
      local_candidates_are_bounded, the_address_of_the_last_answer_is_known_however_many_there_were,
      a_socket_that_can_not_be_announced_is_refused)
