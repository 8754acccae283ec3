#include "apps/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dial.h"
#include "net/names.h"
#include "net/tls.h"

/* A server that takes the connection and then stays silent in TLS's handshake: RFC 8446 sets no
 * limit, ours is what the upgrade has behind it (signaling/client.h). */
#define SECURE_TIMEOUT SEC(10)

struct link {
    struct link_config cfg;
    struct sig_client *client;
    struct names *names;
    struct tls *tls; /* wss:// */
    struct dial dial;
    struct stream stream;
    enum {
        LINK_IDLE,
        LINK_NAMING,
        LINK_DIALING,
        LINK_SECURING, /* TLS's handshake; ws:// has none and goes on at once */
        LINK_UP        /* the client knows that the stream is up */
    } state;
    usec secure_until; /* LINK_SECURING */
    char why[LINK_WHY_MAX];
};

struct link *link_new(const struct link_config *cfg, char why[LINK_WHY_MAX])
{
    struct fault fault = {0};
    struct link *l = calloc(1, sizeof *l);
    struct sig_client_config client = {.url = cfg->url, .rng = rng_fork(cfg->rng)};
    snprintf(why, LINK_WHY_MAX, "no memory");
    if (!l) return NULL;
    l->cfg = *cfg;
    l->stream.fd = -1;
    l->client = sig_client_new(&client);
    l->names = names_new(cfg->loop, cfg->token + 1, cfg->rng);
    if (cfg->url.secure) {
        l->tls = tls_client_new(cfg->ca_file, &fault);
        if (!l->tls) snprintf(why, LINK_WHY_MAX, "TLS can't start: %s", fault.rule);
    }
    if (!l->client || !l->names || (cfg->url.secure && !l->tls)) {
        link_free(l);
        return NULL;
    }
    return l;
}

void link_free(struct link *l)
{
    if (!l) return;
    if (l->state == LINK_DIALING) dial_stop(&l->dial);
    stream_close(&l->stream);
    sig_client_free(l->client);
    names_free(l->names);
    tls_free(l->tls);
    free(l);
}

/* The stream is gone, or could not be made. */
static void lose(struct link *l, usec now)
{
    stream_close(&l->stream);
    l->state = LINK_IDLE;
    sig_client_closed(l->client, now);
}

static void dial(struct link *l, const struct name_event *ev, usec now)
{
    struct addr addrs[NAME_ADDRS_MAX];
    if (l->state != LINK_NAMING) return;
    if (ev->count == 0) {
        snprintf(l->why, sizeof l->why, "%s: %s", l->cfg.url.host,
                 ev->fault.rule ? ev->fault.rule : "nobody knows this name");
        lose(l, now);
        return;
    }
    for (size_t i = 0; i < ev->count; i++) {
        addrs[i] = ev->addrs[i];
        addrs[i].port = l->cfg.url.port;
    }
    l->state = LINK_DIALING;
    dial_start(&l->dial, addrs, ev->count, now);
}

static void fail_dial(struct link *l, usec now)
{
    char at[ADDR_TEXT_MAX];
    snprintf(l->why, sizeof l->why, "%s: %s; is `duet serve` running there?",
             addr_text(&l->dial.failed, at), l->dial.fault.rule);
    lose(l, now);
}

static void step_dial(struct link *l, usec now)
{
    switch (dial_step(&l->dial, now)) {
    case DIAL_TRYING: stream_watch(&l->dial.stream, l->cfg.loop, l->cfg.token, false, true); break;
    case DIAL_FAILED: fail_dial(l, now); break;
    case DIAL_DONE:
        if (l->dial.stream.loop) loop_remove(l->cfg.loop, l->dial.stream.fd);
        l->stream = l->dial.stream;
        l->stream.loop = NULL;
        l->state = LINK_SECURING;
        l->secure_until = now + SECURE_TIMEOUT;
        if (l->tls && tls_start_client(l->tls, &l->stream, l->cfg.url.host) != OK) {
            snprintf(l->why, sizeof l->why, "TLS can't start with %s", l->cfg.url.host);
            lose(l, now);
        }
        break;
    }
}

static void step_names(struct link *l, usec now)
{
    struct name_event ev;
    names_step(l->names, now);
    while (names_event(l->names, &ev)) dial(l, &ev, now);
    if (l->state == LINK_DIALING) step_dial(l, now);
}

