#include "dtls/internal.h"
#include "dtls/record.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <string.h>
#include <sys/time.h> /* struct timeval, which OpenSSL answers in */

/* How long to wait after a flight was sent and `sent` times again: see DTLS_TIMER_MIN. */
static usec patience(const struct dtls *dtls)
{
    if (dtls->sent >= DTLS_TIMER_COUNT) return DTLS_GIVE_UP;
    if (dtls->sent >= 2 * DTLS_TIMER_PAIRS) return DTLS_TIMER_CAP;
    return usec_min(dtls->first << (dtls->sent / 2), DTLS_TIMER_CAP);
}

/* How long at least, whatever comes; after the last one OpenSSL's timer would end the handshake. */
static usec least_patience(const struct dtls *dtls)
{
    usec wait = patience(dtls);
    return dtls->sent >= DTLS_TIMER_COUNT ? wait : usec_max(dtls->first, wait / 2);
}

/* The length of the timer that OpenSSL starts (RFC 6347 §4.2.4.1): `last_us` is 0 for a new flight.
 *
 * OpenSSL looks at its timer when we call DTLSv1_handle_timeout, and before it reads a record. We
 * call it when `due` has come. Its own timer is up to twice as short, so that any record which
 * comes after that has it repeat the flight at once: what comes so late shows that something was
 * lost, and one of the peer's last flight shows that it was ours (RFC 6347 §4.2.4, the second way
 * out of WAITING). Whoever makes up such records has the twelve go out twice as fast: in 10 s at
 * least.
 */
static unsigned timer_length(SSL *ssl, unsigned last_us)
{
    struct dtls *dtls = SSL_get_ex_data(ssl, 0);
    if (last_us) {
        dtls->counters.retransmissions++;
        dtls->sent++;
    } else {
        dtls->sent = 0;
        dtls->first = usec_min(usec_max(DTLS_TIMER_MIN, 2 * dtls->rtt_us), DTLS_TIMER_CAP);
    }
    dtls->due = dtls->now + patience(dtls);
    return (unsigned)least_patience(dtls);
}

static size_t mtu_of(const struct dtls_config *cfg)
{
    if (cfg->mtu == 0) return DTLS_MTU_DEFAULT;
    if (cfg->mtu < 256) return 256; /* OpenSSL's least; RFC 6347 §4.1.1.1 names none */
    return cfg->mtu < PACKET_MAX ? cfg->mtu : PACKET_MAX;
}

/* What the SSL_CTX says holds unless one profile alone is wanted. */
static bool restrict_profile(SSL *ssl, enum dtls_srtp_profile profile)
{
    const char *name = profile == DTLS_SRTP_AES128_CM_SHA1_80 ? "SRTP_AES128_CM_SHA1_80"
                                                              : dtls_srtp_profile_name(profile);
    return profile == 0 || SSL_set_tlsext_use_srtp(ssl, name) == 0; /* 0 is success */
}

static bool make_ssl(struct dtls *dtls, const struct dtls_identity *identity, size_t mtu)
{
    dtls_pipe_init(&dtls->pipe, mtu);
    dtls->method = dtls_bio_method_new();
    dtls->ssl = SSL_new(identity->ctx);
    BIO *bio = dtls->method ? dtls_bio_new(dtls->method, &dtls->pipe) : NULL;
    if (!dtls->ssl || !bio || !dtls_verify_attach(dtls)) {
        BIO_free(bio);
        return false;
    }
    SSL_set_bio(dtls->ssl, bio, bio); /* takes it, once */
    SSL_set_mtu(dtls->ssl, (long)mtu);
    DTLS_set_timer_cb(dtls->ssl, timer_length);
    return true;
}

