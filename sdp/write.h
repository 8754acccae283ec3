/* Tree to text: RFC 8866 §5. */
#ifndef DUET_SDP_WRITE_H
#define DUET_SDP_WRITE_H

#include "sdp/model.h"

/* Writes every line in its order, each ended by CRLF, so that nothing unknown is lost. The writer
 * fails with E_FULL when its room runs out; the text is never longer than that which was parsed
 * plus one byte a line. */
void sdp_write(const struct sdp *sdp, struct writer *w);

#endif
