/* Against a STUN server that is not ours: coturn. Without it on the machine the tests say so and
 * pass; scripts/setup --browsers installs it, without its service. */
#define _POSIX_C_SOURCE 200809L
#include "tests/suite.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ice/agent.h"
#include "net/clock.h"
#include "net/loop.h"
#include "net/udp.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

#define COTURN "/usr/bin/turnserver"
#define TOKEN  1

static struct udp udp;
static struct loop *loop;
static struct addr server;
static pid_t child;

/* A port that nobody has now. */
static uint16_t free_port(void)
{
    struct udp probe;
    struct addr any = addr_ipv4(127, 0, 0, 1, 0);
    ck_assert_int_eq(udp_open(&probe, &any), OK);
    uint16_t port = probe.base.port;
    udp_close(&probe);
    return port;
}

static void start_coturn(void)
{
    char port[8];
    server = addr_ipv4(127, 0, 0, 1, free_port());
    snprintf(port, sizeof port, "%u", server.port);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child > 0) return;
    int null = open("/dev/null", O_RDWR);
    dup2(null, 1), dup2(null, 2);
    execl(COTURN, COTURN, "-n", "--listening-ip=127.0.0.1", "--listening-port", port, "--stun-only",
          "--no-auth", "--no-cli", "--no-tls", "--no-dtls", "--no-tcp", "--pidfile=/dev/null",
          "--log-file=stdout", (char *)NULL);
    _exit(127);
}

static bool set_up(void)
{
    struct addr any = addr_ipv4(127, 0, 0, 1, 0);
    if (access(COTURN, X_OK) != 0) {
        printf("not tested: there is no coturn on this machine\n");
        return false;
    }
    start_coturn();
    loop = loop_new();
    ck_assert_ptr_nonnull(loop);
    ck_assert_int_eq(udp_open(&udp, &any), OK);
    ck_assert_int_eq(loop_add(loop, udp.fd, TOKEN, LOOP_READ), OK);
    return true;
}

static void tear_down(void)
{
    loop_free(loop);
    udp_close(&udp);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* The next datagram before `until`. */
static bool receive(struct packet *in, usec until)
{
    struct loop_ready ready;
    while (clock_now() < until) {
        if (udp_receive(&udp, in)) return true;
        loop_wait(loop, until, &ready, 1);
    }
    return false;
}

/* Asks until the server is up: it needs a moment to start. */
static bool ask(struct packet *out, struct packet *in)
{
    for (int tries = 0; tries < 100; tries++) {
        udp_send(&udp, out);
        if (receive(in, clock_now() + MS(100))) return true;
    }
    return false;
}

START_TEST(binding_tells_our_address)
{
    static struct packet out, in;
    static const uint8_t id[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct stun_msg m;
    struct addr mapped;
    if (!set_up()) return;
    packet_reset(&out), packet_reset(&in);
    struct writer w = packet_writer(&out);
    stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
    stun_put_fingerprint(&w);
    out.len = writer_done(&w).len;
    out.route = (struct route){.local = udp.base, .remote = server};
    ck_assert(ask(&out, &in));
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&in)), OK);
    ck_assert_uint_eq(m.type, STUN_BINDING | STUN_SUCCESS);
    ck_assert(bytes_equal(m.id, (struct bytes){id, sizeof id}));
    ck_assert(stun_get_addr(&m, STUN_XOR_MAPPED_ADDRESS, &mapped));
    ck_assert(addr_equal(&mapped, &udp.base));
    ck_assert_int_ne(stun_check_fingerprint(&m), STUN_BAD);
    tear_down();
}
END_TEST

START_TEST(an_unknown_required_attribute_is_answered_with_420)
{
    static struct packet out, in;
    static const uint8_t id[12] = {7};
    struct stun_msg m;
    unsigned code = 0;
    if (!set_up()) return;
    packet_reset(&out), packet_reset(&in);
    struct writer w = packet_writer(&out);
    stun_begin(&w, STUN_BINDING, (struct bytes){id, sizeof id});
    stun_put_u32(&w, 0x7fff, 1);
    out.len = writer_done(&w).len;
    out.route = (struct route){.local = udp.base, .remote = server};
    ck_assert(ask(&out, &in));
    ck_assert_int_eq(stun_parse(&m, packet_bytes(&in)), OK);
    ck_assert(stun_get_error(&m, &code, NULL));
    ck_assert_uint_eq(code, 420);
    tear_down();
}
END_TEST

START_TEST(gathering_ends_with_the_servers_answer)
{
    static struct packet p;
    struct ice_config cfg = {.controlling = true, .stun_server_count = 1};
    struct ice_event ev;
    bool ended = false;
    size_t candidates = 0;
    if (!set_up()) return;
    cfg.stun_servers[0] = server;
    rng_init_number(&cfg.rng, 1);
    struct ice *ice = ice_new(&cfg);
    usec start = clock_now();
    ck_assert_int_eq(ice_add_socket(ice, &udp.base, start), OK);
    ice_sockets_done(ice, start);
    packet_reset(&p);
    while (!ended && clock_now() < start + SEC(20)) {
        usec now = clock_now();
        ice_tick(ice, now);
        while (ice_output(ice, &p, now)) udp_send(&udp, &p);
        while (ice_event(ice, &ev)) {
            candidates += ev.type == ICE_CANDIDATE;
            ended |= ev.type == ICE_END_OF_CANDIDATES;
        }
        if (!ended && receive(&p, usec_min(ice_deadline(ice), now + MS(500))))
            ck_assert_int_eq(ice_input(ice, &p, clock_now()), OK);
    }
    ck_assert(ended);
    /* No NAT: the server's answer names the host candidate itself, which is not told twice
     * (RFC 8445 5.1.3). */
    ck_assert_uint_eq(candidates, 1);
    ck_assert_int_lt(clock_now() - start, SEC(15)); /* an answer, not a time-out */
    ice_free(ice);
    tear_down();
}
END_TEST

SUITE("coturn", binding_tells_our_address, an_unknown_required_attribute_is_answered_with_420,
      gathering_ends_with_the_servers_answer)
