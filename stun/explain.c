#include "stun/explain.h"

#include "base/explain.h"
#include "stun/attribute.h"
#include "stun/integrity.h"

#include <inttypes.h>
#include <stdio.h>

#define HEADER_SPEC   "RFC 8489 5"
#define UNKNOWN_MAX   64 /* of unknownRequired[]: more tell nobody more */
#define SHA256_CHOICE 2  /* PASSWORD-ALGORITHM: RFC 8489 §18.5.1 */

/* What was learnt of one message. */
struct told {
    struct explain *x;
    struct bytes message;
    size_t start; /* of the message in what x was made with */
    struct stun_msg m;
    bool keyed; /* `key` is ready: integrity can be verified */
    struct stun_key key;
    const char *integrity, *sha256, *fingerprint;
};

/* A class as a member, as a field and in a sentence. RFC 8489 §5. */
struct class_words {
    const char *name, *title, *phrase;
};

static const struct class_words *class_words(const struct stun_msg *m)
{
    static const struct class_words words[] = {
        {"request", "Request", "request"},
        {"indication", "Indication", "indication"},
        {"success", "Success Response", "success response"},
        {"error", "Error Response", "error response"},
    };
    switch (stun_class(m)) {
    case STUN_REQUEST: return &words[0];
    case STUN_INDICATION: return &words[1];
    case STUN_SUCCESS: return &words[2];
    case STUN_ERROR: break;
    }
    return &words[3];
}

/* "Binding", or the number. */
static const char *method_text(const struct stun_msg *m, char *room, size_t len)
{
    const char *name = stun_method_name(stun_method(m));
    struct writer w = writer_of(room, len - 1);
    write_format(&w, "0x%03x", (unsigned)stun_method(m));
    room[writer_len(&w)] = 0;
    return name ? name : room;
}

/* ---- Values: one attribute, as its shape has it ---- */

/* RFC 8445 §5.1.2.1: which kind of candidate has such a type preference, by §5.1.2.2. */
static const char *priority_kind(uint32_t priority)
{
    switch (priority >> 24) {
    case 126: return "host";
    case 110: return "peer-reflexive";
    case 100: return "server-reflexive";
    case 0: return "relayed";
    }
    return "of no recommended kind";
}

static void say_address(struct told *t, const struct stun_attr *a, struct bytes all,
                        const struct stun_attr_info *info)
{
    struct addr addr;
    char text[ADDR_TEXT_MAX];
    bool xored = info->shape == STUN_SHAPE_XOR_ADDRESS;
    if (!stun_attr_addr(&t->m, a, &addr)) return;
    explain_field(t->x, info->name, all, info->spec, "%s", addr_text(&addr, text));
    if (a->type == STUN_XOR_MAPPED_ADDRESS)
        explain_meaning(t->x, "where the request came from, as its receiver saw it");
    if (a->type == STUN_XOR_RELAYED_ADDRESS)
        explain_meaning(t->x, "the address at the TURN server that stands for the client");
    explain_down(t->x);
    explain_field(t->x, "family", bytes_slice(a->value, 1, 1), "RFC 8489 14.1", "%s",
                  addr.family == ADDR_IPV4 ? "IPv4" : "IPv6");
    explain_field(t->x, xored ? "X-Port" : "port", bytes_slice(a->value, 2, 2), info->spec, "%u",
                  (unsigned)addr.port);
    if (xored) explain_meaning(t->x, "exclusive-or with the upper half of the magic cookie");
    explain_field(t->x, xored ? "X-Address" : "address", bytes_slice(a->value, 4, a->value.len),
                  info->spec, "%s", addr_ip_text(&addr, text));
    if (xored)
        explain_meaning(t->x, "exclusive-or with the magic cookie%s",
                        addr.family == ADDR_IPV4 ? "" : " and the transaction id");
    explain_up(t->x);
}

static void say_error(struct told *t, const struct stun_attr *a, struct bytes all,
                      const struct stun_attr_info *info)
{
    unsigned code = (a->value.at[2] & 7u) * 100 + a->value.at[3];
    const char *reason = stun_error_reason(code);
    struct bytes said = bytes_slice(a->value, 4, a->value.len);
    explain_field(t->x, info->name, all, info->spec, "%u %.*s", code, (int)said.len,
                  (const char *)said.at);
    if (reason) explain_meaning(t->x, "%s", reason);
    if (code == 487)
        explain_meaning(t->x, "both agents took the same role; who gets this changes it (RFC 8445 "
                              "7.2.5.1)");
}

