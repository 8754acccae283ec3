/* `duet call URL`: joins a room and calls whoever is there. */
#include <stdio.h>
#include <string.h>

#include "apps/account.h"
#include "apps/callladder.h"
#include "apps/command.h"
#include "apps/host.h"
#include "apps/link.h"
#include "apps/mediaoptions.h"
#include "media/source.h"
#include "net/clock.h"

#define TOKEN_LINK  HOST_TOKEN(HOST_TOKEN_FREE, 0)
/* How long goodbyes may take once we hang up. */
#define GOODBYE_US  SEC(1)
#define SECONDS_MAX (366L * 24 * 3600)
#define READY_MAX   64

struct call {
    struct host host;
    struct link *link;
    struct report report;
    struct callladder *ladder; /* NULL: none is drawn */
    json_t *account;           /* with a ladder: why the first one failed, for its end */
    bool joined;               /* the first welcome came */
    bool lost;                 /* signaling is closed, and that was told */
    bool hanging_up;
    usec end_at;            /* hang up then */
    usec over_at;           /* and stop waiting for goodbyes then */
    size_t calls, good;     /* that have ended, and those of them that were ok */
    json_t *last, *bad;     /* the summaries of the last one, and of the first that was not ok */
    char why[HOST_WHY_MAX]; /* without any: why there was none */
    char refused[HOST_WHY_MAX]; /* a call that could not even begin */
};

struct call_options {
    const char *video, *audio, *play, *record, *size, *ice_servers, *ca_file, *policy, *impair;
    const char *recordings[RECORDINGS];
    struct sim_link_script network; /* what --impair says */
    long seconds, fps, bitrate;
    bool view, ladder, json, help;
};

static const char help_text[] =
    "usage: duet call URL [OPTIONS]\n"
    "\n"
    "Joins the room at a ws:// or wss:// URL and calls whoever is there.\n"
    "\n"
    "  --seconds N                   hang up after N seconds (default: until interrupted)\n"
    "  --video both|send|recv|none   (default both)\n"
    "  --audio both|send|recv|none   (default both)\n"
    "  --play FILE.webm              send this file (VP8, Opus) instead of the test source\n"
    "  --record FILE.webm            record what the first participant sends\n"
    "  --view                        draw the remote picture in the terminal\n"
    "  --ladder                      draw who says what to whom, as it happens (docs/ladder.md)\n"
    "  --size WxH --fps N --bitrate KBPS   of the test source (default 640x480, 30, 1000)\n"
    "  --ice-servers JSON|@FILE      the browser's RTCIceServer array: stun: URLs\n"
    "  --tls-ca FILE                 further certificate authorities to trust for wss://\n"
    "  --impair SPEC                 a bad network before our sockets, alike both ways, such as\n"
    "                                loss=5%,delay=50ms,jitter=10ms,reorder=1%,dup=1%,\n"
    "                                corrupt=0.1%,rate=1mbit,queue=200ms,seed=7; or a script\n"
    "                                '0s:loss=5%;10s:loss=30%;20s:' (docs/cli.md)\n"
    "  --pcap FILE.pcapng            the wire, with the DTLS secrets, and what is inside SRTP,\n"
    "                                as Wireshark opens it (docs/trace.md)\n"
    "  --keylog FILE                 the DTLS secrets alone, in the NSS format\n"
    "  --trace FILE.jsonl            a line for every input, output, timer, state and decision\n"
    "  --stats FILE.json             statistics, as chrome://webrtc-internals dumps them\n"
    "  --json                        one JSON object a line, the summary last\n"
    "\n"
    "Exit status 0: all that was asked for was received; 1: not; 2: wrong usage.\n"
    "\n"
    "examples:\n"
    "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --view\n"
    "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --ladder --seconds 5\n"
    "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --seconds 10 --record call.webm --json\n"
    "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --seconds 10 --pcap call.pcapng\n"
    "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --impair loss=5%,delay=50ms,jitter=10ms\n";

