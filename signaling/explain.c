#include "signaling/explain.h"

#include "base/explain.h"
#include "signaling/explainmessage.h"

#define HEX_START 32 /* bytes of a binary message that are shown */
#define SUMMED_UP 4  /* messages that the summary names */

static const char *opcode_name(uint8_t opcode)
{
    switch (opcode) {
    case WS_CONTINUATION: return "continuation";
    case WS_TEXT: return "text";
    case WS_BINARY: return "binary";
    case WS_CLOSE: return "close";
    case WS_PING: return "ping";
    case WS_PONG: return "pong";
    }
    return "reserved opcode";
}

/* RFC 6455 §7.4.1 and IANA's registry. */
static const char *code_name(uint16_t code)
{
    static const struct {
        uint16_t code;
        const char *name;
    } names[] = {
        {WS_NORMAL, "normal closure"},
        {WS_GOING_AWAY, "going away"},
        {WS_PROTOCOL_ERROR, "protocol error"},
        {WS_UNSUPPORTED_DATA, "data of a kind that is not taken"},
        {WS_NO_STATUS, "no status code"},
        {WS_INVALID_DATA, "text that is not UTF-8"},
        {WS_POLICY, "a policy is broken"},
        {WS_TOO_LARGE, "message too big"},
        {1010, "an extension is missing"},
        {WS_INTERNAL_ERROR, "internal error"},
        {1012, "service restarts"},
        {WS_TRY_LATER, "try again later"},
        {1014, "bad gateway"},
    };
    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].code == code) return names[i].name;
    return code < 4000 ? "of a library" : "of an application";
}

static struct ws_reader reader_for(const struct ws_explain_options *options)
{
    struct ws_reader r;
    size_t max = options && options->max_message ? options->max_message : WS_EXPLAIN_MESSAGE_MAX;
    ws_reader_init(&r, options ? options->role : WS_SERVER, max);
    return r;
}

/* A frame as it stands in the stream, by what the reader has kept of its header. */
static void tell_frame(struct explain *x, struct bytes stream, const struct ws_reader *r)
{
    size_t at = (size_t)r->frame_offset;
    struct bytes raw = bytes_slice(stream, at, (size_t)r->offset - at);
    bool masked = r->header[1] & 0x80;
    explain_field(x, opcode_name(r->opcode), raw, "RFC 6455 5.2", "%s, %llu bytes%s",
                  r->fin ? "FIN" : "more follows", (unsigned long long)r->payload_len,
                  masked ? ", masked" : "");
    if (masked)
        explain_meaning(x,
                        "from a client: the key %02x%02x%02x%02x is XORed over it, so that no "
                        "page can choose what stands on the wire (RFC 6455 5.3, 10.3)",
                        r->mask[0], r->mask[1], r->mask[2], r->mask[3]);
    if (r->opcode == WS_PING) explain_meaning(x, "to be answered by a pong with the same payload");
}

/* Another phrase of the summary: "from a client: offer to b; closed with 1000". `parts`: those that
 * there are behind the first. */
static void begin_part(struct explain *x, size_t parts)
{
    explain_phrase(x, parts ? "; " : ": ");
}

/* In the summary, a few of them: messages of ours by what they are, others by their kind. */
static void tell_text(struct explain *x, struct bytes text, size_t number)
{
    const struct bytes none = {NULL, 0};
    bool summed_up = number < SUMMED_UP;
    if (summed_up) begin_part(x, number);
    bool ours = sig_message_explain(x, text, summed_up);
    if (!ours) explain_field_text(x, "message", none, "RFC 6455 5.6", text);
    if (summed_up) explain_summary(x, "%s, %zu bytes", ours ? "" : "text", text.len);
}

/* What a whole item says: below its last frame, and text and binary messages as members. `number`:
 * messages before it. */
static void tell_item(struct explain *x, const struct ws_item *item, size_t number)
{
    const struct bytes none = {NULL, 0};
    bool text = item->opcode == WS_TEXT;
    explain_down(x);
    if (text)
        tell_text(x, item->data, number);
    else if (item->opcode == WS_CLOSE)
        explain_field(x, "status code", none, "RFC 6455 7.4.1", "%u", item->code);
    else
        explain_field(x, item->opcode == WS_BINARY ? "message" : "payload", none, "RFC 6455 5.5",
                      "%zu bytes", item->data.len);
    if (item->opcode == WS_CLOSE) {
        explain_meaning(x, "%s", code_name(item->code));
        if (item->data.len) explain_field_text(x, "reason", none, "RFC 6455 7.1.6", item->data);
    }
    explain_up(x);
    if (!text && item->opcode != WS_BINARY) return;
    if (!text && number < SUMMED_UP) {
        begin_part(x, number);
        explain_summary(x, "binary, %zu bytes", item->data.len);
    }
    explain_object(x, NULL);
    explain_number(x, "opcode", item->opcode);
    if (text) {
        explain_text(x, "text", item->data);
    } else {
        explain_number(x, "length", item->data.len);
        explain_hex(x, "hexStart", bytes_slice(item->data, 0, HEX_START));
    }
    explain_close(x);
}