/* A list of attribute types. */
static void say_types(struct told *t, const struct stun_attr *a, struct bytes all,
                      const struct stun_attr_info *info)
{
    struct reader r = reader_of(a->value);
    explain_field(t->x, info->name, all, info->spec, "%zu", a->value.len / 2);
    explain_meaning(t->x, "types that the server needed to understand and did not");
    explain_down(t->x);
    while (reader_left(&r)) {
        struct bytes wire = read_bytes(&r, 2);
        struct reader one = reader_of(wire);
        uint16_t type = read_u16(&one);
        const char *name = stun_attr_name(type);
        explain_field(t->x, "type", wire, info->spec, "0x%04x%s%s", (unsigned)type, name ? " " : "",
                      name ? name : "");
    }
    explain_up(t->x);
}

static void say_algorithms(struct told *t, const struct stun_attr *a, struct bytes all,
                           const struct stun_attr_info *info)
{
    struct reader r = reader_of(a->value);
    explain_field(t->x, info->name, all, info->spec, "%zu bytes", a->value.len);
    explain_down(t->x);
    while (reader_left(&r)) {
        struct bytes wire = read_bytes(&r, 2);
        uint16_t number = (uint16_t)(wire.at[0] << 8 | wire.at[1]);
        uint16_t len = read_u16(&r);
        explain_field(t->x, "algorithm", wire, "RFC 8489 18.5", "%s (%u)",
                      number == 1   ? "MD5"
                      : number == 2 ? "SHA-256"
                                    : "unknown",
                      (unsigned)number);
        read_skip(&r, len + (4u - len % 4u) % 4u);
    }
    explain_up(t->x);
}

static void say_u32(struct told *t, const struct stun_attr *a, struct bytes all,
                    const struct stun_attr_info *info)
{
    struct reader r = reader_of(a->value);
    uint32_t v = read_u32(&r);
    explain_field(t->x, info->name, all, info->spec, "%u", (unsigned)v);
    if (a->type == STUN_PRIORITY)
        explain_meaning(t->x,
                        "what a candidate learnt from this check would have: a %s one, local "
                        "preference %u, component %u (RFC 8445 5.1.2, 7.1.1)",
                        priority_kind(v), (unsigned)(v >> 8 & 0xFFFF), 256u - (v & 0xFF));
    if (a->type == STUN_LIFETIME)
        explain_meaning(t->x, v ? "seconds until the server drops the allocation"
                                : "0: the allocation is given up");
}

/* RFC 8656 §18.8: the protocol number of IP; §18.6: 1 and 2 as in an address. */
static void say_u8(struct told *t, const struct stun_attr *a, struct bytes all,
                   const struct stun_attr_info *info)
{
    unsigned v = a->value.at[0];
    explain_field(t->x, info->name, all, info->spec, "%u", v);
    if (a->type == STUN_REQUESTED_TRANSPORT)
        explain_meaning(t->x, v == 17 ? "UDP" : v == 6 ? "TCP" : "neither UDP nor TCP");
    else if (a->type == STUN_EVEN_PORT)
        explain_meaning(t->x, v & 0x80 ? "and the next higher port is reserved"
                                       : "an even port is wanted");
    else
        explain_meaning(t->x, v == 1 ? "IPv4" : v == 2 ? "IPv6" : "no family that is known");
}

static void say_digest(struct told *t, const struct stun_attr *a, struct bytes all,
                       const struct stun_attr_info *info)
{
    const char *verdict = NULL;
    if (a->type == STUN_MESSAGE_INTEGRITY) verdict = t->integrity;
    if (a->type == STUN_MESSAGE_INTEGRITY_SHA256) verdict = t->sha256;
    if (a->type == STUN_FINGERPRINT) verdict = t->fingerprint;
    explain_field(t->x, info->name, all, info->spec, "%s", verdict ? verdict : "a hash");
    if (a->type == STUN_USERHASH)
        explain_meaning(t->x, "SHA-256 of username:realm, in place of USERNAME");
    else if (a->type == STUN_FINGERPRINT)
        explain_meaning(t->x, "CRC-32 of all before it: tells STUN from what else uses the port");
    else
        explain_meaning(t->x, "HMAC with the password over all before it");
    if (verdict && bytes_is(bytes_of(verdict), "bad")) explain_broken(t->x, "it does not match");
}

