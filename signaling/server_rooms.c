/* The server's rooms: who comes and goes, what is relayed, and the participants of this process. */
#include "signaling/internal.h"

#include "signaling/relay.h"

#include <stdlib.h>
#include <string.h>

/* ---- events ---- */

struct event_node {
    struct event_node *next;
    int type;
    char room[SIG_ROOM_NAME_MAX + 1];
    uint32_t participant;
    struct sig_id id;
    size_t len;
    uint8_t text[]; /* a SIG_LOCAL_MESSAGE's JSON */
};

/* A call of the driver makes at most a few events for each socket; who drains after each call never
 * sees these bounds. Messages of others fill at most half of the room, so that they can't displace
 * what the server itself has to say: who joined, who left, which room opened or closed. */
static bool event_room(const struct sig_server *s, size_t len, bool relayed)
{
    size_t room = 8 * s->cfg.max_sockets + 64;
    if (!relayed) return s->event_count < room;
    return s->event_count < room / 2 && s->event_bytes + len <= s->cfg.max_queue;
}

static struct event_node *event_new(size_t len)
{
    struct event_node *e = malloc(sizeof *e + len);
    if (e) *e = (struct event_node){.len = len};
    return e;
}

static void push_event(struct sig_server *s, struct event_node *e, int type,
                       const struct room *room, const struct local *local)
{
    e->type = type;
    memcpy(e->room, room->name, sizeof e->room);
    if (local) {
        e->participant = local->number;
        e->id = local->member.id;
    }
    if (s->last_event)
        s->last_event->next = e;
    else
        s->events = e;
    s->last_event = e;
    s->event_count++;
    s->event_bytes += e->len;
}

/* A message for a participant of this process. False: it is lost. */
static bool push_message(struct sig_server *s, const struct local *local, struct bytes text,
                         bool relayed)
{
    struct event_node *e = event_room(s, text.len, relayed) ? event_new(text.len) : NULL;
    if (!e) {
        s->counters.events_lost++;
        return false;
    }
    memcpy(e->text, text.at, text.len);
    push_event(s, e, SIG_LOCAL_MESSAGE, local->member.room, local);
    return true;
}

static void drop_event(struct sig_server *s)
{
    struct event_node *e = s->events;
    s->events = e->next;
    if (!s->events) s->last_event = NULL;
    s->event_count--;
    s->event_bytes -= e->len;
    free(e);
}

bool sig_server_event(struct sig_server *s, struct sig_server_event *ev)
{
    struct event_node *e = s->events;
    arena_free(&s->arena);
    if (!e) return false;
    memset(ev, 0, sizeof *ev);
    ev->type = e->type;
    memcpy(ev->room, e->room, sizeof ev->room);
    ev->participant = e->participant;
    ev->id = e->id;
    /* A message was read, or written by us, before, so that what can fail now is memory (which
     * JSON's library may call a syntax error): then the event waits for the next time. */
    struct bytes text = {e->text, e->len};
    if (e->len && sig_message_parse(&ev->message, text, &s->arena) != OK) {
        server_refuse(
            s, &(struct fault){E_NOMEM, "signaling", 0, "no memory to read a message that waits"});
        return false;
    }
    drop_event(s);
    return true;
}

void server_rooms_free(struct sig_server *s)
{
    while (s->events) drop_event(s);
    for (struct room *room = s->rooms.first; room; room = room->next) free(room->closed);
    rooms_free(&s->rooms); /* before its members go */
    while (s->locals) {
        struct local *local = s->locals;
        s->locals = local->next;
        free(local);
    }
}

/* ---- telling ---- */

static struct local *local_of(const struct sig_server *s, uint32_t number)
{
    struct local *local = s->locals;
    while (local && local->number != number) local = local->next;
    return local;
}

/* Passes a message's text to one member; `relayed`: it is another participant's. False: there was
 * no room for it. A socket that takes nothing more is cut, which tells its client. */
static bool tell(struct sig_server *s, const struct member *to, struct bytes text, bool relayed)
{
    if (to->local) return push_message(s, local_of(s, to->owner), text, relayed);
    struct conn *c = conn_of(s, to->owner);
    if (c) conn_frame(s, c, WS_TEXT, text);
    return true;
}

/* join and leave, to all but the one it is about (who may have left already). False: one of them
 * could not be told. Written without the help of JSON's library, which needs memory: our ids are
 * plain hexadecimal. */
