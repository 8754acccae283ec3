#include "dtls/gate.h"

#include <stdlib.h>
#include <string.h>

bool dtls_gate_init(struct dtls_gate *gate)
{
    gate->early = malloc(DTLS_EARLY_MAX);
    return gate->early != NULL;
}

void dtls_gate_close(struct dtls_gate *gate)
{
    free(gate->early);
    gate->early = NULL;
    gate->early_len = 0;
}

bool dtls_gate_keep(struct dtls_gate *gate, struct bytes bytes)
{
    if (!gate->early) return false;
    struct writer w = writer_of(gate->early + gate->early_len, DTLS_EARLY_MAX - gate->early_len);
    if (bytes.len > PACKET_MAX) return false;
    write_u16(&w, (uint16_t)bytes.len);
    write_bytes(&w, bytes);
    if (w.err != OK) return false;
    gate->early_len += writer_len(&w);
    return true;
}

size_t dtls_gate_kept(const struct dtls_gate *gate)
{
    size_t count = 0;
    struct reader r = reader_of((struct bytes){gate->early, gate->early_len});
    for (; reader_left(&r); count++) read_skip(&r, read_u16(&r));
    return count;
}

bool dtls_gate_take(struct dtls_gate *gate, struct writer *to)
{
    struct reader r = reader_of((struct bytes){gate->early, gate->early_len});
    if (reader_left(&r) == 0) return false;
    write_bytes(to, read_bytes(&r, read_u16(&r)));
    size_t taken = reader_offset(&r);
    gate->early_len -= taken;
    memmove(gate->early, gate->early + taken, gate->early_len);
    return true;
}

static struct fault refuse(enum err err, const struct dtls_record *record, const char *rule)
{
    return (struct fault){err, "dtls", record->offset, rule};
}

/* RFC 5246 §7.3, 6347 §4.2.1: who sends which message. One from the wrong side would be fatal to
 * OpenSSL, and anyone can write one while nothing is encrypted. */
static bool sent_by(enum dtls_role sender, uint8_t type)
{
    switch (type) {
    case DTLS_CERTIFICATE:
    case DTLS_FINISHED: return true;
    case DTLS_CLIENT_HELLO:
    case DTLS_CLIENT_KEY_EXCHANGE:
    case DTLS_CERTIFICATE_VERIFY: return sender == DTLS_CLIENT;
    case DTLS_HELLO_REQUEST:
    case DTLS_SERVER_HELLO:
    case DTLS_HELLO_VERIFY_REQUEST:
    case DTLS_NEW_SESSION_TICKET:
    case DTLS_SERVER_KEY_EXCHANGE:
    case DTLS_CERTIFICATE_REQUEST:
    case DTLS_SERVER_HELLO_DONE:
    case 22: /* certificate_status, RFC 6066 §8 */ return sender == DTLS_SERVER;
    default: return false;
    }
}

/* Adds up what the messages of this handshake claim to need. False: too much. */
static bool claim(struct dtls_gate *gate, const struct dtls_fragment *f)
{
    if (f->message_seq >= DTLS_GATE_MESSAGES || f->length > DTLS_MESSAGE_MAX) return false;
    uint32_t sum = f->length;
    for (size_t i = 0; i < DTLS_GATE_MESSAGES; i++)
        if (i != f->message_seq) sum += gate->claimed[i];
    if (sum > DTLS_REASSEMBLY_MAX) return false;
    gate->claimed[f->message_seq] = f->length;
    return true;
}

/* All fragments of a message say how long it is (RFC 6347 §4.2.2). OpenSSL gives up when two say
 * different things; we go on with the first. */
static bool contradicts(const struct dtls_gate *gate, const struct dtls_fragment *f)
{
    return f->message_seq < DTLS_GATE_MESSAGES && gate->claimed[f->message_seq] != 0 &&
           gate->claimed[f->message_seq] != f->length;
}

/* A plain handshake record goes on as a whole or not at all. */
static struct fault check_fragments(struct dtls_gate *gate, const struct dtls_record *record,
                                    struct dtls_counters *counters)
{
    enum dtls_role sender = gate->role == DTLS_SERVER ? DTLS_CLIENT : DTLS_SERVER;
    struct reader r = reader_of(record->body);
    size_t count = 0;
    for (struct dtls_fragment f; dtls_fragment_next(&r, &f); count++) {
        if (!sent_by(sender, f.type)) {
            counters->unexpected++;
            return refuse(E_STATE, record,
                          "a message that the peer's role never sends (RFC 5246 7.3)");
        }
        if (contradicts(gate, &f)) {
            counters->malformed++;
            return refuse(E_MALFORMED, record, "two lengths for one message (RFC 6347 4.2.2)");
        }
        if (!claim(gate, &f)) {
            counters->reassembly_full++;
            return refuse(E_FULL, record,
                          "messages too long to put together (DTLS_REASSEMBLY_MAX)");
        }
    }
    if (r.err == OK && count > 0) return (struct fault){0};
    counters->malformed++;
    if (r.err == OK) return refuse(E_MALFORMED, record, "empty handshake record (RFC 5246 6.2.1)");
    struct fault fault = reader_fault(&r, "dtls");
    fault.offset += record->offset + DTLS_RECORD_HEADER;
    return fault;
}

/* OpenSSL would believe it at once, and it may be anyone's: handshake.c sees what comes after it.
 * Warnings but close_notify change nothing (RFC 5246 §7.2.2). */
