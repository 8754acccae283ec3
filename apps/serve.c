/* `duet serve`: the page over HTTP, signaling over WebSockets, and a peer of our own in every room,
 * in one process and one loop. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/host.h"
#include "apps/web.h"
#include "media/source.h"
#include "net/clock.h"
#include "net/limits.h"
#include "net/tcp.h"
#include "net/tls.h"

#define TOKEN_LISTENER HOST_TOKEN(HOST_TOKEN_FREE, 0)
#define TOKEN_CLIENT   HOST_TOKEN(HOST_TOKEN_FREE + 1, 0)
#define CLIENTS_MAX    SIG_SOCKETS_MAX
#define ROOMS_MAX      SIG_SOCKETS_MAX
#define READY_MAX      256
/* Reads of one client in a turn: then what it said is acted on, and the others get theirs. */
#define READS_MAX      4
/* How long goodbyes may take once we were told to end. */
#define GOODBYE_US     SEC(1)
/* Rooms in which somebody looks at the ladder of our calls, at a time: each takes some memory. */
#define WATCHED_MAX    32

/* A TCP connection: the page's or a participant's. */
struct client {
    struct stream stream;
    uint32_t conn; /* the server machine's number; 0: the slot is free */
    bool more;     /* there may be more to read that the loop does not see (TLS), or we stopped */
};

/* Our own participant in a room. */
struct seat {
    uint32_t participant; /* 0: free */
    struct sig_id id;
    struct watch *watch; /* NULL: nobody looks at our calls */
};

struct serve {
    struct host host;
    struct report report;
    struct tcp_listener listener;
    struct tls *tls; /* NULL: plain HTTP */
    struct sig_server *server;
    struct client clients[CLIENTS_MAX];
    struct seat seats[ROOMS_MAX];
    size_t watched; /* seats with a watch */
    bool more;      /* some client has more to read than its turn allowed */
    bool ending;
    usec over_at;
};

struct serve_options {
    const char *listen, *peer, *cert, *key, *record;
    struct option_list origins;
    bool json, help;
};

static const char help_text[] =
    "usage: duet serve [OPTIONS]\n"
    "\n"
    "Serves the web page and the signaling on one address, and sits in every room.\n"
    "The page shows the ladder of each of its calls: /?ladder has it from the first message on.\n"
    "\n"
    "  --listen ADDR:PORT                (default 127.0.0.1:8080; [::1]:8080 for IPv6)\n"
    "  --peer testsource|echo|none       our own peer (default testsource: sends the test source,\n"
    "                                    measures what it gets; echo: sends your media back)\n"
    "  --tls-cert FILE --tls-key FILE    serve https:// and wss:// (PEM)\n"
    "  --origin ORIGIN                   another page that may connect, e.g. https://example.org;\n"
    "                                    may be given several times\n"
    "  --record DIR                      record each participant into DIR/ID.webm\n"
    "  --json                            one JSON object a line on stdout\n"
    "\n"
    "example:\n"
    "  duet serve                        then open http://127.0.0.1:8080/\n";

static bool parse(int argc, char **argv, struct serve_options *o, char *error, size_t room)
{
    struct option_list words;
    const struct option options[] = {
        {.name = "--listen", OPTION_TEXT, &o->listen, 0, 0, NULL},
        {.name = "--peer", OPTION_TEXT, &o->peer, 0, 0, NULL},
        {.name = "--tls-cert", OPTION_TEXT, &o->cert, 0, 0, NULL},
        {.name = "--tls-key", OPTION_TEXT, &o->key, 0, 0, NULL},
        {.name = "--origin", OPTION_LIST, &o->origins, 0, 0, NULL},
        {.name = "--record", OPTION_TEXT, &o->record, 0, 0, NULL},
        {.name = "--json", OPTION_FLAG, &o->json, 0, 0, NULL},
        {.name = "--help", OPTION_FLAG, &o->help, 0, 0, NULL},
    };
    return options_parse(options, COUNT(options), argc, argv, &words, 0, error, room);
}

