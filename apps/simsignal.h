/* The signaling of a simulated call: messages that arrive in order, each after its time, and what
 * the scenario breaks in them. signaling/ has the real one, which needs a byte stream. */
#ifndef DUET_APPS_SIMSIGNAL_H
#define DUET_APPS_SIMSIGNAL_H

#include "apps/scenario.h"

#define SIMSIGNAL_WAITING 256

enum simsignal_type { SIGNAL_OFFER, SIGNAL_ANSWER, SIGNAL_CANDIDATE, SIGNAL_BYE };

struct simsignal_message {
    usec at;
    int to;
    enum simsignal_type type;
    char ufrag[64]; /* of a candidate's generation */
    char *text;     /* a description or a candidate; "" is end-of-candidates */
};

struct simsignal {
    struct simsignal_message waiting[SIMSIGNAL_WAITING];
    size_t count;
};

/* "offer", "answer"... */
const char *simsignal_name(enum simsignal_type type);
/* Copies `text`. E_FULL, E_NOMEM. */
enum err simsignal_send(struct simsignal *s, usec at, int to, enum simsignal_type type,
                        const char *text, const char *ufrag);
usec simsignal_deadline(const struct simsignal *s);
/* The first message that has arrived by `now`; its text is the caller's to free. */
bool simsignal_take(struct simsignal *s, struct simsignal_message *message, usec now);
void simsignal_drop(struct simsignal *s);

/* What the fault makes of a description on its way, in place, within `room` bytes. */
void simsignal_break(char *sdp, size_t room, enum simsignal_type type, enum scenario_fault fault);
/* A description with candidate lines in its first section, as it is sent without trickling (RFC
 * 8839 §5.1). NULL: no memory. */
char *simsignal_with_candidates(const char *sdp, const char *lines);

#endif