struct dtls *dtls_new(const struct dtls_config *cfg)
{
    struct dtls *dtls = calloc(1, sizeof *dtls);
    if (!dtls) return NULL;
    dtls->role = cfg->role;
    dtls->rtt_us = cfg->rtt_us;
    dtls->timer = TIME_NEVER;
    dtls->give_up = TIME_NEVER;
    dtls->alert_due = TIME_NEVER;
    RING_OVER(&dtls->events, dtls->event_items);
    if (dtls_gate_init(&dtls->gate) && make_ssl(dtls, cfg->identity, mtu_of(cfg)) &&
        restrict_profile(dtls->ssl, cfg->srtp_profile))
        return dtls;
    ERR_clear_error();
    dtls_free(dtls);
    return NULL;
}

void dtls_free(struct dtls *dtls)
{
    if (!dtls) return;
    SSL_free(dtls->ssl); /* and its BIO, whose method must outlive it */
    BIO_meth_free(dtls->method);
    dtls_pipe_close(&dtls->pipe);
    dtls_gate_close(&dtls->gate);
    bytes_wipe(dtls, sizeof *dtls);
    free(dtls);
}

static bool is_over(const struct dtls *dtls)
{
    return dtls->status.state == DTLS_FAILED || dtls->status.state == DTLS_CLOSED;
}

/* Each state is entered at most once, so that the ring never fills. */
static void enter(struct dtls *dtls, enum dtls_state state, const char *reason)
{
    if (is_over(dtls) || dtls->status.state == state) return;
    dtls->status.state = state;
    dtls->status.reason = reason;
    if (is_over(dtls)) {
        dtls->timer = TIME_NEVER;
        dtls->give_up = TIME_NEVER;
        dtls->alert_due = TIME_NEVER;
    }
    ring_push(&dtls->events, &(struct dtls_event){.type = DTLS_STATE, .as.state = dtls->status});
}

static void fail(struct dtls *dtls, struct dtls_verdict verdict)
{
    if (is_over(dtls)) return;
    dtls->status.cause = verdict.cause;
    enter(dtls, DTLS_FAILED, verdict.reason);
}

/* For a reason that no program tells from others. */
static void fail_for(struct dtls *dtls, const char *reason)
{
    fail(dtls, (struct dtls_verdict){DTLS_CAUSE_OTHER, reason});
}

/* What OpenSSL's error says, in words that a person can act on. */
static const char *reason_of_openssl(void)
{
    unsigned long error = ERR_peek_error(), last = ERR_peek_last_error();
    /* What a library below it found comes first: DER or a point of a curve, damaged in between. */
    if (ERR_GET_LIB(error) != ERR_LIB_SSL && ERR_GET_LIB(last) == ERR_LIB_SSL) error = last;
    switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
    case SSL_R_READ_TIMEOUT_EXPIRED: return "no answer after twelve retransmissions";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
        return "the peer has no DTLS version of ours: 1.2 is needed (RFC 8827 6.5)";
    case SSL_R_NO_SHARED_CIPHER: return "no cipher suite in common";
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS: return "no signature algorithm in common";
    case SSL_R_NO_SHARED_GROUPS: return "no key exchange group in common";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return "the peer sent no certificate (RFC 5763 5)";
    case SSL_R_DIGEST_CHECK_FAILED: return "the peer's Finished does not match";
    case SSL_R_BAD_SIGNATURE: return "the peer's signature does not match its certificate";
    case ERR_R_ASN1_LIB: return "the peer's certificate is not one that can be read (RFC 5280 4.1)";
    case SSL_R_UNEXPECTED_MESSAGE: return "a handshake message came out of turn";
    default: break;
    }
    const char *text = error ? ERR_reason_error_string(error) : NULL; /* a literal of OpenSSL's */
    return text ? text : "OpenSSL failed";
}

