/* The page of `duet serve`, built in: made from apps/web/ by cmake/embed.cmake. */
#ifndef DUET_APPS_WEB_H
#define DUET_APPS_WEB_H

#include "signaling/server.h"

extern const struct sig_file web_files[];
extern const size_t web_file_count;

#endif
