#include "tests/suite.h"

#include "signaling/room.h"

#include <string.h>

START_TEST(rooms_open_and_close)
{
    struct rooms rooms;
    struct room *a, *b, *again;
    rooms_init(&rooms, 2);
    ck_assert_int_eq(rooms_open(&rooms, bytes_of("a/b"), &a), E_MALFORMED);
    ck_assert_int_eq(rooms_open(&rooms, bytes_of("a"), &a), OK);
    ck_assert_int_eq(rooms_open(&rooms, bytes_of("a"), &again), E_STATE);
    ck_assert_int_eq(rooms_open(&rooms, bytes_of("b"), &b), OK);
    ck_assert_ptr_eq(rooms_find(&rooms, bytes_of("a")), a);
    ck_assert_ptr_eq(rooms_find(&rooms, bytes_of("b")), b);
    ck_assert_ptr_null(rooms_find(&rooms, bytes_of("c")));
    rooms_close(&rooms, a);
    ck_assert_ptr_null(rooms_find(&rooms, bytes_of("a")));
    ck_assert_uint_eq(rooms.count, 1);
    rooms_free(&rooms);
}
END_TEST

START_TEST(members_come_in_order_and_go_in_any)
{
    struct rooms rooms;
    struct room *room;
    struct member m[4] = {
        {.id = {"a"}}, {.id = {"b"}}, {.id = {"c"}}, {.id = {"d"}, .local = true}};
    rooms_init(&rooms, 3);
    ck_assert_int_eq(rooms_open(&rooms, bytes_of("x"), &room), OK);
    for (int i = 0; i < 4; i++) ck_assert_int_eq(room_join(&rooms, room, &m[i]), OK);
    struct member more = {.id = {"e"}};
    ck_assert_int_eq(room_join(&rooms, room, &more), E_FULL);
    ck_assert_uint_eq(room->sockets, 3);
    ck_assert_uint_eq(room->locals, 1);
    ck_assert_ptr_eq(room_find(room, bytes_of("c")), &m[2]);
    ck_assert_ptr_null(room_find(room, bytes_of("e")));
    static const int order[] = {1, 0, 3, 2};
    for (int i = 0; i < 4; i++) {
        room_leave(&m[order[i]]);
        ck_assert_ptr_null(m[order[i]].room);
        size_t left = 0;
        for (struct member *at = room->members; at; at = at->next) {
            left++;
            ck_assert(at->next || room->last == at);
            ck_assert(!at->next || at->next->previous == at);
        }
        ck_assert_uint_eq(left, 3u - (size_t)i);
    }
    room_leave(&m[0]); /* twice is harmless */
    ck_assert_ptr_null(room->last);
    rooms_free(&rooms);
}
END_TEST

START_TEST(inv_69_ids_have_128_bits)
{
    struct rng rng;
    uint8_t seen[16] = {0}, all[16];
    rng_init_number(&rng, 5);
    memset(all, 0xFF, sizeof all);
    for (int i = 0; i < 200; i++) {
        struct sig_id id;
        member_new_id(&id, &rng);
        ck_assert_uint_eq(strlen(id.text), 32);
        ck_assert_uint_eq(strspn(id.text, "0123456789abcdef"), 32);
        for (int k = 0; k < 16; k++) {
            unsigned byte;
            sscanf(id.text + 2 * k, "%2x", &byte);
            seen[k] |= (uint8_t)byte;
            all[k] &= (uint8_t)byte;
        }
    }
    /* Each bit was seen as 0 and as 1. */
    for (int k = 0; k < 16; k++) ck_assert(seen[k] == 0xFF && all[k] == 0);
}
END_TEST

SUITE("signaling room", rooms_open_and_close, members_come_in_order_and_go_in_any,
      inv_69_ids_have_128_bits)
