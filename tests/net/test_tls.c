#define _POSIX_C_SOURCE 200809L /* mkstemp, setenv */
#include "net/tls.h"

#include "net/tcp.h"
#include "tests/net/certificate.h"
#include "tests/net/wait.h"

#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>

#define DAY (24 * 3600)

/* A TLS client and server over loopback, neither yet shaken hands. */
struct pair {
    struct loop *loop;
    struct tcp_listener listener;
    struct stream client, server;
    struct tls *client_tls, *server_tls;
};

static void connect_pair(struct pair *p)
{
    struct addr at = loopback(ADDR_IPV4);
    struct loop_ready ready;
    p->loop = loop_new();
    ck_assert_int_eq(tcp_listen(&p->listener, &at), OK);
    ck_assert_int_eq(loop_add(p->loop, p->listener.fd, 1, LOOP_READ), OK);
    ck_assert_int_eq(tcp_connect(&p->client, &p->listener.at), OK);
    while (!tcp_accept(&p->listener, &p->server))
        ck_assert_int_eq(loop_wait(p->loop, clock_now() + PATIENCE, &ready, 1), 1);
    loop_remove(p->loop, p->listener.fd);
    tcp_listener_close(&p->listener);
}

/* What OpenSSL takes for the system's roots (see its man page of SSL_CTX_load_verify_locations):
 * one file instead of the hundreds that this machine may have. */
static void set_system_roots(const char *file)
{
    ck_assert_int_eq(setenv("SSL_CERT_FILE", file, 1), 0);
    ck_assert_int_eq(setenv("SSL_CERT_DIR", "/does/not/exist", 1), 0);
}

/* The server shows `shown`; the client trusts `trusted` (or only the system) and wants `host`. */
static void start_pair(struct pair *p, const struct certificate *shown,
                       const struct certificate *trusted, const char *host)
{
    struct fault why;
    if (!getenv("SSL_CERT_FILE")) set_system_roots("/does/not/exist");
    connect_pair(p);
    p->server_tls = tls_server_new(shown->cert_file, shown->key_file, &why);
    ck_assert_msg(p->server_tls != NULL, "%s", why.rule);
    p->client_tls = tls_client_new(trusted ? trusted->cert_file : NULL, &why);
    ck_assert_msg(p->client_tls != NULL, "%s", why.rule);
    ck_assert_int_eq(tls_start_server(p->server_tls, &p->server), OK);
    ck_assert_int_eq(tls_start_client(p->client_tls, &p->client, host), OK);
}

static void drop_pair(struct pair *p)
{
    stream_close(&p->client);
    stream_close(&p->server);
    tls_free(p->client_tls);
    tls_free(p->server_tls);
    loop_free(p->loop);
}

static bool shaking_hands(const struct stream *s)
{
    return s->state == STREAM_CONNECTING || s->state == STREAM_HANDSHAKE;
}

/* One wait for whatever the two ends need; nobody may ask for nothing while shaking hands. */
static void wait_pair(struct pair *p, bool client_writes, bool server_writes)
{
    struct loop_ready ready[2];
    ck_assert_int_eq(stream_watch(&p->client, p->loop, 1, true, client_writes), OK);
    ck_assert_int_eq(stream_watch(&p->server, p->loop, 2, true, server_writes), OK);
    ck_assert_int_gt(loop_wait(p->loop, clock_now() + PATIENCE, ready, 2), 0);
}

static void shake_hands(struct pair *p)
{
    for (;;) {
        stream_step(&p->client);
        stream_step(&p->server);
        if (!shaking_hands(&p->client) && !shaking_hands(&p->server)) return;
        if (p->client.state == STREAM_FAILED) return;
        wait_pair(p, false, false);
    }
}

static struct certificate good_for(const char *name)
{
    return certificate_make((struct certificate_wish){.name = name, .from = -60, .until = DAY});
}

