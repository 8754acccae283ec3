#include "dtls/explain.h"

#include "base/explain.h"
#include "dtls/explainmessage.h"
#include "dtls/record.h"

#include <stdio.h>
#include <stdlib.h>

struct told {
    struct explain *x;
    struct bytes message;
    size_t start; /* of `message` in what x was made with */
    const struct dtls_explain_options *options;
    struct dtls_reassembly *parts;
    uint8_t *room; /* for what was decrypted, DTLS_RECORD_MAX bytes; NULL: nothing was yet */
    size_t sealed; /* where in `message` that was encrypted */
};

static void fail(struct told *t, struct fault fault)
{
    fault.offset += t->start;
    explain_fail(t->x, &fault);
}

/* Where a view of the message begins in it; of what was decrypted, where its ciphertext does. */
static size_t offset_of(const struct told *t, struct bytes part)
{
    uintptr_t at = (uintptr_t)part.at, start = (uintptr_t)t->message.at;
    bool inside = at >= start && at <= start + t->message.len;
    return inside ? at - start : t->sealed;
}

/* ---- Fragments ---- */

/* The body of a fragment that is not all of its message; which part it is, and with the one that
 * made it whole the message. */
static struct fault say_part(struct told *t, const struct dtls_fragment *f, enum dtls_part part,
                             struct bytes whole)
{
    struct explain *x = t->x;
    unsigned length = (unsigned)f->length;
    bool beginning = f->offset == 0;
    switch (part) {
    case DTLS_PART_WHOLE:
        explain_meaning(x, "with this part all of it is there: below is the message put together");
        explain_bool(x, "assembled", true);
        struct fault fault = dtls_explain_message(x, f->type, whole, true);
        fault.offset = offset_of(t, f->body);
        return fault;
    case DTLS_PART_REPEATED:
        explain_meaning(x, "a part of a message of %u bytes, sent again", length);
        break;
    case DTLS_PART_WAITS:
        explain_meaning(x, "%s of a message of %u bytes, of which others are missing yet",
                        beginning ? "the first part" : "a part", length);
        break;
    }
    if (beginning)
        dtls_explain_message(x, f->type, f->body, false);
    else
        explain_field(x, "body", f->body, "RFC 6347 4.2.3", "%zu bytes", f->body.len);
    return (struct fault){0};
}

static enum dtls_part say_body(struct told *t, const struct dtls_fragment *f)
{
    struct fault fault;
    struct bytes whole;
    const struct dtls_explain_options *o = t->options;
    enum dtls_part part = dtls_reassembly_add(t->parts, &o->from, &o->to, f, &whole);
    if (f->body.len == f->length) {
        fault = dtls_explain_message(t->x, f->type, f->body, true);
        fault.offset += offset_of(t, f->body);
    } else {
        fault = say_part(t, f, part, whole);
    }
    if (fault.err != OK) fail(t, fault);
    return part;
}

static enum dtls_part say_fragment(struct told *t, const struct dtls_fragment *f, struct bytes all)
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
    enum dtls_part part = say_body(t, f);
    explain_up(x);
    return part;
}

static void sum_up_fragment(struct told *t, const struct dtls_fragment *f, enum dtls_part part)
{
    static const char *const state[] = {[DTLS_PART_WAITS] = "",
                                        [DTLS_PART_REPEATED] = ", again",
                                        [DTLS_PART_WHOLE] = ", all there"};
    explain_phrase(t->x, "; ");
    explain_summary(t->x, "%s", dtls_handshake_name(f->type));
    if (f->body.len != f->length)
        explain_summary(t->x, " (bytes %u to %zu of %u%s)", (unsigned)f->offset,
                        f->offset + f->body.len, (unsigned)f->length, state[part]);
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
        struct bytes all = {start, (size_t)(body.at - start)};
        enum dtls_part part = say_fragment(t, &f, all);
        explain_close(t->x);
        sum_up_fragment(t, &f, part);
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
    explain_phrase(t->x, "; ");
    explain_summary(x, "alert: %s %s", level, name);
}

/* What SRTP has no part in: the data channels' SCTP, in WebRTC. Its first bytes are in the value:
 * what was decrypted has no place beside the field. */
