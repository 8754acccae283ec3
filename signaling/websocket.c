#include "signaling/websocket.h"

#include <string.h>

enum phase { IN_HEADER, IN_PAYLOAD, FAILED };

void ws_reader_init(struct ws_reader *r, enum ws_role role, size_t max_message)
{
    *r = (struct ws_reader){.role = role, .max_message = max_message, .header_need = 2};
    buffer_init(&r->message, max_message);
}

void ws_reader_free(struct ws_reader *r)
{
    buffer_free(&r->message);
}

static bool is_control(uint8_t opcode)
{
    return opcode & 0x8; /* RFC 6455 §5.5 */
}

/* Fails the connection for good (RFC 6455 §7.1.7); `offset` is in the stream. */
static enum err fail(struct ws_reader *r, enum err err, enum ws_code code, uint64_t offset,
                     const char *rule)
{
    r->fault = (struct fault){err, "websocket", (size_t)offset, rule};
    r->close_code = code;
    r->phase = FAILED;
    buffer_free(&r->message);
    return err;
}

static enum err wrong(struct ws_reader *r, const char *rule)
{
    return fail(r, E_MALFORMED, WS_PROTOCOL_ERROR, r->frame_offset, rule);
}

/* What the first byte alone can break: RFC 6455 §5.2, §5.4. */
static enum err check_first_byte(struct ws_reader *r)
{
    uint8_t first = r->header[0];
    r->fin = first & 0x80;
    r->opcode = first & 0x0F;
    if (first & 0x70)
        return wrong(r, "a reserved bit is set and no extension agreed (RFC 6455 5.2)");
    switch (r->opcode) {
    case WS_CONTINUATION:
        if (!r->message_opcode) return wrong(r, "a continuation of nothing (RFC 6455 5.4)");
        return OK;
    case WS_TEXT:
    case WS_BINARY:
        if (r->message_opcode)
            return wrong(r, "a new message before the last one's end (RFC 6455 5.4)");
        return OK;
    case WS_CLOSE:
    case WS_PING:
    case WS_PONG:
        if (!r->fin) return wrong(r, "a control frame in fragments (RFC 6455 5.5)");
        return OK;
    }
    return wrong(r, "an opcode that nobody defined (RFC 6455 5.2)");
}

/* What the second byte adds: who must mask (RFC 6455 §5.1), and how long the header is. */
static enum err check_second_byte(struct ws_reader *r)
{
    bool masked = r->header[1] & 0x80;
    uint8_t len = r->header[1] & 0x7F;
    if (masked && r->role == WS_CLIENT) return wrong(r, "a server must not mask (RFC 6455 5.1)");
    if (!masked && r->role == WS_SERVER) return wrong(r, "a client must mask (RFC 6455 5.1)");
    if (is_control(r->opcode) && len > WS_CONTROL_MAX)
        return wrong(r, "a control frame above 125 bytes (RFC 6455 5.5)");
    if (r->opcode == WS_CLOSE && len == 1) return wrong(r, "half a status code (RFC 6455 5.5.1)");
    r->header_need = 2;
    if (len == 126) r->header_need += 2;
    if (len == 127) r->header_need += 8;
    if (masked) r->header_need += 4;
    return OK;
}

/* The whole header is there. Nothing was allocated for this frame yet, and what it announces counts
 * against the limit of the whole message, not of this fragment. */
