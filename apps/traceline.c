#include "apps/traceline.h"

json_t *traceline(usec start, unsigned call, const char *type, usec at)
{
    json_t *line = json_object();
    json_object_set_new(line, "t", json_real((double)(at - start) / 1e6));
    if (call) json_object_set_new(line, "call", json_integer(call));
    json_object_set_new(line, "type", json_string(type));
    return line;
}

json_t *traceline_lost(usec start, uint64_t lines, usec at)
{
    json_t *line = traceline(start, 0, "lost", at);
    json_object_set_new(line, "lines", json_integer((json_int_t)lines));
    return line;
}
