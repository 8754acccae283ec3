#include "signaling/internal.h"
#include "signaling/utf8.h"

#include <string.h>

const char *sig_type_name(enum sig_type type)
{
    switch (type) {
    case SIG_WELCOME: return "welcome";
    case SIG_JOIN: return "join";
    case SIG_LEAVE: return "leave";
    case SIG_ERROR: return "error";
    case SIG_OFFER: return "offer";
    case SIG_ANSWER: return "answer";
    case SIG_CANDIDATE: return "candidate";
    case SIG_BYE: return "bye";
    case SIG_WATCH: return "watch";
    case SIG_TRACE: return "trace";
    case SIG_EXPLAIN: return "explain";
    case SIG_EXPLAINED: return "explained";
    }
    return "unknown";
}

const char *sig_refusal_name(enum sig_refusal refusal)
{
    switch (refusal) {
    case SIG_REFUSED_NOT: return "ok";
    case SIG_BAD_JSON: return "bad-json";
    case SIG_BAD_MESSAGE: return "bad-message";
    case SIG_UNKNOWN_TYPE: return "unknown-type";
    case SIG_NO_SUCH_PEER: return "no-such-peer";
    case SIG_ROOM_FULL: return "room-full";
    case SIG_TOO_LARGE: return "too-large";
    case SIG_RATE_LIMITED: return "rate-limited";
    }
    return "unknown";
}

bool sig_room_valid(struct bytes name)
{
    if (name.len == 0 || name.len > SIG_ROOM_NAME_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool ok = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '.' || c == '_' || c == '-';
        if (!ok) return false;
    }
    return true;
}

bool sig_id_set(struct sig_id *id, struct bytes text)
{
    *id = (struct sig_id){""};
    if (text.len == 0 || text.len > SIG_ID_MAX) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= 0x20 || text.at[i] >= 0x7F) return false;
    memcpy(id->text, text.at, text.len);
    return true;
}

bool sig_id_equal(const struct sig_id *a, const struct sig_id *b)
{
    return strcmp(a->text, b->text) == 0;
}

/* ---- reading ---- */

/* One message being read; the first thing that goes wrong stays. */
struct reading {
    struct sig_message *m;
    const json_t *tree;
    struct arena *arena;
};

static void bad(struct reading *r, enum err err, const char *rule)
{
    if (r->m->fault.err != OK) return;
    r->m->fault = (struct fault){err, "signaling", 0, rule};
    r->m->refusal = SIG_BAD_MESSAGE;
}

static struct bytes keep(struct reading *r, struct bytes text)
{
    if (!text.at) return text;
    struct bytes copy = arena_copy(r->arena, text);
    if (!copy.at) bad(r, E_NOMEM, "no memory for the message");
    return copy;
}

static struct bytes read_needed(struct reading *r, const char *name, const char *rule)
{
    struct bytes text = sig_json_text(r->tree, name);
    if (!text.at) bad(r, E_MALFORMED, rule);
    return keep(r, text);
}

/* An id that must be there if `needed`; one that is there must be well formed. */
static void read_id(struct reading *r, const char *name, bool needed, struct sig_id *id)
{
    const json_t *value = json_object_get(r->tree, name);
    if (!value && !needed) return;
    if (!sig_id_set(id, sig_json_text(r->tree, name)))
        bad(r, E_MALFORMED, "an id is 1 to 64 visible ASCII characters (signaling.md)");
}

static void read_peers(struct reading *r)
{
    const json_t *peers = json_object_get(r->tree, "peers");
    if (!json_is_array(peers)) {
        bad(r, E_MALFORMED, "welcome needs the array `peers` (signaling.md)");
        return;
    }
    if (json_array_size(peers) > SIG_PEERS_MAX) {
        bad(r, E_FULL, "more peers than a room may hold (signaling.md)");
        return;
    }
    for (size_t i = 0; i < json_array_size(peers); i++) {
        const json_t *peer = json_array_get(peers, i);
        struct bytes id = {NULL, 0};
        if (json_is_string(peer))
            id = (struct bytes){(const uint8_t *)json_string_value(peer), json_string_length(peer)};
        if (!sig_id_set(&r->m->peers[r->m->peer_count++], id))
            bad(r, E_MALFORMED, "an id is 1 to 64 visible ASCII characters (signaling.md)");
    }
}

/* A member that may be null or absent (at == NULL), or a string. */
static struct bytes read_nullable(struct reading *r, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!value || json_is_null(value)) return (struct bytes){NULL, 0};
    if (!json_is_string(value)) bad(r, E_MALFORMED, "a string or null (W3C webrtc 4.8.1.1)");
    return keep(r, sig_json_text(object, name));
}