static bool tell_others(struct sig_server *s, const struct room *room, enum sig_type type,
                        const struct sig_id *about)
{
    bool all = true;
    struct writer w = writer_of(s->scratch, sizeof s->scratch);
    write_format(&w, "{\"type\":\"%s\",\"id\":\"%s\"}", sig_type_name(type), about->text);
    for (const struct member *to = room->members; to; to = to->next)
        if (!sig_id_equal(&to->id, about)) all &= tell(s, to, writer_done(&w), false);
    return all;
}

/* False: no memory for it. */
static bool welcome(struct sig_server *s, const struct member *member)
{
    struct sig_message m = {.type = SIG_WELCOME, .id = member->id};
    for (const struct member *peer = member->room->members; peer; peer = peer->next)
        if (peer != member) m.peers[m.peer_count++] = peer->id;
    struct writer w = writer_of(s->scratch, sizeof s->scratch);
    return sig_message_write(&m, &w) == OK && tell(s, member, writer_done(&w), false);
}

/* ---- coming and going ---- */

/* A participant of this process in `room`; NULL: no memory, or SIG_LOCAL_MAX. */
static struct local *local_new(struct sig_server *s, struct room *room)
{
    struct local *local = calloc(1, sizeof *local);
    if (!local) return NULL;
    if (++s->next_local == 0) s->next_local = 1;
    local->number = local->member.owner = s->next_local;
    local->member.local = true;
    member_new_id(&local->member.id, &s->rng);
    if (room_join(&s->rooms, room, &local->member) != OK) {
        free(local);
        return NULL;
    }
    local->next = s->locals;
    s->locals = local;
    return local;
}

static void local_free(struct sig_server *s, struct local *local)
{
    struct local **at = &s->locals;
    while (*at != local) at = &(*at)->next;
    *at = local->next;
    room_leave(&local->member);
    free(local);
}

/* That a room opened and closed must be told: the memory for both is taken when it opens. */
static enum err open_room(struct sig_server *s, struct bytes name, struct room **room)
{
    struct local *local = NULL;
    if (!event_room(s, 0, false)) return E_NOMEM;
    struct event_node *opened = event_new(0), *closed = event_new(0);
    enum err err = opened && closed ? rooms_open(&s->rooms, name, room) : E_NOMEM;
    if (err == OK && s->cfg.local_in_every_room) {
        local = local_new(s, *room);
        if (!local) {
            rooms_close(&s->rooms, *room);
            err = E_NOMEM;
        }
    }
    if (err != OK) {
        free(opened);
        free(closed);
        return err;
    }
    (*room)->closed = closed;
    push_event(s, opened, SIG_ROOM_OPENED, *room, local);
    return OK;
}

static void close_room(struct sig_server *s, struct room *room)
{
    const struct local *local = room->members ? local_of(s, room->members->owner) : NULL;
    push_event(s, room->closed, SIG_ROOM_CLOSED, room, local);
    room->closed = NULL;
    while (room->members) local_free(s, local_of(s, room->members->owner));
    rooms_close(&s->rooms, room);
}

enum err conn_join(struct sig_server *s, struct conn *c, struct bytes name, usec now)
{
    struct fault fault = {E_NOMEM, "signaling", 0, "no memory for another room"};
    struct room *room = rooms_find(&s->rooms, name);
    enum err err = room ? OK : open_room(s, name, &room);
    if (err == OK) {
        member_new_id(&c->member.id, &s->rng);
        err = room_join(&s->rooms, room, &c->member);
    }
    if (err == E_FULL) {
        fault = (struct fault){E_FULL, "signaling", 0, "the room is full (signaling.md)"};
        s->counters.rooms_full++;
        conn_error(s, c, SIG_ROOM_FULL, "this room holds no more participants");
    }
    if (err != OK) {
        conn_close(s, c, WS_TRY_LATER, fault.rule, true, now);
        return server_refuse(s, &fault);
    }
    /* Who could not be welcomed, or told of, had better come again. */
    if (welcome(s, &c->member) && tell_others(s, room, SIG_JOIN, &c->member.id)) return OK;
    fault.rule = "no memory for another participant";
    conn_close(s, c, WS_TRY_LATER, fault.rule, true, now);
    return server_refuse(s, &fault);
}

void conn_leave(struct sig_server *s, struct conn *c)
{
    struct room *room = c->member.room;
    if (!room) return;
    room_leave(&c->member);
    tell_others(s, room, SIG_LEAVE, &c->member.id);
    if (room->sockets == 0) close_room(s, room);
}

/* ---- relaying ---- */