static void say_flag(struct told *t, const struct stun_attr *a, struct bytes all,
                     const struct stun_attr_info *info)
{
    explain_field(t->x, info->name, all, info->spec, "set");
    if (a->type == STUN_USE_CANDIDATE)
        explain_meaning(t->x, "the controlling agent nominates this pair (RFC 8445 8.1.1)");
}

static void say_text(struct told *t, const struct stun_attr *a, struct bytes all,
                     const struct stun_attr_info *info)
{
    explain_field_text(t->x, info->name, all, info->spec, a->value);
    /* RFC 8445 §7.2.2: RFRAG:LFRAG, as the sender of a request sees the two. */
    if (a->type == STUN_USERNAME && memchr(a->value.at, ':', a->value.len))
        explain_meaning(t->x, "the receiver's ufrag, a colon, the sender's ufrag (RFC 8445 7.2.2)");
    if (a->type == STUN_NONCE) explain_meaning(t->x, "to be repeated in requests (RFC 8489 9.2)");
}

static void say_u64(struct told *t, const struct stun_attr *a, struct bytes all,
                    const struct stun_attr_info *info)
{
    struct reader r = reader_of(a->value);
    explain_field(t->x, info->name, all, info->spec, "0x%016" PRIx64, read_u64(&r));
    explain_meaning(t->x, "the sender is %s; the number breaks a tie of roles (RFC 8445 7.3.1.1)",
                    a->type == STUN_ICE_CONTROLLING ? "controlling" : "controlled");
}

static void say_known(struct told *t, const struct stun_attr *a, struct bytes all,
                      const struct stun_attr_info *info)
{
    switch (info->shape) {
    case STUN_SHAPE_TEXT: say_text(t, a, all, info); break;
    case STUN_SHAPE_FLAG: say_flag(t, a, all, info); break;
    case STUN_SHAPE_U32: say_u32(t, a, all, info); break;
    case STUN_SHAPE_U64: say_u64(t, a, all, info); break;
    case STUN_SHAPE_U8: say_u8(t, a, all, info); break;
    case STUN_SHAPE_U16:
        explain_field(t->x, info->name, all, info->spec, "0x%02x%02x", a->value.at[0],
                      a->value.at[1]);
        break;
    case STUN_SHAPE_ADDRESS:
    case STUN_SHAPE_XOR_ADDRESS: say_address(t, a, all, info); break;
    case STUN_SHAPE_ERROR: say_error(t, a, all, info); break;
    case STUN_SHAPE_TYPES: say_types(t, a, all, info); break;
    case STUN_SHAPE_ALGORITHMS: say_algorithms(t, a, all, info); break;
    case STUN_SHAPE_DIGEST: say_digest(t, a, all, info); break;
    case STUN_SHAPE_BYTES:
        explain_field(t->x, info->name, all, info->spec, "%zu bytes", a->value.len);
        break;
    }
}

/* One attribute; false: it breaks its shape, and stun_parse refused the message here. */
static bool say_attribute(struct told *t, const struct stun_attr *a)
{
    const struct stun_attr_info *info = stun_attr_info(a->type);
    size_t padded = 4 + (a->value.len + 3) / 4 * 4;
    struct bytes all = bytes_slice(t->message, a->offset, padded);
    if (info && stun_attr_broken(info, a->value)) {
        explain_field(t->x, info->name, all, info->spec, "%zu bytes", a->value.len);
        explain_broken(t->x, "%s", stun_attr_broken(info, a->value));
        return a->after_integrity;
    }
    if (info) {
        say_known(t, a, all, info);
    } else {
        char name[sizeof "attribute 0x0000"];
        struct writer w = writer_of(name, sizeof name);
        write_format(&w, "attribute 0x%04x", (unsigned)a->type);
        write_u8(&w, 0);
        explain_field(t->x, name, all, "RFC 8489 14", "%zu bytes", a->value.len);
        explain_meaning(t->x, a->type < 0x8000
                                  ? "unknown, and whoever does not understand it must refuse"
                                  : "unknown; to be ignored");
    }
    if (a->after_integrity) explain_meaning(t->x, "after the integrity: ignored (RFC 8489 14.5)");
    return true;
}

