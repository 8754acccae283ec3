#include "base/explain.h"

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define EXACT_MAX ((uint64_t)1 << 53) /* RFC 8259 §6: integers that every reader takes exactly */

/* A list that grows: by doubling, up to `max`. */
struct list {
    void *at;
    size_t count, room, max, item;
};

/* Where a phrase lies in the summary. */
struct phrase {
    size_t begin, details, end; /* details: where they begin; `end`: there are none */
};

struct explain {
    const char *type;
    struct bytes message;
    struct arena arena; /* names, values, texts */
    struct list fields, members;
    struct list summary; /* of bytes */
    struct list phrases; /* of struct phrase */
    bool in_details;     /* of the last phrase */
    unsigned depth;      /* of the next field */
    unsigned open;       /* objects and lists */
    struct fault fault;
    bool stopped; /* a bound or memory: nothing more is taken */
};

struct explain *explain_new(const char *type, struct bytes message)
{
    struct explain *x = calloc(1, sizeof *x);
    if (!x) return NULL;
    x->type = type;
    x->message = message;
    arena_init(&x->arena, EXPLAIN_TEXT_MAX);
    x->fields = (struct list){.max = EXPLAIN_FIELDS_MAX, .item = sizeof(struct explain_field)};
    x->members = (struct list){.max = EXPLAIN_MEMBERS_MAX, .item = sizeof(struct explain_member)};
    x->summary = (struct list){.max = EXPLAIN_TEXT_MAX, .item = 1};
    x->phrases = (struct list){.max = EXPLAIN_FIELDS_MAX, .item = sizeof(struct phrase)};
    return x;
}

void explain_free(struct explain *x)
{
    if (!x) return;
    arena_free(&x->arena);
    free(x->fields.at);
    free(x->members.at);
    free(x->summary.at);
    free(x->phrases.at);
    free(x);
}

/* What follows is left out: a tree that lacks something in its middle would be a false one. */
static void stop(struct explain *x, enum err err, const char *rule)
{
    x->stopped = true;
    struct fault fault = {err, x->type, x->message.len, rule};
    explain_fail(x, &fault);
}

/* The arena did not give `wanted` bytes. */
static void stop_short_of(struct explain *x, size_t wanted)
{
    bool full = wanted > EXPLAIN_TEXT_MAX - x->arena.used;
    stop(x, full ? E_FULL : E_NOMEM,
         full ? "more to explain than one explanation holds"
              : "no memory left for the explanation");
}

/* Room for `n` more at the end of a list; NULL: x has stopped. */
static void *list_add(struct explain *x, struct list *list, size_t n)
{
    if (x->stopped) return NULL;
    if (n > list->max - list->count) {
        stop(x, E_FULL, "more to explain than one explanation holds");
        return NULL;
    }
    size_t room = list->room ? list->room : 16;
    while (room < list->count + n) room *= 2;
    if (room != list->room) {
        void *at = realloc(list->at, room * list->item);
        if (!at) {
            stop(x, E_NOMEM, "no memory left for the explanation");
            return NULL;
        }
        list->at = at;
        list->room = room;
    }
    void *at = (char *)list->at + list->count * list->item;
    list->count += n;
    return at;
}

static struct bytes keep(struct explain *x, struct bytes text)
{
    if (x->stopped || text.len == 0) return (struct bytes){NULL, 0};
    struct bytes copy = arena_copy(&x->arena, text);
    if (!copy.at) stop_short_of(x, text.len);
    return copy;
}

static struct bytes keep_name(struct explain *x, const char *name)
{
    return name ? keep(x, bytes_of(name)) : (struct bytes){NULL, 0};
}

/* printf into the arena: first how long it is, then the text itself. */
__attribute__((format(printf, 2, 0))) static struct bytes print(struct explain *x,
                                                                const char *format, va_list args)
{
    char small[256];
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, format, args);
    struct bytes text = {(const uint8_t *)small, len > 0 ? (size_t)len : 0};
    char *large = NULL;
    if (text.len >= sizeof small) {
        large = malloc(text.len + 1);
        if (large) vsnprintf(large, text.len + 1, format, again);
        if (!large) stop(x, E_NOMEM, "no memory left for the explanation");
        text.at = (const uint8_t *)large;
    }
    va_end(again);
    text = keep(x, text);
    free(large);
    return text;
}

/* Is `raw` a view of the message? Compared as numbers: pointers into different objects have no
 * order. */
