#include "apps/mediaoptions.h"

#include <string.h>

#include "media/source.h"

bool media_option(const char *text, struct peer_media *out)
{
    static const struct {
        const char *name;
        struct peer_media media;
    } names[] = {{"both", {true, true}},
                 {"send", {true, false}},
                 {"recv", {false, true}},
                 {"none", {false, false}}};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (text && strcmp(text, names[i].name) != 0) continue;
        *out = names[i].media;
        return true;
    }
    return false;
}

bool size_option(const char *text, int *width, int *height)
{
    struct bytes all = bytes_of(text);
    const char *x = strchr(text, 'x');
    uint64_t w, h;
    if (!x) return false;
    size_t at = (size_t)(x - text);
    if (!bytes_to_u64(bytes_slice(all, 0, at), PICTURE_SIDE_MAX, &w) ||
        !bytes_to_u64(bytes_slice(all, at + 1, SIZE_MAX), PICTURE_SIDE_MAX, &h) ||
        !source_size_valid((int)w, (int)h))
        return false;
    *width = (int)w;
    *height = (int)h;
    return true;
}