static bool parse(int argc, char **argv, struct call_options *o, struct option_list *words,
                  char *error, size_t room)
{
    const struct option options[] = {
        {.name = "--seconds", OPTION_NUMBER, &o->seconds, 1, SECONDS_MAX, NULL},
        {.name = "--video", OPTION_TEXT, &o->video, 0, 0, NULL},
        {.name = "--audio", OPTION_TEXT, &o->audio, 0, 0, NULL},
        {.name = "--play", OPTION_TEXT, &o->play, 0, 0, NULL},
        {.name = "--record", OPTION_TEXT, &o->record, 0, 0, NULL},
        {.name = "--view", OPTION_FLAG, &o->view, 0, 0, NULL},
        {.name = "--ladder", OPTION_FLAG, &o->ladder, 0, 0, NULL},
        {.name = "--size", OPTION_TEXT, &o->size, 0, 0, NULL},
        {.name = "--fps", OPTION_NUMBER, &o->fps, 1, 120, NULL},
        {.name = "--bitrate", OPTION_NUMBER, &o->bitrate, 30, 20000, NULL},
        {.name = "--ice-servers", OPTION_TEXT, &o->ice_servers, 0, 0, NULL},
        {.name = "--tls-ca", OPTION_TEXT, &o->ca_file, 0, 0, NULL},
        {.name = "--impair", OPTION_TEXT, &o->impair, 0, 0, NULL},
        {.name = "--json", OPTION_FLAG, &o->json, 0, 0, NULL},
        {.name = "--help", OPTION_FLAG, &o->help, 0, 0, NULL},
        {.name = "--policy", OPTION_TEXT, &o->policy, 0, 0, NULL},
        {.name = "--data", OPTION_LATER, NULL, 0, 0, "data channels need SCTP"},
        {.name = "--data-bytes", OPTION_LATER, NULL, 0, 0, "data channels need SCTP"},
        {.name = "--pcap", OPTION_TEXT, &o->recordings[RECORDING_PCAP], 0, 0, NULL},
        {.name = "--keylog", OPTION_TEXT, &o->recordings[RECORDING_KEYLOG], 0, 0, NULL},
        {.name = "--trace", OPTION_TEXT, &o->recordings[RECORDING_TRACE], 0, 0, NULL},
        {.name = "--stats", OPTION_TEXT, &o->recordings[RECORDING_STATS], 0, 0, NULL},
    };
    return options_parse(options, COUNT(options), argc, argv, words, 1, error, room);
}

/* False: `error` says which two options are of one file, so that one would write into the other's.
 */
static bool files_differ(const struct call_options *o, char *error, size_t room)
{
    const struct {
        const char *option, *file;
    } files[] = {
        {"--record", o->record},
        {"--pcap", o->recordings[RECORDING_PCAP]},
        {"--keylog", o->recordings[RECORDING_KEYLOG]},
        {"--trace", o->recordings[RECORDING_TRACE]},
        {"--stats", o->recordings[RECORDING_STATS]},
        {"--play", o->play},
    };
    for (size_t i = 0; i < COUNT(files); i++)
        for (size_t k = i + 1; k < COUNT(files); k++) {
            if (!files[i].file || !files[k].file || !file_same(files[i].file, files[k].file))
                continue;
            snprintf(error, room, "%s and %s name the same file: %.150s", files[i].option,
                     files[k].option, files[k].file);
            return false;
        }
    return true;
}

