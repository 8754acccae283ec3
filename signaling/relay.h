/* What the server does with a message between two participants: it looks at `type` and `to`, writes
 * `from`, and passes everything else on. It never looks into descriptions and candidates.
 *
 * "Unchanged" means: the same JSON value. The text is parsed and written again, compact, in the
 * same order of members, strings character by character, integers digit by digit, other numbers
 * with the 17 digits that keep a double exact (RFC 8259 §6). So what is relayed is what was
 * understood: there is no text that we and a browser could read differently. */
#ifndef DUET_SIGNALING_RELAY_H
#define DUET_SIGNALING_RELAY_H

#include "signaling/message.h"

struct sig_relay {
    enum sig_type type; /* SIG_OFFER or one behind it */
    struct bytes to;    /* a view until sig_relay_free */
    struct fault fault;
    enum sig_refusal refusal;
    void *tree; /* private */
};

/* E_FULL (SIG_TOO_LARGE or, too deep, SIG_BAD_JSON), E_MALFORMED (SIG_BAD_JSON, SIG_BAD_MESSAGE),
 * E_UNSUPPORTED (SIG_UNKNOWN_TYPE), E_NOMEM. After an error there is nothing to free. */
enum err sig_relay_parse(struct sig_relay *r, struct bytes text);
/* The text to pass on, with `from` set. E_FULL: longer than SIG_RELAYED_MAX (numbers may grow when
 * they are written again) or than `w`; E_NOMEM. */
enum err sig_relay_write(struct sig_relay *r, const struct sig_id *from, struct writer *w);
void sig_relay_free(struct sig_relay *r);

#endif