/* After a call into OpenSSL that did not go on: nothing to read, closed, or failed. */
static void stopped(struct dtls *dtls, int result)
{
    switch (SSL_get_error(dtls->ssl, result)) {
    case SSL_ERROR_NONE:
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return;
    case SSL_ERROR_ZERO_RETURN:
        /* RFC 5246 §7.2.1: answer with ours. */
        if (dtls->handshaken) SSL_shutdown(dtls->ssl);
        dtls->status.alert = dtls_alert_name(SSL_AD_CLOSE_NOTIFY);
        dtls->status.alert_received = true;
        if (dtls->status.state == DTLS_CONNECTED)
            enter(dtls, DTLS_CLOSED, "the peer closed the connection");
        else
            fail_for(dtls, "the peer closed before the connection was made");
        return;
    default: break;
    }
    if (dtls->verdict.reason)
        fail(dtls, dtls->verdict);
    else if (dtls->status.alert && dtls->status.alert_received)
        fail_for(dtls, "the peer refused with an alert");
    else
        fail_for(dtls, reason_of_openssl());
}

/* After both the handshake and the fingerprints have come, in whichever order. */
static void check_fingerprint(struct dtls *dtls)
{
    if (!dtls->handshaken || dtls->wanted_count == 0 || dtls->status.state != DTLS_CONNECTING)
        return;
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    if (certificate && dtls_verify_certificate(dtls, certificate)) {
        enter(dtls, DTLS_CONNECTED, NULL);
        return;
    }
    /* RFC 8122 §6.2 wants bad_certificate. OpenSSL sends that only within a handshake (verify.c);
     * when the description comes later than the handshake close_notify has to do. */
    SSL_shutdown(dtls->ssl);
    fail(dtls, dtls_wrong_fingerprint);
}

/* Reads alerts and a repeated Finished; application data has nobody yet, and is thrown away. */
static void read_finished(struct dtls *dtls)
{
    uint8_t data[256];
    int n;
    while ((n = SSL_read(dtls->ssl, data, sizeof data)) > 0) {}
    stopped(dtls, n);
}

/* OpenSSL measures the remaining time with its own clock: here it becomes a time of ours. Before it
 * is over DTLSv1_handle_timeout does nothing. */
static void read_timer(struct dtls *dtls, usec now)
{
    struct timeval left;
    dtls->timer = TIME_NEVER;
    if (!is_over(dtls) && DTLSv1_get_timeout(dtls->ssl, &left))
        dtls->timer = usec_max(dtls->due, now + SEC(left.tv_sec) + USEC(left.tv_usec));
}

/* Before each call that reads or writes records. False, and it has failed: no memory. */
static bool enter_openssl(struct dtls *dtls, usec now)
{
    dtls->now = now;
    ERR_clear_error(); /* of another connection: it would be taken for ours */
    if (!dtls->handshaken || SSL_alloc_buffers(dtls->ssl)) return true;
    fail_for(dtls, "no memory for OpenSSL's buffers");
    return false;
}

/* Once the handshake is done hardly a record comes any more, and each of a thousand connections
 * would hold 18 KiB for it: OpenSSL gives its buffers back, and gets new ones when one does come.
 * (SSL_MODE_RELEASE_BUFFERS would do it by itself, but in OpenSSL 3.0 not for DTLS.) */
static void leave_openssl(struct dtls *dtls, usec now)
{
    if (dtls->handshaken) SSL_free_buffers(dtls->ssl);
    ERR_clear_error();
    dtls->pipe.in = (struct bytes){0};
    dtls_pipe_seal(&dtls->pipe);
    dtls->counters.output_full = dtls->pipe.dropped;
    read_timer(dtls, now);
}

/* The handshake goes on: whoever sent that alert was not the peer. */
static void forget_alert(struct dtls *dtls)
{
    if (dtls->alert_due == TIME_NEVER) return;
    dtls->alert_due = TIME_NEVER;
    dtls->status.alert = NULL;
    dtls->status.alert_received = false;
}

