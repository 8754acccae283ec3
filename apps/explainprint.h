/* What is shown of an explanation: an object for programs (explain.md's names), or lines for
 * people: the bytes beside the fields, each with its value, its meaning and its RFC section. */
#ifndef DUET_APPS_EXPLAINPRINT_H
#define DUET_APPS_EXPLAINPRINT_H

#include <jansson.h>
#include <stdio.h>

#include "base/explain.h"

struct explain_page {
    size_t width; /* columns: COLUMNS, or 100 */
    bool colour;  /* a terminal, and NO_COLOR is not set */
    bool terminal;
};

/* How stdout is to be written. */
struct explain_page explain_page(void);

/* {"type","length","fields","summary", members...}, or {"error":{"code","offset","message"}} when
 * it could not be decoded. A new reference; NULL: no memory. */
json_t *explain_json(const struct explain *x);
/* The error object alone. */
json_t *explain_json_error(const char *code, size_t offset, const char *message);
/* Prints one object and a line end; takes the reference. False: no memory. */
bool explain_print_json(json_t *object);

/* All fields, and at the end why it could not be decoded. */
void explain_print(const struct explain *x, const struct explain_page *page);

#endif