/* ---- The message ---- */

/* The header's four fields, as far as there are bytes for them. */
static void say_header(struct told *t)
{
    struct reader r = reader_of(t->message);
    char method[16];
    struct bytes type = read_bytes(&r, 2), len = read_bytes(&r, 2), cookie = read_bytes(&r, 4);
    struct bytes id = read_bytes(&r, STUN_ID_LEN);
    if (type.len)
        explain_field(t->x, "type", type, HEADER_SPEC, "%s %s",
                      method_text(&t->m, method, sizeof method), class_words(&t->m)->title);
    if (len.len) explain_field(t->x, "length", len, HEADER_SPEC, "%d", len.at[0] << 8 | len.at[1]);
    if (len.len) explain_meaning(t->x, "bytes of attributes");
    if (cookie.len)
        explain_field(t->x, "magic cookie", cookie, HEADER_SPEC, "0x%02x%02x%02x%02x", cookie.at[0],
                      cookie.at[1], cookie.at[2], cookie.at[3]);
    if (id.len) {
        char hex[2 * STUN_ID_LEN + 1];
        for (size_t i = 0; i < id.len; i++) snprintf(hex + 2 * i, 3, "%02x", (unsigned)id.at[i]);
        explain_field(t->x, "transaction id", id, HEADER_SPEC, "%s", hex);
        explain_meaning(t->x, "of a request and its response");
    }
}

/* Where the message ends too early: in which attribute, and how much of it is there. */
static void refuse_truncated(struct told *t, size_t offset)
{
    struct reader r = reader_of(bytes_slice(t->message, offset, t->message.len));
    uint16_t type = read_u16(&r), len = read_u16(&r);
    const char *name = stun_attr_name(type);
    if (r.err != OK)
        explain_refuse(t->x, E_TRUNCATED, t->start + offset,
                       "the header announces more attributes than there are (RFC 8489 5)");
    else
        explain_refuse(t->x, E_TRUNCATED, t->start + offset,
                       "attribute 0x%04x%s%s needs %u bytes, %zu are left (RFC 8489 14)",
                       (unsigned)type, name ? " " : "", name ? name : "", (unsigned)len,
                       reader_left(&r));
}

/* All attributes, up to where stun_parse refused. */
static void say_attributes(struct told *t)
{
    struct stun_walk w = stun_walk_of(&t->m);
    struct stun_attr a;
    while (stun_walk_next(&w, &a)) {
        bool refused = t->m.fault.err == E_MALFORMED && a.offset >= t->m.fault.offset;
        if (!say_attribute(t, &a) || refused) return;
    }
    if (t->m.fault.err == E_TRUNCATED) {
        /* The walk stopped inside the attribute, or behind the last whole one. */
        size_t at = STUN_HEADER_LEN;
        for (struct stun_walk again = stun_walk_of(&t->m); stun_walk_next(&again, &a);)
            at = reader_offset(&again.r);
        refuse_truncated(t, at);
    }
}

/* RFC 8489 §9.2.2: the long-term key by the algorithm that the message names, else MD5. */
static bool long_term(struct told *t, const struct stun_explain_options *o, struct bytes realm)
{
    struct bytes chosen;
    uint8_t hashed[SHA256_LEN], text[1024];
    bool sha256 = stun_find(&t->m, STUN_PASSWORD_ALGORITHM, &chosen) && chosen.at[0] == 0 &&
                  chosen.at[1] == SHA256_CHOICE;
    if (!sha256) return stun_key_long_term(&t->key, o->username, realm, o->password);
    struct writer w = writer_of(text, sizeof text);
    write_bytes(&w, o->username);
    write_u8(&w, ':');
    write_bytes(&w, realm);
    write_u8(&w, ':');
    write_bytes(&w, o->password);
    struct bytes all = writer_done(&w);
    if (all.at) {
        digest_sha256(all, hashed);
        stun_key_short_term(&t->key, (struct bytes){hashed, sizeof hashed});
    }
    bytes_wipe(hashed, sizeof hashed);
    bytes_wipe(text, sizeof text);
    return all.at != NULL;
}

static void make_key(struct told *t, const struct stun_explain_options *o)
{
    if (!o || !o->password.at) return;
    struct bytes realm = o->realm;
    if (!realm.at) stun_find(&t->m, STUN_REALM, &realm);
    t->keyed = true;
    if (o->username.at && realm.at)
        t->keyed = long_term(t, o, realm);
    else
        stun_key_short_term(&t->key, o->password);
}

