/* What went wrong, said by what the caller can do about it. No RFC: our own vocabulary. */
#ifndef DUET_BASE_ERR_H
#define DUET_BASE_ERR_H

#include <stddef.h>

enum err {
    OK = 0,
    E_TRUNCATED,   /* the input ended early: wait for more of a stream, drop a datagram */
    E_MALFORMED,   /* the input breaks a rule: drop it */
    E_UNSUPPORTED, /* well formed, but nothing that we do: ignore it */
    E_AUTH,        /* integrity, fingerprint or password did not match: drop it, count it */
    E_STATE,       /* not now: the call came in the wrong order */
    E_FULL,        /* a named bound is reached: drop it, or drain first */
    E_NOMEM        /* set-up ran out of memory: give up this object */
};

/* The name that `duet explain` and logs print: "truncated", "malformed"... Never NULL. */
const char *err_name(enum err err);

/* Why an input was refused: which layer, where in the input, by which rule. Parsers leave it in
 * the `fault` member of what they fill, machines answer it from their `_fault` function. All
 * strings are literals, so a fault may be copied and kept. */
struct fault {
    enum err err;
    const char *layer; /* "stun", "sdp"...; NULL while err is OK */
    size_t offset;     /* bytes from the start of the input (sdp: of the description) */
    const char *rule;  /* one sentence without a full stop, with the RFC section that rules */
};

/* "stun: malformed at offset 4: length is not a multiple of 4 (RFC 8489 5)" into `to`, always
 * terminated, cut to `room`; returns `to`. */
const char *fault_text(const struct fault *fault, char *to, size_t room);

#endif
