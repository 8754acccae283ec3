/* A parser told aloud: what `duet explain` prints of a message, as data.
 *
 * A module's explain.h has `void NAME_explain(struct explain *x, struct bytes message, const struct
 * NAME_explain_options *options)`: it walks the message (all that `x` was made with, or a view of
 * it) with the module's own reader and code-point tables and says here what it sees: fields, each
 * with its bytes, value, meaning and RFC section; and members, the values that a program wants, as
 * a tree of names, as the contract of `duet explain --json` has them (docs/cli.md). Whoever prints
 * (apps/) reads both back. Nothing here knows a protocol or a text format.
 *
 * When a bound is reached or memory ends, what follows is left out and explain_fault says E_FULL or
 * E_NOMEM; there is nothing to check after each call. */
#ifndef DUET_BASE_EXPLAIN_H
#define DUET_BASE_EXPLAIN_H

#include "base/bytes.h"

/* A message of 64 KiB of tiny parts fits into the first two; a few bytes of RTCP feedback can
 * announce 65,535 packets. */
#define EXPLAIN_FIELDS_MAX  65536
#define EXPLAIN_MEMBERS_MAX 262144
#define EXPLAIN_TEXT_MAX    ((size_t)32 << 20) /* bytes of all names, values and texts together */
#define EXPLAIN_NESTED_MAX  15                 /* objects and lists within each other; parts too */

/* One field of a message. Texts are the explain's own; `raw` is a view of the message. */
struct explain_field {
    struct bytes name;    /* "cipher_suites"; an item of a list is named for what it is */
    size_t offset;        /* of its first byte, from the message's first */
    struct bytes raw;     /* its bytes; none for what is derived */
    struct bytes value;   /* "Binding Request", "0x2112a442": what it says */
    struct bytes meaning; /* a sentence for people; empty if the value says it all */
    const char *spec;     /* "RFC 8489 5": a literal, or "" */
    unsigned depth;       /* 0: of the message itself; more: a part of the field before */
    bool broken;          /* it breaks a rule: `meaning` says which */
};

/* Members, flat, in order: an object or a list opens, its members follow, it closes. The message's
 * own object is open from the start and is no member. Of a list's members `name` is empty. */
enum explain_kind {
    EXPLAIN_OBJECT, /* opens */
    EXPLAIN_LIST,   /* opens */
    EXPLAIN_CLOSE,  /* what was opened last; missing at the end if a bound was reached */
    EXPLAIN_TEXT,
    EXPLAIN_NUMBER,
    EXPLAIN_BOOL
};

struct explain_member {
    enum explain_kind kind;
    struct bytes name;
    struct bytes text;
    int64_t number; /* also the BOOL: 0 or 1 */
};

/* A part of the summary. */
struct explain_phrase {
    struct bytes text;
    struct bytes head; /* `text` without its details */
};

struct explain; /* opaque */

/* `message` is borrowed for the explain's life. `type`: "stun", a literal. NULL: no memory. */
struct explain *explain_new(const char *type, struct bytes message);
void explain_free(struct explain *x); /* NULL is fine */

/* ---- For who explains: `name` and texts are copied, `spec` is a literal ---- */

/* The field at `raw`, a view of the message (that is how its offset is known); the value in
 * printf's words. Bytes that lie elsewhere (put together from fragments) or that are no bytes at
 * all make a derived field: without raw, at the offset of the field before. */
__attribute__((format(printf, 5, 6))) void explain_field(struct explain *x, const char *name,
                                                         struct bytes raw, const char *spec,
                                                         const char *format, ...);
/* The same where the value is text off the wire. */
void explain_field_text(struct explain *x, const char *name, struct bytes raw, const char *spec,
                        struct bytes value);
/* A sentence to the field that was said last; said twice, the second follows the first after "; ".
 */
__attribute__((format(printf, 2, 3))) void explain_meaning(struct explain *x, const char *format,
                                                           ...);
/* A meaning too, of a field that breaks a rule without making the rest unreadable. */
__attribute__((format(printf, 2, 3))) void explain_broken(struct explain *x, const char *format,
                                                          ...);
/* Fields from here on are parts of the last one, until explain_up. */
void explain_down(struct explain *x);
void explain_up(struct explain *x);

/* Members. `name` is NULL in a list. Text may be any bytes: what is no UTF-8 is replaced when it is
 * printed. */
void explain_object(struct explain *x, const char *name);
void explain_list(struct explain *x, const char *name);
void explain_close(struct explain *x);
void explain_text(struct explain *x, const char *name, struct bytes text);
__attribute__((format(printf, 3, 4))) void explain_format(struct explain *x, const char *name,
                                                          const char *format, ...);
/* Above 2^53, where JSON's readers lose digits, the same digits as text. */
void explain_number(struct explain *x, const char *name, uint64_t number);
void explain_signed(struct explain *x, const char *name, int64_t number);
void explain_bool(struct explain *x, const char *name, bool value);
/* Lower-case hex of bytes, as text. */
void explain_hex(struct explain *x, const char *name, struct bytes bytes);

/* The one line that sums the message up is made of phrases: one for each of its records, one for
 * what a packet carries. Adds to the last of them, just as it stands; control characters become
 * blanks. */
__attribute__((format(printf, 2, 3))) void explain_summary(struct explain *x, const char *format,
                                                           ...);
/* What is added from here on is another phrase; `between` stands before it, if it is not the first:
 * "; ". */
void explain_phrase(struct explain *x, const char *between);
/* What is added to this phrase from here on are details, as the numbers of a header: where there is
 * little room they can be left out. */
void explain_details(struct explain *x);

/* It can't be decoded: where, and by which rule. What was said before stays; the first failure
 * counts. An offset past the message's end is its end. A fault with `err` OK changes nothing. */
void explain_fail(struct explain *x, const struct fault *fault);
/* The same with numbers in the sentence: "attribute 0x8022 needs 14 bytes, 9 are left". */
__attribute__((format(printf, 4, 5))) void explain_refuse(struct explain *x, enum err err,
                                                          size_t offset, const char *format, ...);

/* ---- For who prints ---- */

const char *explain_type(const struct explain *x);
struct bytes explain_message(const struct explain *x);
/* Where a view of the message begins; 0 for one without an address. */
size_t explain_offset(const struct explain *x, struct bytes part);
/* All of it; empty if nothing was said. */
struct bytes explain_summary_text(const struct explain *x);
/* Of how many phrases it is made, and one of them: views of explain_summary_text. */
size_t explain_phrase_count(const struct explain *x);
struct explain_phrase explain_phrase_at(const struct explain *x, size_t i);
size_t explain_field_count(const struct explain *x);
const struct explain_field *explain_field_at(const struct explain *x, size_t i);
size_t explain_member_count(const struct explain *x);
const struct explain_member *explain_member_at(const struct explain *x, size_t i);
/* Why it could not be decoded, or not wholly (E_FULL, E_NOMEM); `err` is OK if it could. The rule
 * lives as long as the explain. */
const struct fault *explain_fault(const struct explain *x);

#endif
