/* Memory that runs out when a test says so. The linker sends our malloc, calloc, realloc and free
 * here (--wrap, in the folder's CMakeLists.txt); those of the libraries, inside their shared
 * objects, are not seen. Include it in one file of a program.
 *
 * Between nomem_arm and nomem_disarm allocations are counted, and the n-th fails: it alone, or it
 * and every later one. Nothing of check in between: it allocates. */
#ifndef DUET_TESTS_NOMEM_H
#define DUET_TESTS_NOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nomem_mode { NOMEM_ONCE, NOMEM_FROM_THEN_ON };
#define NOMEM_NEVER SIZE_MAX

static struct {
    bool armed;
    enum nomem_mode mode;
    size_t fail_at; /* which one, from 0 */
    size_t count;   /* asked for since nomem_arm */
    size_t failed;
    size_t held; /* blocks taken and not given back, armed or not */
    size_t held_before;
    size_t leaked; /* of those taken between nomem_arm and nomem_disarm */
} nomem;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static inline void nomem_arm(size_t fail_at, enum nomem_mode mode)
{
    nomem.armed = true;
    nomem.mode = mode;
    nomem.fail_at = fail_at;
    nomem.count = nomem.failed = 0;
    nomem.held_before = nomem.held;
}

static inline void nomem_disarm(void)
{
    nomem.armed = false;
    nomem.leaked = nomem.held - nomem.held_before;
}

static bool nomem_fails(void)
{
    if (!nomem.armed) return false;
    size_t i = nomem.count++;
    bool fails = nomem.mode == NOMEM_ONCE ? i == nomem.fail_at : i >= nomem.fail_at;
    nomem.failed += fails;
    return fails;
}

void *__wrap_malloc(size_t size)
{
    void *at = nomem_fails() ? NULL : __real_malloc(size);
    nomem.held += at != NULL;
    return at;
}

void *__wrap_calloc(size_t count, size_t size)
{
    void *at = nomem_fails() ? NULL : __real_calloc(count, size);
    nomem.held += at != NULL;
    return at;
}

void *__wrap_realloc(void *at, size_t size)
{
    void *moved = nomem_fails() ? NULL : __real_realloc(at, size);
    nomem.held += !at && moved;
    return moved;
}

void __wrap_free(void *at)
{
    nomem.held -= at != NULL;
    __real_free(at);
}

#endif
