/* What the kernel refused, as a fault: `rule` is a short sentence for people ("connection
 * refused"), always a literal. Programs put the address and what to do around it. */
#ifndef DUET_NET_SYSERR_H
#define DUET_NET_SYSERR_H

#include "base/err.h"

/* "connection refused", "address already in use"...; never NULL. */
const char *syserr_text(int errnum);
/* E_NOMEM when memory ran out, E_FULL at a limit of descriptors, else E_STATE. Offset is 0. */
struct fault syserr_fault(const char *layer, int errnum);

#endif