/* Feeds the reader byte by byte, so that it can be asked after each whether a frame has ended.
 * Answers how many messages there were. */
static size_t tell_messages(struct explain *x, struct bytes stream, struct ws_reader *r)
{
    size_t messages = 0;
    explain_list(x, "messages");
    for (size_t i = 0; i < stream.len && !r->closed; i++) {
        struct bytes byte = bytes_slice(stream, i, 1);
        struct ws_item item;
        enum err err = ws_read(r, &byte, &item);
        if (err != OK && err != E_TRUNCATED) break;
        if (r->header_len == 0) tell_frame(x, stream, r);
        if (err == OK) tell_item(x, &item, messages);
        messages += err == OK && (item.opcode == WS_TEXT || item.opcode == WS_BINARY);
    }
    explain_close(x);
    return messages;
}

/* A second time, for what is another list. `parts`: of the summary so far. */
static void add_pongs_and_close(struct explain *x, struct bytes stream,
                                const struct ws_explain_options *options, size_t parts)
{
    struct ws_reader r = reader_for(options);
    struct ws_item item = {.opcode = WS_PONG};
    size_t pongs = 0;
    explain_list(x, "pongs");
    while (ws_read(&r, &stream, &item) == OK && item.opcode != WS_CLOSE) {
        if (item.opcode != WS_PING) continue;
        explain_hex(x, NULL, item.data);
        pongs++;
    }
    explain_close(x);
    if (pongs) {
        begin_part(x, parts++);
        explain_summary(x, "%zu ping%s", pongs, pongs == 1 ? "" : "s");
    }
    if (r.closed) {
        explain_object(x, "close");
        explain_number(x, "code", item.code);
        explain_text(x, "reason", item.data);
        explain_close(x);
        begin_part(x, parts);
        explain_summary(x, "closed with %u (%s)", item.code, code_name(item.code));
    }
    ws_reader_free(&r);
}

static void tell_failure(struct explain *x, struct bytes stream, const struct ws_reader *r)
{
    size_t at = (size_t)r->frame_offset;
    explain_field(x, "broken frame", bytes_slice(stream, at, stream.len - at), "RFC 6455 7.1.7",
                  "close code %d, %s", r->close_code, code_name((uint16_t)r->close_code));
    explain_broken(x, "%s", r->fault.rule);
    explain_object(x, "fail");
    explain_number(x, "code", (uint64_t)r->close_code);
    explain_text(x, "rule", bytes_of(r->fault.rule));
    explain_number(x, "offset", r->fault.offset);
    explain_close(x);
    explain_summary(x, ", then it fails with %d: %s", r->close_code, r->fault.rule);
}

/* What stands behind the last whole frame. */
static void tell_rest(struct explain *x, struct bytes stream, const struct ws_reader *r)
{
    bool incomplete = ws_reader_incomplete(r);
    size_t at = (size_t)(incomplete && r->header_len ? r->frame_offset : r->offset);
    struct bytes rest = bytes_slice(stream, at, stream.len);
    if (incomplete) {
        explain_field(x, "incomplete", rest, "RFC 6455 5.4", "%zu bytes", rest.len);
        explain_meaning(x, "%s",
                        r->header_len ? "the stream ends inside a frame"
                                      : "the stream ends before the last fragment");
        explain_summary(x, ", incomplete");
    } else if (rest.len && r->closed) {
        explain_field(x, "ignored", rest, "RFC 6455 1.4", "%zu bytes", rest.len);
        explain_meaning(x, "what follows a close is not looked at");
    }
    explain_bool(x, "incomplete", incomplete);
}

void ws_explain(struct explain *x, struct bytes message, const struct ws_explain_options *options)
{
    struct ws_reader r = reader_for(options);
    explain_summary(x, "from a %s", r.role == WS_SERVER ? "client" : "server");
    size_t messages = tell_messages(x, message, &r);
    if (messages > SUMMED_UP) {
        begin_part(x, messages);
        explain_summary(x, "and %zu more", messages - SUMMED_UP);
    }
    add_pongs_and_close(x, message, options, messages);
    if (r.fault.err == E_NOMEM)
        explain_fail(x, &r.fault);
    else if (r.fault.err != OK)
        tell_failure(x, message, &r);
    tell_rest(x, message, &r);
    ws_reader_free(&r);
}
