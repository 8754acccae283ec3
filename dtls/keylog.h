/* The secret of one association, for whoever wants to read its packets: the line of an NSS key log
 * (draft-ietf-tls-keylogfile §1), as Wireshark takes it. Nothing is kept unless it was asked for.
 */
#ifndef DUET_DTLS_KEYLOG_H
#define DUET_DTLS_KEYLOG_H

#include "dtls/handshake.h"

/* "CLIENT_RANDOM ", 64 digits, a space, 96 digits, and the NUL; with room to spare. */
#define DTLS_KEYLOG_MAX 192

/* Asks for the line, before dtls_start: later it may have come and gone. */
void dtls_keylog_ask(struct dtls *dtls);
/* Takes the line, without an end of line, once; then nothing of it is left here. False: it was not
 * asked for, there is none yet, or it was taken. It is there as soon as keys are: before the first
 * record that needs them goes out, or right after the dtls_input of the flight that made them.
 * bytes_wipe it after use. */
bool dtls_keylog_take(struct dtls *dtls, char line[DTLS_KEYLOG_MAX]);

#endif
