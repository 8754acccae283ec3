#include "dtls/explain.h"

#include "base/explain.h"
#include "dtls/explainmessage.h"
#include "dtls/record.h"

#include <stdlib.h>

/* What may be put together of one datagram's fragments: no datagram is longer, and a file that is
 * would be walked again for each of its records. */
#define TOGETHER_MAX 65536

struct told {
    struct explain *x;
    struct bytes message;
    size_t start;  /* of `message` in what x was made with */
    size_t phrase; /* records summed up so far */
};

static void say_separator(struct told *t)
{
    if (t->phrase++) explain_summary(t->x, "; ");
}

static void fail(struct told *t, struct fault fault)
{
    fault.offset += t->start;
    explain_fail(t->x, &fault);
}

/* Where a view of the message begins in it. */
static size_t offset_of(const struct told *t, struct bytes part)
{
    return (size_t)(part.at - t->message.at);
}

/* ---- Fragments ---- */

/* The fragments of one message that the whole datagram has, in clear, side by side in `room`, up to
 * the one at `last`: how much of the message they make, from its beginning on without a gap. */
static size_t gather(const struct told *t, const struct dtls_fragment *last, uint8_t *room)
{
    size_t have = 0;
    struct reader datagram = reader_of(t->message);
    for (struct dtls_record record; dtls_record_next(&datagram, &record);) {
        if (record.unified || record.type != DTLS_CONTENT_HANDSHAKE || record.epoch) continue;
        struct reader body = reader_of(record.body);
        for (struct dtls_fragment f; dtls_fragment_next(&body, &f);) {
            bool same = f.message_seq == last->message_seq && f.type == last->type &&
                        f.length == last->length;
            if (same && f.offset <= have && f.offset + f.body.len > have) {
                memcpy(room + f.offset, f.body.at, f.body.len);
                have = f.offset + f.body.len;
            }
            if (f.body.at == last->body.at) return have;
        }
    }
    return have;
}

/* The body of a fragment: a whole message, the last part of one that the datagram brings in parts,
 * or a part. */
static void say_body(struct told *t, const struct dtls_fragment *f)
{
    struct fault fault = {0};
    uint8_t *room = NULL;
    size_t offset = offset_of(t, f->body);
    if (f->body.len == f->length) {
        fault = dtls_explain_message(t->x, f->type, f->body, true);
        fault.offset += offset;
    } else if (f->offset == 0) {
        explain_meaning(t->x, "the first part of a message of %u bytes", (unsigned)f->length);
        dtls_explain_message(t->x, f->type, f->body, false);
    } else if (t->message.len <= TOGETHER_MAX && f->length <= TOGETHER_MAX &&
               f->offset + f->body.len == f->length && (room = malloc(f->length)) &&
               gather(t, f, room) == f->length) {
        explain_meaning(t->x, "the last part: below is the message put together");
        fault = dtls_explain_message(t->x, f->type, (struct bytes){room, f->length}, true);
        fault.offset = offset;
    } else {
        explain_meaning(t->x, "a part of a message of %u bytes whose beginning is elsewhere",
                        (unsigned)f->length);
        explain_field(t->x, "body", f->body, "RFC 6347 4.2.3", "%zu bytes", f->body.len);
    }
    free(room);
    if (fault.err != OK) fail(t, fault);
}

static void say_fragment(struct told *t, const struct dtls_fragment *f, struct bytes all)
{
    static const char spec[] = "RFC 6347 4.2.2";
    struct explain *x = t->x;
    const char *name = dtls_handshake_name(f->type);
    explain_field(x, "handshake", all, spec, "%s", name);
    explain_down(x);
    explain_field(x, "type", bytes_slice(all, 0, 1), "RFC 5246 7.4", "%s (%u)", name,
                  (unsigned)f->type);
    explain_field(x, "length", bytes_slice(all, 1, 3), spec, "%u", (unsigned)f->length);
    explain_field(x, "message seq", bytes_slice(all, 4, 2), spec, "%u", (unsigned)f->message_seq);
    explain_meaning(x, "numbers the messages of a handshake, so that their order survives");
    explain_field(x, "fragment offset", bytes_slice(all, 6, 3), spec, "%u", (unsigned)f->offset);
    explain_field(x, "fragment length", bytes_slice(all, 9, 3), spec, "%zu", f->body.len);
    explain_format(x, "type", "%s", name);
    explain_number(x, "messageSeq", f->message_seq);
    explain_number(x, "fragmentOffset", f->offset);
    explain_number(x, "fragmentLength", f->body.len);
    explain_number(x, "length", f->length);
    say_body(t, f);
    explain_up(x);
}