static void say_data(struct told *t, const struct dtls_record *record)
{
    enum { SHOWN = 16 };
    char hex[2 * SHOWN + 3] = "";
    struct explain *x = t->x;
    for (size_t i = 0; i < record->body.len && i < SHOWN; i++)
        snprintf(hex + 2 * i, 3, "%02x", (unsigned)record->body.at[i]);
    explain_field(x, "application data", record->body, "RFC 5246 10", "%zu bytes%s%s%s",
                  record->body.len, hex[0] ? ": " : "", hex, record->body.len > SHOWN ? ".." : "");
    explain_meaning(x, "in WebRTC a packet of SCTP, for data channels (RFC 8261 3)");
    explain_hex(x, "applicationData", record->body);
    explain_phrase(t->x, "; ");
    explain_summary(x, "application_data, %zu bytes", record->body.len);
}

/* The body of a record in clear, or decrypted. */
static void say_plain(struct told *t, const struct dtls_record *record)
{
    switch (record->type) {
    case DTLS_CONTENT_HANDSHAKE: say_handshake(t, record); return;
    case DTLS_CONTENT_ALERT: say_alert(t, record); return;
    case DTLS_CONTENT_CHANGE_CIPHER_SPEC:
        explain_field(t->x, "body", record->body, "RFC 5246 7.1", "%zu bytes", record->body.len);
        explain_meaning(t->x, "from the next record on the sender encrypts with what was agreed");
        break;
    case DTLS_CONTENT_APPLICATION_DATA: say_data(t, record); return;
    default:
        explain_field(t->x, "body", record->body, "RFC 6347 4.1", "%zu bytes", record->body.len);
        break;
    }
    explain_phrase(t->x, "; ");
    explain_summary(t->x, "%s", dtls_content_name(record->type));
}

/* Opens a record of DTLS 1.2 into the told's room. */
static bool open_record(struct told *t, const struct dtls_record *record, struct bytes *plain)
{
    const struct dtls_explain_options *o = t->options;
    if (!o->secrets || record->unified || record->body.len > DTLS_RECORD_MAX) return false;
    if (!t->room) t->room = malloc(DTLS_RECORD_MAX);
    if (!t->room) return false;
    t->sealed = offset_of(t, record->body);
    return dtls_secrets_open(o->secrets, o->from_client, record, t->room, plain) == OK;
}

static void say_encrypted(struct told *t, const struct dtls_record *record, const char *what)
{
    struct explain *x = t->x;
    struct bytes plain;
    bool opened = open_record(t, record, &plain);
    explain_field(x, "ciphertext", record->body, record->unified ? "RFC 9147 4" : "RFC 6347 4.1",
                  "%zu bytes", record->body.len);
    explain_bool(x, "encrypted", true);
    if (opened) {
        struct dtls_record inside = *record;
        inside.body = plain;
        explain_meaning(x, "decrypted by the key log to the %zu bytes below", plain.len);
        explain_bool(x, "decrypted", true);
        explain_down(x);
        say_plain(t, &inside);
        explain_up(x);
        explain_summary(x, " (decrypted)");
        return;
    }
    explain_meaning(x, "encrypted: to be read with the secrets of the connection alone");
    if (t->options->sealed && !record->unified) explain_meaning(x, "%s", t->options->sealed);
    explain_phrase(t->x, "; ");
    explain_summary(x, "encrypted %s, %zu bytes", what, record->body.len);
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

static void say_datagram(struct told *t)
{
    struct explain *x = t->x;
    struct reader r = reader_of(t->message);
    explain_list(x, "records");
    for (struct dtls_record record; dtls_record_next(&r, &record);) {
        explain_field(x, "record", record.all, record.unified ? "RFC 9147 4" : "RFC 6347 4.1", "%s",
                      record.unified ? "ciphertext" : dtls_content_name(record.type));
        explain_down(x);
        explain_object(x, NULL);
        if (record.unified)
            say_unified(t, &record);
        else
            say_record(t, &record);
        explain_close(x);
        explain_up(x);
    }
    explain_close(x);
    if (t->message.len == 0) reader_fail(&r, E_TRUNCATED, "a datagram without a record");
    if (r.err != OK) fail(t, reader_fault(&r, "dtls"));
}

void dtls_explain(struct explain *x, struct bytes message,
                  const struct dtls_explain_options *options)
{
    static const struct dtls_explain_options none;
    struct told t = {.x = x, .message = message, .options = options ? options : &none};
    struct dtls_reassembly *own = t.options->parts ? NULL : dtls_reassembly_new();
    t.start = explain_offset(x, message);
    t.parts = own ? own : t.options->parts;
    if (t.parts)
        say_datagram(&t);
    else
        explain_refuse(x, E_NOMEM, 0, "no memory left for parts of messages");
    dtls_reassembly_free(own);
    if (t.room) bytes_wipe(t.room, DTLS_RECORD_MAX);
    free(t.room);
}
