/* Views of bytes, and the bounds-checked reader and writer: the only way to touch wire bytes.
 *
 * A reader fails once and stays failed: later reads give zeros and empty views, so a parser reads
 * a whole header and looks at `err` once. A writer does the same when its room runs out. */
#ifndef DUET_BASE_BYTES_H
#define DUET_BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Borrowed bytes: whoever handed them out says for how long. Text is this too; NUL never ends it.
 */
struct bytes {
    const uint8_t *at;
    size_t len;
};

/* A view of a string literal or any C string, without its NUL. Here and not in bytes.c, as are the
 * next ones: so the length of a literal is known to the compiler. */
static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool bytes_is(struct bytes a, const char *text)
{
    return bytes_equal(a, bytes_of(text));
}

static inline uint8_t byte_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* As bytes_is, but A-Z equal a-z (ASCII only). */
static inline bool bytes_is_nocase(struct bytes a, const char *text)
{
    size_t same = 0;
    if (a.len != strlen(text)) return false;
    while (same < a.len && byte_lower(a.at[same]) == byte_lower((uint8_t)text[same])) same++;
    return same == a.len;
}

bool bytes_starts(struct bytes a, const char *prefix);
/* Compares secrets: time depends on the lengths alone. */
bool bytes_equal_secret(struct bytes a, struct bytes b);
/* The view from `from` on, at most `len` bytes; what lies outside `a` is left away. */
struct bytes bytes_slice(struct bytes a, size_t from, size_t len);
/* Decimal digits and nothing else, at most `max`: no sign, no blank, no wrap. */
bool bytes_to_u64(struct bytes a, uint64_t max, uint64_t *value);
/* Copies as a C string, cut to `room` - 1; returns `to`. For messages to people, not for parsing.
 */
const char *bytes_to_text(struct bytes a, char *to, size_t room);
/* Four bytes in network byte order: one store, which compilers don't see in four. */
static inline void bytes_put_u32(uint8_t *to, uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    v = __builtin_bswap32(v);
#endif
    memcpy(to, &v, sizeof v);
}
/* Overwrites a secret so that the compiler can't leave it out. */
void bytes_wipe(void *at, size_t len);

/* What refuses input: compilers keep it, and the branch that leads there, out of the way of what
 * goes well. */
#define BYTES_RARELY __attribute__((cold))

struct reader {
    const uint8_t *start;
    const uint8_t *at;
    const uint8_t *end;
    enum err err;
    size_t err_offset; /* where the first failure was, from `start` */
    const char *rule;  /* the rule that reader_fail was given, NULL for a plain end of input */
};

/* The functions below are in the header because parsers spend their time in them: one call for
 * every field would cost more than the field. */

static inline struct reader reader_of(struct bytes in)
{
    static const uint8_t nothing[1];
    const uint8_t *start = in.at ? in.at : nothing;
    return (struct reader){.start = start, .at = start, .end = start + (in.at ? in.len : 0)};
}

/* How many bytes are left; 0 once failed, so that `while (reader_left(&r))` ends. */
static inline size_t reader_left(const struct reader *r)
{
    return r->err == OK ? (size_t)(r->end - r->at) : 0;
}

/* Offset of the next byte, from the start. */
static inline size_t reader_offset(const struct reader *r)
{
    return (size_t)(r->at - r->start);
}

/* Fails the reader at the present offset, unless it failed before; `rule` is a literal. */
BYTES_RARELY static inline void reader_fail(struct reader *r, enum err err, const char *rule)
{
    if (r->err != OK) return;
    r->err = err;
    r->err_offset = reader_offset(r);
    r->rule = rule;
}

/* What happened, as a fault of `layer`. */
static inline struct fault reader_fault(const struct reader *r, const char *layer)
{
    if (r->err == OK) return (struct fault){0};
    return (struct fault){.err = r->err,
                          .layer = layer,
                          .offset = r->err_offset,
                          .rule = r->rule ? r->rule : "the input ends inside this field"};
}

/* The next byte without taking it; 0 when there is none. */
static inline uint8_t reader_peek(const struct reader *r)
{
    return reader_left(r) ? *r->at : 0;
}

/* A view of the next `len` bytes: nothing is copied. */
static inline struct bytes read_bytes(struct reader *r, size_t len)
{
    if (reader_left(r) < len) { /* which is 0 once failed */
        reader_fail(r, E_TRUNCATED, NULL);
        return (struct bytes){r->end, 0};
    }
    const uint8_t *p = r->at;
    r->at += len;
    return (struct bytes){p, len};
}

/* All that is left. */
static inline struct bytes read_rest(struct reader *r)
{
    return read_bytes(r, reader_left(r));
}

static inline void read_skip(struct reader *r, size_t len)
{
    read_bytes(r, len);
}

/* `len` bytes in network byte order, as everything in our RFCs; 0 when they are not there. */
static inline uint64_t read_number(struct reader *r, size_t len)
{
    if (reader_left(r) < len) { /* which is 0 once failed */
        reader_fail(r, E_TRUNCATED, NULL);
        return 0;
    }
    const uint8_t *p = r->at;
    uint64_t v = 0;
    for (size_t i = 0; i < len; i++) v = v << 8 | p[i];
    r->at += len;
    return v;
}

static inline uint8_t read_u8(struct reader *r)
{
    return (uint8_t)read_number(r, 1);
}

static inline uint16_t read_u16(struct reader *r)
{
    struct bytes b = read_bytes(r, 2);
    return b.len ? (uint16_t)(b.at[0] << 8 | b.at[1]) : 0;
}

static inline uint32_t read_u24(struct reader *r)
{
    return (uint32_t)read_number(r, 3);
}

/* Spelled out, as read_u16 is: so compilers see one load of four bytes. */
static inline uint32_t read_u32(struct reader *r)
{
    struct bytes b = read_bytes(r, 4);
    if (b.len == 0) return 0;
    return (uint32_t)b.at[0] << 24 | (uint32_t)b.at[1] << 16 | (uint32_t)b.at[2] << 8 | b.at[3];
}

static inline uint64_t read_u48(struct reader *r)
{
    return read_number(r, 6);
}

static inline uint64_t read_u64(struct reader *r)
{
    return read_number(r, 8);
}

struct writer {
    uint8_t *start;
    uint8_t *at;
    uint8_t *end;
    enum err err; /* OK or E_FULL */
};

struct writer writer_of(void *room, size_t len);
size_t writer_left(const struct writer *w);
size_t writer_len(const struct writer *w);
/* What was written, or an empty view with at == NULL if it did not fit. */
struct bytes writer_done(const struct writer *w);

void write_u8(struct writer *w, uint8_t v);
void write_u16(struct writer *w, uint16_t v);
void write_u24(struct writer *w, uint32_t v);
void write_u32(struct writer *w, uint32_t v);
void write_u48(struct writer *w, uint64_t v);
void write_u64(struct writer *w, uint64_t v);
void write_bytes(struct writer *w, struct bytes b);
void write_zeros(struct writer *w, size_t len);
void write_text(struct writer *w, const char *text);
/* printf into the writer; no NUL is left behind. */
void write_format(struct writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes a number over what was written before, at `offset`: lengths that are known only later. */
void write_u16_at(struct writer *w, size_t offset, uint16_t v);

#endif
