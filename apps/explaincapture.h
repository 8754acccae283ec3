/* `duet explain CAPTURE`: every packet of a pcap or pcapng, a line each, or whole. */
#ifndef DUET_APPS_EXPLAINCAPTURE_H
#define DUET_APPS_EXPLAINCAPTURE_H

#include "apps/captureread.h"
#include "apps/explaintypes.h"

struct capture_view {
    bool json;          /* an object a packet */
    bool verbose;       /* for people: each packet with all its fields */
    size_t first, last; /* only these packets, counted from 1; `last` 0: to the end */
    const struct explain_options *options;
};

/* Prints the packets of `file`, as apps/captureread.h reads them. Answers the fault that ended the
 * capture early, err OK if none did. */
struct fault explain_capture(struct bytes file, const struct capture_view *view);

/* A packet in a word or two, where there is nothing explained. */
void explain_capture_plain(const struct captured *p, char *to, size_t room);
/* On stderr: a key log that opens nothing is no fault of the capture, but its owner wants to know.
 */
void explain_capture_remarks(const struct captureread *read);

#endif