/* Lets OpenSSL read what the pipe has, and write what it wants to. */
static void step(struct dtls *dtls, struct bytes in, usec now)
{
    if (!enter_openssl(dtls, now)) return;
    dtls->pipe.in = in;
    if (!dtls->handshaken) {
        OSSL_HANDSHAKE_STATE before = SSL_get_state(dtls->ssl);
        int result = SSL_do_handshake(dtls->ssl);
        dtls->handshaken = result == 1;
        if (SSL_get_state(dtls->ssl) != before) forget_alert(dtls);
        if (!dtls->handshaken) stopped(dtls, result);
    }
    if (dtls->handshaken) {
        dtls->give_up = TIME_NEVER;
        check_fingerprint(dtls);
        if (!is_over(dtls)) read_finished(dtls);
    }
    leave_openssl(dtls, now);
}

static enum dtls_gate_stage stage_of(const struct dtls *dtls)
{
    if (dtls->handshaken) return DTLS_GATE_DONE;
    switch (SSL_get_state(dtls->ssl)) {
    case TLS_ST_CR_CHANGE:
    case TLS_ST_SR_CHANGE: return DTLS_GATE_KEYED;
    case TLS_ST_CW_FINISHED:
    case TLS_ST_CR_SESSION_TICKET:
    case TLS_ST_SR_KEY_EXCH:
    case TLS_ST_SR_CERT_VRFY: return DTLS_GATE_LAST;
    default: return DTLS_GATE_PLAIN;
    }
}

/* What the suite that was agreed on adds to a record: 16 bytes of tag, and with AES-GCM (RFC 5288
 * §3) 8 of nonce, but none with ChaCha20-Poly1305 (RFC 7905 §2). There are no others of ours. */
static size_t overhead_of(const struct dtls *dtls)
{
    const SSL_CIPHER *suite =
        dtls->handshaken ? SSL_get_current_cipher(dtls->ssl) : SSL_get_pending_cipher(dtls->ssl);
    return suite && SSL_CIPHER_get_cipher_nid(suite) == NID_chacha20_poly1305 ? 16 : 8 + 16;
}

/* A record with keys. Only one that proves true makes OpenSSL answer, and only those count: who
 * writes others is not to use up what a true Finished needs. */
static void step_sealed(struct dtls *dtls, const struct dtls_record *record, usec now)
{
    bool was_done = dtls->handshaken;
    size_t waiting = dtls->pipe.count;
    step(dtls, record->all, now);
    if (was_done && record->type == DTLS_CONTENT_HANDSHAKE && dtls->pipe.count > waiting)
        dtls->gate.repeats++;
}

/* A record in clear gets a sequence number of ours. OpenSSL moves its replay window (RFC 6347
 * §4.1.2.6) by what such a record says, though nothing vouches for it: one with a high number, from
 * a stranger or by a flipped bit, and all true ones after it would be dropped as too old. What
 * comes twice is told by its message number (§4.2.2), and nothing but the window reads this one. */
static void step_record(struct dtls *dtls, const struct dtls_record *record, usec now)
{
    uint8_t copy[PACKET_MAX];
    struct writer w = writer_of(copy, sizeof copy);
    if (record->epoch > 0) {
        step_sealed(dtls, record, now);
        return;
    }
    write_u8(&w, record->type);
    write_u16(&w, record->version);
    write_u16(&w, 0);
    write_u48(&w, dtls->plain_records++);
    write_u16(&w, (uint16_t)record->body.len);
    write_bytes(&w, record->body);
    step(dtls, writer_done(&w), now);
}

/* An alert in clear: the first since the handshake last went on starts the wait. A server that has
 * said nothing yet can't have been refused. */
static void hear_alert(struct dtls *dtls, usec now)
{
    dtls->gate.alerted = false;
    if (SSL_get_state(dtls->ssl) == TLS_ST_BEFORE || dtls->alert_due != TIME_NEVER) return;
    dtls->status.alert = dtls_verify_alert_text(dtls, dtls->gate.alert.description);
    dtls->status.alert_received = true;
    dtls->alert_closes = dtls->gate.alert.description == SSL_AD_CLOSE_NOTIFY;
    dtls->alert_due = now + DTLS_ALERT_WAIT;
    dtls->alert_after = dtls->counters.retransmissions;
}