static void verify(struct told *t)
{
    const struct stun_msg *m = &t->m;
    t->integrity = m->integrity ? "unchecked" : "absent";
    t->sha256 = m->integrity_sha256 ? "unchecked" : "absent";
    t->fingerprint = stun_proof_name(stun_check_fingerprint(m));
    if (!t->keyed) return;
    t->integrity = stun_proof_name(stun_check_integrity(m, &t->key));
    t->sha256 = stun_proof_name(stun_check_integrity_sha256(m, &t->key));
}

/* ---- Members ---- */

static void member_text(struct told *t, const char *name, uint16_t type)
{
    struct bytes value;
    if (stun_find(&t->m, type, &value)) explain_text(t->x, name, value);
}

static void member_hex(struct told *t, const char *name, uint16_t type)
{
    struct bytes value;
    if (stun_find(&t->m, type, &value)) explain_hex(t->x, name, value);
}

static void member_u32(struct told *t, const char *name, uint16_t type)
{
    uint32_t v;
    if (stun_get_u32(&t->m, type, &v)) explain_number(t->x, name, v);
}

static void member_address(struct told *t, const char *name, uint16_t type)
{
    struct addr addr;
    char text[ADDR_TEXT_MAX];
    if (stun_get_addr(&t->m, type, &addr)) explain_format(t->x, name, "%s", addr_text(&addr, text));
}

static void member_lists(struct told *t)
{
    struct bytes value;
    uint16_t unknown[UNKNOWN_MAX];
    if (stun_find(&t->m, STUN_UNKNOWN_ATTRIBUTES, &value)) {
        explain_list(t->x, "unknownAttributes");
        for (struct reader r = reader_of(value); reader_left(&r);)
            explain_number(t->x, NULL, read_u16(&r));
        explain_close(t->x);
    }
    size_t count = stun_unknown(&t->m, unknown, COUNT(unknown));
    if (count == 0) return;
    explain_list(t->x, "unknownRequired");
    for (size_t i = 0; i < count; i++) explain_number(t->x, NULL, unknown[i]);
    explain_close(t->x);
}

static void member_attributes(struct told *t)
{
    struct stun_walk w = stun_walk_of(&t->m);
    explain_list(t->x, "attributes");
    for (struct stun_attr a; stun_walk_next(&w, &a);) {
        const char *name = stun_attr_name(a.type);
        if (name)
            explain_format(t->x, NULL, "%s", name);
        else
            explain_format(t->x, NULL, "0x%04x", (unsigned)a.type);
    }
    explain_close(t->x);
}

static void members(struct told *t)
{
    struct explain *x = t->x;
    char method[16];
    explain_format(x, "class", "%s", class_words(&t->m)->name);
    explain_format(x, "method", "%s", method_text(&t->m, method, sizeof method));
    explain_hex(x, "transactionId", t->m.id);
    member_attributes(t);
    explain_format(x, "integrity", "%s", t->integrity);
    explain_format(x, "integritySha256", "%s", t->sha256);
    explain_format(x, "fingerprint", "%s", t->fingerprint);
    member_text(t, "username", STUN_USERNAME);
    member_u32(t, "priority", STUN_PRIORITY);
    member_hex(t, "iceControlling", STUN_ICE_CONTROLLING);
    member_hex(t, "iceControlled", STUN_ICE_CONTROLLED);
    if (stun_has(&t->m, STUN_USE_CANDIDATE)) explain_bool(x, "useCandidate", true);
    member_text(t, "software", STUN_SOFTWARE);
    member_text(t, "realm", STUN_REALM);
    member_text(t, "nonce", STUN_NONCE);
    member_address(t, "xorMappedAddress", STUN_XOR_MAPPED_ADDRESS);
    member_address(t, "xorPeerAddress", STUN_XOR_PEER_ADDRESS);
    member_address(t, "xorRelayedAddress", STUN_XOR_RELAYED_ADDRESS);
    member_address(t, "mappedAddress", STUN_MAPPED_ADDRESS);
    unsigned code;
    struct bytes value;
    if (stun_get_error(&t->m, &code, &value)) {
        explain_number(x, "errorCode", code);
        explain_text(x, "errorReason", value);
    }
    member_lists(t);
    member_u32(t, "lifetime", STUN_LIFETIME);
    uint8_t transport;
    uint16_t channel;
    if (stun_get_u8(&t->m, STUN_REQUESTED_TRANSPORT, &transport))
        explain_number(x, "requestedTransport", transport);
    if (stun_get_u16(&t->m, STUN_CHANNEL_NUMBER, &channel))
        explain_number(x, "channelNumber", channel);
    if (stun_find(&t->m, STUN_DATA_ATTR, &value)) explain_number(x, "dataLength", value.len);
}

