#include "apps/watchkeep.h"

#include <stdlib.h>
#include <string.h>

#include "apps/explainprint.h"
#include "apps/explaintypes.h"
#include "apps/starred.h"

void watchkeep_init(struct watchkeep *k)
{
    memset(k, 0, sizeof *k);
}

void watchkeep_end(struct watchkeep *k)
{
    for (size_t i = 0; i < COUNT(k->items); i++) free(k->items[i].at);
    watchkeep_init(k);
}

/* Where the message of this number is, or would be. */
static size_t place_of(uint32_t number)
{
    if (number <= WATCHKEEP_FIRST) return number - 1;
    return WATCHKEEP_FIRST + (number - 1 - WATCHKEEP_FIRST) % WATCHKEEP_LAST;
}

uint32_t watchkeep_add(struct watchkeep *k, const char *type, struct bytes message)
{
    struct watchkept *item = &k->items[place_of(k->count + 1)];
    if (message.len == 0 || message.len > WATCHKEEP_MESSAGE || k->count == UINT32_MAX) return 0;
    if (k->bytes - item->len + message.len > WATCHKEEP_BYTES) return 0;
    uint8_t *copy = malloc(message.len);
    if (!copy) return 0;
    memcpy(copy, message.at, message.len);
    if (strcmp(type, "sdp") == 0) starred((char *)copy, message.len);
    k->bytes += message.len - item->len;
    free(item->at);
    *item = (struct watchkept){++k->count, type, copy, message.len};
    return item->number;
}

static struct explain *explain_kept(const struct watchkept *item)
{
    struct bytes message = {item->at, item->len};
    struct explain_options options = {.rtp.is_protected = true};
    if (strcmp(item->type, "srtp") == 0) return explain_make("rtp", message, &options);
    if (strcmp(item->type, "srtcp") != 0) return explain_make(item->type, message, &options);
    struct explain *x = explain_new("rtcp", message);
    if (x) srtcp_explain(x, message);
    return x;
}

static json_t *hex_json(struct bytes b)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * b.len);
    if (!text) return NULL;
    for (size_t i = 0; i < b.len; i++) {
        text[2 * i] = digits[b.at[i] >> 4];
        text[2 * i + 1] = digits[b.at[i] & 15];
    }
    json_t *hex = json_stringn_nocheck(text, 2 * b.len);
    free(text);
    return hex;
}

/* A line of an evil description may be as long as all of it. */
static void shorten(json_t *object, const char *name)
{
    const json_t *text = json_object_get(object, name);
    size_t len = WATCHKEEP_TEXT;
    if (json_string_length(text) <= len) return;
    const char *at = json_string_value(text);
    while (len > 0 && (at[len] & 0xC0) == 0x80) len--; /* not within a character: RFC 3629 §3 */
    json_object_set_new(object, name, json_sprintf("%.*s...", (int)len, at));
}

/* The bytes are in `hex`: a field says where. */
static void lighten(json_t *fields)
{
    size_t i;
    json_t *field;
    while (json_array_size(fields) > WATCHKEEP_FIELDS)
        json_array_remove(fields, json_array_size(fields) - 1);
    json_array_foreach(fields, i, field)
    {
        json_object_del(field, "raw");
        shorten(field, "name");
        shorten(field, "value");
        shorten(field, "meaning");
    }
}

json_t *watchkeep_explain(const struct watchkeep *k, uint32_t number)
{
    const struct watchkept *item = number ? &k->items[place_of(number)] : NULL;
    if (!item || item->number != number)
        return explain_json_error("gone", 0, "this message is not kept any more");
    struct explain *x = explain_kept(item);
    json_t *all = x ? explain_json(x) : NULL;
    json_t *fields = json_object_get(all, "fields"), *told = NULL;
    if (all && !fields) {
        told = json_incref(all); /* why it can't be decoded */
    } else if (all) {
        lighten(fields);
        shorten(all, "summary");
        told = json_pack("{s:O,s:O,s:O,s:o,s:O}", "type", json_object_get(all, "type"), "length",
                         json_object_get(all, "length"), "summary", json_object_get(all, "summary"),
                         "hex", hex_json((struct bytes){item->at, item->len}), "fields", fields);
    }
    json_decref(all);
    explain_free(x);
    return told;
}