static struct fault note_alert(struct dtls_gate *gate, const struct dtls_record *record,
                               struct dtls_counters *counters)
{
    enum { WARNING = 1, FATAL = 2, CLOSE_NOTIFY = 0 };
    struct dtls_alert alert;
    if (!dtls_alert_read(record->body, &alert)) {
        counters->malformed++;
        return refuse(E_MALFORMED, record, "an alert has two bytes (RFC 5246 7.2)");
    }
    bool ends =
        alert.level == FATAL || (alert.level == WARNING && alert.description == CLOSE_NOTIFY);
    if (!ends || !dtls_alert_is_known(alert.description)) {
        counters->unexpected++;
        return refuse(E_STATE, record, "an alert that ends nothing, or that nobody has defined");
    }
    gate->alerted = true;
    gate->alert = alert;
    counters->unproved_alerts++;
    return refuse(E_STATE, record, "an alert in clear is believed only if silence follows");
}

/* OpenSSL drops one that comes before its turn, but not without a look at its timer: anyone could
 * have our flights go out twice as fast (handshake.c). */
static struct fault check_change(enum dtls_gate_stage stage, const struct dtls_record *record,
                                 struct dtls_counters *counters)
{
    if (record->body.len != 1 || record->body.at[0] != 1) {
        counters->malformed++;
        return refuse(E_MALFORMED, record, "ChangeCipherSpec is one byte, 1 (RFC 5246 7.1)");
    }
    if (stage == DTLS_GATE_LAST) return (struct fault){0};
    counters->unexpected++;
    return refuse(E_STATE, record, "ChangeCipherSpec before its turn (RFC 5246 7.3)");
}

static struct fault check_plain(struct dtls_gate *gate, enum dtls_gate_stage stage,
                                const struct dtls_record *record, struct dtls_counters *counters)
{
    if (record->version != DTLS_VERSION_1_0 && record->version != DTLS_VERSION_1_2) {
        counters->malformed++;
        return refuse(E_MALFORMED, record, "no version that a record of 1.2 has (RFC 6347 4.1)");
    }
    switch (record->type) {
    case DTLS_CONTENT_HANDSHAKE: return check_fragments(gate, record, counters);
    case DTLS_CONTENT_CHANGE_CIPHER_SPEC: return check_change(stage, record, counters);
    case DTLS_CONTENT_ALERT: return note_alert(gate, record, counters);
    default:
        counters->unexpected++;
        return refuse(E_STATE, record, "content that is never sent in clear (RFC 6347 4.1)");
    }
}

/* Nothing but Finished and alerts comes encrypted before the handshake is done; early application
 * data is not kept, its sender sends it again (SCTP). */
static struct fault check_early(struct dtls_gate *gate, const struct dtls_record *record,
                                struct dtls_counters *counters)
{
    if (record->type != DTLS_CONTENT_HANDSHAKE && record->type != DTLS_CONTENT_ALERT) {
        counters->unexpected++;
        return refuse(E_STATE, record, "application data before the handshake is done");
    }
    if (dtls_gate_keep(gate, record->all)) return (struct fault){0};
    counters->early_full++;
    return refuse(E_FULL, record, "no room for another early record (DTLS_EARLY_MAX)");
}

/* After the handshake: alerts, and a client's Finished again (RFC 6347 §4.2.4: who sent the last
 * flight repeats it). A client has nothing more to hear. */
static struct fault check_done(struct dtls_gate *gate, const struct dtls_record *record,
                               struct dtls_counters *counters)
{
    if (record->type == DTLS_CONTENT_ALERT) return (struct fault){0};
    if (record->type == DTLS_CONTENT_HANDSHAKE && gate->role == DTLS_SERVER &&
        gate->repeats < DTLS_GATE_REPEATS)
        return (struct fault){0};
    counters->unexpected++;
    return refuse(E_STATE, record, "nothing that a finished handshake waits for (RFC 6347 4.2.4)");
}

static struct fault no_place(const struct dtls_record *record, struct dtls_counters *counters)
{
    counters->unexpected++;
    return refuse(E_STATE, record, "a record with no place in this epoch (RFC 6347 4.1)");
}

/* With keys. OpenSSL drops a record whose tag is wrong, as RFC 6347 §4.1.2.7 asks. But to one that
 * has no room for a tag it answers with a fatal alert, and anyone can write those
 * (github.com/openssl/openssl/issues/25290). */
static struct fault check_sealed(struct dtls_gate *gate, enum dtls_gate_stage stage,
                                 const struct dtls_record *record, struct dtls_counters *counters)
{
    bool handshake = record->type == DTLS_CONTENT_HANDSHAKE;
    bool alert = record->type == DTLS_CONTENT_ALERT;
    if (record->epoch != 1 || (stage == DTLS_GATE_KEYED && !handshake && !alert))
        return no_place(record, counters);
    if (record->body.len < gate->overhead) {
        counters->malformed++;
        return refuse(E_TRUNCATED, record, "no room for nonce and tag (RFC 5288 3, 7905 2)");
    }
    return stage == DTLS_GATE_DONE ? check_done(gate, record, counters) : (struct fault){0};
}

bool dtls_gate_admit(struct dtls_gate *gate, enum dtls_gate_stage stage,
                     const struct dtls_record *record, struct fault *why,
                     struct dtls_counters *counters)
{
    *why = (struct fault){0};
    if (record->unified) {
        counters->unexpected++;
        *why = refuse(E_UNSUPPORTED, record, "a record of DTLS 1.3, not spoken here (RFC 9147 4)");
    } else if (stage == DTLS_GATE_KEYED || stage == DTLS_GATE_DONE) {
        *why = check_sealed(gate, stage, record, counters);
    } else if (record->epoch == 0) {
        *why = check_plain(gate, stage, record, counters);
    } else if (record->epoch == 1) {
        *why = check_early(gate, record, counters);
        return false;
    } else {
        *why = no_place(record, counters);
    }
    return why->err == OK;
}