/* The host's share of the options; false: `error` says which one is wrong. */
static bool configure(struct call_options *o, struct host_config *cfg, char *error, size_t room)
{
    int width = SOURCE_WIDTH, height = SOURCE_HEIGHT;
    *cfg = (struct host_config){.view = o->view, .record = o->record};
    if (!media_option(o->video, &cfg->video) || !media_option(o->audio, &cfg->audio)) {
        snprintf(error, room, "--video and --audio take both, send, recv or none");
        return false;
    }
    if (!cfg->video.send && !cfg->video.recv && !cfg->audio.send && !cfg->audio.recv) {
        snprintf(error, room, "--video none and --audio none leave nothing to call with");
        return false;
    }
    if (o->size && !size_option(o->size, &width, &height)) {
        snprintf(error, room, "--size takes an even WxH from %dx%d, such as 640x480",
                 SOURCE_WIDTH_MIN, SOURCE_HEIGHT_MIN);
        return false;
    }
    if (o->policy && strcmp(o->policy, "all") != 0) {
        snprintf(error, room,
                 strcmp(o->policy, "relay") == 0
                     ? "--policy relay is not there yet: a later version brings TURN"
                     : "--policy takes all or relay");
        return false;
    }
    if (o->ladder && (o->json || o->view)) {
        snprintf(error, room, "--ladder draws where %s would print: only one of them at a time",
                 o->json ? "--json" : "--view");
        return false;
    }
    if (!files_differ(o, error, room)) return false;
    if (o->impair && !impair_option(o->impair, &o->network, error, room)) return false;
    cfg->impair = o->impair ? &o->network : NULL;
    memcpy(cfg->recordings, o->recordings, sizeof cfg->recordings);
    cfg->studio = (struct studio_config){.play = o->play,
                                         .width = width,
                                         .height = height,
                                         .fps = (int)o->fps,
                                         .video_bps = (unsigned)o->bitrate * 1000,
                                         .video = cfg->video.send,
                                         .audio = cfg->audio.send};
    return true;
}

/* Why a call failed: an event for programs, some lines for people. */
static void tell_account(struct call *c, const json_t *account, usec now)
{
    if (c->ladder) {
        if (!c->account) c->account = json_incref((json_t *)(uintptr_t)account); /* not changed */
        return;
    }
    if (!c->report.json) {
        account_print(account, stdout);
        return;
    }
    json_t *members = json_copy((json_t *)(uintptr_t)account); /* shared, not changed */
    json_object_del(members, "event");
    report_event(&c->report, "account", members, now);
}

/* A call has ended: its summary is an event, and kept for the last line. */
static void count_call(struct call *c, const struct session *s, usec now)
{
    json_t *summary = session_summary(s, now);
    bool ok = json_is_true(json_object_get(summary, "ok"));
    json_object_set_new(summary, "remote", json_string(session_remote(s)->text));
    c->calls++;
    c->good += ok;
    if (!ok && !c->bad) c->bad = json_copy(summary);
    json_decref(c->last);
    c->last = json_copy(summary);
    const json_t *account = session_account(s);
    if (!ok && account) tell_account(c, account, now);
    json_object_del(summary, "event"); /* the report names it, after the time */
    report_event(&c->report, "summary", summary, now);
}

/* Frees calls that are over once their last message is out. */
static void sweep(struct call *c, usec now)
{
    struct sig_message m;
    host_end_replaced(&c->host, now);
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = c->host.sessions[i];
        if (!s) continue;
        while (session_message(s, &m)) link_send(c->link, &m, now);
        if (!session_over(s)) continue;
        count_call(c, s, now);
        host_forget(&c->host, s);
    }
}

static void begin(struct call *c, const struct sig_id *own, const struct sig_id *remote,
                  const struct sig_message *offer, usec now)
{
    char why[HOST_WHY_MAX];
    sweep(c, now); /* the last call with the same participant may just be over */
    struct session *s = host_call(&c->host, own, remote, now, why);
    if (!s) {
        c->calls++;
        snprintf(c->refused, sizeof c->refused, "%s", why);
    } else if (offer) {
        session_take(s, offer, now);
    } else {
        session_offer(s, now);
    }
}

/* Everyone in the room is called. Who comes back after a lost signaling connection has a new id,
 * and the others may have too: calls go on without ids, and with whom that is we learn from the
 * answer (docs/signaling.md). */
static void take_welcome(struct call *c, const struct sig_message *m, usec now)
{
    report_event(
        &c->report, "signaling",
        json_pack("{s:s,s:s,s:i}", "state", "open", "id", m->id.text, "peers", (int)m->peer_count),
        now);
    if (c->ladder) {
        char words[64];
        snprintf(words, sizeof words, "welcome: %zu other%s", m->peer_count,
                 m->peer_count == 1 ? "" : "s");
        callladder_server(c->ladder, words, false, now);
    }
    if (m->peer_count == 0) report_say(&c->report, "          nobody else is in the room yet");
    c->joined = true;
    c->lost = false;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (c->host.sessions[i]) session_orphan(c->host.sessions[i], now);
    for (size_t i = 0; i < m->peer_count; i++) begin(c, &m->id, &m->peers[i], NULL, now);
}

