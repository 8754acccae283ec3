/* What tests of explanations share: members by their path, and what must hold of each explanation,
 * whatever the bytes were. */
#ifndef DUET_TESTS_EXPLAINED_H
#define DUET_TESTS_EXPLAINED_H

#include "base/explain.h"
#include "tests/suite.h"

/* How many members follow the one at `i` before what it opens is closed; 0 for a plain one. */
static inline size_t explained_skip(const struct explain *x, size_t i)
{
    size_t depth = 0, from = i, count = explain_member_count(x);
    for (; i < count; i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) depth++;
        if (kind == EXPLAIN_CLOSE) depth--;
        if (depth == 0) break;
    }
    return i - from;
}

/* "records.0.handshake.type"; NULL: there is none. */
static inline const struct explain_member *explained_member(const struct explain *x,
                                                            const char *path)
{
    size_t i = 0, count = explain_member_count(x);
    for (bool in_list = false;;) {
        size_t len = strcspn(path, "."), index = strtoul(path, NULL, 10);
        for (;; i += explained_skip(x, i) + 1) {
            if (i >= count || explain_member_at(x, i)->kind == EXPLAIN_CLOSE) return NULL;
            struct bytes name = explain_member_at(x, i)->name;
            if (in_list ? index-- == 0 : name.len == len && memcmp(name.at, path, len) == 0) break;
        }
        const struct explain_member *m = explain_member_at(x, i);
        if (path[len] == 0) return m;
        if (m->kind != EXPLAIN_LIST && m->kind != EXPLAIN_OBJECT) return NULL;
        in_list = m->kind == EXPLAIN_LIST;
        path += len + 1;
        i++;
    }
}

static inline void explained_text(const struct explain *x, const char *path, const char *want)
{
    const struct explain_member *m = explained_member(x, path);
    ck_assert_msg(m && m->kind == EXPLAIN_TEXT, "%s is no text", path);
    ck_assert_msg(bytes_is(m->text, want), "%s is %.*s, not %s", path, (int)m->text.len,
                  (const char *)m->text.at, want);
}

static inline void explained_number(const struct explain *x, const char *path, int64_t want)
{
    const struct explain_member *m = explained_member(x, path);
    ck_assert_msg(m && m->kind == EXPLAIN_NUMBER, "%s is no number", path);
    ck_assert_msg(m->number == want, "%s is %lld, not %lld", path, (long long)m->number,
                  (long long)want);
}

static inline void explained_bool(const struct explain *x, const char *path, bool want)
{
    const struct explain_member *m = explained_member(x, path);
    ck_assert_msg(m && m->kind == EXPLAIN_BOOL && m->number == want, "%s", path);
}

static inline void explained_absent(const struct explain *x, const char *path)
{
    ck_assert_msg(!explained_member(x, path), "%s is there", path);
}

/* How many members a list or an object has. */
static inline size_t explained_count(const struct explain *x, const char *path)
{
    const struct explain_member *m = explained_member(x, path);
    ck_assert_msg(m && (m->kind == EXPLAIN_LIST || m->kind == EXPLAIN_OBJECT), "%s", path);
    size_t count = 0, i = (size_t)(m - explain_member_at(x, 0)) + 1;
    for (; explain_member_at(x, i)->kind != EXPLAIN_CLOSE; i += explained_skip(x, i) + 1) count++;
    return count;
}

/* The first field of this name; fails the test if there is none. */
static inline const struct explain_field *explained_field(const struct explain *x, const char *name)
{
    for (size_t i = 0; i < explain_field_count(x); i++)
        if (bytes_is(explain_field_at(x, i)->name, name)) return explain_field_at(x, i);
    ck_abort_msg("there is no field %s", name);
    return NULL;
}

static inline bool explained_summary_has(const struct explain *x, const char *part)
{
    struct bytes all = explain_summary_text(x);
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= all.len; i++)
        if (memcmp(all.at + i, part, len) == 0) return true;
    return false;
}

/* What every object has besides (docs/cli.md): a member of this name would take its place. */
static inline bool explained_is_taken(struct bytes name)
{
    return bytes_is(name, "type") || bytes_is(name, "length") || bytes_is(name, "fields") ||
           bytes_is(name, "summary") || bytes_is(name, "error");
}

/* Fields lie in the message, what opens is closed, names are in objects only, and a failure has a
 * place. */
static inline void explained_is_sound(const struct explain *x)
{
    struct bytes message = explain_message(x);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        ck_assert(f->name.len > 0 && f->spec != NULL);
        ck_assert(f->offset <= message.len && f->raw.len <= message.len - f->offset);
        if (f->raw.len) ck_assert_ptr_eq(f->raw.at, message.at + f->offset);
        ck_assert(i == 0 ? f->depth == 0 : f->depth <= explain_field_at(x, i - 1)->depth + 1);
    }
    bool list[EXPLAIN_NESTED_MAX + 1] = {false};
    size_t depth = 0;
    for (size_t i = 0; i < explain_member_count(x); i++) {
        const struct explain_member *m = explain_member_at(x, i);
        if (m->kind != EXPLAIN_CLOSE) ck_assert_int_eq(m->name.len == 0, list[depth]);
        if (m->kind != EXPLAIN_CLOSE && depth == 0) ck_assert(!explained_is_taken(m->name));
        if (m->kind == EXPLAIN_OBJECT || m->kind == EXPLAIN_LIST)
            list[++depth] = m->kind == EXPLAIN_LIST;
        if (m->kind == EXPLAIN_CLOSE) ck_assert_uint_gt(depth--, 0);
    }
    const struct fault *fault = explain_fault(x);
    if (fault->err != E_FULL && fault->err != E_NOMEM) ck_assert_uint_eq(depth, 0);
    ck_assert_uint_le(fault->offset, message.len);
    if (fault->err != OK) ck_assert(fault->layer != NULL && fault->rule != NULL);
}

#endif
