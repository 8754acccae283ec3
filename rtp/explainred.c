/* Redundant audio data told aloud, RFC 2198 §3 (rtp/explain.h). We never answer it, but browsers
 * wrap VP8 in it where both sides offer "red". */
#include "base/explain.h"
#include "rtp/internal.h"

/* §3: F, payload type; and of all blocks but the last a timestamp offset and a length. */
static bool read_header(struct explain *x, struct reader *r, uint8_t *type, size_t *redundant)
{
    uint8_t first = read_u8(r);
    *type = first & 127;
    if (!(first >> 7)) {
        struct bytes raw = {r->at - 1, 1};
        if (r->err == OK)
            explain_field(x, "RED header", raw, "RFC 2198 3", "payload type %u", *type);
        return false;
    }
    uint32_t rest = read_u24(r);
    if (r->err != OK) return false;
    struct bytes raw = {r->at - 4, 4};
    explain_field(x, "RED header", raw, "RFC 2198 3", "payload type %u, %u bytes, %u units earlier",
                  *type, (unsigned)rest & 0x3FF, (unsigned)rest >> 10);
    explain_meaning(x, "something that was sent before, once more");
    *redundant += rest & 0x3FF;
    return true;
}

struct bytes rtp_explain_red(struct explain *x, struct bytes payload, uint8_t *type)
{
    struct reader r = reader_of(payload);
    size_t redundant = 0;
    while (read_header(x, &r, type, &redundant)) continue; /* each takes four bytes */
    read_skip(&r, redundant);
    if (r.err == OK) return read_rest(&r);
    explain_field(x, "RED", payload, "RFC 2198 3", "%s", err_name(r.err));
    explain_broken(x, "its blocks end past the packet (RFC 2198 3)");
    return (struct bytes){NULL, 0};
}