static void ask_name(struct link *l, usec now)
{
    const char *host = l->cfg.url.host;
    l->state = LINK_NAMING;
    if (names_ask(l->names, 0, bytes_of(host), now) == OK) {
        step_names(l, now);
    } else {
        snprintf(l->why, sizeof l->why, "\"%s\" is no host name or address", host);
        lose(l, now);
    }
}

static void read_stream(struct link *l, usec now)
{
    uint8_t buffer[16384];
    size_t len;
    while (l->state == LINK_UP && (len = stream_read(&l->stream, buffer, sizeof buffer)) > 0)
        sig_client_input(l->client, (struct bytes){buffer, len}, now);
}

static void write_stream(struct link *l, usec now)
{
    struct bytes out;
    while ((out = sig_client_output(l->client)).len > 0) {
        size_t len = stream_write(&l->stream, out);
        if (len == 0) break;
        sig_client_wrote(l->client, len, now);
    }
}

static void watch_stream(struct link *l)
{
    stream_watch(&l->stream, l->cfg.loop, l->cfg.token, true, sig_client_output(l->client).len > 0);
}

static void fail_stream(struct link *l, usec now)
{
    snprintf(l->why, sizeof l->why, "%s: %s%s", l->cfg.url.host, l->stream.fault.rule,
             tls_untrusted(&l->stream) ? "; --tls-ca FILE makes it or its authority trusted" : "");
    lose(l, now);
}

static void step_securing(struct link *l, usec now)
{
    enum stream_state state = stream_step(&l->stream);
    if (state == STREAM_OPEN) {
        l->state = LINK_UP;
        l->why[0] = '\0';
        sig_client_connected(l->client, now);
    } else if (state == STREAM_FAILED) {
        fail_stream(l, now);
    } else if (state == STREAM_ENDED) {
        lose(l, now);
    } else if (now >= l->secure_until) {
        snprintf(l->why, sizeof l->why, "%s: TLS did not finish in time; is it a wss:// server?",
                 l->cfg.url.host);
        lose(l, now);
    } else {
        watch_stream(l);
    }
}

static void step_up(struct link *l, usec now)
{
    stream_step(&l->stream);
    read_stream(l, now);
    write_stream(l, now);
    enum stream_state state = l->stream.state;
    if (state == STREAM_FAILED)
        fail_stream(l, now);
    else if (state == STREAM_ENDED || sig_client_wants_close(l->client))
        lose(l, now);
    else
        watch_stream(l);
}

static void step_stream(struct link *l, usec now)
{
    if (l->state == LINK_SECURING) step_securing(l, now);
    if (l->state == LINK_UP) step_up(l, now);
}

bool link_ready(const struct link *l, const struct loop_ready *ready)
{
    if (ready->what & LOOP_SIGNAL) return false;
    return ready->token == l->cfg.token || ready->token == l->cfg.token + 1;
}

void link_step(struct link *l, usec now)
{
    sig_client_tick(l->client, now);
    step_names(l, now);
    step_stream(l, now);
}

/* What the server did not say, or said wrongly, the client knows best. */
static void keep_why(struct link *l, const struct sig_client_event *ev)
{
    if (ev->type != SIG_CLIENT_CLOSED) return;
    if (ev->end == SIG_END_TIMEOUT || ev->end == SIG_END_WRONG)
        snprintf(l->why, sizeof l->why, "%s: %s", l->cfg.url.host,
                 sig_client_fault(l->client)->rule);
}

/* Of what the client says, the wish for a stream is the link's own business. */
bool link_event(struct link *l, struct sig_client_event *ev, usec now)
{
    while (sig_client_event(l->client, ev)) {
        keep_why(l, ev);
        if (ev->type != SIG_CLIENT_CONNECT) return true;
        ask_name(l, now);
        step_stream(l, now); /* a near server answers at once */
    }
    return false;
}

usec link_deadline(const struct link *l)
{
    usec at = usec_min(sig_client_deadline(l->client), names_deadline(l->names));
    if (l->state == LINK_DIALING) at = usec_min(at, dial_deadline(&l->dial));
    if (l->state == LINK_SECURING) at = usec_min(at, l->secure_until);
    return at;
}

enum err link_send(struct link *l, const struct sig_message *m, usec now)
{
    return sig_client_send(l->client, m, now);
}

void link_close(struct link *l, usec now)
{
    sig_client_close(l->client, now);
}

bool link_ended(const struct link *l)
{
    return sig_client_state(l->client) == SIG_CLIENT_ENDED && l->state != LINK_UP;
}

const char *link_why(const struct link *l)
{
    return l->why;
}
