/* A datagram as one line of plain words, as far as anybody on the path could read it. */
#ifndef DUET_APPS_WIRELINE_H
#define DUET_APPS_WIRELINE_H

#include "base/bytes.h"

#define WIRELINE_MAX 256

/* "STUN  Binding request, controlling, nominates": always terminated; returns `to`. */
const char *wireline(struct bytes datagram, char to[WIRELINE_MAX]);

#endif