static bool is_inside(const struct explain *x, struct bytes raw)
{
    uintptr_t start = (uintptr_t)x->message.at, at = (uintptr_t)raw.at;
    if (!raw.at || !x->message.at || at < start) return false;
    return at - start <= x->message.len && raw.len <= x->message.len - (at - start);
}

static struct explain_field *last_field(struct explain *x)
{
    if (x->stopped || x->fields.count == 0) return NULL;
    return (struct explain_field *)x->fields.at + x->fields.count - 1;
}

static void add_field(struct explain *x, const char *name, struct bytes raw, const char *spec,
                      struct bytes value)
{
    struct explain_field *before = last_field(x);
    struct explain_field field = {.spec = spec, .depth = x->depth, .value = value};
    field.offset = before ? before->offset : 0;
    if (is_inside(x, raw)) {
        field.offset = (size_t)(raw.at - x->message.at);
        field.raw = raw;
    }
    field.name = keep_name(x, name);
    struct explain_field *place = list_add(x, &x->fields, 1);
    if (place) *place = field;
}

void explain_field(struct explain *x, const char *name, struct bytes raw, const char *spec,
                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct bytes value = print(x, format, args);
    va_end(args);
    add_field(x, name, raw, spec, value);
}

void explain_field_text(struct explain *x, const char *name, struct bytes raw, const char *spec,
                        struct bytes value)
{
    add_field(x, name, raw, spec, keep(x, value));
}

__attribute__((format(printf, 2, 0))) static void add_meaning(struct explain *x, const char *format,
                                                              va_list args)
{
    struct explain_field *field = last_field(x);
    if (!field) return;
    struct bytes text = print(x, format, args);
    struct bytes before = field->meaning;
    if (x->stopped || text.len == 0) return;
    field->meaning = text;
    if (before.len == 0) return;
    uint8_t *both = arena_take_unset(&x->arena, before.len + 2 + text.len);
    if (!both) {
        stop_short_of(x, before.len + 2 + text.len);
        return;
    }
    struct writer w = writer_of(both, before.len + 2 + text.len);
    write_bytes(&w, before);
    write_text(&w, "; ");
    write_bytes(&w, text);
    field->meaning = writer_done(&w);
}

void explain_meaning(struct explain *x, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_meaning(x, format, args);
    va_end(args);
}

void explain_broken(struct explain *x, const char *format, ...)
{
    struct explain_field *field = last_field(x);
    if (field) field->broken = true;
    va_list args;
    va_start(args, format);
    add_meaning(x, format, args);
    va_end(args);
}

void explain_down(struct explain *x)
{
    assert(x->depth < EXPLAIN_NESTED_MAX);
    x->depth++;
}

void explain_up(struct explain *x)
{
    assert(x->depth > 0);
    x->depth--;
}

static void add_member(struct explain *x, struct explain_member member, const char *name)
{
    member.name = keep_name(x, name);
    struct explain_member *place = list_add(x, &x->members, 1);
    if (place) *place = member;
}

void explain_object(struct explain *x, const char *name)
{
    assert(x->open < EXPLAIN_NESTED_MAX);
    x->open++;
    add_member(x, (struct explain_member){.kind = EXPLAIN_OBJECT}, name);
}

void explain_list(struct explain *x, const char *name)
{
    assert(x->open < EXPLAIN_NESTED_MAX);
    x->open++;
    add_member(x, (struct explain_member){.kind = EXPLAIN_LIST}, name);
}

void explain_close(struct explain *x)
{
    assert(x->open > 0);
    x->open--;
    add_member(x, (struct explain_member){.kind = EXPLAIN_CLOSE}, NULL);
}

void explain_text(struct explain *x, const char *name, struct bytes text)
{
    add_member(x, (struct explain_member){.kind = EXPLAIN_TEXT, .text = keep(x, text)}, name);
}

void explain_format(struct explain *x, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct bytes text = print(x, format, args);
    va_end(args);
    add_member(x, (struct explain_member){.kind = EXPLAIN_TEXT, .text = text}, name);
}

void explain_number(struct explain *x, const char *name, uint64_t number)
{
    if (number > EXACT_MAX)
        explain_format(x, name, "%llu", (unsigned long long)number);
    else
        explain_signed(x, name, (int64_t)number);
}

void explain_signed(struct explain *x, const char *name, int64_t number)
{
    add_member(x, (struct explain_member){.kind = EXPLAIN_NUMBER, .number = number}, name);
}