/* The wait is over. A close_notify is a failure, too: there was nothing that could be closed. */
static void weigh_alert(struct dtls *dtls)
{
    uint64_t repeats = dtls->counters.retransmissions - dtls->alert_after;
    bool more = dtls->sent < DTLS_TIMER_COUNT && dtls->timer != TIME_NEVER;
    if (repeats < DTLS_ALERT_REPEATS && more) {
        dtls->alert_due = dtls->timer; /* when the next one goes */
        return;
    }
    fail_for(dtls, dtls->alert_closes ? "the peer closed before the connection was made"
                                      : "the peer refused with an alert");
}

/* A datagram, or a record that was kept, through the gate to OpenSSL: record by record. OpenSSL 3.0
 * drops a record of an unexpected version (a ClientHello says 1.0) by its header alone, and then
 * takes the record's body for the next header. */
static void feed(struct dtls *dtls, struct bytes datagram, usec now)
{
    struct reader r = reader_of(datagram);
    struct fault why;
    for (struct dtls_record record; !is_over(dtls) && dtls_record_next(&r, &record);) {
        dtls->gate.overhead = overhead_of(dtls);
        if (dtls_gate_admit(&dtls->gate, stage_of(dtls), &record, &why, &dtls->counters))
            step_record(dtls, &record, now);
        if (dtls->gate.alerted) hear_alert(dtls, now);
        if (dtls->fault.err == OK) dtls->fault = why;
    }
    if (r.err == OK) return;
    dtls->counters.malformed++;
    if (dtls->fault.err == OK) dtls->fault = reader_fault(&r, "dtls");
}

/* What was kept: all of it once (before the start), or what the new keys open (after
 * ChangeCipherSpec). What is still early goes back behind the rest. */
static void feed_kept(struct dtls *dtls, usec now)
{
    for (size_t n = dtls_gate_kept(&dtls->gate); n > 0 && !is_over(dtls); n--) {
        uint8_t kept[PACKET_MAX];
        struct writer w = writer_of(kept, sizeof kept);
        if (!dtls_gate_take(&dtls->gate, &w)) return;
        feed(dtls, writer_done(&w), now);
    }
}

/* What waited for keys, as soon as there are some. ChangeCipherSpec and Finished may come in one
 * datagram: then the handshake is done already, and what waited may still be its peer's goodbye. */
static void feed_sealed(struct dtls *dtls, usec now)
{
    enum dtls_gate_stage stage = stage_of(dtls);
    if (stage == DTLS_GATE_KEYED || stage == DTLS_GATE_DONE) feed_kept(dtls, now);
    if (dtls->handshaken) dtls_gate_close(&dtls->gate);
}

/* The role is known and the path is there. */
static void begin(struct dtls *dtls, usec now)
{
    dtls->begun = true;
    dtls->gate.role = dtls->role;
    dtls->give_up = now + DTLS_GIVE_UP;
    enter(dtls, DTLS_CONNECTING, NULL);
    if (dtls->role == DTLS_CLIENT) {
        SSL_set_connect_state(dtls->ssl);
        step(dtls, (struct bytes){0}, now);
    } else {
        SSL_set_accept_state(dtls->ssl);
    }
    feed_kept(dtls, now);
    feed_sealed(dtls, now);
}

static enum err refuse(struct dtls *dtls, enum err err, const char *rule)
{
    dtls->fault = (struct fault){err, "dtls", 0, rule};
    return err;
}

/* Not begun: the datagram waits, unless it decides who we are. */
static enum err input_early(struct dtls *dtls, struct bytes datagram, usec now)
{
    if (!dtls_gate_keep(&dtls->gate, datagram)) {
        dtls->counters.early_full++;
        return refuse(dtls, E_FULL, "no room for another early datagram (DTLS_EARLY_MAX)");
    }
    if (dtls->started && dtls->role == DTLS_EITHER && dtls_has_client_hello(datagram)) {
        dtls->role = DTLS_SERVER; /* RFC 5763 §5: the offerer of actpass must take it */
        begin(dtls, now);
    }
    return dtls->fault.err;
}

