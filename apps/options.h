/* Command lines: one table a subcommand says what it takes. */
#ifndef DUET_APPS_OPTIONS_H
#define DUET_APPS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_FLAG,   /* to: bool, set to true */
    OPTION_TEXT,   /* to: const char *, points into argv */
    OPTION_NUMBER, /* to: long, within min .. max */
    OPTION_LIST,   /* to: struct option_list, may be given several times */
    OPTION_LATER   /* known, but a later version brings it: refused, `later` says what */
};

#define OPTION_LIST_MAX 16

struct option_list {
    const char *items[OPTION_LIST_MAX];
    size_t count;
};

struct option {
    const char *name; /* "--seconds" */
    enum option_kind kind;
    void *to;
    long min, max;     /* OPTION_NUMBER */
    const char *later; /* OPTION_LATER */
};

/* Reads argv[0 .. argc - 1]; what is no option goes to `words`, at most `word_max`. False: wrong
 * usage, and `error` holds one line that says which word and why. */
bool options_parse(const struct option *options, size_t count, int argc, char **argv,
                   struct option_list *words, size_t word_max, char *error, size_t room);

#endif
