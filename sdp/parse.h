/* Text to tree. RFC 8866 §5 and §9; known attributes by their own RFCs (sdp/attribute.h). */
#ifndef DUET_SDP_PARSE_H
#define DUET_SDP_PARSE_H

#include "sdp/model.h"

/* Parses a whole description. The text is copied once, so the tree stands alone until sdp_free();
 * both CRLF and bare LF end a line. Takes time linear in the text. What is not known (attributes)
 * or not used (b=, i=, k=...) is kept among the lines.
 *
 * Errors, told in `out->fault` with the byte offset and the rule: E_MALFORMED; E_TRUNCATED (the
 * last line has no end, or there is no t= yet); E_UNSUPPORTED (a line letter that RFC 8866 does
 * not have); E_FULL (a bound of sdp/model.h); E_NOMEM. After an error there is nothing to free,
 * though sdp_free() does no harm. */
enum err sdp_parse(struct sdp *out, struct bytes text);
void sdp_free(struct sdp *sdp);

/* Which line an offset lies in, counted from 1: for messages to people. */
size_t sdp_line_number(struct bytes text, size_t offset);

#endif
