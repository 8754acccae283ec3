#include "signaling/room.h"

#include <stdlib.h>
#include <string.h>

void rooms_init(struct rooms *rooms, size_t max_room)
{
    *rooms = (struct rooms){.max_room = max_room};
}

void rooms_free(struct rooms *rooms)
{
    while (rooms->first) rooms_close(rooms, rooms->first);
}

struct room *rooms_find(const struct rooms *rooms, struct bytes name)
{
    struct room *room = rooms->first;
    while (room && !bytes_is(name, room->name)) room = room->next;
    return room;
}

enum err rooms_open(struct rooms *rooms, struct bytes name, struct room **room)
{
    *room = NULL;
    if (!sig_room_valid(name)) return E_MALFORMED;
    if (rooms_find(rooms, name)) return E_STATE;
    *room = calloc(1, sizeof **room);
    if (!*room) return E_NOMEM;
    bytes_to_text(name, (*room)->name, sizeof(*room)->name);
    (*room)->next = rooms->first;
    rooms->first = *room;
    rooms->count++;
    return OK;
}

void rooms_close(struct rooms *rooms, struct room *room)
{
    while (room->members) room_leave(room->members);
    struct room **at = &rooms->first;
    while (*at != room) at = &(*at)->next;
    *at = room->next;
    rooms->count--;
    free(room);
}

enum err room_join(struct rooms *rooms, struct room *room, struct member *member)
{
    size_t *count = member->local ? &room->locals : &room->sockets;
    if (*count >= (member->local ? SIG_LOCAL_MAX : rooms->max_room)) return E_FULL;
    ++*count;
    member->room = room;
    member->next = NULL;
    member->previous = room->last;
    if (room->last)
        room->last->next = member;
    else
        room->members = member;
    room->last = member;
    return OK;
}

void room_leave(struct member *member)
{
    struct room *room = member->room;
    if (!room) return;
    if (member->previous)
        member->previous->next = member->next;
    else
        room->members = member->next;
    if (member->next)
        member->next->previous = member->previous;
    else
        room->last = member->previous;
    --*(member->local ? &room->locals : &room->sockets);
    member->room = NULL;
    member->next = member->previous = NULL;
}

struct member *room_find(const struct room *room, struct bytes id)
{
    struct member *m = room->members;
    while (m && !bytes_is(id, m->id.text)) m = m->next;
    return m;
}

void member_new_id(struct sig_id *id, struct rng *rng)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t random[16];
    rng_fill(rng, random, sizeof random);
    *id = (struct sig_id){""};
    for (size_t i = 0; i < sizeof random; i++) {
        id->text[2 * i] = digits[random[i] >> 4];
        id->text[2 * i + 1] = digits[random[i] & 15];
    }
}