/* RTCIceCandidateInit; null, and an empty `candidate` (its default), end the candidates. */
static void read_candidate(struct reading *r)
{
    struct sig_candidate *c = &r->m->candidate;
    const json_t *init = json_object_get(r->tree, "candidate");
    if (json_is_null(init)) {
        r->m->end_of_candidates = true;
        return;
    }
    if (!json_is_object(init)) {
        bad(r, E_MALFORMED, "`candidate` is an object or null (signaling.md)");
        return;
    }
    c->candidate = read_nullable(r, init, "candidate");
    c->mid = read_nullable(r, init, "sdpMid");
    c->ufrag = read_nullable(r, init, "usernameFragment");
    r->m->end_of_candidates = c->candidate.len == 0;
    const json_t *index = json_object_get(init, "sdpMLineIndex");
    if (!index || json_is_null(index)) return;
    json_int_t number = json_is_integer(index) ? json_integer_value(index) : -1;
    if (number < 0 || number > UINT16_MAX)
        bad(r, E_MALFORMED, "sdpMLineIndex is an unsigned short (W3C webrtc 4.8.1.1)");
    else
        c->mline_index = (int)number;
}

/* Only an id can be one; whatever else is a member that we don't know, and ignored. */
static void read_key(struct reading *r)
{
    sig_id_set(&r->m->key, sig_json_text(r->tree, "key"));
}

/* Only `true` is one: whatever else is a member that we don't know, and ignored. */
static bool read_flag(const struct reading *r, const char *name)
{
    return json_is_true(json_object_get(r->tree, name));
}

static void read_on(struct reading *r)
{
    if (!json_is_boolean(json_object_get(r->tree, "on")))
        bad(r, E_MALFORMED, "watch needs `on`, true or false (signaling.md)");
    r->m->on = read_flag(r, "on");
}

static void read_which(struct reading *r)
{
    const json_t *value = json_object_get(r->tree, "number");
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    if (number < 0 || number > UINT32_MAX)
        bad(r, E_MALFORMED, "`number` is one of 32 bits (signaling.md)");
    else
        r->m->number = (uint32_t)number;
}

static void read_members(struct reading *r)
{
    struct sig_message *m = r->m;
    switch (m->type) {
    case SIG_WELCOME:
        read_id(r, "id", true, &m->id);
        read_peers(r);
        return;
    case SIG_JOIN:
    case SIG_LEAVE: read_id(r, "id", true, &m->id); return;
    case SIG_ERROR:
        m->code = read_needed(r, "code", "error needs the string `code` (signaling.md)");
        m->message = keep(r, sig_json_text(r->tree, "message"));
        return;
    case SIG_OFFER:
    case SIG_ANSWER:
        m->sdp = read_needed(r, "sdp", "offer and answer need the string `sdp` (signaling.md)");
        m->watchable = read_flag(r, "watchable");
        read_key(r);
        break;
    case SIG_CANDIDATE: read_candidate(r); break;
    case SIG_BYE: read_key(r); break;
    case SIG_WATCH: read_on(r); break;
    case SIG_TRACE: break;
    case SIG_EXPLAIN: read_which(r); break;
    case SIG_EXPLAINED:
        read_which(r);
        m->more = read_flag(r, "more");
        break;
    }
    read_id(r, "to", false, &m->to);
    read_id(r, "from", false, &m->from);
}

enum err sig_message_parse(struct sig_message *m, struct bytes text, struct arena *arena)
{
    json_t *tree;
    bool known = false;
    memset(m, 0, sizeof *m);
    m->candidate.mline_index = -1;
    m->refusal = sig_json_read(text, SIG_RELAYED_MAX, &tree, &m->fault);
    if (m->refusal != SIG_REFUSED_NOT) return m->fault.err;
    struct reading r = {.m = m, .tree = tree, .arena = arena};
    if (!sig_json_type(tree, &m->type, &known)) {
        bad(&r, E_MALFORMED, "a message needs the string `type` (signaling.md)");
    } else if (!known) {
        bad(&r, E_UNSUPPORTED, "an unknown `type` (signaling.md)");
        m->refusal = SIG_UNKNOWN_TYPE;
    } else {
        read_members(&r);
    }
    json_decref(tree);
    return m->fault.err;
}

/* ---- writing ---- */

