/* OpenSSL's memory, which runs out when a test says so: nothing else makes most of its functions
 * fail. Include it in one file of a program.
 *
 * OpenSSL takes other functions only before its first allocation, so cryptomem_take comes first in
 * a test, and in a process that has used OpenSSL before (CK_FORK=no) it says false: then there is
 * nothing to test. */
#ifndef DUET_TESTS_CRYPTOMEM_H
#define DUET_TESTS_CRYPTOMEM_H

#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static struct {
    size_t fail_at; /* which one, from 0 */
    size_t count;   /* asked for since cryptomem_fail_at */
} cryptomem = {SIZE_MAX, 0};

static void *cryptomem_malloc(size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return cryptomem.count++ == cryptomem.fail_at ? NULL : malloc(size);
}

static void *cryptomem_realloc(void *at, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return cryptomem.count++ == cryptomem.fail_at ? NULL : realloc(at, size);
}

static void cryptomem_free(void *at, const char *file, int line)
{
    (void)file, (void)line;
    free(at);
}

static inline bool cryptomem_take(void)
{
    return CRYPTO_set_mem_functions(cryptomem_malloc, cryptomem_realloc, cryptomem_free) == 1;
}

/* The i-th allocation from here on fails; SIZE_MAX: none. */
static inline void cryptomem_fail_at(size_t i)
{
    cryptomem.fail_at = i;
    cryptomem.count = 0;
}

#endif