static void sum_up_fragment(struct told *t, const struct dtls_fragment *f)
{
    say_separator(t);
    explain_summary(t->x, "%s", dtls_handshake_name(f->type));
    if (f->body.len != f->length)
        explain_summary(t->x, " (bytes %u to %zu of %u)", (unsigned)f->offset,
                        f->offset + f->body.len, (unsigned)f->length);
}

/* All messages of a record; most have one. */
static void say_handshake(struct told *t, const struct dtls_record *record)
{
    struct reader body = reader_of(record->body);
    size_t count = 0;
    struct dtls_fragment f;
    while (dtls_fragment_next(&body, &f)) count++;
    struct fault fault = reader_fault(&body, "dtls");
    fault.offset += offset_of(t, record->body);
    body = reader_of(record->body);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *start = body.at;
        dtls_fragment_next(&body, &f);
        if (i == 0) explain_object(t->x, "handshake");
        if (i == 1) explain_list(t->x, "furtherHandshakes");
        if (i > 0) explain_object(t->x, NULL);
        say_fragment(t, &f, (struct bytes){start, (size_t)(body.at - start)});
        explain_close(t->x);
        sum_up_fragment(t, &f);
    }
    if (count > 1) explain_close(t->x);
    if (fault.err != OK) fail(t, fault);
}

/* ---- Records ---- */

static const char *alert_level(uint8_t level)
{
    return level == 1 ? "warning" : level == 2 ? "fatal" : "unknown";
}

static void say_alert(struct told *t, const struct dtls_record *record)
{
    struct dtls_alert alert;
    struct explain *x = t->x;
    if (!dtls_alert_read(record->body, &alert)) {
        fail(t, (struct fault){E_MALFORMED, "dtls", offset_of(t, record->body),
                               "an alert has two bytes (RFC 5246 7.2)"});
        return;
    }
    const char *level = alert_level(alert.level), *name = dtls_alert_name(alert.description);
    explain_field(x, "alert level", bytes_slice(record->body, 0, 1), "RFC 5246 7.2", "%s (%u)",
                  level, (unsigned)alert.level);
    explain_field(x, "alert description", bytes_slice(record->body, 1, 1), "RFC 5246 7.2",
                  "%s (%u)", name, (unsigned)alert.description);
    if (alert.level == 2) explain_meaning(x, "whoever sends it has given the connection up");
    if (alert.description == 0) explain_meaning(x, "the sender will send no more");
    explain_object(x, "alert");
    explain_format(x, "level", "%s", level);
    explain_format(x, "name", "%s", name);
    explain_number(x, "description", alert.description);
    explain_close(x);
    say_separator(t);
    explain_summary(x, "alert: %s %s", level, name);
}

/* The body of a record in clear. */
static void say_plain(struct told *t, const struct dtls_record *record)
{
    switch (record->type) {
    case DTLS_CONTENT_HANDSHAKE: say_handshake(t, record); return;
    case DTLS_CONTENT_ALERT: say_alert(t, record); return;
    case DTLS_CONTENT_CHANGE_CIPHER_SPEC:
        explain_field(t->x, "body", record->body, "RFC 5246 7.1", "%zu bytes", record->body.len);
        explain_meaning(t->x, "from the next record on the sender encrypts with what was agreed");
        break;
    default:
        explain_field(t->x, "body", record->body, "RFC 6347 4.1", "%zu bytes", record->body.len);
        break;
    }
    say_separator(t);
    explain_summary(t->x, "%s", dtls_content_name(record->type));
}

