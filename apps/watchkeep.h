/* The messages of a room that somebody looks at (apps/watch.h), as they crossed the wire, so that
 * each can be opened into its fields: the first ones for good, since a call's beginning is what
 * people look at, and the last ones. */
#ifndef DUET_APPS_WATCHKEEP_H
#define DUET_APPS_WATCHKEEP_H

#include <jansson.h>

#include "base/bytes.h"

#define WATCHKEEP_FIRST   256
#define WATCHKEEP_LAST    256
#define WATCHKEEP_MESSAGE 16384 /* a longer one is not kept */
#define WATCHKEEP_BYTES                                                                            \
    ((size_t)1 << 20)         /* of all together; then nothing more is, until some go              \
                               */
#define WATCHKEEP_FIELDS 2000 /* of one explanation; more are left out */
#define WATCHKEEP_TEXT   2048 /* of one value, meaning or summary: then "..." */

struct watchkeep {
    struct watchkept {
        uint32_t number;  /* 0: none */
        const char *type; /* a literal of explain.md */
        uint8_t *at;
        size_t len;
    } items[WATCHKEEP_FIRST + WATCHKEEP_LAST];
    uint32_t count;
    size_t bytes;
};

void watchkeep_init(struct watchkeep *keep);
void watchkeep_end(struct watchkeep *keep);
/* Keeps a copy, passwords starred out, under a number from 1 on; 0: it is not kept. `type`: a
 * literal of explain.md, or "srtp" or "srtcp", of which nothing behind the header is explained. */
uint32_t watchkeep_add(struct watchkeep *keep, const char *type, struct bytes message);
/* What is in it: {"type","length","summary","hex","fields":[...]}, as explain_json has it but with
 * the bytes once; or {"error":{...}}, also for a number that is no longer kept. A new reference;
 * NULL: no memory. */
json_t *watchkeep_explain(const struct watchkeep *keep, uint32_t number);

#endif