static enum err begin_payload(struct ws_reader *r)
{
    struct reader h = reader_of((struct bytes){r->header, r->header_len});
    read_skip(&h, 1);
    uint64_t len = read_u8(&h) & 0x7F;
    if (len == 126) {
        len = read_u16(&h);
        if (len < 126) return wrong(r, "a length in more bytes than it needs (RFC 6455 5.2)");
    } else if (len == 127) {
        len = read_u64(&h);
        if (len >> 63) return wrong(r, "a length with its highest bit set (RFC 6455 5.2)");
        if (len <= 0xFFFF) return wrong(r, "a length in more bytes than it needs (RFC 6455 5.2)");
    }
    memset(r->mask, 0, sizeof r->mask);
    if (r->header[1] & 0x80) memcpy(r->mask, read_bytes(&h, 4).at, 4);
    if (!is_control(r->opcode) && len > r->max_message - r->message.len)
        return fail(r, E_FULL, WS_TOO_LARGE, r->frame_offset,
                    "the message is longer than the limit (RFC 6455 7.4.1)");
    if (r->opcode == WS_TEXT || r->opcode == WS_BINARY) {
        r->message_opcode = r->opcode;
        r->message_offset = r->frame_offset;
        r->utf8 = (struct utf8){0};
    }
    r->payload_len = len, r->payload_at = 0;
    r->phase = IN_PAYLOAD;
    return OK;
}

static enum err header_byte(struct ws_reader *r, uint8_t byte)
{
    if (r->header_len == 0) r->frame_offset = r->offset;
    r->header[r->header_len++] = byte;
    r->offset++;
    enum err err = OK;
    if (r->header_len == 1) err = check_first_byte(r);
    if (r->header_len == 2) err = check_second_byte(r);
    if (err == OK && r->header_len >= 2 && r->header_len == r->header_need) err = begin_payload(r);
    return err;
}

/* Unmasks `n` bytes (RFC 6455 §5.3) and checks text as it comes (§8.1). */
static enum err unmask(struct ws_reader *r, uint8_t *to, const uint8_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++) to[i] = from[i] ^ r->mask[(r->payload_at + i) & 3];
    if (is_control(r->opcode) || r->message_opcode != WS_TEXT) return OK;
    for (size_t i = 0; i < n; i++)
        if (!utf8_feed(&r->utf8, to[i]))
            return fail(r, E_MALFORMED, WS_INVALID_DATA, r->offset + i,
                        "text that is not UTF-8 (RFC 6455 8.1)");
    return OK;
}

static enum err take_payload(struct ws_reader *r, struct bytes *in)
{
    uint64_t left = r->payload_len - r->payload_at;
    size_t n = in->len < left ? in->len : (size_t)left;
    enum err err;
    if (is_control(r->opcode)) {
        err = unmask(r, r->control + r->payload_at, in->at, n);
    } else {
        struct writer w;
        if (buffer_reserve(&r->message, n, &w) != OK)
            return fail(r, E_NOMEM, WS_INTERNAL_ERROR, r->offset, "no memory for the message");
        err = n ? unmask(r, w.at, in->at, n) : OK;
        if (err != OK) return err; /* the buffer is gone */
        w.at += n;
        buffer_commit(&r->message, &w);
    }
    r->payload_at += n;
    r->offset += n;
    *in = bytes_slice(*in, n, in->len);
    return err;
}

/* A whole Close frame: RFC 6455 §5.5.1, §7.4. */
static enum err end_close(struct ws_reader *r, struct ws_item *item)
{
    item->code = WS_NO_STATUS;
    if (item->data.len >= 2) {
        struct reader body = reader_of(item->data);
        item->code = read_u16(&body);
        item->data = read_rest(&body);
        if (!ws_code_valid(item->code))
            return wrong(r, "a status code that may not be sent (RFC 6455 7.4)");
        if (!utf8_valid(item->data))
            return fail(r, E_MALFORMED, WS_INVALID_DATA, r->frame_offset,
                        "a reason that is not UTF-8 (RFC 6455 5.5.1)");
    }
    r->closed = true;
    return OK;
}