static void say_encrypted(struct told *t, const struct dtls_record *record, const char *what)
{
    explain_field(t->x, "ciphertext", record->body, record->unified ? "RFC 9147 4" : "RFC 6347 4.1",
                  "%zu bytes", record->body.len);
    explain_meaning(t->x, "encrypted: to be read with the secrets of the connection alone");
    explain_bool(t->x, "encrypted", true);
    say_separator(t);
    explain_summary(t->x, "encrypted %s, %zu bytes", what, record->body.len);
}

/* RFC 6347 §4.1 */
static void say_record(struct told *t, const struct dtls_record *record)
{
    static const char spec[] = "RFC 6347 4.1";
    struct explain *x = t->x;
    struct bytes all = record->all;
    const char *content = dtls_content_name(record->type);
    const char *version = dtls_version_text(record->version);
    explain_field(x, "content type", bytes_slice(all, 0, 1), "RFC 5246 6.2.1", "%s (%u)", content,
                  (unsigned)record->type);
    explain_field(x, "version", bytes_slice(all, 1, 2), spec, "%s (0x%04x)", version,
                  (unsigned)record->version);
    if (record->version == DTLS_VERSION_1_0)
        explain_meaning(x, "of the record; which version is spoken, the hellos say");
    explain_field(x, "epoch", bytes_slice(all, 3, 2), spec, "%u", (unsigned)record->epoch);
    explain_meaning(x, record->epoch ? "under the keys that were agreed" : "in clear");
    explain_field(x, "sequence", bytes_slice(all, 5, 6), spec, "%llu",
                  (unsigned long long)record->seq);
    explain_field(x, "length", bytes_slice(all, 11, 2), spec, "%zu", record->body.len);
    explain_format(x, "contentType", "%s", content);
    explain_format(x, "version", "%s", version);
    explain_number(x, "epoch", record->epoch);
    explain_number(x, "sequence", record->seq);
    explain_number(x, "length", record->body.len);
    if (record->epoch)
        say_encrypted(t, record, content);
    else
        say_plain(t, record);
}

/* RFC 9147 §4: 001CSLEE, the sequence number (itself encrypted), a length or none. */
static void say_unified(struct told *t, const struct dtls_record *record)
{
    static const char spec[] = "RFC 9147 4";
    struct explain *x = t->x;
    struct bytes all = record->all;
    uint8_t flags = all.at[0];
    size_t seq_len = flags & 0x08 ? 2 : 1;
    explain_field(x, "flags", bytes_slice(all, 0, 1), spec, "0x%02x", (unsigned)flags);
    explain_meaning(x, "the fixed bits 001; %zu bytes of sequence number; %s; epoch's low bits %u",
                    seq_len, flags & 0x04 ? "a length follows" : "no length, to the datagram's end",
                    (unsigned)record->epoch);
    explain_field(x, "sequence", bytes_slice(all, 1, seq_len), "RFC 9147 4.2.3", "encrypted");
    if (flags & 0x04)
        explain_field(x, "length", bytes_slice(all, 1 + seq_len, 2), spec, "%zu", record->body.len);
    explain_format(x, "contentType", "ciphertext");
    explain_format(x, "version", "DTLS 1.3");
    explain_number(x, "epoch", record->epoch);
    explain_number(x, "length", record->body.len);
    say_encrypted(t, record, "record of DTLS 1.3");
}

void dtls_explain(struct explain *x, struct bytes message)
{
    struct told t = {.x = x, .message = message};
    t.start = (size_t)(message.at - explain_message(x).at);
    struct reader r = reader_of(message);
    explain_list(x, "records");
    for (struct dtls_record record; dtls_record_next(&r, &record);) {
        explain_field(x, "record", record.all, record.unified ? "RFC 9147 4" : "RFC 6347 4.1", "%s",
                      record.unified ? "ciphertext" : dtls_content_name(record.type));
        explain_down(x);
        explain_object(x, NULL);
        if (record.unified)
            say_unified(&t, &record);
        else
            say_record(&t, &record);
        explain_close(x);
        explain_up(x);
    }
    explain_close(x);
    if (message.len == 0) reader_fail(&r, E_TRUNCATED, "a datagram without a record");
    if (r.err != OK) fail(&t, reader_fault(&r, "dtls"));
}