START_TEST(bytes_go_both_ways)
{
    struct certificate c = good_for("DNS:localhost,IP:127.0.0.1");
    const char *const hosts[] = {"localhost", "LOCALHOST.", "127.0.0.1"};
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct pair p;
        char got[16] = "";
        start_pair(&p, &c, &c, hosts[i]);
        shake_hands(&p);
        ck_assert_msg(p.client.state == STREAM_OPEN, "%s", p.client.fault.rule);
        ck_assert_int_eq(p.server.state, STREAM_OPEN);
        ck_assert_uint_eq(stream_write(&p.client, bytes_of("question")), 8);
        while (stream_read(&p.server, got, sizeof got) == 0) wait_pair(&p, false, false);
        ck_assert_str_eq(got, "question");

        const unsigned char *alpn;
        unsigned len;
        SSL_get0_alpn_selected(p.server.tls, &alpn, &len);
        ck_assert(bytes_is((struct bytes){alpn, len}, "http/1.1"));
        const char *sni = SSL_get_servername(p.server.tls, TLSEXT_NAMETYPE_host_name);
        ck_assert_int_eq(sni == NULL, i == 2); /* RFC 6066 §3: no literals */

        stream_finish(&p.client);
        while (stream_read(&p.server, got, sizeof got) || p.server.state == STREAM_OPEN)
            wait_pair(&p, false, false);
        ck_assert_int_eq(p.server.state, STREAM_ENDED);
        drop_pair(&p);
    }
    certificate_drop(&c);
}
END_TEST

START_TEST(an_authority_vouches)
{
    struct certificate root = certificate_make(
        (struct certificate_wish){.name = "root", .from = -60, .until = DAY, .authority = 1});
    struct certificate c = certificate_make((struct certificate_wish){
        .name = "DNS:localhost", .from = -60, .until = DAY, .made = &root});
    struct pair p;
    start_pair(&p, &c, &root, "localhost");
    shake_hands(&p);
    ck_assert_int_eq(p.client.state, STREAM_OPEN);
    drop_pair(&p);
    start_pair(&p, &c, NULL, "localhost");
    shake_hands(&p);
    ck_assert_int_eq(p.client.state, STREAM_FAILED);
    ck_assert_str_eq(p.client.fault.rule, "no trusted authority has signed the certificate");
    drop_pair(&p);
    set_system_roots(root.cert_file);
    start_pair(&p, &c, NULL, "localhost");
    shake_hands(&p);
    ck_assert_int_eq(p.client.state, STREAM_OPEN);
    drop_pair(&p);
    certificate_drop(&c);
    certificate_drop(&root);
}
END_TEST

/* The client refuses, says why by name, and lets no byte through. */
static void refused(struct certificate_wish wish, bool trusted, const char *host, const char *rule)
{
    struct certificate c = certificate_make(wish);
    struct pair p;
    char got[4];
    start_pair(&p, &c, trusted ? &c : NULL, host);
    shake_hands(&p);
    ck_assert_int_eq(p.client.state, STREAM_FAILED);
    ck_assert_int_eq(p.client.fault.err, E_AUTH);
    ck_assert_str_eq(p.client.fault.layer, "tls");
    ck_assert_str_eq(p.client.fault.rule, rule);
    ck_assert_int_eq(tls_untrusted(&p.client), !trusted); /* what another CA file would help */
    ck_assert_uint_eq(stream_write(&p.client, bytes_of("secret")), 0);
    ck_assert_uint_eq(stream_read(&p.client, got, sizeof got), 0);
    while (shaking_hands(&p.server) || p.server.state == STREAM_OPEN) {
        stream_read(&p.server, got, sizeof got);
        if (p.server.state == STREAM_FAILED) break;
        wait_pair(&p, false, false);
    }
    ck_assert_ptr_nonnull(p.server.fault.rule); /* the alert's name */
    drop_pair(&p);
    certificate_drop(&c);
}

START_TEST(bad_certificates_are_refused_by_name)
{
    static const char elsewhere[] = "the certificate is for another host: use a name that it has";
    struct certificate_wish w = {.name = "DNS:localhost", .from = -2 * DAY, .until = -DAY};
    refused(w, true, "localhost", "the certificate has expired: the server needs a new one");
    w.from = DAY, w.until = 2 * DAY;
    refused(w, true, "localhost", "the certificate is not valid yet: is the clock right?");
    w.from = -60;
    refused(w, false, "localhost", "the certificate is self-signed and not among the trusted ones");
    refused(w, true, "example.org", elsewhere);
    refused(w, true, "127.0.0.1", elsewhere);
    w.name = "IP:127.0.0.2";
    refused(w, true, "127.0.0.1", elsewhere);
    w.name = "DNS:l*st";
    refused(w, true, "localhost", elsewhere);
    w.name = "localhost", w.authority = 1; /* only in the subject's CN */
    refused(w, true, "localhost", elsewhere);
}
END_TEST

/* Four megabytes into a reader that sleeps: writes become partial, and nothing is lost or doubled.
 */