static bool configure(const struct serve_options *o, struct host_config *cfg, bool *seated,
                      char *error, size_t room)
{
    const struct peer_media both = {true, true};
    *cfg = (struct host_config){.audio = both,
                                .video = both,
                                .record = o->record,
                                .record_each = true,
                                .studio = {.width = SOURCE_WIDTH,
                                           .height = SOURCE_HEIGHT,
                                           .fps = SOURCE_FPS,
                                           .video_bps = 1000000}};
    *seated = true;
    if (!o->peer || strcmp(o->peer, "testsource") == 0) {
        cfg->studio.video = cfg->studio.audio = true;
    } else if (strcmp(o->peer, "echo") == 0) {
        cfg->mode = SESSION_ECHO;
    } else if (strcmp(o->peer, "none") == 0) {
        *seated = false;
    } else {
        snprintf(error, room, "--peer takes testsource, echo or none, not \"%s\"", o->peer);
        return false;
    }
    if (!o->cert != !o->key) {
        snprintf(error, room, "--tls-cert and --tls-key go together");
        return false;
    }
    return true;
}

/* ---- Connections ---- */

static struct client *client_of(struct serve *v, uint32_t conn)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (v->clients[i].conn == conn) return &v->clients[i];
    return NULL;
}

static void drop_client(struct serve *v, struct client *c, usec now)
{
    stream_close(&c->stream);
    sig_server_closed(v->server, c->conn, now);
    c->conn = 0;
}

/* Before TLS's handshake is done the machine has read nothing: what it says all the same is its
 * last word (408), and there is no way to say it. It must not hold a place until all is written. */
static bool is_past_saying(const struct client *c, struct bytes out)
{
    return c->stream.state == STREAM_HANDSHAKE && out.len > 0;
}

/* Writes what waits for a connection, closes it when the machine is done with it, else waits for
 * more in either direction. */
static void flush_client(struct serve *v, struct client *c, usec now)
{
    struct bytes out;
    while ((out = sig_server_output(v->server, c->conn)).len > 0) {
        size_t len = stream_write(&c->stream, out);
        if (len == 0) break;
        sig_server_wrote(v->server, c->conn, len);
    }
    enum stream_state state = c->stream.state;
    if (state == STREAM_FAILED || state == STREAM_CLOSED || is_past_saying(c, out) ||
        sig_server_wants_close(v->server, c->conn)) {
        stream_finish(&c->stream);
        drop_client(v, c, now);
        return;
    }
    uint64_t slot = (uint64_t)(c - v->clients);
    if (stream_watch(&c->stream, v->host.loop, TOKEN_CLIENT | slot << 8, true, out.len > 0) != OK)
        drop_client(v, c, now);
}

static void read_client(struct serve *v, struct client *c, usec now)
{
    uint8_t buffer[16384];
    size_t len = 0;
    if (!c->conn) return;
    for (int i = 0; i < READS_MAX; i++) {
        len = stream_read(&c->stream, buffer, sizeof buffer);
        if (len == 0) break;
        sig_server_input(v->server, c->conn, (struct bytes){buffer, len}, now);
    }
    c->more = len > 0;
    v->more |= c->more;
    if (c->stream.state == STREAM_ENDED) sig_server_ended(v->server, c->conn, now);
    flush_client(v, c, now);
}

static void turn_away(struct stream *s)
{
    if (!s->tls) stream_write(s, sig_server_busy());
    stream_finish(s);
    stream_close(s);
}

static void accept_clients(struct serve *v, usec now)
{
    struct stream stream;
    while (tcp_accept(&v->listener, &stream)) {
        struct client *c = client_of(v, 0);
        if (!c || sig_server_open(v->server, &c->conn, now) != OK) {
            turn_away(&stream);
            continue;
        }
        c->stream = stream;
        c->more = false;
        if (v->tls && tls_start_server(v->tls, &c->stream) != OK)
            drop_client(v, c, now);
        else
            read_client(v, c, now);
    }
}

/* ---- Rooms ---- */

static struct seat *seat_of(struct serve *v, const struct sig_id *id)
{
    for (size_t i = 0; i < ROOMS_MAX; i++)
        if (v->seats[i].participant && sig_id_equal(&v->seats[i].id, id)) return &v->seats[i];
    return NULL;
}

/* ---- Those who look at our calls (docs/signaling.md) ---- */

