/* Who is in which room. Plain bookkeeping: no sockets, no messages. Docs: docs/signaling.md.
 *
 * Members are owned by whoever joins them (a connection, a local participant) and linked here in
 * order of arrival; a room exists while a member with a socket is in it. */
#ifndef DUET_SIGNALING_ROOM_H
#define DUET_SIGNALING_ROOM_H

#include "base/rng.h"
#include "signaling/message.h"

struct room;
struct event_node;

struct member {
    struct sig_id id;
    struct room *room; /* NULL: in none */
    bool local;        /* no socket: does not keep the room open, has a bound of its own */
    uint32_t owner;    /* for the caller: a connection's or a local participant's number */
    struct member *next, *previous;
};

struct room {
    char name[SIG_ROOM_NAME_MAX + 1];
    size_t sockets, locals;
    struct member *members, *last;
    struct room *next;
    struct event_node *closed; /* the server's: memory for what it tells when the room closes */
};

struct rooms {
    struct room *first;
    size_t count;
    size_t max_room; /* members with a socket in one room */
};

void rooms_init(struct rooms *rooms, size_t max_room);
/* Frees the rooms; the members are their owners', and must still be there. */
void rooms_free(struct rooms *rooms);
struct room *rooms_find(const struct rooms *rooms, struct bytes name);
/* A room without members. E_MALFORMED: the name; E_STATE: there is one; E_NOMEM. */
enum err rooms_open(struct rooms *rooms, struct bytes name, struct room **room);
/* Unlinks and frees a room; those still in it are in none afterwards. */
void rooms_close(struct rooms *rooms, struct room *room);
/* `member` (id, local and owner set) comes in, behind those already there. E_FULL: max_room, or
 * SIG_LOCAL_MAX for a local one. */
enum err room_join(struct rooms *rooms, struct room *room, struct member *member);
void room_leave(struct member *member);
/* The member of this id, or NULL. */
struct member *room_find(const struct room *room, struct bytes id);
/* 128 random bits as 32 hex digits. */
void member_new_id(struct sig_id *id, struct rng *rng);

#endif
