#include "apps/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/clock.h"
#include "net/seed.h"
#include "rtp/protect.h"
#include "signaling/room.h"

/* Names of STUN servers: the event's token; those of calls are the session's slot. */
#define NAMES_STUN UINT64_MAX

/* Whether there is a folder to record into: better asked now than when the call has begun. */
static bool record_can_begin(const struct host_config *cfg, char why[HOST_WHY_MAX])
{
    char folder[4096];
    const char *slash = cfg->record ? strrchr(cfg->record, '/') : NULL;
    if (!cfg->record) return true;
    if (cfg->record_each)
        snprintf(folder, sizeof folder, "%s", cfg->record);
    else if (slash)
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - cfg->record + 1), cfg->record);
    else
        snprintf(folder, sizeof folder, ".");
    if (access(folder, W_OK | X_OK) == 0) return true;
    snprintf(why, HOST_WHY_MAX, "--record %.120s: there is no such folder that can be written to",
             cfg->record);
    return false;
}

/* Last of all: what can't begin should leave no empty files. */
static bool open_recordings(struct host *h, usec now, char why[HOST_WHY_MAX])
{
    struct recorder_config cfg = {
        .report = h->report, .ladder = h->cfg.ladder, .unix_us = h->unix_us};
    memcpy(cfg.paths, h->cfg.recordings, sizeof cfg.paths);
    if (recorder_idle(&cfg)) return true;
    h->recorder = recorder_new(&cfg, now, why);
    return h->recorder != NULL;
}

bool host_open(struct host *h, const struct host_config *cfg, struct report *report, usec now,
               char why[HOST_WHY_MAX])
{
    *h = (struct host){.cfg = *cfg, .report = report, .unix_us = clock_unix_us() - now};
    if (seed_system(&h->rng) != OK) {
        snprintf(why, HOST_WHY_MAX, "the system gives no random numbers");
        return false;
    }
    member_new_id(&h->key, &h->rng);
    if (!record_can_begin(cfg, why)) return false;
    h->prepared = protect_prepare(); /* else the first call would wait for it */
    h->loop = loop_new();
    h->identity = dtls_identity_new(h->unix_us / 1000000 + now / 1000000);
    if (h->loop) h->names = names_new(h->loop, HOST_TOKEN(HOST_TOKEN_NAMES, 0), &h->rng);
    if (!h->loop || !h->identity || !h->names) {
        snprintf(why, HOST_WHY_MAX, "no memory or no descriptors left to start");
        return false;
    }
    if (loop_watch_signals(h->loop) != OK) {
        snprintf(why, HOST_WHY_MAX, "signals can't be watched on this system");
        return false;
    }
    if (cfg->studio.audio || cfg->studio.video) {
        h->studio = studio_new(&cfg->studio, why);
        if (!h->studio) return false;
    }
    const struct ice_servers *servers = &cfg->ice_servers;
    for (size_t i = 0; i < servers->stun_count; i++) {
        memcpy(h->stun[i].host, servers->stun[i].host, sizeof h->stun[i].host);
        h->stun[i].port = servers->stun[i].port;
        enum err err = names_ask(h->names, NAMES_STUN - i, bytes_of(h->stun[i].host), now);
        if (err == OK) h->stun_asked++;
    }
    h->stun_count = servers->stun_count;
    if (!open_recordings(h, now, why)) return false;
    if (servers->turn_count)
        report_event(report, "note",
                     json_pack("{s:s}", "text", "turn: servers are not used by this version"), now);
    return true;
}

void host_close(struct host *h)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) session_free(h->sessions[i]);
    recorder_free(h->recorder);
    names_free(h->names);
    studio_free(h->studio);
    dtls_identity_free(h->identity);
    protect_free(h->prepared);
    loop_free(h->loop);
    *h = (struct host){.loop = NULL};
}

void host_end_recordings(struct host *h, usec now)
{
    if (h->recorder) recorder_close(h->recorder, now);
}

bool host_is_ready(const struct host *h)
{
    return h->stun_asked == 0;
}

static const char *record_path(const struct host *h, const struct sig_id *remote, char *to,
                               size_t room)
{
    if (!h->cfg.record) return NULL;
    /* One file holds one call: later ones must not write over the first. */
    if (!h->cfg.record_each) return h->calls == 0 ? h->cfg.record : NULL;
    snprintf(to, room, "%s/%s.webm", h->cfg.record, remote->text);
    return to;
}

struct session *host_call(struct host *h, const struct sig_id *own, const struct sig_id *remote,
                          usec now, char why[HOST_WHY_MAX])
{
    size_t slot = 0;
    char path[4096];
    while (slot < HOST_SESSIONS_MAX && h->sessions[slot]) slot++;
    if (slot == HOST_SESSIONS_MAX) {
        snprintf(why, HOST_WHY_MAX, "%d calls at a time are the limit", HOST_SESSIONS_MAX);
        return NULL;
    }
    struct session_config cfg = {.peer = {.identity = h->identity,
                                          .rng = rng_fork(&h->rng),
                                          .unix_us = h->unix_us,
                                          .audio = h->cfg.audio,
                                          .video = h->cfg.video,
                                          .stun_server_count = h->stun_addr_count},
                                 .mode = h->cfg.mode,
                                 .loop = h->loop,
                                 .token = HOST_TOKEN(HOST_TOKEN_SESSION, slot),
                                 .impair = h->cfg.impair,
                                 .own = *own,
                                 .remote = *remote,
                                 .key = h->key,
                                 .view = h->cfg.view,
                                 .record = record_path(h, remote, path, sizeof path),
                                 .ask_audio = h->cfg.audio.recv,
                                 .ask_video = h->cfg.video.recv,
                                 .report = h->report,
                                 .recorder = h->recorder};
    for (size_t i = 0; i < h->stun_addr_count; i++) cfg.peer.stun_servers[i] = h->stun_addrs[i];
    h->sessions[slot] = session_new(&cfg, now, why, HOST_WHY_MAX);
    if (h->sessions[slot]) h->calls++;
    return h->sessions[slot];
}