/* Sets a string member; one with at == NULL is left out, or null if `nullable`. */
static enum err set_text(json_t *tree, const char *name, struct bytes text, bool nullable)
{
    json_t *value;
    if (!text.at && !nullable) return OK;
    if (text.at && (!utf8_valid(text) || (text.len && memchr(text.at, 0, text.len))))
        return E_MALFORMED;
    value = text.at ? json_stringn_nocheck((const char *)text.at, text.len) : json_null();
    return json_object_set_new(tree, name, value) == 0 ? OK : E_NOMEM;
}

static enum err set_id(json_t *tree, const char *name, const struct sig_id *id)
{
    return id->text[0] ? set_text(tree, name, bytes_of(id->text), false) : OK;
}

static enum err set_peers(json_t *tree, const struct sig_message *m)
{
    json_t *peers = json_array();
    if (json_object_set_new(tree, "peers", peers) != 0) return E_NOMEM;
    for (size_t i = 0; i < m->peer_count && i < SIG_PEERS_MAX; i++)
        if (json_array_append_new(peers, json_string(m->peers[i].text)) != 0) return E_NOMEM;
    return OK;
}

static enum err set_candidate(json_t *tree, const struct sig_message *m)
{
    const struct sig_candidate *c = &m->candidate;
    if (m->end_of_candidates && !c->mid.at && !c->ufrag.at)
        return json_object_set_new(tree, "candidate", json_null()) == 0 ? OK : E_NOMEM;
    json_t *init = json_object();
    if (json_object_set_new(tree, "candidate", init) != 0) return E_NOMEM;
    struct bytes line = m->end_of_candidates || !c->candidate.at ? bytes_of("") : c->candidate;
    json_t *index = c->mline_index < 0 ? json_null() : json_integer(c->mline_index);
    enum err err = set_text(init, "candidate", line, false);
    if (err == OK) err = set_text(init, "sdpMid", c->mid, true);
    if (json_object_set_new(init, "sdpMLineIndex", index) != 0 && err == OK) err = E_NOMEM;
    if (err == OK) err = set_text(init, "usernameFragment", c->ufrag, true);
    return err;
}

/* A flag that is there or not. */
static enum err set_flag(json_t *tree, const char *name, bool value)
{
    return !value || json_object_set_new(tree, name, json_true()) == 0 ? OK : E_NOMEM;
}

static enum err set_description(json_t *tree, const struct sig_message *m)
{
    enum err err = set_text(tree, "sdp", m->sdp.at ? m->sdp : bytes_of(""), false);
    if (err == OK) err = set_flag(tree, "watchable", m->watchable);
    return err == OK ? set_id(tree, "key", &m->key) : err;
}

static enum err set_ladder(json_t *tree, const struct sig_message *m)
{
    int failed = 0;
    if (m->type == SIG_WATCH)
        failed = json_object_set_new(tree, "on", json_boolean(m->on));
    else if (m->type != SIG_TRACE)
        failed = json_object_set_new(tree, "number", json_integer(m->number));
    if (!failed && m->body)
        failed = json_object_set(tree, m->type == SIG_TRACE ? "lines" : "explain", m->body);
    return failed ? E_NOMEM : set_flag(tree, "more", m->type == SIG_EXPLAINED && m->more);
}

static enum err set_members(json_t *tree, const struct sig_message *m)
{
    enum err err = set_text(tree, "type", bytes_of(sig_type_name(m->type)), false);
    if (err == OK) err = set_id(tree, "id", &m->id);
    if (err == OK) err = set_id(tree, "to", &m->to);
    if (err == OK) err = set_id(tree, "from", &m->from);
    if (err != OK) return err;
    switch (m->type) {
    case SIG_WELCOME: return set_peers(tree, m);
    case SIG_ERROR:
        err = set_text(tree, "code", m->code, false);
        return err == OK ? set_text(tree, "message", m->message, false) : err;
    case SIG_OFFER:
    case SIG_ANSWER: return set_description(tree, m);
    case SIG_WATCH:
    case SIG_TRACE:
    case SIG_EXPLAIN:
    case SIG_EXPLAINED: return set_ladder(tree, m);
    case SIG_CANDIDATE: return set_candidate(tree, m);
    case SIG_BYE: return set_id(tree, "key", &m->key);
    case SIG_JOIN:
    case SIG_LEAVE: break;
    }
    return OK;
}

enum err sig_message_write(const struct sig_message *m, struct writer *w)
{
    json_t *tree = json_object();
    if (!tree) return E_NOMEM;
    enum err err = set_members(tree, m);
    if (err == OK) err = sig_json_write(tree, SIG_MESSAGE_MAX, w);
    json_decref(tree);
    return err;
}