/* All calls of this seat show what happens to its watch, or to nobody. */
static void show_calls(struct serve *v, const struct seat *seat, usec now)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = v->host.sessions[i];
        if (s && sig_id_equal(session_own(s), &seat->id)) session_watch(s, seat->watch, now);
    }
}

static void end_watch(struct serve *v, struct seat *seat, usec now)
{
    struct watch *watch = seat->watch;
    if (!watch) return;
    seat->watch = NULL;
    v->watched--;
    show_calls(v, seat, now);
    watch_free(watch);
}

static void begin_watch(struct serve *v, struct seat *seat, usec now)
{
    if (seat->watch || v->watched == WATCHED_MAX) return;
    seat->watch = watch_new(v->host.unix_us + v->report.start, v->report.start, now);
    if (!seat->watch) return;
    v->watched++;
    show_calls(v, seat, now);
}

static void take_watch(struct serve *v, const struct sig_server_event *ev, bool on, usec now)
{
    const struct sig_message *m = &ev->message;
    const struct sig_id *who = m->type == SIG_LEAVE ? &m->id : &m->from;
    struct seat *seat = seat_of(v, &ev->id);
    if (!seat || (!on && !seat->watch)) return;
    if (on) begin_watch(v, seat, now);
    if (!seat->watch) return;
    if (on)
        watch_add(seat->watch, who);
    else
        watch_remove(seat->watch, who);
    if (!watch_watcher(seat->watch, 0)) end_watch(v, seat, now);
}

/* What is due for those who look. One who does not read waits, as nobody else does. */
static void show(struct serve *v, usec now)
{
    struct sig_message m;
    for (size_t i = 0, left = v->watched; left > 0 && i < ROOMS_MAX; i++) {
        struct seat *seat = &v->seats[i];
        const struct sig_id *who;
        if (!seat->watch) continue;
        left--;
        if (watch_deadline(seat->watch) > now) continue;
        for (size_t k = 0; (who = watch_watcher(seat->watch, k)) != NULL; k++)
            watch_unread(seat->watch, k, sig_server_waiting(v->server, seat->participant, who),
                         now);
        while (watch_message(seat->watch, &m, now))
            sig_server_send_local(v->server, seat->participant, &m, now);
    }
}

static usec watch_due(const struct serve *v)
{
    usec at = TIME_NEVER;
    for (size_t i = 0, left = v->watched; left > 0 && i < ROOMS_MAX; i++) {
        if (!v->seats[i].watch) continue;
        left--;
        at = usec_min(at, watch_deadline(v->seats[i].watch));
    }
    return at;
}

/* ---- Rooms and calls ---- */

static void open_room(struct serve *v, const struct sig_server_event *ev, usec now)
{
    report_event(&v->report, "room-opened", json_pack("{s:s}", "room", ev->room), now);
    if (!ev->participant) return;
    for (size_t i = 0; i < ROOMS_MAX; i++) {
        if (v->seats[i].participant) continue;
        v->seats[i] = (struct seat){.participant = ev->participant, .id = ev->id};
        return;
    }
}

static void close_room(struct serve *v, const struct sig_server_event *ev, usec now)
{
    report_event(&v->report, "room-closed", json_pack("{s:s}", "room", ev->room), now);
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = v->host.sessions[i];
        if (s && sig_id_equal(session_own(s), &ev->id)) session_orphan(s, now);
    }
    struct seat *seat = seat_of(v, &ev->id);
    if (!seat) return;
    end_watch(v, seat, now);
    seat->participant = 0;
}

/* Who has lost its signaling connection and is back calls everyone anew: not us, if the call with
 * it goes on (docs/signaling.md). */
static bool goes_on(struct serve *v, const struct sig_server_event *ev, usec now)
{
    const struct sig_message *m = &ev->message;
    struct session *s = host_find_going_on(&v->host, &m->key, now);
    if (!s) return false;
    struct sig_message bye = {.type = SIG_BYE, .to = m->from, .key = v->host.key};
    sig_server_send_local(v->server, ev->participant, &bye, now);
    session_adopt(s, &ev->id, &m->from, now);
    struct seat *seat = seat_of(v, &ev->id);
    if (seat) session_watch(s, seat->watch, now);
    return true;
}

