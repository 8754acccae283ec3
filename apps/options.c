#include "apps/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option *find(const struct option *options, size_t count, const char *name,
                                 size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
            return &options[i];
    return NULL;
}

static bool set_number(const struct option *option, const char *value, char *error, size_t room)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (end == value || *end || errno || number < option->min || number > option->max) {
        snprintf(error, room, "%s takes a whole number from %ld to %ld, not \"%s\"", option->name,
                 option->min, option->max, value);
        return false;
    }
    *(long *)option->to = number;
    return true;
}

static bool set_value(const struct option *option, const char *value, char *error, size_t room)
{
    if (option->kind == OPTION_NUMBER) return set_number(option, value, error, room);
    if (option->kind == OPTION_TEXT) {
        *(const char **)option->to = value;
        return true;
    }
    struct option_list *list = option->to;
    if (list->count == OPTION_LIST_MAX) {
        snprintf(error, room, "%s may be given %d times", option->name, OPTION_LIST_MAX);
        return false;
    }
    list->items[list->count++] = value;
    return true;
}

bool options_parse(const struct option *options, size_t count, int argc, char **argv,
                   struct option_list *words, size_t word_max, char *error, size_t room)
{
    *words = (struct option_list){.count = 0};
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, "--", 2) != 0) {
            if (words->count == word_max) {
                snprintf(error, room, "\"%s\" is one word too many", word);
                return false;
            }
            words->items[words->count++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t len = equals ? (size_t)(equals - word) : strlen(word);
        const struct option *option = find(options, count, word, len);
        if (!option) {
            snprintf(error, room, "there is no option %.*s", (int)len, word);
            return false;
        }
        if (option->kind == OPTION_LATER) {
            snprintf(error, room, "%s is not there yet: %s", option->name, option->later);
            return false;
        }
        if (option->kind == OPTION_FLAG) {
            if (equals) {
                snprintf(error, room, "%s takes no value", option->name);
                return false;
            }
            *(bool *)option->to = true;
            continue;
        }
        const char *value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (!value) {
            snprintf(error, room, "%s needs a value", option->name);
            return false;
        }
        if (!set_value(option, value, error, room)) return false;
    }
    return true;
}
