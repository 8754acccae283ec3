/* What the system lets this process have. */
#ifndef DUET_NET_LIMITS_H
#define DUET_NET_LIMITS_H

#include <stddef.h>

/* Raises the number of descriptors that this process may have open to `wanted`, as far as the
 * system allows without privileges. Returns what it is afterwards. */
size_t limits_raise_descriptors(size_t wanted);

#endif