/* ---- The line that sums it up ---- */

static void sum_up_ice(struct told *t)
{
    struct explain *x = t->x;
    bool controlling = stun_has(&t->m, STUN_ICE_CONTROLLING);
    bool controlled = stun_has(&t->m, STUN_ICE_CONTROLLED);
    uint32_t priority;
    if (controlling || controlled)
        explain_summary(x, ", an ICE check by the %s agent",
                        controlling ? "controlling" : "controlled");
    if (stun_has(&t->m, STUN_USE_CANDIDATE)) explain_summary(x, ", which nominates the pair");
    if (stun_get_u32(&t->m, STUN_PRIORITY, &priority))
        explain_summary(x, ", priority %u (%s)", (unsigned)priority, priority_kind(priority));
}

static void sum_up_text(struct told *t, const char *name, uint16_t type)
{
    struct bytes value;
    if (stun_find(&t->m, type, &value))
        explain_summary(t->x, ", %s %.*s", name, (int)value.len, (const char *)value.at);
}

static void sum_up_address(struct told *t, const char *says, uint16_t type)
{
    struct addr addr;
    char text[ADDR_TEXT_MAX];
    if (stun_get_addr(&t->m, type, &addr))
        explain_summary(t->x, ", %s %s", says, addr_text(&addr, text));
}

static void sum_up(struct told *t)
{
    struct explain *x = t->x;
    char method[16];
    unsigned code;
    struct bytes value;
    explain_summary(x, "%s %s", method_text(&t->m, method, sizeof method),
                    class_words(&t->m)->phrase);
    if (stun_class(&t->m) == STUN_INDICATION && stun_method(&t->m) == STUN_BINDING)
        explain_summary(x, ", a keepalive");
    sum_up_text(t, "USERNAME", STUN_USERNAME);
    sum_up_ice(t);
    if (stun_get_error(&t->m, &code, &value)) {
        explain_summary(x, ", %u %.*s", code, (int)value.len, (const char *)value.at);
        if (code == 487) explain_summary(x, ": a role conflict, the other agent changes its role");
    }
    sum_up_address(t, "seen from", STUN_XOR_MAPPED_ADDRESS);
    sum_up_address(t, "relayed at", STUN_XOR_RELAYED_ADDRESS);
    sum_up_address(t, "peer", STUN_XOR_PEER_ADDRESS);
    sum_up_text(t, "SOFTWARE", STUN_SOFTWARE);
    if (t->m.integrity_sha256)
        explain_summary(x, ", integrity (SHA-256) %s", t->sha256);
    else if (t->m.integrity)
        explain_summary(x, ", integrity %s", t->integrity);
    if (t->m.fingerprint && stun_check_fingerprint(&t->m) == STUN_BAD)
        explain_summary(x, ", fingerprint bad");
}

void stun_explain(struct explain *x, struct bytes message,
                  const struct stun_explain_options *options)
{
    struct told t = {.x = x, .message = message};
    t.start = explain_offset(x, message);
    enum err err = stun_parse(&t.m, message);
    if (err == OK) {
        make_key(&t, options);
        verify(&t);
    }
    say_header(&t);
    /* Of one cut short the attributes that are there are shown. */
    if (err == E_TRUNCATED && !t.m.whole.at && message.len >= STUN_HEADER_LEN) {
        t.m.whole = message;
        t.m.id = bytes_slice(message, STUN_HEADER_LEN - STUN_ID_LEN, STUN_ID_LEN);
    }
    if (t.m.whole.at) say_attributes(&t);
    if (err != OK) {
        struct fault fault = t.m.fault;
        fault.offset += t.start;
        explain_fail(x, &fault);
        return;
    }
    members(&t);
    sum_up(&t);
    stun_key_wipe(&t.key);
}