static struct session *session_with(struct call *c, const struct sig_id *remote)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (c->host.sessions[i] && !session_orphaned(c->host.sessions[i]) &&
            sig_id_equal(session_remote(c->host.sessions[i]), remote))
            return c->host.sessions[i];
    return NULL;
}

/* An offer, or the bye to ours, of somebody with whom a call goes on: that call has ids again, and
 * there is no second one. `s`: the one that we offered, or NULL. */
static bool goes_on(struct call *c, const struct sig_message *m, const struct sig_id *own,
                    struct session *s, usec now)
{
    struct session *old = host_find_going_on(&c->host, &m->key, now);
    if (!old) return false;
    if (s) {
        host_forget(&c->host, s);
    } else {
        struct sig_message bye = {.type = SIG_BYE, .to = m->from, .key = c->host.key};
        link_send(c->link, &bye, now);
    }
    session_adopt(old, own, &m->from, now);
    return true;
}

static void take_message(struct call *c, const struct sig_message *m, const struct sig_id *own,
                         usec now)
{
    struct session *s = session_with(c, m->type == SIG_LEAVE ? &m->id : &m->from);
    switch (m->type) {
    case SIG_WELCOME: take_welcome(c, m, now); break;
    case SIG_JOIN:
        report_event(&c->report, "join", json_pack("{s:s}", "peer", m->id.text), now);
        if (c->ladder) callladder_server(c->ladder, "join: one more", false, now);
        break;
    case SIG_LEAVE:
        report_event(&c->report, "leave", json_pack("{s:s}", "peer", m->id.text), now);
        if (c->ladder) callladder_server(c->ladder, "leave: one has gone", false, now);
        if (s) session_take(s, m, now);
        break;
    case SIG_OFFER:
        if (s && !session_over(s))
            session_take(s, m, now);
        else if (!goes_on(c, m, own, NULL, now))
            begin(c, own, &m->from, m, now);
        break;
    case SIG_BYE:
        if (s && !goes_on(c, m, own, s, now)) session_take(s, m, now);
        break;
    case SIG_ANSWER:
    case SIG_CANDIDATE:
        if (s) session_take(s, m, now);
        break;
    case SIG_WATCH: /* only `duet serve` shows its calls to others (docs/signaling.md) */
    case SIG_TRACE:
    case SIG_EXPLAIN:
    case SIG_EXPLAINED: break;
    case SIG_ERROR: {
        char code[64];
        report_event(&c->report, "signaling-error",
                     json_pack("{s:s}", "code", bytes_to_text(m->code, code, sizeof code)), now);
        if (c->ladder) callladder_server(c->ladder, code, false, now);
        break;
    }
    }
}

static void take_closed(struct call *c, const struct sig_client_event *ev, usec now)
{
    const char *why = link_why(c->link);
    if (c->lost && ev->end == SIG_END_BY_US) return; /* no more tries: nothing was open to close */
    c->lost = true;
    json_t *members = json_pack("{s:s,s:s}", "state", "closed", "reason", why);
    if (ev->code) json_object_set_new(members, "code", json_integer(ev->code));
    if (ev->status) json_object_set_new(members, "status", json_integer(ev->status));
    report_event(&c->report, "signaling", members, now);
    if (c->ladder)
        callladder_server_gone(c->ladder, ev->end == SIG_END_BY_US || !why[0] ? "closed" : why,
                               now);
    if (ev->end == SIG_END_BY_US) return;
    if (ev->end == SIG_END_REFUSED)
        snprintf(c->why, sizeof c->why, "signaling: the server refused with HTTP %d", ev->status);
    else
        snprintf(c->why, sizeof c->why, "signaling: %s", why[0] ? why : "the server went away");
    if (c->joined || ev->reconnect_at == TIME_NEVER) return;
    /* Not even once connected: somebody is watching, and the address is probably wrong. */
    c->hanging_up = true;
    link_close(c->link, now);
}

