#include "apps/starred.h"

#include <stdbool.h>
#include <string.h>

static bool is_secret(const char *line, size_t len)
{
    static const char *const names[] = {"a=ice-pwd:", "a=crypto:", "k="};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (len >= strlen(names[i]) && memcmp(line, names[i], strlen(names[i])) == 0) return true;
    return false;
}

void starred(char *description, size_t len)
{
    bool first = true, secret = false; /* of a line; of what is behind its first ':' or '=' */
    for (size_t i = 0; i < len; i++) {
        char *c = description + i;
        if (*c == '\r' || *c == '\n') {
            first = true, secret = false;
            continue;
        }
        if (first && is_secret(c, len - i)) {
            secret = true;
            i += *c == 'k' ? 1 : strcspn(c, ":");
        } else if (secret) {
            *c = '*';
        }
        first = false;
    }
}