/* The frame is whole; E_TRUNCATED: but it ends no message. */
static enum err end_frame(struct ws_reader *r, struct ws_item *item)
{
    r->phase = IN_HEADER;
    r->header_len = 0, r->header_need = 2;
    if (is_control(r->opcode)) {
        *item = (struct ws_item){.opcode = r->opcode, .offset = r->frame_offset};
        item->data = (struct bytes){r->control, (size_t)r->payload_len};
        return r->opcode == WS_CLOSE ? end_close(r, item) : OK;
    }
    if (!r->fin) return E_TRUNCATED;
    if (r->message_opcode == WS_TEXT && !utf8_complete(&r->utf8))
        return fail(r, E_MALFORMED, WS_INVALID_DATA, r->offset,
                    "text that ends inside a character (RFC 6455 8.1)");
    *item = (struct ws_item){.opcode = r->message_opcode, .offset = r->message_offset};
    item->data = buffer_bytes(&r->message);
    r->message_opcode = 0;
    r->message_taken = true; /* its bytes go with the next call */
    return OK;
}

enum err ws_read(struct ws_reader *r, struct bytes *in, struct ws_item *item)
{
    if (r->phase == FAILED) return r->fault.err;
    if (r->message_taken) {
        buffer_free(&r->message);
        r->message_taken = false;
    }
    if (r->closed) {
        r->offset += in->len;
        in->at += in->len, in->len = 0;
        return E_TRUNCATED;
    }
    while (in->len > 0) {
        enum err err;
        if (r->phase == IN_HEADER) {
            uint8_t byte = in->at[0];
            *in = bytes_slice(*in, 1, in->len);
            err = header_byte(r, byte);
        } else {
            err = take_payload(r, in);
        }
        if (err == OK && r->phase == IN_PAYLOAD && r->payload_at == r->payload_len)
            err = end_frame(r, item);
        else if (err == OK)
            continue;
        if (err != E_TRUNCATED) return err;
    }
    return E_TRUNCATED;
}

bool ws_reader_incomplete(const struct ws_reader *r)
{
    if (r->closed) return false;
    return r->phase == IN_PAYLOAD || (r->phase == IN_HEADER && r->header_len > 0) ||
           (r->phase != FAILED && r->message_opcode != 0);
}

void ws_write(struct writer *w, enum ws_role role, enum ws_opcode opcode, struct bytes data,
              struct rng *rng)
{
    uint8_t mask_bit = role == WS_CLIENT ? 0x80 : 0;
    if (is_control(opcode)) data = bytes_slice(data, 0, WS_CONTROL_MAX);
    write_u8(w, (uint8_t)(0x80 | opcode));
    if (data.len < 126) {
        write_u8(w, (uint8_t)(mask_bit | data.len));
    } else if (data.len <= 0xFFFF) {
        write_u8(w, mask_bit | 126);
        write_u16(w, (uint16_t)data.len);
    } else {
        write_u8(w, mask_bit | 127);
        write_u64(w, data.len);
    }
    if (role == WS_SERVER) {
        write_bytes(w, data);
        return;
    }
    uint8_t mask[4];
    rng_fill(rng, mask, sizeof mask); /* fresh and unpredictable: RFC 6455 §5.3 */
    write_bytes(w, (struct bytes){mask, sizeof mask});
    uint8_t *at = w->at;
    write_bytes(w, data);
    if (w->err != OK) return;
    for (size_t i = 0; i < data.len; i++) at[i] ^= mask[i & 3];
}

void ws_write_close(struct writer *w, enum ws_role role, enum ws_code code, const char *reason,
                    struct rng *rng)
{
    uint8_t body[WS_CONTROL_MAX];
    struct writer b = writer_of(body, sizeof body);
    if (code != WS_NO_STATUS) {
        write_u16(&b, (uint16_t)code);
        write_bytes(&b, bytes_slice(bytes_of(reason), 0, WS_CONTROL_MAX - 2));
    }
    ws_write(w, role, WS_CLOSE, (struct bytes){body, writer_len(&b)}, rng);
}

bool ws_code_valid(uint16_t code)
{
    /* 1004 to 1006 and 1015 are never on the wire; 3000 on are for libraries and applications. */
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && !(code >= 1004 && code <= 1006);
}
