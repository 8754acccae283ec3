#include "apps/explainprint.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/columns.h"

#define HEX_A_LINE   8 /* bytes beside the text */
#define HEX_LINES    4 /* of one field; more are counted, not shown */
#define WIDTH        100
#define WIDTH_LEAST  72
#define WIDTH_MOST   1000
#define LEFT_COLUMNS (6 + 3 * HEX_A_LINE) /* offset and bytes */

/* ---- For programs ---- */

static json_t *text_json(struct bytes text)
{
    char small[256];
    char *room = 3 * text.len > sizeof small ? malloc(3 * text.len) : small;
    if (!room) return NULL;
    json_t *string = json_stringn_nocheck(room, columns_clean(text, room));
    if (room != small) free(room);
    return string;
}

static json_t *hex_json(struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char small[256];
    char *room = 2 * bytes.len > sizeof small ? malloc(2 * bytes.len) : small;
    if (!room) return NULL;
    for (size_t i = 0; i < bytes.len; i++) {
        room[2 * i] = digits[bytes.at[i] >> 4];
        room[2 * i + 1] = digits[bytes.at[i] & 15];
    }
    json_t *string = json_stringn_nocheck(room, 2 * bytes.len);
    if (room != small) free(room);
    return string;
}

/* Into a list, or under its name; takes the reference. */
static bool put(json_t *into, struct bytes name, json_t *value)
{
    if (json_is_array(into)) return json_array_append_new(into, value) == 0;
    json_t *key = text_json(name); /* the name, cleaned, with its NUL */
    bool done = key && json_object_set_new_nocheck(into, json_string_value(key), value) == 0;
    if (!key) json_decref(value);
    json_decref(key);
    return done;
}

static json_t *field_json(const struct explain_field *f)
{
    json_t *field = json_object();
    bool done = field && put(field, bytes_of("name"), text_json(f->name)) &&
                put(field, bytes_of("offset"), json_integer((json_int_t)f->offset)) &&
                put(field, bytes_of("length"), json_integer((json_int_t)f->raw.len)) &&
                put(field, bytes_of("value"), text_json(f->value)) &&
                put(field, bytes_of("raw"), hex_json(f->raw)) &&
                put(field, bytes_of("spec"), text_json(bytes_of(f->spec)));
    if (done && f->meaning.len) done = put(field, bytes_of("meaning"), text_json(f->meaning));
    if (done && f->depth) done = put(field, bytes_of("depth"), json_integer(f->depth));
    if (done && f->broken) done = put(field, bytes_of("broken"), json_true());
    if (done) return field;
    json_decref(field);
    return NULL;
}

static bool put_fields(json_t *object, const struct explain *x)
{
    json_t *fields = json_array();
    for (size_t i = 0; fields && i < explain_field_count(x); i++) {
        if (json_array_append_new(fields, field_json(explain_field_at(x, i))) == 0) continue;
        json_decref(fields);
        return false;
    }
    return put(object, bytes_of("fields"), fields);
}

static json_t *member_json(const struct explain_member *m)
{
    switch (m->kind) {
    case EXPLAIN_OBJECT: return json_object();
    case EXPLAIN_LIST: return json_array();
    case EXPLAIN_TEXT: return text_json(m->text);
    case EXPLAIN_NUMBER: return json_integer(m->number);
    case EXPLAIN_BOOL: return json_boolean(m->number);
    case EXPLAIN_CLOSE: break;
    }
    return NULL;
}

/* The flat tree, put up again. */
static bool put_members(json_t *object, const struct explain *x)
{
    json_t *open[EXPLAIN_NESTED_MAX + 1] = {object};
    size_t depth = 0;
    for (size_t i = 0; i < explain_member_count(x); i++) {
        const struct explain_member *m = explain_member_at(x, i);
        if (m->kind == EXPLAIN_CLOSE) {
            depth--;
            continue;
        }
        json_t *value = member_json(m);
        if (!value || !put(open[depth], m->name, value)) return false;
        if (m->kind == EXPLAIN_OBJECT || m->kind == EXPLAIN_LIST) open[++depth] = value;
    }
    return true;
}

json_t *explain_json_error(const char *code, size_t offset, const char *message)
{
    json_t *object = json_object(), *error = json_object();
    bool done = object && error && put(error, bytes_of("code"), text_json(bytes_of(code))) &&
                put(error, bytes_of("offset"), json_integer((json_int_t)offset)) &&
                put(error, bytes_of("message"), text_json(bytes_of(message)));
    if (done && put(object, bytes_of("error"), json_incref(error))) {
        json_decref(error);
        return object;
    }
    json_decref(error);
    json_decref(object);
    return NULL;
}

json_t *explain_json(const struct explain *x)
{
    const struct fault *fault = explain_fault(x);
    if (fault->err != OK)
        return explain_json_error(err_name(fault->err), fault->offset, fault->rule);
    json_t *object = json_object();
    json_int_t length = (json_int_t)explain_message(x).len;
    bool done = object && put(object, bytes_of("type"), text_json(bytes_of(explain_type(x)))) &&
                put(object, bytes_of("length"), json_integer(length)) && put_fields(object, x) &&
                put(object, bytes_of("summary"), text_json(explain_summary_text(x))) &&
                put_members(object, x);
    if (done) return object;
    json_decref(object);
    return NULL;
}

bool explain_print_json(json_t *object)
{
    bool done = object && json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(16)) == 0;
    json_decref(object);
    if (done) putchar('\n');
    return done;
}

/* ---- For people ---- */