static void hang_up(struct call *c, usec now)
{
    if (c->hanging_up) return;
    c->hanging_up = true;
    c->over_at = now + GOODBYE_US;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (c->host.sessions[i]) session_hang_up(c->host.sessions[i], now);
    sweep(c, now);
    link_close(c->link, now);
}

/* True: there was something. */
static bool take_link_events(struct call *c, struct sig_id *own, usec now)
{
    struct sig_client_event ev;
    bool any = false;
    for (; link_event(c->link, &ev, now); any = true) {
        if (ev.type == SIG_CLIENT_CLOSED) take_closed(c, &ev, now);
        if (ev.type != SIG_CLIENT_MESSAGE) continue;
        if (ev.message.type == SIG_WELCOME) *own = ev.message.id;
        take_message(c, &ev.message, own, now);
    }
    return any;
}

static void step(struct call *c, struct sig_id *own, usec now)
{
    host_step(&c->host, now);
    if (now >= c->end_at) hang_up(c, now);
    if (!host_is_ready(&c->host)) return; /* the STUN servers' names first */
    /* What was read may make us say something, and while that is written more may be read: until
     * there is nothing new, since nothing would wake us for what has been read already. */
    do {
        sweep(c, now);
        link_step(c->link, now);
    } while (take_link_events(c, own, now));
}

static void run(struct call *c)
{
    struct loop_ready ready[READY_MAX];
    struct sig_id own = {""};
    usec now = clock_now();
    step(c, &own, now);
    while (!(c->hanging_up && (link_ended(c->link) || now >= c->over_at))) {
        usec deadline = usec_min(host_deadline(&c->host), link_deadline(c->link));
        deadline = usec_min(deadline, c->hanging_up ? c->over_at : c->end_at);
        int n = loop_wait(c->host.loop, deadline, ready, READY_MAX);
        now = clock_now();
        for (int i = 0; i < n; i++) {
            if (ready[i].what & LOOP_SIGNAL)
                hang_up(c, now);
            else if (!link_ready(c->link, &ready[i]))
                host_ready(&c->host, &ready[i], now);
        }
        step(c, &own, now);
    }
}

/* Why there was no call at all: the first thing that did not come. */
static const char *why_no_call(const struct call *c)
{
    if (c->why[0]) return c->why;
    if (!host_is_ready(&c->host)) return "ice: still waiting for the names of the STUN servers";
    if (!c->joined) return "signaling: still waiting for the server's welcome";
    return "signaling: nobody else was in the room";
}

/* Why not all calls were ok; "": they were. */
static const char *conclusion(const struct call *c, char *to, size_t room)
{
    const char *remote = json_string_value(json_object_get(c->bad, "remote"));
    const char *reason = json_string_value(json_object_get(c->bad, "reason"));
    const char *why = c->bad ? reason : c->refused;
    to[0] = '\0';
    if (c->calls == 0)
        snprintf(to, room, "%s", why_no_call(c));
    else if (c->calls > 1 && c->good < c->calls)
        snprintf(to, room, "%zu of %zu calls%s%s: %s", c->calls - c->good, c->calls,
                 c->bad ? ", the first with " : "", c->bad ? remote : "", why);
    else if (c->good < c->calls)
        snprintf(to, room, "%s", why);
    return to;
}

/* The first thing that is sent: what is asked for of the server, without the server's name. */
static void draw_opening(struct call *c, const char *url, usec now)
{
    char words[256];
    const char *host = strstr(url, "//"), *path = host ? strchr(host + 2, '/') : NULL;
    snprintf(words, sizeof words, "GET %.200s", path ? path : "/");
    callladder_server(c->ladder, words, true, now);
}