START_TEST(a_slow_reader_gets_everything)
{
    static uint8_t out[100000], in[30000];
    struct certificate c = good_for("DNS:localhost");
    struct pair p;
    size_t sent = 0, got = 0, total = 4 * 1000 * 1000;
    int blocked = 0;
    for (size_t i = 0; i < sizeof out; i++) out[i] = (uint8_t)(i * 31 + i / 253);
    start_pair(&p, &c, &c, "localhost");
    shake_hands(&p);
    while (got < total) {
        size_t at = sent % sizeof out, took = 0;
        if (sent < total) took = stream_write(&p.client, (struct bytes){out + at, sizeof out - at});
        sent += took;
        if (took) continue;
        blocked++;
        size_t n = stream_read(&p.server, in, sizeof in);
        ck_assert(repeats((struct bytes){out, sizeof out}, got, (struct bytes){in, n}));
        got += n;
        ck_assert_int_eq(p.server.state, STREAM_OPEN);
        if (!n) wait_pair(&p, sent < total, false);
    }
    ck_assert_int_gt(blocked, 2);
    ck_assert_uint_eq(got, total);
    drop_pair(&p);
    certificate_drop(&c);
}
END_TEST

/* Neither a plain client at a TLS server, nor a plain server, nor an end in the middle. */
START_TEST(what_is_not_tls_fails_the_stream)
{
    struct certificate c = good_for("DNS:localhost");
    for (int which = 0; which < 3; which++) {
        struct pair p = {0};
        struct fault why;
        connect_pair(&p);
        p.server_tls = tls_server_new(c.cert_file, c.key_file, &why);
        ck_assert_int_eq(tls_start_server(p.server_tls, &p.server), OK);
        ck_assert_int_eq(stream_step(&p.client), STREAM_OPEN);
        if (which == 0) stream_write(&p.client, bytes_of("GET / HTTP/1.1\r\n\r\n"));
        if (which == 1) stream_write(&p.client, (struct bytes){(const uint8_t *)"\x16\x03\x01", 3});
        if (which != 0) stream_finish(&p.client);
        while (stream_step(&p.server) == STREAM_HANDSHAKE) wait_pair(&p, false, false);
        ck_assert_int_eq(p.server.state, STREAM_FAILED);
        ck_assert_ptr_nonnull(p.server.fault.rule);
        drop_pair(&p);
    }
    certificate_drop(&c);
}
END_TEST

/* The peer vanishes: no SIGPIPE, a failed stream. */
START_TEST(writing_to_a_closed_peer_fails_the_stream)
{
    struct certificate c = good_for("DNS:localhost");
    struct pair p;
    start_pair(&p, &c, &c, "localhost");
    shake_hands(&p);
    stream_close(&p.server);
    usec end = clock_now() + PATIENCE;
    while (p.client.state == STREAM_OPEN && clock_now() < end)
        stream_write(&p.client, bytes_of("more"));
    ck_assert_int_eq(p.client.state, STREAM_FAILED);
    drop_pair(&p);
    certificate_drop(&c);
}
END_TEST

START_TEST(set_up_says_what_is_wrong)
{
    struct certificate c = good_for("DNS:localhost"), other = good_for("DNS:localhost");
    struct fault why;
    ck_assert_ptr_null(tls_client_new("/does/not/exist", &why));
    ck_assert_str_eq(why.rule, "the CA file can't be read as PEM certificates");
    ck_assert_ptr_null(tls_server_new("/does/not/exist", c.key_file, &why));
    ck_assert_str_eq(why.rule, "the certificate file can't be read as PEM certificates");
    ck_assert_ptr_null(tls_server_new(c.cert_file, other.key_file, &why));
    ck_assert_int_eq(why.err, E_MALFORMED);
    ck_assert_ptr_null(tls_server_new(c.cert_file, c.cert_file, &why));
    tls_free(NULL);

    struct pair p;
    connect_pair(&p);
    p.server_tls = NULL;
    p.client_tls = tls_client_new(NULL, &why);
    ck_assert_int_eq(tls_start_client(p.client_tls, &p.client, ""), E_MALFORMED);
    ck_assert_int_eq(tls_start_client(p.client_tls, &p.client, "no host"), E_MALFORMED);
    ck_assert_ptr_null(p.client.tls);
    drop_pair(&p);
    ck_assert_int_eq(tls_start_server(p.client_tls, &p.client), E_STATE);
    certificate_drop(&c);
    certificate_drop(&other);
}
END_TEST

SUITE("net tls", bytes_go_both_ways, an_authority_vouches, bad_certificates_are_refused_by_name,
      a_slow_reader_gets_everything, what_is_not_tls_fails_the_stream,
      writing_to_a_closed_peer_fails_the_stream, set_up_says_what_is_wrong)
