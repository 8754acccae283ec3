#include "base/err.h"

#include <stdio.h>

const char *err_name(enum err err)
{
    switch (err) {
    case OK: return "ok";
    case E_TRUNCATED: return "truncated";
    case E_MALFORMED: return "malformed";
    case E_UNSUPPORTED: return "unsupported";
    case E_AUTH: return "auth";
    case E_STATE: return "state";
    case E_FULL: return "full";
    case E_NOMEM: return "nomem";
    }
    return "unknown";
}

const char *fault_text(const struct fault *fault, char *to, size_t room)
{
    if (fault->err == OK)
        snprintf(to, room, "ok");
    else
        snprintf(to, room, "%s: %s at offset %zu: %s", fault->layer ? fault->layer : "?",
                 err_name(fault->err), fault->offset, fault->rule ? fault->rule : "no rule named");
    return to;
}