struct explain_page explain_page(void)
{
    const char *columns = getenv("COLUMNS"), *no_colour = getenv("NO_COLOR");
    struct explain_page page = {.width = WIDTH, .terminal = isatty(STDOUT_FILENO)};
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width > 0) page.width = (size_t)width;
    if (page.width < WIDTH_LEAST) page.width = WIDTH_LEAST;
    if (page.width > WIDTH_MOST) page.width = WIDTH_MOST;
    /* no-color.org: set and not empty. */
    page.colour = page.terminal && !(no_colour && *no_colour);
    return page;
}

enum ink { INK_PLAIN, INK_NAME, INK_DIM, INK_SPEC, INK_BROKEN };

static void ink(const struct explain_page *page, enum ink which)
{
    static const char *const codes[] = {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[31m"};
    if (page->colour) fputs(codes[which], stdout);
}

/* One field on its way to the page: the bytes go down the left side while the text goes down the
 * right one. */
struct column {
    const struct explain_page *page;
    const struct explain_field *field;
    size_t line;      /* of this field */
    size_t hex_lines; /* that the bytes need */
};

static void print_hex(struct column *c, bool text_follows)
{
    struct bytes raw = c->field->raw, line;
    line = bytes_slice(raw, c->line * HEX_A_LINE, HEX_A_LINE);
    bool shown = c->line < c->hex_lines;
    bool more = c->line + 1 == c->hex_lines && raw.len > c->hex_lines * HEX_A_LINE;
    size_t used = 0;
    ink(c->page, INK_DIM);
    if (shown) { /* a derived field has no place */
        used += (size_t)printf("%04zx  ", c->field->offset + c->line * HEX_A_LINE);
        for (size_t i = 0; i < line.len; i++) {
            bool last = more && i + 1 == line.len;
            used += (size_t)(last ? printf(".. ") : printf("%02x ", (unsigned)line.at[i]));
        }
    }
    ink(c->page, INK_PLAIN);
    if (text_follows) printf("%*s", (int)(LEFT_COLUMNS + 1 - used), "");
    c->line++;
}

static void end_line(void)
{
    putchar('\n');
}

/* A text in lines beside the bytes, from `indent` on; `spec` goes to the end of the first line. */
static void print_flow(struct column *c, struct bytes text, size_t indent, enum ink colour,
                       const char *spec)
{
    size_t room = c->page->width - LEFT_COLUMNS - 1, spec_len = spec ? strlen(spec) + 2 : 0;
    if (indent > room / 3) indent = room / 3;
    if (spec_len > room / 2) spec_len = 0; /* no section's name is so long */
    do {
        size_t width = room - indent - spec_len;
        struct bytes part = columns_fit(text, width, true);
        print_hex(c, true);
        printf("%*s", (int)indent, "");
        ink(c->page, colour);
        columns_print(stdout, part);
        ink(c->page, INK_PLAIN);
        if (spec_len > 2) {
            ink(c->page, INK_SPEC);
            printf("%*s", (int)(width - columns_width(part) + spec_len), spec);
            ink(c->page, INK_PLAIN);
        }
        end_line();
        spec_len = 0;
        text = bytes_slice(text, part.len, text.len);
        while (text.len && text.at[0] == ' ') text = bytes_slice(text, 1, text.len);
    } while (text.len);
}

/* "name: value" as one text; NULL: no memory. */
static char *titled(const struct explain_field *f, size_t *len)
{
    *len = f->name.len + 2 + f->value.len;
    char *text = malloc(*len);
    if (!text) return NULL;
    struct writer w = writer_of((uint8_t *)text, *len);
    write_bytes(&w, f->name);
    if (f->value.len) write_text(&w, ": ");
    write_bytes(&w, f->value);
    *len = writer_done(&w).len;
    return text;
}

static void print_field(const struct explain_page *page, const struct explain_field *f,
                        bool has_parts)
{
    struct column c = {.page = page, .field = f};
    size_t lines = (f->raw.len + HEX_A_LINE - 1) / HEX_A_LINE, most = has_parts ? 1 : HEX_LINES;
    c.hex_lines = lines < most ? lines : most;
    size_t len, indent = 2 * (size_t)f->depth;
    char *text = titled(f, &len);
    if (!text) return;
    print_flow(&c, (struct bytes){(const uint8_t *)text, len}, indent,
               f->broken   ? INK_BROKEN
               : has_parts ? INK_NAME
                           : INK_PLAIN,
               f->spec);
    free(text);
    if (f->meaning.len)
        print_flow(&c, f->meaning, indent + 2, f->broken ? INK_BROKEN : INK_DIM, NULL);
    while (c.line < c.hex_lines) {
        print_hex(&c, false);
        end_line();
    }
}

/* A text over the whole width. */
static void print_wide(const struct explain_page *page, struct bytes text)
{
    while (text.len) {
        struct bytes part = columns_fit(text, page->width, true);
        columns_print(stdout, part);
        end_line();
        text = bytes_slice(text, part.len, text.len);
        while (text.len && text.at[0] == ' ') text = bytes_slice(text, 1, text.len);
    }
}

void explain_print(const struct explain *x, const struct explain_page *page)
{
    const struct fault *fault = explain_fault(x);
    size_t count = explain_field_count(x);
    ink(page, INK_NAME);
    printf("%s, %zu bytes\n", explain_type(x), explain_message(x).len);
    ink(page, INK_PLAIN);
    print_wide(page, explain_summary_text(x));
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        const struct explain_field *f = explain_field_at(x, i);
        print_field(page, f, i + 1 < count && explain_field_at(x, i + 1)->depth > f->depth);
    }
    /* A terminal sees it on stderr. */
    if (fault->err == OK || page->terminal) return;
    ink(page, INK_BROKEN);
    printf("%04zx  ", fault->offset);
    ink(page, INK_PLAIN);
    printf("%s: %s\n", err_name(fault->err), fault->rule);
}
