/* --video and --audio: which way media goes. */
#ifndef DUET_APPS_MEDIAOPTIONS_H
#define DUET_APPS_MEDIAOPTIONS_H

#include "peer/connection.h"

/* "both", "send", "recv", "none"; NULL means both. False: something else. */
bool media_option(const char *text, struct peer_media *out);
/* "640x480". */
bool size_option(const char *text, int *width, int *height);

#endif