static void take_message(struct serve *v, const struct sig_server_event *ev, usec now)
{
    const struct sig_message *m = &ev->message;
    const struct sig_id *remote = m->type == SIG_LEAVE || m->type == SIG_JOIN ? &m->id : &m->from;
    struct session *s = host_find(&v->host, &ev->id, remote);
    if (m->type == SIG_JOIN || m->type == SIG_LEAVE)
        report_event(&v->report, m->type == SIG_JOIN ? "join" : "leave",
                     json_pack("{s:s,s:s}", "room", ev->room, "peer", remote->text), now);
    if (m->type == SIG_LEAVE) take_watch(v, ev, false, now);
    if (m->type == SIG_OFFER && s && session_over(s)) {
        host_drop(&v->host, s, now);
        s = NULL;
    }
    if (m->type == SIG_OFFER && !s && goes_on(v, ev, now)) return;
    if (m->type == SIG_OFFER && !s && !v->ending) {
        char why[HOST_WHY_MAX];
        s = host_call(&v->host, &ev->id, remote, now, why);
        if (!s) report_error("a call was refused: %s", why);
        struct seat *seat = seat_of(v, &ev->id);
        if (s && seat && seat->watch) session_watch(s, seat->watch, now);
    }
    if (s) session_take(s, m, now);
}

/* What is not of a call. False: it is. */
static bool take_question(struct serve *v, const struct sig_server_event *ev, usec now)
{
    const struct sig_message *m = &ev->message;
    struct seat *seat = seat_of(v, &ev->id);
    switch (m->type) {
    case SIG_WATCH: take_watch(v, ev, m->on, now); return true;
    case SIG_EXPLAIN:
        if (seat && seat->watch) watch_ask(seat->watch, &m->from, m->number, now);
        return true;
    case SIG_TRACE:
    case SIG_EXPLAINED: return true; /* we asked nobody */
    default: return false;
    }
}

static void take_events(struct serve *v, usec now)
{
    struct sig_server_event ev;
    while (sig_server_event(v->server, &ev)) {
        switch (ev.type) {
        case SIG_ROOM_OPENED: open_room(v, &ev, now); break;
        case SIG_ROOM_CLOSED: close_room(v, &ev, now); break;
        case SIG_LOCAL_MESSAGE:
            if (!take_question(v, &ev, now)) take_message(v, &ev, now);
            break;
        }
    }
}

/* What our calls have to say in signaling; calls that are over are freed. */
static void sweep(struct serve *v, usec now)
{
    struct sig_message m;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = v->host.sessions[i];
        if (!s) continue;
        struct seat *seat = seat_of(v, session_own(s));
        while (session_message(s, &m)) {
            m.watchable = m.type == SIG_OFFER || m.type == SIG_ANSWER;
            if (seat) sig_server_send_local(v->server, seat->participant, &m, now);
        }
        if (session_over(s)) host_drop(&v->host, s, now);
    }
}

/* ---- The loop ---- */

static void step(struct serve *v, usec now)
{
    uint32_t conn;
    sig_server_tick(v->server, now);
    take_events(v, now);
    host_step(&v->host, now);
    host_end_replaced(&v->host, now);
    sweep(v, now);
    show(v, now);
    while (sig_server_next_dirty(v->server, &conn)) {
        struct client *c = client_of(v, conn);
        if (c) flush_client(v, c, now);
    }
}

static void end(struct serve *v, usec now)
{
    if (v->ending) return;
    v->ending = true;
    v->over_at = now + GOODBYE_US;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (v->host.sessions[i]) session_hang_up(v->host.sessions[i], now);
    sweep(v, now);
    loop_remove(v->host.loop, v->listener.fd);
    tcp_listener_close(&v->listener);
    sig_server_shutdown(v->server, now);
}

static void take_ready(struct serve *v, const struct loop_ready *ready, usec now)
{
    if (ready->what & LOOP_SIGNAL) {
        end(v, now);
    } else if (ready->token == TOKEN_LISTENER) {
        accept_clients(v, now);
    } else if (!host_ready(&v->host, ready, now)) {
        size_t slot = (size_t)(ready->token >> 8 & 0xffffffff);
        if (slot < CLIENTS_MAX) read_client(v, &v->clients[slot], now);
    }
}

/* Clients that were not read to the end get another turn. */
static void read_on(struct serve *v, usec now)
{
    v->more = false;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (v->clients[i].conn && v->clients[i].more) read_client(v, &v->clients[i], now);
    step(v, now);
}