enum err dtls_input(struct dtls *dtls, const struct packet *in, usec now)
{
    struct bytes datagram = packet_bytes(in);
    dtls->fault = (struct fault){0};
    dtls->counters.datagrams_in++;
    if (!dtls_is_datagram(datagram)) {
        dtls->counters.malformed++;
        return refuse(dtls, E_MALFORMED, "first byte is not that of a DTLS record (RFC 7983 7)");
    }
    if (is_over(dtls)) {
        dtls->counters.unexpected++;
        return refuse(dtls, E_STATE, "the connection is over");
    }
    if (!dtls->handshaken) dtls_flights_note(&dtls->flights, datagram, false, now);
    if (!dtls->begun) return input_early(dtls, datagram, now);

    feed(dtls, datagram, now);
    feed_sealed(dtls, now);
    if (dtls->status.state == DTLS_FAILED) return refuse(dtls, E_AUTH, dtls->status.reason);
    return dtls->fault.err;
}

/* Repeats the flight if OpenSSL's timer is over. */
static void handle_timeout(struct dtls *dtls, usec now)
{
    int result = DTLSv1_handle_timeout(dtls->ssl);
    if (result < 0) stopped(dtls, result);
    leave_openssl(dtls, now);
}

void dtls_tick(struct dtls *dtls, usec now)
{
    if (is_over(dtls)) return;
    if (now >= dtls->give_up) {
        if (dtls->counters.datagrams_in > 0)
            fail_for(dtls, "the handshake was not done in 30 s");
        else
            fail(dtls,
                 (struct dtls_verdict){DTLS_CAUSE_SILENCE, "no DTLS packet from the peer in 30 s"});
        return;
    }
    if (now >= dtls->timer && enter_openssl(dtls, now)) handle_timeout(dtls, now);
    if (now >= dtls->alert_due) weigh_alert(dtls);
}

void dtls_peer_has_keys(struct dtls *dtls, usec now)
{
    enum dtls_gate_stage stage = stage_of(dtls);
    bool lacks_last_flight =
        dtls->role == DTLS_CLIENT && (stage == DTLS_GATE_LAST || stage == DTLS_GATE_KEYED);
    if (dtls->timer == TIME_NEVER || is_over(dtls) || !lacks_last_flight) return;
    if (dtls->sent >= DTLS_TIMER_HINTED) return;
    if (!enter_openssl(dtls, now)) return;
    handle_timeout(dtls, now);
}

bool dtls_output(struct dtls *dtls, struct packet *out, usec now)
{
    if (!dtls_pipe_pop(&dtls->pipe, out)) return false;
    /* A server is connected before its last flight has gone. */
    if (!dtls->handshaken || now - dtls->flights.latest < DTLS_FLIGHT_GAP)
        dtls_flights_note(&dtls->flights, packet_bytes(out), true, now);
    if (dtls->handshaken && dtls->pipe.count == 0) dtls_pipe_close(&dtls->pipe);
    dtls->counters.datagrams_out++;
    return true;
}

bool dtls_event(struct dtls *dtls, struct dtls_event *event)
{
    return ring_pop(&dtls->events, event);
}

usec dtls_deadline(const struct dtls *dtls)
{
    return usec_min(dtls->timer, usec_min(dtls->give_up, dtls->alert_due));
}

const struct fault *dtls_fault(const struct dtls *dtls)
{
    return &dtls->fault;
}

