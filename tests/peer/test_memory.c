/* What a connection takes, and that a running call takes nothing more. The linker sends our
 * malloc, calloc, realloc and free here (CMakeLists.txt); OpenSSL's and libsrtp's, inside their
 * shared libraries, are not seen: `duet bench memory` counts all together. */
#include <malloc.h>

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

SUITE("peer memory", a_connection_without_streams_is_small, a_running_call_takes_nothing)
