#include "signaling/internal.h"

/* RFC 8259 §9 lets a parser limit the depth. jansson recurses once a level, up to 2048: this walk
 * does not, and lets it go no deeper than SIG_DEPTH_MAX. Strings are skipped, so that brackets in
 * them don't count; what else is wrong with the text is for jansson to find. Returns the offset of
 * the bracket that is too deep, or the text's length. */
static size_t too_deep_at(struct bytes text)
{
    size_t depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '[' || c == '{') && ++depth > SIG_DEPTH_MAX)
            return i;
        else if (!in_string && (c == ']' || c == '}') && depth > 0)
            depth--;
    }
    return text.len;
}

static enum sig_refusal refuse(struct fault *fault, enum err err, size_t offset, const char *rule,
                               enum sig_refusal refusal)
{
    *fault = (struct fault){err, "signaling", offset, rule};
    return refusal;
}

/* jansson's codes, as rules. */
static const char *json_rule(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input: return "the JSON ends early (RFC 8259 2)";
    case json_error_end_of_input_expected: return "something follows the JSON (RFC 8259 2)";
    case json_error_invalid_utf8: return "the JSON is not UTF-8 (RFC 8259 8.1)";
    case json_error_null_character:
    case json_error_null_byte_in_key: return "U+0000 in a string (RFC 8259 9)";
    case json_error_duplicate_key: return "two members of one name (RFC 8259 4)";
    case json_error_numeric_overflow: return "a number out of range (RFC 8259 6)";
    case json_error_invalid_syntax:
    default: return "not JSON (RFC 8259)";
    }
}

enum sig_refusal sig_json_read(struct bytes text, size_t max, json_t **tree, struct fault *fault)
{
    json_error_t error = {.text = ""};
    *tree = NULL;
    if (text.len > max)
        return refuse(fault, E_FULL, max, "the message is longer than the limit (signaling.md)",
                      SIG_TOO_LARGE);
    size_t deep = too_deep_at(text);
    if (deep < text.len)
        return refuse(fault, E_FULL, deep, "deeper than 16 levels (RFC 8259 9)", SIG_BAD_JSON);
    *tree = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, &error);
    if (!*tree) {
        /* Without memory for its first piece jansson does not even say that much. */
        enum json_error_code code = json_error_code(&error);
        bool memory = code == json_error_out_of_memory || code == json_error_unknown;
        size_t at = error.position > 0 ? (size_t)error.position : 0;
        return refuse(fault, memory ? E_NOMEM : E_MALFORMED, at < text.len ? at : text.len,
                      memory ? "no memory for the message" : json_rule(code), SIG_BAD_JSON);
    }
    if (!json_is_object(*tree)) {
        json_decref(*tree);
        *tree = NULL;
        return refuse(fault, E_MALFORMED, 0, "a message is one object (signaling.md)",
                      SIG_BAD_JSON);
    }
    *fault = (struct fault){0};
    return SIG_REFUSED_NOT;
}

struct bytes sig_json_text(const json_t *tree, const char *name)
{
    const json_t *value = json_object_get(tree, name);
    if (!json_is_string(value)) return (struct bytes){NULL, 0};
    return (struct bytes){(const uint8_t *)json_string_value(value), json_string_length(value)};
}

bool sig_json_type(const json_t *tree, enum sig_type *type, bool *known)
{
    struct bytes name = sig_json_text(tree, "type");
    if (!name.at) return false;
    *known = false;
    for (int t = SIG_WELCOME; t < SIG_TYPES; t++) {
        if (!bytes_is(name, sig_type_name((enum sig_type)t))) continue;
        *type = (enum sig_type)t;
        *known = true;
    }
    return true;
}

enum err sig_json_write(const json_t *tree, size_t max, struct writer *w)
{
    /* 17 digits keep every double (RFC 8259 §6 speaks of such interoperability). */
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(17);
    size_t room = writer_left(w) < max ? writer_left(w) : max;
    size_t len = room ? json_dumpb(tree, (char *)w->at, room, flags) : 0;
    if (room && len == 0) return E_NOMEM;
    if (len > room || room == 0) {
        w->err = E_FULL;
        return E_FULL;
    }
    w->at += len;
    return OK;
}

void sig_json_seed(struct rng *rng)
{
    /* 0 would ask jansson to seed itself. */
    json_object_seed(rng_u32(rng) | 1);
}