enum err dtls_start(struct dtls *dtls, usec now)
{
    if (dtls->started || is_over(dtls)) return E_STATE;
    dtls->started = true;
    if (dtls->role == DTLS_EITHER) {
        /* A ClientHello may be waiting already. */
        struct reader r = reader_of((struct bytes){dtls->gate.early, dtls->gate.early_len});
        while (reader_left(&r))
            if (dtls_has_client_hello(read_bytes(&r, read_u16(&r)))) dtls->role = DTLS_SERVER;
    }
    if (dtls->role != DTLS_EITHER) begin(dtls, now);
    return OK;
}

enum err dtls_set_role(struct dtls *dtls, enum dtls_role role, usec now)
{
    if (is_over(dtls) || (dtls->role != DTLS_EITHER && dtls->role != role)) return E_STATE;
    dtls->role = role;
    if (dtls->started && !dtls->begun && role != DTLS_EITHER) begin(dtls, now);
    return OK;
}

/* Whether each of `some` is among `all`. */
static bool are_among(const struct dtls_fingerprint *some, size_t some_count,
                      const struct dtls_fingerprint *all, size_t all_count)
{
    for (size_t i = 0; i < some_count; i++) {
        bool found = false;
        for (size_t k = 0; k < all_count && !found; k++)
            found = dtls_fingerprint_equal(&some[i], &all[k]);
        if (!found) return false;
    }
    return true;
}

/* RFC 8842 §4: the set asks for a new association when it changes; it has no order. */
static bool same_set(const struct dtls *dtls, const struct dtls_fingerprint *list, size_t count)
{
    return are_among(list, count, dtls->wanted, dtls->wanted_count) &&
           are_among(dtls->wanted, dtls->wanted_count, list, count);
}

enum err dtls_set_remote_fingerprints(struct dtls *dtls, const struct dtls_fingerprint *list,
                                      size_t count, usec now)
{
    if (count == 0 || count > DTLS_FINGERPRINTS_MAX) return E_MALFORMED;
    for (size_t i = 0; i < count; i++)
        if (list[i].hash == DTLS_HASH_NONE || list[i].len != dtls_hash_len(list[i].hash))
            return E_MALFORMED;
    if (is_over(dtls)) return E_STATE;
    if (dtls->status.state == DTLS_CONNECTED) return same_set(dtls, list, count) ? OK : E_STATE;
    memcpy(dtls->wanted, list, count * sizeof *list);
    dtls->wanted_count = count;
    if (dtls->handshaken && enter_openssl(dtls, now)) {
        check_fingerprint(dtls);
        leave_openssl(dtls, now);
    }
    return OK;
}

void dtls_set_rtt(struct dtls *dtls, usec rtt_us)
{
    dtls->rtt_us = rtt_us;
}

void dtls_close(struct dtls *dtls, usec now)
{
    if (is_over(dtls)) return;
    if (dtls->handshaken && enter_openssl(dtls, now)) {
        SSL_shutdown(dtls->ssl);
    }
    enter(dtls, DTLS_CLOSED, "closed by us");
    leave_openssl(dtls, now);
}

enum err dtls_srtp(const struct dtls *dtls, struct dtls_srtp_keys *out)
{
    memset(out, 0, sizeof *out);
    if (dtls->status.state != DTLS_CONNECTED) return E_STATE;
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(dtls->ssl);
    if (!chosen) return E_STATE;
    enum dtls_srtp_profile profile = (enum dtls_srtp_profile)chosen->id;
    uint8_t material[DTLS_SRTP_EXPORT_MAX];
    size_t len = dtls_srtp_export_len(profile);
    enum err err = E_UNSUPPORTED;
    if (len > 0 && SSL_export_keying_material(dtls->ssl, material, len, DTLS_SRTP_LABEL,
                                              strlen(DTLS_SRTP_LABEL), NULL, 0, 0) == 1)
        err = dtls_srtp_keys_cut(profile, (struct bytes){material, len}, dtls->role == DTLS_CLIENT,
                                 out);
    ERR_clear_error();
    bytes_wipe(material, sizeof material);
    return err;
}
