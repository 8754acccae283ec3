/* How much memory the process has taken and not given back, libraries included. */
#ifndef DUET_APPS_HEAP_H
#define DUET_APPS_HEAP_H

#include <stddef.h>

/* Bytes in use; 0 where the C library does not tell. */
size_t heap_in_use(void);

#endif
