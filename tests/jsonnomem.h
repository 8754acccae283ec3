/* jansson's memory, of which one piece is not to be had. A test hands json_take and json_give to
 * json_set_alloc_funcs. */
#ifndef DUET_TESTS_JSONNOMEM_H
#define DUET_TESTS_JSONNOMEM_H

#include <stdlib.h>

static size_t json_taken, json_fail_at; /* pieces asked for so far; which of them fails, from 0 */
static size_t json_held;                /* given and not back yet */

static void *json_take(size_t size)
{
    if (json_taken++ == json_fail_at) return NULL;
    json_held++;
    return malloc(size);
}

static void json_give(void *at)
{
    json_held -= at != NULL;
    free(at);
}

#endif