struct session *host_find(struct host *h, const struct sig_id *own, const struct sig_id *remote)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = h->sessions[i];
        if (s && !session_orphaned(s) && sig_id_equal(session_remote(s), remote) &&
            sig_id_equal(session_own(s), own))
            return s;
    }
    return NULL;
}

struct session *host_find_going_on(struct host *h, const struct sig_id *key, usec now)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (h->sessions[i] && session_goes_on(h->sessions[i], key, now)) return h->sessions[i];
    return NULL;
}

void host_end_replaced(struct host *h, usec now)
{
    struct session *old;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        struct session *s = h->sessions[i];
        if (!s || session_orphaned(s) || peer_state(session_peer(s)) != PEER_CONNECTED) continue;
        while ((old = host_find_going_on(h, session_key(s), now)) != NULL)
            session_hang_up(old, now);
    }
}

void host_forget(struct host *h, struct session *session)
{
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        if (h->sessions[i] != session) continue;
        names_forget(h->names, i);
        h->sessions[i] = NULL;
    }
    session_free(session);
}

void host_drop(struct host *h, struct session *session, usec now)
{
    struct peer_why why = peer_why(session_peer(session));
    json_t *summary = session_summary(session, now);
    json_object_set_new(summary, "remote", json_string(session_remote(session)->text));
    report_line(h->report, summary, now);
    if (why.cause != PEER_CAUSE_NONE)
        report_error("the call with %s failed: %s: %s", session_remote(session)->text, why.layer,
                     why.reason);
    host_forget(h, session);
}

bool host_ready(struct host *h, const struct loop_ready *ready, usec now)
{
    if (ready->what & LOOP_SIGNAL) return false;
    uint64_t kind = ready->token >> 56, slot = ready->token >> 8 & 0xffffffff;
    if (kind == HOST_TOKEN_SESSION && slot < HOST_SESSIONS_MAX && h->sessions[slot])
        session_receive(h->sessions[slot], (unsigned)(ready->token & 255), now);
    return kind == HOST_TOKEN_SESSION || kind == HOST_TOKEN_NAMES;
}

/* ---- Names ---- */

static void take_stun_server(struct host *h, const struct name_event *ev)
{
    size_t server = (size_t)(NAMES_STUN - ev->token);
    if (h->stun_asked) h->stun_asked--;
    for (size_t i = 0; i < ev->count && h->stun_addr_count < ICE_STUN_SERVERS_MAX; i++) {
        h->stun_addrs[h->stun_addr_count] = ev->addrs[i];
        h->stun_addrs[h->stun_addr_count++].port = h->stun[server].port;
    }
}

static void step_names(struct host *h, usec now)
{
    struct name_event ev;
    char name[ICE_NAME_MAX + 1];
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        while (h->sessions[i] && session_name(h->sessions[i], name))
            if (names_ask_local(h->names, i, bytes_of(name), now) != OK)
                session_resolved(h->sessions[i], name, NULL, now);
    names_step(h->names, now);
    while (names_event(h->names, &ev)) {
        if (ev.token > NAMES_STUN - ICE_STUN_SERVERS_MAX) {
            take_stun_server(h, &ev);
        } else if (ev.token < HOST_SESSIONS_MAX && h->sessions[ev.token]) {
            if (ev.count == 0) session_resolved(h->sessions[ev.token], ev.name, NULL, now);
            for (size_t i = 0; i < ev.count; i++)
                session_resolved(h->sessions[ev.token], ev.name, &ev.addrs[i], now);
        }
    }
}

/* ---- Media ---- */

static void step_studio(struct host *h, usec now)
{
    struct studio_frame frame;
    bool listening = false;
    if (!h->studio) return;
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++) {
        if (!h->sessions[i]) continue;
        if (session_takes_key_request(h->sessions[i])) studio_want_key(h->studio);
        listening |= session_sends(h->sessions[i]);
    }
    if (!listening) {
        studio_pause(h->studio);
        return;
    }
    studio_start(h->studio, now);
    studio_resume(h->studio, now);
    while (studio_next(h->studio, &frame, now))
        for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
            if (h->sessions[i]) session_frame(h->sessions[i], &frame, now);
}

static void step_recorder(struct host *h, usec now)
{
    if (!h->recorder) return;
    if (recorder_stats_due(h->recorder, now))
        for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
            if (h->sessions[i]) session_sample(h->sessions[i], now);
    recorder_step(h->recorder, now);
}

void host_step(struct host *h, usec now)
{
    step_names(h, now);
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (h->sessions[i] && session_deadline(h->sessions[i]) <= now)
            session_step(h->sessions[i], now);
    step_studio(h, now);
    step_recorder(h, now);
    report_step(h->report, now);
}

usec host_deadline(const struct host *h)
{
    usec at = usec_min(names_deadline(h->names), report_deadline(h->report));
    if (h->studio) at = usec_min(at, studio_deadline(h->studio));
    if (h->recorder) at = usec_min(at, recorder_deadline(h->recorder));
    for (size_t i = 0; i < HOST_SESSIONS_MAX; i++)
        if (h->sessions[i]) at = usec_min(at, session_deadline(h->sessions[i]));
    return at;
}