/* Under the ladder: how it went, in a line, and why it failed if it did. */
static void print_end(struct call *c, const json_t *shown, bool ok)
{
    double connect = json_number_value(json_object_get(shown, "connectMs"));
    double picture = json_number_value(json_object_get(shown, "firstFrameMs"));
    callladder_end(c->ladder);
    putchar('\n');
    if (connect > 0) printf("connected after %.0f ms", connect);
    if (connect > 0 && picture > 0) printf(", the first picture after %.0f ms", picture);
    if (connect > 0) putchar('\n');
    if (ok) printf("all that was asked for was received\n");
    if (c->account) account_print(c->account, stdout);
    json_decref(c->account);
    fflush(stdout);
}

/* The last line, and what the exit status says: all calls that there were. Its numbers are those of
 * one call, the first that was not ok, else the last. */
static int conclude(struct call *c)
{
    char reason[HOST_WHY_MAX + 128];
    conclusion(c, reason, sizeof reason);
    bool ok = reason[0] == '\0';
    json_t *shown = c->bad ? c->bad : c->last;
    json_t *line =
        shown ? json_copy(shown) : json_pack("{s:s,s:s}", "event", "summary", "peer", "duet");
    json_object_set_new(line, "ok", json_boolean(ok));
    json_object_set_new(line, "reason", json_string(reason));
    json_object_set_new(line, "calls", json_integer((json_int_t)c->calls));
    if (c->ladder) print_end(c, shown, ok);
    if (!ok && c->calls > 1)
        report_error("%s", reason);
    else if (!ok)
        report_error("the call did not succeed: %s", reason);
    if (ok) report_say(&c->report, "          all that was asked for was received");
    report_flush(&c->report); /* so that there is room for it */
    report_line(&c->report, line, clock_now());
    json_decref(c->bad);
    json_decref(c->last);
    return ok ? EXIT_DONE : EXIT_COULD_NOT;
}

int command_call(int argc, char **argv)
{
    struct call_options o = {.fps = SOURCE_FPS, .bitrate = 1000};
    struct option_list words;
    struct host_config cfg;
    char error[256], why[HOST_WHY_MAX];
    struct link_config link = {.token = TOKEN_LINK};
    if (!parse(argc, argv, &o, &words, error, sizeof error)) return command_usage("call", error);
    if (o.help) {
        fputs(help_text, stdout);
        return EXIT_DONE;
    }
    if (words.count == 0) return command_usage("call", "which room? Give its ws:// or wss:// URL");
    if (!configure(&o, &cfg, error, sizeof error)) return command_usage("call", error);
    enum err err = ice_servers_parse(o.ice_servers, &cfg.ice_servers, error, sizeof error);
    if (err == E_MALFORMED) return command_usage("call", error);
    if (err != OK) {
        report_error("%s", error);
        return EXIT_COULD_NOT;
    }
    if (sig_url_parse(&link.url, bytes_of(words.items[0])) != OK) {
        snprintf(error, sizeof error, "\"%s\": %s", words.items[0], link.url.fault.rule);
        return command_usage("call", error);
    }
    struct call c = {.joined = false};
    usec now = clock_now();
    report_init(&c.report, o.json, o.view || o.ladder, now);
    if (o.ladder) {
        c.report.json = false; /* wherever it goes: it was asked for */
        c.ladder = cfg.ladder = callladder_new(now);
        if (!c.ladder) {
            report_error("no memory for a ladder");
            return EXIT_COULD_NOT;
        }
    }
    c.end_at = o.seconds ? now + SEC(o.seconds) : TIME_NEVER;
    int status = EXIT_COULD_NOT;
    bool detached = report_detach(&c.report);
    if (!detached) snprintf(why, sizeof why, "no memory");
    if (detached && host_open(&c.host, &cfg, &c.report, now, why)) {
        link.loop = c.host.loop;
        link.rng = &c.host.rng;
        link.ca_file = o.ca_file;
        c.link = link_new(&link, why);
    }
    if (c.link) {
        if (c.ladder) draw_opening(&c, words.items[0], now);
        run(&c);
        host_end_recordings(&c.host, clock_now());
        status = conclude(&c);
    } else {
        report_error("%s", why);
    }
    link_free(c.link);
    host_close(&c.host);
    callladder_free(c.ladder);
    if (!report_end(&c.report)) status = EXIT_COULD_NOT;
    return status;
}
