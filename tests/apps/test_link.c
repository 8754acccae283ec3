/* Time is the test's, so nobody waits ten seconds; only what comes over the sockets is waited for.
 */
#include "tests/net/listener.h"

#include "apps/link.h"

#include <string.h>

#define TOKEN_LINK     7
#define TOKEN_LISTENER 9

static struct loop *loop;
static struct tcp_listener listener;
static struct link *l;
static struct sig_client_event ev;

/* A link to the listener, which speaks no TLS: it takes what comes and is silent. */
static void start(const char *scheme)
{
    char url[100], at[ADDR_TEXT_MAX], why[LINK_WHY_MAX];
    struct rng rng;
    rng_init_number(&rng, 1);
    loop = loop_new();
    ck_assert_ptr_nonnull(loop);
    listen_at(&listener, ADDR_IPV4);
    ck_assert_int_eq(loop_add(loop, listener.fd, TOKEN_LISTENER, LOOP_READ), OK);
    struct link_config cfg = {.loop = loop, .token = TOKEN_LINK, .rng = &rng};
    snprintf(url, sizeof url, "%s://%s/ws?room=a", scheme, addr_text(&listener.at, at));
    ck_assert_int_eq(sig_url_parse(&cfg.url, bytes_of(url)), OK);
    l = link_new(&cfg, why);
    ck_assert_msg(l != NULL, "%s", why);
}

static void stop(void)
{
    link_free(l);
    tcp_listener_close(&listener);
    loop_free(loop);
}

/* The link connects at the time `now`: what the listener gets of it. */
static struct stream accepted(usec now)
{
    struct stream s;
    link_step(l, now);
    ck_assert(!link_event(l, &ev, now));
    while (!tcp_accept(&listener, &s)) {
        wait_any(loop);
        link_step(l, now);
    }
    link_step(l, now);
    return s;
}

START_TEST(a_tls_handshake_that_stalls_ends_the_first_try_and_each_later_one)
{
    usec now = SEC(1000);
    start("wss");
    for (int i = 0; i < 3; i++) {
        struct stream server = accepted(now);
        ck_assert_int_eq(link_deadline(l), now + SEC(10));
        link_step(l, now + SEC(10) - 1);
        ck_assert(!link_event(l, &ev, now + SEC(10) - 1));
        link_step(l, now + SEC(10));
        ck_assert(link_event(l, &ev, now + SEC(10)));
        ck_assert_int_eq(ev.type, SIG_CLIENT_CLOSED);
        ck_assert_int_eq(ev.end, SIG_END_LOST);
        ck_assert_ptr_nonnull(strstr(link_why(l), "TLS did not finish in time"));
        ck_assert_int_ne(ev.reconnect_at, TIME_NEVER);
        ck_assert_int_eq(link_deadline(l), ev.reconnect_at);
        now = ev.reconnect_at;
        stream_close(&server);
    }
    stop();
}
END_TEST

START_TEST(without_tls_the_server_has_its_ten_seconds_for_the_upgrade)
{
    usec now = SEC(1000);
    start("ws");
    struct stream server = accepted(now);
    ck_assert_int_eq(link_deadline(l), now + SEC(10));
    link_step(l, now + SEC(10));
    ck_assert(link_event(l, &ev, now + SEC(10)));
    ck_assert_int_eq(ev.end, SIG_END_TIMEOUT);
    ck_assert_str_eq(link_why(l), "127.0.0.1: no answer to the upgrade in time");
    stream_close(&server);
    stop();
}
END_TEST

START_TEST(who_hangs_up_while_tls_stalls_has_ended_at_once)
{
    usec now = SEC(1000);
    start("wss");
    struct stream server = accepted(now);
    ck_assert(!link_ended(l));
    link_close(l, now);
    ck_assert(link_ended(l));
    stream_close(&server);
    stop();
}
END_TEST

SUITE("apps link", a_tls_handshake_that_stalls_ends_the_first_try_and_each_later_one,
      without_tls_the_server_has_its_ten_seconds_for_the_upgrade,
      who_hangs_up_while_tls_stalls_has_ended_at_once)