static enum err refuse(struct sig_server *s, struct conn *c, const struct fault *fault,
                       enum sig_refusal refusal)
{
    if (refusal == SIG_TOO_LARGE)
        s->counters.too_large++;
    else
        s->counters.bad_messages++;
    conn_error(s, c, refusal, fault->rule);
    return server_refuse(s, fault);
}

/* A local participant reads messages whole: what it could not read is refused before it is kept. */
static enum err check_for_local(struct sig_server *s, struct conn *c, struct bytes text)
{
    struct sig_message m;
    struct arena arena;
    arena_init(&arena, 2 * SIG_RELAYED_MAX);
    enum err err = sig_message_parse(&m, text, &arena);
    arena_free(&arena);
    return err == OK ? OK : refuse(s, c, &m.fault, m.refusal);
}

enum err conn_message(struct sig_server *s, struct conn *c, struct bytes text)
{
    struct sig_relay r;
    enum err err = sig_relay_parse(&r, text);
    if (err != OK) return refuse(s, c, &r.fault, r.refusal);
    struct member *to = room_find(c->member.room, r.to);
    struct writer w = writer_of(s->scratch, sizeof s->scratch);
    if (!to || to == &c->member) {
        static const struct fault nobody = {E_STATE, "signaling", 0,
                                            "nobody of that id is in this room (signaling.md)"};
        err = refuse(s, c, &nobody, SIG_NO_SUCH_PEER);
    } else if (sig_relay_write(&r, &c->member.id, &w) != OK) {
        static const struct fault grown = {
            E_FULL, "signaling", 0,
            "longer than the limit when written with `from` (signaling.md)"};
        err = refuse(s, c, &grown, SIG_TOO_LARGE);
    } else {
        if (to->local) err = check_for_local(s, c, writer_done(&w));
        if (err == OK && !tell(s, to, writer_done(&w), true)) {
            static const struct fault lost = {E_NOMEM, "signaling", 0,
                                              "no room for more messages at the moment"};
            err = refuse(s, c, &lost, SIG_RATE_LIMITED);
        }
        if (err == OK) s->counters.relayed++;
    }
    sig_relay_free(&r);
    return err;
}

/* ---- participants of this process ---- */

enum err sig_server_join_local(struct sig_server *s, const char *name, uint32_t *participant,
                               usec now)
{
    struct room *room = rooms_find(&s->rooms, bytes_of(name));
    *participant = 0;
    if (!room) return E_STATE;
    if (room->locals >= SIG_LOCAL_MAX) return E_FULL;
    struct local *local = local_new(s, room);
    if (!local) return E_NOMEM;
    struct sig_id id = local->member.id;
    enum err err = OK;
    if (welcome(s, &local->member) && tell_others(s, room, SIG_JOIN, &id)) {
        *participant = local->number;
    } else {
        err = E_NOMEM;
        local_free(s, local);
        tell_others(s, room, SIG_LEAVE, &id);
    }
    server_settle(s, now);
    return err;
}

enum err sig_server_send_local(struct sig_server *s, uint32_t participant,
                               const struct sig_message *m, usec now)
{
    const struct local *local = local_of(s, participant);
    if (!local) return E_STATE;
    const struct member *to = room_find(local->member.room, bytes_of(m->to.text));
    if (!to || to == &local->member) return E_STATE;
    if (m->type < SIG_OFFER) return E_UNSUPPORTED;
    struct sig_message relayed = *m;
    relayed.from = local->member.id;
    struct writer w = writer_of(s->scratch, sizeof s->scratch);
    enum err err = sig_message_write(&relayed, &w);
    if (err != OK) return err;
    if (!tell(s, to, writer_done(&w), true)) return E_NOMEM;
    s->counters.relayed++;
    server_settle(s, now);
    return OK;
}

size_t sig_server_waiting(const struct sig_server *s, uint32_t participant,
                          const struct sig_id *member)
{
    const struct local *local = local_of(s, participant);
    const struct member *to = local ? room_find(local->member.room, bytes_of(member->text)) : NULL;
    const struct conn *c = to && !to->local ? conn_of(s, to->owner) : NULL;
    return c ? c->out.len : SIZE_MAX;
}

void sig_server_leave_local(struct sig_server *s, uint32_t participant, usec now)
{
    struct local *local = local_of(s, participant);
    if (!local) return;
    struct room *room = local->member.room;
    struct sig_id id = local->member.id;
    local_free(s, local);
    tell_others(s, room, SIG_LEAVE, &id);
    server_settle(s, now);
}
