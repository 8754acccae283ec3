#include "sdp/write.h"

void sdp_write(const struct sdp *sdp, struct writer *w)
{
    for (size_t i = 0; i < sdp->lines.count; i++) {
        write_bytes(w, sdp->lines.at[i].text);
        write_text(w, "\r\n");
    }
}
