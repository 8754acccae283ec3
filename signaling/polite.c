#include "signaling/polite.h"

#include <string.h>

bool polite_is(const struct sig_id *own, const struct sig_id *peer)
{
    return strcmp(own->text, peer->text) < 0;
}

enum polite_action polite_on_offer(bool polite, const struct polite_state *state)
{
    bool ready = !state->making_offer && (!state->have_offer || state->setting_answer);
    if (ready) return POLITE_ACCEPT;
    return polite ? POLITE_ROLLBACK : POLITE_IGNORE;
}
