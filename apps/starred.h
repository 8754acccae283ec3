/* Passwords and keys in a description, made unreadable before anything of it is shown or kept: who
 * has them can answer for us, or read what we say. */
#ifndef DUET_APPS_STARRED_H
#define DUET_APPS_STARRED_H

#include <stddef.h>

/* Writes a star over each character of what an `a=ice-pwd` (RFC 8839 §5.4), `a=crypto` (RFC 4568
 * §4) or `k=` (RFC 4566 §5.12) line says. The length stays, so that offsets do. */
void starred(char *description, size_t len);

#endif