void explain_bool(struct explain *x, const char *name, bool value)
{
    add_member(x, (struct explain_member){.kind = EXPLAIN_BOOL, .number = value}, name);
}

void explain_hex(struct explain *x, const char *name, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *text = NULL;
    if (!x->stopped && bytes.len) {
        if (bytes.len <= EXPLAIN_TEXT_MAX / 2) text = arena_take_unset(&x->arena, 2 * bytes.len);
        if (!text) stop_short_of(x, 2 * bytes.len);
    }
    for (size_t i = 0; text && i < bytes.len; i++) {
        text[2 * i] = (uint8_t)digits[bytes.at[i] >> 4];
        text[2 * i + 1] = (uint8_t)digits[bytes.at[i] & 15];
    }
    struct explain_member member = {.kind = EXPLAIN_TEXT, .text = {text, text ? 2 * bytes.len : 0}};
    add_member(x, member, name);
}

/* One line, whatever the wire says. */
static void add_to_line(struct explain *x, struct bytes text)
{
    uint8_t *place = text.len ? list_add(x, &x->summary, text.len) : NULL;
    for (size_t i = 0; place && i < text.len; i++)
        place[i] = text.at[i] < 0x20 || text.at[i] == 0x7F ? ' ' : text.at[i];
}

static struct phrase *last_phrase(const struct explain *x)
{
    return (struct phrase *)x->phrases.at + x->phrases.count - 1;
}

void explain_phrase(struct explain *x, const char *between)
{
    if (x->summary.count) add_to_line(x, bytes_of(between));
    struct phrase *phrase = list_add(x, &x->phrases, 1);
    if (!phrase) return;
    phrase->begin = phrase->details = phrase->end = x->summary.count;
    x->in_details = false;
}

void explain_details(struct explain *x)
{
    x->in_details = true;
}

void explain_summary(struct explain *x, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct bytes text = print(x, format, args);
    va_end(args);
    if (!x->phrases.count) explain_phrase(x, "");
    add_to_line(x, text);
    if (!x->phrases.count) return; /* no memory */
    last_phrase(x)->end = x->summary.count;
    if (!x->in_details) last_phrase(x)->details = x->summary.count;
}

void explain_fail(struct explain *x, const struct fault *fault)
{
    if (x->fault.err != OK || fault->err == OK) return;
    x->fault = *fault;
    if (x->fault.offset > x->message.len) x->fault.offset = x->message.len;
    if (!x->fault.layer) x->fault.layer = x->type;
}

void explain_refuse(struct explain *x, enum err err, size_t offset, const char *format, ...)
{
    if (x->fault.err != OK) return;
    va_list args;
    va_start(args, format);
    struct bytes text = print(x, format, args);
    va_end(args);
    char *rule = x->stopped ? NULL : arena_take(&x->arena, text.len + 1); /* with its NUL */
    if (rule && text.len) memcpy(rule, text.at, text.len);
    struct fault fault = {err, x->type, offset, rule ? rule : "no memory left to say why"};
    explain_fail(x, &fault);
}

const char *explain_type(const struct explain *x)
{
    return x->type;
}

struct bytes explain_message(const struct explain *x)
{
    return x->message;
}

size_t explain_offset(const struct explain *x, struct bytes part)
{
    return part.at ? (size_t)(part.at - x->message.at) : 0;
}

struct bytes explain_summary_text(const struct explain *x)
{
    return (struct bytes){x->summary.at, x->summary.count};
}

size_t explain_phrase_count(const struct explain *x)
{
    return x->phrases.count;
}

struct explain_phrase explain_phrase_at(const struct explain *x, size_t i)
{
    const struct phrase *phrase = (const struct phrase *)x->phrases.at + i;
    struct bytes all = explain_summary_text(x);
    return (struct explain_phrase){
        .text = bytes_slice(all, phrase->begin, phrase->end - phrase->begin),
        .head = bytes_slice(all, phrase->begin, phrase->details - phrase->begin)};
}

size_t explain_field_count(const struct explain *x)
{
    return x->fields.count;
}

const struct explain_field *explain_field_at(const struct explain *x, size_t i)
{
    return (const struct explain_field *)x->fields.at + i;
}

size_t explain_member_count(const struct explain *x)
{
    return x->members.count;
}

const struct explain_member *explain_member_at(const struct explain *x, size_t i)
{
    return (const struct explain_member *)x->members.at + i;
}

const struct fault *explain_fault(const struct explain *x)
{
    return &x->fault;
}