static void run(struct serve *v)
{
    struct loop_ready ready[READY_MAX];
    usec now = clock_now();
    while (!v->ending || (sig_server_sockets(v->server) > 0 && now < v->over_at)) {
        usec deadline = usec_min(host_deadline(&v->host), sig_server_deadline(v->server));
        deadline = usec_min(deadline, watch_due(v));
        if (v->ending) deadline = usec_min(deadline, v->over_at);
        int n = loop_wait(v->host.loop, v->more ? now : deadline, ready, READY_MAX);
        now = clock_now();
        for (int i = 0; i < n; i++) take_ready(v, &ready[i], now);
        step(v, now);
        if (v->more) read_on(v, now);
    }
}

static bool start_tls(struct serve *v, const struct serve_options *o)
{
    struct fault fault = {0};
    if (!o->cert) return true;
    v->tls = tls_server_new(o->cert, o->key, &fault);
    if (!v->tls) report_error("%s", fault.rule);
    return v->tls != NULL;
}

static bool start_listening(struct serve *v, const char *listen)
{
    struct addr at;
    char text[ADDR_TEXT_MAX];
    addr_parse(bytes_of(listen), &at); /* was checked with the options */
    if (tcp_listen(&v->listener, &at) != OK) {
        report_error("can't listen at %s: %s; --listen chooses another address", listen,
                     v->listener.fault.rule);
        return false;
    }
    if (loop_add(v->host.loop, v->listener.fd, TOKEN_LISTENER, LOOP_READ) != OK) return false;
    addr_text(&v->listener.at, text);
    usec now = clock_now();
    report_event(
        &v->report, "listening",
        json_pack("{s:o}", "url", json_sprintf("%s://%s/", v->tls ? "https" : "http", text)), now);
    return true;
}

static bool start_server(struct serve *v, const struct serve_options *o, bool seated)
{
    struct sig_server_config cfg = {.rng = rng_fork(&v->host.rng),
                                    .files = web_files,
                                    .file_count = web_file_count,
                                    .index = "/",
                                    .origins = o->origins.items,
                                    .origin_count = o->origins.count,
                                    .local_in_every_room = seated};
    v->server = sig_server_new(&cfg);
    if (!v->server) report_error("no memory");
    return v->server != NULL;
}

static void stop(struct serve *v)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (v->clients[i].conn) stream_close(&v->clients[i].stream);
    if (v->listener.fd >= 0) tcp_listener_close(&v->listener);
    for (size_t i = 0; i < ROOMS_MAX; i++) end_watch(v, &v->seats[i], clock_now());
    sig_server_free(v->server);
    tls_free(v->tls);
    host_close(&v->host);
    free(v);
}

int command_serve(int argc, char **argv)
{
    struct serve_options o = {.listen = "127.0.0.1:8080"};
    struct host_config cfg;
    struct addr at;
    char error[256], why[HOST_WHY_MAX];
    bool seated;
    if (!parse(argc, argv, &o, error, sizeof error)) return command_usage("serve", error);
    if (o.help) {
        fputs(help_text, stdout);
        return EXIT_DONE;
    }
    if (!configure(&o, &cfg, &seated, error, sizeof error)) return command_usage("serve", error);
    if (!addr_parse(bytes_of(o.listen), &at))
        return command_usage("serve", "--listen takes ADDR:PORT, such as 127.0.0.1:8080");
    struct serve *v = calloc(1, sizeof *v);
    if (!v) return EXIT_COULD_NOT;
    usec now = clock_now();
    v->listener.fd = -1;
    report_init(&v->report, o.json, false, now);
    limits_raise_descriptors(LOOP_FDS_MAX);
    bool ok = report_detach(&v->report);
    if (!ok) snprintf(why, sizeof why, "no memory");
    ok = ok && host_open(&v->host, &cfg, &v->report, now, why);
    if (!ok) report_error("%s", why);
    ok = ok && start_tls(v, &o) && start_server(v, &o, seated) && start_listening(v, o.listen);
    if (ok) run(v);
    ok = report_end(&v->report) && ok;
    stop(v);
    return ok ? EXIT_DONE : EXIT_COULD_NOT;
}
