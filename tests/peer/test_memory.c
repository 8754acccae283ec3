/* What a connection takes, and that a running call takes nothing more. The linker sends our
 * malloc, calloc, realloc and free here (CMakeLists.txt); OpenSSL's and libsrtp's, inside their
 * shared libraries, are not seen: `duet bench memory` counts all together. */
#include <malloc.h>

#include "stun/attribute.h"
#include "stun/integrity.h"
#include "tests/peer/duo.h"
#include "tests/suite.h"

/* Of ours, in one connected connection without streams: ICE with room for its hundred candidates
 * and pairs, DTLS, the descriptions in force. With what the libraries take it is below the 128 KiB
 * of docs/performance.md. */
#define OURS_BARE_MAX (56 * 1024)

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static size_t allocations, held; /* `held`: bytes */

static void *taken(void *at)
{
    allocations++;
    held += malloc_usable_size(at);
    return at;
}

void *__wrap_malloc(size_t size)
{
    return taken(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return taken(__real_calloc(count, size));
}

void *__wrap_realloc(void *at, size_t size)
{
    held -= malloc_usable_size(at);
    return taken(__real_realloc(at, size));
}

void __wrap_free(void *at)
{
    held -= malloc_usable_size(at);
    __real_free(at);
}

/* Sections that each side would only send on: they carry the transport, and no stream. */
static void init_bare(struct duo *d)
{
    struct peer_config cfg[2] = {duo_config(0, 1), duo_config(1, 1)};
    for (int i = 0; i < 2; i++) {
        cfg[i].audio = (struct peer_media){true, false};
        cfg[i].video = (struct peer_media){false, false};
    }
    duo_init_with(d, cfg, 1);
}

START_TEST(a_connection_without_streams_is_small)
{
    static struct duo d;
    duo_config(0, 1), duo_config(1, 1); /* makes the certificates */
    size_t before = held;
    init_bare(&d);
    ck_assert(duo_call(&d, SEC(5)));
    duo_run(&d, d.now + SEC(1));
    size_t flying = malloc_usable_size(d.flying); /* the network's, not the connections' */
    size_t each = (held - before - flying) / 2;
    ck_assert_uint_gt(each, 16 * 1024); /* it counts */
    ck_assert_uint_le(each, OURS_BARE_MAX);
    duo_free(&d);
    ck_assert_uint_le(held, before); /* all was given back */
}
END_TEST

START_TEST(a_running_call_takes_nothing)
{
    static struct duo d;
    duo_init(&d, 2);
    ck_assert(duo_call(&d, SEC(5)));
    duo_talk(&d, 1);
    ck_assert_uint_gt(d.seen[0].frames[0], 0);
    size_t before = allocations, frames = d.seen[1].frames[0] + d.seen[1].frames[1];
    duo_talk(&d, 5); /* nothing of check in here: it allocates */
    size_t after = allocations;
    ck_assert_uint_eq(after, before);
    ck_assert_uint_gt(d.seen[1].frames[0] + d.seen[1].frames[1], frames + 300);
    ck_assert_uint_eq(d.seen[0].damaged + d.seen[1].damaged, 0);
    duo_free(&d);
}
END_TEST

/* A Binding message with everything right but the password; `username` NULL: an answer. */
static void unasked_stun(struct packet *p, const char *username)
{
    struct stun_key key;
    struct writer w = packet_writer(p);
    stun_key_short_term(&key, bytes_of("a password of somebody else's"));
    stun_begin(&w, STUN_BINDING | (username ? STUN_REQUEST : STUN_SUCCESS),
               bytes_of("transaction."));
    if (username) stun_put_text(&w, STUN_USERNAME, username);
    stun_put_u32(&w, STUN_PRIORITY, 1);
    stun_put_integrity(&w, &key);
    stun_put_fingerprint(&w);
    p->len = writer_done(&w).len;
}

static void unasked_bytes(struct packet *p, uint8_t first, uint8_t second, size_t len)
{
    packet_reset(p);
    memset(p->at, 0x5a, len);
    p->at[0] = first, p->at[1] = second;
    p->len = len;
}

/* What anybody on the net may send to a connected connection; false: no such kind. */
static bool make_unasked(struct duo *d, struct packet *p, size_t kind)
{
    char username[2 * ICE_UFRAG_MAX + 2], mine[ICE_UFRAG_MAX + 1], theirs[ICE_UFRAG_MAX + 1];
    bytes_to_text(ice_local_ufrag(peer_ice(d->side[0])), mine, sizeof mine);
    bytes_to_text(ice_local_ufrag(peer_ice(d->side[1])), theirs, sizeof theirs);
    snprintf(username, sizeof username, "%s:%s", mine, theirs);
    switch (kind) {
    case 0: unasked_stun(p, "somebody:else"); break;
    case 1: unasked_stun(p, username); break;
    case 2: unasked_stun(p, NULL); break;
    case 3:
    case 4: unasked_bytes(p, 23, 0xfe, 200); break; /* DTLS */
    case 5:
    case 6: unasked_bytes(p, 0x80, 96, 1200); break; /* RTP */
    case 7:
    case 8: unasked_bytes(p, 0x80, 200, 120); break; /* RTCP */
    case 9: unasked_bytes(p, 0xff, 0xff, 1200); break;
    default: return false;
    }
    p->route = (struct route){duo_addr(0, false), duo_addr(1, false)};
    if (kind == 3 || kind == 5 || kind == 7) p->route.remote.port++; /* an unproved address */
    return true;
}

START_TEST(a_packet_that_nobody_asked_for_takes_nothing)
{
    static struct duo d;
    static struct packet p;
    struct peer_event ev;
    duo_init(&d, 3);
    ck_assert(duo_call(&d, SEC(5)));
    duo_run(&d, d.now + SEC(1));
    for (size_t kind = 0; make_unasked(&d, &p, kind); kind++) {
        size_t refused = 0, before = allocations;
        for (int i = 0; i < 50; i++) {
            make_unasked(&d, &p, kind);
            refused += peer_input(d.side[0], &p, d.now) != OK;
            packet_reset(&p);
            while (peer_output(d.side[0], &p, d.now)) packet_reset(&p);
            while (peer_event(d.side[0], &ev)) continue;
        }
        size_t after = allocations; /* check itself allocates */
        ck_assert_msg(after == before, "kind %zu: %zu allocations", kind, after - before);
        ck_assert_msg(refused == 50 || kind == 4, "kind %zu: %zu refused", kind, refused);
    }
    ck_assert_int_eq(peer_state(d.side[0]), PEER_CONNECTED);
    duo_free(&d);
}
END_TEST

SUITE("peer memory", a_connection_without_streams_is_small, a_running_call_takes_nothing,
      a_packet_that_nobody_asked_for_takes_nothing)
