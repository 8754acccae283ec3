/* WebSocket frames, read and written, in both roles: RFC 6455 §5 to §8.
 *
 * The reader takes a byte stream in pieces of any size and gives whole messages; fragments are
 * copied into one buffer, so that a message costs at most twice its bytes however it was cut. It
 * says of a wrong frame that it is wrong at the first byte that shows it, and never that more is to
 * come. No extension is ever negotiated. */
#ifndef DUET_SIGNALING_WEBSOCKET_H
#define DUET_SIGNALING_WEBSOCKET_H

#include "base/bytes.h"
#include "base/rng.h"
#include "signaling/buffer.h"
#include "signaling/utf8.h"

/* Whose end this is. A server reads masked frames and writes bare ones, a client the reverse:
 * RFC 6455 §5.1. */
enum ws_role { WS_SERVER, WS_CLIENT };

/* RFC 6455 §5.2 */
enum ws_opcode {
    WS_CONTINUATION = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xA
};

/* RFC 6455 §7.4.1; 1012 to 1014 are from IANA's registry, WebSocket Close Code Number. */
enum ws_code {
    WS_NORMAL = 1000,
    WS_GOING_AWAY = 1001,
    WS_PROTOCOL_ERROR = 1002,
    WS_UNSUPPORTED_DATA = 1003,
    WS_NO_STATUS = 1005, /* never on the wire: a Close frame without a code */
    WS_ABNORMAL = 1006,  /* never on the wire: no Close frame came */
    WS_INVALID_DATA = 1007,
    WS_POLICY = 1008,
    WS_TOO_LARGE = 1009,
    WS_INTERNAL_ERROR = 1011,
    WS_TRY_LATER = 1013
};

#define WS_CONTROL_MAX  125 /* RFC 6455 §5.5 */
#define WS_OVERHEAD_MAX 14  /* longest frame header: 2 + 8 + 4 */

/* One whole message or control frame. */
struct ws_item {
    enum ws_opcode opcode; /* WS_TEXT, WS_BINARY, WS_CLOSE, WS_PING, WS_PONG */
    struct bytes data;     /* unmasked; of a Close its reason. A view until the next ws_read */
    uint16_t code;         /* of a Close: its status code, WS_NO_STATUS if it has none */
    uint64_t offset;       /* in the stream, of the (first) frame's first byte */
};

struct ws_reader {
    enum ws_role role;
    size_t max_message;
    struct fault fault;      /* once failed: the rule; offset is in the stream */
    enum ws_code close_code; /* once failed: what the Close frame should say */

    uint8_t phase; /* private from here on */
    uint8_t header[WS_OVERHEAD_MAX], header_len, header_need;
    uint8_t opcode, message_opcode; /* message_opcode 0: no message begun */
    bool fin, closed, message_taken;
    uint8_t mask[4];
    uint64_t payload_len, payload_at;
    uint64_t offset, frame_offset, message_offset;
    struct utf8 utf8;
    struct buffer message;
    uint8_t control[WS_CONTROL_MAX];
};

/* `max_message`: bytes of the longest message taken, all fragments together. Takes no memory. */
void ws_reader_init(struct ws_reader *r, enum ws_role role, size_t max_message);
void ws_reader_free(struct ws_reader *r);

/* Takes bytes off the front of `in` up to the end of the next item.
 * OK: `item` is filled, and `in` may hold more. E_TRUNCATED: all of `in` was taken, feed more.
 * Anything else is for good, answered again by each later call, with `fault` and `close_code` set:
 * E_MALFORMED (1002, or 1007 for text that is not UTF-8), E_FULL (1009, from the announced length
 * on), E_NOMEM (1011). What comes behind a Close is taken and ignored: RFC 6455 §1.4. */
enum err ws_read(struct ws_reader *r, struct bytes *in, struct ws_item *item);
/* The stream may not end here: a frame or a message is half read. */
bool ws_reader_incomplete(const struct ws_reader *r);

/* One unfragmented frame, masked from `rng` when `role` is WS_CLIENT (`rng` may be NULL for
 * WS_SERVER). Needs data.len + WS_OVERHEAD_MAX bytes at most. A control frame's data is cut to
 * WS_CONTROL_MAX. */
void ws_write(struct writer *w, enum ws_role role, enum ws_opcode opcode, struct bytes data,
              struct rng *rng);
/* A Close frame: RFC 6455 §5.5.1. WS_NO_STATUS writes an empty one; `reason` is cut to 123 bytes.
 */
void ws_write_close(struct writer *w, enum ws_role role, enum ws_code code, const char *reason,
                    struct rng *rng);
/* A code that may stand in a Close frame: RFC 6455 §7.4. */
bool ws_code_valid(uint16_t code);

#endif
